#!/bin/sh
# A Batch array job: the parent says how its children stand, and each child can be opened. The local
# cloud has none, so a server answers what AWS would.
. "$(dirname "$0")/lib.sh"
needs python3
E2E_HERE=${E2E_HERE:-$(cd "$(dirname "$0")" && pwd)}

mkfifo "$T/array.fifo"
python3 - >"$T/array.fifo" 2>"$T/array.err" <<'PY' &
import http.server, json, sys

QUEUE = "arn:aws:batch:us-east-1:1:job-queue/q"
PARENT = {"jobId": "b-1", "jobName": "n", "jobQueue": QUEUE, "status": "PENDING", "createdAt": 1755685800000,
          "statusReason": "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", "attempts": [],
          "arrayProperties": {"size": 6, "statusSummary": {"RUNNING": 3, "FAILED": 1, "RUNNABLE": 2}}}
def child(n, **more):
    return dict({"jobId": "b-1:%d" % n, "jobName": "n", "jobQueue": QUEUE, "createdAt": 1755685800000,
                 "arrayProperties": {"index": n}}, **more)
JOBS = {j["jobId"]: j for j in [
    PARENT,
    child(0, status="FAILED", statusReason="Essential container in task exited",
          attempts=[{"container": {"exitCode": 137, "logStreamName": "s/0"}}],
          container={"exitCode": 137, "logStreamName": "s/0"}),
    child(1, status="RUNNING", attempts=[]), child(3, status="RUNNING", attempts=[]),
    child(4, status="RUNNABLE", attempts=[])]}
IDENTITY = (b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/u</Arn>"
            b"<UserId>AIDAU</UserId><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")
# What a listing of the children has: 2 and 5 moved on between two states, and are in none.
LISTED = {"FAILED": [JOBS["b-1:0"]], "RUNNABLE": [JOBS["b-1:4"]], "RUNNING": [JOBS["b-1:1"], JOBS["b-1:3"]]}
RECORD = {"Item": {"jobId": {"S": "job_array"}, "status": {"S": "QUEUED"}, "batchJobId": {"S": "b-1"},
                   "createdAt": {"S": "2025-08-20T10:30:00Z"}}}

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if sent.startswith(b"Action=GetCallerIdentity"):  # STS is asked with a form
            return self.reply(IDENTITY, "text/xml")
        asked = json.loads(sent)
        target = self.headers.get("X-Amz-Target", "")
        if target.endswith(".GetItem"):
            key = json.dumps(asked.get("Key", {}))
            out = RECORD if "job_array" in key else {}
        elif self.path == "/v1/describejobs":
            out = {"jobs": [JOBS[i] for i in asked["jobs"] if i in JOBS]}
        elif self.path == "/v1/listjobs" and "arrayJobId" in asked:
            out = {"jobSummaryList": LISTED.get(asked.get("jobStatus", "RUNNING"), [])}
        elif self.path == "/v1/listjobs":
            out = {"jobSummaryList": []}
        elif target.endswith("DescribeTable"):
            out = {"Table": {"TableName": asked["TableName"], "TableStatus": "ACTIVE", "TableId": "t-1",
                             "TableArn": "arn:aws:dynamodb:us-east-1:1:table/t",
                             "KeySchema": [{"AttributeName": "jobId", "KeyType": "HASH"}]}}
        elif target.endswith("BatchGetItem"):
            out = {"Responses": {t: [RECORD["Item"]] for t in asked["RequestItems"]}}
        elif target.endswith("Scan"):
            out = {"Items": [RECORD["Item"]]}
        elif target.endswith("GetLogEvents"):
            lines = [] if asked.get("nextToken") else [{"timestamp": 1755685900000, "message": "child zero ran out"}]
            out = {"events": lines if asked["logStreamName"] == "s/0" else [], "nextForwardToken": "f/1"}
        else:
            out = {}
        self.reply(json.dumps(out).encode(), "application/x-amz-json-1.1")
    def reply(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
def handle_error(*args):  # a dashboard that ends does not wait for its answers
    if not isinstance(sys.exc_info()[1], (BrokenPipeError, ConnectionResetError)):
        http.server.ThreadingHTTPServer.handle_error(server, *args)
server.handle_error = handle_error
print("http://127.0.0.1:%d" % server.server_port, flush=True)
sys.stdout.close()
server.serve_forever()
PY
E2E_PIDS="$E2E_PIDS $!"
read -r AWS_ENDPOINT_URL <"$T/array.fifo"
export AWS_ENDPOINT_URL AWS_MAX_ATTEMPTS=1 AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=k AWS_SECRET_ACCESS_KEY=s

exits 0 status job_array
has "the children are counted" "$T/out" "array job of 6: 3 running, 1 failed, 2 waiting"
hasnt "a running array waits for nothing" "$T/out" "capacity"
exits 0 status job_array --child 0
has "the child's own id" "$T/out" "b-1:0"
has "why it failed" "$T/out" "exit code 137"
exits 0 status job_array --child 4 --json
is "a child as JSON" "$(json_lines "$T/out" 'd[0]["batchStatus"], d[0]["child"], d[0]["jobId"]')" '["RUNNABLE", 4, "job_array"]'
exits 3 status job_array --child 6
has "which children there are" "$T/err" "0 to 5"
exits 3 status job_array --child 2
has "a child that Batch forgot" "$T/err" "does not know child 2"
exits 0 logs job_array
has "the parent points to its children" "$T/err" "--child N"
hasnt "no word of capacity" "$T/err" "waiting for capacity"
exits 0 logs job_array --child 0
is "the child's log" "$(cat "$T/out")" "child zero ran out"
exits 0 logs job_array --child 4
has "a child that waits has no log" "$T/err" "child 4 is RUNNABLE and has no log yet"
exits 2 logs job_array --child x
exits 2 logs --rule --child 1

# In the dashboard: the list of the children, one of them, its log, and back step by step.
ok "children are opened with keys" python3 "$E2E_HERE/keys.py" 24 80 "$MVPDASH" \
    '' 'job_array' \
    '\r' 'K or Enter lists them' \
    '\r' '6 children of job_array' \
    '' '1 failed  2 not known  2 running  1 waiting' \
    '' 'Batch no longer knows it' \
    '\r' 'Attempt 1' \
    'l' 'child zero ran out' \
    '\x1b' 'Attempt 1' \
    '\x1b' '6 children of job_array' \
    '\x1b' 'K or Enter lists them'
ok "the parent's log leads to them" python3 "$E2E_HERE/keys.py" 24 80 "$MVPDASH" \
    '' 'K children' \
    'l' 'An array job has no log of its own' \
    '' 'Batch no longer knows it' \
    'jjj' '2 not known' \
    'l' 'child 1 is RUNNING and has no log yet'
is "the server understood all that it was asked" "$(cat "$T/array.err")" ""
done_testing
