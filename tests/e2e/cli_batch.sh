#!/bin/sh
# Deploys from a file: checked first, sent once, gone on with after a kill.
. "$(dirname "$0")/lib.sh"
cloud_start
jobs() { "$MVPDASH" list --json --limit 500 | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))'; }

# ---- mistakes: all of them told, nothing written ----
printf 'user-id,productId,priority\n,p1,urgent\nu2\nu3,"p\nu4,p4,low\n' >bad.csv
exits 2 batch bad.csv
has "a missing value" "$T/err" "line 2: userId: is missing"
has "and a wrong one of the same line" "$T/err" 'line 2: priority: "urgent"'
has "a short line" "$T/err" "line 3: has 1 column where the header has 3"
has "an open quote" "$T/err" "line 4: column 2 has a quote that is not closed"
exits 2 batch bad.csv --json
is "the same as JSON" "$(json "$T/err" 'd["error"]["code"], [(x["line"], x["field"]) for x in d["lines"]]')" '["E_INVALID", [[2, "userId"], [2, "priority"], [3, null], [4, null]]]'
is "nothing on stdout" "$(cat "$T/out")" ""
exits 3 batch nowhere.csv
exits 2 batch
exits 2 batch - # empty stdin
is "nothing was written" "$(jobs)" 0
ok "no journal either" test ! -e "$XDG_STATE_HOME/mvpdash/batch"

# ---- a dry run ----
printf '\357\273\277userId,product-id,business name,plan,founderdashDbUrl\r\nu1,p1,"A ""q"", b",gold,postgresql://u:geheim@h/db\r\n\r\nu2,p2,,,\r\n' >good.csv
exits 0 batch good.csv --dry-run
is "each line" "$(cat "$T/out")" "line 2  (new job id)  VALID
line 4  (new job id)  VALID"
exits 0 batch good.csv --dry-run --json
is "with its detail" "$(json_lines "$T/out" '[x["detail"]["metadata"] for x in d]')" '[{"business name": "A \"q\", b", "plan": "gold"}, {}]'
hasnt "without the password" "$T/out" geheim
is "nothing was sent" "$(jobs)" 0

# ---- CSV and JSON Lines ----
exits 0 batch good.csv
is "a result a line" "$(sed 's/job_[0-9]*_[0-9a-z]*/JOB/' "$T/out")" "line 2  JOB  PENDING
line 4  JOB  PENDING"
has "the sum goes to stderr" "$T/err" "2 of 2 sent"
hasnt "no bar outside a terminal" "$T/err" "###"
ok "no password in the journal" test -z "$(grep -r geheim "$XDG_STATE_HOME/mvpdash/batch")"
printf '{"userId":"u3","productId":"p"}\n{"userId":"u4","productId":"p","jobId":"mine","metadata":{"features":["auth"],"n":1}}\n' >lines.jsonl
"$MVPDASH" batch - --json <lines.jsonl >"$T/out" 2>"$T/err"
is "stdin" "$?" 0
is "JSON Lines" "$(json_lines "$T/out" '[(x["line"], x["status"], x["earlier"], x["error"]) for x in d]')" '[[1, "PENDING", false, null], [2, "PENDING", false, null]]'
exits 0 status mine --watch
exits 0 status mine --json
is "the job is what the line said" "$(json "$T/out" 'd["userId"], d["features"], d["status"]')" '["u4", ["auth"], "COMPLETED"]'

# ---- what fails, fails alone ----
printf 'userId,productId,jobId\nu,p,mine\nu,p,\n' >taken.csv
exits 1 batch taken.csv
has "which and why" "$T/out" "line 2  mine  FAILED"
is "the other one was sent" "$(grep -c PENDING "$T/out")" 1
exits 1 batch taken.csv
has "not twice by mistake" "$T/err" "--resume"
exits 1 batch taken.csv --resume
is "going on sends nothing twice" "$(jobs)" 5
exits 2 batch taken.csv --resume --new
exits 2 batch good.csv --read-only

# ---- killed in the middle ----
python3 -c '
print("userId,productId")
for i in range(150): print(f"u{i},p")' >many.csv
"$MVPDASH" batch many.csv >"$T/first" 2>"$T/err" &
pid=$!
begun() { grep -q '"sent"' "$XDG_STATE_HOME"/mvpdash/batch/*.jsonl && [ "$(cat "$XDG_STATE_HOME"/mvpdash/batch/*.jsonl | grep -c '"sent"')" -gt 7 ]; }
ok "it sends" within 20 begun
kill -9 "$pid"
wait "$pid" 2>/dev/null
run batch many.csv --resume --json
cp "$T/out" "$T/second"
is "every line has its result" "$(json_lines "$T/second" 'len(d), len({x["jobId"] for x in d})')" "[150, 150]"
is "nothing failed" "$(json_lines "$T/second" '[x for x in d if x["status"] != "PENDING"]')" "[]"
kept=$(json_lines "$T/second" 'sum(x["kept"] for x in d)')
is "each record once, but for what the outbox still holds" \
    "$(json_lines "$T/second" "len(d) - $kept")" "$((150 - kept))"
ok "and there are no others" test "$(jobs)" -le 155
ok "all of them" test "$(jobs)" -ge "$((155 - kept))"

# ---- the old form ----
printf 'userId,productId\nold,p\n' >old.csv
exits 0 --action batch old.csv
exits 0 --action batch --user-id old --product-id p
done_testing
