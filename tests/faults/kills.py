"""kill -9 at a moment of chance: send, batch, serve, the dashboard, the local cloud. Who is killed is started
again as a person would; then all is counted."""

import random
import time

from deploys import File, Serve, post_until_taken, send
from form import Dashboard
from proxy import Plan
from world import Deploy, in_parallel

# Slow enough to be hit in the middle: a send over loopback takes 12 ms.
PACE = ("slow-reply",)


def world_of(ctx, name, n, percent=60):
    return ctx.world(name, Plan(ctx.seed + 3000 + n, percent, mix=PACE + ("lost",)))


def kill_within(process, seconds):
    """Waits a random time and kills; True when it was still at work."""
    until = time.time() + seconds
    while time.time() < until and process.poll() is None:
        time.sleep(0.002)
    alive = process.poll() is None
    process.kill()
    return alive


def of_send(ctx, count):
    """Nobody was told anything, so the deploy may be there or not, but never half."""
    world, chance = world_of(ctx, "kill-send", 0), random.Random(ctx.seed)
    deploys = [Deploy(f"kill-send-{i}") for i in range(count)]

    def one(deploy):
        began = time.time()
        process = world.start("send", "--user-id", "faults", "--product-id", deploy.product, "--json")
        if not kill_within(process, chance.random() * 1.5):
            ctx.missed += 1
        ctx.kills += 1
        run = world.finish(process, began)
        for doc in run.docs():
            deploy.says("sent", doc["jobId"], "before it was killed")

    in_parallel(4, one, deploys)
    return deploys


def of_batch(ctx, count, size=30):
    """Killed again and again, resumed each time, on the same job ids."""
    chance, deploys = random.Random(ctx.seed + 1), []
    times = 5

    def one(n):
        world = world_of(ctx, f"kill-batch{n}", 10 + n)
        mine = [Deploy(f"kill-batch-{n}-{i}") for i in range(size)]
        deploys.extend(mine)
        f = File(world, "deploys", mine)
        for k in range(times):
            began = time.time()
            process = world.start("batch", f.path, "--json", *(["--resume"] if k else []))
            kill_within(process, 0.01 + chance.random() * 1.5)
            ctx.kills += 1
            run = world.finish(process, began)
            if run.code == 2 and k > 0:  # the first was killed before it wrote down a thing
                world.finish(world.start("batch", f.path, "--json"), time.time())
            f.take(run)
        f.to_the_end()

    in_parallel(4, one, range(max(1, count // times)))
    return deploys


def of_serve(ctx, count):
    """Clients have keys and ask again at the server that comes after."""
    world, chance = world_of(ctx, "kill-serve", 50), random.Random(ctx.seed + 2)
    serve, deploys = Serve(world), []
    for n in range(count):
        mine = [Deploy(f"kill-serve-{n}-{i}") for i in range(3)]
        deploys += mine
        clients = [(d, i) for i, d in enumerate(mine)]

        def one(pair):
            deploy, i = pair
            if i == 2:  # the one that kills
                time.sleep(chance.random() * 0.4)
                serve.kill()
                ctx.kills += 1
            else:
                post_until_taken(serve, deploy, tries=1)

        in_parallel(3, one, clients)
        serve.start()
        for d in mine:
            post_until_taken(serve, d, tries=10)
    serve.stop()
    return deploys


def of_local(ctx, count):
    """The cloud itself dies while deploys come in, and is started again on what it holds."""
    world, chance = world_of(ctx, "kill-local", 90, percent=30), random.Random(ctx.seed + 3)
    deploys = []
    for n in range(count):
        mine = [Deploy(f"kill-local-{n}-{i}") for i in range(3)]
        deploys += mine

        def one(i):
            if i == 3:
                time.sleep(chance.random() * 0.6)
                ctx.cloud.kill()
                ctx.kills += 1
                ctx.cloud.start()
            else:
                send(world, mine[i])

        in_parallel(4, one, range(4))
    return deploys


def of_dashboard(ctx, count):
    """Killed while its form sends; the next one goes on with it."""
    chance = random.Random(ctx.seed + 4)
    deploys = []
    world = world_of(ctx, "kill-form", 120)

    def one(n):
        deploy = Deploy(f"kill-form-{n}")
        deploys.append(deploy)
        d = Dashboard(world)
        if d.fill(deploy.product):
            d.send()
            d.read(chance.random() * 1.2)
            said = d.claim()
            if said:
                deploy.says(*said)
        d.kill()
        ctx.kills += 1

    in_parallel(3, one, range(count))
    return deploys


def all_of(ctx, sizes):
    ctx.kills = ctx.missed = 0
    deploys = of_send(ctx, sizes["send"]) + of_batch(ctx, sizes["batch"]) + of_serve(ctx, sizes["serve"])
    deploys += of_dashboard(ctx, sizes["dashboard"]) + of_local(ctx, sizes["local"])
    ctx.note = f"{ctx.kills} kills"
    return deploys
