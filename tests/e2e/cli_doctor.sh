#!/bin/sh
# `mvpdash doctor` and the test job that it can send, against a local cloud.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# ends_with WHAT TEXT: the last line begins with the text
ends_with() {
    ok "$1" test "$(tail -n 1 "$T/out" | cut -c "1-${#2}")" = "$2"
}

cloud_start

exits 0 doctor
has 'the terminal is not looked at where there is none' "$T/out" 'this is not a terminal'
has 'it sums up' "$T/out" ' 0 failed, 0 unknown,'
has 'a pass says how far it goes' "$T/out" 'ENABLED and VALID (this says nothing of free capacity: F2 and F6)'
ends_with 'the end says that there is nothing to do' 'Nothing to do: no check is FAIL, WARN or UNKNOWN.'
exits 1 doctor --bus no-such-bus --only D3
has 'the end says what to do first' "$T/out" 'First: D1: bus no-such-bus does not exist'
ends_with 'with its command' '        $ aws events create-event-bus'
exits 1 doctor --bus no-such-bus --only D3 --json
is 'as JSON, too' "$(json "$T/out" '[d["first"]["id"], d["first"]["state"], len(d["first"]["commands"])]')" '["D1", "FAIL", 1]'
exits 0 doctor --json
is 'nothing comes first' "$(json "$T/out" 'd["first"]')" null
is 'all checks are told' "$(json "$T/out" 'len(d["checks"])')" 39
is 'without --e2e there is no test job' "$(json "$T/out" '"e2e" in d')" false

# ---- one job ----

exits 3 doctor --job nope
has 'a job that does not exist is named' "$T/err" 'no job nope'
hasnt 'and nothing is checked for it' "$T/out" PASS
exits 3 doctor --job job_1734567890123_nope00000 --json
exits 3 doctor --job nope --only D3
exits 0 send --user-id u --product-id p --job-id job_lost --bus default
exits 0 doctor --job job_lost
has 'a job that was just sent may wait' "$T/out" 'is usual'
has 'which is said at the end' "$T/out" 'Nothing to do: no check on its way fails now. This job: it has no Batch job'
hasnt 'it is not called lost' "$T/out" 'is lost'
mkdir -p "$XDG_CONFIG_HOME/mvpdash"
printf '[ui]\nnot_picked_up = 1\n' >"$XDG_CONFIG_HOME/mvpdash/config.ini"
ok 'after its time it is lost' within 20 sh -c "\"$MVPDASH\" doctor --job job_lost | grep -q 'K1 .*its event is lost'"
exits 1 doctor --job job_lost --json
is 'the headline says so, with the way out' "$(json "$T/out" '[d["headline"]["id"], d["headline"]["commands"]]')" \
    '["K1", ["mvpdash retry job_lost"]]'
exits 0 retry job_lost --json
again=$(json "$T/out" 'd["results"][0]["jobId"]')
exits 0 status job_lost --json
is 'sent again, the lost one is over' "$(json "$T/out" 'd["status"]')" CANCELLED
has 'and names its successor' "$T/out" "$again"
ok 'which runs' within 60 sh -c "\"$MVPDASH\" status $again --json | grep -q '\"status\": *\"COMPLETED\"'"
exits 0 doctor --job "$again"
has 'of a job that ran it says so' "$T/out" 'This job: it has ended: COMPLETED'
exits 0 doctor --job job_lost --only D3
has 'K1 is told with any choice of checks' "$T/out" 'this job: it has ended: CANCELLED'
rm "$XDG_CONFIG_HOME/mvpdash/config.ini"

# ---- the test job ----

exits 2 doctor --e2e --timeout 5
has 'a test job needs ten seconds' "$T/err" '--timeout'
exits 2 doctor --e2e --timeout soon
has 'a timeout is a number' "$T/err" '--timeout'
exits 2 doctor --e2e --read-only
has 'read-only refuses the test job' "$T/err" 'doctor --e2e'
run list --json
is 'and nothing was sent' "$(json "$T/out" 'len([j for j in d if j["userId"] != "u"])')" 0

exits 0 doctor --e2e --timeout 300
for step in 'J1          record and event' 'J2          Batch job' 'J3          container started' \
    'J4          container reports' 'J5          log' 'J6          ended well'; do
    has "step $step passes" "$T/out" "PASS    $step ("
done
has 'the end is told' "$T/out" 'ran from its event to its end'
ends_with 'and after it that there is nothing to do' 'Nothing to do: no check is FAIL, WARN or UNKNOWN.'
ok 'what it waits for is on stderr' grep -Eq '^J[2-6] .*, [0-9]+ s$' "$T/err"

exits 0 doctor --e2e --json
is 'the test job as JSON' "$(json "$T/out" '[d["ok"], d["headline"], d["e2e"]["ok"], d["e2e"]["cancelled"]]')" \
    '[true, null, true, false]'
is 'each step with its time' \
    "$(json "$T/out" '[[s["id"], s["state"], isinstance(s["ms"], int)] for s in d["e2e"]["steps"]] == [["J%d" % i, "PASS", True] for i in range(1, 7)]')" true
job=$(json "$T/out" 'd["e2e"]["jobId"]')
exits 0 status "$job" --json
is 'the job is recognised' "$(json "$T/out" '[d["userId"], d["status"], d["record"]["metadata"]["canary"]]')" \
    '["mvpdash-doctor", "COMPLETED", true]'

# A system that fails a check gets no job.
exits 1 doctor --e2e --json --bus no-such-bus
is 'the check is the headline' "$(json "$T/out" 'd["headline"]["id"]')" D1
is 'and nothing was sent' "$(json "$T/out" '[d["e2e"]["jobId"], [s["state"] for s in d["e2e"]["steps"]]]')" \
    '[null, ["SKIP", "SKIP", "SKIP", "SKIP", "SKIP", "SKIP"]]'
cloud_stop

# ---- Ctrl-C ----

cloud_start "$T/cloud2"
printf '#!/bin/sh\necho waiting\nexec sleep 600\n' >"$T/cloud2/pipeline/stages/65-WAITING"
chmod +x "$T/cloud2/pipeline/stages/65-WAITING"
"$MVPDASH" doctor --e2e >"$T/out" 2>"$T/err" </dev/null &
pid=$!
within 30 grep -q 'J6 ended well: WAITING' "$T/err" || fail 'the job gets as far as it can' "$(cat "$T/out" "$T/err")"
kill -INT "$pid"
ends "$pid" 60
is 'Ctrl-C ends it' $? 130
has 'and says what goes on' "$T/err" 'the test job continues: mvpdash status job_'
job=$(sed -n 's/.*mvpdash cancel \(job_[a-z0-9_]*\).*/\1/p' "$T/err")
has 'steps that were done stay told' "$T/out" 'PASS    J5'
exits 0 cancel "$job"
exits 1 doctor --e2e --timeout 30 --json
is 'a job that does not end in time' "$(json "$T/out" '[d["headline"]["id"], d["e2e"]["ok"], d["e2e"]["cancelled"]]')" \
    '["J6", false, true]'
has 'what Batch says of it' "$T/out" 'Batch says RUNNING'
cloud_stop
done_testing
