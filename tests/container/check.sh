#!/bin/sh
# Runs the image that `make container` built: the local cloud starts it as Batch would.
#
# usage: check.sh MVPDASH IMAGE [CASE...]
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
mvpdash=${1:?usage: check.sh MVPDASH IMAGE [CASE...]}
image=${2:?usage: check.sh MVPDASH IMAGE [CASE...]}
shift 2
runtime=docker
if ! docker info >/dev/null 2>&1; then
    . "$top/infra/container/store.sh"
    use_store
    runtime=podman
fi
exec python3 "$here/check.py" "$mvpdash" "$image" "$runtime" "$@"
