#!/bin/sh
# Exit statuses 1 to 5 for what goes wrong beyond the command line, each with a line and a remedy.
. "$(dirname "$0")/lib.sh"

told() { # DESCRIPTION: one line and its remedy on stderr, nothing on stdout
    is "$1: a line and its remedy" "$(sed -n '1s/^mvpdash: .*/line/p; 2s/^  → .*/remedy/p' "$T/err" | tr '\n' ' ')$(wc -l <"$T/err" | tr -d ' ')" "line remedy 2"
    is "$1: nothing on stdout" "$(cat "$T/out")" ""
}

# fake_aws STATUS BODY: a server that answers every request so; exports its endpoint.
fake_aws() {
    mkfifo "$T/fake.fifo"
    python3 - "$1" "$2" >"$T/fake.fifo" <<'PY' &
import http.server, sys
status, body = int(sys.argv[1]), sys.argv[2].encode()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", "REQ-1")
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print("http://127.0.0.1:%d" % server.server_port, flush=True)
sys.stdout.close()
server.serve_forever()
PY
    E2E_PIDS="$E2E_PIDS $!"
    read -r AWS_ENDPOINT_URL <"$T/fake.fifo"
    rm -f "$T/fake.fifo"
    export AWS_ENDPOINT_URL
}

export AWS_MAX_ATTEMPTS=1 AWS_REGION=us-east-1

AWS_ENDPOINT_URL=http://127.0.0.1:1 run list
is "no credentials: 4" "$RC" 4
told "no credentials"

export AWS_ACCESS_KEY_ID=AKIAEXAMPLE AWS_SECRET_ACCESS_KEY=nosecret
AWS_ENDPOINT_URL=http://127.0.0.1:1 run list
is "a closed port: 5" "$RC" 5
told "a closed port"
AWS_ENDPOINT_URL=http://127.0.0.1:1 run status --json job_1
is "a closed port in JSON" "$RC $(json "$T/err" 'd["error"]["code"]')" "5 E_NET"
AWS_ENDPOINT_URL=http://127.0.0.1:1 run cancel --json job_1 job_2 job_3
is "of several, what would fail in the same way is told as not tried" "$RC $(json "$T/out" '[[r["jobId"], r["error"]["code"], "not tried" in r["error"]["message"]] for r in d["results"]]')" '5 [["job_1", "E_NET", false], ["job_2", "E_NET", true], ["job_3", "E_NET", true]]'
same='len({tuple(r) for r in d["results"]}) == 1 and len(d["results"])'
is "with the members of a cancel" "$(json "$T/out" "$same")" 3
AWS_ENDPOINT_URL=http://127.0.0.1:1 run retry --json job_1 job_2
is "or of a retry" "$(json "$T/out" "$same")" 2
AWS_ENDPOINT_URL=http://127.0.0.1:1 run cancel job_1 job_2 job_3
has "and a person reads where it stopped" "$T/err" "mvpdash: job_2 and those after it were not tried"
AWS_ENDPOINT_URL=http://example.com run list
is "plain http beyond this machine: 4" "$RC" 4
AWS_ENDPOINT_URL=http://127.0.0.1:99999 run list
is "an endpoint of the environment that is none: 4" "$RC" 4
exits 2 list --endpoint-url http://127.0.0.1:99999
exits 1 local --listen 127.0.0.1:0 --data /proc/none
told "a folder that cannot be made"
AWS_PROFILE=nobody run list
is "an unknown profile: 4" "$RC" 4

fake_aws 400 '{"__type":"com.amazonaws.dynamodb.v20120810#ExpiredTokenException","message":"The security token included in the request is expired"}'
run list
is "an expired token: 4" "$RC" 4
told "an expired token"
run status --json job_1
is "an expired token in JSON" "$(json "$T/err" 'd["error"]["code"], d["error"]["awsCode"], d["error"]["requestId"]')" '["E_EXPIRED", "ExpiredTokenException", "REQ-1"]'
fake_aws 400 '{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"User: arn:aws:iam::1:user/x is not authorized to perform: dynamodb:GetItem"}'
run status job_1
is "denied: 1" "$RC" 1
told "denied"
fake_aws 503 '<html><h1>Service Unavailable</h1></html>'
run status job_1
is "a service that is not there: 5" "$RC" 5
told "a service that is not there"
fake_aws 200 ''
run status job_1
is "an empty reply is not a missing job: 1" "$RC" 1
fake_aws 200 '{"Item": "not an item'
run status job_1
is "a garbled reply: 1" "$RC" 1
told "a garbled reply"
hostile=$(printf '{"__type":"X#ValidationException","message":"\033[31mred\\u001b]0;owned\\u0007"}')
fake_aws 400 "$hostile"
run status job_1
hasnt "no server's word drives the terminal" "$T/err" "$(printf '\033')"

cloud_start
exits 3 status job_1734567890123_abc123def
told "an unknown job"
exits 3 list --table no-such-table
told "a missing table"
exits 3 test --bus no-such-bus
has "test names the missing bus" "$T/err" "no-such-bus"
exits 3 send --bus no-such-bus --user-id u --product-id p
told "a deploy to a missing bus, which would vanish silently"
exits 3 event --bus no-such-bus --source s --detail-type d --detail '{}'
exits 0 list --json
is "and nothing was recorded" "$(json "$T/out" 'd')" "[]"
exits 3 cancel job_1734567890123_abc123def
exits 3 logs job_1734567890123_abc123def
exits 3 retry job_1734567890123_abc123def
exits 3 report --job-id job_1734567890123_abc123def --step X
AWS_SECRET_ACCESS_KEY=wrong run list
is "wrong keys: 4" "$RC" 4
told "wrong keys"
AWS_ACCESS_KEY_ID=AKIAUNKNOWNUNKNOWN12 run list
is "unknown keys: 4" "$RC" 4
exits 0 list --json
is "an empty table is an empty list" "$(json "$T/out" 'd')" "[]"
exits 0 list
is "and says so on stderr" "$(cat "$T/out")$(cat "$T/err")" "no such jobs"

# A file that may not grow, and a pipe where a file is looked for.
(
    ulimit -f 0
    "$MVPDASH" send --user-id u --product-id p 2>&1 </dev/null
    echo "status $?"
) | cat >"$T/limit"
case $MVPDASH in
*/tsan/*) ;; # the sanitizer's own runtime writes a file first, and is ended
*)
    has "a file size limit is an error like a full disk" "$T/limit" "File too large"
    is "and no sudden end" "$(tail -n 1 "$T/limit")" "status 1"
    ;;
esac
exits 0 list --json
is "and nothing was recorded" "$(json "$T/out" 'd')" "[]"
mkdir "$T/folder"
mkfifo "$T/folder/.env.eventbridge"
(cd "$T/folder" && exec timeout 120 "$MVPDASH" list) >"$T/out" 2>"$T/err"
is "a pipe that lies in the folder is not waited for" "$?" 0
has "and that is said" "$T/err" "not a plain file"
done_testing
