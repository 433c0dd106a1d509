#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test counts calls of kernel functions in real guests: of the driver, of
# modules that come and go, and more of them than a buffer holds.
#
# usage: traced-guest-test.py RUNNER BUILD GUEST-DIR INIT KERNEL
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))

# verdict, and the calls in the record
WANTED = {
    'traced/calls': ('pass', {'nvme_complete_rq': 3, '__x64_sys_getpgid': 2}),
    'traced/no-calls': ('pass', {'nvme_complete_rq': 1,
                                 '__x64_sys_getpgid': 0}),
    'traced/module-loaded-later': ('pass', {
        'nvme_complete_rq': 1, 'xfs_fs_get_tree': 1, '__x64_sys_getpgid': 0}),
    'traced/module-removed': ('pass', {'nvme_complete_rq': 1,
                                       '__x64_sys_getpgid': 0}),
    'traced/module-loaded-again': ('pass', {
        'nvme_complete_rq': 1, 'xfs_fs_get_tree': 1, '__x64_sys_getpgid': 0}),
    'traced/wrong-number': ('fail', {
        'nvme_complete_rq': 1, 'xfs_fs_get_tree': 1, '__x64_sys_getpgid': 0}),
    'traced/too-many': ('error', None),
    'traced/after-too-many': ('pass', {
        'nvme_complete_rq': 1, 'xfs_fs_get_tree': 1, '__x64_sys_getpgid': 0}),
    'traced/needs-a-target': ('skip', None),
}
REASONS = {
    'traced/wrong-number':
        'driver.functions.nvme_complete_rq: got 1, expected 2',
    'traced/too-many': 'the kernel dropped calls of functions: their number '
                       'is not known',
    'traced/needs-a-target': 'the kernel has no CONFIG_NVME_TARGET',
}


def run(runner, build, guest_dir, init, kernel, folder):
    base = os.path.join(folder, 'initramfs.cpio')
    open(base, 'wb').close()
    subprocess.run([os.path.join(ROOT, 'guest-scripts/build-initramfs'),
                    '--out', os.path.join(folder, 'initramfs-traced.cpio'),
                    '--kernel', kernel, '--init', init, '--bin',
                    os.path.join(guest_dir, 'traced'), '--expect',
                    os.path.join(ROOT, 'tests/expect/kernels'), '--module',
                    'xfs', '--module', 'no_such_module'],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run([
        runner, 'run', '--emulator',
        os.path.join(build, 'qemu/fi/build/qemu-system-x86_64'),
        '--firmware', os.path.join(build, 'firmware'), '--kernel-image',
        os.path.join(kernel, 'vmlinuz'), '--initrd', base,
        '--guest-dir', guest_dir, '--expect-dir',
        os.path.join(ROOT, 'tests/expect'), '--accel', 'tcg', '--out', folder],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    with open(os.path.join(folder, 'results.jsonl'), encoding='utf-8') as f:
        return {r['case']: r for r in map(json.loads, f)}


def wrong(case, record):
    """What is wrong with the record, or nothing."""
    verdict, calls = WANTED[case]
    if record.get('verdict') != verdict:
        return 'verdict'
    if calls is not None and record['driver'].get('functions') != calls:
        return 'functions'
    if case in REASONS and record.get('reason') != REASONS[case]:
        return 'reason'
    if record.get('finding') != ('an-example' if 'again' in case else None):
        return 'finding'
    return None


def main():
    runner, build, guest_dir, init, name = sys.argv[1:]
    kernel = os.path.join(build, 'kernels', name.replace(':', '-'))
    if not os.path.exists(os.path.join(kernel, 'vmlinuz')):
        print('1..0 # SKIP %s is not set up' % name)
        return
    with tempfile.TemporaryDirectory() as folder:
        records = run(runner, build, guest_dir, init, kernel, folder)
    print('1..%d' % len(WANTED))
    for number, case in enumerate(WANTED, 1):
        record = records.get(case, {})
        mistake = wrong(case, record)
        print('%s %d - %s is %s' % ('not ok' if mistake else 'ok', number,
                                    case, WANTED[case][0]))
        if mistake:
            print('# wrong %s: got %s %r %r' % (
                mistake, record.get('verdict'), record.get('reason'),
                record.get('driver', {}).get('functions')))


if __name__ == '__main__':
    main()
