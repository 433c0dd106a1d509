#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test holds the C files to what CONTRIBUTING.md says of their form:
# licence line, purpose, width, tabs, length of files and of functions.
#
# usage: style.py ROOT
import os
import re
import sys

FOLDERS = ('hw-nvme-fi', 'tests', 'guest-scripts')
SPDX = '/* SPDX-License-Identifier: GPL-2.0-or-later */'
COLUMNS = 80
FILE_LINES = 400
FUNCTION_LINES = 80


def c_files(root):
    for folder in FOLDERS:
        for path, _, names in os.walk(os.path.join(root, folder)):
            for name in sorted(names):
                if name.endswith(('.c', '.h')):
                    yield os.path.join(path, name)


def functions(lines):
    """Length and first line of each block that begins in column 1."""
    begin = None
    for number, line in enumerate(lines):
        if line == '{':
            begin = number
        elif line == '}' and begin is not None:
            yield number - begin - 1, begin
            begin = None


def complaints(lines):
    if not lines or lines[0] != SPDX:
        yield 1, 'licence', 'the first line is not %s' % SPDX
    if len(lines) < 3 or not re.match(r'( \*|/\*) ?\S*', lines[1]):
        yield 2, 'purpose', 'no comment says what the file is for'
    if len(lines) > FILE_LINES:
        yield len(lines), 'file', 'more than %d lines' % FILE_LINES
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS:
            yield number, 'width', 'more than %d columns' % COLUMNS
        if '\t' in line or line != line.rstrip():
            yield number, 'space', 'a tab, or space at the end'
    for length, number in functions(lines):
        if length > FUNCTION_LINES:
            yield number, 'function', '%d lines, more than %d' % (
                length, FUNCTION_LINES)


def main():
    found = {kind: [] for kind in ('licence', 'purpose', 'width', 'space',
                                   'file', 'function')}
    count = 0
    for path in c_files(sys.argv[1]):
        count += 1
        with open(path, encoding='utf-8') as f:
            for number, kind, text in complaints(f.read().splitlines()):
                found[kind].append('%s:%d: %s' % (path, number, text))
    print('1..%d' % (len(found) + 1))
    print('%s 1 - there are C files' % ('ok' if count > 100 else 'not ok'))
    for number, (kind, places) in enumerate(found.items(), 2):
        print('%s %d - %s' % ('not ok' if places else 'ok', number, kind))
        for place in places:
            print('# ' + place)


if __name__ == '__main__':
    main()
