#!/bin/sh
# Runs every cli_*.sh and runner_*.sh against the program; fails when one does.
#
# usage: run.sh PATH/TO/mvpdash [NAME...]     NAME: "cli_config" runs only that one
#
# Each file has a folder and a cloud of its own and mostly waits for jobs, so E2E_AT_ONCE of them (4)
# run side by side; what a file prints comes in one piece when it has ended.
set -u
program=${1:?usage: run.sh PATH/TO/mvpdash [NAME...]}
shift
MVPDASH=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")
E2E_HERE=$(cd "$(dirname "$0")" && pwd)
E2E_OUT=$(mktemp -d "${TMPDIR:-/tmp}/mvpdash-e2e-out.XXXXXX") || exit 2
export MVPDASH E2E_HERE E2E_OUT
trap 'rm -rf "$E2E_OUT"' EXIT
trap 'exit 1' INT TERM HUP
[ -x "$MVPDASH" ] || { echo "run.sh: no program at $MVPDASH"; exit 2; }

if [ $# -eq 0 ]; then
    for file in "$E2E_HERE"/cli_*.sh "$E2E_HERE"/runner_*.sh; do
        set -- "$@" "$(basename "$file" .sh)"
    done
fi
# shellcheck disable=SC2016 # expanded by the inner shell
printf '%s\n' "$@" | xargs -P "${E2E_AT_ONCE:-4}" -I NAME sh -c '
    sh "$E2E_HERE/$1.sh" >"$E2E_OUT/$1" 2>&1 </dev/null
    rc=$?
    flock "$E2E_OUT" sh -c "echo \"# $1\"; cat \"$E2E_OUT/$1\""
    exit $rc' sh NAME
