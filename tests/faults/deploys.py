"""Deploys under faults, each way: send, batch, the REST API. Each scenario returns its deploys and their worlds;
the judge looks when nothing waits any more."""

import http.client
import itertools
import json
import random
import re
import subprocess
import threading
import time

import kinds
from clouds import readable, spawn
from proxy import Plan
from world import Deploy, in_parallel


def error_text(run):
    """The error itself, without the warnings of other deploys beside it."""
    for line in reversed(run.err.splitlines()):
        try:
            doc = json.loads(line)
        except ValueError:
            continue
        if isinstance(doc, dict) and "error" in doc:
            return doc["error"].get("message", "")
    return run.err


def verdict(text):
    """What a sentence of the program claims of a deploy that was not simply sent."""
    if "outbox" in text or "perhaps" in text:
        return "kept"
    if re.search(r"nothing was (recorded|sent)|not sent|was not recorded", text):
        return "failed"
    return "nothing"


def send(world, deploy, *more):
    run = world.run("send", "--user-id", "faults", "--product-id", deploy.product, "--json", *more)
    docs = run.docs()
    if run.code == 0:
        if len(docs) == 1 and docs[0].get("jobId"):
            deploy.says("sent", docs[0]["jobId"])
        else:
            world.problem(f"send of {deploy.product} exits 0 without its document: {run}")
    else:
        deploy.says(verdict(error_text(run)), note=error_text(run)[:160])
    return run


# ---- batch ---------------------------------------------------------------------------------------


class File:
    """A file of deploys, one line each, and what the runs over it said."""

    def __init__(self, world, name, deploys):
        self.world, self.deploys = world, deploys
        self.path = f"{world.home}/{name}.jsonl"
        with open(self.path, "w") as f:
            for d in deploys:
                f.write(json.dumps({"userId": "faults", "productId": d.product}) + "\n")

    def take(self, run):
        """Takes over what a run said; its exit status and its lines must not contradict each other."""
        lines = {doc["line"]: doc for doc in run.docs() if "line" in doc}
        for n, doc in lines.items():
            deploy = self.deploys[n - 1]
            note = (doc.get("error") or {}).get("message", "")[:160]
            if doc.get("kept"):
                deploy.says("kept", doc["jobId"], note)
            elif doc["status"] == "FAILED":
                what = verdict(note)
                deploy.says("failed" if what == "nothing" else what, doc["jobId"], note)
            elif doc["status"] == "UNKNOWN":
                deploy.says("unknown", doc["jobId"], note)
            else:
                deploy.says("sent", doc["jobId"], "earlier" if doc.get("earlier") else "")
        if run.code == 0:
            bad = [d.product for i, d in enumerate(self.deploys) if i + 1 not in lines or d.said != "sent"]
            if bad:
                self.world.problem(f"batch exits 0, yet {len(bad)} of {len(self.deploys)} are not said to be sent: {bad[:3]} {run}")
        return run

    def run(self, *more):
        return self.take(self.world.run("batch", self.path, "--json", *more))

    def to_the_end(self, tries=12):
        """A healthy link, and --resume as the program says, until it has sent all."""
        self.world.plan.heal()
        for _ in range(tries):
            run = self.run("--resume")
            if run.code == 0:
                return
            time.sleep(1 if self.world.kept() else 0.1)
        stuck = [d for d in self.deploys if d.said == "nothing"]
        if stuck:
            self.world.problem(f"batch --resume over a healthy link never says what became of {stuck[0].product}: {run}")

    def must_be_done(self):
        """Nothing waits any more: --resume has nothing to do, and says so of every line."""
        run = self.run("--resume")
        open_lines = [d for d in self.deploys if d.said not in ("sent", "failed")]
        if open_lines or (run.code != 0 and not any(d.said == "failed" for d in self.deploys)):
            self.world.problem(f"all is settled, yet batch --resume leaves {len(open_lines)} lines open: {run}")


def by_batch(ctx, count, size=100, percent=30):
    """`count` deploys in files of `size`, `percent` of all calls failing; then healed and resumed."""
    deploys = []

    def one(n):
        world = ctx.world(f"batch{n}", Plan(ctx.seed + n, percent))
        mine = [Deploy(f"batch-{n}-{i}") for i in range(min(size, count - n * size))]
        deploys.extend(mine)
        f = File(world, "deploys", mine)
        f.run()
        f.run("--resume")
        f.to_the_end()
        if ctx.cloud.starts_jobs:  # where none is started, what was in doubt stays so
            ctx.after.append(f.must_be_done)

    in_parallel(2, one, range((count + size - 1) // size))
    return deploys


def by_send(ctx, count, percent=30):
    """Sends side by side over one state folder: each goes on with what the others left."""
    world = ctx.world("send", Plan(ctx.seed + 1000, percent))
    deploys = [Deploy(f"send-{i}") for i in range(count)]
    in_parallel(4, lambda d: send(world, d), deploys)
    return deploys


# ---- REST ----------------------------------------------------------------------------------------


class Serve:
    """`mvpdash serve` of a world, which may be killed and started again."""

    options = ()

    def __init__(self, world):
        self.world = world
        self.start()

    def start(self):
        self.process = spawn(
            [self.world.program, "serve", "--listen", "127.0.0.1:0", "--rate", "0", "--access-log", "none",
             *self.options],
            env=self.world.env, cwd=self.world.home, stdout=subprocess.PIPE, stderr=open(self.world.home + "/serve.log", "a"),
            text=True)
        ready = readable(self.process.stdout, 120)
        self.host = self.process.stdout.readline().strip().removeprefix("http://") if ready else ""
        if not self.host:
            self.host = "127.0.0.1:9"  # nobody answers there
            self.world.problem("serve does not start within 120 s: " + open(self.world.home + "/serve.log").read()[-300:])

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        self.process.terminate()
        try:
            if self.process.wait(150) != 0:
                self.world.problem(f"serve ends with {self.process.returncode} on SIGTERM: "
                                   + open(self.world.home + "/serve.log").read()[-600:])
        except subprocess.TimeoutExpired:
            self.world.problem("serve does not end within 150 s of SIGTERM")
            self.kill()
        self.process.stdout.close()

    def post(self, product, key=None, timeout=100):
        """(status, document), or (0, why) when no answer came."""
        connection = http.client.HTTPConnection(self.host, timeout=timeout)
        try:
            headers = {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})}
            connection.request("POST", "/deploy", json.dumps({"userId": "faults", "productId": product}), headers)
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read())
        except (OSError, ValueError, http.client.HTTPException) as x:
            return 0, {"error": {"message": repr(x)}}
        finally:
            connection.close()


def post_once(serve, deploy, key=None):
    status, doc = serve.post(deploy.product, key)
    if status == 202:
        deploy.says("sent" if doc.get("eventId") else "kept", doc["jobId"])
    elif status == 0 or (status == 409 and doc["error"]["code"] == "in_progress"):
        deploy.says("nothing", note=f"{status} {doc['error']['message'][:120]}")
    else:  # "any other answer means that no job will run"
        deploy.says("failed", note=f"{status} {doc.get('error', {}).get('message', '')[:160]}")
    return status


def post_until_taken(serve, deploy, tries=20, pause=0.2):
    """As a careful client does: the same key until it is taken."""
    for n in range(tries):
        told = deploy.job_id
        status = post_once(serve, deploy, "key-" + deploy.product)
        if status == 202:
            if told and told != deploy.job_id:
                serve.world.problem(f"{deploy.product}: {told} at first, {deploy.job_id} with the same key")
            return
        time.sleep(pause)


def by_rest(ctx, count, percent=30):
    """Eight clients; four of five have a key and try again, the fifth takes the first answer for what it says."""
    world = ctx.world("rest", Plan(ctx.seed + 2000, percent))
    serve = Serve(world)
    deploys = [Deploy(f"rest-{i}") for i in range(count)]

    def one(pair):
        i, deploy = pair
        if i % 5 == 4:
            post_once(serve, deploy)
        else:
            post_until_taken(serve, deploy, tries=4)

    in_parallel(8, one, enumerate(deploys))
    world.plan.heal()
    for i, deploy in enumerate(deploys):
        if i % 5 != 4:
            told = deploy.said == "sent" or deploy.said == "kept"
            post_until_taken(serve, deploy, tries=20)
            if told and deploy.said not in ("sent", "kept"):
                world.problem(f"{deploy.product}: taken at first, then not: {deploy.history[-2:]}")
    serve.stop()
    return deploys


# ---- two steps -----------------------------------------------------------------------------------


def combinations(quick, seed):
    """Taken and its reply lost, then each refusal for good; first of all the kinds that were seen."""
    after = list(kinds.THROTTLES) + list(kinds.REFUSALS) + list(kinds.BROKEN) + ["refused", "reset", "cut"]
    taken = ["lost"] if quick else list(kinds.TAKEN)
    every = [("PutItem", a, b) for a, b in itertools.product(taken, after)]
    every += [("PutEvents", a, b) for a, b in itertools.product(taken, after)]
    every += [("PutEvents", a, b) for a in kinds.UNREADABLE for b in (["pass"] if quick else ["pass", "AccessDeniedException", "500"])]
    ways = ("send", "batch", "rest")
    every = [(way, *c) for i, c in enumerate(every) for way in ((ways[i % 3],) if quick else ways)]
    random.Random(seed).shuffle(every)
    return every


def two_steps(ctx, quick, every=1):
    """Each combination (or every third, ...) in a world of its own; after it the link is healthy and the same is
    asked for again."""
    deploys, lock = [], threading.Lock()

    def one(pair):
        n, (way, op, first, second) = pair
        world = ctx.world(f"two{n}", Plan(scripts={op: [first, second, "*"]}))
        deploy = Deploy(f"{way}-{op}-{first}-{second}")
        with lock:
            deploys.append(deploy)
        if way == "send":
            send(world, deploy)
        elif way == "batch":
            f = File(world, "one", [deploy])
            f.run()
            f.to_the_end(2)
        else:
            serve = Serve(world)
            post_until_taken(serve, deploy, tries=1)
            world.plan.heal()
            post_until_taken(serve, deploy, tries=10, pause=0.5)
            serve.stop()
        world.plan.heal()

    in_parallel(6, one, enumerate(combinations(quick, ctx.seed)[::every]))
    return deploys
