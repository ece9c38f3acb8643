#!/bin/sh
# Speed and memory of SPEC 10, as ratios where a peer is on this machine. Never fails on a number.
# Five minutes or so; the figures mean something on a machine that does nothing else.
#
# usage: run.sh BUILD_DIR [JOBS]
set -u
build=${1:?usage: run.sh BUILD_DIR [JOBS]}
here=$(cd "$(dirname "$0")" && pwd)
echo "== bench_record"
"$build/bench/bench_record" || exit 1
echo "== bench_memory"
"$build/bench/bench_memory" ${2:+"$2"} || exit 1
echo "== bench_insight"
"$build/bench/bench_insight" || exit 1
exec python3 "$here/bench.py" "$build" ${2:+"$2"}
