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


def measure(build, env, rounds, commands, how=None):
    """Each command once a round, in turn; a Measured each. `how`: another program than bench/measure, and its arguments."""
    how = how or ["measure", str(rounds)]
    argv = [f"{build}/bench/{how[0]}"] + how[1:]
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


def signed_call(url, name, value, region, key):
    """curl's arguments for one signed call of a JSON service."""
    service, version, target = name
    return ["-s", "-f", "-o", "/dev/null", "--aws-sigv4", f"aws:amz:{region}:{service}", "-u", key,
            "-H", f"Content-Type: application/x-amz-json-{version}", "-H", f"X-Amz-Target: {target}",
            "-d", json.dumps(value), url + "/"]


def send_by_others(env):
    """What `mvpdash send` asks of AWS, by curl (one connection) and by the AWS CLI: the record, then the event."""
    url, key = env["AWS_ENDPOINT_URL"], f"{env['AWS_ACCESS_KEY_ID']}:{env['AWS_SECRET_ACCESS_KEY']}"
    record = {"jobId": {"S": "job_1700000000000_benchmark"}, "userId": {"S": "bench"}, "status": {"S": "PENDING"}}
    event = [{"Source": "bench", "DetailType": "Bench", "Detail": json.dumps({"jobId": "job_1700000000000_benchmark"}),
              "EventBusName": "mvp-development"}]
    curl = ["curl"] + signed_call(url, ("dynamodb", "1.0", "DynamoDB_20120810.PutItem"),
                                  {"TableName": TABLE, "Item": record}, env["AWS_REGION"], key)
    curl += ["--next"] + signed_call(url, ("events", "1.1", "AWSEvents.PutEvents"), {"Entries": event}, env["AWS_REGION"], key)
    aws = (f"aws dynamodb put-item --endpoint-url {url} --table-name {TABLE} --item '{json.dumps(record)}' && "
           f"aws events put-events --endpoint-url {url} --entries '{json.dumps(event)}'")
    return curl, ["sh", "-c", aws]


def rows_of(build, env, what, commands, rounds, slow_rounds, note):
    """A row for each of (name, argv) that is installed, in turn; the AWS CLI, which is slow, fewer times."""
    here = [c for c in commands if shutil.which(c[0] if c[0] in ("curl", "aws") else c[1][0])]
    quick = [c for c in here if c[0] != "aws"]
    done = dict(zip([c[0] for c in quick], measure(build, env, rounds, [c[1] for c in quick])))
    slow = [c for c in here if c[0] == "aws"]
    beside = None
    if slow:
        beside, done["aws"] = measure(build, env, slow_rounds, [here[0][1], slow[0][1]])
    for name, m in done.items():
        row(f"{what}, {name}", m, note(name, m, done, beside))


def ratios(name, m, done, beside):
    """The static program against this one."""
    if name == "static":
        return ""
    if name == "aws":
        return (f"static is 1/{m.times(beside):.0f} of it, CPU 1/{m.cpu / beside.cpu:.0f}, memory 1/{m.mib / beside.mib:.1f}")
    static = done["static"]
    return f"static is {static.times(m):.2f} of it, CPU {static.cpu / m.cpu:.2f}, memory {static.mib / m.mib:.2f}"


def get_targets(name, m, done, beside):
    targets = {"curl": " (targets: 0.35, 0.35)", "aws": " (targets: 1/100, 1/100, 1/12)"}
    return ratios(name, m, done, beside) + targets.get(name, "")


def one_file(mvpdash, static, build, env, jobs):
    """The static program of `make dist` beside the ordinary build, curl and the AWS CLI, in turn, on a table of `jobs`."""
    print(f"== one file: the static program, the ordinary build, curl and the AWS CLI, with {jobs} jobs (medians)")
    job = job_id(7)
    key = json.dumps({"jobId": {"S": job}})
    get = ["status", job, "--record", "--json"]
    send = ["send", "--user-id", "bench", "--product-id", "file", "--json"]
    curl, aws = send_by_others(env)

    def both(rest):
        return [("static", [static] + rest), ("dynamic", [mvpdash] + rest)]

    rows_of(build, env, "status --record", both(get) + [("curl", curl_get_item(env, key)), ("aws", aws_get_item(env, key))],
            51, 5, get_targets)
    rows_of(build, env, "send", both(send) + [("curl", curl), ("aws", aws)], 15, 3, ratios)
    rows_of(build, env, "--version", both(["--version"]), 51, 0, ratios)
    # The frame's last word; without the jobs that the last session kept, and then with them.
    for what, more in (("first frame, new", {"XDG_STATE_HOME": "/dev/null"}), ("first frame, again", {})):
        a, b = measure(build, {**env, **more}, 21, [[static], [mvpdash]], ["frame", "21", "mark"])
        row(what + ", static", a, "(target 4 ms)")
        row(what + ", dynamic", b, ratios("dynamic", b, {"static": a}, None))


def listing(mvpdash, static, build, env, jobs):
    """The list of a whole table; beside it one record, which tells what the libraries alone take."""
    print(f"== list --json of {jobs} jobs (medians; targets: 60 ms, 12 MiB)")
    programs = ([("static", static)] if static else []) + [("dynamic", mvpdash)]
    commands = [(name, [program, "list", "--json"]) for name, program in programs]
    commands += [("one record, " + name, [program, "status", job_id(7), "--record", "--json"]) for name, program in programs]
    commands.append(("aws", ["aws", "dynamodb", "scan", "--endpoint-url", env["AWS_ENDPOINT_URL"], "--table-name", TABLE]))

    def note(name, m, done, beside):
        if name == "aws":
            return f"{m.times(beside):.0f} times the first, CPU {m.cpu / beside.cpu:.0f} times, memory {m.mib / beside.mib:.1f} times"
        return f"({m.cpu / jobs * 1e6:.1f} us CPU a job)" if "record" not in name else ""

    rows_of(build, env, "list", commands, 9, 1, note)


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
    # --again: the rounds after the first one send the same file
    commands = [[mvpdash, "batch", path, "--again", "--json"]]
    if js is not None:
        commands.append(["node", js + "/deploys.mjs", path])
    done = measure(build, env, 3, commands)
    row("mvpdash batch", done[0], f"{count / done[0].wall:.0f} a second; each kept on disk until it is acknowledged")
    if js is not None:
        row("AWS SDK for JavaScript", done[1], f"{count / done[1].wall:.0f} a second "
            f"(ours: {done[1].times(done[0]):.1f} times the throughput, target 5; CPU 1/{done[1].cpu / done[0].cpu:.1f}, target 1/10)")
