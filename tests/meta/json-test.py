#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test compares what list and presets print with what they say in JSON.
# The tests of run, merge, compare, trace, kernels and rules do so themselves.
#
# usage: json-test.py ROOT RUNNER SESSION GUEST-DIR
import json
import os
import subprocess
import sys

import tap

ROOT, RUNNER, SESSION, GUEST = map(os.path.abspath, sys.argv[1:])
CASES = ['errno/read-direct-access-denied', 'errno/read-direct-read*']
LIST = [RUNNER, 'list', '--guest-dir', GUEST, '--expect-dir',
        ROOT + '/tests/expect'] + [
            word for case in CASES for word in ('--filter', case)]
PRESETS = [SESSION, 'presets', '--presets-dir', ROOT + '/guest-scripts/presets']


def said(argv):
    """The lines of the table, and the same call's JSON."""
    text = [subprocess.run(argv + more, stdout=subprocess.PIPE, text=True,
                           check=True).stdout for more in ([], ['--json'])]
    return text[0].splitlines(), json.loads(text[1])


def points():
    lines, cases = said(LIST)
    yield 'list', lines and lines == [row['case'] for row in cases] and all(
        row['case'].startswith(row['suite'] + '/') for row in cases), cases
    lines, presets = said(PRESETS)
    yield 'presets', lines and [line.split(None, 1) for line in lines] == [
        [row['name'], row['title']] for row in presets], lines
    name = presets[0]['name']
    (text, one) = said(PRESETS + [name])
    words = ' '.join(' '.join(text).split())
    yield 'one preset', [one] == [presets[:1]] and all(
        presets[0][key] in words for key in ('title', 'description',
                                             'source')), (text, one)


tap.report(points())
