#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test runs programs of this machine in real guests, as 'nvme-fi exec'
# does: what they read and write comes through, their exit status and the
# evidence too, and what was expected is judged.
#
# usage: exec-guest-test.py SESSION BUILD AGENT-DIR INIT
import json
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
RULE = {'id': 'bad', 'opcode': 'read', 'slba': 8, 'nlb': 8,
        'action': 'status', 'status': 'access-denied', 'dnr': True}
# All byte values, and more than one chunk of anything on the way.
BYTES = bytes(range(256)) * 1200
# To stdout what comes from stdin, to stderr one line, then a read that fails;
# a signal at the end.
SCRIPT = '''#!/bin/sh
cat
echo to stderr >&2
echo "$1" >/dev/stderr
dd if=/dev/nvme0n1 of=/dev/null bs=4096 count=2 iflag=direct 2>/dev/null
echo dd said $? >&2
kill -TERM $$
'''


class Rig:
    """A folder with an image for a program of this machine."""

    def __init__(self, session, build, agent, init, folder):
        self.session, self.build = session, build
        self.folder = folder
        self.agent, self.init = agent, init
        self.image = os.path.join(folder, 'image.cpio')

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data, mode=0o644):
        with open(self.path(name), 'wb') as f:
            f.write(data)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def make_image(self, *paths):
        listed = self.write('list', '\n'.join(paths).encode() + b'\n')
        subprocess.run([
            os.path.join(ROOT, 'guest-scripts/build-initramfs'), '--out',
            self.image, '--kernel',
            os.path.join(self.build, 'kernels/debian-6.12'), '--init',
            self.init, '--bin', os.path.join(self.agent, 'session'), '--bin',
            os.path.join(self.agent, 'rules'), '--with', listed], check=True,
            stdout=subprocess.DEVNULL)

    def argv(self, command, *options):
        return [
            self.session, command, '--emulator',
            os.path.join(self.build, 'qemu/fi/build/qemu-system-x86_64'),
            '--firmware', os.path.join(self.build, 'firmware'),
            '--kernel-image',
            os.path.join(self.build, 'kernels/debian-6.12/vmlinuz'),
            '--kernel-name', 'debian:6.12', '--image', self.image,
            '--expect-dir', os.path.join(ROOT, 'tests/expect'),
            '--presets-dir', os.path.join(ROOT, 'guest-scripts/presets'),
            '--accel', 'tcg', '--out', self.path('out')] + list(options)

    def exec(self, *options, given=b''):
        done = subprocess.run(self.argv('exec', *options), input=given,
                              capture_output=True, check=False,
                              cwd=self.folder)
        record = None
        if os.path.exists(self.path('out/results.jsonl')):
            with open(self.path('out/results.jsonl'), encoding='utf-8') as f:
                record = json.loads(f.read())
            os.unlink(self.path('out/results.jsonl'))
        return done, record


def points_of_script(rig, script):
    """A script with its interpreter, on a drive with a rule."""
    rules = rig.write('rules.json', json.dumps([RULE]).encode())
    done, record = rig.exec('--rules', rules, '--', './script', 'word two',
                            given=BYTES)
    yield 'stdin and stdout are the same bytes', done.stdout == BYTES
    yield 'stderr comes by itself, in order', \
        done.stderr == b'to stderr\nword two\ndd said 1\n'
    yield 'a signal becomes 128 and its number', done.returncode == 143
    yield 'the drive says what the rule did', \
        record['device']['rules'] == [{'id': 'bad', 'matches': 1, 'hits': 1}]
    yield 'the driver, the block layer and the log say so, too', (
        record['driver']['completions'] == [{'status': 0x4286, 'retries': 0}]
        and record['block']['status'] == 'MEDIUM'
        and record['block']['errno'] == 'ENODATA'
        and any('critical medium error' in line for line in record['log']))
    yield 'the failed system call of the child is named', {
        'name': 'read', 'errno': 'ENODATA', 'times': 1} in \
        record['result']['observed']['syscalls']
    yield 'the record has its case, program and signal', (
        record['case'] == 'exec/script' and record['result']['signal'] ==
        'SIGTERM' and record['stimulus']['program'] ==
        ['./script', 'word two'] and record['rules'] == [RULE])
    yield 'what was not expected is not judged', record['verdict'] == 'skip'
    for name, text in (('stdout', BYTES), ('stderr', done.stderr)):
        with open(rig.path('out/' + name), 'rb') as f:
            yield 'a copy of %s is in the results folder' % name, \
                f.read() == text


def points_of_expectations(rig, script):
    rules = rig.path('rules.json')
    read = ['--', '/bin/dd', 'if=/dev/nvme0n1', 'of=/dev/null', 'bs=4096',
            'count=2', 'iflag=direct']
    done, record = rig.exec('--rules', rules, '--expect-errno', 'ENODATA',
                            '--expect-hits', 'bad=1', '--expect-hits', '1',
                            '--expect-status', '1', *read)
    yield 'expectations that are met give status 0', (
        done.returncode == 0 and record['verdict'] == 'pass' and
        record['reason'] == '')
    done, record = rig.exec('--rules', rules, '--expect-errno', 'ENOSPC',
                            '--expect-hits', 'bad=2', '--expect-hits',
                            'other=1', '--expect-status', '0', *read)
    yield 'expectations that are not met give status 1', (
        done.returncode == 1 and record['verdict'] == 'fail')
    yield 'each that is not met is named', all(
        text in record['reason'] for text in (
            'no system call of the program failed with ENOSPC',
            "rule 'bad': got 1 hits, expected 2",
            "there is no rule 'other'", 'exit status: got 1, expected 0'))


def points_of_time(rig, script):
    # the read that never ends keeps the program from being killed
    rules = rig.write('rules.json', json.dumps([
        {'id': 'lost', 'opcode': 'read', 'slba': 8, 'action': 'drop'}
        ]).encode())
    done, record = rig.exec('--rules', rules, '--timeout', '1', '--',
                            '/bin/dd', 'if=/dev/nvme0n1', 'of=/dev/null',
                            'bs=4096', 'count=2', 'iflag=direct')
    yield 'a program without an end is ended with status 124', (
        done.returncode == 124 and record['verdict'] == 'timeout')
    yield 'where it waits in the kernel is recorded', \
        'blkdev' in record['result']['observed']['stack']
    yield 'the drive still says what the rule did', \
        record['device']['hits'] == 1


def points_of_mistakes(rig, script):
    bad = rig.write('bad.json', b'[ {"opcode":"raed","action":"none"} ]')
    no = rig.write('no.json', b'[ {"opcode":"read", ]')
    plain = rig.write('plain', b'no program')
    for name, status, text, options in (
            ('a rule that the drive refuses', 125, "did you mean 'read'?",
             ['--rules', bad, '--', 'true']),
            ('a rules file that is no JSON', 125, 'no.json: not JSON',
             ['--rules', no, '--', 'true']),
            ('no program', 125, 'there is no program behind', ['--']),
            ('no separator', 125, "'--' and the program are missing",
             ['true']),
            ('an unknown program', 127, "there is no program 'nonesuch'",
             ['--', 'nonesuch']),
            ('a file that is no program', 126, 'no program that can be',
             ['--', plain]),
            ('an unknown errno', 125, "did you mean 'ENODATA'?",
             ['--expect-errno', 'ENODTA', '--', 'true']),
            ('hits that are no number', 125, '--expect-hits many',
             ['--expect-hits', 'many', '--', 'true']),
            ('an unknown preset', 125, "did you mean 'bad-block'?",
             ['--preset', 'bad-blok', '--', 'true']),
            ('what the guest has itself', 125, 'has a /proc of its own',
             ['--with', '/proc/self', '--', 'true'])):
        done, record = rig.exec(*options)
        errors = [line for line in done.stderr.decode().splitlines()
                  if line.startswith('nvme-fi: ')]
        good = (done.returncode == status and len(errors) == 1 and
                text in errors[0] and record is None)
        yield '%s is refused with %d' % (name, status), good or done


def main():
    session, build, agent, init = map(os.path.abspath, sys.argv[1:])
    if not os.path.exists(os.path.join(build, 'kernels/debian-6.12/vmlinuz')):
        print('1..0 # SKIP debian:6.12 is not set up')
        return
    number = 0
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(session, build, agent, init, folder)
        script = rig.write('script', SCRIPT.encode(), 0o755)
        rig.make_image(script, shutil.which('cat'), '/bin/dd',
                       shutil.which('true'))
        for points in (points_of_script, points_of_expectations,
                       points_of_time, points_of_mistakes):
            for name, good in points(rig, script):
                number += 1
                print('%sok %d - %s' % ('' if good is True else 'not ',
                                        number, name), flush=True)
                if good is not True and good:
                    print('# ' + repr(good))
    print('1..%d' % number)


if __name__ == '__main__':
    main()
