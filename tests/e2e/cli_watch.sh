#!/bin/sh
# Following a job to its end: exit codes, one JSON document a line, a lost link, an interrupt, alerts.
. "$(dirname "$0")/lib.sh"
cloud_start

send() { # NAME METADATA: sends, prints the job id
    "$MVPDASH" send --user-id u --product-id p --business-name "$1" --metadata "$2" --json |
        python3 -c 'import json,sys; print(json.load(sys.stdin)["jobId"])'
}

# ---- to the end ----
good=$(send Good '{}')
exits 0 status "$good" --watch --json
is "a line for each change, the last one final" \
    "$(json_lines "$T/out" 'd[-1]["status"], len(d) > 2, len({x["jobId"] for x in d})')" '["COMPLETED", true, 1]'
exits 0 status "$good" --watch
bad=$(send Bad '{"simulate":{"exitCode":3,"atStep":"BUILDING"}}')
exits 1 status "$bad" --watch
has "and says why" "$T/err" "exit code 3"
exits 3 status nothing --watch
exits 2 status "$good" --alert
exits 2 send --user-id u --product-id p --alert

# ---- an interrupt leaves whole lines ----
slow=$(send Slow '{"simulate":{"stepSeconds":60}}')
# A shell's background command ignores SIGINT; a person's does not.
python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$MVPDASH" status "$slow" --watch --json >"$T/out" 2>"$T/err" &
pid=$!
ok "it has begun" within 20 test -s "$T/out"
kill -INT "$pid"
ends "$pid" 30
is "ended by the signal" "$?" 130
is "whole lines" "$(json_lines "$T/out" 'len({x["jobId"] for x in d})')" 1

# ---- a lost link is said once, and it goes on ----
"$MVPDASH" status "$slow" --watch >"$T/out" 2>"$T/err" &
pid=$!
ok "it has begun" within 20 test -s "$T/out"
port=${AWS_ENDPOINT_URL##*:}
cloud_stop
ok "the loss is said" within 20 grep -q "tries again" "$T/err"
"$MVPDASH" local --listen "127.0.0.1:$port" --data "$T/cloud" >"$T/cloud2.env" 2>"$T/cloud2.err" &
E2E_PIDS="$E2E_PIDS $!"
ends "$pid" 60
is "the job did not survive its cloud" "$?" 1
has "that it answers again" "$T/err" "connected again"
is "said once" "$(grep -c 'tries again' "$T/err")" 1

# ---- the hook, without a terminal ----
cat >"$T/hook" <<'HOOK'
#!/bin/sh
{ echo "$MVPDASH_ALERT $MVPDASH_JOB_ID"; cat; } >"$1"
echo >>"$1"; env | grep -c AWS_SECRET >>"$1"
HOOK
chmod 700 "$T/hook"
mkdir -p "$XDG_CONFIG_HOME/mvpdash"
printf '[alerts]\nhook = "%s" "%s"\n' "$T/hook" "$T/hooked" >"$XDG_CONFIG_HOME/mvpdash/config.ini"
exits 0 send --user-id u --product-id p --business-name Hooked --wait --alert --json
is "which job, and how it ended" "$(head -n 1 "$T/hooked")" "finished $(json "$T/out" 'd["jobId"]')"
sed -n 2p "$T/hooked" >"$T/hooked.json"
is "the whole job on stdin" "$(json "$T/hooked.json" 'd["alert"], d["businessName"], d["status"]')" '["finished", "Hooked", "COMPLETED"]'
is "no keys" "$(tail -n 1 "$T/hooked")" 0
hasnt "no sequence outside a terminal" "$T/err" "]9;"
printf '[alerts]\nhook = false\n' >"$XDG_CONFIG_HOME/mvpdash/config.ini"
exits 0 send --user-id u --product-id p --wait --alert
has "a failing hook is said" "$T/err" "ended with status 1"
printf '[alerts]\nhook = "open\n' >"$XDG_CONFIG_HOME/mvpdash/config.ini"
exits 0 config
has "what would be accepted" "$T/err" "every quote closed"
printf '[alerts]\nquiet = 22-7\n' >"$XDG_CONFIG_HOME/mvpdash/config.ini"
exits 0 config
has "here too" "$T/err" "22:00-07:00"
done_testing
