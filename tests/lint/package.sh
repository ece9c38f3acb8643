#!/bin/sh
# Checks the Debian package and `make install`: what is in them, that it runs, that it goes again.
# Nothing is installed on this system.
#
# usage: package.sh PACKAGE.deb
set -u
deb=${1:?usage: package.sh PACKAGE.deb}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mvpdash-package.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
status=0
count=0
check() { # DESCRIPTION COMMAND...
    what=$1
    shift
    count=$((count + 1))
    if "$@" >"$tmp/log" 2>&1; then
        echo "ok $count - $what"
    else
        echo "not ok $count - $what"
        sed 's/^/#   /' "$tmp/log"
        status=1
    fi
}
files() { (cd "$1" && find . ! -type d | LC_ALL=C sort); }
same() { # FILE-WITH-WHAT-IS FILE-WITH-WHAT-SHOULD-BE
    diff -u "$2" "$1"
}
wants() { dpkg-deb -f "$deb" "$1" | grep -q -E -- "$2"; }

# --- the package ---
cat >"$tmp/wanted" <<'END'
./usr/bin/mvpdash
./usr/share/bash-completion/completions/mvpdash
./usr/share/doc/mvpdash/changelog.Debian.gz
./usr/share/doc/mvpdash/changelog.gz
./usr/share/doc/mvpdash/config.example.ini
./usr/share/doc/mvpdash/copyright
./usr/share/man/man1/mvpdash.1.gz
./usr/share/man/man5/mvpdash-config.5.gz
./usr/share/man/man7/mvpdash-keys.7.gz
./usr/share/zsh/vendor-completions/_mvpdash
END
dpkg-deb -x "$deb" "$tmp/x" || exit 1
files "$tmp/x" >"$tmp/is"
check "the package holds these files" same "$tmp/is" "$tmp/wanted"
for library in libc6 libcurl4 libssl3 libncursesw6 libsqlite3-0 libcjson1 libinih1; do
    check "it depends on $library" wants Depends "(^|, )$library"
done
check "it recommends what the local cloud's pipeline uses" wants Recommends 'git, jq'
check "its program runs" "$tmp/x/usr/bin/mvpdash" --version
check "it is the version of the package" test \
    "$("$tmp/x/usr/bin/mvpdash" --version)-1" = "mvpdash $(dpkg-deb -f "$deb" Version)"
check "it is stripped" sh -c '! readelf -S "$1" | grep -q debug_info' sh "$tmp/x/usr/bin/mvpdash"
for page in man1/mvpdash.1 man5/mvpdash-config.5 man7/mvpdash-keys.7; do
    check "$page is well made" sh -c 'zcat "$1" | mandoc -T lint -W warning' sh "$tmp/x/usr/share/man/$page.gz"
done
# That tag is for uploads to Debian itself.
check "lintian finds nothing" lintian --allow-root --fail-on error,warning \
    --suppress-tags initial-upload-closes-no-bugs "$deb"

# dpkg itself, into a root of its own with a database of its own (only root may own files there).
if [ "$(id -u)" -eq 0 ]; then
    root=$tmp/root
    mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates"
    : >"$root/var/lib/dpkg/status"
    check "dpkg -i" dpkg --root="$root" --log=/dev/null --force-depends -i "$deb"
    check "it is installed" sh -c 'dpkg --root="$1" -s mvpdash | grep -q "install ok installed"' sh "$root"
    check "and as it was built" dpkg --root="$root" --verify mvpdash
    check "dpkg --purge" dpkg --root="$root" --log=/dev/null --purge mvpdash
    (cd "$root" && find . ! -type d ! -path './var/lib/dpkg/*' ! -path './etc/*') >"$tmp/is"
    : >"$tmp/wanted"
    check "it leaves nothing" same "$tmp/is" "$tmp/wanted"
fi

# --- make install ---
cat >"$tmp/wanted" <<'END'
./opt/it/bin/mvpdash
./opt/it/share/bash-completion/completions/mvpdash
./opt/it/share/doc/mvpdash/config.example.ini
./opt/it/share/man/man1/mvpdash.1
./opt/it/share/man/man5/mvpdash-config.5
./opt/it/share/man/man7/mvpdash-keys.7
./opt/it/share/zsh/site-functions/_mvpdash
END
make_it() { ${MAKE:-make} --no-print-directory -s "$1" DESTDIR="$tmp/dest" PREFIX=/opt/it; }
check "make install" make_it install
files "$tmp/dest" >"$tmp/is"
check "it puts these files under DESTDIR and PREFIX" same "$tmp/is" "$tmp/wanted"
check "its program runs" "$tmp/dest/opt/it/bin/mvpdash" help send
check "make uninstall" make_it uninstall
files "$tmp/dest" >"$tmp/is"
: >"$tmp/wanted"
check "it leaves nothing" same "$tmp/is" "$tmp/wanted"

# --- the same sources make the same package ---
before=$(sha256sum <"$deb")
check "make deb again" ${MAKE:-make} --no-print-directory -s deb
check "makes the same bytes" test "$(sha256sum <"$deb")" = "$before"
echo "1..$count"
exit $status
