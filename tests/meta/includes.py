#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test holds the borders between the folders (docs/architecture.md): no
# #include of one crosses into another that it must not know.
import os
import re
import sys

ROOT = sys.argv[1] if len(sys.argv) > 1 else '.'

# Folder: what an include of its own may look like: a file of the folder, or
# one of these patterns for <...> (and "..." where it says so).
LIBC = r'<[a-z0-9_]+\.h>|<sys/[a-z0-9_]+\.h>'
GLIB = r'<glib(-unix|-object|/gstdio)?\.h>'
FOLDERS = {
    'hw-nvme-fi/engine': LIBC + '|' + GLIB,
    'tests/guest': r'<(?!glib|gio)[a-z0-9_]+\.h>|<sys/[a-z0-9_]+\.h>' +
                   r'|<(linux|asm)/[a-z0-9_/-]+\.h>|"syscall-names\.inc"',
    'tests/cli': LIBC + '|' + GLIB + r'|<gio/g[a-z]+\.h>' +
                 r'|"(engine/(names|nearest)|usage|rule-words)\.(h|inc)"',
    'tests/runner': LIBC + '|' + GLIB + r'|"(launcher-name|usage)\.h"' +
                    r'|<gio/g[a-z]+\.h>|<json-glib/json-glib\.h>',
    'tests/results': LIBC + '|' + GLIB + r'|<gio/g[a-z]+\.h>' +
                     r'|<json-glib/json-glib\.h>' +
                     r'|"(fail|json-util|judge|render|report|usage)\.h"' +
                     r'|"engine/names\.h"|"report-resources\.h"',
    'tests/session': LIBC + '|' + GLIB + r'|<gio/g[a-z]+\.h>' +
                     r'|<json-glib/json-glib\.h>' +
                     r'|"engine/names\.h"' +
                     r'|"(accel|blk-table|boot|cases|fail|json-util|judge'
                     r'|kernel-line|launcher-name|lines|machine|options|plan'
                     r'|qemu|qmp|record|render|run|usage|words)\.h"',
    'tests/trace-tool': LIBC + '|' + GLIB +
                        r'|"(engine/names|fail|json-util|usage)\.h"',
    'tests/unit': LIBC + '|' + GLIB + r'|"engine/[a-z0-9-]+\.(h|inc)"',
}
# Everywhere else: what must not be included.
FORBIDDEN = {
    'hw-nvme-fi/device': r'"engine/(index|interval|entry)\.h"|tests/',
    'tests/qtest': r'"(\.\./|engine/|device/|hw/nvme/)',
    'guest-scripts': r'"(?!.*\.h")',
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"][^>"]+[>"])')


def includes(folder):
    for where, _, names in sorted(os.walk(os.path.join(ROOT, folder))):
        for name in sorted(names):
            if name.endswith(('.c', '.h', '.inc')):
                path = os.path.join(where, name)
                with open(path) as f:
                    for number, line in enumerate(f, 1):
                        found = INCLUDE.match(line)
                        if found:
                            yield path, number, found.group(1)


def is_own(folder, path, target):
    """A quoted name of a file of the same folder, and not a way out of it."""
    top = os.path.realpath(os.path.join(ROOT, folder))
    for base in (os.path.dirname(path), top):
        file = os.path.realpath(os.path.join(base, target[1:-1]))
        if (target[0] == '"' and os.path.exists(file) and
                file.startswith(top + os.sep)):
            return True
    return False


def crossings(folder):
    allowed = re.compile('(' + FOLDERS[folder] + ')$') \
        if folder in FOLDERS else None
    forbidden = re.compile(FORBIDDEN.get(folder, '(?!)'))
    for path, number, target in includes(folder):
        if allowed and not (allowed.match(target) or
                            is_own(folder, path, target)):
            yield '%s:%d: %s' % (path, number, target)
        if forbidden.match(target):
            yield '%s:%d: %s' % (path, number, target)


folders = [f for f in list(FOLDERS) + list(FORBIDDEN)
           if os.path.isdir(os.path.join(ROOT, f))]
print('1..%d' % len(folders))
for count, name in enumerate(folders, 1):
    seen = len(list(includes(name)))
    bad = list(crossings(name))
    if seen == 0:
        bad = ['no #include seen: is the folder empty?']
    print('%sok %d - %s includes only what it may know' %
          ('not ' if bad else '', count, name))
    for line in bad:
        print('# ' + line)
