#!/bin/sh
# The whole life of jobs of an older deployment, whose programs do not know this one (origin.py writes
# what they write). At each moment every command and the dashboard say what is.
. "$(dirname "$0")/lib.sh"
E2E_HERE=${E2E_HERE:-$(cd "$(dirname "$0")" && pwd)}
export GATES="$T/gates"
mkdir -p "$GATES" "$XDG_CONFIG_HOME/mvpdash"
printf '[ui]\nrecord_silent = 1\n' >"$XDG_CONFIG_HOME/mvpdash/config.ini"
export BATCH_JOB_DEFINITION=mvp-pipeline-job-definition
cloud_start

origin() { python3 "$E2E_HERE/origin.py" "$@" >"$T/origin" 2>&1 || fail "origin.py $*" "$(cat "$T/origin")"; }
# pass_gate KEY POINT: the container of KEY goes on to its next point.
pass_gate() { : >"$GATES/$1.$2"; }
# The Batch job that was given JOB as its id, by parameter or environment: its Batch id.
batch_of() {
    "$MVPDASH" status "$1" --json >"$T/batch_of" 2>/dev/null && json "$T/batch_of" 'd["batchJobId"] or ""'
}
in_batch() { [ "$("$MVPDASH" status "$1" --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["batchStatus"])')" = "$2" ]; }
# told JOB EXPRESSION: of status --json, as a condition to wait for.
told() { "$MVPDASH" status "$1" --json >"$T/told" 2>/dev/null && [ "$(json "$T/told" "$2")" = true ]; }
logged() { "$MVPDASH" logs "$1" 2>/dev/null | grep -q -F -e "$2"; }
looks() { # looks DESCRIPTION KEYS TEXT...: the dashboard on a terminal
    looks_what=$1
    shift
    ok "$looks_what" python3 "$E2E_HERE/keys.py" 24 130 "$MVPDASH" "$@"
}
# moment JOB BATCH NAME STATUS STEP MARK: what every command must agree on.
moment() {
    m_job=$1 m_batch=$2 m_name=$3 m_status=$4
    m_codes=
    for m_ask in "list --since 10m" "list --status $m_status --limit 100" "status $m_job" "status $m_batch" jobs; do
        # shellcheck disable=SC2086 # words
        run $m_ask --json
        m_codes="$m_codes $RC"
        cp "$T/out" "$T/moment.$(printf '%s' "$m_codes" | wc -w | tr -d ' ')"
    done
    is "$m_name: each command answers" "$m_codes" " 0 0 0 0 0"
    is "$m_name: list, status and jobs agree" "$(python3 "$T/agree.py" "$T/moment" "$@" 2>&1)" ""
    exits 0 list
    is "$m_name: a line" "$(grep -c -e "$m_job" "$T/out") $(grep -c -e "$m_batch" "$T/out")" "1 0"
    exits 0 status "$m_job"
    cp "$T/out" "$T/words"
    run doctor --job "$m_job"
    [ "$m_status" != IN_PROGRESS ] || has "$m_name: the doctor knows the Batch job" "$T/out" "$m_batch"
    cat "$T/out" >>"$T/words"
    is "$m_name: nothing is lost" "$(grep -i -e forgotten -e 'not found' -e lost -e 'not known' "$T/words")" ""
    exits 0 logs "$m_job"
    has "$m_name: its log" "$T/out" "Starting MVP Pipeline..."
    is "$m_name: nothing to say about the log" "$(said)" ""
}
cat >"$T/agree.py" <<'PY'
"""Says where the five answers of a moment differ from what is."""
import json
import sys

at, job, batch, _, status, step, mark = sys.argv[1:]
listed, by_state, by_job, by_batch, jobs = (json.load(open(f"{at}.{n}")) for n in range(1, 6))


def same(what, got, wanted):
    if got != wanted:
        print(f"{what}: {got}, not {wanted}")


same("rows in list", [(r["status"], r["step"] or "", r["mark"] or "") for r in listed if r["jobId"] == job], [(status, step, mark)])
same("rows under the Batch id", [r["jobId"] for r in listed if r["jobId"] == batch], [])
same("rows by state", [r["jobId"] for r in by_state if r["jobId"] in (job, batch)], [job])
for name, d in (("by its id", by_job), ("by its Batch id", by_batch)):
    same(f"status {name}", [d["jobId"], d["status"], d["step"] or "", d["mark"] or "", d["batchJobId"], d["stuck"], d["drift"]],
         [job, status, step, mark, batch, None, False])
same("in jobs", [(x["state"], x["jobId"]) for x in jobs if x["batchJobId"] == batch], [(by_job["batchStatus"], job)])
PY

now_ms=$(date +%s)000
a=job_${now_ms}_params001 b=job_${now_ms}_overrid02

# ---- an event and no record; the target gives the id as a parameter to one, as environment to the other ----
origin world parameters
exits 0 bus --event '{"jobId":"j7","userId":"u"}'
has "the target gives parameters only" "$T/out" 'BatchJobTarget'
has "and it is shown" "$T/out" '"parameters":{"JOB_ID":"j7"}'
run doctor
has "the doctor knows what that means" "$T/out" "JOB_ID"
cp "$T/out" "$T/doctor.a"
origin send "$a" ann prod-1
ok "Batch runs it" within 30 told "$a" 'd["batchStatus"] == "RUNNING"'
: >"$GATES/$b.bare"
origin world overrides
exits 0 bus --event '{"jobId":"j7","userId":"u"}'
has "the target gives the environment" "$T/out" '{"name":"JOB_ID","value":"j7"}'
origin send "$b" bob prod-2
ok "and the other" within 30 told "$b" 'd["batchStatus"] == "RUNNING"'
ba=$(batch_of "$a") bb=$(batch_of "$b")
ok "both containers speak" within 20 logged "$b" "Configuration parsed"
ok "both" within 20 logged "$a" "Configuration parsed"
"$MVPDASH" logs "$a" --follow >"$T/follow.a" 2>"$T/follow.a.err" &
fa=$!
"$MVPDASH" logs "$bb" --follow >"$T/follow.b" 2>"$T/follow.b.err" &
fb=$!
E2E_PIDS="$E2E_PIDS $fa $fb"
moment "$a" "$ba" "no record, parameters" IN_PROGRESS "" "no record"
moment "$b" "$bb" "no record, environment" IN_PROGRESS "" "no record"
short_a=$(printf '%.18s' "$a") short_b=$(printf '%.18s' "$b")
looks "the dashboard has both" '' "Jobs 2 " '' "? $short_a" '' "? $short_b" '' "no record"

# ---- the container's first write makes the record ----
pass_gate "$ba" start
pass_gate "$b" start
ok "it is there" within 20 told "$a" 'd["step"] == "FETCHING_DATA"'
ok "the other's too" within 20 told "$b" 'd["step"] == "FETCHING_DATA"'
moment "$a" "$ba" "first write, parameters" IN_PROGRESS FETCHING_DATA "container's record"
moment "$b" "$bb" "first write, environment" IN_PROGRESS FETCHING_DATA ""
looks "the dashboard has one row of each" '' "Jobs 2 " '' "& $short_a" '' "  $short_b"

# ---- the record stands at 40 %, the log goes on ----
for key in "$ba" "$b"; do
    pass_gate "$key" repo
done
ok "its record stands" within 20 told "$a" 'd["progress"] == 40'
ok "the other's too" within 20 told "$b" 'd["progress"] == 40'
# Not earlier: a line of the same millisecond as the record's last write is no newer than the record.
for key in "$ba" "$b"; do
    pass_gate "$key" develop
done
silent='d["progress"] == 40 and (d["logStep"] or {}).get("step") == "DEVELOP"'
ok "the log tells the step" within 20 told "$a" "$silent"
ok "of both" within 20 told "$b" "$silent"
moment "$a" "$ba" "silent, parameters" IN_PROGRESS CREATING_REPO "container's record"
moment "$b" "$bb" "silent, environment" IN_PROGRESS CREATING_REPO ""
exits 0 list
is "the list marks both" "$(grep -c '~DEVELOP' "$T/out")" 2
looks "the dashboard too" '' "~DEV" '' "By its log"

# ---- the end ----
for key in "$ba" "$b"; do
    pass_gate "$key" deploy
    pass_gate "$key" end
done
ok "Batch has ended it" within 20 told "$a" 'd["batchStatus"] == "SUCCEEDED"'
ok "and the other" within 20 told "$b" 'd["batchStatus"] == "SUCCEEDED"'
moment "$a" "$ba" "done, parameters" COMPLETED COMPLETED "container's record"
moment "$b" "$bb" "done, environment" COMPLETED COMPLETED ""
ends "$fa" 60
is "who followed its log has all of it" "$? $(tail -n 1 "$T/follow.a" | grep -c 'Cleanup completed')" "0 1"
"$MVPDASH" logs "$ba" | cmp -s - "$T/follow.a"
is "as it stands" "$?" 0
ends "$fb" 60
is "and by the Batch id" "$? $(tail -n 1 "$T/follow.b" | grep -c 'Cleanup completed')" "0 1"
exits 0 list --json --status completed --limit 1
is "the newest one" "$(json "$T/out" 'len(d)')" 1
exits 1 cancel "$a"
has "it is over" "$T/err" "COMPLETED"
has "what was asked for is not known" "$T/err" "mvpdash send"

# ---- two records of one job; a record of maps, its container and the lambda ----
c=origin-stage-7 d=test_job_${now_ms}_nested
origin world parameters
origin create stage "$c"
ok "Batch runs it" within 30 told "$c" 'd["batchStatus"] == "RUNNING"'
origin world overrides
bc=$(batch_of "$c")
: >"$GATES/$d.nested"
origin create nested "$d"
ok "and the next" within 30 told "$d" 'd["batchStatus"] == "RUNNING"'
bd=$(batch_of "$d")
ok "both containers speak" within 20 logged "$c" "Configuration parsed"
ok "both" within 20 logged "$d" "Configuration parsed"
moment "$c" "$bc" "stage, not begun" IN_PROGRESS AI_DEVELOPMENT ""
moment "$d" "$bd" "maps, not begun" IN_PROGRESS QUEUED ""
for key in "$bc" "$d"; do
    pass_gate "$key" start
    pass_gate "$key" repo
done
ok "the step is the container's" within 20 told "$c" 'd["step"] == "CREATING_REPO" and d["progress"] == 40'
ok "and in the maps" within 20 told "$d" 'd["progress"] == 40'
moment "$c" "$bc" "stage, two records" IN_PROGRESS CREATING_REPO "two records"
moment "$d" "$bd" "maps, at work" IN_PROGRESS CREATING_REPO ""
exits 0 status "$bc" --json
is "both records as they are" "$(json "$T/out" '[d["userId"], d["businessName"], d["record"]["status"], d["record"]["stage"], [r["jobId"] for r in d["containerRecords"]]]')" \
    "[\"test-user\", \"Directory Fix\", \"QUEUED\", \"AI_DEVELOPMENT\", [\"$bc\"]]"
looks "the dashboard has one row for two records" '' "Jobs 4 " '' "& Directory Fix" '' "$short_a"
for key in "$bc" "$d"; do
    pass_gate "$key" develop
done
ok "a record that has no time of its update is silent too" within 20 told "$d" '(d["logStep"] or {}).get("step") == "DEVELOP"'
for key in "$bc" "$d"; do
    pass_gate "$key" deploy
done
: >"$GATES/$d.fails"
pass_gate "$bc" end
pass_gate "$d" end
ok "Batch has ended it" within 20 told "$c" 'd["batchStatus"] == "SUCCEEDED"'
ok "the other has failed" within 20 told "$d" 'd["batchStatus"] == "FAILED"'
moment "$c" "$bc" "stage, done" COMPLETED COMPLETED "two records"
moment "$d" "$bd" "maps, failed" FAILED DEPLOYING ""
exits 0 status "$c"
has "its repository" "$T/out" "https://github.com/founderdash/test-business-mvp"
exits 0 status "$d" --json
is "why it failed" "$(json "$T/out" '[d["exitCode"], d["errors"][0]["step"], "exit code 4 in stage DEPLOYING" in d["errors"][0]["message"]]')" '[4, "DEPLOYING", true]'
origin lambda "$d" completed repoUrl=https://github.com/f/n "productionUrl=https://n.vercel.app" "batchJobId=$bd" vercelProjectId=prj_1 vercelDeploymentId=dpl_2
exits 0 status "$d" --json
is "the lambda's word, in small letters, is the record's" "$(json "$T/out" '[d["record"]["status"], d["batchJobId"], d["progress"], d["urls"]["repository"], d["urls"]["production"], d["createdAt"] is not None, d["completedAt"] is not None]')" \
    "[\"completed\", \"$bd\", 100, \"https://github.com/f/n\", \"https://n.vercel.app\", true, true]"
exits 0 status "$d"
has "its ids" "$T/out" "project prj_1, deployment dpl_2"
has "its branch" "$T/out" "main"

# ---- a container that cannot write without a record's maps; one that is cancelled; one that waits ----
e=job_${now_ms}_nomaps03 f=test_job_${now_ms}_cancel g=test_updated_${now_ms}
: >"$GATES/$e.nested"
origin send "$e" eve prod-3
ok "Batch runs it" within 30 told "$e" 'd["batchStatus"] == "RUNNING"'
origin world parameters
origin create flat "$f"
ok "and the next" within 30 told "$f" 'd["batchStatus"] == "RUNNING"'
origin world overrides
be=$(batch_of "$e") bf=$(batch_of "$f")
pass_gate "$bf" start
ok "its container has written" within 20 told "$f" 'd["step"] == "FETCHING_DATA"'
moment "$f" "$bf" "flat, two records" IN_PROGRESS FETCHING_DATA "two records"
pass_gate "$e" start
ok "Batch has ended it" within 20 told "$e" 'd["batchStatus"] == "FAILED"'
moment "$e" "$be" "a record without any time" FAILED DEPLOYING ""
exits 0 status "$e" --json
is "its exit code and error" "$(json "$T/out" '[d["exitCode"], d["createdAt"], d["updatedAt"], len(d["errors"]), d["timeline"][0]["event"]]')" \
    '[4, null, null, 1, "requested (the time in its id)"]'
exits 0 cancel "$bf" --reason "wrong product" --wait
moment "$f" "$bf" "cancelled" CANCELLED FETCHING_DATA "two records"
exits 0 status "$f" --json
is "by whom and why, in both records" "$(json "$T/out" '["wrong product" in d["statusReason"], d["record"]["status"], d["containerRecords"][0]["status"]]')" '[true, "CANCELLED", "CANCELLED"]'
origin send "$g"
ok "Batch has it" within 30 told "$g" 'd["batchStatus"] == "RUNNING"'
bg=$(batch_of "$g")
ok "its container speaks" within 20 logged "$g" "Configuration parsed"
: >"$GATES/$g.fails"
for point in start repo develop deploy end; do
    pass_gate "$g" "$point"
done
ok "it fails" within 20 told "$g" 'd["batchStatus"] == "FAILED"'
moment "$g" "$bg" "without a user" FAILED DEPLOYING ""
exits 0 status "$g" --json
is "its error" "$(json "$T/out" '[d["userId"], d["errors"][0]["step"], "line 88" in d["errors"][0]["message"]]')" '[null, "DEPLOYING", true]'

# ---- again ----
exits 2 retry "$g"
has "what it lacks" "$T/err" "it has no userId and no productId"
exits 0 retry "$g" --user-id gus --product-id prod-9 --json
h=$(json "$T/out" 'd["results"][0]["jobId"]')
ok "Batch runs it" within 30 told "$h" 'd["batchStatus"] == "RUNNING"'
bh=$(batch_of "$h")
ok "its container speaks" within 20 logged "$h" "Configuration parsed"
for point in start repo develop deploy end; do
    pass_gate "$h" "$point"
done
ok "it is done" within 20 told "$h" 'd["batchStatus"] == "SUCCEEDED"'
moment "$h" "$bh" "again" COMPLETED COMPLETED ""
exits 0 retry "$c" "$f" --json
is "each is sent" "$(json "$T/out" '[r["jobId"] is not None and not r.get("error") for r in d["results"]]')" "[true, true]"
k=$(json "$T/out" 'd["results"][0]["jobId"]') l=$(json "$T/out" 'd["results"][1]["jobId"]')
exits 0 status "$k" --json
is "the words of the old record" "$(json "$T/out" '[d["userId"], d["businessName"], d["record"]["projectDescription"], d["record"]["userInstructions"], d["record"].get("stage"), d["record"].get("githubRepo")]')" \
    '["test-user", "Directory Fix", "Testing directory path fix", "A simple app: home and about", null, null]'

# ---- a placeholder that nobody filled in is no job's id ----
origin world jsonencode
for wanted in 1 2; do
    origin send "never-told-$wanted" ann prod-1
done
unfilled() {
    "$MVPDASH" jobs --json >"$T/jobs" &&
        [ "$(json "$T/jobs" '[(x["record"], x["jobId"]) for x in d[:2]]')" = '[[null, null], [null, null]]' ]
}
ok "Batch has both" within 30 unfilled
exits 0 list --json
is "each is a row of its own" "$(json "$T/out" "sorted(j['jobId'] for j in d if j['mark'] == 'no record')")" "$(json "$T/jobs" 'sorted(x["batchJobId"] for x in d[:2])')"
run doctor
has "the doctor knows why" "$T/out" "EventBridge sees no placeholder"
# shellcheck disable=SC2046 # two ids
exits 0 cancel $(json "$T/jobs" '" ".join(x["batchJobId"] for x in d[:2])')

exits 0 list --json
cp "$T/out" "$T/list"
is "twelve jobs, each once" "$(json "$T/list" 'len(d), len(set(j["jobId"] for j in d))')" "[12, 12]"
exits 0 list --json --user gus
is "of a user" "$(json "$T/out" '[j["jobId"] for j in d]')" "[\"$h\"]"
exits 0 jobs --json
is "each Batch job has its record" "$(json "$T/out" '[x["jobId"] for x in d[2:] if x["record"] is None]')" "[]"
exits 0 cancel "$k" "$l" --wait
done_testing
