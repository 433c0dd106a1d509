#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test builds the documentation's site and shows that the reference has
# all of the schema, that no link in it is dead, that it loads nothing from
# elsewhere, and that what is not documented stops the build.
#
# usage: docs-site-test.py ROOT
import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

ROOT = os.path.realpath(sys.argv[1])
BUILD = os.path.join(ROOT, 'docs/site/build.py')
SCHEMA = os.path.join(ROOT, 'qapi/nvme-fi.json')
# Attributes by which a page loads something; an <a href> only leads away.
LOADED = {('link', 'href'), ('script', 'src'), ('img', 'src'),
          ('iframe', 'src'), ('source', 'src'), ('object', 'data')}
CONTENT_FILES = ('.html', '.css', '.js')


def read(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


def build(out, *options):
    return subprocess.run([BUILD, out] + list(options), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)


class Page(html.parser.HTMLParser):
    """Ids, links, what is loaded, and what is code on a page."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.loads = set(), [], []
        self.code, self.in_code = set(), 0
        self.feed(read(path))

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == 'id':
                self.ids.add(value)
            elif tag == 'a' and name == 'href':
                self.links.append(value)
            elif (tag, name) in LOADED:
                self.loads.append(value)
        self.in_code += tag in ('code', 'h2')

    def handle_endtag(self, tag):
        self.in_code -= tag in ('code', 'h2')

    def handle_data(self, data):
        if self.in_code:
            self.code.add(data.strip())


def site_pages(site):
    found = {}
    for folder, _, files in os.walk(site):
        for name in files:
            if name.endswith('.html'):
                path = os.path.join(folder, name)
                found[path] = Page(path)
    return found


def outside(target):
    return re.match(r'[a-z]+:|//', target) is not None


def dead_links(pages):
    """What leads to no file or no id of the site."""
    bad = []
    for path, page in pages.items():
        for target in page.links + page.loads:
            if outside(target):
                continue
            file, _, anchor = target.partition('#')
            file = urllib.parse.unquote(file.partition('?')[0])
            there = os.path.normpath(os.path.join(os.path.dirname(path),
                                                  file)) if file else path
            if not os.path.isfile(there) or (
                    anchor and there in pages and
                    urllib.parse.unquote(anchor) not in pages[there].ids):
                bad.append('%s: %s' % (os.path.basename(path), target))
    return bad


def loads_from_outside(site, pages):
    bad = ['%s: %s' % (os.path.basename(path), target)
           for path, page in pages.items() for target in page.loads
           if outside(target) or target.startswith('/')]
    for folder, _, files in os.walk(site):
        for name in files:
            if not name.endswith('.css'):
                continue
            for target in re.findall(r'url\(\s*["\']?([^)"\']+)|@import\s+'
                                     r'["\']([^"\']+)',
                                     read(os.path.join(folder, name))):
                target = ''.join(target)
                if not target.startswith(('data:', '#')) and (
                        outside(target) or target.startswith('/')):
                    bad.append('%s: %s' % (name, target))
    return bad


def schema_names():
    """Every name that the expressions of the schema define, by a way of its
    own: whatever is quoted and is no type or keyword."""
    code = ''.join(line for line in read(SCHEMA).splitlines(True)
                   if not line.startswith('#'))
    entities = re.findall(r"'(?:enum|struct|union|command|event)': *"
                          r"'([\w-]+)'", code)
    members = []
    for line in re.split(r"(?=\{ '(?:enum|struct|command|event)')", code):
        data = re.search(r"'data': *([\[{].*)", line, re.S)
        if data and data.group(1).startswith('['):
            members += re.findall(r"'([\w-]+)'", data.group(1).split(']')[0])
        elif data:
            members += re.findall(r"'\*?([\w-]+)' *:", data.group(1))
    return entities, [m for m in members if m not in (
        'returns', 'base', 'discriminator', 'data', 'union')]


def missing_names(site, pages):
    seen = set()
    for path, page in pages.items():
        if os.path.dirname(path) == os.path.join(site, 'reference'):
            seen |= page.code
    entities, members = schema_names()
    assert len(entities) > 50 and len(members) > 200, 'too few names'
    return sorted(set(entities + members) - seen)


def without_example(site):
    """Actions and triggers that no rule shows."""
    bad = []
    for name, count in (('actions', 15), ('triggers', 7)):
        text = read(os.path.join(site, 'reference', name + '.html'))
        parts = re.split(r'(?=<h2>)', text)[1:]
        assert len(parts) >= count, 'only %d %s' % (len(parts), name)
        for part in parts:
            if 'An example, from' not in part:
                bad.append(re.match(r'<h2>([\w-]+)', part).group(1))
    return bad


def refused(folder, change, message):
    """A build with a changed schema fails, says why, and leaves nothing."""
    path, out = os.path.join(folder, 'bad.json'), os.path.join(folder, 'bad')
    text = read(SCHEMA)
    changed = change(text)
    assert changed != text, 'nothing was changed'
    with open(path, 'w', encoding='utf-8') as f:
        f.write(changed)
    done = build(out, '--schema', path)
    assert done.returncode == 1, 'it was built'
    assert re.search(message, done.stdout), done.stdout
    assert done.stdout.count('\n') == 1, done.stdout
    assert not os.path.exists(out), 'something was left'


def changed_tree(folder, path, change, message):
    """The same with a changed file of the tree."""
    tree = os.path.join(folder, 'tree')
    shutil.rmtree(tree, ignore_errors=True)
    os.mkdir(tree)
    for name in ('README.md', 'CONTRIBUTING.md', 'COPYING', 'nvme-fi', 'docs',
                 'qapi', 'guest-scripts', 'hw-nvme-fi'):
        source = os.path.join(ROOT, name)
        (shutil.copytree if os.path.isdir(source) else shutil.copy)(
            source, os.path.join(tree, name))
    os.symlink(os.path.join(ROOT, 'tests'), os.path.join(tree, 'tests'))
    text = read(os.path.join(tree, path))
    assert change(text) != text, 'nothing was changed'
    with open(os.path.join(tree, path), 'w', encoding='utf-8') as f:
        f.write(change(text))
    done = build(os.path.join(folder, 'bad'), '--root', tree)
    assert done.returncode == 1, 'it was built'
    assert re.search(message, done.stdout), done.stdout


def nothing(found):
    assert not found, '%d: %s' % (len(found), ', '.join(found[:20]))


def searchable(site):
    index = json.loads(re.search(r'\((\{.*\})\)', read(
        os.path.join(site, 'searchindex.js'))).group(1))
    for term in ('bzimag', 'enodata', 'misdirect'):
        assert term in index['terms'], 'the index has no "%s"' % term


def navigable(pages, site):
    """Every page is in the navigation of the front page."""
    front = re.findall(r'<li class="toctree-l1[^>]*><a [^>]*href="([^"]+)"',
                       read(os.path.join(site, 'index.html')))
    nothing([os.path.relpath(path, site) for path in pages
             if os.path.relpath(path, site) not in
             front + ['index.html', 'genindex.html', 'search.html']])


def checks(folder, site):
    pages = site_pages(site)
    return (
        ('every name of the schema is in the reference',
         lambda: nothing(missing_names(site, pages))),
        ('every action and trigger has an example',
         lambda: nothing(without_example(site))),
        ('no link is dead', lambda: nothing(dead_links(pages))),
        ('nothing is loaded from elsewhere',
         lambda: nothing(loads_from_outside(site, pages))),
        ('every page is in the navigation', lambda: navigable(pages, site)),
        ('the search finds words', lambda: searchable(site)),
        ('a definition without documentation is refused', lambda: refused(
            folder, lambda t: re.sub(r'##\n# @nvme-fi-clear:.*?\n##\n', '', t,
                                     flags=re.S),
            r'line \d+: nvme-fi-clear: it has no documentation')),
        ('a member without documentation is refused', lambda: refused(
            folder, lambda t: t.replace("'*skip': 'uint64'",
                                        "'*skip': 'uint64', '*hop': 'bool'"),
            r"line \d+: NvmeFiRuleBase: 'hop' has no documentation")),
        ('documentation of what is not there is refused', lambda: refused(
            folder, lambda t: t.replace("'*skip': 'uint64', ", ''),
            r"line \d+: NvmeFiRuleBase: 'skip' is documented and is not")),
        ('a command without an example is refused', lambda: refused(
            folder, lambda t: re.sub(r'# \.\. qmp-example::\n', '# see:\n', t,
                                     count=1),
            r'line \d+: nvme-fi-add: the command has no example')),
        ('a link to no file is refused', lambda: changed_tree(
            folder, 'docs/rules.md', lambda t: t + '\n[x](nowhere.md)\n',
            r"docs/rules.md: the link to 'nowhere.md' leads nowhere")),
        ('a function of the engine without a comment is refused',
         lambda: changed_tree(
             folder, 'hw-nvme-fi/engine/set.h',
             lambda t: t.replace('#endif', 'void fi_set_new_one(void);\n\n'
                                 '#endif'),
             r"set.h:\d+: 'fi_set_new_one' has no comment")),
    )


def main():
    if subprocess.run(['/usr/bin/python3', '-c', 'import sphinx, myst_parser, '
                       'furo'], stderr=subprocess.DEVNULL,
                      check=False).returncode:
        print("1..0 # SKIP sphinx, myst_parser or furo is not installed; "
              "'./nvme-fi docs' does that")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        site = os.path.join(folder, 'site')
        done = build(site)
        if done.returncode:
            print('1..1\nnot ok 1 - the site is built\n# ' +
                  done.stdout.replace('\n', '\n# '))
            return 1
        todo = checks(folder, site)
        print('1..%d\nok 1 - the site is built' % (len(todo) + 1))
        failed = 0
        for number, (name, check) in enumerate(todo, 2):
            try:
                check()
                print('ok %d - %s' % (number, name), flush=True)
            except AssertionError as problem:
                failed += 1
                print('not ok %d - %s' % (number, name))
                print('# ' + str(problem).replace('\n', '\n# '), flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
