#!/bin/sh
# The main job from the command line: send, follow, look, log, report, fail, cancel, retry.
. "$(dirname "$0")/lib.sh"
cloud_start

# ---- bad values are refused by name and write nothing ----
for bad in "--user-id 'a b' --product-id p" "--user-id u" "--user-id u --product-id p --priority urgent" \
    "--user-id u --product-id p --metadata {" "--user-id u --product-id p --estimated-duration -5" \
    "--user-id u --product-id p --email nobody" "--user-id u --product-id p --job-id ../../x"; do
    eval "exits 2 send $bad"
done
exits 0 list --json
is "nothing was written" "$(json "$T/out" 'len(d)')" 0
ok "nothing waits in an outbox" test -z "$(ls "$XDG_STATE_HOME/mvpdash/outbox" 2>/dev/null)"

# ---- a deploy to its end ----
exits 0 test
exits 0 test --json
is "test --json" "$(json "$T/out" 'd["ok"], [s["ok"] for s in d["steps"]]')" "[true, [true, true, true]]"
exits 0 send --user-id user123 --product-id prod456 --business-name "My Startup" --features auth,blog --email u@example.com --wait
has "progress goes to stderr" "$T/err" "IN_PROGRESS"
has "the result to stdout" "$T/out" "COMPLETED"
hasnt "no progress on stdout" "$T/out" "IN_PROGRESS"
hasnt "no cursor movements outside a terminal" "$T/err" "$(printf '\r')"
job=$(sed -n 's/^job  *//p' "$T/out")

exits 0 status "$job"
has "status tells the state" "$T/out" "COMPLETED"
has "and the timeline" "$T/out" "timeline"
exits 0 status "$job" --json
is "status --json" "$(json "$T/out" '[d["jobId"], d["userId"], d["businessName"], d["status"], d["progress"], d["features"], d["record"]["jobId"], len(d["timeline"]) > 3]')" \
    "[\"$job\", \"user123\", \"My Startup\", \"COMPLETED\", 100, [\"auth\", \"blog\"], \"$job\", true]"
is "every member of the contract is there" "$(json "$T/out" 'sorted(set("jobId userId productId businessName status statusReason drift stuck step progress priority features createdAt updatedAt startedAt completedAt estimatedCompletion batchJobId batchStatus exitCode logStream urls errors timeline record".split()) - set(d))')" "[]"
url=$(json "$T/out" 'd["urls"]["production"] or d["urls"]["staging"] or d["urls"]["repository"]')
ok "its URL opens a real file" test -e "${url#file://}"
exits 0 status "$job" --watch
exits 0 logs "$job"
ok "the log is there" test -s "$T/out"
cp "$T/out" "$T/log"
exits 0 logs "$job" --follow
ok "following an ended job ends with the same log" cmp -s "$T/out" "$T/log"
exits 0 logs "$job" --json
is "logs --json is JSON Lines" "$(json_lines "$T/out" 'len(d) > 0 and all(sorted(x) == ["at", "text"] for x in d)')" true
exits 0 logs "$job" --timestamps
ok "each line with its time" test -z "$(grep -v '^20[0-9-]*T[0-9:.]*Z ' "$T/out")"
exits 0 logs "$job" --since 2030-01-01
is "nothing since then" "$(cat "$T/out")" ""
exits 3 logs "$job" --attempt 9

# ---- list ----
exits 0 send --json --user-id other --product-id p2 --wait
is "send --json" "$(json "$T/out" 'sorted(d), d["status"]')" '[["eventId", "jobId", "status"], "COMPLETED"]'
other=$(json "$T/out" 'd["jobId"]')
exits 0 list --json
is "newest first" "$(json "$T/out" '[j["jobId"] for j in d]')" "[\"$other\", \"$job\"]"
exits 0 list --json --user user123
is "of one user" "$(json "$T/out" '[j["jobId"] for j in d]')" "[\"$job\"]"
exits 0 list --json --status completed --limit 1
is "by state, at most one" "$(json "$T/out" '[j["jobId"] for j in d]')" "[\"$other\"]"
exits 0 list --json --status failed
is "none of another state" "$(json "$T/out" 'd')" "[]"
exits 0 list --since 1h
is "a table for people" "$(sed -n '1s/ .*//p' "$T/out") $(wc -l <"$T/out" | tr -d ' ')" "JOB 3"
exits 0 list --since 2030-01-01T00:00:00Z --json
is "none in the future" "$(json "$T/out" 'd')" "[]"

# ---- a final job refuses ----
exits 1 cancel "$job"
has "cancel says why not" "$T/err" "COMPLETED"
exits 1 report --job-id "$job" --step BUILDING

# ---- a job that fails ----
exits 1 send --user-id u --product-id p --metadata '{"simulate":{"exitCode":3,"atStep":"BUILDING"}}' --wait
has "the failure is told" "$T/err" "FAILED"
failed=$(sed -n 's/^job  *//p' "$T/out")
exits 0 status "$failed" --json
is "with its exit code" "$(json "$T/out" 'd["status"], d["exitCode"]')" '["FAILED", 3]'
exits 1 status "$failed" --watch
exits 0 list --status FAILED
has "list tells why" "$T/out" "3"

# ---- a job that is cancelled while it runs ----
exits 0 send --user-id u --product-id p --metadata '{"simulate":{"stepSeconds":60}}' --json
slow=$(json "$T/out" 'd["jobId"]')
running() { "$MVPDASH" status "$slow" --json >"$T/slow" && [ "$(json "$T/slow" 'd["status"], d["batchStatus"]')" = '["IN_PROGRESS", "RUNNING"]' ]; }
ok "it runs" within 30 running
"$MVPDASH" send --user-id u --product-id p --metadata '{"simulate":{"stepSeconds":60}}' --json --wait >"$T/waited" 2>"$T/waited.err" &
waiter=$!
two() { [ "$("$MVPDASH" list --json --status in_progress | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')" = 2 ]; }
ok "another runs and is followed" within 30 two
exits 0 list --json --status in_progress
second=$(json "$T/out" "[j['jobId'] for j in d if j['jobId'] != '$slow'][0]")
exits 0 cancel "$slow" "$second" --reason "wrong product" --wait
is "each has its result" "$(grep -c 'Batch has ended it' "$T/out")" 2
ends "$waiter" 60
is "who waited for it gets exit 1" "$?" 1
is "and the state" "$(json "$T/waited" 'd["status"]')" CANCELLED
exits 0 status "$slow" --json
is "it is CANCELLED" "$(json "$T/out" 'd["status"]')" CANCELLED
has "with the reason" "$T/out" "wrong product"
exits 1 cancel --json "$slow" job_nope_000000000
is "results one by one in JSON" "$(json "$T/out" '[r["error"]["code"] for r in d["results"]]')" '["E_CONFLICT", "E_NOT_FOUND"]'

# ---- retry ----
exits 0 retry "$job" --json
again=$(json "$T/out" 'd["results"][0]["jobId"]')
exits 0 status "$again" --watch
exits 0 status "$again" --json
is "the same parameters, and whose retry it is" "$(json "$T/out" 'd["userId"], d["businessName"], d["record"]["metadata"]["retryOf"]')" "[\"user123\", \"My Startup\", \"$job\"]"
exits 0 retry "$job" --json
has "a job that was retried before" "$T/err" "$job was already retried as $again (COMPLETED)"

# ---- report, as the container calls it ----
exits 0 send --job-id job_1734567890123_manual000 --user-id u --product-id p --bus default --json
exits 1 retry job_1734567890123_manual000 --json
is "what is not over is not sent again" "$(json "$T/out" '[d["results"][0]["error"]["code"], d["results"][0]["jobId"]]')" '["E_CONFLICT", null]'
has "and it says what to do" "$T/out" 'mvpdash cancel job_1734567890123_manual000'
exits 0 report --job-id job_1734567890123_manual000 --status in_progress --step BUILDING --progress 40
is "report is quiet" "$(cat "$T/out"; said)" ""
JOB_ID=job_1734567890123_manual000 run report --progress 60 --url production=https://shop.example --error "one thing"
is "JOB_ID of the environment counts" "$RC" 0
exits 0 status job_1734567890123_manual000 --json
is "what was reported is there" "$(json "$T/out" 'd["step"], d["progress"], d["urls"]["production"], d["errors"][0]["message"]')" '["BUILDING", 60, "https://shop.example", "one thing"]'
exits 2 report --job-id job_1734567890123_manual000 --progress 101
exits 2 report --job-id job_1734567890123_manual000 --status dancing
exits 0 report --job-id job_1734567890123_manual000 --status completed
exits 1 report --job-id job_1734567890123_manual000 --status in_progress

# ---- event, read-only, the old form ----
exits 0 event --source my.app --detail-type "Order Placed" --detail '{"order":42}' --resource arn:aws:s3:::b --json
is "event --json" "$(json "$T/out" 'sorted(d)')" '["eventId"]'
exits 2 event --source my.app --detail-type T --detail '[1]'
exits 2 send --user-id u --product-id p --read-only
MVPDASH_READ_ONLY=1 run cancel "$job"
is "read-only in the environment" "$RC" 2
exits 0 --action send --user-id user123 --product-id prod456 --business-name "Old Förm 日本"
old=$(sed -n 's/^job  *//p' "$T/out")
exits 0 status "$old" --watch
has "the old form sends the same" "$T/out" "Old Förm 日本"
LC_ALL=C run list
has "a program gets all of a text, whatever the locale" "$T/out" "Old Förm 日本"
(unset LC_ALL LC_CTYPE LANG; run list)
has "no locale at all is UTF-8" "$T/out" "Old Förm 日本"
exits 0 --action test --user-id user123 --product-id prod456

# ---- hostile records ----
if command -v aws >/dev/null 2>&1; then
    evil=$(printf '{"jobId":{"S":"job_evil"},"userId":{"S":"u"},"createdAt":{"S":"2025-01-01T00:00:00Z"},"status":{"S":"\\u001b[31mRED"},"metadata":{"M":{"businessName":{"S":"\\u001b]0;owned\\u0007\\u202eevil"}}}}')
    ok "a hostile record is put" aws --endpoint-url "$AWS_ENDPOINT_URL" dynamodb put-item --table-name mvp-development-jobs --item "$evil"
    exits 0 list
    hasnt "no escape sequence in list" "$T/out" "$(printf '\033')"
    hasnt "no direction override in list" "$T/out" "$(printf '\342\200\256')"
    exits 0 status job_evil
    hasnt "no escape sequence in status" "$T/out" "$(printf '\033')"
    for asked in "status job_evil" "list"; do
        # shellcheck disable=SC2086 # words
        exits 0 $asked --json
        hasnt "no direction override in $asked --json" "$T/out" "$(printf '\342\200\256')"
        has "it is escaped in $asked --json" "$T/out" '\u202eevil'
    done
fi

# ---- what it holds survives ----
ok "the cloud ends on SIGTERM" cloud_stop
cloud_start
exits 0 status "$job" --json
is "the job is still there" "$(json "$T/out" 'd["status"]')" COMPLETED
done_testing
