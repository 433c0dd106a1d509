#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test runs what docs/for-qmp-clients.md shows of QEMU's own tools: the
# example in Python on a kernel that boots, and the session of qmp-shell, of
# which each answer is the one that is shown.
#
# usage: qmp-examples-test.py BUILD GUEST-DIR
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import tap

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
EXAMPLE = os.path.join(ROOT, 'guest-scripts/examples/watch-faults.py')
PAGE = os.path.join(ROOT, 'docs/for-qmp-clients.md')
DEADLINE = 120


class Machine:
    """A QEMU that waits for 'cont', with a socket of QMP."""

    def __init__(self, build, folder, *options):
        self.socket = os.path.join(folder, 'qmp.sock')
        self.env = dict(os.environ, PYTHONDONTWRITEBYTECODE='1',
                        PYTHONPATH=os.path.join(build, 'qemu/base/python'),
                        HOME=folder)
        self.process = subprocess.Popen([
            os.path.join(build, 'qemu/fi/build/qemu-system-x86_64'), '-L',
            os.path.join(build, 'firmware'), '-bios', 'qboot.rom', '-M',
            'q35', '-accel', 'tcg', '-m', '512', '-display', 'none',
            '-nodefaults', '-S', '-blockdev',
            'null-co,node-name=d0,size=1073741824,read-zeroes=on', '-device',
            'nvme,id=nvme0,serial=1,drive=d0', '-qmp',
            'unix:%s,server=on,wait=off' % self.socket, *options])
        # it listens before it answers to anything else
        deadline = time.monotonic() + DEADLINE
        while not os.path.exists(self.socket):
            assert self.process.poll() is None, 'QEMU ended'
            assert time.monotonic() < deadline, 'QEMU does not listen'
            os.sched_yield()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def run(self, *argv, given=''):
        return subprocess.run(['/usr/bin/python3', *argv], env=self.env,
                              input=given, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True,
                              timeout=DEADLINE, check=False)


def points_of_example(build, guest_dir, folder):
    kernel = os.path.join(build, 'kernels/debian-6.12')
    image = os.path.join(folder, 'image.cpio')
    subprocess.run([os.path.join(ROOT, 'guest-scripts/build-initramfs'),
                    '--out', image, '--kernel', kernel, '--init',
                    os.path.join(guest_dir, 'init')], check=True,
                   stdout=subprocess.DEVNULL)
    with Machine(build, folder, '-kernel', kernel + '/vmlinuz', '-initrd',
                 image, '-append', 'quiet') as machine:
        wrong = os.path.join(folder, 'wrong.json')
        with open(wrong, 'w', encoding='utf-8') as f:
            json.dump([{'opcode': 'raed', 'action': 'none'}], f)
        done = machine.run(EXAMPLE, machine.socket, wrong)
        yield 'the example says what is wrong with a rule', (
            done.returncode == 1 and "did you mean 'read'?" in done.stdout
            and 'Traceback' not in done.stdout), done.stdout
        done = machine.run(EXAMPLE, machine.socket)
        yield 'the example prints the fault that the kernel meets', (
            done.returncode == 0 and re.fullmatch(
                r'rules: denied\n'
                r'nvme0: rule denied, hit 1: opcode 0x02 on queue 1, '
                r'not carried out, status 0x4286\n'
                r'denied: \d+ matches, 1 hits\n', done.stdout)), done.stdout


def session():
    """[(command, answer)] of the page's session of qmp-shell."""
    with open(PAGE, encoding='utf-8') as f:
        text = f.read()
    block = re.search(r'^```text\n(\(QEMU\) .*?)^```', text, re.M | re.S)
    parts = re.split(r'^\(QEMU\) (.*)\n', block.group(1), flags=re.M)[1:]
    return list(zip(parts[::2], parts[1::2]))


def points_of_shell(build, folder):
    shown = session()
    with Machine(build, folder) as machine:
        done = machine.run(
            '-c', 'from qemu.qmp import qmp_shell; qmp_shell.main()',
            machine.socket, given=''.join(c + '\n' for c, _ in shown))
    # with no terminal the prompt stands before each answer
    answers = re.split(r'^\(QEMU\) ', done.stdout, flags=re.M)[1:]
    yield 'the page shows a session', len(shown) > 2, shown
    for (command, wanted), got in zip(shown, answers):
        yield 'qmp-shell: ' + command.split()[0], \
            got.strip() == wanted.strip(), (got, wanted)
    yield 'all of it was answered', len(answers) >= len(shown), done.stdout


def main():
    build, guest_dir = map(os.path.abspath, sys.argv[1:])
    for path in ('kernels/debian-6.12/vmlinuz', 'qemu/base/python/qemu/qmp'):
        if not os.path.exists(os.path.join(build, path)):
            print('1..0 # SKIP there is no %s' % path)
            return
    with tempfile.TemporaryDirectory() as one, \
            tempfile.TemporaryDirectory() as two:
        tap.report(itertools.chain(points_of_example(build, guest_dir, one),
                                   points_of_shell(build, two)))


main()
