"""What a command takes beside other programs that do the same work."""

import json
import os
import shutil
import statistics
import subprocess

from cloud import TABLE, job_id


class Measured:
    def __init__(self, runs):
        self.wall, self.cpu, self.mib = (statistics.median(r[i] for r in runs) for i in range(3))
        self.runs = runs

    def times(self, other):
        """How many times other's wall time this is, by pairs of runs that stand side by side."""
        return statistics.median(a[0] / b[0] for a, b in zip(self.runs, other.runs))


def measure(build, env, rounds, commands):
    """Each command once a round, in turn; a Measured each."""
    argv = [build + "/bench/measure", str(rounds)]
    for c in commands:
        argv += ["--"] + c
    out = subprocess.run(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    runs = [[] for _ in commands]
    for line in out.splitlines():
        index, wall, cpu, kib, status = line.split()
        if status != "0":
            print(f"  ! {' '.join(commands[int(index)][:4])} ended with status {status}")
        runs[int(index)].append((float(wall), float(cpu), int(kib) / 1024))
    return [Measured(r) for r in runs]


def row(name, m, more=""):
    print(f"  {name:28} {m.wall * 1e3:8.1f} ms {m.cpu * 1e3:8.1f} ms CPU {m.mib:7.1f} MiB  {more}")


def curl_get_item(env, key):
    return ["curl", "-s", "-f", "-o", "/dev/null", "--aws-sigv4", f"aws:amz:{env['AWS_REGION']}:dynamodb",
            "-u", f"{env['AWS_ACCESS_KEY_ID']}:{env['AWS_SECRET_ACCESS_KEY']}",
            "-H", "Content-Type: application/x-amz-json-1.0", "-H", "X-Amz-Target: DynamoDB_20120810.GetItem",
            "-d", json.dumps({"TableName": TABLE, "Key": json.loads(key)}), env["AWS_ENDPOINT_URL"] + "/"]


def aws_get_item(env, key):
    return ["aws", "dynamodb", "get-item", "--endpoint-url", env["AWS_ENDPOINT_URL"], "--table-name", TABLE, "--key", key]


def get_item(mvpdash, build, env):
    print("== one GetItem (medians)")
    job = job_id(7)
    key = json.dumps({"jobId": {"S": job}})
    ours = [mvpdash, "status", job, "--record", "--json"]
    commands = [ours, [mvpdash, "status", job, "--json"]]
    if shutil.which("curl"):
        commands.append(curl_get_item(env, key))
    done = measure(build, env, 51, commands)
    row("mvpdash status --record", done[0], "GetItem alone")
    row("mvpdash status", done[1], "and Batch's DescribeJobs")
    if len(done) > 2:
        row("curl --aws-sigv4", done[2], f"(ours / curl: {done[0].times(done[2]):.2f}, target 1.1)")
    if shutil.which("aws"):
        aws = aws_get_item(env, key)
        a, b = measure(build, env, 5, [ours, aws])
        row("aws dynamodb get-item", b, f"({b.times(a):.0f} times ours, target 60; memory {b.mib / a.mib:.1f} times, target 5)")


def one_file(mvpdash, static, build, env):
    """The static program of `make dist` beside the ordinary build, curl and the AWS CLI, in turn."""
    print("== one file: the static program (medians)")
    job = job_id(7)
    key = json.dumps({"jobId": {"S": job}})
    get = ["status", job, "--record", "--json"]
    send = ["send", "--user-id", "bench", "--product-id", "file", "--json"]
    rows = [("status --record, static", [static] + get), ("status --record, dynamic", [mvpdash] + get)]
    if shutil.which("curl"):
        rows.append(("curl --aws-sigv4", curl_get_item(env, key)))
    done = measure(build, env, 51, [r[1] for r in rows])
    for (name, _), m in zip(rows, done):
        row(name, m)
    if len(done) > 2:
        print(f"  static / curl: wall {done[0].times(done[2]):.2f}, CPU {done[0].cpu / done[2].cpu:.2f} (target 0.35)")
    if shutil.which("aws"):
        a, b = measure(build, env, 5, [[static] + get, aws_get_item(env, key)])
        row("aws dynamodb get-item", b, f"({b.times(a):.0f} times static, target 100; memory {b.mib / a.mib:.1f} times, target 12)")
    for name, rest, rounds in (("send", send, 15), ("list", ["list", "--json"], 3), ("--version", ["--version"], 51)):
        a, b = measure(build, env, rounds, [[static] + rest, [mvpdash] + rest])
        row(name + ", static", a)
        row(name + ", dynamic", b, f"(static / dynamic: {a.times(b):.2f})")


def loading(mvpdash, build, env, jobs):
    print(f"== loading {jobs} jobs")
    subprocess.run([build + "/bench/bench_load"], env=env, check=True)
    m, = measure(build, env, 1, [[mvpdash, "list", "--json"]])
    row("mvpdash list --json", m, f"({m.cpu / jobs * 1e6:.1f} us CPU a job)")


# ---- the AWS SDK for JavaScript ----

def installed(folder, wanted):
    """Are exactly these versions there?"""
    for name, version in wanted.items():
        try:
            with open(f"{folder}/node_modules/{name}/package.json") as f:
                if json.load(f)["version"] != version:
                    return False
        except OSError:
            return False
    return True


def sdk(build, here):
    """The folder with its scripts, installed from the npm registry when need be; None without."""
    folder = build + "/bench/js"
    if not shutil.which("node") or not shutil.which("npm"):
        print("  no comparison with the AWS SDK for JavaScript: node and npm are not installed (apt-get install nodejs npm)")
        return None
    os.makedirs(folder, exist_ok=True)
    for name in ("package.json", "deploys.mjs", "server.mjs"):
        shutil.copy(f"{here}/js/{name}", folder)
    with open(folder + "/package.json") as f:
        wanted = json.load(f)["dependencies"]
    if not installed(folder, wanted):
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=folder,
                              stdin=subprocess.DEVNULL, timeout=300)
        if done.returncode != 0:
            print("  no comparison with the AWS SDK for JavaScript: npm cannot install it")
            return None
    return folder


def deploys(mvpdash, build, env, js, work, count=1000):
    print(f"== {count} deploys: the record written, the event sent")
    path = work + "/deploys.jsonl"
    with open(path, "w") as f:
        for n in range(count):
            f.write(json.dumps({"userId": f"user{n % 97}", "productId": f"prod{n}", "priority": "normal",
                                "metadata": {"businessName": f"Startup {n}", "features": ["auth", "dashboard"],
                                             "userEmail": f"u{n}@example.com", "estimatedDuration": 14400}}) + "\n")
    commands = [[mvpdash, "batch", path, "--json"]]
    if js is not None:
        commands.append(["node", js + "/deploys.mjs", path])
    done = measure(build, env, 3, commands)
    row("mvpdash batch", done[0], f"{count / done[0].wall:.0f} a second; each kept on disk until it is acknowledged")
    if js is not None:
        row("AWS SDK for JavaScript", done[1], f"{count / done[1].wall:.0f} a second "
            f"(ours: {done[1].times(done[0]):.1f} times the throughput, target 4; CPU 1/{done[1].cpu / done[0].cpu:.1f}, target 1/10)")
