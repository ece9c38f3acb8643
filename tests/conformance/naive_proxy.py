"""A proxy that believes one length and passes every byte on: what the strict ones before a server are not.

`believes` is "length" (the first Content-Length that int() takes, no Transfer-Encoding) or "chunks"
("chunked" anywhere in the head, sizes as int() takes them; else the length). Its one connection to the
server is kept for the next client, as long as the server leaves it open.
"""
import re
import socket
import threading

WAIT_S = 3


class NaiveProxy:
    def __init__(self, upstream, believes):
        self.upstream, self.believes = upstream, believes
        self.kept = None
        self.lock = threading.Lock()  # one request at a time on the kept connection
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.client, args=(client,), daemon=True).start()

    def client(self, client):
        client.settimeout(WAIT_S)
        data = b""
        try:
            with client:
                while True:
                    head, data = self.head(client, data)
                    body, data = self.body(client, head, data)
                    reply = self.forward(self.marked(head) + body)
                    client.sendall(reply)
        except (OSError, ValueError, EOFError):
            pass  # the client is gone, or what it sent has no end that this proxy sees

    @staticmethod
    def more(s):
        some = s.recv(65536)
        if not some:
            raise EOFError
        return some

    def head(self, client, data):
        while (end := re.search(rb"\n\r*\n", data)) is None:
            data += self.more(client)
        return data[:end.end()], data[end.end():]

    @staticmethod
    def marked(head):
        return re.sub(rb"(?i)(\nX-Request-Id: *)", rb"\1via-", head)

    def body(self, client, head, data):
        if self.believes == "chunks" and b"chunked" in head.lower():
            at = 0
            while True:
                while (end := data.find(b"\n", at)) < 0:
                    data += self.more(client)
                size = int(data[at:end].split(b";")[0].strip(b" \t\r\0\x0b\x0c") or b"0", 16)
                at = end + 1 + max(size, 0) + 2
                while len(data) < at:
                    data += self.more(client)
                if size <= 0:
                    return data[:at], data[at:]
        length = 0
        for value in re.findall(rb"(?i)content-length[^:\n]*:([^\r\n]*)", head):
            try:
                length = max(0, int(value))
                break
            except ValueError:
                pass
        while len(data) < length < 1 << 20:
            data += self.more(client)
        return data[:length], data[length:]

    def forward(self, request):
        """The next reply on the kept connection, whosever it is."""
        with self.lock:
            for fresh in (False, True):
                if fresh or self.kept is None:
                    self.kept = (socket.create_connection(("127.0.0.1", self.upstream), timeout=WAIT_S), b"")
                try:
                    return self.exchange(request)
                except (OSError, EOFError):
                    self.kept[0].close()
                    self.kept = None
                    if fresh:
                        raise
            raise EOFError

    def exchange(self, request):
        s, data = self.kept
        s.sendall(request)
        while b"\r\n\r\n" not in data or data.startswith(b"HTTP/1.1 1"):
            data = data.partition(b"\r\n\r\n")[2] if data.startswith(b"HTTP/1.1 1") and b"\r\n\r\n" in data else data + self.more(s)
        end = data.index(b"\r\n\r\n") + 4
        m = re.search(rb"(?i)\ncontent-length: *(\d+)", data[:end])
        end += int(m[1]) if m else 0
        while len(data) < end:
            data += self.more(s)
        self.kept = (s, data[end:])
        if b"connection: close" in data[:end].lower():
            s.close()
            self.kept = None
        return data[:end]
