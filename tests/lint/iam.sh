#!/bin/sh
# `mvpdash iam` and infra/ (people.tf, api_iam.tf) allow the same actions, statement by statement.
#
# usage: iam.sh PATH/TO/mvpdash
set -u
program=$(cd "$(dirname "${1:?usage: iam.sh PATH/TO/mvpdash}")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/../.." || exit 2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

# One line a statement: its actions, sorted.
of_terraform() { # the lists of the file $1, from the line that matches $2 to the one that matches $3
    { sed -n "/$2/,/$3/p" "infra/$1" | sed 's/#.*//' | tr '\n' ' '; echo; } | sed 's/actions *=/\n/g' |
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
of_terraform people.tf '^  viewer_statements' '^  \]' >"$tmp/viewer.tf"
of_terraform people.tf '^  viewer_statements' '^  people = ' >"$tmp/operator.tf"
of_terraform api_iam.tf '^  api_statements' '^  \]' >"$tmp/api.tf"
for who in viewer operator api; do
    of_program "$who" >"$tmp/$who.program"
    [ -s "$tmp/$who.tf" ] || { echo "iam.sh: found no statements for $who in infra/"; status=1; }
    diff "$tmp/$who.tf" "$tmp/$who.program" || { echo "infra/ (<) and mvpdash iam --$who (>) differ"; status=1; }
done
exit $status
