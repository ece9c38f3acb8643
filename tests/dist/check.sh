#!/bin/sh
# Tries what `make dist` made where nothing is installed: in roots that hold the one file, /dev, /proc,
# certificate authorities and resolv.conf, and for jobs a shell, git and jq.
#
# usage: check.sh VERSION DIST [ARCH...]      (as root, or by sudo: it mounts and changes roots in its own namespaces)
#
# The program of another machine than this one runs under qemu-user, without the network's part.
set -u
[ "$(id -u)" -eq 0 ] || exec sudo sh "$0" "$@"
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
version=${1:?usage: check.sh VERSION DIST [ARCH...]}
dist=${2:?usage: check.sh VERSION DIST [ARCH...]}
shift 2
[ $# -gt 0 ] || set -- x86_64
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mvpdash-dist.XXXXXX") || exit 2
trap 'stop_servers; rm -rf "$tmp"' EXIT
servers=
failed=0
count=0

stop_servers() {
    for pid in $servers; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
    servers=
}
check() { # DESCRIPTION COMMAND...
    what=$1
    shift
    count=$((count + 1))
    if "$@" >"$tmp/log" 2>&1; then
        echo "ok $count - $arch: $what"
    else
        echo "not ok $count - $arch: $what"
        sed 's/^/#   /' "$tmp/log" | tail -n 30
        failed=$((failed + 1))
    fi
}

# --- roots ---
bare_root() { # FOLDER
    mkdir -p "$1/dev" "$1/proc" "$1/etc/ssl/certs" "$1/tmp"
    cp /etc/resolv.conf "$1/etc/" 2>/dev/null || : >"$1/etc/resolv.conf"
    cp /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
    cp "$dist/$arch/mvpdash" "$1/mvpdash"
    if [ -n "$emulator" ]; then
        cp "$(command -v "$emulator")" "$1/emulator"
    fi
}
# A shell of busybox, and this machine's git and jq with the libraries that they load.
tools_root() { # FOLDER
    bare_root "$1"
    mkdir -p "$1/bin"
    cp "$(command -v busybox)" "$1/bin/busybox"
    for name in $("$1/bin/busybox" --list); do
        [ -e "$1/bin/$name" ] || ln -s busybox "$1/bin/$name"
    done
    echo 'root:x:0:0:root:/tmp:/bin/sh' >"$1/etc/passwd"
    for tool in git jq; do
        rm -f "$1/bin/$tool"
        cp "$(command -v $tool)" "$1/bin/$tool"
        for library in $(ldd "$(command -v $tool)" | tr ' ' '\n' | grep '/'); do
            mkdir -p "$1${library%/*}"
            cp -L "$library" "$1$library"
        done
    done
    # Part of a git that is installed, and the same program.
    for name in git-upload-pack git-receive-pack; do ln -sf git "$1/bin/$name"; done
    mkdir -p "$1/usr/share/git-core/templates"
}
# mvpdash ROOT VARIABLES... -- ARGUMENTS...
mvpdash() {
    where=$1
    shift
    variables=
    while [ "$1" != -- ]; do
        variables="$variables $1"
        shift
    done
    shift
    # shellcheck disable=SC2086 # lists of words
    inside_env "$where" "PATH=/bin HOME=/tmp LC_ALL=C.UTF-8 TERM=xterm-256color$variables" "$@"
}
inside_env() { # ROOT VARIABLES ARGUMENTS...
    where=$1 variables=$2
    shift 2
    # shellcheck disable=SC2086
    env -i $variables unshare --mount /bin/sh -c '
        root=$1
        shift
        /bin/mount --rbind /dev "$root/dev" && /bin/mount -t proc proc "$root/proc" || exit 99
        exec /usr/sbin/chroot "$root" "$@"' sh "$where" ${emulator:+/emulator} "$inside" "$@"
}
says() { # TEXT COMMAND...: its output holds TEXT
    text=$1
    shift
    "$@" >"$tmp/said" 2>&1
    cat "$tmp/said"
    grep -q -F -- "$text" "$tmp/said"
}

# --- the file itself ---
elf_checks() {
    program=$dist/$arch/mvpdash
    readelf -lW "$program" >"$tmp/segments"
    readelf -dW "$program" >"$tmp/dynamic"
    readelf -SW "$program" >"$tmp/sections"
    check "it is position independent" grep -q 'Elf file type is DYN' "$tmp/segments"
    check "it asks for no loader" sh -c '! grep -q INTERP "$1"' sh "$tmp/segments"
    check "it needs no library" sh -c '! grep -q NEEDED "$1"' sh "$tmp/dynamic"
    check "no RPATH" sh -c '! grep -q -E "RPATH|RUNPATH" "$1"' sh "$tmp/dynamic"
    check "its stack is not executable" grep -q -E 'GNU_STACK .* RW +0' "$tmp/segments"
    check "relocations are read-only" grep -q GNU_RELRO "$tmp/segments"
    check "and all bound at the start" grep -q BIND_NOW "$tmp/dynamic"
    check "no segment is written and run" sh -c '! grep -q -E "LOAD .* RWE" "$1"' sh "$tmp/segments"
    check "it is stripped" sh -c '! grep -q -E "debug_info|symtab" "$1"' sh "$tmp/sections"
    check "its debug symbols are kept, with the same build id" sh -c '
        readelf -SW "$2" | grep -q debug_info &&
        [ "$(readelf -n "$1" | grep "Build ID")" = "$(readelf -n "$2" | grep "Build ID")" ]' sh "$program" "$program.debug"
    check "no folder of the build is named in it" sh -c '! grep -a -q -F "$2" "$1"' sh "$program" "$top"
}

# --- a root with nothing but the file ---
bare_checks() {
    root=$tmp/$arch-bare
    bare_root "$root"
    check "--version" says "mvpdash $version" mvpdash "$root" -- --version
    check "--version --verbose names the libraries" says 'OpenSSL 3' mvpdash "$root" -- --version --verbose
    check "no terminfo: the doctor knows the terminal" says 'A2          terminal' mvpdash "$root" AWS_REGION=us-east-1 -- doctor --timeout 5
    check "the help" says 'mvpdash send' mvpdash "$root" -- help send
}

# --- jobs ---
job_checks() {
    root=$tmp/$arch-tools
    tools_root "$root"
    inside_env "$root" 'PATH=/bin HOME=/tmp LC_ALL=C.UTF-8 TERM=xterm-256color' local --data /tmp/cloud --listen 127.0.0.1:0 \
        >"$tmp/cloud.env" 2>"$tmp/cloud.log" &
    servers="$servers $!"
    for _ in $(seq 100); do grep -q AWS_SECRET_ACCESS_KEY "$tmp/cloud.env" && break; sleep 0.2; done
    cloud=$(sed -n "s/^export //p" "$tmp/cloud.env" | tr -d "\"'" | tr '\n' ' ')
    check "mvpdash local says how it is reached" test -n "$cloud"
    if [ -n "$emulator" ]; then
        # A job starts the program by itself, which this machine's kernel cannot: a script does, in its place.
        inside=/mvpdash.$arch
        mv "$root/mvpdash" "$root$inside"
        printf '#!/bin/sh\nexec /emulator %s "$@"\n' "$inside" >"$root/mvpdash"
        chmod +x "$root/mvpdash"
    fi
    # shellcheck disable=SC2086 # a list
    check "a job to COMPLETED" says COMPLETED mvpdash "$root" $cloud -- send --user-id me --product-id shop \
        --business-name Shop --features auth --wait --timeout 120
    # shellcheck disable=SC2086
    check "list" says COMPLETED mvpdash "$root" $cloud -- list
    # shellcheck disable=SC2086
    check "doctor" says 'PASS' mvpdash "$root" $cloud -- doctor
    cat >"$tmp/dashboard" <<END
#!/bin/sh
exec env -i PATH=/bin HOME=/tmp LC_ALL=C.UTF-8 TERM=xterm-256color $cloud unshare --mount /bin/sh -c \
    '/bin/mount --rbind /dev "$root/dev" && /bin/mount -t proc proc "$root/proc" && exec /usr/sbin/chroot "$root" /mvpdash'
END
    chmod +x "$tmp/dashboard"
    check "the dashboard, where no terminfo is installed" python3 "$top/tests/e2e/keys.py" 24 80 "$tmp/dashboard" '' Shop '?' Keys
    stop_servers
}

# --- the way out: TLS with a private authority, both families, a proxy ---
net_checks() {
    root=$tmp/$arch-bare
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=private -keyout "$tmp/ca.key" -out "$tmp/ca.pem" \
        -addext basicConstraints=critical,CA:TRUE >/dev/null 2>&1
    openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$tmp/server.key" -out "$tmp/server.csr" >/dev/null 2>&1
    printf 'subjectAltName=DNS:localhost,DNS:cloud.example,IP:127.0.0.1,IP:::1\n' >"$tmp/ext"
    openssl x509 -req -days 2 -in "$tmp/server.csr" -CA "$tmp/ca.pem" -CAkey "$tmp/ca.key" -CAcreateserial -extfile "$tmp/ext" \
        -out "$tmp/server.pem" >/dev/null 2>&1
    cp "$tmp/ca.pem" "$root/tmp/private.pem"
    python3 "$here/servers.py" "$tmp/server.pem" "$tmp/server.key" >"$tmp/ports" 2>"$tmp/servers.log" &
    servers="$servers $!"
    for _ in $(seq 50); do [ -s "$tmp/ports" ] && break; sleep 0.1; done
    read -r v4 v6 proxy <"$tmp/ports"
    keys='AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_REGION=us-east-1'
    # The server answers with an AccountId of its own: whoever reads it came through.
    ask() { # TEXT URL VARIABLES...
        text=$1 url=$2
        shift 2
        # shellcheck disable=SC2086
        says "$text" mvpdash "$root" $keys "$@" -- test --endpoint-url "$url" --timeout 10
    }
    check "a private authority is not trusted by itself" ask 'no trusted TLS connection' "https://localhost:$v4"
    check "but by AWS_CA_BUNDLE" ask 424242424242 "https://localhost:$v4" AWS_CA_BUNDLE=/tmp/private.pem
    check "and by SSL_CERT_FILE" ask 424242424242 "https://127.0.0.1:$v4" SSL_CERT_FILE=/tmp/private.pem
    [ "$v6" = 0 ] || check "IPv6" ask 424242424242 "https://[::1]:$v6" AWS_CA_BUNDLE=/tmp/private.pem
    check "a proxy, by CONNECT" ask 424242424242 "https://cloud.example:$v4" AWS_CA_BUNDLE=/tmp/private.pem "https_proxy=http://127.0.0.1:$proxy"
    mv "$root/etc/ssl/certs/ca-certificates.crt" "$root/etc/ssl/certs.away"
    check "no authorities: the error says where it looked" ask /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem "https://localhost:$v4"
    mkdir -p "$root/etc/pki/tls/certs"
    cp "$tmp/ca.pem" "$root/etc/pki/tls/certs/ca-bundle.crt"
    check "where RHEL and Amazon Linux keep them" ask 424242424242 "https://localhost:$v4"
    stop_servers
}

# --- packages ---
package_checks() {
    case $arch in x86_64) deb=amd64 ;; *) deb=arm64 ;; esac
    check "SHA256SUMS" sh -c 'cd "$1" && sha256sum -c --ignore-missing SHA256SUMS' sh "$dist"
    mkdir -p "$tmp/deb/var/lib/dpkg/info" "$tmp/deb/var/lib/dpkg/updates" "$tmp/rpm"
    : >"$tmp/deb/var/lib/dpkg/status"
    printf 'amd64\narm64\n' >"$tmp/deb/var/lib/dpkg/arch"
    check "dpkg -i" dpkg --root="$tmp/deb" --log=/dev/null --force-architecture -i "$dist/mvpdash_$version-1_$deb.deb"
    check "and as it was built" dpkg --root="$tmp/deb" --verify mvpdash
    check "the same program" cmp "$tmp/deb/usr/bin/mvpdash" "$dist/$arch/mvpdash"
    check "dpkg --purge" dpkg --root="$tmp/deb" --log=/dev/null --purge mvpdash
    check "rpm -i" rpm --root "$tmp/rpm" --ignorearch -i "$dist/mvpdash-$version-1.$arch.rpm"
    check "rpm -V" rpm --root "$tmp/rpm" -V mvpdash
    check "the same program" cmp "$tmp/rpm/usr/bin/mvpdash" "$dist/$arch/mvpdash"
    check "rpm -e" rpm --root "$tmp/rpm" -e mvpdash
    rm -rf "$tmp/deb" "$tmp/rpm"
    check "the tar.gz has the licences of what is inside" sh -c '
        tar -tzf "$1" >"$2" && for name in openssl curl ncurses cjson libinih sqlite3 musl; do
            grep -q "/licences/$name\$" "$2" || { echo "no $name"; exit 1; }; done' sh \
        "$dist/mvpdash-$version-linux-$arch.tar.gz" "$tmp/list"
}

for arch in "$@"; do
    emulator='' inside=/mvpdash # the file in the root
    [ "$arch" = "$(uname -m)" ] || emulator=qemu-$arch-static
    elf_checks
    package_checks
    bare_checks
    [ -n "$emulator" ] || net_checks
    job_checks
done
echo "dist-check: $((count - failed)) passed, $failed failed"
[ $failed -eq 0 ]
