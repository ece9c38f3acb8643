#!/bin/sh
# When running jobs should end: what list and stats learn, and what status, list, send --wait and the REST
# API tell by it. Histories are records with known times; those who run are real jobs.
. "$(dirname "$0")/lib.sh"
needs curl
export MVP_STEP_SECONDS=0
cloud_start

# The times of ten jobs of the product p, whose steps last 1, 2, ... 10 hours; the last one ended an hour ago.
python3 - >"$T/history" <<'END'
import datetime, json
now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
steps = ["INIT", "AI_DEVELOPMENT", "BUILDING", "DEPLOYING"]
for n in range(1, 11):
    at = [(now - datetime.timedelta(hours=n * (4 - k))).strftime("%Y-%m-%dT%H:%M:%SZ") for k in range(5)]
    s = lambda x: {"S": x}
    print(json.dumps({"TableName": "mvp-development-jobs", "Item": {
        "jobId": s(f"job_{n}_abcdefghi"), "userId": s("u"), "productId": s("p"), "status": s("COMPLETED"),
        "createdAt": s(at[0]), "startedAt": s(at[0]), "completedAt": s(at[4]), "updatedAt": s(at[4]),
        "currentStep": s("COMPLETED"), "stepTimes": {"M": {k: s(t) for k, t in zip(steps, at)}}}}))
END
while read -r item; do aws_call dynamodb PutItem "$item" >/dev/null; done <"$T/history"

# ---- one job that runs, and stays in a step ----
exits 0 send --user-id u --product-id p --json --metadata '{"simulate":{"hang":true,"atStep":"BUILDING"}}'
id=$(json "$T/out" 'd["jobId"]')
building() {
    run status "$id" --json
    [ "$(json "$T/out" '[d["status"], d["step"]]')" = '["IN_PROGRESS", "BUILDING"]' ]
}
ok "it comes to its step" within 60 building
exits 0 status "$id" --json
is "nobody read the table: nothing is known, and nothing is guessed" "$(json "$T/out" 'd["eta"]')" null
ok "nothing is kept" test ! -d "$XDG_STATE_HOME/mvpdash/history"
exits 0 status "$id"
hasnt "and nothing is said" "$T/out" "should end"

exits 0 list --json
cp "$T/out" "$T/list"
is "one file is kept, for this user alone" "$(stat -c %a "$XDG_STATE_HOME"/mvpdash/history/*)" 600
exits 0 status "$id" --json
cp "$T/out" "$T/one"
# of ten jobs the ranks 1 and 10: 2 h and 20 h after the begin of BUILDING
holds='(lambda iso: [round((iso(d["eta"][k]) - iso(d["record"]["stepTimes"]["BUILDING"])).total_seconds() / 60) for k in ("low", "high")])(lambda t: __import__("datetime").datetime.fromisoformat(t.replace("Z", "+00:00")))'
is "from its step on, by the ten that completed" "$(json "$T/one" "$holds")" "[120, 1200]"
is "times in UTC, and nothing else" "$(json "$T/one" 'sorted(d["eta"]), all(v.endswith("Z") for v in d["eta"].values())')" '[["high", "low"], true]'
is "list tells the same" "$(json "$T/list" "[j['eta'] for j in d if j['jobId'] == '$id'][0]")" "$(json "$T/one" 'd["eta"]')"
is "of a job that is over there is none" "$(json "$T/list" '[j["jobId"] for j in d if j["eta"] is not None]')" "[\"$id\"]"
exits 0 list --status in_progress
is "list says it in a column" "$(grep -c 'BUILDING .* 1h[0-9]*-[12][0-9]h[0-9]* ' "$T/out")" 1
exits 0 status "$id"
has "status says it in words" "$T/out" "should end  in 1h"
hasnt "it is not slow" "$T/out" "slow"

# ---- the REST API, which reads what is kept ----
"$MVPDASH" serve --listen 127.0.0.1:0 >"$T/serve.out" 2>"$T/serve.err" </dev/null &
E2E_PIDS="$E2E_PIDS $!"
ok "serve starts" within 20 grep -q '://' "$T/serve.out"
URL=$(sed 's/.*"\(http[^"]*\)".*/\1/' "$T/serve.out")
curl -sS --max-time 120 -o "$T/body" "$URL/status/$id"
is "GET /status" "$(json "$T/body" 'd["eta"]')" "$(json "$T/one" 'd["eta"]')"
curl -sS --max-time 120 -o "$T/body" "$URL/jobs/u"
is "GET /jobs" "$(json "$T/body" "{j['jobId']: j['eta'] for j in d['jobs']}['$id']")" "$(json "$T/one" 'd["eta"]')"
is "GET /jobs of those that are over" "$(json "$T/body" 'len(d["jobs"]), sum(j["eta"] is None for j in d["jobs"])')" "[11, 10]"

# ---- send --wait ----
"$MVPDASH" send --user-id u --product-id p --wait --metadata '{"simulate":{"hang":true,"atStep":"BUILDING"}}' >"$T/waited" 2>"$T/waited.err" &
waiting=$!
E2E_PIDS="$E2E_PIDS $waiting"
ok "send --wait tells it on the way" within 60 grep -q 'BUILDING.*  should end in .*(..:..-..:..)' "$T/waited.err"
kill "$waiting"

# ---- garbage in the file ----
echo garbage >"$(echo "$XDG_STATE_HOME"/mvpdash/history/*)"
exits 0 status "$id" --json
is "garbage is no history" "$(json "$T/out" 'd["eta"]')" null
exits 0 stats --since 7d --json
exits 0 status "$id" --json
is "stats writes it anew" "$(json "$T/out" 'd["eta"]')" "$(json "$T/one" 'd["eta"]')"

# ---- jobs that ran here, and one that takes longer than all of them ----
exits 0 list --status in_progress --json
# shellcheck disable=SC2046 # one word for each job
exits 0 cancel $(json "$T/out" '" ".join(j["jobId"] for j in d)') # the queue has room for a few
for n in $(seq 20); do echo "{\"userId\":\"v\",\"productId\":\"quick\",\"businessName\":\"B$n\"}"; done >"$T/twenty.jsonl"
exits 0 batch "$T/twenty.jsonl"
all_over() {
    run list --user v --json
    [ "$(json "$T/out" 'sum(j["status"] == "COMPLETED" for j in d)')" = 20 ]
}
ok "they complete" within 120 all_over
exits 0 send --user-id v --product-id quick --json --metadata '{"simulate":{"hang":true,"atStep":"BUILDING"}}'
id=$(json "$T/out" 'd["jobId"]')
slow() {
    run status "$id"
    grep -q '^slow ' "$T/out"
}
ok "a job that hangs is slow" within 120 slow
exits 0 list --user v --status in_progress
is "list says so too" "$(grep -c 'BUILDING .* slow ' "$T/out")" 1
exits 0 status "$id" --json
is "and nobody knows when it ends" "$(json "$T/out" 'd["status"], d["eta"]')" '["IN_PROGRESS", null]'

done_testing
