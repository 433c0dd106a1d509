#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# This test shows that preparing a tree patches it exactly or not at all, and
# touches only what changed.
set -eu
# shellcheck source=launcher-lib.sh
. "$(dirname -- "$0")/launcher-lib.sh"

plan 10
copy_launcher "$work/tree"
tree=$work/tree
rm -rf "$tree/hw-nvme-fi/qemu/patches" "$tree/hw-nvme-fi/device" \
    "$tree/hw-nvme-fi/engine"
patches=$tree/hw-nvme-fi/qemu/patches
version=$tree/hw-nvme-fi/qemu/versions/10.0
src=$tree/build/qemu/fi/src
mkdir -p "$patches" "$tree/hw-nvme-fi/engine" "$tree/build/qemu"
echo 'int engine;' >"$tree/hw-nvme-fi/engine/engine.c"
fake_qemu "$tree/build/qemu/base"
# inside of a git repository, as the real one
git -C "$tree" init -q

# write_patch NAME LAST NEW: a hook after the line "four"; LAST ends the context
write_patch()
{
    cat >"$patches/$1" <<END
--- a/hw/nvme/ctrl.c
+++ b/hw/nvme/ctrl.c
@@ -2,6 +2,7 @@
 two
 three
 four
+$3
 five
 six
 $2
END
    echo "$1" >"$version/series"
}

prepare()
{
    "$tree/hw-nvme-fi/qemu/prepare.sh" 10.0 "$1"
}

write_patch hook.patch seven hook
holds 'a tree is prepared' prepare "fi"
holds 'the patch is in it' grep -qx hook "$src/hw/nvme/ctrl.c"
holds 'our files are in it' \
    cmp "$tree/hw-nvme-fi/engine/engine.c" "$src/hw/nvme/fi/engine/engine.c"

touch -d @1000000000 "$src/hw/nvme/ctrl.c" "$src/hw/nvme/ns.c"
write_patch hook.patch seven another
prepare "fi"
holds 'a changed patch changes its file' grep -qx another "$src/hw/nvme/ctrl.c"
holds 'a file that did not change keeps its time' \
    test "$(stat -c %Y "$src/hw/nvme/ns.c")" = 1000000000

write_patch fuzzy.patch eight hook
refuses 'a patch whose context differs' 1 \
    'the patch fuzzy.patch does not apply' prepare "fi"
holds 'leaves the tree as it was' grep -qx another "$src/hw/nvme/ctrl.c"
echo missing.patch >"$version/series"
refuses 'a patch that is not there' 1 '10.0/series names missing.patch' \
    prepare "fi"

write_patch hook.patch seven shared
sed 's/^+shared$/+own/' "$patches/hook.patch" >"$version/hook.patch"
prepare "fi"
holds 'a patch of the version itself comes before one of several versions' \
    grep -qx own "$src/hw/nvme/ctrl.c"

prepare stock
holds 'the stock tree is as it came, but for the list of devices' \
    diff -r -x nvme-fi.mak "$tree/build/qemu/base" "$tree/build/qemu/stock/src"
