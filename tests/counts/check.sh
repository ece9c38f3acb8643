#!/bin/sh
# The work of counts.c takes no more instructions and bytes than it did when its numbers were written
# here: what cannot vary cannot creep back either.
#
# usage: check.sh PROGRAM      (build/release/counts)
#
# Instructions are counted by valgrind, as this processor has no part in that: the C library is told
# to leave its variants for newer processors alone. They depend on the compiler and the C library: the
# numbers are those of the release build by gcc of Debian 12 and 13 on x86_64, and on other machines
# and compilers nothing is compared. COUNTS=print prints the numbers that the table should have.
set -u
program=${1:?usage: check.sh PROGRAM}
MARGIN=15 # per cent
# part, version of gcc, instructions, bytes of the frames or of the jobs in memory. The instructions of
# draw, keys and held are measured with gcc 12; those of gcc 14 are in the proportion they had before.
TABLE='
parse   12   25018015 56102
draw    12    1878367  6499
keys    12   34469171 57036
held    12   38596028 73241
filter  12  279255403     -
sort    12   54859899     -
parse   14   24828021 56102
draw    14    1934000  6499
keys    14   33983000 57036
held    14   38051000 73241
filter  14  273824730     -
sort    14   69014274     -
'

say() { echo "counts: $*"; }
skip() {
    say "skipped: $*"
    exit 0
}

[ "$(uname -m)" = x86_64 ] || skip "the numbers are those of x86_64, this is $(uname -m)"
comment=$(readelf -p .comment "$program") || exit 2
case $comment in *clang*) skip "the numbers are those of gcc, this program is clang's" ;; esac
compiler=$(printf '%s\n' "$comment" | sed -n 's/.*GCC: ([^)]*) \([0-9]*\)\..*/\1/p' | head -n 1)
known=$(printf '%s' "$TABLE" | awk 'NF == 4 { print $2 }' | sort -u | paste -s -d ' ')
if [ "${COUNTS:-}" != print ]; then
    case " $known " in
    *" ${compiler:-none} "*) ;;
    *) skip "there are no numbers for this compiler (gcc ${compiler:-of no known version}; known: $known)" ;;
    esac
fi

tmp=$(mktemp -d "${TMPDIR:-/tmp}/mvpdash-counts.XXXXXX") || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM HUP

# The instructions and the bytes of one part, in a line.
count() { # PART
    env -i PATH="$PATH" HOME="$tmp" LC_ALL=C.UTF-8 TERM=xterm-256color \
        GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL,-BMI2,-ERMS,-FSRM,-LZCNT,-MOVBE \
        valgrind --tool=callgrind --toggle-collect='counted_*' --callgrind-out-file=/dev/null \
        --log-file="$tmp/log" "$program" "$1" 2>"$tmp/bytes" </dev/null || {
        cat "$tmp/log" "$tmp/bytes" >&2
        return 1
    }
    instructions=$(sed -n 's/.*Collected *: *\([0-9]*\).*/\1/p' "$tmp/log")
    bytes=$(sed -n 's/^\([0-9]*\) bytes$/\1/p' "$tmp/bytes")
    echo "${instructions:-0} ${bytes:--}"
}

failed=0
# usage: compare WHAT NUMBER LIMIT-OF-THE-TABLE UNIT
compare() {
    awk -v what="$1" -v n="$2" -v was="$3" -v unit="$4" -v margin="$MARGIN" 'BEGIN {
        change = (n - was) * 100 / was
        printf "counts: %-7s %12d %s, %+.1f %% of %d", what, n, unit, change, was
        if (n == 0 || change > margin) { print ": TOO MANY"; exit 1 }
        print change < -margin ? ": fewer, write the new number into tests/counts/check.sh" : ""
    }' || failed=1
}
parts=$(printf '%s' "$TABLE" | awk 'NF == 4 && !seen[$1]++ { print $1 }')
for part in $parts; do
    numbers=$(count $part) || exit 1
    # shellcheck disable=SC2086 # two numbers
    set -- $numbers
    if [ "${COUNTS:-}" = print ]; then
        printf '%-7s %2s %11s %5s\n' "$part" "$compiler" "$1" "$2"
        continue
    fi
    row=$(printf '%s' "$TABLE" | awk -v p="$part" -v c="$compiler" '$1 == p && $2 == c { print $3, $4 }')
    compare "$part" "$1" "${row% *}" instructions
    [ "$2" = - ] || compare "$part" "$2" "${row#* }" bytes
done
[ $failed -eq 0 ] || {
    say "what the change costs is wanted? Then write the new numbers into tests/counts/check.sh (COUNTS=print)"
    exit 1
}
[ "${COUNTS:-}" = print ] || say "passed"
