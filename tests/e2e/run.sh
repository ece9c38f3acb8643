#!/bin/sh
# Runs every cli_*.sh and runner_*.sh against the program; fails when one does.
#
# usage: run.sh PATH/TO/mvpdash [NAME...]     NAME: "cli_config" runs only that one
#
# E2E_TERMINAL=PATH/TO/e2e: the tests in a terminal too, beside those.
# Each file has a folder and a cloud of its own and mostly waits for jobs, so E2E_AT_ONCE of them (4)
# run side by side, the longest files first; what a file prints comes in one piece when it has ended.
# One that has not ended after E2E_LIMIT seconds (900) is killed and has failed.
# TEST_AGAIN=N, TEST_AGAIN_LOG: as in tests/unit/run.sh, for whole files.
set -u
program=${1:?usage: run.sh PATH/TO/mvpdash [NAME...]}
shift
MVPDASH=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")
E2E_HERE=$(cd "$(dirname "$0")" && pwd)
E2E_OUT=$(mktemp -d "${TMPDIR:-/tmp}/mvpdash-e2e-out.XXXXXX") || exit 2
export MVPDASH E2E_HERE E2E_OUT E2E_TERMINAL="${E2E_TERMINAL:-}" E2E_LIMIT="${E2E_LIMIT:-900}"
trap 'rm -rf "$E2E_OUT"' EXIT
trap 'exit 1' INT TERM HUP
[ -x "$MVPDASH" ] || { echo "run.sh: no program at $MVPDASH"; exit 2; }

if [ $# -eq 0 ]; then
    # shellcheck disable=SC2046 # no blanks in these names
    set -- $(cd "$E2E_HERE" && ls -S cli_*.sh runner_*.sh | sed 's/\.sh$//')
fi
[ -z "$E2E_TERMINAL" ] || set -- terminal "$@"
# run AT_ONCE NAME...: runs the files; the names of those that fail go to $E2E_OUT/.failed.
run() {
    at_once=$1
    shift
    : >"$E2E_OUT/.failed"
    # shellcheck disable=SC2016 # expanded by the inner shell
    printf '%s\n' "$@" | xargs -P "$at_once" -I NAME sh -c '
        began=$(date +%s)
        if [ "$1" = terminal ]; then
            set -- "$1" "$E2E_TERMINAL" "$MVPDASH"
        else
            set -- "$1" sh "$E2E_HERE/$1.sh"
        fi
        name=$1
        shift
        timeout --foreground -k 20 "$E2E_LIMIT" "$@" >"$E2E_OUT/$name" 2>&1 </dev/null
        rc=$?
        took=$(($(date +%s) - began))
        [ "$took" -lt "$E2E_LIMIT" ] || echo "not ok - $name did not end in $E2E_LIMIT s" >>"$E2E_OUT/$name"
        flock "$E2E_OUT" sh -c "echo \"# $name, $took s\"; cat \"$E2E_OUT/$name\""
        [ $rc -eq 0 ] || echo "$name" >>"$E2E_OUT/.failed"
        exit $rc' sh NAME
}

run "${E2E_AT_ONCE:-4}" "$@" && exit 0
count=$(grep -c . "$E2E_OUT/.failed")
if [ "$count" -eq 0 ] || [ "$count" -gt "${TEST_AGAIN:-0}" ]; then
    exit 1
fi
failed=$(cat "$E2E_OUT/.failed")
echo "again: $(echo "$failed" | paste -s -d " " -)"
# shellcheck disable=SC2086 # no blanks in these names
run 1 $failed || exit 1
for name in $failed; do
    echo "again: $name failed once and passed when it ran again, alone"
    [ -z "${TEST_AGAIN_LOG:-}" ] || echo "$name" >>"$TEST_AGAIN_LOG"
done
