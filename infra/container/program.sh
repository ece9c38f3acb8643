#!/bin/sh
# Puts into OUT what the image adds to its tools: mvpdash, the stage runner and the stages. Runs in the
# image's build, in the folder of the sources.
#
# usage: program.sh auto|static|build OUT
#
# OUT/usr/local/share/mvpdash/packages names the libraries that this mvpdash needs; none for a static one.
set -eu
kind=${1:?usage: program.sh auto|static|build OUT}
out=${2:?usage: program.sh auto|static|build OUT}
static=build/dist/$(uname -m)/mvpdash
packages=
mkdir -p "$out/usr/local/share/mvpdash"

say() { echo "program: $*"; }

newer() { find Makefile CHANGELOG.md include src ui -type f -newer "$static" | head -n 1; }
if [ "$kind" = auto ]; then
    kind=build
    if [ ! -e "$static" ]; then
        say "no $static: it is built"
    elif [ -n "$(newer)" ]; then
        say "$(newer) is newer than $static: it is built"
    else
        kind=static
    fi
fi
case $kind in
static)
    say "$static"
    install -D -m 755 "$static" "$out/usr/local/bin/mvpdash"
    ;;
build)
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends gcc libc6-dev libcjson-dev \
        libcurl4-openssl-dev libinih-dev libncurses-dev libsqlite3-dev libssl-dev make pkg-config
    make -j"$(nproc)" V=release build
    install -D -m 755 build/release/mvpdash "$out/usr/local/bin/mvpdash"
    strip "$out/usr/local/bin/mvpdash"
    # Those of this release that the program was linked to.
    packages=$(ldd "$out/usr/local/bin/mvpdash" | sed -n 's/.*=> *\(\/[^ ]*\).*/\1/p' | while read -r library; do
        dpkg-query -S "$library" 2>/dev/null || dpkg-query -S "/usr$library" || dpkg-query -S "${library#/usr}"
    done | sed 's/:.*//' | sort -u | tr '\n' ' ')
    ;;
*)
    say "auto, static or build, not $kind" >&2
    exit 2
    ;;
esac
echo "$packages" >"$out/usr/local/share/mvpdash/packages"
install -D -m 755 infra/container/entrypoint "$out/opt/pipeline/entrypoint"
cp -R infra/container/stages "$out/opt/pipeline/stages"
