#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test holds that every command of the launcher has a manual page, that
# each option of its --help stands there, and that man reads the pages.
#
# usage: man-test.py MAN-DIR RUNNER SESSION RESULTS TRACE
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import man          # noqa: E402 pylint: disable=wrong-import-position


def read(folder, name):
    """The text of a page, without the marks of roff."""
    with open(os.path.join(folder, name), encoding='utf-8') as f:
        text = f.read()
    return re.sub(r'\\f.|\\&', '', text).replace('\\-', '-')


def help_of(command, argv):
    if command in man.PROGRAMS:
        program = argv[man.PROGRAMS[command][0]]
        more = '--help-filters' if command == 'trace' else '--help'
        return ''.join(man.output(program, command, option)
                       for option in sorted({'--help', more}))
    if command == 'kernels':
        return man.output(os.path.join(man.ROOT, 'guest-scripts/kernels'),
                          '--help')
    return ''


def commands_of(text):
    """Those of a command: a word or two with what they do at a distance."""
    return re.findall(r'^(?: {2})?([a-z]+(?: \S+)?) {2,}\S', text, re.M)


def unread(folder, name):
    """What is wrong with a page, as far as there is somebody to ask."""
    if not shutil.which('mandoc'):
        return ''
    return subprocess.run(
        ['mandoc', '-T', 'lint', '-W', 'error', os.path.join(folder, name)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False).stdout


def points(argv):
    folder = argv[1]
    commands, set_up = man.launcher_help()
    first = read(folder, 'nvme-fi.1')
    for command, _ in commands:
        name = 'nvme-fi-%s.1' % command
        if not os.path.exists(os.path.join(folder, name)):
            yield '%s has a page' % command, False, name
            continue
        text = read(folder, name)
        wanted = [word for word in re.findall(r'^ .*?(--[a-z][\w-]+)',
                                              help_of(command, argv), re.M)
                  if not word.startswith('--qemu')]
        if command in man.SET_UP:
            wanted += [row[0].split()[0] for row in set_up]
        # those of kernels stand in its synopsis
        missing = [word for word in wanted if not re.search(
            r'^\.B .*%s\b' % re.escape(word), text, re.M) and
            (command != 'kernels' or word not in text)]
        yield '%s has a page that defines all of its options' % command, \
            not missing, missing
        missing = [word for word in commands_of(help_of(command, argv))
                   if not re.search(r'^\.B %s$' % re.escape(word), text, re.M)]
        yield '%s has a page that defines its commands' % command, \
            not missing, missing
        yield '%s is in nvme-fi(1)' % command, \
            'nvme-fi-%s(1)' % command in first, command
    rules = read(folder, 'nvme-fi-rules.5')
    missing = [word for word in ('misdirect', 'probability', 'power-cut',
                                 'access-denied', 'delay-ns')
               if word not in rules]
    yield 'the rules have actions, members, triggers, statuses', \
        not missing, missing
    for name in sorted(os.listdir(folder)):
        if re.search(r'\.[15]$', name):
            yield '%s calls the launcher by its name' % name, \
                './nvme-fi' not in read(folder, name), name
            yield 'man reads %s' % name, not unread(folder, name), \
                unread(folder, name)


def main():
    number = 0
    for name, good, seen in points(sys.argv):
        number += 1
        print('%s %d - %s' % ('ok' if good else 'not ok', number, name))
        if not good:
            print('# ' + str(seen).replace('\n', '\n# '))
    print('1..%d' % number)


main()
