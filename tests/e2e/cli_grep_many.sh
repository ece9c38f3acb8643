#!/bin/sh
# A text in the logs of more jobs than one call of FilterLogEvents takes: an array job, two attempts, a group of
# a definition's own, a job that Batch has forgotten. The local cloud has no array jobs, so a server answers
# what AWS would, and keeps what it was asked.
. "$(dirname "$0")/lib.sh"
needs python3

mkfifo "$T/many.fifo"
python3 - "$T/asked" >"$T/many.fifo" 2>"$T/many.err" <<'PY' &
import http.server, json, os, sys, threading, time

NOW = int(time.time() * 1000)
ISO = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW // 1000 - 600))
QUEUE = "arn:aws:batch:us-east-1:1:job-queue/q"
JOBS, RECORDS, lock = {}, [], threading.Lock()

def attempt(stream):
    return {"container": {"logStreamName": stream, "exitCode": 1}}

def job(batch_id, streams, **more):
    JOBS[batch_id] = dict({"jobId": batch_id, "jobName": "n", "jobQueue": QUEUE, "status": "FAILED", "createdAt": NOW - 500000,
                           "attempts": [attempt(s) for s in streams], "container": {"logStreamName": streams[-1]} if streams else {}},
                          **more)

def record(name, batch_id):
    RECORDS.append({"jobId": {"S": name}, "userId": {"S": "u"}, "status": {"S": "FAILED"}, "createdAt": {"S": ISO},
                    "completedAt": {"S": ISO}, "batchJobId": {"S": batch_id}})

for i in range(230):
    record("job-%d" % i, "b-%d" % i)
    job("b-%d" % i, ["s/%d" % i])
record("job-twice", "b-twice")
job("b-twice", ["s/first", "s/second"])
record("job-array", "b-array")
job("b-array", [], arrayProperties={"size": 3})
for i in range(3):
    job("b-array:%d" % i, ["s/child%d" % i], arrayProperties={"index": i})
record("job-own", "b-own")
job("b-own", ["s/own"])
JOBS["b-own"]["container"]["logConfiguration"] = {"logDriver": "awslogs", "options": {"awslogs-group": "/own"}}
record("job-forgotten", "b-forgotten")

IDENTITY = (b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/u</Arn>"
            b"<UserId>AIDAU</UserId><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")

def answer(name, asked):
    if name == "DescribeTable":
        return {"Table": {"TableName": asked["TableName"], "TableStatus": "ACTIVE", "TableId": "t-1", "TableArn": "arn:aws:dynamodb:us-east-1:1:table/t",
                          "KeySchema": [{"AttributeName": "jobId", "KeyType": "HASH"}]}}
    if name == "Scan":
        return {"Items": RECORDS}
    if name == "BatchGetItem":
        keys = [k["jobId"]["S"] for t in asked["RequestItems"].values() for k in t["Keys"]]
        return {"Responses": {t: [r for r in RECORDS if r["jobId"]["S"] in keys] for t in asked["RequestItems"]}}
    if name == "describejobs":
        return {"jobs": [JOBS[i] for i in asked["jobs"] if i in JOBS]}
    if name == "listjobs":
        return {"jobSummaryList": []}
    if name == "DescribeLogGroups":
        return {"logGroups": [{"logGroupName": asked["logGroupNamePrefix"]}]}
    if name == "FilterLogEvents":
        with lock, open(sys.argv[1], "a") as f:
            f.write(json.dumps(asked) + "\n")
        if "endTime" in asked:
            return {"events": []}  # all that was written is in the last part of the range
        # The stream with the greatest name wrote first.
        names = sorted(asked["logStreamNames"], reverse=True)
        at = {s: NOW - 1000 + n for n, s in enumerate(sorted((s for j in JOBS.values() for s in
              [a["container"]["logStreamName"] for a in j["attempts"]]), reverse=True))}
        return {"events": [{"timestamp": at[s], "message": "hit " + s, "logStreamName": s, "eventId": s} for s in names]}
    return {}

# A stream that is deleted between two pages of a call: from then on whoever names it is refused.
deleted = False
def deletes(name, asked):
    global deleted
    if name != "FilterLogEvents" or "s/77" not in asked["logStreamNames"] or not os.path.exists(sys.argv[1] + ".delete"):
        return None
    if deleted or "endTime" in asked:
        return 400 if deleted else None
    deleted = True
    whole = answer(name, asked)["events"]
    return {"events": whole[:len(whole) // 2], "nextToken": "t"}

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if sent.startswith(b"Action="):
            return self.reply(IDENTITY, "text/xml")
        name = self.headers.get("X-Amz-Target", self.path).replace("/", ".").split(".")[-1]
        doc = json.loads(sent)
        special = deletes(name, doc)
        if special == 400:
            return self.reply(b'{"__type":"ResourceNotFoundException","message":"gone"}', "application/x-amz-json-1.1", 400)
        self.reply(json.dumps(special or answer(name, doc)).encode(), "application/x-amz-json-1.1")
    def reply(self, body, kind, status=200):
        self.send_response(status)
        self.send_header("Content-Type", kind)
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
E2E_PIDS="$E2E_PIDS $!"
read -r AWS_ENDPOINT_URL <"$T/many.fifo"
export AWS_ENDPOINT_URL AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=k AWS_SECRET_ACCESS_KEY=s

exits 0 logs --grep hit --status failed --json
is "each line of each stream" "$(json_lines "$T/out" 'len(d), len(set(x["stream"] for x in d))')" '[236, 236]'
is "in order of time over all calls" "$(json_lines "$T/out" '[x["at"] for x in d] == sorted(x["at"] for x in d)')" true
is "each with its job" "$(json_lines "$T/out" 'all(x["jobId"] == "job-" + x["stream"][2:] for x in d if x["stream"][2:].isdigit())')" true
is "of the attempts of a job" "$(json_lines "$T/out" 'sorted([x["stream"], x["attempt"]] for x in d if x["jobId"] == "job-twice")')" \
    '[["s/first", 1], ["s/second", 2]]'
is "of the children of an array job" "$(json_lines "$T/out" 'sorted([x["child"], x["batchJobId"]] for x in d if x["jobId"] == "job-array")')" \
    '[[0, "b-array:0"], [1, "b-array:1"], [2, "b-array:2"]]'
is "of a group of the definition's own" "$(json_lines "$T/out" '[x["group"] for x in d if x["jobId"] == "job-own"]')" '["/own"]'
is "no call names more streams than one may" "$(json_lines "$T/asked" 'max(len(x["logStreamNames"]) for x in d)')" 100
is "no stream is asked for in the wrong group" \
    "$(json_lines "$T/asked" 'sorted(set(x["logGroupName"] for x in d if "s/own" in x["logStreamNames"]))')" '["/own"]'
has "what was not searched" "$T/err" "the logs of 1 of 234 jobs were not searched, because Batch has forgotten"
exits 0 logs --grep hit --status failed
has "a child as a person reads it" "$T/out" "job-array child 2 20"
exits 0 logs --grep hit --status failed --limit 5
is "at the limit so many" "$(grep -c . "$T/out")" 5
has "and that there may be more" "$T/err" "stopped at 5 lines (--limit)"
: >"$T/asked.delete"
exits 0 logs --grep hit --status failed --json
is "a stream that is deleted between two pages takes no line twice, and none of the others" \
    "$(json_lines "$T/out" 'len(d), len(set(x["stream"] for x in d))')" '[235, 235]'
is "the server understood all that it was asked" "$(cat "$T/many.err")" ""
done_testing
