#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes sure that the machine has what the builds need: by apt where there is
# one, else it says what is missing.
#
# usage: packages.sh           what everybody needs
#        packages.sh tests     what some tests need besides: a browser for the
#                              report, shells for completion, and what checks
#                              manual pages and domains
#        packages.sh docs      what the documentation is built with
#        packages.sh package   what builds a Debian package
#        packages.sh qemu VERSION   what that version of QEMU needs besides
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=lib.sh
. "$root/hw-nvme-fi/qemu/lib.sh"

# QEMU 10 is built by meson 1.5 or later.
meson_wanted=1.5
packages='gcc libc6-dev pkg-config python3 python3-venv ninja-build meson
    libglib2.0-dev libjson-glib-dev libfdt-dev zlib1g-dev ccache git patch
    rsync dpkg-dev xz-utils zstd gzip cpio kmod util-linux
    nvme-cli e2fsprogs xfsprogs btrfs-progs dmsetup sqlite3 fio strace
    python3-yaml'
what=${1:-all}
case $what in
all) ;;
tests) packages='chromium zsh fish libvirt-clients mandoc' ;;
docs) packages='python3-sphinx python3-myst-parser furo' ;;
package) packages='debhelper dpkg-dev' ;;
qemu)
    use_qemu "${2:-}"
    # each with its name for pkg-config
    set --
    [ ! -e "$qemu_of_version/packages" ] ||
        while read -r package module; do
            set -- "$@" "$package"
            modules="${modules:-} $module"
        done <"$qemu_of_version/packages"
    packages=$* ;;
*) die "packages.sh: '$what': 'tests', 'docs', 'package', 'qemu VERSION' or" \
    "nothing is wanted" ;;
esac

# at_least VERSION WANTED
at_least()
{
    [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]
}

meson_ok()
{
    # nothing else is built with it
    [ "$what" = all ] || return 0
    have meson && at_least "$(meson --version 2>/dev/null)" "$meson_wanted"
}

as_root()
{
    if [ "$(id -u)" = 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    elif have sudo; then
        sudo DEBIAN_FRONTEND=noninteractive "$@"
    else
        die "not root, and no sudo: as root, run" \
            "'apt-get install$missing'"
    fi
}

install_by_apt()
{
    missing=
    for package in $packages; do
        status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) || true
        case $status in
        *' installed') ;;
        *) missing="$missing $package" ;;
        esac
    done
    meson_ok || missing="$missing meson"
    [ -n "$missing" ] || return 0
    "$root/hw-nvme-fi/qemu/apt.sh" host
    conf=$build/apt/host/apt.conf
    # shellcheck disable=SC2086
    set -- $missing
    offered=$(apt-cache -c "$conf" policy meson |
        awk '$1 == "Candidate:" { print $2 }')
    if ! meson_ok && ! at_least "$offered" "$meson_wanted"; then
        # shellcheck disable=SC1091
        set -- "$@" "meson/$(. /etc/os-release && echo "$VERSION_CODENAME")-backports"
    fi
    # an install by name and by name/suite in one list: the later one counts
    as_root apt-get -c "$conf" -y --no-install-recommends install "$@"
    meson_ok || die "meson $meson_wanted or later is needed;" \
        "$(command -v meson || echo none) is in PATH"
}

# One line for each thing that a machine without apt lacks.
list_missing()
{
    if [ "$what" = tests ]; then
        for tool in chromium zsh fish virt-xml-validate mandoc; do
            have "$tool" || echo "  the command $tool"
        done
        return
    elif [ "$what" = package ]; then
        have dh || echo "  the command dh (debhelper), as Debian has it"
        return
    elif [ "$what" = qemu ]; then
        for module in ${modules:-}; do
            pkg-config --exists "$module" 2>/dev/null ||
                echo "  the development files of $module (pkg-config)"
        done
        return
    elif [ "$what" = docs ]; then
        for module in sphinx myst_parser furo; do
            /usr/bin/python3 -c "import $module" 2>/dev/null ||
                echo "  the module $module of /usr/bin/python3"
        done
        return
    fi
    for tool in gcc pkg-config ninja git rsync xz gzip cpio modinfo flock; do
        have "$tool" || echo "  the command $tool"
    done
    meson_ok || echo "  meson $meson_wanted or later"
    python3 -c 'import ensurepip, venv' 2>/dev/null ||
        echo "  python3 with its modules venv and ensurepip"
    for library in 'glib-2.0 >= 2.66' 'gio-unix-2.0 >= 2.66' \
        'json-glib-1.0 >= 1.6' zlib; do
        pkg-config --exists "$library" 2>/dev/null ||
            echo "  the development files of $library (pkg-config)"
    done
    echo 'int main(void) { return 0; }' |
        gcc -static -x c -o /dev/null - 2>/dev/null ||
        echo "  a C library for static programs (libc.a)"
}

if have apt-get && have dpkg-query; then
    install_by_apt
else
    missing=$(list_missing)
    [ -z "$missing" ] ||
        die "there is no apt here, and these are missing:
$missing"
fi
