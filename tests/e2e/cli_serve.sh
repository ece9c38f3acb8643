#!/bin/sh
# mvpdash serve as a process: how it starts, what it refuses, signals, TLS, being killed.
. "$(dirname "$0")/lib.sh"
needs curl openssl
export MVP_STEP_SECONDS=0
cloud_start
token=0123456789abcdef0123456789abcdef

# serve NAME ARGUMENTS...: starts it, sets $PID and $URL; its output in $T/NAME.out and .err.
serve() {
    name=$1
    shift
    "$MVPDASH" serve --listen 127.0.0.1:0 --rate 0 "$@" >"$T/$name.out" 2>"$T/$name.err" </dev/null &
    PID=$!
    E2E_PIDS="$E2E_PIDS $PID"
    listening() { grep -q '://' "$T/$name.out" || ! kill -0 "$PID"; }
    within 20 listening
    URL=$(sed 's/.*"\(http[^"]*\)".*/\1/' "$T/$name.out")
    case $URL in
    http*) ;;
    *)
        fail "serve starts: $name" "$(cat "$T/$name.err")"
        done_testing
        ;;
    esac
}
# ask METHOD PATH [CURL ARGUMENTS...]: prints the status; the body in $T/body, headers in $T/head.
ask() {
    method=$1
    path=$2
    shift 2
    : >"$T/body"
    curl -sS --max-time 120 -o "$T/body" -D "$T/head" -w '%{http_code}' -X "$method" "$@" "$URL$path" 2>"$T/curl.err"
}
body='{"userId":"u","productId":"p"}'
deploy() { ask POST /deploy -H 'Content-Type: application/json' -d "$body" "$@"; }
ended() { # STATUS of $PID within 30 s
    ends "$PID" 30
    is "$1" "$?" "$2"
}

# ---- how it starts ----

exits 4 serve --listen 0.0.0.0:0
has "without a token it stays on this machine" "$T/err" "without a token it listens on this machine only, not on 0.0.0.0"
exits 4 serve --listen '[::]:0'
exits 2 serve --listen here
exits 4 serve --listen example.com:80
has "names are no addresses" "$T/err" "not an address"
exits 2 serve --rate -1
exits 2 serve --max-connections 0
for origin in '*' null app.example https://app.example/ 'https://user@app.example'; do
    exits 4 serve --cors "$origin"
    has "no origin: $origin" "$T/err" "is not the origin of web pages"
done
MVPDASH_API_TOKEN=short exits 4 serve --listen 127.0.0.1:0
hasnt "a bad token is not quoted" "$T/err" '"short'
printf 'web %s\n' "$token" >"$T/tokens"
chmod 644 "$T/tokens"
exits 4 serve --listen 127.0.0.1:0 --token-file "$T/tokens"
has "a token file that others may read" "$T/err" "chmod 600"
exits 4 serve --listen 127.0.0.1:0 --token-file "$T/none"
exits 4 serve --listen 127.0.0.1:0 --tls-cert "$T/none"
exits 4 serve --listen 127.0.0.1:0 --access-log "$T/none/log"
mkfifo "$T/fifo"
exits 4 serve --listen 127.0.0.1:0 --access-log "$T/fifo"
has "a pipe without a reader is not waited for" "$T/err" "cannot open the access log"
export MVPDASH_API_TOKEN=$token
exits 0 config --json
hasnt "config masks the token" "$T/out" "$token"
unset MVPDASH_API_TOKEN

# ---- a whole way ----

serve plain
is "alive" "$(ask GET /healthz)" 200
is "ready" "$(ask GET /readyz)" 200
is "a deploy" "$(deploy)" 202
job=$(json "$T/body" 'd["jobId"]')
is "queued" "$(json "$T/body" '[d["status"], len(d)]')" '["queued", 3]'
completed() { [ "$(ask GET "/status/$job")" = 200 ] && [ "$(json "$T/body" 'd["status"]')" = COMPLETED ]; }
ok "the job is carried to its end" within 60 completed
exits 0 status "$job" --json
is "the command says the same" "$(json "$T/out" '[d["status"], d["userId"]]')" '["COMPLETED", "u"]'
is "it is listed" "$(ask GET '/jobs/u?status=completed')" 200
is "once" "$(json "$T/body" '[j["jobId"] for j in d["jobs"]]')" "[\"$job\"]"
is "a final job cannot be cancelled" "$(ask DELETE "/jobs/$job")" 409
is "Expect: 100-continue" "$(deploy -H 'Expect: 100-continue')" 202
is "the doctor" "$(ask POST /test-connection)" 200
is "HTTP/1.0" "$(ask GET /healthz -0)" 200
port=${URL##*:}
exits 4 serve --listen "127.0.0.1:$port"
has "a port in use is said" "$T/err" "cannot listen on 127.0.0.1 port $port"
kill -TERM "$PID"
ended "SIGTERM ends it in order" 0
is "one access line each" "$(grep -c '^{' "$T/plain.err")" "$(python3 -c '
import json, sys
print(sum(1 for x in open(sys.argv[1]) if x.startswith("{") and json.loads(x)["requestId"]))' "$T/plain.err")"

# ---- tokens, SIGHUP, the log ----

chmod 600 "$T/tokens"
serve tokens --token-file "$T/tokens" --access-log "$T/access.log" --json
is "its address as JSON" "$(json "$T/tokens.out" 'd["url"]')" "$URL"
is "no token" "$(ask GET "/status/$job")" 401
is "a wrong one" "$(ask GET "/status/$job" -H "Authorization: Bearer x$token")" 401
is "the right one" "$(ask GET "/status/$job" -H "Authorization: Bearer $token")" 200
new=ffffffffffffffffffffffffffffffff
printf 'web %s\n' "$new" >"$T/tokens"
mv "$T/access.log" "$T/access.log.1"
kill -HUP "$PID"
reloaded() { [ "$(ask GET "/status/$job" -H "Authorization: Bearer $new")" = 200 ]; }
ok "SIGHUP reads the tokens again" within 10 reloaded
is "the old one is out" "$(ask GET "/status/$job" -H "Authorization: Bearer $token")" 401
moved() { [ -s "$T/access.log" ]; }
ok "and opens the log again" within 10 moved
echo broken >"$T/tokens"
kill -HUP "$PID"
warned() { grep -q 'not reloaded' "$T/tokens.err"; }
ok "a broken file is told" within 10 warned
is "what was in force stays" "$(ask GET "/status/$job" -H "Authorization: Bearer $new")" 200
kill -INT "$PID"
ended "SIGINT ends it in order" 0
for file in access.log access.log.1 tokens.err tokens.out; do
    hasnt "no token in $file" "$T/$file" "$new"
done

# ---- TLS ----

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$T/key.pem" -out "$T/cert.pem" >/dev/null 2>&1
chmod 604 "$T/key.pem"
exits 4 serve --listen 127.0.0.1:0 --tls-cert "$T/cert.pem" --tls-key "$T/key.pem"
has "a key that anybody may read" "$T/err" "chmod 600"
chmod 600 "$T/key.pem"
exits 4 serve --listen 127.0.0.1:0 --tls-cert "$T/cert.pem"
exits 4 serve --listen 127.0.0.1:0 --tls-cert "$T/key.pem" --tls-key "$T/cert.pem"
serve tls --tls-cert "$T/cert.pem" --tls-key "$T/key.pem"
case $URL in
https://*) pass "it serves HTTPS" ;;
*) fail "it serves HTTPS" "$URL" ;;
esac
is "over TLS, verified" "$(ask GET /healthz --cacert "$T/cert.pem")" 200
is "a deploy over TLS" "$(deploy --cacert "$T/cert.pem")" 202
ok "not with TLS 1.1" sh -c "! curl -sS --tls-max 1.1 --cacert $T/cert.pem $URL/healthz"
is "not without" "$(curl -s -o "$T/plain.body" -w '%{http_code}' "http://${URL#https://}/healthz")" 400
has "and that is said" "$T/plain.body" "HTTPS"
# A renewed certificate is taken up without an end; a broken one changes nothing.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$T/key2.pem" -out "$T/cert2.pem" >/dev/null 2>&1
cp "$T/cert2.pem" "$T/cert.pem"
kill -HUP "$PID"
refused() { grep -q 'not reloaded: .*do not match' "$T/tls.err"; }
ok "a certificate without its key is refused" within 10 refused
cp "$T/key2.pem" "$T/key.pem"
kill -HUP "$PID"
renewed() { [ "$(ask GET /healthz --cacert "$T/cert2.pem")" = 200 ]; }
ok "SIGHUP takes up a renewed certificate" within 10 renewed
is "many times" "$(for i in 1 2 3 4 5 6; do
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
        -keyout "$T/key.pem" -out "$T/cert.pem" >/dev/null 2>&1
    kill -HUP "$PID"
    again() { [ "$(ask GET /healthz --cacert "$T/cert.pem")" = 200 ]; }
    within 10 again && printf %s "$i"
done)" 123456
kill -TERM "$PID"
ended "and ends in order" 0

# ---- nobody reads stderr ----

mkfifo "$T/unread"
exec 9<>"$T/unread" # both ends: it can be opened, and is never read
printf 'web %s\n' "$new" >"$T/tokens"
"$MVPDASH" serve --listen 127.0.0.1:0 --rate 0 --token-file "$T/tokens" >"$T/unread.out" 2>"$T/unread" </dev/null 9>&- &
PID=$!
E2E_PIDS="$E2E_PIDS $PID"
listening() { grep -q '://' "$T/unread.out" || ! kill -0 "$PID"; }
within 20 listening
URL=$(cat "$T/unread.out")
curl -sS --max-time 120 -o /dev/null -w '%{http_code}\n' "$URL/healthz?[1-1500]" 2>"$T/curl.err" | sort | uniq -c | sed 's/^ *//' >"$T/unread.codes"
is "a full pipe holds nobody up" "$(cat "$T/unread.codes")" "1500 200"
is "nor who asks AWS" "$(ask GET '/jobs/u' -H "Authorization: Bearer $new")" 200
echo broken >"$T/tokens"
kill -HUP "$PID" # there is something to say about that, and nobody reads it
is "and it serves on" "$(ask GET /healthz)" 200
kill -TERM "$PID"
ended "nor the end" 0
exec 9<&-

# ---- web pages ----

serve pages --cors https://app.example --cors http://localhost:3000
is "a name that points here" "$(ask GET /healthz -H 'Host: rebound.example')" 403
is "says why" "$(json "$T/body" 'd["error"]["code"]')" host_not_allowed
is "another page" "$(ask POST /test-connection -H 'Origin: https://evil.example')" 403
is "says why" "$(json "$T/body" 'd["error"]["code"]')" origin_not_allowed
is "a page that --cors names" "$(ask GET /healthz -H 'Origin: http://localhost:3000' -H 'Sec-Fetch-Site: same-site')" 200
ok "and its browser is told" grep -qi '^access-control-allow-origin: http://localhost:3000' "$T/head"
is "it may ask first" "$(ask OPTIONS /deploy -H 'Origin: https://app.example' -H 'Access-Control-Request-Method: POST')" 204
ok "and is told what it may send" grep -qi '^access-control-allow-headers: .*idempotency-key' "$T/head"
kill -TERM "$PID"
ended "and ends in order" 0

# ---- a drain under load: each deploy that was answered 202 runs, once ----

serve drain
load() { # N: deploys one after another until nobody answers; job ids to $T/load.N
    while [ "$(curl -s --max-time 120 -o "$T/load.body.$1" -w '%{http_code}' -H 'Content-Type: application/json' \
        -d "$body" "$URL/deploy")" = 202 ]; do
        json "$T/load.body.$1" 'd["jobId"]' >>"$T/load.$1"
    done
}
for i in 1 2 3 4; do
    : >"$T/load.$i"
    load "$i" &
    eval "load$i=$!"
done
busy() { [ "$(cat "$T"/load.[1-4] | wc -l)" -ge 8 ]; }
ok "under load" within 30 busy
kill -TERM "$PID"
ended "it drains and ends in order" 0
for i in 1 2 3 4; do
    eval "ends \$load$i 60"
done
cat "$T"/load.[1-4] | sort >"$T/accepted"
is "no accepted deploy waits" "$(find "$XDG_STATE_HOME/mvpdash/outbox" -name '*.json' | wc -l)" 0
exits 0 list --json
is "each is recorded" "$(python3 -c '
import json, sys
there = {j["jobId"] for j in json.load(open(sys.argv[1]))}
ids = open(sys.argv[2]).read().split()
print(len(ids) == len(set(ids)), [i for i in ids if i not in there])' "$T/out" "$T/accepted")" "True []"

# ---- killed, then the same keys again: one job each ----

keys="k1 k2 k3 k4 k5 k6"
serve killed
for k in $keys; do
    (deploy -H "Idempotency-Key: $k" >/dev/null; cp "$T/body" "$T/first.$k") 2>/dev/null &
done
sent() { [ "$(find "$XDG_STATE_HOME/mvpdash/idempotency" -name '*.jsonl' | wc -l)" -ge 3 ]; }
ok "some are under way" within 20 sent
kill -9 "$PID"
ends "$PID" 30
serve again
for k in $keys; do
    accepted() { [ "$(deploy -H "Idempotency-Key: $k")" = 202 ]; }
    ok "the same key after the kill: $k" within 30 accepted
    json "$T/body" 'd["jobId"]' >>"$T/ids"
    cp "$T/body" "$T/second.$k"
    is "and again" "$(deploy -H "Idempotency-Key: $k")" 202
    ok "the same answer" cmp "$T/body" "$T/second.$k"
done
is "another body" "$(ask POST /deploy -H 'Content-Type: application/json' -H 'Idempotency-Key: k1' -d '{"userId":"v","productId":"p"}')" 409
quiet() { ask GET /metrics >/dev/null && grep -q '^mvpdash_outbox_entries 0$' "$T/body"; }
ok "the outbox is resumed by itself" within 150 quiet
exits 0 list --json
is "as many jobs as keys" "$(python3 -c '
import json, sys
jobs = [j["jobId"] for j in json.load(open(sys.argv[1]))]
before = set(open(sys.argv[2]).read().split())
new = set(open(sys.argv[3]).read().split())
print(len(new), new <= set(jobs))' "$T/out" "$T/accepted" "$T/ids")" "6 True"

# ---- AWS goes away and comes back ----

kill "$CLOUD_PID"
ends "$CLOUD_PID" 30
is "out of reach" "$(deploy)" 503
ok "and says when to ask again" grep -qi '^retry-after: [1-9]' "$T/head"
is "the code is not AWS's" "$(json "$T/body" 'd["error"]["code"]')" unreachable
is "nothing was left behind" "$(find "$XDG_STATE_HOME/mvpdash/outbox" -name '*.json' | wc -l)" 0
is "alive all the same" "$(ask GET /healthz)" 200
kill -TERM "$PID"
ended "it ends in order" 0
done_testing
