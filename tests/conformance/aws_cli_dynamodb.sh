#!/bin/sh
# The official AWS CLI against the local cloud: every DynamoDB and DynamoDB Streams operation, and
# the errors a user meets. Expects the environment that `mvpdash local` prints. TAP-like lines; exit
# status 1 when a check fails.
set -u
: "${AWS_ENDPOINT_URL:?run with the environment that mvpdash local prints}"
table="cli-$$"
n=0
failed=0
out=
status=0

# The CLI would retry what is refused; once is enough here.
AWS_MAX_ATTEMPTS=1
AWS_PAGER=
AWS_CLI_HISTORY_FILE=/dev/null
export AWS_MAX_ATTEMPTS AWS_PAGER AWS_CLI_HISTORY_FILE

result() { # 0|1, name
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $n - $2"
    else
        failed=1
        echo "not ok $n - $2"
        printf '%s\n' "$out" | sed 's/^/#   /'
    fi
}

# Version 2 takes binary values as base64 unless told to take them raw, as version 1 does.
raw=
case $(aws --version 2>&1) in
aws-cli/2*) raw="--cli-binary-format raw-in-base64-out" ;;
esac

run() { # arguments of aws: sets out and status
    # shellcheck disable=SC2086 # an option and its value
    out=$(aws --endpoint-url "$AWS_ENDPOINT_URL" $raw --output text "$@" 2>&1)
    status=$?
}

is() { # name, wanted output (tabs and newlines as blanks), arguments of aws
    name=$1
    want=$2
    shift 2
    run "$@"
    got=$(printf '%s' "$out" | tr '\t\n' '  ')
    if [ $status -eq 0 ] && [ "$got" = "$want" ]; then
        result 0 "$name"
    else
        out="wanted: $want
got ($status): $out"
        result 1 "$name"
    fi
}

fails() { # name, part of the message, arguments of aws
    name=$1
    want=$2
    shift 2
    run "$@"
    case $out in
    *"$want"*) [ $status -ne 0 ] && result 0 "$name" || result 1 "$name" ;;
    *) result 1 "$name" ;;
    esac
}

db() { # check, name, wanted, operation, further arguments: with this test's table
    check=$1
    name=$2
    want=$3
    op=$4
    shift 4
    "$check" "$name" "$want" dynamodb "$op" --table-name "$table" "$@"
}

# ---- tables -------------------------------------------------------------------------------------

db is "create-table" "ACTIVE" create-table --billing-mode PAY_PER_REQUEST \
    --attribute-definitions AttributeName=id,AttributeType=S AttributeName=n,AttributeType=N \
    AttributeName=owner,AttributeType=S \
    --key-schema AttributeName=id,KeyType=HASH AttributeName=n,KeyType=RANGE \
    --local-secondary-indexes \
    'IndexName=by-local,KeySchema=[{AttributeName=id,KeyType=HASH},{AttributeName=owner,KeyType=RANGE}],Projection={ProjectionType=KEYS_ONLY}' \
    --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES \
    --query TableDescription.TableStatus
db is "describe-table" "id HASH n RANGE NEW_AND_OLD_IMAGES" describe-table \
    --query 'Table.[KeySchema[0].[AttributeName,KeyType],KeySchema[1].[AttributeName,KeyType],[StreamSpecification.StreamViewType]][]'
is "wait table-exists" "" dynamodb wait table-exists --table-name "$table"
is "list-tables" "$table" dynamodb list-tables --query "TableNames[?@=='$table']"
db fails "create-table twice" "ResourceInUseException" create-table --billing-mode PAY_PER_REQUEST \
    --attribute-definitions AttributeName=id,AttributeType=S \
    --key-schema AttributeName=id,KeyType=HASH
is "update-table adds an index" "by-owner" dynamodb update-table --table-name "$table" \
    --attribute-definitions AttributeName=owner,AttributeType=S AttributeName=n,AttributeType=N \
    --global-secondary-index-updates \
    'Create={IndexName=by-owner,KeySchema=[{AttributeName=owner,KeyType=HASH},{AttributeName=n,KeyType=RANGE}],Projection={ProjectionType=ALL}}' \
    --query 'TableDescription.GlobalSecondaryIndexes[0].IndexName'

# ---- items --------------------------------------------------------------------------------------

db is "put-item" "1.0" put-item --return-consumed-capacity TOTAL --query ConsumedCapacity.CapacityUnits \
    --item '{"id":{"S":"a"},"n":{"N":"01.50"},"m":{"M":{"l":{"L":[{"N":"1e2"},{"NULL":true}]}}},"tags":{"SS":["x","y"]},"bin":{"B":"x"}}'
db is "get-item normalises numbers" "1.5 100 eA==" get-item --consistent-read \
    --key '{"id":{"S":"a"},"n":{"N":"1.5"}}' --query 'Item.[n.N,m.M.l.L[0].N,bin.B]'
db is "get-item with a projection" '{"m":{"M":{"l":{"L":[{"NULL":true}]}}}}' get-item \
    --key '{"id":{"S":"a"},"n":{"N":"1.5"}}' --projection-expression 'm.l[1]' --query 'to_string(Item)'
db is "get-item of what is not there" "" get-item --key '{"id":{"S":"none"},"n":{"N":"1"}}'
db fails "put-item with a failed condition" "ConditionalCheckFailedException" put-item \
    --item '{"id":{"S":"a"},"n":{"N":"1.5"}}' --condition-expression 'attribute_not_exists(id)'
db fails "put-item without its key" "Missing the key n in the item" put-item --item '{"id":{"S":"a"}}'
db fails "put-item with a bad number" "ValidationException" put-item \
    --item '{"id":{"S":"a"},"n":{"N":"x"}}'
db is "update-item" "3 1 new" update-item --key '{"id":{"S":"a"},"n":{"N":"1.5"}}' \
    --update-expression 'SET hits = if_not_exists(hits, :z) + :i, #o = :o REMOVE m ADD tags :t DELETE gone :t' \
    --expression-attribute-names '{"#o":"owner"}' \
    --expression-attribute-values '{":z":{"N":"0"},":i":{"N":"1"},":o":{"S":"new"},":t":{"SS":["z"]}}' \
    --return-values ALL_NEW --query 'Attributes.[length(tags.SS),hits.N,owner.S]'
db fails "update-item with a wrong path" "document path provided in the update expression is invalid" update-item \
    --key '{"id":{"S":"a"},"n":{"N":"1.5"}}' --update-expression 'SET gone.x = :v' \
    --expression-attribute-values '{":v":{"N":"1"}}'
db fails "update-item of a key" "This attribute is part of the key" update-item \
    --key '{"id":{"S":"a"},"n":{"N":"1.5"}}' --update-expression 'SET n = :v' \
    --expression-attribute-values '{":v":{"N":"1"}}'
db fails "a reserved word" "reserved keyword: status" update-item \
    --key '{"id":{"S":"a"},"n":{"N":"1.5"}}' --update-expression 'REMOVE status'
db is "delete-item" "a" delete-item --key '{"id":{"S":"a"},"n":{"N":"1.5"}}' \
    --return-values ALL_OLD --query Attributes.id.S

# ---- many items ---------------------------------------------------------------------------------

items=
for i in -2 0 0.5 3 9 10 100; do
    items="$items${items:+,}{\"PutRequest\":{\"Item\":{\"id\":{\"S\":\"k\"},\"n\":{\"N\":\"$i\"},\"owner\":{\"S\":\"u\"}}}}"
done
is "batch-write-item" "0" dynamodb batch-write-item --request-items "{\"$table\":[$items]}" \
    --query 'length(UnprocessedItems)'
is "batch-get-item" "100" dynamodb batch-get-item --query "Responses.\"$table\"[].n.N" --request-items \
    "{\"$table\":{\"Keys\":[{\"id\":{\"S\":\"k\"},\"n\":{\"N\":\"100\"}},{\"id\":{\"S\":\"k\"},\"n\":{\"N\":\"4\"}}],\"ProjectionExpression\":\"n\"}}"
fails "batch-get-item with duplicates" "contains duplicates" dynamodb batch-get-item --request-items \
    "{\"$table\":{\"Keys\":[{\"id\":{\"S\":\"k\"},\"n\":{\"N\":\"1\"}},{\"id\":{\"S\":\"k\"},\"n\":{\"N\":\"1.0\"}}]}}"
db is "query in the order of numbers, page by page" "-2 0 0.5 3 9 10 100" query --page-size 2 \
    --key-condition-expression 'id = :k' --expression-attribute-values '{":k":{"S":"k"}}' \
    --query 'Items[].n.N'
db is "query a range backwards" "9 3 0.5" query --no-scan-index-forward \
    --key-condition-expression 'id = :k AND n BETWEEN :a AND :b' \
    --expression-attribute-values '{":k":{"S":"k"},":a":{"N":"0.1"},":b":{"N":"9"}}' \
    --query 'Items[].n.N'
db is "query an index with a filter" "2 2" query --index-name by-owner \
    --key-condition-expression '#o = :u' --filter-expression 'contains(id, :k) AND NOT attribute_exists(gone) AND size(id) = :one AND n2 <> :u' \
    --expression-attribute-names '{"#o":"owner"}' --limit 2 --no-paginate \
    --expression-attribute-values '{":u":{"S":"u"},":k":{"S":"k"},":one":{"N":"1"}}' \
    --query '[length(Items), ScannedCount]'
db is "query a local index" "k 10 u" query --index-name by-local --limit 6 --no-paginate \
    --key-condition-expression 'id = :k AND begins_with(#o, :u)' --expression-attribute-names '{"#o":"owner"}' \
    --expression-attribute-values '{":k":{"S":"k"},":u":{"S":"u"}}' --query 'Items[5].[id.S,n.N,owner.S]'
db fails "query without the partition key" "Query condition missed key schema element: id" query \
    --key-condition-expression 'n = :n' --expression-attribute-values '{":n":{"N":"1"}}'
db fails "query an index that is not there" "does not have the specified index: nope" query --index-name nope \
    --key-condition-expression 'id = :k' --expression-attribute-values '{":k":{"S":"k"}}'
db is "scan with a filter and a projection" "9 10 100" scan --filter-expression 'n >= :n' \
    --projection-expression n --expression-attribute-values '{":n":{"N":"9"}}' --query 'Items[].n.N'
db is "scan that counts" "7" scan --select COUNT --query Count
db is "scan in segments" "7 7" scan --segment 0 --total-segments 1 --query '[Count, ScannedCount]'
db fails "scan with a wrong segment" "must be less than parameter TotalSegments" scan --segment 2 --total-segments 2

# ---- streams ------------------------------------------------------------------------------------

run dynamodbstreams list-streams --table-name "$table" --query 'Streams[0].StreamArn'
arn=$out
case $arn in arn:aws:dynamodb:*"/$table/stream/"*) result 0 "list-streams" ;; *) result 1 "list-streams" ;; esac
run dynamodbstreams describe-stream --stream-arn "$arn" --query 'StreamDescription.Shards[0].ShardId'
shard=$out
case $shard in shardId-*) result 0 "describe-stream" ;; *) result 1 "describe-stream" ;; esac
run dynamodbstreams get-shard-iterator --stream-arn "$arn" --shard-id "$shard" \
    --shard-iterator-type TRIM_HORIZON --query ShardIterator
iterator=$out
is "get-records" "INSERT MODIFY REMOVE" dynamodbstreams get-records --shard-iterator "$iterator" \
    --limit 3 --query 'Records[].eventName'
is "get-records goes on" "10" dynamodbstreams get-records --shard-iterator "$iterator" --query 'length(Records)'
fails "get-records with a wrong iterator" "Invalid ShardIterator" dynamodbstreams get-records --shard-iterator nonsense
fails "describe-stream of what is not there" "ResourceNotFoundException" dynamodbstreams describe-stream \
    --stream-arn "${arn%/*}/2020-01-01T00:00:00.000"

# ---- transactions -------------------------------------------------------------------------------

put_x='{"Put":{"TableName":"'$table'","Item":{"id":{"S":"tx"},"n":{"N":"1"}},"ConditionExpression":"attribute_not_exists(id)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}'
check_y='{"ConditionCheck":{"TableName":"'$table'","Key":{"id":{"S":"ty"},"n":{"N":"1"}},"ConditionExpression":"attribute_not_exists(id)"}}'
is "transact-write-items" "4.0 4.0" dynamodb transact-write-items --transact-items "[$put_x,$check_y]" \
    --client-request-token "cli-$$" --return-consumed-capacity TOTAL \
    --query 'ConsumedCapacity[0].[CapacityUnits,WriteCapacityUnits]'
is "the same token again costs reading" "4.0 4.0" dynamodb transact-write-items --transact-items "[$put_x,$check_y]" \
    --client-request-token "cli-$$" --return-consumed-capacity TOTAL \
    --query 'ConsumedCapacity[0].[CapacityUnits,ReadCapacityUnits]'
fails "the same token with another request" "IdempotentParameterMismatchException" dynamodb transact-write-items \
    --transact-items "[$put_x]" --client-request-token "cli-$$"
fails "a transaction that is cancelled" "(TransactionCanceledException) when calling the TransactWriteItems operation: Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]" \
    dynamodb transact-write-items --transact-items "[$check_y,$put_x]"
fails "two actions on one item" "Transaction request cannot include multiple operations on one item" \
    dynamodb transact-write-items --transact-items "[$put_x,$put_x]"
is "transact-get-items" "tx None" dynamodb transact-get-items --transact-items \
    '[{"Get":{"TableName":"'"$table"'","Key":{"id":{"S":"tx"},"n":{"N":"1"}}}},{"Get":{"TableName":"'"$table"'","Key":{"id":{"S":"ty"},"n":{"N":"1"}}}}]' \
    --query 'Responses[*].[Item.id.S]'
is "transact-write-items deletes" "" dynamodb transact-write-items --transact-items \
    '[{"Delete":{"TableName":"'"$table"'","Key":{"id":{"S":"tx"},"n":{"N":"1"}}}}]'

# ---- time to live -------------------------------------------------------------------------------

db is "describe-time-to-live" "DISABLED" describe-time-to-live --query TimeToLiveDescription.TimeToLiveStatus
db is "update-time-to-live" "at True" update-time-to-live \
    --time-to-live-specification Enabled=true,AttributeName=at --query "TimeToLiveSpecification.[AttributeName,Enabled]"
db is "describe-time-to-live, when it is on" "at ENABLED" describe-time-to-live \
    --query "TimeToLiveDescription.[AttributeName,TimeToLiveStatus]"
db fails "update-time-to-live twice" "TimeToLive is already enabled" update-time-to-live \
    --time-to-live-specification Enabled=true,AttributeName=at
db fails "update-time-to-live with another attribute" "current AttributeName is at" update-time-to-live \
    --time-to-live-specification Enabled=true,AttributeName=other
is "the local cloud has the state table" "expiresAt ENABLED" dynamodb describe-time-to-live \
    --table-name mvp-development-state --query "TimeToLiveDescription.[AttributeName,TimeToLiveStatus]"

# ---- refusals -----------------------------------------------------------------------------------

fails "a missing table" "Requested resource not found: Table: nope-nope not found" dynamodb describe-table \
    --table-name nope-nope
fails "a missing table, for items" "ResourceNotFoundException" dynamodb scan --table-name nope-nope
real=$AWS_SECRET_ACCESS_KEY
AWS_SECRET_ACCESS_KEY=wrong
fails "a wrong secret" "InvalidSignatureException" dynamodb list-tables
AWS_SECRET_ACCESS_KEY=$real
real=$AWS_ACCESS_KEY_ID
AWS_ACCESS_KEY_ID=AKIAAAAAAAAAAAAAAAAA
fails "an unknown key" "UnrecognizedClientException" dynamodb list-tables
AWS_ACCESS_KEY_ID=$real
fails "another region" "Credential should be scoped to a valid region" dynamodb list-tables --region eu-north-1
fails "an operation that is not there" "UnknownOperationException" dynamodb describe-limits

db is "delete-table" "DELETING" delete-table --query TableDescription.TableStatus
is "wait table-not-exists" "" dynamodb wait table-not-exists --table-name "$table"

echo "1..$n"
exit $failed
