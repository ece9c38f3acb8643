"""Measures the program as a whole against the local cloud (SPEC 10). Standard library only.

usage: bench.py PATH/TO/mvpdash [JOBS]
"""

import datetime
import fcntl
import hashlib
import hmac
import http.client
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

MVPDASH = os.path.abspath(sys.argv[1])
JOBS = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
WORK = tempfile.mkdtemp(prefix="mvpdash-bench-")
TABLE = "mvp-development-jobs"


def base_env():
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "XDG_"))}
    env.update(HOME=WORK, XDG_STATE_HOME=WORK + "/state", XDG_CONFIG_HOME=WORK + "/config", LC_ALL="C.UTF-8")
    env.update(AWS_EC2_METADATA_DISABLED="true")
    return env


ENV = base_env()


def start_cloud():
    p = subprocess.Popen(
        [MVPDASH, "local", "--listen", "127.0.0.1:0", "--data", WORK + "/cloud"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENV, text=True)
    for line in p.stdout:
        name, _, value = line.strip().removeprefix("export ").partition("=")
        ENV[name] = value.strip("'\"")
        if name == "AWS_DEFAULT_REGION":
            break
    return p


def call(target, doc, connection=None):
    """One signed DynamoDB call; enough SigV4 for the bench itself."""
    host = ENV["AWS_ENDPOINT_URL"].removeprefix("http://")
    body = json.dumps(doc).encode()
    now = datetime.datetime.now(datetime.timezone.utc)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    region = ENV["AWS_REGION"]
    headers = {"content-type": "application/x-amz-json-1.0", "host": host, "x-amz-date": stamp,
               "x-amz-target": "DynamoDB_20120810." + target}
    names = ";".join(sorted(headers))
    canonical = "\n".join(["POST", "/", ""] + [f"{k}:{headers[k]}" for k in sorted(headers)]
                          + ["", names, hashlib.sha256(body).hexdigest()])
    scope = f"{day}/{region}/dynamodb/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + ENV["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in (day, region, "dynamodb", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={ENV['AWS_ACCESS_KEY_ID']}/{scope}, "
                                f"SignedHeaders={names}, Signature={signature}")
    connection = connection or http.client.HTTPConnection(host)
    connection.request("POST", "/", body, headers)
    reply = connection.getresponse()
    data = reply.read()
    if reply.status != 200:
        raise SystemExit(f"{target}: {reply.status} {data[:300]}")
    return json.loads(data)


def item(n):
    words = ("COMPLETED", "FAILED", "CANCELLED")
    at = datetime.datetime(2025, 1, 1) + datetime.timedelta(minutes=n % 500_000)
    iso = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "jobId": {"S": f"job_{1700000000000 + n}_{n:09d}"}, "userId": {"S": f"user{n % 997}"},
        "productId": {"S": f"prod{n % 101}"}, "status": {"S": words[n % 3]}, "progress": {"N": "100"},
        "currentStep": {"S": "COMPLETED"}, "priority": {"S": "normal"}, "createdAt": {"S": iso},
        "updatedAt": {"S": iso}, "startedAt": {"S": iso}, "completedAt": {"S": iso},
        "batchJobId": {"S": "00000000-0000-4000-8000-%012d" % n},
        "timestamps": {"M": {"createdAt": {"S": iso}, "startedAt": {"S": iso}, "completedAt": {"S": iso}}},
        "urls": {"M": {"codeRepository": {"S": f"https://git.example.com/r{n}"}, "staging": {"NULL": True}}},
        "metadata": {"M": {"businessName": {"S": f"Startup {n}"}, "features": {"L": [{"S": "auth"}]},
                           "notes": {"S": "x" * 300}}},
    }  # fmt: skip


def fill(count):
    host = ENV["AWS_ENDPOINT_URL"].removeprefix("http://")
    connection = http.client.HTTPConnection(host)
    began = time.time()
    for start in range(0, count, 25):
        puts = [{"PutRequest": {"Item": item(n)}} for n in range(start, min(start + 25, count))]
        call("BatchWriteItem", {"RequestItems": {TABLE: puts}}, connection)
    print(f"  filled the table with {count} jobs in {time.time() - began:.1f} s")


def run_once(argv, env=None):
    """Wall seconds, CPU seconds, peak MiB."""
    began = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.execvpe(argv[0], argv, env or ENV)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    if status != 0:
        print(f"  ! {' '.join(argv[:4])} ended with status {status}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def best(argv, times, env=None):
    runs = sorted(run_once(argv, env) for _ in range(times))
    return runs[len(runs) // 2]


def one_get_item():
    print("== one GetItem: mvpdash status, curl --aws-sigv4, aws dynamodb get-item (median)")
    job = item(7)["jobId"]["S"]
    ours = best([MVPDASH, "status", job, "--json"], 31)
    print(f"  mvpdash status         {ours[0] * 1e3:8.1f} ms  {ours[2]:6.1f} MiB")
    if shutil.which("curl"):
        theirs = best(
            ["curl", "-s", "-o", "/dev/null", "--aws-sigv4", f"aws:amz:{ENV['AWS_REGION']}:dynamodb",
             "-u", f"{ENV['AWS_ACCESS_KEY_ID']}:{ENV['AWS_SECRET_ACCESS_KEY']}",
             "-H", "Content-Type: application/x-amz-json-1.0", "-H", "X-Amz-Target: DynamoDB_20120810.GetItem",
             "-d", json.dumps({"TableName": TABLE, "Key": {"jobId": {"S": job}}}), ENV["AWS_ENDPOINT_URL"] + "/"], 31)
        print(f"  curl                   {theirs[0] * 1e3:8.1f} ms  {theirs[2]:6.1f} MiB  "
              f"(ours / curl: {ours[0] / theirs[0]:.2f}, target 1.1)")
    if shutil.which("aws"):
        theirs = best(["aws", "dynamodb", "get-item", "--table-name", TABLE, "--key", json.dumps({"jobId": {"S": job}})], 3)
        print(f"  aws dynamodb get-item  {theirs[0] * 1e3:8.1f} ms  {theirs[2]:6.1f} MiB  "
              f"({theirs[0] / ours[0]:.0f} times ours, target 60; memory 1/{theirs[2] / ours[2]:.1f})")


class Terminal:
    def __init__(self, argv, rows=24, cols=80):
        self.began = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(argv[0], argv, {**ENV, "TERM": "xterm-256color"})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def read(self, quiet, limit=30.0, until=None):
        """Reads until `quiet` seconds without output (or `until` matches); (bytes, first, last)."""
        out, first, last, began = b"", None, None, time.perf_counter()
        while time.perf_counter() - began < limit:
            ready, _, _ = select.select([self.fd], [], [], quiet)
            if not ready:
                if until is None or until.search(out):
                    break
                continue
            try:
                out += os.read(self.fd, 1 << 16)
            except OSError:
                break
            last = time.perf_counter()
            first = first or last
            if until is not None and until.search(out):
                break
        return out, first, last

    def cpu_and_rss(self):
        fields = open(f"/proc/{self.pid}/stat").read().rsplit(") ", 1)[1].split()
        rss = re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{self.pid}/status").read())
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(rss[1]) / 1024

    def close(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def dashboard():
    print(f"== the dashboard with {JOBS} jobs, 80x24")
    t = Terminal([MVPDASH])
    _, first, _ = t.read(0.02, until=re.compile(rb"mvpdash"))
    print(f"  start to first frame   {(first - t.began) * 1e3:8.1f} ms  (target 25)")
    t.read(3.0, 60.0)
    cpu, rss = t.cpu_and_rss()
    print(f"  all loaded             {cpu:8.2f} s CPU, {rss:.0f} MiB resident (target 64)")
    times, sizes = [], []
    for n in range(200):
        began = time.perf_counter()
        os.write(t.fd, b"j" if n % 20 < 10 else b"k")
        out, _, last = t.read(0.03, 1.0)
        if last is not None:
            times.append(last - began)
            sizes.append(len(out))
    times.sort()
    if times:
        print(f"  cursor key             {times[len(times) // 2] * 1e3:8.2f} ms p50, "
              f"{times[int(len(times) * 0.99)] * 1e3:.2f} ms p99; {sum(sizes) / len(sizes):.0f} bytes a key (targets 0.6, 5, 200)")
    before, _ = t.cpu_and_rss()
    out, _, _ = t.read(20.0, 20.0)
    after, _ = t.cpu_and_rss()
    print(f"  idle                   {len(out) / 20:8.1f} bytes/s (target 64), {(after - before) / 20 * 100:.2f} % of a core with polling")
    t.close()


def main():
    cloud = start_cloud()
    try:
        fill(JOBS)
        one_get_item()
        print(f"== list --json of {JOBS} jobs")
        wall, cpu, rss = run_once([MVPDASH, "list", "--json", "--limit", str(JOBS)])
        print(f"  mvpdash list           {wall:8.2f} s, {cpu:.2f} s CPU ({cpu / JOBS * 1e6:.1f} us a job), {rss:.0f} MiB")
        dashboard()
    finally:
        cloud.send_signal(signal.SIGTERM)
        cloud.wait()
        shutil.rmtree(WORK, ignore_errors=True)


main()
