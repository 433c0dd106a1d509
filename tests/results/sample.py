# SPDX-License-Identifier: GPL-2.0-or-later
# Records as a run writes them, few and known, for the tests of the report.
import json
import os

KERNELS = {'old': '6.1.0-sample', 'new': '6.12.0-sample'}
# What cannot be shown safely by a page that is careless.
HOSTILE = ('</script><script>window.broken = 1</script><!-- <script> '
           '"\'`${window.broken = 1}` \\u003c \\ \u2028 @DATA@ @SCRIPT@ '
           '<img src=x onerror="window.broken = 1">')
BIG = 9223372036854775807

# name: status, BLK_STS, errno of direct I/O
STATUSES = {
    'invalid-command-opcode': (0x001, 'NOTSUPP', 'EOPNOTSUPP'),
    'internal-error': (0x006, 'IOERR', 'EIO'),
    'command-abort-requested': (0x007, 'IOERR', 'EIO'),
    'capacity-exceeded': (0x081, 'NOSPC', 'ENOSPC'),
    'unrecovered-read-error': (0x281, 'MEDIUM', 'ENODATA'),
    'access-denied': (0x286, 'MEDIUM', 'ENODATA'),
}
APIS = [('read', 'direct'), ('read', 'buffered'), ('read', 'mmap'),
        ('write', 'direct'), ('write', 'ioctl'), ('flush', 'fsync')]


def result(api, status, errno):
    if api == 'ioctl':
        return {'value': status, 'errno': None}
    if api == 'mmap':
        return {'value': -1, 'errno': None, 'signal': 'SIGBUS'}
    return {'value': -1, 'errno': 'EIO' if api == 'buffered' else errno}


def record(run, name, op, api, status_name, attempts=1, recovers=False):
    status, block, errno = STATUSES[status_name]
    if run == 'old' and status_name == 'capacity-exceeded':
        block, errno = 'IOERR', 'EIO'
    wire = [status] * attempts + ([0] if recovers else [status | 0x4000])
    done = {'value': 4096, 'errno': None} if recovers else \
        result(api, status, errno)
    return {
        'case': 'errno/' + name, 'suite': 'errno', 'kernel': KERNELS[run],
        'qemu': '10.0.0',
        'stimulus': {'op': op, 'api': api, 'nsid': 1, 'slba': 2048, 'nlb': 8,
                     'status': status, 'status-name': status_name,
                     'dnr': not recovers},
        'rules': [{'id': 'c1', 'action': 'status', 'opcode': op,
                   'status': status_name, 'dnr': not recovers}],
        'device': {'hits': attempts, 'commands': [
            {'seq': i, 'qid': 1, 'cid': 64 + i, 'opcode': 2, 'executed':
             code == 0, 'status': code} for i, code in enumerate(wire)]},
        'driver': {'completions': [{'status': code, 'retries': i}
                                   for i, code in enumerate(wire)]},
        'block': {'errno': None if recovers else errno, 'requeues':
                  len(wire) - 1, 'bios': 0,
                  'status': 'OK' if recovers else block},
        'log': ['nvme0n1: I/O Cmd(0x2) @ LBA 2048, 8 blocks'],
        'result': done, 'expected': {'device': {'hits': attempts},
                                     'result': done},
        'from': 'nvme_error_status', 'elapsed_ns': 1234567,
        'verdict': 'pass', 'reason': '',
        'repro': "./nvme-fi run --kernel debian:6.12 --filter 'errno/%s'" %
                 name}


def hostile(run):
    odd = record(run, 'hostile-' + HOSTILE, 'read', 'direct',
                 'access-denied')
    odd.update({'log': [HOSTILE], 'reason': HOSTILE, 'verdict': 'fail',
                'suite': HOSTILE, 'unknown-member': {HOSTILE: [HOSTILE]},
                'kernel': HOSTILE, 'finding': HOSTILE, 'repro': HOSTILE})
    odd['stimulus'].update({'api': HOSTILE, 'status-name': HOSTILE})
    odd['result']['observed'] = {'big': BIG, 'small': -BIG, 'half': 0.5}
    return odd


def records(run):
    found = [record(run, '%s-%s-%s' % (op, api, name), op, api, name, 0)
             for name in STATUSES for op, api in APIS]
    found.append(record(run, 'recover-read-direct-access-denied-after-3',
                        'read', 'direct', 'access-denied',
                        3 if run == 'new' else 2, True))
    found[0]['verdict'], found[0]['reason'] = 'fail', 'result.errno: got EIO'
    skipped = {'case': 'errno/skipped', 'suite': 'errno', 'verdict': 'skip',
               'reason': 'the kernel lacks it', 'kernel': KERNELS[run]}
    return found + [skipped] + ([hostile(run)] if run == 'new' else [])


def write(folder, run):
    """A results folder of that name; returns it."""
    out = os.path.join(folder, run)
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, 'results.jsonl'), 'w', encoding='utf-8') as f:
        for one in records(run):
            f.write(json.dumps(one, ensure_ascii=False) + '\n')
    return out
