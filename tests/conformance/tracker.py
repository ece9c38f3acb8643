"""The tracker's state machine (infra/tracker.tf) on an engine of others: moto's interpreter of the Amazon
States Language, which came from LocalStack. Its tasks go to moto's DynamoDB, SNS and CloudWatch.

    tracker.run(check, client, definition, topics)

What it does not show: the definition runs as a standard machine, not as an Express one.
"""

import json
import time

TABLE = "mvp-development-jobs"
NAMED = {"S": "b1"}


def records(**attributes):
    """A record in plain words as DynamoDB has it; None is NULL, a dict a map."""
    def value(v):
        return {"NULL": True} if v is None else {"M": {k: value(x) for k, x in v.items()}} if isinstance(v, dict) else {"S": v}
    return {k: value(v) for k, v in attributes.items()}


def ended(status, code=None, why=None, text="Essential container in task exited", **detail):
    """A state change with what Batch tells of the container at its end: in `container` and in the attempt."""
    container = ({} if code is None else {"exitCode": code}) | ({} if why is None else {"reason": why})
    return {"status": status, "statusReason": text, "container": container,
            "attempts": [{"container": container | {"taskArn": "t"}, "statusReason": text}], **detail}


REFUSED = ended("FAILED", 75)
FAILED = ended("FAILED", 3)
STOPPED = ended("FAILED", 143, text="mvpdash: cancelled by ops", startedAt=1000, stoppedAt=61000)
OOM = ended("FAILED", 137, "OutOfMemoryError: Container killed due to memory usage")
DONE = ended("SUCCEEDED", 0, startedAt=1000, stoppedAt=61000)
SPOT = "Your Spot Task was interrupted."
EXITED = "Essential container in task exited"
KILLED = "OutOfMemoryError: Container killed due to memory usage"

# A record as it stands (None: there is none), the Batch events that come (a word: only the state), what
# the record holds then of `status`, the Batch job, and of `exitCode`, `statusReason`, `containerReason`
# when they are asked for; and what was announced.
CASES = [
    ("a job's way", records(status="PENDING"), ["RUNNABLE", "STARTING", "RUNNING", DONE],
     dict(status="COMPLETED", job="b1", exitCode="0", statusReason=None), ["COMPLETED"]),
    ("an event that comes late", records(status="IN_PROGRESS", batchJobId="b1"), ["RUNNABLE"],
     dict(status="IN_PROGRESS", job="b1"), []),
    ("a host that was lost", records(status="IN_PROGRESS", batchJobId="b1"), ["RUNNABLE", "RUNNING", FAILED],
     dict(status="FAILED", job="b1", exitCode="3", statusReason=EXITED), ["FAILED"]),
    ("killed for memory", records(status="IN_PROGRESS", batchJobId="b1"), [OOM],
     dict(status="FAILED", job="b1", exitCode="137", statusReason=KILLED, containerReason=KILLED), ["FAILED"]),
    ("killed for memory, told by the attempt alone", records(status="IN_PROGRESS", batchJobId="b1"),
     [OOM | {"container": {}}],
     dict(status="FAILED", job="b1", exitCode="137", statusReason=KILLED, containerReason=KILLED), ["FAILED"]),
    ("two reasons", records(status="IN_PROGRESS"), [ended("FAILED", 137, "was killed", "Job attempt duration exceeded timeout")],
     dict(status="FAILED", job="b1", exitCode="137", statusReason="Job attempt duration exceeded timeout: was killed",
          containerReason="was killed"), ["FAILED"]),
    ("never started", records(status="QUEUED"), [{"status": "FAILED", "statusReason": "no such image", "attempts": []}],
     dict(status="FAILED", job="b1", exitCode=None, statusReason="no such image", containerReason=None), ["FAILED"]),
    ("an attempt that was lost, and one that completes", records(status="IN_PROGRESS", batchJobId="b1"),
     [ended("RUNNABLE", 1, "host gone", SPOT), "RUNNING", DONE],
     dict(status="COMPLETED", job="b1", exitCode="0", statusReason=None, containerReason=None), ["COMPLETED"]),
    ("... and says so itself", records(status="COMPLETED", batchJobId="b1", statusReason=SPOT, containerReason="gone"),
     [DONE], dict(status="COMPLETED", job="b1", exitCode="0", statusReason=None, containerReason=None), ["COMPLETED"]),
    ("... in letters of its own", records(status="completed", batchJobId="b1", statusReason=SPOT), ["RUNNING", FAILED],
     dict(status="completed", job="b1", statusReason=None), ["COMPLETED"]),
    ("a late event of a record in small letters", records(status="completed", batchJobId="b1"), ["RUNNABLE", "RUNNING"],
     dict(status="completed", job="b1"), []),
    ("... in mixed ones", records(status="Failed", batchJobId="b1"), ["RUNNABLE", "RUNNING"],
     dict(status="Failed", job="b1"), []),
    ("... cancelled, as in America", records(status="Canceled", batchJobId="b1"), ["RUNNING", STOPPED],
     dict(status="Canceled", job="b1", exitCode="143"), ["CANCELLED"]),
    ("a record in small letters that waits", records(status="pending"), ["RUNNABLE"], dict(status="QUEUED", job="b1"), []),
    ("a record with a word of its own", records(status="BUILDING_AD"), [FAILED], dict(status="FAILED", job="b1"), ["FAILED"]),
    ("a word of the same length as a final one", records(status="DEPLOYING"), ["RUNNING"],
     dict(status="IN_PROGRESS", job="b1"), []),
    ("an end that the container told already", records(status="FAILED", batchJobId="b1"), [OOM],
     dict(status="FAILED", job="b1", exitCode="137", statusReason=KILLED), ["FAILED"]),
    ("a cancelled job", records(status="CANCELLED", batchJobId="b1", statusReason="by me"), ["RUNNING", STOPPED],
     dict(status="CANCELLED", job="b1", exitCode="143", statusReason="by me"), ["CANCELLED"]),
    ("a cancelled job that completed all the same", records(status="CANCELLED", batchJobId="b1"), [DONE],
     dict(status="CANCELLED", job="b1", exitCode="0"), ["CANCELLED"]),
    ("a job that failed by its own word and ended well", records(status="FAILED", batchJobId="b1"), [DONE],
     dict(status="FAILED", job="b1", exitCode="0"), ["FAILED"]),
    ("a duplicate's end", records(status="IN_PROGRESS", batchJobId="b0"), ["RUNNING", DONE],
     dict(status="IN_PROGRESS", job="b0", exitCode=None), []),
    ("... where the record names its job inside", records(status="IN_PROGRESS", resources={"batchJobId": "b0"}),
     ["RUNNING", DONE], dict(status="IN_PROGRESS", job=None, exitCode=None), []),
    ("... and is over", records(status="completed", resources={"batchJobId": "b0"}), [FAILED],
     dict(status="completed", job=None, exitCode=None), []),
    ("a job that the record names inside", records(status="IN_PROGRESS", resources={"batchJobId": "b1"}), ["RUNNING", FAILED],
     dict(status="FAILED", job="b1", exitCode="3"), ["FAILED"]),
    ("... told by the container already", records(status="Failed", resources={"batchJobId": "b1"}, batchJobId=""), [FAILED],
     dict(status="Failed", job="", exitCode="3"), ["FAILED"]),
    ("a place for the job that is empty", records(status="QUEUED", resources={"batchJobId": None}), ["RUNNING"],
     dict(status="IN_PROGRESS", job="b1"), []),
    ("a refused claim: another container's", records(status="IN_PROGRESS", batchJobId="b0"), ["RUNNING", REFUSED],
     dict(status="IN_PROGRESS", job="b0"), []),
    ("a refused claim: cancelled before it was picked up", records(status="CANCELLED"), ["RUNNABLE", "RUNNING", REFUSED],
     dict(status="CANCELLED", job=None), []),
    ("a refused claim: cancelled while it waited", records(status="cancelled", batchJobId="b1"), ["RUNNING", REFUSED],
     dict(status="cancelled", job="b1"), []),
    ("a refused claim: completed by another", records(status="COMPLETED", batchJobId="b0"), ["RUNNABLE", "RUNNING", REFUSED],
     dict(status="COMPLETED", job="b0"), []),
    ("a refused claim: completed by the attempt before", records(status="Completed", batchJobId="b1"), ["RUNNING", REFUSED],
     dict(status="Completed", job="b1"), []),
    ("a refused claim: failed before", records(status="FAILED", batchJobId="b1"), [REFUSED], dict(status="FAILED", job="b1"), []),
    ("a refused claim: waiting again", records(status="PENDING"), [REFUSED], dict(status="PENDING", job=None), []),
    ("a refused claim: no record", None, [REFUSED], dict(status=None, job=None), []),
    ("a program that ends with 75, of a job that was its own", records(status="PENDING"), ["RUNNABLE", "RUNNING", REFUSED],
     dict(status="FAILED", job="b1", exitCode="75"), ["FAILED"]),
    ("... and that the record names inside", records(status="IN_PROGRESS", resources={"batchJobId": "b1"}), [REFUSED],
     dict(status="FAILED", job="b1", exitCode="75"), ["FAILED"]),
    ("an end that comes twice", records(status="PENDING"), [DONE, FAILED],
     dict(status="COMPLETED", job="b1"), ["COMPLETED", "COMPLETED"]),
    ("a record without its Batch job", records(status="QUEUED", batchJobId=None), ["RUNNING"],
     dict(status="IN_PROGRESS", job="b1"), []),
    ("a job without a record", None, ["RUNNABLE", DONE], dict(status=None, job=None), []),
]  # fmt: skip


class Engine:
    def __init__(self, client, definition):
        self.sfn = client("stepfunctions")
        self.definition, self.started, self.machine = definition, 0, None

    def start(self, event, definition=None):
        """A machine of its own for each run, and the one before goes: to start a run, moto copies all that
        its service holds, and past runs hold locks."""
        self.close()
        self.started += 1
        self.machine = self.sfn.create_state_machine(
            name=f"tracker-{self.started}", definition=json.dumps(definition or self.definition),
            roleArn="arn:aws:iam::123456789012:role/tracker")["stateMachineArn"]
        return self.sfn.start_execution(stateMachineArn=self.machine, name="run", input=json.dumps(event))["executionArn"]

    def close(self):
        if self.machine is not None:
            self.sfn.delete_state_machine(stateMachineArn=self.machine)
            self.machine = None

    def history(self, execution):
        return self.sfn.get_execution_history(executionArn=execution, maxResults=1000)["events"]

    def ends(self, execution, seconds=20):
        """How it ended and the states that it entered."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            status = self.sfn.describe_execution(executionArn=execution)["status"]
            if status != "RUNNING":
                if status != "SUCCEEDED":
                    print(f"# {status}: {self.history(execution)[-3:]}")
                return status, [e["stateEnteredEventDetails"]["name"] for e in self.history(execution)
                                if "stateEnteredEventDetails" in e]
            time.sleep(0.02)
        return "it does not end", []


def event_of(what, number):
    """The event that Batch publishes, with our job id in one of the three places where it may stand."""
    detail = {"jobId": "b1"} | (dict(what) if isinstance(what, dict) else {"status": what})
    detail["container"] = dict(detail.get("container", {}))
    where = number % 4
    if where == 0:
        detail["parameters"] = {"jobId": f"job_{number}"}
        detail["container"]["environment"] = [{"name": "JOB_ID", "value": ""}] if number % 8 == 0 else []
    elif where == 1:
        detail["parameters"] = {"JOB_ID": f"job_{number}", "X": "y"}
    else:  # as for a job that was started by hand
        detail["container"]["environment"] = [{"name": "X", "value": "y"}, {"name": "JOB_ID", "value": f"job_{number}"}]
        detail |= {"parameters": {}} if where == 3 else {}
    return {"time": "2026-01-02T03:04:05Z", "detail": detail}


class Ear:
    """Hears what the topics say, by a queue that is subscribed to each."""

    def __init__(self, client, topics):
        self.sqs, sns = client("sqs"), client("sns")
        self.urls = {}
        for name, arn in topics.items():
            url = self.sqs.create_queue(QueueName=f"ear-{name}")["QueueUrl"]
            queue = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            self.urls[name] = url
            sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)

    def heard(self):
        """All that was said since, each as (topic, message)."""
        said = []
        for name, url in self.urls.items():
            while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                for m in messages:
                    said.append((name, json.loads(json.loads(m["Body"])["Message"])))
                    self.sqs.delete_message(QueueUrl=url, ReceiptHandle=m["ReceiptHandle"])
        return said

    def close(self):
        for url in self.urls.values():
            self.sqs.delete_queue(QueueUrl=url)


def attribute(item, name):
    return None if name not in item or "NULL" in item[name] else next(iter(item[name].values()))


def cases(check, ddb, engine, ear):
    entered = set()
    for number, (name, record, events, wanted, announced) in enumerate(CASES):
        key = {"jobId": {"S": f"job_{number}"}}
        if record is not None:
            ddb.put_item(TableName=TABLE, Item=key | record)
        endings = set()
        for what in events:
            status, states = engine.ends(engine.start(event_of(what, number)))
            endings.add(status)
            entered |= set(states)
        item = ddb.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item", {})
        got = {k: attribute(item, "batchJobId" if k == "job" else k) for k in wanted}
        heard = ear.heard()
        check(f"the tracker: {name}", (endings, got, [m["status"] for _, m in heard]), ({"SUCCEEDED"}, wanted, announced))
        wrong = [(topic, m) for topic, m in heard if (topic == "failed") != (m["status"] == "FAILED") or m["jobId"] != f"job_{number}"]
        if wrong:
            check(f"the tracker: {name}: each end on its topic", wrong, [])
        ddb.delete_item(TableName=TABLE, Key=key)
    check("the tracker: every state was entered", entered, set(engine.definition["States"]))


def strangers(check, engine):
    """Jobs that are not ours touch nothing, in whatever form their event comes."""
    for name, detail in (
        ("somebody else's job", {"container": {"environment": []}}),
        ("... with an environment of its own", {"container": {"environment": [{"name": "A", "value": "b"}]}, "parameters": {"x": "y"}}),
        ("... of many containers", {"ecsProperties": {}, "attempts": [{"taskProperties": []}]}),
        ("... that is as bare as can be", {}),
    ):
        status, states = engine.ends(engine.start({"time": "t", "detail": {"jobId": "b", "status": "RUNNING"} | detail}))
        tasks = [s for s in states if engine.definition["States"][s]["Type"] == "Task"]
        check(f"the tracker: {name}", (status, tasks), ("SUCCEEDED", []))


def again(check, client, engine):
    """Every task is tried again: here the table comes only after the first try."""
    tasks = {n: s for n, s in engine.definition["States"].items() if s["Type"] == "Task"}
    check("the tracker: every step that asks a service is tried again", [
        n for n, s in tasks.items() if not any(r["MaxAttempts"] >= 3 and r["ErrorEquals"] == ["States.ALL"] for r in s["Retry"])], [])
    late = json.loads(json.dumps(engine.definition).replace(TABLE, "a-late-table"))
    execution = engine.start({"time": "t", "detail": {"jobId": "b1", "status": "RUNNING", "parameters": {"jobId": "job_late"}}}, late)
    until = time.monotonic() + 30
    while time.monotonic() < until and not any(e["type"] == "TaskFailed" for e in engine.history(execution)):
        time.sleep(0.02)
    ddb = client("dynamodb")
    ddb.create_table(TableName="a-late-table", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "jobId", "KeyType": "HASH"}],
                     AttributeDefinitions=[{"AttributeName": "jobId", "AttributeType": "S"}])
    ddb.put_item(TableName="a-late-table", Item={"jobId": {"S": "job_late"}} | records(status="QUEUED"))
    status, _ = engine.ends(execution)
    failed = [e for e in engine.history(execution) if e["type"] == "TaskFailed"]
    item = ddb.get_item(TableName="a-late-table", Key={"jobId": {"S": "job_late"}})["Item"]
    check("the tracker: a service in trouble is asked again", (status, len(failed) > 0, item["status"]["S"]),
          ("SUCCEEDED", True, "IN_PROGRESS"))
    ddb.delete_table(TableName="a-late-table")


def counted(check, client):
    """What the runs before left in CloudWatch."""
    cloudwatch = client("cloudwatch")
    now = time.time()

    def total(metric, statistic="Sum"):
        points = cloudwatch.get_metric_statistics(
            Namespace="MVPDash", MetricName=metric, Dimensions=[{"Name": "JobQueue", "Value": "mvp-pipeline-queue"}],
            StartTime=now - 3600, EndTime=now + 60, Period=7200, Statistics=[statistic])["Datapoints"]
        return sum(p[statistic] for p in points)

    announced = [status for case in CASES for status in case[4]]
    for metric, want in (("FailedJobs", "FAILED"), ("Failed", "FAILED"), ("Completed", "COMPLETED"), ("Cancelled", "CANCELLED")):
        check(f"the tracker: {metric} counts each end once", total(metric), announced.count(want))
    check("the tracker: the means of start and end are a minute apart", total("StoppedAt", "Average") - total("StartedAt", "Average"), 60000)


def run(check, client, definition, topics):
    """topics: {"finished": arn, "failed": arn}"""
    engine, ear = Engine(client, definition), Ear(client, topics)
    try:
        cases(check, client("dynamodb"), engine, ear)
        strangers(check, engine)
        again(check, client, engine)
        counted(check, client)
    finally:
        ear.close()
        engine.close()
