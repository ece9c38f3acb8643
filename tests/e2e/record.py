"""record.py CLOUD LOG WHO - stands before a local cloud and notes each operation that comes.

Hands every request on as it is, on a free port, which it prints, and adds a line for each to the file
LOG: "DynamoDB_20120810.PutItem", "POST /v1/terminatejob", "GetCallerIdentity". WHO answers
GetCallerIdentity: an account of 12 digits takes the place of the cloud's, "denied" and "silent" are what
they say. With a fourth argument, "no-roles", the keys of a role may read no table."""
import http.client
import http.server
import re
import sys
import urllib.parse

cloud, log, who = urllib.parse.urlsplit(sys.argv[1]), open(sys.argv[2], "a", buffering=1), sys.argv[3]
NO_TABLE = b'{"__type":"AccessDeniedException","message":"no"}'
DENIED = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        form = re.search(rb"(?:^|&)Action=(\w+)", body)
        action = form.group(1).decode() if form else ""
        log.write((self.headers.get("X-Amz-Target") or action or f"{self.command} {self.path}") + "\n")
        asks_who = action == "GetCallerIdentity"
        if asks_who and who == "denied":
            return self.answer(403, [("Content-Type", "text/xml")], DENIED)
        if asks_who and who == "silent":
            self.close_connection = True
            return None
        if len(sys.argv) > 4 and self.headers.get("X-Amz-Security-Token") and "DynamoDB" in self.headers.get("X-Amz-Target", ""):
            return self.answer(400, [("Content-Type", "application/x-amz-json-1.0")], NO_TABLE)
        up = http.client.HTTPConnection(cloud.hostname, cloud.port, timeout=120)
        up.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            up.putheader(name, value)
        up.endheaders(body)
        reply = up.getresponse()
        text = reply.read()
        if asks_who and who.isdigit():
            text = re.sub(rb"<Account>\d+</Account>", f"<Account>{who}</Account>".encode(), text)
        self.answer(reply.status, reply.getheaders(), text)
        up.close()
        return None

    do_GET = do_POST

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
