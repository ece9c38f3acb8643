# lib.sh - the small harness of the command line's end-to-end tests (POSIX sh, TAP-like output).
#
# Sourced by cli_*.sh, which run.sh calls with MVPDASH set to the absolute path of the program. Each
# file has a folder, home and environment of its own; nothing of the caller's AWS set-up is seen.
set -u

: "${MVPDASH:?the path of the program; run tests/e2e/run.sh}"
T=$(mktemp -d "${TMPDIR:-/tmp}/mvpdash-e2e.XXXXXX")
E2E_COUNT=0
E2E_FAILED=0
E2E_PIDS=

for name in $(env | sed -n 's/^\(\(AWS\|EVENTBRIDGE\|BATCH\|DYNAMODB\|FOUNDERDASH\|MVPDASH\)_[A-Z0-9_]*\)=.*/\1/p'); do
    unset "$name"
done
unset JOB_ID DEBUG
export HOME="$T/home" XDG_STATE_HOME="$T/state" XDG_CONFIG_HOME="$T/config" XDG_CACHE_HOME="$T/cache"
export AWS_EC2_METADATA_DISABLED=true LC_ALL=C.UTF-8
mkdir -p "$HOME" "$T/work"
cd "$T/work" || exit 2

cleanup() {
    for pid in $E2E_PIDS; do
        kill "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
    rm -rf "$T"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

# pass DESCRIPTION / fail DESCRIPTION [DETAIL]
pass() {
    E2E_COUNT=$((E2E_COUNT + 1))
    echo "ok $E2E_COUNT - $1"
}
fail() {
    E2E_COUNT=$((E2E_COUNT + 1))
    E2E_FAILED=$((E2E_FAILED + 1))
    echo "not ok $E2E_COUNT - $1"
    shift
    for line in "$@"; do
        printf '%s\n' "$line" | sed 's/^/#   /' | head -40
    done
}

# ok DESCRIPTION COMMAND...: the command must succeed.
ok() {
    what=$1
    shift
    if "$@" >"$T/ok.out" 2>&1; then pass "$what"; else fail "$what" "$*" "$(cat "$T/ok.out")"; fi
}
# is DESCRIPTION GOT WANTED
is() {
    if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "got:    $2" "wanted: $3"; fi
}
# has DESCRIPTION FILE TEXT / hasnt: a fixed string in a file.
has() {
    if grep -q -F -e "$3" "$2"; then pass "$1"; else fail "$1" "no \"$3\" in:" "$(cat "$2")"; fi
}
hasnt() {
    if grep -q -F -e "$3" "$2"; then fail "$1" "\"$3\" in:" "$(cat "$2")"; else pass "$1"; fi
}

# run ARGUMENTS...: runs mvpdash; leaves $RC, $T/out, $T/err.
run() {
    "$MVPDASH" "$@" >"$T/out" 2>"$T/err" </dev/null
    RC=$?
}
# exits STATUS ARGUMENTS...: runs mvpdash and checks its exit status.
exits() {
    wanted=$1
    shift
    run "$@"
    if [ "$RC" = "$wanted" ]; then
        pass "exit $wanted: mvpdash $*"
    else
        fail "exit $wanted: mvpdash $*" "got $RC" "$(cat "$T/err")"
    fi
}
# json FILE EXPRESSION: prints a Python expression over the document `d`; "JSON?" when it is none.
json() {
    python3 -c '
import json, sys
try:
    d = json.load(open(sys.argv[1]))
    v = eval(sys.argv[2])
except Exception as x:
    print("JSON?", type(x).__name__, x)
    sys.exit(0)
print(json.dumps(v) if isinstance(v, (dict, list, tuple, bool)) or v is None else v)' "$1" "$2"
}
# json_lines FILE EXPRESSION: the same over a list of one document a line.
json_lines() {
    python3 -c '
import json, sys
try:
    d = [json.loads(x) for x in open(sys.argv[1]).read().splitlines()]
    v = eval(sys.argv[2])
except Exception as x:
    print("JSON?", type(x).__name__, x)
    sys.exit(0)
print(json.dumps(v) if isinstance(v, (dict, list, tuple, bool)) or v is None else v)' "$1" "$2"
}

# within SECONDS COMMAND...: looks until the command succeeds; fails at the deadline.
within() {
    until_s=$(($(date +%s) + $1))
    shift
    while ! "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -lt "$until_s" ] || return 1
        sleep 0.1
    done
}

# cloud_start [DIR]: a local cloud of this test's own; exports its environment, sets $CLOUD_PID.
cloud_start() {
    mkfifo "$T/cloud.fifo"
    "$MVPDASH" local --listen 127.0.0.1:0 --data "${1:-$T/cloud}" >"$T/cloud.fifo" 2>"$T/cloud.err" &
    CLOUD_PID=$!
    E2E_PIDS="$E2E_PIDS $CLOUD_PID"
    # It prints its five lines at once when it is ready; a dead one closes the pipe.
    head -n 5 "$T/cloud.fifo" >"$T/cloud.env"
    rm -f "$T/cloud.fifo"
    if ! grep -q AWS_ENDPOINT_URL "$T/cloud.env"; then
        fail "the local cloud starts" "$(cat "$T/cloud.err")"
        done_testing
    fi
    # shellcheck disable=SC1091
    . "$T/cloud.env"
}
cloud_stop() {
    kill "$CLOUD_PID" && wait "$CLOUD_PID"
}

done_testing() {
    echo "1..$E2E_COUNT"
    if [ "$E2E_FAILED" -gt 0 ]; then
        echo "# $E2E_FAILED of $E2E_COUNT failed"
        exit 1
    fi
    exit 0
}
