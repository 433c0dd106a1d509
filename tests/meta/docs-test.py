#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test runs every command that README.md and docs/ show, and gives every
# rule, QMP command and monitor command in them to a real QEMU.
import glob
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
DRIVE = ['-M', 'q35', '-display', 'none', '-S', '-nodefaults', '-blockdev',
         'null-co,node-name=d0,size=1073741824', '-device',
         'nvme,id=nvme0,serial=1,drive=d0']
RULE = {'action': 'none', 'id': 'placeholder'}
# What cannot be run in a test of itself; CI runs it, which is checked.
BY_CI = './nvme-fi test'
# Takes minutes and is no promise of a result; a part of it is run.
SHORT = {'./nvme-fi bench': './nvme-fi bench --device-only --turns 1',
         # compiles all once more; 'installed' tests what is in a package
         './nvme-fi package': './nvme-fi package --help'}
# What the output of a command must show.
SHOWN = {'fi-file=first.json': 'I/O Error (sct 0x2 / sc 0x86) DNR'}
DEADLINE = 900
# Ends with 1 where runs differ, as those of two kernels do; those of a suite
# take minutes.
COMPARE = './nvme-fi compare '
SHORT['./nvme-fi compare debian:6.1 debian:6.12'] = (
    COMPARE + "debian:6.1 debian:6.12 --filter 'errno/*write-zeroes*denied*'")
# Its commands are cases that run anyway; findings.py looks at them.
FINDINGS = 'docs/kernel-findings.md'


def pages():
    names = ['README.md'] + sorted('docs/' + name for name in
                                   os.listdir(os.path.join(ROOT, 'docs'))
                                   if name.endswith('.md'))
    for name in names:
        with open(os.path.join(ROOT, name), encoding='utf-8') as f:
            yield name, f.read()


def saved(text):
    """{name: content} of what a page tells to save: '`first.json`:' and then
    a block."""
    return dict(re.findall(r'`([\w-]+\.json)`:\n\n```json\n(.*?)^```', text,
                           re.M | re.S))


def expanded(argv, folder):
    """What a shell makes of '*' in a word with a '/'."""
    return [word for pattern in argv for word in
            (sorted(glob.glob(pattern, root_dir=folder))
             if '*' in pattern and pattern.startswith('build/') else ())
            or [pattern]]


def blocks(text, kind):
    return re.findall(r'^```%s\n(.*?)^```' % kind, text, re.M | re.S)


def commands(text):
    """Lines of sh blocks, and whole commands among the text; ARGS, FILE and
    their like stand for the reader's own."""
    shown = [line for block in blocks(text, 'sh')
             for line in block.splitlines()]
    prose = re.sub(r'^```.*?^```', '', text, flags=re.M | re.S)
    shown += [c for c in re.findall(r'`(\./nvme-fi [^`\n]+)`', prose)
              if not re.search(r'\b[A-Z]{3,}\b|bzImage', c)]
    return list(dict.fromkeys(shown))


def run(argv, given, folder, status=0):
    done = subprocess.run(argv, input=given, cwd=folder, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=DEADLINE, check=False)
    assert done.returncode == status, 'exit status %d:\n%s' % (
        done.returncode, done.stdout[-2000:])
    return done.stdout


def qmp(requests, folder):
    """The answers of a QEMU with a drive to these requests."""
    lines = [json.dumps(r) for r in
             [{'execute': 'qmp_capabilities'}] + requests +
             [{'execute': 'quit'}]]
    out = run(['./nvme-fi', 'qemu', '--'] + DRIVE + ['-qmp', 'stdio'],
              '\n'.join(lines) + '\n', folder)
    answers = [json.loads(line) for line in out.splitlines()
               if line.startswith('{"return"') or line.startswith('{"error"')]
    return answers[1:1 + len(requests)]


def check_command(command, folder):
    if command == BY_CI:
        with open(os.path.join(ROOT, '.ci/run'), encoding='utf-8') as f:
            assert BY_CI in f.read(), 'CI does not run it'
        return
    given = 'quit\n'
    if '-qmp stdio' in command:
        given = '{"execute":"qmp_capabilities"}{"execute":"quit"}'
    out = run(expanded(shlex.split(SHORT.get(command, command)), folder),
              given, folder, 1 if command.startswith(COMPARE) else 0)
    for part, wanted in SHOWN.items():
        assert part not in command or wanted in out, out[-2000:]


def check_rules(rules, folder):
    for answer in qmp([{'execute': 'nvme-fi-add', 'arguments':
                        {'device': 'nvme0', 'rules': rules}}], folder):
        assert 'return' in answer, answer


def check_dialogue(text, folder):
    """'-> request <- answer' in turn, as in the reference of QMP."""
    parts = re.split(r'^(->|<-) ', text, flags=re.M)[1:]
    said = [(arrow, json.loads(part))
            for arrow, part in zip(parts[::2], parts[1::2])]
    wanted = [value for arrow, value in said if arrow == '<-']
    got = qmp([value for arrow, value in said if arrow == '->'], folder)
    assert got == wanted, 'got %r, expected %r' % (got, wanted)


def check_json(text, folder):
    if text.startswith('->'):
        check_dialogue(text, folder)
        return
    value = json.loads(text)
    if isinstance(value, list):
        check_rules(value, folder)
    elif 'execute' in value:
        assert 'return' in qmp([value], folder)[0]


def check_monitor(text, folder):
    """What is shown after each '(qemu) command', to the letter."""
    parts = re.split(r'^\(qemu\) (.*)\n', text, flags=re.M)[1:]
    answers = qmp([{'execute': 'human-monitor-command',
                    'arguments': {'command-line': line}}
                   for line in parts[::2]], folder)
    got = [a['return'].replace('\r', '') for a in answers]
    assert got == parts[1::2], 'got %r, expected %r' % (got, parts[1::2])


def gather():
    seen = set()
    for name, text in pages():
        for command in commands(text) if name != FINDINGS else ():
            # what several pages show is run once
            if command not in seen:
                yield name, command, check_command
            seen.add(command)
        for block in blocks(text, 'json'):
            yield name, block, check_json
        for block in blocks(text, 'text'):
            if block.startswith('(qemu) '):
                yield name, block, check_monitor
            elif re.match(r'nvme_fi_\w+ ', block):
                yield name, '(qemu) %s' % block, lambda t, f: qmp(
                    [{'execute': 'human-monitor-command', 'arguments':
                      {'command-line': t[len('(qemu) '):].strip()}}], f)


def main():
    kernels = os.environ.get('NVME_FI_TEST_KERNELS', 'debian:6.12 debian:6.1')
    if 'debian:6.1' not in kernels.split():
        print('1..0 # SKIP the kernels of the documentation are not set up')
        return 0
    checks = list(gather())
    failed = 0
    print('1..%d' % len(checks))
    with tempfile.TemporaryDirectory() as folder:
        # machines of other tests are not found by 'rules'
        os.environ['XDG_RUNTIME_DIR'] = folder
        os.symlink(os.path.join(ROOT, 'nvme-fi'),
                   os.path.join(folder, 'nvme-fi'))
        os.symlink(os.path.join(ROOT, 'tests/trace-tool/sample.trace'),
                   os.path.join(folder, 'trace.txt'))
        os.symlink(os.path.join(ROOT, 'build'), os.path.join(folder, 'build'))
        for _, text in pages():
            for name, content in saved(text).items():
                with open(os.path.join(folder, name), 'w',
                          encoding='utf-8') as f:
                    f.write(content)
        with open(os.path.join(folder, 'rules.json'), 'w',
                  encoding='utf-8') as f:
            json.dump([RULE], f)
        for number, (name, text, check) in enumerate(checks, 1):
            title = '%s: %s' % (name, text.splitlines()[0].replace('#', ''))
            try:
                check(text, folder)
                print('ok %d - %s' % (number, title), flush=True)
            except (AssertionError, ValueError, KeyError, IndexError,
                    subprocess.TimeoutExpired) as problem:
                failed += 1
                print('not ok %d - %s' % (number, title))
                print('# ' + str(problem).replace('\n', '\n# '), flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
