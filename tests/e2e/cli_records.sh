#!/bin/sh
# Records that other programs wrote: without createdAt, with results and attributes of their own.
. "$(dirname "$0")/lib.sh"
needs curl
cloud_start

put() { aws_call dynamodb PutItem "{\"TableName\":\"mvp-development-jobs\",\"Item\":$1}"; }
ago() { date -u -d "@$(($(date +%s) - $1))" +%Y-%m-%dT%H:%M:%SZ; }

# ---- no createdAt: the time is what else is known ----
young=job_$(($(date +%s) - 600))000_k3j5h7g9f
put "{\"jobId\":{\"S\":\"flat-1h\"},\"userId\":{\"S\":\"ann\"},\"status\":{\"S\":\"COMPLETED\"},\"createdAt\":{\"S\":\"$(ago 3600)\"}}"
put "{\"jobId\":{\"S\":\"$young\"},\"userId\":{\"S\":\"ann\"},\"status\":{\"S\":\"completed\"},\"progress\":{\"N\":\"100\"},\"updatedAt\":{\"S\":\"$(ago 1)\"}}"
put "{\"jobId\":{\"S\":\"start-2h\"},\"userId\":{\"S\":\"ann\"},\"status\":{\"S\":\"FAILED\"},\"startedAt\":{\"S\":\"$(ago 7200 | tr -d ':-')\"}}"
put "{\"jobId\":{\"S\":\"change-30m\"},\"userId\":{\"S\":\"ann\"},\"status\":{\"S\":\"CANCELLED\"},\"updatedAt\":{\"S\":\"$(ago 1800)\"}}"
exits 0 list --json
is "each stands at its time" "$(json "$T/out" '[j["jobId"] for j in d]')" "[\"$young\", \"change-30m\", \"flat-1h\", \"start-2h\"]"
is "createdAt stays what the record says" "$(json "$T/out" '[j["createdAt"] is None for j in d]')" "[true, true, false, true]"
exits 0 list --json --user ann
is "for a user too" "$(json "$T/out" '[j["jobId"] for j in d]')" "[\"$young\", \"change-30m\", \"flat-1h\", \"start-2h\"]"
exits 0 list --json --user ann --since 45m
is "since" "$(json "$T/out" '[j["jobId"] for j in d]')" "[\"$young\", \"change-30m\"]"
exits 0 list --json --limit 3
is "the newest ones" "$(json "$T/out" '[j["jobId"] for j in d]')" "[\"$young\", \"change-30m\", \"flat-1h\"]"
exits 0 list
ok "each has an age" test "$(grep -c -E ' (10m|30m|1h|2h) ' "$T/out")" = 4
exits 0 status "$young"
has "and says by what" "$T/out" "by the time in its id"

# ---- the container's first update makes the record; Batch has JOB_ID in the parameters alone ----
aws_call batch submitjob '{"jobName":"run","jobQueue":"mvp-pipeline-queue","jobDefinition":"mvp-pipeline-job","parameters":{"JOB_ID":"order-31"}}'
put "{\"jobId\":{\"S\":\"order-31\"},\"status\":{\"S\":\"IN_PROGRESS\"},\"currentStep\":{\"S\":\"CREATING_REPO\"},\"stage\":{\"S\":\"AI_DEVELOPMENT\"},\"updatedAt\":{\"S\":\"$(ago 0)\"}}"
told() { "$MVPDASH" status order-31 --json >"$T/told" && [ "$(json "$T/told" 'd["batchJobId"] is not None and d["batchStatus"] in ("SUCCEEDED", "FAILED")')" = true ]; }
ok "Batch is asked for it" within 60 told
is "its step is currentStep" "$(json "$T/told" 'd["step"]')" CREATING_REPO
exits 0 logs order-31
hasnt "its log is not said to be forgotten" "$T/err" "forgotten"

# ---- results of every shape, and what nobody knows ----
put '{"jobId":{"S":"shapes"},"status":{"S":"COMPLETED"},"createdAt":{"S":"20260301T061502.25+0100"},"resources":{"M":{"githubRepo":{"M":{"name":{"S":"zoo/app"},"url":{"S":"https://git.example/zoo/app"},"branch":{"S":"dev"}}},"vercel":{"M":{"projectId":{"S":"prj_8"},"deploymentId":{"S":"dpl_9"},"url":{"S":"zoo.vercel.app"}}},"cluster":{"S":"c-7"}}},"executionLogs":{"L":[{"M":{"timestamp":{"S":"T1"},"message":{"S":"cloned"}}},{"S":"built with token=abc123secret"}]},"tone":{"S":"warm\u001b[31m\u0007"},"seats":{"N":"90071992547409931"},"apiKey":{"S":"k-secret"}}'
exits 0 status shapes
for line in "created     2026-03-01 05:15:02" "repository  https://git.example/zoo/app" "production  zoo.vercel.app" "branch      dev" \
    "project prj_8, deployment dpl_9" "T1  cloned" "token=****" "other       resources.cluster: c-7" "other       seats: 90071992547409931" \
    "other       apiKey: ****" "tone: warm"; do
    has "status tells: $line" "$T/out" "$line"
done
ok "nothing of it drives a terminal" test -z "$(tr -d '\n' <"$T/out" | tr -dc '\000-\037')"
exits 0 list --json
is "a list has the addresses" "$(json "$T/out" '[j["urls"] for j in d if j["jobId"] == "shapes"]')" \
    '[{"repository": "https://git.example/zoo/app", "staging": null, "production": "zoo.vercel.app"}]'

# Whole events into a log group, to be looked at.
aws_call logs CreateLogGroup '{"logGroupName":"/aws/events/whole"}'
aws_call events PutRule '{"Name":"whole","EventBusName":"mvp-development","EventPattern":"{\"source\":[\"founderdash.web\"]}"}'
aws_call events PutTargets '{"Rule":"whole","EventBusName":"mvp-development","Targets":[{"Id":"log","Arn":"arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/whole"}]}'

# ---- retry: everything that is neither state nor result goes along ----
put '{"jobId":{"S":"order-77"},"status":{"S":"FAILED"},"statusReason":{"S":"boom"},"updatedAt":{"S":"2026-03-01T06:15:02Z"},"githubRepo":{"S":"https://git.example/old"},"projectDescription":{"S":"A bakery"},"userInstructions":{"S":"warm colours"},"requirements":{"L":[{"S":"shop"},{"M":{"pages":{"N":"3"}}}]},"budget":{"N":"12345678901234567890.5"},"tags":{"SS":["a","b"]},"live":{"BOOL":false},"none":{"NULL":true},"logo":{"B":"AAEC"},"metadata":{"M":{"businessName":{"S":"Bakery"},"palette":{"SS":["red"]}}}}'
exits 2 retry order-77
has "what the record lacks is named" "$T/err" "it has no userId and no productId"
has "and how to give it" "$T/err" "mvpdash retry order-77 --user-id U --product-id P"
exits 2 retry order-77 --user-id ann
has "what it lacks still" "$T/err" "it has no productId"
exits 0 list --json --user ann
is "nothing was sent" "$(json "$T/out" 'len(d)')" 4
exits 0 retry order-77 --user-id ann --product-id shop --json
again=$(json "$T/out" 'd["results"][0]["jobId"]')
aws_call dynamodb GetItem "{\"TableName\":\"mvp-development-jobs\",\"Key\":{\"jobId\":{\"S\":\"$again\"}}}"
is "the new record has them with their types" \
    "$(json "$T/call" '[d["Item"][x] for x in "projectDescription userInstructions requirements budget tags live none logo userId productId".split()] + [d["Item"]["metadata"]["M"]["palette"]]')" \
    '[{"S": "A bakery"}, {"S": "warm colours"}, {"L": [{"S": "shop"}, {"M": {"pages": {"N": "3"}}}]}, {"N": "12345678901234567890.5"}, {"SS": ["a", "b"]}, {"BOOL": false}, {"NULL": true}, {"B": "AAEC"}, {"S": "ann"}, {"S": "shop"}, {"SS": ["red"]}]'
is "and neither state nor result of the old one" "$(json "$T/call" '[x for x in ("githubRepo",) if x in d["Item"]] + [d["Item"].get("statusReason", {}).get("S") == "boom"]')" "[false]"
logged() { aws_call logs FilterLogEvents '{"logGroupName":"/aws/events/whole"}' && grep -q "$again" "$T/call"; }
ok "the event is on the bus" within 30 logged
for part in '"projectDescription":"A bakery"' '"budget":12345678901234567890.5' '"tags":["a","b"]' '"retryOf":"order-77"'; do
    ok "the event has $part" python3 -c 'import sys; t = open(sys.argv[1]).read().replace("\\", ""); sys.exit(sys.argv[2] not in t)' "$T/call" "$part"
done
exits 0 status "$again" --watch
exits 2 retry "$again" --user-id bob
has "a record that says whose it is stands" "$T/err" 'the record says "ann"'
python3 -c 'import json,sys; print(json.dumps({"TableName": "mvp-development-jobs", "Item": {"jobId": {"S": "order-78"}, "userId": {"S": "ann"}, "productId": {"S": "p"}, "status": {"S": "FAILED"}, "requirements": {"S": "r" * 300000}}}))' >"$T/big"
aws_call dynamodb PutItem "@$T/big"
exits 2 retry order-78
has "what does not fit is refused with its size" "$T/err" '"requirements" has 3000'
exits 0 list --json --status pending
is "and nothing of it is recorded" "$(json "$T/out" '[j["jobId"] for j in d if j["jobId"] == "order-78"]')" "[]"

done_testing
