#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test gives the runner evidence of all kinds and looks at its verdicts.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                'fake'))
from harness import contains, equal, main


def test_all_pass(r):
    r.run()
    equal(r.status, 0)
    equal(set(r.verdicts().values()), {'pass'})
    record = r.record('fake/two')
    equal(record['device']['hits'], 1)
    equal(record['device']['commands'],
          [{'seq': 2, 'qid': 1, 'cid': 7, 'opcode': 2, 'executed': False,
            'status': 0x286}])
    equal(record['driver'], {'completions': [{'status': 0x286,
                                              'retries': 0}]})
    equal(record['block'], {'errno': 'ENODATA', 'requeues': 0, 'bios': 0,
                            'status': 'MEDIUM'})
    equal((record['kernel'], record['qemu'], record['suite']),
          ('6.12.107-fake', '10.0.13', 'fake'))
    equal(record['repro'],
          "./nvme-fi run --kernel debian:fake --filter 'fake/two'")
    contains(r.stdout, '3 passed, 0 failed', 'access-denied', 'ENODATA')
    equal([len(c['device']['commands']) for c in r.records()], [1, 1, 1])


def test_wrong_errno_fails(r):
    r.run('vm.hello(); vm.run([0, 2]); vm.run([1], message={"result": '
          '{"value": -1, "errno": "EIO"}})')
    equal(r.status, 1)
    equal(r.verdicts(), {'fake/one': 'pass', 'fake/two': 'fail',
                         'fake/three': 'pass'})
    equal(r.record('fake/two')['reason'],
          'result.errno: got "EIO", expected "ENODATA"')
    contains(r.stdout, '2 passed, 1 failed', "--filter 'fake/two'")


def test_no_hit_is_a_failure_of_its_own(r):
    r.run('vm.hello(); vm.run(vm.todo, hits=0, misses=2)')
    equal(r.status, 1)
    reason = r.record('fake/one')['reason']
    contains(reason, 'no hit: 2 commands matched')


def test_too_many_hits_fail(r):
    r.run('vm.hello(); vm.run(vm.todo, hits=2)')
    equal(r.record('fake/one')['reason'],
          'device.hits: got 2, expected 1')


def test_expectation_without_hits_is_no_pass(r):
    r.run('vm.hello(); vm.run(vm.todo, message={"expected": '
          '{"result": {"errno": "ENODATA"}}})')
    equal(set(r.verdicts().values()), {'fail'})
    contains(r.record('fake/one')['reason'], 'lacks device.hits')


def test_expectation_of_hits_alone_is_no_pass(r):
    r.run('vm.hello(); vm.run(vm.todo, message={"expected": '
          '{"device": {"hits": 1}}})')
    equal(set(r.verdicts().values()), {'fail'})


def test_no_expectation_is_an_error(r):
    r.run('vm.hello(); vm.run(vm.todo, message={"expected": None})')
    equal(set(r.verdicts().values()), {'error'})


def test_skip_keeps_its_reason(r):
    r.run('vm.hello(); vm.run([0]); vm.run([1, 2], '
          'message={"skip": "no such call"})')
    equal(r.status, 0)
    equal(r.record('fake/two')['verdict'], 'skip')
    equal(r.record('fake/two')['reason'], 'no such call')


def test_nothing_but_skips_is_no_pass(r):
    r.run('vm.hello(); vm.run(vm.todo, message={"skip": "no"})')
    equal(r.status, 1)
    contains(r.stderr, 'no case passed')


def test_retries_and_requeues_are_counted(r):
    r.run('''
vm.hello()
vm.run(vm.todo, hits=3, trace=lambda i: vm.trace_of(i, attempts=3),
       message={"expected": {"device": {"hits": 3},
           "driver": {"completions": [{"retries": n} for n in range(3)]},
           "block": {"requeues": 2}}})''')
    equal(r.status, 0)


def test_a_missing_retry_fails(r):
    r.run('''
vm.hello()
vm.run(vm.todo, hits=3, trace=lambda i: vm.trace_of(i, attempts=2),
       message={"expected": {"device": {"hits": 3},
           "driver": {"completions": [{"retries": n} for n in range(3)]}}})
''')
    equal(r.record('fake/one')['reason'],
          'driver.completions: got 2 elements, expected 3')


def test_log_is_compared_by_substrings(r):
    r.run('''
vm.hello()
expected = {"device": {"hits": 1}, "log": [["critical", "medium"]]}
def log(i):
    lines = vm.log_of(i, "critical medium error, dev x\\n SUBSYSTEM=b")
    return lines[:2] + [" DEVICE=a;b"] + lines[2:]
vm.run([0], log=log, message={"expected": expected})
vm.run([1], log=lambda i: vm.log_of(i, "critical target error"),
       message={"expected": expected})
vm.run([2], log=log, message={"expected": dict(expected, log=[])})''')
    equal(r.verdicts(), {'fake/one': 'pass', 'fake/two': 'fail',
                         'fake/three': 'fail'})
    equal(r.record('fake/one')['log'], ['critical medium error, dev x'])
    contains(r.record('fake/two')['reason'], 'log[0]', 'hold "medium"')
    equal(r.record('fake/three')['reason'],
          'log: got 1 elements, expected 0')


def test_lines_outside_of_the_marks_belong_to_no_case(r):
    r.run('''
vm.hello()
stray = vm.trace_of(7, error=-5)[1:-1]
admin = ["e-1 [000] d.h.. 1.1: nvme_complete_rq: nvme0: qid=0, cmdid=7, "
         "res=0x0, retries=0, flags=0x0, status=0x2"]
def trace(i):
    lines = vm.trace_of(i)
    return stray + lines[:1] + admin + lines[1:] + stray
vm.run(vm.todo, trace=trace,
       log=lambda i: ["6,1,1,-;stray"] + vm.log_of(i) + ["6,1,1,-;stray"],
       message={"expected": {"device": {"hits": 1}, "log": [],
           "driver": {"completions": [{"status": 0x286}]},
           "block": {"errno": "ENODATA"}}})''')
    equal(r.status, 0)


def test_lost_evidence_is_an_error(r):
    r.run('''
vm.hello()
vm.run([0], trace=lambda i: vm.trace_of(i)[:-1])
vm.run([1], log=lambda i: [])
vm.run([2], trace=lambda i: vm.trace_of(i)[:1] + ["CPU:0 [LOST 9 EVENTS]"] +
       vm.trace_of(i)[1:])''')
    equal(set(r.verdicts().values()), {'error'})
    contains(r.record('fake/one')['reason'], 'trace')
    contains(r.record('fake/two')['reason'], 'kernel log')


def test_an_overrun_of_the_drives_log_is_an_error(r):
    r.run('''
vm.hello()
vm.run([0, 1])
vm.drive.lost = 2
vm.run([2], hits=3, log=lambda i: vm.drive.log.pop() and vm.log_of(i),
       message={"expected": {"device": {"hits": 3}, "result": {}}})''')
    equal(r.record('fake/one')['verdict'], 'pass')
    equal(r.record('fake/three')['verdict'], 'error')
    contains(r.record('fake/three')['reason'], 'command log overran')


def test_a_guests_own_error_is_an_error(r):
    r.run('vm.hello(); vm.run(vm.todo, message={"error": "lost records"})')
    equal(r.record('fake/one')['verdict'], 'error')


def test_observe_judges_only_the_hits(r):
    wrong = 'message={"result": {"value": 0, "errno": None}}'
    r.run('vm.hello(); vm.run(vm.todo, %s)' % wrong, '--observe')
    equal(r.status, 0)
    equal(set(r.verdicts().values()), {'skip'})
    contains(r.stdout, '0 passed', '3 observed')
    for hits in (0, 2):
        r.run('vm.hello(); vm.run(vm.todo, hits=%d)' % hits, '--observe')
        equal(r.status, 1)
        equal(set(r.verdicts().values()), {'fail'})


def test_an_unknown_kernel_is_observed(r):
    r.run('vm.hello(expectations=False, kernel="9.9.9"); '
          'vm.run(vm.todo, message={"expected": {}})')
    equal(r.status, 0)
    equal(set(r.verdicts().values()), {'skip'})
    contains(r.stderr, 'no expectations are known for kernel 9.9.9')


main(globals())
