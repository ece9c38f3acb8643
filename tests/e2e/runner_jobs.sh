#!/bin/sh
# The container's stage runner (infra/container/entrypoint): every way in which a job can end, against
# the local cloud. Each run here stands for one container; the cloud's own Batch is left out of it,
# because the events are from a source that its rule does not match.
. "$(dirname "$0")/lib.sh"
needs git jq
root=$(cd "$(dirname "$0")/../.." && pwd)
runner=$root/infra/container/entrypoint
cloud_start
export MVPDASH EVENTBRIDGE_SOURCE=test.runner
export MVP_STEP_SECONDS=0 MVP_STAGE_GRACE_S=1 MVP_STAGES="$T/stages" MVP_SITES_DIR="$T/sites"

# stages NAME TEXT...: a new folder of executable stages, each with its script.
stages() {
    rm -rf "$MVP_STAGES"
    mkdir "$MVP_STAGES"
    while [ $# -gt 0 ]; do
        printf '#!/bin/sh\nset -eu\n%s\n' "$2" >"$MVP_STAGES/$1"
        chmod 755 "$MVP_STAGES/$1"
        shift 2
    done
}
# new_job ID [OPTIONS OF SEND]: a record without a Batch job.
new_job() {
    JOB_ID=$1
    export JOB_ID
    shift
    run send --job-id "$JOB_ID" --user-id u --product-id p "$@"
    [ "$RC" -eq 0 ] || fail "send $JOB_ID" "$(cat "$T/err")"
}
# container BATCH_ID [COMMAND...]: one run, in a folder of its own; leaves $RC and $T/log.
container() {
    start_container "$@"
    ends "$CONTAINER" 60
    RC=$?
}
start_container() {
    dir=$(mktemp -d "$T/container.XXXXXX")
    batch=$1
    shift
    (cd "$dir" && AWS_BATCH_JOB_ID=$batch exec sh "$runner" "$@") >"$T/log" 2>&1 &
    CONTAINER=$!
    E2E_PIDS="$E2E_PIDS $CONTAINER"
}
# record ID EXPRESSION: of the document of `status --json --record`.
record() {
    "$MVPDASH" status "$1" --json --record >"$T/record" 2>"$T/err"
    json "$T/record" "$2"
}

# ---- success: the starter stages build and publish a site ----
new_job job_ok --business-name 'Fish & <Chips>' --features 'sign in,pay'
MVP_STAGES=$root/infra/container/stages container batch-1
is "the starter pipeline ends well" "$RC" 0
is "the record is COMPLETED" "$(record job_ok '[d["status"], d["progress"], d["batchJobId"], d["errors"]]')" '["COMPLETED", 100, "batch-1", []]'
has "the site names the product" "$T/sites/job_ok/production/index.html" '<h1>Fish &amp; &lt;Chips&gt;</h1>'
hasnt "nothing asks Batch" "$T/log" 'Batch could not be asked'

# ---- a duplicate event: another container for the same job ----
container batch-2
is "a duplicate of an ended job is refused its claim" "$RC" 75
has "and says so" "$T/log" 'nothing to do here'
is "the record stays as it was" "$(record job_ok '[d["status"], d["batchJobId"], d["errors"]]')" '["COMPLETED", "batch-1", []]'
stages 10-WAIT "echo begun >>$T/runs; while [ ! -e $T/go ]; do sleep 0.1; done"
new_job job_twice
start_container batch-3
first=$CONTAINER
ok "the first container works" within 20 test -e "$T/runs"
container batch-4
is "a duplicate of a running job is refused its claim" "$RC $(cat "$T/runs")" "75 begun"
is "and does not touch the record" "$(record job_twice '[d["status"], d["batchJobId"]]')" '["IN_PROGRESS", "batch-3"]'
: >"$T/go"
ends "$first" 60
is "the first one completes" "$? $(record job_twice 'd["status"]')" "0 COMPLETED"

# ---- a service in trouble ----
# Fails each report whose arguments hold $TROUBLE, as throttling does, without asking anybody.
printf '#!/bin/sh\ncase "$*" in *"$TROUBLE"*) echo troubled >>%s; exit 1 ;; esac\nexec %s "$@"\n' "$T/troubles" "$MVPDASH" >"$T/troubled"
chmod 755 "$T/troubled"
export MVP_REPORT_WAITS_S='0 0'
stages 10-ONE "touch $T/did-one"
new_job job_trouble
TROUBLE='--step ONE' MVPDASH=$T/troubled container batch-20
is "a step that cannot be reported is done all the same" "$RC $(record job_trouble 'd["status"]')" "0 COMPLETED"
ok "indeed" test -e "$T/did-one"
is "it was tried again" "$(wc -l <"$T/troubles" | tr -d ' ')" 3
new_job job_trouble2
TROUBLE='--status COMPLETED' MVPDASH=$T/troubled container batch-21
is "an end that cannot be reported is Batch's to tell" "$RC $(record job_trouble2 'd["record"]["status"]')" "0 IN_PROGRESS"
rm -f "$T/did-one"
new_job job_trouble3
AWS_BATCH_JOB_ID=batch-22 "$MVPDASH" report --job-id job_trouble3 --status IN_PROGRESS
TROUBLE='--status IN_PROGRESS' MVPDASH=$T/troubled container batch-22
is "a job that cannot be claimed has not succeeded, though Batch has set it IN_PROGRESS" "$RC" 1
ok "and was not done" test ! -e "$T/did-one"
container batch-22
is "the next attempt does it" "$RC $(record job_trouble3 'd["status"]')" "0 COMPLETED"

# ---- what a stage is given ----
stages 10-LOOK "printf '%s|%s|%s|%s' \"\$MVP_USER_ID\" \"\$MVP_BUSINESS_NAME\" \"\$MVP_FEATURES\" \"\$MVP_STEP\" >$T/seen
jq -r .record.jobId \"\$MVP_JOB\" >$T/seen.id"
new_job job_env --business-name "A \$(touch $T/evil) \`b\`" --features 'one,two'
container batch-5
is "the record as environment" "$(cat "$T/seen")" "u|A \$(touch $T/evil) \`b\`|one
two|LOOK"
is "and as JSON" "$(cat "$T/seen.id")" job_env
ok "never run" test ! -e "$T/evil"

# ---- failures ----
stages 10-GOOD true 20-BAD 'exit 7' 30-NEVER "touch $T/never"
new_job job_bad
container batch-6
is "the exit code is the stage's" "$RC" 7
is "the record is FAILED with step and error" "$(record job_bad '[d["status"], d["step"], d["errors"][0]["step"], d["errors"][0]["message"]]')" \
    '["FAILED", "BAD", "BAD", "the stage ended with exit code 7"]'
ok "later stages do not run" test ! -e "$T/never"

stages 10-SLOW "sh -c 'trap \"\" TERM; echo \$\$ >$T/slow.pid; exec sleep 100' & trap '' TERM; wait; sleep 100"
echo 5 >"$MVP_STAGES/10-SLOW.timeout" # it begins before that is over
new_job job_slow
container batch-7
is "a stage over its own time limit" "$RC" 124
is "is FAILED and says the limit" "$(record job_slow '[d["status"], d["errors"][0]["message"]]')" \
    '["FAILED", "the stage took longer than 5 s and was stopped"]'
ok "what it started is gone too" within 10 sh -c "! kill -0 $(cat "$T/slow.pid")"
rm -f "$MVP_STAGES/10-SLOW.timeout"
new_job job_slow2
MVP_STAGE_TIMEOUT_S=1 container batch-8
is "the general limit holds as well" "$RC $(record job_slow2 'd["status"]')" "124 FAILED"
stages 10-EXITS 'exit 124'
new_job job_124
container batch-9
is "exit code 124 in time is no time limit" "$(record job_124 'd["errors"][0]["message"]')" "the stage ended with exit code 124"
stages 10-ANY true
echo soon >"$MVP_STAGES/10-ANY.timeout"
new_job job_limit
container batch-10
is "a time limit that is none fails the job" "$RC $(record job_limit 'd["errors"][0]["message"]')" \
    "2 the time limit of ANY is not a number of seconds: soon"
rm -rf "$MVP_STAGES" && mkdir "$MVP_STAGES"
new_job job_none
container batch-11
is "no stages at all" "$RC $(record job_none 'd["status"]')" "1 FAILED"

# ---- asked to stop ----
stages 10-HANG "echo \$\$ >$T/hang.pid; [ -e $T/second ] || exec sleep 400"
new_job job_stop
start_container batch-12
ok "the stage runs" within 20 test -s "$T/hang.pid"
kill -TERM "$CONTAINER"
ends "$CONTAINER" 60
is "SIGTERM ends it" "$?" 143
ok "and its stage" within 10 sh -c "! kill -0 $(cat "$T/hang.pid")"
is "under Batch that is not the end of the job" "$(record job_stop '[d["record"]["status"], d["record"]["statusReason"]]')" \
    '["IN_PROGRESS", "stopped at HANG (attempt 1)"]'
: >"$T/second"
AWS_BATCH_JOB_ATTEMPT=2 container batch-12
is "the next attempt claims it again and completes" "$RC $(record job_stop 'd["status"]')" "0 COMPLETED"

rm -f "$T/second" "$T/hang.pid"
new_job job_hand
start_container ''
ok "a run by hand" within 20 test -s "$T/hang.pid"
kill -TERM "$CONTAINER"
ends "$CONTAINER" 60
is "that is stopped has FAILED: nobody else would say so" "$(record job_hand '[d["status"], d["errors"][0]["message"]]')" \
    '["FAILED", "stopped at HANG"]'

# A slow machine: the signal comes when the stage runs and the shell does not know its process yet.
rm -f "$T/hang.pid"
sed 's/^    child=\$!$/    sleep 3; child=$!/' "$runner" >"$T/slow-entrypoint"
runner_of_all=$runner
runner=$T/slow-entrypoint
new_job job_early
start_container batch-19
ok "a stage that has just begun" within 20 test -s "$T/hang.pid"
kill -TERM "$CONTAINER"
ends "$CONTAINER" 60
is "is ended by SIGTERM" "$?" 143
ok "before it is waited for" within 10 sh -c "! kill -0 $(cat "$T/hang.pid")"
runner=$runner_of_all

stages 10-ONE "touch $T/one; while [ ! -e $T/on ]; do sleep 0.1; done" 20-TWO "touch $T/two"
new_job job_cancel
start_container batch-13
ok "the first stage runs" within 20 test -e "$T/one"
run report --job-id job_cancel --status CANCELLED
: >"$T/on"
ends "$CONTAINER" 60
is "a cancelled job stops at the next step" "$?" 1
ok "which does not begin" test ! -e "$T/two"
is "and stays CANCELLED" "$(record job_cancel '[d["status"], d["errors"]]')" '["CANCELLED", []]'

# ---- nothing to claim ----
stages 10-ANY "touch $T/ran"
for over in CANCELLED FAILED; do
    new_job "job_over_$over"
    run report --job-id "job_over_$over" --status "$over" --reason 'by ann'
    container batch-18
    is "a job that was $over before it was picked up is refused" "$RC" 75
    is "and its record stays as it was" "$(record "job_over_$over" '[d["record"][k] if k in d["record"] else None for k in ("status", "statusReason", "batchJobId", "startedAt")]')" \
        "[\"$over\", \"by ann\", null, null]"
done
JOB_ID=job_unknown container batch-14
is "a missing record" "$RC" 3
has "is named" "$T/log" "cannot claim job job_unknown"
JOB_ID='' container batch-15
is "a missing JOB_ID" "$RC" 2
has "says who must set it" "$T/log" "InputTransformer"
JOB_ID='../x' container batch-16
is "a malformed JOB_ID" "$RC" 2
ok "nothing ran" test ! -e "$T/ran"

# ---- exit code 75 is kept for a refused claim; exit codes are 0 to 255 ----
stages 10-BUSY 'exit 75'
new_job job_75
container batch-19
is "a stage's own 75 is a failure, and ends with another code" \
    "$RC $(record job_75 '[d["status"], d["errors"][0]["message"]]')" '1 ["FAILED", "the stage ended with exit code 75"]'
# Another program may have written anything into the record.
printf '#!/bin/sh\ncase "$1" in status) %s "$@" | sed "s/\\"exitCode\\":3/\\"exitCode\\":$ODD/" ;; *) exec %s "$@" ;; esac\n' "$MVPDASH" "$MVPDASH" >"$T/odd"
chmod 755 "$T/odd"
stages 10-BUILDING true
for odd in 256 -1 3.5 '"x"' 1000; do
    new_job "job_odd_$(printf %s "$odd" | tr -c '0-9\n' _)" --metadata '{"simulate":{"exitCode":3}}'
    ODD=$odd MVPDASH=$T/odd container batch-31
    is "a simulated exit code of $odd is none, and no success" "$RC $(record "$JOB_ID" 'd["status"]')" '2 FAILED'
done
for odd in 0 null 255; do
    new_job "job_code_$odd" --metadata '{"simulate":{"exitCode":3}}'
    export ODD=$odd
    MVPDASH=$T/odd container batch-32
    [ "$odd" != null ] || odd=0
    is "a simulated exit code of $ODD" "$RC" "$odd"
done

# ---- a command instead of the stages ----
new_job job_command
container batch-17 sh -c "echo \$JOB_ID >$T/command"
is "a command is run as one step" "$RC $(cat "$T/command") $(record job_command 'd["status"]')" "0 job_command COMPLETED"
done_testing
