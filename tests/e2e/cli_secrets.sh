#!/bin/sh
# No secret on stdout, stderr, in ps, in a log, or in a file that others may read.
. "$(dirname "$0")/lib.sh"
cloud_start
secret=hunter2unlikely
export FOUNDERDASH_DATABASE_URL="postgresql://app:$secret@db.example:5432/x"

quiet() { # DESCRIPTION: neither the password nor the secret key in what was printed
    cat "$T/out" "$T/err" >"$T/both"
    hasnt "$1: no password" "$T/both" "$secret"
    hasnt "$1: no secret key" "$T/both" "$AWS_SECRET_ACCESS_KEY"
}

exits 0 send --user-id u --product-id p --debug --json
job=$(json "$T/out" 'd["jobId"]')
has "--debug logs requests" "$T/err" "PutItem"
quiet "send --debug"
DEBUG=1 run send --user-id u --product-id p --wait
quiet "send --wait with DEBUG=1"
has "DEBUG=1 is --debug" "$T/err" "PutEvents"
run status "$job" --json --debug
quiet "status"
run list --json --debug
quiet "list"
run config
quiet "config"
run config --json
quiet "config --json"
run retry "$job" --debug
quiet "retry"
run logs "$job" --debug
quiet "logs"
AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_MAX_ATTEMPTS=1 run send --user-id u --product-id p --debug
quiet "send without a link"
is "it waits in the outbox" "$(find "$XDG_STATE_HOME/mvpdash/outbox" -name '*.json' | wc -l | tr -d ' ')" "$([ "$RC" = 5 ] && echo 1)"
is "that only its owner may read" "$(find "$XDG_STATE_HOME" "$T/cloud" \( -type f -perm /077 -o -type d -name mvpdash -perm /077 \) -print)" ""

exits 2 send --user-id u --product-id p --database-url "postgresql://app:$secret@db.example/x"
has "a secret is not taken from the command line" "$T/err" "FOUNDERDASH_DATABASE_URL"
quiet "--database-url"

# The event carries it; the record does not.
run status "$job" --json
hasnt "the record holds no password" "$T/out" "$secret"
done_testing
