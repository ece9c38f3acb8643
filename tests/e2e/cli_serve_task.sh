#!/bin/sh
# mvpdash serve as infra/api.tf runs it: state in the table, no disk, behind a load balancer. What it sends
# to AWS is what `mvpdash iam --api` allows, and next to nothing else is allowed.
. "$(dirname "$0")/lib.sh"
needs curl
export MVP_STEP_SECONDS=0
cloud_start
old=0123456789abcdef0123456789abcdef
new=fedcba98765432100123456789abcdef

# HOME as on a task whose volume cannot be written: nothing can be made in /proc.
(
    unset XDG_STATE_HOME XDG_CONFIG_HOME XDG_CACHE_HOME
    HOME=/proc/none MVPDASH_API_TOKEN="web $old, web $new" MVPDASH_STATE=table DEBUG=1 \
        exec "$MVPDASH" serve --state table --listen 127.0.0.1:0 --rate 0 --trusted-proxy 127.0.0.0/8
) >"$T/task.out" 2>"$T/task.err" </dev/null &
PID=$!
E2E_PIDS="$E2E_PIDS $PID"
listening() { grep -q '://' "$T/task.out" || ! kill -0 "$PID"; }
within 20 listening
URL=$(cat "$T/task.out")
case $URL in
http*) pass "it starts without a disk" ;;
*)
    fail "it starts without a disk" "$(cat "$T/task.err")"
    done_testing
    ;;
esac
as=$old
ask() { # METHOD PATH [CURL ARGUMENTS...]
    method=$1
    path=$2
    shift 2
    curl -sS --max-time 60 -o "$T/body" -w '%{http_code}' -X "$method" -H "Authorization: Bearer $as" "$@" "$URL$path"
}
deploy() { # KEY BODY [CURL ARGUMENTS...]
    key=$1
    body=$2
    shift 2
    ask POST /deploy -H 'Content-Type: application/json' -H "Idempotency-Key: $key" -d "$body" "$@"
}
is "the load balancer needs no token for /readyz" "$(curl -s -o "$T/body" -w '%{http_code}' "$URL/readyz")" 200
is "nor the container for /healthz" "$(curl -s -o "$T/body" -w '%{http_code}' "$URL/healthz")" 200
first='{"userId":"u","productId":"p"}'
is "a deploy" "$(deploy one "$first" -H 'X-Forwarded-For: 192.0.2.7')" 202
job=$(json "$T/body" 'd["jobId"]')
as=$new
is "while tokens change both are good, and the key is the same" "$(deploy one "$first")" 202
is "so it is the same job" "$(json "$T/body" 'd["jobId"]')" "$job"
completed() { ask GET "/status/$job" >/dev/null && grep -q '"status":"COMPLETED"' "$T/body"; }
ok "the job runs" within 60 completed
is "a user's jobs" "$(ask GET /jobs/u)" 200
is "a long one" "$(deploy two '{"userId":"u","productId":"q","metadata":{"simulate":{"stepSeconds":60}}}')" 202
long=$(json "$T/body" 'd["jobId"]')
ask GET "/status/$long" >/dev/null
is "is cancelled" "$(ask DELETE "/jobs/$long")" 200
is "metrics" "$(ask GET /metrics)" 200
is "the doctor's checks" "$(ask POST /test-connection | grep -c '^\(200\|503\)$')" 1
kill "$PID"
ends "$PID" 40
is "SIGTERM ends it well" "$?" 0
has "the log names the client that the load balancer told" "$T/task.err" '"address":"192.0.2.7"'
has "and whose token it was" "$T/task.err" '"client":"web"'
hasnt "and never the token" "$T/task.err" "$old"

# ---- what it sent, and what it may ----
exits 0 iam --api --json
grep -o '"[a-z0-9]\+:[A-Za-z]\+"' "$T/out" | tr -d '"' | LC_ALL=C sort -u >"$T/may"
# A transaction is allowed by the actions that it is made of; nobody needs a right to ask who he is.
sed -n 's/^[^ ]* DEBUG \([a-z]*\)\.\([A-Za-z]*\) attempt=.*/\1:\2/p' "$T/task.err" |
    sed 's/^dynamodb:TransactWriteItems$/dynamodb:PutItem/; /^sts:GetCallerIdentity$/d; s/^monitoring:/cloudwatch:/' | LC_ALL=C sort -u >"$T/sent"
is "it sends only what iam --api allows" "$(LC_ALL=C comm -13 "$T/may" "$T/sent")" ""
# Not on this way: a job of Batch that waits is cancelled, one that runs is terminated; the local cloud's
# definition names no image of ECR.
is "and the policy allows nothing that it does not send" "$(LC_ALL=C comm -23 "$T/may" "$T/sent" | grep -v '^batch:\(Cancel\|Terminate\)Job$\|^ecr:DescribeImages$')" ""
done_testing
