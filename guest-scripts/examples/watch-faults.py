#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A client of QMP with QEMU's own library: adds rules to a drive, lets the
# machine run, and prints each fault as it happens.
#
# The library is python/qemu/qmp in the source of QEMU, and qemu.qmp at PyPI.
#
# usage: watch-faults.py SOCKET [RULES-FILE] [--device ID] [--count N]
import argparse
import asyncio
import json
import sys

from qemu.qmp import QMPClient, QMPError

# The first read of the drive fails, as a medium error that no retry heals.
RULES = [{'id': 'denied', 'opcode': 'read', 'action': 'status',
          'status': 'access-denied', 'dnr': True, 'times': 1}]


def line(fault):
    """One fault as a line; a command without an answer has no status."""
    status = fault.get('status')
    return '%s: rule %s, hit %d: opcode 0x%02x on queue %d, %s, %s' % (
        fault['device'], fault['id'], fault['hit'], fault['opcode'],
        fault['qid'], 'carried out' if fault['executed'] else
        'not carried out', 'no answer' if status is None else
        'status 0x%04x' % status)


async def watch(args, rules):
    client = QMPClient('watch-faults')
    await client.connect(args.socket)
    try:
        # listen before the rules are there, so that no fault is missed
        with client.listener('NVME_FI_HIT') as faults:
            answer = await client.execute(
                'nvme-fi-add', {'device': args.device, 'rules': rules})
            print('rules:', ' '.join(answer['ids']), flush=True)
            await client.execute('cont')
            for _ in range(args.count):
                print(line((await faults.get())['data']), flush=True)
        state = await client.execute('query-nvme-fi',
                                     {'device': args.device})
        for rule in state['rules']:
            print('%s: %d matches, %d hits' % (
                rule['rule']['id'], rule['matches'], rule['hits']))
    finally:
        await client.disconnect()


def main():
    parser = argparse.ArgumentParser(description='Print faults of a drive.')
    parser.add_argument('socket', help="of QEMU's -qmp unix:SOCKET,server=on")
    parser.add_argument('rules', nargs='?', help='JSON file of rules '
                        '(default: the first read fails)')
    parser.add_argument('--device', default='nvme0', help='id of the drive')
    parser.add_argument('--count', type=int, default=1,
                        help='end after so many faults (default: 1)')
    args = parser.parse_args()
    rules = RULES
    if args.rules:
        with open(args.rules, encoding='utf-8') as f:
            rules = json.load(f)
    try:
        asyncio.run(watch(args, rules))
    except (OSError, QMPError) as problem:
        # what QEMU says of a wrong rule names the member and what is right
        sys.exit('watch-faults: %s' % problem)


if __name__ == '__main__':
    main()
