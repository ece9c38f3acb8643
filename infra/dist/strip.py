"""Takes the symbols and debug sections out of a linked program, for any machine: only what is loaded stays.

usage: strip.py PROGRAM OUT

A second link with -s is no way to it: the compiler then leaves other code in, and the debug symbols of
the first link no longer fit. The host's own strip knows the host's machine only."""
import os
import struct
import sys

HEADER, SECTION = "<16sHHIQQQIHHHHHH", "<IIQQQQIIQQ"
ALLOC = 2


def aligned(n, to):
    return (n + to - 1) // to * to


def stripped(data):
    head = list(struct.unpack_from(HEADER, data))
    assert data[:6] == b"\x7fELF\x02\x01", "no ELF file of 64 bits, lowest byte first"
    at, size, count, names = head[6], head[11], head[12], head[13]
    sections = [list(struct.unpack_from(SECTION, data, at + i * size)) for i in range(count)]
    text = data[sections[names][4]:][:sections[names][5]]
    kept = [i for i, s in enumerate(sections) if i == 0 or s[2] & ALLOC]
    end = max(s[4] + (0 if s[1] == 8 else s[5]) for i, s in enumerate(sections) if i in kept)  # 8: no bytes
    strings, table = b"\0", []
    for i in kept:
        s = list(sections[i])
        name = text[s[0]:text.index(b"\0", s[0])]
        s[0] = len(strings) if name else 0
        s[6] = kept.index(s[6]) if s[6] in kept else 0  # the section that it refers to
        strings += name + b"\0" if name else b""
        table.append(s)
    table.append([len(strings), 3, 0, 0, end, 0, 0, 0, 1, 0])
    strings += b".shstrtab\0"
    table[-1][5] = len(strings)
    head[6], head[12], head[13] = aligned(end + len(strings), 8), len(table), len(table) - 1
    out = bytearray(data[:end]) + strings
    out += bytes(head[6] - len(out))
    out += b"".join(struct.pack(SECTION, *s) for s in table)
    struct.pack_into(HEADER, out, 0, *head)
    return out


with open(sys.argv[1], "rb") as f:
    made = stripped(f.read())
with open(sys.argv[2], "wb") as f:
    f.write(made)
os.chmod(sys.argv[2], 0o755)
