"""usage: check.py MVPDASH IMAGE docker|podman [CASE...]"""

import concurrent.futures
import os
import shutil
import sys
import tempfile
import time
import traceback

import cases
from world import World, Wrong

AT_ONCE = 4  # most of the time a case waits


def one(case, folder, program, image, runtime):
    began = time.time()
    world = World(os.path.join(folder, case.__name__), program, image, runtime)
    try:
        case(world.start())
        trouble = None
    except Exception as x:  # a case that breaks has failed
        trouble = str(x) if isinstance(x, Wrong) else traceback.format_exc()
    finally:
        world.stop()
    return trouble, time.time() - began


def left(world):
    """What the cases left behind, of a runtime that is theirs alone."""
    found = world.containers()
    if world.runtime == "podman":
        found += world.asked("volume", "ls", "--quiet").split()
        store = os.path.dirname(os.environ["CONTAINERS_STORAGE_CONF"])
        with open("/proc/self/mounts") as mounts:
            found += [line.split()[1] for line in mounts if store in line]
    return found


def main(program, image, runtime, *names):
    wanted = [c for c in cases.ALL if not names or c.__name__ in names]
    folder = tempfile.mkdtemp(prefix="mvpdash-container.")
    failed = 0
    try:
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            running = {pool.submit(one, c, folder, program, image, runtime): c for c in wanted}
            for done in concurrent.futures.as_completed(running):
                trouble, took = done.result()
                name = running[done].__name__
                print(f"{'not ok' if trouble else 'ok'} - {name}, {took:.0f} s", flush=True)
                if trouble:
                    failed += 1
                    print("#   " + trouble.replace("\n", "\n#   "), flush=True)
        rest = left(World(os.path.join(folder, "left"), program, image, runtime))
        if rest:
            failed += 1
            print(f"not ok - nothing is left behind\n#   {rest}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"container-check: {len(wanted) + 1 - failed} passed, {failed} failed")
    return failed > 0


sys.exit(main(*sys.argv[1:]))
