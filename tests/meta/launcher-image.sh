#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# This test shows that a run makes the images of the suites whose cases it
# runs, whatever names these, and anew where a program of the guest changed.
#
# usage: launcher-image.sh RUNNER
set -eu
# shellcheck source=launcher-lib.sh
. "$(dirname -- "$0")/launcher-lib.sh"

plan 9
copy_launcher "$work/tree"
cp -R "$top/tests" "$work/tree/"
launcher=$work/tree/nvme-fi
kernel=$work/linux/vmlinuz-9.9.9-fake
images=$work/cache/nvme-fi/images
mkdir -p "$work/linux" "$work/libexec/guest/session" "$work/tree/firmware"
fake_kernel "$kernel"
printf '%s\n' CONFIG_BLK_DEV_NVME=y CONFIG_VIRTIO_PCI=y \
    CONFIG_VIRTIO_CONSOLE=y >"$work/linux/config-9.9.9-fake"
echo "libexec=$work/libexec" >"$work/tree/installed"
export XDG_CACHE_HOME="$work/cache"

# program FILE TEXT
program()
{
    printf '#!/bin/sh\n%s\n' "$2" >"$1"
    chmod +x "$1"
}

program "$work/libexec/qemu-system-x86_64" 'exit 1'
program "$work/libexec/guest/init" 'exit 1'
: >"$work/libexec/guest/names"
# nothing is booted
program "$work/libexec/nvme-fi-runner" "case \" \$* \" in
*' --check '*) exec '$1' \"\$@\" ;;
esac"
for suite in errno one two; do
    # shellcheck disable=SC2016
    program "$work/libexec/guest/$suite" 'name=${0##*/}/case chosen=$name
for word; do
    case $word in
    --machine) echo "{\"programs\": [\"cat\"]}"; exit ;;
    --filter=*)
        [ "$chosen" = found ] || chosen=
        case $name in ${word#*=}) chosen=found ;; esac ;;
    esac
done
[ -z "$chosen" ] || echo "$name"'
done

# makes NAME SUITES ARG...: a run with ARG... makes the images of SUITES alone.
makes()
{
    name=$1 wanted=$2
    shift 2
    rm -rf "$images"
    if "$launcher" run --kernel "$kernel" "$@" >"$work/output" 2>&1; then
        made=$(find "$images" -name 'initramfs-*.cpio' |
            sed 's/.*initramfs-//; s/\.cpio//' | LC_ALL=C sort | xargs)
    else
        made="the run failed: $(cat "$work/output")"
    fi
    if [ "$made" = "$wanted" ]; then
        result ok "$name"
    else
        result 'not ok' "$name" "images of '$made', expected '$wanted'"
    fi
}

makes 'by default' 'errno'
makes 'a suite by name' 'one' --suite one
makes 'two of them' 'one two' --suite=one --suite two
makes 'all' 'errno one two' --suite all
makes 'a suite by the filter' 'two' --filter 'two/*'
makes 'whatever cases the filter matches' 'errno one two' --filter '*case'
makes 'several filters' 'errno one' --filter 'one/c*' --filter=err*

sum=$(find "$images" -name initramfs-one.cpio -exec sha256sum {} +)
echo '# changed' >>"$work/libexec/guest/two"
holds 'after a program has changed' \
    "$launcher" run --kernel "$kernel" --filter 'one/*'
result "$([ "$(find "$images" -name initramfs-one.cpio \
    -exec sha256sum {} +)" != "$sum" ] && echo ok || echo 'not ok')" \
    'its image is another' "still $sum"
