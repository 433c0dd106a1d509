#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test shows that the page of the completion path cannot go stale: a
# function that no case proves any more, or another case, is an error.
#
# usage: path-test.py PATH-PROGRAM
import json
import os
import subprocess
import sys
import tempfile

TABLE = '''# a comment
one_fn    6.1   -     calls         a/*        the first
two_fn    6.12  -     calls:other   a/2*,b/*   by another
three_fn  6.1   6.12  block.status~ED  a/3     an effect
'''
PAGE = 'before\n<!-- made by tests/runner/path.py -->\n<!-- end -->\nafter\n'


def record(case, kernel='6.12.1', verdict='pass', functions=None, block=None):
    return {'case': case, 'suite': case.split('/')[0], 'kernel': kernel,
            'verdict': verdict, 'driver': {'functions': functions or {}},
            'block': {'status': block}}


GOOD = [record('a/9', functions={'one_fn': 2}),
        record('a/1', functions={'one_fn': 1, 'other': 0}),
        record('b/1', functions={'other': 1}),
        record('a/1', '6.1.0', functions={'one_fn': 3}),
        record('a/3', '6.1.0', block='MEDIUM')]


class Bench:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.page = os.path.join(folder, 'page')
        self.table(TABLE)
        with open(self.page, 'w', encoding='utf-8') as f:
            f.write(PAGE)

    def table(self, text):
        with open(os.path.join(self.folder, 'table'), 'w',
                  encoding='utf-8') as f:
            f.write(text)

    def run(self, records, *options):
        with open(os.path.join(self.folder, 'results.jsonl'), 'w',
                  encoding='utf-8') as f:
            f.writelines(json.dumps(r) + '\n' for r in records)
        done = subprocess.run(
            [sys.executable, self.program, '--table',
             os.path.join(self.folder, 'table'), '--page', self.page,
             *options, self.folder], stdout=subprocess.PIPE, text=True,
            check=False)
        return done.returncode, done.stdout

    def text(self):
        with open(self.page, encoding='utf-8') as f:
            return f.read()


def written(b):
    assert b.run(GOOD, '--write')[0] == 0
    lines = b.text().splitlines()
    assert lines[0] == 'before' and lines[-1] == 'after', lines
    assert lines[4:7] == [
        '| `one_fn` | the first | `calls` | `a/1` | `a/1` | ? |',
        '| `two_fn` | by another | `calls:other` | not there | `b/1` | ? |',
        '| `three_fn` | an effect | `block.status~ED` | `a/3` | not there | '
        'not there |'], lines


def same_again(b):
    b.run(GOOD, '--write')
    assert b.run(GOOD) == (0, ''), b.run(GOOD)
    assert b.run(GOOD, '--tap')[1].startswith('1..1\nok 1')


def another_case_proves_it(b):
    b.run(GOOD, '--write')
    status, said = b.run([r for r in GOOD if r['case'] != 'a/1'])
    assert status == 1 and 'the page says `a/1`, the records `a/9`' in said


def more_cases_do_no_harm(b):
    b.run(GOOD, '--write')
    more = GOOD + [record('a/0', functions={'one_fn': 1})]
    assert b.run(more)[0] == 0


def no_case_proves_it(b):
    b.run(GOOD, '--write')
    for bad in (record('a/3', '6.1.0', 'fail', block='MEDIUM'),
                record('a/3', '6.1.0', block='OTHER'),
                record('a/3', '6.1.0'), record('a/4', '6.1.0', block='X')):
        status, said = b.run(GOOD[:-1] + [bad])
        assert status == 1 and 'three_fn on 6.1: no case' in said, said
    assert b.run(GOOD[:-1], '--tap')[1].startswith('1..1\nnot ok 1')
    assert b.run(GOOD[:-1], '--write')[0] == 1


def what_was_not_run_stays(b):
    b.run(GOOD, '--write')
    before = b.text()
    assert b.run([r for r in GOOD if r['suite'] == 'a'])[0] == 0
    assert b.run(GOOD[:1], '--write')[0] == 0 and b.text() != PAGE
    assert '`b/1`' in b.text() and '`a/3`' in before


def another_row(b):
    b.run(GOOD, '--write')
    b.table(TABLE + 'four_fn 7.3 - calls a/* the last\n')
    status, said = b.run(GOOD)
    assert status == 1 and 'four_fn on 6.1: the page says ?' in said, said
    b.table(TABLE.replace('the first', 'the best'))
    status, said = b.run(GOOD)
    assert status == 1 and 'other rows' in said, said


def nothing_was_run(b):
    os.remove(os.path.join(b.folder, 'table'))
    done = subprocess.run([sys.executable, b.program, '--tap',
                           os.path.join(b.folder, 'none')],
                          stdout=subprocess.PIPE, text=True, check=False)
    assert done.stdout == '1..0 # SKIP no suite was run\n', done.stdout


TESTS = (written, same_again, another_case_proves_it, more_cases_do_no_harm,
         no_case_proves_it, what_was_not_run_stays, another_row,
         nothing_was_run)


def main():
    print('1..%d' % len(TESTS))
    for number, test in enumerate(TESTS, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(Bench(sys.argv[1], folder))
                print('ok %d - %s' % (number, test.__name__))
            except AssertionError as problem:
                print('not ok %d - %s\n# %r' % (number, test.__name__,
                                                problem.args))


if __name__ == '__main__':
    main()
