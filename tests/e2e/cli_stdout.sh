#!/bin/sh
# A command that changed something says what it did, also when stdout cannot take it.
. "$(dirname "$0")/lib.sh"
cloud_start
jobs() { "$MVPDASH" list --json --limit 500 | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))'; }
: >"$T/out"

# stdout WHAT COMMAND...: with a stdout that is `full`, `shut`, or the `broken` end of a pipe
stdout() {
    how=$1
    shift
    case $how in
    full) "$MVPDASH" "$@" >/dev/full 2>"$T/err" </dev/null ;;
    shut) "$MVPDASH" "$@" >&- 2>"$T/err" </dev/null ;;
    broken) python3 -c '
import os, subprocess, sys
r, w = os.pipe()
os.close(r)
sys.exit(subprocess.run(sys.argv[1:], stdout=w, stdin=subprocess.DEVNULL).returncode)' \
        "$MVPDASH" "$@" 2>"$T/err" ;;
    esac
    RC=$?
}
# A reader that goes away is no failure; a disk that is full, or nothing to write to, is.
status_of() { [ "$1" = broken ] && echo 0 || echo 1; }

n=0
for how in full shut broken; do
    want=$(status_of $how)
    n=$((n + 1))

    stdout $how send --user-id out --product-id p --job-id "sent-$how"
    is "$how: send: status" "$RC" "$want"
    has "$how: send: why it stands here" "$T/err" "stdout cannot take the results"
    ok "$how: send: the job" grep -q "^job    sent-$how$" "$T/err"
    ok "$how: send: how it is" grep -q "^status PENDING$" "$T/err"
    is "$how: send: it is there" "$(jobs)" "$((5 * n - 4))"

    stdout $how send --user-id out --product-id p --job-id "json-$how" --json
    is "$how: send --json: each line is JSON" "$(json_lines "$T/err" 'len([x for x in d if x.get("jobId") == "json-'$how'"])')" 1

    exits 0 status "sent-$how" --watch
    stdout $how retry "sent-$how"
    is "$how: retry: status" "$RC" "$want"
    has "$how: retry: the new job" "$T/err" "sent-$how  retried as job_"

    stdout $how event --source my.app --detail-type Test --detail '{"n":1}'
    is "$how: event: status" "$RC" "$want"
    ok "$how: event: its id" grep -q "^[0-9a-f]\{8\}-[0-9a-f-]*$" "$T/err"

    stdout $how cancel "json-$how"
    has "$how: cancel: what became of it" "$T/err" "json-$how"

    printf 'userId,productId\n%s,a\n%s,b\n' $how $how >$how.csv
    stdout $how batch $how.csv
    is "$how: batch: status" "$RC" "$want"
    is "$how: batch: a result a line" "$(grep -c '^line [23]  job_.*PENDING' "$T/err")" 2
    has "$how: batch: and their sum" "$T/err" "2 of 2 sent"

    stdout $how test
    is "$how: test: status" "$RC" "$want"
    ok "$how: test: each step" grep -q "^ok    " "$T/err"

    stdout $how report --job-id "sent-$how" --error oops --json
    has "$how: report: the job" "$T/err" "sent-$how"
done

# ---- a reader that leaves half-way: no line is cut ----
python3 -c '
print("userId,productId")
for i in range(300): print(f"fill{i},p")' >fill.csv
python3 -c '
import fcntl, os, subprocess, sys
r, w = os.pipe()
fcntl.fcntl(w, 1031, 4096)  # F_SETPIPE_SZ: all of it does not fit
p = subprocess.Popen(sys.argv[1:], stdout=w, stdin=subprocess.DEVNULL)
os.close(w)
os.read(r, 100)
os.close(r)
sys.exit(p.wait())' "$MVPDASH" batch fill.csv 2>"$T/err"
is "a reader that leaves half-way" "$?" 0
has "it is said" "$T/err" "stdout cannot take the results (nobody reads it now)"
ok "the last line is told" grep -q "^line 301  job_[0-9a-z_]*  PENDING$" "$T/err"
is "no line is cut" "$(grep -v '^mvpdash: ' "$T/err" | grep -cv '^line [0-9]*  job_[0-9]*_[0-9a-z]*  PENDING$')" 0

# ---- nobody at all to tell ----
"$MVPDASH" send --user-id out --product-id p >/dev/full 2>&1 </dev/null
is "nobody to tell: 1" "$?" 1
"$MVPDASH" send --user-id out --product-id p --job-id mute >&- 2>&- <&-
is "all closed: 1" "$?" 1
exits 0 status mute

# ---- what only reads, as ever ----
stdout full list
is "list: a full disk: 1" "$RC" 1
hasnt "list: its rows are not repeated" "$T/err" "mute"
stdout broken list
is "list: a reader that went away: 0" "$RC" 0
is "and nothing is said" "$(said)" ""
ok "nothing was printed into a file of the program's own" \
    test -z "$(grep -rl '^status PENDING' "$XDG_STATE_HOME" 2>/dev/null)"
done_testing
