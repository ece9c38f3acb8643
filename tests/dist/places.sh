# places.sh - odd places: what is missing is said in a sentence (sourced by check.sh).
#
# Another program (the dynamic one) can be looked at by hand in the same way, without the empty roots.
# shellcheck disable=SC2154,SC2034 # what these files set for each other

nowhere=http://127.0.0.1:1 # nobody listens there
refused='Connection refused'

place() { # TEXT VARIABLES ARGUMENTS...
    text=$1 variables=$2
    shift 2
    says "$text" inside "$root" "PATH=/bin $keys $variables" "$@"
}
place_checks() {
    root=$tmp/$arch-places
    bare_root "$root"
    rm -rf "${root:?}/etc"

    before=:
    check "no /dev, no /proc: --version" place "mvpdash $version" '' --version
    check "no /dev, no /proc: a request" place "$refused" '' list --endpoint-url $nowhere
    check "no /dev: a cloud of its own" place 'there is no /dev/null' HOME=/tmp test --local
    # shellcheck disable=SC2016 # expanded by the inner shell
    before='/bin/mount --rbind /dev "$root/dev"'
    check "no /proc: a cloud of its own" place 'connection test  accepted' HOME=/tmp test --local
    before=$mounts
    check "no HOME and no passwd: a request" place "$refused" '' list --endpoint-url $nowhere
    check "no terminal: the dashboard" place 'needs a terminal' HOME=/tmp
    check "TERM is not set" in_terminal "$root" "$keys HOME=/tmp" '' '' 'TERM is not set'
    check "TERM is not known" in_terminal "$root" "$keys HOME=/tmp TERM=nonsense" '' '' 'TERM=nonsense has no terminfo entry'
    check "TERM is too simple" in_terminal "$root" "$keys HOME=/tmp TERM=dumb" '' '' 'TERM=dumb cannot place the cursor'

    # shellcheck disable=SC2016 # expanded by the inner shell
    before='/bin/mount --bind "$root" "$root" && /bin/mount -o remount,bind,ro "$root"'
    check "a root that is read-only: a request" place "$refused" '' list --endpoint-url $nowhere
    check "a root that is read-only: what must be kept" place 'Read-only file system' HOME=/tmp \
        send --user-id me --product-id shop --endpoint-url $nowhere
    # The cloud of `test --local` stays for some seconds and holds its folder: the clouds that follow have their own.
    check "a root that is read-only: the local cloud" place 'Read-only file system' HOME=/tmp local --listen 127.0.0.1:0

    before="$mounts && ulimit -n 32"
    check "32 descriptors: a request" place "$refused" HOME=/tmp list --endpoint-url $nowhere
    check "32 descriptors: serve says how many it needs" place '32 descriptors are too few' \
        'HOME=/tmp MVPDASH_API_TOKEN=0123456789abcdef0123456789abcdef' serve --listen 127.0.0.1:0 --endpoint-url $nowhere
    before="$mounts && ulimit -v 30000"
    check "30 MB of addresses: a request" place "$refused" HOME=/tmp list --endpoint-url $nowhere
    check "30 MB of addresses: the local cloud blames the limit" place 'raise the limits of memory' HOME=/tmp \
        local --data /tmp/small --listen 127.0.0.1:0
    before=$mounts
    full() { { inside "$root" "PATH=/bin $keys HOME=/tmp" config >/dev/full; } 2>&1; }
    check "a full disk behind stdout" says 'cannot write to stdout' full
    rm -rf "$root"
}
