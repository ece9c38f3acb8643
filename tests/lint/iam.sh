#!/bin/sh
# `mvpdash iam` and infra/people.tf allow the same actions, statement by statement.
#
# usage: iam.sh PATH/TO/mvpdash
set -u
program=$(cd "$(dirname "${1:?usage: iam.sh PATH/TO/mvpdash}")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/../.." || exit 2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

# One line a statement: its actions, sorted.
of_terraform() { # the lists of the file, from the line that matches $1 to the one that matches $2
    { sed -n "/$1/,/$2/p" infra/people.tf | sed 's/#.*//' | tr '\n' ' '; echo; } | sed 's/actions *=/\n/g' |
        sed -n 's/resources *=.*//; /^ *\[/p' | while read -r line; do
        printf '%s\n' "$line" | grep -o '"[a-z]*:[A-Za-z]*"' | LC_ALL=C sort | tr '\n' ' '
        echo
    done | LC_ALL=C sort
}
of_program() {
    HOME="$tmp" XDG_CONFIG_HOME="$tmp" "$program" iam "--$1" --json | sed 's/"Sid"/\n"Sid"/g' |
        sed -n 's/.*"Action":\(\[[^]]*\]\).*/\1/p' | while read -r line; do
        printf '%s\n' "$line" | grep -o '"[a-z]*:[A-Za-z]*"' | LC_ALL=C sort | tr '\n' ' '
        echo
    done | LC_ALL=C sort
}
of_terraform '^  viewer_statements' '^  \]' >"$tmp/viewer.tf"
of_terraform '^  viewer_statements' '^  people = ' >"$tmp/operator.tf"
for who in viewer operator; do
    of_program "$who" >"$tmp/$who.program"
    [ -s "$tmp/$who.tf" ] || { echo "iam.sh: found no statements for $who in infra/people.tf"; status=1; }
    diff "$tmp/$who.tf" "$tmp/$who.program" || { echo "infra/people.tf (<) and mvpdash iam --$who (>) differ"; status=1; }
done
exit $status
