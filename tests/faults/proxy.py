"""A proxy that makes calls to AWS fail as links and services do. Standard library only.

It stands between a program and any endpoint (the local cloud, moto): the program is told the proxy's
address as AWS_ENDPOINT_URL. The Host header goes on as it came, as it is part of the signature.

By hand: proxy.py --to 127.0.0.1:4599 [--listen PORT] [--percent 30] [--seed 7]
                  [--script PutItem=lost,AccessDeniedException,* ...]
In a script each call of the operation ("*": of any without one) takes the next step: a kind of kinds.py, "pass", or a last "*", which repeats the
step before it for ever.
"""

import argparse
import collections
import json
import random
import re
import socket
import struct
import threading
import time
from urllib.parse import parse_qs

import kinds

HANG_S = 45
CLOSED_S = 0.15


class Request:
    """One call: its head as bytes, its body, and what it asks for."""

    def __init__(self, head, body):
        self.raw, self.body = head + body, body
        lines = head.decode("latin-1").split("\r\n")
        self.path = lines[0].split(" ")[1]
        names = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if ":" in line)}
        if "x-amz-target" in names:
            self.op = names["x-amz-target"].rpartition(".")[2]
        elif b"Action=" in body:
            self.op = parse_qs(body.decode("latin-1")).get("Action", ["?"])[0]
        else:
            self.op = self.path.rpartition("/")[2]

    def doc(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    def jobs(self):
        return set(re.findall(rb"job_\d+_[0-9a-z]+", self.body))


class Plan:
    """Decides the fault of each call. Scripts come first, then chance; thread-safe."""

    def __init__(self, seed=0, percent=0, only=None, scripts=None, mix=kinds.RANDOM):
        self.lock = threading.Lock()
        self.random = random.Random(seed)
        self.percent, self.only, self.mix = percent, only, mix
        self.scripts = {op: list(steps) for op, steps in (scripts or {}).items()}

    def heal(self):
        self.set({})

    def set(self, scripts):
        """These scripts from now on, and no chance."""
        with self.lock:
            self.percent, self.scripts = 0, {op: list(steps) for op, steps in scripts.items()}

    def draw(self, request):
        with self.lock:
            steps = self.scripts.get(request.op) or self.scripts.get("*")
            if steps:
                if len(steps) == 2 and steps[1] == "*":
                    return None if steps[0] == "pass" else steps[0]
                step = steps.pop(0)
                return None if step == "pass" else step
            if self.only is not None and request.op not in self.only:
                return None
            if self.random.random() * 100 >= self.percent:
                return None
            if request.op == "PutEvents" and self.random.random() < 0.25:
                return self.random.choice(kinds.RANDOM_EVENTS)
            if request.op == "TransactWriteItems" and self.random.random() < 0.25:
                return self.random.choice(kinds.RANDOM_TRANSACT)
            return self.random.choice(self.mix)


def read_message(sock, rest, request):
    """One HTTP message off a connection: (head, body, what came after), or None at its end."""
    data = rest
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            return None
        data += more
    head, _, data = data.partition(b"\r\n\r\n")
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        body = b""
        while True:
            while b"\r\n" not in data:
                data += sock.recv(65536)
            size, _, data = data.partition(b"\r\n")
            n = int(size.split(b";")[0], 16)
            while len(data) < n + 2:
                data += sock.recv(65536)
            body, data = body + data[:n], data[n + 2:]
            if n == 0:
                break
        head = re.sub(rb"(?i)\r\ntransfer-encoding: chunked", b"", head) + b"\r\nContent-Length: %d" % len(body)
        return head + b"\r\n\r\n", body, data
    found = re.search(rb"\r\ncontent-length: *(\d+)", lower)
    n = int(found[1]) if found else 0
    if not request and not found:  # until the end
        while more := sock.recv(65536):
            data += more
        n = len(data)
    if request and b"\r\nexpect: 100-continue" in lower:
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    while len(data) < n:
        more = sock.recv(65536)
        if not more:
            return None
        data += more
    return head + b"\r\n\r\n", data[:n], data[n:]


def http_text(status, headers, body):
    words = {200: "OK", 302: "Found", 307: "Temporary Redirect", 400: "Bad Request", 403: "Forbidden", 500: "Error"}
    lines = [f"HTTP/1.1 {status} {words.get(status, 'Status')}"]
    lines += [f"{k}: {v}" for k, v in {**headers, "Content-Length": len(body)}.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Proxy:
    """`counts` says how often each fault was made; `accepted` how many events the service took for each job id,
    and `asked` how often each operation came. None of it is known to the program."""

    def __init__(self, to, plan, port=0):
        self.to, self.plan = to, plan
        self.counts, self.accepted, self.asked = (collections.Counter() for _ in range(3))
        self.lock = threading.Lock()
        self.stopped = False
        self.listener = self.open(port)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.accept_all, daemon=True).start()

    def open(self, port):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", port))
        s.listen(128)
        return s

    def accept_all(self):
        while not self.stopped:
            try:
                sock, _ = self.listener.accept()
            except OSError:  # closed for a moment: who comes now is refused
                self.listener.close()
                time.sleep(CLOSED_S)
                while not self.stopped:
                    try:
                        self.listener = self.open(self.port)
                        break
                    except OSError:
                        time.sleep(0.02)
                continue
            threading.Thread(target=self.connection, args=(sock,), daemon=True).start()

    def refuse_for_a_moment(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def stop(self):
        self.stopped = True
        self.refuse_for_a_moment()
        self.listener.close()

    def connection(self, sock):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        rest = b""
        try:
            while (message := read_message(sock, rest, True)) is not None:
                request, rest = Request(*message[:2]), message[2]
                kind = self.plan.draw(request)
                with self.lock:
                    self.asked[request.op] += 1
                    if kind:
                        self.counts[kind] += 1
                if not self.serve(sock, request, kind):
                    break
        except (OSError, ValueError):
            pass
        finally:
            sock.close()

    def forward(self, request):
        """A connection for each call, as a kept one may be closed by the service at any moment."""
        with socket.create_connection(self.to, timeout=60) as up:
            up.sendall(request.raw)
            message = read_message(up, b"", False)
        if message is None:
            raise OSError("the service went away")
        if request.op == "PutEvents" and message[0].split(b" ")[1] == b"200":
            self.note_events(request, message[1])
        return message[0], message[1]

    def note_events(self, request, body):
        asked = request.doc().get("Entries", [])
        for entry, result in zip(asked, json.loads(body).get("Entries", [])):
            if result.get("EventId"):
                job_id = json.loads(entry.get("Detail", "{}")).get("jobId")
                with self.lock:
                    self.accepted[job_id] += 1

    def serve(self, sock, request, kind):
        """One call and its fate; False ends the connection."""
        if kind is None or kind in kinds.SLOW:
            time.sleep(kinds.SLOW.get(kind, 0))
            head, body = self.forward(request)
            sock.sendall(head + body)
            return head.startswith(b"HTTP/1.1") and b"\r\nconnection: close" not in head.lower()
        if kind in kinds.ANSWERS:
            sock.sendall(http_text(*kinds.ANSWERS[kind]))
            return True
        if kind in kinds.CANCELLED:
            sock.sendall(http_text(*kinds.CANCELLED[kind](len(request.doc().get("TransactItems", [])))))
            return True
        if kind in kinds.LINK:
            if kind == "refused":
                self.refuse_for_a_moment()
            if kind != "cut":
                reset(sock)
            return False
        if kind == "hang":
            return self.hang(sock)
        if kind in kinds.PAGES:
            sock.sendall(http_text(200, {"Content-Type": kinds.JSON}, kinds.PAGES[kind](self.counts[kind])))
            return True
        if kind in kinds.WRONG_ITEM:
            sock.sendall(http_text(200, {"Content-Type": kinds.JSON}, kinds.WRONG_ITEM[kind]))
            return True
        return self.spoil(sock, request, kind, *self.forward(request))

    def spoil(self, sock, request, kind, head, body):
        """The service has done it; what the program hears of that is another matter."""
        if kind in kinds.UNREADABLE:
            n = len(request.doc().get("Entries", []))
            sock.sendall(http_text(200, {"Content-Type": kinds.JSON}, kinds.UNREADABLE[kind](n)))
            return True
        if kinds.TAKEN_BY_TEXT.get(kind):
            sock.sendall(http_text(*kinds.TAKEN_BY_TEXT[kind]))
            return True
        if kind == "slow-reply":
            time.sleep(0.3)
            whole = head + body
            for at in range(0, len(whole), max(1, len(whole) // 4)):
                sock.sendall(whole[at:at + max(1, len(whole) // 4)])
                time.sleep(0.05)
            return True
        if kind == "hang-after":
            return self.hang(sock)
        if kind == "reply-garbage":
            sock.sendall(b"\x16\x03\x01\x02 what is this\r\n\r\n")
        elif kind == "reply-cut":
            sock.sendall(head + body[:len(body) // 2])
        elif kind == "reply-head-cut":
            sock.sendall(head[:len(head) // 2])
        elif kind == "lost-reset":
            reset(sock)
        elif kind != "lost":
            raise SystemExit(f"proxy.py: no kind {kind}")
        return False

    def hang(self, sock):
        """Says nothing until the program gives up."""
        sock.settimeout(HANG_S)
        try:
            sock.recv(1)
        except OSError:
            pass
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", required=True)
    parser.add_argument("--listen", type=int, default=0)
    parser.add_argument("--percent", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--script", action="append", default=[])
    a = parser.parse_args()
    host, _, port = a.to.rpartition(":")
    scripts = {op: steps.split(",") for op, _, steps in (s.partition("=") for s in a.script)}
    proxy = Proxy((host, int(port)), Plan(a.seed, a.percent, scripts=scripts), a.listen)
    print(f"export AWS_ENDPOINT_URL={proxy.url}", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print(dict(proxy.counts))


if __name__ == "__main__":
    main()
