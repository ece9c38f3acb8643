#!/bin/sh
# mvpdash serve with few descriptors and many clients: nothing fails for want of a descriptor.
# shellcheck disable=SC3045 # every sh that the tests run in has ulimit -n
. "$(dirname "$0")/lib.sh"
needs curl
export MVP_STEP_SECONDS=0
cloud_start
here=$(cd "$(dirname "$0")" && pwd)
body='{"userId":"u","productId":"p"}'

# serve NAME DESCRIPTORS ARGUMENTS...: starts it, sets $PID and $URL.
serve() {
    name=$1
    files=$2
    shift 2
    (
        ulimit -n "$files" || exit 9
        # A machine that is busy with other things is no reason for a 503 here.
        exec "$MVPDASH" serve --listen 127.0.0.1:0 --rate 0 --timeout 120 --access-log none "$@"
    ) >"$T/$name.out" 2>"$T/$name.err" </dev/null &
    PID=$!
    E2E_PIDS="$E2E_PIDS $PID"
    listening() { grep -q '://' "$T/$name.out" || ! kill -0 "$PID"; }
    within 20 listening
    URL=$(grep -o 'http://[^"]*' "$T/$name.out")
    case $URL in
    http*) ;;
    *)
        fail "serve starts: $name" "$(cat "$T/$name.err")"
        done_testing
        ;;
    esac
}
metric() { curl -sS --max-time 60 "$URL/metrics" | sed -n "s/^$1 //p"; }
deploys() { # N: as many deploys one after another; prints the statuses, each once with its count
    i=0
    while [ "$i" -lt "$1" ]; do
        curl -sS --max-time 120 --retry 60 -o "$T/deploy.body" -w '%{http_code}\n' -H 'Content-Type: application/json' \
            -d "$body" "$URL/deploy"
        i=$((i + 1))
    done | sort | uniq -c | sed 's/^ *//'
}
stop() {
    kill -TERM "$PID"
    wait "$PID"
    is "it ends in order" "$?" 0
}

for files in 1024 256; do
    serve "few.$files" "$files"
    has "it says what fits into $files" "$T/few.$files.err" "requests at once, "
    has "of how many" "$T/few.$files.err" "connections to AWS ($files descriptors)"
    is "process_max_fds" "$(metric process_max_fds)" "$files"
    # Deploys while 256 clients ask for a job that is not there, and after them. A 503 means that nothing
    # was done: curl asks again.
    python3 "$here/load.py" "$URL" 256 15 /status/none >"$T/load.$files" &
    load=$!
    busy() { [ "$(metric mvpdash_http_connections)" -ge 64 ]; }
    ok "many are there" within 20 busy
    is "deploys under the load of 256 clients with $files descriptors" "$(deploys 10)" "10 202"
    is "alive" "$(curl -sS --max-time 60 -o /dev/null -w '%{http_code}' "$URL/healthz")" 200
    wait "$load"
    # With 256 descriptors there is not room for all of them: who is over is told to come again.
    more=404
    [ "$files" -gt 300 ] || more=503
    is "each client was answered, and nothing but that there is no such job" \
        "$(json "$T/load.$files" "[k for k in d if k not in ('404', '$more')], d['404'] > 20" 2>&1)" "[[], true]"
    is "deploys after it" "$(deploys 20)" "20 202"
    ok "descriptors are within the limit" [ "$(metric process_open_fds)" -lt "$files" ]
    ok "the processor's time is told" [ "$(metric process_cpu_seconds_total)" != 0 ]
    hasnt "no descriptor was missing" "$T/few.$files.err" "Too many open files"
    stop
done

exits 4 serve --listen 127.0.0.1:0 --trusted-proxy 10.0.0.0/8 --trusted-proxy 10.0.0.0/40
has "a network that is none" "$T/err" '"10.0.0.0/40" is neither an address nor a network'
exits 2 serve --timeout 0
exits 2 serve --max-per-address -1

# The soft limit is raised to the hard one.
(
    ulimit -n 2048 && ulimit -Sn 128 || exit 9
    exec "$MVPDASH" serve --listen 127.0.0.1:0 --access-log none
) >"$T/soft.out" 2>"$T/soft.err" </dev/null &
PID=$!
E2E_PIDS="$E2E_PIDS $PID"
up() { grep -q '://' "$T/soft.out"; }
ok "with a low soft limit" within 20 up
has "the soft limit is raised" "$T/soft.err" "(2048 descriptors)"
stop
(
    ulimit -n 100
    exec "$MVPDASH" serve --listen 127.0.0.1:0 --access-log none
) >"$T/none.out" 2>"$T/none.err" </dev/null
is "too few to serve at all" "$?" 4
has "says how many it needs" "$T/none.err" "100 descriptors are too few to serve: it needs"
done_testing
