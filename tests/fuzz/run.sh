#!/bin/sh
# One fuzz target for a while; what it found and the end of its log when it found something.
#
# usage: run.sh build/fuzz/TARGET SECONDS [SEED]
# SEED 0, or none: other inputs in each run.
set -eu
target=${1:?usage: run.sh build/fuzz/TARGET SECONDS}
seconds=${2:?usage: run.sh build/fuzz/TARGET SECONDS}
seed=${3:-0}
name=$(basename "$target")
out=$(dirname "$target")
seeds=$(dirname "$0")/corpus/$name
[ -d "$seeds" ] || seeds=
mkdir -p "$out/corpus/$name"
echo "  FUZZ    $name"
# shellcheck disable=SC2086 # no seeds are no argument
"$target" -seed="$seed" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=0 \
    -artifact_prefix="$out/$name-" "$out/corpus/$name" $seeds >"$out/$name.log" 2>&1 || {
    echo "FAIL $name"
    tail -40 "$out/$name.log"
    exit 1
}
