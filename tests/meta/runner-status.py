#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test holds the exit statuses to what docs/ci.md says of them.
import os
import re
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, 'fake'))
from harness import contains, equal, main

RUN = 'vm.hello(); vm.run(vm.todo%s)'
SKIPS = RUN % ', message={"skip": "x"}'
FAILS = RUN % ', hits=0'
ONE_FAILS = 'vm.hello(); vm.run([0]); vm.run([1, 2], hits=0)'
# What happens, the options, and the status.
TABLE = [
    ('all pass', RUN % '', '', 0),
    ('some are skipped', 'vm.hello(); vm.run([0]); vm.run([1, 2], '
     'message={"skip": "x"})', '', 0),
    ('all are observed', RUN % '', '--observe', 0),
    ('a case fails', FAILS, '', 1),
    ('a hit is missing though observed', FAILS, '--observe', 1),
    ('a case is an error', RUN % ', message={"error": "x"}', '', 1),
    ('a case times out', 'vm.hello(); vm.boot == 1 and (vm.begin(0), '
     'vm.hang()); vm.run(vm.todo)', '--timeout=1', 1),
    ('the guest is lost for good', 'vm.hello(); vm.die(9)', '', 1),
    ('the kernel does not come up', 'vm.hang()', '--boot-timeout=1', 1),
    ('the kernel panics at once', 'vm.panic()', '', 1),
    ('nothing but skips', SKIPS, '', 1),
    ('TAP tells of a failure', ONE_FAILS, '--tap', 0),
    ('TAP of nothing but skips', SKIPS, '--tap', 1),
    ('TAP of a lost guest', 'vm.hello(); vm.die(9)', '--tap', 1),
    ('KTAP tells of a failure', FAILS, '--ktap', 1),
    ('a shard of skips', SKIPS, '--shard=1/2', 0),
    ('a shard of nothing', '', '--shard=4/4', 0),
    ('a shard with a failure', FAILS, '--shard=1/2', 1),
    ('a wrong option', '', '--frobnicate', 2),
    ('a filter that matches nothing', '', '--filter=x', 2),
    ('a kernel that is none', '', '--kernel-image=/dev/null', 2),
]


def test_each_end_has_its_status(r):
    for what, script, options, status in TABLE:
        r.run(script, *options.split())
        equal((what, r.status), (what, status))
        if os.path.exists(r.path('state/boots')):
            os.unlink(r.path('state/boots'))


def test_an_interrupt(r):
    process = r.start('open(os.environ["FAKE_STATE"] + "/up", "w"); vm.hang()')
    while not os.path.exists(r.path('state/up')):
        equal(process.poll(), None)
        time.sleep(.05)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    equal(process.returncode, 1)


def test_the_help_says_them(r):
    r.run('', '--help')
    equal(r.status, 0)
    text = ' '.join(r.stdout.split('Exit status: ')[1].split())
    for status in ('0 nothing failed', '1 a case failed', '2 the command'):
        contains(text, status)
    equal(len(r.stdout.splitlines()) <= 24, True)
    equal(max(len(line) for line in r.stdout.splitlines()) <= 80, True)


def test_the_documentation_has_a_row_for_each(r):
    with open(os.path.join(HERE, '../../docs/ci.md'), encoding='utf-8') as f:
        rows = re.findall(r'^\| (\d+) \|', f.read(), re.M)
    equal(rows, [str(n) for n in sorted({row[3] for row in TABLE})])


main(globals())
