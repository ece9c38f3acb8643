"""An independent client of AWS's protocols: it signs, asks and counts. Standard library only, and nothing of
the program's: what it says is what is."""

import collections
import datetime
import hashlib
import hmac
import http.client
import json
import re
import time

TABLE = "mvp-development-jobs"
BUS = "mvp-development"
QUEUE = "mvp-pipeline-queue"
LOG_GROUP = "/aws/events/rule/mvp-development-rule"
TARGETS = {"dynamodb": ("DynamoDB_20120810", "1.0"), "events": ("AWSEvents", "1.1"), "logs": ("Logs_20140328", "1.1"),
           "sqs": ("AmazonSQS", "1.0")}
BATCH_STATES = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED")


class Failed(Exception):
    pass


class Client:
    def __init__(self, host, env):
        self.host, self.env = host, env

    def signed(self, service, path, headers, body):
        now = datetime.datetime.now(datetime.timezone.utc)
        stamp, day, region = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d"), self.env["AWS_REGION"]
        headers = {**headers, "host": self.host, "x-amz-date": stamp}
        names = ";".join(sorted(headers))
        canonical = "\n".join(["POST", path, ""] + [f"{k}:{headers[k]}" for k in sorted(headers)]
                              + ["", names, hashlib.sha256(body).hexdigest()])
        scope = f"{day}/{region}/{service}/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self.env["AWS_SECRET_ACCESS_KEY"]).encode()
        for part in (day, region, service, "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.env['AWS_ACCESS_KEY_ID']}/{scope}, "
                                    f"SignedHeaders={names}, Signature={signature}")
        return headers

    def post(self, service, path, headers, doc):
        body = json.dumps(doc).encode()
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request("POST", path, body, self.signed(service, path, headers, body))
            reply = connection.getresponse()
            data = reply.read()
        finally:
            connection.close()
        if reply.status != 200:
            raise Failed(f"{headers.get('x-amz-target', path)}: {reply.status} {data[:300]!r}")
        return json.loads(data or b"{}")

    def call(self, service, target, doc):
        prefix, version = TARGETS[service]
        return self.post(service, "/", {"content-type": f"application/x-amz-json-{version}",
                                        "x-amz-target": f"{prefix}.{target}"}, doc)

    def batch(self, path, doc):
        return self.post("batch", f"/v1/{path}", {"content-type": "application/json"}, doc)

    # ---- counting --------------------------------------------------------------------------------

    def records(self):
        """Every record of the table, by job id."""
        found, more = {}, {}
        while True:
            page = self.call("dynamodb", "Scan", {"TableName": TABLE, "ConsistentRead": True, **more})
            found.update({item["jobId"]["S"]: item for item in page["Items"]})
            if "LastEvaluatedKey" not in page:
                return found
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def record(self, job_id):
        return self.call("dynamodb", "GetItem", {"TableName": TABLE, "Key": {"jobId": {"S": job_id}},
                                                 "ConsistentRead": True}).get("Item")

    def batch_jobs(self):
        """job id -> the ids of its Batch jobs, read off each job's own environment."""
        ids = []
        for state in BATCH_STATES:
            more = {}
            while True:
                page = self.batch("listjobs", {"jobQueue": QUEUE, "jobStatus": state, **more})
                ids += [j["jobId"] for j in page["jobSummaryList"]]
                if not page.get("nextToken"):
                    break
                more = {"nextToken": page["nextToken"]}
        ids = sorted(set(ids))  # one may have moved on between two lists
        found = collections.defaultdict(list)
        for at in range(0, len(ids), 100):
            for job in self.batch("describejobs", {"jobs": ids[at:at + 100]})["jobs"]:
                for pair in job["container"].get("environment", []):
                    if pair["name"] == "JOB_ID":
                        found[pair["value"]].append(job["jobId"])
        return found

    def events(self):
        """job id -> how often the rule logged an event of it."""
        counts, more = collections.Counter(), {}
        while True:
            page = self.call("logs", "FilterLogEvents", {"logGroupName": LOG_GROUP, "limit": 10000, **more})
            for event in page["events"]:
                counts.update(set(re.findall(r"job_\d+_[0-9a-z]+", event["message"])))
            if not page.get("nextToken"):
                return counts
            more = {"nextToken": page["nextToken"]}

    def settled_batch_jobs(self, deadline_s=120):
        """The same, once no event is on its way to Batch any more: two counts a second apart agree."""
        until, before = time.time() + deadline_s, None
        while time.time() < until:
            now = self.batch_jobs()
            if now == before:
                break
            before = now
            time.sleep(1)
        return before
