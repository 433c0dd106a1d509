# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Shell functions that the launcher and the set-up scripts share.
# The sourcing script has set root: the absolute folder of the repository.

# shellcheck disable=SC2034
build=${root:?}/build

# die WORD...: one error line, then the end. The launcher shows such lines.
die()
{
    printf 'nvme-fi: %s\n' "$*" >&2
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
