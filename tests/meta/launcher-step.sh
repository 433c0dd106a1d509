#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# This test shows that a step is done once for the same input, again for
# another, and again after it failed or was killed.
set -eu
# shellcheck source=launcher-lib.sh
. "$(dirname -- "$0")/launcher-lib.sh"

plan 8
root=$work/tree
mkdir -p "$root/build/stamps" "$root/build/log"
# shellcheck source=../../hw-nvme-fi/qemu/lib.sh
. "$top/hw-nvme-fi/qemu/lib.sh"
# shellcheck source=../../hw-nvme-fi/qemu/step.sh
. "$top/hw-nvme-fi/qemu/step.sh"
# shellcheck disable=SC2034
number=0 count_of_steps=1
: >"$work/count"

# work_once STATUS: leaves a trace and ends with the status
work_once()
{
    echo x >>"$work/count"
    [ "$1" != killed ] || kill -9 "$self"
    return "$1"
}

# try KEY STATUS, in a shell of its own as it may end that
try()
{
    # shellcheck disable=SC2016
    (self=$(sh -c 'echo $PPID')
    step example Example "$1" "$root" work_once "$2")
}

# begun N: so often the work was begun
begun()
{
    [ "$(wc -l <"$work/count")" = "$1" ]
}

fails()
{
    ! "$@"
}

holds 'a step is done' try k1 0
try k1 0
holds 'and not done again for the same input' begun 1
try k2 0
holds 'but for another input' begun 2
holds 'a step that fails ends the set-up' fails try k3 1
holds 'a failed step forgets what was done before' fails test -e \
    "$root/build/stamps/example"
try k2 0
holds 'and is done again' begun 4
fails try k4 killed 2>/dev/null
try k4 0
holds 'a killed one too' begun 6

missing_output()
{
    (step example Example k4 "$root/none" work_once 0)
    begun 7
}
holds 'a step whose output is gone is done again' missing_output
