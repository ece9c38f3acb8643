#!/bin/sh
# Prints the pipeline's files as a C table, for the local cloud to carry in the binary.
# usage: sh infra/container/embed.sh >build/gen/pipeline_files.inc
set -eu
cd "$(dirname -- "$0")"

bytes() { # FILE
    od -An -v -tu1 "$1" | sed 's/  */,/g; s/^,//; s/$/,/'
}
files=$(printf '%s\n' entrypoint stages/*)
printf '/* Made by infra/container/embed.sh. */\n'
n=0
printf '%s\n' "$files" | while read -r f; do
    printf 'static const unsigned char pipeline_file_%d[] = {\n' "$n"
    bytes "$f"
    printf '};\n'
    n=$((n + 1))
done
printf 'static const struct pipeline_file pipeline_files[] = {\n'
n=0
printf '%s\n' "$files" | while read -r f; do
    mode=0600
    [ -x "$f" ] && mode=0700
    printf '    {"%s", %s, pipeline_file_%d, sizeof pipeline_file_%d},\n' "$f" "$mode" "$n" "$n"
    n=$((n + 1))
done
printf '};\n'
