#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test checks that QEMU's generator takes the schema, that every
# definition and member is documented, and that every example works.
import json
import os
import re
import sys

import rig

sys.path.insert(0, os.path.join(rig.QEMU_SRC, 'scripts'))
sys.dont_write_bytecode = True
from qapi.error import QAPIError  # noqa: E402
from qapi.schema import QAPISchema  # noqa: E402

MODULE = os.path.join(rig.QEMU_SRC, 'qapi', 'nvme-fi.json')
COLUMNS = 70                    # of a comment, by QEMU's qapi-code-gen.rst


def own_docs():
    """Documentation of the module's definitions, by name."""
    error = None
    try:
        schema = QAPISchema(os.path.join(rig.QEMU_SRC,
                                         'qapi/qapi-schema.json'))
    except QAPIError as err:
        error = err
    rig.result(not error, "QEMU's generator takes the schema", error)
    if error:
        return {}
    return {doc.symbol: doc for doc in schema.docs
            if doc.symbol and os.path.samefile(doc.info.fname, MODULE)}


def definitions(text):
    """(name, names of members or values) as the module's text has them."""
    code = re.sub(r'^#.*$', '', text, flags=re.M).replace("'", '"')
    decoder = json.JSONDecoder()
    while code.strip():
        expr, end = decoder.raw_decode(code.strip())
        code = code.strip()[end:]
        kind = next(iter(expr))
        # the branches of a union are documented with their own types
        data = [] if kind == 'union' else expr.get('data', [])
        yield expr[kind], [name.lstrip('*') for name in data]


def has_since(doc):
    """QEMU 7.2 has it as one of many sections, later versions by itself."""
    return doc.since if hasattr(doc, 'since') else doc.has_section('Since')


def check_documented(text):
    docs = own_docs()
    for name, members in definitions(text):
        doc = docs.get(name)
        rig.result(doc and doc.body.text.strip() and has_since(doc),
                   f'{name} is documented', 'no text or no Since:')
        for member in members:
            section = doc and doc.args.get(member)
            rig.result(section and section.text.strip(),
                       f'{name}.{member} is documented', 'no text')


def examples(text):
    """(request, answer or None) of each example, as text."""
    for block in re.findall(r'qmp-example::\n((?:#\n|#     .*\n)+)', text):
        lines = '\n'.join(line[1:].strip() for line in block.splitlines())
        request = re.search(r'^-> (.*?)(?=^<- |\Z)', lines, re.M | re.S)
        answer = re.search(r'^<- (.*)', lines, re.M | re.S)
        yield request and request.group(1), answer.group(1)


def same_kind(got, expected):
    """The same members with the same kinds of values."""
    if isinstance(expected, dict):
        return isinstance(got, dict) and got.keys() == expected.keys() and \
            all(same_kind(got[key], expected[key]) for key in got)
    if isinstance(expected, list):
        return isinstance(got, list) and len(got) == len(expected) and \
            all(map(same_kind, got, expected))
    return type(got) is type(expected)


def check_examples(text):
    commands = set()
    answers = {}
    with rig.Qemu() as qemu:
        # the order of the reference, but removal last, and then what
        # others would show the traces of
        found = [(json.loads(request) if request else None,
                  json.loads(answer)) for request, answer in examples(text)]
        for request, answer in found:
            if not request:
                answers[answer['event']] = answer
                continue
            commands.add(request['execute'])
        for request, answer in sorted(
                [pair for pair in found if pair[0]],
                key=lambda pair: ('remove' in pair[0]['execute']) +
                2 * ('clear' in pair[0]['execute']) +
                3 * ('trigger' in pair[0]['execute'])):
            got = qemu.send(request)
            rig.result(same_kind(got, answer),
                       f'example of {request["execute"]} answers as stated',
                       f'got {got}\nstated {answer}')
    for name in re.findall(r"^{ 'command': '([^']*)'", text, re.M):
        rig.result(name in commands, f'{name} has an example')
    for name in re.findall(r"^{ 'event': '([^']*)'", text, re.M):
        rig.result(name in answers, f'{name} has an example')


def main():
    with open(MODULE, encoding='utf-8') as module:
        text = module.read()
    wide = [line for line in text.splitlines()
            if line.startswith('#') and len(line) > COLUMNS]
    rig.same(f'comments have at most {COLUMNS} columns', wide, [])
    check_documented(text)
    check_examples(text)
    rig.done()


main()
