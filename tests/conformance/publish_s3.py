"""The pipeline's publishing to S3, against moto; every signature is checked as AWS would, with botocore.

usage: publish_s3.py PATH/TO/infra
"""

import hashlib
import http.client
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

STAGES = os.path.abspath(sys.argv[1]) + "/container/stages"
WORK = tempfile.mkdtemp(prefix="mvpdash-publish-")
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "token/with+signs==")
failures = 0
refused = []
keys = []


def check(name, got, want):
    global failures
    if got == want:
        print(f"ok {name}", flush=True)
    else:
        failures += 1
        print(f"not ok {name}\n  got  {got!r}\n  want {want!r}", flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


MOTO = free_port()


class Signed(S3SigV4Auth):
    """The signature that AWS would compute for a request that is there already."""

    def __init__(self, *args, signed, payload):
        super().__init__(*args)
        self.signed, self.body_hash = signed, payload

    def headers_to_sign(self, request):
        headers = http.client.HTTPMessage()
        for name in self.signed:
            headers[name] = request.headers[name]
        return headers

    def payload(self, request):
        return self.body_hash


def expected(handler, body):
    given = handler.headers["Authorization"]
    signed = given.split("SignedHeaders=")[1].split(",")[0].split(";")
    request = AWSRequest(handler.command, "http://" + handler.headers["Host"] + handler.path, dict(handler.headers), body)
    request.context["timestamp"] = handler.headers["X-Amz-Date"]
    auth = Signed(KEYS, "s3", "us-east-1", signed=signed, payload=handler.headers["x-amz-content-sha256"])
    text = auth.string_to_sign(request, auth.canonical_request(request))
    return signed, given.split("Signature=")[1], auth.signature(text, request)


class Proxy(http.server.BaseHTTPRequestHandler):
    """S3 that checks signatures, and the container's credentials."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.headers.get("Authorization") != "for the container":
            self.answer(403, b"")
            return
        self.answer(200, json.dumps({"AccessKeyId": KEYS.access_key, "SecretAccessKey": KEYS.secret_key,
                                     "Token": KEYS.token, "Expiration": "2099-01-01T00:00:00Z"}).encode())

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        signed, got, want = expected(self, body)
        keys.append(self.path)
        if (got != want or self.headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest()
                or self.headers["x-amz-security-token"] != KEYS.token
                or not {"host", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"} <= set(signed)):
            refused.append((self.path, signed, got, want))
            self.answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
            return
        upstream = http.client.HTTPConnection("127.0.0.1", MOTO, timeout=60)
        upstream.request("PUT", self.path, body, dict(self.headers))
        reply = upstream.getresponse()
        self.answer(reply.status, reply.read())

    def answer(self, status, data):
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


def publish(endpoint, **more):
    """The last stages of the pipeline on a finished site, with a report that only notes what it is told."""
    work = WORK + "/work"
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    with open(work + "/job.json", "w") as f:
        json.dump({"businessName": "Fish & Chips", "features": ["Sign in"]}, f)
    with open(WORK + "/report", "w") as f:
        f.write(f'#!/bin/sh\nprintf "%s\\n" "$@" >{WORK}/reported\n')
    os.chmod(WORK + "/report", 0o755)
    env = {"PATH": os.environ["PATH"], "HOME": WORK, "MVP_WORK": work, "MVP_JOB": work + "/job.json", "JOB_ID": "job_1",
           "MVPDASH": WORK + "/report", "MVP_SITES_DIR": WORK + "/sites", "AWS_REGION": "us-east-1",
           "AWS_ENDPOINT_URL": endpoint, "MVP_PUBLISH_BUCKET": "sites", **more}
    for stage in ("10-INIT", "20-FETCHING_DATA", "30-CREATING_REPO", "40-AI_DEVELOPMENT", "50-BUILDING", "60-DEPLOYING"):
        p = subprocess.run([f"{STAGES}/{stage}"], env=env, cwd=WORK, capture_output=True, text=True, timeout=120)
        if p.returncode != 0:
            break
    return p.returncode, p.stdout + p.stderr


def run(endpoint):
    s3 = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{MOTO}", region_name="us-east-1",
                      aws_access_key_id="a", aws_secret_access_key="b")
    s3.create_bucket(Bucket="sites")
    container = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint + "/keys",
                 "AWS_CONTAINER_AUTHORIZATION_TOKEN": "for the container"}
    code, out = publish(endpoint, MVP_PUBLISH_URL="https://sites.example.com/", **container)
    check("publishing to the bucket", (code, refused), (0, []))
    if code != 0:
        print(out)
    made = sorted(o["Key"] for o in s3.list_objects_v2(Bucket="sites").get("Contents", []))
    site = ["README.md", "SHA256SUMS", "features/1-sign-in.html", "index.html", "style.css"]
    check("what is in it", made, sorted(["job_1/repository.bundle"] + [f"job_1/{k}/{f}" for k in ("production", "staging") for f in site]))
    page = s3.get_object(Bucket="sites", Key="job_1/production/index.html")
    check("the page", ("<h1>Fish &amp; Chips</h1>" in page["Body"].read().decode(), page["ContentType"]), (True, "text/html; charset=utf-8"))
    check("the front page comes last", keys[-1], "/sites/job_1/production/index.html")
    with open(WORK + "/reported") as f:
        reported = f.read().split("\n")
    check("the URLs that readers use are reported", [x for x in reported if "=" in x], [
        "repository=https://sites.example.com/job_1/repository.bundle", "staging=https://sites.example.com/job_1/staging/index.html",
        "production=https://sites.example.com/job_1/production/index.html"])
    s3.download_file("sites", "job_1/repository.bundle", WORK + "/r.bundle")
    check("the bundle can be cloned", subprocess.run(["git", "clone", "-q", WORK + "/r.bundle", WORK + "/clone"]).returncode, 0)

    code, out = publish(endpoint, AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="wrong")
    check("a refused signature fails the stage", (code != 0, "403" in out), (True, True))
    check("no secret is printed", "wrong" in out, False)
    code, out = publish(endpoint)
    check("no credentials: said so, and nothing is sent", (code != 0, "needs the job role" in out, "curl" in out), (True, True, False))
    os.remove(WORK + "/reported")
    code, out = publish(endpoint, MVP_PUBLISH_BUCKET="not-there", **container)
    check("a bucket that is not there fails, and nothing is reported", (code != 0, os.path.exists(WORK + "/reported")), (True, False))


def main():
    server = subprocess.Popen(
        [sys.executable, "-c", f"from moto.server import main; main(['-H', '127.0.0.1', '-p', '{MOTO}'])"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{MOTO}/moto-api/data.json", timeout=2).read()
                break
            except OSError:
                time.sleep(0.1)
        run(f"http://127.0.0.1:{proxy.server_port}")
    finally:
        proxy.shutdown()
        server.terminate()
        server.wait()
        shutil.rmtree(WORK, ignore_errors=True)


main()
sys.exit(1 if failures else 0)
