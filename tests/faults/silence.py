"""A service that says nothing, or goes on for ever: each command ends in time, says meanwhile what it waits for,
and calls nothing done that is not."""

import json
import time

from clouds import readable
from deploys import File, error_text, send, verdict
from proxy import Plan
from world import Deploy, in_parallel

DEADLINE_S = 30  # of an operation, over all its calls
SLACK_S = 25     # for its start and end on a loaded machine
WORD_S = 2 + 15  # the first word of what is waited for


def first_word(process, deadline_s):
    """Seconds until stderr said something; the rest of it goes to the caller by communicate()."""
    began = time.time()
    if not readable(process.stderr, deadline_s):
        return None, ""
    line = process.stderr.readline()
    return (time.time() - began if line else None), line


def one(ctx, case):
    name, args, scripts, writes = case
    world = ctx.world(f"silent-{name}", Plan())
    job, deploy = Deploy(f"silent-{name}-job"), Deploy(f"silent-{name}")
    send(world, job)
    waiting = []
    if name.endswith("-after-another"):  # what waits in the outbox is tried first
        waiting = [Deploy(f"silent-{name}-waits")]
        world.plan.set({"PutItem": ["reset", "*"]})
        send(world, waiting[0])
    with open(world.home + "/f.jsonl", "w") as f:
        f.write(json.dumps({"userId": "faults", "productId": deploy.product}) + "\n")
    args = [{"JOB": job.job_id, "PRODUCT": deploy.product}.get(a, a) for a in args]
    world.plan.set(scripts)
    began = time.time()
    process = world.start(*args)
    waited, line = first_word(process, DEADLINE_S + SLACK_S)
    run = world.finish(process, began, max(1, DEADLINE_S + SLACK_S - (time.time() - began)))
    run.err = line + run.err
    if run.seconds > DEADLINE_S + SLACK_S:
        world.problem(f"{name}: took {run.seconds:.0f} s")
    if run.seconds > WORD_S and (waited is None or waited > WORD_S):
        world.problem(f"{name}: no word on stderr for {waited if waited is not None else run.seconds:.0f} s: {run}")
    if run.code == 0 and writes == "cancel" and ctx.cloud.client.record(job.job_id)["status"]["S"] != "CANCELLED":
        world.problem(f"{name}: exits 0, and the record is not CANCELLED: {run}")
    if writes == "deploy":  # one that was proven by its record is sent, whatever PutEvents said
        said = "sent" if run.code == 0 else verdict(error_text(run) + run.out)
        deploy.says(said, note=error_text(run)[:160])
        return [job, deploy, *waiting]
    return [job]


def outbox_far_away(ctx, count=80):
    """Many deploys wait, and each call takes its time: every run brings some of them on, until none is left."""
    world = ctx.world("far-away", Plan(scripts={"PutEvents": ["ThrottlingException", "*"]}))
    deploys = [Deploy(f"far-away-{i}") for i in range(count)]
    File(world, "deploys", deploys).run()
    world.plan.set({"*": ["far-away", "*"]})
    before = len(world.kept())
    if before != count:
        world.problem(f"{before} of {count} deploys that could not be sent are in the outbox")
    for n in range(3):
        other = Deploy(f"far-away-other-{n}")
        deploys.append(other)
        run = send(world, other)
        if other.said != "sent":
            world.problem(f"a send over a slow link with {before} deploys in the outbox: {run}")
        if not world.kept():
            break
        if len(world.kept()) >= before:
            world.problem(f"a run over a slow link brings none of {before} waiting deploys on: {run}")
        before = len(world.kept())
    return deploys


def all_of(ctx, quick):
    hang, after = {"*": ["hang", "*"]}, {"*": ["hang-after", "*"]}
    new = ["send", "--user-id", "faults", "--product-id", "PRODUCT", "--json"]
    cases = [
        ("send", new, hang, "deploy"),
        ("send-after-another", new, hang, "deploy"),
        ("batch-after-another", ["batch", "f.jsonl", "--json"], hang, "deploy"),
        ("send-events", new, {"PutEvents": ["hang-after", "*"]}, "deploy"),
        ("send-record", new, {"PutItem": ["hang-after", "*"]}, "deploy"),
        ("batch", ["batch", "f.jsonl", "--json"], hang, "deploy"),
        ("batch-events", ["batch", "f.jsonl", "--json"], {"PutEvents": ["hang-after", "*"]}, "deploy"),
        ("list", ["list"], hang, ""),
        ("list-batch", ["list"], {"describejobs": ["hang", "*"], "listjobs": ["hang", "*"]}, ""),
        ("status", ["status", "JOB"], hang, ""),
        ("logs", ["logs", "JOB"], hang, ""),
        ("cancel", ["cancel", "JOB"], after, "cancel"),
        ("pages-of-records", ["list"], {"Scan": ["pages-scan", "*"], "Query": ["pages-scan", "*"]}, ""),
        ("pages-of-jobs", ["status", "JOB"], {"listjobs": ["pages-listjobs", "*"]}, ""),
        ("pages-of-logs", ["logs", "JOB"], {"GetLogEvents": ["pages-log", "*"], "FilterLogEvents": ["pages-log", "*"]}, ""),
    ]
    deploys = []
    work = [lambda case=case: one(ctx, case) for case in cases] + [lambda: outbox_far_away(ctx)]
    in_parallel(len(work), lambda w: deploys.extend(w()), work)
    ctx.note = f"{len(cases)} silent services"
    return deploys
