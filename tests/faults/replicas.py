"""Replicas of the REST API that share nothing but the state table: killed and started again with an empty disk,
behind a round-robin proxy, each with a bad link of its own to the cloud."""

import concurrent.futures
import json
import os
import random
import shutil
import socket
import threading
import time

import aws
from deploys import Serve, post_once
from proxy import Plan
from world import Deploy, in_parallel

STATE = "mvp-development-state"
TIMEOUT_S = 10
DRAIN_S = 300  # a lease, the minute that an event in doubt is given, and the work itself


def make_state_table(client):
    """As infra/ makes it; a cloud that has it already keeps it."""
    try:
        client.call("dynamodb", "CreateTable", {
            "TableName": STATE, "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")]})
    except aws.Failed as x:
        if "ResourceInUse" not in str(x):
            raise


def state_items(client, prefix):
    """The items of the state table whose pk begins so."""
    found, more = [], {}
    while True:
        page = client.call("dynamodb", "Scan", {"TableName": STATE, "ConsistentRead": True, **more})
        found += [i for i in page["Items"] if i["pk"]["S"].startswith(prefix)]
        if "LastEvaluatedKey" not in page:
            return found
        more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


class Replica(Serve):
    """`mvpdash serve --state table` in a world of its own; its disk is empty at each start."""

    options = ("--state", "table", "--timeout", str(TIMEOUT_S))

    def start(self):
        shutil.rmtree(self.world.home + "/state", ignore_errors=True)
        super().start()

    def kill(self):
        super().kill()
        left = [os.path.join(d, f) for d, _, files in os.walk(self.world.home + "/state") for f in files]
        if left:
            self.world.problem(f"it wrote to its disk: {left[:3]}")


class RoundRobin:
    """Takes connections and hands each to the next replica; one that refuses is passed over."""

    def __init__(self, replicas):
        self.replicas, self.next, self.lock = replicas, 0, threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.host = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.world = replicas[0].world
        threading.Thread(target=self.accept, daemon=True).start()

    post = Serve.post

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def connect(self):
        for _ in range(len(self.replicas) * 2):
            with self.lock:
                self.next += 1
                host, _, port = self.replicas[self.next % len(self.replicas)].host.partition(":")
            try:
                return socket.create_connection((host, int(port)), timeout=5)
            except OSError:
                continue
        return None

    def serve(self, client):
        server = self.connect()
        if server is None:
            client.close()
            return
        server.settimeout(None)
        back = threading.Thread(target=self.pump, args=(server, client), daemon=True)
        back.start()
        self.pump(client, server)
        back.join()
        client.close()
        server.close()

    @staticmethod
    def pump(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def stop(self):
        self.listener.close()


class Killer:
    """Kills a replica every second and starts it again."""

    def __init__(self, ctx, replicas):
        self.ctx, self.replicas, self.over = ctx, replicas, threading.Event()
        self.chance, self.kills = random.Random(ctx.seed + 7), 0
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.over.wait(1):
            replica = self.chance.choice(self.replicas)
            replica.kill()
            self.kills += 1
            replica.start()

    def stop(self):
        self.over.set()
        self.thread.join()


def post_shared(front, deploy, key):
    """One try. The answer that the server says is not known claims nothing."""
    status, doc = front.post(deploy.product, key)
    code = doc.get("error", {}).get("code") if isinstance(doc, dict) else None
    if status == 202:
        told = deploy.job_id
        deploy.says("sent" if doc.get("eventId") else "kept", doc["jobId"])
        if told and told != deploy.job_id:
            front.world.problem(f"{deploy.product}: {told} at first, {deploy.job_id} with the same key")
    elif status == 0 or code in ("in_progress", "outcome_unknown"):
        deploy.says("nothing", note=f"{status} {code or doc}"[:160])
    else:
        deploy.says("failed", note=f"{status} {json.dumps(doc)[:160]}")
    return status


def refused_for_good(deploy):
    """EventBridge's no is an answer: the record is FAILED, and the same key says so from then on."""
    return deploy.said == "failed" and "EventBridge refused" in deploy.history[-1]


def post_patiently(front, deploy, tries=200, pause=0.3):
    for _ in range(tries):
        if post_shared(front, deploy, "key-" + deploy.product) == 202 or refused_for_good(deploy):
            return
        time.sleep(pause)


def crowd(ctx, front, size=200):
    """`size` requests at once with one key, through all replicas: one job, the same answer."""
    deploy = Deploy("crowd")
    gate = threading.Barrier(size)

    def ask(_):
        gate.wait(60)
        return front.post(deploy.product, "key-crowd")

    with concurrent.futures.ThreadPoolExecutor(size) as pool:
        answers = list(pool.map(ask, range(size)))
    bodies = {json.dumps(doc, sort_keys=True) for status, doc in answers}
    if any(status != 202 for status, _ in answers) or len(bodies) != 1:
        front.world.problem(f"{size} requests with one key have {len(bodies)} answers: {sorted(bodies)[:4]}")
    else:
        deploy.says("sent", answers[0][1]["jobId"])
    return deploy


def same_everywhere(replicas, deploys):
    """The same key has the same answer at every replica."""

    def one(deploy):
        bodies = {json.dumps(r.post(deploy.product, "key-" + deploy.product), sort_keys=True) for r in replicas}
        if len(bodies) != 1 or (deploy.job_id and deploy.job_id not in bodies.pop()):
            replicas[0].world.problem(f"{deploy.product}: not one answer: {sorted(bodies)[:3]} {deploy.history[-3:]}")

    in_parallel(8, one, deploys)


def drain(world, deadline_s=DRAIN_S):
    """`mvpdash serve --state table --drain-outbox` until it says that nothing is left."""
    until = time.time() + deadline_s
    while True:
        run = world.run("serve", "--state", "table", "--drain-outbox", "--json")
        if run.code == 0:
            return
        if time.time() > until:
            world.problem(f"the outbox is not empty after {deadline_s} s of a healthy link: {run}")
            return
        time.sleep(2)


def all_of(ctx, count, percent=30):
    make_state_table(ctx.cloud.client)
    replicas = [Replica(ctx.world(f"replica{n}", Plan(ctx.seed + 5000 + n, 0))) for n in range(3)]
    front = RoundRobin(replicas)
    crowded = crowd(ctx, front)
    for r in replicas:
        r.world.plan.percent = percent
    killer = Killer(ctx, replicas)
    deploys = [Deploy(f"replica-{i}") for i in range(count)]
    keyed = [d for i, d in enumerate(deploys) if i % 10 != 9]

    def one(pair):
        i, deploy = pair
        if i % 10 == 9:  # without a key the first answer counts
            post_shared(front, deploy, None)
        else:
            post_patiently(front, deploy)

    began = time.time()
    in_parallel(12, one, enumerate(deploys))
    killer.stop()
    took = time.time() - began
    for r in replicas:
        r.world.plan.heal()
    refused = Deploy("")  # of no product: refused for good
    if post_once(front, refused, "key-refused") != 400:
        front.world.problem(f"a deploy without a product: {refused.history}")
    open_keys = [d for d in keyed if d.said not in ("sent", "kept") and not refused_for_good(d)]
    in_parallel(8, lambda d: post_patiently(front, d), open_keys)
    never = [d for d in keyed if d.said not in ("sent", "kept") and not refused_for_good(d)]
    if never:
        front.world.problem(f"{len(never)} are never taken over a healthy link: {never[0].history[-3:]}")
    same_everywhere(replicas, keyed[::max(1, len(keyed) // 100)])
    for r in replicas:
        r.stop()
    front.stop()
    drain(replicas[0].world)
    secret = [i["sk"]["S"] for i in state_items(ctx.cloud.client, "outbox#") if i.get("stage", {}).get("S") != "void"]
    if secret:
        front.world.problem(f"the outbox is said to be empty and has {secret[:3]}")
    ctx.note = f"{killer.kills} replicas killed in {took:.0f} s"
    return [crowded, *deploys]


def on_moto(ctx):
    """A service that is not ours: a replica is killed between the transaction and PutEvents, another finishes."""
    make_state_table(ctx.cloud.client)
    dies = Replica(ctx.world("moto-dies", Plan(scripts={"PutEvents": ["hang", "*"]})))
    lives = Replica(ctx.world("moto-lives", Plan()))
    deploy = Deploy("moto-replica")
    asking = threading.Thread(target=post_shared, args=(dies, deploy, "key-" + deploy.product), daemon=True)
    asking.start()
    until = time.time() + 60
    while not state_items(ctx.cloud.client, "key#") and time.time() < until:
        time.sleep(0.1)
    time.sleep(0.2)
    dies.kill()
    asking.join(30)
    if deploy.said == "sent":
        dies.world.problem("it was sent before it was killed: nothing is proven")
    began = time.time()
    post_patiently(lives, deploy, tries=90, pause=1)
    if time.time() - began < 5:
        lives.world.problem("the other replica did not wait for the lease of the first")
    lives.stop()
    drain(lives.world)
    return [deploy]
