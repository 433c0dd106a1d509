# SPDX-License-Identifier: GPL-2.0-or-later
# Reads qapi/nvme-fi.json, as much of QEMU's schema language as it uses:
# definitions, each with its documentation in a comment before it.
import ast
import re

KINDS = ('enum', 'struct', 'union', 'command', 'event')


class SchemaError(Exception):
    """What is wrong with the schema, and on which line."""


class Doc:
    """The documentation of one definition."""

    def __init__(self):
        self.text = []          # paragraphs, lines joined
        self.members = {}       # name: text
        self.returns = ''
        self.since = ''
        self.notes = []
        self.examples = []      # as they are written


class Definition:
    """One definition: kind, name, the expression, and its documentation."""

    def __init__(self, expr, doc, line):
        self.expr, self.doc, self.line = expr, doc, line
        self.kind = next((k for k in KINDS if k in expr), None)
        if self.kind is None:
            raise SchemaError('line %d: neither of %s' %
                              (line, ', '.join(KINDS)))
        self.name = expr[self.kind]

    def members(self):
        """Names of what the documentation must describe. Those of a union
        are branches, which have their documentation as types."""
        data = self.expr.get('data', {})
        if self.kind == 'union':
            return []
        return [name.lstrip('*') for name in data]


def paragraphs(lines):
    """Blocks of lines between empty ones, each joined to one line."""
    found = re.split(r'\n\s*\n', '\n'.join(lines))
    return [' '.join(p.split()) for p in found if p.strip()]


def unindented(lines):
    indent = min((len(l) - len(l.lstrip()) for l in lines if l.strip()),
                 default=0)
    return '\n'.join(l[indent:] for l in lines).strip('\n') + '\n'


def sections(lines):
    """(head, rest of its line, indented lines) for the text between heads;
    what stands at the margin and is no head has the head ''."""
    head, first, body = '', '', []
    for line in lines:
        match = re.match(r'(@[\w-]+:|Returns:|Since:|\.\. [\w-]+::)\s*(.*)',
                         line)
        if match:
            yield head, first, body
            head, first, body = match.group(1), match.group(2), []
        elif line.strip() and not line.startswith(' ') and head:
            yield head, first, body
            head, first, body = '', '', [line]
        else:
            body.append(line)
    yield head, first, body


def read_doc(lines, number):
    """The documentation of a comment, of which the first line names what it
    is about."""
    doc = Doc()
    for head, first, body in sections(lines):
        if head == '':
            doc.text += paragraphs(body)
        elif head == 'Returns:':
            doc.returns = ' '.join(paragraphs([first] + body))
        elif head == 'Since:':
            doc.since = first.strip()
        elif head == '.. note::':
            doc.notes.append(' '.join(paragraphs([first] + body)))
        elif head == '.. qmp-example::':
            doc.examples.append(unindented(body))
        elif head.startswith('@'):
            name = head[1:-1]
            if name in doc.members:
                raise SchemaError("line %d: '%s' is documented twice" %
                                  (number, name))
            doc.members[name] = '\n\n'.join(paragraphs([first] + body))
        else:
            raise SchemaError("line %d: '%s' is not known here" %
                              (number, head))
    return doc


def check(definition):
    """Each member has a text, each text a member."""
    doc, where = definition.doc, 'line %d: %s: ' % (definition.line,
                                                    definition.name)
    if not doc.text:
        raise SchemaError(where + 'it has no documentation')
    wanted = definition.members()
    for name in wanted:
        if not doc.members.get(name):
            raise SchemaError(where + "'%s' has no documentation" % name)
    for name in doc.members:
        if name not in wanted:
            raise SchemaError(where + "'%s' is documented and is not there" %
                              name)
    if definition.kind == 'command' and not doc.examples:
        raise SchemaError(where + 'the command has no example')


def expression(text, line):
    try:
        plain = re.sub(r'\btrue\b', 'True', re.sub(r'\bfalse\b', 'False', text))
        return ast.literal_eval(plain)
    except (SyntaxError, ValueError):
        raise SchemaError('line %d: the expression cannot be read' %
                          line) from None


def read_schema(text):
    """All definitions by name, in the order of the file."""
    found = {}
    comment, about, code, begin = None, None, [], 0
    pending = None
    for number, line in enumerate(text.splitlines() + ['##'], 1):
        if line == '##' and comment is None:
            if ''.join(code).strip():
                add(found, '\n'.join(code), pending, begin)
            code, comment, pending = [], [], None
            about = number + 1
        elif line == '##':
            pending, comment = (comment, about), None
        elif comment is not None:
            comment.append(re.sub(r'^# ?', '', line))
        elif not line.startswith('#'):
            if line.startswith('{') and ''.join(code).strip():
                add(found, '\n'.join(code), pending, begin)
                code, pending = [], None
            if line.startswith('{'):
                begin = number
            code.append(line)
    return found


def add(found, code, pending, line):
    expr = expression(code, line)
    lines, number = pending or ([], line)
    match = re.match(r'@([\w-]+):$', lines[0] if lines else '')
    definition = Definition(expr, read_doc(lines[1:], number)
                            if match else Doc(), line)
    if match and match.group(1) != definition.name:
        raise SchemaError("line %d: the documentation of '%s' stands before "
                          "'%s'" % (line, match.group(1), definition.name))
    check(definition)
    found[definition.name] = definition
