#!/bin/sh
# Builds once more in a folder of another name and compares every file with what `make dist` made: the
# same sources and tools give the same bytes.
#
# usage: same.sh folder|whole VERSION DIST [ARCH...]
#
# folder: another source folder and another output folder; the libraries are those of `make dist`.
# whole:  another cache as well, so that the libraries and musl are built again. It takes as long as the
#         first `make dist`; nothing is fetched.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd -P)
usage='usage: same.sh folder|whole VERSION DIST [ARCH...]'
what=${1:?$usage}
version=${2:?$usage}
dist=${3:?$usage}
shift 3
[ $# -gt 0 ] || set -- x86_64
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mvpdash-same.XXXXXX") || exit 2
trap 'rm -rf "$tmp"' EXIT
cd "$top" || exit 2
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

# The files as they are, also those that are not yet committed.
source=$tmp/a-source-folder-of-quite-another-name
out=$tmp/elsewhere
mkdir -p "$source"
git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -xf - -C "$source" || exit 2
if [ "$what" = whole ]; then
    cache=${XDG_CACHE_HOME:-$HOME/.cache}/mvpdash-dist
    export XDG_CACHE_HOME="$tmp/a-cache-folder-of-quite-another-name"
    mkdir -p "$XDG_CACHE_HOME/mvpdash-dist"
    cp -a "$cache/files" "$cache/zig" "$XDG_CACHE_HOME/mvpdash-dist" || exit 2
fi
sh "$source/infra/dist/build.sh" "$version" "$out" "$@" >"$tmp/log" 2>&1 || { tail -n 40 "$tmp/log"; exit 1; }
grep 'CPU seconds' "$tmp/log"

failed=0
count=0
for arch in "$@"; do
    for file in "$arch/mvpdash" "$arch/mvpdash.debug" $(cd "$out" && ls -d mvpdash*"$arch"* mvpdash*_"$(
        [ "$arch" = x86_64 ] && echo amd64 || echo arm64)".deb); do
        count=$((count + 1))
        if cmp "$dist/$file" "$out/$file"; then
            echo "ok $count - $file: the same bytes"
        else
            echo "not ok $count - $file: other bytes"
            failed=$((failed + 1))
        fi
    done
done
[ $failed -eq 0 ] || {
    kept=$(mktemp -d "${TMPDIR:-/tmp}/mvpdash-differs.XXXXXX")
    mv "$out" "$kept" && echo "dist-same: the second build is kept in $kept"
}
echo "dist-same ($what): $((count - failed)) passed, $failed failed"
[ $failed -eq 0 ] && [ $count -gt 0 ]
