#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest suite that can only be listed. Its cases are in $FAKE_CASES,
# separated by blanks; those of suite 'other', if there is one, in $FAKE_OTHER.
# --filter works as in the real ones. Its machine is in $FAKE_MACHINE.
import fnmatch
import os
import sys

globs = [a.split('=', 1)[1] for a in sys.argv if a.startswith('--filter=')]
if os.environ.get('FAKE_LIST_FAILS'):
    sys.exit('the tables are broken')
if '--machine' in sys.argv:
    print(os.environ.get('FAKE_MACHINE', '{}'))
    sys.exit()
where = 'FAKE_OTHER' if sys.argv[0].endswith('/other') else 'FAKE_CASES'
for name in os.environ[where].split():
    if not globs or any(fnmatch.fnmatchcase(name, g) for g in globs):
        print(name)
