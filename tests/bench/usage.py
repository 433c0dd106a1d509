# SPDX-License-Identifier: GPL-2.0-or-later
# The command line of what is written in Python: one line for what is wrong,
# with the nearest option, as tests/cli/usage.c has it.
import argparse
import difflib
import re
import sys

SET_UP = (('--kernel', 'K', "the guest's: debian:VERSION or a FILE"),
          ('--modules', 'DIR', 'modules of a kernel FILE that needs any'),
          ('--qemu', 'VERSION', "another QEMU; 'build --help' has them"),
          ('--qemu-source', 'DIR', "a source of it, not the distribution's"))


class Parser(argparse.ArgumentParser):
    """Of 'nvme-fi COMMAND'; with @set_up the help has what the launcher
    takes out."""

    def __init__(self, command, set_up=False, **more):
        super().__init__(prog='nvme-fi ' + command, allow_abbrev=False,
                         **more)
        self.command = command
        for name, value, text in SET_UP if set_up else ():
            self.add_argument(name, metavar=value, help=text)

    def near(self, word):
        known = [name for name in self._option_string_actions
                 if name.startswith('--')]
        found = difflib.get_close_matches(word, known, 1)
        return "; did you mean '%s'?" % found[0] if found else ''

    def parse_args(self, args=None, namespace=None):
        found, rest = self.parse_known_args(args, namespace)
        if rest and rest[0].startswith('-'):
            word = rest[0].split('=')[0]
            self.error('unknown option %s%s' % (word, self.near(word)))
        if rest:
            self.error("unexpected argument '%s'" % rest[0])
        return found

    def error(self, message):
        value = re.match(r'argument (--\S+): invalid \w+ value: (.*)',
                         message)
        missing = re.match(r'argument (--\S+): expected one argument',
                           message)
        if value:
            message = '%s %s: expected a number' % (
                value.group(1), value.group(2).strip("'"))
        elif missing:
            message = '%s needs a value' % missing.group(1)
        print('nvme-fi: %s: %s' % (self.command, message), file=sys.stderr)
        print("Try './nvme-fi %s --help'." % self.command, file=sys.stderr)
        sys.exit(2)
