# SPDX-License-Identifier: GPL-2.0-or-later
# Writes the pages of the reference, in Markdown, from the definitions of the
# schema.
import json
import re

BUILT_IN = {'str': 'string', 'bool': 'boolean', 'number': 'number'}
# Where definitions stand that are not on the page of their kind.
RULE_BASE, RULE, TRIGGER = 'NvmeFiRuleBase', 'NvmeFiRule', 'NvmeFiTrigger'
ACTIONS, TRIGGERS = 'NvmeFiActionType', 'NvmeFiTriggerType'

HEAD = {
    'commands': ('Commands', 'QMP commands. A library that speaks QMP sends '
                 'them as they are; the human monitor has those of them that '
                 '[rules](../rules.md) lists.'),
    'events': ('Events', 'What QEMU tells a QMP client unasked.'),
    'rule': ('Members of a rule', 'What every rule can have, whatever its '
             'action. [Actions](actions.md) add members of their own.'),
    'actions': ('Actions', 'What goes wrong with a command: the values of '
                'member `action` of a rule, and the members that each adds '
                'to [those of every rule](rule.md).'),
    'triggers': ('Triggers', 'What happens without a command: at once by '
                 '[nvme-fi-trigger](commands.md#nvme-fi-trigger), or with '
                 'each hit of a rule, in its member `trigger`.'),
    'types': ('Types', 'What members and answers are made of.'),
}


def slug(name):
    """The anchor of a heading, as myst makes it."""
    return re.sub(r'[^\w-]', '', name.lower())


class Reference:
    """The pages for the definitions of one schema."""

    def __init__(self, schema, examples):
        self.schema = schema
        self.examples = examples    # [(source, list of rules)]
        self.branches = {}          # name of a struct: (page, branch)
        for page, union in (('actions', RULE), ('triggers', TRIGGER)):
            for branch, struct in schema[union].expr['data'].items():
                self.branches[struct] = (page, branch)

    def place(self, name):
        """The page and the heading of a definition."""
        if name in self.branches:
            return self.branches[name]
        kind = self.schema[name].kind
        if name in (RULE, RULE_BASE):
            return 'rule', HEAD['rule'][0]
        if name in (ACTIONS, TRIGGERS, TRIGGER, 'NvmeFiTriggerBase'):
            page = 'actions' if name == ACTIONS else 'triggers'
            return page, HEAD[page][0]
        return {'command': 'commands', 'event': 'events'}.get(
            kind, 'types'), name

    def link(self, name):
        page, heading = self.place(name)
        return '[%s](%s.md#%s)' % (name.replace('_', r'\_'), page,
                                   slug(heading.replace(' ', '-')))

    def prose(self, text, members=()):
        """Text of the schema as Markdown: '@name' is a link or code."""
        def name(match):
            word = match.group(1)
            if word in self.schema and word not in members:
                return self.link(word)
            return '`%s`' % word

        text = re.sub(r'([\\*_<>|\[\]`])', r'\\\1', text)
        text = re.sub(r"'([a-z][\w-]*)'", r'`\1`', text)
        return re.sub(r'@((?:\\_|[\w-])*\w)', lambda m: name(
            re.match('(.*)', m.group(1).replace('\\_', '_'))), text)

    def type_name(self, kind):
        if isinstance(kind, list):
            return 'array of ' + self.type_name(kind[0])
        if kind in self.schema:
            return self.link(kind)
        match = re.match(r'(u?)int(\d+)$', kind)
        if match:
            return '%s integer, %s bits' % (
                'unsigned' if match.group(1) else 'signed', match.group(2))
        return BUILT_IN.get(kind, '`%s`' % kind)

    def table(self, definition):
        """Members, or values of an enumeration."""
        doc, data = definition.doc, definition.expr.get('data', {})
        if not data:
            return []
        if definition.kind == 'enum':
            return ['| value | means |', '|---|---|'] + [
                '| `%s` | %s |' % (v, self.cell(doc.members[v], data))
                for v in data] + ['']
        names = [n.lstrip('*') for n in data]
        return ['| member | type | means |', '|---|---|---|'] + [
            '| `%s`%s | %s | %s |' % (
                name.lstrip('*'), ' (optional)' if name[0] == '*' else '',
                self.type_name(kind), self.cell(
                    doc.members[name.lstrip('*')], names))
            for name, kind in data.items()] + ['']

    def cell(self, text, members):
        return self.prose(' '.join(text.split()), members)

    def body(self, definition):
        """Everything about a definition but its heading."""
        doc = definition.doc
        names = definition.members()
        out = []
        for paragraph in doc.text:
            out += [self.prose(paragraph, names), '']
        if 'base' in definition.expr:
            out += ['It has the members of %s%s' % (
                self.link(definition.expr['base']),
                ' and these:' if definition.expr.get('data') else '.'), '']
        out += self.table(definition)
        if 'returns' in definition.expr:
            out += ['Returns %s: %s' % (
                self.type_name(definition.expr['returns']),
                self.prose(doc.returns or 'see there')), '']
        for note in doc.notes:
            out += ['**Note:** ' + self.prose(note), '']
        for example in doc.examples:
            out += ['```text', example.rstrip('\n'), '```', '']
        return out

    def union(self, page, enum, union):
        """The branches of a union, in the order of its discriminator."""
        base = self.schema[union]
        out = ['Type %s. ' % code(union) + ' '.join(
            self.prose(p) for p in base.doc.text), '']
        out += self.overview(page, enum)
        for value in self.schema[enum].expr['data']:
            out += ['## ' + value, '']
            out += [self.prose(sentence(
                self.schema[enum].doc.members[value])), '']
            struct = base.expr['data'].get(value)
            if struct:
                out += ['Type %s.' % code(struct), '']
                out += self.body(self.schema[struct])
            else:
                out += ['It has no members of its own.', '']
            out += self.example_of(base.expr['discriminator'], value)
        return out

    def overview(self, page, enum):
        definition = self.schema[enum]
        return ['| %s | |' % code(enum), '|---|---|'] + [
            '| [`%s`](%s.md#%s) | %s |' % (v, page, slug(v), self.cell(
                definition.doc.members[v], definition.expr['data']))
            for v in definition.expr['data']] + ['']

    def example_of(self, member, value):
        for source, rules in self.examples:
            for rule in rules:
                if rule.get(member) == value or (
                        member == 'trigger' and isinstance(
                            rule.get(member), list) and
                        any(t.get(member) == value for t in rule[member])):
                    return ['An example, from %s:' % source, '', '```json',
                            json_text(rule), '```', '']
        return []

    def pages(self):
        """{name: text} of all pages."""
        out = {name: ['# ' + head, '', text, '']
               for name, (head, text) in HEAD.items()}
        out['rule'] += ['Types %s and %s.' % (code(RULE), code(RULE_BASE)), '']
        out['rule'] += [self.prose(p) + '\n' for p in
                        self.schema[RULE].doc.text]
        out['rule'] += self.body(self.schema[RULE_BASE])
        out['actions'] += self.union('actions', ACTIONS, RULE)
        base = 'NvmeFiTriggerBase'
        out['triggers'] += ['What all have (%s):' % code(base), '']
        out['triggers'] += self.table(self.schema[base])
        out['triggers'] += self.union('triggers', TRIGGERS, TRIGGER)
        for name, definition in self.schema.items():
            page, heading = self.place(name)
            if heading == name:
                out[page] += ['## ' + name.replace('_', r'\_'), '']
                out[page] += self.body(definition)
        return {name: '\n'.join(lines) for name, lines in out.items()}


def code(name):
    return '`%s`' % name


def sentence(text):
    return text[:1].upper() + text[1:].rstrip('.') + '.'


def json_text(rule, width=76):
    """One member a line where it does not fit on one."""
    flat = json.dumps(rule)
    if len(flat) <= width:
        return flat
    return '{ ' + ',\n  '.join('%s: %s' % (json.dumps(k), json.dumps(v))
                               for k, v in rule.items()) + ' }'


def names_page(statuses, opcodes):
    """The names that 'status' and 'opcode' take, from the engine's tables."""
    rows = re.findall(r'^FI_STATUS(_ALIAS)?\((0x\w+), (0x\w+), "([\w-]+)"\)',
                      statuses, re.M)
    out = ['# Names of statuses and opcodes', '',
           'What member `status` and member `opcode` of a rule take besides '
           'numbers. The number of a status has SCT in bits 10:8 and SC in '
           'bits 7:0.', '', '## Statuses', '',
           '| number | SCT/SC | name |', '|---|---|---|']
    for alias, sct, sc, name in rows:
        sct, sc = int(sct, 16), int(sc, 16)
        out.append('| 0x%03x | %x/%02Xh | `%s`%s |' % (
            sct << 8 | sc, sct, sc, name,
            ' (accepted as well)' if alias else ''))
    for title, admin in (('Opcodes of the Admin Submission Queue', 'TRUE'),
                         ('Opcodes of I/O Submission Queues', 'FALSE')):
        out += ['', '## ' + title, '', '| number | name |', '|---|---|']
        out += ['| 0x%02x | `%s` |' % (int(opcode, 16), name)
                for queue, opcode, name in
                re.findall(r'^FI_OPCODE\w*\((\w+), (0x\w+), "([\w-]+)"\)',
                           opcodes, re.M) if queue == admin]
    return '\n'.join(out) + '\n'
