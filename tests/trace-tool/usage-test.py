#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test gives nvme-fi-trace good and bad command lines: what is left out,
# what is printed, and the exit status.
#
# usage: usage-test.py PROGRAM
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]


def setup(time, qid, cid, command, nsid=1, ctrl=0):
    return (' dd-9 [000] ..... %s: nvme_setup_cmd: nvme%d: qid=%d, cmdid=%d, '
            'nsid=%d, flags=0x0, meta=0x0, cmd=(%s)\n' %
            (time, ctrl, qid, cid, nsid, command))


def done(time, qid, cid, status=0, retries=0, ctrl=0):
    return (' dd-9 [000] ..... %s: nvme_complete_rq: nvme%d: qid=%d, cmdid=%d,'
            ' res=0, retries=%d, flags=0x0, status=%#x\n' %
            (time, ctrl, qid, cid, retries, status))


def rw(name, slba, nlb):
    return 'nvme_cmd_%s slba=%d, len=%d, ctrl=0x0, dsmgmt=0, reftag=0' % (
        name, slba, nlb - 1)


TRACE = ''.join((
    setup('1.000000', 0, 1, 'nvme_admin_identify cns=1, ctrlid=0', 0),
    done('1.000010', 0, 1),
    setup('2.000000', 1, 2, rw('read', 100, 8)), done('2.001000', 1, 2),
    setup('3.000000', 2, 3, rw('write', 200, 8), 2),
    done('3.000500', 2, 3, 0x4286),
    setup('4.000000', 1, 4, rw('read', 104, 8), 1, 1),
    done('4.000200', 1, 4, 0x281, 1, 1)))


def run(args, given=TRACE, env=None):
    given = given.encode('latin-1') if isinstance(given, str) else given
    return subprocess.run([PROGRAM] + args, input=given, env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60, check=False)


def cids(args):
    out = run(['--json'] + args).stdout.decode()
    found = [json.loads(line) for line in out.splitlines()]
    return [c['cid'] for c in found if c['type'] == 'command']


FILTERS = [
    ([], [1, 2, 3, 4]), (['--qid', '0'], [1]), (['--qid=1,2'], [2, 3, 4]),
    (['--ctrl', 'nvme1'], [4]), (['--ctrl', '0'], [1, 2, 3]),
    (['--nsid', '2'], [3]), (['--opcode', 'read'], [2, 4]),
    (['--opcode', 'write,identify'], [1, 3]), (['--opcode', '0x2'], [2, 4]),
    (['--status', 'access-denied'], [3]), (['--status', '0x281'], [4]),
    (['--status', 'success'], [1, 2]), (['--errors'], [3, 4]),
    (['--slba', '107'], [2, 4]), (['--slba', '100-103'], [2]),
    (['--slba', '108+100'], [4, 3]), (['--slba', '112'], []),
    (['--min-duration', '500us'], [2, 3]),
    (['--max-duration', '0.2ms'], [1, 4]), (['--since', '3'], [3, 4]),
    (['--until', '2.0'], [1, 2]), (['--since', '2', '--until', '3'], [2, 3]),
    (['--opcode', 'read', '--errors'], [4]),
]

WRONG = [
    (['--staus', 'x'], "did you mean '--status'?"),
    (['--opcode', 'raed'], "did you mean 'read'?"),
    (['--status', 'acess-denied'], "did you mean 'access-denied'?"),
    (['--qid', '70000'], 'must be a number 0 to 65535'),
    (['--qid', ''], 'must be a number'), (['--qid', '1,'], 'must be a number'),
    (['--ctrl', 'sda'], 'such as nvme0'),
    (['--slba', '9-3'], 'FIRST-LAST'), (['--slba', '9+0'], 'FIRST+COUNT'),
    (['--min-duration', '5'], 'ns, us, ms or s'),
    (['--since', 'noon'], 'seconds'), (['--seconds', '3'], 'with --live'),
    (['--live', '--enable'], 'exclude each other'),
    (['--live', 'file'], 'no file is read'),
    (['--live', '--seconds', '-1'], 'expected 0'),
    (['--live', '--buffer-kb', '-1'], 'expected 0'),
]


def check_filter(args, expected):
    got = cids(args)
    assert sorted(got) == sorted(expected), 'got %s, expected %s' % (
        got, expected)


def check_wrong(args, words):
    result = run(args)
    text = result.stderr.decode()
    assert result.returncode == 2, 'status %d' % result.returncode
    assert words in text and not result.stdout, text
    assert text.count('\n') == 2 and './nvme-fi trace --help' in text, text


def check_summary():
    out = run(['--quiet', '--summary']).stdout.decode().splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in out}
    assert rows['read'] == ['2', '1', '1', '0', '200.0', 'us', '600.0', 'us',
                            '1.0', 'ms', '1.0', 'ms'], out
    assert rows['write'][:4] == ['1', '1', '0', '0'], out
    text = run(['--quiet', '--summary', '--json']).stdout.decode()
    table = json.loads(text.splitlines()[0])
    assert table['type'] == 'summary'
    read = [o for o in table['opcodes'] if o['opcode'] == 'read'][0]
    assert (read['min-ns'], read['mean-ns'], read['p99-ns'],
            read['max-ns']) == (200000, 600000, 1000000, 1000000), read


def check_statuses():
    assert run([]).returncode == 0
    assert run(['/nonexistent/trace']).returncode == 1
    lost = run([], TRACE + 'CPU:0 [LOST 5 EVENTS]\n')
    assert lost.returncode == 3
    assert b'5 events were lost' in lost.stderr, lost.stderr
    head = '# entries-in-buffer/entries-written: 8/18   #P:1\n'
    lost = run([], head + TRACE)
    assert lost.returncode == 3
    assert b'10 events were overwritten' in lost.stderr, lost.stderr
    with open('/dev/full', 'wb') as sink:
        broken = subprocess.run([PROGRAM], input=TRACE.encode(), stdout=sink,
                                stderr=subprocess.PIPE, check=False)
    assert broken.returncode == 1 and b'cannot write' in broken.stderr
    assert run(['--help']).returncode == 0


def check_files():
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ('a', 'b')]
        for name in names:
            with open(name, 'w', encoding='utf-8') as f:
                f.write(TRACE)
        out = run(['--json', '--opcode', 'write'] + names, '').stdout
        assert out.count(b'"cid":3') == 2, out


def check_counts():
    out = run(['--json'], TRACE + 'hello\n' + 'x' * 70000 + '\n\xff\xfe\n')
    counts = json.loads(out.stdout.decode().splitlines()[-1])
    assert counts['type'] == 'counts' and counts['lines'] == 11, counts
    assert counts['too-long'] == 1 and counts['other-lines'] == 2, counts
    assert counts['mended'] == 1 and counts['commands'] == 4, counts
    assert out.returncode == 3


def check_other_lines():
    other = ('# tracer: nop', ' a-1 [000] ..... 0.5: sched_switch: x ==> y',
             'hello "you"')
    out = run(['--other-lines'], '\n'.join(other) + '\n' + TRACE)
    assert out.stdout.decode().splitlines()[:3] == list(other), out.stdout
    out = run(['--other-lines', '--json'], '\n'.join(other) + '\n')
    found = [json.loads(line) for line in out.stdout.decode().splitlines()]
    assert [o.get('text') for o in found[:3]] == list(other), found


def check_progress():
    """A terminal sees how far it is, and a clean line at the end."""
    ours, theirs = os.openpty()
    subprocess.run([PROGRAM], input=TRACE.encode(), stderr=theirs,
                   stdout=subprocess.DEVNULL, timeout=60, check=True)
    os.close(theirs)
    seen = os.read(ours, 4096)
    os.close(ours)
    assert b' MiB' in seen and b' 4 commands' in seen, seen
    assert seen.endswith(b'\r\x1b[K'), seen
    assert not run([]).stderr


def check_live():
    with tempfile.TemporaryDirectory() as folder:
        out = run(['--live', '--tracefs', folder + '/none'])
        assert out.returncode == 1 and b'no tracefs at' in out.stderr
        os.makedirs(folder + '/events/block')
        out = run(['--enable', '--tracefs', folder])
        assert out.returncode == 1
        assert b'no nvme trace events' in out.stderr, out.stderr
        make_tracefs(folder)
        out = run(['--enable', '--qid', '0', '--tracefs', folder])
        assert out.returncode == 0, out.stderr
        assert read(folder, 'nvme/filter') == 'qid==0\n'
        assert read(folder, 'nvme/enable') == '1\n'
        assert read(folder, 'block/block_rq_issue/enable') == ''
        out = run(['--disable', '--tracefs', folder])
        assert out.returncode == 0, out.stderr
        assert read(folder, 'nvme/enable') == '0\n'
        assert read(folder, 'nvme/filter') == '0\n'


def check_docs():
    """What docs/tracing.md and README.md show is what is printed."""
    here = os.path.dirname(os.path.abspath(__file__))
    sample = os.path.join(here, 'sample.trace')
    lines = run([sample], '').stdout.decode()
    table = run(['--quiet', '--summary', sample], '').stdout.decode()
    with open(os.path.join(here, '../../docs/tracing.md'),
              encoding='utf-8') as f:
        page = f.read()
    assert '```text\n%s```' % lines in page, lines
    assert '```text\n%s```' % table in page, table
    with open(os.path.join(here, '../../README.md'), encoding='utf-8') as f:
        page = f.read()
    shown = ''.join(line + '\n' for line in lines.splitlines()
                    if ' read ' in line)
    assert '```text\n%s```' % shown in page, shown


def make_tracefs(folder):
    names = ['nvme/filter', 'nvme/enable'] + [
        'block/%s/enable' % event for event in
        ('block_rq_issue', 'block_rq_complete', 'block_rq_requeue')]
    for name in names:
        path = os.path.join(folder, 'events', name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8'):
            pass
    for name in ('tracing_on', 'buffer_size_kb'):
        with open(os.path.join(folder, name), 'w', encoding='utf-8'):
            pass


def read(folder, name):
    with open(os.path.join(folder, 'events', name), encoding='utf-8') as f:
        return f.read()


def main():
    checks = [('filter %s' % ' '.join(args) if args else 'no filter',
               check_filter, (args, expected)) for args, expected in FILTERS]
    checks += [('wrong: %s' % ' '.join(args), check_wrong, (args, words))
               for args, words in WRONG]
    checks += [(f.__name__, f, ()) for f in
               (check_summary, check_statuses, check_files, check_counts,
              check_other_lines, check_progress,
                check_live, check_docs)]
    print('1..%d' % len(checks))
    for number, (name, check, args) in enumerate(checks, 1):
        try:
            check(*args)
            print('ok %d - %s' % (number, name))
        except AssertionError as error:
            print('not ok %d - %s' % (number, name))
            print('# ' + str(error).replace('\n', '\n# '))


if __name__ == '__main__':
    main()
