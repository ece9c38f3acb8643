"""What a container does in each way that a job can go. Every case has a cloud of its own."""

import os
import signal
import socket
import subprocess
import threading
import time

from world import Wrong, same, until

STEPS = ["INIT", "FETCHING_DATA", "CREATING_REPO", "AI_DEVELOPMENT", "BUILDING", "DEPLOYING", "CLEANUP", "COMPLETED"]


def pipeline(w):
    """EventBridge, Batch, the container with its seven steps, the record, the log."""
    done = w.run("send", "--user-id", "u", "--product-id", "p", "--business-name", "Fish & Chips", "--job-id", "job_whole", "--wait",
                 "--timeout", "170")
    same("send --wait: " + done.stdout + done.stderr, done.returncode, 0)
    record = w.is_record("job_whole", "COMPLETED", "COMPLETED")
    batch_id = record["resources"]["batchJobId"] if "resources" in record else record["batchJobId"]
    log = w.log(w.exits(batch_id, "SUCCEEDED", 0))
    same("the steps of the log", [line[3:] for line in log.split("\n") if line.startswith("== ")], STEPS)
    if "No such file" in log:
        raise Wrong("a job without features: " + log)
    same("mvpdash logs", w.run("logs", "job_whole").stdout.split("\n")[-2], "== COMPLETED")


def confined(w):
    """No more rights than on Fargate, and no secret in the list of processes."""
    script = ("echo uid=$(id -u); touch /x /tmp/x /run/x 2>/dev/null && echo root is written; touch /work/y && echo work is written;"
              "grep -E 'CapEff|NoNewPrivs' /proc/self/status; printf 'value=%s\\n' \"$ODD\"; echo ready; while [ ! -e /work/go ]; do sleep 0.1; done")
    odd = "a 'b' \"c\" $HOME \\n #d"
    batch_id = w.submit(w.record(), ["sh", "-c", script], ODD=odd, TOKEN="seen-by-nobody", MVP_STAGE_TIMEOUT_S="100")
    w.says(batch_id, "ready")
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                words = f.read()
        except OSError:
            continue
        for secret in (b"seen-by-nobody", w.keys["AWS_SECRET_ACCESS_KEY"].encode()):
            if secret in words:
                raise Wrong(f"a secret in the list of processes: {words[:80]!r}")
    w.asked("exec", w.containers(batch_id)[0], "touch", "/work/go")
    log = w.log(w.exits(batch_id, "SUCCEEDED", 0))
    for text in ("uid=10001", "work is written", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "value=" + odd):
        if text not in log:
            raise Wrong(f"no {text!r} in: {log}")
    if "root is written" in log:
        raise Wrong("the root can be written to")
    for folder, _, names in os.walk(w.folder + "/data/jobs"):
        if any(name.startswith("environment") for name in names):
            raise Wrong(f"the environment stays in {folder}")


def exit_codes(w):
    for code, wanted in ((7, 7), (75, 1), (125, 125)):
        job_id = w.record()
        w.exits(w.submit(job_id, ["sh", "-c", f"exit {code}"]), "FAILED", wanted)
        w.is_record(job_id, "FAILED", "RUNNING")


def stage_limit(w):
    job_id = w.record()
    w.exits(w.submit(job_id, ["sleep", "600"], MVP_STAGE_TIMEOUT_S="1", MVP_STAGE_GRACE_S="1"), "FAILED", 124)
    w.is_record(job_id, "FAILED")


def sigterm(w):
    """A host goes: the attempt ends with 143, and the next one goes on with the same record."""
    job_id = w.record()
    script = '[ "$AWS_BATCH_JOB_ATTEMPT" != 1 ] || { echo ready; exec sleep 600; }; echo again'
    batch_id = w.submit(job_id, ["sh", "-c", script], attempts=2, retry=["143"])
    w.says(batch_id, "ready")
    w.asked("kill", "--signal", "TERM", f"mvpdash-{batch_id}-1")
    job = w.exits(batch_id, "SUCCEEDED", 0)
    same("the attempts", [a["container"].get("exitCode") for a in job["attempts"]], [143, 0])
    w.is_record(job_id, "COMPLETED")


def stubborn(w):
    """A stage that ignores SIGTERM."""
    job_id = w.record()
    batch_id = w.submit(job_id, ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"], MVP_STAGE_GRACE_S="1")
    w.says(batch_id, "ready")
    w.aws.batch("terminatejob", {"jobId": batch_id, "reason": "test"})
    job = w.exits(batch_id, "FAILED", 143)
    same("the reason", job["statusReason"], "test")


def cancel(w):
    job_id = w.record(simulate={"hang": True})
    batch_id = w.submit(job_id)
    w.says(batch_id, "hangs until it is stopped")
    done = w.run("cancel", job_id, "--reason", "not wanted")
    same("cancel: " + done.stdout + done.stderr, done.returncode, 0)
    w.exits(batch_id, "FAILED", 143)
    w.is_record(job_id, "CANCELLED")


def batch_timeout(w):
    batch_id = w.submit(w.record(simulate={"hang": True}), timeout_s=60)
    same("the reason", w.exits(batch_id, "FAILED", 143)["statusReason"], "Job attempt duration exceeded timeout")


def duplicate(w):
    job_id = w.record()
    first = w.submit(job_id, ["sh", "-c", "echo ready; while [ ! -e /work/go ]; do sleep 0.1; done"])
    w.says(first, "ready")
    same("attempts of the second", len(w.exits(w.submit(job_id, attempts=3), "FAILED", 75)["attempts"]), 1)
    w.asked("exec", w.containers(first)[0], "touch", "/work/go")
    w.exits(first, "SUCCEEDED", 0)
    w.is_record(job_id, "COMPLETED")


def missing_record(w):
    w.exits(w.submit("job_1_000000000"), "FAILED", 3)


def unreachable(w):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and does not listen
        batch_id = w.submit(w.record(), AWS_ENDPOINT_URL=f"http://127.0.0.1:{closed.getsockname()[1]}", MVP_REPORT_WAITS_S="0")
        w.exits(batch_id, "FAILED", 5)


def silent(w):
    """SIGTERM while a report hangs on an endpoint that says nothing: over within 10 s, with what is known."""
    held = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        asked = threading.Event()

        def accept():
            try:
                while True:
                    held.append(server.accept()[0])
                    asked.set()
            except OSError:
                pass

        threading.Thread(target=accept, daemon=True).start()
        batch_id = w.submit(w.record(), AWS_ENDPOINT_URL=f"http://127.0.0.1:{server.getsockname()[1]}")
        if not asked.wait(60):
            raise Wrong("nobody asks the endpoint")
        w.aws.batch("terminatejob", {"jobId": batch_id, "reason": "test"})
        began = time.time()
        until("the end", lambda: w.job(batch_id)["status"] == "FAILED")
        took = time.time() - began
        log = w.log(w.exits(batch_id, "FAILED", 143))
        server.shutdown(socket.SHUT_RDWR)
    for connection in held:
        connection.close()
    if took > 10:
        raise Wrong(f"it took {took:.1f} s")
    if "asked to stop at INIT" not in log or "could not be reported in time" not in log:
        raise Wrong("what is known is not in the log: " + log)


def long_log(w):
    lines = 300000
    job = w.exits(w.submit(w.record(), ["seq", "-f", "line %.0f", str(lines)]), "SUCCEEDED", 0)
    last = w.log(job, limit=2, startFromHead=False).split("\n")
    same("the last lines", last, [f"line {lines}", "== COMPLETED"])


def zombies(w):
    """What a stage leaves to the first process of the container is reaped."""
    script = ("for i in 1 2 3 4 5 6 7 8 9 10; do (sleep 0.1 &); done; sleep 1;"
              "echo zombies: $(grep -l '^State:.Z' /proc/[0-9]*/status | wc -l)")
    log = w.log(w.exits(w.submit(w.record(), ["sh", "-c", script]), "SUCCEEDED", 0))
    if "zombies: 0" not in log:
        raise Wrong(log)


def died(w):
    """A cloud that is killed takes its containers along; what is left all the same goes at the next start."""
    batch_id = w.submit(w.record(simulate={"hang": True}))
    w.says(batch_id, "hangs until it is stopped")
    w.stop(signal.SIGKILL)
    until("the container ends with its cloud", lambda: not w.containers(batch_id))
    w.start()
    same("the job", w.job(batch_id)["status"], "FAILED")
    batch_id = w.submit(w.record(simulate={"hang": True}))
    w.says(batch_id, "hangs until it is stopped")
    guards = subprocess.run(["pgrep", "-P", str(w.cloud.pid), "mvpdash-job"], capture_output=True, text=True).stdout.split()
    same("its supervisors", len(guards), 1)
    w.cloud.send_signal(signal.SIGSTOP)  # so that it does not see what happens
    os.kill(int(guards[0]), signal.SIGKILL)
    w.stop(signal.SIGKILL)
    same("containers without a cloud", len(w.containers(batch_id)), 1)
    w.start()
    same("after the next start", w.containers(batch_id), [])


def refused(w):
    """What cannot be started is told in plain words."""
    job = w.ended(w.submit(w.record(), PEM="two\nlines"))
    if "PEM has a line break" not in job["container"]["reason"]:
        raise Wrong(str(job["container"]))
    w.aws.batch("registerjobdefinition", {"jobDefinitionName": "other", "type": "container", "containerProperties": {
        "image": "localhost/no-such-image:1", "command": ["true"], "resourceRequirements": [
            {"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}]}})
    job = w.ended(w.aws.batch("submitjob", {"jobName": "other", "jobQueue": "mvp-pipeline-queue", "jobDefinition": "other"})["jobId"])
    if not job["container"]["reason"].startswith("CannotStartContainerError: "):
        raise Wrong(str(job["container"]))
    local = ["local", "--listen", "127.0.0.1:0", "--data", w.folder + "/other", "--container"]
    done = w.run(*local, "no-such-image")
    same("a missing image: " + done.stderr, (done.returncode, "there is no image no-such-image for" in done.stderr), (3, True))
    done = w.run(*local, w.image, PATH="/nowhere")
    same("no runtime: " + done.stderr, (done.returncode, "no container runtime" in done.stderr), (4, True))


# The longest first.
ALL = [batch_timeout, long_log, died, exit_codes, pipeline, silent, sigterm, cancel, refused, stubborn, stage_limit, duplicate,
       confined, zombies, unreachable, missing_record]
