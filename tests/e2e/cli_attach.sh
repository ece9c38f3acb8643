#!/bin/sh
# --local: the cloud is started when none runs, shared, and ends by itself when nobody needs it.
. "$(dirname "$0")/lib.sh"
needs pgrep pkill
data=$XDG_STATE_HOME/mvpdash/local

answers() { [ -f "$data/env" ]; }
gone() { ! answers; }
clouds() { pgrep -f -c -- "local --background .*--data $data\$"; }

# What points elsewhere must not be used: --local means this machine.
export AWS_ACCESS_KEY_ID=AKIAPRODUCTION12345 AWS_SECRET_ACCESS_KEY=prod AWS_PROFILE=prod
export AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1 DYNAMODB_TABLE_NAME=prod-table
exits 0 list --local --json
is "list --local starts a cloud" "$(json "$T/out" 'd')" "[]"
exits 0 send --local --user-id u --product-id p --wait --json
is "a job runs to its end on it" "$(json "$T/out" 'd["status"]')" COMPLETED
ok "it ends by itself when nobody uses it" within 20 gone
exits 0 list --local --json
is "the next one has what the last one held" "$(json "$T/out" 'len(d)')" 1

# A job keeps it up although who sent it is gone.
exits 0 send --local --user-id u --product-id p --json --metadata '{"simulate":{"stepSeconds":1}}'
job=$(json "$T/out" 'd["jobId"]')
ok "then it ends too" within 60 gone
exits 0 status "$job" --local --json
is "the job was carried to its end" "$(json "$T/out" 'd["status"]')" COMPLETED

# Several at once share one cloud.
ok "none runs" within 20 gone
for i in 1 2 3 4; do
    "$MVPDASH" list --local --json >"$T/many.$i" 2>"$T/many.err.$i" &
    eval "pid$i=$!"
done
for i in 1 2 3 4; do
    eval "ends \$pid$i 60"
    is "user $i of several at once" "$? $(json "$T/many.$i" 'len(d)')" "0 2"
done
ok "at most one cloud is left" test "$(clouds)" -le 1

# Killed without warning: the next one starts over. Somebody uses it until then: else it may have ended
# by itself before it is looked for.
"$MVPDASH" logs --rule --follow --local >"$T/follow" 2>&1 &
follower=$!
E2E_PIDS="$E2E_PIDS $follower"
there() { [ "$(clouds)" = 1 ] && answers; }
ok "it is there" within 20 there
pkill -9 -f -- "local --background .*--data $data\$"
kill "$follower"
ends "$follower" 30
exits 0 list --local --json
is "a killed cloud is replaced" "$(json "$T/out" 'len(d)')" 2
ok "and ends at last" within 20 gone

# A folder that cannot be used is said in one line.
rm -rf "$data"
: >"$data"
exits 1 list --local
has "why it did not start" "$T/err" "$data"
done_testing
