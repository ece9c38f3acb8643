#!/bin/sh
# The example in each command's help runs as it stands.
. "$(dirname "$0")/lib.sh"
cloud_start
mkdir "$T/bin"
ln -s "$MVPDASH" "$T/bin/mvpdash"
PATH=$T/bin:$PATH
: >staging.env # what config's example names

example() { "$MVPDASH" help "$1" | sed -n '/^Example:/,$s/^  //p'; }
# runs COMMAND [STATUS]: its example ends with that status, 0 unless told otherwise.
runs() {
    echo "$1" >>"$T/tried"
    line=$(example "$1")
    sh -c "$line" >"$T/out" 2>"$T/err" </dev/null
    got=$?
    if [ "$got" = "${2:-0}" ]; then
        pass "$line"
    else
        fail "$line" "exit $got" "$(cat "$T/err")"
    fi
}

# The job that the examples name, slow enough to be reported on and cancelled.
exits 0 send --job-id job_1734567890123_abc123def --user-id u --product-id p --metadata '{"simulate":{"stepSeconds":60}}'
started() { "$MVPDASH" status job_1734567890123_abc123def | grep -q '^batch state RUNNING'; }
ok "it runs" within 30 started
runs report
runs cancel
runs status 1 # it was cancelled, and --watch tells so
runs logs
runs list
runs stats
runs retry
runs send
printf 'user-id,productId\nuser123,prod456\nuser124,prod456\n' >deploys.csv
runs batch
runs event
runs jobs
runs bus
runs dlq
runs outbox
runs doctor
runs test
runs config
runs iam
runs help

# serves COMMAND TEXT: its example goes on after it has printed the text, and ends when told to.
serves() {
    echo "$1" >>"$T/tried"
    line=$(example "$1")
    : >"$T/out" # what the example before printed is not this one's
    : >"$T/err"
    sh -c "exec $line" >"$T/out" 2>"$T/err" </dev/null &
    pid=$!
    E2E_PIDS="$E2E_PIDS $pid"
    wanted=$2
    printed() { grep -q -F -e "$wanted" "$T/out" "$T/err"; }
    ok "$line" within 10 printed
    kill "$pid"
    ends "$pid" 30
    is "it ends in order" "$?" 0
}
serves local AWS_DEFAULT_REGION
serves serve http://127.0.0.1:

# Whoever adds a command adds its example here.
"$MVPDASH" help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\).*/\1/p' | sort >"$T/commands"
sort "$T/tried" >"$T/sorted"
is "every command's example was tried" "$(cat "$T/sorted")" "$(cat "$T/commands")"

exits 1 local --data "$T/cloud" --listen 127.0.0.1:0
has "a folder in use is said" "$T/err" "in use"
exits 4 local --data "$T/other" --listen 8.8.8.8:0
has "this machine only" "$T/err" "8.8.8.8"
done_testing
