#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test checks the HMP forms: a rule or trigger as key=value text is the
# same as over QMP, what info prints can be typed again, and errors are printed.
import json
import re
import tempfile

import rig

TEXT = ('id=h,opcode=read,slba=8,nlb=0x10,action=status,'
        'status=access-denied,dnr=on,times=1,probability=0.5,seed=3,'
        'sqe.0.dword=12,sqe.0.mask=0xffff,sqe.0.value=7,execute=off')
RULE = {'id': 'h', 'queue': 'io', 'opcode': 'read', 'slba': 8, 'nlb': 16,
        'action': 'status', 'status': 'access-denied', 'dnr': True,
        'times': 1, 'probability': 0.5, 'seed': 3, 'execute': False,
        'sqe': [{'dword': 12, 'mask': 0xffff, 'value': 7}]}

# Rules as text, one or more for each action, in the order of the schema: what
# info nvme_fi prints of them.
ACTIONS = [
    'action=none,execute=on,delay-ns=7',
    'action=none,seed=3,execute=on,delay-ns=7,delay=uniform,delay-max-ns=9',
    'action=status,queue=io,opcode=read,execute=off,status=access-denied,'
    'more=on,crd=2',
    'action=drop,execute=off,abort=not-aborted',
    'action=drop,execute=on',
    'action=hold,execute=off,abort=aborted',
    'action=tear,execute=on,blocks=3,status=write-fault,dnr=on',
    'action=tear,execute=on,blocks=0,drop=on',
    'action=lose,execute=on',
    'action=misdirect,execute=on,by=-8',
    'action=duplicate-execute,execute=on,after-ns=5',
    'action=cqe,execute=on,cid=7,sqid=65535,sqhd=0,dw0=1,dw1=4294967295,'
    'keep-phase=on,duplicates=16',
    'action=cqe,execute=on,reuse-cid=on,after-reset=on',
    'action=interrupt,execute=on,interrupt=wrong-vector,vector=3',
    'action=doorbell,execute=on,doorbell=ignored,for-ns=5,count=2',
    'action=corrupt,execute=on,target=ref-tag,how=fill,where=medium,value=7,'
    'offset=1,length=2',
    'action=overlay,queue=admin,opcode=identify,cns=1,execute=on,'
    'patches.0.offset=77,patches.0.value=a5FF,patches.0.mask=0f00,'
    'patches.1.offset=0,patches.1.value=00',
    'action=none,execute=on,trigger.0.trigger=zone,trigger.0.nsid=2,'
    'trigger.0.slba=8,trigger.0.state=offline,trigger.0.write-pointer=-3,'
    'trigger.0.reported-write-pointer=4,trigger.0.max-open=5,'
    'trigger.0.max-active=6',
    'action=forbid,execute=on',
    'action=expect,times=3,execute=on,within-ns=8',
    'action=none,execute=on,trigger.0.trigger=interrupt,'
    'trigger.0.interrupt=lost,trigger.0.qid=2,trigger.1.trigger=doorbell,'
    'trigger.1.doorbell=stuck,trigger.1.for-ns=1',
    'action=none,execute=on,trigger.0.trigger=media,trigger.0.slba=8,'
    'trigger.0.nlb=4,trigger.0.status=write-fault,trigger.0.heal=off',
    'action=none,execute=on,trigger.0.trigger=controller,'
    'trigger.0.fault=ready-late,trigger.0.for-ns=3,trigger.0.times=2,'
    'trigger.1.trigger=event,trigger.1.event=ana,trigger.1.nsid=2,'
    'trigger.1.ana-state=non-optimized',
    'action=none,execute=on,trigger.0.trigger=power-cut,trigger.0.seed=3,'
    'trigger.0.lose=0.5,trigger.0.tear=1,trigger.0.reorder=on,'
    'trigger.0.reset=off',
    'action=status,sqe.0.dword=1,sqe.0.mask=2,sqe.0.value=0,state=a,,b,'
    'probability=0.25,seed=1,set-state=,execute=off,status=success',
]

# Triggers as text, and what the answer begins with (the host has created no
# queue).
TRIGGERS = [
    ('trigger=interrupt,interrupt=lost,qid=3', 'Error: nvme-fi: .*qid 3: no '
     'such Completion Queue'),
    ('trigger=doorbell,doorbell=stuck,for-ns=1', 'Error: nvme-fi: .*qid 1: '
     'no such Submission Queue'),
    ('trigger=doorbell,doorbell=stuck,count=1', 'Error: nvme-fi: .*count 1: '
     "only for doorbell 'ignored'"),
    ('trigger=media,slba=8,nsid=2', 'Error: nvme-fi: .*nsid 2: the subsystem '
     'has no such namespace'),
    ('trigger=media,nlb=0,slba=8', 'Error: nvme-fi: .*nlb 0: must be 1'),
    ('trigger=controller,fault=ready-late,for-ns=5', '$'),
    ('trigger=controller,fault=ready-late', 'Error: nvme-fi: .*for-ns: must '
     'be given'),
    ('trigger=event,event=smart,temperature=350', '$'),
    ('trigger=event,event=smart', 'Error: nvme-fi: .*needs one of'),
    ('trigger=zone,slba=8,state=offline',
     'Error: nvme-fi: .*nsid 1: NOT A ZONED NAMESPACE'),
    ('trigger=zone,state=offline', 'Error: nvme-fi: .*slba: missing'),
    ('trigger=zone,slba=8,state=wet', "Error: .*'wet'"),
    ('trigger=power-cut,lose=0.5,tear=1,reorder=on,seed=3,reset=off',
     'Error: nvme-fi: .*fi-write-cache'),
    ('trigger=power-cut,lose=2', 'Error: nvme-fi: .*lose 2: must be 0 to 1'),
    ('trigger=weather', "Error: .*'weather'"),
]

# What is typed, and words of what is printed.
BAD = [
    ('nvme_fi_add nvme0 action=status,status=nonsense', ["'nonsense'"]),
    ('nvme_fi_add nvme0 action=none,colour=red', ['colour']),
    ('nvme_fi_add nvme0 action=none,skip=many', ['skip']),
    ('nvme_fi_add nvme0 id=h,action=none', ["'h'"]),
    ('nvme_fi_add nvme0 =', ['Error']),
    ('nvme_fi_add nvme9 action=none', ["'nvme9'", 'not found']),
    ('nvme_fi_remove nvme0 a,nobody', ["'nobody'"]),
    ('nvme_fi_remove serial0 a', ["'serial0'", 'not an nvme']),
    ('nvme_fi_release nvme9', ["'nvme9'", 'not found']),
    ('nvme_fi_record nvme0 /nowhere/file', ['/nowhere/file']),
    ('info nvme_fi serial0', ["'serial0'", 'not an nvme']),
]


def contains(name, text, *words):
    missing = [word for word in words if word not in text]
    rig.result(not missing, name, f'got {text!r}\nmissing {missing!r}')


def check_forms(qemu):
    for text in ACTIONS:
        qemu.monitor('nvme_fi_add nvme0 id=f,' + text)
        rig.same(text, qemu.monitor('info nvme_fi nvme0'),
                 f"nvme0: state ''\r\n  id=f,{text}; 0 matches, 0 hits\r\n")
        qemu.monitor('nvme_fi_remove nvme0 f')
    # QEMU 7.2 attaches namespaces before the controller is enabled
    version = qemu.execute('query-version')['return']['qemu']['major']
    zoned = 'is not a zoned namespace' if version < 8 else \
        'not found; must be a zoned namespace'
    for text, expected in TRIGGERS:
        expected = expected.replace('NOT A ZONED NAMESPACE', zoned)
        got = qemu.monitor('nvme_fi_trigger nvme0 ' + text)
        rig.result(re.match(expected, got), 'nvme_fi_trigger: ' + text,
                   f'got {got!r}\nexpected {expected!r}')


def main():
    with rig.Qemu() as qemu:
        rig.same('nvme_fi_add prints the id',
                 qemu.monitor('nvme_fi_add nvme0 ' + TEXT), 'h\r\n')
        infos = qemu.execute('query-nvme-fi', device='nvme0')
        rig.same('the same rule as over QMP',
                 infos['return']['rules'][0]['rule'], RULE)
        rig.same('and one with a delay', qemu.monitor(
            'nvme_fi_add nvme0 id=a,action=none,delay-ns=7'), 'a\r\n')
        contains('info nvme_fi of a drive', qemu.monitor('info nvme_fi nvme0'),
                 "nvme0: state ''\r\n  id=h,action=status,queue=io,opcode=read,"
                 'slba=8,nlb=16,sqe.0.dword=12,', 'status=access-denied,dnr=on'
                 '; 0 matches, 0 hits\r\n  id=a,action=none,execute=on,'
                 'delay-ns=7; 0 matches')
        contains('info nvme_fi of all', qemu.monitor('info nvme_fi'),
                 'nvme0:', 'id=h,', 'nvme1:', 'no rules')
        rig.same('nvme_fi_release',
                 qemu.monitor('nvme_fi_release nvme0 h'), '0 released\r\n')
        with tempfile.TemporaryDirectory() as folder:
            rig.same('nvme_fi_record', qemu.monitor(
                f'nvme_fi_record nvme0 {folder}/r'), '0 rules, 0 lost\r\n')
            with open(f'{folder}/r') as file:
                rig.same('and its file', json.load(file), [])
        for line, words in BAD:
            contains(line, qemu.monitor(line), 'Error', *words)
        rig.same('errors changed nothing', qemu.ids(), ['h', 'a'])
        rig.same('nvme_fi_remove', qemu.monitor('nvme_fi_remove nvme0 h,a'),
                 '')
        rig.same('both are gone', qemu.ids(), [])
        check_forms(qemu)
    rig.done()


main()
