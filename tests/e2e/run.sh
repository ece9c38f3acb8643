#!/bin/sh
# Runs every cli_*.sh and runner_*.sh against the program; fails when one does.
#
# usage: run.sh PATH/TO/mvpdash [NAME...]     NAME: "cli_config" runs only that one
set -u
program=${1:?usage: run.sh PATH/TO/mvpdash [NAME...]}
shift
MVPDASH=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")
export MVPDASH
[ -x "$MVPDASH" ] || { echo "run.sh: no program at $MVPDASH"; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
status=0

if [ $# -eq 0 ]; then
    for file in "$here"/cli_*.sh "$here"/runner_*.sh; do
        set -- "$@" "$(basename "$file" .sh)"
    done
fi
for name in "$@"; do
    echo "# $name"
    sh "$here/$name.sh" || status=1
done
exit $status
