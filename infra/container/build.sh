#!/bin/sh
# Builds the pipeline's image: with docker where its daemon answers; else with buildah, and then without
# any registry: the base is made of Debian's packages by mmdebstrap.
#
# usage: build.sh NAME [tools]       (make container; `tools`: only the stage that no commit changes, kept
#                                     for the build that follows)
#
# CONTAINER_ARCH    amd64 or arm64 (default: this machine's own); another one needs qemu-user-static and
#                   binfmt-support, and -ARCH ends its tags
# CONTAINER_BASE    another base image than the Dockerfile's; with buildah one that a registry has
# CONTAINER_PROGRAM auto, static or build (see the Dockerfile)
# CONTAINER_STORE   what buildah and podman keep (default: build/container of this clone); no other storage
#                   of the machine is touched, and nothing stays mounted there
#
# The image is called NAME:latest and NAME:REVISION; where it was built without docker, the last line says
# how podman and mvpdash find it.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
store= # set by use_store
name=${1:?usage: build.sh NAME [tools]}
only=${2:-}
. "$here/store.sh"
. "$top/tests/fresh/sources.sh"

say() { echo "container: $* ($(date -u +%H:%M:%S))"; }

own=$(case $(uname -m) in x86_64) echo amd64 ;; aarch64) echo arm64 ;; *) uname -m ;; esac)
arch=${CONTAINER_ARCH:-$own}
revision=$(git -C "$top" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
[ -z "$(git -C "$top" status --porcelain 2>/dev/null)" ] || revision=$revision-changed
# An image for another machine has that machine's name in its tags.
other=
[ "$arch" = "$own" ] || other=-$arch
pinned=$(sed -n 's/^ARG BASE=//p' "$here/Dockerfile")
cd "$top"

with_docker() {
    [ "$only" != tools ] || set -- --target tools
    [ -z "${CONTAINER_BASE:-}" ] || set -- "$@" --build-arg "BASE=$CONTAINER_BASE"
    [ "$arch" = "$own" ] || set -- "$@" --platform "linux/$arch"
    [ "$only" = tools ] || set -- "$@" -t "$name:latest$other" -t "$name:$revision$other"
    docker build "$@" -f infra/container/Dockerfile --build-arg "PROGRAM=${CONTAINER_PROGRAM:-auto}" \
        --build-arg "REVISION=$revision" .
}

# The Dockerfile's base under its own name, of the release that the name begins with.
make_base() {
    release=${pinned#*:}
    release=${release%%-*}
    base=localhost/$pinned-$arch
    ! buildah inspect --type image "$base" >/dev/null 2>&1 || return 0
    say "$base of Debian's packages"
    sources "$release" >"$store/sources"
    [ -s "$store/sources" ] || { say "this machine's apt names no source to make $release from" >&2; exit 1; }
    apt_options >"$store/apt"
    set -- --quiet --variant=minbase "--arch=$arch"
    while IFS= read -r line; do
        set -- "$@" "--aptopt=$line"
    done <"$store/apt"
    # mmdebstrap leaves this machine's own way to the packages in the root: the build needs it as well.
    mmdebstrap "$@" "$release" "$store/base.tar" "$store/sources"
    from=$(buildah from --arch "$arch" scratch)
    buildah add -q "$from" "$store/base.tar" / >/dev/null
    buildah config --arch "$arch" --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --cmd sh "$from"
    buildah commit -q --rm "$from" "$base" >/dev/null
    rm -f "$store/base.tar"
}

with_buildah() {
    for tool in buildah mmdebstrap; do
        command -v $tool >/dev/null || { say "neither docker's daemon nor $tool: sh .ci/deps container" >&2; exit 1; }
    done
    emulated=$(case $arch in arm64) echo aarch64 ;; amd64) echo x86_64 ;; *) echo "$arch" ;; esac)
    if [ -n "$other" ] && ! grep -q -s -x enabled "/proc/sys/fs/binfmt_misc/qemu-$emulated"; then
        say "this machine cannot run programs for $arch: apt-get install qemu-user-static binfmt-support" >&2
        exit 1
    fi
    base=${CONTAINER_BASE:-}
    pull=--pull
    if [ -z "$base" ]; then
        make_base
        pull=--pull-never
    fi
    set -- --layers
    [ "$only" != tools ] || set -- "$@" --target tools
    [ "$only" = tools ] || set -- "$@" -t "localhost/$name:latest$other"
    buildah bud --isolation chroot $pull --arch "$arch" "$@" -f infra/container/Dockerfile \
        --build-arg "BASE=$base" --build-arg "PROGRAM=${CONTAINER_PROGRAM:-auto}" --build-arg "REVISION=$revision" . \
        >"$store/log.$$" 2>&1 || { cat "$store/log.$$"; exit 1; }
    grep -e '^program: ' -e '^mvpdash ' "$store/log.$$" || :
    rm -f "$store/log.$$"
    [ "$only" != tools ] || return 0
    buildah tag "localhost/$name:latest$other" "localhost/$name:$revision$other"
}

if docker info >/dev/null 2>&1; then
    with_docker
    say "$name:$revision$other is built"
    exit 0
fi
use_store
# One at a time: the base and the tools may be built beside other steps.
exec 9>"$store/lock"
flock 9
with_buildah
say "$name:$revision$other is built${only:+, up to its $only}"
[ "$only" = tools ] || echo "export CONTAINERS_STORAGE_CONF=$CONTAINERS_STORAGE_CONF CONTAINERS_CONF=$CONTAINERS_CONF"
