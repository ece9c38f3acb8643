#!/bin/sh
# mvpdash serve --state table: replicas without a disk, which share a table; the drain; what is refused.
. "$(dirname "$0")/lib.sh"
needs curl
export MVP_STEP_SECONDS=0
cloud_start

# Nobody can make a folder below a file: whatever is written into the state folder fails.
: >"$T/no_disk"

# replica NAME ARGUMENTS...: starts one, sets $PID and $URL.
replica() {
    name=$1
    shift
    XDG_STATE_HOME="$T/no_disk/state" "$MVPDASH" serve --listen 127.0.0.1:0 --rate 0 --timeout 2 "$@" \
        >"$T/$name.out" 2>"$T/$name.err" </dev/null &
    PID=$!
    E2E_PIDS="$E2E_PIDS $PID"
    listening() { grep -q '://' "$T/$name.out" || ! kill -0 "$PID"; }
    within 20 listening
    URL=$(cat "$T/$name.out")
}
# deploy URL KEY: prints the status; the body in $T/body.
deploy() {
    curl -sS --max-time 60 -o "$T/body" -w '%{http_code}' -H 'Content-Type: application/json' -H "Idempotency-Key: $2" \
        -d '{"userId":"u","productId":"p"}' "$1/deploy" 2>"$T/curl.err"
}

exits 2 serve --state nowhere
MVPDASH_STATE=nowhere exits 4 serve
DYNAMODB_STATE_TABLE_NAME=none MVPDASH_STATE=table exits 3 serve --drain-outbox
has "it says what is not known" "$T/err" "what waits in the outbox is not known"
exits 0 serve --state table --drain-outbox --json
is "nothing is left" "$(json "$T/out" 'd["left"]')" 0

replica one --state table
one=$URL
one_pid=$PID
MVPDASH_STATE=table replica two
two=$URL
is "the first takes it" "$(deploy "$one" k1)" 202
cp "$T/body" "$T/first"
is "the second knows the key" "$(deploy "$two" k1)" 202
ok "the same answer" cmp "$T/body" "$T/first"
job=$(json "$T/first" 'd["jobId"]')
is "the job at the second" "$(curl -sS -o "$T/body" -w '%{http_code}' "$two/status/$job")" 200
is "both tables are looked at" "$(curl -sS "$one/readyz" | grep -c '"state","ok":true')" 1
kill -9 "$one_pid"
is "the second goes on alone" "$(deploy "$two" k1)" 202
ok "with the same answer" cmp "$T/body" "$T/first"
kill -TERM "$PID"
ends "$PID" 30
is "it ends in order" "$?" 0
hasnt "the disk is not missed" "$T/two.err" "no_disk"
MVPDASH_STATE=table exits 0 outbox list --json
is "the outbox is empty" "$(json "$T/out" 'len(d["entries"])')" 0
exits 0 list --json
is "one job" "$(json "$T/out" 'len(d)')" 1
done_testing
