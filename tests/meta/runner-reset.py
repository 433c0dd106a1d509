#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test resets the machine under a suite that goes on, and under one that
# did not expect it.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                'fake'))
from harness import contains, equal, main


def test_a_case_goes_on_after_a_reset(r):
    r.machine = {'reset': True}
    r.run(r'''
vm.hello()
assert vm.recall(1) is None
def before(i):
    vm.ask("run-note", text="i\n\"1\"")
    vm.raw(b'{"type":"cut o')
    vm.control.sendall(b'{"cut o')
    vm.reset()
    assert vm.recall(2) == "i\n\"1\""
    vm.ask("run-note")
    assert vm.recall(3) is None
vm.run([0, 1], before=lambda i: i == 1 and before(i))
vm.run([2])''')
    equal((r.status, set(r.verdicts().values())), (0, {'pass'}))
    equal(len(r.argvs()), 1)


def test_an_answer_from_before_the_reset_is_dropped(r):
    r.machine = {'reset': True}
    r.run('''
vm.hello()
vm.ask("run-note", text="x")
vm.control.sendall(b'{"execute":"run-gone","arguments":{"id":"nvme0"}}\\n')
vm.control.sendall(b'{"execute":"query-nvme-fi"}\\n')
vm.reset()
assert vm.ask("query-nvme-fi") == {"return": {"state": "", "rules": []}}
vm.run(vm.todo)''')
    equal((r.status, set(r.verdicts().values())), (0, {'pass'}))


def test_a_reset_that_nobody_expects_loses_the_case(r):
    r.machine = {'reset': True}
    r.run('''
vm.hello()
if vm.boot == 1:
    vm.run([0])
    vm.begin(1)
    vm.event("RESET", guest=True, reason="guest-reset")
    vm.hang()
vm.run(vm.todo)''')
    equal(r.verdicts(), {'fake/one': 'pass', 'fake/two': 'error',
                         'fake/three': 'pass'})
    contains(r.record('fake/two')['reason'], 'no case had expected')


def test_a_panic_that_resets_is_a_panic(r):
    r.machine = {'reset': True}
    r.run('''
vm.hello()
if vm.boot == 1:
    vm.ask("run-note", text="x")
    vm.begin(0)
    vm.say("Kernel panic - not syncing: Fatal exception\\r\\n")
    vm.event("RESET", guest=True, reason="guest-reset")
    vm.hang()
vm.run(vm.todo)''')
    equal(r.verdicts()['fake/one'], 'fail')
    contains(r.record('fake/one')['reason'], 'kernel panic')


def test_a_machine_that_does_not_come_back_is_a_timeout(r):
    r.machine = {'reset': True}
    r.run('''
vm.hello()
if vm.boot == 1:
    vm.ask("run-note", text="x")
    vm.begin(0)
    vm.event("RESET", guest=True, reason="guest-reset")
    vm.hang()
vm.run(vm.todo)''', '--boot-timeout=10')
    equal(r.verdicts()['fake/one'], 'timeout')
    contains(r.record('fake/one')['reason'], 'after a reset')


def test_resets_without_end_are_ended(r):
    r.machine = {'reset': True}
    r.run('''
vm.hello()
if vm.boot == 1:
    vm.ask("run-note", text="x")
    vm.begin(0)
    for _ in range(40):    # two at once may count as one
        vm.reset()
    vm.hang()
vm.run(vm.todo)''')
    equal(r.verdicts()['fake/one'], 'error')
    contains(r.record('fake/one')['reason'], '17 times')


main(globals())
