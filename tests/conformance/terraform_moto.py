"""infra/ applied for real, against moto: apply, assertions on what was made, a second plan, destroy.

usage: terraform_moto.py PATH/TO/infra [PLUGIN_MIRROR]

Prints "ok" and "not ok" lines; exits 1 when any is "not ok". The two operations that moto lacks and
the provider calls are answered here (LACKING).
"""

import http.client
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import boto3

INFRA = os.path.abspath(sys.argv[1])
MIRROR = sys.argv[2] if len(sys.argv) > 2 else "/opt/tf-plugins"
WORK = tempfile.mkdtemp(prefix="mvpdash-terraform-")
failures = 0


def check(name, got, want):
    global failures
    if got == want:
        print(f"ok {name}", flush=True)
    else:
        failures += 1
        print(f"not ok {name}\n  got  {got!r}\n  want {want!r}", flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


MOTO = free_port()


# What moto 5.2 does not answer and the provider asks for.
LACKING = {
    "AWSStepFunctions.ValidateStateMachineDefinition": {"result": "OK", "diagnostics": [], "truncated": False},
    "AWSStepFunctions.ListStateMachineVersions": {"stateMachineVersions": []},
}


MACHINES = {}

# moto keeps no description of a security group's rule, so a plan wants to write it again.
FORGETFUL = {
    "aws_vpc_security_group_ingress_rule.endpoint[0]",
    "aws_vpc_security_group_egress_rule.job_https",
}


class Proxy(http.server.BaseHTTPRequestHandler):
    """moto, with the operations that it lacks."""

    protocol_version = "HTTP/1.1"

    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        target = self.headers.get("X-Amz-Target", "")
        if target in LACKING:
            if target.endswith("ValidateStateMachineDefinition"):
                json.loads(json.loads(body)["definition"])  # at least it must be JSON
            self.answer(200, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(LACKING[target]).encode())
            return
        upstream = http.client.HTTPConnection("127.0.0.1", MOTO, timeout=60)
        headers = {k: v for k, v in self.headers.items() if k.lower() != "connection"}
        upstream.request(self.command, self.path, body, headers)
        reply = upstream.getresponse()
        data = reply.read()
        if reply.status >= 500:
            print(f"moto: {reply.status} to {self.headers.get('X-Amz-Target') or self.path + str(body[:60])}", flush=True)
        if target == "AWSStepFunctions.DescribeStateMachine" and reply.status == 200:
            # moto forgets the type and the logging; what was asked for is what AWS would say.
            machine = json.loads(data)
            machine.update(MACHINES.get(machine["name"], {}))
            data = json.dumps(machine).encode()
        if target == "AWSStepFunctions.CreateStateMachine" and reply.status == 200:
            asked = json.loads(body)
            MACHINES[asked["name"]] = {k: asked[k] for k in ("type", "loggingConfiguration") if k in asked}
        kept = {k: v for k, v in reply.getheaders()
                if k.lower() not in ("connection", "content-length", "transfer-encoding", "server", "date")}
        self.answer(reply.status, kept, data)

    def answer(self, status, headers, data):
        self.send_response(status)
        for k, v in headers.items():
            self.send_header(k, v)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = forward

    def log_message(self, *args):
        pass


def terraform(*args, timeout=900):
    env = {
        "PATH": os.environ["PATH"], "HOME": WORK, "TF_IN_AUTOMATION": "1", "TF_DATA_DIR": WORK + "/data",
        "TF_CLI_CONFIG_FILE": WORK + "/rc", "AWS_ENDPOINT_URL": ENDPOINT, "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
        "CHECKPOINT_DISABLE": "1", "AWS_MAX_ATTEMPTS": "3",
    }  # fmt: skip
    p = subprocess.run(["terraform", *args], cwd=WORK + "/infra", env=env, capture_output=True, text=True, timeout=timeout)
    return p.returncode, p.stdout + p.stderr


def client(service):
    return boto3.client(service, endpoint_url=ENDPOINT, region_name="us-east-1",
                        aws_access_key_id="a", aws_secret_access_key="b")


def start():
    server = subprocess.Popen(
        [sys.executable, "-c", f"from moto.server import main; main(['-H', '127.0.0.1', '-p', '{MOTO}'])"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"})
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{MOTO}/moto-api/data.json", timeout=2).read()
            break
        except OSError:
            time.sleep(0.1)
    request = urllib.request.Request(f"http://127.0.0.1:{MOTO}/moto-api/config", method="POST",
                                     data=b'{"batch":{"use_docker":false}}', headers={"Content-Type": "application/json"})
    urllib.request.urlopen(request).read()
    return server


def assertions():
    events, batch, ddb, sqs, logs, sfn = (client(s) for s in ("events", "batch", "dynamodb", "sqs", "logs", "stepfunctions"))
    bus = "mvp-development"
    rule = events.describe_rule(Name="mvp-development-rule", EventBusName=bus)
    check("the rule is enabled", rule["State"], "ENABLED")
    pattern = json.loads(rule["EventPattern"])
    check("its pattern matches the deploy event", pattern,
          {"source": ["founderdash.web"], "detail-type": ["MVP Development Request"]})
    targets = {t["Id"]: t for t in events.list_targets_by_rule(Rule="mvp-development-rule", EventBusName=bus)["Targets"]}
    target = targets["batch"]
    queue = batch.describe_job_queues(jobQueues=["mvp-pipeline-queue"])["jobQueues"][0]
    check("the target is the queue", target["Arn"], queue["jobQueueArn"])
    check("the definition is not pinned", target["BatchParameters"]["JobDefinition"], "mvp-pipeline-job")
    template = target["InputTransformer"]["InputTemplate"]
    check("the placeholder is not escaped", "<jobId>" in template and "\\u003c" not in template, True)
    filled = json.loads(template.replace("<jobId>", '"job_1_abc"'))
    check("JOB_ID arrives with AWS's capitalisation", filled, {
        "Parameters": {"jobId": "job_1_abc"},
        "ContainerOverrides": {"Environment": [{"Name": "JOB_ID", "Value": "job_1_abc"}]}})
    dlq = sqs.get_queue_url(QueueName="mvp-development-dlq")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=dlq, AttributeNames=["All"])["Attributes"]
    check("the target has the dead-letter queue", target["DeadLetterConfig"]["Arn"], attributes["QueueArn"])
    statement = json.loads(attributes["Policy"])["Statement"]
    statement = statement[0] if isinstance(statement, list) else statement
    check("the queue lets EventBridge in", statement["Principal"], {"Service": "events.amazonaws.com"})
    check("... for the rule", rule["Arn"] in statement["Condition"]["ArnEquals"]["aws:SourceArn"], True)
    message = targets["log"]["InputTransformer"]["InputTemplate"]
    check("the log line has no database URL", "founderdashDbUrl" in json.dumps(targets["log"]["InputTransformer"]), False)
    check("... and a timestamp and a message", '"timestamp"' in message and '"message"' in message, True)

    default = events.list_rules()["Rules"]
    state = [r for r in default if "aws.batch" in r.get("EventPattern", "")]
    check("Batch state changes are matched on the default bus", len(state), 1)
    check("... for this queue only", json.loads(state[0]["EventPattern"])["detail"]["jobQueue"], [queue["jobQueueArn"]])
    machine = sfn.describe_state_machine(
        stateMachineArn=events.list_targets_by_rule(Rule=state[0]["Name"])["Targets"][0]["Arn"])
    definition = json.loads(machine["definition"])
    states = definition["States"]
    used = {definition["StartAt"]}
    for s in states.values():
        used |= {s[k] for k in ("Next", "Default") if k in s}
        used |= {c["Next"] for c in s.get("Choices", []) + s.get("Catch", [])}
    check("every state of the tracker is there and reachable", used, set(states))
    check("the tracker never leaves a final state",
          all("NOT (#s IN" in states[s]["Parameters"]["ConditionExpression"] for s in ("Running", "Succeeded", "Failed")), True)

    table = ddb.describe_table(TableName="mvp-development-jobs")["Table"]
    check("both indexes", sorted(i["IndexName"] for i in table["GlobalSecondaryIndexes"]),
          ["status-updatedAt-index", "user-jobs-index"])
    check("the stream", table["StreamSpecification"], {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    definition = batch.describe_job_definitions(jobDefinitionName="mvp-pipeline-job", status="ACTIVE")["jobDefinitions"][0]
    container = definition["containerProperties"]
    check("the container logs to the group", container["logConfiguration"]["options"]["awslogs-group"], "/aws/batch/job")
    check("no JOB_ID default that would hide a missing one",
          [e for e in container["environment"] if e["name"] == "JOB_ID"], [])
    check("a timeout", definition["timeout"], {"attemptDurationSeconds": 21600})
    groups = {g["logGroupName"]: g.get("retentionInDays") for g in logs.describe_log_groups()["logGroups"]}
    check("log groups with retention", (groups.get("/aws/batch/job"), groups.get("/aws/events/rule/mvp-development-rule")), (30, 30))


def main():
    global ENDPOINT
    server = start()
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    ENDPOINT = f"http://127.0.0.1:{proxy.server_port}"
    try:
        shutil.copytree(INFRA, WORK + "/infra", ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        with open(WORK + "/rc", "w") as f:
            if os.path.isdir(MIRROR):
                f.write(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{MIRROR}"\n  }}\n}}\n')
        code, out = terraform("fmt", "-check", "-recursive")
        check("terraform fmt", (code, out), (0, ""))
        code, out = terraform("init", "-input=false", "-no-color")
        if code != 0:
            print(f"SKIP the AWS provider cannot be had here: {out.strip().splitlines()[-1:]}")
            return
        code, out = terraform("validate", "-json")
        check("terraform validate, without warnings", (json.loads(out)["valid"], json.loads(out)["diagnostics"]), (True, []))
        code, out = terraform("apply", "-auto-approve", "-input=false", "-no-color")
        check("apply", (code, "Warning" in out), (0, False))
        if code != 0:
            print(out[-3000:])
            return
        assertions()
        code, out = terraform("plan", "-input=false", "-no-color", "-out=second")
        code, shown = terraform("show", "-json", "second")
        changes = {c["address"] for c in json.loads(shown)["resource_changes"] if c["change"]["actions"] not in (["no-op"], ["read"])}
        check("a second plan shows no change", changes - FORGETFUL, set())
        if changes - FORGETFUL:
            print(out[-3000:])
        code, out = terraform("output", "-raw", "env_file")
        check("env_file has the names", "DYNAMODB_TABLE_NAME=mvp-development-jobs" in out.splitlines(), True)
        code, out = terraform("destroy", "-auto-approve", "-input=false", "-no-color")
        check("destroy", code, 0)
        code, out = terraform("state", "list")
        check("nothing is left", out.strip(), "")
    finally:
        proxy.shutdown()
        server.terminate()
        server.wait()
        shutil.rmtree(WORK, ignore_errors=True)


ENDPOINT = ""
main()
sys.exit(1 if failures else 0)
