#!/bin/sh
# Services that answer slowly, never, or without an end: each command ends within its time, says on
# stderr what it waits for, and does not take what it could not ask for "there is none".
. "$(dirname "$0")/lib.sh"

export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret AWS_REGION=us-east-1

# slow JOBS SECONDS MODE: starts the service in the place of the one before.
slow() {
    if [ -n "${SLOW_PID:-}" ]; then
        kill "$SLOW_PID"
        ends "$SLOW_PID" 30
    fi
    rm -f "$T/port"
    mkfifo "$T/port"
    python3 "$E2E_HERE/slow.py" "$@" >"$T/port" 2>>"$T/slow.err" &
    SLOW_PID=$!
    E2E_PIDS="$E2E_PIDS $SLOW_PID"
    read -r port <"$T/port"
    export AWS_ENDPOINT_URL="http://127.0.0.1:$port"
}
E2E_HERE=${E2E_HERE:-$(cd "$(dirname "$0")" && pwd)}

# soon SECONDS STATUS ARGUMENTS...: ends so, and so soon, once in four: a machine that is busy with other
# things may be slow, a program that does not keep to its time is late each time.
soon() {
    most=$1
    wanted=$2
    shift 2
    for _ in 1 2 3 4; do
        began=$(date +%s)
        run "$@"
        took=$(($(date +%s) - began))
        is "exit $wanted: mvpdash $*" "$RC" "$wanted"
        [ "$took" -gt "$most" ] || break
    done
    if [ "$took" -le "$most" ]; then pass "within $most s: $*"; else fail "within $most s: $*" "$took s"; fi
}

# ---- one that never answers ----

slow 10 0 hang
soon 5 5 list --timeout 3
has 'it says what it waits for' "$T/err" 'waiting for DynamoDB (DescribeTable), 2 s so far'
has 'and what it may be given' "$T/err" '--timeout'
soon 5 5 status job-1 --timeout 3 --json
is 'programs are told as well' "$(head -n 1 "$T/err" | sed 's/"seconds.*//')" \
    '{"waiting":{"service":"DynamoDB","operation":"GetItem",'
soon 5 5 cancel job-1 --timeout 3
soon 5 5 logs job-1 --timeout 3
soon 5 5 report --job-id job-1 --status FAILED --timeout 3
printf '{"userId":"u","productId":"p%s","businessName":"B"}\n' 1 2 3 4 5 6 7 8 >"$T/file.jsonl"
soon 20 5 batch "$T/file.jsonl" --timeout 3
exits 5 send --user-id u --product-id kept --timeout 1
soon 5 5 send --user-id u --product-id late --timeout 3
has 'what waits is told first' "$T/err" 'of an earlier run'
has 'and where' "$T/err" 'still in the outbox'
soon 5 5 dlq --timeout 3
soon 5 5 dlq redrive --all --timeout 3
soon 25 2 doctor --job job_1734567890123_abc123def
has 'what cannot be told is said' "$T/out" 'UNKNOWN'
exits 2 list --timeout soon
has 'a time is a number' "$T/err" 'timeout'
exits 2 list --timeout 0

# ---- Batch that is slow ----

slow 2600 2 slow
soon 7 0 list --timeout 6
has 'what is not known is counted' "$T/err" 'could not be asked for all'
is 'and the rest is known' "$([ "$(grep -c QUEUED "$T/out")" -gt 0 ] && echo yes)" yes
hasnt 'nothing is said to be lost' "$T/out" 'matched no rule'
soon 7 0 status job-2500 --timeout 6
has 'not known is said' "$T/err" 'Batch could not be asked'
hasnt 'no cause is made up' "$T/out" 'matched no rule'
soon 7 5 cancel job-2500 --timeout 6
has 'nor is it said that none ran' "$T/err" 'whether a Batch job of it runs is not known'
hasnt 'not that either' "$T/out" 'no Batch job was running'
soon 7 5 logs job-2500 --timeout 6
has 'an unknown log is no empty log' "$T/err" 'Batch could not be asked where the log of job-2500 is'
# Each look goes on where the last one ended.
for _ in 1 2 3 4 5 6; do
    run status job-2500 --timeout 6
    grep -q QUEUED "$T/out" && break
done
has 'in the end it is found' "$T/out" 'batch-02500'
soon 5 0 status job-2500
has 'and is remembered' "$T/out" 'batch-02500'

# ---- pages without an end ----

slow 10 0 empty
soon 5 0 list
has 'empty pages of Batch end' "$T/err" 'empty pages without an end'
hasnt 'and are not "none"' "$T/out" 'matched no rule'
slow 10 0 scan
soon 9 1 list
has 'empty pages of a table end' "$T/err" 'without an end'

is "the service understood all that it was asked" "$(cat "$T/slow.err")" ""
done_testing
