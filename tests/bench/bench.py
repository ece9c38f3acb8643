"""Measures the program as a whole against the local cloud (SPEC 10).

usage: bench.py BUILD_DIR [JOBS]
"""

import os
import shutil
import sys
import tempfile

import peers
import screen
import serve
from cloud import Cloud


def ten_thousand(mvpdash, static, build, work, jobs=10_000):
    """What is measured on a smaller table. `static`: the program of `make dist`, or None."""
    os.mkdir(work)
    cloud = Cloud(mvpdash, work)
    try:
        cloud.fill(build, jobs)
        peers.listing(mvpdash, static, build, cloud.env, jobs)
        if static:
            peers.one_file(mvpdash, static, build, cloud.env, jobs)
    finally:
        cloud.stop()


def main():
    build = os.path.abspath(sys.argv[1])
    jobs = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    mvpdash = build + "/mvpdash"
    here = os.path.dirname(os.path.abspath(__file__))
    work = tempfile.mkdtemp(prefix="mvpdash-bench-")
    cloud = Cloud(mvpdash, work)
    try:
        cloud.fill(build, jobs)
        peers.get_item(mvpdash, build, cloud.env)
        static = os.path.join(build, "..", "dist", os.uname().machine, "mvpdash")
        if not os.path.exists(static):
            print(f"  no rows of the static program: {os.path.normpath(static)} is not there (make dist)")
            static = None
        ten_thousand(mvpdash, static, build, work + "/ten_thousand")
        peers.loading(mvpdash, build, cloud.env, jobs)
        screen.dashboard(mvpdash, cloud.env, jobs)
        js = peers.sdk(build, here)
        peers.deploys(mvpdash, build, cloud.env, js, work)
        serve.load(mvpdash, cloud, js, work)
        serve.replicas(mvpdash, cloud, work)
    finally:
        cloud.stop()
        shutil.rmtree(work, ignore_errors=True)


main()
