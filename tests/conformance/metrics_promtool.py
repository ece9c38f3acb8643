"""GET /metrics by Prometheus's own reader, promtool, and by what it does not look at.

usage: metrics_promtool.py PATH/TO/mvpdash PATH/TO/promtool

At the start, after requests of all kinds, under load, and with --read-only: promtool finds nothing (it
tells wrong syntax, metrics without help, counters that do not end in _total and units that are none);
each series is there once, histograms add up, no counter goes back, and what Prometheus expects of every
process is told.
"""
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from urllib.parse import urlsplit

program, promtool = os.path.abspath(sys.argv[1]), sys.argv[2]
work = tempfile.mkdtemp(prefix="mvpdash-metrics.")
count = failed = 0
PROCESS = ("process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
           "process_start_time_seconds", "process_open_fds", "process_max_fds")
SERIES = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (\S+)$')
DEPLOY = json.dumps({"userId": "u", "productId": "p", "metadata": {"simulate": {"stepSeconds": 30}}})


def check(what, good, *detail):
    global count, failed
    count += 1
    failed += not good
    print(("ok " if good else "not ok ") + f"{count} - {what}")
    for line in detail if not good else ():
        print("#  ", str(line)[:2000])


def start(env, *args):
    return subprocess.Popen([program, *args], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def serve(env, *args):
    p = start(env, "serve", "--listen", "127.0.0.1:0", "--access-log", "none", *args)
    return p, urlsplit(p.stdout.readline().strip()).netloc


def ask(host, method, path, body=None):
    c = http.client.HTTPConnection(host, timeout=60)
    c.request(method, path, body, {"Content-Type": "application/json"} if body else {})
    r = c.getresponse()
    text = r.read().decode()
    c.close()
    return r.status, r.getheader("Content-Type"), text


def scrape(host):
    status, media, text = ask(host, "GET", "/metrics")
    if status != 200:
        raise SystemExit(f"not ok GET /metrics: {status} {text[:300]}")
    return media, text


def values(text):
    """Each series and its number; a series that is there twice is in the second."""
    found, twice = {}, []
    for line in text.splitlines():
        m = SERIES.match(line)
        if not line.startswith("#") and m is None:
            twice.append("no series: " + line)
        elif m is not None:
            name = m[1] + (m[2] or "")
            twice += [name] if name in found else []
            found[name] = float(m[3])
    return found, twice


def histograms(found):
    """What does not add up."""
    bad, last = [], {}
    for name, n in found.items():
        m = re.fullmatch(r'(.*)_bucket(\{.*),?le="([^"]*)"\}', name)
        if m is None:
            continue
        key = m[1], m[2].rstrip(",") + "}"
        if n < last.get(key, 0):
            bad.append(f"{name} is less than the bucket before it")
        last[key] = n
        if m[3] == "+Inf" and n != found.get(f"{key[0]}_count{key[1]}"):
            bad.append(f"{name} is {n}, the count is {found.get(f'{key[0]}_count{key[1]}')}")
    return bad if last else ["there is no histogram"]


def good(when, media, text):
    p = subprocess.run([promtool, "check", "metrics"], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    check(f"promtool finds nothing: {when}", p.returncode == 0 and not p.stdout.strip(), p.returncode, p.stdout)
    check(f"the media type: {when}", media == "text/plain; version=0.0.4; charset=utf-8", media)
    found, wrong = values(text)
    check(f"each series is one, and once: {when}", not wrong, *wrong)
    wrong = histograms(found)
    check(f"histograms add up: {when}", not wrong, *wrong)
    check(f"what each process tells: {when}", all(found.get(name, 0) > 0 for name in PROCESS),
          *[f"{name} {found.get(name)}" for name in PROCESS])
    return found


def counters(text, found):
    typed = {line.split()[2]: line.split()[3] for line in text.splitlines() if line.startswith("# TYPE")}
    return {k: v for k, v in found.items()
            if typed.get(k.split("{")[0]) == "counter" or re.search(r"_(bucket|count|sum)(\{|$)", k)}


def under_load(host):
    """Scrapes while 32 clients ask; returns them."""
    over = threading.Event()
    paths = ["/status/none", "/healthz", "/jobs/u", "/nothing"]

    def client(n):
        c = http.client.HTTPConnection(host, timeout=60)
        while not over.is_set():
            c.request("GET", paths[n % len(paths)])
            c.getresponse().read()

    clients = [threading.Thread(target=client, args=(n,)) for n in range(32)]
    for t in clients:
        t.start()
    until = time.monotonic() + 120
    asked = 'mvpdash_http_requests_total{method="GET",route="/healthz",code="200"}'
    scrapes = [scrape(host)]
    while time.monotonic() < until and (len(scrapes) < 5 or values(scrapes[-1][1])[0].get(asked, 0) < 100):
        scrapes.append(scrape(host))
    over.set()
    for t in clients:
        t.join()
    return scrapes


def main():
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MVPDASH_"))}
    env.update(HOME=work, XDG_STATE_HOME=work + "/state", XDG_CONFIG_HOME=work + "/config", MVP_STEP_SECONDS="0",
               AWS_EC2_METADATA_DISABLED="true")
    cloud = start(env, "local", "--listen", "127.0.0.1:0", "--data", work + "/cloud")
    for line in cloud.stdout:
        name, _, value = line.strip().removeprefix("export ").partition("=")
        env[name] = value.strip("'\"")
        if name == "AWS_DEFAULT_REGION":
            break
    began = time.time()
    server, host = serve(env, "--rate", "0")
    try:
        found = good("at the start", *scrape(host))
        check("when it started", abs(found["process_start_time_seconds"] - began) < 5, began, found["process_start_time_seconds"])
        status, _, text = ask(host, "POST", "/deploy", DEPLOY)
        check("a deploy is taken", status == 202, status, text)
        job = json.loads(text).get("jobId")
        for method, path, body in (("POST", "/deploy", "{}"), ("GET", f"/status/{job}", None), ("DELETE", f"/jobs/{job}", None),
                                   ("GET", "/jobs/u", None), ("GET", "/readyz", None), ("GET", "/openapi.json", None),
                                   ("POST", "/test-connection", "{}"), ("GET", "/no%22\\route", None), ("BREW", "/deploy", None)):
            ask(host, method, path, body)
        good("after requests of all kinds", *scrape(host))
        before = {}
        for n, (media, text) in enumerate(under_load(host)):
            found = good(f"under load, {n}", media, text)
            back = [f"{k}: {v}, then {found.get(k)}" for k, v in before.items() if found.get(k, -1) < v]
            check(f"no counter goes back, {n}", not back, *back)
            before = counters(text, found)
    except BaseException:
        cloud.kill()
        raise
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(40)
    server, host = serve(env, "--read-only")
    try:
        ask(host, "POST", "/deploy", DEPLOY)
        ask(host, "GET", "/status/none")
        good("with --read-only", *scrape(host))
    finally:
        for p in (server, cloud):
            p.send_signal(signal.SIGTERM)
            p.wait(40)
        subprocess.run(["rm", "-rf", work])
    sys.exit(failed > 0)


main()
