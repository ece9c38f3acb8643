#!/bin/sh
# Runs the unit tests. A test that fails may run a second time, alone, when TEST_AGAIN says so.
#
# usage: run.sh PROGRAM [ARGUMENT...]
#
# TEST_AGAIN=N (0): when at most N tests fail, each of them runs once more, one at a time, and the run
# passes when all of them pass then. Each such test is named in a line that begins with "again:", and in
# the file TEST_AGAIN_LOG if that is set: it depends on time or on chance, and wants mending.
set -u
program=${1:?usage: run.sh PROGRAM [ARGUMENT...]}
shift
tap=$(mktemp "${TMPDIR:-/tmp}/mvpdash-unit.XXXXXX") || exit 2
trap 'rm -f "$tap"' EXIT
trap 'exit 1' INT TERM HUP

"$program" "$@" --tap="$tap" && exit 0
rc=$?
failed=$(sed -n 's/^not ok - \([a-z0-9_]*\)::\([a-zA-Z0-9_]*\).*/\1\/\2/p' "$tap")
count=$(printf '%s\n' "$failed" | grep -c .)
if [ "$count" -eq 0 ] || [ "$count" -gt "${TEST_AGAIN:-0}" ]; then
    exit $rc
fi
for test in $failed; do
    echo "again: $test"
    "$program" -j1 --timeout 120 --filter "$test" || exit 1
    echo "again: $test failed once and passed when it ran again, alone"
    [ -z "${TEST_AGAIN_LOG:-}" ] || echo "$test" >>"$TEST_AGAIN_LOG"
done
