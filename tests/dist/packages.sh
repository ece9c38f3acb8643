# packages.sh - the .deb, the .rpm and the tar.gz: installed elsewhere, run, and removed (sourced by check.sh).
# shellcheck disable=SC2154,SC2034 # what these files set for each other
. "$top/tests/fresh/sources.sh"

everything() { (cd "$1" && find . -xdev ! -path './var/lib/dpkg/*' ! -path './var/log/*' ! -path './*rpm*' | LC_ALL=C sort); }
same() { diff "$2" "$1"; }

# A root of another release, unpacked and not set up: dpkg, and what reads manuals and completes words.
release_root() { # RELEASE FOLDER
    sources "$1" >"$tmp/sources"
    [ -s "$tmp/sources" ] || { echo "this machine's apt names no source for its own release"; return 1; }
    set -- "$1" "$2" --quiet --variant=extract \
        --include=dpkg,dash,bash,coreutils,diffutils,libc-bin,man-db,zsh,bash-completion
    apt_options >"$tmp/apt"
    while IFS= read -r line; do
        set -- "$@" "--aptopt=$line"
    done <"$tmp/apt"
    release=$1 folder=$2
    shift 2
    mmdebstrap "$@" "$release" "$folder" "$tmp/sources"
}
deb_checks() { # RELEASE
    root=$tmp/$1
    check "a root of $1" release_root "$1" "$root"
    [ -e "$root/usr/bin/dpkg" ] || return
    in_root() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 MANPAGER=cat chroot "$root" "$@"; }
    cp "$dist/mvpdash_$version-1_$deb.deb" "$root/tmp/mvpdash.deb"
    everything "$root" >"$tmp/wanted"
    check "$1: dpkg -i" in_root dpkg -i /tmp/mvpdash.deb
    check "$1: and as it was built" in_root dpkg --verify mvpdash
    check "$1: it runs" says "mvpdash $version" in_root mvpdash --version
    check "$1: man finds its page" says 'watch, send and control' in_root man mvpdash
    check "$1: bash finds its completions" says '-F _mvpdash mvpdash' in_root bash -c '
        . /usr/share/bash-completion/bash_completion
        _comp_load mvpdash 2>/dev/null || _completion_loader mvpdash
        complete -p mvpdash'
    # shellcheck disable=SC2016 # expanded by zsh
    check "$1: zsh finds its completions" says _mvpdash in_root zsh -c '
        autoload -Uz compinit && compinit -D -u && print -- "${_comps[mvpdash]}"'
    check "$1: dpkg --purge" in_root dpkg --purge mvpdash
    everything "$root" >"$tmp/is"
    check "$1: it leaves nothing" same "$tmp/is" "$tmp/wanted"
    rm -rf "$root"
}
rpm_checks() {
    root=$tmp/rpm
    package=$dist/mvpdash-$version-1.$arch.rpm
    mkdir -p "$root"
    check "rpm: its sums" rpm -K --nosignature "$package"
    check "rpm: it needs nothing but rpm" sh -c '! rpm -qp --requires "$1" | grep -v "^rpmlib("' sh "$package"
    # Folders of the system belong to packages of the system.
    check "rpm: its own folders" says /usr/share/doc/mvpdash/licences sh -c \
        'rpm -qplv "$1" | grep "^d" && ! rpm -qplv "$1" | grep "^d" | grep -v /usr/share/doc/mvpdash' sh "$package"
    mkdir -p "$root/usr/bin" "$root/usr/share/man/man1" "$root/usr/share/man/man5" "$root/usr/share/man/man7" \
        "$root/usr/share/bash-completion/completions" \
        "$root/usr/share/zsh/site-functions" "$root/usr/share/doc"
    check "rpm -i" rpm --root "$root" --ignorearch -i "$package"
    check "rpm -V" rpm --root "$root" -V mvpdash
    check "rpm: the same program" cmp "$root/usr/bin/mvpdash" "$dist/$arch/mvpdash"
    [ -n "$emulator" ] || check "rpm: it runs" says "mvpdash $version" chroot "$root" /usr/bin/mvpdash --version
    for file in man/man1/mvpdash.1.gz man/man5/mvpdash-config.5.gz man/man7/mvpdash-keys.7.gz \
        doc/mvpdash/config.example.ini bash-completion/completions/mvpdash zsh/site-functions/_mvpdash; do
        check "rpm: $file" test -s "$root/usr/share/$file"
    done
    check "rpm -e" rpm --root "$root" -e mvpdash
    check "rpm: it leaves nothing" fails grep -r . "$root/usr"
    check "rpm: no folder either" fails test -e "$root/usr/share/doc/mvpdash"
    rm -rf "$root"
}
package_checks() {
    case $arch in x86_64) deb=amd64 ;; *) deb=arm64 ;; esac
    check "SHA256SUMS" sh -c 'cd "$1" && sha256sum -c --ignore-missing SHA256SUMS' sh "$dist"
    if [ -z "$emulator" ]; then
        for release in bookworm trixie; do deb_checks $release; done
    fi
    rpm_checks
    check "the .deb holds the same program" sh -c 'dpkg-deb --fsys-tarfile "$1" | tar -xO ./usr/bin/mvpdash | cmp - "$2"' sh \
        "$dist/mvpdash_$version-1_$deb.deb" "$dist/$arch/mvpdash"
    check "and says for which machine" test "$(dpkg-deb -f "$dist/mvpdash_$version-1_$deb.deb" Architecture)" = $deb
    check "the tar.gz has the licences of what is inside" sh -c '
        tar -tzf "$1" >"$2" && for name in openssl curl ncurses cjson libinih sqlite3 musl; do
            grep -q "/licences/$name\$" "$2" || { echo "no $name"; exit 1; }; done' sh \
        "$dist/mvpdash-$version-linux-$arch.tar.gz" "$tmp/list"
}
