"""One local cloud that runs its jobs in the image, and what a test does with it."""

import json
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "faults"))
from aws import QUEUE, Client, Failed  # noqa: E402

DEFINITION = "mvp-pipeline-job"
PATIENCE_S = 180  # of a machine that others share; nothing waits this long by itself


class Wrong(Exception):
    pass


def until(what, look, patience_s=PATIENCE_S):
    """The first true answer of `look`."""
    end = time.time() + patience_s
    while True:
        found = look()
        if found:
            return found
        if time.time() > end:
            raise Wrong(f"{what}: not within {patience_s} s")
        time.sleep(0.1)


def same(what, got, wanted):
    if got != wanted:
        raise Wrong(f"{what}: {got!r}, wanted {wanted!r}")


class World:
    def __init__(self, folder, mvpdash, image, runtime):
        self.folder, self.mvpdash, self.image, self.runtime = folder, mvpdash, image, runtime
        self.n = 0
        os.makedirs(folder)
        self.base = {k: v for k, v in os.environ.items()
                     if not re.match("(AWS|EVENTBRIDGE|BATCH|DYNAMODB|FOUNDERDASH|MVP|MVPDASH)_|DEBUG$|JOB_ID$", k)}
        self.base.update(HOME=folder, XDG_STATE_HOME=folder + "/state", AWS_EC2_METADATA_DISABLED="true",
                         MVP_STEP_SECONDS="0", LC_ALL="C.UTF-8")
        for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            self.base.pop(name, None)
        self.cloud = None

    def start(self):
        with open(self.folder + "/cloud.err", "ab") as err:
            self.cloud = subprocess.Popen(
                [self.mvpdash, "local", "--json", "--listen", "127.0.0.1:0", "--data", self.folder + "/data", "--container", self.image],
                env=self.base, stdout=subprocess.PIPE, stderr=err, stdin=subprocess.DEVNULL)
        line = self.cloud.stdout.readline()
        if not line:
            raise Wrong("the cloud does not start: " + open(self.folder + "/cloud.err").read())
        self.keys = json.loads(line)
        self.env = {**self.base, **self.keys}
        self.aws = Client(self.keys["AWS_ENDPOINT_URL"].removeprefix("http://"), self.keys)
        return self

    def stop(self, number=signal.SIGTERM):
        if self.cloud is not None and self.cloud.poll() is None:
            self.cloud.send_signal(number)
            self.cloud.wait(120)
        if self.cloud is not None:
            self.cloud.stdout.close()

    # ---- mvpdash and the runtime ----

    def run(self, *args, **env):
        return subprocess.run([self.mvpdash, *args], env={**self.env, **env}, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=PATIENCE_S)

    def asked(self, *args):
        done = subprocess.run([self.runtime, *args], env=self.base, capture_output=True, text=True, timeout=PATIENCE_S)
        if done.returncode != 0:
            raise Wrong(f"{self.runtime} {' '.join(args)}: {done.stderr}")
        return done.stdout

    def containers(self, batch_id=""):
        return [n for n in self.asked("ps", "--all", "--format", "{{.Names}}").split() if n.startswith(f"mvpdash-{batch_id}")]

    # ---- jobs ----

    def record(self, **metadata):
        """A record of which no event tells the rule."""
        self.n += 1
        job_id = f"job_{int(time.time() * 1000)}_{self.n:09d}"
        done = self.run("send", "--job-id", job_id, "--user-id", "u", "--product-id", "p", "--metadata", json.dumps(metadata),
                        EVENTBRIDGE_SOURCE="test.container")
        same("send: " + done.stderr, done.returncode, 0)
        return job_id

    def submit(self, job_id, command=(), attempts=1, timeout_s=None, retry=(), **env):
        """A Batch job as the rule starts one; its id."""
        doc = {"jobName": job_id, "jobQueue": QUEUE, "jobDefinition": DEFINITION,
               "containerOverrides": {"environment": [{"name": k, "value": v} for k, v in {"JOB_ID": job_id, **env}.items()]},
               "retryStrategy": {"attempts": attempts, "evaluateOnExit": [
                   {"onExitCode": "75", "action": "EXIT"}, *[{"onExitCode": c, "action": "RETRY"} for c in retry],
                   {"onExitCode": "*", "action": "EXIT"}]}}
        if command:
            doc["containerOverrides"]["command"] = list(command)
        if timeout_s:
            doc["timeout"] = {"attemptDurationSeconds": timeout_s}
        return self.aws.batch("submitjob", doc)["jobId"]

    def job(self, batch_id):
        return self.aws.batch("describejobs", {"jobs": [batch_id]})["jobs"][0]

    def ended(self, batch_id):
        """The Batch job when it is over, and its container is gone."""
        job = until(f"the end of {batch_id}", lambda: (j := self.job(batch_id))["status"] in ("SUCCEEDED", "FAILED") and j)
        until("its containers are removed", lambda: not self.containers(batch_id))
        return job

    def exits(self, batch_id, status, code):
        job = self.ended(batch_id)
        same(f"state and exit code ({job.get('statusReason')}; {self.log(job)[-600:]})",
             (job["status"], job["container"].get("exitCode")), (status, code))
        return job

    def log(self, job, limit=10000, **more):
        stream = job["container"].get("logStreamName")
        if not stream:
            return ""
        try:
            page = self.aws.call("logs", "GetLogEvents", {"logGroupName": "/aws/batch/job", "logStreamName": stream,
                                                          "limit": limit, "startFromHead": True, **more})
        except Failed:
            return ""
        return "\n".join(e["message"] for e in page["events"])

    def says(self, batch_id, text):
        return until(f"the log says {text!r}", lambda: text in self.log(self.job(batch_id)))

    def status(self, job_id):
        done = self.run("status", job_id, "--json", "--record")
        return json.loads(done.stdout)

    def is_record(self, job_id, status, step=None):
        """The record itself, not what is merged from it."""
        record = self.status(job_id)["record"]
        same("the record's status", record["status"], status)
        if step:
            same("its step", record.get("currentStep"), step)
        return record
