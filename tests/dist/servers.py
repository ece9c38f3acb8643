"""An HTTPS server that answers as STS does, on IPv4 and IPv6, and an HTTP proxy for CONNECT.

usage: servers.py CERTIFICATE KEY      prints "PORT4 PORT6 PROXY" (0: there is no such family)

The proxy leads every host to this machine: so a test sees that the name went through it."""
import http.server
import socket
import ssl
import sys
import threading

BODY = (b"<GetCallerIdentityResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><GetCallerIdentityResult>"
        b"<Arn>arn:aws:iam::424242424242:user/dist</Arn><UserId>x</UserId><Account>424242424242</Account>"
        b"</GetCallerIdentityResult></GetCallerIdentityResponse>")


class Sts(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    do_GET = do_POST

    def log_message(self, *_):
        pass


class Proxy(http.server.BaseHTTPRequestHandler):
    def do_CONNECT(self):
        port = int(self.path.rpartition(":")[2])
        there = socket.create_connection(("127.0.0.1", port))
        self.send_response(200)
        self.end_headers()
        threading.Thread(target=pass_on, args=(there, self.connection), daemon=True).start()
        pass_on(self.connection, there)

    def log_message(self, *_):
        pass


def pass_on(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(handler, address, family, tls=None, port=0):
    """The port of a server in a thread of its own; 0 where the family is missing."""
    kind = type("Server", (http.server.ThreadingHTTPServer,), {"address_family": family})
    try:
        server = kind((address, port), handler)
    except OSError:
        return 0
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def context(certificate, key):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    return made


def main():
    tls = context(sys.argv[1], sys.argv[2])
    ports = (serve(Sts, "127.0.0.1", socket.AF_INET, tls), serve(Sts, "::1", socket.AF_INET6, tls),
             serve(Proxy, "127.0.0.1", socket.AF_INET))
    print(*ports, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
