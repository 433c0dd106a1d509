# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Shell functions that the launcher and the set-up scripts share.
# The sourcing script has set root: the absolute folder of the repository.

# modinfo, depmod, mke2fs: a user who is not root does not look there.
PATH=$PATH:/usr/sbin:/sbin

# Where everything is: in the tree, or where 'meson install' put it. All else of
# the launcher is the same for both.
# shellcheck disable=SC2034
installed=''
# shellcheck disable=SC2034
if [ -e "${root:?}/installed" ]; then
    # shellcheck source=../../guest-scripts/installed.in
    . "$root/installed"
    installed=y
    self=nvme-fi
    # what is made is the user's; nobody writes to where this is installed
    build=${XDG_CACHE_HOME:-${HOME:-}/.cache}/nvme-fi
    qemu=$libexec/qemu-system-x86_64
    firmware=$root/firmware
    guest_dir=$libexec/guest
    runner_tool=$libexec/nvme-fi-runner
    session_tool=$libexec/nvme-fi-session
    results_tool=$libexec/nvme-fi-results
    trace_tool=$libexec/nvme-fi-trace
    complete_tool=$libexec/nvme-fi-complete
    export NVME_FI_SELF="$self"
else
    self=./nvme-fi
    build=$root/build
    qemu=$build/qemu/fi/build/qemu-system-x86_64
    firmware=$build/firmware
    guest_dir=$build/meson/tests/guest
    runner_tool=$build/meson/tests/runner/nvme-fi-runner
    session_tool=$build/meson/tests/session/nvme-fi-session
    results_tool=$build/meson/tests/results/nvme-fi-results
    trace_tool=$build/meson/tests/trace-tool/nvme-fi-trace
    complete_tool=$build/meson/tests/cli/nvme-fi-complete
fi

# in_own_words: standard input, as what is installed is started.
in_own_words()
{
    case $self in
    ./nvme-fi) cat ;;
    *) sed "s,\./nvme-fi,$self,g" ;;
    esac
}

# die WORD...: one error line, then the end. The launcher shows such lines.
die()
{
    printf 'nvme-fi: %s\n' "$*" | in_own_words >&2
    exit 1
}

# have COMMAND: can it be started?
have()
{
    command -v "$1" >/dev/null 2>&1
}

# key TEXT...: a hash over the words and over standard input.
key()
{
    { printf '%s\n' "$@"; cat; } | sha256sum | cut -c1-40
}

# hash_files PATH...: names and contents of all files in the given files and
# folders, for key. A path that does not exist counts as empty.
hash_files()
{
    for hash_path in "$@"; do
        [ ! -e "$hash_path" ] || find "$hash_path" -type f -print
    done | LC_ALL=C sort | while IFS= read -r hash_file; do
        printf '%s\0' "$hash_file"
    done | xargs -0 -r sha256sum
}

# need_space MIB DIR: stop before work that would fill the disk.
need_space()
{
    free=$(df -Pk "$2" | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free" -ge "$1" ] ||
        die "no space left on the disk of $2: $free MiB free," \
            "$1 MiB needed; make room and start again"
}

# fresh_dir DIR: an empty folder, whatever an interrupted start left there.
fresh_dir()
{
    rm -rf "$1"
    mkdir -p "$1"
}

# put_dir FROM TO: replace the folder TO by FROM, whole or not at all.
put_dir()
{
    rm -rf "$2.old"
    [ ! -e "$2" ] || mv "$2" "$2.old"
    mv "$1" "$2"
    rm -rf "$2.old"
}

# check_installed: can what is installed make an image, and a machine?
check_installed()
{
    case ${XDG_CACHE_HOME:-${HOME:-}} in
    /*) ;;
    *) die "neither HOME nor XDG_CACHE_HOME names a folder: kernels and images" \
        "go to .cache/nvme-fi there" ;;
    esac
    case $build in
    *[[:space:]]*) die "kernels and images cannot go to '$build': name a folder" \
        "without spaces by XDG_CACHE_HOME" ;;
    esac
    if [ ! -x "$qemu" ] || [ ! -x "$runner_tool" ]; then
        die "the installation is not whole: there is no $qemu or no" \
            "$runner_tool; install nvme-fi again"
    fi
    lacking=
    for tool in cpio modinfo xz zstd gzip flock python3; do
        have "$tool" || lacking="$lacking $tool"
    done
    [ -z "$lacking" ] || die "these commands are needed and not here:$lacking;" \
        "on Debian: apt install cpio kmod xz-utils zstd gzip util-linux python3"
}

# The versions of QEMU, the one first that is built unless another is named.
# Each has a folder in hw-nvme-fi/qemu/versions.
# shellcheck disable=SC2034
qemu_versions='10.0 7.2 10.2'
qemu_default=10.0

# use_qemu VERSION: which QEMU the functions and scripts after this mean. Sets
# qemu_of_version, the folder with its pin and its patches, and qemu_tree,
# where its source and its builds are.
use_qemu()
{
    qemu_of_version=$root/hw-nvme-fi/qemu/versions/$1
    [ -e "$qemu_of_version/series" ] ||
        die "unknown version of QEMU '$1' (one of: $qemu_versions)"
    qemu_tree=$build/qemu
    [ "$1" = "$qemu_default" ] || qemu_tree=$build/qemu-$1
}

# device_list: the devices of the QEMU that use_qemu named.
device_list()
{
    cat "$root/hw-nvme-fi/qemu/nvme-fi.mak"
    [ ! -e "$qemu_of_version/devices.mak" ] ||
        cat "$qemu_of_version/devices.mak"
}
