#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The steps of a CI job that tests a kernel: set nvme-fi up, run suites on a
# bzImage, merge the results of shards.
#
# usage: ci-steps.sh set-up
#        ci-steps.sh run OUT BZIMAGE [OPTION OF 'nvme-fi run']...
#        ci-steps.sh merge OUT DIR...
#
# run leaves in OUT: junit.xml, results.ktap, results.jsonl, run.json and the
# consoles. Options such as --modules DIR, --suite S, --shard I/N go through.
#
# Exit status: 0 passed; 1 a case did not pass, or the kernel did not come up;
# 2 nothing was tested: a wrong command line, or the set-up failed.
#
# $NVME_FI is the launcher; without it the one of this tree, or of $PATH.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
nvme_fi=${NVME_FI:-$here/../../nvme-fi}
[ -n "${NVME_FI:-}" ] || [ -x "$nvme_fi" ] || nvme_fi=nvme-fi

wrong()
{
    printf 'ci-steps.sh: %s\n' "$*" >&2
    echo "usage: ci-steps.sh set-up | run OUT BZIMAGE [OPTION]... |" \
        "merge OUT DIR..." >&2
    exit 2
}

# QEMU, its firmware and the programs; the kernel comes with the job.
set_up()
{
    if ! "$nvme_fi" qemu -- --version || ! "$nvme_fi" run --help >/dev/null
    then
        echo 'ci-steps.sh: the set-up failed' >&2
        exit 2
    fi
}

run()
{
    [ $# -ge 2 ] || wrong 'run needs OUT and BZIMAGE'
    out=$1 image=$2
    shift 2
    [ -f "$image" ] || wrong "run: there is no kernel '$image'"
    mkdir -p "$out"
    # what an earlier run left there must not pass for this one's
    rm -f "$out/run.json" "$out/junit.xml" "$out/results.jsonl"
    status=0
    "$nvme_fi" run --kernel "$image" --out "$out" --ktap "$@" \
        >"$out/results.ktap" || status=$?
    # what a reader of the job's log wants to know
    grep -E '^( *not ok|#|ok)' "$out/results.ktap" || :
    [ -e "$out/run.json" ] || {
        echo 'ci-steps.sh: nothing was tested' >&2
        exit 2
    }
    exit "$status"
}

merge()
{
    [ $# -ge 2 ] || wrong 'merge needs OUT and the folders of the shards'
    out=$1
    shift
    "$nvme_fi" merge "$@" --out "$out"
}

step=${1:-}
[ $# = 0 ] || shift
case $step in
set-up) set_up ;;
run) run "$@" ;;
merge) merge "$@" ;;
*) wrong "the step '$step' is none of set-up, run and merge" ;;
esac
