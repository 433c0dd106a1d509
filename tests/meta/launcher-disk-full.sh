#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# This test shows that a full disk gives one clear error, leaves nothing half
# done that counts as done, and that the set-up goes on once there is room.
set -eu
# shellcheck source=launcher-lib.sh
. "$(dirname -- "$0")/launcher-lib.sh"

if [ "${1:-}" != inside ]; then
    # a small disk of our own, which needs a mount namespace
    if ! unshare -rm mount -t tmpfs none "$work" 2>/dev/null; then
        echo '1..0 # SKIP no mount namespace can be made here'
        exit 0
    fi
    rm -rf "$work"
    trap - EXIT
    exec unshare -rm "$0" inside
fi

plan 6
tree=$work/disk
mkdir "$tree" "$work/bin"
mount -t tmpfs -o size=4m none "$tree"
copy_launcher "$tree"
fake_qemu "$work/qemu"
head -c 6000000 /dev/zero >"$work/qemu/large"

refuses 'too little room is seen before the work' 1 '1000 MiB needed' \
    "$tree/nvme-fi" qemu --qemu-source "$work/qemu"

# now room is promised that is not there: the work runs into the end
printf '#!/bin/sh\necho; echo "x 9000000 0 9000000 0%% /"\n' >"$work/bin/df"
chmod +x "$work/bin/df"
PATH=$work/bin:$PATH
refuses 'a disk that fills up meanwhile' 1 'no space left on the disk' \
    "$tree/nvme-fi" qemu --qemu-source "$work/qemu"
holds 'leaves no source' test ! -e "$tree/build/qemu/base"
holds 'and no stamp' test ! -e "$tree/build/stamps/source"

mount -o remount,size=32m "$tree"
"$tree/nvme-fi" qemu --qemu-source "$work/qemu" >"$work/output" 2>&1 || true
holds 'with room the step is done' test -e "$tree/build/stamps/source"
holds 'and its output is whole' diff -r "$work/qemu" "$tree/build/qemu/base"
umount "$tree"
