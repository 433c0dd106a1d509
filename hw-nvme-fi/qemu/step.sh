# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The launcher's steps: run one script quietly, show progress and one error,
# and do it again only if an input changed. Uses number and count_of_steps,
# and build of lib.sh.
# shellcheck disable=SC2154

# Every step is one script; its output goes to build/log. Lines "[n/m]" in
# it, as ninja writes them, are shown as progress.
follow()
{
    shown=-1
    while IFS= read -r line; do
        printf '%s\n' "$line"
        case $line in
        '['[0-9]*/[0-9]*']'*) ;;
        *) continue ;;
        esac
        count=${line#?}
        count=${count%%]*}
        if [ -t 2 ]; then
            printf '\r%s  %s ' "$1" "$count" >&2
        elif tenth=$((${count%/*} * 10 / ${count#*/})) &&
            [ "$tenth" != "$shown" ]; then
            shown=$tenth
            printf '%s  %s\n' "$1" "$count" >&2
        fi
    done
}

# step_failed TITLE LOG: one clear error.
step_failed()
{
    free=$(df -Pk "$build" | awk 'NR == 2 { print int($4 / 1024) }')
    [ ! -t 2 ] || echo >&2
    if grep -q '^nvme-fi: ' "$2"; then
        sed -n '/^nvme-fi: /,$p' "$2" >&2
    elif [ "$free" -lt 2 ] || grep -qi 'no space left on device' "$2"; then
        printf 'nvme-fi: no space left on the disk of %s (%s MiB free):' \
            "$build" "$free" >&2
        echo " make room and start again; the set-up goes on from there" >&2
    else
        tail -n 20 "$2" >&2
        printf 'nvme-fi: %s failed; all of its output is in %s\n' "$1" "$2" >&2
    fi
    exit 1
}

# quietly TITLE LOG COMMAND...: run it, show progress, keep the output.
quietly()
{
    title=$1 log=$2
    shift 2
    : >"$log" || die "cannot write $log: is the disk full?"
    status=$({ {
        "$@" </dev/null 2>&1 3>&- && echo 0 >&3 || echo 1 >&3
    } | follow "$title" >"$log"; } 3>&1) || status=1
    [ "$status" = 0 ] || step_failed "$title" "$log"
}

# step NAME TITLE KEY OUTPUT COMMAND...: do it unless it was done for the same
# key, a hash of all its inputs, and its output is there. The stamp goes before
# the work begins: what is interrupted is not taken for done.
step()
{
    name=$1 key=$3 output=$4
    number=$((number + 1))
    title="[$number/$count_of_steps] $2"
    shift 4
    stamp=$build/stamps/$name
    if [ -e "$output" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$key" ]; then
        return 0
    fi
    rm -f "$stamp"
    [ -t 2 ] && printf '%s ' "$title" >&2 || echo "$title" >&2
    begin=$(date +%s)
    quietly "$title" "$build/log/$name.log" "$@"
    if ! { echo "$key" >"$stamp.new" && mv "$stamp.new" "$stamp"; }; then
        die "cannot write $stamp: is the disk full?"
    fi
    [ ! -t 2 ] || printf '\r' >&2
    echo "$title  done in $(($(date +%s) - begin)) s" >&2
}
