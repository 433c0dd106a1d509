# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of the runner share: a runner with a fake QEMU below it, and
# TAP for the functions of a module that begin with 'test_'.
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
RUNNER = sys.argv[1] if len(sys.argv) > 1 else 'nvme-fi-runner'


def fake_kernel():
    """Like the head of a bzImage (Linux/x86 boot protocol): magic, and a
    pointer to the release."""
    head = bytearray(0x400)
    head[0x202:0x206] = b'HdrS'
    head[0x20e:0x210] = (0x100).to_bytes(2, 'little')
    head[0x300:0x30d] = b'6.12.107-fake'
    return bytes(head)


class Runner:
    """A folder with all that a run needs, and the run itself."""

    def __init__(self, cases='fake/one fake/two fake/three'):
        self.dir = tempfile.mkdtemp(prefix='nvme-fi-meta-')
        self.cases = cases.split()
        self.other = []
        self.machine = {}
        self.out = self.path('out')
        for name in ('firmware', 'guest', 'expect', 'state'):
            os.mkdir(self.path(name))
        shutil.copy(os.path.join(HERE, 'suite.py'), self.path('guest/fake'))
        os.chmod(self.path('guest/fake'), 0o755)
        self.write('vmlinuz', fake_kernel())
        self.write('initrd', b'')
        self.write('expect/blk_errors',
                   b'# name errno since until\n'
                   b'MEDIUM ENODATA 6.1 -\nIOERR EIO 6.1 -\n')

    def add_suite(self, cases):
        """A second suite, 'other'."""
        self.other = cases.split()
        os.symlink(self.path('guest/fake'), self.path('guest/other'))

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, data):
        with open(self.path(name), 'wb') as f:
            f.write(data)

    def argv(self, command, options):
        base = {'--emulator': os.path.join(HERE, 'qemu.py'),
                '--firmware': self.path('firmware'),
                '--kernel-image': self.path('vmlinuz'),
                '--initrd': self.path('initrd'),
                '--guest-dir': self.path('guest'),
                '--expect-dir': self.path('expect'),
                '--kernel-name': 'debian:fake', '--out': self.out,
                '--timeout': '20', '--accel': 'tcg'}
        argv = [RUNNER] + ([command] if command else [])
        given = {o.split('=')[0] for o in options}
        for name, value in base.items():
            if name not in given:
                argv += [name, value]
        return argv + [o for o in options if not o.endswith('=')]

    def environment(self, script):
        return dict(os.environ, FAKE_SCRIPT=script,
                    FAKE_MACHINE=json.dumps(self.machine),
                    FAKE_CASES=' '.join(self.cases),
                    FAKE_OTHER=' '.join(self.other),
                    FAKE_STATE=self.path('state'))

    def start(self, script, *options):
        return subprocess.Popen(self.argv('run', options), text=True,
                                env=self.environment(script),
                                stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def run(self, script='vm.hello(); vm.run(vm.todo)', *options,
            command='run', file_size=None):
        def limit():
            if file_size is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE,
                                   (file_size, file_size))

        done = subprocess.run(self.argv(command, options), text=True,
                              env=self.environment(script), timeout=100,
                              capture_output=True, preexec_fn=limit)
        self.status, self.stdout = done.returncode, done.stdout
        self.stderr = done.stderr
        return self

    def records(self):
        with open(os.path.join(self.out, 'results.jsonl')) as f:
            return [json.loads(line) for line in f]

    def record(self, name):
        found = [r for r in self.records() if r['case'] == name]
        assert len(found) == 1, '%d records of %s' % (len(found), name)
        return found[0]

    def verdicts(self):
        return {r['case']: r['verdict'] for r in self.records()}

    def argvs(self):
        """QEMU's command lines, of all boots."""
        with open(self.path('state/boots')) as f:
            return [json.loads(line) for line in f]

    def boots(self):
        """The kernel's command lines, of all boots."""
        return [a[a.index('-append') + 1] for a in self.argvs()]


def equal(got, want):
    assert got == want, 'got %r, expected %r' % (got, want)


def contains(text, *parts):
    for part in parts:
        assert part in text, '%r is not in %r' % (part, text)


def main(functions):
    tests = [(n, f) for n, f in functions.items() if n.startswith('test_')]
    print('1..%d' % len(tests))
    for number, (name, function) in enumerate(tests, 1):
        runner = Runner()
        try:
            function(runner)
            print('ok %d - %s' % (number, name[5:]))
        except Exception:
            print('not ok %d - %s' % (number, name[5:]))
            for line in traceback.format_exc().splitlines()[-4:]:
                print('# ' + line)
            print('# stderr: %r' % getattr(runner, 'stderr', '')[-500:])
        sys.stdout.flush()
        shutil.rmtree(runner.dir)
