#!/bin/sh
# The two commands on a machine that has nothing: `make run` and `make test` from a clean clone in bare
# roots, once as an ordinary user with sudo and once as root.
#
# usage: check.sh RELEASE [user|root ...]     RELEASE: a release of this machine's own distribution
#
# FRESH_TARGETS (test): what make is asked for there; FRESH_TARGETS="lint conformance" shows that .ci/deps
# names all that those need.
# FRESH_ROOT_SUITE (unit): the parts of the suite that root runs. The end-to-end tests take most of the
# time and the user has run them: FRESH_ROOT_SUITE="unit e2e" has root run them too.
#
# mmdebstrap makes each root, calls this file again as its hook while /dev and /proc are mounted, and
# removes the root afterwards. It works as root or, with newuidmap and an entry in /etc/subuid, in a
# user namespace. The packages come from where this machine's own apt gets them. Needs mmdebstrap,
# git and python3 on this machine; nothing is installed outside the roots.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)

say() { echo "fresh-check: $*"; }
. "$here/sources.sh"

# ---- inside mmdebstrap's hook: HOOK_ROOT is the bare root ----

FRESH_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# inside ARGUMENTS [COMMAND...]: `make ARGUMENTS` in the clone, as the user of this root; under COMMAND.
inside() {
    arguments=$1
    shift
    "$@" chroot "$HOOK_ROOT" env -i PATH="$FRESH_PATH" TERM=xterm-256color LC_ALL=C.UTF-8 \
        TEST_AGAIN="${TEST_AGAIN:-0}" \
        su "$FRESH_AS" -c "cd ~/mvpdash && make $arguments"
}

hook() {
    HOOK_ROOT=$1
    as=$FRESH_AS
    [ -e "$HOOK_ROOT/dev/ptmx" ] || { say "no /dev/ptmx in the root"; exit 1; }
    home=/root
    suite="SUITE='${FRESH_ROOT_SUITE:-unit}'"
    if [ "$as" != root ]; then
        home=/home/$as
        suite=
        chroot "$HOOK_ROOT" useradd --create-home "$as"
        echo "$as ALL=(ALL) NOPASSWD: ALL" >"$HOOK_ROOT/etc/sudoers.d/fresh"
        chmod 440 "$HOOK_ROOT/etc/sudoers.d/fresh"
    fi
    git clone -q "$FRESH_WORK/mvpdash.bundle" "$HOOK_ROOT$home/mvpdash"
    chroot "$HOOK_ROOT" chown -R "$as:" "$home/mvpdash"
    began=$(date +%s)
    inside run python3 "$FRESH_WORK/first_job.py"
    say "$FRESH_RELEASE, as $as: make run had its first job COMPLETED after $(($(date +%s) - began)) s"
    log=$HOOK_ROOT/tmp/fresh.log
    for target in ${FRESH_TARGETS:-test}; do
        began=$(date +%s)
        [ "$target" != test ] || target="test${suite:+ $suite}"
        if ! inside "$target" >"$log" 2>&1; then
            grep -E 'FAIL|CRASH|not ok|error|Error|not found' "$log" | head -40
            tail -30 "$log"
            say "$FRESH_RELEASE, as $as: make $target FAILED"
            exit 1
        fi
        sed -n 's/^again: .* failed once/fresh-check: &/p' "$log"
        say "$FRESH_RELEASE, as $as: make $target passed after $(($(date +%s) - began)) s"
    done
}

if [ "${1:-}" = --hook ]; then
    hook "$2"
    exit 0
fi

release=${1:?usage: check.sh RELEASE [user|root ...]}
shift
[ $# -gt 0 ] || set -- user root
for tool in mmdebstrap git python3 apt-get; do
    command -v $tool >/dev/null || {
        say "$tool is missing: apt-get install $tool"
        exit 1
    }
done
lines=$(sources "$release")
[ -n "$lines" ] || {
    say "this machine's apt names no source for its own release: nothing to make a root of $release from"
    exit 1
}
work=$(mktemp -d "${TMPDIR:-/tmp}/mvpdash-fresh.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
# In a user namespace the hook is another user: it gets what it needs in a folder that all may read.
chmod 755 "$work"
cp "$here/check.sh" "$here/sources.sh" "$here/first_job.py" "$work/"
git -C "$top" bundle create -q "$work/mvpdash.bundle" HEAD
chmod 644 "$work"/*
apt_options >"$work/apt"
printf '%s\n' "$lines" >"$work/sources"
for who in "$@"; do
    [ "$who" = root ] || who=founder
    export FRESH_AS=$who FRESH_RELEASE="$release" FRESH_WORK="$work"
    extra=ca-certificates,git,make
    [ "$who" = root ] || extra=$extra,sudo,passwd
    set -- --quiet --variant=apt "--include=$extra"
    while IFS= read -r line; do
        set -- "$@" "--aptopt=$line"
    done <"$work/apt"
    # /dev/null: the root is a temporary folder that mmdebstrap makes and removes.
    mmdebstrap "$@" "--customize-hook=sh '$work/check.sh' --hook \"\$1\"" \
        "$release" /dev/null "$work/sources" >"$work/out" 2>&1 || {
        cat "$work/out"
        exit 1
    }
    grep '^fresh-check' "$work/out"
done
echo "fresh-check: $release passed"
