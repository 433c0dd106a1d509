#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test gives the rules of each preset of guest-scripts/presets to a drive,
# and finds each of them in it; and what a preset must say of itself.
import json
import os

import rig

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      '../../guest-scripts/presets')
MEMBERS = {'title', 'description', 'source', 'example', 'rules'}


def check(name):
    with open(os.path.join(FOLDER, name), encoding='utf-8') as file:
        preset = json.load(file)
    rig.result(MEMBERS <= set(preset) and
               set(preset) <= MEMBERS | {'machine', 'early'},
               f'{name} says what it is', list(preset))
    rig.result(len(preset['title']) < 75 and len(preset['source']) > 30,
               f'{name} has a short title and a source')
    with rig.Qemu() as qemu:
        added = qemu.execute('nvme-fi-add', device='nvme0',
                             rules=preset['rules'])
        rig.same(f'{name} loads', added.get('return', added),
                 {'ids': [rule['id'] for rule in preset['rules']]})


def main():
    names = sorted(os.listdir(FOLDER))
    rig.result(len(names) >= 12, 'there are presets', names)
    for name in names:
        check(name)
    rig.done()


main()
