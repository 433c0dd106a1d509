#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test presses TAB in bash, zsh and fish, and compares what completion
# knows with what --help says.
#
# usage: complete-test.py ROOT
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import tap

ROOT = os.path.abspath(sys.argv[1])
SCRIPTS = os.path.join(ROOT, 'guest-scripts/completions')
DEADLINE = 60

# What is typed behind './nvme-fi ', and what TAB makes of it. A value, a member
# of a rule and a folder go on; behind all else there is a blank.
CASES = [
    ('kern', 'kernels '),
    ('exec --pres', 'exec --preset '),
    ('exec --preset bad', 'exec --preset bad-block '),
    ('exec --preset=bad', 'exec --preset=bad-block '),
    ('exec --expect-errno ENODA', 'exec --expect-errno ENODATA '),
    ('exec --rules unique-fi', 'exec --rules unique-file '),
    ('exec --zoned -- unique-pro', 'exec --zoned -- unique-program '),
    ('exec -- cat unique-fo', 'exec -- cat unique-folder/'),
    ('run --kernel debian:n', 'run --kernel debian:newest '),
    ('run --kernel=debian:n', 'run --kernel=debian:newest '),
    ('run --suite time', 'run --suite timeout '),
    ('run --accel k', 'run --accel kvm '),
    ('list --filter pow', 'list --filter powercut/'),
    ('compare --layer dr', 'compare --layer driver '),
    ('compare debian:n', 'compare debian:newest '),
    ('presets path', 'presets path-flap '),
    ('trace --opcode write-un', 'trace --opcode write-uncorrectable '),
    ('trace --status=access', 'trace --status=access-denied '),
    ('report unique-fi', 'report unique-file '),
    ('merge --par', 'merge --partial '),
    ('kernels fe', 'kernels fetch '),
    ('bench soak --min', 'bench soak --minutes '),
    ('rules cl', 'rules clear '),
    ('rules add act', 'rules add action='),
    ('rules add action=st', 'rules add action=status'),
    ('rules add action=status,status=access',
     'rules add action=status,status=access-denied'),
    ('rules add opcode=write-un', 'rules add opcode=write-uncorrectable'),
    ('rules add action=status,dn', 'rules add action=status,dnr='),
    ('rules add action=none,trigger.0.tr',
     'rules add action=none,trigger.0.trigger='),
    ('rules trigger trigger=med', 'rules trigger trigger=media'),
]

# What makes the shell ready, with a key that shows the line.
READY = {
    'bash': ['--norc', '-i', '''PS1='$ '; bind 'set enable-bracketed-paste off'
. %s/nvme-fi.bash
bind -x '"\\C-g": echo "<<$READLINE_LINE>>"'
'''],
    'zsh': ['-f', '-i', '''PS1='$ '; unset zle_bracketed_paste
autoload -Uz compinit; compinit -u -D
. %s/_nvme-fi
show() { print -r -- "<<$BUFFER>>"; zle reset-prompt }
zle -N show; bindkey '^G' show
'''],
}


class Terminal:
    """A shell at a terminal, with the environment of nobody."""

    def __init__(self, name, folder):
        argv = [name] + READY[name][:-1]
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ.update(HOME=folder, TERM='dumb', HISTFILE='',
                              COLUMNS='300',
                              PATH=folder + ':' + os.environ['PATH'])
            os.execvp(name, argv)
        self.seen = ''
        self.send(READY[name][-1] % SCRIPTS)
        self.send("echo read''y\n")
        self.wait('\\bready\\b')

    def send(self, text):
        os.write(self.fd, text.encode())

    def wait(self, pattern):
        """The match of @pattern in what comes from now on."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            found = re.search(pattern, self.seen, re.S)
            if found:
                self.seen = self.seen[found.end():]
                return found
            if select.select([self.fd], [], [], 1)[0]:
                self.seen += os.read(self.fd, 65536).decode(errors='replace')
        raise AssertionError('no %r in %r' % (pattern, self.seen[-500:]))

    def complete(self, typed):
        self.send('\x15./nvme-fi %s\t\x07' % typed)
        line = self.wait('<<(.*?)>>').group(1)
        return line.replace('\r', '').replace('\n', '')

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def in_terminal(name, folder):
    terminal = Terminal(name, folder)
    try:
        for typed, wanted in CASES:
            got = terminal.complete(typed)
            yield '%s: %s' % (name, typed), \
                got == './nvme-fi ' + wanted, repr(got)
    finally:
        terminal.close()


def in_fish(folder):
    for typed, wanted in CASES:
        done = subprocess.run(
            ['fish', '--no-config', '-c', 'source %s/nvme-fi.fish; complete '
             '-C $argv[1]' % SCRIPTS, './nvme-fi ' + typed], cwd=folder,
            env=dict(os.environ, HOME=folder,
                     PATH=folder + ':' + os.environ['PATH']),
            capture_output=True, text=True, timeout=DEADLINE, check=False)
        got = [line.split('\t')[0] for line in done.stdout.splitlines()]
        yield 'fish: ' + typed, got == [wanted.split()[-1]], (got,
                                                              done.stderr)


def candidates(*words, launcher=ROOT + '/nvme-fi'):
    done = subprocess.run([launcher, 'complete', '--'] + list(words),
                          capture_output=True, text=True, timeout=DEADLINE,
                          check=True)
    assert not done.stderr, done.stderr
    return [line.split('\t')[0] for line in done.stdout.splitlines()]


def help_of(*words):
    return subprocess.run([ROOT + '/nvme-fi'] + list(words) + ['--help'],
                          capture_output=True, text=True, timeout=DEADLINE,
                          check=True).stdout


def knowledge(folder):
    """Completion and --help know the same."""
    shown = re.findall(r'^  ([a-z]+)  ', help_of(), re.M)
    got = candidates('')
    yield 'all commands', sorted(shown + ['help']) == sorted(got), got
    for words in ('run', 'list', 'exec', 'shell', 'rules', 'presets',
                  'compare', 'report', 'merge', 'trace', 'kernels', 'docs',
                  'test', 'bench', 'bench soak', 'qemu'):
        words = words.split()
        text = help_of(*words)
        if words == ['trace']:
            text += help_of('trace', '--help-filters')
        shown = set(re.findall(
            r'^ *(?:-[a-z], )?(--[a-z][a-z-]*)' if words[0] == 'rules' else
            r'(?:^ *|\[|-[a-z], )(--[a-z][a-z-]*)', text, re.M)) | {'--help'}
        shown |= set(re.findall('--help-[a-z]+', text))
        got = set(candidates(*words, '--'))
        yield 'the options of ' + ' '.join(words), shown == got, \
            shown.symmetric_difference(got)
    done = subprocess.run([ROOT + '/build/meson/tests/results/nvme-fi-results',
                           'compare', 'a', 'b', '--layer', 'x'],
                          capture_output=True, text=True, check=False)
    got = candidates('compare', '--layer', '')
    yield 'the layers', 'one of ' + ', '.join(got) in done.stderr, got
    shutil.copytree(ROOT + '/hw-nvme-fi', folder + '/tree/hw-nvme-fi')
    shutil.copy(ROOT + '/nvme-fi', folder + '/tree/nvme-fi')
    yield 'nothing, silently, where nothing is built', candidates(
        'run', '', launcher=folder + '/tree/nvme-fi') == [], ''


def points(folder):
    yield from knowledge(folder)
    for name in ('bash', 'zsh', 'fish'):
        if not shutil.which(name):
            yield name, None, 'there is no %s here' % name
        elif name == 'fish':
            yield from in_fish(folder)
        else:
            yield from in_terminal(name, folder)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(ROOT + '/nvme-fi', folder + '/nvme-fi')
        os.mkdir(folder + '/unique-folder')
        for name in ('unique-file', 'unique-program'):
            with open(os.path.join(folder, name), 'w', encoding='utf-8'):
                pass
        os.chmod(folder + '/unique-program', 0o755)
        tap.report(points(folder))


if __name__ == '__main__':
    main()
