#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test compares small results folders: at which layer cases part, what is
# no difference, what is printed, and the exit status.
#
# usage: compare-test.py PROGRAM
import copy
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]
RECORD = {
    'case': 'errno/read', 'suite': 'errno', 'kernel': '6.12.1',
    'qemu': '10.0.13', 'stimulus': {'op': 'read', 'slba': 2048},
    'device': {'hits': 1, 'commands': [
        {'seq': 9, 'qid': 1, 'cid': 77, 'opcode': 2, 'executed': False,
         'status': 0x4286}]},
    'driver': {'completions': [{'status': 0x4286, 'retries': 0}]},
    'block': {'errno': 'ENODATA', 'requeues': 0, 'status': 'MEDIUM'},
    'log': ['nvme nvme0: I/O tag 832 (c340) opcode 0x2 QID 3 timeout'],
    'result': {'value': -1, 'errno': 'ENODATA'}, 'expected': {},
    'elapsed_ns': 12345, 'verdict': 'pass', 'reason': ''}
folder = tempfile.TemporaryDirectory()
failed = 0
points = []


def record(name='errno/read', **changes):
    """A record; 'driver__completions=...' sets a member of a member."""
    made = copy.deepcopy(RECORD)
    made['case'] = name
    for path, value in changes.items():
        where = made
        *parents, last = path.split('__')
        for parent in parents:
            where = where[parent]
        where[last] = value
    return made


def write(name, records):
    path = os.path.join(folder.name, name)
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, 'results.jsonl'), 'w',
              encoding='utf-8') as f:
        f.writelines(json.dumps(r) + '\n' for r in records)
    return path


def run(*args):
    return subprocess.run([PROGRAM, 'compare'] + list(args), timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)


def compare(*runs, args=()):
    paths = [write('run%d' % i, records) for i, records in enumerate(runs)]
    return run(*paths, *args)


def check(name, holds, detail):
    global failed
    failed += not holds
    points.append('%sok %d - %s' % ('' if holds else 'not ', len(points) + 1,
                                    name))
    if not holds:
        points.append('# ' + str(detail).replace('\n', '\n# '))


def parted(name, one, other, layers):
    done = compare([one], [other], args=['--json'])
    found = json.loads(done.stdout)
    differing = found['differing'] + found['only']
    got = [d['layers'] for d in differing]
    want = [layers] if layers else []
    check(name, got == want and done.returncode == bool(layers) and
          [d['layer'] for d in differing] == [w[0] for w in want] and
          not done.stderr, '%r: %s' % (got, done))


COMMAND = {'opcode': 2, 'executed': True, 'status': 0x4286}
SITE = 'critical medium error, dev nvme0n1, sector %d op 0x0:(READ)'
DIFFER = [
    ('the wire', {'device__hits': 2}, ['wire']),
    ('a command that was carried out', {'device__commands': [COMMAND]},
     ['wire']),
    ('retries', {'driver__completions': [{'status': 0x286, 'retries': 1}]},
     ['driver']),
    ('the block status', {'block__status': 'IOERR'}, ['block']),
    ('requeues', {'block__requeues': 1}, ['block']),
    ('a log line', {'log': ['nvme nvme0: resetting controller']}, ['log']),
    ('the errno', {'result__errno': 'EIO'}, ['result']),
    ('a signal', {'result__signal': 'SIGBUS'}, ['result']),
    ('two layers', {'block__errno': 'EIO', 'result__errno': 'EIO'},
     ['block', 'result']),
    ('a time-out', {'verdict': 'timeout', 'reason': 'silent for 30 s'},
     ['presence']),
    ('a skip', {'verdict': 'skip', 'reason': 'no such call'}, ['presence']),
]
ALIKE = [
    ('cid, qid and seq', {'device__commands': [
        {'seq': 1, 'qid': 4, 'cid': 5, 'opcode': 2, 'executed': False,
         'status': 0x4286}]}),
    ('the time', {'elapsed_ns': 1}),
    ('tags and queues of a log line',
     {'log': ['nvme nvme0: I/O tag 9 (1009) opcode 0x2 QID 1 timeout']}),
    ('a line that the kernel limits', {'log': RECORD['log'] + [SITE % 2048]}),
    ('the verdict', {'verdict': 'fail', 'reason': 'errno: got ...'}),
    ('what is observed and not judged',
     {'verdict': 'skip', 'reason': 'observed, not judged'}),
    ('another kernel', {'kernel': '6.1.9'}),
    ('times of a result', {'result': dict(RECORD['result'], **{'a-ms': 7})}),
    ('an unknown member', {'block__later': 1}),
]


def check_functions():
    def calls(work, poll, **more):
        return record(driver__functions={'work': work, 'poll': poll}, **more)
    wanted = {'driver': {'functions': {'work': 1, 'poll': {'min': 1}}}}
    parted('calls that no case counts are alike', calls(1, 5), calls(2, 0),
           None)
    parted('calls that one counts differ', calls(1, 5, expected=wanted),
           calls(2, 5), ['driver'])
    parted('calls within bounds are alike', calls(1, 5, expected=wanted),
           calls(1, 9), None)
    parted('none and some calls differ', calls(1, 5, expected=wanted),
           calls(1, 0), ['driver'])


def check_log():
    judged = {'log': [['critical medium error']]}
    parted('a limited line differs in a case that judges its log',
           record(log=[SITE % 2048], expected=judged),
           record(log=['critical target error, dev nvme0n1, sector 2048 op']),
           ['log'])
    parted('blocks count from the case\'s own',
           record(log=[SITE % 2056], expected=judged),
           record(log=[SITE % 4104], stimulus__slba=4096), None)
    parted('another block of the case differs',
           record(log=[SITE % 2056], expected=judged),
           record(log=[SITE % 2057]), ['log'])


def check_text():
    one = [record('errno/a'), record('errno/b'), record('errno/c')]
    other = [record('errno/a', result__errno='EIO'),
             record('errno/b', result__errno='EIO'), record('errno/c')]
    text = compare(one, other).stdout
    check('cases that differ alike share a line',
          'result        2  errno/a, errno/b\n' in text and
          '1 the same, 2 differ' in text and 'errno EIO' in text, text)
    text = compare(one, other, args=['--all']).stdout
    check('--all shows each', 'result        1  errno/a\n' in text and
          'result        1  errno/b\n' in text, text)
    done = compare(one, other, args=['--filter', 'errno/c'])
    check('--filter chooses cases', done.returncode == 0 and
          '1 the same, 0 differ' in done.stdout, done)
    done = compare(one, other, args=['--layer', 'wire'])
    check('--layer looks at that layer only', done.returncode == 0 and
          '3 the same, 0 differ' in done.stdout, done)
    both = [record(block__errno='EIO', result__errno='EIO')]
    done = compare([record()], both, args=['--layer', 'result', '--json'])
    found = json.loads(done.stdout)['differing'][0]
    check('--layer shows what is not the first', found['layer'] == 'result' and
          [v['errno'] for v in found['values']] == ['ENODATA', 'EIO'], done)
    done = compare(one, one + [record('errno/d')], args=['--json'])
    only = json.loads(done.stdout)['only']
    check('a case of one run only', done.returncode == 1 and
          only[0]['case'] == 'errno/d' and only[0]['values'] == [None, 'ran'],
          done)
    done = compare(one, other, one, args=['--json'])
    found = json.loads(done.stdout)
    check('three runs', [v['errno'] for v in found['differing'][0]['values']]
          == ['ENODATA', 'EIO', 'ENODATA'] and len(found['runs']) == 3 and
          found['same'] == 1, done)
    text = compare(one, other, one).stdout
    check('runs that saw the same share a line', '  A  C  errno ENODATA'
          in text, text)


def refuses(name, args, words):
    done = run(*args)
    check(name, done.returncode == 2 and not done.stdout and
          done.stderr.count('nvme-fi: ') == 1 and
          all(word in done.stderr for word in words), done)


def check_usage():
    good = write('good', [record()])
    refuses('one run is refused', [good], ['1 run is given', 'two to 26'])
    refuses('no folder', [good, '/none'], ['/none'])
    refuses('an unknown option', [good, good, '--fliter', 'x'],
            ['unknown option --fliter', "did you mean '--filter'?"])
    refuses('an unknown layer', [good, good, '--layer', 'blok'],
            ['expected one of', "did you mean 'block'?"])
    refuses('a filter without a case', [good, good, '--filter', 'x'],
            ['no run has a case'])
    bad = write('bad', [])
    with open(os.path.join(bad, 'results.jsonl'), 'w',
              encoding='utf-8') as f:
        f.write(json.dumps(record()) + '\n{"case"')
    refuses('a broken line', [good, bad], ['results.jsonl:2: '])
    done = run('--help')
    check('--help fits a screen', done.returncode == 0 and
          len(done.stdout.splitlines()) <= 24 and
          all(len(line) <= 80 for line in done.stdout.splitlines()), done)
    done = run('--plan', good, 'debian:6.1', '--suite', 'batch')
    check('--plan', done.stdout == 'run %s\nrun debian:6.1\nsuite batch\n' %
          good, done)
    done = run('k', 'k', '--run', 'k=' + good, '--run', 'k=' + good)
    check('--run gives the results of a kernel', done.returncode == 0 and
          done.stdout.startswith('A  k  6.12.1'), done)


for title, changes, where in DIFFER:
    parted(title + ' differs', record(), record(**changes), where)
for title, changes in ALIKE:
    parted(title + ' is no difference', record(), record(**changes), None)
check_functions()
check_log()
check_text()
check_usage()
print('1..%d' % sum(1 for p in points if not p.startswith('#')))
print('\n'.join(points))
sys.exit(failed > 0)
