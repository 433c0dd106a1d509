#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Random scripts of fault rules over random I/O, for a time or a number of
# rounds; says how many, or how to see the failure again.
import os
import subprocess
import sys

import usage

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
SOAK = os.path.join(ROOT, 'build/qemu/fi/build/tests/bench/nvme-fi/soak')
# of the version that is tested
QEMU = os.environ.get('NVME_FI_QEMU_TREE', os.path.join(ROOT, 'build/qemu'))
# as the tests with sanitizers have them (meson.build)
SANITIZERS = {
    'ASAN_OPTIONS': 'detect_leaks=1:exitcode=99',
    'LSAN_OPTIONS': 'exitcode=99:print_suppressions=0:suppressions=' +
                    os.path.join(ROOT, 'hw-nvme-fi/qemu/leaks'),
    'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1:exitcode=99',
}


def options():
    parser = usage.Parser('bench soak')
    parser.add_argument('--minutes', type=float, default=None,
                        help='how long (default 1, without --rounds)')
    parser.add_argument('--rounds', type=int, default=0,
                        help='number of scripts (default: as many as there '
                        'is time for)')
    parser.add_argument('--seed', type=int, default=1,
                        help='of the first script; each next one has the '
                        'next (default 1)')
    parser.add_argument('--asan', action='store_true',
                        help='QEMU with ASan and UBSan')
    parser.add_argument('--check', action='store_true',
                        help=usage.argparse.SUPPRESS)
    found = parser.parse_args()
    if found.minutes is None:
        found.minutes = 0 if found.rounds else 1
    elif found.minutes <= 0:
        parser.error('--minutes %g: must be above 0' % found.minutes)
    if found.rounds < 0:
        parser.error('--rounds %d: must be 1 or more' % found.rounds)
    if not 0 <= found.seed < 1 << 63:
        parser.error('--seed %d: must be 0 to 2^63-1' % found.seed)
    return found


def main():
    found = options()
    if found.check:         # that the command line is right
        return 0
    flavour = 'asan' if found.asan else 'fi'
    env = dict(os.environ, NVME_FI_QEMU=os.path.join(
        QEMU, flavour, 'build/qemu-system-x86_64'))
    argv = [SOAK, str(found.minutes), str(found.rounds), str(found.seed)]
    if found.asan:
        env.update(SANITIZERS)
    else:
        # a sanitizer keeps freed memory, so that growth says nothing
        argv.append('--rss')
    sys.stderr.flush()
    status = subprocess.run(argv, env=env, check=False).returncode
    if status:
        print('bench: the soak failed', file=sys.stderr)
    return 1 if status else 0


if __name__ == '__main__':
    sys.exit(main())
