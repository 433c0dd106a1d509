#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test gives the runner a bad command line: one clear error each.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                'fake'))
from harness import contains, equal, main


def refused(r, *parts, options=(), command='run'):
    r.run('', *options, command=command)
    equal(r.status, 2)
    equal(r.stdout, '')
    equal(r.stderr.count('nvme-fi: '), 1)
    lines = r.stderr.splitlines()
    equal(lines[1:], ["Try './nvme-fi %s --help'." %
                      ('list' if command == 'list' else 'run')])
    contains(r.stderr, 'nvme-fi: ', *parts)
    equal(os.path.exists(r.path('state/boots')), False)


def test_no_command(r):
    refused(r, "'run' or 'list'", command='')


def test_unknown_command(r):
    refused(r, "unknown command 'rum'", command='rum')


def test_unknown_option(r):
    refused(r, '--frobnicate', options=['--frobnicate'])


def test_stray_argument(r):
    refused(r, "unexpected argument 'errno'", '--filter',
            options=['errno'])


def test_missing_options(r):
    for name in ('emulator', 'firmware', 'kernel-image', 'initrd', 'guest-dir',
                 'expect-dir'):
        refused(r, '--%s is missing' % name, options=['--%s=' % name])


def test_paths_that_are_not_there(r):
    for name in ('emulator', 'firmware', 'kernel-image', 'initrd', 'guest-dir',
                 'expect-dir'):
        refused(r, '--%s /nowhere' % name,
                options=['--%s=/nowhere' % name])


def test_a_kernel_that_is_no_kernel(r):
    r.write('text', b'this is no kernel ' * 100)
    refused(r, 'not a Linux/x86 boot image',
            options=['--kernel-image=' + r.path('text')])


def test_an_unknown_accelerator(r):
    refused(r, 'tcg, kvm or auto', options=['--accel=hvf'])


def test_numbers_out_of_range(r):
    refused(r, '--timeout 0', '1 to', options=['--timeout=0'])
    refused(r, '--timeout', options=['--timeout=x'])
    refused(r, '--boot-timeout -1', options=['--boot-timeout=-1'])
    refused(r, '--jobs 2', options=['--jobs=2'])


def test_an_unknown_suite(r):
    refused(r, '--suite errmo', 'there is fake',
            options=['--suite=errmo'])


def test_a_filter_without_a_match_names_near_cases(r):
    refused(r, "'fake/thre' matches no case", 'near: fake/three',
            options=['--filter=fake/thre'])
    refused(r, 'near: fake/three', options=['--filter=fake/thre'],
            command='list')


def test_a_filter_that_cannot_travel(r):
    for bad in ('a b', 'a"b', "a'b", 'a\\b', 'a\nb'):
        r.run('', '--filter', bad)
        equal(r.status, 2)
        contains(r.stderr, '--filter', 'no blanks, quotes')
    refused(r, 'empty', options=['--filter', ''])


def test_too_many_filters(r):
    refused(r, 'at most 24', options=['--filter=fake/*'] * 25)


def test_filters_too_long_for_a_kernel(r):
    r.run('', *['--filter=*%s' % ('a?' * 60)] * 20, '--filter=fake/*')
    equal(r.status, 1)
    contains(r.stderr, "too long for the kernel's command line")


def test_a_folder_without_suites(r):
    os.unlink(r.path('guest/fake'))
    refused(r, 'no suite there')


def test_a_suite_that_cannot_be_listed(r):
    os.environ['FAKE_LIST_FAILS'] = '1'
    try:
        refused(r, "--list' failed: the tables are broken")
    finally:
        del os.environ['FAKE_LIST_FAILS']


def test_tables_that_cannot_be_read(r):
    r.write('expect/blk_errors', b'MEDIUM ENODATA\n')
    refused(r, 'blk_errors:1:')
    os.unlink(r.path('expect/blk_errors'))
    refused(r, 'blk_errors')


def test_list_prints_names(r):
    r.run('', command='list')
    equal((r.status, r.stdout.split()), (0, r.cases))
    r.run('', '--filter=*/t*', command='list')
    equal(r.stdout.split(), ['fake/two', 'fake/three'])


def test_only_the_filtered_cases_run(r):
    r.run('vm.hello(); vm.run(vm.todo)', '--filter=fake/one',
          '--filter=*three')
    equal(r.verdicts(), {'fake/one': 'pass', 'fake/three': 'pass'})
    contains(r.boots()[0], '-- fake --filter=fake/one --filter=*three')


main(globals())
