#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests a kernel in a Slurm array job, one shard a task, and merges the results
# in a job that runs when all tasks have ended, however they ended.
#
# usage: slurm-array.sh N OUT BZIMAGE [OPTION OF 'nvme-fi run']...
#
# OUT, BZIMAGE and nvme-fi are in a file system that all nodes share; nvme-fi
# is set up ('ci-steps.sh set-up'). The results are in OUT/merged when the
# command ends; its exit status is 0 if all shards passed. Further options of
# sbatch (a partition, a time limit) come from $SBATCH_* variables.
set -eu

wrong()
{
    printf 'slurm-array.sh: %s\n' "$*" >&2
    echo 'usage: slurm-array.sh N OUT BZIMAGE [OPTION]...' >&2
    exit 2
}

submit()
{
    [ $# -ge 3 ] || wrong 'N, OUT and BZIMAGE are needed'
    case $1 in
    '' | *[!0-9]* | 0*) wrong "N is '$1': expected 1 to 1000" ;;
    esac
    [ "$1" -le 1000 ] || wrong "N is '$1': expected 1 to 1000"
    [ -f "$3" ] || wrong "there is no kernel '$3'"
    count=$1 image=$(readlink -f -- "$3")
    mkdir -p "$2"
    out=$(readlink -f -- "$2")
    shift 3
    # slurmd runs a copy of the script: the folder has to be told
    steps=$(readlink -f -- "$(dirname -- "$0")")/ci-steps.sh
    array=$(sbatch --parsable --job-name=nvme-fi --array="1-$count" \
        --output="$out/shard-%a.log" -- \
        "$0" --shard "$steps" "$out" "$image" "$@")
    array=${array%%;*}
    echo "shards: job $array, tasks 1 to $count; logs in $out"
    status=0
    sbatch --wait --job-name=nvme-fi-merge --dependency="afterany:$array" \
        --output="$out/merge.log" -- \
        "$0" --merge "$steps" "$out" "$count" || status=$?
    cat "$out/merge.log" 2>/dev/null || :
    exit "$status"
}

# A task of the array.
shard()
{
    steps=$1 out=$2 image=$3
    shift 3
    exec "$steps" run "$out/shard-$SLURM_ARRAY_TASK_ID" "$image" "$@" \
        --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"
}

# The job behind them. A shard whose task died has no folder, which the merge
# complains about.
merge()
{
    steps=$1 out=$2 count=$3 i=1
    set --
    while [ "$i" -le "$count" ]; do
        set -- "$@" "$out/shard-$i"
        i=$((i + 1))
    done
    exec "$steps" merge "$out/merged" "$@"
}

case ${1:-} in
--shard) shift; shard "$@" ;;
--merge) shift; merge "$@" ;;
*) submit "$@" ;;
esac
