#!/bin/sh
# Links the static program for one machine: OUT/ARCH/mvpdash, stripped, and OUT/ARCH/mvpdash.debug, the
# same with its debug symbols. Both carry the same build id, so a debugger finds one by the other.
#
# usage: program.sh CACHE LIBS ARCH OUT
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
cache=${1:?usage: program.sh CACHE LIBS ARCH OUT}
libs=${2:?usage: program.sh CACHE LIBS ARCH OUT}
arch=${3:?usage: program.sh CACHE LIBS ARCH OUT}
out=${4:?usage: program.sh CACHE LIBS ARCH OUT}
cd "$top"
# From nothing: what an earlier commit or other flags made has no share in it.
rm -rf "$out/$arch/obj" "$out/$arch/tools"
mkdir -p "$out/$arch"
sh "$here/tools.sh" "$cache" "$arch" "$libs" "$out/$arch/tools"

# Only the libraries of this build are seen: none of the system's.
export PKG_CONFIG_LIBDIR="$libs/lib/pkgconfig" PKG_CONFIG_PATH='' PKG_CONFIG_SYSROOT_DIR=''
# Objects first: their bytes name the build.
make_it() { # LINK-FLAGS TARGET
    ${MAKE:-make} --no-print-directory -j"${DIST_JOBS:-2}" V=release B="$out/$arch/obj" \
        CC="$out/$arch/tools/cc" AR="$out/$arch/tools/ar" \
        EXTRA="${EXTRA-} -ffunction-sections -fdata-sections -ffile-prefix-map=$top=/mvpdash -ffile-prefix-map=$cache=/dist" \
        LINK_release="-Wl,-z,relro,-z,now -Wl,--gc-sections $1" "$2"
}
# The archive's name for the linker is the same in each folder.
make_it '' "$out/$arch/obj/libmvpdash.a"
# (The members of the C library's are named by the compiler's cache: what is in them counts.)
id=$({ cat "$out/$arch/obj/libmvpdash.a" "$libs"/lib/*.a; "$out/$arch/tools/ar" p "$libs/libc/libc.a"; } | sha256sum | cut -c 1-40)
rm -f "$out/$arch/obj/mvpdash"
make_it "-Wl,--build-id=0x$id" "$out/$arch/obj/mvpdash"
mv "$out/$arch/obj/mvpdash" "$out/$arch/mvpdash.debug"
python3 "$here/strip.py" "$out/$arch/mvpdash.debug" "$out/$arch/mvpdash"
