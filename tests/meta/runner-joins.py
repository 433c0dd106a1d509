#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test judges what goes beyond one command: time, bounds, violated rules,
# admin commands, and what a suite observed by itself.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                'fake'))
from harness import contains, equal, main


def judged(r, expected, **members):
    """Runs one case with this expectation; its record."""
    spoil = {'message': dict(members, expected=dict(
        {'device': {'hits': 1}, 'result': {'value': -1}}, **expected))}
    r.run('vm.hello(); vm.run([0], **%r); vm.run([1, 2])'
          % spoil)
    return r.record('fake/one')


def test_bounds_are_inclusive(r):
    for bounds, verdict in (({'min': 1000}, 'pass'), ({'max': 1000}, 'pass'),
                            ({'min': 1001}, 'fail'), ({'max': 999}, 'fail'),
                            ({'min': 0, 'max': 999}, 'fail'),
                            ({'min': 5, 'max': 2000}, 'pass'),
                            ({}, 'fail'), ({'min': 5, 'most': 7}, 'fail')):
        equal(judged(r, {'elapsed_ns': bounds})['verdict'], verdict)
    contains(judged(r, {'elapsed_ns': {'max': 999}})['reason'],
             'elapsed_ns: got 1000, expected {"max":999}')


def test_hits_may_have_bounds(r):
    for bounds, verdict in (({'min': 1}, 'pass'), ({'min': 2}, 'fail'),
                            ({'max': 0}, 'fail')):
        equal(judged(r, {'device': {'hits': bounds}})['verdict'], verdict)


def test_what_the_suite_observed_is_judged(r):
    result = {'value': -1, 'observed': {'state': 'live', 'lines': ['a b']}}
    for want, verdict in (({'state': 'live'}, 'pass'),
                          ({'state': 'dead'}, 'fail'),
                          ({'missing': 1}, 'fail'),
                          ({'lines': [['a', 'b']]}, 'pass'),
                          ({'lines': [['c']]}, 'fail')):
        equal(judged(r, {'result': {'observed': want}},
                     result=result)['verdict'], verdict)


def test_a_violated_rule_fails_its_case(r):
    script = '''
vm.hello()
def before(i):
    vm.drive.rules["c0"]["violated"] = True
vm.run([0], before, message={"expected": {
    "device": %s, "result": {"value": -1}}})
vm.run([1, 2])'''
    r.run(script % '{"hits": 1}')
    equal(r.verdicts(), {'fake/one': 'fail', 'fake/two': 'pass',
                         'fake/three': 'pass'})
    contains(r.record('fake/one')['reason'], "rule 'c0' is violated")
    r.run(script % '{"hits": 1, "violations": ["c0"]}')
    equal(r.verdicts()['fake/one'], 'pass')
    r.run(script % '{"hits": 1, "violations": ["c1"]}')
    equal(r.verdicts()['fake/one'], 'fail')


def test_admin_commands_come_from_the_trace_where_wanted(r):
    script = '''
def trace(i):
    lines = vm.trace_of(i)
    lines[1:1] = ["k-1 [000] ..... 1.0: nvme_setup_cmd: nvme0: qid=0, cmdid=4,"
                  " nsid=0, flags=0x0, meta=0x0, cmd=(nvme_admin_abort_cmd"
                  " sqid=1, cid=5)",
                  "k-1 [000] ..... 1.0: nvme_setup_cmd: nvme0: qid=0, cmdid=6,"
                  " nsid=0, flags=0x0, meta=0x0, cmd=(nvme_admin_delete_sq"
                  " sqid=1)",
                  "k-1 [000] d.h.. 1.0: nvme_complete_rq: nvme0: qid=0,"
                  " cmdid=4, res=0x1, retries=0, flags=0x2, status=0x7"]
    return lines
vm.hello()
vm.run([0, 1, 2], trace=trace, message=%s)'''
    r.run(script % '{"admin": True}')
    record = r.record('fake/one')
    equal(record['driver']['admin'], [
        {'cmd': 'nvme_admin_abort_cmd', 'status': 7},
        {'cmd': 'nvme_admin_delete_sq'}])
    equal(len(record['driver']['completions']), 1)
    r.run(script % '{}')
    equal('admin' in r.record('fake/one')['driver'], False)


def test_calls_of_functions_are_evidence_of_the_driver(r):
    calls = {'nvme_complete_rq': 2, 'nvme_retry_req': 0}
    for want, verdict in (({'nvme_complete_rq': 2}, 'pass'),
                          ({'nvme_complete_rq': 1}, 'fail'),
                          ({'nvme_complete_rq': {'min': 2}}, 'pass'),
                          ({'nvme_complete_rq': {'max': 1}}, 'fail'),
                          ({'nvme_failover_req': 0}, 'fail')):
        record = judged(r, {'driver': {'functions': want}}, functions=calls)
        equal(record['verdict'], verdict)
        equal(record['driver']['functions'], calls)
    equal('functions' in r.record('fake/two')['driver'], False)


def test_a_finding_is_in_the_record(r):
    equal(judged(r, {}, finding='a-defect')['finding'], 'a-defect')
    equal('finding' in r.record('fake/two'), False)


def test_two_wires_are_kept_apart_where_wanted(r):
    script = '''
def trace(i):
    lines = vm.trace_of(i)
    lines[2:2] = ["k-1 [000] ..... 1.2: nvmet_req_complete: nvmet1: disk="
                  "/dev/nvme0n1, qid=1, cmdid=9, res=0x0, status=0x2286",
                  "k-1 [000] ..... 1.2: nvmet_req_complete: nvmet1: disk="
                  "/dev/nvme0n1, qid=0, cmdid=2, res=0x0, status=0x4002",
                  "k-1 [000] ..... 1.2: nvme_complete_rq: nvme1: qid=1,"
                  " cmdid=2, res=0x0, retries=0, flags=0x0, status=0x0",
                  "k-1 [000] ..... 1.2: nvme_complete_rq: nvme1: disk=nvme1n1,"
                  " qid=1, cmdid=9, res=0x0, retries=3, flags=0x0,"
                  " status=0x2286"]
    return lines
vm.hello()
vm.run([0, 1, 2], trace=trace, message=%s)'''
    drive = {'status': 0x286, 'retries': 0}
    front = {'status': 0x2286, 'retries': 3}
    r.run(script % '{"front": "nvme1"}')
    equal(r.record('fake/one')['driver'], {
        'completions': [drive], 'target': [{'status': 0x2286}],
        'front': [front]})
    r.run(script % '{}')
    equal(r.record('fake/one')['driver'], {'completions': [drive, front]})


def test_lines_of_the_machine_are_no_log(r):
    r.run('''
vm.hello()
vm.run([0, 1, 2], log=lambda i: vm.log_of(i, "tsc: Refined", "x", \\
       "clocksource: Switched", "sched_clock: Marking unstable (1, 2)", \\
       "TSC found unstable after boot", "hrtimer: interrupt took 9 ns", \\
       "random: crng init done"))''')
    equal(r.record('fake/one')['log'], ['x'])


main(globals())
