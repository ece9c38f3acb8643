"""A name server on 127.0.0.1:53, and the HTTPS server of servers.py behind every name that it tells.

usage: names.py CERTIFICATE KEY      in a network namespace of its own; prints the HTTPS server's port

    sts.search.example   127.0.0.1, so `sts` is found in the search domain search.example
    alias.example        leads to sts.search.example
    big.example          forty addresses: over UDP only the word that the answer is cut, over TCP all
    six.example          ::1 and no IPv4 address
    silent.example       no answer at all
    any other            there is no such name"""
import fcntl
import socket
import struct
import sys
import threading

import servers

A, CNAME, AAAA = 1, 5, 28
CUT, NO_SUCH_NAME = 0x0200, 3


def packed(name):
    return b"".join(bytes([len(x)]) + x.encode() for x in name.split(".")) + b"\0"


def ipv4(*last):
    return [(A, socket.inet_aton("127.0.0.%d" % x)) for x in last]


RECORDS = {
    "sts.search.example": ipv4(1),
    "alias.example": [(CNAME, packed("sts.search.example"))],
    "big.example": ipv4(*range(1, 41)),
    "six.example": [(AAAA, socket.inet_pton(socket.AF_INET6, "::1"))],
}


def answer(query, tcp):
    """The reply to one query; None: none."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("ascii", "replace").lower())
        at += 1 + query[at]
    name, kind = ".".join(labels), struct.unpack_from("!H", query, at + 1)[0]
    question = query[12:at + 5]
    if name == "silent.example":
        return None
    known = RECORDS.get(name)
    found = [r for r in known or () if r[0] in (kind, CNAME)]
    if found and found[0][0] == CNAME:
        found += [r for r in RECORDS["sts.search.example"] if r[0] == kind]
    flags = 0x8180 | (NO_SUCH_NAME if known is None else 0)
    if len(found) > 20 and not tcp:
        flags, found = flags | CUT, []
    body, owner = b"", packed(name)
    for kind, data in found:
        body += owner + struct.pack("!HHIH", kind, 1, 60, len(data)) + data
        owner = data if kind == CNAME else owner
    return query[:2] + struct.pack("!HHHHH", flags, 1, len(found), 0, 0) + question + body


def udp(sock):
    while True:
        query, who = sock.recvfrom(4096)
        reply = answer(query, False)
        if reply:
            sock.sendto(reply, who)


def tcp(sock):
    while True:
        link = sock.accept()[0]
        with link, link.makefile("rb") as stream:
            size = stream.read(2)
            if len(size) == 2:
                reply = answer(stream.read(struct.unpack("!H", size)[0]), True)
                if reply:
                    link.sendall(struct.pack("!H", len(reply)) + reply)


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = struct.pack("16sH14s", b"lo", 0, b"")
        flags = struct.unpack_from("H", fcntl.ioctl(s, 0x8913, request), 16)[0]  # SIOCGIFFLAGS
        fcntl.ioctl(s, 0x8914, struct.pack("16sH14s", b"lo", flags | 1, b""))  # SIOCSIFFLAGS, IFF_UP


def main():
    loopback_up()
    for kind, work in ((socket.SOCK_DGRAM, udp), (socket.SOCK_STREAM, tcp)):
        sock = socket.socket(socket.AF_INET, kind)
        sock.bind(("127.0.0.1", 53))
        if kind == socket.SOCK_STREAM:
            sock.listen()
        threading.Thread(target=work, args=(sock,), daemon=True).start()
    context = servers.context(sys.argv[1], sys.argv[2])
    port = servers.serve(servers.Sts, "0.0.0.0", socket.AF_INET, context)
    servers.serve(servers.Sts, "::1", socket.AF_INET6, context, port)
    print(port, flush=True)
    threading.Event().wait()


main()
