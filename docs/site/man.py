#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the manual pages: nvme-fi(1), one for each of its commands from what
# that says for --help, with the page of docs/ about it, and nvme-fi-rules(5)
# from docs/rules.md and the schema.
#
# usage: man.py OUT-DIR RUNNER SESSION RESULTS TRACE
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import build        # noqa: E402 pylint: disable=wrong-import-position

ROOT = os.path.realpath(os.path.join(build.HERE, '../..'))
# Which program a command is, as an index of the arguments; and its guide.
PROGRAMS = {
    'run': (2, None), 'list': (2, None),
    'exec': (3, 'workloads'), 'shell': (3, 'workloads'), 'rules': (3, 'workloads'),
    'presets': (3, None), 'compare': (4, 'comparing'), 'report': (4, 'report'),
    'merge': (4, 'ci'), 'trace': (5, 'tracing'),
}
# Commands that a tree has, and what is installed has not.
OF_THE_TREE = ('docs', 'test', 'bench', 'build', 'package')
# The other commands that take the options of the set-up have them in --help.
SET_UP = ('qemu',)
CONF = '''project = 'nvme-fi'
extensions = ['myst_parser']
myst_enable_extensions = ['deflist']
myst_heading_anchors = 4
smartquotes = False
suppress_warnings = ['misc.highlighting_failure', 'myst.header']
man_make_section_directory = False
man_pages = %r
'''


def output(*argv):
    return subprocess.run(argv, stdout=subprocess.PIPE, text=True,
                          check=True).stdout.replace('./nvme-fi', 'nvme-fi')


def escaped(text):
    return re.sub(r'([\\*_<>|\[\]`])', r'\\\1', text)


def definitions(rows):
    """(term, text)... as a list of definitions."""
    return ''.join('`%s`\n: %s\n\n' % (term, escaped(text) or '-')
                   for term, text in rows)


def rows_of(lines):
    """'  --option=X   text' and its like, with continued texts."""
    rows = []
    for line in lines:
        match = re.match(r' {2}(\S.*?)(?: {2,}(.*))?$', line)
        if match:
            rows.append([match.group(1), match.group(2) or ''])
        elif rows and line.strip():
            rows[-1][1] += ' ' + line.strip()
    return rows


def launcher_help():
    """(commands, options of the set-up), as rows."""
    text = output(os.path.join(ROOT, 'nvme-fi'), 'help')
    parts = text.split('\n\n')
    commands = [row for row in rows_of(parts[1].splitlines())
                if row[0] not in OF_THE_TREE]
    options = [row for row in rows_of(parts[2].splitlines()[1:])
               if not row[0].startswith('--qemu')]
    return commands, options


def help_parts(text):
    """(usage, options, words, paragraphs) of the --help of a GOption program:
    words are the commands of a command, rules add and its like; the first
    paragraph says what it does."""
    usage, options, words, rest = '', [], [], []
    for block in re.split(r'\n\s*\n', text.strip('\n')):
        lines = block.splitlines()
        if lines[0].startswith('Usage: '):
            usage, _, what = lines[0][len('Usage: '):].partition(' - ')
            rest.append(what[0].upper() + what[1:] + '.')
            usage = re.sub(r'OPTION(\?|…)', 'OPTION', usage)
            usage = usage.replace('[OPTION]', '[OPTION]...')
        elif lines[0] in ('Options:', 'Which commands:'):
            # what is installed has its QEMU
            options += [row for row in rows_of(lines[1:])
                        if not row[0].startswith('--qemu')]
        else:
            table = [line for line in lines if re.match(r'\S.*? {2,}\S', line)]
            words += rows_of('  ' + line for line in table)
            lines = [line for line in lines if line not in table]
            rest.append(' '.join(line.strip() for line in lines)
                        if not block.startswith(' ') else block)
    return usage, options, words, rest


def guide(name):
    """A page of docs/, as a section."""
    text = build.read(os.path.join(ROOT, 'docs', name + '.md'))
    return named(build.outside_code(plain, text.partition('\n')[2]))


def plain(text):
    """Links are their titles."""
    return re.sub(r'(?<!!)\[([^\]\[]*)\]\(([^)\s]+)\)', r'\1', text)


def named(text):
    """The launcher is what is installed."""
    return text.replace('./nvme-fi', 'nvme-fi')


def command_page(command, argv, set_up):
    options, words, more = [], [], None
    if command in PROGRAMS:
        program, more = PROGRAMS[command]
        usage, options, words, rest = help_parts(
            output(argv[program], command, '--help'))
        if command == 'trace':
            options += help_parts(output(argv[program], command,
                                         '--help-filters'))[1]
    elif command == 'kernels':
        text = output(os.path.join(ROOT, 'guest-scripts/kernels'), '--help')
        head, text, listed, end = text.split('\n\n')[:2] + [
            text.split('\n\n')[2], text.split('\n\n')[3]]
        usage, words = re.sub(r'^usage: | {7}', '', head, flags=re.M), \
            rows_of(listed.splitlines())
        rest = [' '.join(text.split()), end]
    else:
        usage = 'nvme-fi %s -- ARG...' % command
        rest = ['All arguments go to QEMU, which finds its firmware by itself.']
    status = [t for t in rest if t.startswith('Exit status: ')]
    out = ['# nvme-fi-' + command, '', '## Synopsis', '', '```text',
           usage.strip(), '```', '', '## Description', '']
    for text in rest:
        if text not in status:
            out += [escaped(text), '']
    if words:
        out += ['## Commands', '', definitions(words)]
    if options:
        out += ['## Options', '', definitions(options)]
    if command in SET_UP:
        out += ['## Options of the set-up', '', definitions(set_up)]
    for text in status:
        out += ['## Exit status', '',
                escaped(text[len('Exit status: '):]) + '', '']
    if more:
        out += ['## Guide', guide(more), '']
    return '\n'.join(out + ['## See also', '',
                            'nvme-fi(1), nvme-fi-rules(5)', ''])


def main_page(commands, set_up):
    readme = build.read(os.path.join(ROOT, 'README.md'))
    first = readme.split('\n## ')[0].partition('\n')[2]
    pages = ', '.join('nvme-fi-%s(1)' % name for name, _ in commands)
    return '\n'.join([
        '# nvme-fi', '', '## Synopsis', '', '```text',
        'nvme-fi COMMAND [OPTION]...', '```', '', '## Description', first, '',
        '## Commands', '', definitions(commands), '## Options of the set-up',
        '', definitions(set_up), '## Files', '', '`~/.cache/nvme-fi`',
        ': Kernels and images; `XDG_CACHE_HOME` names another folder than '
        '`~/.cache`.', '', '`results/latest`',
        ': What the last run left, in the folder where it was started.', '',
        '## See also', '', pages + ', nvme-fi-rules(5)', ''])


def rules_page():
    """The format of rules: the page, and the reference of the schema."""
    out = [build.read(os.path.join(ROOT, 'docs/rules.md'))]
    reference = build.reference_pages(ROOT, os.path.join(ROOT, build.SCHEMA))
    for name in ('rule', 'actions', 'triggers', 'names'):
        out.append(re.sub('^#', '##', reference[name], flags=re.M))
    return named('\n'.join(build.outside_code(plain, text) for text in out))


def gather(folder, argv):
    """{name: (section, what it is)} of the pages written there."""
    commands, set_up = launcher_help()
    found = {'nvme-fi': ('1', 'make an emulated NVMe drive fail, and see what '
                         'Linux makes of it')}
    build.write(os.path.join(folder, 'nvme-fi.1.md'),
                main_page(commands, set_up))
    for command, summary in commands:
        name = 'nvme-fi-' + command
        found[name] = ('1', summary)
        build.write(os.path.join(folder, name + '.1.md'),
                    command_page(command, argv, set_up))
    build.write(os.path.join(folder, 'nvme-fi-rules.5.md'), rules_page())
    listed = [('%s.%s' % (name, section), name, text, '', section)
              for name, (section, text) in found.items()]
    listed.append(('nvme-fi-rules.5', 'nvme-fi-rules',
                   'the rules by which a drive fails', '', '5'))
    build.write(os.path.join(folder, 'index.md'), '# nvme-fi\n')
    build.write(os.path.join(folder, 'conf.py'), CONF % listed)


def main(argv):
    if len(argv) != 6:
        sys.exit('usage: man.py OUT-DIR RUNNER SESSION RESULTS TRACE')
    with tempfile.TemporaryDirectory() as work:
        gather(os.path.join(work, 'pages'), argv)
        done = subprocess.run(
            [sys.executable, '-m', 'sphinx', '-b', 'man', '-q', '-E', '-d',
             work + '/trees', work + '/pages', work + '/man'], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        said = [line for line in done.stdout.splitlines()
                if "isn't included in any toctree" not in line]
        if done.returncode or said:
            sys.exit('nvme-fi: man: sphinx does not take the pages:\n' +
                     '\n'.join(said).replace(work + '/pages/', ''))
        for name in os.listdir(work + '/man'):
            if re.search(r'\.[0-9]$', name):
                shutil.copy(os.path.join(work, 'man', name), argv[1])


if __name__ == '__main__':
    main(sys.argv)
