#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test takes the guest away from the runner in all ways that there are.
import os
import select
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                'fake'))
from harness import contains, equal, main

# Runs all, and does something while case 1 runs in the first boot.
SPOILED = '''
def before(i):
    if i == 1:
        vm.drive.command("c1", 0x286)
        vm.say("the last words\\r\\n")
        %s
vm.hello()
vm.run(vm.todo, before=before)
'''


def others_pass(r, verdict):
    equal(r.verdicts(), {'fake/one': 'pass', 'fake/two': verdict,
                         'fake/three': 'pass'})
    equal(r.status, 1)
    equal(len(r.boots()), 2)
    contains(r.boots()[1], '-- fake --omit=1')


def test_a_panic_fails_the_case_that_ran(r):
    r.run(SPOILED % 'vm.panic()')
    others_pass(r, 'fail')
    record = r.record('fake/two')
    contains(record['reason'], 'Kernel panic - not syncing: Fatal exception')
    contains(record['console'], 'the last words\nKernel panic')
    equal(record['device']['hits'], 1)
    with open(os.path.join(r.out, 'console-1.log')) as f:
        contains(f.read(), 'the last words')


def test_a_panic_that_stays_silent_fails_too(r):
    r.run(SPOILED % 'vm.say("Kernel panic - x\\n"); vm.hang()',
          '--timeout=1000')
    others_pass(r, 'fail')


def test_a_hang_times_out(r):
    r.run(SPOILED % 'vm.hang()', '--timeout=4')
    others_pass(r, 'timeout')
    contains(r.record('fake/two')['reason'], 'reported nothing for 4 s')
    equal(r.record('fake/two')['device']['hits'], 1)
    contains(r.record('fake/two')['console'], 'the last words')


def test_a_hang_keeps_the_last_commands_of_the_drive(r):
    r.run(SPOILED % 'sys.stderr.write("x\\nqemu is sad\\n"); '
          'sys.stderr.flush(); vm.hang()', '--timeout=1')
    others_pass(r, 'timeout')
    record = r.record('fake/two')
    equal([(c['seq'], c['rule'], c['status'])
           for c in record['last-commands']],
          [(1, 'c0', 0x286), (2, 'c1', 0x286)])
    equal(record['qemu-stderr'], 'qemu is sad')
    equal('last-commands' in r.record('fake/one'), False)


def test_the_last_commands_are_bounded(r):
    r.run(SPOILED % '[vm.drive.command("c1", 0) for _ in range(500)]; '
          'vm.hang()', '--timeout=1')
    last = r.record('fake/two')['last-commands']
    equal((len(last), last[-1]['seq'] - last[0]['seq']), (32, 31))
    equal(last[-1]['seq'], 502)


def test_a_drive_that_cannot_be_asked_has_no_last_commands(r):
    r.run(SPOILED % 'vm.die(9)')
    others_pass(r, 'error')
    equal(r.record('fake/two')['last-commands'], None)


def test_garbage_is_no_sign_of_life(r):
    r.run(SPOILED % '''
        import time
        end = time.monotonic() + 30
        while time.monotonic() < end:
            vm.raw(b"garbage\\n")
            time.sleep(.05)''', '--timeout=4')
    others_pass(r, 'timeout')


def test_a_crash_of_qemu_is_an_error(r):
    r.run(SPOILED % 'sys.stderr.write("assertion\\n"); vm.die(11)')
    others_pass(r, 'error')
    contains(r.record('fake/two')['reason'], 'killed by signal 11')
    with open(os.path.join(r.out, 'qemu-1.stderr')) as f:
        contains(f.read(), 'assertion')


def test_a_guest_that_powers_off_early_is_an_error(r):
    r.run(SPOILED % 'vm.stop("guest-shutdown")')
    others_pass(r, 'error')
    contains(r.record('fake/two')['reason'], 'ended before the suite did')


def test_results_that_end_in_a_line_are_an_error(r):
    r.run(SPOILED % 'vm.raw(b\'{"type":"ca\'); vm.die(9)')
    others_pass(r, 'error')
    contains(r.record('fake/two')['reason'], 'cut off')


def test_a_silent_monitor_times_out(r):
    r.run(SPOILED % 'vm.mute = {"query-nvme-fi-log"} if vm.boot == 1 else '
          'set()', '--timeout=4')
    equal(r.status, 1)
    contains(r.stdout + r.stderr, 'did not answer')


def test_finished_batches_are_not_run_again(r):
    r.cases = ['fake/c%d' % i for i in range(6)]
    r.run('''
vm.hello()
if vm.boot == 1:
    vm.run([0, 1])
    vm.run([2, 3, 4], before=lambda i: i == 3 and vm.panic())
vm.run(vm.todo)''')
    equal([r.verdicts()[n] for n in r.cases],
          ['pass', 'pass', 'pass', 'fail', 'pass', 'pass'])
    contains(r.boots()[1], '--start=2 --omit=3')


def test_reboots_are_bounded(r):
    r.cases = ['fake/c%d' % i for i in range(40)]
    r.run('vm.hello(); vm.begin(vm.todo[0]); vm.die(9)')
    equal(r.status, 1)
    equal(len(r.boots()), 21)
    equal(set(r.verdicts().values()), {'error'})
    equal(len(r.records()), 40)
    contains(r.stderr, 'lost for good')


def test_a_guest_without_a_word_is_one_error(r):
    r.run('vm.say("no disk here\\n"); vm.stop("guest-shutdown")')
    equal(r.status, 1)
    equal(len(r.boots()), 1)
    equal(r.records(), [])
    contains(r.stderr, 'never ran a case', 'no disk here')


def test_a_guest_that_says_why_is_one_error(r):
    r.run('vm.send(type="error", reason="no nvme disk"); vm.hang()')
    equal(r.records(), [])
    contains(r.stderr, 'no nvme disk')


def test_a_silent_boot_is_one_error(r):
    r.run('vm.hang()', '--boot-timeout=1')
    equal((r.status, r.records()), (1, []))
    contains(r.stderr, 'said nothing for 1 s')


def test_a_panic_of_the_boot_is_one_error(r):
    r.run('vm.panic()')
    equal((r.status, r.records()), (1, []))
    contains(r.stderr, 'kernel panic')


def test_a_qemu_that_does_not_start_is_one_error(r):
    r.write('qemu', b'#!/bin/sh\necho bad machine >&2; exit 1\n')
    os.chmod(r.path('qemu'), 0o755)
    r.run('', '--emulator=' + r.path('qemu'))
    equal((r.status, r.records()), (1, []))
    contains(r.stderr, 'exited with status 1', 'bad machine')


def test_an_unfinished_plan_is_no_pass(r):
    r.run('vm.hello(); vm.run([0, 1])')
    equal(r.status, 1)
    equal(r.record('fake/three')['verdict'], 'error')
    contains(r.record('fake/three')['reason'], 'said bye')


def test_another_number_of_cases_is_refused(r):
    r.run('vm.hello(cases=5); vm.run(vm.todo)')
    equal((r.status, r.records()), (1, []))
    contains(r.stderr, '5 cases in the guest and 3 here')


def test_a_case_of_another_name_is_refused(r):
    r.run('vm.hello(); vm.names[1] = "fake/other"; vm.run(vm.todo)')
    equal(r.status, 1)
    contains(r.stderr, 'not in the plan')


def test_a_stock_qemu_is_named(r):
    os.environ['FAKE_STOCK'] = '1'
    try:
        r.run('vm.hang()')
    finally:
        del os.environ['FAKE_STOCK']
    equal((r.status, r.records()), (1, []))
    contains(r.stderr, 'is it the patched one?')


def wait_gone(pid):
    """Whether the process ends within ten seconds, if it is not gone yet."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    ended, _, _ = select.select([process], [], [], 10)
    os.close(process)
    return bool(ended)


def test_qemu_dies_with_the_runner(r):
    process = r.start('vm.hello(); print(1)\n'
                      'open(os.environ["FAKE_STATE"] + "/pid", "w")'
                      '.write(str(os.getpid()))\n'
                      'vm.begin(0)\nvm.hang()')
    while not os.path.exists(r.path('state/pid')) or \
            not os.path.getsize(r.path('state/pid')):
        equal(process.poll(), None)
        time.sleep(.05)
    with open(r.path('state/pid')) as f:
        pid = int(f.read())
    process.send_signal(signal.SIGKILL)
    process.communicate()
    equal(wait_gone(pid), True)


def test_an_interrupt_ends_the_run_with_its_results(r):
    process = r.start('vm.hello(); vm.run([0, 1])\n'
                      'open(os.environ["FAKE_STATE"] + "/pid", "w")'
                      '.write(str(os.getpid()))\nvm.begin(2); vm.hang()')
    while len(open(os.path.join(r.out, 'results.jsonl')).readlines()
              if os.path.exists(os.path.join(r.out, 'results.jsonl'))
              else []) < 2:
        equal(process.poll(), None)
        time.sleep(.05)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    equal(process.returncode, 1)
    contains(stdout, '2 passed', '1 not run')
    contains(stderr, 'interrupted')


main(globals())
