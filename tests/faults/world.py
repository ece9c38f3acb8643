"""What a scenario runs in: a proxy before a cloud, a home with its state, the program; and the judge."""

import collections
import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time

from clouds import clean_environment, spawn
from proxy import Plan, Proxy

GRACE_S = 150  # an event that may have been sent is looked for, for a minute, before it is sent again
COMMAND_S = 150


class Run:
    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err, self.seconds = code, out or "", err or "", seconds
        self.hung = code is None
        self.crashed = code is not None and code < 0 and code != -signal.SIGKILL

    def docs(self):
        """stdout as JSON lines."""
        found = []
        for line in self.out.splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                pass
        return found

    def __repr__(self):
        return f"exit {self.code} after {self.seconds:.1f} s, stdout {self.out[-300:]!r}, stderr {self.err[-400:]!r}"


class World:
    """One person's machine: a state folder, and a link to the cloud through a proxy of its own."""

    def __init__(self, program, cloud, home, plan=None, proxy=None):
        self.program, self.cloud, self.home, self.patience_s = program, cloud, home, COMMAND_S
        os.makedirs(home, exist_ok=True)
        host, _, port = cloud.host.rpartition(":")
        self.plan = plan or Plan()
        self.proxy = proxy or Proxy((host, int(port)), self.plan)
        self.env = {**clean_environment(home), **cloud.env, "AWS_ENDPOINT_URL": self.proxy.url}
        self.problems = []

    def start(self, *args, **how):
        return spawn([self.program, *args], env=self.env, cwd=self.home, stdin=subprocess.DEVNULL,
                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", **how)

    def finish(self, process, began, timeout=None):
        timeout = timeout or self.patience_s
        try:
            out, err = process.communicate(timeout=timeout)
            code = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            code = None
        run = Run(code, out, err, time.time() - began)
        if run.hung:
            self.problem(f"{' '.join(process.args[1:])[:120]} did not end within {run.seconds:.0f} s")
        if run.crashed or code in (66, 99) or "Sanitizer" in err or "runtime error:" in err:
            self.problem(f"{' '.join(process.args[1:])[:120]} crashed: {run}")
        return run

    def run(self, *args, timeout=None):
        began = time.time()
        return self.finish(self.start(*args), began, timeout)

    def problem(self, text):
        self.problems.append(text)

    # ---- the state folder, as its owner sees it ---------------------------------------------------

    def state(self):
        return pathlib.Path(self.home) / "state" / "mvpdash"

    def kept(self):
        return sorted(p.name for p in self.state().glob("outbox/*.json"))

    def drain(self, deadline_s=GRACE_S):
        """A healthy link, and the program used as ever until nothing waits in the outbox."""
        self.plan.heal()
        deadline_s *= 1 if self.cloud.starts_jobs else 4
        until, n = time.time() + deadline_s, 0
        while self.kept() and time.time() < until:
            run = self.run("send", "--user-id", "drain", "--product-id", f"drain-{n}", "--json")
            n += 1
            if run.code == 5 and not self.cloud.starts_jobs:
                continue  # moto on a loaded machine is no healthy link
            if run.code != 0:
                self.problem(f"a send over a healthy link failed: {run}")
                return
            if self.kept():
                time.sleep(2)
        if self.kept():
            self.problem(f"still in the outbox after {deadline_s} s of a healthy link: {self.kept()[:3]}")

    def close(self):
        self.proxy.stop()
        shutil.rmtree(self.home, ignore_errors=True)


class Deploy:
    """What was asked for, and what the program said of it, in the end."""

    def __init__(self, product):
        self.product = product
        self.said = "nothing"  # sent, kept, failed, nothing (killed or cut off before a word)
        self.job_id = None
        self.history = []

    def says(self, what, job_id=None, note=""):
        self.said, self.job_id = what, job_id or self.job_id
        self.history.append(f"{what} {job_id or ''} {note}".strip())


class Count:
    """The cloud's contents by product id, counted by the independent client."""

    def __init__(self, cloud, witness=()):
        self.batch = cloud.client.settled_batch_jobs() if cloud.starts_jobs else {}
        self.events = cloud.client.events()
        self.records = collections.defaultdict(list)
        for item in cloud.client.records().values():
            self.records[item.get("productId", {}).get("S")].append(item)
        self.witness = collections.Counter()
        for proxy in witness:
            self.witness.update(proxy.accepted)


def refused_by_bus(item):
    """Marked FAILED by the program, as EventBridge took no event of it."""
    return item["status"]["S"] == "FAILED" and "EventBridge refused" in json.dumps(item)


def judge(deploy, count, starts_jobs):
    """What is wrong with one deploy, now that nothing waits any more; None when all is as it was said."""
    records = count.records.get(deploy.product, [])
    live = [r for r in records if not refused_by_bus(r)]
    ids = [r["jobId"]["S"] for r in records]
    jobs = sum(len(count.batch.get(i, [])) for i in ids)
    events = sum(count.events.get(i, 0) for i in ids)
    seen = (f"{deploy.product}: said {deploy.said} ({'; '.join(deploy.history[-4:])}), {len(records)} records {ids} "
            f"{[r['status']['S'] for r in records]}, {jobs} Batch jobs, {events} events")
    if len(live) > 1:
        return "more than one record: " + seen
    if starts_jobs and jobs > 1:
        return "more than one Batch job: " + seen
    if deploy.said in ("sent", "kept"):
        if len(live) != 1:
            return "no record: " + seen
        if deploy.job_id and deploy.job_id != live[0]["jobId"]["S"]:
            return f"another job id than the one that was told, {deploy.job_id}: " + seen
    if deploy.said == "failed" and (jobs or events):
        return "runs, although it was said to have failed: " + seen
    if live and deploy.said != "failed":
        if starts_jobs and jobs != 1:
            return "a record without its Batch job: " + seen
        if events < 1:
            return "a record without its event: " + seen
    if live and deploy.said == "failed":
        return "a record of a deploy that was said to have failed: " + seen
    return None


def in_parallel(n, work, items):
    """`work(item)` for all items on n threads; the first exception is raised."""
    items, lock, raised = iter(items), threading.Lock(), []

    def loop():
        while not raised:
            with lock:
                item = next(items, None)
            if item is None:
                return
            try:
                work(item)
            except Exception as x:  # told by the main thread
                raised.append(x)

    threads = [threading.Thread(target=loop, daemon=True) for _ in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if raised:
        raise raised[0]
