"""infra/ applied for real, against moto: three systems side by side, two of them in one region, assertions
on what was made, one destroyed without touching the others, a second plan, what is refused, destroy.

usage: terraform_moto.py PATH/TO/infra [PLUGIN_MIRROR]

Prints "ok" and "not ok" lines; exits 1 when any is "not ok", 3 with a "SKIP" line when the provider
cannot be had. What moto lacks and the provider asks for is answered here (LACKING, Proxy).
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

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import infra_iam  # noqa: E402
import tracker  # noqa: E402

INFRA = os.path.abspath(sys.argv[1])
MIRROR = sys.argv[2] if len(sys.argv) > 2 else "/opt/tf-plugins"
# What a user of this clone may have there besides.
OURS = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars", "backend.tf")
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


# What moto forgets of what was asked for, by ARN.
MACHINES = {}
QUEUES = {}

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
            machine.update(MACHINES.get(machine["stateMachineArn"], {}))
            data = json.dumps(machine).encode()
        if target == "AWSStepFunctions.CreateStateMachine" and reply.status == 200:
            asked = json.loads(body)
            MACHINES[json.loads(data)["stateMachineArn"]] = {k: asked[k] for k in ("type", "loggingConfiguration") if k in asked}
        if self.path in ("/v1/createjobqueue", "/v1/updatejobqueue") and reply.status == 200:
            asked = json.loads(body)
            if "jobStateTimeLimitActions" in asked:
                QUEUES[json.loads(data)["jobQueueArn"]] = asked["jobStateTimeLimitActions"]
        if self.path == "/v1/describejobqueues" and reply.status == 200:
            described = json.loads(data)
            for q in described["jobQueues"]:
                q["jobStateTimeLimitActions"] = QUEUES.get(q["jobQueueArn"], [])
            data = json.dumps(described).encode()
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
        "PATH": os.environ["PATH"], "HOME": WORK, "TF_IN_AUTOMATION": "1",
        "TF_DATA_DIR": f"{WORK}/data-{'infra' if folder == 'anew' else folder}",
        "TF_CLI_CONFIG_FILE": WORK + "/rc", "AWS_ENDPOINT_URL": ENDPOINT, "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
        "CHECKPOINT_DISABLE": "1", "AWS_MAX_ATTEMPTS": "3",
    }  # fmt: skip
    p = subprocess.run(["terraform", *args], cwd=f"{WORK}/{folder}", env=env, capture_output=True, text=True, timeout=timeout)
    return p.returncode, p.stdout + p.stderr


def in_words(out):
    """What terraform said, without the frame and the line ends of its errors."""
    return " ".join(out.replace("\u2502", " ").split())


def client(service, region="us-east-1"):
    return boto3.client(service, endpoint_url=ENDPOINT, region_name=region,
                        aws_access_key_id="a", aws_secret_access_key="b")


def start():
    server = subprocess.Popen(
        [sys.executable, HERE + "/moto_server.py", str(MOTO)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"})
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{MOTO}/moto-api/data.json", timeout=20).read()
            break
        except OSError as x:
            if server.poll() is not None:
                raise SystemExit(f"moto does not start: {sys.executable} {HERE}/moto_server.py {MOTO}") from x
            time.sleep(0.1)
    request = urllib.request.Request(f"http://127.0.0.1:{MOTO}/moto-api/config", method="POST",
                                     data=b'{"batch":{"use_docker":false}}', headers={"Content-Type": "application/json"})
    urllib.request.urlopen(request).read()
    return server


# The systems, each in a folder of its own: what init is told, and the variables. The second's state is in S3
# and its variables are the example's.
SYSTEMS = {
    "infra": ([], ["-var", "database_secret=true"]),
    "staging": (["-backend-config=key=mvp/staging.tfstate", "-backend-config=use_path_style=true"],
                ["-var-file=staging.tfvars.example"]),
    "abroad": ([], ["-var", "region=eu-west-1", "-var", "ephemeral=true", "-var", "database_secret=true"]),
}
REGIONS = ("us-east-1", "eu-west-1")
STATE = "our-terraform-state"  # of infra/backend.tf.example
SHARED = "/aws/batch/job"  # another team's log group


def change(folder, what, *args):
    """`apply` or `destroy` of a system."""
    return terraform(what, "-auto-approve", "-input=false", "-no-color", *SYSTEMS[folder][1], *args, folder=folder)


def apply_all():
    """All systems at once, as teams do that do not know of each other."""
    said = {}

    def make(folder):
        shutil.copytree(INFRA, f"{WORK}/{folder}", ignore=OURS, dirs_exist_ok=True)
        if folder == "staging":
            os.rename(f"{WORK}/{folder}/backend.tf.example", f"{WORK}/{folder}/backend.tf")
        code, out = (0, "") if folder == "infra" else terraform("init", "-input=false", "-no-color", *SYSTEMS[folder][0], folder=folder)
        if code == 0:
            code, out = change(folder, "apply")
        said[folder] = (code, out)

    threads = [threading.Thread(target=make, args=(folder,)) for folder in SYSTEMS]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for folder, (code, out) in sorted(said.items()):
        check(f"apply: {folder}", (code, "Warning" in out), (0, False))
        slow(out)
        if code != 0:
            print(out[-3000:])
    return all(code == 0 for code, _ in said.values())


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
    """Other shapes of the system, as plans. More of them, and what is refused, are tried in infra/tests."""
    made = planned("existing", "vpc_id=vpc-0123456789abcdef0", 'subnet_ids=["subnet-0123456789abcdef0"]')
    check("... an existing VPC gets no network", [a for a in made if re.match(
        r"aws_(vpc\.|subnet|vpc_endpoint|nat|route|internet|eip)", a)], [])
    check("... and its own subnets are used",
          [e["compute_resources"][0]["subnets"] for a, e in made.items() if a.startswith("aws_batch_compute_environment.")],
          [["subnet-0123456789abcdef0"]] * 2)
    check("... in that VPC", made["aws_security_group.job"]["vpc_id"], "vpc-0123456789abcdef0")
    made = planned("nat", "nat_gateway=true")
    check("... a NAT gateway, and no interface endpoints beside it",
          ("aws_nat_gateway.this[0]" in made, [a for a in made if "endpoint.interface" in a]), (True, []))
    code, out = plan_anew("-var-file=production.tfvars.example")
    check("the example for production can be planned", (code, "Warning" in out), (0, False))
    code, out = plan_anew("-var", "job_log_group=/aws/batch/nobodys")
    check("a log group that is not there is not made", (code, "/aws/batch/nobodys" in in_words(out)), (1, True))


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
    "events:PutEvents", "batch:TerminateJob", "dynamodb:PutItem", "dynamodb:UpdateItem",
    "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility",
}  # fmt: skip
NO_RESOURCES = {  # AWS offers no resource-level permission for these
    "batch:DescribeComputeEnvironments", "batch:DescribeJobDefinitions", "batch:DescribeJobQueues", "batch:DescribeJobs",
    "batch:ListJobs", "cloudwatch:GetMetricData", "events:ListRules", "events:TestEventPattern", "logs:DescribeLogGroups",
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
    machine = next(m["stateMachineArn"] for m in client("stepfunctions").list_state_machines()["stateMachines"]
                   if m["name"] == "mvp-development-tracker")
    found = [a for a in cloudwatch.describe_alarms()["MetricAlarms"] if not a["AlarmName"].startswith("mvp-staging-")]
    alarms = {a["AlarmName"]: (a["MetricName"], {d["Name"]: d["Value"] for d in a["Dimensions"]}) for a in found}
    check("the alarms look at what is there", alarms, {
        "mvp-failed-invocations": ("FailedInvocations", {"EventBusName": "mvp-development", "RuleName": "mvp-development-rule"}),
        "mvp-lost-dead-letters": ("InvocationsFailedToBeSentToDlq", {"EventBusName": "mvp-development", "RuleName": "mvp-development-rule"}),
        "mvp-lost-state-changes": ("InvocationsFailedToBeSentToDlq", {"RuleName": "mvp-development-rule-state"}),
        "mvp-dead-letters": ("ApproximateNumberOfMessagesVisible", {"QueueName": "mvp-development-dlq"}),
        "mvp-failed-jobs": ("FailedJobs", {"JobQueue": "mvp-pipeline-queue"}),
        "mvp-tracker-failed": ("ExecutionsFailed", {"StateMachineArn": machine}),
    })
    check("... and tell somebody", [len(a["AlarmActions"]) for a in found], [1] * len(found))
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
    state = [r for r in default if "Batch Job State Change" in r.get("EventPattern", "") and queue["jobQueueArn"] in r["EventPattern"]]
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
    for name, s in states.items():
        if "ExpressionAttributeValues" in s.get("Parameters", {}):
            p = s["Parameters"]
            used = set(re.findall(r":[a-zA-Z0-9]+", p["UpdateExpression"] + " " + p["ConditionExpression"]))
            check(f"{name} uses each of its values, as DynamoDB demands", used, {v.removesuffix(".$") for v in p["ExpressionAttributeValues"]})

    topics = {t["TopicArn"].rpartition(":")[2]: t["TopicArn"] for t in client("sns").list_topics()["Topics"]}
    tracker.run(check, client, definition, {n: topics[f"mvp-job-{n}"] for n in ("finished", "failed")})
    if os.environ.get("MVPDASH") and os.environ.get("IAM_SIMULATE"):
        infra_iam.run(check, client, os.environ["MVPDASH"], os.environ["IAM_SIMULATE"], definition)
    else:
        print("# MVPDASH or IAM_SIMULATE is not set: the policies are not judged")

    table = ddb.describe_table(TableName="mvp-development-jobs")["Table"]
    check("both indexes", sorted(i["IndexName"] for i in table["GlobalSecondaryIndexes"]),
          ["status-updatedAt-index", "user-jobs-index"])
    check("the stream", table["StreamSpecification"], {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    definition = batch.describe_job_definitions(jobDefinitionName="mvp-pipeline-job", status="ACTIVE")["jobDefinitions"][0]
    container = definition["containerProperties"]
    check("the container logs to the group", container["logConfiguration"]["options"]["awslogs-group"], "/aws/batch/mvp-pipeline-job")
    options = container["logConfiguration"]["options"]
    check("... and never waits for it", (options["mode"], options["max-buffer-size"]), ("non-blocking", "25m"))
    secret = next(s["ARN"] for s in client("secretsmanager").list_secrets()["SecretList"] if s["Name"].startswith("mvp/"))
    check("the container gets the secret by reference", container["secrets"], [{"name": "FOUNDERDASH_DATABASE_URL", "valueFrom": secret}])
    check("... and no value of it is in its environment", [e for e in container["environment"] if "URL" in e["name"]], [])
    check("the container knows its limit", {e["name"]: e["value"] for e in container["environment"]}["MVP_STAGE_TIMEOUT_S"], "3600")
    check("no JOB_ID default that would hide a missing one",
          [e for e in container["environment"] if e["name"] == "JOB_ID"], [])
    check("the image is named by its tag", container["image"].rsplit(":", 1)[1], "first")
    check("the root cannot be written to", container["readonlyRootFilesystem"], True)
    check("... and the folder of the work is a volume", (container["mountPoints"], container["volumes"]),
          ([{"containerPath": "/work", "sourceVolume": "work", "readOnly": False}], [{"name": "work"}]))
    check("an init process", container["linuxParameters"], {"initProcessEnabled": True})
    check("the machine", container["runtimePlatform"], {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"})
    ecr = client("ecr")
    check("a tag is pushed once", [r["imageTagMutability"] for r in ecr.describe_repositories(
        repositoryNames=["mvp-pipeline"])["repositories"]], ["IMMUTABLE"])
    rules = json.loads(ecr.get_lifecycle_policy(repositoryName="mvp-pipeline")["lifecyclePolicyText"])["rules"]
    check("old images go", [(r["selection"]["tagStatus"], r["selection"]["countNumber"]) for r in rules],
          [("untagged", 7), ("any", 50)])
    retry = definition["retryStrategy"]
    check("two attempts", retry["attempts"], 2)
    check("only what lost its host or never started is tried again", [(r["action"].upper(), r.get("onStatusReason") or r.get("onExitCode") or r.get("onReason"))
                                              for r in retry["evaluateOnExit"]],
          [("EXIT", "75"), ("RETRY", "Your Spot Task was interrupted*"), ("RETRY", "Task failed to start*"), ("EXIT", "*"), ("EXIT", "*")])
    check("a timeout", definition["timeout"], {"attemptDurationSeconds": 21600})
    compute(queue)
    groups = {g["logGroupName"]: g.get("retentionInDays") for g in logs.describe_log_groups()["logGroups"]}
    check("log groups with retention", (groups.get("/aws/batch/mvp-pipeline-job"), groups.get("/aws/events/rule/mvp-development-rule")), (30, 30))


def compute(queue):
    """On demand, then Spot; jobs that can never start; and who hears of a queue that stands still."""
    batch, events, sns = client("batch"), client("events"), client("sns")
    kinds = {e["computeEnvironmentArn"]: (e["computeEnvironmentName"], e["computeResources"]["type"], e["state"])
             for e in batch.describe_compute_environments()["computeEnvironments"]}
    order = sorted(queue["computeEnvironmentOrder"], key=lambda o: o["order"])
    check("on demand and Spot are both in the queue, in this order", [kinds[o["computeEnvironment"]] for o in order],
          [("mvp-pipeline-compute", "FARGATE", "ENABLED"), ("mvp-pipeline-spot", "FARGATE_SPOT", "ENABLED")])
    check("jobs that cannot start are ended, by Batch's reasons",
          sorted((a["reason"], a["state"], a["action"], a["maxTimeSeconds"]) for a in queue["jobStateTimeLimitActions"]),
          [("CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", "RUNNABLE", "CANCEL", 14400),
           ("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", "RUNNABLE", "CANCEL", 600),
           ("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", "RUNNABLE", "CANCEL", 600)])
    rule = events.describe_rule(Name="mvp-development-rule-blocked")
    check("a blocked queue is a rule on the default bus", json.loads(rule["EventPattern"]), {
        "source": ["aws.batch"], "detail-type": ["Batch Job Queue Blocked"], "detail": {"jobQueue": [queue["jobQueueArn"]]}})
    target = events.list_targets_by_rule(Rule=rule["Name"])["Targets"][0]
    check("... to the alarms' topic", target["Arn"].endswith(":mvp-alarms"), True)
    text = target["InputTransformer"]["InputTemplate"]
    for name in target["InputTransformer"]["InputPathsMap"]:
        text = text.replace(f"<{name}>", "x")
    check("... as one sentence", (isinstance(json.loads(text), str), "<" in text), (True, False))
    policy = json.loads(sns.get_topic_attributes(TopicArn=target["Arn"])["Attributes"]["Policy"])
    lets_in = {s["Principal"]["Service"]: next(iter(s["Condition"].values())) for s in policy["Statement"]}
    check("... which lets the rule in, and the alarms of this account", lets_in, {
        "events.amazonaws.com": {"aws:SourceArn": rule["Arn"]}, "cloudwatch.amazonaws.com": {"aws:SourceAccount": "123456789012"}})


def inventory():
    """Everything that the account has of the kinds that infra/ makes, as texts that hold their names."""
    iam, found = client("iam"), set()
    for r in iam.list_roles()["Roles"]:
        found.add(f"role {r['Arn']}")
        found |= {f"role {r['Arn']} policy {p}" for p in iam.list_role_policies(RoleName=r["RoleName"])["PolicyNames"]}
        found |= {f"role {r['Arn']} has {p['PolicyArn']}" for p in
                  iam.list_attached_role_policies(RoleName=r["RoleName"])["AttachedPolicies"]}
    found |= {f"policy {p['Arn']}" for p in iam.list_policies(Scope="Local")["Policies"]}
    for region in REGIONS:
        found |= {f"{region} {what}" for what in regional(region)}
    return found


def regional(region):
    at = lambda service: client(service, region)
    events, batch, ec2, sns = at("events"), at("batch"), at("ec2"), at("sns")
    for bus in [b["Name"] for b in events.list_event_buses()["EventBuses"]]:
        yield f"bus {bus}"
        for rule in events.list_rules(EventBusName=bus)["Rules"]:
            yield f"rule {rule['Arn']}"
            for t in events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"]:
                yield f"target {rule['Arn']} {t['Id']} {t['Arn']}"
    yield from (f"archive {a['ArchiveName']}" for a in events.list_archives()["Archives"])
    yield from (f"queue {q}" for q in at("sqs").list_queues().get("QueueUrls", []))
    yield from (f"table {t}" for t in at("dynamodb").list_tables()["TableNames"])
    yield from (f"job queue {q['jobQueueArn']}" for q in batch.describe_job_queues()["jobQueues"])
    yield from (f"environment {e['computeEnvironmentArn']}" for e in batch.describe_compute_environments()["computeEnvironments"])
    yield from (f"definition {d['jobDefinitionArn']}" for d in
                batch.describe_job_definitions(status="ACTIVE")["jobDefinitions"])
    logs = at("logs")
    for g in logs.describe_log_groups()["logGroups"]:
        yield f"log group {g['logGroupName']} {g.get('retentionInDays')}"
        for st in logs.describe_log_streams(logGroupName=g["logGroupName"])["logStreams"]:
            yield f"log stream {g['logGroupName']} {st['logStreamName']}"
    yield from (f"log policy {p['policyName']}" for p in logs.describe_resource_policies()["resourcePolicies"])
    yield from (f"topic {t['TopicArn']}" for t in sns.list_topics()["Topics"])
    yield from (f"subscription {t['TopicArn']} {t['Endpoint']}" for t in sns.list_subscriptions()["Subscriptions"])
    yield from (f"dashboard {d['DashboardName']}" for d in at("cloudwatch").list_dashboards()["DashboardEntries"])
    yield from (f"alarm {a['AlarmName']}" for a in at("cloudwatch").describe_alarms()["MetricAlarms"])
    yield from (f"secret {x['ARN']}" for x in at("secretsmanager").list_secrets()["SecretList"])
    yield from (f"repository {x['repositoryArn']}" for x in at("ecr").describe_repositories()["repositories"])
    yield from (f"machine {m['stateMachineArn']}" for m in at("stepfunctions").list_state_machines()["stateMachines"])
    yield from (f"bucket {b['Name']}" for b in at("s3").list_buckets()["Buckets"])
    for kind, things, key in (
        ("VPC", ec2.describe_vpcs()["Vpcs"], "VpcId"),
        ("subnet", ec2.describe_subnets()["Subnets"], "SubnetId"),
        ("route table", ec2.describe_route_tables()["RouteTables"], "RouteTableId"),
        ("security group", ec2.describe_security_groups()["SecurityGroups"], "GroupId"),
        # moto keeps those that were deleted, and says so.
        ("endpoint", [e for e in ec2.describe_vpc_endpoints()["VpcEndpoints"] if e["State"] != "deleted"], "VpcEndpointId"),
    ):
        for thing in things:
            project = {t["Key"]: t["Value"] for t in thing.get("Tags", [])}.get("Project")
            # What comes and goes with a VPC has no tags: its main route table, its default group.
            if project:
                yield f"{kind} {thing[key]} of {project}"


def others_things():
    """What other teams have in the same account before any of this: Batch's default log group, a state bucket."""
    logs = client("logs")
    logs.create_log_group(logGroupName=SHARED)
    logs.create_log_stream(logGroupName=SHARED, logStreamName="their-job/default/1")
    client("s3").create_bucket(Bucket=STATE)


def lock():
    """The example's state is locked while somebody works on it."""
    s3, key = client("s3"), "mvp/staging.tfstate"
    check("the state is in the bucket, under its key, and no lock is left",
          [o["Key"] for o in s3.list_objects_v2(Bucket=STATE)["Contents"]], [key])
    who = {"ID": "1", "Operation": "OperationTypeApply", "Info": "", "Who": "somebody@else", "Version": "1.11.4",
           "Created": "2026-01-02T03:04:05Z", "Path": f"{STATE}/{key}"}
    s3.put_object(Bucket=STATE, Key=key + ".tflock", Body=json.dumps(who).encode())
    code, out = change("staging", "destroy")
    check("... and who holds the lock is named to the others", (code, "somebody@else" in out), (1, True))
    s3.delete_object(Bucket=STATE, Key=key + ".tflock")


def one_goes():
    """One system is destroyed: all of its things go, and nothing else does."""
    before = inventory()
    lock()
    check("... who touched nothing", inventory(), before)
    code, out = change("staging", "destroy")
    check("destroy: staging", code, 0)
    slow(out)
    if code != 0:
        print(out[-3000:])
    after = inventory()
    ours = {x for x in before if "mvp-staging" in x}
    check("it was there, in every kind", len(ours) > 50, True)
    check("... and only what was its own went", (before - after - ours, ours & after, after - before), (set(), set(), set()))
    check("another team's logs are still there",
          {f"us-east-1 log group {SHARED} None", f"us-east-1 log stream {SHARED} their-job/default/1"} <= after, True)
    return after


def changes(*variables, folder="infra"):
    """What a plan would do, by address, and what it said."""
    code, out = terraform("plan", "-input=false", "-json", *variables, folder=folder)
    said = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    check("a plan can be made", (code, [m["@message"] for m in said if m["@level"] in ("error", "warn")]), (0, []))
    planned_changes = {m["change"]["resource"]["addr"]: m["change"]["action"] for m in said if m["type"] == "planned_change"}
    return {a: what for a, what in planned_changes.items() if what not in ("noop", "read") and a not in FORGETFUL}, out


def unchanged(folder):
    """A plan of a system that stands finds nothing to do."""
    found, out = changes(*SYSTEMS[folder][1], folder=folder)
    check(f"a second plan shows no change: {folder}", found, {})
    if found:
        print(out[-3000:])


def kept(before):
    """A system in use is neither renamed nor destroyed, and a refusal touches nothing."""
    for variable in ("name=other", "region=eu-west-1"):
        code, out = change("infra", "apply", "-var", variable)
        check(f"{variable} is refused, with the way out",
              (code, "This state holds the system mvp in us-east-1 of account 123456789012" in in_words(out)), (1, True))
    code, out = change("infra", "destroy", "-var", "ephemeral=true")
    check("destroy is refused, with the way out", (code, "To take it down, apply it with -var ephemeral=true first." in in_words(out)), (1, True))
    check("... and nothing was touched", before ^ inventory(), set())
    check("... the table is protected by itself too",
          client("dynamodb").describe_table(TableName="mvp-development-jobs")["Table"]["DeletionProtectionEnabled"], True)
    # As jobs run, the order of the two environments changes, and nothing else.
    found, _ = changes(*SYSTEMS["infra"][1], "-var", "spot=true")
    check("spot=true changes the queue in place, and nothing else", found, {"aws_batch_job_queue.this": "update"})


# What the doctor cannot find well here: there is no terminal, moto answers no TestEventPattern and no
# SimulatePrincipalPolicy, and nobody pushed an image yet.
MOTO_CANNOT = {"A2": "SKIP", "B4": "UNKNOWN", "D4": "UNKNOWN", "D5": "UNKNOWN", "D8": "UNKNOWN", "F5": "FAIL",
               "H1": "UNKNOWN"}


def doctor(env_text):
    """mvpdash finds the applied system well: by env_file as it is, and by its defaults alone."""
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
    check(f"the doctor finds the applied system well{'' if env_text else ', without any configuration'}", bad, {})
    check("... by all of its checks", len(checks) > 30, True)


def main():
    global ENDPOINT
    server = start()
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    ENDPOINT = f"http://127.0.0.1:{proxy.server_port}"
    try:
        shutil.copytree(INFRA, WORK + "/infra", ignore=OURS)
        with open(WORK + "/rc", "w") as f:
            if os.path.isdir(MIRROR):
                f.write(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{MIRROR}"\n  }}\n}}\n')
        code, out = terraform("init", "-input=false", "-no-color")
        if code != 0:
            why = " ".join(out[out.find("Error"):].replace("\u2502", " ").split())[:300]
            print(f"SKIP infra/ is not applied: the AWS provider cannot be had here: {why}")
            return 3
        others_things()
        if not apply_all():
            return 1
        assertions()
        people_and_alarms()
        before = one_goes()
        unchanged("infra")
        with open(WORK + "/infra/terraform.tfstate") as f:
            made = [(r["type"], i["attributes"]) for r in json.load(f)["resources"] if r["mode"] == "managed" for i in r["instances"]]
        untagged = [kind for kind, has in made if "tags_all" in has and (has["tags_all"] or {}).get("Project") != "mvp"]
        check("everything that can have tags has them", untagged, [])
        unchanged("abroad")
        code, env_file = terraform("output", "-raw", "env_file")
        check("env_file has the names", {"DYNAMODB_TABLE_NAME=mvp-development-jobs", "BATCH_LOG_GROUP=/aws/batch/mvp-pipeline-job"}
              <= set(env_file.splitlines()), True)
        doctor(env_file)
        doctor("")
        kept(before)
        code, out = change("infra", "apply", "-var", "ephemeral=true")
        check("the protection is taken off, and the outputs are back", (code, terraform("output", "-raw", "env_file")),
              (0, (0, env_file)))
        others = threading.Thread(target=variants)
        others.start()  # their state is another one: they plan while this waits for the provider
        abroad = threading.Thread(target=lambda: check("destroy: abroad", change("abroad", "destroy")[0], 0))
        abroad.start()
        code, out = change("infra", "destroy", "-var", "ephemeral=true")
        check("destroy", code, 0)
        slow(out)
        others.join()
        abroad.join()
        code, out = terraform("state", "list")
        check("nothing is left", out.strip(), "")
        check("... in the service either", {x for x in inventory() if "mvp" in x}, set())
        return 0
    finally:
        proxy.shutdown()
        server.terminate()
        server.wait()
        shutil.rmtree(WORK, ignore_errors=True)


ENDPOINT = ""
if __name__ == "__main__":
    status = main()
    sys.exit(1 if failures else status)
