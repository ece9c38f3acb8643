#!/bin/sh
# Makes build/mvpdash_VERSION_ARCH.deb of what `make install` installs.
#
# usage: deb.sh VERSION PROGRAM OUT_DIR      (make deb)
#
# Everything about the package is here: there is no debian/ folder to keep beside this. The same
# sources make the same package, byte for byte: its date is the last commit's (or SOURCE_DATE_EPOCH).
set -eu
version=${1:?usage: deb.sh VERSION PROGRAM OUT_DIR}-1
program=${2:?usage: deb.sh VERSION PROGRAM OUT_DIR}
out=${3:?usage: deb.sh VERSION PROGRAM OUT_DIR}
maintainer='mvpdash authors <mvpdash@founderdash.example>'
work=$out/deb
root=$work/root
doc=$root/usr/share/doc/mvpdash
umask 022

for tool in dpkg-deb dpkg-shlibdeps dpkg-architecture gzip strip; do
    command -v $tool >/dev/null || {
        echo "deb.sh: no $tool -> apt-get install dpkg-dev binutils" >&2
        exit 1
    }
done
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date -r CHANGELOG.md +%s)}
export SOURCE_DATE_EPOCH
arch=$(dpkg-architecture -qDEB_HOST_ARCH)
rm -rf "$work"
mkdir -p "$work/debian" "$root/DEBIAN" "$doc"

${MAKE:-make} --no-print-directory -s install DESTDIR="$root" PREFIX=/usr \
    ZSH_DIR=/usr/share/zsh/vendor-completions
strip --strip-unneeded --remove-section=.comment --remove-section=.note -o "$root/usr/bin/mvpdash" "$program"
find "$root/usr/share/man" -type f -exec gzip -9n {} +

gzip -9nc CHANGELOG.md >"$doc/changelog.gz"
gzip -9nc >"$doc/changelog.Debian.gz" <<END
mvpdash ($version) stable; urgency=medium

  * What is new stands in changelog.gz.

 -- $maintainer  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
END
{
    cat <<'END'
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: mvpdash

Files: *
END
    sed -n 's/^Copyright (c) /Copyright: /p' LICENSE
    echo 'License: Expat'
    sed '1,/^Copyright/d;1,/^$/{/^$/d};s/^$/./;s/^/ /' LICENSE
} >"$doc/copyright"

# What the program is linked with says what it needs; dpkg-shlibdeps wants a source's control file.
printf 'Source: mvpdash\n\nPackage: mvpdash\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O -eroot/usr/bin/mvpdash | sed -n 's/^shlibs:Depends=//p')
cat >"$root/DEBIAN/control" <<END
Package: mvpdash
Version: $version
Section: admin
Priority: optional
Architecture: $arch
Maintainer: $maintainer
Installed-Size: $(du -k -s --exclude=DEBIAN "$root" | cut -f 1)
Depends: $depends
Recommends: ca-certificates, git, jq
Suggests: bash-completion, ncurses-term
Description: dashboard and command line for MVP development jobs on AWS
 mvpdash watches, sends and controls jobs that EventBridge starts in AWS Batch
 and whose records stand in DynamoDB. It is a dashboard for the terminal, a
 command line for scripts and the container, and a local cloud that needs no
 account.
 .
 The local cloud's starter pipeline uses git and jq.
END
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$root" -newermt "@$SOURCE_DATE_EPOCH" -print0 | xargs -0r touch -h -d "@$SOURCE_DATE_EPOCH"
dpkg-deb --root-owner-group -Zxz --build "$root" "$out/mvpdash_${version}_$arch.deb"
