# SPDX-License-Identifier: GPL-2.0-or-later
# TAP of tests that find out what their points are as they go.


def report(points):
    """Prints a line for each (name, whether it is good, what was seen); a
    point that is None in place of good is skipped, seen says why."""
    number = 0
    for name, good, seen in points:
        number += 1
        if good is None:
            print('ok %d - %s # SKIP %s' % (number, name, seen), flush=True)
            continue
        print('%s %d - %s' % ('ok' if good else 'not ok', number, name),
              flush=True)
        if not good:
            print('# ' + str(seen).replace('\n', '\n# '), flush=True)
    print('1..%d' % number)
