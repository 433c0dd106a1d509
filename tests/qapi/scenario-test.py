#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test loads each rules file of guest-scripts/scenarios at the start of a
# drive, and finds each of its rules in the drive, with no other id.
import json
import os

import rig

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      '../../guest-scripts/scenarios')
RULES_PAGE = os.path.join(FOLDER, '../../docs/rules.md')


def load(name):
    with open(os.path.join(FOLDER, name), encoding='utf-8') as file:
        return json.load(file)


def check(name, page):
    rules = load(name)
    ids = [rule.get('id') for rule in rules]
    drive = {'driver': 'nvme', 'id': 'nvme0', 'serial': 'one',
             'fi-write-cache': 1 << 20,
             'fi-file': os.path.join(FOLDER, name)}
    with rig.Qemu(drive) as qemu:
        rig.same(f'{name} loads', qemu.ids(), ids)
        infos = qemu.execute('query-nvme-fi', device='nvme0')['return']
        shown = [info['rule'] for info in infos['rules']]
        # what the file says is what the drive has, but for defaults
        rig.same(f'{name} means what it says',
                 [{key: got.get(key) for key in rule}
                  for got, rule in zip(shown, rules)], rules)
    rig.result(f'`{name}`' in page, f'{name} is explained in docs/rules.md')


def main():
    with open(RULES_PAGE, encoding='utf-8') as file:
        page = file.read()
    names = sorted(os.listdir(FOLDER))
    rig.result(len(names) > 10, 'there are scenarios', names)
    for name in names:
        check(name, page)
    rig.done()


main()
