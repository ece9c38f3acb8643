#!/bin/sh
# What `make dist` takes when the lock, the cache and the mirror do not agree, with LOCKED=1 and without.
# It changes copies of the lock and of the cache that `make dist` left; the mirror must still serve what that lock names.
#
# usage: locked.sh
set -u
here=$(cd "$(dirname "$0")" && pwd -P)
recipe=$(cd "$here/../../infra/dist" && pwd -P)
real=${XDG_CACHE_HOME:-$HOME/.cache}/mvpdash-dist
[ -d "$real/zig" ] || { echo "locked.sh: first: make dist" >&2; exit 2; }
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mvpdash-locked.XXXXXX") || exit 2
trap 'rm -rf "$tmp"' EXIT
cache=$tmp/cache
lock=$tmp/lock
count=0
failed=0

mkdir -p "$cache/files"
ln -s "$(cd "$real/zig" && pwd -P)" "$cache/zig"
for file in "$real"/files/*; do
    case $file in *.whl) ;; *) cp "$file" "$cache/files" ;; esac
done
changed_lock() { sed "$1" "$recipe/lock" >"$lock"; }
# sources LOCKED: its exit code in $ended, what it says in $tmp/said
sources() {
    LOCKED=$1 sh "$recipe/sources.sh" "$cache" "$lock" >"$tmp/said" 2>&1
    ended=$?
}
expect() { # DESCRIPTION passes|refuses TEXT
    count=$((count + 1))
    if [ "$2" = passes ]; then right=$([ $ended -eq 0 ] && echo 1); else right=$([ $ended -ne 0 ] && echo 1); fi
    if [ -n "$right" ] && { [ -z "$3" ] || grep -q -F -- "$3" "$tmp/said"; }; then
        echo "ok $count - $1${3:+: $(grep -F -m 1 -- "$3" "$tmp/said")}"
    else
        echo "not ok $count - $1 (exit code $ended)"
        sed 's/^/#   /' "$tmp/said"
        failed=$((failed + 1))
    fi
}

# As `make dist` left it: what it took is what it wrote into the lock.
changed_lock ''
sources 1
expect "the lock as it is" passes ''
cmp -s "$recipe/lock" "$lock" || { echo "not ok - LOCKED=1 wrote to the lock"; failed=$((failed + 1)); }

changed_lock 's/^source [^ ]* cjson$/source 9.9.9-1 cjson/'
sources 1
expect "LOCKED=1, a version that nobody serves" refuses 'cjson 9.9.9-1 is not served; LOCKED=1 takes no other'
sources ''
expect "without it the newest is taken" passes 'cjson 9.9.9-1 is not served: '
cmp -s "$recipe/lock" "$lock" && ended=0 || ended=1
grep -q '^source 9.9.9-1 cjson' "$lock" && ended=1
cp "$lock" "$tmp/said"
expect "and stands in the lock, with its sums" passes 'cjson_'

name=$(sed -n 's/^file [^ ]* \(cjson_.*orig.*\)/\1/p' "$recipe/lock")
changed_lock "s/^file [0-9a-f]* $name\$/file $(printf '%064d' 0) $name/"
sources 1
expect "LOCKED=1, a file with another sum" refuses "$name of cjson"
sources ''
expect "without it the same version with other bytes is refused too" refuses "$name of cjson"

changed_lock ''
echo changed >>"$cache/files/$name"
sources 1
expect "a file of the cache that was changed" passes "$name in the cache is not what the lock says: fetched again"

changed_lock 's/^wheel [0-9a-f]*/wheel 0000/'
sources 1
expect "LOCKED=1, another compiler" refuses 'does not name the compiler of toolchain.txt'

echo "dist-locked: $((count - failed)) passed, $failed failed"
[ $failed -eq 0 ]
