#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the documentation as a site: the pages of docs/, the reference from
# the schema and the engine's headers, and the navigation. './nvme-fi docs'
# calls it.
import argparse
import json
import os
import re
import shutil
import subprocess
import sys

# no file appears beside the sources
sys.dont_write_bytecode = True
import headers      # noqa: E402 pylint: disable=wrong-import-position
import reference    # noqa: E402 pylint: disable=wrong-import-position
import schema       # noqa: E402 pylint: disable=wrong-import-position

HERE = os.path.dirname(os.path.realpath(__file__))
SCHEMA = 'qapi/nvme-fi.json'
ENGINE = 'hw-nvme-fi/engine'
SCENARIOS = 'guest-scripts/scenarios'
# What another part of nvme-fi includes; the others are the engine's own.
HEADERS = ('set.h', 'rule.h', 'command.h', 'names.h', 'nearest.h', 'random.h')
# Pages that are not in docs/.
ELSEWHERE = {'README.md': 'readme', 'CONTRIBUTING.md': 'contributing'}
# The navigation, in this order; a page that is not there is left out, and one
# that no list names comes last among the how-to pages.
NAVIGATION = (
    ('Begin', ('readme', 'tutorial', 'installation', 'install')),
    ('How to', ('for-kernel-developers', 'for-storage-qa', 'for-ci-owners',
                'for-qmp-clients', 'workloads', 'comparing', 'report', 'ci',
                'extending', 'updating-qemu', 'contributing')),
    ('Reference', ('rules', 'tracing', 'reference/commands',
                   'reference/rule', 'reference/actions',
                   'reference/triggers', 'reference/events',
                   'reference/types', 'reference/names', 'reference/engine')),
    ('Explanation', ('architecture', 'completion-path', 'kernel-quirks',
                     'kernel-findings', 'decisions')),
)
OTHERS = 'How to'
# What a page is called there, if not as its heading says.
TITLES = {'readme': 'What nvme-fi does'}


class DocsError(Exception):
    """What is wrong with the documentation, and where."""


def read(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


def pages(root):
    """{name of a page: path of its file below root}"""
    found = {name: path for path, name in ELSEWHERE.items()
             if os.path.exists(os.path.join(root, path))}
    for name in os.listdir(os.path.join(root, 'docs')):
        if name.endswith('.md'):
            found[name[:-len('.md')]] = 'docs/' + name
    return found


def moved_links(root, path, text, known):
    """Links of a page, which lead to files of the tree, as links of the site:
    to a page, to the reference for the schema, or no link but a name."""
    by_path = {p: n for n, p in known.items()}

    def link(match):
        title, target = match.group(1), match.group(2)
        if re.match(r'[a-z]+:|#', target):
            return match.group(0)
        target, anchor = re.match(r'([^#]*)(.*)', target).groups()
        file = os.path.normpath(os.path.join(os.path.dirname(path), target))
        if not os.path.exists(os.path.join(root, file)):
            raise DocsError("%s: the link to '%s' leads nowhere" %
                            (path, target))
        if file in by_path:
            return '[%s](%s.md%s)' % (title, by_path[file], anchor)
        if file == SCHEMA:
            return '[%s](reference/commands.md)' % title
        return title if '`' in title or '/' in title else '%s (`%s`)' % (
            title, file)

    return re.sub(r'(?<!!)\[([^\]\[]*)\]\(([^)\s]+)\)', link, text)


def outside_code(function, text):
    """text with function done to what is not in a block of code."""
    parts = re.split(r'(^```.*?^```$)', text, flags=re.M | re.S)
    return ''.join(part if part.startswith('```') else function(part)
                   for part in parts)


def examples(root):
    """Rules that can be shown with an action: scenarios, then pages."""
    folder = os.path.join(root, SCENARIOS)
    found = [('`%s/%s`' % (SCENARIOS, name),
              json.loads(read(os.path.join(folder, name))))
             for name in sorted(os.listdir(folder))]
    for name, path in sorted(pages(root).items()):
        text = read(os.path.join(root, path))
        title = text.partition('\n')[0].lstrip('# ')
        for block in re.findall(r'^```json\n(\[.*?)^```$', text,
                                re.M | re.S):
            try:
                rules = json.loads(block)
            except ValueError:
                continue        # an excerpt
            if all(isinstance(rule, dict) for rule in rules):
                found.append(('[%s](../%s.md)' % (title, name), rules))
    return found


def reference_pages(root, schema_file):
    """{name: text} of what is generated."""
    try:
        definitions = schema.read_schema(read(schema_file))
    except schema.SchemaError as problem:
        raise DocsError('%s: %s' % (schema_file, problem)) from None
    out = reference.Reference(definitions, examples(root)).pages()
    engine = os.path.join(root, ENGINE)
    out['names'] = reference.names_page(
        read(os.path.join(engine, 'status-names.inc')),
        read(os.path.join(engine, 'opcode-names.inc')))
    try:
        out['engine'] = headers.page({name: read(os.path.join(engine, name))
                                      for name in HEADERS})
    except headers.HeaderError as problem:
        raise DocsError('%s/%s' % (ENGINE, problem)) from None
    return out


def navigation(names):
    """The toctrees of the front page."""
    listed = {page for _, section in NAVIGATION for page in section}
    rest = sorted(name for name in names - listed if name != 'index')
    out = []
    for caption, section in NAVIGATION:
        here = [page for page in section if page in names]
        here += rest if caption == OTHERS else []
        here = ['%s <%s>' % (TITLES[page], page) if page in TITLES else page
                for page in here]
        out += ['', '```{toctree}', ':hidden:', ':maxdepth: 1',
                ':caption: ' + caption, ''] + here + ['```']
    return '\n'.join(out) + '\n'


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)


def gather(root, schema_file, source):
    """Everything that sphinx reads, below source."""
    known = pages(root)
    if 'index' not in known:
        raise DocsError('docs/index.md, the front page, is missing')
    names = set(known)
    for name, text in reference_pages(root, schema_file).items():
        names.add('reference/' + name)
        write(os.path.join(source, 'reference', name + '.md'), text)
    for name, path in known.items():
        text = outside_code(
            lambda part, path=path: moved_links(root, path, part, known),
            read(os.path.join(root, path)))
        if name == 'index':
            text += navigation(names)
        write(os.path.join(source, name + '.md'), text)
    for name in ('conf.py', 'style.css'):
        shutil.copy(os.path.join(HERE, name), source)


def sphinx(source, out, work):
    done = subprocess.run(
        [sys.executable, '-m', 'sphinx', '-b', 'html', '-W', '--keep-going',
         '-q', '-E', '-d', work, source, out], text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise DocsError('sphinx does not take the pages:\n' +
                        done.stdout.replace(source + '/', ''))


def bundle_theme(static):
    """Debian's furo imports from other files, the one by a path of a web
    server, the other by a module, which no browser loads from a disk. Put
    what is imported in its place."""
    for path, pattern, wanted in (
            ('styles/furo.css', r'@import url\((/javascript/.*?)\);',
             '/usr/share%s'),
            ('scripts/furo.js', r'^import .* from "\./(.*?)";',
             os.path.join(static, 'scripts', '%s'))):
        path = os.path.join(static, path)
        text = read(path)
        match = re.search(pattern, text, re.M)
        if match:
            write(path, text[:match.start()] + read(wanted % match.group(1)) +
                  text[match.end():])


def build(root, schema_file, out):
    work = out + '.work'
    for folder in (work, out + '.new'):
        shutil.rmtree(folder, ignore_errors=True)
    gather(root, schema_file, os.path.join(work, 'pages'))
    sphinx(os.path.join(work, 'pages'), out + '.new',
           os.path.join(work, 'trees'))
    bundle_theme(os.path.join(out + '.new', '_static'))
    shutil.rmtree(out, ignore_errors=True)
    os.rename(out + '.new', out)
    shutil.rmtree(work)


def main():
    parser = argparse.ArgumentParser(description='Build the documentation.')
    parser.add_argument('out', help='folder that gets index.html')
    parser.add_argument('--root', default=os.path.join(HERE, '../..'),
                        help='the tree (default: that of this script)')
    parser.add_argument('--schema', help='another schema than that of the tree')
    args = parser.parse_args()
    root = os.path.realpath(args.root)
    try:
        build(root, args.schema or os.path.join(root, SCHEMA),
              os.path.realpath(args.out))
    except (DocsError, OSError) as problem:
        print('nvme-fi: docs: %s' % problem, file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
