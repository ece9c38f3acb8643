#!/bin/sh
# Deploys from a file: checked first, sent once, gone on with after a kill.
. "$(dirname "$0")/lib.sh"
cloud_start
jobs() { "$MVPDASH" list --json --limit 500 | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))'; }

# ---- mistakes: all of them told, nothing written ----
printf 'user-id,productId,priority\n,p1,urgent\nu2\nu3,"p\nu4,p4,low\n' >bad.csv
exits 2 batch bad.csv
has "a missing value" "$T/err" "line 2: userId is missing"
has "and a wrong one of the same line" "$T/err" 'line 2: priority: "urgent"'
has "a short line" "$T/err" "line 3: productId is missing"
has "an open quote" "$T/err" "line 4: column 2 has a quote that is not closed"
exits 2 batch bad.csv --json
is "the same as JSON" "$(json "$T/err" 'd["error"]["code"], [(x["line"], x["field"]) for x in d["lines"]]')" '["E_INVALID", [[2, "userId"], [2, "priority"], [3, "productId"], [4, null]]]'
is "nothing on stdout" "$(cat "$T/out")" ""
printf 'userId,productId,busnessName\nu1,p1,Shop\n' >near.csv
exits 2 batch near.csv
has "a column that nearly is a field" "$T/err" 'line 1: "busnessName" is not a field: did you mean businessName?'
exits 3 batch nowhere.csv
exits 2 batch
exits 2 batch - # empty stdin
has "what belongs in a file" "$T/err" "one deploy a line"
is "nothing was written" "$(jobs)" 0
ok "no journal either" test ! -e "$XDG_STATE_HOME/mvpdash/batch"

# ---- a dry run ----
printf '\357\273\277userId,product-id,shop name,plan,founderdashDbUrl\r\nu1,p1,"A ""q"", b",gold,postgresql://u:geheim@h/db\r\n\r\nu2,p2,,,\r\n' >good.csv
exits 0 batch good.csv --dry-run
is "each line" "$(cat "$T/out")" "line 2  (new job id)  VALID
line 4  (new job id)  VALID"
exits 0 batch good.csv --dry-run --json
is "with its detail" "$(json_lines "$T/out" '[x["detail"]["metadata"] for x in d]')" '[{"shop name": "A \"q\", b", "plan": "gold"}, {}]'
hasnt "without the password" "$T/out" geheim
is "nothing was sent" "$(jobs)" 0

# ---- CSV and JSON Lines ----
exits 0 batch good.csv
is "a result a line" "$(sed 's/job_[0-9]*_[0-9a-z]*/JOB/' "$T/out")" "line 2  JOB  PENDING
line 4  JOB  PENDING"
has "the sum goes to stderr" "$T/err" "2 of 2 sent by this run"
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
exits 2 batch taken.csv
has "not twice by mistake" "$T/err" "--resume"
exits 1 batch taken.csv --resume
is "going on sends nothing twice" "$(jobs)" 5
exits 2 batch taken.csv --resume --again

# ---- the same lines once more, from whatever file ----
exits 2 batch good.csv
has "what was sent is said" "$T/err" "sent 2 of these 2 deploys"
has "from which file" "$T/err" "from good.csv"
has "and what to do" "$T/err" "--again"
exits 2 batch good.csv --json
is "as JSON too" "$(json "$T/err" 'd["error"]["code"]')" E_USAGE
is "nothing on stdout" "$(cat "$T/out")" ""
"$MVPDASH" batch - <good.csv >"$T/out" 2>"$T/err"
is "from stdin too" "$?" 2
sed 's/\r$//' good.csv | awk 'NR == 1 { print; next } { line[NR] = $0 } END { for (i = NR; i > 1; i--) print line[i] }' >other.csv
exits 2 batch other.csv
exits 0 batch other.csv --resume
has "this run sent none" "$T/err" "0 of 2 sent by this run, 2 by earlier ones"
is "each line says so" "$(grep -c "sent by an earlier run" "$T/out")" 2
printf 'u3,p3,,,\n' >>other.csv
exits 0 batch other.csv --resume
has "only the new line" "$T/err" "1 of 3 sent by this run, 2 by earlier ones"
is "one job more" "$(jobs)" 6
rm -rf "$XDG_STATE_HOME/mvpdash/batch"
exits 2 batch other.csv
has "known without a journal" "$T/err" "these 3 deploys"
within 20 sh -c '"$MVPDASH" batch other.csv --resume >resumed 2>&1 && grep -q "0 of 3 sent by this run, 3 by earlier ones" resumed'
ok "and none is sent again" grep -q "0 of 3 sent by this run, 3 by earlier ones" resumed
is "no job more" "$(jobs)" 6
exits 0 batch other.csv --again
has "all of them when told" "$T/err" "3 of 3 sent by this run, 0 by earlier ones"
is "three jobs more" "$(jobs)" 9
exits 2 batch good.csv --read-only

# ---- killed in the middle ----
python3 -c '
print("userId,productId")
for i in range(150): print(f"many{i},p")' >many.csv
before=$(cat "$XDG_STATE_HOME"/mvpdash/batch/*/*.jsonl | grep -c '"sent"')
"$MVPDASH" batch many.csv >"$T/first" 2>"$T/err" &
pid=$!
begun() { [ "$(cat "$XDG_STATE_HOME"/mvpdash/batch/*/*.jsonl | grep -c '"sent"')" -gt $((before + 7)) ]; }
ok "it sends" within 20 begun
kill -9 "$pid"
ends "$pid" 30
run batch many.csv --resume --json
cp "$T/out" "$T/second"
is "every line has its result" "$(json_lines "$T/second" 'len(d), len({x["jobId"] for x in d})')" "[150, 150]"
is "nothing failed" "$(json_lines "$T/second" '[x for x in d if x["status"] != "PENDING"]')" "[]"
kept=$(json_lines "$T/second" 'sum(x["kept"] for x in d)')
is "each record once, but for what the outbox still holds" \
    "$(json_lines "$T/second" "len(d) - $kept")" "$((150 - kept))"
ok "and there are no others" test "$(jobs)" -le 159
ok "all of them" test "$(jobs)" -ge "$((159 - kept))"

# ---- Ctrl-C ----
python3 -c '
print("userId,productId")
for i in range(400): print(f"broken{i},p")' >broken.csv
cat >break.py <<'END'
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs ignore it
p = subprocess.Popen(sys.argv[2:], stdout=open("told", "w"), stderr=open("said", "w"), stdin=subprocess.DEVNULL)
end = time.time() + 20
while time.time() < end and p.poll() is None and len(open("told").readlines()) < 10:
    time.sleep(.01)
p.send_signal(getattr(signal, sys.argv[1]))
print(p.wait())
END
is "Ctrl-C ends it with its exit status" "$(python3 break.py SIGINT "$MVPDASH" batch broken.csv)" 130
told=$(grep -c 'PENDING$' told)
has "the sum is what was told" said "mvpdash: $told of 400 sent by this run"
hasnt "which is not all" said " 0 not tried"
has "why" said "stopped by Ctrl-C"
has "and how to go on" said "the same command with --resume"
is "a line is whole" "$(grep -vc '^line [0-9]*  job_[0-9a-z_]*  PENDING$' told)" 0
exits 0 batch broken.csv --resume
has "the rest" "$T/err" "$((400 - told)) of 400 sent by this run, $told by earlier ones"

# ---- the old form ----
printf 'userId,productId\nold,p\n' >old.csv
exits 0 --action batch old.csv
exits 0 --action batch --user-id old --product-id p

# ---- without a file: five samples, as the old tool sent them ----
sampled() { "$MVPDASH" list --json | grep -c '"userId":"sample-user-'; }
exits 2 --action batch
has "nobody to ask" "$T/err" "nothing was sent"
has "what to say" "$T/err" "--yes"
exits 2 --action batch --json
exits 2 --action=batch --yes --read-only
is "nothing was sent" "$(sampled)" 0
exits 0 --action batch --dry-run
is "five are in order" "$(grep -c VALID "$T/out")" 5
is "still nothing" "$(sampled)" 0
exits 0 --action batch --yes
is "five are sent" "$(grep -c PENDING "$T/out") $(sampled)" "5 5"
exits 0 --action batch --yes --json
is "new ones each time" "$(json_lines "$T/out" 'len(set(x["jobId"] for x in d))') $(sampled)" "5 10"
is "of five users" "$("$MVPDASH" list --json | grep -o 'sample-user-[1-5]' | sort -u | wc -l)" 5
exits 2 batch old.csv --yes
exits 2 batch
has "batch itself wants a file" "$T/err" "FILE is missing"

cat >asked.py <<'END'
import os, pty, select, sys
answer, argv = sys.argv[1], sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.execv(argv[0], argv)
seen, sent = b"", False
while True:
    if not select.select([fd], [], [], 30)[0]:
        break
    try:
        part = os.read(fd, 65536)
    except OSError:
        break
    if not part:
        break
    seen += part
    if not sent and b"[y/N] " in seen:
        os.write(fd, answer.encode() + b"\n")
        sent = True
sys.stdout.write(seen.decode(errors="replace"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
python3 asked.py n "$MVPDASH" --action batch >asked
is "no is no" "$? $(sampled)" "1 10"
has "what it would do is said" asked "bus mvp-development and table mvp-development-jobs"
python3 asked.py y "$MVPDASH" --action batch >asked
is "yes is yes" "$? $(grep -c PENDING asked) $(sampled)" "0 5 15"
done_testing
