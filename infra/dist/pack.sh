#!/bin/sh
# Packs the static program of one machine: tar.gz, .deb and .rpm of the same files.
#
# usage: pack.sh VERSION LOCK LIBS ARCH OUT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
version=${1:?usage: pack.sh VERSION LOCK LIBS ARCH OUT}
lock=${2:?usage: pack.sh VERSION LOCK LIBS ARCH OUT}
libs=${3:?usage: pack.sh VERSION LOCK LIBS ARCH OUT}
arch=${4:?usage: pack.sh VERSION LOCK LIBS ARCH OUT}
out=${5:?usage: pack.sh VERSION LOCK LIBS ARCH OUT}
case $arch in
x86_64) deb_arch=amd64 ;;
aarch64) deb_arch=arm64 ;;
esac
maintainer='mvpdash authors <mvpdash@founderdash.example>'
summary='dashboard and command line for MVP development jobs on AWS'
work=$out/$arch/pack
name=mvpdash-$version-linux-$arch
tree=$work/$name  # as the tar.gz unpacks
root=$work/root   # as the packages install
doc=$root/usr/share/doc/mvpdash
cd "$top"
rm -rf "$work"
mkdir -p "$tree/completions" "$tree/licences" "$root/DEBIAN"

dated() { find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +; }

install -m 755 "$out/$arch/mvpdash" "$tree/mvpdash"
pages='mvpdash.1 mvpdash-config.5 mvpdash-keys.7'
for page in $pages; do install -m 644 "assets/$page" "$tree"; done
install -m 644 assets/config.example.ini LICENSE "$tree"
install -m 644 assets/mvpdash.bash "$tree/completions/mvpdash"
install -m 644 assets/_mvpdash "$tree/completions/_mvpdash"
install -m 644 "$libs"/licences/* "$tree/licences"
python3 "$here/sbom.py" "$version" "$arch" "$lock" "$tree/mvpdash" >"$tree/sbom.json"
dated "$tree"
(cd "$work" && tar --sort=name --owner=0 --group=0 --numeric-owner --format=ustar -cf - "$name" | gzip -9n) >"$out/$name.tar.gz"
cp "$tree/sbom.json" "$out/$name.sbom.json"
gzip -9nc "$out/$arch/mvpdash.debug" >"$out/$name.debug.gz"

# --- the packages: both hold what `make install` puts there ---
install -D -m 755 "$tree/mvpdash" "$root/usr/bin/mvpdash"
for page in $pages; do
    install -D -m 644 "assets/$page" "$root/usr/share/man/man${page##*.}/$page"
    gzip -9n "$root/usr/share/man/man${page##*.}/$page"
done
install -D -m 644 assets/mvpdash.bash "$root/usr/share/bash-completion/completions/mvpdash"
install -D -m 644 assets/_mvpdash "$root/usr/share/zsh/site-functions/_mvpdash"
mkdir -p "$doc"
install -m 644 assets/config.example.ini "$doc"
cp "$tree/sbom.json" "$doc/sbom.json"
cp -r "$tree/licences" "$doc/licences"
gzip -9nc CHANGELOG.md >"$doc/changelog.gz"
cp LICENSE "$doc/copyright"
dated "$root"

{
    cat <<END
Name: mvpdash
Version: $version
Release: 1
Summary: $summary
License: MIT AND Apache-2.0 AND curl AND X11 AND BSD-3-Clause
AutoReqProv: no
%description
mvpdash watches, sends and controls jobs that EventBridge starts in AWS Batch
and whose records stand in DynamoDB. One static program; it needs no other package.
%install
rm -rf %{buildroot}
mkdir -p %{buildroot}
cp -a $root/usr %{buildroot}
%files
END
    (cd "$root" && find usr -type f ! -path 'usr/share/man/*' | LC_ALL=C sort | sed 's|^|/|')
    # Folders that are its own go with it; all others belong to packages of the system.
    (cd "$root" && find usr/share/doc/mvpdash -type d | LC_ALL=C sort | sed 's|^|%dir /|')
    for page in $pages; do echo "/usr/share/man/man${page##*.}/$page.gz"; done
} >"$work/mvpdash.spec"
# The build host has no share in the bytes, nor has the host's own configuration of rpm.
rpmbuild -bb --quiet --target "$arch-linux" --buildroot "$work/rpmroot" \
    --define "_topdir $work/rpm" --define "_rpmdir $work" --define '_build_name_fmt mvpdash-%{VERSION}-1.%{ARCH}.rpm' \
    --define "_buildhost mvpdash" --define 'use_source_date_epoch_as_buildtime 1' \
    --define 'clamp_mtime_to_source_date_epoch 1' --define '_build_id_links none' --define 'debug_package %{nil}' \
    --define '__os_install_post %{nil}' \
    --define '_binary_payload w9.gzdio' --define '_docdir /nonexistent' "$work/mvpdash.spec" >"$work/rpm.log" 2>&1 ||
    { cat "$work/rpm.log" >&2; exit 1; }
mv "$work/mvpdash-$version-1.$arch.rpm" "$out"

# Debian's zsh looks for the completions of packages in a folder of its own.
mv "$root/usr/share/zsh/site-functions" "$root/usr/share/zsh/vendor-completions"
cat >"$root/DEBIAN/control" <<END
Package: mvpdash
Version: $version-1
Section: admin
Priority: optional
Architecture: $deb_arch
Maintainer: $maintainer
Installed-Size: $(find "$root/usr" -type f -printf '%s\n' | awk '{ n += int(($1 + 1023) / 1024) } END { print n }')
Recommends: ca-certificates, git, jq
Description: $summary
 mvpdash watches, sends and controls jobs that EventBridge starts in AWS Batch
 and whose records stand in DynamoDB. One static program; it needs no other package.
END
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
dated "$root"
dpkg-deb --root-owner-group -Zxz --build "$root" "$out/mvpdash_$version-1_$deb_arch.deb" >/dev/null
