"""`mvpdash serve` under load, beside Node's HTTP server on the AWS SDK for JavaScript. Loopback only."""

import os
import re
import shutil
import subprocess

from cloud import job_id

SECONDS = 5
CLIENTS = 16
POST = """wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"userId":"user123","productId":"prod456","metadata":{"businessName":"My Startup","features":["auth"]}}'
"""


def usage(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(") ", 1)[1].split()
    peak = re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{pid}/status").read())
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(peak[1]) / 1024


class Load:
    """One wrk run against a server: requests a second, p99, and the server's CPU a request."""

    def __init__(self, pid, url, script=None):
        before, _ = usage(pid)
        argv = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{SECONDS}s", "--latency"] + (["-s", script] if script else []) + [url]
        out = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout
        after, self.mib = usage(pid)
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
        count = int(re.search(r"(\d+) requests in", out)[1])
        number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
        self.p99_ms = float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]
        self.cpu_ms = (after - before) / max(count, 1) * 1e3
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
        self.bad = int(bad[1]) if bad else 0


def start(argv, env):
    p = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return p, re.search(r"http://\S+", p.stdout.readline())[0]


def load(mvpdash, env, js, work):
    print(f"== the REST API, {CLIENTS} clients over kept connections, {SECONDS} s each")
    if not shutil.which("wrk"):
        print("  not measured: wrk is not installed (apt-get install wrk)")
        return
    servers = [("mvpdash serve", [mvpdash, "serve", "--listen", "127.0.0.1:0", "--rate", "0", "--access-log", "none"])]
    if js is not None:
        servers.append(("Node, AWS SDK", ["node", js + "/server.mjs"]))
    script = work + "/deploy.lua"
    with open(script, "w") as f:
        f.write(POST)
    runs = {}
    for name, argv in servers:
        p, url = start(argv, env)
        try:
            runs[name] = [("GET /status", Load(p.pid, f"{url}/status/{job_id(7)}")),
                          ("POST /deploy", Load(p.pid, f"{url}/deploy", script))]
        finally:
            p.terminate()
            p.wait()
    ours = runs["mvpdash serve"]
    for name, loads in runs.items():
        for (what, r), (_, our) in zip(loads, ours):
            than = "" if r is our else f"  (ours: {our.rate / r.rate:.1f} times the requests, CPU 1/{r.cpu_ms / our.cpu_ms:.1f})"
            print(f"  {name:14} {what:12} {r.rate:8.0f} a second, p99 {r.p99_ms:7.1f} ms, {r.cpu_ms:.2f} ms CPU each, "
                  f"{r.mib:.0f} MiB{f', {r.bad} FAILED' if r.bad else ''}{than}")
