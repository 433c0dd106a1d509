#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test looks at which accelerator the runner takes, and why.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                'fake'))
from harness import contains, equal, main

KVM_WORKS = 'vm.hello(); vm.run(vm.todo)'
KVM_FAILS = '''
if vm.argv[vm.argv.index("-accel") + 1] == "kvm":
    sys.exit("no kvm")
''' + KVM_WORKS


def accels(r):
    return [a[a.index('-accel') + 1] for a in r.argvs()]


def run_auto(r, script):
    r.run(script, '--accel=auto', '--accel-cache=' + r.path('cache'))
    equal(r.status, 0)
    equal(set(r.verdicts().values()), {'pass'})


def test_kvm_that_boots_is_taken_and_remembered(r):
    run_auto(r, KVM_WORKS)
    equal(accels(r), ['kvm', 'kvm'])
    contains(r.boots()[0], '--filter=fake/one')
    run_auto(r, KVM_WORKS)
    equal(accels(r), ['kvm', 'kvm', 'kvm'])


def test_kvm_that_does_not_boot_is_left_alone(r):
    run_auto(r, KVM_FAILS)
    equal(accels(r), ['kvm', 'tcg'])
    contains(r.stderr, 'no guest came up')
    run_auto(r, KVM_FAILS)
    equal(accels(r), ['kvm', 'tcg', 'tcg'])


def test_another_qemu_is_tried_anew(r):
    run_auto(r, KVM_FAILS)
    with open(r.path('cache')) as f:
        key, answer = f.read().split('\n')[:2]
    equal(answer, 'tcg')
    r.write('cache', ('x' + key + '\ntcg\n').encode())
    run_auto(r, KVM_WORKS)
    equal(accels(r), ['kvm', 'tcg', 'kvm', 'kvm'])


def test_auto_without_a_cache_is_tcg(r):
    r.run(KVM_WORKS, '--accel=auto')
    equal(accels(r), ['tcg'])


def test_kvm_can_be_asked_for(r):
    r.run(KVM_WORKS, '--accel=kvm')
    equal(accels(r), ['kvm'])


if os.access('/dev/kvm', os.R_OK | os.W_OK):
    main(globals())
else:
    print('1..0 # SKIP there is no /dev/kvm to try')
