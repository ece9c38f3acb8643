#!/bin/sh
# Faults between the program and AWS, and under its state; see faults.py.
#
# usage: run.sh PATH/TO/mvpdash [quick|long] [SCENARIO...]
#
# Everything but moto is Python's standard library. moto is the one on PATH, else from the package index
# into build/venv; where it cannot be had, that is said and its part skipped.
set -u
mvpdash=${1:?usage: run.sh PATH/TO/mvpdash [quick|long] [SCENARIO...]}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
shift

python=python3
if ! { command -v moto_server >/dev/null 2>&1 && python3 -c 'import moto, boto3, flask' 2>/dev/null; }; then
    if [ ! -x "$root/build/venv/bin/moto_server" ]; then
        log=$(mktemp)
        python3 -m venv "$root/build/venv" >"$log" 2>&1 &&
            "$root/build/venv/bin/pip" install -q 'moto[server]==5.2.1' >>"$log" 2>&1
        tail -n 1 "$log" >&2
        rm -f "$log"
    fi
    [ ! -x "$root/build/venv/bin/moto_server" ] || python=$root/build/venv/bin/python3
fi
PYTHONDONTWRITEBYTECODE=1 exec "$python" "$here/faults.py" "$mvpdash" "$@"
