"""infra/ applied for real, against moto: apply, assertions on what was made, a second plan, destroy.

usage: terraform_moto.py PATH/TO/infra [PLUGIN_MIRROR]

Prints "ok" and "not ok" lines; exits 1 when any is "not ok", 3 with a "SKIP" line when the provider
cannot be had. The two operations that moto lacks and the provider calls are answered here (LACKING).
"""

import http.client
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import boto3
from botocore.exceptions import ClientError

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import asl  # noqa: E402

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


def terraform(*args, timeout=900, folder="infra"):
    env = {
        "PATH": os.environ["PATH"], "HOME": WORK, "TF_IN_AUTOMATION": "1", "TF_DATA_DIR": WORK + "/data",
        "TF_CLI_CONFIG_FILE": WORK + "/rc", "AWS_ENDPOINT_URL": ENDPOINT, "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
        "CHECKPOINT_DISABLE": "1", "AWS_MAX_ATTEMPTS": "3",
        "TF_VAR_database_secret": "true",
    }  # fmt: skip
    p = subprocess.run(["terraform", *args], cwd=f"{WORK}/{folder}", env=env, capture_output=True, text=True, timeout=timeout)
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


def slow(out):
    """What took the provider longest, for whoever wants this faster."""
    for what, minutes, seconds in re.findall(r"(\S+): (?:Creation|Destruction) complete after (?:(\d+)m)?(\d+)s", out):
        if int(minutes or 0) * 60 + int(seconds) >= 10:
            print(f"# {what}: {int(minutes or 0) * 60 + int(seconds)} s", flush=True)


def plan_anew(*args):
    """A plan in a folder without state."""
    if not os.path.isdir(WORK + "/anew"):
        shutil.copytree(WORK + "/infra", WORK + "/anew", ignore=shutil.ignore_patterns("*.tfstate*", "second"))
    return terraform("plan", "-input=false", "-no-color", *args, folder="anew")


def planned(name, *variables):
    """The resources that a plan from nothing would make, by address."""
    code, out = plan_anew(f"-out={name}", *[x for v in variables for x in ("-var", v)])
    check(f"a plan with {name}", (code, "Warning" in out), (0, False))
    if code != 0:
        print(out[-2000:])
        return {}
    code, shown = terraform("show", "-json", name, folder="anew")
    return {c["address"]: c["change"]["after"] for c in json.loads(shown)["resource_changes"]
            if c["change"]["actions"] == ["create"]}


def variants():
    """Other shapes of the system, as plans."""
    made = planned("spot", "spot=true", "database_secret=false", "publish_bucket=sites-of-ours")
    check("... takes Fargate Spot", made["aws_batch_compute_environment.this"]["compute_resources"][0]["type"], "FARGATE_SPOT")
    check("... makes no secret when none is wanted", [a for a in made if "secret" in a], [])
    container = made["aws_batch_job_definition.pipeline"].get("container_properties") or ""
    check("... tells the container the bucket", container == "" or "sites-of-ours" in container, True)
    made = planned("existing", "vpc_id=vpc-0123456789abcdef0", 'subnet_ids=["subnet-0123456789abcdef0"]')
    check("... an existing VPC gets no network", [a for a in made if re.match(
        r"aws_(vpc\.|subnet|vpc_endpoint|nat|route|internet|eip)", a)], [])
    check("... and its own subnets are used",
          made["aws_batch_compute_environment.this"]["compute_resources"][0]["subnets"], ["subnet-0123456789abcdef0"])
    check("... in that VPC", made["aws_security_group.job"]["vpc_id"], "vpc-0123456789abcdef0")
    made = planned("nat", "nat_gateway=true")
    check("... a NAT gateway, and no interface endpoints beside it",
          ("aws_nat_gateway.this[0]" in made, [a for a in made if "endpoint.interface" in a]), (True, []))
    code, out = plan_anew("-var", "vpc_id=vpc-0123456789abcdef0")
    check("an existing VPC without subnets is refused with the reason", (code, "subnet_ids: name at least one" in out), (1, True))
    for variables, reason in (
        (["subnet_ids=[\"subnet-0123456789abcdef0\"]"], "vpc_id: name the VPC"),
        (["vpc_cidr=10.0.0.0/26"], "from /16 to /24"),
        (["job_vcpus=4", "job_memory=2048"], "with 4 vCPU Fargate offers 8192 to 30720 MiB"),
        (["job_vcpus=4", "job_memory=8192", "max_vcpus=2"], "less than job_vcpus"),
        (["event_source="], "event_source: a name"),
    ):
        code, out = plan_anew(*[x for v in variables for x in ("-var", v)])
        check(f"{' '.join(variables)} is refused with the reason", (code, reason in " ".join(out.replace("\u2502", " ").split())), (1, True))
    code, out = plan_anew("-var", "name=Bad Name")
    check("a bad name is refused with what is accepted", (code, "2 to 24 of a-z" in out), (1, True))


def permissions(iam, arn):
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    listed = lambda x: x if isinstance(x, list) else [x]
    return [(a, r) for s in document["Statement"] for a in listed(s["Action"]) for r in listed(s["Resource"])]


VIEWER_NEEDS = {
    "dynamodb:Query", "dynamodb:GetItem", "dynamodb:Scan", "dynamodb:GetRecords", "batch:DescribeJobs", "logs:GetLogEvents",
    "logs:FilterLogEvents", "events:DescribeRule", "events:ListTargetsByRule", "sqs:GetQueueAttributes",
}  # fmt: skip
OPERATOR_ADDS = {
    "events:PutEvents", "batch:CancelJob", "batch:TerminateJob", "dynamodb:PutItem", "dynamodb:UpdateItem",
    "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility",
}  # fmt: skip
NO_RESOURCES = {  # AWS offers no resource-level permission for these
    "batch:DescribeComputeEnvironments", "batch:DescribeJobDefinitions", "batch:DescribeJobQueues", "batch:DescribeJobs",
    "batch:ListJobs", "cloudwatch:GetMetricData", "dynamodb:ListStreams", "events:TestEventPattern", "logs:DescribeLogGroups",
}  # fmt: skip


def people_and_alarms():
    iam, cloudwatch, events = client("iam"), client("cloudwatch"), client("events")
    arns = {p["PolicyName"]: p["Arn"] for p in iam.list_policies(Scope="Local")["Policies"]}
    viewer, operator = (permissions(iam, arns[n]) for n in ("mvp-us-east-1-viewer", "mvp-us-east-1-operator"))
    can_view, can_operate = {a for a, _ in viewer}, {a for a, _ in operator}
    check("the viewer may see all", VIEWER_NEEDS - can_view, set())
    check("... and change nothing", can_view & OPERATOR_ADDS, set())
    check("the operator may do that and change", can_operate, can_view | OPERATOR_ADDS)
    check("nobody has a wildcard of actions", [a for a in can_operate if "*" in a], [])
    check("all resources only where AWS knows no others", {a for a, r in operator if r == "*"} - NO_RESOURCES, set())
    for role in iam.list_roles()["Roles"]:
        if role["RoleName"].startswith("mvp-"):
            for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
                document = iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)["PolicyDocument"]
                check(f"role {role['RoleName']} has no wildcard of actions", ':*"' in json.dumps(
                    [s["Action"] for s in document["Statement"]]), False)
    machine = client("stepfunctions").list_state_machines()["stateMachines"][0]["stateMachineArn"]
    alarms = {a["AlarmName"]: (a["MetricName"], {d["Name"]: d["Value"] for d in a["Dimensions"]})
              for a in cloudwatch.describe_alarms()["MetricAlarms"]}
    check("the alarms look at what is there", alarms, {
        "mvp-failed-invocations": ("FailedInvocations", {"EventBusName": "mvp-development", "RuleName": "mvp-development-rule"}),
        "mvp-dead-letters": ("ApproximateNumberOfMessagesVisible", {"QueueName": "mvp-development-dlq"}),
        "mvp-failed-jobs": ("FailedJobs", {"JobQueue": "mvp-pipeline-queue"}),
        "mvp-tracker-failed": ("ExecutionsFailed", {"StateMachineArn": machine}),
    })
    check("... and tell somebody", all(len(a["AlarmActions"]) == 1 for a in cloudwatch.describe_alarms()["MetricAlarms"]), True)
    archive = events.describe_archive(ArchiveName="mvp-development")
    check("deploy events are archived for a replay", (archive["RetentionDays"], json.loads(archive["EventPattern"])["source"]),
          (30, ["founderdash.web"]))


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
    check("dead letters are kept for 14 days", attributes["MessageRetentionPeriod"], "1209600")
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

    conditions = [s["Parameters"]["ConditionExpression"] for s in states.values() if "ConditionExpression" in s.get("Parameters", {})]
    check("... nor takes a record from another Batch job",
          (len(conditions), all("batchJobId IN (:none, :batch)" in c for c in conditions)), (5, True))
    for name, s in states.items():
        if "ExpressionAttributeValues" in s.get("Parameters", {}):
            p = s["Parameters"]
            used = set(re.findall(r":[a-z]+", p["UpdateExpression"] + " " + p["ConditionExpression"]))
            check(f"{name} uses each of its values, as DynamoDB demands", used, set(p["ExpressionAttributeValues"]))

    tracker(definition)

    table = ddb.describe_table(TableName="mvp-development-jobs")["Table"]
    check("both indexes", sorted(i["IndexName"] for i in table["GlobalSecondaryIndexes"]),
          ["status-updatedAt-index", "user-jobs-index"])
    check("the stream", table["StreamSpecification"], {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    definition = batch.describe_job_definitions(jobDefinitionName="mvp-pipeline-job", status="ACTIVE")["jobDefinitions"][0]
    container = definition["containerProperties"]
    check("the container logs to the group", container["logConfiguration"]["options"]["awslogs-group"], "/aws/batch/mvp-pipeline-job")
    secret = client("secretsmanager").list_secrets()["SecretList"][0]["ARN"]
    check("the container gets the secret by reference", container["secrets"], [{"name": "FOUNDERDASH_DATABASE_URL", "valueFrom": secret}])
    check("... and no value of it is in its environment", [e for e in container["environment"] if "URL" in e["name"]], [])
    check("the container knows its limit", {e["name"]: e["value"] for e in container["environment"]}["MVP_STAGE_TIMEOUT_S"], "3600")
    check("no JOB_ID default that would hide a missing one",
          [e for e in container["environment"] if e["name"] == "JOB_ID"], [])
    retry = definition["retryStrategy"]
    check("two attempts", retry["attempts"], 2)
    check("only a lost host is tried again", [(r["action"].upper(), r.get("onStatusReason") or r.get("onExitCode") or r.get("onReason"))
                                              for r in retry["evaluateOnExit"]],
          [("EXIT", "75"), ("RETRY", "Host EC2*"), ("RETRY", "Your Spot Task was interrupted*"), ("EXIT", "*"), ("EXIT", "*")])
    check("a timeout", definition["timeout"], {"attemptDurationSeconds": 21600})
    groups = {g["logGroupName"]: g.get("retentionInDays") for g in logs.describe_log_groups()["logGroups"]}
    check("log groups with retention", (groups.get("/aws/batch/mvp-pipeline-job"), groups.get("/aws/events/rule/mvp-development-rule")), (30, 30))


def machine_tasks(said):
    """What the tracker's tasks call: the table for real, the others into `said`."""
    ddb = client("dynamodb")

    def table(call):
        def work(parameters):
            try:
                return {k: v for k, v in call(**parameters).items() if k != "ResponseMetadata"}
            except ClientError as x:
                raise asl.TaskFailed("DynamoDB." + x.response["Error"]["Code"]) from x
        return work

    return {
        "dynamodb:updateItem": table(ddb.update_item),
        "dynamodb:getItem": table(ddb.get_item),
        "sns:publish": lambda p: said.append(("announced", p["Message"]["jobId"], p["Message"]["batchStatus"])),
        "cloudwatch:putMetricData": lambda p: said.append(("counted", p["MetricData"][0]["MetricName"])),
    }


# A record as it stands (None: there is none), the Batch events that come, then its status, its Batch
# job, what was said, and how many calls the tracker made in all.
TRACKED = [
    ("a job's way", {"status": "PENDING"}, ["RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"],
     ("COMPLETED", "b1", ["announced"], 5)),
    ("an event that comes late", {"status": "IN_PROGRESS", "batchJobId": "b1"}, ["RUNNABLE"], ("IN_PROGRESS", "b1", [], 1)),
    ("a host that was lost", {"status": "IN_PROGRESS", "batchJobId": "b1"}, ["RUNNABLE", "RUNNING", "FAILED"],
     ("FAILED", "b1", ["counted", "announced"], 5)),
    ("an end that the container told already", {"status": "FAILED", "batchJobId": "b1"}, ["FAILED"],
     ("FAILED", "b1", ["counted", "announced"], 4)),
    ("a cancelled job", {"status": "CANCELLED", "batchJobId": "b1"}, ["RUNNING", "FAILED"],
     ("CANCELLED", "b1", ["announced"], 4)),
    ("a duplicate's end", {"status": "IN_PROGRESS", "batchJobId": "b0"}, ["RUNNING", "SUCCEEDED"],
     ("IN_PROGRESS", "b0", [], 3)),
    ("a refused claim: another container's", {"status": "IN_PROGRESS", "batchJobId": "b0"}, ["RUNNING", "REFUSED"],
     ("IN_PROGRESS", "b0", [], 2)),
    ("a refused claim: cancelled before it was picked up", {"status": "CANCELLED"}, ["RUNNABLE", "RUNNING", "REFUSED"],
     ("CANCELLED", None, [], 3)),
    ("a refused claim: cancelled while it waited", {"status": "CANCELLED", "batchJobId": "b1"}, ["RUNNING", "REFUSED"],
     ("CANCELLED", "b1", [], 2)),
    ("a refused claim: completed by another", {"status": "COMPLETED", "batchJobId": "b0"}, ["RUNNABLE", "RUNNING", "REFUSED"],
     ("COMPLETED", "b0", [], 3)),
    ("a refused claim: completed by the attempt before", {"status": "COMPLETED", "batchJobId": "b1"}, ["RUNNING", "REFUSED"],
     ("COMPLETED", "b1", [], 2)),
    ("a refused claim: failed before", {"status": "FAILED", "batchJobId": "b1"}, ["REFUSED"], ("FAILED", "b1", [], 1)),
    ("a refused claim: waiting again", {"status": "PENDING"}, ["REFUSED"], ("PENDING", None, [], 1)),
    ("a refused claim: no record", None, ["REFUSED"], (None, None, [], 1)),
    ("a program that ends with 75, of a job that was its own", {"status": "PENDING"}, ["RUNNABLE", "RUNNING", "REFUSED"],
     ("FAILED", "b1", ["counted", "announced"], 5)),
    ("an end that comes twice", {"status": "PENDING"}, ["SUCCEEDED", "FAILED"],
     ("COMPLETED", "b1", ["announced", "announced"], 5)),
    ("a record without its Batch job", {"status": "QUEUED", "batchJobId": None}, ["RUNNING"], ("IN_PROGRESS", "b1", [], 1)),
    ("a job without a record", None, ["RUNNABLE", "SUCCEEDED"], (None, None, [], 3)),
]


def tracker(machine):
    """The state machine, walked by tests/conformance/asl.py on the applied table."""
    ddb, said = client("dynamodb"), []
    tasks = machine_tasks(said)
    for number, (name, record, events, wanted) in enumerate(TRACKED):
        key = {"jobId": {"S": f"job_{number}"}}
        if record is not None:
            ddb.put_item(TableName="mvp-development-jobs", Item=key | {
                k: {"NULL": True} if v is None else {"S": v} for k, v in record.items()})
        said.clear()
        calls = []
        for status in events:
            detail = {"jobId": "b1", "status": status, "container": {"environment": [{"name": "X", "value": "y"}]}}
            if status == "REFUSED":
                detail["status"], detail["container"]["exitCode"] = "FAILED", 75
            elif status == "FAILED":
                detail["container"]["exitCode"] = 1
            if number % 2:  # by the environment, as for a job that was started by hand
                detail["container"]["environment"].append({"name": "JOB_ID", "value": f"job_{number}"})
            else:
                detail |= {"parameters": {"jobId": f"job_{number}"}, "statusReason": "why"}
            calls += asl.run(machine, {"time": "2026-01-02T03:04:05Z", "detail": detail}, tasks)
        item = ddb.get_item(TableName="mvp-development-jobs", Key=key).get("Item", {})
        got = (item.get("status", {}).get("S"), item.get("batchJobId", {}).get("S"), [s[0] for s in said], len(calls))
        check(f"the tracker: {name}", got, wanted)
        ddb.delete_item(TableName="mvp-development-jobs", Key=key)
    calls = asl.run(machine, {"time": "t", "detail": {"jobId": "b", "status": "RUNNING", "container": {"environment": []}}}, tasks)
    check("the tracker: somebody else's job", calls, [])


def left():
    """What the service still has of ours, by kind."""
    found = {
        "buses": [b["Name"] for b in client("events").list_event_buses()["EventBuses"] if b["Name"] != "default"],
        "rules": client("events").list_rules()["Rules"],
        "queues": client("sqs").list_queues().get("QueueUrls", []),
        "tables": client("dynamodb").list_tables()["TableNames"],
        "job queues": client("batch").describe_job_queues()["jobQueues"],
        "roles": [r["RoleName"] for r in client("iam").list_roles()["Roles"] if r["RoleName"].startswith("mvp")],
        "policies": client("iam").list_policies(Scope="Local")["Policies"],
        "log groups": client("logs").describe_log_groups()["logGroups"],
        "topics": client("sns").list_topics()["Topics"],
        "alarms": client("cloudwatch").describe_alarms()["MetricAlarms"],
        "secrets": client("secretsmanager").list_secrets()["SecretList"],
        "repositories": client("ecr").describe_repositories()["repositories"],
        "VPCs": [v for v in client("ec2").describe_vpcs()["Vpcs"] if not v["IsDefault"]],
    }
    return {kind: what for kind, what in found.items() if what}


# What the doctor cannot find well here: there is no terminal, moto answers no TestEventPattern and no
# SimulatePrincipalPolicy, and nobody pushed an image yet.
MOTO_CANNOT = {"A2": "SKIP", "B4": "UNKNOWN", "D4": "UNKNOWN", "D5": "UNKNOWN", "D8": "UNKNOWN", "F5": "FAIL",
               "H1": "UNKNOWN"}


def doctor(env_text):
    """mvpdash reads env_file as it is, and finds the applied system well."""
    program = os.environ.get("MVPDASH")
    if not program:
        print("# MVPDASH is not set: the doctor is not asked")
        return
    with open(WORK + "/env", "w") as f:
        f.write(env_text)
    env = {"PATH": os.environ["PATH"], "HOME": WORK, "LC_ALL": "C.UTF-8", "AWS_ENDPOINT_URL": ENDPOINT,
           "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_EC2_METADATA_DISABLED": "true"}
    p = subprocess.run([program, "doctor", "--json", "--env-file", WORK + "/env"], env=env, capture_output=True,
                       text=True, timeout=120, cwd=WORK)
    checks = json.loads(p.stdout)["checks"]
    bad = {c["id"]: (c["state"], c["detail"]) for c in checks
           if c["state"] != "PASS" and MOTO_CANNOT.get(c["id"]) != c["state"]}
    check("the doctor finds the applied system well", bad, {})
    check("... by all of its checks", len(checks) > 30, True)


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
            why = " ".join(out[out.find("Error"):].replace("\u2502", " ").split())[:300]
            print(f"SKIP infra/ is not applied: the AWS provider cannot be had here: {why}")
            return 3
        code, out = terraform("validate", "-json")
        check("terraform validate, without warnings", (json.loads(out)["valid"], json.loads(out)["diagnostics"]), (True, []))
        code, out = terraform("apply", "-auto-approve", "-input=false", "-no-color")
        check("apply", (code, "Warning" in out), (0, False))
        slow(out)
        if code != 0:
            print(out[-3000:])
            return 1
        assertions()
        people_and_alarms()
        code, out = terraform("plan", "-input=false", "-no-color", "-out=second")
        code, shown = terraform("show", "-json", "second")
        changes = {c["address"] for c in json.loads(shown)["resource_changes"] if c["change"]["actions"] not in (["no-op"], ["read"])}
        check("a second plan shows no change", changes - FORGETFUL, set())
        if changes - FORGETFUL:
            print(out[-3000:])
        untagged = [c["address"] for c in json.loads(shown)["resource_changes"] if c["mode"] == "managed"
                    and "tags_all" in c["change"]["after"]
                    and (c["change"]["after"]["tags_all"] or {}).get("Project") != "mvp"]
        check("everything that can have tags has them", untagged, [])
        code, out = terraform("output", "-raw", "env_file")
        check("env_file has the names", "DYNAMODB_TABLE_NAME=mvp-development-jobs" in out.splitlines(), True)
        doctor(out)
        others = threading.Thread(target=variants)
        others.start()  # their state is another one: they plan while this waits for the provider
        code, out = terraform("destroy", "-auto-approve", "-input=false", "-no-color")
        check("destroy", code, 0)
        slow(out)
        others.join()
        code, out = terraform("state", "list")
        check("nothing is left", out.strip(), "")
        check("... in the service either", left(), {})
        return 0
    finally:
        proxy.shutdown()
        server.terminate()
        server.wait()
        shutil.rmtree(WORK, ignore_errors=True)


ENDPOINT = ""
status = main()
sys.exit(1 if failures else status)
