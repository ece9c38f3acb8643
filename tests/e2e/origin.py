"""What the programs of an older deployment write: its test tools, its container and its lambda.

They share nothing with mvpdash and know nothing of it: requests are signed here, with the standard
library. The shapes are theirs, attribute by attribute: events without a record, records that are
made by the first SET of single attributes, times without a zone, JSON log lines, results that are
set at the end.

usage: origin.py world parameters|overrides|jsonencode   the rule's target and the job definition, as published
       origin.py send JOB [USER PRODUCT]      the test tool: an event and no record
       origin.py create stage|nested|flat JOB the scripts that make a record and then send an event
       origin.py lambda JOB STATUS [MEMBER=VALUE...]   the status lambda's write
       origin.py container                    the pipeline; Batch runs it

The container goes on past a point when the file GATES/KEY.POINT exists, KEY being the id that it
takes for its job's; it ends when GATES is gone."""
import datetime
import json
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent / "faults"))
from aws import BUS, QUEUE, TABLE, Client, Failed  # noqa: E402

ENV = os.environ
CLOUD = Client(ENV["AWS_ENDPOINT_URL"].split("://", 1)[1].rstrip("/"), ENV)
ACCOUNT = "000000000000"
RULE = "mvp-development-rule"
LOG_GROUP = "/aws/batch/mvp-pipeline"


def utcnow():
    """As Python's utcnow().isoformat(): microseconds and no zone."""
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None).isoformat()


def js_now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def attr(v):
    """A value as the SDKs' serializers type it."""
    if v is None:
        return {"NULL": True}
    if isinstance(v, bool):
        return {"BOOL": v}
    if isinstance(v, int):
        return {"N": str(v)}
    if isinstance(v, str):
        return {"S": v}
    if isinstance(v, set):
        return {"SS": sorted(v)}
    if isinstance(v, dict):
        return {"M": {k: attr(x) for k, x in v.items()}}
    return {"L": [attr(x) for x in v]}


# ---- the deployment ------------------------------------------------------------------------------


def world(kind):
    """One target, the job queue, as their Terraform and their update script put it. The helpers that
    only the local cloud has go."""
    for rule, bus, ids in ((RULE, BUS, ["a-recorder", "batch", "log"]), (RULE + "-state", "default", ["tracker"])):
        CLOUD.call("events", "RemoveTargets", {"Rule": rule, "EventBusName": bus, "Ids": ids})
    try:
        CLOUD.call("logs", "CreateLogGroup", {"logGroupName": LOG_GROUP})
    except Failed as x:  # of an earlier call
        if "ResourceAlreadyExistsException" not in str(x):
            raise
    CLOUD.batch("registerjobdefinition", {
        "jobDefinitionName": "mvp-pipeline-job-definition", "type": "container", "platformCapabilities": ["FARGATE"],
        "retryStrategy": {"attempts": 1}, "timeout": {"attemptDurationSeconds": 3600},
        "containerProperties": {
            "image": "mvp-pipeline:latest", "command": [sys.executable, str(HERE), "container"],
            "logConfiguration": {"logDriver": "awslogs", "options": {
                "awslogs-group": LOG_GROUP, "awslogs-region": ENV["AWS_REGION"], "awslogs-stream-prefix": "mvp-pipeline"}},
            "resourceRequirements": [{"type": "VCPU", "value": "2"}, {"type": "MEMORY", "value": "4096"}],
            "environment": [{"name": k, "value": v} for k, v in
                            (("DYNAMODB_TABLE", TABLE), ("LOG_LEVEL", "INFO"), ("GATES", ENV["GATES"]))]}})
    template = '{"Parameters":{"JOB_ID":"<jobId>"}}'
    if kind == "jsonencode":  # as Terraform writes it: EventBridge sees no placeholder
        template = template.replace("<", "\\u003c").replace(">", "\\u003e")
    if kind == "overrides":
        template = '{"ContainerOverrides":{"Environment":[{"Name":"JOB_ID","Value":"<jobId>"}]}}'
    CLOUD.call("events", "PutTargets", {"Rule": RULE, "EventBusName": BUS, "Targets": [{
        "Id": "BatchJobTarget", "Arn": f"arn:aws:batch:{ENV['AWS_REGION']}:{ACCOUNT}:job-queue/{QUEUE}",
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/mvp-pipeline-eventbridge-role",
        "BatchParameters": {"JobName": "mvp-pipeline-job", "JobDefinition": "mvp-pipeline-job-definition"},
        "InputTransformer": {"InputPathsMap": {"jobId": "$.detail.jobId"}, "InputTemplate": template}}]})


# ---- the test tools ------------------------------------------------------------------------------


def put_event(detail):
    answer = CLOUD.call("events", "PutEvents", {"Entries": [{
        "Source": "founderdash.web", "DetailType": "MVP Development Request", "Detail": json.dumps(detail),
        "EventBusName": BUS, "Resources": []}]})
    if answer["FailedEntryCount"]:
        raise Failed(answer)


def put_record(item):
    CLOUD.call("dynamodb", "PutItem", {"TableName": TABLE, "Item": {k: attr(v) for k, v in item.items()}})


def send(job, user=None, product=None):
    """With a user as the command line tool sends it, without one as its successor does."""
    if user is None:
        return put_event({"jobId": job, "businessName": "TechStartup Solutions",
                          "productDescription": "AI-powered loan calculator",
                          "requirements": "Interactive loan calculator, responsive", "timestamp": js_now()})
    return put_event({"jobId": job, "userId": user, "productId": product,
                      "founderdashDbUrl": "postgresql://app:hunter2unlikely@db.example/founderdash",
                      "priority": "normal", "timestamp": js_now(),
                      "metadata": {"businessName": "Test Business", "estimatedDuration": 14400,
                                   "features": ["authentication", "dashboard"], "testEvent": True,
                                   "generatedAt": js_now()}})


def create(kind, job):
    now = js_now()
    if kind == "stage":
        words = {"projectDescription": "Testing directory path fix", "userInstructions": "A simple app: home and about"}
        put_record({"jobId": job, "businessName": "Directory Fix", "userId": "test-user", "productId": "test-product",
                    "stage": "AI_DEVELOPMENT", "status": "QUEUED", "createdAt": now, "updatedAt": now, **words})
        return put_event({"jobId": job, "stage": "AI_DEVELOPMENT", "projectName": "directory-fix", **words})
    base = {"jobId": job, "userId": "test_user_123", "productId": "test_product_456",
            "businessName": "Test Business MVP", "status": "PENDING"}
    if kind == "flat":
        put_record({**base, "createdAt": now, "updatedAt": now, "estimatedCompletion": now, "githubRepo": "",
                    "vercelUrl": "", "metadata": {"testEvent": True, "priority": "normal",
                                                  "requestedFeatures": {"authentication", "payments"}}})
    else:
        put_record({**base, "currentStep": "QUEUED", "progress": 0,
                    "timestamps": {"createdAt": now, "startedAt": None, "estimatedCompletion": now, "completedAt": None},
                    "resources": {"batchJobId": None, "vercel": {"projectId": None, "deploymentId": None},
                                  "githubRepo": {"name": "test-business-mvp", "url": None, "branch": "main"}},
                    "urls": {"codeRepository": None, "staging": None, "production": None},
                    "errors": [], "executionLogs": []})
    return put_event({"jobId": job, "userId": base["userId"], "productId": base["productId"], "priority": "normal",
                      "timestamp": now, "metadata": {"businessName": base["businessName"], "testEvent": True}})


# ---- SET of single attributes --------------------------------------------------------------------


def set_attributes(job, parts, values):
    asked = {"TableName": TABLE, "Key": {"jobId": {"S": job}}, "UpdateExpression": "SET " + ", ".join(parts),
             "ExpressionAttributeValues": {k: attr(v) for k, v in values.items()}}
    if ":status" in values:
        asked["ExpressionAttributeNames"] = {"#status": "status"}
    CLOUD.call("dynamodb", "UpdateItem", asked)


def add_error(parts, values, message, step):
    parts.append("errors = list_append(if_not_exists(errors, :empty_list), :error)")
    values[":empty_list"] = []
    values[":error"] = [{"timestamp": utcnow(), "message": message, "step": step}]


def update_flat(job, status=None, step=None, progress=None, repo=None, production=None, error=None,
                bare=False):
    """The container's status script as it is now; bare: without the start."""
    parts, values = ["updatedAt = :updated_at"], {":updated_at": utcnow()}

    def put(name, value, key):
        if value is not None:
            parts.append(f"{name} = {key}")
            values[key] = value
    put("#status", status, ":status")
    put("startedAt", utcnow() if status == "IN_PROGRESS" and not bare else None, ":started_at")
    put("completedAt", utcnow() if status == "COMPLETED" else None, ":completed_at")
    put("currentStep", step, ":step")
    put("progress", progress, ":progress")
    put("githubRepo", repo, ":repo_url")
    put("vercelUrl", production, ":production_url")
    put("lastError", json.dumps({"timestamp": utcnow(), "message": error, "step": step or "unknown"}) if error else None,
        ":error_info")
    set_attributes(job, parts, values)
    print(f"Updated job {job}: " + ", ".join(f"{k}={v}" for k, v in values.items()), flush=True)


def update_nested(job, status=None, step=None, progress=None, repo=None, production=None, error=None):
    """And as it was before: it needs a record with the maps, and sets no updatedAt."""
    parts, values = [], {}

    def put(name, value, key):
        if value is not None:
            parts.append(f"{name} = {key}")
            values[key] = value
    put("#status", status, ":status")
    put("timestamps.startedAt", utcnow() if status == "IN_PROGRESS" else None, ":started_at")
    put("timestamps.completedAt", utcnow() if status == "COMPLETED" else None, ":completed_at")
    put("currentStep", step, ":step")
    put("progress", progress, ":progress")
    put("urls.codeRepository", repo, ":repo_url")
    put("urls.production", production, ":production_url")
    if error:
        add_error(parts, values, error, step or "unknown")
    set_attributes(job, parts, values)


def status_lambda(job, status, *members):
    """Sets what the completion message says."""
    said = dict(m.split("=", 1) for m in members)
    parts, values = ["#status = :status", "timestamps.completedAt = :completed_at"], {":status": status, ":completed_at": utcnow()}
    if status == "completed":
        parts += ["progress = :progress", "currentStep = :step"]
        values.update({":progress": 100, ":step": "COMPLETED"})
    for member, path in (("repoUrl", "urls.codeRepository"), ("productionUrl", "urls.production"),
                         ("stagingUrl", "urls.staging"), ("batchJobId", "resources.batchJobId"),
                         ("vercelProjectId", "resources.vercel.projectId"),
                         ("vercelDeploymentId", "resources.vercel.deploymentId")):
        if member in said:
            parts.append(f"{path} = :{member}")
            values[f":{member}"] = said[member]
    if status == "failed" and "error" in said:
        add_error(parts, values, said["error"], "unknown")
    set_attributes(job, parts, values)


# ---- the container -------------------------------------------------------------------------------


def container():
    batch = ENV["AWS_BATCH_JOB_ID"]
    print("Starting MVP Pipeline...", flush=True)
    job = ENV.get("JOB_ID") or batch
    gates = Path(ENV["GATES"])

    def log(stage, message, **more):
        print(json.dumps({"timestamp": time.strftime("%Y-%m-%d %H:%M:%S"), "level": "INFO", **more, "stage": stage,
                          "message": message}, separators=(",", ":")), file=sys.stderr, flush=True)

    def gate(point):
        while not (gates / f"{job}.{point}").exists():
            if not gates.exists():
                sys.exit(9)
            time.sleep(0.05)
    log("", f"FounderDash MVP Pipeline starting - Job ID: {job}", jobId=job)
    log("INIT", "Configuration parsed successfully", jobId=job)
    gate("start")
    update = update_nested if (gates / f"{job}.nested").exists() else update_flat
    first = {"bare": True} if (gates / f"{job}.bare").exists() else {}
    try:
        log("FETCHING_DATA", "Fetching job data from DynamoDB", jobId=job)
        update(job, status="IN_PROGRESS", step="FETCHING_DATA", progress=5, **first)
        gate("repo")
        for progress in (15, 25, 35, 40):
            update(job, step="CREATING_REPO", progress=progress)
        log("CREATING_REPO", "Template cloning and repository creation completed successfully")
        gate("develop")
        log("AI_DEVELOPMENT", "Starting stage: AI_DEVELOPMENT", jobId=job)
        log("DEVELOP", "Progress: Implementing features")
        print("npm warn deprecated inflight@1.0.6", file=sys.stderr, flush=True)
        gate("deploy")
        log("DEPLOY", "Deployment state: BUILDING")
        gate("end")
        if (gates / f"{job}.fails").exists():
            raise Failed("Pipeline failed at line 88 with exit code 4 in stage DEPLOYING")
    except Failed as x:
        log("DEPLOYING", f"Pipeline failed: {x}", jobId=job)
        update(job, status="FAILED", step="DEPLOYING", error=str(x)[:200])
        sys.exit(4)
    update(job, status="COMPLETED", step="COMPLETED", progress=100, repo="https://github.com/founderdash/test-business-mvp",
           production="https://test-business-mvp.vercel.app")
    log("CLEANUP", "Cleanup completed", jobId=job)


if __name__ == "__main__":
    {"world": world, "send": send, "create": create, "lambda": status_lambda,
     "container": container}[sys.argv[1]](*sys.argv[2:])
