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
make_it() { # LINK-FLAGS TARGET
    ${MAKE:-make} --no-print-directory -j"${DIST_JOBS:-2}" V=release B="$out/$arch/obj" \
        CC="$out/$arch/tools/cc" AR="$out/$arch/tools/ar" \
        EXTRA="${EXTRA-} -ffunction-sections -fdata-sections -ffile-prefix-map=$top=/mvpdash -ffile-prefix-map=$cache=/dist" \
        LINK_release="-Wl,-z,relro,-z,now -Wl,--gc-sections $1" "$2"
}
link() { # ID FILE: the program with its debug symbols
    rm -f "$out/$arch/obj/mvpdash"
    make_it "-Wl,--build-id=0x$1" "$out/$arch/obj/mvpdash"
    mv "$out/$arch/obj/mvpdash" "$2"
}
# A second link with -s is no way to the stripped program: the linker then leaves other code in, and the
# debug symbols no longer fit.
stripped() { "$arch-linux-gnu-strip" -o "$out/$arch/mvpdash" "$out/$arch/mvpdash.debug"; }
# The id is the sum of the program as it is with an id of zeroes: what is in it counts, and not what the
# archives hold besides.
link "$(printf %040d 0)" "$out/$arch/mvpdash.debug"
stripped
link "$(sha256sum "$out/$arch/mvpdash" | cut -c 1-40)" "$out/$arch/mvpdash.debug"
stripped
