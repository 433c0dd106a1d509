#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test compiles the stub for a QEMU without the nvme device, as QEMU's
# build would, and checks that each command is there and fails with a reason.
import json
import os
import re
import shlex
import subprocess
import tempfile

import rig

BUILD = os.path.dirname(os.path.abspath(rig.QEMU))
DEVICE = os.path.join(rig.QEMU_SRC, 'hw/nvme/fi/device')
HARNESS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       'stub-harness.c')


def compile_command():
    """How this build compiles qmp.c, as a list, without files."""
    with open(os.path.join(BUILD, 'compile_commands.json'),
              encoding='utf-8') as file:
        entry = next(entry for entry in json.load(file)
                     if entry['file'].endswith('fi/device/qmp.c'))
    words = shlex.split(entry['command'])
    for option, following in ('-o', 1), ('-c', 1), ('-MF', 1), ('-MQ', 1), \
                             ('-MD', 0):
        if option in words:
            at = words.index(option)
            del words[at:at + 1 + following]
    return [word for word in words if not word.startswith('-fsanitize')]


def run(*words):
    return subprocess.run(words, cwd=BUILD, capture_output=True, text=True,
                          timeout=rig.DEADLINE)


def commands():
    """Functions that QEMU calls, as the device's files have them."""
    names = set()
    for name in os.listdir(DEVICE):
        if not name.endswith('.c') or name == 'stub.c':
            continue
        with open(os.path.join(DEVICE, name), encoding='utf-8') as file:
            names |= set(re.findall(r'^[^ \n].*?\b((?:qmp|hmp)_\w+)\(',
                                    file.read(), re.M))
    return names


def main():
    with tempfile.TemporaryDirectory() as folder:
        stub = os.path.join(folder, 'stub.o')
        program = os.path.join(folder, 'harness')
        command = compile_command()
        built = run(*command, '-c', os.path.join(DEVICE, 'stub.c'),
                    '-o', stub)
        rig.result(built.returncode == 0, 'the stub compiles', built.stderr)
        symbols = set(re.findall(r' T (\w+)', run('nm', stub).stdout))
        rig.same('it has every command of the device', symbols, commands())
        built = run(*command, HARNESS, stub, '-o', program, '-lglib-2.0')
        rig.result(built.returncode == 0, 'the harness builds', built.stderr)
        called = run(program).stdout.splitlines()
        for name in sorted(commands()):
            rig.result(f'{name}: nvme-fi: this QEMU was built without the '
                       'nvme device' in called, f'{name} fails',
                       '\n'.join(called))
    rig.done()


main()
