"""The REST API against its own schema, by independent validators.

usage: rest_openapi.py PATH/TO/mvpdash

GET /openapi.json must be a valid OpenAPI 3.1 document (openapi-spec-validator); then each route is
asked, well and badly, with AWS there, refusing and gone, and each reply must fit what the document says
of that operation and status (jsonschema, formats checked). What the document lists and nothing here met
is named, and only the routes' 429 and 502 may be.
"""
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import jsonschema
from openapi_spec_validator import validate

program = os.path.abspath(sys.argv[1])
work = tempfile.mkdtemp(prefix="mvpdash-rest.")
count = failed = 0
met = set()


def check(what, good, *detail):
    global count, failed
    count += 1
    failed += not good
    print(("ok " if good else "not ok ") + f"{count} - {what}")
    for line in detail if not good else ():
        print("#  ", str(line)[:2000])


def environment(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MVPDASH_"))}
    env.update(HOME=work, XDG_STATE_HOME=work + "/state", XDG_CONFIG_HOME=work + "/config",
               AWS_EC2_METADATA_DISABLED="true", MVP_STEP_SECONDS="0", AWS_MAX_ATTEMPTS="1", **more)
    return env


def start(env, *args):
    p = subprocess.Popen([program, *args], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return p, p.stdout.readline().strip()


def stop(p):
    p.send_signal(signal.SIGTERM)
    return p.wait(40)


def serve(env, *args):
    p, url = start(env, "serve", "--listen", "127.0.0.1:0", *args)
    if not url.startswith("http://"):
        sys.exit("mvpdash serve does not start")
    return p, urlsplit(url).netloc


class Api:
    """Asks, and holds each reply against the document."""

    def __init__(self, host, document=None, token=None):
        self.host, self.document, self.token = host, document, token

    def ask(self, method, path, body=None, headers=()):
        headers = dict(headers)
        if self.token and "Authorization" not in headers:
            headers["Authorization"] = "Bearer " + self.token
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        c = http.client.HTTPConnection(self.host, timeout=60)
        c.request(method, path, body, headers)
        r = c.getresponse()
        text = r.read()
        c.close()
        return r.status, {k.lower(): v for k, v in r.getheaders()}, text

    def fits(self, what, route, method, path, want, body=None, headers=()):
        status, head, text = self.ask(method, path, body, headers)
        operation = self.document["paths"].get(route, {}).get(method.lower()) if route else None
        errors = []
        if status != want:
            errors.append(f"status {status}, not {want}")
        if operation is not None:
            answer = operation["responses"].get(str(status))
            if answer is None:
                errors.append(f"{status} is not in the document")
            else:
                met.add((route, method.lower(), str(status)))
                errors += self.differences(answer, head, text)
        elif status >= 400:
            errors += self.differences({"content": {"application/json": {"schema": {
                "$ref": "#/components/schemas/Error"}}}}, head, text)
        if "x-request-id" not in head:
            errors.append("no X-Request-Id")
        if status in (429, 503) and not head.get("retry-after", "").isdigit() and route != "/test-connection":
            errors.append("no Retry-After")
        check(f"{method} {path} {status}: {what}", not errors, *errors, text[:500])
        try:
            return json.loads(text)
        except ValueError:
            return text.decode()

    def differences(self, answer, head, text):
        (media, how), = answer["content"].items()
        if not head.get("content-type", "").startswith(media):
            return [f"Content-Type {head.get('content-type')}, not {media}"]
        if media != "application/json":
            return []
        schema = {**how["schema"], "components": self.document["components"]}
        v = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
        return [f"{'/'.join(map(str, e.path))}: {e.message}" for e in v.iter_errors(json.loads(text))]


class Refusing(BaseHTTPRequestHandler):
    """An AWS that allows nothing."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b'{"__type":"com.amazon.coral.service#AccessDeniedException","message":"not authorized"}'
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, *args):
        pass


GOOD = {"userId": "u1", "productId": "p1", "priority": "high", "founderdashDbUrl": "postgresql://u:p@h/d",
        "metadata": {"businessName": "Bäckerei", "features": ["a"], "estimatedDuration": 3600,
                     "userEmail": "a@example.com", "anything": {"else": [1, None]}}}


def well(api, env):
    accepted = api.fits("a deploy", "/deploy", "POST", "/deploy", 202, GOOD)
    job = accepted["jobId"]
    schema = {"$ref": "#/components/schemas/Deploy", "components": api.document["components"]}
    check("the body fits the document, too", jsonschema.Draft202012Validator(schema).is_valid(GOOD))
    key = {"Idempotency-Key": "k1"}
    api.fits("a key", "/deploy", "POST", "/deploy", 202, GOOD, key)
    api.fits("the same again", "/deploy", "POST", "/deploy", 202, GOOD, key)
    api.fits("another body", "/deploy", "POST", "/deploy", 409, {**GOOD, "userId": "u2"}, key)
    until = time.time() + 60
    while time.time() < until:
        found = api.fits("a job", "/status/{id}", "GET", f"/status/{job}", 200)
        if found["status"] in ("COMPLETED", "FAILED"):
            break
        time.sleep(0.3)
    check("the job completed", found["status"] == "COMPLETED", found)
    api.fits("no such job", "/status/{id}", "GET", "/status/none", 404)
    page = api.fits("a page", "/jobs/{id}", "GET", "/jobs/u1?limit=1", 200)
    api.fits("the next", "/jobs/{id}", "GET", f"/jobs/u1?limit=1&cursor={page['cursor']}", 200)
    api.fits("by status", "/jobs/{id}", "GET", "/jobs/u1?status=COMPLETED", 200)
    api.fits("nobody's", "/jobs/{id}", "GET", "/jobs/nobody", 200)
    api.fits("a final job", "/jobs/{id}", "DELETE", f"/jobs/{job}", 409)
    api.fits("no such job", "/jobs/{id}", "DELETE", "/jobs/none", 404)
    slow = api.fits("a slow one", "/deploy", "POST", "/deploy", 202,
                    {**GOOD, "metadata": {"simulate": {"stepSeconds": 30}}})
    api.fits("is cancelled", "/jobs/{id}", "DELETE", f"/jobs/{slow['jobId']}?reason=enough", 200)
    api.fits("and says so", "/status/{id}", "GET", f"/status/{slow['jobId']}", 200)
    failing = api.fits("a failing one", "/deploy", "POST", "/deploy", 202,
                       {**GOOD, "metadata": {"simulate": {"exitCode": 3, "atStep": "BUILDING"}}})
    until = time.time() + 60
    while time.time() < until:
        if api.fits("a failed job", "/status/{id}", "GET", f"/status/{failing['jobId']}", 200)["status"] == "FAILED":
            break
        time.sleep(0.3)
    api.fits("the checks", "/test-connection", "POST", "/test-connection", 200)
    api.fits("alive", "/healthz", "GET", "/healthz", 200)
    api.fits("ready", "/readyz", "GET", "/readyz", 200)
    text = api.fits("numbers", "/metrics", "GET", "/metrics", 200)
    lines = [x for x in text.splitlines() if not x.startswith("#")]
    check("each number is one", all(float(x.rsplit(" ", 1)[1]) >= 0 for x in lines))
    names = [x.split("{")[0].split(" ")[0] for x in lines]
    typed = {x.split()[2] for x in text.splitlines() if x.startswith("# TYPE")}
    bare = {n for n in names if n not in typed and n.rsplit("_", 1)[0] not in typed}
    check("each has a type", not bare, bare)


def badly(api):
    for route, method, path in ALL:
        shown = path.replace("{id}", "x")
        needs = api.document["paths"][route][method.lower()].get("security") is None
        if needs:
            api.fits("no token", route, method, shown, 401, headers={"Authorization": ""})
            api.fits("a wrong token", route, method, shown, 401, headers={"Authorization": "Bearer wrong"})
        api.fits("an unknown parameter", route, method, shown + "?nothing=1", 400)
        api.fits("a large body", route, method, shown, 413, "x" * 300000)
        api.fits("a wrong method", route, "PATCH", shown, 405)
        api.fits("a broken escape", None, method, shown + "/%zz", 400)
    for body in ("", "{", "[]", "5", "null", {}, {"userId": 5, "productId": "p"}, {**GOOD, "jobId": "x"},
                 {**GOOD, "more": 1}, {**GOOD, "priority": "x"}, {**GOOD, "metadata": []}):
        api.fits("a bad body", "/deploy", "POST", "/deploy", 400, body)
    api.fits("not JSON", "/deploy", "POST", "/deploy", 415, "userId=u", {"Content-Type": "application/x-www-form-urlencoded"})
    for query in ("limit=0", "limit=x", "status=x", "cursor=x", "limit=1&limit=1"):
        api.fits("a bad query", "/jobs/{id}", "GET", "/jobs/u?" + query, 400)
    api.fits("no such route", None, "GET", "/none", 404)


def without_aws(api, want):
    api.fits("AWS", "/deploy", "POST", "/deploy", want, GOOD)
    api.fits("AWS", "/status/{id}", "GET", "/status/x", want)
    api.fits("AWS", "/jobs/{id}", "GET", "/jobs/x", want)
    api.fits("AWS", "/jobs/{id}", "DELETE", "/jobs/x", want)
    api.fits("AWS", "/test-connection", "POST", "/test-connection", 503)
    api.fits("AWS", "/readyz", "GET", "/readyz", 503)


cloud, line = start(environment(), "local", "--listen", "127.0.0.1:0", "--data", work + "/cloud")
lines = [line] + [cloud.stdout.readline().strip() for _ in range(4)]
aws = dict(x.removeprefix("export ").replace("'", "").replace('"', "").split("=", 1) for x in lines)
token = "0123456789abcdef0123456789abcdef"
server, host = serve(environment(**aws, MVPDASH_API_TOKEN=token), "--rate", "0", "--access-log", "none")
api = Api(host, token=token)
api.document = json.loads(api.ask("GET", "/openapi.json")[2])
try:
    validate(api.document)
    check("the document is valid OpenAPI 3.1", api.document["openapi"].startswith("3.1"))
except Exception as x:  # what it says is what counts
    check("the document is valid OpenAPI 3.1", False, x)
ALL = [(route, method.upper(), route) for route, how in api.document["paths"].items() for method in how]
api.fits("the document itself", "/openapi.json", "GET", "/openapi.json", 200)
well(api, environment(**aws))
badly(api)
check("it ends in order", stop(server) == 0)

server, host = serve(environment(**aws), "--rate", "1", "--access-log", "none")
for _ in range(8):
    limited = Api(host, api.document)
    if limited.ask("GET", "/status/x")[0] == 429:
        limited.fits("too many", "/status/{id}", "GET", "/status/x", 429)
        break
stop(server)

refusing = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
threading.Thread(target=refusing.serve_forever, daemon=True).start()
server, host = serve(environment(**{**aws, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{refusing.server_port}"}),
                     "--rate", "0", "--access-log", "none")
without_aws(Api(host, api.document), 502)
stop(server)
refusing.shutdown()

stop(cloud)
server, host = serve(environment(**aws), "--rate", "0", "--access-log", "none")
without_aws(Api(host, api.document), 503)
stop(server)

listed = {(route, method, status) for route, how in api.document["paths"].items()
          for method, operation in how.items() for status in operation["responses"]}
# No such route, and too many requests, are the same for each; the doctor tells of AWS by its checks.
spare = {x for x in listed if x[2] in ("404", "405", "429") or x[0::2] == ("/test-connection", "502")}
check("each answer that the document lists was met", not listed - met - spare, sorted(listed - met - spare))
print(f"# {count - failed} of {count}")
sys.exit(1 if failed else 0)
