#!/bin/sh
# Jobs that Batch alone tells of, and two records of one job, as programs that do not know this one
# make them: a container that is given its JOB_ID as a parameter only, jobs submitted by hand.
. "$(dirname "$0")/lib.sh"
needs curl
cloud_start

put() { aws_call dynamodb PutItem "{\"TableName\":\"mvp-development-jobs\",\"Item\":$1}"; }
now() { date -u +%Y-%m-%dT%H:%M:%SZ; }
# submit NAME SECONDS [MORE]: a Batch job that writes two lines; its id to $ID.
submit() {
    aws_call batch submitjob "{\"jobName\":\"$1\",\"jobQueue\":\"mvp-pipeline-queue\",\"jobDefinition\":\"plain\"${3:+,$3},\"containerOverrides\":{\"environment\":[{\"name\":\"SECS\",\"value\":\"$2\"}]}}"
    ID=$(json "$T/call" 'd["jobId"]')
}
# The tracker of the local cloud writes what such deployments do not: it is not there.
aws_call batch registerjobdefinition '{"jobDefinitionName":"plain","type":"container","containerProperties":{"image":"x","command":["sh","-c","echo first of $AWS_BATCH_JOB_ID; sleep $SECS; echo last; exit ${CODE:-0}"],"resourceRequirements":[{"type":"VCPU","value":"1"},{"type":"MEMORY","value":"512"}]}}'
aws_call events RemoveTargets '{"Rule":"mvp-development-rule-state","Ids":["tracker"]}'
state() { "$MVPDASH" status "$1" --json >"$T/told" && [ "$(json "$T/told" 'd["batchStatus"]')" = "$2" ]; }

# ---- Batch alone tells of it ----
submit nightly-index 0
bare=$ID
submit by-hand 300 '"parameters":{"JOB_ID":"order-51","USER_ID":"zoe"}'
held=$ID
ok "one has ended" within 60 state "$bare" SUCCEEDED
ok "one runs" within 60 state order-51 RUNNING
exits 0 status "$bare" --json
is "what Batch says is its state" "$(json "$T/out" '[d["jobId"], d["status"], d["mark"], d["record"], d["batchJobName"], d["drift"]]')" \
    "[\"$bare\", \"COMPLETED\", \"no record\", null, \"nightly-index\", false]"
exits 0 status order-51
has "a mark in words" "$T/out" "mark        no record"
has "by its JOB_ID" "$T/out" "job         order-51"
exits 0 status "$held" --json
is "the Batch id leads to the same" "$(json "$T/out" '[d["jobId"], d["userId"], d["status"]]')" '["order-51", "zoe", "IN_PROGRESS"]'
exits 0 logs "$held"
has "and to its log" "$T/out" "first of $held"
exits 0 doctor --job order-51
hasnt "the doctor does not call it lost" "$T/out" "lost"
has "but says where it is" "$T/out" "Batch job $held is RUNNING"
exits 0 list --json
is "each is a row" "$(json "$T/out" 'sorted((j["jobId"], j["status"], j["mark"]) for j in d)')" \
    "$(python3 -c 'import json,sys; print(json.dumps(sorted([[sys.argv[1], "COMPLETED", "no record"], ["order-51", "IN_PROGRESS", "no record"]])))' "$bare")"
exits 0 list --json --status in_progress --since 10m
is "with filters" "$(json "$T/out" '[j["jobId"] for j in d]')" '["order-51"]'
exits 0 list --json --user zoe
is "of the user that Batch was given" "$(json "$T/out" '[j["jobId"] for j in d]')" '["order-51"]'
exits 0 list --json --user ann
is "and of no other" "$(json "$T/out" 'd')" "[]"
exits 0 list --json --limit 1
is "the newest" "$(json "$T/out" '[j["jobId"] for j in d]')" '["order-51"]'
exits 2 retry order-51
has "it cannot be sent again" "$T/err" "has no record"
exits 0 cancel order-51 --reason "wrong queue"
ok "Batch ends it" within 60 state "$held" FAILED
is "as cancelled, with who and why" "$(json "$T/told" '[d["status"], "wrong queue" in d["statusReason"], "mvpdash " in d["statusReason"]]')" '["CANCELLED", true, true]'
exits 1 cancel order-51
has "once" "$T/err" "has already ended as CANCELLED"
put '{"jobId":{"S":"none"},"status":{"S":"PENDING"}}'
exits 3 status 0f0f0f0f-1111-2222-3333-444444444444
exits 3 logs order-52
exits 3 cancel order-52

# ---- a dead service is no empty queue ----
exits 5 status order-53 --endpoint-url http://127.0.0.1:9 --timeout 3

# ---- nor is a log whose place Batch does not tell an empty log ----
export AWS_ENDPOINT_URL_BATCH=http://127.0.0.1:9
exits 5 logs none --timeout 3
has "what is not known" "$T/err" "Batch could not be asked where the log of none is"
is "said once" "$(grep -c 'could not be asked' "$T/err")" 1
unset AWS_ENDPOINT_URL_BATCH
exits 0 logs none

# ---- two records, one job ----
put "{\"jobId\":{\"S\":\"order-61\"},\"userId\":{\"S\":\"ann\"},\"productId\":{\"S\":\"p\"},\"status\":{\"S\":\"PENDING\"},\"createdAt\":{\"S\":\"$(now)\"},\"businessName\":{\"S\":\"Bakery\"}}"
submit mvp 300 '"parameters":{"JOB_ID":"order-61"}'
twin=$ID
ok "it runs" within 60 state order-61 RUNNING
put "{\"jobId\":{\"S\":\"$twin\"},\"status\":{\"S\":\"IN_PROGRESS\"},\"progress\":{\"N\":\"40\"},\"currentStep\":{\"S\":\"BUILDING\"},\"updatedAt\":{\"S\":\"$(now)\"}}"
for id in order-61 "$twin"; do
    exits 0 status "$id" --json
    is "one job by $id" "$(json "$T/out" '[d["jobId"], d["userId"], d["businessName"], d["status"], d["step"], d["progress"], d["mark"]]')" \
        '["order-61", "ann", "Bakery", "IN_PROGRESS", "BUILDING", 40, "two records"]'
    is "both records as they are" "$(json "$T/out" '[d["record"]["status"], [r["jobId"] for r in d["containerRecords"]]]')" "[\"PENDING\", [\"$twin\"]]"
done
has "why, and what helps" "$T/out" "doctor D6"
exits 0 list --json --status in_progress
is "one row" "$(json "$T/out" '[(j["jobId"], j["step"], j["mark"]) for j in d]')" '[["order-61", "BUILDING", "two records"]]'
exits 0 list --json --user ann
is "for its user too" "$(json "$T/out" '[(j["jobId"], j["step"]) for j in d]')" '[["order-61", "BUILDING"]]'
run doctor --job "$twin"
has "the doctor's remedy" "$T/out" "see D6"
exits 0 cancel "$twin"
exits 0 status order-61 --json
is "the job is cancelled" "$(json "$T/out" '[d["status"] in ("CANCELLED", "STOPPING"), d["record"]["status"], d["containerRecords"][0]["status"]]')" '[true, "CANCELLED", "CANCELLED"]'
exits 0 list --json --status in_progress
is "and runs no longer" "$(json "$T/out" 'd')" "[]"

# ---- the container's record alone ----
submit mvp 0 '"parameters":{"JOB_ID":"order-71"}'
only=$ID
put "{\"jobId\":{\"S\":\"$only\"},\"status\":{\"S\":\"COMPLETED\"},\"progress\":{\"N\":\"100\"},\"githubRepo\":{\"S\":\"https://git.example/o\"},\"updatedAt\":{\"S\":\"$(now)\"}}"
ok "it ends" within 60 state order-71 SUCCEEDED
exits 0 list --json --status completed
is "has the job's own id" "$(json "$T/out" '[(j["jobId"], j["mark"], j["urls"]["repository"]) for j in d if j["mark"] != "no record"]')" \
    "[[\"order-71\", \"container's record\", \"https://git.example/o\"]]"

# ---- sent again by hand: the older Batch job's id leads to the job as it is now ----
submit first-try 0 '"parameters":{"JOB_ID":"order-81"}'
older=$ID
ok "the first try ends" within 60 state order-81 SUCCEEDED
put "{\"jobId\":{\"S\":\"$older\"},\"status\":{\"S\":\"FAILED\"},\"updatedAt\":{\"S\":\"$(now)\"}}"
submit second-try 300 '"parameters":{"JOB_ID":"order-81"}'
newer=$ID
ok "the second runs" within 60 state order-81 RUNNING
for id in order-81 "$older" "$newer"; do
    exits 0 status "$id" --json
    is "one job, one state by $id" "$(json "$T/out" '[d["jobId"], d["batchJobId"], d["batchStatus"], d["status"]]')" "[\"order-81\", \"$newer\", \"RUNNING\", \"IN_PROGRESS\"]"
done
exits 0 list --json --since 10m
is "and in the list" "$(json "$T/out" '[(j["status"], j["batchJobId"], j["mark"]) for j in d if j["jobId"] == "order-81"]')" "[[\"IN_PROGRESS\", \"$newer\", \"container's record\"]]"
exits 0 logs "$older"
has "and its log" "$T/out" "first of $newer"
exits 0 cancel "$older"
ok "which it ends" within 60 state "$newer" FAILED

# ---- one job's JOB_ID that no table takes spoils no other's row; an unfilled one is none ----
submit far-too-long 300 "\"parameters\":{\"JOB_ID\":\"$(printf '%03000d' 0)\"}"
long=$ID
aws_call batch submitjob '{"jobName":"unfilled","jobQueue":"mvp-pipeline-queue","jobDefinition":"plain","parameters":{"JOB_ID":"order-91"},"containerOverrides":{"environment":[{"name":"SECS","value":"0"},{"name":"JOB_ID","value":"Ref::JOB_ID"}]}}'
exits 0 list --json --since 10m
has "each has its row" "$T/out" '"order-91"'
has "also the one without an id" "$T/out" "\"$long\""
hasnt "nothing is unknown" "$T/err" "not known"
exits 0 cancel "$long"

# ---- a record under a Batch id that is another user's ----
submit mvp 300 '"parameters":{"USER_ID":"mia"}'
toms=$ID
put "{\"jobId\":{\"S\":\"$toms\"},\"userId\":{\"S\":\"tom\"},\"createdAt\":{\"S\":\"$(now)\"},\"status\":{\"S\":\"IN_PROGRESS\"},\"updatedAt\":{\"S\":\"$(now)\"}}"
exits 0 list --json --user tom
is "is in the list of its user" "$(json "$T/out" '[j["jobId"] for j in d]')" "[\"$toms\"]"
exits 0 list --json --user mia
is "and in no other, whatever Batch was given" "$(json "$T/out" 'd')" "[]"

# ---- a stream by its names ----
exits 0 status "$bare" --json
stream=$(json "$T/out" 'd["logStream"]')
exits 0 logs --stream /aws/batch/job "$stream"
is "as it stands" "$(cat "$T/out")" "first of $bare
last"
exits 0 logs --stream /aws/batch/job "$stream" --json --since 1h
is "as JSON Lines" "$(json_lines "$T/out" '[x["text"] for x in d][-1]')" last
exits 3 logs --stream /aws/batch/job no/such/stream
has "which is not there" "$T/err" "no stream no/such/stream in group /aws/batch/job"
exits 2 logs --stream /aws/batch/job
exits 2 logs --stream --rule
exits 2 logs one two

done_testing
