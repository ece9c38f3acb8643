"""The other commands that write: what they say must be what is, too."""

import json
import re
import subprocess
import time

import kinds
from clouds import spawn
from deploys import send
from proxy import Plan
from world import Deploy, in_parallel

UNSURE = re.compile(r"perhaps|may have|not known|unknown|whether|not certain|unsure|cannot tell")
ENDED = ("SUCCEEDED", "FAILED")


def make_job(ctx, world, deploy):
    """A job that runs until it is told to end."""
    send(world, deploy)
    until = time.time() + 120
    while time.time() < until:
        jobs = ctx.cloud.client.batch_jobs().get(deploy.job_id)
        if jobs:
            return jobs[0]
        time.sleep(0.2)
    world.problem(f"{deploy.product}: no Batch job within 120 s")
    return None


def batch_state(ctx, batch_id):
    return ctx.cloud.client.batch("describejobs", {"jobs": [batch_id]})["jobs"][0]["status"]


def cancel(ctx, case):
    """A cancel whose write was taken and its reply lost, then refused for good; then once more, healed."""
    op, first, second = case
    world = ctx.world(f"cancel-{op}-{first}-{second}", Plan())
    deploy = Deploy(f"cancel-{op}-{first}-{second}")
    batch_id = make_job(ctx, world, deploy)
    if batch_id is None:
        return
    world.plan.set({op: [first, second, "*"]})
    run = world.run("cancel", deploy.job_id, "--reason", "faults", "--json")
    status = ctx.cloud.client.record(deploy.job_id)["status"]["S"]
    said = run.err + run.out
    if run.code == 0 and status != "CANCELLED":
        world.problem(f"{deploy.product}: cancel exits 0, the record says {status}: {run}")
    if run.code == 0:
        until = time.time() + 90
        while time.time() < until and batch_state(ctx, batch_id) not in ENDED:
            time.sleep(0.3)
        if batch_state(ctx, batch_id) not in ENDED:
            world.problem(f"{deploy.product}: cancel exits 0, its Batch job goes on: {run}")
    elif status == "CANCELLED" and not re.search(r"CANCELLED|cancelled", said) and not UNSURE.search(said):
        world.problem(f"{deploy.product}: the record is CANCELLED, and the error knows nothing of it: {run}")
    world.plan.heal()
    world.run("cancel", deploy.job_id, "--reason", "again")
    until = time.time() + 90
    while time.time() < until and batch_state(ctx, batch_id) not in ENDED:
        time.sleep(0.3)
    status, state = ctx.cloud.client.record(deploy.job_id)["status"]["S"], batch_state(ctx, batch_id)
    if (status, state) != ("CANCELLED", "FAILED"):
        world.problem(f"{deploy.product}: after a second cancel the record says {status}, Batch {state}")


def listed(value, text):
    """How many members of lists hold the text."""
    if isinstance(value, list):
        return sum(1 for v in value if text in json.dumps(v))
    return sum(listed(v, text) for v in value.values()) if isinstance(value, dict) else 0


def report(ctx, first):
    """One error reported once stands once in the record, however often its write was tried."""
    world = ctx.world(f"report-{first}", Plan())
    deploy = Deploy(f"report-{first}")
    send(world, deploy)
    world.plan.set({"UpdateItem": [first, "pass", "*"]})
    run = world.run("report", "--job-id", deploy.job_id, "--step", "BUILDING", "--error", "disk is full")
    found = listed(ctx.cloud.client.record(deploy.job_id), "disk is full")
    if run.code == 0 and found != 1:
        world.problem(f"{deploy.product}: one report --error stands {found} times in the record: {run}")
    if run.code != 0 and found and not UNSURE.search(run.err):
        world.problem(f"{deploy.product}: the error is in the record, report says {run}")


def full_disk(ctx):
    """stdout cannot take what a write did: stderr says it."""
    world = ctx.world("full", Plan(scripts={"PutEvents": ["slow-reply"]}))
    deploys = [Deploy("full-send"), Deploy("full-batch")]
    with open(world.home + "/f.jsonl", "w") as f:
        f.write(json.dumps({"userId": "faults", "productId": "full-batch"}) + "\n")
    for deploy, args in zip(deploys, (["send", "--user-id", "faults", "--product-id", "full-send"], ["batch", "f.jsonl"])):
        began = time.time()
        with open("/dev/full", "w") as full:
            p = spawn([world.program, *args], env=world.env, cwd=world.home, stdout=full, stderr=subprocess.PIPE,
                      stdin=subprocess.DEVNULL, text=True)
        run = world.finish(p, began)
        if run.code == 0 or not any(i in run.err for i in ctx.cloud.client.records()):
            world.problem(f"{' '.join(args)} >/dev/full: nothing on stderr names the job that was sent: {run}")
    return deploys


def all_of(ctx, quick):
    ctx.cloud.define(["/bin/sleep", "600"])
    refusals = ["ThrottlingException", "AccessDeniedException", "ExpiredTokenException", "ValidationException", "307", "500", "refused"]
    taken = ["lost"] if quick else ["lost", "reply-cut", "500-after", "reply-html"]
    cases = [(op, a, b) for op in ("UpdateItem", "terminatejob") for a in taken for b in refusals]
    in_parallel(6, lambda c: cancel(ctx, c), cases)
    in_parallel(6, lambda k: report(ctx, k), kinds.TAKEN)
    ctx.cloud.define(["/bin/true"])
    deploys = full_disk(ctx)
    ctx.note = f"{len(cases)} cancels, {len(kinds.TAKEN)} reports"
    return deploys
