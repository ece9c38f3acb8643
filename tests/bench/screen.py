"""The dashboard in a terminal: start, memory, keys, idling (SPEC 10)."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time


class Terminal:
    def __init__(self, argv, env, rows=40, cols=120):
        self.began = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(argv[0], argv, {**env, "TERM": "xterm-256color"})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def read(self, quiet, limit=30.0, until=None):
        """Reads until `quiet` seconds without output (or `until` matches); (bytes, first, last)."""
        out, first, last, began = b"", None, None, time.perf_counter()
        while time.perf_counter() - began < limit:
            ready, _, _ = select.select([self.fd], [], [], quiet)
            if not ready:
                if until is None or until.search(out):
                    break
                continue
            try:
                out += os.read(self.fd, 1 << 16)
            except OSError:
                break
            last = time.perf_counter()
            first = first or last
            if until is not None and until.search(out):
                break
        return out, first, last

    def cpu_and_rss(self):
        fields = open(f"/proc/{self.pid}/stat").read().rsplit(") ", 1)[1].split()
        rss = re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{self.pid}/status").read())
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(rss[1]) / 1024

    def file_mib(self):
        """Pages of the program's file and of its libraries, which other processes share."""
        return int(re.search(r"RssFile:\s+(\d+)", open(f"/proc/{self.pid}/status").read())[1]) / 1024

    def ui_cpu_s(self):
        """CPU of the thread that reads keys and draws: what a busy machine does not blur."""
        return int(open(f"/proc/{self.pid}/task/{self.pid}/schedstat").read().split()[0]) / 1e9

    def ui_writes(self):
        """write(2) calls of that thread."""
        return int(re.search(r"syscw: (\d+)", open(f"/proc/{self.pid}/task/{self.pid}/io").read())[1])

    def close(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def at(values, share):
    values = sorted(values)
    return values[min(int(len(values) * share), len(values) - 1)]


def keys(t, count):
    times, sizes, cpu = [], [], []
    writes = t.ui_writes()
    for n in range(count):
        before, began = t.ui_cpu_s(), time.perf_counter()
        os.write(t.fd, b"j" if n % 20 < 10 else b"k")
        out, _, last = t.read(0.03, 1.0)
        if last is not None:
            times.append((last - began) * 1e3)
            sizes.append(len(out))
            cpu.append((t.ui_cpu_s() - before) * 1e3)
    print(f"  cursor key             {at(times, 0.5):8.2f} ms p50, {at(times, 0.99):.2f} ms p99, of it its own CPU "
          f"{at(cpu, 0.5):.2f} and {at(cpu, 0.99):.2f}; {at(sizes, 0.5)} bytes p50, {sum(sizes) / len(sizes):.0f} mean, "
          f"{(t.ui_writes() - writes) / count:.1f} write calls (targets: CPU 0.15 ms, p99 1 ms, 250 bytes, 2 writes)")


def dashboard(mvpdash, env, jobs):
    print(f"== the dashboard with {jobs} jobs, 120x40, list and detail side by side")
    t = Terminal([mvpdash], env)
    _, first, _ = t.read(0.02, until=re.compile(rb"mvpdash"))
    print(f"  start to first frame   {(first - t.began) * 1e3:8.1f} ms  (target 25)")
    t.read(3.0, 60.0)
    cpu, rss = t.cpu_and_rss()
    print(f"  all loaded             {cpu:8.2f} s CPU, {rss:.1f} MiB resident (target 48), "
          f"of it {t.file_mib():.1f} the files of the program and its libraries")
    keys(t, 400)
    before, _ = t.cpu_and_rss()
    out, _, _ = t.read(20.0, 20.0)
    after, _ = t.cpu_and_rss()
    print(f"  idle                   {len(out) / 20:8.1f} bytes/s (target 64), {(after - before) / 20 * 100:.2f} % of a core with polling")
    t.close()
