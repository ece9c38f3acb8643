#!/bin/sh
# --all-contexts: two local clouds with two accounts in one list, one set of figures, one search; a
# context that cannot be read leaves the others.
. "$(dirname "$0")/lib.sh"
needs curl
E2E_HERE=${E2E_HERE:-$(cd "$(dirname "$0")" && pwd)}
mkdir -p "$XDG_CONFIG_HOME/mvpdash" "$HOME/.aws"
ini=$XDG_CONFIG_HOME/mvpdash/config.ini

# recorder NAME WHO [no-roles]: stands before the cloud of the environment and says whose the credentials are; its
# address is in $URL, its process in $RECORDER.
recorder() {
    mkfifo "$T/port"
    python3 "$E2E_HERE/record.py" "$AWS_ENDPOINT_URL" "$T/$1.log" "$2" ${3:+"$3"} >"$T/port" 2>>"$T/record.err" &
    RECORDER=$!
    E2E_PIDS="$E2E_PIDS $RECORDER"
    read -r port <"$T/port"
    rm -f "$T/port"
    URL=http://127.0.0.1:$port
}
profile() {
    printf '[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$1" "$2" "$3" >>"$HOME/.aws/credentials"
}
# fill SEED: jobs of the last days with all statuses, some without times, into the cloud of the environment.
fill() {
    python3 - "$1" >"$T/batches" <<'END'
import json, random, sys
from datetime import datetime, timedelta, timezone
rng = random.Random(sys.argv[1])
now = datetime.now(timezone.utc)
iso = lambda t: {"S": t.strftime("%Y-%m-%dT%H:%M:%S.000Z")}
puts = []
for i in range(50):
    made = now - timedelta(minutes=rng.randrange(60, 5 * 1440))
    begun = made + timedelta(seconds=rng.randrange(1, 60))
    status = rng.choice(["COMPLETED", "COMPLETED", "FAILED", "CANCELLED"])
    item = {"jobId": {"S": f"job_{int(made.timestamp() * 1000)}_{sys.argv[1]}{i:05}"}, "status": {"S": status},
            "userId": {"S": rng.choice(["ann", "bob"])}, "productId": {"S": "p"}, "createdAt": iso(made), "updatedAt": iso(made)}
    if rng.random() < 0.8:
        item["startedAt"] = iso(begun)
        item["completedAt"] = iso(begun + timedelta(seconds=rng.randrange(1, 3000)))
    if status == "FAILED":
        item["statusReason"] = {"S": rng.choice(["out of memory", "no space left"])}
    puts.append({"PutRequest": {"Item": item}})
for i in range(0, len(puts), 25):
    print(json.dumps({"RequestItems": {"mvp-development-jobs": puts[i:i + 25]}}))
END
    while read -r batch; do aws_call dynamodb BatchWriteItem "$batch"; done <"$T/batches"
}
# say STREAM TEXT: a line in the log group of the jobs.
say() {
    at=$(($(date +%s) * 1000))
    [ -z "${3:-}" ] || at=$3
    aws_call logs CreateLogStream '{"logGroupName":"/aws/batch/job","logStreamName":"'"$1"'"}'
    aws_call logs PutLogEvents '{"logGroupName":"/aws/batch/job","logStreamName":"'"$1"'","logEvents":[{"timestamp":'"$at"',"message":"'"$2"'"}]}'
}

blue=111122223333 green=444455556666
soon=$((($(date +%s) - 3600) * 1000))
cloud_start "$T/blue"
profile blue "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY"
profile refused AKIAIOSFODNN7EXAMPLE not/the/secret
fill blue
say s/default/b1 'needle one' "$soon"
say s/default/b3 'needle three' $((soon + 2000))
recorder blue $blue no-roles
blue_url=$URL
cloud_start "$T/green"
profile green "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY"
fill green
say s/default/g2 'needle two' $((soon + 1000))
recorder green $green
green_url=$URL green_recorder=$RECORDER
unset AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION AWS_DEFAULT_REGION

exits 4 list --all-contexts
has "without contexts it says so" "$T/err" "there is no context in config.ini, which does not exist"

both_contexts() {
    cat <<END
[context blue]
profile = blue
endpoint_url = $blue_url
account = $blue
[context green]
profile = green
endpoint_url = $green_url
account = $green
END
}
both() { both_contexts >"$ini"; }
both

# ---- both are there ----

exits 0 list --context blue --json
cp "$T/out" "$T/list.blue"
exits 0 list --context green --json
cp "$T/out" "$T/list.green"
exits 0 list --all-contexts --json
is "nothing else is said" "$(said)" ""
python3 - "$T/list.blue" "$T/list.green" "$T/out" >"$T/same" 2>&1 <<'END'
import json, sys
blue, green, both = (json.load(open(f)) for f in sys.argv[1:])
assert {j["context"] for j in blue} == {"blue"} and {j["context"] for j in green} == {"green"}
want = sorted(blue + green, key=lambda j: (j["createdAt"], j["jobId"]), reverse=True)
assert [(j["context"], j["jobId"], j["status"]) for j in both] == [(j["context"], j["jobId"], j["status"]) for j in want]
print(len(both), "jobs")
END
is "the list is both lists, newest first, each job with its context" "$(cat "$T/same")" "100 jobs"
cp "$T/out" "$T/list.both"
exits 0 list --all-contexts --json --limit 7
is "--limit is of all together" "$(json "$T/out" 'len(d)')" 7
is "and takes the newest" "$(json "$T/out" '[j["jobId"] for j in d]')" "$(json "$T/list.both" '[j["jobId"] for j in d[:7]]')"
exits 0 list --all-contexts --limit 3
is "ENV is the first column" "$(head -1 "$T/out" | cut -d ' ' -f 1)" ENV
is "and names the context of each" "$(sed 1d "$T/out" | cut -d ' ' -f 1 | tr '\n' ' ')" "$(json "$T/list.both" '" ".join(j["context"] for j in d[:3])') "
has "there are more" "$T/err" "there are more"
exits 0 list --all-contexts --user ann --status failed --json
is "the filters are those of list" "$(json "$T/out" 'len(d)')" \
    "$(json "$T/list.both" 'sum(j["userId"] == "ann" and j["status"] == "FAILED" for j in d)')"
MVPDASH_CONTEXT=nowhere run list --all-contexts --json
is "what chooses one context does not count" "$RC $(json "$T/out" 'len(d)')" "0 100"

exits 0 stats --all-contexts --since 7d --by context --json
python3 - "$T/list.both" "$T/out" >"$T/same" 2>&1 <<'END'
import json, math, sys
from datetime import datetime
jobs, d = (json.load(open(f)) for f in sys.argv[1:])
t = lambda s: datetime.fromisoformat(s.replace("Z", "+00:00")).timestamp()
def figures(part):
    by = {}
    for j in part:
        by[j["status"]] = by.get(j["status"], 0) + 1
    took = sorted(t(j["completedAt"]) - t(j["startedAt"]) for j in part if j["startedAt"] and j["completedAt"])
    rank = lambda p: took[math.ceil(p / 100 * len(took)) - 1]
    done, failed = by.get("COMPLETED", 0), by.get("FAILED", 0)
    return by, {"count": len(took), "p50": rank(50), "p90": rank(90), "p99": rank(99)}, done / (done + failed)
by, took, rate = figures(jobs)
assert d["jobs"] == len(jobs) and d["byStatus"] == by, (d["byStatus"], by)
assert d["duration"] == took, (d["duration"], took)
assert abs(d["successRate"] - rate) < 1e-4, (d["successRate"], rate)
groups = {g["key"]: g for g in d["groups"]}
assert set(groups) == {"blue", "green"}
for name, g in groups.items():
    part = [j for j in jobs if j["context"] == name]
    by, took, rate = figures(part)
    assert g["jobs"] == len(part) and g["p50"] == took["p50"] and abs(g["successRate"] - rate) < 1e-4, g
assert sum(f["count"] for f in d["failures"]) == sum(j["status"] == "FAILED" for j in jobs)
assert [(c["context"], c["jobs"], c["error"]) for c in d["contexts"]] == [("blue", 50, None), ("green", 50, None)], d["contexts"]
print("all figures")
END
is "stats of both are those of both lists" "$(cat "$T/same")" "all figures"
exits 0 stats --all-contexts --since 7d --by context
has "for people too" "$T/out" "CONTEXT"
exits 0 stats --all-contexts --since 7d --by context --csv
has "as CSV" "$T/out" "green,50,"
exits 2 stats --by context
has "--by context alone is refused" "$T/err" "needs --all-contexts"

# ---- search ----

exits 0 logs --grep needle --all-contexts --json --since 2h
is "lines of all in order of time, each with its context" \
    "$(json_lines "$T/out" '[(h["context"], h["text"]) for h in d]')" \
    '[["blue", "needle one"], ["green", "needle two"], ["blue", "needle three"]]'
exits 0 logs --grep needle --all-contexts --since 2h
is "for people it comes first" "$(cut -d ' ' -f 1 "$T/out" | tr '\n' ' ')" "blue green blue "
has "and each says what it found" "$T/err" "context green: 1 line found in log group /aws/batch/job"
exits 0 logs --grep needle --all-contexts --json --since 2h --limit 2
is "--limit is of all together" "$(json_lines "$T/out" '[h["text"] for h in d]')" '["needle one", "needle two"]'
has "and said" "$T/err" "stopped at 2 lines (--limit)"
exits 0 logs --grep needle --all-contexts --since 2h --user nobody
has "jobs of a user are looked for in each" "$T/err" "context green: no such job can have written"
exits 2 logs --all-contexts job_1
has "it needs --grep" "$T/err" "--all-contexts needs --grep"
exits 0 logs --grep needle --context green --json --since 2h
is "of one context the lines tell it too" "$(json_lines "$T/out" '[h["context"] for h in d]')" '["green"]'

# ---- what makes no sense is refused ----

for option in --local "--context blue" "--profile blue" "--region eu-west-1" "--endpoint-url $blue_url"; do
    # shellcheck disable=SC2086
    exits 2 list --all-contexts $option
    has "with a sentence" "$T/err" "give only one of --all-contexts and ${option%% *}"
done
ok "and no cloud was started" test ! -e "$XDG_STATE_HOME/mvpdash/local"

# ---- two contexts of one table ----

cat >>"$ini" <<END
[context again]
profile = blue
endpoint_url = $blue_url
END
exits 0 list --all-contexts --json
is "a job of two contexts comes once" "$(json "$T/out" 'len(d), sorted({j["context"] for j in d})')" '[100, ["blue", "green"]]'
has "and that is said" "$T/err" "context again: its table and queue are those of context blue"
exits 0 stats --all-contexts --since 7d --json
is "stats count it once" "$(json "$T/out" 'd["jobs"], [(c["context"], c["jobs"], c["sameAs"]) for c in d["contexts"]]')" \
    '[100, [["blue", 50, null], ["green", 50, null], ["again", null, "blue"]]]'
exits 0 logs --grep needle --all-contexts --json --since 2h
is "and a line too" "$(json_lines "$T/out" '[h["context"] for h in d]')" '["blue", "green", "blue"]'
has "and that is said" "$T/err" "context again: its logs are those of context blue"
printf 'queue = another-queue\n' >>"$ini"
run list --all-contexts --json
is "with another queue too" "$(json "$T/out" 'len(d)')" 100
has "and that is said" "$T/err" "context again: its table is that of context blue: 50 jobs of both are shown once"

# A twin that was not read comes in when the first one turns out not to be readable.
printf '[profile role]\nrole_arn = arn:aws:iam::%s:role/reader\nsource_profile = blue\n' $blue >"$HOME/.aws/config"
{
    printf '[context role]\nprofile = role\nendpoint_url = %s\n' "$blue_url"
    both_contexts
    printf '[context third]\nprofile = blue\nendpoint_url = %s\n' "$blue_url"
} >"$ini"
run list --all-contexts --json
is "the twin of one that is refused is read" "$RC $(json "$T/out" 'len(d), sorted({j["context"] for j in d})')" '1 [100, ["blue", "green"]]'
has "the refusal is told" "$T/err" "context role: "
has "and the twins" "$T/err" "context third: its table and queue are those of context blue"
hasnt "not of the one that was refused" "$T/err" "those of context role"
both

# ---- one that cannot be read leaves the others ----

cat >>"$ini" <<END
[context again]
profile = blue
endpoint_url = $blue_url
queue = another-queue
[context refused]
profile = refused
endpoint_url = $green_url
[context spoiled]
tabel = x
[context nobody]
profile = nobody
END
run list --all-contexts --json
is "the others are listed" "$(json "$T/out" 'len(d)')" 100
is "each failure is told" "$(grep -c '"error"' "$T/err")" 3
has "the refused credentials" "$T/err" "context refused: "
has "the mistake with its line" "$T/err" "context spoiled cannot be used: $ini:17 [context spoiled]"
has "the profile that is not there" "$T/err" 'context nobody: there is no profile \"nobody\"'
is "the exit status is that of the first" "$RC" 4
both
kill "$green_recorder"
ends "$green_recorder" 60
run list --all-contexts --timeout 20
is "a dead endpoint: exit 5" "$RC" 5
is "and the other is listed" "$(grep -c '^blue ' "$T/out")" 50
has "with the reason" "$T/err" "context green: "
has "and where the endpoint is named" "$T/err" "$ini:7 [context green]"
run list --all-contexts --timeout 20 --user nobody
has "none of those that answered is not none" "$T/err" "no such jobs in the contexts that answered"
run stats --all-contexts --since 7d --json --timeout 20
is "stats: exit 5" "$RC" 5
is "the document tells what is missing" \
    "$(json "$T/out" 'd["jobs"], [(c["context"], c["jobs"], c["error"] and c["error"]["code"]) for c in d["contexts"]]')" \
    '[50, [["blue", 50, null], ["green", null, "E_NET"]]]'
run logs --grep needle --all-contexts --json --since 2h --timeout 20
is "a search: exit 5" "$RC" 5
is "the lines of the other are there" "$(json_lines "$T/out" '[h["text"] for h in d]')" '["needle one", "needle three"]'
has "and the failure is told" "$T/err" "context green: the search ended early"

# A context that does not answer holds the lines of the others back; Ctrl-C gives them out.
mkfifo "$T/port"
python3 -c '
import socket, time
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
held = []
while True:
    held.append(s.accept())' >"$T/port" &
HOLE=$!
E2E_PIDS="$E2E_PIDS $HOLE"
read -r port <"$T/port"
printf '[context blue]\nprofile = blue\nendpoint_url = %s\n[context hole]\nprofile = blue\nendpoint_url = http://127.0.0.1:%s\n' \
    "$blue_url" "$port" >"$ini"
env -u SHELL sh -c 'trap - INT; exec "$@"' sh "$MVPDASH" logs --grep needle --all-contexts --since 2h --debug >"$T/out" 2>"$T/err" </dev/null &
SEARCH=$!
E2E_PIDS="$E2E_PIDS $SEARCH"
searched() { [ "$(grep -c 'FilterLogEvents.*status=200' "$T/err")" -ge 2 ]; }
ok "one context is through" within 30 searched
kill -INT "$SEARCH"
ends "$SEARCH" 60
is "Ctrl-C ends the search" "$?" 130
is "and keeps what was found" "$(cut -d ' ' -f 1 "$T/out" | tr '\n' ' ')" "blue blue "
has "and says what was not looked at" "$T/err" "stopped by Ctrl-C: lines written since"

# What is asked beforehand, whether the two are one table, takes its time from the same --timeout.
exits 5 list --all-contexts --json --timeout 4
is "a context that does not answer leaves the others" "$(json "$T/out" '{j["context"] for j in d} == {"blue"}')" true
left=$(sed -n 's/.*within the \([0-9.]*\) s that were left.*/\1/p' "$T/err")
ok "all of it takes as long as --timeout lets it: ${left:-0} s were left for the list" \
    python3 -c 'import sys; assert float(sys.argv[1]) <= 2.5' "${left:-0}"

printf '[context dead]\nprofile = blue\nendpoint_url = http://127.0.0.1:1\n' >"$ini"
run list --all-contexts --json --timeout 20
is "when none can be read nothing is listed" "$RC $(cat "$T/out")" "5 "
done_testing
