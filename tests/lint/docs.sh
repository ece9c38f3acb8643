#!/bin/sh
# The man page and the README's tables are printed by the program from its own tables.
#
# usage: docs.sh --write|--check PATH/TO/mvpdash
set -u
mode=${1:?usage: docs.sh --write|--check PATH/TO/mvpdash}
program=$2
cd "$(dirname "$0")/../.." || exit 2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

"$program" help --man >"$tmp/mvpdash.1" || exit 1
"$program" help --completion bash >"$tmp/mvpdash.bash" || exit 1
"$program" help --completion zsh >"$tmp/_mvpdash" || exit 1
cp README.md "$tmp/README.md"
for part in commands keys routes; do
    "$program" help --markdown "$part" >"$tmp/part" || exit 1
    awk -v part="$part" -v file="$tmp/part" '
        $0 == "<!-- " part " -->" { print; while ((getline line < file) > 0) print line; skip = 1 }
        $0 == "<!-- /" part " -->" { skip = 0 }
        !skip && $0 != "<!-- " part " -->" { print }' "$tmp/README.md" >"$tmp/new" || exit 1
    mv "$tmp/new" "$tmp/README.md"
done
if [ "$mode" = --write ]; then
    cp "$tmp/mvpdash.1" "$tmp/mvpdash.bash" "$tmp/_mvpdash" assets/
    cp "$tmp/README.md" README.md
    exit 0
fi
status=0
for file in mvpdash.1 mvpdash.bash _mvpdash; do
    cmp -s "$tmp/$file" "assets/$file" || { echo "assets/$file is not what the program prints: make docs"; status=1; }
done
cmp -s "$tmp/README.md" README.md || { echo "README.md is not what the program prints: make docs"; status=1; }
if command -v mandoc >/dev/null 2>&1; then
    mandoc -T lint -W warning assets/mvpdash.1 || status=1
fi
exit $status
