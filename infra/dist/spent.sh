# Read by build.sh and libs.sh.

# What the children of this shell took, at its end: the wall clock says little on a machine that does
# other things.
spent() { # WHAT
    at=${TMPDIR:-/tmp}/mvpdash-times.$$.$(printf %s "$1" | tr -c 'a-z0-9_' '-')
    times >"$at"
    awk -v what="$1" 'NR == 2 { split($1, u, /[ms]/); split($2, s, /[ms]/)
        printf "dist:   %s: %.0f CPU seconds\n", what, u[1] * 60 + u[2] + s[1] * 60 + s[2] }' "$at"
    rm -f "$at"
}
