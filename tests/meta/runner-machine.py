#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test gives suites machines of their own: what QEMU is started with,
# what the guest may ask for, and whose evidence is read.
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                'fake'))
from harness import contains, equal, main


def options(argv, name):
    return [v for o, v in zip(argv, argv[1:]) if o == name]


def devices(argv):
    return [json.loads(v) for v in options(argv, '-device') if v[0] == '{']


def test_a_suite_without_wishes_has_one_drive(r):
    r.run()
    argv = r.argvs()[0]
    equal(r.status, 0)
    equal(devices(argv), [{'driver': 'nvme', 'id': 'nvme0',
                           'serial': 'nvme-fi', 'drive': 'disk'}])
    equal((options(argv, '-smp'), options(argv, '-m')), (['1'], ['512']))
    contains(argv, '-no-reboot')
    contains(options(argv, '-blockdev')[0], 'node-name=disk,',
             r.out + '/disk.img')


def test_the_machine_becomes_arguments(r):
    r.machine = {
        'kernel': 'nvme_core.io_timeout=2', 'cpus': 2, 'memory': 640,
        'reset': True, 'unplugged': ['nvme1'],
        'drives': [{'id': 'one', 'size': 8 << 20}, {'id': 'two'}],
        'devices': [{'driver': 'pcie-root-port', 'id': 's', 'slot': 3},
                    {'driver': 'nvme', 'id': 'nvme0', 'drive': 'one',
                     'fi-media-file': '%DIR%/media', 'mdts': 5},
                    {'driver': 'nvme', 'id': 'nvme1', 'drive': 'two'}]}
    r.run('''
vm.size = os.stat(os.environ["FAKE_STATE"] + "/../out/one.img").st_size
assert vm.size == 8 << 20
vm.hello(); vm.run(vm.todo)''')
    argv = r.argvs()[0]
    equal(r.status, 0)
    equal((options(argv, '-smp'), options(argv, '-m')), (['2'], ['640']))
    equal('-no-reboot' in argv, False)
    contains(r.boots()[0], ' nvme_core.io_timeout=2 -- fake')
    equal(devices(argv), [
        {'driver': 'pcie-root-port', 'id': 's', 'slot': 3},
        {'driver': 'nvme', 'id': 'nvme0', 'drive': 'one',
         'fi-media-file': r.out + '/media', 'mdts': 5}])


def test_what_is_no_machine_is_refused(r):
    for machine, words in (
            ({'colour': 'red'}, ("'colour'", 'unknown', 'devices')),
            ({'cpus': '2'}, ("'cpus'", '1 to 16')),
            ({'memory': 1}, ("'memory'", '128')),
            ({'drives': [{'id': '../x'}]}, ("'drives[0].id'",)),
            ({'drives': [{'id': 'a', 'size': 7}]}, ("'drives[0].size'",)),
            ({'drives': [{'id': 'a', 'colour': 7}]}, ("'drives[0].colour'",)),
            ({'devices': [{'id': 'x'}]}, ("'devices[0].driver'",)),
            ({'kernel': 'a -- b'}, ("'kernel'",)),
            ({'allow': ['human-monitor-command']}, ("'allow[0]'", 'colon')),
            ({'reset': 1}, ("'reset'",)),
            ([], ('--machine',))):
        r.machine = machine
        r.run()
        equal(r.status, 2)
        contains(r.stderr, '--machine', *words)


ASK = '''
vm.hello()
answers = [%s]
with open(os.environ["FAKE_STATE"] + "/answers", "w") as f:
    json.dump(answers, f)
vm.run(vm.todo)
'''


def asked(r, *requests):
    r.run(ASK % ','.join('vm.ask(%s)' % q for q in requests))
    equal(r.status, 0)
    with open(r.path('state/answers')) as f:
        return [list(a)[0] for a in json.load(f)]


def test_a_machine_allows_by_name(r):
    requests = ('"device_del", id="x"', '"system_reset"', '"device_add"',
                '"nvme-fi-record", device="nvme0"')
    equal(asked(r, *requests), ['error'] * 4)
    contains(r.stderr, '4 requests that were refused')
    r.machine = {'allow': ['device_del', 'system_reset']}
    equal(asked(r, *requests), ['return', 'return', 'error', 'error'])
    contains(r.stderr, '2 requests that were refused')


def test_hmp_is_allowed_by_its_first_words(r):
    r.machine = {'allow': ['human-monitor-command:pcie_aer_inject nvme0']}
    hmp = ['"human-monitor-command", **{"command-line": "%s"}' % line
           for line in ('pcie_aer_inject nvme0 UNSUP', 'quit',
                        'pcie_aer_inject nvme01', 'pcie_aer_inject nvme0',
                        'pcie_aer_inject nvme0\\nquit')]
    equal(asked(r, *hmp), ['return', 'error', 'error', 'return', 'error'])


def test_each_controller_gives_evidence(r):
    r.machine = {'controllers': ['nvme0', 'nvme1'], 'devices': [
        {'driver': 'nvme', 'id': 'nvme0'}, {'driver': 'nvme', 'id': 'nvme1'}]}
    r.run('''
vm.hello()
vm.ask("nvme-fi-add", device="nvme1", rules=[{"id": "c0.1"}])
def before(i):
    vm.drives["nvme1"].command("c0.1", 0x281)
vm.run([0], before, message={"expected": {"device": {"hits": 2, "commands": [
    {"device": "nvme0", "status": 0x286}, {"device": "nvme1",
     "status": 0x281}]}, "result": {"value": -1}}})
vm.run([1, 2])''')
    equal(set(r.verdicts().values()), {'pass'})


def test_a_controller_that_goes_leaves_its_evidence(r):
    r.machine = {'allow': ['device_del']}
    r.run('''
vm.hello()
def before(i):
    vm.drive.command("c0", 0x286)
    assert vm.ask("device_del", id="nvme0") == {"return": ""}
    vm.unplugged("nvme0")
    assert vm.ask("run-gone", id="nvme0") == {"return": {}}
    assert vm.ask("run-plug", id="nvme0") == {"return": {}}
    assert vm.added == [{"driver": "nvme", "id": "nvme0",
                         "serial": "nvme-fi", "drive": "disk"}], vm.added
vm.run([0], before, hits=0, message={"expected": {"device": {"hits": 1,
    "commands": [{"seq": 1}]}, "result": {"value": -1}}})
vm.run([1, 2])''')
    equal((r.status, set(r.verdicts().values())), (0, {'pass'}))


def test_a_device_comes_back_when_it_is_gone(r):
    r.run('''
vm.hello()
# the runner's own first question may come behind the first of ours
vm.ask("query-nvme-fi")
vm.ask("query-nvme-fi")
vm.control.sendall(b'{"execute":"run-plug","arguments":{"id":"nvme0"}}\\n')
vm.unplugged("nvme0")
assert json.loads(vm.control_file.readline()) == {"return": {}}
assert len(vm.added) == 1
assert "error" in vm.ask("run-plug", id="unknown")
vm.run(vm.todo)''')
    equal((r.status, set(r.verdicts().values())), (0, {'pass'}))


def test_programs_need_an_image_of_their_own(r):
    r.machine = {'programs': ['mkfs.ext4'], 'modules': ['xfs']}
    r.run()
    equal(r.status, 1)
    contains(r.stderr, 'mkfs.ext4', 'xfs', 'initrd-fake')
    r.write('initrd-fake', b'')
    r.run()
    equal(r.status, 0)
    equal(options(r.argvs()[-1], '-initrd'), [r.path('initrd-fake')])


def test_the_default_suite_is_run_without_a_filter(r):
    r.add_suite('other/one')
    script = 'vm.hello(); vm.run(vm.todo)'
    for given, want in (
            (['--default-suite=other'], ['other']),
            (['--default-suite=other', '--suite=fake'], ['fake']),
            (['--default-suite=other', '--suite=all'], ['fake', 'other']),
            (['--default-suite=other', '--filter=*one'], ['fake', 'other'])):
        before = len(r.argvs()) if os.path.exists(r.path('state/boots')) else 0
        r.run(script, *given)
        equal([b.split(' -- ')[1].split()[0] for b in r.boots()[before:]],
              want)


main(globals())
