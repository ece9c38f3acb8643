#!/bin/sh
# The remedies of `mvpdash doctor` run as they are printed: one thing at a time is broken in a local
# cloud with the official AWS CLI, the commands that the doctor gives for it are run by a shell, and
# then the check has to pass.
#
# usage: aws_cli_doctor.sh     with MVPDASH, the path of the program
# One "ok" or "not ok" line per check; exit 1 when one fails. Needs jq.
set -u
: "${MVPDASH:?the path of the program}"
tag=t$$
failed=0
work=$(mktemp -d)
cloud=
trap '[ -z "$cloud" ] || kill "$cloud"; rm -rf "$work"' EXIT
export HOME="$work" XDG_STATE_HOME="$work/state" XDG_CONFIG_HOME="$work/config" AWS_PAGER='' LC_ALL=C.UTF-8

mkfifo "$work/fifo"
"$MVPDASH" local --listen 127.0.0.1:0 --data "$work/cloud" >"$work/fifo" 2>"$work/cloud.log" &
cloud=$!
head -n 5 "$work/fifo" >"$work/env"
# shellcheck disable=SC1091
. "$work/env"

# What a person's shell has; the endpoint is given as an option because AWS CLI 1 forgets
# AWS_ENDPOINT_URL for SQS.
mkdir "$work/bin"
real=$(command -v aws)
printf '#!/bin/sh\nexec "%s" --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n' "$real" >"$work/bin/aws"
ln -s "$MVPDASH" "$work/bin/mvpdash"
chmod +x "$work/bin/aws"
PATH=$work/bin:$PATH
export PATH

verdict() { # STATUS NAME
    if [ "$1" -eq 0 ]; then
        printf 'ok %s\n' "$2"
    else
        printf 'not ok %s\n' "$2"
        sed 's/^/# /' "$work/why" "$work/err" 2>/dev/null | cut -c1-1000 | head -20
        failed=1
    fi
}
check() { # ID: what the doctor finds of it, into $work/check
    mvpdash doctor --json >"$work/out" 2>"$work/err"
    jq -e --arg id "$1" '.checks[] | select(.id == $id)' "$work/out" >"$work/check"
    cp "$work/check" "$work/why"
}
# mends ID STATE TEXT [WHICH]: the check is STATE and says TEXT; its commands (or only the WHICHth,
# from the end with -1) are run; then it passes.
mends() {
    check "$1"
    jq -e --arg s "$2" --arg t "$3" '.state == $s and (.detail | contains($t))' "$work/check" >/dev/null
    verdict $? "$1 is $2: $3"
    jq -r --argjson which "${4:-null}" '.commands | if $which == null then .[] else .[$which] end' "$work/check" >"$work/commands"
    [ -s "$work/commands" ]
    verdict $? "$1 has a command"
    while IFS= read -r line; do
        sh -c "$line" >>"$work/err" 2>&1 </dev/null
        verdict $? "it runs: $(printf '%s' "$line" | cut -c1-70)..."
    done <"$work/commands"
    check "$1"
    jq -e '.state == "PASS"' "$work/check" >/dev/null
    verdict $? "$1 passes then"
}
broken() { # COMMAND...: breaks something
    "$@" >"$work/err" 2>&1
    verdict $? "(broken) $(printf '%s' "$*" | cut -c1-60)"
}

bus='--event-bus-name mvp-development'
rule=mvp-development-rule
account=000000000000
pipeline_queue=arn:aws:batch:us-east-1:$account:job-queue/mvp-pipeline-queue
target() { # the target that starts jobs, through a jq filter
    # shellcheck disable=SC2086
    aws events list-targets-by-rule --rule $rule $bus --output json |
        jq -c "[.Targets[] | select(.Id == \"batch\") | $1]"
}
put_target() {
    # shellcheck disable=SC2086
    broken aws events put-targets --rule $rule $bus --targets "$(target "$1")"
}

# ---- A: configuration
mkdir -p "$work/config/mvpdash"
echo '# mine' >"$work/config/mvpdash/config.ini"
chmod go+w "$work/config/mvpdash/config.ini"
mends A1 WARN 'may be written by others'

# ---- rule and pattern
# shellcheck disable=SC2086
broken aws events disable-rule --name $rule $bus
mends D3 FAIL "rule $rule is DISABLED"
# shellcheck disable=SC2086
broken aws events put-rule --name $rule $bus --event-pattern '{"source":["somebody.else"]}'
mends D4 FAIL 'needs source in ["somebody.else"]'
# shellcheck disable=SC2086
broken aws events put-rule --name old $bus --event-pattern '{"source":["founderdash.web"]}'
# shellcheck disable=SC2086
broken aws events put-targets --rule old $bus --targets "$(target .)"
mends D5 WARN 'rule old matches too'

# ---- target
put_target '.Arn = "arn:aws:batch:us-east-1:000000000000:job-queue/old"'
mends D6 FAIL 'points to queue old' -1
put_target 'del(.InputTransformer)'
mends D6 FAIL 'has no InputTransformer'
put_target 'del(.DeadLetterConfig)'
mends D9 WARN 'has no dead letter queue'
put_target '.RetryPolicy = {"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60}'
mends D9 WARN 'gives up after 1m'
broken aws batch register-job-definition --job-definition-name mvp-pipeline-job --type container \
    --platform-capabilities FARGATE --timeout attemptDurationSeconds=600 --container-properties \
    '{"image":"i","executionRoleArn":"arn:aws:iam::000000000000:role/x","resourceRequirements":[{"type":"VCPU","value":"1"},{"type":"MEMORY","value":"2048"}]}'
put_target '.BatchParameters.JobDefinition = "mvp-pipeline-job:1"'
mends F3 WARN 'pinned to mvp-pipeline-job:1'

# ---- dead letter queue
url=$(aws sqs get-queue-url --queue-name mvp-development-dlq --query QueueUrl --output text)
broken aws sqs send-message --queue-url "$url" --message-body '{}'
check E4
command=$(jq -r '.commands[0]' "$work/check")
sh -c "$command" >"$work/err" 2>&1
verdict $? "E4: it runs: $command"
grep -q 'no event; JSON' "$work/err"
verdict $? 'and shows what lies there'
broken aws sqs set-queue-attributes --queue-url "$url" --attributes MessageRetentionPeriod=3600
mends E1 WARN 'keeps messages for only 1 h'
broken aws sqs set-queue-attributes --queue-url "$url" --attributes Policy=
mends E2 FAIL 'has no policy'
broken aws sqs delete-queue --queue-url "$url"
mends E1 FAIL 'does not exist'
mends E2 FAIL 'has no policy'

# ---- Batch and its log
broken aws batch update-job-queue --job-queue mvp-pipeline-queue --state DISABLED
mends F1 FAIL 'is DISABLED'
broken aws batch register-job-definition --job-definition-name mvp-pipeline-job --type container \
    --platform-capabilities FARGATE --timeout attemptDurationSeconds=600 --container-properties \
    '{"image":"i","executionRoleArn":"arn:aws:iam::000000000000:role/x","resourceRequirements":[{"type":"VCPU","value":"1"},{"type":"MEMORY","value":"2048"}],"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/mvp/jobs"}}}'
mends G1 FAIL 'log group /mvp/jobs does not exist'

# ---- a table of one's own: both indexes and the stream
DYNAMODB_TABLE_NAME=$tag-jobs
export DYNAMODB_TABLE_NAME
broken aws dynamodb create-table --table-name "$tag-jobs" --billing-mode PAY_PER_REQUEST \
    --key-schema AttributeName=jobId,KeyType=HASH --attribute-definitions AttributeName=jobId,AttributeType=S
mends C1 WARN 'index user-jobs-index is missing'
unset DYNAMODB_TABLE_NAME

# ---- from nothing to a system, by remedies alone
EVENTBRIDGE_BUS_NAME=$tag EVENTBRIDGE_RULE_NAME=start
export EVENTBRIDGE_BUS_NAME EVENTBRIDGE_RULE_NAME
mends D1 FAIL "bus $tag does not exist"
mends D3 FAIL "there is no rule start on bus $tag"
check D6
jq -e '.state == "FAIL" and .commands == [] and (.remedy | contains("in place of ROLE"))' "$work/check" >/dev/null
verdict $? 'D6 says what to fill in where it cannot know'
jq -r .remedy "$work/check" | sed 's/.*ROLE: //; s/ROLE/mvp-development-events/' >"$work/command"
sh "$work/command" >"$work/err" 2>&1
verdict $? 'and with that it runs'
mends D9 WARN 'has no dead letter queue'
mends E2 FAIL 'for other rules only'
unset EVENTBRIDGE_BUS_NAME EVENTBRIDGE_RULE_NAME
check E2
jq -e '.state == "PASS"' "$work/check" >/dev/null
verdict $? 'and the rule that was let in before still is'
[ "$(target '.Arn' | jq -r '.[0]')" = "$pipeline_queue" ]
verdict $? 'the old target is as it was'

check D3
mvpdash doctor --json | jq -e '.headline == null' >/dev/null
verdict $? 'nothing is left broken'
exit $failed
