#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# This test holds that libvirt takes the example of a domain, and that it names
# what a package installs.
set -eu
# shellcheck source=launcher-lib.sh
. "$(dirname -- "$0")/launcher-lib.sh"

if ! command -v virt-xml-validate >/dev/null; then
    echo '1..0 # SKIP there is no virt-xml-validate'
    exit 0
fi
plan 4
domain=$top/guest-scripts/examples/libvirt.xml
holds 'the domain is valid' virt-xml-validate "$domain" domain
sed 's/<emulator>/<emulater>/; s,</emulator>,</emulater>,' "$domain" \
    >"$work/wrong.xml"

invalid()
{
    ! virt-xml-validate "$1" domain
}
holds 'another one is not' invalid "$work/wrong.xml"
holds 'the emulator is the one of the package' grep -q \
    '<emulator>/usr/libexec/nvme-fi/qemu-system-x86_64</emulator>' "$domain"
holds 'so is the firmware' grep -q \
    '>/usr/share/nvme-fi/firmware/qboot.rom<' "$domain"
