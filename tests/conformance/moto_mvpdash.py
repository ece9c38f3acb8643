"""mvpdash against moto, an implementation of AWS that is not ours.

usage: moto_mvpdash.py PATH/TO/mvpdash

Every expectation here is written by hand from the contract, never computed by mvpdash. Prints "ok" and
"not ok" lines; exits 1 when any is "not ok".
"""

import fcntl
import json
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
import urllib.error
import urllib.request

import boto3

MVPDASH = os.path.abspath(sys.argv[1])
TABLE = "mvp-development-jobs"
failures = 0


def check(name, got, want):
    global failures
    if got == want:
        print(f"ok {name}")
    else:
        failures += 1
        print(f"not ok {name}\n  got  {got!r}\n  want {want!r}")


def has(name, text, part):
    check(name, part if part in text else text, part)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


PORT = free_port()
ENDPOINT = f"http://127.0.0.1:{PORT}"
HOME = tempfile.mkdtemp(prefix="mvpdash-moto-")
ENV = {
    "PATH": os.environ["PATH"],
    "HOME": HOME,
    "LANG": "C.UTF-8",
    "AWS_ENDPOINT_URL": ENDPOINT,
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "s3cr3t-of-the-test",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
KW = dict(
    endpoint_url=ENDPOINT,
    region_name="us-east-1",
    aws_access_key_id="a",
    aws_secret_access_key="b",
)


def start_moto():
    """moto in a process of its own, the way its command does it."""
    code = f"from moto.server import main; main(['-H', '127.0.0.1', '-p', '{PORT}'])"
    server = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": HOME},
    )
    deadline = time.time() + 60
    while time.time() < deadline:
        try:
            urllib.request.urlopen(ENDPOINT + "/moto-api/data.json", timeout=2).read()
            break
        except OSError:
            time.sleep(0.1)
    config("config", {"batch": {"use_docker": False}})
    return server


def config(path, doc):
    request = urllib.request.Request(
        f"{ENDPOINT}/moto-api/{path}", data=json.dumps(doc).encode(), method="POST"
    )
    request.add_header("Content-Type", "application/json")
    urllib.request.urlopen(request).read()


def run(*args, env=None, timeout=180):
    p = subprocess.run(
        [MVPDASH, *args],
        env={**ENV, **(env or {})},
        capture_output=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        cwd=HOME,
    )
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def run_json(*args, **kw):
    code, out, err = run(*args, "--json", **kw)
    if code != 0:
        print(f"# {' '.join(args)}: exit {code}: {err.strip()[:600]}")
    try:
        return code, json.loads(out)
    except ValueError:
        return code, {"stdout": out, "stderr": err}


# ---- records in every shape of SPEC 1.2 ---------------------------------------------------------

HOSTILE = "\x1b]0;OWNED\x07\x1b[2J\u202egpj.exe\x9b31m\r\nend"

RECORDS = {
    "job_1_flat00000": {
        "jobId": {"S": "job_1_flat00000"},
        "userId": {"S": "user-flat"},
        "productId": {"S": "prod-1"},
        "status": {"S": "COMPLETED"},
        "progress": {"N": "100"},
        "stage": {"S": "COMPLETED"},
        "createdAt": {"S": "2025-08-20T10:30:00.000Z"},
        "updatedAt": {"S": "2025-08-20T11:30:00Z"},
        "startedAt": {"S": "2025-08-20T10:31:00"},
        "completedAt": {"S": "2025-08-20T13:30:00+02:00"},
        "githubRepo": {"S": "https://github.com/acme/app"},
        "stagingUrl": {"S": "https://staging.example.com"},
        "vercelUrl": {"S": "https://app.example.com"},
        "repoName": {"S": "app"},
        "batchJobId": {"S": "11111111-aaaa-bbbb-cccc-000000000001"},
        "metadata": {
            "M": {
                "businessName": {"S": "Flat Startup"},
                "requestedFeatures": {"SS": ["auth", "billing"]},
            }
        },
    },
    "job_2_nested000": {
        "jobId": {"S": "job_2_nested000"},
        "userId": {"S": "user-nested"},
        "productId": {"S": "prod-2"},
        "status": {"S": "FAILED"},
        "progress": {"N": "35"},
        "currentStep": {"S": "BUILDING"},
        "priority": {"S": "high"},
        "timestamps": {
            "M": {
                "createdAt": {"S": "2025-08-21T10:30:00.5Z"},
                "startedAt": {"S": "2025-08-21T10:31:00Z"},
                "completedAt": {"NULL": True},
                "estimatedCompletion": {"S": "2025-08-21T14:31:00Z"},
            }
        },
        "urls": {
            "M": {
                "codeRepository": {"S": "https://git.example.com/r"},
                "staging": {"NULL": True},
                "production": {"NULL": True},
            }
        },
        "resources": {"M": {"batchJobId": {"NULL": True}}},
        "errors": {
            "L": [
                {
                    "M": {
                        "timestamp": {"S": "2025-08-21T10:40:00Z"},
                        "message": {"S": "npm ERR! missing script"},
                        "step": {"S": "BUILDING"},
                    }
                }
            ]
        },
        "metadata": {
            "M": {
                "businessName": {"S": "Nested Startup"},
                "features": {"L": [{"S": "auth"}, {"S": "dashboard"}]},
                "precise": {"N": "12345678901234567890.123456789"},
            }
        },
    },
    "job_3_lower0000": {
        "jobId": {"S": "job_3_lower0000"},
        "userId": {"S": "user-lower"},
        "status": {"S": "completed"},
        "progress": {"S": "100"},
        "createdAt": {"S": "2025-08-22T00:00:00Z"},
        "lastError": {
            "S": '{"timestamp":"2025-08-22T00:01:00Z","message":"flaky","step":"INIT"}'
        },
    },
    "job_4_plainerr0": {
        "jobId": {"S": "job_4_plainerr0"},
        "status": {"S": "FAILED"},
        "lastError": {"S": "it just broke"},
        "createdAt": {"S": "2025-08-23T00:00:00Z"},
    },
    "job_5_missing00": {"jobId": {"S": "job_5_missing00"}},
    "job_6_nulls0000": {
        "jobId": {"S": "job_6_nulls0000"},
        **{
            k: {"NULL": True}
            for k in ("status", "progress", "currentStep", "timestamps", "urls", "errors", "metadata")
        },
    },
    "job_7_wrong0000": {
        "jobId": {"S": "job_7_wrong0000"},
        "status": {"N": "7"},
        "progress": {"S": "lots"},
        "currentStep": {"L": []},
        "userId": {"S": "user-wrong"},
        "timestamps": {"S": "yesterday"},
        "createdAt": {"S": "not a time"},
        "urls": {"L": [{"S": "x"}]},
        "errors": {"S": "text instead of a list"},
        "metadata": {"S": "x"},
        "features": {"BOOL": True},
        "resources": {"N": "1"},
    },
    "job_8_odd000000": {
        "jobId": {"S": "job_8_odd000000"},
        "status": {"S": "Waiting for Godot"},
        "progress": {"N": "250"},
        "tags": {"SS": ["a", "b"]},
        "nums": {"NS": ["1.5", "2"]},
        "bin": {"B": b"\x00\xff"},
        "createdAt": {"S": "2025-08-24T00:00:00Z"},
    },
    "job_9_hostile00": {
        "jobId": {"S": "job_9_hostile00"},
        "userId": {"S": HOSTILE},
        "status": {"S": "IN_PROGRESS"},
        "currentStep": {"S": HOSTILE},
        "createdAt": {"S": "2025-08-25T00:00:00Z"},
        "metadata": {"M": {"businessName": {"S": HOSTILE}, "features": {"SS": [HOSTILE]}}},
        "lastError": {"S": HOSTILE},
        "productId": {"S": "before\x00after"},
    },
    "job_10_mixed000": {
        "jobId": {"S": "job_10_mixed000"},
        "userId": {"S": "user-flat"},
        "status": {"S": "Completed"},
        "createdAt": {"S": "2025-08-26T00:00:00Z"},
        "timestamps": {"M": {"completedAt": {"S": "2025-08-26T01:00:00Z"}, "createdAt": {"NULL": True}}},
        "urls": {"M": {"codeRepository": {"NULL": True}}},
        "githubRepo": {"S": "https://github.com/acme/mixed"},
        "metadata": {"M": {"businessName": {"S": "\u6771\u4eac Startup"}, "features": {"NULL": True}}},
    },
}

# What `list --json` must say of each: only members that the shape is about.
EXPECT = {
    "job_1_flat00000": {
        "userId": "user-flat",
        "productId": "prod-1",
        "businessName": "Flat Startup",
        "status": "COMPLETED",
        "step": "COMPLETED",
        "progress": 100,
        "createdAt": "2025-08-20T10:30:00.000Z",
        "updatedAt": "2025-08-20T11:30:00.000Z",
        "startedAt": "2025-08-20T10:31:00.000Z",
        "completedAt": "2025-08-20T11:30:00.000Z",
        "batchJobId": "11111111-aaaa-bbbb-cccc-000000000001",
        "urls": {
            "repository": "https://github.com/acme/app",
            "staging": "https://staging.example.com",
            "production": "https://app.example.com",
        },
        "features": ["auth", "billing"],
        "errors": [],
    },
    "job_2_nested000": {
        "status": "FAILED",
        "step": "BUILDING",
        "progress": 35,
        "priority": "high",
        "businessName": "Nested Startup",
        "createdAt": "2025-08-21T10:30:00.500Z",
        "startedAt": "2025-08-21T10:31:00.000Z",
        "completedAt": None,
        "estimatedCompletion": "2025-08-21T14:31:00.000Z",
        "batchJobId": None,
        "urls": {"repository": "https://git.example.com/r", "staging": None, "production": None},
        "features": ["auth", "dashboard"],
        "errors": [
            {
                "timestamp": "2025-08-21T10:40:00.000Z",
                "message": "npm ERR! missing script",
                "step": "BUILDING",
            }
        ],
    },
    "job_3_lower0000": {
        "status": "COMPLETED",
        "progress": 100,
        "businessName": None,
        "errors": [{"timestamp": "2025-08-22T00:01:00.000Z", "message": "flaky", "step": "INIT"}],
    },
    "job_4_plainerr0": {
        "status": "FAILED",
        "userId": None,
        "errors": [{"timestamp": None, "message": "it just broke", "step": None}],
    },
    "job_5_missing00": {
        "status": None,
        "userId": None,
        "progress": None,
        "createdAt": None,
        "features": [],
        "errors": [],
        "urls": {"repository": None, "staging": None, "production": None},
    },
    "job_6_nulls0000": {"status": None, "progress": None, "step": None, "features": [], "errors": []},
    "job_7_wrong0000": {
        "userId": "user-wrong",
        "status": None,
        "progress": None,
        "step": None,
        "createdAt": None,
        "features": [],
    },
    "job_8_odd000000": {"status": "WAITING FOR GODOT", "createdAt": "2025-08-24T00:00:00.000Z"},
    "job_9_hostile00": {"status": "IN_PROGRESS", "userId": HOSTILE, "businessName": HOSTILE},
    "job_10_mixed000": {
        "status": "COMPLETED",
        "businessName": "\u6771\u4eac Startup",
        "completedAt": "2025-08-26T01:00:00.000Z",
        "createdAt": "2025-08-26T00:00:00.000Z",
        "urls": {"repository": "https://github.com/acme/mixed", "staging": None, "production": None},
    },
}

MEMBERS = {
    "jobId", "userId", "productId", "businessName", "status", "statusReason", "drift", "stuck", "step",
    "progress", "priority", "features", "createdAt", "updatedAt", "startedAt", "completedAt",
    "estimatedCompletion", "batchJobId", "batchStatus", "exitCode", "logStream", "urls", "errors",
    "mark", "batchJobName", "reason", "eta", "cost", "context",
}  # fmt: skip


def create_table(client, name, status_index):
    attributes = [("jobId", "S"), ("userId", "S"), ("createdAt", "S")]
    indexes = [("user-jobs-index", "userId", "createdAt")]
    if status_index:
        attributes += [("status", "S"), ("updatedAt", "S")]
        indexes.append(("status-updatedAt-index", "status", "updatedAt"))
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[dict(AttributeName=a, AttributeType=t) for a, t in attributes],
        KeySchema=[dict(AttributeName="jobId", KeyType="HASH")],
        GlobalSecondaryIndexes=[
            dict(
                IndexName=i,
                KeySchema=[
                    dict(AttributeName=h, KeyType="HASH"),
                    dict(AttributeName=r, KeyType="RANGE"),
                ],
                Projection=dict(ProjectionType="ALL"),
            )
            for i, h, r in indexes
        ],
    )


def put_all(client, table):
    for name, item in RECORDS.items():
        # An index key of the wrong type is refused by DynamoDB: such records live in tables
        # without that index, so status 7 is stored only where there is none.
        try:
            client.put_item(TableName=table, Item=item)
        except client.exceptions.ClientError:
            client.put_item(
                TableName=table,
                Item={k: v for k, v in item.items() if k not in ("status",)},
            )


def test_records(ddb):
    for label, table, index in (("plain table", TABLE, False), ("indexed table", "indexed-jobs", True)):
        create_table(ddb, table, index)
        put_all(ddb, table)
        code, doc = run_json("list", "--table", table)
        check(f"{label}: list --json exits 0", code, 0)
        jobs = doc if isinstance(doc, list) else doc.get("jobs", [])
        by_id = {j.get("jobId"): j for j in jobs}
        check(f"{label}: every record is listed once", sorted(j["jobId"] for j in jobs), sorted(RECORDS))
        for job_id, want in EXPECT.items():
            got = by_id.get(job_id, {})
            check(f"{label}: {job_id} has the contract's members", set(got), MEMBERS)
            if isinstance(got.get("features"), list):
                got["features"].sort()  # a set has no order
            check(f"{label}: {job_id} reads right", {k: got.get(k, "MISSING") for k in want}, want)
        created = [j["createdAt"] for j in jobs if j.get("createdAt")]
        check(f"{label}: newest first", created, sorted(created, reverse=True))
        code, doc = run_json("list", "--table", table, "--user", "user-nested")
        ids = [j["jobId"] for j in (doc if isinstance(doc, list) else doc.get("jobs", []))]
        check(f"{label}: --user finds a record that the index does not hold", ids, ["job_2_nested000"])
        code, doc = run_json("list", "--table", table, "--status", "completed")
        ids = sorted(j["jobId"] for j in (doc if isinstance(doc, list) else doc.get("jobs", [])))
        check(
            f"{label}: --status finds every letter case",
            ids,
            ["job_10_mixed000", "job_1_flat00000", "job_3_lower0000"],
        )

    code, doc = run_json("status", "job_2_nested000")
    check("status --json exits 0", code, 0)
    has("status --json keeps numbers to the digit", run("status", "job_2_nested000", "--json")[1],
        "12345678901234567890.123456789")
    check("status --json has the raw record", doc.get("record", {}).get("metadata", {}).get("businessName"),
          "Nested Startup")
    check("status --json has a timeline", all({"at", "source", "event"} <= set(t) for t in doc["timeline"]), True)
    check("status of an odd record", run_json("status", "job_8_odd000000")[1]["record"]["tags"], ["a", "b"])
    code, out, err = run("status", "job_0_nothere0")
    check("status of a missing job exits 3", code, 3)
    for command in (["list"], ["status", "job_9_hostile00"]):
        code, out, err = run(*command)
        bad = [c for c in out + err if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) <= 0x9F or c == "\u202e"]
        check(f"{command[0]} prints no control character of a record", bad, [])


def test_deploy(ddb, events, logs):
    events.create_event_bus(Name="mvp-development")
    events.put_rule(Name="mvp-development-rule", EventBusName="mvp-development", EventPattern=json.dumps(
        {"source": ["founderdash.web"], "detail-type": ["MVP Development Request"]}))
    logs.create_log_group(logGroupName="/aws/events/rule/x")
    events.put_targets(Rule="mvp-development-rule", EventBusName="mvp-development", Targets=[
        {"Id": "log", "Arn": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/rule/x"}])
    before = ddb.scan(TableName=TABLE, Select="COUNT")["Count"]
    code, out, err = run("send", "--user-id", "user123", "--product-id", "prod456", "--priority", "urgent")
    check("send with a bad value exits 2", code, 2)
    has("... and names the field", err, "priority")
    has("... and what would be accepted", err, "normal")
    code, out, err = run("send", "--user-id", "user123")
    check("send without a product exits 2", code, 2)
    check("nothing is written then", ddb.scan(TableName=TABLE, Select="COUNT")["Count"], before)

    password = "hunter2-very-secret"
    code, doc = run_json(
        "send", "--user-id", "user123", "--product-id", "prod456", "--business-name", "My Startup",
        "--features", "auth,dashboard", "--email", "user@example.com", "--estimated-duration", "14400",
        "--metadata", '{"plan":"gold","n":1.5}',
        env={"FOUNDERDASH_DATABASE_URL": f"postgresql://app:{password}@db/app"},
    )
    check("send exits 0", code, 0)
    check("send --json has jobId, eventId, status", {"jobId", "eventId", "status"} <= set(doc), True)
    job_id = doc.get("jobId", "")
    item = ddb.get_item(TableName=TABLE, Key={"jobId": {"S": job_id}}).get("Item", {})
    check("the record has the flat form", (item.get("userId"), item.get("status")), ({"S": "user123"}, {"S": "PENDING"}))
    check("... with createdAt and updatedAt", "S" in item.get("createdAt", {}) and "S" in item.get("updatedAt", {}), True)
    nested = item.get("timestamps", {}).get("M", {})
    check("the record has the nested form", nested.get("createdAt"), item.get("createdAt"))
    check("metadata keeps unknown keys", item["metadata"]["M"].get("plan"), {"S": "gold"})
    check("no password in the record", password in json.dumps(item, default=str), False)
    found = logs.filter_log_events(logGroupName="/aws/events/rule/x")["events"]
    event = json.loads(found[-1]["message"]) if found else {}
    detail = event.get("detail", {})
    check("the rule of another implementation matched the event", detail.get("jobId"), job_id)
    check("the event is as the contract says",
          (event.get("source"), event.get("detail-type"), detail.get("userId"), detail.get("priority"),
           detail.get("metadata", {}).get("businessName"), detail.get("metadata", {}).get("features"),
           detail.get("metadata", {}).get("estimatedDuration"), detail.get("metadata", {}).get("userEmail")),
          ("founderdash.web", "MVP Development Request", "user123", "normal", "My Startup",
           ["auth", "dashboard"], 14400, "user@example.com"))
    check("the container gets the database URL", detail.get("founderdashDbUrl"), f"postgresql://app:{password}@db/app")
    _, out, err = run("config", env={"FOUNDERDASH_DATABASE_URL": f"postgresql://app:{password}@db/app"})
    check("config masks it", password in out + err, False)

    code, doc = run_json("retry", job_id)
    check("retry of what is not over is refused", (code, doc["results"][0]["error"]["code"]), (1, "E_CONFLICT"))
    ddb.put_item(TableName=TABLE, Item={"jobId": {"S": "job_9_over00000"}, "status": {"S": "FAILED"},
                                        "userId": {"S": "u"}, "productId": {"S": "p"}})
    code, doc = run_json("retry", "job_9_over00000")
    check("retry exits 0", code, 0)
    again = doc["results"][0]
    item = ddb.get_item(TableName=TABLE, Key={"jobId": {"S": again.get("jobId", "x")}}).get("Item", {})
    check("retry records what it repeats", item.get("metadata", {}).get("M", {}).get("retryOf"), {"S": "job_9_over00000"})

    code, out, err = run("report", "--job-id", job_id, "--status", "IN_PROGRESS", "--step", "BUILDING",
                         "--progress", "40", "--url", "repository=https://git.example.com/x")
    check("report exits 0", (code, out), (0, ""))
    item = ddb.get_item(TableName=TABLE, Key={"jobId": {"S": job_id}})["Item"]
    check("report writes both forms",
          (item["status"], item["currentStep"], item["progress"], item["urls"]["M"]["codeRepository"]),
          ({"S": "IN_PROGRESS"}, {"S": "BUILDING"}, {"N": "40"}, {"S": "https://git.example.com/x"}))
    for shape in ("job_9_hostile00",):
        check(f"report on {shape} (no nested maps)", run("report", "--job-id", shape, "--progress", "5")[0], 0)
    check("report on a missing job exits 3", run("report", "--job-id", "job_0_nothere0", "--progress", "5")[0], 3)

    code, doc = run_json("event", "--source", "my.app", "--detail-type", "Thing Happened", "--detail", '{"a":1}')
    check("event exits 0", code, 0)
    check("event with bad JSON exits 2", run("event", "--source", "a", "--detail-type", "b", "--detail", "{")[0], 2)
    code, out, err = run("test")
    check("test exits 0", code, 0)
    code, out, err = run("test", "--bus", "no-such-bus")
    check("test says that a bus is missing", code, 3)
    has("... by name", out + err, "no-such-bus")
    return job_id


def make_batch():
    iam, ec2, batch = (boto3.client(s, **KW) for s in ("iam", "ec2", "batch"))
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    subnets = [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"]][:1]
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    environment = batch.create_compute_environment(
        computeEnvironmentName="mvp-ce", type="MANAGED", state="ENABLED", serviceRole=role,
        computeResources=dict(type="FARGATE", maxvCpus=4, subnets=subnets, securityGroupIds=[group]))
    batch.create_job_queue(jobQueueName="mvp-pipeline-queue", state="ENABLED", priority=1,
                           computeEnvironmentOrder=[dict(order=1, computeEnvironment=environment["computeEnvironmentArn"])])
    batch.register_job_definition(
        jobDefinitionName="mvp-pipeline-job", type="container",
        containerProperties=dict(image="busybox", command=["sleep", "1"], resourceRequirements=[
            dict(type="VCPU", value="1"), dict(type="MEMORY", value="128")]))
    return batch


def submit(batch, job_id):
    return batch.submit_job(
        jobName=f"mvp-{job_id}", jobQueue="mvp-pipeline-queue", jobDefinition="mvp-pipeline-job",
        containerOverrides=dict(environment=[dict(name="JOB_ID", value=job_id)]))["jobId"]


def put(ddb, job_id, **extra):
    ddb.put_item(TableName=TABLE, Item={
        "jobId": {"S": job_id}, "userId": {"S": "u"}, "status": {"S": "IN_PROGRESS"},
        "createdAt": {"S": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}, **extra})


def test_batch(ddb, logs):
    # Without Docker, moto ends every job at once with SUCCEEDED (or FAILED, when told so).
    batch = make_batch()
    put(ddb, "job_20_cancel00")
    batch_id = submit(batch, "job_20_cancel00")
    code, doc = run_json("status", "job_20_cancel00")
    check("the Batch job is found by JOB_ID in its environment", doc.get("batchJobId"), batch_id)
    check("status shows Batch's state", doc.get("batchStatus"), "SUCCEEDED")
    # The container has a moment to report its end before Batch's word alone counts.
    check("... beside a record that still says IN_PROGRESS",
          (doc.get("status") in ("COMPLETED", "IN_PROGRESS"), doc.get("record", {}).get("status")), (True, "IN_PROGRESS"))
    code, out, err = run("cancel", "job_20_cancel00", "--reason", "not needed")
    has("cancel says plainly how Batch ended it", out + err, "cancelled, but Batch ended it as SUCCEEDED")
    put(ddb, "job_22_nobatch0")
    code, out, err = run("cancel", "job_22_nobatch0", "--reason", "not needed")
    item = ddb.get_item(TableName=TABLE, Key={"jobId": {"S": "job_22_nobatch0"}})["Item"]
    check("cancel without a Batch job records CANCELLED", (code, item["status"]), (0, {"S": "CANCELLED"}))
    has("... with the reason", json.dumps(item), "not needed")
    code, out, err = run("cancel", "job_22_nobatch0")
    check("a second cancel is refused", code, 1)
    has("... and says in which state it is", err, "CANCELLED")
    code, out, err = run("cancel", "job_1_flat00000")
    check("cancelling a completed job is refused", code, 1)
    check("cancelling a missing job exits 3", run("cancel", "job_0_nothere0")[0], 3)

    put(ddb, "job_21_logs0000")
    batch_id = submit(batch, "job_21_logs0000")
    detail = batch.describe_jobs(jobs=[batch_id])["jobs"][0]
    stream = detail["attempts"][0]["container"]["logStreamName"] if detail.get("attempts") else f"mvp-pipeline-job/default/{batch_id}"
    logs.create_log_group(logGroupName="/aws/batch/job")
    code, out, err = run("logs", "job_21_logs0000")
    check("a stream that does not exist yet is explained", (code in (0, 3), len(err + out) > 10), (True, True))
    logs.create_log_stream(logGroupName="/aws/batch/job", logStreamName=stream)
    now = int(time.time() * 1000)
    logs.put_log_events(logGroupName="/aws/batch/job", logStreamName=stream, logEvents=[
        {"timestamp": now + i, "message": f"line {i}"} for i in range(25)])
    code, out, err = run("logs", "job_21_logs0000")
    check("logs reads the whole stream in order", out.splitlines(), [f"line {i}" for i in range(25)])
    check("a missing job has no logs: exit 3", run("logs", "job_0_nothere0")[0], 3)
    hits = [f"line {i}" for i in range(25) if "line 1" in f"line {i}"]
    for more in ([], ["--user", "u"]):
        code, out, err = run("logs", "--grep", "line 1", "--json", *more)
        check(f"logs --grep {more} finds each line, in order, with its job",
              (code, [(d["jobId"], d["text"]) for d in map(json.loads, out.splitlines())]),
              (0, [("job_21_logs0000", text) for text in hits]))
    code, out, err = run("logs", "--grep", "line 1", "--limit", "3")
    check("... at most --limit", (code, [x.split(" ", 2)[2] for x in out.splitlines()]), (0, hits[:3]))
    has("... and says so", err, "stopped at 3 lines")
    check("case counts", run("logs", "--grep", "LINE 1")[:2], (0, ""))
    return batch


def doctor():
    """The checks of `mvpdash doctor` by id. It exits 1 or 2 when one of them is not well."""
    code, out, err = run("doctor", "--json")
    doc = json.loads(out)
    return {c["id"]: (c["state"], c["detail"] or "", c["remedy"] or "") for c in doc["checks"]}


def says(checks, name, id_, state, detail, remedy=""):
    got = checks[id_]
    good = got[0] == state and detail in got[1] and remedy in got[2]
    check(name, (state, detail, remedy) if good else got, (state, detail, remedy))


def test_doctor(events, batch):
    """What the local cloud has not: IAM, ECR, CloudWatch, spoken to somebody else's implementation."""
    iam, ecr, cw = (boto3.client(s, **KW) for s in ("iam", "ecr", "cloudwatch"))

    def trust(service, condition=None):
        return json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole",
             **({"Condition": condition} if condition else {})}]})

    role = iam.create_role(RoleName="starter", AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))["Role"]["Arn"]
    target = {"Id": "batch", "Arn": "arn:aws:batch:us-east-1:123456789012:job-queue/mvp-pipeline-queue", "RoleArn": role,
              "BatchParameters": {"JobDefinition": "mvp-pipeline-job", "JobName": "x"},
              "InputTransformer": {"InputPathsMap": {"jobId": "$.detail.jobId"}, "InputTemplate":
                  '{"ContainerOverrides":{"Environment":[{"Name":"JOB_ID","Value":<jobId>}]}}'}}
    events.put_targets(Rule="mvp-development-rule", EventBusName="mvp-development", Targets=[target])
    says(doctor(), "a role that does not trust EventBridge", "D7", "FAIL",
         "role starter does not trust events.amazonaws.com", "aws iam update-assume-role-policy --role-name starter")
    # The remedy, run as it is printed, but by boto3.
    remedy = doctor()["D7"][2]
    document = remedy[remedy.index("'") + 1:remedy.rindex("'")]
    iam.update_assume_role_policy(RoleName="starter", PolicyDocument=document)
    checks = doctor()
    says(checks, "... and the document of the remedy repairs it", "D7", "PASS", "starter trusts EventBridge")
    iam.update_assume_role_policy(RoleName="starter", PolicyDocument=trust(
        "events.amazonaws.com", {"ArnLike": {"aws:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/other/*"}}))
    says(doctor(), "a trust policy for other rules", "D7", "FAIL", "leave this rule out")
    target["RoleArn"] = "arn:aws:iam::123456789012:role/nobody"
    events.put_targets(Rule="mvp-development-rule", EventBusName="mvp-development", Targets=[target])
    says(doctor(), "a role that does not exist", "D7", "FAIL", "role nobody does not exist")
    says(checks, "an identity that is no user or role", "B4", "UNKNOWN", "IAM cannot be asked what")

    def define(image, **more):
        batch.register_job_definition(
            jobDefinitionName="mvp-pipeline-job", type="container", platformCapabilities=["FARGATE"],
            containerProperties=dict(image=image, command=["sleep", "1"], resourceRequirements=[
                dict(type="VCPU", value="1"), dict(type="MEMORY", value="2048")], **more))

    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mvp/pipeline"
    define(image + ":v9", executionRoleArn=role)
    says(doctor(), "a repository that does not exist", "F5", "FAIL", "ECR has no repository mvp/pipeline",
         "aws ecr create-repository --region us-east-1 --repository-name mvp/pipeline")
    ecr.create_repository(repositoryName="mvp/pipeline")
    says(doctor(), "an image that was never pushed", "F5", "FAIL", "ECR repository mvp/pipeline has no image v9")
    digest = ecr.put_image(repositoryName="mvp/pipeline", imageTag="v9", imageManifest=json.dumps(
        {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
         "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": "sha256:" + "0" * 64},
         "layers": []}))["image"]["imageId"]["imageDigest"]
    says(doctor(), "an image by its tag", "F5", "PASS", image + ":v9 is in ECR")
    define(f"{image}@{digest}", executionRoleArn=role)
    says(doctor(), "... and by its digest", "F5", "PASS", digest)

    def count(metric, value, *dimensions):
        cw.put_metric_data(Namespace="AWS/Events", MetricData=[
            {"MetricName": metric, "Value": value, "Dimensions": [{"Name": n, "Value": v} for n, v in dimensions]}])

    rule = ("RuleName", "mvp-development-rule")
    bus = ("EventBusName", "mvp-development")
    says(checks, "a rule without counts", "I1", "PASS", "matched 0, targets called 0, failed 0")
    count("TriggeredRules", 99, rule)  # of a rule of that name on the default bus
    count("TriggeredRules", 41, bus, rule)
    count("FailedInvocations", 41, bus, rule)
    count("Invocations", 60, bus, rule)
    says(doctor(), "targets that fail", "I1", "FAIL", "the rule matched 41 times in the last day and its targets failed 41 times")


# ---- the REST API ------------------------------------------------------------------------------


def ask(url, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as x:
        return x.code, json.loads(x.read())


def test_serve(ddb):
    server = subprocess.Popen([MVPDASH, "serve", "--listen", "127.0.0.1:0", "--table", "indexed-jobs"],
                              env=ENV, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        url = server.stdout.readline().strip()
        check("serve: a record in every shape", {i: ask(url, "GET", f"/status/{i}")[0] for i in RECORDS},
              {i: 200 for i in RECORDS})
        status, doc = ask(url, "POST", "/deploy", {"userId": "rest-user", "productId": "p", "metadata": {"n": 1.5}})
        check("serve: a deploy", (status, doc.get("status")), (202, "queued"))
        item = ddb.get_item(TableName="indexed-jobs", Key={"jobId": {"S": doc["jobId"]}}).get("Item", {})
        check("serve: is recorded", (item.get("userId"), item.get("status")), ({"S": "rest-user"}, {"S": "PENDING"}))
        more = [ask(url, "POST", "/deploy", {"userId": "rest-user", "productId": "p"})[1]["jobId"] for _ in range(4)]
        got, cursor = [], ""
        while cursor is not None and len(got) < 20:
            status, page = ask(url, "GET", f"/jobs/rest-user?limit=2{cursor and '&cursor=' + cursor}")
            got += [j["jobId"] for j in page["jobs"]]
            cursor = page["cursor"]
        check("serve: pages by the index, newest first", got, more[::-1] + [doc["jobId"]])
        deadline = time.time() + 120
        ids = []
        while time.time() < deadline and not ids:
            ids = [j["jobId"] for j in ask(url, "GET", "/jobs/user-nested")[1]["jobs"]]
        check("serve: a record that the index does not hold is found", ids, ["job_2_nested000"])
        check("serve: a cancel", ask(url, "DELETE", f"/jobs/{doc['jobId']}")[1].get("status"), "cancelled")
        item = ddb.get_item(TableName="indexed-jobs", Key={"jobId": {"S": doc["jobId"]}})["Item"]
        check("serve: is recorded, too", item["status"], {"S": "CANCELLED"})
        check("serve: not twice", ask(url, "DELETE", f"/jobs/{doc['jobId']}")[0], 409)
        status, doc = ask(url, "POST", "/test-connection")
        check("serve: the doctor tells", (status in (200, 503), len(doc["checks"]) > 20), (True, True))
    finally:
        server.terminate()
        check("serve: ends in order", server.wait(40), 0)


def test_refusals():
    check("a missing table exits 3", run("list", "--table", "no-such-table")[0], 3)
    has("... by name", run("list", "--table", "no-such-table")[2], "no-such-table")
    code, out, err = run("list", env={"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}", "AWS_MAX_ATTEMPTS": "1"})
    check("a closed port exits 5", code, 5)
    code, out, err = run("list", env={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""})
    check("no credentials exits 4", code, 4)
    check("an unknown command exits 2", run("lisst")[0], 2)
    check("an unknown option exits 2", run("list", "--uzer", "x")[0], 2)
    code, out, err = run("list", "--debug")
    check("--debug logs requests, never secrets", ("Scan" in err or "Query" in err, ENV["AWS_SECRET_ACCESS_KEY"] in err), (True, False))


def dashboard(keys, seconds, size=(24, 80), env=None):
    """Runs the dashboard in a pty, sends keys, returns all bytes it wrote and its exit status."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(HOME)
        os.execve(MVPDASH, [MVPDASH], {**ENV, "TERM": "xterm-256color", **(env or {})})
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    out = b""
    plan = [(time.time() + at, k) for at, k in keys]
    end = time.time() + seconds
    while time.time() < end:
        if plan and time.time() >= plan[0][0]:
            os.write(fd, plan.pop(0)[1])
        ready, _, _ = select.select([fd], [], [], 0.05)
        if ready:
            try:
                out += os.read(fd, 65536)
            except OSError:
                break
    for _ in range(50):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return out, os.waitstatus_to_exitcode(status)
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return out, None


def test_dashboard():
    out, code = dashboard([(4, b"q")], 6, size=(50, 200))
    check("the dashboard ends on q", code, 0)
    text = out.decode("utf-8", "replace")
    for part in ("Flat Startup", "Nested Startup", "\u6771\u4eac"):
        has(f"the dashboard shows {part}", text, part)
    check("no byte of a record drives the terminal", [p for p in (b"\x1b]0;OWNED", b"\x9b31m", "\u202e".encode()) if p in out], [])
    has("it shows a mark instead", text, "^[")


def main():
    server = start_moto()
    try:
        ddb, events, logs = (boto3.client(s, **KW) for s in ("dynamodb", "events", "logs"))
        test_records(ddb)
        test_deploy(ddb, events, logs)
        batch = test_batch(ddb, logs)
        test_doctor(events, batch)
        test_serve(ddb)
        test_refusals()
        test_dashboard()
    finally:
        server.terminate()
        server.wait()
    sys.exit(1 if failures else 0)


main()
