#!/bin/sh
# The man pages, completions, the example of config.ini and the tables of README.md and assets/*.md are
# printed by the program from its own tables. A table stands between <!-- NAME --> and <!-- /NAME -->.
#
# usage: docs.sh --write|--check PATH/TO/mvpdash
set -u
mode=${1:?usage: docs.sh --write|--check PATH/TO/mvpdash}
program=$2
cd "$(dirname "$0")/../.." || exit 2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
parts='commands keys typed mouse filter changing sections precedence mistakes credentials kept exit routes'
pages="README.md $(echo assets/*.md)"

mkdir "$tmp/assets"
"$program" help --man >"$tmp/assets/mvpdash.1" || exit 1
"$program" help --man config >"$tmp/assets/mvpdash-config.5" || exit 1
"$program" help --man keys >"$tmp/assets/mvpdash-keys.7" || exit 1
"$program" help --example >"$tmp/assets/config.example.ini" || exit 1
"$program" help --completion bash >"$tmp/assets/mvpdash.bash" || exit 1
"$program" help --completion zsh >"$tmp/assets/_mvpdash" || exit 1
for part in $parts; do
    "$program" help --markdown "$part" >"$tmp/part.$part" || exit 1
    # shellcheck disable=SC2086 # a list of files
    grep -q "^<!-- $part -->\$" $pages || { echo "no page has the table <!-- $part -->"; exit 1; }
done
for page in $pages; do
    awk -v parts="$parts" -v file="$tmp/part." '
        BEGIN { for (n = split(parts, name, " "); n > 0; n--) known[name[n]] = 1 }
        skip != "" && $0 == "<!-- /" skip " -->" { skip = "" }
        skip == "" { print }
        skip == "" && $1 == "<!--" && ($2 in known) {
            skip = $2
            while ((getline line < (file skip)) > 0) print line
            close(file skip)
        }
        END { if (skip != "") { print FILENAME ": <!-- " skip " --> has no end" >"/dev/stderr"; exit 1 } }' \
        "$page" >"$tmp/$page" || exit 1
done

status=0
for file in assets/mvpdash.1 assets/mvpdash-config.5 assets/mvpdash-keys.7 assets/config.example.ini \
    assets/mvpdash.bash assets/_mvpdash $pages; do
    cmp -s "$tmp/$file" "$file" && continue
    if [ "$mode" = --write ]; then
        cp "$tmp/$file" "$file"
    else
        echo "$file is not what the program prints: make docs"
        status=1
    fi
done
[ "$mode" = --write ] && exit 0
python3 tests/lint/pages.py || status=1
if command -v mandoc >/dev/null 2>&1; then
    mandoc -T lint -W warning assets/mvpdash.1 assets/mvpdash-config.5 assets/mvpdash-keys.7 || status=1
fi
exit $status
