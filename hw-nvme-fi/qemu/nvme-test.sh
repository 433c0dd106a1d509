#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs QEMU's own tests of its nvme device, those of a folder where QEMU was
# built, as TAP.
#
# usage: nvme-test.sh QEMU-BUILD-FOLDER QEMU-BINARY
set -eu
out=$1
QTEST_QEMU_BINARY=$2
export QTEST_QEMU_BINARY

# The machine wants a BIOS, of which no instruction is ever executed: a file
# of that name where QEMU is started will do.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
truncate -s 256K "$dir/bios-256k.bin"
cd "$dir"
nvme=/x86_64/pc/i440FX-pcihost/pci-bus-pc/pci-bus/nvme
status=0
"$out/tests/qtest/qos-test" --tap -k -p "$nvme/nvme-tests" >tap || status=$?
cat tap
# a path that matches no test ends as "1..0", which would count as skipped
grep -q '^ok ' tap || {
    echo 'Bail out! qos-test ran no test of the nvme device'
    exit 1
}
exit "$status"
