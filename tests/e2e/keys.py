"""Presses keys in a program on a terminal of its own and looks at what then shows.

usage: keys.py ROWS COLS PROGRAM KEYS TEXT...

For each pair: types KEYS (escapes as in Python) and waits until TEXT shows; an empty KEYS only waits.
The program is asked to paint all anew (Ctrl-L) while waiting, so that a text is never split between
two paints. Ends it with SIGTERM. Prints the last screen and exits 1 when a text does not come."""
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

DEADLINE_S = 120
AGAIN_S = 0.3

rows, cols, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
steps = sys.argv[4:]
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
    os.execvpe(program, [program], dict(os.environ, TERM="xterm"))


def shown(raw):
    """The text of what was written; a move of the cursor is a line end."""
    text = re.sub(r"\x1b\[[0-9;]*[Hf]|\r", "\n", raw)
    text = re.sub(r"\x1b\[(\d*)C", lambda m: " " * int(m.group(1) or 1), text)
    return re.sub(r"\x1b(\[[0-9;?<>=]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[()][0-9A-B]|[=>78M])", "", text)


def wait(text):
    # Not at once: Esc and a key in one burst are one key.
    until, again, raw = time.monotonic() + DEADLINE_S, time.monotonic() + AGAIN_S, b""
    while time.monotonic() < until:
        if time.monotonic() >= again:
            os.write(fd, b"\x0c")
            again = time.monotonic() + AGAIN_S
        if select.select([fd], [], [], 0.1)[0]:
            try:
                raw += os.read(fd, 65536)
            except OSError:
                break
        if text in shown(raw.decode("utf-8", "replace")):
            return
    sys.stdout.write("no %r in\n%s\n" % (text, shown(raw.decode("utf-8", "replace"))[-4000:]))
    os.kill(pid, signal.SIGKILL)
    sys.exit(1)


for i in range(0, len(steps), 2):
    os.write(fd, steps[i].encode().decode("unicode_escape").encode())
    wait(steps[i + 1])
os.kill(pid, signal.SIGTERM)
while True:  # what it says on its way out, so that it is not held up
    try:
        if not os.read(fd, 65536):
            break
    except OSError:
        break
status = os.waitpid(pid, 0)[1]
sys.exit(0 if os.WIFEXITED(status) or os.WTERMSIG(status) == signal.SIGTERM else 1)
