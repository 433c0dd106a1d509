#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# This test lists, names and removes kernels, with packages and kernels that
# are there already.
# shellcheck disable=SC2015,SC2016
set -eu
# shellcheck source=launcher-lib.sh
. "$(dirname -- "$0")/launcher-lib.sh"

plan 25
copy_launcher "$work/tree"
kernels=$work/tree/guest-scripts/kernels
folder=$work/tree/build/kernels
mkdir -p "$work/bin" "$work/tree/tests/expect" "$folder" \
    "$work/tree/build/stamps" "$work/tree/build/images"
printf '6.1 6.2 6.1.176\n6.12 6.13 6.12.107\n' >"$work/tree/tests/expect/kernels"
printf '#!/bin/sh\n[ "$1" = bookworm ] || [ "$1" = sid ]\n' \
    >"$work/tree/hw-nvme-fi/qemu/apt.sh"
# bookworm has kernels in one package, sid one in two
cat >"$work/bin/apt-cache" <<'END'
#!/bin/sh
case "$*" in
*apt/bookworm/*search*)
    printf 'linux-image-%s-cloud-amd64 - a kernel\n' 6.1.0-50 5.10.0-9 ;;
*apt/sid/*search*)
    printf 'linux-image-%s-cloud-amd64 - a kernel\n' 7.9.1+deb14 7.8 7.9~rc2 ;;
*apt/bookworm/*show*)
    printf 'Package: linux-image-%s-cloud-amd64\nSize: %d\n\n' \
        6.1.0-50 31457280 5.10.0-9 1048576 ;;
*apt/sid/*show*)
    printf 'Package: linux-%s-7.9.1+deb14-cloud-amd64\nSize: %d\n\n' \
        image 1048576 binary 10485760 modules 20971520
    printf 'Package: linux-%s-7.8-cloud-amd64\nSize: 1\n\n' image binary
    exit 100 ;;
esac
END
chmod +x "$work/bin/apt-cache"

# is_fetched RELEASE [VERSION]: as fetch-kernel leaves it
is_fetched()
{
    mkdir -p "$folder/$1" "$work/tree/build/images/$1"
    head -c 3000000 /dev/zero >"$folder/$1/vmlinuz"
    [ $# = 1 ] || ln -sfn "$1" "$folder/debian-$2"
}

prints()
{
    pattern=$1
    shift
    PATH=$work/bin:$PATH "$@" >"$work/printed" 2>&1 &&
        grep -qE -- "$pattern" "$work/printed" || {
        cat "$work/printed"
        return 1
    }
}

prints_not()
{
    pattern=$1
    shift
    PATH=$work/bin:$PATH "$@" >"$work/printed" 2>&1 &&
        ! grep -qE -- "$pattern" "$work/printed"
}

holds 'a kernel of one package' prints \
    '^debian:6.1.0-50 +bookworm +30 +- +judged$' "$kernels" list
holds 'a kernel of several packages counts all of them' prints \
    '^debian:7.9.1\+deb14 +sid +31 +- +observed$' "$kernels" list
holds 'no kernel before 6.1' prints_not '5.10' "$kernels" list
holds 'no release candidate' prints_not 'rc' "$kernels" list
is_fetched 6.1.0-50-cloud-amd64 6.1
holds 'nor one of which a part is missing' prints_not '7\.8' "$kernels" list
holds 'what is fetched' prints '^debian:6.1.0-50 +bookworm +30 +fetched' \
    "$kernels" list
holds 'as JSON' prints '"bytes": 32505856, "layout": "split"' \
    "$kernels" list --json
rm "$work/bin/apt-cache"
holds 'what is fetched, without apt' prints \
    '^debian:6.1.0-50 +- +2 +fetched  judged' "$kernels" list --fetched
holds 'and nothing else' prints_not '7.9' "$kernels" list --fetched
refuses 'an unknown option' 2 "'--jsn' is none of --fetched and --json" \
    "$kernels" list --jsn

mkdir -p "$work/linux/arch/x86/boot"
fake_kernel "$work/linux/arch/x86/boot/bzImage"
holds 'a kernel of the user gets a name' prints "^mine: '--kernel mine' is" \
    "$kernels" add mine "$work/linux/arch/x86/boot/bzImage"
holds 'it is in the list' prints \
    "^mine +- +- +added +$work/linux/arch/x86/boot/bzImage" \
    "$kernels" list --fetched
holds 'it is one that can be run' test -e "$folder/mine/vmlinuz"
holds 'a build tree does as well' prints 'arch/x86/boot/bzImage$' \
    "$kernels" add tree "$work/linux"
refuses 'a folder without a kernel' 1 'no kernel image in' \
    "$kernels" add other "$work/bin"
refuses 'a name that is a path' 2 "the name 'a/b' is not possible" \
    "$kernels" add a/b "$work/linux"
refuses 'a name of Debian' 2 "the name 'debian-6.1' is not possible" \
    "$kernels" add debian-6.1 "$work/linux"
refuses 'a file that is none' 1 "there is no file" \
    "$kernels" add other "$work/none"
refuses 'modules of another kernel' 1 'no modules of 9.9.9-fake' \
    "$kernels" add other "$work/linux" --modules "$work/bin"
holds 'what was refused has no name' test ! -e "$folder/added/other"

echo x >"$work/tree/build/stamps/kernel-debian-6.1"
refuses 'one that is not here is not removed' 1 'debian:7.9 is not here' \
    "$kernels" remove debian:6.1 debian:7.9
holds 'nor what was named before it' test -e "$folder/debian-6.1/vmlinuz"
holds 'what is removed frees room' prints \
    '^debian:6.1: 6.1.0-50-cloud-amd64 is removed, [2-9] MiB' \
    "$kernels" remove debian:6.1
holds 'nothing of it is left' test ! -e "$folder/6.1.0-50-cloud-amd64" -a \
    ! -L "$folder/debian-6.1" -a ! -e "$work/tree/build/stamps/kernel-debian-6.1"
"$kernels" remove mine >"$work/output" 2>&1
holds 'a kernel of the user stays where it is' test \
    -e "$work/linux/arch/x86/boot/bzImage" -a ! -e "$folder/added/mine"
