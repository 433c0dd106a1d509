#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test splits runs into shards: each case is in exactly one, each shard is
# a run of its own, and run.json says which.
import json
import os
import sys
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                'fake'))
from harness import contains, equal, main

RUN = 'vm.hello(); vm.run(vm.todo)'


def shard(r, index, count, *options):
    """Runs one into a folder of its own; returns its cases."""
    r.out = r.path('out-%d-%d' % (index, count))
    r.run(RUN, '--shard=%d/%d' % (index, count), *options)
    equal((index, r.status), (index, 0))
    return [record['case'] for record in r.records()]


def info(r):
    with open(os.path.join(r.out, 'run.json'), encoding='utf-8') as f:
        return json.load(f)


def test_every_case_is_in_one_shard(r):
    r.cases = ['fake/c%d' % i for i in range(10)]
    for count in (1, 2, 3, 7, 10):
        found = [shard(r, i, count) for i in range(1, count + 1)]
        equal(sorted(sum(found, [])), sorted(r.cases))
        sizes = [len(cases) for cases in found]
        equal(max(sizes) - min(sizes) <= 1, True)


def test_shards_are_dealt_out_over_all_suites(r):
    r.add_suite('other/a other/b')
    found = [shard(r, i, 5, '--filter=*') for i in range(1, 6)]
    equal(found, [['fake/one'], ['fake/two'], ['fake/three'], ['other/a'],
                  ['other/b']])


def test_a_suite_without_a_case_of_the_shard_is_not_booted(r):
    r.add_suite('other/a')
    equal(shard(r, 4, 4, '--filter=*'), ['other/a'])
    equal(len(r.boots()), 1)
    contains(r.boots()[0], '-- other --filter=* --shard=1/4')


def test_a_shard_is_of_what_the_filter_matches(r):
    equal(shard(r, 2, 2, '--filter=fake/t*'), ['fake/three'])


def test_the_list_of_a_shard(r):
    r.run('', '--shard=1/2', command='list')
    equal((r.status, r.stdout.split()), (0, ['fake/one', 'fake/three']))


def test_a_lost_guest_keeps_its_ordinals(r):
    r.cases = ['fake/c%d' % i for i in range(8)]
    r.run('vm.hello()\n'
          'if vm.boot == 1:\n'
          '    vm.run([0]); vm.begin(1); vm.die(9)\n'
          'vm.run(vm.todo)', '--shard=2/2')
    equal(r.verdicts(), {'fake/c1': 'pass', 'fake/c3': 'error',
                         'fake/c5': 'pass', 'fake/c7': 'pass'})
    contains(r.boots()[1], '--shard=2/2 --start=2')


def test_a_shard_without_cases_is_a_run(r):
    equal(shard(r, 7, 7), [])
    equal(os.path.exists(r.path('state/boots')), False)
    contains(r.stderr, 'shard 7/7 has none of the cases')
    equal(info(r)['cases'], 0)
    junit = ElementTree.parse(os.path.join(r.out, 'junit.xml')).getroot()
    equal(len(junit.findall('.//testcase')), 0)


def test_tap_of_a_shard_without_cases_is_a_skip(r):
    r.run('', '--shard=7/7', '--tap')
    equal(r.status, 0)
    equal(r.stdout.splitlines()[0],
          '1..0 # SKIP shard 7/7 has none of the cases')


def test_a_shard_of_skips_leaves_the_verdict_to_the_others(r):
    r.run('vm.hello(); vm.run(vm.todo, message={"skip": "no"})',
          '--shard=1/2')
    equal(r.status, 0)


def test_a_failure_in_a_shard_is_a_failure(r):
    r.run('vm.hello(); vm.run(vm.todo, hits=0)', '--shard=1/2')
    equal(r.status, 1)


def test_run_json_says_what_was_asked_for(r):
    r.add_suite('other/a')
    r.run('vm.hello(); vm.run(vm.todo)', '--filter=*o*', '--filter=fake/*')
    equal(info(r), {'kernel-name': 'debian:fake',
                    'suites': ['fake', 'other'],
                    'filters': ['*o*', 'fake/*'], 'cases': 4,
                    'accel': 'tcg'})


def test_run_json_names_the_shard(r):
    r.add_suite('other/a')
    shard(r, 4, 4, '--suite=all')
    equal(info(r), {'kernel-name': 'debian:fake',
                    'suites': ['fake', 'other'], 'filters': [],
                    'shard': {'index': 4, 'count': 4}, 'cases': 1,
                    'accel': 'tcg'})


def test_run_json_is_there_before_the_first_case(r):
    r.run('assert os.path.exists(os.path.dirname(os.readlink("/proc/self/fd/2"'
          ')) + "/run.json")\n' + RUN)
    equal(r.status, 0)


def test_bad_shards_are_refused(r):
    for bad in ('0/4', '5/4', '1/1001', '1', '1/', '/4', '1/4/2', 'x/4',
                '1/4x', ' 1/4', '1/ 4', '+1/4', '-1/4', ''):
        r.run('', '--shard', bad)
        equal((bad, r.status), (bad, 2))
        contains(r.stderr, "nvme-fi: run: --shard '%s': expected I/N" % bad,
                 '1 <= I <= N <= 1000')
        equal(os.path.exists(r.out), False)


main(globals())
