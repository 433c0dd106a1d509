#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test sends what no guest program should send, on both ports.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                'fake'))
from harness import contains, equal, main

# The answers to some requests, kept where the test can read them.
ASK = '''
answers = []
vm.hello()
%s
with open(os.environ["FAKE_STATE"] + "/answers", "w") as f:
    json.dump({"answers": answers, "qmp": vm.qmp_seen}, f)
vm.run(vm.todo)
'''


def answers(r, script):
    import json
    r.run(ASK % script)
    equal(r.status, 0)
    equal(set(r.verdicts().values()), {'pass'})
    with open(r.path('state/answers')) as f:
        kept = json.load(f)
    return kept['answers'], kept['qmp']


def test_the_guest_never_gets_the_monitor(r):
    got, qmp = answers(r, '''
for name in ("quit", "human-monitor-command", "system_reset", "device_del",
             "migrate", "nvme-fi", "x-query-nvme-fi", ""):
    answers.append(vm.ask(name))''')
    for answer in got:
        contains(answer['error']['desc'], 'is not allowed')
    equal(qmp, ['qmp_capabilities', 'query-nvme-fi'])
    contains(r.stderr, '8 requests that were refused')


def test_garbage_requests_are_answered(r):
    got, _ = answers(r, r'''
for data in (b"garbage\n", b"[1,2]\n", b"{}\n", b"\xff\xfe\n",
             b'{"execute":7}\n', b'{"execute":"run-collect"}\n',
             b'{"execute":"nvme-fi-add","arguments":7}\n',
             b'{"a":' + b"[" * 100000 + b"\n", b"\0\0\0\n"):
    answers.append(vm.ask_raw(data))''')
    equal(len(got), 9)
    for answer in got:
        equal(list(answer), ['error'])
        equal(answer['error']['class'], 'GenericError')
    contains(r.stderr, '9 requests that were refused')


def test_a_huge_request_is_dropped(r):
    got, _ = answers(r, r'''
answers.append(vm.ask_raw(b"x" * (9 << 20) + b"\n"))
answers.append(vm.ask("query-nvme-fi"))''')
    contains(got[0]['error']['desc'], 'too long')
    equal(got[1], {'return': {'state': '', 'rules': []}})


def test_requests_in_pieces_and_in_one_piece(r):
    got, _ = answers(r, r'''
line = b'{"execute":"query-nvme-fi"}\n'
for i in range(len(line) - 1):
    vm.control.sendall(line[i:i + 1])
answers.append(vm.ask_raw(line[-1:]))
vm.control.sendall(line * 3)
answers += [json.loads(vm.control_file.readline()) for _ in range(3)]''')
    equal(got, [{'return': {'state': '', 'rules': []}}] * 4)


def test_the_drive_is_filled_in(r):
    got, _ = answers(r, '''
answers.append(vm.ask("query-nvme-fi"))
answers.append(vm.ask("query-nvme-fi", device="nvme0"))
answers.append(vm.ask("query-nvme-fi", device="other"))''')
    equal([list(a) for a in got], [['return'], ['return'], ['error']])


def test_an_error_of_qmp_reaches_the_guest(r):
    got, _ = answers(r, 'answers.append(vm.ask("nvme-fi-nonsense"))')
    equal(got, [{'error': {'class': 'GenericError',
                           'desc': 'unknown command nvme-fi-nonsense'}}])


def test_answers_begin_as_the_guest_expects(r):
    r.run('''
vm.hello()
vm.control.sendall(b'{"execute":"query-nvme-fi"}\\nx\\n')
assert vm.control_file.readline().startswith('{"return"')
assert vm.control_file.readline().startswith('{"error"')
vm.run(vm.todo)''')
    equal(r.status, 0)


def test_garbage_results_are_counted(r):
    r.run(r'''
vm.raw(b"garbage before hello\n")
vm.hello()
for data in (b"\xff\n", b"{}\n", b'{"type":"unknown"}\n', b"\n",
             b'{"type":"begin"}\n', b'{"type":"case","ordinal":-1}\n',
             b'{"type":"trace","lines":7}\n', b"[" * 200000 + b"\n",
             b"y" * (5 << 20) + b"\n"):
    vm.raw(data)
vm.run(vm.todo)''')
    equal(r.status, 0)
    contains(r.stderr, '9 lines that are no report')


def test_a_report_in_pieces(r):
    r.run(r'''
vm.hello()
send = vm.results.sendall
def slowly(data):
    for i in range(0, len(data), 7):
        send(data[i:i + 7])
class Slow:
    sendall = staticmethod(slowly)
vm.results = Slow()
vm.run(vm.todo)''')
    equal(r.status, 0)


def test_a_case_reported_twice_is_refused(r):
    r.run('vm.hello(); vm.run([0]); vm.run([0])')
    equal(r.status, 1)
    contains(r.stderr, 'not asked to run')


def test_garbage_on_qmp_is_one_error(r):
    r.run(r'vm.qmp.sendall(b"garbage\n"); vm.hang()', '--boot-timeout=30')
    equal((r.status, r.records()), (1, []))
    contains(r.stderr, 'bad line on QMP')


main(globals())
