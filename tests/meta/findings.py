#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test holds docs/kernel-findings.md and the cases that show a defect of
# the kernel to each other: a section for each finding, a case for each section.
#
# usage: findings.py ROOT GUEST-DIR
import fnmatch
import os
import re
import subprocess
import sys

PARTS = ('Sent', 'Should be', 'Is', 'Since', 'Where', 'Reproduce')


def kernels(root):
    """The releases whose sources were read."""
    with open(os.path.join(root, 'tests/expect/kernels'),
              encoding='utf-8') as f:
        return [line.split()[2] for line in f
                if line.strip() and not line.startswith('#')]


def suites(guest_dir):
    for name in sorted(os.listdir(guest_dir)):
        path = os.path.join(guest_dir, name)
        if os.path.isfile(path) and os.access(path, os.X_OK) and \
                '.' not in name and name != 'init':
            yield path


def listed(root, guest_dir):
    """Finding to cases, over all suites and kernels."""
    found = {}
    for suite in suites(guest_dir):
        for kernel in kernels(root):
            lines = subprocess.run(
                [suite, '--findings', '--kernel=' + kernel, '--expect-dir=' +
                 os.path.join(root, 'tests/expect')], check=True,
                stdout=subprocess.PIPE, text=True).stdout
            for line in lines.splitlines():
                case, finding = line.split()
                found.setdefault(finding, set()).add(case)
    return found


def written(root):
    """Finding to the text of its section."""
    with open(os.path.join(root, 'docs/kernel-findings.md'),
              encoding='utf-8') as f:
        parts = re.split(r'^## ', f.read(), flags=re.M)[1:]
    return {part.split(':')[0].strip(): part for part in parts}


def complaints(finding, text, cases):
    if not re.match(r'[a-z0-9-]+: \S', text):
        yield 'the heading is not "short-name: title"'
    for part in PARTS:
        if '**%s**' % part not in text:
            yield 'does not say: ' + part
    filters = re.findall(r"--filter\s+'?([^'`\s]+)",
                         text.split('**Reproduce**')[-1])
    if not filters:
        yield 'no command reproduces it'
    for glob in filters:
        if not fnmatch.filter(cases, glob):
            yield "no case '%s' has the finding '%s'" % (glob, finding)


def main():
    root, guest_dir = sys.argv[1:]
    cases, sections = listed(root, guest_dir), written(root)
    names = sorted(set(cases) | set(sections))
    print('1..%d' % max(len(names), 1))
    if not names:
        print('not ok 1 - there are findings')
    for number, name in enumerate(names, 1):
        wrong = ['no section in docs/kernel-findings.md, but cases: %s' %
                 ' '.join(sorted(cases[name]))] if name not in sections else \
            ['no case of a suite has it'] if name not in cases else \
            list(complaints(name, sections[name], cases[name]))
        print('%s %d - %s' % ('not ok' if wrong else 'ok', number, name))
        for line in wrong:
            print('# ' + line)


if __name__ == '__main__':
    main()
