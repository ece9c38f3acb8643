"""Nothing lost, nothing twice: the program under faults, counted by a client that is not its own.

usage: faults.py PATH/TO/mvpdash [quick|long] [SCENARIO...]      SEED=n plays a run again

Prints a line a scenario, "ok" or "not ok" with what is wrong, and at the end how many passed.
"""

import importlib.util
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback

import damage
import deploys
import form
import kills
import replicas
import silence
import writes
from clouds import LocalCloud, MotoCloud, children, end_children
from world import Count, World, in_parallel, judge

QUICK = {"two": True, "batch": 120, "send": 16, "form": 4, "rest": 40, "replicas": 300,
         "moto": {"every": 4, "batch": 30, "send": 8, "rest": 15},
         "kill": {"send": 14, "batch": 5, "serve": 6, "dashboard": 3, "local": 3}}
LONG = {"two": False, "batch": 1000, "send": 100, "form": 30, "rest": 250, "replicas": 2000,
        "moto": {"every": 8, "batch": 300, "send": 40, "rest": 80},
        "kill": {"send": 120, "batch": 60, "serve": 60, "dashboard": 30, "local": 30}}


class Context:
    """A cloud for one scenario, and the worlds before it."""

    def __init__(self, name, program, cloud, home, seed):
        self.name, self.program, self.cloud, self.home, self.seed = name, program, cloud, home, seed
        self.worlds, self.lock = [], threading.Lock()
        self.note = None
        self.after = []  # what is to be asked when nothing waits any more

    def world(self, name, plan):
        world = World(self.program, self.cloud, f"{self.home}/{name}", plan)
        with self.lock:
            self.worlds.append(world)
        return world


def play(name, work, program, home, seed, make_cloud):
    """Runs one scenario on a cloud of its own, lets its outboxes drain, and counts."""
    cloud = make_cloud(program, home + "/cloud")
    ctx = Context(name, program, cloud, home, seed)
    problems, said, faults = [], {}, 0
    try:
        began = time.time()
        wanted = work(ctx)
        worked = time.time()
        in_parallel(24 if cloud.starts_jobs else 6, lambda w: w.drain(), ctx.worlds)
        drained = time.time()
        in_parallel(4, lambda f: f(), ctx.after)
        count = Count(cloud, [w.proxy for w in ctx.worlds])
        for d in wanted:
            said[d.said] = said.get(d.said, 0) + 1
            wrong = judge(d, count, cloud.starts_jobs)
            if wrong:
                problems.append(wrong)
        for w in ctx.worlds:
            problems += [f"{os.path.basename(w.home)}: {p}" for p in w.problems]
            faults += sum(w.proxy.counts.values())
        if not wanted or (faults == 0 and name != "damage"):
            problems.append("the scenario made no fault at all: it proves nothing")
    except Exception:
        problems.append(traceback.format_exc())
    finally:
        for w in ctx.worlds:
            w.close()
        cloud.stop()
    if os.environ.get("DEBUG"):
        print(f"#  {name}: {worked - began:.0f} s of work, {drained - worked:.0f} s of draining, then counted in {time.time() - drained:.0f} s")
    figures = ", ".join(f"{n} {k}" for k, n in sorted(said.items()))
    return f"{sum(said.values())} deploys ({figures}), {ctx.note + ', ' if ctx.note else ''}{faults} faults", problems


def on_moto(ctx, sizes, quick):
    ways = [lambda: deploys.two_steps(ctx, quick, sizes["every"]), lambda: deploys.by_batch(ctx, sizes["batch"]),
            lambda: deploys.by_send(ctx, sizes["send"]), lambda: deploys.by_rest(ctx, sizes["rest"])]
    wanted = []
    in_parallel(len(ways), lambda way: wanted.extend(way()), ways)
    # Alone: moto undoes a cancelled transaction by putting back a copy of the whole table, and with it
    # loses what others wrote meanwhile.
    return wanted + list(replicas.on_moto(ctx))


def tell(problems, each=3):
    """A few of each kind: what differs in numbers only is of one kind."""
    kinds_of = {}
    for p in problems:
        kinds_of.setdefault(re.sub(r"\d+", "0", p[:70]), []).append(p)
    for alike in kinds_of.values():
        for p in alike[:each]:
            print("#  " + p[:1500].replace("\n", "\n#  "))
        if len(alike) > each:
            print(f"#  ... and {len(alike) - each} like the last one")


def main():
    program = os.path.abspath(sys.argv[1])
    size = sys.argv[2] if len(sys.argv) > 2 else "quick"
    sizes = {"quick": QUICK, "long": LONG}[size]
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1, 1_000_000))
    scenarios = {
        "two": lambda c: deploys.two_steps(c, sizes["two"]),
        "batch": lambda c: deploys.by_batch(c, sizes["batch"]),
        "send": lambda c: deploys.by_send(c, sizes["send"]),
        "form": lambda c: form.by_form(c, sizes["form"]),
        "rest": lambda c: deploys.by_rest(c, sizes["rest"]),
        "replicas": lambda c: replicas.all_of(c, sizes["replicas"]),
        "kill": lambda c: kills.all_of(c, sizes["kill"]),
        "damage": lambda c: damage.all_of(c, sizes["two"]),
        "writes": lambda c: writes.all_of(c, sizes["two"]),
        "silence": lambda c: silence.all_of(c, sizes["two"]),
        "moto": lambda c: on_moto(c, sizes["moto"], sizes["two"]),
    }
    chosen = sys.argv[3:] or list(scenarios)
    if "moto" in chosen and importlib.util.find_spec("moto") is None:
        print("SKIP moto: it cannot be had here")
        chosen.remove("moto")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end_children)
    home = tempfile.mkdtemp(prefix="mvpdash-faults.")
    print(f"faults: {size}, SEED={seed} plays it again", flush=True)
    passed = failed = 0
    lock = threading.Lock()

    def one(name):
        nonlocal passed, failed
        began = time.time()
        what, problems = play(name, scenarios[name], program, f"{home}/{name}", seed,
                               MotoCloud if name == "moto" else LocalCloud)
        with lock:
            print(f"{'not ok' if problems else 'ok'} {name}: {what}, {time.time() - began:.0f} s")
            tell(problems)
            sys.stdout.flush()
            passed, failed = passed + (not problems), failed + bool(problems)

    try:
        in_parallel(len(chosen), one, chosen)
    finally:
        for process in children:
            if process.poll() is None:
                process.kill()
        shutil.rmtree(home, ignore_errors=True)
    print(f"faults: {passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
