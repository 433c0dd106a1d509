#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# What rules and evidence cost, as ratios in one run: a table for people, and
# one JSON object for programs.
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import usage

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
BUILD = os.path.join(ROOT, 'build')
FI = os.path.join(BUILD, 'qemu/fi/build')
# of the version that is measured; the program that measures is in FI
TREE = os.environ.get('NVME_FI_QEMU_TREE', os.path.join(BUILD, 'qemu'))
STOCK_QEMU = os.path.join(TREE, 'stock/build/qemu-system-x86_64')
FI_QEMU = os.path.join(TREE, 'fi/build/qemu-system-x86_64')
FIRMWARE = os.path.join(BUILD, 'firmware')
KERNEL = os.path.join(BUILD, 'kernels/debian-6.12')
STATUSES = 2047         # what the bare loop sends: all but success
BOOTS = 3               # the quickest of so many counts
BOOT_DEADLINE = 120     # seconds


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(argv, env=None):
    """Runs a program to its end; what it printed to either stream."""
    done = subprocess.run(argv, env=env, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit('bench: %s failed with status %d:\n%s%s' % (
            argv[0], done.returncode, done.stdout, done.stderr))
    return done.stdout, done.stderr


def device(turns):
    """Commands per second of the bare device, and memory per rule."""
    env = dict(os.environ, NVME_FI_QEMU=FI_QEMU,
               NVME_FI_STOCK_QEMU=STOCK_QEMU)
    out, _ = run([os.path.join(FI, 'tests/bench/nvme-fi/device-bench'),
                  str(turns)], env)
    return json.loads(out[out.index('{'):])


def image(folder, init, programs):
    path = os.path.join(folder, 'initramfs.cpio')
    argv = [os.path.join(ROOT, 'guest-scripts/build-initramfs'), '--out',
            path, '--kernel', KERNEL, '--init', init]
    for program in programs:
        argv += ['--bin', program]
    for name in ('kernels', 'blk_errors'):
        argv += ['--expect', os.path.join(ROOT, 'tests/expect', name)]
    run(argv)
    return path


def runner(folder, initrd, guest_dir, args):
    """One run of the runner: seconds, seconds to 'up', and its records."""
    begin = time.monotonic()
    _, err = run([os.path.join(BUILD, 'meson/tests/runner/nvme-fi-runner'),
                  'run', '--emulator', FI_QEMU, '--firmware', FIRMWARE,
                  '--kernel-image', os.path.join(KERNEL, 'vmlinuz'),
                  '--initrd', initrd, '--guest-dir', guest_dir,
                  '--expect-dir', os.path.join(ROOT, 'tests/expect'),
                  '--accel', 'tcg', '--out', folder] + args)
    seconds = time.monotonic() - begin
    up = float(re.search(r'is up after ([0-9.]+) s', err).group(1))
    with open(os.path.join(folder, 'results.jsonl'), encoding='utf-8') as f:
        return seconds, up, [json.loads(line) for line in f]


def boot_to_init(initrd):
    """Seconds from start until init of the same kernel on stock QEMU, with
    no drive, has something to say: that it was given no program."""
    argv = [STOCK_QEMU, '-L', FIRMWARE, '-M', 'q35', '-bios', 'qboot.rom',
            '-accel', 'tcg', '-m', '512', '-nodefaults', '-display', 'none',
            '-no-reboot', '-kernel', os.path.join(KERNEL, 'vmlinuz'),
            '-initrd', initrd, '-serial', 'stdio', '-append',
            'console=ttyS0 loglevel=3 panic=-1']
    begin = time.monotonic()
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True,
                          errors='replace') as qemu:
        for line in qemu.stdout:
            if 'init: no program' in line:
                seconds = time.monotonic() - begin
                qemu.kill()
                return seconds
            if time.monotonic() - begin > BOOT_DEADLINE:
                break
        qemu.kill()
    return sys.exit('bench: the kernel did not reach init on stock QEMU')


def quickest(measure):
    return min(measure() for _ in range(BOOTS))


def suite(folder):
    """The errno suite with all its evidence against the bare loop."""
    programs = os.path.join(BUILD, 'meson/tests/guest')
    loops = os.path.join(BUILD, 'meson/tests/bench/guest')
    init = os.path.join(programs, 'init')
    whole = os.path.join(BUILD, 'images',
                         os.path.basename(os.path.realpath(KERNEL)),
                         'initramfs.cpio')
    bare = image(folder, init, [os.path.join(loops, 'bare-loop')])
    seconds, up, records = runner(os.path.join(folder, 'errno'), whole,
                                  programs, ['--suite', 'errno'])
    loop_seconds, _, loop = runner(os.path.join(folder, 'bare'), bare, loops,
                                   ['--suite', 'bare-loop'])
    cases = len(records) / (seconds - up)
    bare_cases = STATUSES / (loop[0]['elapsed_ns'] / 1e9)
    one = quickest(lambda: runner(os.path.join(folder, 'one'), whole,
                                  programs, ['--filter',
                                  'errno/read-direct-access-denied'])[0])
    boot = quickest(lambda: boot_to_init(bare))
    return {
        'cases': len(records), 'seconds': round(seconds, 2),
        'seconds-to-hello': up, 'cases-per-second': round(cases),
        'bare-loop-cases-per-second': round(bare_cases),
        'ratio-to-bare-loop': round(cases / bare_cases, 3),
        'bare-loop-seconds': round(loop_seconds, 2),
        'ratio-of-seconds-to-bare-loop': round(seconds / loop_seconds, 2),
        'start-to-first-hit-seconds': round(one, 2),
        'bare-boot-to-init-seconds': round(boot, 2),
        'ratio-of-first-hit-to-bare-boot': round(one / boot, 2),
    }


def print_table(result):
    say('%-18s %12s %10s %10s' % ('bare device', 'commands/s', 'to stock',
                                  'bytes/rule'))
    for name in sorted(result['device'],
                       key=lambda n: (result['device'][n]['rules'],
                                      n != 'stock')):
        row = result['device'][name]
        memory = row.get('bytes-per-rule')
        say('%-18s %12d %10.3f %10s' % (
            name, row['commands-per-second'], row['ratio-to-stock'],
            '%.0f' % memory if memory else ''))
    say('')
    for name, value in result.get('suite', {}).items():
        say('%-34s %10s' % (name, value))


def main():
    parser = usage.Parser('bench', set_up=True)
    parser.add_argument('--turns', type=int, default=240,
                        help='turns of the bare device (default 240)')
    parser.add_argument('--device-only', action='store_true',
                        help='no guest: leave the suites out')
    parser.add_argument('--check', action='store_true',
                        help=usage.argparse.SUPPRESS)
    options = parser.parse_args()
    if options.turns < 1:
        parser.error('--turns %d: must be 1 or more' % options.turns)
    if options.check:       # that the command line is right
        return
    say('the bare device ...')
    result = {'device': device(options.turns)}
    if not options.device_only:
        say('the suites ...')
        with tempfile.TemporaryDirectory(dir=BUILD) as folder:
            result['suite'] = suite(folder)
    print_table(result)
    print(json.dumps(result, indent=1))


if __name__ == '__main__':
    main()
