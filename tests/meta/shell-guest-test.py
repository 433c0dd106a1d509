#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test sits at the terminal of a real guest: a shell with job control and
# a window, the command rules in it, and 'nvme-fi rules' beside it.
#
# usage: shell-guest-test.py SESSION BUILD AGENT-DIR INIT
import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
DEADLINE = 120
PROMPT = b'nvme-fi:~# '
TOOLS = ['bash', 'cat', 'dd', 'sleep', 'stty', 'ps']
READ = 'dd if=/dev/nvme0n1 of=/dev/null bs=4096 count=2 iflag=direct'


class Terminal:
    """A program at the other end of a pty, and what it has written."""

    def __init__(self, argv, env, rows, cols):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(argv[0], argv, env)
        self.resize(rows, cols)
        self.text = b''
        self.last = ''

    def resize(self, rows, cols):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack('HHHH', rows, cols, 0, 0))

    def wait_for(self, what, seconds=DEADLINE):
        """All up to @what, which is taken off."""
        end = time.monotonic() + seconds
        while what not in self.text:
            ready, _, _ = select.select([self.fd], [], [],
                                        max(0, end - time.monotonic()))
            assert ready, 'no %r in %r' % (what, self.text)
            try:
                self.text += os.read(self.fd, 65536)
            except OSError:
                assert what in self.text, 'ended without %r: %r' % (
                    what, self.text)
        before, _, self.text = self.text.partition(what)
        return before.decode(errors='replace')

    def say(self, line):
        os.write(self.fd, line.encode())

    def do(self, line):
        """What a command of the shell prints: readline draws the line anew
        as it likes, and ends it with the first line end."""
        self.say(line + '\n')
        text = self.wait_for(PROMPT).replace('\r', '')
        self.last = text
        return text.partition('\n')[2]

    def end(self):
        while True:
            try:
                if not os.read(self.fd, 65536):
                    break
            except OSError:
                break
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def make_image(build, agent, init, folder):
    paths = [subprocess.run(['which', tool], check=True, text=True,
                            capture_output=True).stdout.strip()
             for tool in TOOLS]
    with open(os.path.join(folder, 'list'), 'w', encoding='utf-8') as f:
        f.write('\n'.join(paths) + '\n')
    image = os.path.join(folder, 'image.cpio')
    subprocess.run([
        os.path.join(ROOT, 'guest-scripts/build-initramfs'), '--out', image,
        '--kernel', os.path.join(build, 'kernels/debian-6.12'), '--init',
        init, '--bin', os.path.join(agent, 'session'), '--bin',
        os.path.join(agent, 'rules'), '--with', os.path.join(folder, 'list')],
        check=True, stdout=subprocess.DEVNULL)
    return image


def argv(session, build, image, folder):
    return [session, 'shell', '--emulator',
            os.path.join(build, 'qemu/fi/build/qemu-system-x86_64'),
            '--firmware', os.path.join(build, 'firmware'), '--kernel-image',
            os.path.join(build, 'kernels/debian-6.12/vmlinuz'),
            '--kernel-name', 'debian:6.12', '--image', image, '--expect-dir',
            os.path.join(ROOT, 'tests/expect'), '--presets-dir',
            os.path.join(ROOT, 'guest-scripts/presets'), '--accel', 'tcg',
            '--out', os.path.join(folder, 'out')]


def points_inside(shell):
    yield 'the shell has the size of the window', \
        shell.do('stty size') == '30 100\n'
    shell.resize(40, 90)
    # the size may come after the command that asks for it
    shell.say('until [ "$(stty size)" = "40 90" ]; do sleep 0.1; done; '
              'echo "sa"me\n')
    # the prompt may be drawn once more for it
    yield 'and follows it', 'same' not in shell.wait_for(b'\r\nsame\r\n')
    shell.wait_for(PROMPT)
    yield 'job control is on', '[1]' in shell.do('sleep 100 &') and \
        'Running' in shell.do('jobs')
    shell.do('kill %1')
    shell.say("bash -c 'echo be\"gin\"; exec sleep 100'\n")
    shell.wait_for(b'\r\nbegin\r\n')
    shell.say('\x03')
    shell.wait_for(PROMPT)
    yield 'Ctrl-C ends a command, not the guest', \
        shell.do('echo $?') == '130\n'
    yield 'the command rules adds a rule', shell.do(
        'rules add id=bad,opcode=read,slba=8,nlb=8,action=status,'
        'status=access-denied,dnr=on') == 'bad\n'
    yield 'an error comes whole', shell.do(
        'rules add opcode=raed,action=none') == (
            "nvme-fi: rule number 1 of the list: opcode 'raed': unknown; "
            "did you mean 'read'?\n")
    yield 'a mistyped command of rules is recognized', \
        "did you mean 'list'?" in shell.do('rules lits')


def points_of_tab(shell):
    """What TAB makes of a line, which readline draws as it goes on."""
    def completed(typed, wanted):
        shell.say(typed + '\t')
        good = False
        try:
            shell.wait_for(wanted.encode(), 10)
            good = True
        except AssertionError:
            pass
        # the line goes away, and the prompt may be drawn anew
        shell.say('\x15echo "go"ne\n')
        shell.wait_for(b'gone\r\n')
        shell.wait_for(PROMPT)
        return good

    shell.do('rules add id=tabbed,action=none')
    for typed, wanted in (
            ('rules tri', 'rules trigger '),
            ('rules add act', 'rules add action='),
            ('rules add action=status,status=access-d',
             'rules add action=status,status=access-denied'),
            ('true; rules add opcode=compa', '; rules add opcode=compare'),
            ('rules trigger trigger=med', 'rules trigger trigger=media'),
            ('rules rm tab', 'rules rm tabbed ')):
        yield 'TAB: %s' % typed, completed(typed, wanted)
    shell.do('echo [] >a-file-of-rules')
    yield 'TAB offers files of the guest', \
        completed('rules add a-fi', 'rules add a-file-of-rules')
    yield 'what set that up is gone', \
        shell.do('echo "<$PROMPT_COMMAND>"') == '<>\n'
    yield 'complete is no command of rules', \
        "unknown command 'complete'" in shell.do('rules complete')
    shell.do('rules rm tabbed')


def points_beside(shell, session, env):
    def rules(*words):
        return subprocess.run([session, 'rules'] + list(words), text=True,
                              capture_output=True, check=False, env=env)

    folder = os.path.join(env['XDG_RUNTIME_DIR'], 'nvme-fi')
    mode = os.stat(folder).st_mode & 0o777
    yield 'the folder of the sockets is private', mode == 0o700
    listed = rules('list')
    yield 'the other terminal finds the machine and its rule', \
        'id=bad,' in listed.stdout and '0 hits' in listed.stdout
    as_json = json.loads(rules('list', '--json').stdout)
    yield 'and lists it as JSON', [
        (rule['rule']['id'], rule['hits']) for rule in as_json['rules']] == [
            ('bad', 0)] or as_json
    # pylint: disable=consider-using-with
    watch = subprocess.Popen([session, 'rules', 'watch'], text=True, env=env,
                             stdout=subprocess.PIPE)
    # what is there at its first look is not shown
    said = ''
    while not said:
        text = shell.do(READ)
        ready, _, _ = select.select([watch.stdout], [], [], 1)
        said = watch.stdout.readline() if ready else ''
    yield 'a read fails as the rule says', \
        "error reading '/dev/nvme0n1': No data available" in text
    yield 'watch shows the command, its status and the rule', bool(re.search(
        r"qid=1 cid=\d+ nsid=1 read slba=8 nlb=8 -> access-denied "
        r"\(2/86h, DNR\), hit of 'bad', not carried out", said)) or said
    yield 'a rule goes by its id', rules('rm', 'bad').returncode == 0 and \
        'no rules' in shell.do('rules list')
    gone = rules('rm', 'bad')
    yield 'a rule that is not there is an error', \
        gone.returncode == 1 and "'bad'" in gone.stderr
    other = rules('--machine', 'nonesuch', 'list')
    yield 'another machine is not taken for this one', \
        other.returncode == 1 and 'there is shell-' in other.stderr
    yield 'without the rule the read is good', \
        'error' not in shell.do(READ)
    shell.say('exit 7\n')
    yield 'the exit status of the shell is that of the session', \
        shell.end() == 7
    yield 'watch ends with the machine', watch.wait(60) == 0 or watch.returncode
    none = rules('list')
    yield 'then there is no machine any more', \
        none.returncode == 1 and 'no machine runs' in none.stderr


def main():
    session, build, agent, init = map(os.path.abspath, sys.argv[1:])
    if not os.path.exists(os.path.join(build, 'kernels/debian-6.12/vmlinuz')):
        print('1..0 # SKIP debian:6.12 is not set up')
        return
    number = 0
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ, XDG_RUNTIME_DIR=folder, TERM='dumb')
        image = make_image(build, agent, init, folder)
        shell = Terminal(argv(session, build, image, folder), env, 30, 100)
        shell.wait_for(PROMPT)
        for points in (points_inside(shell), points_of_tab(shell),
                       points_beside(shell, session, env)):
            for name, good in points:
                number += 1
                print('%sok %d - %s' % ('' if good is True else 'not ',
                                        number, name), flush=True)
                if good is not True:
                    print('# %r, terminal: %r' % (good, shell.last[-500:]))
    print('1..%d' % number)


if __name__ == '__main__':
    main()
