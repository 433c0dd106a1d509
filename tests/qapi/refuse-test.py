#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test checks that bad input over QMP gets one clear error, which names
# the rule, the member and the value, and that it changes nothing.
import rig
from rig import rule


def overlay(*patches):
    return {'action': 'overlay', 'id': 'x', 'patches': list(patches)}


def corrupt(**members):
    return {'action': 'corrupt', 'id': 'x', **members}


def zone(*members):
    return {'action': 'none', 'id': 'x', 'trigger': [
        {'trigger': 'zone', **dict(*members)}]}


# What is wrong, the rule, and words of the error.
BAD_RULES = [
    ('unknown member', rule(id='x', colour='red'), ['colour']),
    ('unknown action', {'action': 'explode'}, ['action', 'explode']),
    ('no action', {'opcode': 'read'}, ['action']),
    ('status without a status', {'action': 'status'}, ['status']),
    ('status member with action none',
     {'action': 'none', 'status': 'success'}, ['status']),
    ('unknown opcode', rule(id='x', opcode='raed'),
     ["nvme-fi: rule 'x': opcode 'raed': unknown; did you mean 'read'?"]),
    ('opcode over 8 bits', rule(id='x', opcode='256'), ["'x'", "'256'"]),
    ('unknown status', rule(id='x', status='acess-denied'),
     ["rule 'x': status 'acess-denied'", "did you mean 'access-denied'?"]),
    ('status over 15 bits', rule(id='x', status='0x8000'),
     ["'x'", "status '0x8000'", '0x7fff']),
    ('crd over 2 bits', rule(id='x', crd=4), ["'x'", 'crd 4', '0 to 3']),
    ('nlb 0', rule(id='x', slba=8, nlb=0), ["'x'", 'nlb 0', 'must be 1']),
    ('nlb without slba', rule(id='x', nlb=8), ["'x'", 'nlb 8', 'slba']),
    ('range that wraps', rule(id='x', slba=2**63 - 1, nlb=2),
     ["'x'", 'nlb 2', 'wraps']),
    ('slba above 2^63-1', rule(id='x', slba=2**63), ["'x'", 'slba']),
    ('skip above 2^63-1', rule(id='x', skip=2**64 - 1), ["'x'", 'skip']),
    ('negative skip', rule(id='x', skip=-1), ["'x'", 'skip']),
    ('every 0', rule(id='x', every=0), ["'x'", 'every 0', 'must be 1']),
    ('times 0', rule(id='x', times=0), ["'x'", 'times 0', 'leave it out']),
    ('probability above 1', rule(id='x', probability=1.5),
     ["'x'", 'probability 1.5', '0 to 1']),
    ('probability below 0', rule(id='x', probability=-0.5),
     ["'x'", 'probability -0.5', '0 to 1']),
    ('delay above 2^63-1', rule(id='x', delay_ns=2**63), ["'x'", 'delay-ns']),
    ('delay-max-ns of a fixed delay', rule(id='x', delay_max_ns=5),
     ["'x'", 'delay-max-ns 5', 'left out']),
    ('uniform delay the wrong way round',
     rule(id='x', delay='uniform', delay_ns=5, delay_max_ns=4),
     ["'x'", 'delay-max-ns 4']),
    ('drop with an unknown abort',
     rule(id='x', action='drop', abort='maybe'), ["'maybe'"]),
    ('hold with a status', rule(id='x', action='hold', status='success'),
     ['status']),
    ('dword 16', rule(id='x', sqe=[{'dword': 16, 'mask': 1, 'value': 1}]),
     ["'x'", 'sqe[0]', 'dword 16', '0 to 15']),
    ('value outside of mask',
     rule(id='x', sqe=[{'dword': 10, 'mask': 1, 'value': 2}]),
     ["'x'", 'sqe[0]', 'mask']),
    ('17 dwords',
     rule(id='x', sqe=[{'dword': 1, 'mask': 1, 'value': 1}] * 17),
     ["'x'", 'sqe', '17', '16']),
    ('opcode of the other queue', rule(id='x', queue='admin', opcode='read'),
     ["'x'", 'read']),
    ('none without execute', {'action': 'none', 'id': 'x', 'execute': False},
     ["'x'", 'execute', "status 'success'"]),
    ('overlay without a patch', overlay(), ["'x'", 'patches', '1 to 64']),
    ('65 patches', overlay(*[{'offset': 0, 'value': '00'}] * 65),
     ["'x'", 'patches', 'too many', '1 to 64']),
    ('patch of no byte', overlay({'offset': 0, 'value': ''}),
     ["'x'", "patches[0]: value ''", '1 to 64 bytes']),
    ('half a byte', overlay({'offset': 0, 'value': '00'},
                            {'offset': 0, 'value': '123'}),
     ["'x'", "patches[1]: value '123'", 'two hexadecimal digits']),
    ('no hexadecimal digit', overlay({'offset': 0, 'value': '0x'}),
     ["'x'", "value '0x'", 'two hexadecimal digits']),
    ('patch of 65 bytes', overlay({'offset': 0, 'value': '00' * 65}),
     ["'x'", 'value', '1 to 64 bytes']),
    ('mask of another length', overlay({'offset': 0, 'value': '0011',
                                        'mask': '0f'}),
     ["'x'", "patches[0]: mask '0f'", 'has 1 bytes', 'must have 2']),
    ('mask that is none', overlay({'offset': 0, 'value': '00',
                                   'mask': 'no'}), ["'x'", "mask 'no'"]),
    ('offset over 32 bits', overlay({'offset': 2**32, 'value': '00'}),
     ['offset']),
    ('overlay that is not carried out',
     {'action': 'overlay', 'id': 'x', 'execute': False,
      'patches': [{'offset': 0, 'value': '00'}]}, ["'x'", 'execute off']),
    ('corrupt by no bit', corrupt(value=0),
     ["'x'", 'value 0', '1 to 255']),
    ('value of zeroes', corrupt(how='zero', value=0),
     ["'x'", 'value 0', "how 'zero'", 'leave it out']),
    ('value of random bytes', corrupt(how='random', value=1),
     ["'x'", 'value 1', "how 'random'"]),
    ('corrupt no byte', corrupt(length=0), ["'x'", 'length 0', '1 or more']),
    ('corrupt a flush', corrupt(opcode='flush'),
     ["'x'", "opcode 'flush'", 'read, write, write-zeroes or zone-append']),
    ('corrupt an admin command', corrupt(opcode='identify'),
     ["'x'", "opcode 'identify'", 'must be read']),
    ('corrupt a write on the way to the host',
     corrupt(opcode='write', where='host'),
     ["'x'", "where 'host'", 'before-check or medium']),
    ('corrupt zeroes before the check',
     corrupt(opcode='write-zeroes', where='before-check'),
     ["'x'", "where 'before-check'", 'must be medium']),
    ('zone that does not change', zone(), ["'x'", 'trigger number 1', 'zone',
                                           'write-pointer']),
    ('no open zone', zone({'max-open': 0}), ["'x'", 'max-open 0', '1 or more']),
    ('no active zone', zone({'max-active': 0}), ['max-active 0']),
    ('limit of one zone', zone({'max-open': 1, 'slba': 8}),
     ["'x'", 'slba 8', 'leave it out']),
    ('empty id', rule(id=''), ['id', '1 to 63']),
    ('id of 64 bytes', rule(id='i' * 64), ['64 bytes', '1 to 63']),
    ('qid over 16 bits', rule(id='x', qid=65536), ['qid', 'uint16']),
    ('tear without blocks', {'action': 'tear', 'id': 'x'}, ['blocks']),
    ('tear with an unknown status', {'action': 'tear', 'id': 'x', 'blocks': 1,
                                     'status': 'write-fualt'},
     ["'x'", "'write-fualt'", "'write-fault'"]),
    ('tear with a status that nobody gets',
     {'action': 'tear', 'id': 'x', 'blocks': 1, 'status': 'write-fault',
      'drop': True}, ["'x'", 'drop on', "leave out 'status'"]),
    ('dnr of no status', {'action': 'tear', 'id': 'x', 'blocks': 1,
                          'dnr': True}, ["'x'", 'dnr', 'needs status']),
    ('lose that is not carried out', {'action': 'lose', 'id': 'x',
                                      'execute': False},
     ["'x'", 'execute off', 'lose']),
    ('misdirect to its own place', {'action': 'misdirect', 'id': 'x',
                                    'by': 0}, ["'x'", 'by 0', 'must not']),
    ('duplicate too late', {'action': 'duplicate-execute', 'id': 'x',
                            'after-ns': 2**63},
     ["'x'", f'after-ns {2**63}', '2^63-1']),
    ('cqe that changes nothing', {'action': 'cqe', 'id': 'x'},
     ["'x'", "action 'cqe'", 'changes nothing', 'keep-phase']),
    ('cqe with members that are off', {'action': 'cqe', 'id': 'x',
                                       'reuse-cid': False}, ['nothing']),
    ('cid twice', {'action': 'cqe', 'id': 'x', 'cid': 7, 'reuse-cid': True},
     ["'x'", 'reuse-cid', 'cid 7']),
    ('stale entry that is not seen', {'action': 'cqe', 'id': 'x',
                                      'keep-phase': True,
                                      'after-reset': True},
     ["'x'", 'keep-phase', 'after-reset']),
    ('no duplicate', {'action': 'cqe', 'id': 'x', 'duplicates': 0},
     ["'x'", 'duplicates 0', '1 to 16']),
    ('17 duplicates', {'action': 'cqe', 'id': 'x', 'duplicates': 17},
     ["'x'", 'duplicates 17', '1 to 16']),
    ('vector of a lost interrupt', {'action': 'interrupt', 'id': 'x',
                                    'interrupt': 'lost', 'vector': 1},
     ["'x'", 'vector 1', 'wrong-vector']),
    ('wrong vector without one', {'action': 'interrupt', 'id': 'x',
                                  'interrupt': 'wrong-vector'},
     ["'x'", 'wrong-vector', 'needs vector']),
    ('vector beyond MSI-X', {'action': 'interrupt', 'id': 'x',
                             'interrupt': 'wrong-vector', 'vector': 2048},
     ["'x'", 'vector 2048', '0 to 2047']),
    ('doorbell for no time', {'action': 'doorbell', 'id': 'x',
                              'doorbell': 'stuck', 'for-ns': 0},
     ["'x'", 'for-ns 0', 'leave it out']),
    ('doorbell for too long', {'action': 'doorbell', 'id': 'x',
                               'doorbell': 'stuck', 'for-ns': 2**63},
     ["'x'", f'for-ns {2**63}', '2^63-1']),
    ('count of a stuck queue', {'action': 'doorbell', 'id': 'x',
                                'doorbell': 'stuck', 'count': 3},
     ["'x'", 'count 3', 'ignored']),
    ('no doorbell ignored', {'action': 'doorbell', 'id': 'x',
                             'doorbell': 'ignored', 'count': 0},
     ["'x'", 'count 0', 'must be 1']),
    ('no time for what is expected', {'action': 'expect', 'id': 'x',
                                      'within-ns': 0},
     ["'x'", 'within-ns 0', 'leave it out']),
    ('too much time for it', {'action': 'expect', 'id': 'x',
                              'within-ns': 2**63},
     ["'x'", f'within-ns {2**63}', '2^63-1']),
    ('interrupt that is not carried out', {'action': 'interrupt', 'id': 'x',
                                           'interrupt': 'lost',
                                           'execute': False},
     ["'x'", 'execute off', 'interrupt']),
    ('bad trigger of a rule', {'action': 'none', 'id': 'x', 'trigger': [
        {'trigger': 'interrupt', 'interrupt': 'lost'},
        {'trigger': 'doorbell', 'doorbell': 'stuck', 'count': 1}]},
     ["'x'", 'trigger number 2', 'count 1']),
    ('number of blocks of the command', {'action': 'none', 'id': 'x',
                                         'trigger': [{'trigger': 'media',
                                                      'nlb': 1}]},
     ["'x'", 'trigger number 1', 'slba', 'must be given']),
    ('17 triggers', {'action': 'none', 'id': 'x', 'trigger': 17 * [
        {'trigger': 'interrupt', 'interrupt': 'lost'}]},
     ["'x'", 'trigger', 'more than 16']),
    ('no id: the error says which', {'action': 'status', 'status': 'nonsense'},
     ['rule number 2 of the list']),
]



def controller(fault, more={}):
    return {'trigger': 'controller', 'fault': fault, **more}


def event(kind, more={}):
    return {'trigger': 'event', 'event': kind, **more}


# What is wrong, the trigger, and words of the error. The host has made no
# queue.
BAD_TRIGGERS = [
    ('unknown trigger', {'trigger': 'weather'}, ['weather']),
    ('interrupt of no queue', {'trigger': 'interrupt', 'interrupt': 'lost'},
     ['number 1 of the list', 'qid 1', 'no such Completion Queue']),
    ('interrupt of a queue that cannot be',
     {'trigger': 'interrupt', 'interrupt': 'spurious', 'qid': 65535},
     ['qid 65535', 'no such Completion Queue']),
    ('vector of a spurious interrupt',
     {'trigger': 'interrupt', 'interrupt': 'spurious', 'vector': 1},
     ['vector 1', 'wrong-vector']),
    ('power cut without a cache', {'trigger': 'power-cut'},
     ['number 1 of the list', 'fi-write-cache']),
    ('too great a chance', {'trigger': 'power-cut', 'lose': 1.5},
     ['lose 1.5', '0 to 1']),
    ('too small a chance', {'trigger': 'power-cut', 'tear': -0.5},
     ['tear -0.5', '0 to 1']),
    ('seed of a power cut', {'trigger': 'power-cut', 'seed': 2**63},
     [f'seed {2**63}', '2^63-1']),
    ('doorbell of no queue', {'trigger': 'doorbell', 'doorbell': 'stuck',
                              'qid': 2},
     ['qid 2', 'no such Submission Queue']),
    ('doorbell of a queue that cannot be',
     {'trigger': 'doorbell', 'doorbell': 'stuck', 'qid': 65535},
     ['qid 65535', 'no such Submission Queue']),
    ('doorbell for no time', {'trigger': 'doorbell', 'doorbell': 'ignored',
                              'for-ns': 0}, ['for-ns 0']),
    ('bad blocks of no namespace', {'trigger': 'media', 'slba': 0,
                                    'nsid': 2},
     ['nsid 2', 'no such namespace']),
    ('bad blocks of a namespace that cannot be',
     {'trigger': 'media', 'slba': 0, 'nsid': 257}, ['nsid 257', '1 to 256']),
    ('bad blocks that are not said', {'trigger': 'media'},
     ['slba', 'must be given']),
    ('no bad block', {'trigger': 'media', 'slba': 0, 'nlb': 0},
     ['nlb 0', 'must be 1']),
    ('bad blocks beyond all', {'trigger': 'media', 'slba': 2**63},
     [f'slba {2**63}', '2^63-1']),
    ('bad blocks of an unknown status',
     {'trigger': 'media', 'slba': 0, 'status': 'nonsense'}, ["'nonsense'"]),
    ('bad blocks that can be read',
     {'trigger': 'media', 'slba': 0, 'status': 'success'},
     ["'success'", 'must be an error']),
    ('good blocks with a status', {'trigger': 'media', 'slba': 0,
                                   'good': True, 'status': '0x281'},
     ['good', 'status']),
    ('late, and no word when', controller('ready-late'),
     ['for-ns: must be given', "'ready-late'"]),
    ('never, after some time', controller('ready-never', {'for-ns': 1}),
     ['for-ns 1: not', "'ready-never'"]),
    ('fatal for too long', controller('fatal', {'for-ns': 2**63}),
     [f'for-ns {2**63}', f'at most {2**63 - 1}']),
    ('fatal never', controller('fatal', {'times': 0}),
     ['times 0', 'must be 1']),
    ('gone twice', controller('gone', {'times': 2}), ['times 2', "'gone'"]),
    ('sticky link', controller('link-down', {'sticky': True}),
     ['sticky', "'link-down'", "only with 'fatal'"]),
    ('sticky loop', controller('fatal', {'sticky': True, 'times': 2}),
     ['times 2', 'sticky']),
    ('aer without an error', controller('aer'), ['aer-error: must be given']),
    ('aer with an unknown one', controller('aer', {'aer-error': 'COMP'}),
     ["aer-error 'COMP'", 'COMP_TIME']),
    ('aer with two', controller('aer', {'aer-error': '0x30'}), ["'0x30'"]),
    ('an error of something else', controller('gone', {'aer-error': 'DLP'}),
     ["aer-error 'DLP'", "only with 'aer'"]),
    ('unplug where it cannot be', controller('unplug'),
     ["'nvme0'", 'cannot be unplugged', 'pcie-root-port']),
    ('smart without a change', event('smart'),
     ['needs one of critical-warning']),
    ('too much spare', event('smart', {'available-spare': 101}),
     ['available-spare 101', '0 to 100']),
    ('member of another event', event('firmware', {'nsid': 1}),
     ['nsid: not with', "'firmware'"]),
    ('bad status of an error', event('error', {'status': 'nonsense'}),
     ["'nonsense'"]),
    ('ana without a state', event('ana'), ['ana-state: must be given']),
    ('raw without a type', event('raw', {'info': 1}),
     ['type: must be given']),
    ('type over 3 bits', event('raw', {'type': 8, 'info': 1}),
     ['type 8', '0 to 7']),
    ('namespace that cannot be', event('namespace', {'nsid': 257}),
     ['nsid 257', '1 to 256']),
]

BAD_DEVICES = [
    ('unknown device', 'nvme9', ["'nvme9'", 'not found', 'qdev ID']),
    ('device that is not nvme', 'serial0', ["'serial0'", 'not an nvme']),
    ('unknown path', '/machine/nowhere', ["'/machine/nowhere'", 'not found']),
    ('path of no device', '/machine', ["'/machine'", 'not an nvme']),
    ('empty name', '', ["''", 'not found']),
]

BAD_RELEASES = [
    ('release of none', {'count': 0}, ['count 0', 'must be 1']),
    ('release of too many', {'count': 2**63}, ['count', '2^63-1']),
    ('release with an unknown status', {'status': 'fine'}, ["'fine'"]),
    ('release with DNR alone', {'dnr': True}, ['dnr', 'status']),
]

COMMANDS = [
    ('nvme-fi-add', {'rules': []}),
    ('nvme-fi-remove', {'ids': []}),
    ('nvme-fi-clear', {}),
    ('nvme-fi-release', {}),
    ('nvme-fi-record', {}),
    ('query-nvme-fi', {}),
    ('query-nvme-fi-log', {}),
]

MAX_RULES = 1 << 20             # FI_MAX_RULES, hw-nvme-fi/engine/rule.h
BATCH = 1 << 16


def check_rules(qemu):
    # each time the last of a list, of which the good one must not stay
    for name, bad, words in BAD_RULES:
        rig.refused(name, qemu.add(rule(id='good'), bad), *words)
    rig.same('a list with one bad rule adds none', qemu.ids(), [])

    rig.refused('duplicate id in a list', qemu.add(rule(id='d'), rule(id='d')),
                "'d'")
    rig.same('a duplicate id adds none', qemu.ids(), [])
    rig.same('two rules', qemu.add(rule(id='a'), rule(id='b')),
             {'return': {'ids': ['a', 'b']}})
    rig.refused('id that is taken', qemu.add(rule(id='c'), rule(id='a')),
                "'a'")
    rig.refused('removal of an unknown id',
                qemu.execute('nvme-fi-remove', device='nvme0',
                             ids=['a', 'nobody']), "'nobody'")
    rig.refused('query of an unknown id',
                qemu.execute('query-nvme-fi', device='nvme0',
                             ids=['a', 'nobody']), "'nobody'", 'not found')
    rig.same('what failed changed nothing', qemu.ids(), ['a', 'b'])
    rig.same('removal', qemu.execute('nvme-fi-remove', device='nvme0',
                                     ids=['a']), {'return': {}})
    rig.same('the other rule stays', qemu.ids(), ['b'])
    rig.same('the other drive has none', qemu.ids('nvme1'), [])
    rig.refused('removal where there never was a rule',
                qemu.execute('nvme-fi-remove', device='nvme1', ids=['a']),
                "'a'")


def check_triggers(qemu):
    for name, bad, words in BAD_TRIGGERS:
        rig.refused(f'trigger: {name}',
                    qemu.execute('nvme-fi-trigger', device='nvme0',
                                 triggers=[bad]), *words)


def check_bound(qemu):
    for _ in range(MAX_RULES // BATCH):
        answer = qemu.add(*[{'action': 'none'}] * BATCH, device='nvme1')
        if 'return' not in answer:
            break
    rig.result('return' in answer, 'as many rules as are allowed', answer)
    rig.refused('one more', qemu.add({'action': 'none'}, device='nvme1'),
                str(MAX_RULES))
    rig.same('clear', qemu.execute('nvme-fi-clear', device='nvme1'),
             {'return': {}})
    rig.same('nothing is left', qemu.ids('nvme1'), [])


def main():
    with rig.Qemu() as qemu:
        for what, device, words in BAD_DEVICES:
            for command, args in COMMANDS:
                rig.refused(f'{command}: {what}',
                            qemu.execute(command, device=device, **args),
                            *words)
        for what, args, words in BAD_RELEASES:
            rig.refused(what, qemu.execute('nvme-fi-release', device='nvme0',
                                           **args), *words)
        check_rules(qemu)
        check_triggers(qemu)
        check_bound(qemu)
    rig.done()


main()
