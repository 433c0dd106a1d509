#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# This test shows that a wrong command line is refused with status 2 and one
# line that says what would be right, before anything is set up.
set -eu
# shellcheck source=launcher-lib.sh
. "$(dirname -- "$0")/launcher-lib.sh"

plan 16
copy_launcher "$work/tree"
launcher=$work/tree/nvme-fi

refuses 'a command is needed' 2 'no command is given' "$launcher"
refuses 'an unknown command' 2 "unknown command 'frobnicate'" \
    "$launcher" frobnicate
refuses 'a mistyped command is recognized' 2 "did you mean 'run'?" \
    "$launcher" rnu
refuses 'a mistyped report is recognized' 2 "did you mean 'report'?" \
    "$launcher" reprot
refuses '--kernel without a value' 2 '--kernel needs a value' \
    "$launcher" run --kernel
refuses '--kernel with an empty value' 2 '--kernel needs a value' \
    "$launcher" run --kernel=
refuses 'a version of QEMU that is none' 2 \
    '--qemu 10.1: 7.2, 10.0 or 10.2 are there' \
    "$launcher" run --qemu 10.1
refuses 'an option that build has not' 2 \
    "build takes no argument '--qmu'; did you mean '--qemu'?" \
    "$launcher" build --qmu 10.2
refuses 'modules for a kernel that has its own' 2 \
    '--modules goes with --kernel FILE' \
    "$launcher" run --kernel debian:6.12 --modules /lib/modules
refuses 'a source of QEMU that is not there' 1 \
    "there is no folder and no file '/nonexistent/qemu'" \
    "$launcher" run --qemu-source /nonexistent/qemu
refuses 'docs with an argument' 2 "docs takes no argument, not 'html'" \
    "$launcher" docs html

refuses 'a package with an argument' 2 "package takes no argument, not 'deb'" \
    "$launcher" package deb

all_commands()
{
    "$launcher" --help >"$work/help"
    for command in run exec shell rules presets list compare kernels merge \
        trace report test bench qemu build docs; do
        grep -q "^  $command " "$work/help" || return 1
    done
}
holds 'the help names every command' all_commands
fits_a_screen()
{
    [ "$(wc -l <"$work/help")" -le 24 ] && ! grep -q '.\{81\}' "$work/help"
}
holds 'the help fits a screen of 80 by 24' fits_a_screen
holds 'neither error nor help leaves anything but an empty build folder' \
    test ! -e "$work/tree/build/qemu"

same_version()
{
    grep -q "version: '$(sed -n '1s/.*(\(.*\)).*/\1/p' \
        "$top/debian/changelog")'" "$top/meson.build"
}
holds 'the package has the version of the project' same_version
