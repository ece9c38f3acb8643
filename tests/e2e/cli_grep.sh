#!/bin/sh
# A text in the logs of many jobs: real jobs of the local cloud, and a log service that is slow, throttles
# or goes away in the middle.
. "$(dirname "$0")/lib.sh"
needs python3 curl
cloud_start

job() { # USER [OPTION...]: sends a job, waits for its end; leaves its id in $job
    user=$1
    shift
    run send --user-id "$user" --product-id p --wait --json "$@"
    job=$(json "$T/out" 'd["jobId"]')
}
job anna
good=$job
job berta --metadata '{"simulate":{"exitCode":3,"atStep":"BUILDING"}}'
bad=$job

# ---- each hit with its job, time and line ----
exits 0 logs --grep BUILDING
is "both jobs, oldest first" "$(cut -d' ' -f1 "$T/out" | uniq | paste -s -d' ' -)" "$good $bad"
ok "each with its time and line" test -z "$(grep -v '^job_[0-9a-z_]* 20[0-9-]*T[0-9:.]*Z .*BUILDING' "$T/out")"
has "how many were found, and where" "$T/err" "found in log group /aws/batch/job since 20"
hasnt "no progress outside a terminal" "$T/err" "searched to"
exits 0 logs --grep building
is "case counts" "$(cat "$T/out")" ""
exits 0 logs --grep BUILDING --json
is "JSON Lines" "$(json_lines "$T/out" '[sorted(x) for x in d][0]')" \
    '["at", "attempt", "batchJobId", "child", "context", "group", "jobId", "stream", "text"]'
is "with the job" "$(json_lines "$T/out" '[x["jobId"] for x in d if x["text"].startswith("== ")]')" "[\"$good\", \"$bad\"]"
is "nothing else on stderr" "$(grep -v '"waiting"' "$T/err")" ""

# ---- only in some jobs' logs ----
exits 0 logs --grep BUILDING --status failed
is "of jobs that failed" "$(cut -d' ' -f1 "$T/out" | uniq)" "$bad"
has "in how many jobs' logs" "$T/err" "in the logs of 1 job since"
exits 0 logs --grep BUILDING --user anna
is "of one user" "$(cut -d' ' -f1 "$T/out" | uniq)" "$good"
exits 0 logs --grep BUILDING --user anna --status failed
is "of one user's failed jobs: none" "$(cat "$T/out")" ""
has "there is no such job" "$T/err" "no such job can have written since"
exits 0 logs --grep BUILDING --since 2030-01-01
is "nothing since then" "$(cat "$T/out")" ""

# ---- a Batch that cannot be asked is not one that has forgotten ----
exits 0 status "$good" # keeps where the log is
export AWS_ENDPOINT_URL_BATCH=http://127.0.0.1:1
exits 0 logs --grep BUILDING --user anna
is "what this machine has seen before is known" "$(cut -d' ' -f1 "$T/out" | uniq)" "$good"
state=$XDG_STATE_HOME
XDG_STATE_HOME=$T/elsewhere
exits 5 logs --grep BUILDING --user anna
has "how many logs were not searched, and why" "$T/err" "the logs of 1 of 1 job were not searched: Batch"
XDG_STATE_HOME=$state
unset AWS_ENDPOINT_URL_BATCH

# ---- any text is found as it stands ----
aws_call logs CreateLogGroup '{"logGroupName":"/odd"}'
aws_call logs CreateLogStream '{"logGroupName":"/odd","logStreamName":"s"}'
now=$(date +%s)000
export BATCH_LOG_GROUP=/odd
while IFS= read -r text; do
    printf '%s' "$text" >"$T/text"
    body=$(python3 -c 'import json, sys
print(json.dumps({"logGroupName": "/odd", "logStreamName": "s", "logEvents":
    [{"timestamp": int(sys.argv[2]), "message": "before " + open(sys.argv[1]).read() + " after"}]}))' "$T/text" "$now")
    aws_call logs PutLogEvents "$body"
    exits 0 logs --grep "$text"
    is "found as it stands: $text" "$(sed 's/^job unknown (s) [^ ]* //' "$T/out")" "before $text after"
done <<'TEXTS'
100%
%a.*b%
"quoted"
back\slash \" \\
{ $.a = 1 }
[a, b]
?one -two
a  b
ä€𝄞
TEXTS
has "why no job is known" "$T/err" "the jobs of 1 of 1 line are not known"
exits 0 logs --filter --grep '?one ?two -after'
is "a filter pattern is one" "$(cat "$T/out")" ""
exits 2 logs --filter --grep '"open'
has "a wrong one is refused by the service" "$T/err" "Invalid filter pattern"
export BATCH_LOG_GROUP=/nowhere
exits 3 logs --grep x
has "a group that is not there" "$T/err" "BATCH_LOG_GROUP"
unset BATCH_LOG_GROUP

# ---- usage ----
exits 2 logs --grep x --follow
exits 2 logs --grep x "$good"
has "one pattern" "$T/err" "quote a PATTERN with blanks"
exits 2 logs "$good" --user anna
exits 2 logs --grep ' '
exits 2 logs --grep x --status nonsense
exits 2 logs --grep x --max-time never
exits 2 logs --grep "$(printf '%01023d' 7)"
has "as long as it may be" "$T/err" "at most 1024"

# ---- bounds ----
exits 0 logs --grep == --limit 2
is "at most so many" "$(grep -c . "$T/out")" 2
has "and what was not looked at" "$T/err" "stopped at 2 lines (--limit): lines written since 20"
exits 0 logs --grep == --limit 2 --json
is "for programs as well" "$(json_lines "$T/err" '[list(x) for x in d if "waiting" not in x]')" '[["warning"]]'

# ---- a log service that throttles, hangs or goes away in the middle ----
cat >"$T/logs.py" <<'PY'
import http.server, json, sys, threading
over = threading.Event()
mode = sys.argv[1]
seen = 0
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        global seen
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        seen += 1
        event = {"timestamp": 1755685800000 + seen, "message": "\x1b]0;owned\x07hit %d" % seen, "logStreamName": "s"}
        if seen == 1:
            return self.reply(200, {"events": [event], "nextToken": "t"})
        if mode == "throttle" and seen == 2:
            return self.reply(400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
        if mode == "throttle":
            return self.reply(200, {"events": [event]})
        if mode == "hang":
            over.wait()
        self.close_connection = True
    def reply(self, status, doc):
        body = json.dumps(doc).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print("http://127.0.0.1:%d" % server.server_port, flush=True)
sys.stdout.close()
server.serve_forever()
PY
log_service() { # MODE: leaves its process in $LOGS and its address in the environment
    mkfifo "$T/logs.fifo"
    python3 "$T/logs.py" "$1" >"$T/logs.fifo" &
    LOGS=$!
    E2E_PIDS="$E2E_PIDS $LOGS"
    read -r AWS_ENDPOINT_URL_CLOUDWATCH_LOGS <"$T/logs.fifo"
    rm "$T/logs.fifo"
    export AWS_ENDPOINT_URL_CLOUDWATCH_LOGS
}
log_service throttle
exits 0 logs --grep hit --since 30m
is "a throttled page is asked for again" "$(sed 's/.*hit/hit/' "$T/out" | paste -s -d' ' -)" "hit 1 hit 3"

log_service cut
exits 5 logs --grep hit --since 30m
is "what was found before the network went stays" "$(sed 's/.*hit/hit/' "$T/out")" "hit 1"
has "what was not looked at" "$T/err" "the search ended early, lines written since 20"

log_service hang
exits 5 logs --grep hit --since 30m --max-time 3s
has "the time ended it" "$T/err" "--max-time"

log_service hang
"$MVPDASH" logs --grep hit --since 30m >"$T/stopped" 2>"$T/err" </dev/null &
pid=$!
E2E_PIDS="$E2E_PIDS $pid"
ok "the first hit is there while the search goes on" within 60 grep -q hit "$T/stopped"
kill -INT "$pid"
ends "$pid" 30
is "Ctrl-C ends it as an interrupted command" "$?" 130
is "and keeps what was found" "$(sed 's/.*hit/hit/' "$T/stopped")" "hit 1"
has "and says what was not looked at" "$T/err" "stopped by Ctrl-C: lines written since 20"

# In a terminal: progress, and nothing of a log drives the terminal.
log_service throttle
ok "progress in a terminal, control characters as marks" python3 - "$MVPDASH" <<'PY'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm-256color"
    os.execv(sys.argv[1], [sys.argv[1], "logs", "--grep", "hit", "--since", "30m"])
shown = b""
while True:
    try:
        more = os.read(fd, 65536)
    except OSError:
        break
    if not more:
        break
    shown += more
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
assert status == 0, (status, shown)
assert b"searched to 20" in shown, shown
assert b"hit 1" in shown and b"\x1b]0;" not in shown, shown
PY
done_testing
