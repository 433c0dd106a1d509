#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test gives each subcommand what is wrong in each way: one line that says
# what, and what would be right, and where the help is; the help of each fits a
# screen.
#
# usage: wrong-arguments-test.py ROOT
import os
import subprocess
import sys

import tap

ROOT = os.path.abspath(sys.argv[1])
TOOLS = os.path.join(ROOT, 'build/meson/tests')
RUNNER = [TOOLS + '/runner/nvme-fi-runner']
FOLDERS = ['--check', '--guest-dir', TOOLS + '/guest', '--expect-dir',
           ROOT + '/tests/expect']
SESSION = [TOOLS + '/session/nvme-fi-session']
PRESETS = ['--presets-dir', ROOT + '/guest-scripts/presets']
RESULTS = [TOOLS + '/results/nvme-fi-results']
LAUNCHER = [ROOT + '/nvme-fi']
BENCH = ['/usr/bin/python3', ROOT + '/tests/bench/bench.py']
SOAK = ['/usr/bin/python3', ROOT + '/tests/bench/soak.py']
# How the launcher starts each.
START = {
    'run': (RUNNER + ['run'] + FOLDERS), 'list': RUNNER + ['list'] + FOLDERS,
    'exec': SESSION + ['contents', 'exec'] + PRESETS,
    'shell': SESSION + ['contents', 'shell'] + PRESETS,
    'rules': SESSION + ['rules'], 'presets': SESSION + ['presets'] + PRESETS,
    'compare': RESULTS + ['compare'], 'merge': RESULTS + ['merge'],
    'report': RESULTS + ['report'],
    'trace': [TOOLS + '/trace-tool/nvme-fi-trace'],
    'bench': BENCH, 'soak': SOAK,
    'kernels': [ROOT + '/guest-scripts/kernels'],
}

# Words behind 'nvme-fi', the status, and what the line says. 125 is that of
# exec for all that is not the program's, 1 what cannot be read.
WRONG = [
    ('run --sutie x', 2, "unknown option --sutie; did you mean '--suite'?"),
    ('run --suite errmo', 2, "--suite errmo: no such suite; did you mean "
     "'errno'?"),
    ('run --filter fake/raed', 2, "'fake/raed' matches no case; near: "),
    ('run --accel kwm', 2, '--accel kwm: expected tcg, kvm or auto'),
    ('run --timeout x', 2, '--timeout x: expected a number'),
    ('run --timeout 0', 2, '--timeout 0: expected 1 to 3600'),
    ('run --boot-timeout 9999', 2, '--boot-timeout 9999: expected 1 to 3600'),
    ('run --jobs 99999999999', 2, '--jobs 99999999999: too large'),
    ('run --shard 5/4', 2, "--shard '5/4': expected I/N"),
    ('run --tap=1', 2, '--tap takes no value'),
    ('run --out', 2, '--out needs a value: --out DIR'),
    ('run word', 2, "unexpected argument 'word'"),
    ('list --filtr x', 2, "did you mean '--filter'?"),
    ('list --suite errmo', 2, "did you mean 'errno'?"),
    ('list word', 2, "unexpected argument 'word'"),
    ('exec --presett x -- true', 125, "did you mean '--preset'?"),
    ('exec --preset bad-blok -- true', 125, "did you mean 'bad-block'?"),
    ('exec --rules READM.md -- true', 125, "did you mean 'README.md'?"),
    ('exec --rules docs -- true', 125, '--rules docs: this is no regular file'),
    ('exec --drive READM.md -- true', 125, "did you mean 'README.md'?"),
    ('exec --pi 4 -- true', 125, '--pi 4: expected 0 to 3'),
    ('exec --pi x -- true', 125, '--pi x: expected a number'),
    ('exec --memory 1 -- true', 125, '--memory 1: expected 256 to'),
    ('exec --with nonesuch -- true', 125, '--with nonesuch: there is no'),
    ('exec -- nonesuch', 127, "there is no program 'nonesuch'"),
    ('exec true', 125, "'--' and the program are missing"),
    ('exec --', 125, "there is no program behind '--'"),
    ('exec --expect-errno ENODTA -- true', 125, "did you mean 'ENODATA'?"),
    ('exec --expect-hits x -- true', 125, '--expect-hits x: expected'),
    ('shell --rulse x', 2, "did you mean '--rules'?"),
    ('shell --preset path-falp', 2, "did you mean 'path-flap'?"),
    ('shell word', 2, "unexpected argument 'word'"),
    ('rules', 2, 'a command is needed: add, list'),
    ('rules ad', 2, "unknown command 'ad'; did you mean 'add'?"),
    ('rules add', 2, 'add: one rule or one file is needed'),
    ('rules add action=status,dnr', 2, "add: 'dnr' has no value; members are "
     "NAME=VALUE, such as 'dnr=on'"),
    ('rules rm', 2, 'rm: the ids of rules are needed'),
    ('rules list --jsn', 2, "list: unexpected '--jsn'; there is --json"),
    ('rules clear x', 2, "clear: unexpected 'x'"),
    ('rules watch x', 2, "watch: unexpected 'x'"),
    ('rules --machin x list', 2, "did you mean '--machine'?"),
    ('presets --jsn', 2, "did you mean '--json'?"),
    ('presets bad-blok', 2, "did you mean 'bad-block'?"),
    ('compare a', 2, '1 run is given; expected two to 26'),
    ('compare --layer blok a b', 2, "did you mean 'block'?"),
    ('compare --filtr x a b', 2, "did you mean '--filter'?"),
    ('compare docss docs', 2, "docss: there is no such results folder; did "
     "you mean 'docs'?"),
    ('report', 2, 'name a results folder'),
    ('report --otu x', 2, "did you mean '--out'?"),
    ('report docss', 1, "did you mean 'docs'?"),
    ('merge x', 2, '--out DIR is missing'),
    ('merge --prtial', 2, "did you mean '--partial'?"),
    ('merge docss --out nonesuch', 1, "did you mean 'docs'?"),
    ('trace --opcod read', 2, "did you mean '--opcode'?"),
    ('trace --opcode raed', 2, "did you mean 'read'?"),
    ('trace --status acess-denied', 2, "did you mean 'access-denied'?"),
    ('trace --seconds x --live', 2, '--seconds x: expected a number'),
    ('trace READM.md', 1, "did you mean 'README.md'?"),
    ('bench --turn 3', 2, "did you mean '--turns'?"),
    ('bench --turns x', 2, '--turns x: expected a number'),
    ('bench --turns 0', 2, '--turns 0: must be 1 or more'),
    ('soak --minute 3', 2, "did you mean '--minutes'?"),
    ('soak --minutes', 2, '--minutes needs a value'),
    ('soak --seed -1', 2, '--seed'),
    ('soak word', 2, "unexpected argument 'word'"),
    ('kernels list --jsn', 2, "did you mean '--json'?"),
    ('kernels add x', 2, 'NAME and FILE are wanted'),
    ('kernels add x y z', 2, "'z' is one argument too many"),
    ('kernels add x README.md --modles y', 2, "did you mean '--modules'?"),
    ('kernels add user README.md', 2, "the name 'user' is not possible"),
    ('kernels add x READM.md', 1, "did you mean 'README.md'?"),
    ('kernels remove', 2, 'no NAME is given'),
]
# What the launcher itself refuses.
LAUNCHED = [
    ('run --kernel debain:6.1', "did you mean 'debian:6.1'?"),
    ('run --kernel debian:6.01', "did you mean 'debian:6.1'?"),
    ('run --kernel READM.md', "did you mean 'README.md'?"),
    ('kernels lst', "did you mean 'list'?"),
    ('kernels fetch debain:6.1', "did you mean 'debian:6.1'?"),
    ('qemu --kernl', "did you mean '--kernel'?"),
    ('bench soka', "did you mean 'soak'?"),
    ('rnu', "did you mean 'run'?"),
]


def refused(argv, status, text):
    done = subprocess.run(argv, cwd=ROOT, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120,
                          check=False)
    lines = done.stderr.splitlines()
    good = (done.returncode == status and not done.stdout and lines and
            lines[0].startswith('nvme-fi: ') and text in lines[0] and
            all(line.startswith("Try './nvme-fi ") for line in lines[1:2]) and
            len(lines) <= 2)
    return good, done


def fits(argv):
    done = subprocess.run(argv + ['--help'], cwd=ROOT, capture_output=True,
                          text=True, timeout=120, check=False)
    lines = done.stdout.splitlines()
    return (done.returncode == 0 and lines and len(lines) <= 24 and
            all(len(line) <= 80 for line in lines)), done


def points():
    for words, status, text in WRONG:
        command, *rest = words.split()
        yield words, *refused(START[command] + rest, status, text)
    for words, text in LAUNCHED:
        yield words, *refused(LAUNCHER + words.split(), 2, text)
    for command, argv in START.items():
        yield 'the help of %s fits a screen' % command, *fits(argv)
    for words in ([], ['test'], ['qemu'], ['docs'], ['kernels']):
        yield 'the help of %s fits a screen' % ' '.join(['nvme-fi'] + words), \
            *fits(LAUNCHER + words)
    yield 'the filters of trace fit a screen', *fits(
        START['trace'] + ['--help-filters'])


if __name__ == '__main__':
    tap.report(points())
