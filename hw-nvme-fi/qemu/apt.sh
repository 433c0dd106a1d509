#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Private apt configurations: packages of named Debian suites, from the
# machine's own mirror, without a change to the machine's apt.
#
# usage: apt.sh SUITE...     writes build/apt/SUITE/apt.conf and gets its lists
#        apt.sh host         the same for this machine's suite plus backports;
#                            what it installs comes from there
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=lib.sh
. "$root/hw-nvme-fi/qemu/lib.sh"

# Print "uri suite components..." for each source of the machine, from the
# one-line and the deb822 format.
machine_sources()
{
    {
        cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null ||
            true
    } | sed -n 's/\[[^]]*\]//; s/^[[:space:]]*deb[[:space:]][[:space:]]*//p'
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -e "$file" ] || continue
        awk '
            function flush_stanza(    u, s, i, j) {
                if (types ~ /(^| )deb( |$)/ && enabled !~ /^no/) {
                    split(uris, u); split(suites, s)
                    for (i in u) for (j in s) print u[i], s[j], comps
                }
                types = uris = suites = comps = enabled = ""
            }
            /^#/ { next }
            /^[[:space:]]*$/ { flush_stanza(); next }
            {
                value = $0
                if (match(value, /^[A-Za-z-]+:/)) {
                    field = tolower(substr(value, 1, RLENGTH - 1))
                    value = substr(value, RLENGTH + 1)
                }
                if (field == "types") types = types " " value
                if (field == "uris") uris = uris " " value
                if (field == "suites") suites = suites " " value
                if (field == "components") comps = comps " " value
                if (field == "enabled") { sub(/^ */, "", value); enabled = value }
            }
            END { flush_stanza() }' "$file"
    done
}

codename()
{
    # shellcheck disable=SC1091
    (. /etc/os-release && echo "${VERSION_CODENAME:-}")
}

# The archive that carries the machine's own release, as "http://host/debian".
mirror()
{
    machine_sources | awk -v suite="$(codename)" \
        '$2 == suite || $2 == suite "/" { print $1; exit }'
}

keyring()
{
    for ring in /usr/share/keyrings/debian-archive-keyring.gpg \
        /usr/share/keyrings/debian-archive-keyring.pgp; do
        [ ! -e "$ring" ] || { echo "$ring"; return; }
    done
    die "no keyring of the Debian archive in /usr/share/keyrings:" \
        "install the package debian-archive-keyring"
}

# host: the machine's release with its updates, and backports, which apt takes
# only for what is asked for by name. Anything else: that suite with sources.
write_sources()
{
    signed="[signed-by=$(keyring)]"
    if [ "$1" = host ]; then
        machine_sources | awk -v name="$(codename)" -v signed="$signed" '
            $2 == name || index($2, name "-") == 1 || index($2, name "/") == 1 {
                uri = $1; suite = $2; $1 = $2 = ""
                if (!seen[uri " " suite]++)
                    print "deb", signed, uri, suite, $0
            }'
        echo "deb $signed $(mirror) $(codename)-backports main"
    else
        echo "deb $signed $(mirror) $1 main"
        echo "deb-src $signed $(mirror) $1 main"
    fi
}

write_conf()
{
    cat <<END
Dir::Etc::sourcelist "$1/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$1/lists";
Dir::Cache "$1/cache";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "3";
END
}

[ -n "$(mirror)" ] ||
    die "no archive for release '$(codename)' in /etc/apt: nvme-fi can fetch" \
        "packages on Debian bookworm and trixie only; see './nvme-fi help'" \
        "for what to give it elsewhere"

for suite in "$@"; do
    dir=$build/apt/$suite
    mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
    write_sources "$suite" >"$dir/sources.list"
    write_conf "$dir" >"$dir/apt.conf"
    apt-get -c "$dir/apt.conf" -qq update || {
        need_space 100 "$build"
        die "apt could not get the package lists of '$suite' (see above);" \
            "is the network up?"
    }
done
