"""`mvpdash serve` under load, beside Fastify on the AWS SDK for JavaScript. Loopback only: the local cloud,
wrk and the server share the processors, so that the cloud's share is told too."""

import json
import os
import re
import shutil
import subprocess
import threading
import time

from cloud import job_id

SECONDS = 5
OURS = "mvpdash serve"
PEER = "Fastify, AWS SDK"
POST = """wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"userId":"user123","productId":"prod456","metadata":{"businessName":"My Startup","features":["auth"]}}'
"""
# Each request about another job: nothing that requests about one job share helps here.
EACH = """math.randomseed(1)
request = function()
  local n = math.random(0, %d)
  return wrk.format("GET", string.format("/status/job_%%d_%%09d", 1700000000000 + n, n))
end
"""
EACH_OF = 1500  # jobs
# SPEC 10: requests a second, and p99 in ms, by request and clients.
OVER, MANY, RUNS, DEPLOY = "GET /status, over", "GET, many jobs", "GET /status, runs", "POST /deploy"
TARGETS = {(OVER, 16): (10000, 10), (OVER, 256): (8000, 60)}
LOADS = [(OVER, 1), (OVER, 16), (OVER, 64), (OVER, 256), (MANY, 16), (MANY, 256), (RUNS, 16), (RUNS, 256), (DEPLOY, 16), (DEPLOY, 256)]
UNITS = {"us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4}


def cpu_s(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mib(pid):
    return int(re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{pid}/status").read())[1]) / 1024


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class Most:
    """The most descriptors that a process had while it was looked at."""

    def __init__(self, pid):
        self.pid, self.most, self.over = pid, descriptors(pid), threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()

    def look(self):
        while not self.over.wait(0.1):
            self.most = max(self.most, descriptors(self.pid))

    def stop(self):
        self.over.set()
        self.thread.join()
        return self.most


class Load:
    """One run of wrk against a server: what came back, and what it cost the server and the cloud."""

    def __init__(self, pid, cloud_pid, clients, url, script):
        argv = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", "--timeout", "30s", "--latency"]
        with open(f"/proc/{pid}/clear_refs", "w") as f:
            f.write("5")  # the peak of memory begins anew
        before = [cpu_s(p) for p in (pid, cloud_pid)]
        files = Most(pid)
        out = subprocess.run(argv + (["-s", script] if script else []) + [url], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.files = files.stop()
        self.mib = peak_mib(pid)
        count = max(int(re.search(r"(\d+) requests in", out)[1]), 1)
        self.cpu_ms, self.cloud_ms = ((cpu_s(p) - b) / count * 1e3 for p, b in zip((pid, cloud_pid), before))
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
        self.p50_ms, self.p99_ms = (self.percentile(out, p) for p in (50, 99))
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
        self.bad = int(bad[1]) if bad else 0
        broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", out)
        self.broken = sum(map(int, broken.groups())) if broken else 0

    @staticmethod
    def percentile(out, p):
        number, unit = re.search(rf"{p}%\s+([\d.]+)(us|ms|s|m)\b", out).groups()
        return float(number) * UNITS[unit]


def start(argv, env):
    p = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    said = p.stdout.readline()
    address = re.search(r"http://[^\s\"]+", said)
    if address is None:
        p.kill()
        p.wait()
        raise SystemExit(f"{' '.join(argv)} does not start: {said}")
    return p, address[0]


def running_job(mvpdash, env):
    """A job under way, whose state is asked of Batch each time: its first step takes longer than the bench."""
    wide = {k: v for k, v in env.items() if k != "EVENTBRIDGE_DETAIL_TYPE"}
    said = subprocess.run([mvpdash, "send", "--user-id", "u", "--product-id", "p", "--json", "--metadata",
                           '{"simulate":{"stepSeconds":3600}}'], env=wide, stdout=subprocess.PIPE, check=True).stdout
    job = json.loads(said)["jobId"]
    for _ in range(100):
        state = subprocess.run([mvpdash, "status", job, "--json"], env=env, stdout=subprocess.PIPE, check=True).stdout
        if json.loads(state)["status"] == "IN_PROGRESS":
            return job
        time.sleep(0.1)
    raise SystemExit(f"{job} does not run: {state}")


def print_row(name, request, clients, r, peer):
    target = TARGETS.get((request, clients))
    notes = [f"target {target[0]}/s, p99 {target[1]} ms"] if name == OURS and target else []
    notes += [f"{r.broken} BROKEN CONNECTIONS"] if r.broken else []
    notes += [f"{r.rate / peer.rate:.1f} x the peer, CPU 1/{peer.cpu_ms / max(r.cpu_ms, 1e-9):.1f}"] if peer else []
    print(f"  {name:16} {request:17} {clients:7} {r.rate:8.0f} {r.p50_ms:8.2f} {r.p99_ms:8.2f} {r.cpu_ms:7.3f} {r.cloud_ms:7.3f} "
          f"{r.mib:7.1f} {r.files:5} {r.bad:8}  {'; '.join(notes)}".rstrip())


STATE = {"TableName": "mvp-development-state", "BillingMode": "PAY_PER_REQUEST",
         "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
         "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")]}


def replicas(mvpdash, cloud, work, most=3, clients=48):
    """POST /deploy of 1, 2, 3 replicas that share the state table, each with its part of the clients."""
    print(f"== replicas of {OURS} --state table, POST /deploy, {clients} clients in all, {SECONDS} s; one with files beside them."
          " All share the processors with the local cloud, whose share of them is told")
    try:
        cloud.call("DescribeTable", {"TableName": STATE["TableName"]})
    except (Exception, SystemExit):  # a cloud without it
        cloud.call("CreateTable", STATE)
    script = work + "/deploy.lua"
    with open(script, "w") as f:
        f.write(POST)
    print(f"  {'replicas':16} {'a second':>8} {'p99 ms':>8} {'CPU':>7} {'cloud':>7} {'not 2xx':>8}")
    for n, state in [(1, "files")] + [(n, "table") for n in range(1, most + 1)]:
        started = [start([mvpdash, "serve", "--listen", "127.0.0.1:0", "--rate", "0", "--access-log", "none", "--state", state],
                         cloud.env) for _ in range(n)]
        try:
            before, results = cpu_s(cloud.process.pid), [None] * n
            threads = [threading.Thread(target=lambda i, p, url: results.__setitem__(
                i, Load(p.pid, cloud.process.pid, clients // n, url + "/deploy", script)), args=(i, p, url))
                for i, (p, url) in enumerate(started)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            rate = sum(r.rate for r in results)
            cloud_ms = (cpu_s(cloud.process.pid) - before) / max(rate * SECONDS, 1) * 1e3
            print(f"  {f'{n}, {state}':16} {rate:8.0f} {max(r.p99_ms for r in results):8.1f} {sum(r.cpu_ms for r in results) / n:7.3f} "
                  f"{cloud_ms:7.3f} {sum(r.bad for r in results):8}")
        finally:
            for p, _ in started:
                p.terminate()
                p.wait()


def load(mvpdash, cloud, js, work):
    print(f"== the REST API over kept connections, {SECONDS} s each; CPU: ms a request of the server, and of the local cloud beside it")
    if not shutil.which("wrk"):
        print("  not measured: wrk is not installed (apt-get install wrk)")
        return
    running = running_job(mvpdash, cloud.env)
    servers = [] if js is None else [(PEER, ["node", js + "/server.mjs"])]
    servers.append((OURS, [mvpdash, "serve", "--listen", "127.0.0.1:0", "--rate", "0", "--access-log", "none"]))
    script, each = work + "/deploy.lua", work + "/each.lua"
    with open(script, "w") as f:
        f.write(POST)
    with open(each, "w") as f:
        f.write(EACH % (EACH_OF - 1))
    paths = {OVER: (f"/status/{job_id(7)}", None), MANY: ("/", each), RUNS: (f"/status/{running}", None), DEPLOY: ("/deploy", script)}
    print(f"  {'server':16} {'request':17} {'clients':>7} {'a second':>8} {'p50 ms':>8} {'p99 ms':>8} {'CPU':>7} {'cloud':>7} "
          f"{'MiB':>7} {'files':>5} {'not 2xx':>8}")
    peers = {}
    for name, argv in servers:
        p, url = start(argv, cloud.env)
        try:
            subprocess.run(["wrk", "-t1", "-c16", "-d2s", url + paths[RUNS][0]], stdout=subprocess.DEVNULL)  # a compiler warms up
            print(f"  {name:16} {'warm, idle':17} {'':7} {'':8} {'':8} {'':8} {'':7} {'':7} {peak_mib(p.pid):7.1f} {descriptors(p.pid):5}")
            for request, clients in LOADS:
                path, body = paths[request]
                r = Load(p.pid, cloud.process.pid, clients, url + path, body)
                print_row(name, request, clients, r, peers.get((request, clients)))
                if name == PEER:
                    peers[(request, clients)] = r
        finally:
            p.terminate()
            p.wait()
