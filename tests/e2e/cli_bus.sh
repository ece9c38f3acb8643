#!/bin/sh
# The bus's rules, what an event would do there, and the queue's Batch jobs from the command line.
. "$(dirname "$0")/lib.sh"
needs curl
cloud_start

# ---- bus ----
exits 0 bus
has "the rule with its state" "$T/out" "mvp-development-rule  ENABLED"
has "its pattern" "$T/out" '"founderdash.web"'
has "its queue" "$T/out" "job-queue/mvp-pipeline-queue"
has "the target's role" "$T/out" "role/mvp-development-events"
has "what a placeholder stands for" "$T/out" '<jobId> is $.detail.jobId'
has "its dead letters" "$T/out" "mvp-development-dlq"
hasnt "no event, no answer" "$T/out" "matches"
exits 0 bus --json
is "in JSON" "$(json "$T/out" '[d["bus"], d["event"], d["matches"], [r["name"] for r in d["rules"]], "match" in d["rules"][0], [t["id"] for t in d["rules"][0]["targets"]]]')" \
    '["mvp-development", null, null, ["mvp-development-rule"], false, ["a-recorder", "batch", "log"]]'

exits 0 bus --event '{"jobId":"job_7_x","userId":"u7","founderdashDbUrl":"postgresql://app:hunter2unlikely@db.example/x"}'
has "a detail alone is said to be one" "$T/err" "EVENTBRIDGE_DETAIL_TYPE"
has "it matches" "$T/out" "goes to the targets of 1 of 1 rules"
has "what the job gets" "$T/out" '"environment":[{"name":"JOB_ID","value":"job_7_x"}]'
has "what the log gets" "$T/out" "userId=u7"
hasnt "no password" "$T/out" hunter2unlikely
exits 0 bus --json --event '{"source":"somebody.else","detail-type":"MVP Development Request","detail":{"jobId":"j"}}'
is "no match, and why" "$(json "$T/out" '[d["matches"], d["rules"][0]["match"], "source" in d["rules"][0]["why"], "somebody.else" in d["rules"][0]["why"]]')" '[0, false, true, true]'
exits 0 bus --json --event '{"Source":"founderdash.web","DetailType":"MVP Development Request","Detail":"{\"jobId\":\"j9\"}"}'
is "an entry as PutEvents takes it" "$(json "$T/out" '[d["matches"], d["rules"][0]["targets"][1]["submits"]["parameters"]]')" '[1, {"jobId": "j9"}]'
exits 0 bus --event '{"userId":"without a job id"}'
has "an event that would be a dead letter" "$T/out" "dead letter queue)"
exits 2 bus --event '{"userId":'
exits 2 bus --event '[1,2]'
has "the option is named" "$T/err" "--event"
exits 2 bus --event '{"detail-type":"x","detail":"text"}'
has "the member is named" "$T/err" "detail must be"
exits 2 bus extra
exits 3 bus --bus no-such-bus
has "with what to do" "$T/err" "create-event-bus"
exits 0 bus --read-only
exits 0 bus --bus default
has "another bus's rule" "$T/out" "mvp-development-rule-state"

# ---- jobs ----
exits 0 jobs
has "an empty queue is told" "$T/err" "no such jobs in queue mvp-pipeline-queue"
exits 0 jobs --json
is "an empty list in JSON" "$(cat "$T/out")" "[]"
exits 0 send --user-id u --product-id p --wait --json
first=$(json "$T/out" 'd["jobId"]')
exits 1 send --user-id u --product-id p --wait --json --metadata '{"simulate":{"atStep":"BUILDING","exitCode":9}}'
second=$(json "$T/out" 'd["jobId"]')
ended() { [ "$("$MVPDASH" jobs --json | grep -c '"stoppedAt":"20')" = 2 ]; }
ok "Batch has ended both" within 20 ended
exits 0 jobs --json
is "newest first, each with its record" "$(json "$T/out" '[x["record"] for x in d]')" "[\"$second\", \"$first\"]"
is "state and exit code" "$(json "$T/out" '[[x["state"], x["exitCode"], x["recordKnown"]] for x in d]')" '[["FAILED", 9, true], ["SUCCEEDED", 0, true]]'
exits 0 jobs --state failed
has "one state, in any letter case" "$T/out" "$second"
hasnt "no others" "$T/out" "$first"
exits 0 jobs --limit 1
is "the newest one" "$(grep -c SUCCEEDED "$T/out") $(grep -c FAILED "$T/out")" "0 1"
has "that there are more" "$T/err" "there are more"
exits 2 jobs --state "done"
has "the states are named" "$T/err" "runnable"
exits 2 jobs --limit -1
exits 2 jobs extra
exits 3 jobs --queue no-such-queue
DYNAMODB_TABLE_NAME=no-such-table run jobs
is "a table that cannot be read hides no job" "$RC $(grep -c 'not known' "$T/out")" "0 2"
has "and is said" "$T/err" "no-such-table"

# ---- rules and jobs that others make ----
aws_call events PutRule '{"Name":"gold","EventBusName":"mvp-development","State":"DISABLED","EventPattern":"{\"source\":[\"founderdash.web\"],\"detail\":{\"plan\":{\"tier\":[\"gold\",{\"prefix\":\"plat\"}],\"seats\":[{\"numeric\":[\">\",5]}]}}}"}'
exits 0 bus --json --event '{"jobId":"j","plan":{"tier":"platinum","seats":3}}'
is "the innermost key is named" "$(json "$T/out" '[[r["match"], "detail.plan.seats" in r["why"], "tier" in r["why"]] for r in d["rules"] if r["name"] == "gold"]')" '[[false, true, false]]'
exits 0 bus --event '{"jobId":"j","plan":{"tier":"platinum","seats":30}}'
has "a rule that is off" "$T/out" "yes, but the rule is DISABLED"
has "a rule without a target" "$T/out" "none: an event that matches does nothing"
# A job that nobody recorded.
aws_call batch submitjob '{"jobName":"by-hand","jobQueue":"mvp-pipeline-queue","jobDefinition":"mvp-pipeline-job"}'
exits 0 jobs --json --limit 1
is "has no record" "$(json "$T/out" '[d[0]["name"], d[0]["record"], d[0]["recordKnown"]]')" '["by-hand", null, true]'
exits 0 jobs --limit 1
has "and says so" "$T/out" " none"
done_testing
