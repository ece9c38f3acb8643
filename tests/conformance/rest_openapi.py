"""The REST API against its own schema, by independent validators.

usage: rest_openapi.py PATH/TO/mvpdash

GET /openapi.json must be a valid OpenAPI 3.1 document (openapi-spec-validator); then each route is
asked, well and badly, with AWS there, refusing and gone, and each reply must fit what the document says
of that operation and status (jsonschema, formats checked; header fields, too). What the document lists and
nothing here met is named. A body that the server takes must fit the schema of a deploy, and one that it
refuses must not.
"""
import http.client
import json
import os
import re
import signal
import socket
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
NAMED = re.compile(r"\{[^}]*\}")


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
            answer = self.resolved(operation["responses"].get(str(status)))
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
        if status in (429, 503) and not head.get("retry-after", "").isdigit():
            errors.append("no Retry-After")
        check(f"{method} {path} {status}: {what}", not errors, *errors, text[:500])
        self.tag = head.get("etag")
        try:
            return json.loads(text)
        except ValueError:
            return text.decode()

    def resolved(self, v):
        while v and "$ref" in v:
            at = self.document
            for part in v["$ref"].removeprefix("#/").split("/"):
                at = at[part]
            v = at
        return v

    def field_differences(self, answer, head):
        out = []
        for name, h in answer.get("headers", {}).items():
            h, value = self.resolved(h), head.get(name.lower())
            if value is None and h.get("required"):
                out.append(f"no {name}")
            elif value is not None:
                value = int(value) if h["schema"]["type"] == "integer" else value
                out += [f"{name}: {e.message}" for e in jsonschema.Draft202012Validator(h["schema"]).iter_errors(value)]
        return out

    def differences(self, answer, head, text):
        out = self.field_differences(answer, head)
        if "content" not in answer:
            return out + (["a body"] if text else [])
        (media, how), = answer["content"].items()
        if not head.get("content-type", "").startswith(media):
            return out + [f"Content-Type {head.get('content-type')}, not {media}"]
        if media != "application/json":
            return out
        schema = {**how["schema"], "components": self.document["components"]}
        v = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
        return out + [f"{'/'.join(map(str, e.path))}: {e.message}" for e in v.iter_errors(json.loads(text))]


def examples(document):
    """Each example fits the schema that it stands beside."""
    def walk(v, at):
        if isinstance(v, dict):
            if "example" in v and "schema" in v:
                yield at, v["schema"], v["example"]
            for k, x in v.items():
                yield from walk(x, f"{at}/{k}")
        elif isinstance(v, list):
            for i, x in enumerate(v):
                yield from walk(x, f"{at}/{i}")
    found = list(walk(document, ""))
    check("there are examples", len(found) > 5, found)
    for at, schema, example in found:
        errors = list(jsonschema.Draft202012Validator({**schema, "components": document["components"]}).iter_errors(example))
        check(f"the example at {at} fits", not errors, *errors)


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


def raw(api, what, route, method, bytes_, want):
    """What no client library sends."""
    with socket.create_connection(urlsplit("//" + api.host).netloc.rsplit(":", 1), timeout=60) as c:
        c.sendall(bytes_.replace(b"$H", b"Host: " + api.host.encode() + b"\r\nAuthorization: Bearer " + api.token.encode()))
        r = http.client.HTTPResponse(c)
        r.begin()
        text, head = r.read(), {k.lower(): v for k, v in r.getheaders()}
    errors = [] if r.status == want else [f"status {r.status}, not {want}"]
    answer = api.resolved(api.document["paths"][route][method.lower()]["responses"].get(str(r.status)))
    if answer is None:
        errors.append(f"{r.status} is not in the document")
    else:
        met.add((route, method.lower(), str(r.status)))
        errors += api.differences(answer, head, text)
    check(f"{method} {route} {r.status}: {what}", not errors, *errors, text[:500])


def malformed(api):
    """On each route what ends the connection."""
    for route, method, path in ALL:
        line = f"{method} {NAMED.sub('x', path)}".encode()
        raw(api, "a long target", route, method, line + b"?" + b"x" * 9000 + b" HTTP/1.1\r\n$H\r\n\r\n", 414)
        raw(api, "large fields", route, method, line + b" HTTP/1.1\r\n$H\r\nX: " + b"x" * 40000 + b"\r\n\r\n", 431)
        raw(api, "an expectation", route, method, line + b" HTTP/1.1\r\n$H\r\nExpect: x\r\n\r\n", 417)
        raw(api, "a coding", route, method, line + b" HTTP/1.1\r\n$H\r\nTransfer-Encoding: gzip\r\n\r\n", 501)
        raw(api, "a version", route, method, line + b" HTTP/2.0\r\n$H\r\n\r\n", 505)
        api.fits("compressed", route, method, NAMED.sub("x", path), 415, {} if method == "POST" else None,
                 {"Content-Encoding": "br"})


# Bodies of a deploy, each with whether it is right. The server and the schema must both say so.
P = {"userId": "u", "productId": "p"}
BODIES = [
    (P, True), ({**P, "priority": "HiGh"}, True), ({**P, "priority": None, "founderdashDbUrl": None}, True),
    ({**P, "userId": "x" * 128}, True), ({**P, "userId": "x" * 129}, False), ({**P, "userId": ""}, False),
    ({**P, "userId": " u"}, False), ({**P, "productId": "p\n "}, False), ({**P, "userId": "ü"}, False),
    ({**P, "productId": None}, False), ({"userId": "u"}, False), ({**P, "priority": "highest"}, False),
    ({**P, "priority": ""}, False), ({**P, "businessName": "x"}, False), ({**P, "jobId": "x"}, False),
    ({**P, "metadata": None}, False), ({**P, "metadata": {"businessName": None, "features": None}}, True),
    ({**P, "founderdashDbUrl": "a+b://" + "é" * 2042}, True), ({**P, "founderdashDbUrl": "a+b://" + "é" * 2043}, False),
    ({**P, "founderdashDbUrl": "://x"}, False), ({**P, "founderdashDbUrl": "a://b c"}, False),
] + [({**P, "metadata": m}, good) for m, good in [
    ({"businessName": "Ж" * 200}, True), ({"businessName": "Ж" * 201}, False), ({"businessName": " \u00a0\u3000"}, False),
    ({"businessName": " x "}, True), ({"businessName": "a\u202eb"}, False), ({"businessName": "a\u0085"}, False),
    ({"businessName": "a\U000e0041"}, False), ({"businessName": "a\U000e0080\U0001f600"}, True),
    ({"businessName": "a\ufeff"}, False), ({"businessName": ""}, False), ({"businessName": 5}, False),
    ({"estimatedDuration": 60}, True), ({"estimatedDuration": 59}, False), ({"estimatedDuration": 1209600.0}, True),
    ({"estimatedDuration": 1209601}, False), ({"estimatedDuration": 60.5}, False), ({"estimatedDuration": "60"}, False),
    ({"features": []}, True), ({"features": ["a"] * 50}, True), ({"features": ["a"] * 51}, False),
    ({"features": ["é" * 100]}, True), ({"features": ["é" * 101]}, False), ({"features": ["a", ""]}, False),
    ({"features": ["a", 1]}, False), ({"features": "a"}, False),
    ({"userEmail": "a@b.c"}, True), ({"userEmail": "a@b"}, False), ({"userEmail": "ä.b+c@bücher.example"}, True),
    ({"userEmail": "a..b@c.de"}, False), ({"userEmail": ".a@c.de"}, False), ({"userEmail": "a.@c.de"}, False),
    ({"userEmail": "é" * 64 + "@c.de"}, True), ({"userEmail": "é" * 65 + "@c.de"}, False),
    ({"userEmail": "a@" + "é" * 63 + ".de"}, True), ({"userEmail": "a@" + "é" * 64 + ".de"}, False),
    ({"userEmail": "a@-b.de"}, False), ({"userEmail": "a@b-.de"}, False), ({"userEmail": "a@b_c.de"}, False),
    ({"userEmail": "a[b@c.de"}, False), ({"userEmail": "a@b.de."}, False), ({"userEmail": "a@c@b.de"}, False),
    ({"retryOf": "x" * 2048}, True), ({"retryOf": "x" * 2049}, False), ({"retryOf": "\u0000"}, False),
    ({"any": [None, True, 0, -1.5, 1e-130, -9.9e125, "\u0007", {"k": {"k": []}}]}, True),
    ({"any": 1e126}, False), ({"any": [1e-131]}, False), ({"": 1}, False), ({"any": {"": 1}}, False),
    ({"any": "a\u0000"}, False), ({"a\u0000": 1}, False), ({str(i): i for i in range(1000)}, True),
    ({str(i): i for i in range(1001)}, False), ({"any": [0] * 1000}, True), ({"any": [0] * 1001}, False),
    ({"simulate": {"exitCode": 255}}, True), ({"simulate": {"exitCode": 256}}, False), ({"simulate": {"exitCode": "07"}}, True),
    ({"simulate": {"exitCode": "256"}}, False), ({"simulate": {"exitCode": 1.5}}, False), ({"simulate": "x"}, True),
    ({"simulate": {"exitCode": -0.0}}, True), ({"simulate": {"exitCode": []}}, False),
]]


def agreement(api):
    """The schema of a deploy and the server say the same of each body."""
    v = jsonschema.Draft202012Validator({"$ref": "#/components/schemas/Deploy", "components": api.document["components"]})
    for body, good in BODIES:
        status, _, text = api.ask("POST", "/deploy", body)
        check(f"{str(body)[:100]} is {'right' if good else 'wrong'}", v.is_valid(body) == good and status == (202 if good else 400),
              f"the schema takes it: {v.is_valid(body)}; the server: {status}", text[:500])
        if not good and status == 400:
            fields = json.loads(text)["error"].get("fields", [{}])
            if "\\u0000" in json.dumps(body):
                continue  # no JSON here at all, whatever field it is in
            schema_at = {str(p) for e in v.iter_errors(body) for p in list(e.absolute_path)[:2]} - {"metadata"}
            named = " ".join(f.get("field", "") for f in fields)
            check("  and the field is named", all(p in named for p in schema_at), fields, schema_at)


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
        found = api.fits("a job", "/status/{jobId}", "GET", f"/status/{job}", 200)
        if found["status"] in ("COMPLETED", "FAILED"):
            break
        time.sleep(0.3)
    check("the job completed", found["status"] == "COMPLETED", found)
    api.fits("no such job", "/status/{jobId}", "GET", "/status/none", 404)
    for route, path in (("/status/{jobId}", f"/status/{job}"), ("/jobs/{userId}", "/jobs/nobody"),
                        ("/openapi.json", "/openapi.json")):
        api.fits("with a tag", route, "GET", path, 200)
        api.fits("unchanged", route, "GET", path, 304, headers={"If-None-Match": f'"x", {api.tag}'})
    api.fits("no user", "/jobs/{userId}", "GET", "/jobs/", 404)
    page = api.fits("a page", "/jobs/{userId}", "GET", "/jobs/u1?limit=1", 200)
    api.fits("the next", "/jobs/{userId}", "GET", f"/jobs/u1?limit=1&cursor={page['cursor']}", 200)
    api.fits("by status", "/jobs/{userId}", "GET", "/jobs/u1?status=COMPLETED", 200)
    api.fits("nobody's", "/jobs/{userId}", "GET", "/jobs/nobody", 200)
    api.fits("a final job", "/jobs/{userId}", "DELETE", f"/jobs/{job}", 409)
    api.fits("no such job", "/jobs/{userId}", "DELETE", "/jobs/none", 404)
    slow = api.fits("a slow one", "/deploy", "POST", "/deploy", 202,
                    {**GOOD, "metadata": {"simulate": {"stepSeconds": 30}}})
    api.fits("is cancelled", "/jobs/{userId}", "DELETE", f"/jobs/{slow['jobId']}?reason=enough", 200)
    api.fits("and says so", "/status/{jobId}", "GET", f"/status/{slow['jobId']}", 200)
    failing = api.fits("a failing one", "/deploy", "POST", "/deploy", 202,
                       {**GOOD, "metadata": {"simulate": {"exitCode": 3, "atStep": "BUILDING"}}})
    until = time.time() + 60
    while time.time() < until:
        if api.fits("a failed job", "/status/{jobId}", "GET", f"/status/{failing['jobId']}", 200)["status"] == "FAILED":
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
        shown = NAMED.sub("x", path)
        needs = api.document["paths"][route][method.lower()].get("security") is None
        if needs:
            api.fits("no token", route, method, shown, 401, headers={"Authorization": ""})
            api.fits("a wrong token", route, method, shown, 401, headers={"Authorization": "Bearer wrong"})
        # Probes and scrapers add parameters of their own: these routes take any.
        any_query = route in ("/healthz", "/readyz", "/metrics")
        api.fits("an unknown parameter", route, method, shown + "?nothing=1", 200 if any_query else 400)
        if any_query:
            api.fits("a body", route, method, shown, 400, "x")
        api.fits("a large body", route, method, shown, 413, "x" * 300000)
        api.fits("a wrong method", route, "PATCH", shown, 405)
        api.fits("a broken escape", None, method, shown + "/%zz", 400)
    for body in ("", "{", "[]", "5", "null", {}, {"userId": 5, "productId": "p"}, {**GOOD, "jobId": "x"},
                 {**GOOD, "more": 1}, {**GOOD, "priority": "x"}, {**GOOD, "metadata": []}):
        api.fits("a bad body", "/deploy", "POST", "/deploy", 400, body)
    api.fits("not JSON", "/deploy", "POST", "/deploy", 415, "userId=u", {"Content-Type": "application/x-www-form-urlencoded"})
    for query in ("limit=0", "limit=x", "status=x", "cursor=x", "limit=1&limit=1"):
        api.fits("a bad query", "/jobs/{userId}", "GET", "/jobs/u?" + query, 400)
    api.fits("no such route", None, "GET", "/none", 404)


def without_aws(api, want):
    api.fits("AWS", "/deploy", "POST", "/deploy", want, GOOD)
    api.fits("AWS", "/status/{jobId}", "GET", "/status/x", want)
    api.fits("AWS", "/jobs/{userId}", "GET", "/jobs/x", want)
    api.fits("AWS", "/jobs/{userId}", "DELETE", "/jobs/x", want)
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
examples(api.document)
well(api, environment(**aws))
badly(api)
malformed(api)
agreement(api)
check("it ends in order", stop(server) == 0)

server, host = serve(environment(**aws), "--rate", "1", "--access-log", "none")
limits = json.loads(Api(host).ask("GET", "/openapi.json")[2])
for _ in range(8):
    limited = Api(host, limits)
    if limited.ask("GET", "/status/x")[0] == 429:
        limited.fits("too many", "/status/{jobId}", "GET", "/status/x", 429)
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

server, host = serve(environment(), "--read-only", "--rate", "0", "--access-log", "none")
reader = Api(host)
reader.document = json.loads(reader.ask("GET", "/openapi.json")[2])
validate(reader.document)
there = {(route, method) for route, how in reader.document["paths"].items() for method in how}
check("a read-only server's document has no writes", not there & {("/deploy", "post"), ("/jobs/{userId}", "delete")}, there)
check("and the server none", reader.ask("POST", "/deploy", GOOD)[0] == 405 and reader.ask("DELETE", "/jobs/x")[0] == 405)
check("without tokens it asks for none", "security" not in reader.document and
      not any("401" in o["responses"] for how in reader.document["paths"].values() for o in how.values()))
reader.fits("a web page", "/status/{jobId}", "GET", "/status/x", 403, headers={"Sec-Fetch-Site": "cross-site"})
stop(server)

listed = {(route, method, status) for route, how in api.document["paths"].items()
          for method, operation in how.items() for status in operation["responses"]}
# Another method, a client that is too slow and one that asks too often are the same for each; a server
# that has no room is tests/local's; the doctor tells of AWS by its checks.
spare = {x for x in listed if x[2] in ("405", "408", "429") or x[0::2] == ("/test-connection", "502")
         or x[0::2] in (("/openapi.json", "503"), ("/metrics", "503"))}
check("each answer that the document lists was met", not listed - met - spare, sorted(listed - met - spare))
print(f"# {count - failed} of {count}")
sys.exit(1 if failed else 0)
