"""Runs `make run` in a pseudo-terminal until a first job is COMPLETED, as a person would see it.

usage: first_job.py COMMAND...     the command that runs `make run` on the fresh machine

Types what README says: n, the form, F5. The screen is asked of a small terminal model: the program
writes only cells that differ, so the word COMPLETED need not come in one piece.
"""
import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

ROWS, COLS = 30, 120
SEQUENCE = re.compile(r"\x1b(?:\[([0-9;?<=>]*)([ -/]*[@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()*+][0-9A-Za-z]|.)", re.S)


class Screen:
    """Cells, the cursor, and the few sequences that ncurses uses on xterm-256color."""

    def __init__(self):
        self.cells = [[" "] * COLS for _ in range(ROWS)]
        self.y = self.x = 0
        self.rest = ""
        self.last = " "

    def text(self):
        return "\n".join("".join(row).rstrip() for row in self.cells)

    def put(self, c):
        if self.x >= COLS:
            self.x, self.y = 0, min(self.y + 1, ROWS - 1)
        self.cells[self.y][self.x] = self.last = c
        self.x += 1

    def control(self, params, final):
        numbers = [int(n) if n.isdigit() else 0 for n in params.lstrip("?<=>").split(";")]
        n = numbers[0] or 1
        if final in "Hf":
            self.y = min((numbers[0] or 1) - 1, ROWS - 1)
            self.x = min((numbers[1] if len(numbers) > 1 else 1) or 1, COLS) - 1
        elif final == "A":
            self.y = max(self.y - n, 0)
        elif final == "B":
            self.y = min(self.y + n, ROWS - 1)
        elif final == "C":
            self.x = min(self.x + n, COLS - 1)
        elif final == "D":
            self.x = max(self.x - n, 0)
        elif final == "G":
            self.x = min(n, COLS) - 1
        elif final == "d":
            self.y = min(n, ROWS) - 1
        elif final == "X":
            self.cells[self.y][self.x:self.x + n] = [" "] * len(self.cells[self.y][self.x:self.x + n])
        elif final == "b":
            for _ in range(n):
                self.put(self.last)
        elif final == "K":
            first, last = {0: (self.x, COLS), 1: (0, self.x + 1)}.get(numbers[0], (0, COLS))
            self.cells[self.y][first:last] = [" "] * (last - first)
        elif final == "J":
            if numbers[0] in (2, 3):
                self.cells = [[" "] * COLS for _ in range(ROWS)]
            else:
                self.cells[self.y][self.x:] = [" "] * (COLS - self.x)
                for y in range(self.y + 1, ROWS):
                    self.cells[y] = [" "] * COLS

    def feed(self, text):
        text = self.rest + text
        self.rest = ""
        at = 0
        while at < len(text):
            c = text[at]
            if c == "\x1b":
                m = SEQUENCE.match(text, at)
                if m is None:  # not all of it is there yet
                    self.rest = text[at:]
                    return
                if m.group(2):
                    self.control(m.group(1), m.group(2))
                at = m.end()
                continue
            if c == "\r":
                self.x = 0
            elif c == "\n":
                self.y = min(self.y + 1, ROWS - 1)
            elif c == "\b":
                self.x = max(self.x - 1, 0)
            elif c >= " ":
                self.put(c)
            at += 1


def fail(why, screen):
    print("fresh-check:", why)
    print(screen.text())
    sys.exit(1)


def main():
    command = sys.argv[1:]
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLS, 0, 0))
    screen, decoder = Screen(), codecs.getincrementaldecoder("utf-8")("replace")

    def until(seen, seconds, what):
        end = time.monotonic() + seconds
        while not seen(screen.text()):
            if time.monotonic() > end:
                fail(f"{what}: not within {seconds} s", screen)
            if select.select([fd], [], [], 0.2)[0]:
                try:
                    data = os.read(fd, 65536)
                except OSError:
                    data = b""
                if not data:
                    fail(f"{what}: the program ended", screen)
                screen.feed(decoder.decode(data))

    try:
        # Installing and building come first. The footer is there when the dashboard is.
        until(lambda t: "n new" in t and "? help" in t, 900, "the dashboard")
        os.write(fd, b"n")
        until(lambda t: "User id" in t and "F5 send" in t, 120, "the form")
        os.write(fd, b"fresh\tshop\tCorner Shop")
        until(lambda t: "Ready to send" in t and "Corner Shop" in t, 120, "what was typed")
        os.write(fd, b"\x1b[15~")  # F5
        until(lambda t: any("COMPLETED" in row and "Corner Shop" in row for row in t.split("\n")), 180,
              "the first job's end")
        os.write(fd, b"\x1b")
        time.sleep(0.5)
        os.write(fd, b"q")
        end = time.monotonic() + 120
        while os.waitpid(pid, os.WNOHANG) == (0, 0):
            if select.select([fd], [], [], 0.2)[0]:
                try:
                    os.read(fd, 65536)
                except OSError:
                    pass
            if time.monotonic() > end:
                fail("q did not end the dashboard", screen)
        pid = 0
    finally:
        if pid:
            os.kill(pid, signal.SIGTERM)


main()
