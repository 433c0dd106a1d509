#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Gets QEMU's source and unpacks it, patched by nobody but the distribution,
# into the folder base of its version, build/qemu/base for the default.
#
# usage: fetch.sh VERSION               the pinned source package, by apt
#        fetch.sh VERSION DIR|TARBALL   the user's own source
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=lib.sh
. "$root/hw-nvme-fi/qemu/lib.sh"

version=$1
use_qemu "$version"
shift
pin=$qemu_of_version/pin
# shellcheck source=versions/10.0/pin
. "$pin"

stage=$qemu_tree/base.new

downloaded()
{
    [ -e "$build/dl/$qemu_dsc" ] || return 1
    (cd "$build/dl" && echo "$qemu_files" | sed 1d | sha256sum -c --quiet) \
        >/dev/null 2>&1
}

download()
{
    have apt-get ||
        die "there is no apt here to get QEMU's source with: name it by" \
            "--qemu-source DIR or TARBALL (QEMU $version.x)"
    "$root/hw-nvme-fi/qemu/apt.sh" "$qemu_suite"
    fresh_dir "$build/dl/new"
    # -d: no unpacking; dpkg-source does that when the hashes are proven
    (cd "$build/dl/new" &&
        apt-get -c "$build/apt/$qemu_suite/apt.conf" -q -d \
            source "qemu=$qemu_version") ||
        die "apt could not get the source package qemu $qemu_version of" \
            "$qemu_suite, which ${pin#"$root/"} names: where the suite has" \
            "it no longer, give a source of QEMU $version by" \
            "--qemu-source DIR|TARBALL"
    (cd "$build/dl/new" && echo "$qemu_files" | sed 1d |
        sha256sum -c --quiet) ||
        die "the downloaded source of QEMU is not the one that" \
            "${pin#"$root/"} names (sha256, see above)"
    check_signature "$build/dl/new/$qemu_dsc"
    mv "$build/dl/new/"* "$build/dl/"
    rmdir "$build/dl/new"
}

# The hashes are what binds; a signature that the machine can check and that
# is bad is refused all the same. A key that it does not have is no error.
check_signature()
{
    ring=/usr/share/keyrings/debian-keyring.gpg
    if [ -e "$ring" ] && have gpgv; then
        case $(gpgv --status-fd 1 --keyring "$ring" "$1" 2>/dev/null) in
        *BADSIG*) die "bad signature on $1" ;;
        *GOODSIG*) echo "signature of $qemu_dsc is good" ;;
        esac
    fi
}

unpack_tarball()
{
    mkdir -p "$stage"
    tar -xf "$1" -C "$stage" --strip-components=1
}

check_source()
{
    if [ ! -x "$1/configure" ] || [ ! -e "$1/hw/nvme/ctrl.c" ]; then
        die "not a QEMU source: $2 (no configure and hw/nvme/ctrl.c in it)"
    fi
    case $(cat "$1/VERSION" 2>/dev/null) in
    "$version".*) ;;
    *) die "QEMU $version.x is wanted, $2 is $(cat "$1/VERSION" 2>/dev/null ||
        echo 'of unknown version')" ;;
    esac
}

mkdir -p "$build/dl" "$qemu_tree"
rm -rf "$stage"
if [ $# = 0 ]; then
    need_space 1000 "$build"
    downloaded || download
    dpkg-source --no-check --no-copy -x "$build/dl/$qemu_dsc" "$stage"
elif [ -d "$1" ]; then
    check_source "$1" "$1"
    need_space 1000 "$build"
    mkdir "$stage"
    rsync -a --exclude=/build --exclude=.git "$1/" "$stage/"
elif [ -f "$1" ]; then
    need_space 1000 "$build"
    unpack_tarball "$1" || die "cannot unpack $1: not a tar archive?"
else
    die "--qemu-source: there is no folder and no file '$1'"
fi
check_source "$stage" "${1:-$qemu_dsc}"
put_dir "$stage" "$qemu_tree/base"
