#!/bin/sh
# What lies in the outbox: whose it is, what is out of service, and what a person does about it.
. "$(dirname "$0")/lib.sh"
outbox=$XDG_STATE_HOME/mvpdash/outbox
deploy="--user-id u --product-id p --business-name B"
warned() { # FILE: the one warning of a --json run
    json_lines "$1" '[x["warning"] for x in d if "warning" in x][0]'
}
entries() { find "$outbox" -name '*.json' | wc -l | tr -d ' '; }

cloud_start "$T/one"
one_pid=$CLOUD_PID
exits 0 send $deploy
exits 0 outbox
has "an empty outbox says so" "$T/err" "the outbox is empty"
exits 0 outbox list --json
is "and is an empty list" "$(json "$T/out" 'd["entries"], d["outOfService"]')" "[[], 0]"
exits 2 outbox nonsense
exits 2 outbox send
exits 2 outbox drop job_1 --all
exits 3 outbox drop job_1 --yes
exits 3 outbox send job_1

# A deploy of the first cloud waits; the second cloud is another account.
cloud_stop
exits 5 send $deploy
kept=$(basename "$(find "$outbox" -name '*.json')" .json)
before=$(cksum <"$outbox/$kept.json")
cloud_start "$T/two"
exits 0 send $deploy --json
is "another account's entry is said to be left alone" "$(warned "$T/err" | grep -c "another account.*$kept")" 1
is "and left alone" "$(cksum <"$outbox/$kept.json")" "$before"
exits 1 outbox send "$kept"
has "nor is it sent by a person's word" "$T/err" "not of the one in use"
exits 3 status "$kept"
exits 0 outbox list --json
is "the list says whose it is" "$(json "$T/out" 'd["entries"][0]["state"]')" "another's"
cloud_stop
cloud_start "$T/one"
ok "the first cloud is another process" test "$one_pid" != "$CLOUD_PID"
exits 0 send $deploy
has "with its keys it is sent" "$T/err" "sent 1 deploy"
is "and the outbox is empty" "$(entries)" 0
exits 0 status "$kept"

# Damaged: an alarm until somebody deals with it.
printf '{"stage":"sent","sentAt"' >"$outbox/job_cut.json"
mkfifo "$outbox/job_pipe.json"
ln -s /etc/hosts "$outbox/job_link.json"
head -c 5000000 /dev/zero >"$outbox/job_large.json"
for i in 1 2; do
    exits 0 send $deploy
    has "run $i tells of it" "$T/err" "4 deploys cannot be sent"
done
exits 0 outbox list --json
is "the list has all" "$(json "$T/out" 'd["outOfService"], sorted(x["jobId"] for x in d["entries"])')" \
    '[4, ["job_cut", "job_large", "job_link", "job_pipe"]]'
exits 1 serve --drain-outbox --json
has "a drain does not call that empty" "$T/err" "4 deploys stay in the outbox"
is "nor zero" "$(json "$T/out" 'd["left"]')" 4
exits 3 outbox send job_cut
has "there is no record to make it from" "$T/err" "never started"
exits 2 outbox drop job_cut
ok "nothing goes without a yes" test -f "$outbox/job_cut.json"
exits 0 outbox drop job_cut job_pipe job_link --yes
exits 0 outbox drop --all --yes --json
is "each is named" "$(json "$T/out" '[x["jobId"] for x in d["results"]]')" '["job_large"]'
is "all are gone" "$(find "$outbox" -mindepth 1 | wc -l | tr -d ' ')" 0
ok "and what a link led to is not" test -s /etc/hosts

# What an earlier version kept names no account.
cloud_stop
exits 5 send $deploy
old=$(basename "$(find "$outbox" -name '*.json')" .json)
python3 - "$outbox/$old.json" <<'P'
import json, sys
d = json.load(open(sys.argv[1]))
for k in ("account", "key", "where", "sentMono", "boot", "v"):
    d.pop(k)
d.update(v=1, place="key in the environment | us-east-1 | loopback | t | loopback | b")
json.dump(d, open(sys.argv[1], "w"))
P
cloud_start "$T/one"
exits 0 send $deploy
has "it waits for a word" "$T/err" "an earlier version"
is "and is not touched" "$(entries)" 1
exits 3 status "$old"
has "status does not say that there is none" "$T/err" "holds one that it does not send"
exits 2 outbox send "$old"
exits 0 outbox send "$old" --yes --json
is "by a person's word it is sent" "$(json "$T/out" 'd["results"][0]["error"], d["results"][0]["jobId"]')" "[null, \"$old\"]"
exits 0 status "$old"
is "once" "$(entries)" 0
exits 0 outbox drop --all --yes
done_testing
