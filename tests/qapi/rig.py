# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of this folder share: TAP, and a QEMU that is driven over
# QMP by an inherited socket. No guest code runs.
import json
import os
import socket
import subprocess
import tempfile

QEMU = os.environ['NVME_FI_QEMU']
QEMU_SRC = os.environ['NVME_FI_QEMU_SRC']
DEADLINE = 60                   # seconds that any answer may take

points = 0


def result(ok, name, detail=''):
    global points
    points += 1
    print(f'{"ok" if ok else "not ok"} {points} - {name}', flush=True)
    if not ok:
        print('\n'.join('# ' + line for line in str(detail).splitlines()))


def same(name, got, expected):
    result(got == expected, name, f'got {got!r}\nexpected {expected!r}')


def refused(name, answer, *words):
    """The answer is an error whose text has all the words."""
    text = answer.get('error', {}).get('desc', '')
    missing = [word for word in words if word not in text]
    result(text and not missing, name, f'got {answer!r}\nmissing {missing!r}')


def done():
    print(f'1..{points}')


def rule(**members):
    """Members of a rule that adds; '_' stands for '-'."""
    members = {key.replace('_', '-'): value for key, value in members.items()}
    if members.get('action', 'status') == 'status':
        members = {'action': 'status', 'status': 'internal-error', **members}
    return members


def arguments(device=None):
    """A machine that never runs, with two NVMe drives, the first with a
    namespace, and a PCI device that is none. device: replaces the first."""
    drive = device or {'driver': 'nvme', 'id': 'nvme0', 'serial': 'one',
                       'drive': 'd0'}
    return [QEMU, '-S', '-M', 'q35', '-accel', 'qtest', '-m', '64',
            '-nodefaults', '-display', 'none', '-L', firmware(),
            '-bios', 'blank.bin',
            '-blockdev', 'null-co,node-name=d0,size=1073741824',
            '-device', json.dumps(drive),
            '-device', 'nvme,id=nvme1,serial=two',
            '-device', 'virtio-serial-pci,id=serial0']


def firmware():
    """A folder with the files that the machine loads and never executes."""
    global folder
    if not folder:
        folder = tempfile.TemporaryDirectory(prefix='nvme-fi-firmware')
        for name in 'blank.bin', 'kvmvapic.bin':
            with open(os.path.join(folder.name, name), 'wb') as file:
                file.truncate(64 * 1024)
    return folder.name


folder = None


class Qemu:
    def __init__(self, device=None):
        ours, theirs = socket.socketpair()
        ours.settimeout(DEADLINE)
        self.process = subprocess.Popen(
            arguments(device) +
            ['-chardev', f'socket,id=qmp,fd={theirs.fileno()}',
             '-mon', 'chardev=qmp,mode=control'],
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        theirs.close()
        self.socket = ours
        self.stream = ours.makefile('rwb')
        self.receive()          # the greeting
        self.execute('qmp_capabilities')

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        """Ends QEMU as a user does: a sanitizer looks for leaks then."""
        if kind is None:
            self.execute('quit')
            status = self.process.wait(DEADLINE)
            assert status == 0, f'QEMU ended with status {status}'
        self.process.kill()
        self.process.wait()
        self.stream.close()
        self.socket.close()

    def receive(self):
        line = self.stream.readline()
        if not line:
            raise EOFError('QEMU is gone')
        return json.loads(line)

    def send(self, request):
        """The whole answer, past any events."""
        self.stream.write(json.dumps(request).encode() + b'\n')
        self.stream.flush()
        while True:
            answer = self.receive()
            if 'event' not in answer:
                return answer

    def execute(self, command, **args):
        args = {key.replace('_', '-'): value for key, value in args.items()}
        return self.send({'execute': command, 'arguments': args})

    def add(self, *rules, device='nvme0'):
        return self.execute('nvme-fi-add', device=device, rules=list(rules))

    def ids(self, device='nvme0'):
        answer = self.execute('query-nvme-fi', device=device)
        return [info['rule']['id'] for info in answer['return']['rules']]

    def monitor(self, line):
        """What the human monitor prints."""
        return self.execute('human-monitor-command',
                            command_line=line)['return']


def start_fails(device):
    """(exit status, standard error) of a QEMU with this drive."""
    run = subprocess.run(arguments(device) + ['-monitor', 'none'],
                         stdin=subprocess.DEVNULL, capture_output=True,
                         text=True, timeout=DEADLINE)
    return run.returncode, run.stderr
