#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes a C table of the members of rules and triggers from the schema, for
# completion: {scope, member, values}. A scope is "rule" or "trigger", or
# "rule:ACTION" for what only that action has; values are joined by '|', or
# "opcode" or "status" where names of the specification are wanted.
#
# usage: rule-words.py SITE-FOLDER SCHEMA
import sys

sys.path.insert(0, sys.argv[1])
import schema

with open(sys.argv[2], encoding='utf-8') as f:
    TYPES = {d.name: d.expr for d in schema.read_schema(f.read()).values()}


def members(name):
    """(member, type) of a struct, those of its base first."""
    expr = TYPES[name]
    base = members(expr['base']) if 'base' in expr else []
    return base + [(key.lstrip('*'), kind)
                   for key, kind in expr['data'].items()]


def values(member, kind):
    if kind == 'bool':
        return 'on|off'
    if kind == 'str' and member in ('opcode', 'status'):
        return member
    if 'enum' in TYPES.get(kind, {}):
        return '|'.join(TYPES[kind]['data'])
    return ''


def rows(scope, pairs):
    for member, kind in pairs:
        if not isinstance(kind, list):
            yield scope, member, values(member, kind)
        elif 'struct' in TYPES.get(kind[0], {}):
            # the first of a list; a list of triggers has a scope of its own
            for inner, inner_kind in members(kind[0]):
                yield scope, '%s.0.%s' % (member, inner), values(
                    inner, inner_kind)


def union(scope, name):
    expr = TYPES[name]
    yield from rows(scope, members(expr['base']))
    for branch, struct in expr['data'].items():
        yield from rows('%s:%s' % (scope, branch), members(struct))


for row in list(union('rule', 'NvmeFiRule')) + list(
        union('trigger', 'NvmeFiTrigger')):
    print('{ "%s", "%s", "%s" },' % row)
