#!/bin/sh
# Tries what `make dist` made where nothing is installed: in roots that hold the one file, /dev, /proc,
# certificate authorities and resolv.conf, and for jobs a shell, git and jq; the packages in roots of
# Debian's releases; the end-to-end tests against the one file.
#
# usage: check.sh VERSION DIST [ARCH...]      (as root, or by sudo: it mounts and changes roots in its own namespaces)
#
# The program of another machine than this one runs under qemu-user, in a short form.
#
# DIST_PARTS="file packages bare jobs net names places e2e": only these parts.
# DIST_E2E="cli_exit ...": these end-to-end tests; "all": every one of them (the long form).
# DIST_TERMINAL=PATH/TO/e2e: the tests in a terminal too.
# shellcheck disable=SC2154,SC2034 # what these files set for each other
set -u
[ "$(id -u)" -eq 0 ] || exec sudo --preserve-env=DIST_PARTS,DIST_E2E,DIST_TERMINAL,DIST_NATIVE sh "$0" "$@"
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
version=${1:?usage: check.sh VERSION DIST [ARCH...]}
dist=${2:?usage: check.sh VERSION DIST [ARCH...]}
shift 2
[ $# -gt 0 ] || set -- x86_64
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mvpdash-dist.XXXXXX") || exit 2
. "$here/lib.sh"
. "$here/packages.sh"
. "$here/network.sh"
. "$here/places.sh"
trap 'stop_servers; rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM HUP

# --- the file itself ---
file_checks() {
    program=$dist/$arch/mvpdash
    readelf -lW "$program" >"$tmp/segments"
    readelf -dW "$program" >"$tmp/dynamic"
    readelf -SW "$program" >"$tmp/sections"
    check "it is one static, position-independent program" says 'static-pie linked' file "$program"
    check "its type says so" grep -q 'Elf file type is DYN' "$tmp/segments"
    check "it asks for no loader" sh -c '! grep -q INTERP "$1"' sh "$tmp/segments"
    check "it needs no library" sh -c '! grep -q NEEDED "$1"' sh "$tmp/dynamic"
    check "no RPATH" sh -c '! grep -q -E "RPATH|RUNPATH" "$1"' sh "$tmp/dynamic"
    check "its stack is not executable" grep -q -E 'GNU_STACK .* RW +0' "$tmp/segments"
    check "relocations are read-only" grep -q GNU_RELRO "$tmp/segments"
    check "and all bound at the start" grep -q BIND_NOW "$tmp/dynamic"
    check "no segment is written and run" sh -c '! grep -q -E "LOAD .* RWE" "$1"' sh "$tmp/segments"
    check "it is stripped" sh -c '! grep -q -E "debug_info|symtab" "$1"' sh "$tmp/sections"
    check "its debug symbols are kept, with the same build id" sh -c '
        readelf -SW "$2" | grep -q debug_info &&
        [ "$(readelf -n "$1" | grep "Build ID")" = "$(readelf -n "$2" | grep "Build ID")" ]' sh "$program" "$program.debug"
    # Two links made them: one must lie in memory as the other does.
    check "the symbols are those of this code" sh -c '
        layout() { readelf -lW "$1" | grep -E "LOAD|RELRO|Entry"; }
        layout "$1" >"$3.1" && layout "$2" >"$3.2" && test -s "$3.1" && diff "$3.1" "$3.2"' sh \
        "$program" "$program.debug" "$tmp/layout"
    check "and lead to lines of the source" says src/main.c sh -c '
        addr2line -e "$1" "0x$(readelf -sW "$1" | sed -n "s/^ *[0-9]*: \([0-9a-f]*\) .* main\$/\1/p")"' sh "$program.debug"
    check "no folder of the build is named in it" sh -c '! grep -a -q -F "$2" "$1"' sh "$program" "$top"
}

# --- a root with nothing but the file ---
bare_checks() {
    root=$tmp/$arch-bare
    bare_root "$root"
    check "--version" says "mvpdash $version" mvpdash "$root" -- --version
    check "--version --verbose names the libraries" says 'OpenSSL 3' mvpdash "$root" -- --version --verbose
    check "no terminfo: the doctor knows the terminal" says 'A2          terminal' mvpdash "$root" AWS_REGION=us-east-1 -- doctor --timeout 5
    check "the help" says 'mvpdash send' mvpdash "$root" -- help send
}

# --- jobs ---
# The emulator cannot start a program of its own kind from a job: a script with the program's name does.
wrapped() {
    mv "$root/mvpdash" "$root/mvpdash.elf"
    printf '#!/bin/sh\nexec /emulator /mvpdash.elf "$@"\n' >"$root/mvpdash"
    chmod +x "$root/mvpdash"
    guest=/mvpdash.elf
}
job_checks() {
    root=$tmp/$arch-tools
    tools_root "$root"
    inside "$root" 'PATH=/bin HOME=/tmp LC_ALL=C.UTF-8 TERM=xterm-256color' local --data /tmp/cloud --listen 127.0.0.1:0 \
        >"$tmp/cloud.env" 2>"$tmp/cloud.log" &
    servers="$servers $!"
    for _ in $(seq 300); do grep -q AWS_DEFAULT_REGION "$tmp/cloud.env" && break; sleep 0.2; done
    [ -z "$emulator" ] || wrapped
    cloud=$(sed -n "s/^export //p" "$tmp/cloud.env" | tr -d "\"'" | tr '\n' ' ')
    check "mvpdash local says how it is reached" test -n "$cloud"
    # shellcheck disable=SC2086 # a list
    check "a job to COMPLETED" says COMPLETED mvpdash "$root" $cloud -- send --user-id me --product-id shop \
        --business-name Shop --features auth --wait --timeout 300
    # shellcheck disable=SC2086
    check "list" says COMPLETED mvpdash "$root" $cloud -- list
    # shellcheck disable=SC2086
    check "doctor" says 'PASS' mvpdash "$root" $cloud -- doctor
    check "the dashboard, where no terminfo is installed" in_terminal "$root" \
        "HOME=/tmp LC_ALL=C.UTF-8 TERM=xterm-256color $cloud" '' '' Shop '?' Keys
    guest=/mvpdash
    stop_servers
    rm -rf "$root"
}

# --- the end-to-end tests, against this file ---
# Those where the two programs could differ most: the C library's sorting, numbers and children, TLS,
# and what the completions and the outbox keep. All of them take too long for every change.
e2e_checks() {
    tests=${DIST_E2E:-cli_exit cli_jobs cli_serve cli_bulk cli_outbox cli_secrets cli_redirect cli_usage}
    [ "$tests" != all ] || tests=$(cd "$top/tests/e2e" && ls cli_*.sh runner_*.sh | sed 's/\.sh$//')
    # shellcheck disable=SC2086 # names
    E2E_TERMINAL=${DIST_TERMINAL:-} sh "$top/tests/e2e/run.sh" "$dist/$arch/mvpdash" $tests >"$tmp/e2e" 2>&1
    check "$(grep -c '^ok' "$tmp/e2e") points of the end-to-end tests" test $? -eq 0
    sed -n '/^not ok/,/^[^#]/p' "$tmp/e2e"
}

# --- all of it ---
# `times` speaks of the shell that runs it: no pipe.
cpu() {
    times >"$tmp/times"
    spent=$(tail -n 1 "$tmp/times" | tr 'ms' '  ' | awk '{ printf "%d\n", $1 * 60 + $2 + $3 * 60 + $4 }')
}
part() { # NAME
    case " ${DIST_PARTS:-$1} " in *" $1 "*) ;; *) return ;; esac
    began=$(date +%s)
    cpu
    before_s=$spent
    "$2"
    cpu
    echo "# $arch: $1, $(($(date +%s) - began)) s, $((spent - before_s)) s of processor time"
}
for arch in "$@"; do
    emulator=
    [ "$arch" = "${DIST_NATIVE:-$(uname -m)}" ] || emulator=qemu-$arch-static
    part file file_checks
    part packages package_checks
    part bare bare_checks
    part jobs job_checks
    part net net_checks
    if [ -z "$emulator" ]; then
        part names name_checks
        part places place_checks
        part e2e e2e_checks
    fi
done
echo "dist-check: $((count - failed)) passed, $failed failed"
[ $failed -eq 0 ]
