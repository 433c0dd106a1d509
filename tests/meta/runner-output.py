#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test reads what a run leaves: TAP, JUnit, the table, the folder.
import json
import os
import shutil
import sys
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                'fake'))
from harness import contains, equal, main

MIXED = '''
vm.hello()
vm.run([0])
vm.run([1], message={"result": {"value": -1, "errno": "E<&>\\"\\x01#IO"}})
vm.run([2], message={"skip": "not\\x01 #here"})
'''


def points(stdout):
    return [line for line in stdout.splitlines()
            if line.startswith(('ok', 'not ok'))]


def test_tap_has_its_plan_first_and_is_flat(r):
    r.run(MIXED, '--tap')
    equal(r.status, 0)
    equal(r.stdout.splitlines()[0], '1..3')
    equal(points(r.stdout), ['ok 1 - fake/one', 'not ok 2 - fake/two',
                             'ok 3 - fake/three # SKIP not   here'])
    for line in r.stdout.splitlines():
        equal(line[:1] in 'on1#', True)
    contains(r.stdout, '# fail: result.errno: got')


def test_tap_bails_out_when_the_guest_is_lost_for_good(r):
    r.run('vm.hello(); vm.boot == 1 and vm.run([0]); vm.die(9)', '--tap')
    contains(r.stdout, '1..3', 'Bail out! the guest is lost for good')
    equal(r.status, 1)


def test_tap_bails_out_when_no_guest_comes(r):
    r.run('vm.stop("guest-shutdown")', '--tap')
    contains(r.stdout, '1..3', 'Bail out! the guest never ran a case')


def test_tap_of_nothing_but_skips_is_no_pass(r):
    r.run('vm.hello(); vm.run(vm.todo, message={"skip": "x"})', '--tap')
    contains(r.stdout, 'Bail out! no case passed')
    equal(r.status, 1)


def junit(r):
    return ElementTree.parse(os.path.join(r.out, 'junit.xml')).getroot()


def numbers(element):
    return tuple(element.get(name) for name in
                 ('tests', 'failures', 'errors', 'skipped', 'time'))


def test_junit_is_well_formed(r):
    r.run(MIXED)
    root = junit(r)
    suite = root[0]
    equal((root.tag, suite.tag, len(root)), ('testsuites', 'testsuite', 1))
    equal(suite.get('name'), 'fake on 6.12.107-fake')
    equal(numbers(suite), ('3', '1', '0', '1', '0.000003'))
    equal(numbers(root), numbers(suite))
    equal([(c.get('classname'), c.get('name'), c.get('time')) for c in suite],
          [('fake', name, '0.000001') for name in r.cases])
    equal([[e.tag for e in c] for c in suite],
          [['system-out'], ['failure', 'system-out'], ['skipped']])


def test_junit_of_a_failure_says_why_and_how_to_repeat_it(r):
    r.run(MIXED)
    failure = junit(r)[0][1][0]
    equal(failure.get('type'), 'fail')
    contains(failure.get('message'), 'E<&>', 'ENODATA')
    contains(failure.text, failure.get('message'),
             "./nvme-fi run --kernel debian:fake --filter 'fake/two'")
    equal(junit(r)[0][2][0].get('message'), 'not  #here')


def test_junit_has_the_chain_of_each_case(r):
    r.run('vm.hello(); vm.run(vm.todo, log=lambda i: vm.log_of(i, "a\uffffb"'
          ', "medium"))')
    contains(junit(r)[0][0].find('system-out').text,
             'rule     action=status,status=0x286',
             'CQE status 0x286 (SCT 2, SC 86h)',
             'nvme_complete_rq status=0x286 retries=0',
             'BLK_STS_MEDIUM -> ENODATA', 'log      a   b', 'medium')


def test_junit_keeps_suites_apart(r):
    r.add_suite('other/a')
    r.run('vm.hello(); vm.run(vm.todo, hits=0 if vm.names[0][0] == "o" else 1)',
          '--suite=all')
    equal([suite.get('name') for suite in junit(r)],
          ['fake on 6.12.107-fake', 'other on 6.12.107-fake'])
    equal([numbers(suite)[:2] for suite in junit(r)], [('3', '0'), ('1', '1')])


def test_junit_of_a_hang_has_the_console(r):
    r.run('vm.hello(); vm.boot == 1 and (vm.begin(0), vm.say("last\\n"), '
          'vm.hang()); vm.run(vm.todo)', '--timeout=1')
    error = junit(r)[0][0][0]
    equal((error.tag, error.get('type')), ('error', 'timeout'))
    contains(error.text, 'last')
    equal(numbers(junit(r)[0])[:4], ('3', '0', '1', '0'))


def test_junit_of_a_run_that_was_none_has_an_error(r):
    r.run('vm.stop("guest-shutdown")')
    equal([(s.get('name'), s[0].get('name'), s[0][0].tag) for s in junit(r)],
          [('nvme-fi', 'run', 'error')])
    contains(junit(r)[0][0][0].get('message'), 'the guest never ran a case')
    equal(numbers(junit(r))[:4], ('1', '0', '1', '0'))
    r.run('vm.hello(); vm.run(vm.todo, message={"skip": "x"})')
    contains(junit(r)[-1][0][0].get('message'), 'no case passed')


def test_records_come_while_the_run_goes_on(r):
    r.run('''
path = [a for a in sys.argv if a.startswith("socket")]
vm.hello(); vm.run([0])
out = os.path.dirname(os.readlink("/proc/self/fd/2"))
lines = open(out + "/results.jsonl").read()
assert lines.count("\\n") == 1 and lines.endswith("}\\n"), lines
vm.run([1, 2])''')
    equal(r.status, 0)


def test_few_cases_are_shown_layer_by_layer(r):
    r.run('vm.hello(); vm.run(vm.todo, log=lambda i: vm.log_of(i, "medium"))',
          '--filter=fake/t*')
    equal(len(r.records()), 2)
    contains(r.stdout, 'CQE status 0x286 (SCT 2, SC 86h)',
             'nvme_complete_rq status=0x286 retries=0',
             'BLK_STS_MEDIUM -> ENODATA', 'medium')


STATUSES = '''
vm.hello()
def unnamed(i):
    return {"op": "read", "status": 0x100 + i, "status-name": None}
for i in vm.todo:
    name = "named" if i == 4 else None
    errno = "EIO" if i != 7 else "ENODATA"
    vm.run([i], trace=lambda i: vm.trace_of(
               i, error=-61 if i in (6, 7) else -5),
           message={"stimulus": dict(unnamed(i), **{"status-name": name}),
                    "expected": {"device": {"hits": 1}, "result": {}},
                    "result": {"value": -1, "errno": errno}})
'''


def test_statuses_without_a_name_share_a_row(r):
    r.cases = ['fake/s%d' % i for i in range(9)]
    r.run(STATUSES)
    equal(r.status, 0)
    rows = [line.split() for line in r.stdout.splitlines()
            if line.startswith('0x')]
    equal([row[:4] for row in rows],
          [['0x100-0x103', '-', 'IOERR', 'EIO'],
           ['0x104', 'named', 'IOERR', 'EIO'],
           ['0x105', '-', 'IOERR', 'EIO'],
           ['0x106', '-', 'MEDIUM', 'EIO'],
           ['0x107', '-', 'MEDIUM', 'ENODATA'],
           ['0x108', '-', 'IOERR', 'EIO']])
    equal(rows[0][-2:], ['4', 'pass'])


def test_json_says_what_the_table_says(r):
    r.cases = ['fake/s%d' % i for i in range(9)]
    r.run(STATUSES)
    table = [line.split() for line in r.stdout.splitlines()
             if line.startswith('0x')]
    shutil.rmtree(r.path('state'))
    os.mkdir(r.path('state'))
    r.run(STATUSES, '--json')
    rows = json.loads(r.stdout)['rows']
    equal([['-'.join('0x%x' % status for status in
                     sorted({row['first'], row['last']})), row['name'] or '-',
            row['blk_status'], row['errno'], str(row['commands']['min']),
            str(row['passed']), 'pass'] for row in rows], table)


def test_the_folder_holds_all_artefacts(r):
    r.run()
    equal(sorted(os.listdir(r.out)), ['console-1.log', 'junit.xml',
                                      'qemu-1.stderr', 'results.jsonl',
                                      'run.json'])


def test_a_full_disk_is_one_clear_error(r):
    for name in ('results.jsonl', 'console-1.log'):
        r.out = r.path('out-' + name)
        os.mkdir(r.out)
        os.symlink('/dev/full', os.path.join(r.out, name))
        r.run('vm.say("x\\n"); vm.hello(); vm.run(vm.todo)')
        equal(r.status, 1)
        contains(r.stderr, 'cannot write', name, 'No space left on device')
        os.unlink(r.path('state/boots'))


def test_what_no_command_line_mends_has_no_hint_at_one(r):
    for name in ('run.json', 'results.jsonl'):
        r.out = r.path('taken-' + name)
        os.makedirs(os.path.join(r.out, name, 'full'))
        r.run('')
        equal(r.status, 1)
        contains(r.stderr, name)
        equal(r.stderr.count('\n'), 1)


def test_a_limit_on_files_is_one_clear_error(r):
    r.run('vm.hello(); vm.run(vm.todo)', file_size=8000)
    equal(r.status, 1)
    contains(r.stderr, 'cannot', 'File too large')


def test_a_folder_that_cannot_be_made(r):
    r.write('file', b'')
    r.run('', '--out=' + r.path('file/x'))
    equal(r.status, 2)
    contains(r.stderr, r.path('file/x'))


main(globals())
