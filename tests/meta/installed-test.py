#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test installs nvme-fi below a folder, as 'meson install' does for a
# package, and works with it as a user: elsewhere, who may write to nothing but
# a home.
#
# usage: installed-test.py MESON-BUILD BUILD INSTALL-QEMU
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile

import tap

PREFIX = 'usr/local'
CASE = 'errno/read-direct-access-denied'
OF_THE_TREE = ('test', 'bench', 'docs')


class Rig:
    """What is installed, and the user."""

    def __init__(self, folder, kernel):
        self.folder, self.kernel = folder, kernel
        self.dest = os.path.join(folder, 'dest')
        self.home = os.path.join(folder, 'home')
        self.cwd = os.path.join(self.home, 'elsewhere')
        self.launcher = os.path.join(self.dest, PREFIX, 'bin/nvme-fi')
        os.makedirs(self.cwd)
        os.chmod(folder, 0o755)
        self.as_user = {}
        if os.getuid() == 0:
            for path in (self.home, self.cwd):
                shutil.chown(path, 'nobody', 'nogroup')
            self.as_user = {'user': 'nobody', 'group': 'nogroup',
                            'extra_groups': []}

    def run(self, *words, **environment):
        env = {'HOME': self.home, 'PATH': os.environ['PATH'], 'LANG': 'C'}
        env.update(environment)
        done = subprocess.run([self.launcher, *words], cwd=self.cwd, env=env,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False, **self.as_user)
        return done.returncode, done.stdout, done.stderr

    def boot(self, command, *words):
        return self.run(command, '--kernel',
                        os.path.join(self.kernel, 'vmlinuz'), '--modules',
                        os.path.join(self.kernel, 'modules'), *words)


def errors(text):
    return [line for line in text.splitlines()
            if line.startswith('nvme-fi: ')]


def points_of_install(rig, meson_build, script):
    done = subprocess.run(
        [script, rig.folder + '/none', rig.folder, '/libexec', '/share'],
        env=dict(os.environ, DESTDIR=rig.folder), capture_output=True,
        text=True, check=False)
    yield 'without QEMU the install ends with one error', (
        done.returncode == 1 and len(errors(done.stderr)) == 1 and
        "'./nvme-fi build'" in done.stderr and
        not os.path.exists(rig.folder + '/libexec')), done
    done = subprocess.run(
        ['meson', 'install', '-C', meson_build, '--no-rebuild', '--destdir',
         rig.dest], capture_output=True, text=True, check=False)
    yield 'it installs below DESTDIR', done.returncode == 0, \
        done.stdout[-2000:] + done.stderr


def points_of_words(rig):
    status, out, _ = rig.run('help')
    listed = [line.split()[0] for line in out.splitlines()
              if line.startswith('  ')]
    yield 'the help has what is installed, by its name', (
        status == 0 and 'run' in listed and './nvme-fi' not in out and
        not {'--qemu-source', *OF_THE_TREE} & set(listed)), out
    for command in OF_THE_TREE:
        status, _, err = rig.run(command)
        yield "'%s' says that it needs the tree" % command, (
            status == 1 and errors(err) == err.splitlines() and
            len(errors(err)) == 1 and 'source tree' in err), err
    status, _, err = rig.run('run', '--qemu-source', '/')
    yield 'so does --qemu-source', (
        status == 2 and len(errors(err)) == 1 and 'source' in err), err
    status, _, err = rig.run('list', HOME='')
    yield 'without a home there is one error', (
        status == 1 and len(errors(err)) == 1 and 'HOME' in err), err
    status, _, err = rig.run('list', XDG_CACHE_HOME=rig.home + '/a b')
    yield 'so there is for a folder with a space', (
        status == 1 and len(errors(err)) == 1 and 'without spaces' in err), \
        err
    status, _, err = rig.run('rules', 'list')
    yield 'programs call the launcher by its name', (
        status == 1 and "'nvme-fi shell'" in err), err


def points_of_boot(rig):
    status, out, err = rig.boot('run', '--accel', 'tcg', '--filter', CASE)
    yield 'a case passes', status == 0 and 'ENODATA' in out, out + err
    with open(rig.cwd + '/results/latest/results.jsonl',
              encoding='utf-8') as f:
        record = json.loads(f.read())
    yield 'its record is in the folder of the user', (
        record['case'] == CASE and record['verdict'] == 'pass'), record
    yield 'it is repeated by what is installed', \
        record['repro'].startswith('nvme-fi run '), record['repro']
    made = sorted(os.listdir(rig.home + '/.cache/nvme-fi'))
    yield 'what is made is in the cache of the user', (
        'images' in made and 'kernels' in made and
        sorted(os.listdir(rig.home)) == ['.cache', 'elsewhere']), made
    status, out, err = rig.run('report', 'results/latest')
    yield 'the results become a page', (
        status == 0 and
        os.path.exists(rig.cwd + '/results/latest/report.html')), err
    status, out, err = rig.boot(
        'exec', '--preset', 'bad-block', '--expect-errno', 'ENODATA', '--',
        'dd', 'if=/dev/nvme0n1', 'of=/dev/null', 'bs=1M', 'count=2',
        'iflag=direct')
    yield 'a program meets a preset', (
        status == 0 and 'No data available' in err), err


def main():
    meson_build, build, script = map(os.path.abspath, sys.argv[1:])
    kernel = os.path.join(build, 'kernels/debian-6.12')
    if not os.path.exists(os.path.join(kernel, 'vmlinuz')):
        print('1..0 # SKIP debian:6.12 is not set up')
        return
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(folder, kernel)
        tap.report(itertools.chain(points_of_install(rig, meson_build, script),
                                   points_of_words(rig), points_of_boot(rig)))


main()
