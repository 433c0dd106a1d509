#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test reads the runner's KTAP as Documentation/dev-tools/ktap.rst of
# Linux has it: version, plan, results, nested one level.
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                'fake'))
from harness import contains, equal, main

RESULT = re.compile(r'(not ok|ok) (\d+) ([^#]*?)(?: # (?:(SKIP|TIMEOUT|ERROR)'
                    r'(?: |$))?(.*))?$')


def parse(lines, indent=''):
    """[(name, ok, directive, text, subtests)]; takes lines from the front.
    The first must be the version, the second the plan."""
    equal(lines.pop(0), indent + 'KTAP version 1')
    plan = re.fullmatch(indent + r'1\.\.(\d+)', lines.pop(0))
    assert plan, 'no plan'
    results, subtests = [], None
    while lines and len(results) < int(plan[1]):
        if lines[0] == indent + '  KTAP version 1':
            subtests = parse(lines, indent + '  ')
            continue
        line = lines.pop(0)
        if line.lstrip().startswith('#'):
            continue
        assert line.startswith(indent), 'not at this level: %r' % line
        match = RESULT.fullmatch(line[len(indent):])
        assert match, 'no result: %r' % line
        equal(int(match[2]), len(results) + 1)
        results.append((match[3], match[1] == 'ok', match[4], match[5],
                        subtests))
        subtests = None
    equal(len(results), int(plan[1]))
    return results


def ktap(r, script, *options):
    r.run(script, '--ktap', '--default-suite=fake', *options)
    lines = r.stdout.splitlines()
    results = parse(lines)
    for line in lines:
        equal(line[:2], '# ')
    return results


def names(results):
    return [result[0] for result in results]


def test_all_pass(r):
    results = ktap(r, 'vm.hello(); vm.run(vm.todo)')
    equal(r.status, 0)
    equal(names(results), ['fake'])
    equal(results[0][1:4], (True, None, None))
    equal(results[0][4], [(n, True, None, None, None) for n in r.cases])
    contains(r.stdout, '# 3 passed', '# results: ' + r.out)


def test_each_verdict_has_its_directive(r):
    r.cases = ['fake/c%d' % i for i in range(5)]
    results = ktap(r, '''
vm.hello()
if vm.boot == 1:
    vm.run([0])
    vm.run([1], hits=0)
    vm.run([2], message={"skip": "not #here\\nnor there"})
    vm.run([3], message={"error": "lost records"})
    vm.begin(4)
    vm.hang()''', '--timeout=1')
    equal(r.status, 1)
    equal([s[1:3] for s in results[0][4]],
          [(True, None), (False, None), (True, 'SKIP'), (False, 'ERROR'),
           (False, 'TIMEOUT')])
    contains(results[0][4][1][3], 'no hit')
    equal(results[0][4][2][3], 'not  here nor there')
    equal(results[0][1:4], (False, None, '3 of 5 cases did not pass'))


def test_suites_are_tests_with_subtests(r):
    r.add_suite('other/a other/b')
    results = ktap(r, 'vm.hello(); vm.run(vm.todo, message={"skip": "x"} if '
                      'vm.names[0][0] == "o" else {})', '--suite=all')
    equal(r.status, 0)
    equal(names(results), ['fake', 'other'])
    equal([names(result[4]) for result in results],
          [r.cases, ['other/a', 'other/b']])
    equal(results[1][1:4], (True, 'SKIP', 'all of its cases were skipped'))


def test_a_lost_run_fulfils_the_plan_of_suites(r):
    r.add_suite('other/a')
    results = ktap(r, 'vm.stop("guest-shutdown")', '--suite=all')
    equal(r.status, 1)
    equal([result[:3] for result in results],
          [('fake', False, 'ERROR'), ('other', False, 'ERROR')])
    contains(results[0][3], 'the guest never ran a case')
    contains(r.stderr, 'the guest never ran a case')


def test_a_suite_that_breaks_off_is_an_error(r):
    r.run('vm.hello(); vm.run([0]); vm.send(type="hello"); vm.send('
          'type="case", ordinal=0, case="fake/one"); vm.end_batch(); '
          'vm.hang()', '--ktap')
    equal(r.status, 1)
    lines = [n for n in r.stdout.splitlines() if n[0] != '#']
    equal(lines, ['KTAP version 1', '1..1', '  KTAP version 1', '  1..3',
                      '  ok 1 fake/one', 'not ok 1 fake # ERROR the guest '
                      'reported a case that it was not asked to run'])


def test_a_shard_without_cases_has_an_empty_plan(r):
    equal(ktap(r, '', '--shard=4/4'), [])
    equal(r.status, 0)
    contains(r.stdout, '1..0', '# shard 4/4 has none of the cases')


def test_suites_without_a_case_in_the_shard_are_not_planned(r):
    r.add_suite('other/a')
    results = ktap(r, 'vm.hello(); vm.run(vm.todo)', '--shard=4/4',
                   '--suite=all')
    equal(names(results), ['other'])


def test_nothing_but_skips_is_no_pass(r):
    ktap(r, 'vm.hello(); vm.run(vm.todo, message={"skip": "x"})')
    equal(r.status, 1)
    contains(r.stderr, 'no case passed')


def test_tap_and_ktap_are_refused(r):
    r.run('', '--tap', '--ktap')
    equal(r.status, 2)
    contains(r.stderr, '--tap, --ktap and --json: one of them')


main(globals())
