"""Every figure of `mvpdash stats --json` against figures computed here from the raw items and Batch's own answers.

usage: stats_raw.py PATH/TO/mvpdash
SEED=n other records (printed). Prints "ok" and "not ok" lines; exits 1 when any is "not ok".

A local cloud is filled with records of all shapes (SPEC 1.2) through botocore, and a few jobs really run. Then the
table is read by Scan and Batch by DescribeJobs, again through botocore, and every figure is computed anew: no code,
no reading of records and no normaliser is shared with the program.
"""

import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone

import botocore.session

MVPDASH = os.path.abspath(sys.argv[1])
SEED = int(os.environ.get("SEED", "20261130"))
RECORDS = 1500
TABLE = "mvp-development-jobs"
QUEUE = "mvp-pipeline-queue"
STEPS = ["INIT", "FETCHING_DATA", "CREATING_REPO", "AI_DEVELOPMENT", "BUILDING", "DEPLOYING", "CLEANUP"]
LIFE = (
    "QUEUED INIT FETCHING_DATA CREATING_REPO CLAUDE_INSTALL AI_DEVELOPMENT BUILDING DEPLOYING CONFIGURING_DOMAINS "
    "CLEANUP COMPLETED"
).split()
STATUSES = ["PENDING", "QUEUED", "IN_PROGRESS", "STOPPING", "COMPLETED", "FAILED", "CANCELLED"]
FINAL = {"COMPLETED", "FAILED", "CANCELLED"}
DAY = 24 * 3600 * 1000
rng = random.Random(SEED)
failures = 0


def check(what, got, wanted):
    global failures
    if got == wanted:
        print("ok " + what)
        return
    failures += 1
    print("not ok " + what)
    if isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        got, wanted = next((g, w) for g, w in zip(got, wanted) if g != w)
    print("#   got    " + json.dumps(got)[:600])
    print("#   wanted " + json.dumps(wanted)[:600])


# ---- the local cloud ----

home = tempfile.mkdtemp(prefix="mvpdash-stats-")
env = {"PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true"}


def start_cloud():
    p = subprocess.Popen(
        [MVPDASH, "local", "--listen", "127.0.0.1:0", "--data", home + "/cloud"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=env,
        text=True,
    )
    while "AWS_DEFAULT_REGION" not in env:
        line = p.stdout.readline()
        if line == "":
            sys.exit("the local cloud does not start")
        m = re.match(r"export (\w+)=(.*)", line.strip())
        if m:
            env[m.group(1)] = m.group(2)
    return p


def client(service):
    return botocore.session.Session().create_client(
        service,
        region_name="us-east-1",
        endpoint_url=env["AWS_ENDPOINT_URL"],
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
    )


# ---- records of all shapes ----


def iso(ms):
    return (datetime.fromtimestamp(0, timezone.utc) + timedelta(milliseconds=ms)).strftime("%Y-%m-%dT%H:%M:%S.") + (
        "%03dZ" % (ms % 1000)
    )


def av_time(ms):
    """A time in one of the forms that writers use."""
    form = rng.randrange(4)
    if form == 0:
        return {"N": str(ms)}
    if form == 1 and ms % 1000 == 0:
        return {"S": iso(ms)[:19] + "+00:00"}
    return {"S": iso(ms)}


MESSAGES = [
    lambda: "npm ERR! code E404",
    lambda: "request failed with status code %d" % rng.choice([404, 502]),
    lambda: "stage BUILDING failed after %d s" % rng.randrange(1000),
    lambda: "request %s was refused" % uuid.UUID(int=rng.getrandbits(128)),
    lambda: "cannot read /work/job-%d/src/page.tsx" % rng.randrange(1000),
    lambda: "gave up at %s" % iso(rng.randrange(10**12, 2 * 10**12)),
    lambda: "mail to user%d@example.com bounced" % rng.randrange(100),
    lambda: "job job_%d_%s is lost" % (rng.randrange(10**12, 10**13), "".join(rng.choices("abcdefghij01", k=9))),
    lambda: "\n  out of disk, %d%% used\nsecond line %d" % (rng.randrange(100), rng.randrange(9)),
]


def times(item, flat, name, ms):
    if ms is None:
        return
    if flat:
        item[name] = {"S": iso(ms)} if name == "createdAt" else av_time(ms)  # a key of an index is text
    else:
        item.setdefault("timestamps", {"M": {}})["M"][name] = av_time(ms)


def fail(item, flat):
    kind = rng.randrange(5)
    message = rng.choice(MESSAGES)()
    step = rng.choice(STEPS)
    if kind == 0:
        return
    if kind == 1:
        item["statusReason"] = {"S": message}
    elif kind == 2:
        item["lastError"] = {"S": message}
    elif kind == 3:
        item["lastError"] = {"S": json.dumps({"timestamp": iso(10**12), "message": message, "step": step})}
    else:
        item["errors"] = {"L": [{"M": {"message": {"S": "an older one"}}}, {"M": {"message": {"S": message}, "step": {"S": step}}}]}


def record(n, now):
    flat = rng.random() < 0.5
    created = now - rng.randrange(10 * DAY)
    status = rng.choices(["PENDING", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED", "Paused", None], [4, 8, 55, 25, 5, 2, 1])[0]
    made = created if rng.random() < 0.3 else 10**12 + n
    item = {"jobId": {"S": "job_%d_%09d" % (made, n)}}
    started = created + rng.randrange(120000) if rng.random() < 0.9 else None
    ended = (started or created) + int(rng.lognormvariate(12, 1)) if status in FINAL and rng.random() < 0.95 else None
    if rng.random() < 0.97:
        times(item, flat, "createdAt", created)
    times(item, flat, "startedAt", started)
    times(item, flat, "completedAt", ended)
    if rng.random() < 0.9:
        item["updatedAt"] = {"S": iso(ended or started or created)}
    if status is not None:
        item["status"] = {"S": rng.choice([str.upper, str.lower, str.title])(status)}
    if rng.random() < 0.95:
        item["userId"] = {"S": "user_%d" % rng.randrange(40)}
    if rng.random() < 0.9:
        item["productId"] = {"S": "prod_%d" % rng.randrange(15)}
    if rng.random() < 0.8:
        value = {"S": rng.choice(["high", "normal", "low"])}
        if flat:
            item["priority"] = value
        else:
            item["metadata"] = {"M": {"priority": value}}
    if rng.random() < 0.9:
        item["currentStep" if flat else "stage"] = {"S": rng.choice(STEPS)}
    if rng.random() < 0.6 and started is not None:
        at = started
        steps = {}
        for step in STEPS[: rng.randrange(1, len(STEPS) + 1)] + (["MY_STEP"] if rng.random() < 0.2 else []):
            steps[step] = av_time(at) if rng.random() < 0.97 else {"S": "soon"}
            at += rng.randrange(60000)
        if status == "COMPLETED" and ended is not None:
            steps["COMPLETED"] = av_time(max(at, ended))
        item["stepTimes"] = {"M": steps}
    if status == "FAILED":
        fail(item, flat)
    return item


def run_sizes(ddb, batch):
    """Jobs of other sizes than the definition's, one with two attempts, straight to Batch; the last never starts."""
    sizes = [
        ("0.25", "512", 1, "PENDING", None),
        ("4", "30720", 1, "PENDING", None),
        ("2", "5120", 2, "FAILED", ["sh", "-c", "exit 7"]),
        ("64", "131072", 1, "CANCELLED", None),
    ]
    batch.register_job_definition(
        jobDefinitionName="plain",
        type="container",
        platformCapabilities=["FARGATE"],
        containerProperties={
            "image": "busybox",
            "command": ["true"],
            "executionRoleArn": "arn:aws:iam::000000000000:role/execution",
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
        },
    )
    ids = []
    for n, (vcpus, mib, attempts, status, command) in enumerate(sizes):
        now = int(datetime.now(timezone.utc).timestamp() * 1000)
        job = "job_%d_%09d" % (now, n)
        item = {"jobId": job, "userId": "user_size", "status": status, "createdAt": iso(now), "updatedAt": iso(now)}
        ddb.put_item(TableName=TABLE, Item={k: {"S": v} for k, v in item.items()})
        overrides = {
            "environment": [{"name": "JOB_ID", "value": job}],
            "resourceRequirements": [{"type": "VCPU", "value": vcpus}, {"type": "MEMORY", "value": mib}],
        }
        if command:
            overrides["command"] = command
        submitted = batch.submit_job(
            jobName="mvp-" + job,
            jobQueue=QUEUE,
            jobDefinition="plain" if command else "mvp-pipeline-job",
            retryStrategy={"attempts": attempts},
            containerOverrides=overrides,
        )
        ids.append(submitted["jobId"])
    batch.terminate_job(jobId=ids[-1], reason="too large ever to start")
    for _ in range(1200):
        jobs = batch.describe_jobs(jobs=ids)["jobs"]
        if {j["status"] for j in jobs} <= {"SUCCEEDED", "FAILED"}:
            check("one had two attempts", sorted(len(j["attempts"]) for j in jobs), [0, 1, 1, 2])
            return
        time.sleep(0.1)
    sys.exit("the jobs of other sizes do not end")


def fill_cloud(ddb):
    now = int(datetime.now(timezone.utc).timestamp() * 1000)
    items = [record(n, now) for n in range(RECORDS)]
    for i in range(0, len(items), 25):
        left = {TABLE: [{"PutRequest": {"Item": x}} for x in items[i : i + 25]]}
        while left:
            left = ddb.batch_write_item(RequestItems=left)["UnprocessedItems"]
    for metadata in ({}, {"simulate": {"exitCode": 3, "atStep": "BUILDING"}}, {"simulate": {"exitCode": 137}}):
        run = [MVPDASH, "send", "--user-id", "user_0", "--product-id", "prod_0", "--metadata", json.dumps(metadata), "--wait"]
        subprocess.run(run, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


# ---- the same figures, anew ----


def when(av):
    """Milliseconds of an attribute in any form; None."""
    if not isinstance(av, dict):
        return None
    text = av.get("S", av.get("N"))
    if text is None:
        return None
    if re.fullmatch(r"\d{9,}(\.\d+)?", text):
        n = float(text)
        return int(n * 1000 if n < 1e11 else n)
    try:
        t = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    d = t.replace(tzinfo=t.tzinfo or timezone.utc) - datetime.fromtimestamp(0, timezone.utc)
    return d // timedelta(milliseconds=1)


def text(av):
    s = av.get("S") if isinstance(av, dict) else None
    return s or None


def latest(item, name):
    found = [t for t in (when(item.get(name)), when(item.get("timestamps", {}).get("M", {}).get(name))) if t is not None]
    return max(found) if found else None


def first(*values):
    return next((v for v in values if v is not None), None)


MARKS = [
    (r"\bjob_\d+_[0-9a-z]{9}\b", "<id>"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<id>"),
    (r"[\w.+-]+@[\w-]+\.[\w.-]+", "<email>"),
    (r"(?<![\w.])/[\w./~@+-]+", "<path>"),
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z", "<time>"),
    (r"(?<![A-Z\d])(?<!\bcode )\d+", "<n>"),  # the digits of E404 stay, and those of "exit code 3"
]


def normal(message):
    line = next((x.strip() for x in message.splitlines() if x.strip()), "")
    for pattern, becomes in MARKS:
        line = re.sub(pattern, becomes, line)
    return re.sub(r"\s+", " ", line)


# USD for an hour: a vCPU and a GB of Fargate on Linux x86 in us-east-1, and a GB of storage above 20
VCPU_HOUR, GB_HOUR, DISK_HOUR = 0.04048, 0.004445, 0.000111


def cost(b):
    """What one answer of DescribeJobs costs on demand on Fargate; None."""
    if b.get("status") not in ("SUCCEEDED", "FAILED") or b.get("platformCapabilities") != ["FARGATE"]:
        return None
    runs = b["attempts"] or [b]
    if b["status"] == "FAILED" and "startedAt" not in b and not b["attempts"]:
        return 0.0
    if any("startedAt" not in r or "stoppedAt" not in r for r in runs):
        return None
    need = {r["type"]: float(r["value"]) for r in b["container"]["resourceRequirements"]}
    hours = sum(max(60, math.ceil((r["stoppedAt"] - r["startedAt"]) / 1000)) for r in runs) / 3600
    disk = max(0, b["container"].get("ephemeralStorage", {}).get("sizeInGiB", 20) - 20)
    return hours * (need["VCPU"] * VCPU_HOUR + need["MEMORY"] / 1024 * GB_HOUR + disk * DISK_HOUR)


def same_usd(got, wanted):
    """The figure that the program tells where it is the wanted one to a millionth."""
    if got is None or wanted is None:
        return wanted
    return got if abs(got - wanted) <= 1e-6 + 1e-6 * wanted else wanted


def usd(jobs):
    known = [j.cost for j in jobs if j.cost is not None]
    return sum(known) if known else None


class Job:
    """One job by its item and by what Batch says of it (None: nothing)."""

    def __init__(self, item, batch):
        stamps = item.get("timestamps", {}).get("M", {})
        self.id = item["jobId"]["S"]
        self.user = text(item.get("userId"))
        self.product = text(item.get("productId"))
        self.priority = first(text(item.get("priority")), text(item.get("metadata", {}).get("M", {}).get("priority")))
        self.step = first(text(item.get("currentStep")), text(item.get("stage")))
        self.status = (text(item.get("status")) or "UNKNOWN").upper()
        b = batch or {}
        attempts = b.get("attempts", [])
        batch_start = first(attempts[0].get("startedAt") if attempts else None, b.get("startedAt"))
        self.started = first(latest(item, "startedAt"), batch_start)
        done = latest(item, "completedAt")
        self.over = self.status in FINAL
        self.ended = first(done, b.get("stoppedAt")) if self.over else None
        m = re.match(r"job_(\d{13})_", self.id)
        self.time = first(
            when(item.get("createdAt")),
            when(stamps.get("createdAt")),
            latest(item, "startedAt"),
            int(m.group(1)) if m and m.group(1)[0] != "0" else None,
            b.get("createdAt"),
            latest(item, "updatedAt"),
        )
        self.seen = first(self.ended, latest(item, "updatedAt")) if self.over else None
        self.took = self.span(self.started, self.ended)
        self.waited = self.span(b.get("createdAt"), batch_start)
        found = [(when(v), k) for k, v in item.get("stepTimes", {}).get("M", {}).items() if when(v) is not None]
        found.sort(key=lambda p: (p[0], LIFE.index(p[1]) if p[1] in LIFE else -1, p[1]))
        self.steps = found
        self.cause(item, b)
        self.cost = cost(b)

    @staticmethod
    def span(a, b):
        return b - a if a is not None and b is not None and b >= a else None

    def cause(self, item, b):
        errors = [(text(e["M"].get("message")), text(e["M"].get("step"))) for e in item.get("errors", {}).get("L", [])]
        last = text(item.get("lastError"))
        if last is not None:
            try:
                d = json.loads(last)
                last = (d["message"], d.get("step"))
            except ValueError:
                last = (last, None)
            if last[0] not in [e[0] for e in errors]:
                errors.append(last)
        message, step = errors[-1] if errors else (None, None)
        self.failed_step = first(step, self.step)
        code = b.get("container", {}).get("exitCode")
        reason = first(b.get("container", {}).get("reason"), b.get("statusReason"))
        parts = [] if code in (None, 0) else ["exit %d" % code]
        for said in (reason if b.get("status") == "FAILED" else None, first(text(item.get("statusReason")), message)):
            if said and "Essential container in task exited" not in said and normal(said) not in "; ".join(parts):
                parts.append(normal(said))
        self.why = "; ".join(parts) or "unknown"


def seconds(ms):
    return None if ms is None else ms / 1000


def figures(values, names=("p50", "p90", "p99")):
    """The smallest value with at least p % of the values at or below it, by counting."""
    out = {"count": len(values)}
    for name in names:
        p = int(name[1:])
        out[name] = seconds(
            next((v for v in sorted(values) if sum(w <= v for w in values) * 100 >= p * len(values)), None)
        )
    return out


def rate(jobs):
    done = sum(j.status == "COMPLETED" for j in jobs)
    bad = sum(j.status == "FAILED" for j in jobs)
    return None if done + bad == 0 else round(done / (done + bad), 4)


def by_steps(jobs):
    took = defaultdict(list)
    for j in jobs:
        ends = [at for at, _ in j.steps[1:]] + [j.ended]
        for (at, step), end in zip(j.steps, ends):
            if step != "COMPLETED" and j.span(at, end) is not None:
                took[step].append(end - at)
    order = sorted(took, key=lambda s: (LIFE.index(s) if s in LIFE else len(LIFE), s))
    return [{"step": s, **figures(took[s], ("p50", "p90"))} for s in order]


def by_cause(jobs, since, until):
    bad = [j for j in jobs if j.status == "FAILED"]
    at = {j.id: first(j.seen, j.time) for j in bad}
    out = []
    for why in sorted({j.why for j in bad}):
        its = [j for j in bad if j.why == why]
        steps = Counter(j.failed_step for j in its if j.failed_step)
        seen = [at[j.id] for j in its]
        out.append(
            {
                "cause": why,
                "count": len(its),
                "share": round(len(its) / len(bad), 4),
                "firstSeen": iso(min(seen)),
                "lastSeen": iso(max(seen)),
                "new": until - since > DAY and min(seen) >= until - DAY,
                "steps": sorted(steps, key=lambda s: (-steps[s], s))[:12],
                "users": len({j.user for j in its if j.user}),
                "jobIds": [j.id for j in sorted(its, key=lambda j: (-at[j.id], j.id))][:20],
            }
        )
    out.sort(key=lambda c: c["cause"])
    out.sort(key=lambda c: c["lastSeen"], reverse=True)
    out.sort(key=lambda c: c["count"], reverse=True)
    return out


def by_group(jobs, by):
    key = {
        "day": lambda j: iso(j.time)[:10],
        "user": lambda j: j.user,
        "product": lambda j: j.product,
        "priority": lambda j: j.priority,
        "step": lambda j: j.step,
    }[by]
    groups = defaultdict(list)
    for j in jobs:
        groups[key(j)].append(j)
    order = sorted(groups, key=lambda k: (k is None, 0 if by == "day" else -len(groups[k]), k or ""))
    return [
        {
            "key": k,
            "jobs": len(groups[k]),
            "successRate": rate(groups[k]),
            "p50": figures([j.took for j in groups[k] if j.took is not None])["p50"],
            "usd": usd(groups[k]),
        }
        for k in order
    ]


def plot(jobs, since, until, each):
    buckets = []
    begin = since // each * each
    while begin < until:
        inside = lambda t: t is not None and max(begin, since) <= t < min(begin + each, until)
        ends = Counter(j.status for j in jobs if inside(j.seen))
        buckets.append(
            {
                "at": iso(begin),
                "jobs": sum(inside(j.time) for j in jobs),
                "completed": ends["COMPLETED"],
                "failed": ends["FAILED"],
                "cancelled": ends["CANCELLED"],
            }
        )
        begin += each
    return {"seconds": each / 1000, "buckets": buckets}


def compare(name, got, everything):
    since, until = when({"S": got["since"]}), when({"S": got["until"]})
    jobs = [j for j in everything if j.time is not None and since <= j.time < until]
    each = int(got["throughput"]["seconds"] * 1000)
    hours = Counter(j.time // 3600000 % 24 for j in jobs)
    wanted = {
        "since": got["since"],
        "until": got["until"],
        "jobs": len(jobs),
        "byStatus": dict(Counter(j.status for j in jobs)),
        "successRate": rate(jobs),
        "duration": figures([j.took for j in jobs if j.over and j.took is not None]),
        "waiting": figures([j.waited for j in jobs if j.waited is not None]),
        "steps": by_steps(jobs),
        "stepJobs": sum(bool(j.steps) for j in jobs),
        "failures": by_cause(jobs, since, until),
        "cost": {
            "usd": same_usd(got["cost"]["usd"], usd(jobs)),
            "jobs": sum(j.cost is not None for j in jobs),
            "unknown": sum(j.cost is None for j in jobs),
        },
        "by": got["by"],
        "groups": by_group(jobs, got["by"]),
        "throughput": plot(jobs, since, until, each),
        "hours": [hours[h] for h in range(24)],
    }
    for g, w in zip(got["groups"], wanted["groups"]):
        w["usd"] = same_usd(g["usd"], w["usd"])
    check(f"{name}: the members", sorted(got), sorted(wanted))
    for member in wanted:
        check(f"{name}: {member}", got.get(member), wanted[member])
    check(f"{name}: there is something to compare", len(jobs) > 3, True)
    check(f"{name}: at most 200 buckets", len(got["throughput"]["buckets"]) <= 200, True)


def batch_jobs(batch):
    """Batch's jobs by the JOB_ID that their containers were given."""
    ids = []
    for status in "SUBMITTED PENDING RUNNABLE STARTING RUNNING SUCCEEDED FAILED".split():
        ids += [j["jobId"] for j in batch.list_jobs(jobQueue=QUEUE, jobStatus=status)["jobSummaryList"]]
    found = {}
    for d in batch.describe_jobs(jobs=ids)["jobs"] if ids else []:
        given = {v["name"]: v["value"] for v in d["container"].get("environment", [])}
        found[given.get("JOB_ID")] = d
    return found


def stats(*more):
    p = subprocess.run([MVPDASH, "stats", "--json", *more], env=env, stdout=subprocess.PIPE, check=True)
    return json.loads(p.stdout)


def main():
    print(f"# SEED={SEED}")
    cloud = start_cloud()
    try:
        ddb = client("dynamodb")
        fill_cloud(ddb)
        run_sizes(ddb, client("batch"))
        items = [i for page in ddb.get_paginator("scan").paginate(TableName=TABLE) for i in page["Items"]]
        batch = batch_jobs(client("batch"))
        everything = [Job(i, batch.get(i["jobId"]["S"])) for i in items]
        check("the records and the jobs that ran are there", len(everything), RECORDS + 7)
        check("Batch ran some", len([j for j in everything if j.waited is not None]), 6)
        check("and all that it knows have a cost", len([j for j in everything if j.cost is not None]), 7)
        for by in ("day", "user", "product", "priority", "step"):
            compare(f"by {by}", stats("--by", by), everything)
        compare("a day", stats("--since", "24h"), everything)
        compare("three days, without the last hour", stats("--since", "70h", "--until", "1h"), everything)
        for j in everything:
            if j.cost is not None:
                got = json.loads(subprocess.run([MVPDASH, "status", j.id, "--json"], env=env, stdout=subprocess.PIPE).stdout)
                check(f"status {j.id}: its cost", got["cost"], same_usd(got["cost"], j.cost))
        compare("all", stats("--since", "2001-01-01", "--by", "priority"), everything)
    finally:
        cloud.terminate()
        cloud.wait()
        shutil.rmtree(home, ignore_errors=True)
    sys.exit(1 if failures else 0)


main()
