#!/bin/sh
# mvpdash stats: figures of jobs that ran and of records as others write them, for people, as JSON and CSV.
. "$(dirname "$0")/lib.sh"
needs curl
cloud_start

# ---- no jobs ----
exits 0 stats
has "no jobs are told" "$T/out" "0 jobs from"
has "and that nothing is known of their rate" "$T/out" "success rate not known"
exits 0 stats --json
is "stats --json of nothing" "$(json "$T/out" 'd["jobs"], d["byStatus"], d["successRate"], d["duration"], d["failures"], d["groups"], d["cost"]')" \
    '[0, {}, null, {"count": 0, "p50": null, "p90": null, "p99": null}, [], [], {"usd": null, "jobs": 0, "unknown": 0}]'

# ---- jobs that ran ----
exits 0 send --user-id ann --product-id p1 --wait
exits 1 send --user-id bob --product-id p2 --metadata '{"simulate":{"exitCode":3,"atStep":"BUILDING"}}' --json --wait
failed=$(json "$T/out" 'd["jobId"]')
exits 0 stats --json
cp "$T/out" "$T/stats"
is "the members of the contract" "$(json "$T/stats" 'sorted(set("since until jobs byStatus successRate duration waiting steps failures cost groups".split()) - set(d))')" "[]"
is "how they ended" "$(json "$T/stats" 'd["jobs"], d["byStatus"], d["successRate"]')" '[2, {"COMPLETED": 1, "FAILED": 1}, 0.5]'
is "how long they took, and waited in Batch" "$(json "$T/stats" 'd["duration"]["count"], d["waiting"]["count"], 0 < d["duration"]["p50"] <= d["duration"]["p99"] < 600')" "[2, 2, true]"
is "why one failed" "$(json "$T/stats" '[[f["cause"].split(";")[0], f["count"], f["share"], f["new"], f["steps"], f["users"], f["jobIds"]] for f in d["failures"]]')" \
    "[[\"exit 3\", 1, 1, true, [\"BUILDING\"], 1, [\"$failed\"]]]"
is "the steps of both, as their containers reported them" "$(json "$T/stats" 'd["stepJobs"], [[s["step"], s["count"]] for s in d["steps"]]')" \
    '[2, [["INIT", 2], ["FETCHING_DATA", 2], ["CREATING_REPO", 2], ["AI_DEVELOPMENT", 2], ["BUILDING", 2], ["DEPLOYING", 1], ["CLEANUP", 1]]]'
is "by day, when nothing else is asked" "$(json "$T/stats" 'd["by"], sum(g["jobs"] for g in d["groups"])')" '["day", 2]'
exits 0 stats --json --by user --since 1h
is "by user" "$(json "$T/out" '[[g["key"], g["jobs"], g["successRate"]] for g in d["groups"]]')" '[["ann", 1, 1], ["bob", 1, 0]]'

# ---- what they cost: each ran for less than a minute, with 1 vCPU and 2 GB of Fargate on demand ----
usd=$(python3 -c 'print(round((0.04048 + 2 * 0.004445) / 60, 6))')
is "a job costs a minute at least" "$(json "$T/out" '[round(g["usd"], 6) for g in d["groups"]], d["cost"]["jobs"], d["cost"]["unknown"], abs(d["cost"]["usd"] - 2 * '"$usd"') < 2e-6')" "[[$usd, $usd], 2, 0, true]"
exits 0 status "$failed" --json
is "the same as JSON of the job" "$(json "$T/out" 'd["cost"]')" "$usd"
exits 0 status "$failed"
has "for people it is an estimate" "$T/out" "about \$0.0008 (estimate: 1 vCPU and 2 GB for 1m 00s on Fargate)"
exits 0 stats --by user
has "of how many jobs it is known" "$T/out" "cost about \$0.0016 (estimate), known for 2 of 2 jobs"
exits 0 stats --by user --csv
has "CSV has it" "$T/out" ",$usd,1$(printf '\r')"
mkdir -p "$XDG_CONFIG_HOME/mvpdash"
printf '[cost]\nfargate_vcpu = 60\nfargate_gb = 30\n[context unpriced]\nfargate_gb = free\n' >"$XDG_CONFIG_HOME/mvpdash/config.ini"
exits 0 status "$failed" --json
is "one's own prices count" "$(json "$T/out" 'd["cost"]')" 2
exits 0 --context unpriced status "$failed" --json
is "a price that cannot be read makes it unknown, not 0" "$(json "$T/out" 'd["cost"]')" null
exits 0 --context unpriced status "$failed"
has "and is told" "$T/err" "is not a fargate_gb"
has "with what is missing" "$T/out" "not known: no price in [cost] of config.ini"
exits 0 --context unpriced stats --json
is "counted as unknown" "$(json "$T/out" 'd["cost"], [g["usd"] for g in d["groups"]]')" '[{"usd": null, "jobs": 0, "unknown": 2}, [null]]'
rm "$XDG_CONFIG_HOME/mvpdash/config.ini"

# A queue whose environment is Spot, and one with both kinds.
for kind in FARGATE FARGATE_SPOT; do
    aws_call batch createcomputeenvironment "{\"computeEnvironmentName\":\"env-$kind\",\"type\":\"MANAGED\",\"computeResources\":{\"type\":\"$kind\",\"maxvCpus\":4,\"subnets\":[],\"securityGroupIds\":[]}}"
done
queue() {
    aws_call batch createjobqueue "{\"jobQueueName\":\"$1\",\"priority\":1,\"computeEnvironmentOrder\":[$2]}"
    aws_call dynamodb PutItem "{\"TableName\":\"mvp-development-jobs\",\"Item\":{\"jobId\":{\"S\":\"job_$1\"},\"status\":{\"S\":\"PENDING\"},\"createdAt\":{\"S\":\"2025-01-20T12:00:00Z\"}}}"
    aws_call batch submitjob "{\"jobName\":\"on-$1\",\"jobQueue\":\"$1\",\"jobDefinition\":\"mvp-pipeline-job\",\"containerOverrides\":{\"command\":[\"true\"],\"environment\":[{\"name\":\"JOB_ID\",\"value\":\"job_$1\"}]}}"
    id=$(json "$T/call" 'd["jobId"]')
    aws_call dynamodb UpdateItem "{\"TableName\":\"mvp-development-jobs\",\"Key\":{\"jobId\":{\"S\":\"job_$1\"}},\"UpdateExpression\":\"SET batchJobId = :b\",\"ExpressionAttributeValues\":{\":b\":{\"S\":\"$id\"}}}"
    within 120 batch_over "$id" || fail "the job of $1 ends"
    exits 0 --queue "$1" status "job_$1"
}
batch_over() {
    aws_call batch describejobs "{\"jobs\":[\"$1\"]}"
    [ "$(json "$T/call" 'd["jobs"][0]["status"] in ("SUCCEEDED", "FAILED")')" = true ]
}
spot='{"order":1,"computeEnvironment":"env-FARGATE_SPOT"}'
queue spot "$spot"
has "Spot is told by the queue's environment" "$T/out" "about \$0.0003 (estimate: 1 vCPU and 2 GB for 1m 00s on Fargate Spot)"
queue mixed "$spot,{\"order\":2,\"computeEnvironment\":\"env-FARGATE\"}"
has "with both kinds it is not known, and the on-demand price counts" "$T/out" "about \$0.0008 (estimate: 1 vCPU and 2 GB for 1m 00s at Fargate's on-demand price: whether it was Spot is not known)"
exits 0 stats --json --by user --since 1h
is "nothing is new in an hour" "$(json "$T/out" '[f["new"] for f in d["failures"]]')" "[false]"

# ---- records as others write them, outside the window and inside it ----
put() {
    aws_call dynamodb PutItem "{\"TableName\":\"mvp-development-jobs\",\"Item\":$1}"
}
put '{"jobId":{"S":"job_old"},"status":{"S":"failed"},"createdAt":{"S":"2025-01-01T12:00:00Z"},"completedAt":{"S":"2025-01-01T12:10:00Z"},"startedAt":{"S":"2025-01-01T12:00:00Z"},"lastError":{"S":"\u001b[31mno \u202edisk 7\u001b[0m"},"userId":{"S":"eve, \"the\" one"}}'
put '{"jobId":{"S":"job_steps"},"status":{"S":"Completed"},"timestamps":{"M":{"createdAt":{"S":"2025-01-01T12:00:00Z"},"completedAt":{"S":"2025-01-01T12:10:00Z"}}},"stepTimes":{"M":{"INIT":{"S":"2025-01-01T12:01:00Z"},"BUILDING":{"S":"2025-01-01T12:02:30Z"}}}}'
exits 0 stats --json --since 2025-01-01 --until 2025-01-02T00:00:00Z
is "the window is what was asked for" "$(json "$T/out" 'd["since"], d["until"], d["jobs"]')" '["2025-01-01T00:00:00.000Z", "2025-01-02T00:00:00.000Z", 2]'
is "steps by their times" "$(json "$T/out" 'd["steps"], d["stepJobs"]')" '[[{"step": "INIT", "count": 1, "p50": 90, "p90": 90}, {"step": "BUILDING", "count": 1, "p50": 450, "p90": 450}], 1]'
is "what is not known is not counted" "$(json "$T/out" 'd["duration"]["count"], d["waiting"]["count"]')" "[1, 0]"
hasnt "no direction override" "$T/out" "$(printf '\342\200\256')"
exits 0 stats --since 2025-01-01 --until 2025-01-02
has "the cause without its number" "$T/out" "disk <n>"
hasnt "no escape sequence" "$T/out" "$(printf '\033')"
has "what is known is said" "$T/out" "step times known for 1 of 2 jobs"
has "waiting is not known" "$T/out" "0 of 2 jobs"
put '{"jobId":{"S":"job_endless"},"status":{"S":"FAILED"},"createdAt":{"S":"2025-01-04T12:00:00Z"}}'
put '{"jobId":{"S":"job_endless2"},"status":{"S":"COMPLETED"},"createdAt":{"S":"2025-01-04T12:00:00Z"}}'
put '{"jobId":{"S":"job_ended"},"status":{"S":"COMPLETED"},"createdAt":{"S":"2025-01-04T12:00:00Z"},"completedAt":{"S":"2025-01-04T13:00:00Z"}}'
exits 0 stats --since 2025-01-04 --until 2025-01-05
has "of how many jobs a plot tells" "$T/out" ", UTC, shown for 1 of 2 jobs"
has "and that it tells of none" "$T/out" ", UTC, shown for 0 of 1 job"
exits 0 stats --since 2025-01-01 --until 2025-01-02 --by user --csv
is "CSV" "$(tr -d '\r' <"$T/out" | paste -s -d '|' -)" 'user,jobs,successRate,p50,usd,usdJobs|"eve, ""the"" one",1,0.0000,600.000,,0|,1,1.0000,,,0'
is "with the line ends of RFC 4180" "$(grep -c "$(printf '\r')\$" "$T/out")" 3

# Users' ids come from outside: a spreadsheet shows them, it does not run them.
for id in '=1+1' '+cmd|x' '-2' '@SUM(A1)' "'=3" 'a=b' '=\"x\",y'; do
    put "{\"jobId\":{\"S\":\"job_sheet$id\"},\"userId\":{\"S\":\"$id\"},\"createdAt\":{\"S\":\"2025-01-06T12:00:00Z\"}}"
done
exits 0 stats --since 2025-01-06 --until 2025-01-07 --by user --csv
is "no cell is a formula" "$(tr -d '\r' <"$T/out" | sed -n 's/,1,,,,0$//p' | LC_ALL=C sort | paste -s -d '|' -)" \
    "\"'=\"\"x\"\",y\"|'+cmd|x|'-2|'=1+1|'=3|'@SUM(A1)|a=b"

# ---- plots ----
exits 0 stats --ascii
ok "ASCII where it is asked for" test -z "$(LC_ALL=C grep -n '[^ -~]' "$T/out")"
has "the axis has numbers" "$T/out" "     1 |"
has "and a ground line" "$T/out" "     0 +"
exits 0 stats
has "blocks elsewhere" "$T/out" "█"
LC_ALL=C run stats
ok "ASCII in a locale without UTF-8" test -z "$(LC_ALL=C grep -n '[^ -~]' "$T/out")"
# In a terminal no line is longer than it is wide.
requests=$(python3 -c '
import json
def put(i, hour, status):
    return {"PutRequest": {"Item": {k: {"S": v} for k, v in {
        "jobId": "job_wide%d" % i, "status": status, "createdAt": "2025-01-03T%02d:00:00Z" % hour,
        "startedAt": "2025-01-04T10:00:00Z", "completedAt": "2025-01-04T22:34:56Z"}.items()}}}
print(json.dumps([put(i, 10 + i // 8, "Paused " + "\u00c4" * 150 if i == 23 else "COMPLETED") for i in range(24)]))')
aws_call dynamodb BatchWriteItem "{\"RequestItems\":{\"mvp-development-jobs\":$requests}}"
aws_call dynamodb BatchWriteItem "{\"RequestItems\":{\"mvp-development-jobs\":$(printf '%s' "$requests" | sed 's/job_wide/job_wider/g')}}"
for columns in 60 80 200; do
    widest=$(python3 -c '
import fcntl, os, pty, re, struct, subprocess, sys, termios
main, side = pty.openpty()
fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
p = subprocess.Popen([os.environ["MVPDASH"], "stats", "--by", "user", "--since", "2025-01-01"], stdin=side, stdout=side, stderr=subprocess.DEVNULL)
os.close(side)
got = b""
while True:
    try:
        part = os.read(main, 65536)
    except OSError:
        break
    if not part:
        break
    got += part
p.wait()
print(max(len(x) for x in got.decode().replace("\r", "").split("\n")), p.returncode)' "$columns")
    ok "at $columns columns: the widest line has ${widest% *} cells" test "${widest% *}" -le "$columns" -a "${widest% *}" -gt 30 -a "${widest#* }" = 0
done

# ---- a clock that is ahead ----
put '{"jobId":{"S":"job_ahead"},"status":{"S":"PENDING"},"createdAt":{"S":"9000-01-01T00:00:00Z"}}'
put '{"jobId":{"S":"job_timeless"},"status":{"S":"PENDING"}}'
exits 0 stats
has "a job of the future is left out, and said" "$T/err" "not counted: 1 job with a time ahead of this machine's clock"
has "one without a time too" "$T/err" "not counted: 1 job without any time"
exits 0 stats --since 2025-01-01 --until 9999-01-01
has "it counts when it is asked for" "$T/out" "PENDING 1"
hasnt "and nothing else is said" "$T/err" "ahead of this"
ok "ages are told from now" test -z "$(grep -E '[0-9]{4}y' "$T/out")"

# ---- Batch does not answer ----
put '{"jobId":{"S":"job_runs"},"status":{"S":"IN_PROGRESS"},"createdAt":{"S":"2025-01-08T00:00:00Z"}}'
export AWS_ENDPOINT_URL_BATCH=http://127.0.0.1:1
exits 0 stats --since 2025-01-08 --until 2025-01-09
has "the state that only the record tells" "$T/err" "the state of 1 of 1 jobs "
has "what Batch would tell" "$T/err" "and waiting times and exit codes are missing"
exits 0 stats --since 2025-01-08 --until 2025-01-09 --json
is "waiting is not known" "$(json "$T/out" 'd["waiting"]')" '{"count": 0, "p50": null, "p90": null, "p99": null}'
unset AWS_ENDPOINT_URL_BATCH

# ---- bad values ----
exits 2 stats --by moon
has "the groups are named" "$T/err" "day, user, product, priority, step or context"
exits 2 stats --since yesterday
exits 2 stats --since 2030-01-01
exits 2 stats --until 2001-01-01
exits 2 stats --json --csv
exits 2 stats more
done_testing
