#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test loses real guests: a panic, a hang and a power-off each fail the
# case that was running, by name, and the rest goes on in a new boot.
#
# usage: lost-guest-test.py RUNNER BUILD GUEST-DIR INIT
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
WANTED = {
    'lost/before': ('pass', ''),
    'lost/panic': ('fail', 'panic'),
    'lost/between': ('pass', ''),
    'lost/hang': ('timeout', ''),
    'lost/again': ('pass', ''),
    'lost/power-off': ('error', ''),
    'lost/after': ('pass', ''),
}


def run(runner, build, guest_dir, init, folder):
    kernel = os.path.join(build, 'kernels/debian-6.12')
    image = os.path.join(folder, 'initramfs.cpio')
    subprocess.run([os.path.join(ROOT, 'guest-scripts/build-initramfs'),
                    '--out', image, '--kernel', kernel, '--init', init,
                    '--bin', os.path.join(guest_dir, 'lost'), '--expect',
                    os.path.join(ROOT, 'tests/expect/kernels')],
                   check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run([
        runner, 'run', '--emulator',
        os.path.join(build, 'qemu/fi/build/qemu-system-x86_64'),
        '--firmware', os.path.join(build, 'firmware'), '--kernel-image',
        os.path.join(kernel, 'vmlinuz'), '--initrd', image, '--guest-dir',
        guest_dir, '--expect-dir', os.path.join(ROOT, 'tests/expect'),
        '--accel', 'tcg', '--timeout', '20', '--out', folder],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    with open(os.path.join(folder, 'results.jsonl'), encoding='utf-8') as f:
        records = [json.loads(line) for line in f]
    return done, {record['case']: record for record in records}


def main():
    runner, build, guest_dir, init = sys.argv[1:]
    if not os.path.exists(os.path.join(build, 'kernels/debian-6.12/vmlinuz')):
        print('1..0 # SKIP debian:6.12 is not set up')
        return
    with tempfile.TemporaryDirectory() as folder:
        done, records = run(runner, build, guest_dir, init, folder)
        consoles = [name for name in os.listdir(folder)
                    if name.startswith('console-')]
    print('1..%d' % (len(WANTED) + 2))
    for number, (case, (verdict, word)) in enumerate(WANTED.items(), 1):
        record = records.get(case, {})
        good = (record.get('verdict') == verdict and
                word in record.get('reason', ''))
        print('%s %d - %s is %s' % ('ok' if good else 'not ok', number, case,
                                    verdict))
        if not good:
            print('# got %r' % record)
    number = len(WANTED)
    print('%s %d - the run fails' % (
        'ok' if done.returncode == 1 else 'not ok', number + 1))
    print('%s %d - each boot keeps its console' % (
        'ok' if len(consoles) == 4 else 'not ok', number + 2))
    if len(consoles) != 4 or done.returncode != 1:
        print('# exit status %d, consoles %r' % (done.returncode, consoles))
        print('# ' + done.stdout.replace('\n', '\n# '))


if __name__ == '__main__':
    main()
