#!/bin/sh
# Builds the libraries that the static program is linked with, for one machine: only what it uses.
#
# usage: libs.sh CACHE LOCK ARCH OUT        (ARCH: x86_64 or aarch64; OUT gets lib/, libc/, include/, licences/)
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
. "$here/spent.sh"
cache=${1:?usage: libs.sh CACHE LOCK ARCH OUT}
lock=${2:?usage: libs.sh CACHE LOCK ARCH OUT}
arch=${3:?usage: libs.sh CACHE LOCK ARCH OUT}
out=${4:?usage: libs.sh CACHE LOCK ARCH OUT}
work=$out.work
tools=$work/tools
jobs=${DIST_JOBS:-2}
export LC_ALL=C TZ=UTC0
rm -rf "$out" "$work"
mkdir -p "$tools" "$out/lib/pkgconfig" "$out/include" "$out/libc" "$out/licences"

version_of() { sed -n "s/^source \([^ ]*\) $1\$/\1/p" "$lock"; }
upstream_of() { version_of "$1" | sed 's/^[0-9]*://; s/-[^-]*$//'; }
unpack() { # PACKAGE: into $work/PACKAGE, Debian's patches applied; its licence texts are kept
    dsc=$(sed -n "/^source [^ ]* $1\$/,/^source /s/^file [^ ]* \(.*\.dsc\)\$/\1/p" "$lock")
    dpkg-source --no-check -x "$cache/files/$dsc" "$work/$1" >"$work/$1.unpack" 2>&1 || { cat "$work/$1.unpack" >&2; exit 1; }
    cp "$work/$1/debian/copyright" "$out/licences/$1"
    # A patch that is newer than the files made from it must not start the autotools.
    find "$work/$1" -exec touch -h -d @"$SOURCE_DATE_EPOCH" {} +
}
# Runs a step with its output in a file, which is shown when the step fails.
step() { # NAME COMMAND...
    name=$1
    shift
    "$@" >"$work/$name.log" 2>&1 || { tail -n 40 "$work/$name.log" >&2; echo "dist: $name failed for $arch (all of it: $work/$name.log)" >&2; exit 1; }
}
# A configure script that knows what it found out for another machine already: both have musl, 64 bits
# and the same order of bytes. What names a machine or a program is asked again.
facts() { # NAME ./configure ARGUMENTS...
    name=$1
    known=$(dirname "$out")/$name.facts
    shift
    [ ! -f "$known" ] || cp "$known" config.cache
    step "$name-configure" "$@" --cache-file=config.cache
    sed '/ac_cv_env_/d; /ac_cv_host/d; /ac_cv_build/d; /ac_cv_prog/d; /ac_cv_path/d; /lt_cv_/d; /cf_cv_.*path/d' \
        config.cache >"$known.$$" && mv "$known.$$" "$known"
}
pc() { # NAME VERSION LIBS
    printf 'Name: %s\nDescription: static\nVersion: %s\nLibs: -L%s/lib %s\nCflags: -I%s/include\n' \
        "$1" "$2" "$out" "$3" "$out" >"$out/lib/pkgconfig/$1.pc"
}

sh "$here/tools.sh" "$cache" "$arch" "$out" "$tools"
PATH=$tools:$PATH
# -g1: the lines of functions are enough to read where a call came from.
flags="-O2 -g1 -fPIC -fstack-protector-strong -ffunction-sections -fdata-sections -ffile-prefix-map=$cache=/dist -ffile-prefix-map=$work=/dist"
CC=$tools/cc AR=$tools/ar RANLIB=$tools/ranlib CFLAGS=$flags
export CC AR RANLIB CFLAGS

# musl and the compiler's run time, which the compiler builds for itself when it links: without debug
# data, which would name the cache's folders, and once for all links.
libc() {
    zig=$(cat "$cache/zig.path")
    export ZIG_GLOBAL_CACHE_DIR="$tools/cache" ZIG_LOCAL_CACHE_DIR="$tools/cache"
    echo 'int main(void) { return 0; }' >"$work/nothing.c"
    cd "$tools" # it names its files from here
    step libc env ZIG_VERBOSE_LINK=1 "$zig" cc -target "$arch-linux-musl" -fno-sanitize=all -O2 -fPIC -s -static -pie \
        "$work/nothing.c" -o "$work/nothing"
    for name in rcrt1.o libc.a libzigc.a libcompiler_rt.a; do
        made=$(sed -n '/-o [^ ]*nothing /p' "$work/libc.log" | tr ' ' '\n' | grep "/$name\$")
        [ -f "$made" ] || { echo "dist: the compiler links with no $name: $work/libc.log" >&2; exit 1; }
        cp "$made" "$out/libc/$name"
    done
}
openssl() {
    unpack openssl
    cd "$work/openssl"
    # No file of the host decides how this one behaves (no-autoload-config), no module is loaded.
    step openssl-configure perl ./Configure "linux-$arch" no-shared no-module no-dso no-engine no-legacy no-tests \
        no-autoload-config no-async no-comp no-ui-console no-capieng no-afalgeng no-padlockeng \
        no-aria no-bf no-blake2 no-camellia no-cast no-cmp no-cms no-ct no-dtls no-gost no-idea no-md4 no-mdc2 \
        no-ocb no-rc2 no-rc4 no-rfc3779 no-rmd160 no-scrypt no-seed no-siphash no-siv no-sm2 no-sm3 no-sm4 \
        no-srp no-srtp no-ts no-whirlpool no-weak-ssl-ciphers no-ssl3 no-tls1 no-tls1_1 \
        no-dsa no-ec2m no-ocsp no-ssl-trace no-static-engine no-makedepend \
        --prefix=/usr --openssldir=/etc/ssl
    step openssl-generated make -j"$jobs" build_generated
    # It keeps the compiler's whole command line, with this folder in it, for `openssl version -a`.
    perl util/mkbuildinf.pl "clang -target $arch-linux-musl -O2" "linux-$arch" >crypto/buildinf.h
    step openssl-build make -j"$jobs" libcrypto.a libssl.a
    cp libcrypto.a libssl.a "$out/lib"
    cp -r include/openssl "$out/include"
    pc openssl "$(upstream_of openssl)" '-lssl -lcrypto'
}
curl() {
    unpack curl
    cd "$work/curl"
    facts curl ./configure --host="$arch-linux-musl" --disable-shared --enable-static --prefix=/usr \
        --with-openssl="$out" --with-ca-bundle=/etc/ssl/certs/ca-certificates.crt --without-ca-path \
        --disable-dict --disable-file --disable-ftp --disable-gopher --disable-imap --disable-ldap --disable-ldaps \
        --disable-mqtt --disable-pop3 --disable-rtsp --disable-smb --disable-smtp --disable-telnet --disable-tftp \
        --disable-ares --disable-alt-svc --disable-hsts --disable-cookies --disable-manual --disable-libcurl-option \
        --disable-dnsshuffle --disable-doh --disable-netrc --disable-ntlm --disable-ntlm-wb --disable-tls-srp \
        --disable-unix-sockets --disable-get-easy-options --disable-ech --disable-websockets --disable-versioned-symbols \
        --without-brotli --without-zstd --without-zlib --without-libpsl --without-libidn2 --without-libssh2 \
        --without-librtmp --without-nghttp2 --without-nghttp3 --without-ngtcp2 --without-gssapi \
        --enable-threaded-resolver --enable-ipv6 --enable-proxy --enable-http
    step curl-build make -j"$jobs" -C lib libcurl.la
    cp lib/.libs/libcurl.a "$out/lib"
    mkdir -p "$out/include/curl"
    cp include/curl/*.h "$out/include/curl"
    pc libcurl "$(upstream_of curl)" '-lcurl -lssl -lcrypto'
}
ncurses() {
    unpack ncurses
    cd "$work/ncurses"
    cat debian/rxvt-unicode.ti "$here/terminals.ti" >>misc/terminfo.src
    # The host's own descriptions come first, a person may have changed them; those of the common
    # terminals are inside, for a host that has none.
    facts ncurses ./configure --host="$arch-linux-musl" --with-build-cc=gcc --prefix=/usr --disable-shared \
        --enable-widec --without-cxx --without-cxx-binding --without-ada --without-manpages --without-progs \
        --without-tests --without-debug --without-gpm --without-dlsym --disable-home-terminfo --disable-rpath \
        --with-default-terminfo-dir=/usr/share/terminfo \
        --with-terminfo-dirs=/etc/terminfo:/lib/terminfo:/usr/share/terminfo:/usr/lib/terminfo:/usr/share/lib/terminfo \
        --with-tic-path="$(command -v tic)" --with-infocmp-path="$(command -v infocmp)" \
        --with-fallbacks="$(paste -s -d , "$here/terminals")"
    step ncurses-headers make -C include
    step ncurses-build make -j"$jobs" -C ncurses
    cp lib/libncursesw.a "$out/lib"
    mkdir -p "$out/include/ncursesw"
    for h in curses.h term.h unctrl.h ncurses_dll.h; do cp "include/$h" "$out/include/$h"; done
    cp "$out/include/curses.h" "$out/include/ncurses.h"
    ln -sf ../curses.h ../term.h ../unctrl.h ../ncurses_dll.h ../ncurses.h "$out/include/ncursesw"
    pc ncursesw "$(upstream_of ncurses)" -lncursesw
}
small() { # cJSON, inih, SQLite: one C file each
    unpack cjson
    cd "$work/cjson"
    step cjson-build "$CC" $flags -DCJSON_HIDE_SYMBOLS -c cJSON.c -o cJSON.o
    "$AR" rcs "$out/lib/libcjson.a" cJSON.o
    mkdir -p "$out/include/cjson"
    cp cJSON.h "$out/include/cjson"
    pc libcjson "$(upstream_of cjson)" -lcjson
    unpack libinih
    cd "$work/libinih"
    step inih-build "$CC" $flags -c ini.c -o ini.o
    "$AR" rcs "$out/lib/libinih.a" ini.o
    cp ini.h "$out/include"
    pc inih "$(upstream_of libinih)" -linih
    unpack sqlite3
    cd "$work/sqlite3"
    # The one file of all is made by a Tcl script of the build machine.
    step sqlite-configure env CC=gcc CFLAGS=-O1 AR=/usr/bin/ar RANLIB=/usr/bin/ranlib ./configure --disable-tcl --disable-readline
    step sqlite-one-file make sqlite3.c
    step sqlite-build "$CC" $flags -DSQLITE_THREADSAFE=1 -DSQLITE_OMIT_LOAD_EXTENSION \
        -DHAVE_USLEEP=1 -DHAVE_PREAD=1 \
        -DHAVE_PWRITE=1 -DHAVE_FDATASYNC=1 -DHAVE_STRCHRNUL=1 -c sqlite3.c -o sqlite3.o
    "$AR" rcs "$out/lib/libsqlite3.a" sqlite3.o
    cp sqlite3.h "$out/include"
    pc sqlite3 "$(upstream_of sqlite3)" -lsqlite3
}

(libc; spent "libc for $arch")
# Two lanes for two cores: configure scripts are one thread each. Each is a shell of its own that ends at
# its first failure (behind && and || it would go on). The last word of each lane is `:`, for the shell
# would not start one more for its last part, and its CPU seconds would hold the others'.
{ (openssl; spent "openssl for $arch"); (curl; spent "curl for $arch"); :; } &
long=$!
{ (ncurses; spent "ncurses for $arch"); (small; spent "small for $arch"); :; } &
ended=0
wait $! || { ended=1; kill $long || :; }
wait $long || ended=1
[ $ended -eq 0 ] || exit 1
zig=$(dirname "$(cat "$cache/zig.path")")
cp "$zig/lib/libc/musl/COPYRIGHT" "$out/licences/musl"
cp "$zig/LICENSE" "$out/licences/compiler-rt"
[ -n "${DIST_KEEP-}" ] || rm -rf "$work"
