"""The local cloud that everything is measured against, and a table full of jobs. Standard library only."""

import datetime
import hashlib
import hmac
import http.client
import json
import os
import subprocess
import time

TABLE = "mvp-development-jobs"


def environment(work):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "XDG_", "EVENTBRIDGE_", "MVPDASH_"))}
    env.update(HOME=work, XDG_STATE_HOME=work + "/state", XDG_CONFIG_HOME=work + "/config", LC_ALL="C.UTF-8")
    env.update(AWS_EC2_METADATA_DISABLED="true", NODE_NO_WARNINGS="1")
    # Nothing matches this: a thousand deploys start no thousand processes.
    env.update(EVENTBRIDGE_DETAIL_TYPE="Bench")
    return env


class Cloud:
    def __init__(self, mvpdash, work):
        self.env = environment(work)
        self.process = subprocess.Popen(
            [mvpdash, "local", "--listen", "127.0.0.1:0", "--data", work + "/cloud"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.env, text=True)
        for line in self.process.stdout:
            name, _, value = line.strip().removeprefix("export ").partition("=")
            self.env[name] = value.strip("'\"")
            if name == "AWS_DEFAULT_REGION":
                break
        self.host = self.env["AWS_ENDPOINT_URL"].removeprefix("http://")
        self.connection = http.client.HTTPConnection(self.host)

    def call(self, target, doc):
        """One signed DynamoDB call; enough SigV4 for the bench itself."""
        body = json.dumps(doc).encode()
        now = datetime.datetime.now(datetime.timezone.utc)
        stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
        region = self.env["AWS_REGION"]
        headers = {"content-type": "application/x-amz-json-1.0", "host": self.host, "x-amz-date": stamp,
                   "x-amz-target": "DynamoDB_20120810." + target}
        names = ";".join(sorted(headers))
        canonical = "\n".join(["POST", "/", ""] + [f"{k}:{headers[k]}" for k in sorted(headers)]
                              + ["", names, hashlib.sha256(body).hexdigest()])
        scope = f"{day}/{region}/dynamodb/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self.env["AWS_SECRET_ACCESS_KEY"]).encode()
        for part in (day, region, "dynamodb", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.env['AWS_ACCESS_KEY_ID']}/{scope}, "
                                    f"SignedHeaders={names}, Signature={signature}")
        self.connection.request("POST", "/", body, headers)
        reply = self.connection.getresponse()
        data = reply.read()
        if reply.status != 200:
            raise SystemExit(f"{target}: {reply.status} {data[:300]}")
        return json.loads(data)

    def fill(self, build, count):
        """Puts `count` records of items.c into the table."""
        began, size, puts = time.time(), 0, []
        source = subprocess.Popen([build + "/bench/bench_items", "0", str(count)], stdout=subprocess.PIPE)
        for line in source.stdout:
            size += len(line)
            puts.append({"PutRequest": {"Item": json.loads(line)}})
            if len(puts) == 25:
                self.call("BatchWriteItem", {"RequestItems": {TABLE: puts}})
                puts = []
        if puts:
            self.call("BatchWriteItem", {"RequestItems": {TABLE: puts}})
        if source.wait() != 0:
            raise SystemExit("bench_items failed")
        print(f"  filled the table with {count} jobs of {size / count:.0f} bytes in {time.time() - began:.1f} s")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def job_id(n):
    """The id that items.c gives the n-th record; it is over where n % 10 is 7."""
    return f"job_{1700000000000 + n}_{n:09d}"
