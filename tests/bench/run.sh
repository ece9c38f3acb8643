#!/bin/sh
# Speed and memory of SPEC 10, as ratios where a peer is on this machine. Never fails on a number.
#
# usage: run.sh BUILD_DIR
set -u
build=${1:?usage: run.sh BUILD_DIR}
here=$(cd "$(dirname "$0")" && pwd)
for program in "$build"/bench/*; do
    [ -x "$program" ] && [ ! -d "$program" ] || continue
    echo "== $(basename "$program")"
    "$program" || exit 1
done
exec python3 "$here/bench.py" "$build/mvpdash"
