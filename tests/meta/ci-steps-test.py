#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test runs the steps of a CI job for real: Debian's kernel plays the
# bzImage that a job has built.
#
# usage: ci-steps-test.py BUILD
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
STEPS = os.path.join(ROOT, 'guest-scripts/ci/ci-steps.sh')
FILTER = 'errno/read-direct-*-denied'


def run(folder, out, image, *options):
    done = subprocess.run([STEPS, 'run', out, image, *options], cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, timeout=500)
    return done.returncode, done.stdout


def points(folder, kernel):
    shutil.copy(os.path.join(kernel, 'vmlinuz'), folder + '/bzImage')
    modules = os.path.join(kernel, 'modules')
    status, out = run(folder, 'out', 'bzImage', '--modules', modules,
                      '--filter', FILTER)
    yield status == 0, 'a kernel passes', out
    with open(folder + '/out/run.json', encoding='utf-8') as f:
        info = json.load(f)
    yield info['cases'] > 0, 'cases were run', info
    root = ElementTree.parse(folder + '/out/junit.xml').getroot()
    yield (root.get('tests'), root.get('failures')) == (
        str(info['cases']), '0'), 'JUnit says so', root.attrib
    with open(folder + '/out/results.ktap', encoding='utf-8') as f:
        ktap = f.read().splitlines()
    yield (ktap[0], ktap[1], 'ok 1 errno' in ktap) == (
        'KTAP version 1', '1..1', True), 'KTAP says so', ktap
    status, out = run(folder, 'out', STEPS, '--filter', FILTER)
    yield (status, 'nothing was tested' in out) == (2, True), \
        'what is no kernel was not tested', out


def main():
    kernel = os.path.join(sys.argv[1], 'kernels/debian-6.12')
    if not os.path.exists(os.path.join(kernel, 'vmlinuz')):
        print('1..0 # SKIP debian:6.12 is not set up')
        return
    with tempfile.TemporaryDirectory() as folder:
        print('1..5')
        for number, (good, name, seen) in enumerate(points(folder, kernel),
                                                    1):
            print('%s %d - %s' % ('ok' if good else 'not ok', number, name))
            if not good:
                print('# ' + str(seen).replace('\n', '\n# '))


main()
