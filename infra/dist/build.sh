#!/bin/sh
# Makes the files that are given out: one static program for each machine, its tar.gz, .deb and .rpm,
# SHA256SUMS and a list of what is inside (SBOM).
#
# usage: build.sh VERSION OUT [ARCH...]      (make dist; ARCH: x86_64, aarch64; LOCKED=1: only what the lock names;
#        LIBS_ONLY=1: what is built of other people's sources, and nothing else)
#
# What is built of other people's sources is kept in ${XDG_CACHE_HOME:-~/.cache}/mvpdash-dist, in a
# folder that is named by the lock file and the recipes: a change of either builds it again. The same
# sources and tools give the same bytes, whatever the folders are called (`make dist-same` compares): all
# dates are the last commit's (or SOURCE_DATE_EPOCH).
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
. "$here/spent.sh"
top=$(cd "$here/../.." && pwd -P)
version=${1:?usage: build.sh VERSION OUT [ARCH...]}
out=${2:?usage: build.sh VERSION OUT [ARCH...]}
shift 2
[ $# -gt 0 ] || set -- x86_64 aarch64
cd "$top"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date -r CHANGELOG.md +%s)}
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC0
umask 022
unset MAKEFLAGS MFLAGS # what this make was told is not for those of the libraries
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mvpdash-dist
lock=$here/lock
mkdir -p "$cache" "$out"
# The compiler writes folders by their real names, which the maps to /dist and /mvpdash must know.
cache=$(cd "$cache" && pwd -P)
out=$(cd "$out" && pwd -P)

say() { echo "dist: $* ($(date -u +%H:%M:%S))"; }

say "sources"
sh "$here/sources.sh" "$cache" "$lock"
key=$(cat "$lock" "$here/libs.sh" "$here/tools.sh" "$here/cc.sh" "$here/terminals" "$here/terminals.ti" | sha256sum | cut -c 1-16)
for arch in "$@"; do
    libs=$cache/$key/$arch
    if [ ! -e "$libs/complete" ]; then
        say "libraries for $arch"
        mkdir -p "$cache/$key"
        # Their dates do not depend on this commit: they are shared by all that have this lock.
        SOURCE_DATE_EPOCH=1700000000 sh "$here/libs.sh" "$cache" "$lock" "$arch" "$libs"
        : >"$libs/complete"
    fi
    [ "${LIBS_ONLY:-}" != 1 ] || continue
    say "program for $arch"
    (sh "$here/program.sh" "$cache" "$libs" "$arch" "$out"; spent "program for $arch")
    say "packages for $arch"
    (sh "$here/pack.sh" "$version" "$lock" "$libs" "$arch" "$out"; spent "packages for $arch")
done
[ "${LIBS_ONLY:-}" != 1 ] || exit 0
(cd "$out" && sha256sum ./*/mvpdash mvpdash-"$version"* mvpdash_"$version"* | sed "s,  ./,  ," >SHA256SUMS)
spent "all"
say "$out:"
cat "$out/SHA256SUMS"
