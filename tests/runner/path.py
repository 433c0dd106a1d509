#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# The table of docs/completion-path.md: each function of the completion path
# and, for each kernel, a case that proves that it ran.
#
# usage: path.py [--write] [--tap] [--table FILE] [--page FILE] RESULTS...
#
# RESULTS are folders of runs. Writes the page, or tests the committed one. A
# cell is only looked at where the results have one of the suites that its row
# names, on that kernel.
import argparse
import fnmatch
import json
import os
import re
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
TABLE = os.path.join(ROOT, 'tests/expect/path')
PAGE = os.path.join(ROOT, 'docs/completion-path.md')
# The series that the tests run on.
KERNELS = ((6, 1), (6, 12), (7, 2))
BEGIN, END = '<!-- made by tests/runner/path.py -->\n', '<!-- end -->\n'
ABSENT, UNKNOWN = 'not there', '?'


def version(text):
    return tuple(int(n) for n in re.findall(r'\d+', text)[:2])


class Row:
    def __init__(self, line):
        (self.function, since, until, self.proof, cases,
         self.what) = line.split(None, 5)
        self.since = version(since)
        self.until = version(until) if until != '-' else (10 ** 6,)
        self.globs = cases.split(',')
        self.suites = {glob.split('/')[0] for glob in self.globs}

    def holds(self, kernel):
        return self.since <= kernel < self.until

    def proves(self, record):
        """Passed, of these cases, and the function ran."""
        return record['verdict'] == 'pass' and any(
            fnmatch.fnmatchcase(record['case'], glob)
            for glob in self.globs) and self.evidence(record)

    def evidence(self, record):
        kind, _, other = self.proof.partition(':')
        if kind == 'calls':
            name = other or self.function
            return record['driver'].get('functions', {}).get(name, 0) > 0
        members, _, text = self.proof.partition('~')
        for member in members.split('.'):
            record = record.get(member) if isinstance(record, dict) else None
        return bool(record) and text in json.dumps(record)


def rows(path):
    with open(path, encoding='utf-8') as f:
        return [Row(line.rstrip('\n')) for line in f
                if line.strip() and not line.startswith('#')]


def results(names):
    """Kernel to records, and the (kernel, suite) that are in these."""
    records, there = {kernel: [] for kernel in KERNELS}, set()
    for name in names:
        with open(os.path.join(name, 'results.jsonl'),
                  encoding='utf-8') as f:
            for record in map(json.loads, f):
                kernel = version(record['kernel'])
                if kernel in records:
                    records[kernel].append(record)
                    there.add((kernel, record['suite']))
    return records, there


def order(row, name):
    """The first glob first, then by name."""
    return [not fnmatch.fnmatchcase(name, glob) for glob in row.globs], name


def cell(row, kernel, records, there, old):
    """The text of a cell, and whether it is a case that was found."""
    if not row.holds(kernel):
        return ABSENT, True
    found = [r['case'] for r in records[kernel] if row.proves(r)]
    # what may depend on the moment is no reason to change the page
    if old.strip('`') in found:
        return old, True
    if found:
        return '`%s`' % min(found, key=lambda name: order(row, name)), True
    ran = all((kernel, suite) in there for suite in row.suites)
    return (UNKNOWN, False) if ran else (old, True)


def committed(page):
    """(function, proof) to the cells of the page."""
    cells, table = {}, page.split(BEGIN)[1].split(END)[0]
    for line in table.splitlines()[2:]:
        part = [p.strip() for p in line.strip('|').split(' | ')]
        cells[part[0].strip('` '), part[2].strip('` ')] = part[3:]
    return cells


def render(table):
    head = ['function', 'what it does', 'proof'] + [
        '%d.%d' % k for k in KERNELS]
    lines = ['| %s |' % ' | '.join(head), '|---' * len(head) + '|']
    for row, cells in table:
        lines.append('| %s |' % ' | '.join(
            ['`%s`' % row.function, row.what, '`%s`' % row.proof] + cells))
    return '\n'.join(lines) + '\n'


def make(wanted, old, records, there):
    """Rows with their cells, and what is wrong."""
    table, wrong = [], []
    for row in wanted:
        before = old.get((row.function, row.proof), [UNKNOWN] * len(KERNELS))
        cells = []
        for kernel, text in zip(KERNELS, before):
            new, good = cell(row, kernel, records, there, text)
            cells.append(new)
            if not good:
                wrong.append('%s on %d.%d: no case of %s passed and proves it '
                             'by %s' % ((row.function,) + kernel +
                                        (','.join(row.globs), row.proof)))
            elif new != text:
                wrong.append('%s on %d.%d: the page says %s, the records %s'
                             % ((row.function,) + kernel + (text, new)))
        table.append((row, cells))
    return table, wrong


def say(wrong, tap):
    if tap:
        print('1..1\n%s 1 - docs/completion-path.md is what the records say'
              % ('not ok' if wrong else 'ok'))
    for line in wrong:
        print('# ' + line if tap else 'path: ' + line)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--write', action='store_true')
    parser.add_argument('--tap', action='store_true')
    parser.add_argument('--table', default=TABLE)
    parser.add_argument('--page', default=PAGE)
    parser.add_argument('results', nargs='*')
    options = parser.parse_args()
    names = [n for n in options.results if not options.tap or
             os.path.exists(os.path.join(n, 'results.jsonl'))]
    if options.tap and not names:
        print('1..0 # SKIP no suite was run')
        return 0
    with open(options.page, encoding='utf-8') as f:
        page = f.read()
    table, wrong = make(rows(options.table), committed(page),
                        *results(names))
    text = page.split(BEGIN)[0] + BEGIN + render(table) + END + \
        page.split(END)[1]
    if options.write:
        with open(options.page, 'w', encoding='utf-8') as f:
            f.write(text)
        wrong = [w for w in wrong if 'the page says' not in w]
    elif not wrong and text != page:
        wrong = ['the page has other rows than the table: write it again']
    say(wrong, options.tap)
    return 1 if wrong and not options.tap else 0


if __name__ == '__main__':
    sys.exit(main())
