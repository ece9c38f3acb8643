"""The REST API against its own document, by schemathesis: all its checks, stateful too.

usage: rest_schemathesis.py PATH/TO/mvpdash [SEED]

Run without tokens and with one. The seed is fixed, so a run can be repeated: SEED=n (or the argument)
for another one, EXAMPLES=n for more per operation. Findings are mended in the server or in the document;
what is told to schemathesis besides is in rest_schemathesis.toml and rest_schemathesis_hooks.py, with why.
"""
import os
import signal
import subprocess
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
program = os.path.abspath(sys.argv[1])
seed = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("SEED", "20251130")
examples = os.environ.get("EXAMPLES", "25")
work = tempfile.mkdtemp(prefix="mvpdash-st.")
TOKEN = "0123456789abcdef0123456789abcdef"
LIMIT_S = 240  # of one run, on a machine that does much else
failed = 0


def environment(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MVPDASH_"))}
    env.update(HOME=work, XDG_STATE_HOME=work + "/state", XDG_CONFIG_HOME=work + "/config",
               AWS_EC2_METADATA_DISABLED="true", MVP_STEP_SECONDS="0", **more)
    return env


def start(env, *args):
    p = subprocess.Popen([program, *args], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return p, p.stdout.readline().strip()


def stop(p):
    p.send_signal(signal.SIGTERM)
    return p.wait(60)


def check(number, what, good, output):
    global failed
    failed += not good
    print(("ok " if good else "not ok ") + f"{number} - {what}")
    if not good:
        for line in output.splitlines():
            print("#  ", line[:400])


def run(number, name, aws, token):
    more = {"MVPDASH_API_TOKEN": token} if token else {}
    server, url = start(environment(**aws, **more), "serve", "--listen", "127.0.0.1:0", "--rate", "0",
                        "--access-log", "none")
    if not url.startswith("http://"):
        sys.exit("mvpdash serve does not start")
    config = os.path.join(work, f"{name}.toml".replace(" ", "-"))
    with open(os.path.join(here, "rest_schemathesis.toml"), encoding="utf-8") as f, \
            open(config, "w", encoding="utf-8") as out:
        out.write(f.read())
        if token:
            out.write(f'\n[auth.openapi.token]\nbearer = "{token}"\n')
    st = os.path.join(os.path.dirname(sys.executable), "st")
    began = time.time()
    try:
        done = subprocess.run(
            [st, "--config-file", config, "run", url + "/openapi.json", "--checks", "all", "--seed", seed,
             "--max-examples", examples, "--no-shrink", "--no-color", "--continue-on-failure",
             "--request-timeout", "60"],
            env={**os.environ, "SCHEMATHESIS_HOOKS": "rest_schemathesis_hooks", "PYTHONPATH": here,
                 "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "120"},
            cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT_S, check=False)
        code, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as x:
        code, output = 1, f"not done in {LIMIT_S} s\n" + ((x.stdout or b"").decode() if x.stdout else "")
    # Nothing that was skipped, or could not be run, counts as good.
    tested = "Tested: 8" in output and "Stateful" in output
    check(number, f"{name}: all checks of schemathesis, seed {seed}, {examples} examples "
                  f"({time.time() - began:.0f} s)", code == 0 and tested, output)
    check(number + 1, f"{name}: the server ends in order", stop(server) == 0, "")


cloud, line = start(environment(), "local", "--listen", "127.0.0.1:0", "--data", work + "/cloud")
lines = [line] + [cloud.stdout.readline().strip() for _ in range(4)]
env = dict(x.removeprefix("export ").replace("'", "").replace('"', "").split("=", 1) for x in lines)
try:
    run(1, "without tokens", env, None)
    run(3, "with a token", env, TOKEN)
finally:
    stop(cloud)
sys.exit(1 if failed else 0)
