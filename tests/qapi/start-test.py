#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test checks the device properties: rules and bad blocks that are there at
# start, and errors that stop QEMU or device_add with a clear message.
import json
import os
import tempfile

import rig
from rig import rule

HUGE = 100 << 20

# The file's content, and words of the error.
BAD_FILES = [
    ('not JSON', 'status=access-denied', ['JSON']),
    ('empty', '', ['JSON']),
    ('cut off', '[{"action": "none"', ['JSON']),
    ('a NUL byte', '[]\0', ['JSON', 'NUL']),
    ('not a list', '{"action": "none"}', ['rules', 'array']),
    ('unknown member', '[{"action": "none", "colour": 1}]',
     ['rules[0].colour']),
    ('wrong type', '[{"action": "none"}, {"action": "none", "skip": "x"}]',
     ['rules[1].skip']),
    ('bad rule', '[{"id": "x", "action": "status", "status": "nonsense"}]',
     ["rule 'x'", "'nonsense'"]),
]


BAD_MEDIA = [
    ('not JSON', 'slba=8', ['JSON']),
    ('empty', '', ['JSON']),
    ('not a list', '{"slba": 8}', ['media', 'array']),
    ('unknown member', '[{"slba": 8, "colour": 1}]', ['media[0].colour']),
    ('no block', '[{"slba": 8, "nlb": 0}]', ['range number 1', 'nlb 0']),
    ('no slba', '[{"slba": 8}, {"nlb": 1}]', ['range number 2', 'slba']),
    ('bad namespace', '[{"slba": 8, "nsid": 257}]', ['nsid 257']),
    ('bad status', '[{"slba": 8, "status": "nonsense"}]', ["'nonsense'"]),
    ('no error', '[{"slba": 8, "status": "success"}]', ["'success'"]),
    ('too many ranges', '[' + ','.join(65537 * ['{"slba": 8}']) + ']',
     ['65536']),
]


def drive(**members):
    members = {key.replace('_', '-'): value for key, value in members.items()}
    return {'driver': 'nvme', 'id': 'nvme0', 'serial': 'one', **members}


def check_refused(name, device, *words):
    """At QEMU's start, and when the device is added to a running one."""
    status, text = rig.start_fails(device)
    missing = [word for word in words if word not in text]
    # what a sanitizer says about itself begins with ==
    lines = [line for line in text.splitlines() if not line.startswith('==')]
    rig.result(status == 1 and not missing and len(lines) == 1,
               f'{name}: stops QEMU by one message',
               f'exit {status}, missing {missing}: {text}')
    with rig.Qemu({'driver': 'pcie-root-port', 'id': 'rootport0'}) as qemu:
        rig.refused(f'{name}: stops device_add',
                    qemu.execute('device_add', bus='rootport0', **device),
                    *words)
        rig.same(f'{name}: a good one can be added then',
                 qemu.execute('device_add', bus='rootport0', **drive()),
                 {'return': {}})


def check_files(folder):
    path = os.path.join(folder, 'rules.json')
    for name, text, words in BAD_FILES:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        check_refused(f'file with {name}', drive(fi_file=path), path, *words)
    os.truncate(path, HUGE)
    check_refused('file of 100 MB', drive(fi_file=path), path, str(HUGE),
                  str(16 << 20))
    os.unlink(path)
    check_refused('missing file', drive(fi_file=path), path, 'No such file')
    check_refused('folder', drive(fi_file=folder), folder, 'regular file')
    os.mkfifo(path)
    check_refused('FIFO', drive(fi_file=path), path, 'regular file')
    # says that it is a regular file of 0 bytes, and has billions
    endless = '/proc/self/pagemap'
    check_refused('file longer than it says', drive(fi_file=endless), endless,
                  'more than', str(16 << 20))


def check_media_files(folder):
    path = os.path.join(folder, 'media.json')
    for name, text, words in BAD_MEDIA:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        check_refused(f'media file with {name}', drive(fi_media_file=path),
                      'fi-media-file', path, *words)
        with open(path, encoding='utf-8') as file:
            rig.same(f'media file with {name} stays as it was', file.read(),
                     text)
    os.unlink(path)
    check_refused('media file that is a folder', drive(fi_media_file=folder),
                  folder, 'regular file')
    nowhere = os.path.join(folder, 'nowhere', 'media.json')
    check_refused('media file in no folder', drive(fi_media_file=nowhere),
                  nowhere, 'cannot be made', 'No such file')


def check_media_good(folder):
    path = os.path.join(folder, 'kept.json')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('[{"nsid": 3, "slba": 8}, {"nsid": 3, "slba": 9}]')
    shown = {'nsid': 3, 'slba': 8, 'nlb': 2, 'heal': True,
             'status': 'unrecovered-read-error', 'tracked': False,
             'uncorrectable': False}
    with rig.Qemu(drive(fi_media_file=path, fi_crdt1=7)) as qemu:
        rig.same('bad blocks of a file', qemu.execute(
            'query-nvme-fi', device='nvme0')['return']['media'], [shown])
        rig.same('info nvme_fi prints them',
                 qemu.monitor('info nvme_fi nvme0').splitlines()[1:],
                 ['  bad blocks: nsid=3,slba=8,nlb=2,'
                  'status=unrecovered-read-error,heal=on,tracked=off,'
                  'uncorrectable=off'])
        rig.same('none on another drive', qemu.execute(
            'query-nvme-fi', device='nvme1')['return']['media'], [])
        for name, value in ('fi-media-file', path), ('fi-crdt1', 7):
            rig.same(f'{name} can be read', qemu.execute(
                'qom-get', path='/machine/peripheral/nvme0',
                property=name)['return'], value)
            rig.refused(f'too late for {name}', qemu.execute(
                'qom-set', path='/machine/peripheral/nvme0', property=name,
                value=value), name, 'realized')


def check_good(folder):
    path = os.path.join(folder, 'good.json')
    with open(path, 'w', encoding='utf-8') as file:
        json.dump([rule(id='f')], file)
    with rig.Qemu(drive(fi_file=path, fi_rules=[rule(id='r')])) as qemu:
        rig.same('both properties; fi-rules are newer', qemu.ids(),
                 ['f', 'r'])
        rig.same('no rules on another drive', qemu.ids('nvme1'), [])
        rig.refused('too late for a property', qemu.execute(
            'qom-set', path='/machine/peripheral/nvme0', property='fi-file',
            value=path), 'fi-file', 'realized')
        rig.same('the property can be read', qemu.execute(
            'qom-get', path='/machine/peripheral/nvme0',
            property='fi-rules')['return'], [rule(id='r')])


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_good(folder)
        check_files(folder)
        check_media_good(folder)
        check_media_files(folder)
    check_refused('fi-rules with an unknown member',
                  drive(fi_rules=[rule(colour=1)]), 'colour')
    check_refused('fi-rules with a bad rule',
                  drive(fi_rules=[rule(id='x', slba=1, nlb=0)]),
                  "rule 'x'", 'nlb 0')
    check_refused('fi-rules with a duplicate id',
                  drive(fi_rules=[rule(id='x'), rule(id='x')]), "'x'")
    check_refused('fi-rules that are no list', drive(fi_rules=1), 'fi-rules')
    check_refused('fi-crdt3 of 17 bits', drive(fi_crdt3=65536), 'fi-crdt3')
    rig.done()


main()
