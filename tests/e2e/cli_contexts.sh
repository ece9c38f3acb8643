#!/bin/sh
# Contexts: two local clouds with two accounts side by side; each command lands in the right one, and
# nothing is written with credentials of another account.
. "$(dirname "$0")/lib.sh"
needs curl
E2E_HERE=${E2E_HERE:-$(cd "$(dirname "$0")" && pwd)}
mkdir -p "$XDG_CONFIG_HOME/mvpdash" "$HOME/.aws"
ini=$XDG_CONFIG_HOME/mvpdash/config.ini

# recorder NAME WHO: what stands before the cloud of the environment, notes each operation in
# $T/NAME.log, and says whose the credentials are; its address is in $URL.
recorder() {
    : >"$T/$1.log"
    mkfifo "$T/port"
    python3 "$E2E_HERE/record.py" "$AWS_ENDPOINT_URL" "$T/$1.log" "$2" >"$T/port" 2>>"$T/record.err" &
    E2E_PIDS="$E2E_PIDS $!"
    read -r port <"$T/port"
    rm -f "$T/port"
    URL=http://127.0.0.1:$port
}
# profile NAME: keeps the keys of the environment as a profile.
profile() {
    printf '[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n' \
        "$1" "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" >>"$HOME/.aws/credentials"
}
# writes NAME: how many writing calls came to the cloud NAME.
writes() { grep -c -E 'PutItem|UpdateItem|DeleteItem|WriteItem|PutEvents|SubmitJob|submitjob|terminatejob|canceljob|SendMessage|DeleteMessage|Purge' "$T/$1.log"; }

blue=111122223333 green=444455556666
cloud_start "$T/blue"
profile blue
recorder blue $blue
blue_url=$URL
recorder denied denied
denied_url=$URL
recorder silent silent
silent_url=$URL
blue_key=$AWS_ACCESS_KEY_ID blue_secret=$AWS_SECRET_ACCESS_KEY
cloud_start "$T/green"
profile green
recorder green $green
green_url=$URL
unset AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION AWS_DEFAULT_REGION

cat >"$ini" <<END
[names]
queue = mvp-pipeline-queue
[context blue]
profile = blue
endpoint_url = $blue_url
account = $blue
colour = blue
[context green]
profile = green
endpoint_url = $green_url
account = $green
colour = green
[context mixed]
profile = blue
endpoint_url = $blue_url
account = $green
[context denied]
profile = blue
endpoint_url = $denied_url
account = $blue
[context silent]
profile = blue
endpoint_url = $silent_url
account = $blue
[context frozen]
profile = blue
endpoint_url = $blue_url
read_only = yes
dlq = mvp-development-dlq
[context spoiled]
tabel = x
END

# ---- what is in force, and where it came from ----

exits 0 config --contexts
has "they are listed" "$T/out" "account=$green"
has "with what is wrong" "$T/out" 'config.ini:31 [context spoiled]: there is no setting "tabel"; did you mean "table"?'
exits 0 config --contexts --json --context green
is "as JSON too" "$(json "$T/out" '[c["name"] for c in d["contexts"]]')" \
    '["blue", "green", "mixed", "denied", "silent", "frozen", "spoiled"]'
is "and which is chosen" "$(json "$T/out" 'd["context"], [c["name"] for c in d["contexts"] if c["chosen"]]')" '["green", ["green"]]'
exits 0 config --json --context blue
is "a value says its context" "$(json "$T/out" '[r["from"] for r in d["settings"] if r["name"] == "profile"][0].split("/")[-1]')" "config.ini:4 [context blue]"
exits 4 list --context spoiled
has "a spoiled one names its line" "$T/err" 'config.ini:31 [context spoiled]'
exits 2 list --context gren
has "an unknown one is named with the nearest" "$T/err" 'did you mean "green"?'
has "and the list" "$T/err" 'these exist: blue, green'
MVPDASH_CONTEXT=gren run list
is "of the environment it is configuration" "$RC" 4
MVPDASH_CONTEXT=gren run config --contexts
is "but the list is shown" "$RC" 0
exits 2 list --local --context blue
ok "and no cloud is started" test ! -e "$XDG_STATE_HOME/mvpdash/local"
DYNAMODB_TABLE_NAME=another AWS_PROFILE=green run config --json --context blue
is "what hides a value is a warning" "$(json "$T/out" 'sum("[context blue]" in w for w in d["warnings"])')" 1
DYNAMODB_TABLE_NAME=another AWS_PROFILE=green run config --context blue
has "for people too" "$T/err" "environment AWS_PROFILE hides the profile of [context blue]"

EVENTBRIDGE_DLQ_NAME=other run list --json --context frozen
is "programs are told by every command" "$(json "$T/err" 'd["warning"].split(" (")[0]')" "environment EVENTBRIDGE_DLQ_NAME hides the dlq of [context frozen]"

cat >>"$ini" <<END
[context dead]
profile = blue
endpoint_url = http://127.0.0.1:1
END
run list --context dead --timeout 5
has "an endpoint that does not answer is told with its line" "$T/err" "config.ini:34 [context dead]"

# ---- each command lands in the right one ----

exits 0 send --context blue --user-id u --product-id p --job-id job_1755000000001_blueblue1 --json \
    --metadata '{"simulate":{"stepSeconds":60}}'
exits 0 send --context green --user-id u --product-id p --job-id job_1755000000001_greengre1 --wait --json
MVPDASH_CONTEXT=blue run list --json
is "a job is in its own" "$(json "$T/out" '[(j["jobId"], j["context"]) for j in d]')" '[["job_1755000000001_blueblue1", "blue"]]'
exits 0 list --context green --json
is "and not in the other" "$(json "$T/out" '[(j["jobId"], j["context"]) for j in d]')" '[["job_1755000000001_greengre1", "green"]]'
exits 0 status job_1755000000001_greengre1 --context green --json
is "status tells it too" "$(json "$T/out" 'd["context"]')" green
exits 3 status job_1755000000001_greengre1 --context blue
AWS_ENDPOINT_URL=$blue_url AWS_ACCESS_KEY_ID=$blue_key AWS_SECRET_ACCESS_KEY=$blue_secret run list --json
is "without one it is null" "$(json "$T/out" 'd[0]["context"]')" null
exits 0 retry job_1755000000001_greengre1 --context green
printf '{"userId":"u","productId":"p%s"}\n' 1 2 3 >file.jsonl
exits 0 batch file.jsonl --context green
exits 0 event --context green --source a.b --detail-type T --detail '{}'
exits 1 report --context green --job-id job_1755000000001_greengre1 --step CLEANUP
has "report finds the record of its own" "$T/err" "has already ended (COMPLETED)"
exits 0 test --context green
before=$(writes blue)
exits 0 list --context blue --json
is "blue has its one job" "$(json "$T/out" 'len(d)')" 1
is "and was written to by nobody else" "$(writes blue)" "$before"
exits 0 cancel job_1755000000001_blueblue1 --context blue
exits 0 list --context green --json
is "green has all of its own" "$(json "$T/out" 'len(d)')" 5
# The same file in another place is another run.
exits 0 batch file.jsonl --context blue
is "what is kept of one context is not the other's" "$(ls "$XDG_STATE_HOME/mvpdash/snapshots" 2>/dev/null | sort | uniq -d)" ""

# ---- nothing is written with credentials of another account ----

# A line for each command of help: what a run of it looks like.
cat >"$T/commands" <<'END'
send --user-id u --product-id p
batch file.jsonl --again
list
stats
status job_1755000000001_blueblue1
cancel job_1755000000001_blueblue1
retry job_1755000000001_blueblue1
logs --rule
jobs
bus
dlq redrive --all
dlq purge --all --yes
outbox send --all
outbox drop --all
event --source a.b --detail-type T --detail {}
report --job-id job_1755000000001_blueblue1 --status FAILED
test
doctor --e2e
config
iam --viewer
help
END
listed() { "$MVPDASH" help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\).*/\1/p' | grep -v -x -e serve -e local | LC_ALL=C sort; }
is "every command is tried (serve comes below)" "$(cut -d ' ' -f 1 "$T/commands" | LC_ALL=C sort -u)" "$(listed)"
: >"$T/blue.log"
while read -r line; do
    # shellcheck disable=SC2086
    run $line --context blue --read-only
    if grep -q 'writes, and read-only is on' "$T/err"; then
        for context in mixed denied silent; do
            # shellcheck disable=SC2086
            run $line --context $context --timeout 20
            case $context in
            mixed) wanted=4 text="context mixed is of account $green, but the credentials are of account $blue: nothing is written" ;;
            denied) wanted=1 text='is not known: nothing is written' ;;
            silent) wanted=5 text='is not known: nothing is written' ;;
            esac
            is "exit $wanted: $line, $context" "$RC" $wanted
            has "and why" "$T/err" "$text"
        done
        # shellcheck disable=SC2086
        run $line --context frozen
        is "exit 2: $line, frozen" "$RC" 2
        has "and why" "$T/err" "[context frozen]"
    fi
done <"$T/commands"
is "no writing call was made" "$(writes blue) $(writes denied) $(writes silent)" "0 0 0"
exits 0 list --context mixed
has "reading goes on, with a warning" "$T/err" "warning: context mixed is of account $green"
exits 0 status job_1755000000001_blueblue1 --context denied
hasnt "what an earlier run was told of the same key counts for reading" "$T/err" "is not known"
XDG_STATE_HOME=$T/fresh run status job_1755000000001_blueblue1 --context denied
has "also when that is not known" "$T/err" "is not known: nothing is written"
run doctor --only B3 --context mixed
has "the doctor has it" "$T/out" "FAIL    B3"
has "with the account" "$T/out" "context mixed is of account $green"

# ---- the server ----

"$MVPDASH" serve --context mixed --listen 127.0.0.1:0 --json >"$T/serve" 2>"$T/serve.err" &
SERVER=$!
E2E_PIDS="$E2E_PIDS $SERVER"
ok "the server starts" within 30 grep -q url "$T/serve"
base=$(json "$T/serve" 'd["url"]')
: >"$T/blue.log"
code() { curl -sS --noproxy '*' --max-time 120 -o "$T/body" -w '%{http_code}' "$@"; }
is "POST /deploy is refused" "$(code -X POST -H 'Content-Type: application/json' -d '{"userId":"u","productId":"p"}' "$base/deploy")" 502
is "and says so" "$(json "$T/body" 'd["error"]["code"]')" misconfigured
is "with a key too" "$(code -X POST -H 'Content-Type: application/json' -H 'Idempotency-Key: k1' -d '{"userId":"u","productId":"p"}' "$base/deploy")" 502
is "DELETE is refused" "$(code -X DELETE "$base/jobs/job_1755000000001_blueblue1")" 502
is "reading goes on" "$(code "$base/status/job_1755000000001_blueblue1")" 200
is "and names the context" "$(json "$T/body" 'd["context"]')" mixed
is "no writing call was made by the server" "$(writes blue)" 0
kill "$SERVER"
ends "$SERVER" 60
done_testing
