"""slow.py JOBS SECONDS MODE - DynamoDB, Batch and Logs that answer slowly, or without an end.

Serves a table of job-0 .. job-N, PENDING, and a queue with one Batch job for each, all of the same
name, on a free port, which it prints. MODE: slow (DescribeJobs takes SECONDS), hang (nothing
answers), empty (ListJobs gives empty pages without an end), scan (Scan does)."""
import http.server
import json
import sys
import threading
import time

jobs, seconds, mode = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
now = int(time.time() * 1000)
over = threading.Event()


def batch_job(i):
    return {
        "jobId": "batch-%05d" % i, "jobName": "mvp", "jobQueue": "q", "status": "RUNNABLE",
        "createdAt": now - i * 1000,
        "container": {"environment": [{"name": "JOB_ID", "value": "job-%d" % i}]},
    }


def record(i):
    created = time.gmtime((now - i * 1000) // 1000 - 60)
    return {"jobId": {"S": "job-%d" % i}, "status": {"S": "PENDING"},
            "createdAt": {"S": time.strftime("%Y-%m-%dT%H:%M:%SZ", created)}}


def list_jobs(ask):
    if "filters" not in ask:
        return {"jobSummaryList": []}  # what runs
    if mode == "empty":
        return {"jobSummaryList": [], "nextToken": str(int(ask.get("nextToken", "0")) + 1)}
    bound = int(ask["filters"][0]["values"][0])
    after = ask["filters"][0]["name"] == "AFTER_CREATED_AT"
    at = int(ask.get("nextToken", "0"))
    hits = [i for i in range(jobs) if ((now - i * 1000 > bound) if after else (now - i * 1000 < bound))]
    page = [{k: batch_job(i)[k] for k in ("jobId", "jobName", "status", "createdAt")}
            for i in hits[at:at + 100]]
    reply = {"jobSummaryList": page}
    if at + 100 < len(hits):
        reply["nextToken"] = str(at + 100)
    return reply


def answer(name, ask):
    if name == "listjobs":
        return list_jobs(ask)
    if name == "describejobs":
        over.wait(seconds)
        return {"jobs": [batch_job(int(i[6:])) for i in ask["jobs"]]}
    if name == "DescribeTable":
        return {"Table": {"KeySchema": [{"AttributeName": "jobId", "KeyType": "HASH"}]}}
    if name == "GetItem":
        return {"Item": record(int(ask["Key"]["jobId"]["S"][4:]))}
    if name == "Scan" and mode == "scan":
        at = ask.get("ExclusiveStartKey", {"jobId": {"S": "x"}})["jobId"]["S"]
        return {"Items": [], "Count": 0, "ScannedCount": 0, "LastEvaluatedKey": {"jobId": {"S": at + "x"}}}
    if name == "Scan":
        few = range(0, jobs, 10)
        return {"Items": [record(i) for i in few], "Count": len(few), "ScannedCount": len(few)}
    return {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # the other side has given up sending
            self.close_connection = True
            return
        name = self.headers.get("x-amz-target", self.path).replace("/", ".").split(".")[-1]
        if mode == "hang":
            over.wait(600)
        if body.startswith(b"Action=GetCallerIdentity"):
            out = (b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/u</Arn>"
                   b"<UserId>AIDAU</UserId><Account>123456789012</Account></GetCallerIdentityResult>"
                   b"</GetCallerIdentityResponse>")
        else:
            out = json.dumps(answer(name, json.loads(body))).encode()
        try:
            self.send_response(200)
            self.send_header("content-length", str(len(out)))
            self.end_headers()
            self.wfile.write(out)
        except OSError:
            pass  # the other side has given up waiting


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):  # a connection that was cut is what is tested
            super().handle_error(request, client_address)


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
