#!/bin/sh
# The dead letter queue from the command line, and the rule's event log.
. "$(dirname "$0")/lib.sh"
cloud_start

exits 0 dlq
has "an empty queue is told" "$T/err" "is empty"
exits 0 dlq list --json
is "an empty list in JSON" "$(json "$T/out" '[d["queue"], d["messages"], d["groups"], d["more"]]')" '["mvp-development-dlq", [], [], false]'
exits 2 dlq nonsense
exits 2 dlq list more
exits 2 dlq redrive
exits 2 dlq redrive --all some-id
exits 2 dlq purge --all
has "nobody to ask" "$T/err" "--yes"
exits 2 dlq purge --all --yes --read-only
exits 2 dlq redrive --all --read-only
exits 0 dlq list --read-only
exits 2 dlq --limit 0
exits 3 dlq redrive no-such-message
EVENTBRIDGE_DLQ_NAME=no-such-queue run dlq
is "a missing queue: exit 3" "$RC" 3
has "with its setting" "$T/err" "EVENTBRIDGE_DLQ_NAME"

# ---- the rule's event log ----
exits 2 logs
exits 2 logs --rule job_1
exits 2 logs --rule --attempt 1
exits 0 logs --rule
is "nothing came yet" "$(cat "$T/out")" ""
exits 0 send --user-id user123 --product-id p --wait
job=$(sed -n 's/^job  *//p' "$T/out")
logged() { "$MVPDASH" logs --rule | grep -q "jobId=$job"; }
ok "the event log has the deploy" within 20 logged
exits 0 logs --rule --timestamps
ok "each line with its time" test -z "$(grep -v '^20[0-9-]*T[0-9:.]*Z ' "$T/out")"
exits 0 logs --rule --json
is "logs --rule --json is JSON Lines" "$(json_lines "$T/out" 'len(d) > 0 and all(sorted(x) == ["at", "text"] for x in d)')" true
exits 0 logs --rule --since 2030-01-01
is "nothing since then" "$(cat "$T/out")" ""
"$MVPDASH" logs --rule --follow >"$T/followed" 2>"$T/followed.err" &
follower=$!
E2E_PIDS="$E2E_PIDS $follower"
exits 0 send --user-id user456 --product-id p --json
second=$(json "$T/out" 'd["jobId"]')
ok "following brings the next one" within 20 grep -q "jobId=$second" "$T/followed"
is "each line once" "$(sort "$T/followed" | uniq -d)" ""
kill "$follower" 2>/dev/null
EVENTBRIDGE_LOG_GROUP=/no/such/group run logs --rule
is "a missing group: exit 3" "$RC" 3
has "with its name" "$T/err" "/no/such/group"

# ---- an event that cannot be delivered: its target's definition is gone ----
command -v aws >/dev/null 2>&1 || done_testing
call() { aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }
queue=$(call sqs get-queue-url --queue-name mvp-development-dlq --query QueueUrl --output text)
call batch describe-job-definitions --job-definition-name mvp-pipeline-job --status ACTIVE >"$T/definition"
ok "the definition is taken away" call batch deregister-job-definition --job-definition mvp-pipeline-job:1
export FOUNDERDASH_DATABASE_URL="postgresql://app:hunter2unlikely@db.example/x"
exits 0 send --user-id u --product-id p --json
unset FOUNDERDASH_DATABASE_URL
lost=$(json "$T/out" 'd["jobId"]')
listed() { "$MVPDASH" dlq --json >"$T/list" && [ "$(json "$T/list" 'len(d["messages"])')" = "$1" ]; }
ok "it is in the queue" within 30 listed 1
is "with its cause" "$(json "$T/list" '[[m["jobId"], m["errorCode"], m["event"]["source"]] for m in d["messages"]]')" "[[\"$lost\", \"NO_RESOURCE\", \"founderdash.web\"]]"
is "and its group" "$(json "$T/list" '[[g["errorCode"], g["count"]] for g in d["groups"]]')" '[["NO_RESOURCE", 1]]'
hasnt "no password in JSON" "$T/list" "hunter2unlikely"
has "but that there is one" "$T/list" "postgresql://app:****@"
id=$(json "$T/list" 'd["messages"][0]["messageId"]')
exits 0 dlq
has "people see the job" "$T/out" "$lost"
has "and what to do" "$T/out" "ACTIVE revision"
has "looking is told" "$T/err" "receive count"
is "the AWS CLI sees the same" "$(call sqs receive-message --queue-url "$queue" --visibility-timeout 0 --message-attribute-names All --query 'Messages[0].[MessageId,MessageAttributes.ERROR_CODE.StringValue]' --output text | tr '\t' ' ')" "$id NO_RESOURCE"
exits 0 dlq redrive "$id" --dry-run --json
is "a dry run sends nothing" "$(json "$T/out" '[[r["sent"], r["deleted"], r["bus"]] for r in d["results"]]')" '[[false, false, "mvp-development"]]'

python3 - "$T/definition" >"$T/again" <<'END'
import json, sys
d = json.load(open(sys.argv[1]))["jobDefinitions"][0]
print(json.dumps({k: d[k] for k in ("jobDefinitionName", "type", "containerProperties", "platformCapabilities", "retryStrategy", "timeout") if k in d}))
END
ok "the definition is back" call batch register-job-definition --cli-input-json "file://$T/again"
exits 0 dlq redrive --all --json
is "sent, then deleted" "$(json "$T/out" '[[r["messageId"], r["jobId"], r["sent"], r["deleted"], r["error"]] for r in d["results"]]')" "[[\"$id\", \"$lost\", true, true, null]]"
exits 0 status "$lost" --watch
ok "the queue is empty" listed 0

# ---- what is no event, and hostile text ----
evil=$(printf '{"source":"my.app","detail-type":"\\u001b]0;owned\\u0007","detail":{"jobId":"\\u001b[31m"}}')
ok "put: garbage" call sqs send-message --queue-url "$queue" --message-body "gar$(printf '\302\233')31mbage \$(x)"
ok "put: a hostile event" call sqs send-message --queue-url "$queue" --message-body "$evil" \
    --message-attributes "{\"ERROR_CODE\":{\"DataType\":\"String\",\"StringValue\":\"$(printf 'X\342\200\256Y')\"}}"
exits 0 dlq
has "garbage is shown" "$T/out" "bage"
hasnt "no escape sequence" "$T/out" "$(printf '\033')"
hasnt "no C1 control" "$T/out" "$(printf '\302\233')"
hasnt "no direction override" "$T/out" "$(printf '\342\200\256')"
exits 2 dlq redrive --all
hasnt "no escape sequence in the error" "$T/err" "$(printf '\033')"
ok "what cannot be sent stays" listed 2
first=$(json "$T/list" 'd["messages"][0]["messageId"]')
exits 0 dlq purge "$first" --yes
ok "one is left" listed 1
exits 0 dlq purge --all --yes --json
is "purge --json" "$(json "$T/out" '[r["deleted"] for r in d["results"]]')" "[true]"
ok "none is left" listed 0

# ---- a queue with a RedrivePolicy of its own ----
ok "another queue" call sqs create-queue --queue-name further
ok "a RedrivePolicy" call sqs set-queue-attributes --queue-url "$queue" --attributes \
    '{"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:further\",\"maxReceiveCount\":\"1\"}"}'
exits 1 dlq
has "is refused" "$T/err" "RedrivePolicy"
done_testing
