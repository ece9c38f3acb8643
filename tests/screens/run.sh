#!/bin/sh
# Takes the pictures in assets/screens anew (--write), or tells which of them no longer show what the
# program shows (--check).
#
# usage: run.sh --write|--check BUILD-FOLDER     with mvpdash, screens and fixed.so in it
set -u
mode=${1:?usage: run.sh --write|--check BUILD-FOLDER}
build=$(cd "${2:?usage: run.sh --write|--check BUILD-FOLDER}" && pwd) || exit 2
cd "$(dirname "$0")/../.." || exit 2
kept=assets/screens
new=$build/pictures

# Nothing of the caller's own set-up is in a picture.
for name in $(env | sed -n 's/^\(\(AWS\|EVENTBRIDGE\|BATCH\|DYNAMODB\|FOUNDERDASH\|MVPDASH\)_[A-Z0-9_]*\)=.*/\1/p'); do
    unset "$name"
done
unset JOB_ID DEBUG http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
export AWS_EC2_METADATA_DISABLED=true LC_ALL=C.UTF-8 TZ=UTC

rm -rf "$new" && mkdir -p "$new" "$kept" || exit 2
export SCREENS_CLOCK="$new/clock"
head -c 8 /dev/zero >"$SCREENS_CLOCK"
[ "$mode" = --write ] || set -- "$mode" "$2" "$kept"
LD_PRELOAD=$build/fixed.so "$build/screens" "$build/mvpdash" "$new" ${3:+"$3"} || {
    echo "the pictures could not be taken: see above; the scenes are in tests/screens/screens.c" >&2
    exit 1
}
if [ "$mode" = --write ]; then
    rm -f "$kept"/*.svg && cp "$new"/*.svg "$kept"/ && ls -l "$kept" || exit 2
    exec sh tests/screens/run.sh --check "$build" # the same again
fi

# The text of a picture, a line for each row.
words() { sed -n 's/^<text[^>]*>//p' "$1" 2>/dev/null | sed 's/<[^>]*>//g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g'; }

status=0
status_of=
for file in "$new"/*.svg "$kept"/*.svg; do
    name=$(basename "$file")
    cmp -s "$kept/$name" "$new/$name" && continue
    case $status_of in *" $name "*) continue ;; esac
    status_of="$status_of $name "
    status=1
    if [ ! -e "$kept/$name" ]; then
        echo "$kept/$name is missing: run \`make screens\`"
    elif [ ! -e "$new/$name" ]; then
        echo "$kept/$name belongs to no scene: run \`make screens\`"
    else
        echo "$kept/$name is older than its screen (< the picture, > the program): run \`make screens\`"
        words "$kept/$name" >"$new/kept.txt"
        words "$new/$name" >"$new/new.txt"
        diff "$new/kept.txt" "$new/new.txt" && echo "  the text is the same: colours or lines differ"
    fi
done
exit $status
