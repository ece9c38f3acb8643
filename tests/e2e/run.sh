#!/bin/sh
# Runs every cli_*.sh and runner_*.sh against the program; fails when one does.
#
# usage: run.sh PATH/TO/mvpdash [NAME...]     NAME: "cli_config" runs only that one
#
# E2E_TERMINAL=PATH/TO/e2e: the tests in a terminal too, beside those.
# Each file has a folder and a cloud of its own and mostly waits for jobs, so E2E_AT_ONCE of them (4)
# run side by side, the longest files first; what a file prints comes in one piece when it has ended.
# One that has not ended after E2E_LIMIT seconds (900) is killed and has failed.
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
# shellcheck disable=SC2016 # expanded by the inner shell
printf '%s\n' "$@" | xargs -P "${E2E_AT_ONCE:-4}" -I NAME sh -c '
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
    exit $rc' sh NAME
