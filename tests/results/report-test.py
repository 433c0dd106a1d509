#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test reads what 'nvme-fi report' writes, without a browser: that the
# page needs nothing else, that its policy fits it, that no record breaks out
# of its data, that the records are all there, and what is refused.
#
# usage: report-test.py PROGRAM
import base64
import hashlib
import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sample

PROGRAM = sys.argv[1]
LOADS = {'src', 'srcset', 'href', 'action', 'data', 'poster', 'background',
         'formaction', 'ping', 'manifest', 'style'}


class Page(html.parser.HTMLParser):
    """The elements of a page, and the text in each script and style."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.inside = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append([tag, dict(attrs), ''])
        self.inside = tag in ('script', 'style')

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.found[-1][2] += data

    def all(self, tag):
        return [one for one in self.found if one[0] == tag]


def report(*args):
    return subprocess.run([PROGRAM, 'report', *args], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60)


def page_of(*folders):
    done = report(*folders, '--out', '-')
    assert done.returncode == 0 and 'CRITICAL' not in done.stderr, done.stderr
    return done.stdout


def data_of(text):
    scripts = [s for s in Page(text).all('script')
               if s[1].get('type') == 'application/json']
    assert len(scripts) == 1, scripts
    return json.loads(scripts[0][2])


def unpack(data, row):
    record = {name: data['pool'][row[i]] for i, name in
              enumerate(data['members']) if i < len(row) and row[i] >= 0}
    if 'repro-before' in record:
        record['repro'] = record.pop('repro-before') + record['case'] + "'"
    return record


def safe(value):
    """As documented: integers beyond 2^53 are strings."""
    if isinstance(value, dict):
        return {name: safe(one) for name, one in value.items()}
    if isinstance(value, list):
        return [safe(one) for one in value]
    return str(value) if isinstance(value, int) and abs(value) > 2**53 - 1 \
        else value


def test_nothing_is_loaded_from_anywhere(new, old):
    page = Page(page_of(new, old))
    assert {one[0] for one in page.found}.isdisjoint(
        {'link', 'img', 'iframe', 'object', 'embed', 'base', 'audio',
         'video', 'source', 'image'}), page.found
    for tag, attrs, text in page.found:
        for name in LOADS & set(attrs):
            assert attrs[name].startswith('#'), (tag, name, attrs[name])
        if tag == 'style':
            assert not re.search(r'url\(|@import|image-set', text)
        elif tag == 'script' and 'type' not in attrs:
            for way in ('fetch(', 'XMLHttpRequest', 'import(', 'WebSocket',
                        'sendBeacon', 'EventSource', 'Worker('):
                assert way not in text, way


def test_the_script_makes_no_markup_of_text(new, old):
    text = ''.join(s[2] for s in Page(page_of(new)).all('script')
                   if 'type' not in s[1])
    assert len(text) > 10000
    for way in ('innerHTML', 'outerHTML', 'insertAdjacentHTML',
                'document.write', 'eval(', 'new Function', 'DOMParser',
                'createContextualFragment', 'setHTML'):
        assert way not in text, way


def test_the_policy_allows_this_script_and_style_only(new, old):
    page = Page(page_of(new))
    policy = [one[1]['content'] for one in page.all('meta') if
              one[1].get('http-equiv') == 'Content-Security-Policy']
    assert len(policy) == 1, policy
    rules = dict(rule.strip().split(' ', 1) for rule in policy[0].split(';'))
    assert rules['default-src'] == "'none'", rules

    def sources(elements):
        return ' '.join("'sha256-%s'" % base64.b64encode(hashlib.sha256(
            e[2].encode()).digest()).decode() for e in elements)
    assert rules['style-src'] == sources(page.all('style')), rules
    assert rules['script-src'] == sources(
        [s for s in page.all('script') if 'type' not in s[1]]), rules
    assert page.found.index(page.all('style')[0]) > [
        one[1].get('http-equiv') for one in page.found].index(
            'Content-Security-Policy')


def test_a_hostile_record_stays_within_its_data(new, old):
    text = page_of(new)
    assert '\u2028' in text
    page = Page(text)
    assert len(page.all('script')) == 2, len(page.all('script'))
    assert not page.all('img')
    inside = [s[2] for s in page.all('script') if 'type' in s[1]][0]
    assert '<' not in inside
    names = [unpack(data_of(text), row)['case']
             for row in data_of(text)['runs'][0]['records']]
    assert 'errno/hostile-' + sample.HOSTILE in names


def test_every_record_is_there_whole(new, old):
    data = data_of(page_of(new, old))
    for name, run in zip(('new', 'old'), data['runs']):
        got = [unpack(data, row) for row in run['records']]
        wanted = safe(sample.records(name))
        assert got == wanted, [(g, w) for g, w in zip(got, wanted)
                               if g != w][:1]
    assert len(data['pool']) == len({json.dumps(value) for value in
                                     data['pool']}), 'not shared'


def test_names_are_those_of_the_engine(new, old):
    data = data_of(page_of(new))
    assert [0x286, 'access-denied'] in data['statuses']
    assert data['opcodes']['io']['2'] == 'read'
    assert data['opcodes']['admin']['6'] == 'identify'


def test_several_runs_are_compared(new, old):
    assert data_of(page_of(new))['comparison'] is None
    comparison = data_of(page_of(new, old))['comparison']
    assert [r['kernel'] for r in comparison['runs']] == [
        data['kernel'] for data in data_of(page_of(new, old))['runs']]
    parted = {one['case']: one['layer'] for one in comparison['differing']}
    assert parted['errno/read-direct-capacity-exceeded'] == 'block', parted
    assert 'errno/read-direct-access-denied' not in parted


def test_the_page_goes_into_the_first_folder(new, old):
    done = report(new, old)
    out = os.path.join(new, 'report.html')
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(out + ': 2 runs, 77 cases, '), done.stdout
    with open(out, encoding='utf-8') as f:
        first = f.read()
    assert first == page_of(new, old)
    done = report(os.path.join(old, 'results.jsonl'), '--out=%s/x' % old)
    assert done.stdout.startswith(old + '/x: 1 run, '), done.stdout


REFUSED = [
    (2, [], 'name a results folder'),
    (2, ['--oot', 'x', 'DIR'], "unknown option --oot; did you mean '--out'?"),
    (2, ['--out=', 'DIR'], '--out needs the name of a file'),
    (2, ['DIR', '--out'], '--out needs a value'),
    (1, ['/nonexistent'], '/nonexistent'),
    (1, ['DIR', '--out', '/nonexistent/x.html'], '/nonexistent/x.html'),
    (1, ['DIR', '--out', '/dev/full/x'], '/dev/full/x'),
]


def test_what_is_wrong_is_said_in_one_line(new, old):
    for status, args, words in REFUSED:
        done = report(*[new if arg == 'DIR' else arg for arg in args])
        assert done.returncode == status, (args, done)
        lines = done.stderr.splitlines()
        assert words in lines[0] and done.stdout == '', (args, done)
        assert len(lines) == (2 if status == 2 else 1), (args, done)


def test_a_bad_record_is_named_by_its_line(new, old):
    bad = os.path.join(os.path.dirname(new), 'bad.jsonl')
    with open(bad, 'w', encoding='utf-8') as f:
        f.write('{"case":"a/b"}\n{"case":')
    done = report(bad, '--out', '-')
    assert done.returncode == 1 and '%s:2: ' % bad in done.stderr, done
    assert done.stdout == ''


def test_the_help_fits_a_screen(new, old):
    lines = report('--help').stdout.splitlines()
    assert 10 < len(lines) <= 24 and max(map(len, lines)) <= 80, lines
    assert any('--out' in line for line in lines)


def main():
    tests = [(name, value) for name, value in sorted(globals().items())
             if name.startswith('test_')]
    print('1..%d' % len(tests))
    for number, (name, test) in enumerate(tests, 1):
        title = name[len('test_'):].replace('_', ' ')
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(sample.write(folder, 'new'), sample.write(folder, 'old'))
                print('ok %d - %s' % (number, title))
            except (AssertionError, ValueError, KeyError,
                    TypeError) as problem:
                print('not ok %d - %s' % (number, title))
                print('# ' + repr(problem)[:2000].replace('\n', '\n# '))


main()
