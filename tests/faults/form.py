"""The dashboard in a pty: its form filled in and sent by keys, its words read off the screen."""

import fcntl
import os
import pty
import re
import signal
import struct
import termios
import time

from clouds import readable
from proxy import Plan
from world import Deploy, in_parallel

F5 = "\033[15~"
REPAINT = "\014"
SEQUENCES = re.compile(r"\x1b(\[[0-9;?<=>!]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[()][A-Z0-9]|[=>78McDEHNOPZ])")


class Dashboard:
    """The screen is known after a repaint only: what ncurses leaves out is then in the bytes too."""

    def __init__(self, world, rows=40, columns=160):
        self.world = world
        self.out = self.since = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(world.home)
                os.execve(world.program, [world.program], {**world.env, "TERM": "xterm-256color"})
            finally:
                os._exit(127)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.ended = False

    def keys(self, text):
        try:
            os.write(self.fd, text.encode())
        except OSError:
            self.ended = True

    def read(self, seconds):
        until = time.time() + seconds
        while (left := until - time.time()) > 0 and not self.ended:
            if readable(self.fd, left):
                try:
                    more = os.read(self.fd, 65536)
                except OSError:
                    more = b""
                self.ended = not more
                self.out += more
                self.since += more

    def text(self):
        """The whole screen, painted again."""
        self.read(0.02)
        self.out = b""
        self.keys(REPAINT)
        self.read(0.25)
        return self.words(self.out)

    def words(self, painted):
        # A sequence between two words moved the cursor: what it parts is not one word.
        return SEQUENCES.sub(" ", painted.decode("utf-8", "replace"))

    def wait(self, pattern, seconds):
        until = time.time() + seconds
        while time.time() < until and not self.ended:
            found = re.search(pattern, self.text())
            if found:
                return found
        return None

    def fill(self, product):
        """The form with its two required fields."""
        if not self.wait(r"mvp-development", 30):
            self.world.problem(f"the dashboard shows nothing: {self.out[-300:]!r}")
            return False
        self.keys("n")
        if not self.wait(r"User id", 10):
            self.world.problem(f"n opens no form: {self.out[-300:]!r}")
            return False
        self.keys(f"faults\t{product}\t")
        if not self.wait(re.escape(product), 10):
            self.world.problem(f"the form does not show what was typed: {product}")
            return False
        return True

    def send(self):
        self.since = b""
        self.keys(F5)

    def claim(self):
        """What the screen says of the deploy since F5: (sent|kept|failed, job id). A note may be gone again
        before the next repaint, so all that was painted since then counts."""
        screen = self.text()
        text = screen + self.words(self.since)
        sent = re.search(r"Sent\s+(job_\d+_[0-9a-z]+)", text)
        if sent:
            return "sent", sent[1]
        kept = re.search(r"(job_\d+_[0-9a-z]+)\s+is\s+kept|recorded\s+as\s+(job_\d+_[0-9a-z]+)", text)
        if kept:
            return "kept", kept[1] or kept[2]
        if re.search(r"Not\s+sent", text):
            return "failed", None
        return None

    def shows_the_job(self, product):
        """The form is empty again and the job's detail in its place: it is taken, though its note is gone."""
        text = self.text()
        return re.search(r"Overview|Batch job", text) and product in text

    def kill(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)

    def quit(self, deadline_s=70):
        """Ctrl-C, and yes to what it asks; its exit status, or None when it had to be killed."""
        until = time.time() + deadline_s
        self.keys("\003")
        while time.time() < until:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
            self.read(0.2)
            self.keys("y")
        self.kill()
        return None


def by_form(ctx, count, percent=30):
    deploys = []
    world = ctx.world("form", Plan(ctx.seed + 4000, percent))

    def one(n):
        deploy = Deploy(f"form-{n}")
        deploys.append(deploy)
        d = Dashboard(world)
        if d.fill(deploy.product):
            d.send()
            until = time.time() + 90
            said = None
            while said is None and time.time() < until and not d.ended:
                said = d.claim() or (("kept", None) if d.shows_the_job(deploy.product) else None)
            if said:
                deploy.says(*said)
            else:
                world.problem(f"{deploy.product}: 90 s after F5 the screen says nothing of it: {d.text()[-1500:]!r}")
        code = d.quit()
        if code != 0:
            world.problem(f"{deploy.product}: the dashboard ends with {code}")

    in_parallel(3, one, range(count))
    return deploys
