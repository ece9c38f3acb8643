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

# ---- secrets of every form that people put where they do not belong ----
cat >"$T/metadata" <<'JSON'
{"repo": "postgres://u:pa/SL4SH@h/db", "q": "mysql://u:pa?QU3RY#x@h/db", "at": "redis://:pa@AT5IGN@h:6379/0",
 "up": "MONGODB://u:UPP3R@h/db", "dsn2": "host=h password=KEYW0RD dbname=x", "ado": "Server=h;Uid=u;Pwd=AD0NET;Database=x",
 "jdbc": "jdbc:postgresql://h/db?user=u&password=JDBC99&ssl=true", "go": "u:G0DSN@tcp(h:3306)/db",
 "encoded": "url=postgres%3A%2F%2Fu%3APERC3NT%40h%2Fdb", "githubToken": "GH0ST1", "nested": {"apiKey": "AP1KEY", "pin": {"client_secret": 778899}},
 "list": [{"name": "DB_PASSWORD", "value": "L1STED"}], "text": "{\"password\":\"INN3R\"}", "shown": "https://example.com/SH0WN?mail=me@x.com"}
JSON
words='SL4SH QU3RY AT5IGN UPP3R KEYW0RD AD0NET JDBC99 G0DSN PERC3NT GH0ST1 AP1KEY 778899 L1STED INN3R'
none_in() { # DESCRIPTION FILE
    for word in $words; do
        if grep -q -e "$word" "$2"; then
            fail "$1" "$word in:" "$(grep -e "$word" "$2" | head -3)"
            return
        fi
    done
    pass "$1"
}
unset FOUNDERDASH_DATABASE_URL
exits 0 send --user-id u --product-id p --metadata "$(cat "$T/metadata")" --debug --json
none_in "send --debug" "$T/err"
job=$(json "$T/out" 'd["jobId"]')
within 30 sh -c "'$MVPDASH' status $job --json | grep -q '\"status\":\"COMPLETED\"'"
run report "$job" --status FAILED --error "cannot reach $(json "$T/metadata" '" ".join([d["repo"], d["q"], d["at"], d["up"], d["dsn2"], d["go"]])') password: KEYW0RD \"githubToken\": \"GH0ST1\""
none_in "report" "$T/err"
for what in "status $job" "status $job --json" "status $job --record" "list --json" "list" "logs $job" "logs $job --json" "logs --rule" "logs --rule --json" "doctor --job $job" "retry $job --debug"; do
    # shellcheck disable=SC2086
    run $what
    cat "$T/out" "$T/err" >"$T/both"
    none_in "$what" "$T/both"
done
run status "$job" --json
has "what is no secret is shown" "$T/out" "https://example.com/SH0WN?mail=me@x.com"
has "and the host of one that is" "$T/out" "postgres://u:****@h/db"
python3 -c 'import json, sys; print(json.dumps({"userId": "u", "productId": "p", "metadata": json.load(open(sys.argv[1]))}))' "$T/metadata" >"$T/deploys.jsonl"
run batch "$T/deploys.jsonl" --dry-run --json
none_in "batch --dry-run --json" "$T/out"
"$MVPDASH" serve --listen 127.0.0.1:0 --access-log "$T/access" >"$T/serve" 2>&1 &
E2E_PIDS="$E2E_PIDS $!"
within 20 grep -q -o 'http://127.0.0.1:[0-9]*' "$T/serve"
api=$(grep -o 'http://127.0.0.1:[0-9]*' "$T/serve" | head -1)
curl -s --noproxy '*' "$api/status/$job" >"$T/rest"
has "REST knows the job" "$T/rest" "$job"
none_in "REST GET /status" "$T/rest"
curl -s --noproxy '*' "$api/jobs/u" >"$T/rest"
none_in "REST GET /jobs" "$T/rest"
curl -s --noproxy '*' -H 'Content-Type: application/json' --data '{"userId":"u","productId":"p","priority":"postgres://u:pa/SL4SH@h"}' "$api/deploy" >"$T/rest"
none_in "a refused POST /deploy" "$T/rest"
find "$XDG_STATE_HOME" -type f -name '*log*' -exec cat {} + >"$T/both" 2>/dev/null
none_in "the log of debug" "$T/both"
done_testing
