"""The table of rest_smuggling.py: every known way to make two servers see the end of a request differently.

A row is bytes with a canary in them: a request that is hidden where one of the two could take it for the
next. REFUSED rows leave the end in doubt (RFC 9112, 6.3 and 11.2) or are no HTTP: nothing behind them may
be served. The others are well formed, though seldom seen.
"""
HOST = "127.0.0.1"
REFUSED = (400, 501, 505)
JOB = b'{"userId":"u","productId":"p"}'
JSON = "Content-Type: application/json"
rows = []


class Row:
    def __init__(self, name, raw, status, doubt, two, may, head):
        self.name, self.raw, self.status, self.doubt, self.two, self.may, self.head = name, raw, status, doubt, two, may, head
        self.replies = 2 if two or may else 1
        self.bare = b"HTTP/" not in raw.split(b"\r\n")[0]

    def bytes(self, n):
        return self.raw.replace(b"{N}", b"%04d" % n)


CANARY = f"GET /status/canary-{{N}} HTTP/1.1\r\nHost: {HOST}\r\nX-Request-Id: canary-{{N}}\r\n\r\n".encode()
CANARY_LEN = len(CANARY) + 2  # two {N} are four digits in the end
assert len(CANARY.replace(b"{N}", b"0000")) == CANARY_LEN


def row(name, start, fields=(), body=b"", status=REFUSED, doubt=None, two=False, may=False, head=False):
    """`start`: the request line; fields: of latin-1, "{n}" is the length of the body and "{c}" of the
    canary in it; status: what it may be, straight. two: the canary is a good request of its own behind a
    good one; may: it may be taken for one."""
    n = len(body) + CANARY_LEN - len(CANARY) if CANARY in body else len(body)
    lines = [f.replace("{n}", str(n)).replace("{c}", str(CANARY_LEN)) for f in (start, *fields)]
    raw = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
    rows.append(Row(name, raw, status, status == REFUSED if doubt is None else doubt, two, may, head))


def post(name, fields, body=b"0\r\n\r\n" + CANARY, **more):
    row(name, "POST /deploy HTTP/1.1", [f"Host: {HOST}", JSON, *fields], body, **more)


def get(name, fields, body=CANARY, **more):
    row(name, "GET /status/row-{N} HTTP/1.1", [f"Host: {HOST}", *fields], body, **more)


def line(name, start, **more):
    row(name, start, [f"Host: {HOST}"], CANARY, **more)


def chunks(name, body, fields=(), **more):
    post("chunks: " + name, ["Transfer-Encoding: chunked", *fields], body, **more)


CHUNK = b"1e\r\n" + JOB + b"\r\n"
HIDDEN = b"%x\r\n" % CANARY_LEN + CANARY + b"\r\n0\r\n\r\n"  # the canary as a chunk
CHUNKED = "Transfer-Encoding: chunked"

# ---- both lengths ----
post("CL.TE", ["Content-Length: {n}", CHUNKED])
post("TE.CL", ["Content-Length: 4", CHUNKED], HIDDEN)
post("TE.CL, the length behind", [CHUNKED, "Content-Length: 4"], HIDDEN)
post("CL.TE, small letters", ["content-length: {n}", "transfer-encoding: chunked"])
post("CL.TE, with CONNECTION naming the one", ["Content-Length: {n}", CHUNKED, "Connection: Transfer-Encoding"])
post("CL.TE, HTTP/1.0 within", ["Content-Length: {n}", CHUNKED, "Connection: keep-alive, Content-Length"])

# ---- Transfer-Encoding that one of two may not know ----
for te in ("xchunked", "chunked, identity", "identity, chunked", "chunked, chunked", "identity", "gzip, chunked",
           '"chunked"', "'chunked'", "chunked;q=1", "chunked, x", ", chunked,;", "chunk", "chunked x", "\x0bchunked", "\x0cchunked",
           "chun\0ked", "chunked\0", "ch\xfcnked", "x, chunked", "chunked\x7f", "\xa0chunked", ""):
    post(f"Transfer-Encoding: {te!r}, and a length", ["Content-Length: {n}", "Transfer-Encoding: " + te])
for te in ("xchunked", "identity", "chunked, identity", "chunked, chunked", "chunked;x", "\x0bchunked", "chunked\0"):
    post(f"Transfer-Encoding: {te!r}, alone", ["Transfer-Encoding: " + te])
for bad in ("Transfer-Encoding : chunked", "Transfer-Encoding\t: chunked", "Transfer-Encoding\0: chunked",
            " Transfer-Encoding: chunked", "\tTransfer-Encoding: chunked", "Transfer-Encoding\n: chunked",
            "Transfer-Encoding:\r\n chunked", "Transfer-Encoding:\n chunked", "X-A: a\nTransfer-Encoding: chunked",
            "X-A: a\rTransfer-Encoding: chunked", "X-A: a\r\r\nTransfer-Encoding: chunked", "Transfer-Encoding chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: x\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding:chunked\rX: y", "\0Transfer-Encoding: chunked", "\xefTransfer-Encoding: chunked"):
    post(f"{bad!r}, and a length", ["Content-Length: {n}", bad])
post("a name that is like Transfer-Encoding", ["Content-Length: {n}", "Transfer_Encoding: chunked"], status=(400,), doubt=False)
post("a name that is like Content-Length", ["Content_Length: 0", "Content-Length: {n}"], CANARY, status=(400,), doubt=False)

# ---- Content-Length ----
post("two lengths, the first is right", ["Content-Length: {n}", "Content-Length: 0"], CANARY)
post("two lengths, the second is right", ["Content-Length: 0", "Content-Length: {n}"], CANARY)
post("a list of lengths", ["Content-Length: {n}, 0"], CANARY)
post("a list of lengths with a hole", ["Content-Length: ,{n}"], CANARY)
for bad in ("+{n}", "-{n}", "-0", "0x50", "{n} 0", "0 {n}", "{n};", "{n}.0", "1e2", "18446744073709551616", "18446744073709551617",
            "9223372036854775808", "4294967296000000000000", "{n}\0", "\0{n}", "{n}\x0b", "\x0c{n}", "", "\xb2", "{n}a", "'{n}'", "0_0"):
    post(f"Content-Length: {bad!r}", ["Content-Length: " + bad], CANARY,
         status=(*REFUSED, 413), doubt=True)
for bad in ("Content-Length : {n}", "Content-Length\t: {n}", "Content-Length:\r\n {n}", " Content-Length: {n}",
            "X-A: a\nContent-Length: {n}", "Content-Length: 0\nContent-Length: {n}", "Content-Length:{n}\rX: y", "Content-Length\0: {n}"):
    post(f"{bad!r}", [bad], CANARY)
post("a length with blanks about it", ["Content-Length: \t {n}\t "], CANARY, status=(400,), doubt=False)
post("a length with zeros before it", ["Content-Length: 00000{n}"], CANARY, status=(400,), doubt=False, may=True)
post("a length over the limit", ["Content-Length: 1000000000"], CANARY, status=(413,), doubt=False)

# ---- chunks ----
for size in ("0x1e", "+1e", "-1e", " 1e", "1e ", "1e\t", "\t1e", "1e_", "1e,", "g", "", "1e\0", "\xb2", "1e x", "100000000000001e",
             "1000000000000001e", "10000000000000000000000000000001e", "-1", "0" * 5000 + "1e"):
    chunks(f"size {size[:20]!r}", size.encode("latin-1") + b"\r\n" + JOB + b"\r\n0\r\n\r\n" + CANARY,
           status=(*REFUSED, 413, 431), doubt=True)
chunks("LF behind the size", b"1e\n" + JOB + b"\r\n0\r\n\r\n" + CANARY)
chunks("CR behind the size", b"1e\r" + JOB + b"\r\n0\r\n\r\n" + CANARY)
chunks("CR CR LF behind the size", b"1e\r\r\n" + JOB + b"\r\n0\r\n\r\n" + CANARY)
chunks("LF behind the data", b"1e\r\n" + JOB + b"\n0\r\n\r\n" + CANARY)
chunks("nothing behind the data", b"1e\r\n" + JOB + b"0\r\n\r\n" + CANARY)
chunks("two bytes behind the data", b"1e\r\n" + JOB + b"XX0\r\n\r\n" + CANARY)
chunks("LF in an extension", b"1e;a\nb\r\n" + JOB + b"\r\n0\r\n\r\n" + CANARY)
chunks("LF ends an extension", b"1e;a\n" + JOB + b"\r\n0\r\n\r\n" + CANARY)
chunks("CR in an extension", b"1e;a\rb\r\n" + JOB + b"\r\n0\r\n\r\n" + CANARY)
chunks("NUL in an extension", b"1e;a\0b\r\n" + JOB + b"\r\n0\r\n\r\n" + CANARY)
chunks("a line's end within quotes of an extension", b'1e;a="\r\n' + JOB + b'\r\n0\r\n\r\n' + CANARY, status=(400, 202), doubt=False, may=True)
chunks("LF ends the last chunk", CHUNK + b"0\n\n" + CANARY)
chunks("LF ends the trailers", CHUNK + b"0\r\n\n" + CANARY)
chunks("LF ends a trailer", CHUNK + b"0\r\nA: b\n\r\n" + CANARY)
chunks("CR in a trailer", CHUNK + b"0\r\nA: b\rc\r\n\r\n" + CANARY)
chunks("a blank before the colon of a trailer", CHUNK + b"0\r\nA : b\r\n\r\n" + CANARY)
chunks("a trailer without a colon", CHUNK + b"0\r\nGET / HTTP/1.1\r\n\r\n" + CANARY)
chunks("NUL in a trailer", CHUNK + b"0\r\nA: \0\r\n\r\n" + CANARY)
chunks("a folded trailer", CHUNK + b"0\r\nA: b\r\n c\r\n\r\n" + CANARY)
for trailer in (b"Content-Length: 100", b"Transfer-Encoding: chunked", b"Host: evil.example", b"Content-Length: 0", b"Authorization: x"):
    chunks(f"the trailer {trailer.decode()}", CHUNK + b"0\r\n" + trailer + b"\r\n\r\n" + CANARY,
           ["Trailer: " + trailer.split(b":")[0].decode()], status=(202, 400), doubt=False, may=True)
chunks("an extension that is long", b"1e;a=" + b"b" * 60000 + b"\r\n" + JOB + b"\r\n0\r\n\r\n" + CANARY,
       status=(202, 400, 413, 431), doubt=False, may=True)
chunks("the canary in a chunk", HIDDEN, status=(400,), doubt=False)

# ---- lines and fields ----
for bad in ("X-A: a\r\n b", "X-A: a\r\n\tb", "X-A:\r\n b", "X-A: a\0b", "X-A: a\rb", "X-A: a\nb", "X-A : b", "X-A", "X A: b", ": b", "X\0A: b",
            "X\xffA: b", "(X): b", "X-A\r: b", "X-A: b\x01", "X-A: b\x7f", "Host: 127.0.0.1", "Host: evil.example", "X-A: a\n\r\n", "\r: b", "X@A: b"):
    get(f"{bad!r}", [bad])
row("a blank before the first field", "GET /status/row HTTP/1.1", [" X: a", f"Host: {HOST}"], CANARY)
row("a tab before the first field", "GET /status/row HTTP/1.1", ["\tX: a", f"Host: {HOST}"], CANARY)
row("no Host", "GET /status/row HTTP/1.1", ["X-A: b"], CANARY)
for bad in ("a b", "a,b", "127.0.0.1:x", "127.0.0.1/x", "u@127.0.0.1", "127.0.0.1\t127.0.0.1", "[::1", "127.0.0.1:99999"):
    row(f"Host: {bad!r}", "GET /status/row HTTP/1.1", ["Host: " + bad], CANARY, status=(*REFUSED, 403), doubt=False, may=True)
row("LF ends each line", "GET /status/row HTTP/1.1\nHost: 127.0.0.1\n\n" + CANARY.decode(), [], b"", doubt=True)
row("LF ends the head", "GET /status/row HTTP/1.1\r\nHost: 127.0.0.1\n\n" + CANARY.decode(), [], b"", doubt=True)

# ---- the request line ----
T = "/status/row-{N}"
for bad in (f"GET\t{T}\tHTTP/1.1", f"GET  {T} HTTP/1.1", f"GET {T}  HTTP/1.1", f" GET {T} HTTP/1.1", f"GET {T} HTTP/1.1 ", f"GET {T} HTTP/1.10",
            f"GET {T} HTTP/01.1", f"GET {T} HTTP/1.1x", f"GET {T} http/1.1", f"GET {T} HTTP/2.0", f"GET {T} HTTP/0.9", f"GET {T} HTTP/1", f"GET {T}",
            f"GET {T} HTTP/1.1\t", f"GET {T}\x0b HTTP/1.1", f"GET {T}\0 HTTP/1.1", f"GET {T}\rX HTTP/1.1", f"G\0T {T} HTTP/1.1", f"G(T {T} HTTP/1.1",
            f"GET {T} x HTTP/1.1", f"GET {T} HTTP/1.1\rX: y", f"\0GET {T} HTTP/1.1", f"GET {T}#f HTTP/1.1", f"GET {T}\xff HTTP/1.1",
            "GET HTTP/1.1", "PRI * HTTP/2.0", f"GET {T} HTTP/+1.1", f"GET {T} HTTP/1.-1", f"GET {T} ICY/1.1"):
    line(f"{bad!r}", bad, status=(*REFUSED, 404) if "#" in bad else REFUSED, doubt="#" not in bad, may="#" in bad)
line("a target without its slash", "GET status/row HTTP/1.1", status=(400,), doubt=False, may=True)
line("CONNECT", "CONNECT 127.0.0.1:1 HTTP/1.1", status=(400, 404, 405, 501), doubt=False, may=True)
line("a method that nobody knows", f"SMUGGLE {T} HTTP/1.1", status=(400, 404, 405, 501), doubt=False, may=True)
line("a method in small letters", f"get {T} HTTP/1.1", status=(400, 404, 405, 501), doubt=False, may=True)
line("absolute form of another host", f"GET http://evil.example{T} HTTP/1.1", status=(400, 403, 421), doubt=False, may=True)
row("absolute form, and another Host", f"GET http://{HOST}{T} HTTP/1.1", ["Host: evil.example"], CANARY, status=(400, 403, 404), doubt=False, may=True)
line("absolute form with a user", f"GET http://u@{HOST}{T} HTTP/1.1", status=(400, 403, 404), doubt=False, may=True)
line("a line's end in the target, encoded", "GET /status/a%0d%0aX-Injected:%20b HTTP/1.1", status=(400, 404), doubt=False, may=True)

# ---- versions ----
row("HTTP/1.0 with chunks", "POST /deploy HTTP/1.0", [f"Host: {HOST}", JSON, CHUNKED, "Connection: keep-alive"], b"0\r\n\r\n" + CANARY)
row("HTTP/1.0 with both lengths", "POST /deploy HTTP/1.0", [f"Host: {HOST}", JSON, CHUNKED, "Content-Length: {n}"], b"0\r\n\r\n" + CANARY)
row("HTTP/1.0 and a body that no length tells", "POST /deploy HTTP/1.0", [f"Host: {HOST}", JSON], CANARY, status=(400, 411), doubt=False)
row("HTTP/1.0", f"GET {T} HTTP/1.0", [f"Host: {HOST}"], CANARY, status=(404,), doubt=True)

# ---- bodies where none is looked for (CL.0, TE.0) ----
for method, target, status in (("GET", T, (404,)), ("HEAD", T, (404,)), ("DELETE", "/jobs/row-{N}", (404, 409)), ("POST", "/healthz", (405,)),
                               ("POST", "/nothing", (404,)), ("OPTIONS", "/deploy", (204, 403, 405)), ("GET", "/healthz", (200,)),
                               ("GET", "/openapi.json", (200,)), ("GET", "/metrics", (200,)), ("PUT", "/deploy", (405,))):
    for name, fields, body in (("CL.0", ["Content-Length: {n}"], CANARY), ("TE.0", [CHUNKED], HIDDEN)):
        row(f"{name} {method} {target.split('{')[0]}", f"{method} {target} HTTP/1.1", [f"Host: {HOST}", *fields], body,
            status=(*status, 400, 413), doubt=False, head=method == "HEAD")
get("a body without a length", [], CANARY, status=(404,), doubt=False, two=True)

# ---- Expect ----
post("Expect: 100-continue and the body at once", ["Expect: 100-continue", "Content-Length: {n}"], CANARY, status=(400, 413), doubt=False)
post("Expect: 100-continue and chunks", ["Expect: 100-continue", CHUNKED], HIDDEN, status=(400,), doubt=False)
post("Expect twice", ["Expect: 100-continue", "Expect: 100-continue", "Content-Length: {n}"], CANARY, status=(400, 417), doubt=False)
post("Expect: something else", ["Expect: y 100-continue", "Content-Length: {n}"], CANARY, status=(400, 417), doubt=False)
post("Expect: 100-continue, something else", ["Expect: 100-continue, x", "Content-Length: {n}"], CANARY, status=(400, 417), doubt=False)
get("Expect on a GET", ["Expect: 100-continue", "Content-Length: {n}"], CANARY, status=(404, 400, 417), doubt=False)
get("Expect on a GET without a body", ["Expect: 100-continue"], status=(404, 400, 417), doubt=False, may=True)
post("Expect, and a body over the limit", ["Expect: 100-continue", "Content-Length: 1000000000"], CANARY, status=(413, 417), doubt=False)

# ---- Connection and Upgrade ----
for named in ("Content-Length", "Transfer-Encoding", "Host", "close, Content-Length", "keep-alive, Content-Length", "Content-Type"):
    post(f"Connection: {named}", ["Connection: " + named, "Content-Length: {n}"], CANARY, status=(400,), doubt=False)
get("h2c", ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"], status=(404,), doubt=False, may=True)
get("a websocket", ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="],
    status=(404,), doubt=False, may=True)
get("a websocket of a wrong version", ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 777"], status=(404,), doubt=False, may=True)
get("Connection: close", ["Connection: close"], status=(404,), doubt=True)

# ---- one good request behind another: the canary is served, so that one that is served would be seen ----
get("two good requests", ["X-A: b"], status=(404,), doubt=False, two=True)
post("a good one behind a length", ["Content-Length: 30"], JOB + CANARY, status=(202,), doubt=False, two=True)
post("a good one behind chunks", [CHUNKED], CHUNK + b"0\r\n\r\n" + CANARY, status=(202,), doubt=False, two=True)
post("a good one behind an extension", [CHUNKED], b'01E;a=b;c="d"\r\n' + JOB + b"\r\n0;e\r\n\r\n" + CANARY, status=(202,), doubt=False, two=True)
post("Transfer-Encoding in capitals", ["TRANSFER-ENCODING: CHUNKED"], CHUNK + b"0\r\n\r\n" + CANARY, status=(202,), doubt=False, two=True)
row("a line's end before the request", "\r\nGET /status/row HTTP/1.1", [f"Host: {HOST}"], CANARY, status=(404,), doubt=False, two=True)
get("a tab in a value", ["X-A: a\tb"], status=(404, 400), doubt=False, may=True)
get("bytes over 127 in a value", ["X-A: \xe9"], status=(404, 400), doubt=False, may=True)
