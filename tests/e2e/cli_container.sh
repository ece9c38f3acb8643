#!/bin/sh
# `mvpdash local --container`: what the runtime is asked, with a runtime that only writes it down.
. "$(dirname "$0")/lib.sh"
needs jq
mkdir "$T/bin" "$T/none"
ln -s "$(command -v sh)" "$T/none/sh"
cat >"$T/bin/docker" <<END
#!/bin/sh
printf '%s\n' "\$*" >>"$T/asked"
case \$1 in
info) [ ! -e "$T/no-daemon" ] ;;
image) [ "\$5" = ours:1 ] ;;
ps) [ ! -e "$T/left" ] || { cat "$T/left"; rm "$T/left"; } ;;
rm) ;;
run)
    while [ "\$1" != --env-file ]; do shift; done
    stat -c '%a' "\$2" >"$T/mode"
    cp "\$2" "$T/env-file"
    shift 2
    case \$1 in
    ours:1) echo 'it runs'; exit 3 ;;
    esac ;;
esac
END
chmod 755 "$T/bin/docker"
PATH="$T/bin:$PATH"
local_cloud() { # leaves $CLOUD
    : >"$T/asked"
    "$MVPDASH" local --listen 127.0.0.1:0 --data "$T/cloud" --container ours:1 >"$T/cloud.env" 2>"$T/cloud.err" &
    CLOUD=$!
    E2E_PIDS="$E2E_PIDS $CLOUD"
    ok "the cloud starts" within 30 grep -q AWS_DEFAULT_REGION "$T/cloud.env"
    . "$T/cloud.env"
}

# ---- nothing to run it with ----
exits 2 local --data "$T/cloud" --container ''
(PATH="$T/bin:$T/none" && "$MVPDASH" local --data "$T/cloud" --container other:1) >"$T/out" 2>"$T/err"
is "a missing image is refused" "$?" 3
has "and named, with who was asked" "$T/err" "there is no image other:1 for $T/bin/docker"
: >"$T/no-daemon"
(PATH="$T/bin:$T/none" && "$MVPDASH" local --data "$T/cloud" --container ours:1) >"$T/out" 2>"$T/err"
is "no runtime that answers is refused" "$?" 4
has "and said" "$T/err" 'no container runtime here'
rm "$T/no-daemon"

# ---- what an earlier cloud left ----
printf 'a warning on stderr\nleft-one\nleft-two\n' >"$T/left"
local_cloud
has "it says what jobs run in" "$T/cloud.err" "jobs run in the image ours:1, by $T/bin/docker"
has "the first container that was left is removed" "$T/asked" 'rm --force --volumes left-one'
has "and the second" "$T/asked" 'rm --force --volumes left-two'
hasnt "what else the runtime says names none" "$T/asked" 'rm --force --volumes a warning'

# ---- a job ----
run send --user-id u --product-id p --job-id job_box --metadata '{"secret":"x"}' --wait --timeout 60
is "its exit code is the container's" "$RC" 1
has "and told" "$T/err" 'exit code 3'
grep '^run ' "$T/asked" >"$T/words"
for words in '--network host' '--read-only' '--cap-drop all' '--security-opt no-new-privileges' '--volume /work' '--pull never' '--ulimit nofile='; do
    has "it is run with $words" "$T/words" " $words"
done
hasnt "no secret is in its words" "$T/words" "$AWS_SECRET_ACCESS_KEY"
is "its environment is in a file of its owner" "$(cat "$T/mode")" 600
has "with the keys" "$T/env-file" "AWS_SECRET_ACCESS_KEY=$AWS_SECRET_ACCESS_KEY"
has "and the job" "$T/env-file" 'JOB_ID=job_box'
hasnt "and no folder of this machine" "$T/env-file" 'MVP_SITES_DIR='
ok "the container is removed" within 20 grep -q '^rm --force --volumes mvpdash-' "$T/asked"
ok "and the file" within 20 sh -c "! ls '$T'/cloud/jobs/*/environment* 2>/dev/null"

done_testing
