#!/bin/sh
# The official AWS CLI on EventBridge, Batch, Logs, SQS and STS of the local cloud.
#
# usage: aws_cli_cloud.sh      with the environment that `mvpdash local` prints
# One "ok" or "not ok" line per check; exit 1 when one fails. Needs jq.
#
# The endpoint is given as an option: AWS CLI 1 forgets AWS_ENDPOINT_URL for SQS.
set -u
tag=t$$
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
account=000000000000

export AWS_PAGER=
cli() { aws --endpoint-url "$AWS_ENDPOINT_URL" --output json "$@"; }

verdict() { # STATUS NAME
    if [ "$1" -eq 0 ]; then
        printf 'ok %s\n' "$2"
    else
        printf 'not ok %s\n' "$2"
        sed 's/^/# /' "$work/out" "$work/err" 2>/dev/null | head -20
        failed=1
    fi
}
# is NAME JQ-CONDITION ARGS...: the command works and its output meets the condition.
is() {
    name=$1 condition=$2
    shift 2
    cli "$@" >"$work/out" 2>"$work/err" && { [ -s "$work/out" ] || echo '{}' >"$work/out"; } &&
        jq -e "$condition" "$work/out" >/dev/null 2>>"$work/err"
    verdict $? "$name"
}
# refuses NAME CODE ARGS...: the command fails with this error code.
refuses() {
    name=$1 code=$2
    shift 2
    if cli "$@" >"$work/out" 2>"$work/err"; then
        verdict 1 "$name"
    else
        grep -q "($code)" "$work/err"
        verdict $? "$name"
    fi
}
# waits NAME JQ-CONDITION ARGS...: as `is`, within about 30 s.
waits() {
    name=$1 condition=$2
    shift 2
    tries=0
    until cli "$@" >"$work/out" 2>"$work/err" && jq -e "$condition" "$work/out" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 40 ] || break
    done
    jq -e "$condition" "$work/out" >/dev/null 2>&1
    verdict $? "$name"
}
value() { jq -r "$1" "$work/out"; }

# --- STS
is 'sts get-caller-identity' ".Account == \"$account\" and (.Arn | endswith(\":user/local\"))" sts get-caller-identity
is 'sts assume-role' '.Credentials.AccessKeyId | startswith("ASIA")' \
    sts assume-role --role-arn "arn:aws:iam::$account:role/r" --role-session-name "$tag"
key=$(value .Credentials.AccessKeyId) secret=$(value .Credentials.SecretAccessKey) token=$(value .Credentials.SessionToken)
AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$secret AWS_SESSION_TOKEN=$token \
    aws --endpoint-url "$AWS_ENDPOINT_URL" sts get-caller-identity >"$work/out" 2>"$work/err"
verdict $? 'sts: temporary keys work'
AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$secret AWS_SESSION_TOKEN=wrong \
    aws --endpoint-url "$AWS_ENDPOINT_URL" sts get-caller-identity >"$work/out" 2>"$work/err"
[ $? -ne 0 ] && grep -q InvalidClientTokenId "$work/err"
verdict $? 'sts: and not with another token'
refuses 'sts assume-role of another account' AccessDenied \
    sts assume-role --role-arn arn:aws:iam::123456789012:role/r --role-session-name "$tag"
refuses 'sts assume-role-with-web-identity' AccessDenied \
    sts assume-role-with-web-identity --role-arn "arn:aws:iam::$account:role/r" --role-session-name "$tag" --web-identity-token abcd

# --- SQS
is 'sqs create-queue' '.QueueUrl' sqs create-queue --queue-name "$tag-q" --attributes VisibilityTimeout=60
url=$(value .QueueUrl)
is 'sqs create-queue again' '.QueueUrl' sqs create-queue --queue-name "$tag-q"
is 'sqs get-queue-url' ".QueueUrl == \"$url\"" sqs get-queue-url --queue-name "$tag-q"
is 'sqs list-queues' '.QueueUrls | length == 1' sqs list-queues --queue-name-prefix "$tag"
is 'sqs send-message (digests)' '.MD5OfMessageBody and .MD5OfMessageAttributes' \
    sqs send-message --queue-url "$url" --message-body 'größe & co' --message-attributes \
    '{"A":{"DataType":"String","StringValue":"v"},"N":{"DataType":"Number","StringValue":"1"},"B":{"DataType":"Binary","BinaryValue":"AQID"}}'
is 'sqs receive-message (digests)' '.Messages[0] | .Body == "größe & co" and .MessageAttributes.A.StringValue == "v" and .Attributes.ApproximateReceiveCount == "1"' \
    sqs receive-message --queue-url "$url" --message-attribute-names All --attribute-names All --wait-time-seconds 1
handle=$(value '.Messages[0].ReceiptHandle')
is 'sqs get-queue-attributes' '.Attributes | .ApproximateNumberOfMessagesNotVisible == "1" and .VisibilityTimeout == "60"' \
    sqs get-queue-attributes --queue-url "$url" --attribute-names All
is 'sqs change-message-visibility' true sqs change-message-visibility --queue-url "$url" --receipt-handle "$handle" --visibility-timeout 0
is 'sqs receive-message again' '.Messages | length == 1' sqs receive-message --queue-url "$url"
handle=$(value '.Messages[0].ReceiptHandle')
is 'sqs delete-message' true sqs delete-message --queue-url "$url" --receipt-handle "$handle"
is 'sqs delete-message-batch' '(.Failed | length == 1) and .Failed[0].Code == "ReceiptHandleIsInvalid"' \
    sqs delete-message-batch --queue-url "$url" --entries '[{"Id":"a","ReceiptHandle":"nonsense"}]'
is 'sqs set-queue-attributes' true sqs set-queue-attributes --queue-url "$url" --attributes VisibilityTimeout=5
refuses 'sqs set-queue-attributes (bad value)' InvalidAttributeValue sqs set-queue-attributes --queue-url "$url" --attributes VisibilityTimeout=x
is 'sqs purge-queue' true sqs purge-queue --queue-url "$url"
refuses 'sqs receive-message (too many)' InvalidParameterValue sqs receive-message --queue-url "$url" --max-number-of-messages 11
refuses 'sqs send-message to nobody' AWS.SimpleQueueService.NonExistentQueue sqs send-message --queue-url "$AWS_ENDPOINT_URL/$account/nobody" --message-body x

# --- Logs
is 'logs create-log-group' true logs create-log-group --log-group-name "/$tag"
refuses 'logs create-log-group again' ResourceAlreadyExistsException logs create-log-group --log-group-name "/$tag"
is 'logs create-log-stream' true logs create-log-stream --log-group-name "/$tag" --log-stream-name s
now=$(date +%s)000
is 'logs put-log-events' .nextSequenceToken logs put-log-events --log-group-name "/$tag" --log-stream-name s \
    --log-events "timestamp=$now,message=one" "timestamp=$now,message=two" "timestamp=$now,message=three"
is 'logs get-log-events' '[.events[].message] == ["one","two"]' \
    logs get-log-events --log-group-name "/$tag" --log-stream-name s --start-from-head --limit 2
forward=$(value .nextForwardToken)
is 'logs get-log-events, next page' '[.events[].message] == ["three"]' \
    logs get-log-events --log-group-name "/$tag" --log-stream-name s --start-from-head --next-token "$forward"
forward=$(value .nextForwardToken)
is 'logs get-log-events, the end' ".nextForwardToken == \"$forward\"" \
    logs get-log-events --log-group-name "/$tag" --log-stream-name s --start-from-head --next-token "$forward"
is 'logs filter-log-events' '[.events[].message] == ["two"]' logs filter-log-events --log-group-name "/$tag" --filter-pattern 'two -one'
is 'logs filter-log-events (phrase)' '[.events[].message] == ["three"]' logs filter-log-events --log-group-name "/$tag" --filter-pattern '"hre"'
is 'logs filter-log-events (?terms)' '[.events[].message] == ["one","three"]' \
    logs filter-log-events --log-group-name "/$tag" --filter-pattern '?one ?three' --log-stream-names s
is 'logs filter-log-events (regular expression)' '[.events[].message] == ["one","two"]' \
    logs filter-log-events --log-group-name "/$tag" --filter-pattern '%^\w{3}$%' --start-time "$now" --end-time "$now"
is 'logs filter-log-events, all pages' '[.events[].message] == ["one","two","three"]' \
    logs filter-log-events --log-group-name "/$tag" --page-size 1
is 'logs filter-log-events before the first' '.events == []' logs filter-log-events --log-group-name "/$tag" --end-time "$((now - 1))"
refuses 'logs filter-log-events (a term with a colon)' InvalidParameterException logs filter-log-events --log-group-name "/$tag" --filter-pattern 'a:b'
refuses 'logs filter-log-events (half an expression)' InvalidParameterException logs filter-log-events --log-group-name "/$tag" --filter-pattern '%[a%'
refuses 'logs filter-log-events (a stream that is not there)' ResourceNotFoundException \
    logs filter-log-events --log-group-name "/$tag" --log-stream-names s no
refuses 'logs filter-log-events (names and a prefix)' InvalidParameterException \
    logs filter-log-events --log-group-name "/$tag" --log-stream-names s --log-stream-name-prefix s
refuses 'logs filter-log-events of nothing' ResourceNotFoundException logs filter-log-events --log-group-name "/no-$tag"
refuses 'logs filter-log-events (JSON pattern)' InvalidParameterException logs filter-log-events --log-group-name "/$tag" --filter-pattern '{ $.a = 1 }'
is 'logs describe-log-groups' '.logGroups[0].arn | endswith(":*")' logs describe-log-groups --log-group-name-prefix "/$tag"
is 'logs describe-log-streams' '.logStreams[0].lastEventTimestamp' logs describe-log-streams --log-group-name "/$tag" --order-by LastEventTime --descending
refuses 'logs get-log-events of nothing' ResourceNotFoundException logs get-log-events --log-group-name "/$tag" --log-stream-name no
refuses 'logs put-log-events of nothing' ResourceNotFoundException logs put-log-events --log-group-name "/no-$tag" --log-stream-name s --log-events "timestamp=$now,message=one"

# --- Batch
is 'batch create-compute-environment' .computeEnvironmentArn batch create-compute-environment --compute-environment-name "$tag-ce" --type MANAGED
is 'batch describe-compute-environments' '.computeEnvironments[0].status == "VALID"' batch describe-compute-environments --compute-environments "$tag-ce"
is 'batch create-job-queue' .jobQueueArn batch create-job-queue --job-queue-name "$tag-jq" --priority 2 \
    --compute-environment-order "order=1,computeEnvironment=$tag-ce"
queue=$(value .jobQueueArn)
refuses 'batch create-job-queue without its environment' ClientException batch create-job-queue --job-queue-name "$tag-x" --priority 2 \
    --compute-environment-order order=1,computeEnvironment=nothing
is 'batch update-job-queue' .jobQueueArn batch update-job-queue --job-queue "$tag-jq" --priority 3
is 'batch describe-job-queues' '.jobQueues[0] | .priority == 3 and .state == "ENABLED"' batch describe-job-queues --job-queues "$queue"
is 'batch register-job-definition' '.revision == 1' batch register-job-definition --job-definition-name "$tag-jd" --type container \
    --container-properties '{"image":"busybox","command":["sh","-c","echo says Ref::what; exit Ref::code"]}' --parameters what=nothing,code=0
is 'batch describe-job-definitions' '.jobDefinitions[0].status == "ACTIVE"' batch describe-job-definitions --job-definition-name "$tag-jd"
is 'batch submit-job' .jobId batch submit-job --job-name good --job-queue "$queue" --job-definition "$tag-jd" --parameters what=hello
good=$(value .jobId)
waits 'batch describe-jobs: SUCCEEDED' '.jobs[0] | .status == "SUCCEEDED" and .container.exitCode == 0' batch describe-jobs --jobs "$good"
stream=$(value '.jobs[0].container.logStreamName')
is 'its log' '.events[0].message == "says hello"' logs get-log-events --log-group-name /aws/batch/job --log-stream-name "$stream" --start-from-head
is 'batch submit-job that fails' .jobId batch submit-job --job-name bad --job-queue "$tag-jq" --job-definition "$tag-jd:1" --parameters code=3
bad=$(value .jobId)
waits 'batch describe-jobs: FAILED' '.jobs[0] | .status == "FAILED" and .container.exitCode == 3 and (.attempts | length == 1)' batch describe-jobs --jobs "$bad"
is 'batch submit-job that stays' .jobId batch submit-job --job-name long --job-queue "$tag-jq" --job-definition "$tag-jd" --container-overrides '{"command":["sleep","600"]}'
long=$(value .jobId)
waits 'batch list-jobs: RUNNING' ".jobSummaryList | map(select(.jobId == \"$long\")) | length == 1" batch list-jobs --job-queue "$tag-jq"
is 'batch cancel-job does nothing to it' true batch cancel-job --job-id "$long" --reason no
is 'it still runs' '.jobs[0].status == "RUNNING"' batch describe-jobs --jobs "$long"
is 'batch terminate-job' true batch terminate-job --job-id "$long" --reason 'enough of it'
waits 'it is FAILED with the reason' '.jobs[0] | .status == "FAILED" and .statusReason == "enough of it"' batch describe-jobs --jobs "$long"
is 'batch list-jobs by state' '.jobSummaryList | length == 2' batch list-jobs --job-queue "$tag-jq" --job-status FAILED
is 'batch list-jobs by name' '.jobSummaryList | length == 1' batch list-jobs --job-queue "$tag-jq" --filters name=JOB_NAME,values='GO*'
is 'batch list-jobs by time, newest first' ".jobSummaryList | length == 3 and .[0].jobId == \"$long\"" \
    batch list-jobs --job-queue "$tag-jq" --filters name=AFTER_CREATED_AT,values=1000
is 'batch deregister-job-definition' true batch deregister-job-definition --job-definition "$tag-jd:1"
refuses 'batch submit-job of an inactive definition' ClientException batch submit-job --job-name x --job-queue "$tag-jq" --job-definition "$tag-jd:1"
refuses 'batch list-jobs of nothing' ClientException batch list-jobs --job-queue "no-$tag"

# --- EventBridge
is 'events create-event-bus' .EventBusArn events create-event-bus --name "$tag-bus"
refuses 'events create-event-bus again' ResourceAlreadyExistsException events create-event-bus --name "$tag-bus"
is 'events describe-event-bus' ".Name == \"$tag-bus\"" events describe-event-bus --name "$tag-bus"
is 'events list-event-buses' 'any(.EventBuses[]; .Name == "default")' events list-event-buses
is 'events put-rule' .RuleArn events put-rule --name "$tag-rule" --event-bus-name "$tag-bus" \
    --event-pattern '{"source":["app"],"detail":{"n":[{"numeric":[">",1]}]}}'
rule=$(value .RuleArn)
refuses 'events put-rule (bad pattern)' InvalidEventPatternException events put-rule --name x --event-bus-name "$tag-bus" --event-pattern '{"a":[{"huh":1}]}'
is 'events describe-rule' '.State == "ENABLED"' events describe-rule --name "$tag-rule" --event-bus-name "$tag-bus"
is 'events disable-rule' true events disable-rule --name "$tag-rule" --event-bus-name "$tag-bus"
is 'events list-rules' '.Rules[0].State == "DISABLED"' events list-rules --event-bus-name "$tag-bus"
is 'events enable-rule' true events enable-rule --name "$tag-rule" --event-bus-name "$tag-bus"
policy=$(jq -cn --arg r "$rule" '{Statement:[{Effect:"Allow",Principal:{Service:"events.amazonaws.com"},Action:"sqs:SendMessage",Resource:"*",Condition:{ArnEquals:{"aws:SourceArn":$r}}}]} | tostring | {Policy:.}')
is 'sqs: a policy that lets the rule in' true sqs set-queue-attributes --queue-url "$url" --attributes "$policy"
is 'events put-targets' '.FailedEntryCount == 0' events put-targets --rule "$tag-rule" --event-bus-name "$tag-bus" --targets "$(
    jq -cn --arg q "arn:aws:sqs:$AWS_REGION:$account:$tag-q" --arg x "arn:aws:sqs:$AWS_REGION:$account:gone" \
        '[{Id:"q",Arn:$q,InputTransformer:{InputPathsMap:{n:"$.detail.n"},InputTemplate:"{\"got\":<n>}"}},{Id:"x",Arn:$x,DeadLetterConfig:{Arn:$q}}]'
)"
is 'events put-targets (one that cannot be)' '.FailedEntryCount == 1' events put-targets --rule "$tag-rule" --event-bus-name "$tag-bus" \
    --targets "Id=l,Arn=arn:aws:lambda:$AWS_REGION:$account:function:f"
is 'events list-targets-by-rule' '.Targets | length == 2' events list-targets-by-rule --rule "$tag-rule" --event-bus-name "$tag-bus"
is 'events test-event-pattern' '.Result == true' events test-event-pattern --event-pattern '{"source":["app"]}' \
    --event '{"id":"1","account":"1","source":"app","time":"2026-01-02T03:04:05Z","region":"r","resources":[],"detail-type":"t"}'
refuses 'events test-event-pattern (bad pattern)' InvalidEventPatternException events test-event-pattern --event-pattern '{' --event '{}'
is 'events put-events' '.FailedEntryCount == 0 and .Entries[0].EventId' events put-events --entries \
    "[{\"Source\":\"app\",\"DetailType\":\"t\",\"EventBusName\":\"$tag-bus\",\"Detail\":\"{\\\"n\\\":2}\"}]"
is 'events put-events (one refused)' '.FailedEntryCount == 1 and .Entries[1].ErrorCode == "MalformedDetail"' events put-events --entries \
    "[{\"Source\":\"app\",\"DetailType\":\"t\",\"EventBusName\":\"$tag-bus\",\"Detail\":\"{\\\"n\\\":1}\"},{\"Source\":\"app\",\"DetailType\":\"t\",\"Detail\":\"no\"}]"
waits 'both deliveries are there' '.Attributes.ApproximateNumberOfMessages == "2"' \
    sqs get-queue-attributes --queue-url "$url" --attribute-names ApproximateNumberOfMessages
is 'the target got its input, the dead letter says why' \
    'any(.Messages[]; .Body == "{\"got\":2}") and any(.Messages[]; .MessageAttributes.ERROR_CODE.StringValue == "NO_RESOURCE")' \
    sqs receive-message --queue-url "$url" --max-number-of-messages 10 --message-attribute-names All
refuses 'events delete-rule with targets' ValidationException events delete-rule --name "$tag-rule" --event-bus-name "$tag-bus"
is 'events remove-targets' '.FailedEntryCount == 0' events remove-targets --rule "$tag-rule" --event-bus-name "$tag-bus" --ids q x
is 'events delete-rule' true events delete-rule --name "$tag-rule" --event-bus-name "$tag-bus"
is 'events delete-event-bus' true events delete-event-bus --name "$tag-bus"
refuses 'events describe-rule of nothing' ResourceNotFoundException events describe-rule --name "$tag-rule" --event-bus-name "$tag-bus"
is 'sqs delete-queue' true sqs delete-queue --queue-url "$url"

exit "$failed"
