#!/bin/sh
# Gets what the static build is made of, checks it against the lock file, and unpacks it.
#
# usage: sources.sh CACHE LOCK          (LOCKED=1: refuse what the lock does not name)
#
# The cross compiler is a wheel of the Python registry that pip is set up for; infra/dist/toolchain.txt
# pins its version and hash. The libraries are the source packages of the machine's own Debian mirror,
# read with apt's own verification through a private apt folder: the system's lists stay as they are.
# A mirror does not serve every version for ever, so the lock's version is asked for first and then
# the newest that is served; LOCKED=1 allows the first alone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${1:?usage: sources.sh CACHE LOCK}
lock=${2:?usage: sources.sh CACHE LOCK}
packages='openssl curl ncurses cjson libinih sqlite3'
files=$cache/files # downloads by name; a name holds its version
apt=$cache/apt
mkdir -p "$files" "$apt/lists/partial" "$apt/archives/partial" "$apt/sources"

fail() {
    echo "dist: $*" >&2
    exit 1
}
sum() { sha256sum "$1" | cut -d ' ' -f 1; }

# --- the cross compiler ---
wheel=$(sed -n 's/^# file: //p' "$here/toolchain.txt")
zig=$cache/zig/$(sed -n 's/.*--hash=sha256:\([0-9a-f]\{16\}\).*/\1/p' "$here/toolchain.txt")
if [ ! -x "$zig/ziglang/zig" ]; then
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
        --only-binary=:all: -r "$here/toolchain.txt" -d "$files" || fail "pip cannot get the cross compiler"
    rm -rf "$zig"
    mkdir -p "$zig"
    python3 -m zipfile -e "$files/$wheel" "$zig.new.$$"
    chmod +x "$zig.new.$$/ziglang/zig"
    rmdir "$zig" && mv "$zig.new.$$" "$zig"
fi
echo "$zig/ziglang/zig" >"$cache/zig.path"
compiler="wheel $(sed -n 's/.*--hash=sha256:\([0-9a-f]*\).*/\1/p' "$here/toolchain.txt") $wheel"
[ -z "${LOCKED-}" ] || grep -q -x -F "$compiler" "$lock" ||
    fail "$lock does not name the compiler of toolchain.txt, $wheel; LOCKED=1 takes no other"

# --- the private apt folder ---
# The system's own entries, as sources. A machine of the older supported release gets the same entries
# for the newer one as well: not every source package of the older one is served everywhere.
as_sources() { # suite-to-replace suite
    for f in /etc/apt/sources.list.d/debian*.sources /etc/apt/sources.list.d/*.sources; do
        [ -f "$f" ] && sed "s/^Types:.*/Types: deb-src/; /^Suites:/s/$1/$2/g" "$f" >"$apt/sources/$2-${f##*/}"
    done
    for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -f "$f" ] && sed -n "s/^deb /deb-src /; s/ $1/ $2/; /^deb-src /p" "$f" >"$apt/sources/$2-${f##*/}"
    done
    return 0
}
private() { # COMMAND ARGUMENTS...: an apt command on the private folder
    command=$1
    shift
    "$command" -q -o Acquire::Retries=3 -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$apt/sources" \
        -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt" -o "Dir::Cache::archives=$apt/archives" \
        -o APT::Get::List-Cleanup=0 -o Acquire::Languages=none -o "APT::Sandbox::User=$(id -un)" "$@"
}
lists=
read_lists() { # own|newer: the lists of the machine's own release, or of the newer one as well
    [ "$lists" != "$1" ] || return 0
    release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    rm -rf "$apt/sources"
    mkdir -p "$apt/sources"
    as_sources "$release" "$release"
    [ "$1" = own ] || [ "$release" != bookworm ] || as_sources bookworm trixie
    private apt-get update >"$apt/log" 2>&1 || { cat "$apt/log" >&2; fail "apt cannot read the source lists"; }
    lists=$1
}

# --- the sources ---
# The lock: "source VERSION PACKAGE" and below it "file SHA256 NAME" lines.
locked_version() { sed -n "s/^source \([^ ]*\) $1\$/\1/p" "$lock" 2>/dev/null | head -n 1; }
locked_files() { sed -n "/^source [^ ]* $1\$/,/^source /{/^file /p;}" "$lock" 2>/dev/null; }
have_locked() { # PACKAGE: are all its files there and as the lock says?
    locked_files "$1" | grep -q -F " $1_${version#*:}.dsc" || return 1
    locked_files "$1" | while read -r _ want name; do
        [ -f "$files/$name" ] && [ "$(sum "$files/$name")" = "$want" ] || exit 1
    done
}
other_file() { # PACKAGE: the first of its files that is there and is not what the lock says
    locked_files "$1" | while read -r _ want name; do
        if [ -f "$files/$name" ] && [ "$(sum "$files/$name")" != "$want" ]; then
            echo "$name"
            break
        fi
    done
}
served() { # PACKAGE VERSION
    (cd "$files" && private apt-get source --download-only "$1=$2" >"$apt/log" 2>&1)
}
get_newest() { # PACKAGE own|newer: the newest version that is served; sets `version`
    read_lists "$2"
    for version in $(private apt-cache showsrc "$1" 2>/dev/null | sed -n 's/^Version: //p' | sort -Vr); do
        if served "$1" "$version"; then return 0; fi
    done
    return 1
}
get() { # PACKAGE: sets `version`
    version=$(locked_version "$1")
    if [ -n "$version" ]; then
        have_locked "$1" && return
        damaged=$(other_file "$1")
        [ -z "$damaged" ] || { echo "dist: $damaged in the cache is not what the lock says: fetched again"; rm -f "$files/$damaged"; }
        for which in own newer; do
            read_lists $which
            if served "$1" "$version"; then
                have_locked "$1" || fail "$(other_file "$1") of $1 $version is not what the lock says"
                return
            fi
        done
    fi
    [ -z "${LOCKED-}" ] || fail "$1 ${version:-(not in the lock)} is not served; LOCKED=1 takes no other"
    wanted=$version
    get_newest "$1" own || get_newest "$1" newer || { cat "$apt/log" >&2; fail "no source of $1 is served"; }
    echo "dist: $1 ${wanted:-(not in the lock)} is not served: $version is taken"
}

new=$cache/lock.new
echo '# What `make dist` builds from: written by infra/dist/sources.sh, held to by LOCKED=1.' >"$new"
echo "$compiler" >>"$new"
for package in $packages; do
    get "$package"
    echo "source $version $package" >>"$new"
    dsc=${package}_${version#*:}.dsc
    { echo "$(sum "$files/$dsc") 0 $dsc"
      sed -n '/^Checksums-Sha256:/,/^[A-Z]/s/^ //p' "$files/$dsc"
    } | while read -r want _ name; do
        case $name in *.asc) continue ;; esac
        [ "$(sum "$files/$name")" = "$want" ] || fail "$name: not the SHA-256 of its .dsc"
        echo "file $want $name" >>"$new"
    done
done
if [ -n "${LOCKED-}" ]; then
    cmp -s "$new" "$lock" || { diff "$lock" "$new" >&2; fail "not what the lock says"; }
elif ! cmp -s "$new" "$lock"; then
    cp "$new" "$lock"
    echo "dist: $lock has changed: commit it"
fi
