#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Configures and builds one flavour of one version of QEMU, in the folder
# FLAVOUR/build of that version.
#
# usage: build.sh VERSION fi|stock|asan
#
# All flavours lie equally deep and share one compiler cache, so that the
# second one costs a fraction of the first.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=lib.sh
. "$root/hw-nvme-fi/qemu/lib.sh"

version=$1
use_qemu "$version"
flavour=$2
top=$qemu_tree/$flavour
out=$top/build

# What every flavour has: no feature and no device but those that are named.
flags='--target-list=x86_64-softmmu --without-default-features
    --without-default-devices --with-devices-x86_64=nvme-fi
    --enable-system --enable-tcg --enable-kvm
    --disable-docs --disable-install-blobs --enable-trace-backends=log'
targets="qemu-system-x86_64"
case $flavour in
stock) flags="$flags --disable-debug-info" ;;
fi)
    flags="$flags --disable-debug-info"
    # the programs of the tests are built once: they can start any version
    [ "$version" != "$qemu_default" ] || own=y ;;
asan) flags="$flags --disable-debug-info"; sanitize=y ;;
*) die "unknown flavour '$flavour' (fi, stock or asan)" ;;
esac

# The distribution's interpreter first: what stands in PATH may belong to
# another project and lack what QEMU's configure needs.
python=/usr/bin/python3
[ -x "$python" ] || python=$(command -v python3)
options="--disable-pixman --disable-download --python=$python"
if [ -e "$qemu_of_version/configure.sh" ]; then
    # shellcheck source=versions/7.2/configure.sh
    . "$qemu_of_version/configure.sh"
fi
flags="$flags $options"

# Another version is built once and then only tested: what costs most is to
# optimize it, and next to that a cache that has nothing of it.
cached=y
if [ "$version" != "$qemu_default" ]; then
    flags="$flags --extra-cflags=-O1" cached=''
fi

cc=gcc
if [ -n "$cached" ] && have ccache; then
    cc='ccache gcc'
    export CCACHE_DIR="$build/ccache" CCACHE_BASEDIR="$top" CCACHE_NOHASHDIR=1
    export CCACHE_MAXSIZE=2G
fi
[ -z "${sanitize:-}" ] || cc=$root/hw-nvme-fi/qemu/cc-sanitize

case $root in
*[[:space:]:]*)
    die "QEMU cannot be built in '$root': move the repository to a path" \
        "without spaces and colons" ;;
esac

# configure anew when its arguments or the list of devices changed, in an
# empty folder: nothing of an older configuration stays behind
config=$(device_list | key "$flags" "$cc" \
    "$(hash_files "$root/hw-nvme-fi/qemu/cc-sanitize")")
if [ ! -e "$out/build.ninja" ] ||
    [ "$(cat "$top/configured" 2>/dev/null)" != "$config" ]; then
    need_space 600 "$build"
    rm -f "$top/configured"
    fresh_dir "$out"
    # where there is a compiler for C++, QEMU 7.2 links with that
    # shellcheck disable=SC2086
    (cd "$out" && ../src/configure $flags --cc="$cc" --cxx="$cc")
    echo "$config" >"$top/configured"
fi

need_space 100 "$build"
if [ -n "${own:-}" ]; then
    targets="$targets tests/qtest/qos-test"
    # our test programs, by where they are built; a changed meson.build
    # has to be read first
    ninja -C "$out" build.ninja
    targets="$targets $(ninja -C "$out" -t targets all 2>/dev/null |
        sed -n 's,^\(tests/[a-z]*/nvme-fi/[^:/]*\): c_LINKER.*,\1,p')"
fi
# shellcheck disable=SC2086
ninja -C "$out" $targets
