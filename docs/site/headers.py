# SPDX-License-Identifier: GPL-2.0-or-later
# Writes the page of the engine's functions and types, in Markdown, from the
# comments of its headers.
import re


class HeaderError(Exception):
    """What a header lacks, and where."""


def comment_text(text):
    """A comment without its marks, as paragraphs."""
    lines = [re.sub(r'^\s*\*? ?', '', line) for line in
             re.sub(r'^/\*+|\*/$', '', text.strip()).splitlines()]
    # one paragraph for each '@parameter: ...'
    text = re.sub(r'^(@\w+:)', r'\n- \1', '\n'.join(lines), flags=re.M)
    found = re.split(r'\n\s*\n', text.strip())
    return [' '.join(p.split()) for p in found if p.strip()]


def split_items(text):
    """(comment before it or '', code with the comments in it, line) for each
    declaration or group of them that stands together."""
    items, before, code, depth, begin = [], '', [], 0, 0
    lines = text.splitlines()
    number = 0

    def flush():
        nonlocal before, code
        if any(l.strip() for l in code):
            items.append((before, '\n'.join(code).strip('\n'), begin))
        before, code = '', []

    while number < len(lines):
        line = lines[number]
        if line.startswith('/*') and not code:
            flush()
            comment = [line]
            while '*/' not in lines[number]:
                number += 1
                comment.append(lines[number])
            before = '\n'.join(comment)
        elif not line.strip() and depth == 0:
            if code:
                flush()
        else:
            if not code:
                begin = number + 1
            code.append(line)
            depth += line.count('{') - line.count('}')
        number += 1
    flush()
    return items


def declared(code):
    """Names that a piece of code declares: functions, types, constants."""
    plain = re.sub(r'/\*.*?\*/', '', code, flags=re.S)
    names = re.findall(r'^#define (\w+)', plain, re.M)
    for anonymous in re.findall(r'^enum \{([^}]*)\}', plain, re.M):
        names += re.findall(r'\w+', anonymous)
    flat = re.sub(r'\{[^{}]*\}', '{}', plain, flags=re.S)
    flat = re.sub(r'^#.*(\\\n.*)*', '', flat, flags=re.M)
    for statement in flat.split(';'):
        pointer = re.search(r'\(\*(\w+)\)', statement)
        function = re.search(r'(\w+)\s*\(', statement)
        typedef = re.search(r'(?:typedef.*|^\s*struct )\b(\w+)\s*(?:\{\})?\s*$',
                            statement, re.S)
        match = pointer or function or typedef
        if match:
            names.append(match.group(1))
    return list(dict.fromkeys(names))


def escaped(text):
    text = re.sub(r'([\\*_<>|\[\]`])', r'\\\1', text)
    return re.sub(r'@((?:\\_|\w)+)',
                  lambda m: '`%s`' % m.group(1).replace('\\_', '_'), text)


def read_header(name, text):
    """(purpose, [(names, paragraphs, code)]) of one header."""
    match = re.match(r'/\* SPDX.*?\*/\s*(/\*.*?\*/)\s*#ifndef \w+\n#define '
                     r'\w+\n(.*)#endif\s*$', text, re.S)
    if not match:
        raise HeaderError('%s: no comment says what the header is for' % name)
    offset = text[:match.start(2)].count('\n')
    items = []
    for before, code, line in split_items(match.group(2)):
        names = declared(code)
        if not names or all(l.startswith('#include')
                            for l in code.splitlines() if l):
            continue
        if code.startswith('static inline'):
            if not before:
                continue        # a helper of the header itself
            code = re.sub(r'\n\{.*', ';', code, flags=re.S)
        functions = re.search(r'\w\(', re.sub(r'/\*.*?\*/', '', code,
                                              flags=re.S))
        if functions and not before and '/*' not in code and \
                not code.startswith('#define'):
            raise HeaderError("%s:%d: '%s' has no comment" % (
                name, offset + line, names[0]))
        paragraphs = [re.sub(r'^\w+: ', '', p) if before.count(names[0] + ':')
                      else p for p in comment_text(before)]
        items.append((names, [p for p in paragraphs if p.rstrip(':') not in
                              names], code))
    return ' '.join(comment_text(match.group(1))), items


def page(headers):
    """The page for {name: text} of the headers."""
    out = ['# The engine in C', '',
           'The part that decides which rule acts, in `hw-nvme-fi/engine`. It '
           'is C11 and GLib alone, so that another emulator can have it. The '
           'header is the contract.', '']
    read = {name: read_header(name, text) for name, text in headers.items()}
    out += ['| header | |', '|---|---|']
    out += ['| [%s](engine.md#%s) | %s |' % (
        name, re.sub(r'[^\w-]', '', name), escaped(purpose))
        for name, (purpose, _) in read.items()] + ['']
    for name, (purpose, items) in read.items():
        out += ['## ' + name, '', escaped(purpose), '']
        for names, paragraphs, code in items:
            title = ', '.join(names[:3]) + (' ...' if len(names) > 3 else '')
            out += ['### ' + title.replace('_', r'\_'), '']
            for paragraph in paragraphs:
                out += [escaped(paragraph), '']
            out += ['```c', code, '```', '']
    return '\n'.join(out)
