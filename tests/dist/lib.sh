# lib.sh - checks, and roots to run the static program in (POSIX sh; sourced by check.sh).
#
# Set by check.sh: $tmp, $dist, $arch, $version, $emulator (empty on this machine's own kind).
# shellcheck disable=SC2154,SC2034 # what these files set for each other

servers=
failed=0
count=0
# What runs inside before the program does, in a mount namespace of its own: $root is the root.
# shellcheck disable=SC2016 # expanded by the inner shell
mounts='/bin/mount --rbind /dev "$root/dev" && /bin/mount -t proc proc "$root/proc"'
before=$mounts
netns=          # a command that enters another network namespace
guest=/mvpdash  # the program in the root

stop_servers() {
    for pid in $servers; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
    servers=
}
check() { # DESCRIPTION COMMAND...
    what=$1
    shift
    count=$((count + 1))
    if "$@" >"$tmp/log" 2>&1; then
        echo "ok $count - $arch: $what"
    else
        echo "not ok $count - $arch: $what"
        sed 's/^/#   /' "$tmp/log" | tail -n 30
        failed=$((failed + 1))
    fi
}
says() { # TEXT COMMAND...: its output holds TEXT
    text=$1
    shift
    "$@" >"$tmp/said" 2>&1
    cat "$tmp/said"
    grep -q -F -- "$text" "$tmp/said"
}
fails() { ! "$@"; }

# --- roots ---
bare_root() { # FOLDER
    mkdir -p "$1/dev" "$1/proc" "$1/etc/ssl/certs" "$1/tmp"
    cp /etc/resolv.conf "$1/etc/" 2>/dev/null || : >"$1/etc/resolv.conf"
    cp /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
    cp "$dist/$arch/mvpdash" "$1/mvpdash"
    if [ -n "$emulator" ]; then
        cp "$(command -v "$emulator")" "$1/emulator"
    fi
}
# A shell of busybox, and this machine's git and jq with the libraries that they load.
tools_root() { # FOLDER
    bare_root "$1"
    mkdir -p "$1/bin"
    cp "$(command -v busybox)" "$1/bin/busybox"
    for name in $("$1/bin/busybox" --list); do
        [ -e "$1/bin/$name" ] || ln -s busybox "$1/bin/$name"
    done
    echo 'root:x:0:0:root:/tmp:/bin/sh' >"$1/etc/passwd"
    for tool in git jq; do
        rm -f "$1/bin/$tool"
        cp "$(command -v $tool)" "$1/bin/$tool"
        for library in $(ldd "$(command -v $tool)" | tr ' ' '\n' | grep '/'); do
            mkdir -p "$1${library%/*}"
            cp -L "$library" "$1$library"
        done
    done
    # Part of a git that is installed, and the same program.
    for name in git-upload-pack git-receive-pack; do ln -sf git "$1/bin/$name"; done
    mkdir -p "$1/usr/share/git-core/templates"
}
# inside ROOT VARIABLES ARGUMENTS...: VARIABLES are words, and all of the program's environment.
inside() {
    where=$1 variables=$2
    shift 2
    # shellcheck disable=SC2086 # lists of words
    env -i $variables $netns unshare --mount /bin/sh -c '
        root=$1
        eval "$2" || exit 99
        shift 2
        exec /usr/sbin/chroot "$root" "$@"' sh "$where" "$before" ${emulator:+/emulator} "$guest" "$@"
}
# mvpdash ROOT VARIABLES... -- ARGUMENTS...
mvpdash() {
    where=$1
    shift
    variables=
    while [ "$1" != -- ]; do
        variables="$variables $1"
        shift
    done
    shift
    inside "$where" "PATH=/bin HOME=/tmp LC_ALL=C.UTF-8 TERM=xterm-256color$variables" "$@"
}
# in_terminal ROOT VARIABLES ARGUMENTS KEYS TEXT...: the program in a terminal (see keys.py).
in_terminal() {
    cat >"$tmp/terminal" <<END
#!/bin/sh
root=$1
$before || exit 99
exec env -i PATH=/bin $2 /usr/sbin/chroot "$1" ${emulator:+/emulator} $guest $3
END
    chmod +x "$tmp/terminal"
    shift 3
    unshare --mount python3 "$top/tests/e2e/keys.py" 24 80 "$tmp/terminal" "$@"
}
