#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test merges small shards: their order, what does not belong together,
# what is missing, the files and the exit status.
#
# usage: merge-test.py PROGRAM
import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

PROGRAM = sys.argv[1]
NAMES = ['errno/%s' % c for c in 'abcdefg']
folder = tempfile.TemporaryDirectory()
failed = 0
points = []


def path(name):
    return os.path.join(folder.name, name)


def write(name, index, count, names=None, kernel='6.12.1', verdict='pass',
          **changes):
    """Shard INDEX of COUNT, without a member where it is None."""
    if names is None:
        names = NAMES[index - 1::count]
    info = {'kernel-name': 'debian:6.12', 'suites': ['errno'], 'filters': [],
            'shard': {'index': index, 'count': count}, 'cases': len(names)}
    info.update(changes)
    os.makedirs(path(name), exist_ok=True)
    with open(path(name + '/run.json'), 'w', encoding='utf-8') as f:
        json.dump({k: v for k, v in info.items() if v is not None}, f)
    with open(path(name + '/results.jsonl'), 'w', encoding='utf-8') as f:
        f.writelines(json.dumps(
            {'case': case, 'suite': 'errno', 'kernel': kernel,
             'verdict': verdict, 'reason': '', 'repro': './nvme-fi run'}) +
                     '\n' for case in names)
    return path(name)


def run(*args):
    return subprocess.run([PROGRAM, 'merge'] + list(args), timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)


def check(name, holds, detail):
    global failed
    failed += not holds
    points.append('%sok %d - %s' % ('' if holds else 'not ', len(points) + 1,
                                    name))
    if not holds:
        points.append('# ' + str(detail).replace('\n', '\n# '))


def cases(out):
    if not os.path.exists(path(out + '/results.jsonl')):
        return []
    with open(path(out + '/results.jsonl'), encoding='utf-8') as f:
        return [json.loads(line)['case'] for line in f]


def text(name):
    with open(name, encoding='utf-8') as f:
        return f.read()


def refuses(name, status, args, words):
    done = run(*args, '--out', path('refused'))
    check(name, done.returncode == status and
          done.stderr.count('nvme-fi: ') == 1 and
          not os.path.exists(path('refused')) and
          all(word in done.stderr for word in words), done)


def check_merge():
    shards = [write('s%d' % i, i, 3) for i in (1, 2, 3)]
    done = run(*shards, '--out', path('one'))
    check('shards are merged', done.returncode == 0 and
          '7 passed' in done.stdout, done)
    check('in the order of the run', cases('one') == NAMES, cases('one'))
    done = run(*reversed(shards), '--out', path('two'))
    check('whatever the order of the folders', cases('two') == NAMES,
          cases('two'))
    with open(path('one/run.json'), encoding='utf-8') as f:
        info = json.load(f)
    check('run.json is that of the whole run', info['cases'] == 7 and
          info['kernel-name'] == 'debian:6.12' and 'shard' not in info, info)
    check('a shard without a console adds none', not [
        name for name in os.listdir(path('one')) if 'console' in name],
        os.listdir(path('one')))
    for shard in shards[:2]:
        for name in ('console-1.log', 'console-2.log', 'qemu-1.stderr',
                     'disk.img'):
            with open(os.path.join(shard, name), 'w', encoding='utf-8') as f:
                f.write('%s of %s' % (name, shard))
    run(*reversed(shards), '--out', path('evidence'))
    kept = {name: text(path('evidence/' + name)) for name in
            os.listdir(path('evidence')) if name.startswith('shard')}
    check('consoles and messages are kept, by shard', kept == {
        'shard-%d-%s' % (i, name): '%s of %s' % (name, path('s%d' % i))
        for i in (1, 2) for name in ('console-1.log', 'console-2.log',
                                     'qemu-1.stderr')}, kept)
    table = run(*shards, '--out', path('as-json'), '--json')
    check('the table as JSON', json.loads(table.stdout)['rows'][0]['passed']
          == 7, table)
    suite = xml.etree.ElementTree.parse(path('one/junit.xml')).find('.//*')
    check('junit.xml has all', suite.get('tests') == '7', suite.attrib)
    done = run(*shards, '--out', path('one'))
    check('a folder that is there is not overwritten', done.returncode == 2
          and 'it is there already' in done.stderr, done)
    empty = write('e3', 3, 3, names=[])
    done = run(write('e1', 1, 3, ['errno/a']), write('e2', 2, 3, ['errno/b']),
               empty, '--out', path('few'))
    check('a shard without a case', done.returncode == 0 and
          cases('few') == ['errno/a', 'errno/b'], done)
    done = run(shards[0], shards[1], write('f3', 3, 3, verdict='fail'),
               '--out', path('bad'))
    check('a case that failed', done.returncode == 1 and
          '2 failed' in done.stdout, done)
    done = run(shards[0], shards[1], write('c3', 3, 3, cases=9), '--out',
               path('cut'))
    check('a shard that broke off', done.returncode == 1 and
          'not run' in done.stdout, done)
    return shards


def check_refusals(shards):
    one, two, three = shards
    refuses('a missing shard', 1, [one, three], ['missing: shard 2/3'])
    done = run(one, three, '--partial', '--out', path('part'))
    check('--partial', done.returncode == 0 and len(cases('part')) == 5, done)
    refuses('a shard twice', 1, [one, two, three, write('again', 2, 3)],
            ['shard 2/3 is in', path('again'), two])
    refuses('a case twice', 1,
            [one, two, write('same', 3, 3, ['errno/a'])],
            ['case errno/a is in', one, path('same')])
    refuses('another kernel', 1, [one, two, write('k', 3, 3, kernel='6.1')],
            ['kernel is 6.12.1 in', '6.1 in', path('k')])
    refuses('another filter', 1,
            [one, two, write('f', 3, 3, filters=['x'])], ["'filters'"])
    refuses('another number of shards', 1, [one, two, write('n', 3, 4)],
            ['shard 1/3', '3/4'])
    refuses('a shard beyond the last', 1, [write('b', 4, 3, ['errno/x'])],
            ['run.json', 'index'])
    os.makedirs(path('none'))
    refuses('a folder without run.json', 1, [one, path('none')],
            ['none/run.json'])
    refuses('no folder', 2, [], ['no results folder'])
    done = run(one)
    check('no --out', done.returncode == 2 and '--out DIR is missing' in
          done.stderr, done)
    done = run(one, '--outt', 'x')
    check('an unknown option', done.returncode == 2 and
          "did you mean '--out'?" in done.stderr, done)
    done = run('--help')
    check('--help fits a screen', done.returncode == 0 and
          len(done.stdout.splitlines()) <= 24, done)


check_refusals(check_merge())
print('1..%d' % sum(1 for p in points if not p.startswith('#')))
print('\n'.join(points))
sys.exit(failed > 0)
