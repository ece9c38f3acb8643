#!/bin/sh
# Writes cc, ar and ranlib for one machine into a folder: the cross compiler under the names that
# build scripts know.
#
# usage: tools.sh CACHE ARCH LIBS FOLDER     (LIBS/libc: the C library, made by libs.sh)
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
cache=${1:?usage: tools.sh CACHE ARCH LIBS FOLDER}
arch=${2:?usage: tools.sh CACHE ARCH LIBS FOLDER}
libs=${3:?usage: tools.sh CACHE ARCH LIBS FOLDER}
folder=${4:?usage: tools.sh CACHE ARCH LIBS FOLDER}
zig=$(cat "$cache/zig.path")
mkdir -p "$folder"
{
    printf '#!/bin/sh\n'
    printf "zig='%s' target='%s' libc='%s' cache='%s'\n" "$zig" "$arch-linux-musl" "$libs/libc" "$folder/cache"
    cat "$here/cc.sh"
} >"$folder/cc"
for tool in ar ranlib; do
    printf '#!/bin/sh\nexec %s %s "$@"\n' "'$zig'" $tool >"$folder/$tool"
done
chmod +x "$folder/cc" "$folder/ar" "$folder/ranlib"
