#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test checks that what query-nvme-fi says can be added again and then
# says the same, for every member of a rule.
import rig
from rig import rule

SQE = [{'dword': dword, 'mask': 0xffffffff, 'value': dword * 0x01010101}
       for dword in range(16)]

RULES = {
    'every member of an I/O rule': rule(
        id='io', queue='io', qid=1, opcode='read', nsid=1, slba=8, nlb=16,
        sqe=SQE, state='armed', skip=1, every=2, times=3, probability=0.25,
        seed=2**63 - 1, set_state='fired', execute=True, delay_ns=5,
        lifetime='until-reset', status='unrecovered-read-error', dnr=True,
        more=True, crd=3),
    'cns': rule(id='cns', queue='admin', opcode='identify', cns=1,
                execute=False),
    'lid': rule(id='lid', queue='admin', opcode='get-log-page', lid=2,
                execute=False),
    'fid': rule(id='fid', queue='admin', opcode='set-features', fid=0x10,
                execute=False),
    'action none': rule(id='none', action='none', execute=True, delay_ns=1),
    'drop': rule(id='drop', action='drop', execute=False),
    'drop that can be aborted': rule(id='aborted', action='drop',
                                     execute=True, abort='aborted'),
    'hold': rule(id='hold', action='hold', execute=False,
                 abort='not-aborted'),
    'uniform delay': rule(id='uniform', action='none', execute=True,
                          delay='uniform', delay_ns=1, delay_max_ns=9,
                          seed=0),
    'exponential delay': rule(id='exponential', action='hold', execute=True,
                              delay='exponential', delay_ns=5, seed=2**64 - 1),
    'ordinal': rule(id='ordinal', qid=0, ordinal=7, execute=False),
    'status without a name': rule(id='number', status='0x7fe',
                                  execute=False),
    'success, acknowledged but not done': rule(id='ok', status='success',
                                               execute=False),
    'opcode without a queue': rule(id='opcode', opcode='0xee',
                                   execute=False),
    'tear': rule(id='tear', action='tear', execute=True, blocks=2**32 - 1,
                 status='write-fault', dnr=True),
    'tear without an answer': rule(id='tear', action='tear', execute=True,
                                   blocks=0, drop=True),
    'lose': rule(id='lose', action='lose', execute=True),
    'misdirect': rule(id='off', action='misdirect', execute=True,
                      by=-2**63),
    'duplicate': rule(id='twice', action='duplicate-execute', execute=True,
                      after_ns=2**63 - 1),
    'cqe': rule(id='cqe', action='cqe', execute=True, cid=0xffff, sqid=1,
                sqhd=2, dw0=2**32 - 1, dw1=0, keep_phase=True, duplicates=16),
    'cqe of before': rule(id='cqe', action='cqe', execute=True,
                          reuse_cid=True, after_reset=True),
    'interrupt': rule(id='irq', action='interrupt', execute=True,
                      interrupt='wrong-vector', vector=0),
    'doorbell': rule(id='db', action='doorbell', execute=True,
                     doorbell='ignored', for_ns=2**63 - 1, count=2**32 - 1),
    'forbid': rule(id='no', action='forbid', execute=True),
    'expect': rule(id='yes', action='expect', execute=True, times=2,
                   within_ns=2**63 - 1),
    'triggers': rule(id='many', execute=False, trigger=[
        {'trigger': 'interrupt', 'interrupt': 'wrong-vector', 'vector': 1,
         'qid': 2},
        {'trigger': 'interrupt', 'interrupt': 'spurious'},
        {'trigger': 'doorbell', 'doorbell': 'ignored', 'count': 1,
         'for-ns': 2, 'qid': 3},
        {'trigger': 'media'},
        {'trigger': 'media', 'nsid': 256, 'slba': 2**63 - 2, 'nlb': 2,
         'status': '0x4281', 'heal': False, 'good': False}]),
    'controller triggers': rule(id='down', execute=False, trigger=[
        {'trigger': 'controller', 'fault': 'fatal', 'for-ns': 2**63 - 1,
         'times': 2**32 - 1},
        {'trigger': 'controller', 'fault': 'fatal', 'sticky': True},
        {'trigger': 'controller', 'fault': 'gone'},
        {'trigger': 'controller', 'fault': 'aer', 'aer-error': 'COMP_TIME'}]),
    'event triggers': rule(id='events', execute=False, trigger=[
        {'trigger': 'event', 'event': 'smart', 'critical-warning': 255,
         'temperature': 65535, 'available-spare': 100,
         'percentage-used': 255},
        {'trigger': 'event', 'event': 'error', 'status': 'write-fault'},
        {'trigger': 'event', 'event': 'ana', 'nsid': 2,
         'ana-state': 'persistent-loss'},
        {'trigger': 'event', 'event': 'zone', 'nsid': 2, 'slba': 2**63 - 1},
        {'trigger': 'event', 'event': 'raw', 'type': 7, 'info': 255,
         'lid': 255}]),
    'overlay': {'id': 'overlay', 'action': 'overlay', 'queue': 'admin',
                'opcode': 'identify', 'cns': 1, 'execute': True,
                'patches': [{'offset': 77, 'value': 'a5FF', 'mask': '0f00'},
                            {'offset': 2**32 - 1, 'value': '00'}]},
    'corrupt': {'id': 'corrupt', 'action': 'corrupt', 'queue': 'io',
                'opcode': 'read', 'execute': True, 'target': 'app-tag',
                'how': 'fill', 'where': 'before-check', 'value': 255,
                'offset': 2**32 - 1, 'length': 1},
    'corrupt, nothing given': {'id': 'corrupt', 'action': 'corrupt',
                               'execute': True},
    'trigger zone': {'id': 'zone', 'action': 'none', 'execute': True,
                     'trigger': [
                         {'trigger': 'zone', 'nsid': 1, 'slba': 8,
                          'state': 'read-only', 'write-pointer': -2**63,
                          'reported-write-pointer': 2**63 - 1,
                          'max-open': 2**32 - 1, 'max-active': 1}]},
    'power cut': rule(id='cut', action='none', execute=True, trigger=[
        {'trigger': 'power-cut', 'seed': 2**63 - 1, 'lose': 0.25, 'tear': 1,
         'reorder': True, 'reset': False}]),
    'empty states': rule(id='empty', state='', set_state='', execute=False),
}

# What may be written in another way, and how it is shown.
NORMAL = [
    ('bits in a status are shown as members', {'status': '0x7a86'},
     {'status': 'access-denied', 'dnr': True, 'more': True, 'crd': 3}),
    ('opcode as a number gets its name', {'queue': 'io', 'opcode': '0x02'},
     {'queue': 'io', 'opcode': 'read'}),
    ('the name of an opcode gives its queue', {'opcode': 'identify'},
     {'queue': 'admin', 'opcode': 'identify'}),
    ('nlb is 1 by default', {'slba': 7}, {'slba': 7, 'nlb': 1}),
    ('execute is false by default', {}, {'execute': False}),
    ('crd of status and member are or-ed', {'status': '0x0a86', 'crd': 2},
     {'status': 'access-denied', 'crd': 3}),
]


def shown(qemu, **given):
    """The rule as query shows it after it was added alone."""
    qemu.execute('nvme-fi-clear', device='nvme0')
    answer = qemu.add(given)
    if 'error' in answer:
        return answer
    infos = qemu.execute('query-nvme-fi', device='nvme0')['return']['rules']
    return infos[0]['rule']


# What makes a rule draw a seed.
CHOICES = {
    'probability': {'probability': 0.5},
    'uniform delay': {'delay': 'uniform', 'delay_max_ns': 5},
    'exponential delay': {'delay': 'exponential', 'delay_ns': 5},
}


def check_seed(qemu, name, **choice):
    first = shown(qemu, **rule(id='p', **choice))
    second = shown(qemu, **rule(id='p', **choice))
    rig.result(0 <= first.get('seed', -1) < 2**63,
               f'{name}: a seed that was drawn is shown', first)
    rig.result(first['seed'] != second['seed'],
               f'{name}: each seed is drawn anew', [first, second])
    rig.same(f'{name}: and makes the same rule', shown(qemu, **first), first)


def main():
    with rig.Qemu() as qemu:
        for name, given in RULES.items():
            got = shown(qemu, **given)
            rig.same(f'{name}: shown as given', got, given)
            rig.same(f'{name}: added again', shown(qemu, **got), got)
        for name, given, expected in NORMAL:
            got = shown(qemu, **rule(id='x', **given))
            rig.same(name, {key: got.get(key) for key in expected}, expected)
            rig.same(f'{name}: added again', shown(qemu, **got), got)
        for name, choice in CHOICES.items():
            check_seed(qemu, name, **choice)
        rig.same('rules without an id get one each', qemu.add(
            {'action': 'none'}, rule(id='rule1'), {'action': 'none'}),
            {'return': {'ids': ['rule0', 'rule1', 'rule2']}})
        rig.same('oldest first', qemu.ids(), ['p', 'rule0', 'rule1', 'rule2'])
    rig.done()


main()
