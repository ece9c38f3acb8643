"""What each command of mvpdash asks AWS for, as IAM sees it: recorded between the program and its local
cloud, each command run once.

    record(mvpdash) -> {command: {(action, resource ARN), ...}}

An operation that is not known here is an error, so that a new one is looked at.
"""

import http.client
import http.server
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request

ACCOUNT, REGION = "000000000000", "us-east-1"
FREE = {"sts:GetCallerIdentity"}  # needs no permission


def arn(service, what):
    return f"arn:aws:{service}:{'' if service == 'iam' else REGION}:{ACCOUNT}:{what}"


def named(name, service, before):
    return name if name.startswith("arn:") else arn(service, before + name)


def of_table(operation, asked):
    """DynamoDB: a batch and a transaction are allowed by what they hold."""
    if operation == "BatchGetItem":
        return [(operation, named(t, "dynamodb", "table/")) for t in asked["RequestItems"]]
    if operation == "TransactWriteItems":
        verbs = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
        return [(verbs[verb], named(part["TableName"], "dynamodb", "table/")) for t in asked["TransactItems"] for verb, part in t.items()]
    table = named(asked["TableName"], "dynamodb", "table/")
    return [(operation, table + (f"/index/{asked['IndexName']}" if "IndexName" in asked else ""))]


def of_stream(operation, asked):
    if operation == "ListStreams":
        return [(operation, "*")]
    text = asked.get("StreamArn") or urllib.parse.unquote(asked["ShardIterator"])
    found = re.match(r"arn:[^|]*/stream/[^|/]+", text)
    return [(operation, found.group(0) if found else arn("dynamodb", "table/mvp-development-jobs/stream/an-iterator"))]


def of_events(operation, asked):
    if operation == "PutEvents":
        return sorted({(operation, named(e.get("EventBusName", "default"), "events", "event-bus/")) for e in asked["Entries"]})
    if operation == "DescribeEventBus":
        return [(operation, named(asked.get("Name", "default"), "events", "event-bus/"))]
    if operation in ("DescribeRule", "ListTargetsByRule"):
        bus = asked.get("EventBusName", "default").rpartition("/")[2]
        return [(operation, arn("events", "rule/" + ("" if bus == "default" else bus + "/") + asked.get("Name", asked.get("Rule"))))]
    assert operation in ("ListRules", "TestEventPattern"), operation
    return [(operation, "*")]


def of_logs(operation, asked):
    if operation == "DescribeLogGroups":
        return [(operation, "*")]
    group = asked.get("logGroupName") or asked["logGroupIdentifier"].removesuffix(":*")
    group = named(group, "logs", "log-group:")
    return [(operation, f"{group}:log-stream:{asked['logStreamName']}" if operation == "GetLogEvents" else group)]


def of_queue(operation, asked):
    name = asked.get("QueueName") or asked["QueueUrl"].rpartition("/")[2]
    return [(operation, arn("sqs", name))]


def of_batch(path, asked):
    names = {n.lower(): n for n in ("DescribeJobs", "ListJobs", "DescribeJobQueues", "DescribeJobDefinitions",
                                    "DescribeComputeEnvironments", "TerminateJob", "CancelJob", "SubmitJob")}
    operation = names[path.rpartition("/")[2]]
    assert operation != "SubmitJob", "the program submits no jobs"
    return [(operation, arn("batch", "job/" + asked["jobId"]) if operation in ("TerminateJob", "CancelJob") else "*")]


def of_query(service, fields):
    operation = fields["Action"][0]
    if service == "sts":
        return [(operation, "*")]
    principal = fields.get("PolicySourceArn", [None])[0]
    return [(operation, principal or arn("iam", "role/" + fields["RoleName"][0]))]


TARGETS = {
    "DynamoDB_20120810": ("dynamodb", of_table), "DynamoDBStreams_20120810": ("dynamodb", of_stream), "AWSEvents": ("events", of_events),
    "Logs_20140328": ("logs", of_logs), "AmazonSQS": ("sqs", of_queue),
    "GraniteServiceVersion20100801": ("cloudwatch", lambda op, asked: [(op, "*")]),
    "AmazonEC2ContainerRegistry_V20150921": ("ecr", lambda op, asked: [(op, arn("ecr", "repository/" + asked["repositoryName"]))]),
}  # fmt: skip


def permissions(method, path, headers, body):
    """The pairs of action and resource that a request needs."""
    target = headers.get("X-Amz-Target")
    if "Authorization" not in headers:
        return set()  # the doctor asks what time it is there
    if target:
        prefix, _, operation = target.rpartition(".")
        service, resources = TARGETS[prefix]
        pairs = resources(operation, json.loads(body))
    elif path.startswith("/v1/"):
        service, pairs = "batch", of_batch(path, json.loads(body))
    else:
        service = re.search(r"Credential=[^/]*/\d+/[^/]*/([^/]*)/", headers["Authorization"]).group(1)
        assert service in ("sts", "iam"), f"{method} {path} is not known"
        pairs = of_query(service, urllib.parse.parse_qs(body.decode()))
    return {(f"{service}:{operation}", resource) for operation, resource in pairs}


class Recorder(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self.server.seen |= permissions(self.command, self.path, self.headers, body)
        except Exception as x:  # noqa: BLE001 - whatever it is, it is told at the end
            self.server.unknown.append(f"{self.command} {self.path} {self.headers.get('X-Amz-Target')}: {x!r}")
        up = http.client.HTTPConnection("127.0.0.1", self.server.cloud, timeout=60)
        up.request(self.command, self.path, body, {k: v for k, v in self.headers.items() if k.lower() != "connection"})
        reply = up.getresponse()
        data = reply.read()
        self.send_response(reply.status)
        for k, v in reply.getheaders():
            if k.lower() not in ("connection", "content-length", "transfer-encoding", "server", "date"):
                self.send_header(k, v)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = forward

    def log_message(self, *args):
        pass


class Recording:
    def __init__(self, mvpdash):
        self.mvpdash, self.work, self.commands = mvpdash, tempfile.mkdtemp(prefix="mvpdash-recorded-"), {}
        self.env = {"PATH": os.environ["PATH"], "HOME": self.work, "LC_ALL": "C.UTF-8", "TERM": "xterm", "MVP_STEP_SECONDS": "0"}
        self.cloud = subprocess.Popen([mvpdash, "local", "--listen", "127.0.0.1:0", "--data", self.work + "/cloud"], env=self.env,
                                      cwd=self.work, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.cloud.stdout:
            key, _, value = line.removeprefix("export ").strip().partition("=")
            self.env[key] = value.strip("'\"")
            if key == "AWS_DEFAULT_REGION":
                break
        self.proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
        self.proxy.cloud = int(self.env["AWS_ENDPOINT_URL"].rpartition(":")[2])
        self.proxy.unknown = []
        self.env["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{self.proxy.server_port}"
        threading.Thread(target=self.proxy.serve_forever, daemon=True).start()

    def close(self):
        self.cloud.terminate()
        self.cloud.wait()
        self.proxy.shutdown()
        shutil.rmtree(self.work, ignore_errors=True)

    def during(self, name, work):
        self.proxy.seen = set()
        result = work()
        self.commands[name] = self.commands.get(name, set()) | self.proxy.seen
        return result

    def run(self, name, *arguments, ends=(0,), env=None, **how):
        """One command; what it asked for counts under `name`."""
        p = self.during(name, lambda: subprocess.run([self.mvpdash, *arguments], env=self.env | (env or {}), cwd=self.work, text=True,
                                                     capture_output=True, timeout=120, **how))
        if p.returncode not in ends:
            raise AssertionError(f"{arguments}: exit {p.returncode}: {p.stderr[-600:]}")
        return p.stdout

    def dashboard(self, keys):
        """The dashboard on a terminal of its own, one key after the other."""
        pid, master = pty.fork()
        if pid == 0:
            os.chdir(self.work)
            os.execve(self.mvpdash, [self.mvpdash], self.env)

        def settle(most):
            """Reads what it draws until it asks for nothing more."""
            until, quiet, before = time.monotonic() + most, time.monotonic() + 1, len(self.proxy.seen)
            while time.monotonic() < min(until, quiet):
                if select.select([master], [], [], 0.1)[0] and not os.read(master, 65536):
                    return
                if len(self.proxy.seen) != before:
                    before, quiet = len(self.proxy.seen), time.monotonic() + 1

        def walk():
            settle(10)
            for key in keys:
                os.write(master, key)
                settle(5)

        try:
            self.during("dashboard", walk)
        finally:
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)
            os.close(master)

    def serve(self, job, *options):
        """Each route of the REST API; counts as `serve` with its options."""
        server = subprocess.Popen([self.mvpdash, "serve", "--listen", "127.0.0.1:0", *options], env=self.env, cwd=self.work,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.proxy.seen = set()
        try:
            url = re.search(r'http://[^"\s]*', server.stdout.readline()).group(0)

            def ask(method, path, body=None, key=None):
                request = urllib.request.Request(url + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                                 headers={"Content-Type": "application/json"} | ({} if key is None else {"Idempotency-Key": key}))
                try:
                    return json.load(urllib.request.urlopen(request, timeout=60))
                except urllib.error.HTTPError as x:
                    return json.load(x)

            made = ask("POST", "/deploy", {"userId": "u", "productId": "p"})
            for _ in range(2):
                ask("POST", "/deploy", {"userId": "u", "productId": "p"}, "once" + "".join(options))
            for method, path in (("GET", f"/status/{job}"), ("GET", "/jobs/u"), ("DELETE", f"/jobs/{made['jobId']}"),
                                 ("POST", "/test-connection"), ("GET", "/readyz")):
                ask(method, path)
        finally:
            server.terminate()
            server.wait()
        self.commands[" ".join(["serve", *options])] = self.proxy.seen


SHARED = ("--state", "table")  # how replicas serve


def record_replica(mvpdash):
    """What a replica of the REST API asks for, alone."""
    r = Recording(mvpdash)
    try:
        job = json.loads(r.run("send", "send", "--user-id", "u", "--product-id", "p", "--json", "--wait"))["jobId"]
        r.serve(job, *SHARED)
        return r.commands["serve --state table"], r.proxy.unknown
    finally:
        r.close()


def record(mvpdash, client_of):
    """client_of(service, env): a client of others, which puts dead letters into the queue."""
    r = Recording(mvpdash)
    try:
        r.run("test", "test")
        job = json.loads(r.run("send", "send", "--user-id", "u", "--product-id", "p", "--json", "--wait"))["jobId"]
        hang = json.dumps({"simulate": {"hang": True}})
        stuck = json.loads(r.run("send", "send", "--user-id", "u", "--product-id", "p", "--metadata", hang, "--json"))["jobId"]
        r.run("cancel", "cancel", stuck, "--wait")
        r.run("retry", "retry", stuck)
        r.run("batch", "batch", "-", input='{"userId":"u","productId":"p"}\n')
        r.run("event", "event", "--source", "a.b", "--detail-type", "T", "--detail", "{}")
        r.run("list", "list")
        r.run("list", "list", "--user", "u")
        r.run("list", "list", "--status", "completed")
        r.run("status", "status", job)
        r.run("status", "status", job, "--watch")
        r.run("status --record", "status", job, "--record")
        r.run("logs", "logs", job)
        r.run("logs", "logs", job, "--follow")
        r.run("logs", "logs", "--rule")
        r.run("logs", "logs", "--grep", "step", ends=(0, 1, 3))
        stream = json.loads(r.run("status", "status", job, "--json"))["logStream"]
        r.run("logs", "logs", "--stream", "/aws/batch/job", stream)
        r.run("jobs", "jobs")
        r.run("stats", "stats", "--since", "1d")
        r.run("bus", "bus")
        r.run("bus", "bus", "--event", json.dumps({"source": "founderdash.web", "detail-type": "MVP Development Request", "detail": {"jobId": "j"}}))
        r.run("outbox", "outbox", "list")
        r.run("doctor", "doctor", ends=(0, 1))
        r.run("doctor --e2e", "doctor", "--e2e", ends=(0, 1))
        r.run("report", "report", "--job-id", stuck, "--error", "x", ends=(0, 1), env={"AWS_BATCH_JOB_ID": "b"})
        sqs = client_of("sqs", r.env)
        url = sqs.get_queue_url(QueueName="mvp-development-dlq")["QueueUrl"]
        letter = json.dumps({"id": "1", "source": "a.b", "detail-type": "T", "detail": {}, "time": "2026-01-02T03:04:05Z", "resources": []})
        for _ in range(2):
            sqs.send_message(QueueUrl=url, MessageBody=letter, MessageAttributes={
                "RULE_ARN": {"DataType": "String", "StringValue": arn("events", "rule/mvp-development/mvp-development-rule")},
                "ERROR_CODE": {"DataType": "String", "StringValue": "NO_PERMISSIONS"}})
        # A list looks at the messages themselves, which hides them for a while.
        listed = json.loads(r.run("dlq", "dlq", "list", "--json"))["messages"]
        r.run("dlq redrive", "dlq", "redrive", listed[0]["messageId"], ends=(0, 1))
        r.run("dlq purge", "dlq", "purge", "--all", "--yes")
        r.serve(job)
        r.serve(job, *SHARED)
        r.dashboard([b"2", b"3", b"4", b"5", b"6", b"7", b"8", b"1", b"\r", b"l"])
        return r.commands, r.proxy.unknown
    finally:
        r.close()
