"""infra/ with api=true, a key of its own and flow logs: applied, planned again, planned once more as another
system beside it, and destroyed against moto. Its other shapes are plans in infra/tests/api.tftest.hcl.

usage: terraform_api.py PATH/TO/infra [PLUGIN_MIRROR]

As terraform_moto.py, whose moto, proxy and terraform these are. MVPDASH names the program whose
`iam --api` and `serve` are compared with what was made; IAM_SIMULATE the folder of the judge of policies.
"""

import datetime
import http.server
import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import infra_iam  # noqa: E402
import terraform_moto as tf  # noqa: E402
from terraform_moto import check, client  # noqa: E402

PROGRAM = os.environ.get("MVPDASH")
# What moto lacks and the provider asks for.
tf.LACKING["AnyScaleFrontendService.ListTagsForResource"] = {"Tags": {"ManagedBy": "terraform", "Project": "mvp"}}
SERVE_KEEPS_S = 30  # httpd_options.idle_ms
SERVE_DRAINS_S = 25  # DRAIN_MS of src/api/serve.c
SERVE_ANSWERS_S = 10  # serve's --timeout


ASKED = {}  # moto forgets parts of a service: what the provider asked for


class Proxy(tf.Proxy):
    def forward(self):
        if self.headers.get("X-Amz-Target", "").endswith(".CreateService"):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            ASKED.update(json.loads(body))
            self.rfile = io.BytesIO(body)
        super().forward()

    def answer(self, status, headers, data):
        if self.headers.get("X-Amz-Target", "").endswith(".DescribeServices") and status == 200:
            document = json.loads(data)
            for service in document["services"]:
                service.update({k: ASKED[k] for k in ("availabilityZoneRebalancing", "healthCheckGracePeriodSeconds")})
            data = json.dumps(document).encode()
        super().answer(status, headers, data)

    do_POST = forward


def api_network():
    ec2, elb = client("ec2"), client("elbv2")
    lb = elb.describe_load_balancers(Names=["mvp-api"])["LoadBalancers"][0]
    check("the load balancer is in two zones", len({z["ZoneName"] for z in lb["AvailabilityZones"]}), 2)
    has = {a["Key"]: a["Value"] for a in elb.describe_load_balancer_attributes(LoadBalancerArn=lb["LoadBalancerArn"])["Attributes"]}
    idle = int(has["idle_timeout.timeout_seconds"])
    check("it lets go of a connection before serve does, and not of one that waits for an answer",
          SERVE_ANSWERS_S < idle < SERVE_KEEPS_S, True)
    check("it drops header fields in doubt", has["routing.http.drop_invalid_header_fields.enabled"], "true")
    listeners = elb.describe_listeners(LoadBalancerArn=lb["LoadBalancerArn"])["Listeners"]
    check("only TLS is listened for", [(x["Protocol"], x["Port"]) for x in listeners], [("HTTPS", 443)])
    check("... of version 1.2 at least", listeners[0]["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2"), True)
    group = elb.describe_target_groups(Names=["mvp-api"])["TargetGroups"][0]
    check("the target group asks /readyz", (group["HealthCheckPath"], group["Matcher"]["HttpCode"], group["TargetType"]),
          ("/readyz", "200", "ip"))
    has = {a["Key"]: a["Value"] for a in elb.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])["Attributes"]}
    check("what is under way is waited for", int(has["deregistration_delay.timeout_seconds"]) > SERVE_ANSWERS_S, True)
    rules = {}
    groups = {g["GroupId"]: g["GroupName"] for g in ec2.describe_security_groups()["SecurityGroups"]}
    for r in ec2.describe_security_group_rules()["SecurityGroupRules"]:
        who = r.get("CidrIpv4") or groups.get(r.get("ReferencedGroupInfo", {}).get("GroupId"))
        rules.setdefault((groups[r["GroupId"]], "out" if r["IsEgress"] else "in"), set()).add((who, r["FromPort"], r["ToPort"]))
    check("clients reach the load balancer alone, on 443", rules[("mvp-api-lb", "in")], {("0.0.0.0/0", 443, 443)})
    check("... which reaches the tasks alone", rules[("mvp-api-lb", "out")], {("mvp-api", 8080, 8080)})
    check("... and nobody else does", rules[("mvp-api", "in")], {("mvp-api-lb", 8080, 8080)})
    check("the tasks reach the endpoints", ("mvp-api", 443, 443) in rules[("mvp-endpoint", "in")], True)
    named = {e["ServiceName"].removeprefix("com.amazonaws.us-east-1.") for e in ec2.describe_vpc_endpoints()["VpcEndpoints"]}
    check("there is an endpoint for all that a task needs", named, {
        "s3", "dynamodb", "ecr.api", "ecr.dkr", "logs", "secretsmanager", "events", "batch", "sts"})
    own = [g for g in ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [lb["VpcId"]]}])["SecurityGroups"] if g["GroupName"] == "default"]
    check("the group that a VPC begins with lets nothing through", [(g["IpPermissions"], g["IpPermissionsEgress"]) for g in own], [([], [])])
    subnets = {s["SubnetId"]: s for s in ec2.describe_subnets()["Subnets"]}
    return lb, group, [subnets[z["SubnetId"]]["CidrBlock"] for z in lb["AvailabilityZones"]]


def api_task(cidrs, env_file):
    ecs, secrets = client("ecs"), client("secretsmanager")
    service = ecs.describe_services(cluster="mvp-api", services=["mvp-api"])["services"][0]
    check("two tasks on Fargate", (ASKED["launchType"], ASKED["desiredCount"]), ("FARGATE", 2))
    how = ASKED["deploymentConfiguration"]
    check("a deployment that fails is rolled back", how["deploymentCircuitBreaker"], {"enable": True, "rollback": True})
    check("... and no task goes before another is well", how["minimumHealthyPercent"], 100)
    net = ASKED["networkConfiguration"]["awsvpcConfiguration"]
    check("the tasks have no public address", (net["assignPublicIp"], len(net["subnets"])), ("DISABLED", 2))
    task = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    c = task["containerDefinitions"][0]
    check("serve runs, from the pipeline's image", (c["entryPoint"], c["command"][0], c["image"].endswith("/mvp-pipeline:first")),
          (["/usr/local/bin/mvpdash"], "serve", True))
    check("... believes the load balancer's subnets", sorted(
        c["command"][i + 1] for i, a in enumerate(c["command"]) if a == "--trusted-proxy"), sorted(cidrs))
    check("... under a root that cannot be written, as nobody", (c["readonlyRootFilesystem"], c["user"]), (True, "10001:10001"))
    check("... with all the time to stop that it may take", SERVE_DRAINS_S < c["stopTimeout"] <= 120, True)
    check("... asked whether it is alive", c["healthCheck"]["command"][-1], "http://127.0.0.1:8080/healthz")
    lines = dict(x.split("=", 1) for x in env_file.splitlines() if not x.startswith("#"))
    check("it knows what env_file says, and keeps its state in the table",
          {e["name"]: e["value"] for e in c["environment"]}, lines | {"MVPDASH_STATE": "table"})
    secret = secrets.list_secrets(Filters=[{"Key": "name", "Values": ["mvp/api-token"]}])["SecretList"][0]
    check("it gets the token by reference", c["secrets"], [{"name": "MVPDASH_API_TOKEN", "valueFrom": secret["ARN"]}])
    check("... and Terraform put no value there", "SecretVersionsToStages" in secret and bool(secret["SecretVersionsToStages"]), False)
    return c["command"]


def api_rest(lb, group):
    ddb, scaling, cloudwatch = client("dynamodb"), client("application-autoscaling"), client("cloudwatch")
    table = ddb.describe_table(TableName="mvp-development-state")["Table"]
    check("the state table's keys", ([(k["AttributeName"], k["KeyType"]) for k in table["KeySchema"]], {
        a["AttributeName"]: a["AttributeType"] for a in table["AttributeDefinitions"]}),
          ([("pk", "HASH"), ("sk", "RANGE")], {"pk": "S", "sk": "S"}))
    check("... what is over goes by itself", ddb.describe_time_to_live(TableName="mvp-development-state")["TimeToLiveDescription"],
          {"TimeToLiveStatus": "ENABLED", "AttributeName": "expiresAt"})
    backups = ddb.describe_continuous_backups(TableName="mvp-development-state")["ContinuousBackupsDescription"]
    check("... and it can be put back", backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"], "ENABLED")
    target = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]
    check("between two tasks and six", (target["ResourceId"], target["MinCapacity"], target["MaxCapacity"]),
          ("service/mvp-api/mvp-api", 2, 6))
    how = {p["TargetTrackingScalingPolicyConfiguration"]["PredefinedMetricSpecification"]["PredefinedMetricType"]:
           p["TargetTrackingScalingPolicyConfiguration"] for p in scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]}
    check("by CPU and by requests a target", sorted(how), ["ALBRequestCountPerTarget", "ECSServiceAverageCPUUtilization"])
    suffix = lambda arn, kind: arn.split(kind, 1)[1]
    lb_name, group_name = suffix(lb["LoadBalancerArn"], "loadbalancer/"), "targetgroup/" + suffix(group["TargetGroupArn"], "targetgroup/")
    check("... of this target group", how["ALBRequestCountPerTarget"]["PredefinedMetricSpecification"].get("ResourceLabel"),
          f"{lb_name}/{group_name}")
    of_lb, of_group = {"LoadBalancer": lb_name}, {"LoadBalancer": lb_name, "TargetGroup": group_name}
    alarms = {a["AlarmName"]: a for a in cloudwatch.describe_alarms(AlarmNamePrefix="mvp-api-")["MetricAlarms"]}
    check("the API's alarms look at what is there", {
        n: (a["MetricName"], a.get("Statistic") or a.get("ExtendedStatistic"), {d["Name"]: d["Value"] for d in a["Dimensions"]})
        for n, a in alarms.items()}, {
        "mvp-api-errors": ("HTTPCode_Target_5XX_Count", "Sum", of_group),
        "mvp-api-unreached": ("HTTPCode_ELB_5XX_Count", "Sum", of_lb),
        "mvp-api-slow": ("TargetResponseTime", "p99", of_group),
        "mvp-api-unhealthy": ("UnHealthyHostCount", "Maximum", of_group),
        "mvp-api-down": ("HealthyHostCount", "Maximum", of_group),
    })
    topics = {t["TopicArn"] for t in client("sns").list_topics()["Topics"]}
    check("... and tell somebody", all(set(a["AlarmActions"]) <= topics and a["AlarmActions"] for a in alarms.values()), True)
    check("no data about healthy tasks is an alarm", alarms["mvp-api-down"]["TreatMissingData"], "breaching")


def encrypted():
    """One key for all that is kept, and who may use it; flow logs."""
    kms, logs = client("kms"), client("logs")
    key = next(a["TargetKeyId"] for a in kms.list_aliases()["Aliases"] if a["AliasName"] == "alias/mvp")
    of_ours = lambda k: k is not None and k.rpartition("/")[2] == key
    tables = {t: client("dynamodb").describe_table(TableName=t)["Table"]["SSEDescription"].get("KMSMasterKeyArn")
              for t in ("mvp-development-jobs", "mvp-development-state")}
    topics = {t["TopicArn"]: client("sns").get_topic_attributes(TopicArn=t["TopicArn"])["Attributes"].get("KmsMasterKeyId")
              for t in client("sns").list_topics()["Topics"]}
    groups = {g["logGroupName"]: g.get("kmsKeyId") for g in logs.describe_log_groups()["logGroups"]}
    secrets = {s["Name"]: s.get("KmsKeyId") for s in client("secretsmanager").list_secrets()["SecretList"]}
    url = client("sqs").get_queue_url(QueueName="mvp-development-dlq")["QueueUrl"]
    queues = {"dlq": client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["KmsMasterKeyId"])["Attributes"]["KmsMasterKeyId"]}
    kept = tables | topics | groups | secrets | queues
    check("all that is kept is encrypted with the system's key", [n for n, k in kept.items() if not of_ours(k)], [])
    check("... tables, topics, log groups, secrets and the queue", [len(x) for x in (tables, topics, groups, secrets, queues)], [2, 3, 5, 1, 1])
    statements = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])["Statement"]
    listed = lambda x: x if isinstance(x, list) else [x]
    services = {p for s in statements for p in listed(s["Principal"].get("Service", []))}
    check("... which the services may use that write on their own", services,
          {"events.amazonaws.com", "cloudwatch.amazonaws.com", "logs.us-east-1.amazonaws.com"})
    through = [c for s in statements for c in listed(s.get("Condition", {}).get("StringEquals", {}).get("kms:ViaService", []))]
    check("... and people and roles through the others", sorted(through),
          [f"{s}.us-east-1.amazonaws.com" for s in ("dynamodb", "secretsmanager", "sns", "sqs")])
    flow = client("ec2").describe_flow_logs()["FlowLogs"]
    check("flow logs go to a group of the system's own", [(f["LogDestination"].partition("log-group:")[2], f["TrafficType"]) for f in flow],
          [("/aws/vpc/mvp-flow", "ALL")])
    return kms, key


def seen(lb):
    """The dashboard looks at this load balancer."""
    body = json.loads(client("cloudwatch").get_dashboard(DashboardName="mvp-us-east-1")["DashboardBody"])
    name = lb["LoadBalancerArn"].split("loadbalancer/", 1)[1]
    found = [m[3] for w in body["widgets"] for m in w["properties"]["metrics"] if m[0] == "AWS/ApplicationELB"]
    check("the dashboard shows the load balancer's latency", found, [name, name])


NAMING = ("name", "alarm_name", "dashboard_name", "family", "compute_environment_name", "policy_name", "resource_id",
          "rule", "event_bus_name", "target_id", "table_name")  # fmt: skip
OF_ANOTHER = {"aws_iam_role_policy"}  # its name counts within its role


def beside(state, shape):
    """Another system with an API of its own in the same account and region takes no name that is taken."""
    made = tf.planned("beside", "name=mvp-two", *shape)
    taken = {}
    for r in state:
        taken.setdefault(r["type"], []).extend(i["attributes"] for i in r["instances"])
    named = {a: {k: v[k] for k in NAMING if isinstance(v.get(k), str)} for a, v in made.items() if a.split(".")[0] not in OF_ANOTHER}
    named = {a: names for a, names in named.items() if names}
    clash = [a for a, names in named.items() if any(all(x.get(k) == v for k, v in names.items()) for x in taken.get(a.split(".")[0], []))]
    check("... and takes no name that is taken", (clash, len(named) > 50, "aws_lb.api[0]" in named), ([], True, True))


# Where infra/ knows better than the program: these resources are narrower than what `iam --api` prints.
NARROWER = {"iam:GetRole", "ecr:DescribeImages"}


def statements(document):
    listed = lambda x: x if isinstance(x, list) else [x]
    return sorted((sorted(listed(s["Action"])), sorted(listed(s["Resource"]))) for s in listed(document["Statement"]))


def api_policy(env_file):
    iam = client("iam")
    made = statements(iam.get_role_policy(RoleName="mvp-us-east-1-api", PolicyName="serve")["PolicyDocument"])
    if not PROGRAM:
        print("# MVPDASH is not set: the task's policy is not compared")
        return
    with open(tf.WORK + "/env", "w") as f:
        f.write(env_file)
    env = {"PATH": os.environ["PATH"], "HOME": tf.WORK, "LC_ALL": "C.UTF-8"}
    p = subprocess.run([PROGRAM, "iam", "--api", "--json", "--env-file", tf.WORK + "/env"], env=env, capture_output=True,
                       text=True, timeout=60, cwd=tf.WORK, check=True)
    told = statements(json.loads(p.stdout))
    account = re.compile(r"^(arn:aws:[a-z]+:[a-z0-9-]*:)123456789012:")
    check("the task may what `mvpdash iam --api` says", [a for a, _ in made], [a for a, _ in told])
    for (actions, ours), (_, theirs) in zip(made, told, strict=True):
        ours = [account.sub(r"\1*:", r) for r in ours]
        if NARROWER & set(actions):
            fits = all(any(re.fullmatch(re.escape(t).replace(r"\*", ".*"), r) for t in theirs) for r in ours)
            check(f"... and {actions[0]} on no more than that", (fits, bool(ours)), (True, True))
        else:
            check(f"... {actions[0]} on the same", ours, theirs)
    start = statements(iam.get_role_policy(RoleName="mvp-us-east-1-api-execution", PolicyName="start")["PolicyDocument"])
    check("ECS may read one secret for it", [r for a, r in start if a == ["secretsmanager:GetSecretValue"]][0][0].split(":secret:")[1]
          .startswith("mvp/api-token"), True)
    trust = iam.get_role(RoleName="mvp-us-east-1-api")["Role"]["AssumeRolePolicyDocument"]["Statement"]
    check("only ECS of this account may be the task", (trust[0]["Principal"], trust[0]["Condition"]["StringEquals"]),
          ({"Service": "ecs-tasks.amazonaws.com"}, {"aws:SourceAccount": "123456789012"}))


def left():
    """What the service has of ours."""
    ecs, elb, scaling = client("ecs"), client("elbv2"), client("application-autoscaling")
    found = tf.inventory() | {
        # moto lists those that were deleted, and those of Batch.
        *(f"cluster {c['clusterName']}" for c in ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
          if c["status"] == "ACTIVE"),
        *(f"load balancer {x['LoadBalancerArn']}" for x in elb.describe_load_balancers()["LoadBalancers"]),
        *(f"target group {x['TargetGroupArn']}" for x in elb.describe_target_groups()["TargetGroups"]),
        *(f"scaling {x['ResourceId']}" for x in scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]),
    }
    return {x for x in found if "mvp" in x}


def proven():
    code, out = tf.terraform("init", "-input=false", "-no-color")
    if code != 0:
        print("SKIP infra/ with the API is not applied: the AWS provider cannot be had here")
        return 3
    variables = ["api=true", "api_internet_facing=true", "ephemeral=true", "customer_key=true", "flow_logs=true"]
    certificate = client("acm").request_certificate(DomainName="api.example.com")["CertificateArn"]
    variables.append(f"api_certificate_arn={certificate}")
    shape = [x for v in variables for x in ("-var", v)]
    code, out = tf.terraform("apply", "-auto-approve", "-input=false", "-no-color", *shape)
    check("apply with the API", (code, "Warning" in out), (0, False))
    tf.slow(out)
    if code != 0:
        print(out[-4000:])
        return 1
    code, env_file = tf.terraform("output", "-raw", "env_file")
    check("env_file names the state table", "DYNAMODB_STATE_TABLE_NAME=mvp-development-state" in env_file.splitlines(), True)
    check("it is there", len(left()) > 60, True)
    lb, group, cidrs = api_network()
    kms, key = encrypted()
    seen(lb)
    api_task(cidrs, env_file)
    api_rest(lb, group)
    api_policy(env_file)
    if PROGRAM and os.environ.get("IAM_SIMULATE"):
        infra_iam.replica(check, client, PROGRAM, os.environ["IAM_SIMULATE"])
    with open(tf.WORK + "/infra/terraform.tfstate") as f:
        state = json.load(f)["resources"]
    resources = {r["type"]: r["instances"][0]["attributes"] for r in state if r["instances"]}
    check("the load balancer is internet-facing", resources["aws_lb"]["internal"], False)
    check("no secret's value is in the state", [k for k in resources if "secret_version" in k or "random" in k], [])
    changes, out = tf.changes(*shape)
    changes = {a for a in changes if "_security_group_" not in a}
    check("a second plan shows no change", changes, set())
    if changes:
        print(out[-3000:])
    beside(state, variables)
    code, out = tf.terraform("destroy", "-auto-approve", "-input=false", "-no-color", *shape)
    check("destroy with the API", code, 0)
    tf.slow(out)
    if code != 0:
        print(out[-3000:])
    check("nothing is left of it", left(), set())
    gone = kms.describe_key(KeyId=key)["KeyMetadata"]
    check("... the key goes in a week", (gone["KeyState"], (gone["DeletionDate"] - datetime.datetime.now(datetime.UTC)).days in (6, 7)),
          ("PendingDeletion", True))
    return 0


def main():
    server = tf.start()
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    tf.ENDPOINT = f"http://127.0.0.1:{proxy.server_port}"
    try:
        shutil.copytree(tf.INFRA, tf.WORK + "/infra", ignore=tf.OURS)
        with open(tf.WORK + "/rc", "w") as f:
            if os.path.isdir(tf.MIRROR):
                f.write(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{tf.MIRROR}"\n  }}\n}}\n')
        return proven()
    finally:
        proxy.shutdown()
        server.terminate()
        server.wait()
        shutil.rmtree(tf.WORK, ignore_errors=True)


if __name__ == "__main__":
    status = main()
    sys.exit(1 if tf.failures else status)
