#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test resets real guests: cases go on after resets that they expect, one
# that did not expect it is lost, and a program of the image runs.
#
# usage: again-guest-test.py RUNNER BUILD GUEST-DIR INIT
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
WANTED = {
    'again/before': 'pass', 'again/program': 'pass', 'again/reset': 'pass',
    'again/between': 'pass', 'again/reboot-twice': 'pass',
    'again/unexpected': 'error', 'again/after': 'pass',
}


def image(path, build, guest_dir, init, more):
    subprocess.run([os.path.join(ROOT, 'guest-scripts/build-initramfs'),
                    '--out', path, '--kernel',
                    os.path.join(build, 'kernels/debian-6.12'), '--init', init,
                    '--bin', os.path.join(guest_dir, 'again'), '--expect',
                    os.path.join(ROOT, 'tests/expect/kernels')] + more,
                   check=True, stdout=subprocess.DEVNULL)


def run(runner, build, guest_dir, init, folder):
    base = os.path.join(folder, 'initramfs.cpio')
    image(os.path.join(folder, 'initramfs-again.cpio'), build, guest_dir,
          init, ['--program', 'mkfs.ext4', '--module', 'xfs'])
    done = subprocess.run([
        runner, 'run', '--emulator',
        os.path.join(build, 'qemu/fi/build/qemu-system-x86_64'),
        '--firmware', os.path.join(build, 'firmware'), '--kernel-image',
        os.path.join(build, 'kernels/debian-6.12/vmlinuz'), '--initrd', base,
        '--guest-dir', guest_dir, '--expect-dir',
        os.path.join(ROOT, 'tests/expect'), '--accel', 'tcg', '--out', folder],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    with open(os.path.join(folder, 'results.jsonl'), encoding='utf-8') as f:
        return done, {r['case']: r for r in map(json.loads, f)}


def main():
    runner, build, guest_dir, init = sys.argv[1:]
    if not os.path.exists(os.path.join(build, 'kernels/debian-6.12/vmlinuz')):
        print('1..0 # SKIP debian:6.12 is not set up')
        return
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, 'initramfs.cpio'), 'wb').close()
        _, records = run(runner, build, guest_dir, init, folder)
    print('1..%d' % len(WANTED))
    for number, (case, verdict) in enumerate(WANTED.items(), 1):
        record = records.get(case, {})
        good = record.get('verdict') == verdict
        print('%s %d - %s is %s' % ('ok' if good else 'not ok', number, case,
                                    verdict))
        if not good:
            print('# got %r' % record)


if __name__ == '__main__':
    main()
