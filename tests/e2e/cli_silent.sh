#!/bin/sh
# A running job whose record falls silent: its log tells how far it is.
. "$(dirname "$0")/lib.sh"
needs curl
cloud_start
mkdir -p "$XDG_CONFIG_HOME/mvpdash"
printf '[ui]\nrecord_silent = 1\n' >"$XDG_CONFIG_HOME/mvpdash/config.ini"

exits 0 send --user-id u --product-id p --json --metadata '{"simulate":{"hang":true,"atStep":"BUILDING"}}'
job=$(json "$T/out" 'd["jobId"]')
hangs() { "$MVPDASH" logs "$job" | grep -q 'hangs until'; }
ok "its container is at work" within 30 hangs
quiet() { "$MVPDASH" status "$job" --json >"$T/out" && [ "$(json "$T/out" 'd["logStep"] is not None')" = true ]; }
ok "its record is silent" within 20 quiet
is "no stage in plain lines, but when it was heard" "$(json "$T/out" '[d["step"], d["logStep"]["step"], d["logStep"]["heardAt"][:2]]')" '["BUILDING", null, "20"]'
exits 0 status "$job" --json --record
is "without Batch there is no log" "$(json "$T/out" 'd["logStep"]')" null
exits 0 status "$job"
has "the last line in words" "$T/out" "by its log  last line 20"

stream=$("$MVPDASH" status "$job" --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["logStream"])')
say() {
    python3 -c 'import json,sys; print(json.dumps({"logGroupName": "/aws/batch/job", "logStreamName": sys.argv[1], "logEvents": [{"timestamp": int(sys.argv[2]), "message": sys.argv[3]}]}))' \
        "$stream" "$(date +%s%3N)" "$1" >"$T/event"
    aws_call logs PutLogEvents "@$T/event"
}
# The container goes on in its log alone, then with plain lines.
say '{"level":"info","stage":"TAKING_SCREENSHOTS","message":"3 of 9 pages, postgres://app:hunter2unlikely@db/x"}'
say 'npm warn deprecated'
exits 0 status "$job"
has "the step by its log" "$T/out" "by its log  TAKING_SCREENSHOTS since 20"
has "in the timeline" "$T/out" "log     stage TAKING_SCREENSHOTS: 3 of 9 pages"
has "the record's step stays" "$T/out" "BUILDING"
has "why" "$T/out" "the record is silent, but its log continues"
hasnt "no password" "$T/out" hunter2unlikely
exits 0 status "$job" --json
is "in JSON the record's step stays" "$(json "$T/out" '[d["step"], d["logStep"]["step"], [x["event"][:24] for x in d["timeline"] if x["source"] == "log"], d["stuck"]]')" \
    '["BUILDING", "TAKING_SCREENSHOTS", ["stage TAKING_SCREENSHOTS"], null]'
exits 0 list
has "marked in the list" "$T/out" "~TAKING_SCREENSHOTS"
exits 0 list --json
is "in the list's JSON" "$(json "$T/out" '[d[0]["step"], d[0]["logStep"]["step"]]')" '["BUILDING", "TAKING_SCREENSHOTS"]'
# It is silent again after a second, which a busy machine may take to begin the next program.
speaks() { "$MVPDASH" report --job-id "$job" --step DEPLOYING && "$MVPDASH" list >"$T/out" && ! grep -q -F "~" "$T/out"; }
ok "the record speaks again" within 60 speaks
has "with its own step" "$T/out" "DEPLOYING"
exits 0 cancel "$job"
exits 0 list --json
is "what is over has no step by its log" "$(json "$T/out" '"logStep" in d[0]')" false
done_testing
