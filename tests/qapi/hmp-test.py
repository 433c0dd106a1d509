#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test checks the HMP forms: a rule as key=value text is the same rule as
# over QMP, and errors are printed.
import rig

TEXT = ('id=h,opcode=read,slba=8,nlb=0x10,action=status,'
        'status=access-denied,dnr=on,times=1,probability=0.5,seed=3,'
        'sqe.0.dword=12,sqe.0.mask=0xffff,sqe.0.value=7,execute=off')
RULE = {'id': 'h', 'queue': 'io', 'opcode': 'read', 'slba': 8, 'nlb': 16,
        'action': 'status', 'status': 'access-denied', 'dnr': True,
        'times': 1, 'probability': 0.5, 'seed': 3, 'execute': False,
        'sqe': [{'dword': 12, 'mask': 0xffff, 'value': 7}]}

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
    ('info nvme_fi serial0', ["'serial0'", 'not an nvme']),
]


def contains(name, text, *words):
    missing = [word for word in words if word not in text]
    rig.result(not missing, name, f'got {text!r}\nmissing {missing!r}')


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
                 'nvme0:', 'h: io read slba 8 nlb 16 -> status access-denied',
                 'not executed', '0 hits', 'a: -> none, 7 ns late')
        contains('info nvme_fi of all', qemu.monitor('info nvme_fi'),
                 'nvme0:', 'h: ', 'nvme1:', 'no rules')
        for line, words in BAD:
            contains(line, qemu.monitor(line), 'Error', *words)
        rig.same('errors changed nothing', qemu.ids(), ['h', 'a'])
        rig.same('nvme_fi_remove', qemu.monitor('nvme_fi_remove nvme0 h,a'),
                 '')
        rig.same('both are gone', qemu.ids(), [])
    rig.done()


main()
