# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of the launcher share: TAP, a copy of the launcher in a
# folder of its own, and files to give it.
#
# The tests never reach for the network: a copy of the launcher is stopped by
# the error that is looked for, before it would fetch anything.

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
top=$(dirname -- "$(dirname -- "$here")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
points=0

# plan N
plan()
{
    echo "1..$1"
}

# copy_launcher DIR: the launcher and all that it starts, without a build.
copy_launcher()
{
    mkdir -p "$1"
    cp -R "$top/nvme-fi" "$top/hw-nvme-fi" "$top/guest-scripts" "$1/"
}

# result WORD NAME DETAIL: one TAP line, and on failure what was seen.
result()
{
    points=$((points + 1))
    echo "$1 $points - $2"
    [ "$1" = ok ] || echo "$3" | sed 's/^/# /'
}

# holds NAME COMMAND...: the command succeeds.
holds()
{
    name=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        result ok "$name"
    else
        result 'not ok' "$name" "failed: $*
$(cat "$work/output")"
    fi
}

# refuses NAME STATUS TEXT COMMAND...: the command ends with that status and
# with exactly one error line, which contains the text.
refuses()
{
    name=$1 wanted=$2 text=$3
    shift 3
    status=0
    "$@" </dev/null >"$work/output" 2>&1 || status=$?
    errors=$(grep -c '^nvme-fi: ' "$work/output") || true
    if [ "$status" = "$wanted" ] && [ "$errors" = 1 ] &&
        grep '^nvme-fi: ' "$work/output" | grep -qF -- "$text"; then
        result ok "$name"
    else
        result 'not ok' "$name" \
            "got status $status and $errors error lines, expected status \
$wanted and one line with '$text':
$(cat "$work/output")"
    fi
}

# fake_kernel FILE: the head of a bzImage whose release is 9.9.9-fake. The
# release stands at 0x200 + 0x100, which the field at 0x20e says.
fake_kernel()
{
    {
        head -c 514 /dev/zero
        printf 'HdrS'
        head -c 8 /dev/zero
        printf '\000\001'
        head -c 240 /dev/zero
        printf '9.9.9-fake (somebody@somewhere) #1\000'
        head -c 4096 /dev/zero
    } >"$1"
}

# fake_qemu DIR: what is looked at to recognize a source of QEMU.
fake_qemu()
{
    mkdir -p "$1/hw/nvme" "$1/qapi" "$1/configs/devices/x86_64-softmmu"
    echo 10.0.13 >"$1/VERSION"
    printf '#!/bin/sh\nexit 1\n' >"$1/configure"
    chmod +x "$1/configure"
    printf 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n' >"$1/hw/nvme/ctrl.c"
    echo unchanged >"$1/hw/nvme/ns.c"
}
