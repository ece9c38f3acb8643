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
        kill "$pid" 2>/dev/null || continue
        within 30 process_gone "$pid" || { echo "# process $pid does not end when it is asked to"; kill -9 "$pid"; }
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

done_testing() {
    echo "1..$E2E_COUNT"
    if [ "$E2E_FAILED" -gt 0 ]; then
        echo "# $E2E_FAILED of $E2E_COUNT failed"
        exit 1
    fi
    exit 0
}

# needs PROGRAM...: ends the file at once, failed, when one is not installed. Without it each point
# would wait for something that cannot come.
needs() {
    for program in "$@"; do
        command -v "$program" >/dev/null 2>&1 && continue
        fail "needs $program, which is not installed" "\`sh .ci/deps test\` installs what the tests need"
        done_testing
    done
}

needs python3 # of json() below

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

# within SECONDS COMMAND...: looks until the command succeeds; fails at the deadline. SECONDS are those
# of a machine that has nothing else to do; a busy one gets more.
within() {
    until_s=$(($(date +%s) + $1 + 90))
    shift
    while ! "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -lt "$until_s" ] || return 1
        sleep 0.1
    done
}
# said: what the last command wrote to stderr, without the lines by which it tells on a slow machine what
# it waits for.
said() { grep -v ': waiting for .*, [0-9]* s so far$' "$T/err"; }
# ends PID SECONDS: waits for what this file has started and returns its exit status; what runs longer
# is a failure and is killed.
process_gone() { ! kill -0 "$1" 2>/dev/null; }
ends() {
    if ! within "$2" process_gone "$1"; then
        fail "process $1 ends within $2 s and some more" "$(ps -o pid,stat,etime,args -p "$1")"
        kill -9 "$1"
    fi
    wait "$1" 2>/dev/null
}

# cloud_start [DIR]: a local cloud of this test's own; exports its environment, sets $CLOUD_PID.
cloud_start() {
    mkfifo "$T/cloud.fifo"
    "$MVPDASH" local --listen 127.0.0.1:0 --data "${1:-$T/cloud}" >"$T/cloud.fifo" 2>"$T/cloud.err" &
    CLOUD_PID=$!
    E2E_PIDS="$E2E_PIDS $CLOUD_PID"
    # It prints its five lines at once when it is ready; a dead one closes the pipe.
    timeout 60 head -n 5 "$T/cloud.fifo" >"$T/cloud.env"
    rm -f "$T/cloud.fifo"
    if ! grep -q AWS_ENDPOINT_URL "$T/cloud.env"; then
        fail "the local cloud starts" "$(cat "$T/cloud.err")"
        done_testing
    fi
    # shellcheck disable=SC1091
    . "$T/cloud.env"
}
cloud_stop() {
    kill "$CLOUD_PID" && ends "$CLOUD_PID" 60
}

# aws_call SERVICE TARGET-OR-PATH BODY: one signed call as any other program makes it; the reply in
# $T/call. A refused one fails. It needs curl (say so: needs curl).
aws_call() {
    case $1 in
    dynamodb) set -- "$1" "$2" "$3" "" -H "X-Amz-Target: DynamoDB_20120810.$2" -H 'Content-Type: application/x-amz-json-1.0' ;;
    events) set -- "$1" "$2" "$3" "" -H "X-Amz-Target: AWSEvents.$2" -H 'Content-Type: application/x-amz-json-1.1' ;;
    logs) set -- "$1" "$2" "$3" "" -H "X-Amz-Target: Logs_20140328.$2" -H 'Content-Type: application/x-amz-json-1.1' ;;
    *) set -- "$1" "$2" "$3" "v1/$2" -H 'Content-Type: application/json' ;;
    esac
    service=$1 body=$3 path=$4
    shift 4
    curl -sS --fail-with-body --noproxy '*' --max-time 120 --aws-sigv4 "aws:amz:us-east-1:$service" \
        -u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$@" --data "$body" "$AWS_ENDPOINT_URL/$path" >"$T/call" 2>&1 ||
        fail "$service $path" "$body" "$(cat "$T/call")"
}
