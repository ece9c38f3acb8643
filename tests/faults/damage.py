"""State files as crashes, full disks, editors and strangers leave them. Whatever lies in the state folder, the
program ends in time, doubles nothing, calls nothing sent that is not, and names a deploy that it cannot read."""

import os
import pathlib
import shutil
import time

import kinds
from deploys import File, Serve, error_text, post_once, post_until_taken, send
from form import Dashboard
from proxy import Plan
from world import Deploy, in_parallel

SOON_S = 30


def write(data):
    def damage(path):
        path.write_bytes(data(path.read_bytes()))
    return damage


def replace(make):
    def damage(path):
        path.unlink()
        make(path)
    return damage


def to_copy(path):
    """A link to what the file was, beside the state folder."""
    copy = pathlib.Path(str(path.parent.parent) + "-" + path.name)
    shutil.move(path, copy)
    path.symlink_to(copy)


DAMAGES = {
    "empty": write(lambda b: b""),
    "cut": write(lambda b: b[:len(b) // 2]),
    "cut-by-a-byte": write(lambda b: b[:-2]),
    "garbage": write(lambda b: bytes((i * 37 + 11) % 256 for i in range(300))),
    "zeros": write(lambda b: bytes(len(b))),
    "object": write(lambda b: b"{}\n"),
    "array": write(lambda b: b"[]\n"),
    "flipped": write(lambda b: bytes(c ^ 1 if i == len(b) // 2 else c for i, c in enumerate(b))),
    "with-more": write(lambda b: b + b"\0\xff{\n"),
    "twice": write(lambda b: b + b),
    "too-big": lambda path: os.truncate(path, 300 << 20),
    "fifo": replace(lambda path: os.mkfifo(path, 0o600)),
    "folder": replace(lambda path: path.mkdir()),
    "link-to-nothing": replace(lambda path: path.symlink_to("/nonexistent/x")),
    "link-to-a-device": replace(lambda path: path.symlink_to("/dev/zero")),
    "link-to-a-copy": to_copy,
    "gone": lambda path: path.unlink(),
}


def files(world, folder):
    return sorted(p for p in world.state().glob(folder + "/**/*") if p.is_file() and not p.is_symlink())


def world_of(ctx, name, plan):
    world = ctx.world(name, plan)
    world.patience_s = SOON_S
    return world


def outbox(ctx, name):
    """A deploy that is kept, certainly not sent; its entry is damaged; then a healthy link."""
    world = world_of(ctx, f"outbox-{name}", Plan(scripts={"PutItem": ["reset", "*"]}))
    deploy, other = Deploy(f"outbox-{name}"), Deploy(f"outbox-{name}-other")
    send(world, deploy)
    if deploy.said != "kept" or len(world.kept()) != 1:
        world.problem(f"outbox {name}: a send over a dead link keeps nothing: {deploy.history}")
        return [deploy]
    path = world.state() / "outbox" / world.kept()[0]
    job_id = path.name.removesuffix(".json")
    DAMAGES[name](path)
    world.plan.heal()
    began = time.time()
    run = send(world, other)
    if other.said != "sent":
        world.problem(f"outbox {name}: a deploy beside a damaged entry is not sent: {run}")
    if time.time() - began > SOON_S:
        world.problem(f"outbox {name}: the send took {time.time() - began:.0f} s")
    # Read in spite of the damage, and so sent: the record shows it. Else it is named, and still there.
    taken = ctx.cloud.client.record(job_id) is not None
    deploy.said = "kept" if taken else "nothing"
    if not taken and name != "gone":
        again = world.run("send", "--user-id", "faults", "--product-id", f"outbox-{name}-third", "--json")
        # A changed byte may make it the entry of another table, which is left alone and only listed.
        if job_id not in run.err and job_id not in again.err and name != "flipped":
            world.problem(f"outbox {name}: no word of the deploy {job_id} that cannot be read: {run.err[-300:]!r} then {again.err[-300:]!r}")
        if not any(job_id in p.name for p in world.state().glob("outbox/*")):
            world.problem(f"outbox {name}: the entry of {job_id} is gone, and no record of it is there")
        if world.run("help", "outbox").code == 0:
            listed = world.run("outbox", "list", "--json")
            if job_id not in listed.out + listed.err:
                world.problem(f"outbox {name}: outbox list does not name {job_id}: {listed}")
            # What nobody can read is dropped by hand, so that nothing waits any more.
            dropped = world.run("outbox", "drop", job_id, "--yes")
            if dropped.code != 0 and name != "folder":
                world.problem(f"outbox {name}: outbox drop does not drop it: {dropped}")
        for p in world.state().glob("outbox/*"):
            if p.is_dir():
                p.rmdir()
            else:
                p.unlink()
    return [deploy, other]


def journal(ctx, name):
    """A file that was sent in full; its journal is damaged; then --resume, and the same command again."""
    world = world_of(ctx, f"journal-{name}", Plan())
    mine = [Deploy(f"journal-{name}-{i}") for i in range(12)]
    f = File(world, "deploys", mine)
    f.run()
    found = files(world, "batch")
    if not found:
        world.problem("batch leaves no journal")
        return mine
    for path in found:
        DAMAGES[name](path)
    before = {d.product: d.job_id for d in mine}
    for more in (["--resume"], []):
        run = world.run("batch", f.path, "--json", *more)
        if run.code == 0:
            f.take(run)
        elif not run.err.strip():
            world.problem(f"journal {name}: batch {more} refuses without a word: {run}")
    for d in mine:
        d.job_id = before[d.product]  # whatever ran is the first run's job
        d.said = "sent"
    return mine


def idempotency(ctx, name):
    """A key that was answered 202; its file is damaged while the server is down; the same request again."""
    world = world_of(ctx, f"key-{name}", Plan())
    deploy = Deploy(f"key-{name}")
    serve = Serve(world)
    post_until_taken(serve, deploy, tries=1)
    first = deploy.job_id
    serve.stop()
    found = files(world, "idempotency")
    if not found:
        world.problem("an Idempotency-Key leaves no file")
    for path in found:
        DAMAGES[name](path)
    serve.start()
    began = time.time()
    status = post_once(serve, deploy, "key-" + deploy.product)
    if time.time() - began > SOON_S:
        world.problem(f"key {name}: the reply took {time.time() - began:.0f} s")
    # A key that is gone is unknown to anybody; any other damage is refused or seen through.
    if name not in ("gone", "link-to-nothing", "empty") and status == 202 and deploy.job_id != first:
        world.problem(f"key {name}: a second job {deploy.job_id} for the key of {first}")
    if name == "gone":
        return []
    deploy.says("sent", first)
    serve.stop()
    return [deploy]


def snapshot(ctx, name):
    """The dashboard's last list; damaged, it is no list, and the dashboard asks."""
    world = world_of(ctx, f"snapshot-{name}", Plan())
    deploy = Deploy(f"snapshot-{name}")
    send(world, deploy)
    for n in range(2):
        d = Dashboard(world)
        if not d.wait(r"job_\d+|faults", 30):
            world.problem(f"snapshot {name}: the dashboard shows no job")
        code = d.quit()
        if code != 0:
            world.problem(f"snapshot {name}: the dashboard ends with {code}")
        found = files(world, "snapshot") if n == 0 else []
        if n == 0 and not found:
            world.problem("the dashboard leaves no snapshot")
        for path in found:
            DAMAGES[name](path)
    return [deploy]


def strangers(ctx):
    """Things in every folder of the state that no mvpdash made."""
    world = world_of(ctx, "strangers", Plan())
    deploys = [Deploy(f"strangers-{i}") for i in range(3)]
    send(world, deploys[0])
    f = File(world, "deploys", [deploys[1]])
    f.run()
    for folder in [world.state(), *[p for p in world.state().iterdir() if p.is_dir()]]:
        os.mkfifo(folder / "pipe.json")
        (folder / "folder.json").mkdir()
        (folder / "zero.json").symlink_to("/dev/zero")
        (folder / "loop.jsonl").symlink_to("loop.jsonl")
        (folder / "name with\nnewline\x1b[31m.json").write_text("{}")
        (folder / ".tmp").write_text("x")
        (folder / ("n" * 200 + ".json")).write_text("{}")
    run = send(world, deploys[2])
    if deploys[2].said != "sent" or "\x1b" in run.err:
        world.problem(f"strangers' files: {run}")
    for args in (["list", "--json"], ["batch", f.path, "--resume", "--json"], ["config"]):
        world.run(*args)
    d = Dashboard(world)
    if not d.wait(r"job_\d+|faults", 30):
        world.problem("strangers' files: the dashboard shows no job")
    if d.quit() != 0:
        world.problem("strangers' files: the dashboard does not end in order")
    for p in world.state().glob("outbox/*"):
        if p.is_dir() and not p.is_symlink():
            p.rmdir()
        else:
            p.unlink()
    return deploys


def lies(ctx, name):
    """An entry in doubt, whose event never arrived; what GetItem answers at its resume is not the truth."""
    world = world_of(ctx, f"lies-{name}", Plan(scripts={"PutEvents": ["reset", "*"], "GetItem": ["reset", "*"]}))
    deploy, other = Deploy(f"lies-{name}"), Deploy(f"lies-{name}-other")
    send(world, deploy)
    if deploy.said != "kept":
        world.problem(f"{name}: a lost PutEvents is not kept: {deploy.history}")
    world.plan.set({"GetItem": [name, "*"], "PutEvents": ["pass", "*"]})
    run = send(world, other)
    if not world.kept() and not world.proxy.accepted:
        world.problem(f"{name}: the entry is gone though nothing was sent: {run}")
    return [deploy, other]


def all_of(ctx, quick):
    """Every kind of file with every damage."""
    names = list(DAMAGES)
    cases = [(outbox, n) for n in names] + [(journal, n) for n in names] + [(idempotency, n) for n in names]
    cases += [(snapshot, n) for n in (["empty", "garbage", "flipped", "too-big", "fifo"] if quick else names)]
    cases += [(lies, n) for n in kinds.WRONG_ITEM]
    deploys = strangers(ctx)
    in_parallel(6, lambda case: deploys.extend(case[0](ctx, case[1])), cases)
    ctx.note = f"{len(cases) + 1} damaged states"
    return deploys
