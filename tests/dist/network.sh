# network.sh - the way out: TLS with a private authority, both families, a proxy, names (sourced by check.sh).
# shellcheck disable=SC2154,SC2034 # what these files set for each other

certificates() { # once: $tmp/ca.pem, $tmp/server.pem, $tmp/server.key
    [ ! -e "$tmp/server.pem" ] || return 0
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=private -keyout "$tmp/ca.key" -out "$tmp/ca.pem" \
        -addext basicConstraints=critical,CA:TRUE >/dev/null 2>&1
    openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$tmp/server.key" -out "$tmp/server.csr" >/dev/null 2>&1
    {
        printf 'subjectAltName=IP:127.0.0.1,IP:::1'
        for name in localhost cloud.example sts alias.example big.example six.example hosts.example; do printf ',DNS:%s' $name; done
    } >"$tmp/ext"
    openssl x509 -req -days 2 -in "$tmp/server.csr" -CA "$tmp/ca.pem" -CAkey "$tmp/ca.key" -CAcreateserial -extfile "$tmp/ext" \
        -out "$tmp/server.pem" >/dev/null 2>&1
}
listening() { # what the servers print when they listen
    for _ in $(seq 300); do [ -s "$tmp/ports" ] && break; sleep 0.1; done
    cat "$tmp/ports"
}
keys='AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_REGION=us-east-1'
# The server answers with an AccountId of its own: whoever reads it came through.
ask() { # TEXT URL VARIABLES...
    text=$1 url=$2
    shift 2
    # shellcheck disable=SC2086
    says "$text" mvpdash "$root" $keys "$@" -- test --endpoint-url "$url" --timeout "${seconds:-20}"
}

net_checks() {
    root=$tmp/$arch-bare
    bare_root "$root"
    certificates
    cp "$tmp/ca.pem" "$root/tmp/private.pem"
    echo 'no certificate' >"$root/tmp/garbage.pem"
    : >"$tmp/ports"
    python3 "$here/servers.py" "$tmp/server.pem" "$tmp/server.key" >"$tmp/ports" 2>"$tmp/servers.log" &
    servers="$servers $!"
    listening >/dev/null
    read -r v4 v6 proxy <"$tmp/ports"
    check "a private authority is not trusted by itself" ask 'no trusted TLS connection' "https://localhost:$v4"
    check "but by AWS_CA_BUNDLE" ask 424242424242 "https://localhost:$v4" AWS_CA_BUNDLE=/tmp/private.pem
    check "and by SSL_CERT_FILE" ask 424242424242 "https://127.0.0.1:$v4" SSL_CERT_FILE=/tmp/private.pem
    [ "$v6" = 0 ] || check "IPv6" ask 424242424242 "https://[::1]:$v6" AWS_CA_BUNDLE=/tmp/private.pem
    check "a proxy, by CONNECT" ask 424242424242 "https://cloud.example:$v4" AWS_CA_BUNDLE=/tmp/private.pem "https_proxy=http://127.0.0.1:$proxy"
    for name in SSL_CERT_FILE AWS_CA_BUNDLE; do
        check "$name without a certificate: the error names it" ask "/tmp/garbage.pem ($name)" "https://localhost:$v4" $name=/tmp/garbage.pem
        check "$name leads nowhere: the error names it" ask "/tmp/absent.pem ($name)" "https://localhost:$v4" $name=/tmp/absent.pem
    done
    # That of a host in FIPS mode names a module which the static program has not.
    printf '%s\n' 'openssl_conf = a' '[a]' 'providers = b' '[b]' 'fips = c' '[c]' 'activate = 1' >"$root/etc/ssl/openssl.cnf"
    check "an openssl.cnf of the host changes nothing" ask 424242424242 "https://localhost:$v4" AWS_CA_BUNDLE=/tmp/private.pem
    mv "$root/etc/ssl/certs/ca-certificates.crt" "$root/etc/ssl/certs.away"
    check "no authorities: the error says where it looked" ask /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem "https://localhost:$v4"
    mkdir -p "$root/etc/pki/tls/certs"
    cp "$tmp/ca.pem" "$root/etc/pki/tls/certs/ca-bundle.crt"
    check "where RHEL and Amazon Linux keep them" ask 424242424242 "https://localhost:$v4"
    stop_servers
}

# musl resolves names by itself. A name server answers in a network namespace of its own.
name_checks() {
    root=$tmp/$arch-names
    bare_root "$root"
    certificates
    cp "$tmp/ca.pem" "$root/tmp/private.pem"
    : >"$tmp/ports"
    unshare --net python3 "$here/names.py" "$tmp/server.pem" "$tmp/server.key" >"$tmp/ports" 2>"$tmp/servers.log" &
    servers="$servers $!"
    netns="nsenter --net=/proc/$!/ns/net"
    port=$(listening)
    check "the name server" test -n "$port"
    # named TEXT NAME RESOLV.CONF: the file's lines stand between commas.
    named() {
        printf '%s\n' "$3" | tr ',' '\n' >"$root/etc/resolv.conf"
        ask "$1" "https://$2:$port" AWS_CA_BUNDLE=/tmp/private.pem
    }
    check "names: a search domain" named 424242424242 sts 'search nowhere.example search.example,nameserver 127.0.0.1'
    check "names: an alias" named 424242424242 alias.example 'nameserver 127.0.0.1'
    check "names: over 512 bytes, by TCP" named 424242424242 big.example 'nameserver 127.0.0.1'
    check "names: an IPv6 address alone" named 424242424242 six.example 'nameserver 127.0.0.1'
    check "names: the first name server is down" named 424242424242 big.example 'nameserver 127.0.0.2,nameserver 127.0.0.1'
    check "names: no such name" named 'cannot find the address of absent.example' absent.example 'nameserver 127.0.0.1'
    seconds=6
    check "names: one that is not told" named 'no name server gave the address of silent.example' silent.example \
        'nameserver 127.0.0.1,options timeout:30'
    seconds=
    echo '127.0.0.1 hosts.example' >"$root/etc/hosts"
    check "names: /etc/hosts" named 424242424242 hosts.example 'nameserver 127.0.0.1'
    rm -f "$root/etc/resolv.conf"
    check "names: /etc/hosts, where no resolv.conf is" ask 424242424242 "https://hosts.example:$port" AWS_CA_BUNDLE=/tmp/private.pem
    netns=
    stop_servers
    rm -rf "$root"
}
