"""Requests whose end is in doubt, straight to `mvpdash serve` and through proxies of others before it.

usage: rest_smuggling.py PATH/TO/mvpdash [NGINX [HAPROXY]]     "" for one that is not here

nginx and HAProxy refuse or write anew most of what is in doubt; two more proxies (naive_proxy.py) pass all
of it on as it came, one of which believes Content-Length alone and one chunks.

Each row of the table (smuggling_rows.py) is raw bytes with a request of its own in them, the canary. A
proxy keeps its connections to mvpdash open and gives them to the next client, so that a canary that the
two see differently would be answered to somebody else. A proxy writes "via-" before the X-Request-Id of
each request that it sees. Of each row, straight and through every proxy:

- no canary is served that the proxy did not see, and straight none behind an end that is in doubt: neither
  in the access log nor in a reply (rows that are two good requests show that it would be seen);
- what the row's client and the next clients get is whole, and the next clients get their own replies;
- what comes of mvpdash is JSON with an X-Request-Id;
- straight, the status is one of the row's, and where the end was in doubt the connection is closed.

Every way has a mvpdash of its own; the ways are walked side by side.
"""
import json
import os
import pwd
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from naive_proxy import NaiveProxy  # noqa: E402
from smuggling_rows import HOST, rows  # noqa: E402

program = os.path.abspath(sys.argv[1])
nginx, haproxy = (sys.argv[2:] + ["", ""])[:2]
work = tempfile.mkdtemp(prefix="mvpdash-smuggling.")
NEXT = 2  # clients after each row
count = failed = 0
lock = threading.Lock()


def check(what, good, *detail):
    global count, failed
    with lock:
        count += 1
        failed += not good
        print(("ok " if good else "not ok ") + f"{count} - {what}")
        for line in detail if not good else ():
            print("#  ", str(line)[:2000])


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# ---- replies ----

class Reply:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    @property
    def id(self):
        return self.fields.get("x-request-id", "")

    def wrong(self):
        """Why it is no reply of mvpdash; None: it is one, or a proxy's own."""
        if not self.id:
            return None
        if "x-injected" in self.fields:
            return "a field that the client made"
        if self.fields.get("content-type", "").startswith("text/plain") and self.status == 200:
            return None  # /metrics
        if self.body and self.fields.get("content-type") != "application/json":
            return "not JSON: " + str(self.fields)
        try:
            return None if not self.body or isinstance(json.loads(self.body), dict) else "no object"
        except ValueError as e:
            return f"{e}: {self.body[:200]}"


def dechunk(data):
    """(body, rest), or None when it is not whole."""
    body = b""
    while True:
        size, found, data = data.partition(b"\r\n")
        if not found:
            return None
        n = int(size.split(b";")[0], 16)
        if len(data) < n + 2:
            return None
        if n == 0:
            return (body, data[2:]) if data[:2] == b"\r\n" else None
        body, data = body + data[:n], data[n + 2:]


def parse(data, head=False):
    """The replies in the bytes of a connection, and the bytes that are none. head: the first is one to HEAD."""
    found = []
    while data:
        top, end, rest = data.partition(b"\r\n\r\n")
        m = re.match(rb"HTTP/1\.[01] (\d{3})(?: [^\r\n]*)?(?:\r\n|$)", top)
        if not end or m is None:
            break
        fields = {k.strip().lower().decode(): v.strip().decode("latin-1") for k, _, v in
                  (line.partition(b":") for line in top.split(b"\r\n")[1:])}
        status = int(m[1])
        if "chunked" in fields.get("transfer-encoding", ""):
            whole = dechunk(rest)
            if whole is None:
                break
            body, data = whole
        elif status < 200 or status in (204, 304) or head and not found:
            body, data = b"", rest
        else:
            n = int(fields.get("content-length", len(rest)))
            if len(rest) < n:
                break
            body, data = rest[:n], rest[n:]
        if status >= 200:
            found.append(Reply(status, fields, body))
    return found, data


def talk(port, raw, until, wait_s, head=False):
    """Sends the bytes and reads until `until` replies are there and nothing follows, the end of the
    connection, or for wait_s: the bytes that came, and whether it was closed."""
    data, closed = b"", False
    with socket.create_connection(("127.0.0.1", port), timeout=60) as s:
        try:
            s.sendall(raw)
        except OSError:
            pass
        deadline = time.monotonic() + wait_s
        while not closed:
            enough = len(parse(data, head)[0]) >= until
            s.settimeout(max(0.01, deadline - time.monotonic() if not enough else 0.03))
            try:
                some = s.recv(65536)
            except TimeoutError:
                if enough or time.monotonic() >= deadline:
                    break
                continue
            except OSError:
                closed = True
                break
            closed = not some
            data += some
    return data, closed


# ---- the ways ----

def environment(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MVPDASH_"))}
    env.update(HOME=work, XDG_CONFIG_HOME=work + "/config", AWS_EC2_METADATA_DISABLED="true", MVP_STEP_SECONDS="0",
               **more)
    return env


started = []


def start(args, env=None, out=None):
    p = subprocess.Popen(args, env=env, stdout=out or subprocess.DEVNULL, stderr=subprocess.PIPE if out else None,
                         text=True)
    started.append(p)
    return p


def stop_all():
    for p in reversed(started):
        if p.poll() is None:
            p.send_signal(signal.SIGTERM)
    for p in reversed(started):
        try:
            p.wait(20)
        except subprocess.TimeoutExpired:
            check("it ends on SIGTERM", False, p.args)
            p.kill()


def listens(port, process):
    for _ in range(1200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.05)
    sys.exit(f"not ok nothing listens at {port}: {process.args}")


def nginx_conf(port, upstream, streams):
    user = f"user {pwd.getpwuid(os.getuid()).pw_name};" if os.getuid() == 0 else ""  # else its temporary folders are not its own
    return f"""
{user} daemon off; worker_processes 1; pid {work}/nginx-{port}.pid; error_log {work}/nginx-{port}.err;
events {{ worker_connections 256; }}
http {{
    access_log off; client_body_temp_path {work}/b-{port}; proxy_temp_path {work}/p-{port};
    fastcgi_temp_path {work}/f-{port}; uwsgi_temp_path {work}/u-{port}; scgi_temp_path {work}/s-{port};
    upstream mvpdash {{ server 127.0.0.1:{upstream}; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://mvpdash; proxy_http_version 1.1;
            proxy_set_header Connection ""; proxy_set_header Host $http_host;
            proxy_set_header X-Request-Id "via-$http_x_request_id";
            proxy_request_buffering {"off" if streams else "on"};
        }}
    }}
}}
"""


def haproxy_conf(port, upstream, lenient):
    option = f"option accept-{lenient}-http-request" if lenient else ""
    return f"""
defaults
    mode http
    timeout connect 5s
    timeout client 10s
    timeout server 10s
    http-reuse always
frontend f
    bind 127.0.0.1:{port}
    {option}
    http-request set-header X-Request-Id via-%[req.hdr(X-Request-Id)]
    default_backend b
backend b
    server mvpdash 127.0.0.1:{upstream}
"""


def haproxy_lenience():
    """The word of this release for what lets odd bytes through."""
    for word in ("unsafe-violations-in", "invalid"):
        conf = f"{work}/haproxy-{word}.conf"
        with open(conf, "w") as f:
            f.write(haproxy_conf(1, 2, word))
        if subprocess.run([haproxy, "-c", "-f", conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
            return word
    sys.exit("not ok HAProxy takes neither option")


class Way:
    """A mvpdash, and what is before it."""

    def __init__(self, name, cloud_env, proxy=None):
        self.name, self.straight, self.via = name, proxy is None, "" if proxy is None else "via-"
        tag = re.sub(r"\W", "-", name)
        self.log = f"{work}/{tag}.log"
        upstream = free_port()
        serve = start([program, "serve", "--listen", f"127.0.0.1:{upstream}", "--rate", "0", "--access-log", self.log],
                      dict(cloud_env, XDG_STATE_HOME=f"{work}/{tag}.state"))
        listens(upstream, serve)
        self.port = upstream
        self.rows = list(enumerate(rows))
        if proxy is not None and proxy[0] is NaiveProxy:
            self.port = NaiveProxy(upstream, proxy[1]).port
            # It cannot see the end of a body that is told by what it does not believe.
            other = b"chunked" if proxy[1] == "length" else b"content-length"
            own = b"content-length" if proxy[1] == "length" else b"chunked"
            self.rows = [(n, row) for n, row in self.rows if row.doubt and
                         (other not in row.raw.lower() or own in row.raw.lower())]
        elif proxy is not None:
            self.port = free_port()
            conf = f"{work}/{tag}.conf"
            with open(conf, "w") as f:
                f.write(proxy[0](self.port, upstream, proxy[1]))
            args = [haproxy, "-f", conf] if proxy[0] is haproxy_conf else [nginx, "-p", work, "-e", f"{work}/{tag}.err", "-c", conf]
            listens(self.port, start(args))

    def next_clients(self, n):
        """What is wrong with the replies of the clients after row n."""
        wrong = []
        for k in range(NEXT):
            own = f"next-{n}-{k}"
            raw = f"GET /status/{own} HTTP/1.1\r\nHost: {HOST}\r\nX-Request-Id: {own}\r\n\r\n".encode()
            data, _ = talk(self.port, raw, 1, 10)
            found, rest = parse(data)
            if [(r.status, r.id) for r in found] != [(404, self.via + own)] or rest or f"no job {own} in".encode() not in found[0].body:
                wrong.append((own, data))
        return wrong

    @staticmethod
    def wrong_straight(row, found, got, closed):
        if not got or got[0] not in row.status:
            yield f"status {got}, not one of {row.status}"
        if len(got) > row.replies or row.two and got[1:] != [404]:
            yield f"replies to {got}"
        if row.doubt and not closed:
            yield "the connection stays open"
        if any(not r.id for r in found):
            yield "a reply without X-Request-Id"

    def walk(self):
        try:
            self.walk_rows()
        except Exception as e:  # a thread's end is no check of its own
            check(f"{self.name}: the table is walked", False, repr(e))

    def walk_rows(self):
        for n, row in self.rows:
            what = f"{self.name}: {row.name}"
            # Straight, what is in doubt ends with the connection; a proxy may wait for more that never comes.
            until, wait_s = (99, 60) if self.straight and row.doubt else (row.replies, 60 if self.straight and not row.may else 0.3)
            data, closed = talk(self.port, row.bytes(n), until, wait_s, row.head)
            found, rest = parse(data, row.head)
            got = [r.status for r in found]
            wrong = [w for w in (r.wrong() for r in found) if w]
            # nginx answers a request without a version with a body alone; HEAD may be answered by a proxy.
            if rest and (self.straight or not row.head and not row.bare):
                wrong.append(f"bytes that are no reply: {rest[:200]}")
            if any(r.id == f"canary-{n:04d}" for r in found) and not (self.straight and row.replies == 2):
                wrong.append("the canary was answered")
            if self.straight:
                wrong += self.wrong_straight(row, found, got, closed)
            wrong += self.next_clients(n)
            check(what, not wrong, *wrong, row.bytes(n), data)

    def read_log(self):
        """After the end of mvpdash, which writes what is left."""
        with open(self.log, encoding="utf-8") as f:
            lines = [json.loads(line) for line in f]
        paths = [line.get("path", "") for line in lines]
        ids = [line.get("requestId", "") for line in lines]
        served = {int(m[1]) for m in (re.match(r"canary-(\d+)$", i) for i in ids) if m}
        seen = {int(m[1]) for m in (re.search(r"canary-(\d+)", p) for p in paths) if m}
        two = {n for n, row in self.rows if row.two}
        may = {n for n, row in self.rows if row.may} | two if self.straight else set()
        check(f"{self.name}: no canary was served", served <= may, *[rows[n].name for n in sorted(served - may)])
        if two:
            check(f"{self.name}: a good request behind a good one was", two <= seen, *[rows[n].name for n in sorted(two - seen)])
        want = [f"/status/next-{n}-{k}" for n, _ in self.rows for k in range(NEXT)]
        check(f"{self.name}: each next client was served once", all(paths.count(w) == 1 for w in want),
              [w for w in want if paths.count(w) != 1])


def main():
    cloud = start([program, "local", "--listen", "127.0.0.1:0", "--data", work + "/cloud"], environment(), subprocess.PIPE)
    more = dict(line.removeprefix("export ").split("=", 1) for line in
                (cloud.stdout.readline().strip() for _ in range(5)))
    env = environment(**{k: v.strip("'\"") for k, v in more.items()})
    ways = [Way("straight", env)]
    if nginx:
        ways += [Way("nginx", env, (nginx_conf, False)), Way("nginx, streaming", env, (nginx_conf, True))]
    if haproxy:
        ways += [Way("HAProxy", env, (haproxy_conf, None)), Way("HAProxy, lenient", env, (haproxy_conf, haproxy_lenience()))]
    ways += [Way(f"a proxy that believes {what}", env, (NaiveProxy, what)) for what in ("length", "chunks")]
    walks = [threading.Thread(target=way.walk) for way in ways]
    for t in walks:
        t.start()
    for t in walks:
        t.join()
    stop_all()
    for way in ways:
        way.read_log()


try:
    main()
finally:
    stop_all()
    subprocess.run(["rm", "-rf", work], check=False)
print(f"1..{count}")
missing = [name for name, path in (("nginx", nginx), ("HAProxy", haproxy)) if not path]
if missing and not failed:
    print("SKIP smuggling: not through " + " and ".join(missing) + ", not here (sh .ci/deps conformance)")
    sys.exit(3)
sys.exit(1 if failed else 0)
