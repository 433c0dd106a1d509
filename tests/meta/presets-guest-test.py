#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test tells each preset's story in a real guest, with the example that
# the preset names, and finds what its description says.
#
# usage: presets-guest-test.py SESSION BUILD AGENT-DIR INIT
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
PRESETS = os.path.join(ROOT, 'guest-scripts/presets')
TOOLS = ['sh', 'dd', 'cmp', 'head', 'od', 'tr', 'wc', 'yes']


def hits(record):
    return {rule['id']: rule['hits'] for rule in record['device']['rules']}


def failed(record, *names):
    return any(call['errno'] in names for call in
               record['result']['observed']['syscalls']
               if call['name'] in ('read', 'write', 'fsync'))


def said(record, text):
    return any(re.search(text, line) for line in record['log'])


# What is in the record and in the output, for each preset.
STORIES = {
    'bad-block': lambda r, out, err: (
        failed(r, 'ENODATA') and hits(r)['found'] == 1 and
        r['result']['value'] == 1 and 'No data available' in err),
    'bit-rot': lambda r, out, err: (
        hits(r)['rot'] == 2 and not failed(r, 'EIO', 'ENODATA') and
        bool(re.search('differ: (byte|char) 101', out))),
    'dying-drive': lambda r, out, err: (
        hits(r)['slow'] >= 3 and hits(r)['bad'] >= 1 and
        failed(r, 'ENODATA', 'EIO')),
    'fail-slow': lambda r, out, err: (
        r['result']['value'] == 0 and hits(r)['limp'] >= 2 and
        r['elapsed_ns'] > 200000000),
    'firmware-hang': lambda r, out, err: (
        r['result']['value'] == 0 and hits(r)['stuck'] == 1 and
        said(r, 'timeout') and said(r, 'reset')),
    'full-zones': lambda r, out, err: (
        r['result']['value'] == 1 and hits(r)['full'] == 1 and
        any(c['status'] & 0x7ff == 0x1b9
            for c in r['driver']['completions'])),
    'lost-flush': lambda r, out, err: (
        hits(r) == {'lost': 1, 'cut': 1} and '\\0  \\0' in out and
        'y' not in out),
    'path-flap': lambda r, out, err: (
        r['result']['value'] == 0 and hits(r)['flap'] >= 1 and
        any(c['status'] & 0x7ff == 0x360
            for c in r['driver']['completions'])),
    'read-only-end-of-life': lambda r, out, err: (
        hits(r)['end'] == 1 and r['result']['value'] == 1 and
        failed(r, 'EROFS', 'EIO', 'EPERM', 'ENOTSUPP', 'EOPNOTSUPP') and
        '10+0 records out' in err),
    'surprise-removal': lambda r, out, err: (
        hits(r)['gone'] == 1 and r['result']['value'] == 1 and
        failed(r, 'EIO', 'ENODEV', 'ENXIO')),
    'thermal-throttle': lambda r, out, err: (
        r['result']['value'] == 0 and hits(r)['hot'] == 1 and
        hits(r)['slow'] >= 40 and r['elapsed_ns'] > 400000000),
    'torn-write': lambda r, out, err: (
        r['result']['value'] == 0 and hits(r)['torn'] == 1 and
        out.strip() == '3584'),
}


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
        init, '--bin', os.path.join(agent, 'session'), '--with',
        os.path.join(folder, 'list')], check=True,
        stdout=subprocess.DEVNULL)
    return image


def tell(session, build, image, folder, name):
    with open(os.path.join(PRESETS, name + '.json'), encoding='utf-8') as f:
        preset = json.load(f)
    out = os.path.join(folder, name)
    done = subprocess.run([
        session, 'exec', '--preset', name, '--emulator',
        os.path.join(build, 'qemu/fi/build/qemu-system-x86_64'),
        '--firmware', os.path.join(build, 'firmware'), '--kernel-image',
        os.path.join(build, 'kernels/debian-6.12/vmlinuz'), '--kernel-name',
        'debian:6.12', '--image', image, '--expect-dir',
        os.path.join(ROOT, 'tests/expect'), '--presets-dir', PRESETS,
        '--accel', 'tcg', '--out', out, '--'] +
        shlex.split(preset['example']), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, errors='replace', check=False)
    try:
        with open(os.path.join(out, 'results.jsonl'), encoding='utf-8') as f:
            record = json.loads(f.read())
        good = STORIES[name](record, done.stdout, done.stderr)
    except (OSError, KeyError, ValueError) as problem:
        return False, (repr(problem), done)
    record['device'].pop('commands')
    return good, (done.stdout, done.stderr, record)


def main():
    session, build, agent, init = map(os.path.abspath, sys.argv[1:5])
    names = sorted(name[:-5] for name in os.listdir(PRESETS))
    wanted = sys.argv[5:] or names
    if not os.path.exists(os.path.join(build, 'kernels/debian-6.12/vmlinuz')):
        print('1..0 # SKIP debian:6.12 is not set up')
        return
    print('1..%d' % (len(wanted) + 1))
    with tempfile.TemporaryDirectory() as folder:
        image = make_image(build, agent, init, folder)
        for number, name in enumerate(wanted, 1):
            good, detail = tell(session, build, image, folder, name)
            print('%sok %d - %s does what it says' %
                  ('' if good else 'not ', number, name), flush=True)
            if not good:
                print('# %r' % (detail,))
    print('%sok %d - each preset has a story here' %
          ('' if names == sorted(STORIES) else 'not ', len(wanted) + 1))


if __name__ == '__main__':
    main()
