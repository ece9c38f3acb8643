#!/bin/sh
# Holds the dependency direction of the areas (assets/contributing.md, "Layout"): for each file, the area comes from
# its path and the areas it uses from its #include "area/..." lines. A private header, which stands
# beside its sources, is its area's own; a header in include/<area>/ is one that another area uses.
set -u
cd "$(dirname "$0")/../.." || exit 2
status=0

allowed() { # area -> areas it may include
    case $1 in
    core) echo "core" ;;
    config) echo "config core" ;;
    aws) echo "aws config core" ;;
    jobs) echo "jobs core" ;;
    ops) echo "ops aws jobs config core" ;;
    work) echo "work ops aws jobs config core" ;;
    app) echo "app work ops jobs config core" ;;
    cli) echo "cli ops aws jobs config core" ;;
    httpd) echo "httpd core" ;;
    api) echo "api httpd ops aws jobs config core" ;;
    cloud) echo "cloud httpd aws jobs core" ;;
    ui) echo "ui app work ops jobs config core" ;;
    esac
}

for file in $(find src include ui -name '*.[ch]' | LC_ALL=C sort); do
    case $file in
    src/main.c) continue ;; # wires everything
    ui/*) area=ui ;;
    *) area=$(echo "$file" | cut -d/ -f2) ;;
    esac
    for header in $(sed -n 's/^#include "\([a-z_]*\/[a-z_0-9]*\.h\)".*/\1/p' "$file"); do
        used=${header%%/*}
        # The one exception: the domain reads AttributeValues (plain JSON trees) as they are.
        [ "$area" = jobs ] && [ "$header" = aws/attr.h ] && continue
        case " $(allowed "$area") " in
        *" $used "*) ;;
        *)
            echo "$file: $area may not include $header"
            status=1
            ;;
        esac
    done
    for header in $(sed -n 's/^#include "\(src\/[^"]*\)".*/\1/p' "$file"); do
        case $header in
        src/"$area"/*) ;;
        *)
            echo "$file: $header is private to its area"
            status=1
            ;;
        esac
    done
    case $file in
    ui/term.c | ui/term_caps.c | ui/pen_caps.c) ;;
    *) if grep -q -E '^#include <(n?curses|ncursesw/curses)' "$file"; then
        echo "$file: only ui/term*.c and ui/pen_caps.c see curses"
        status=1
    fi ;;
    esac
done
unused=$({
    grep -rHo '^#include "[a-z_]*/[a-z_0-9]*\.h"' src ui include | sed 's/:#include "/ include\//; s/"$//'
    find include -name '*.h' | sed 's/^/header /'
} | awk '
$1 == "header" { headers[$2] = 1; next }
{
    area = $1
    sub(/^(src|include)\//, "", area)
    sub(/\/.*/, "", area)
    split($2, at, "/")
    if (area != at[2]) used[$2] = 1
    else if ($1 ~ /^include\//) { inside++; by[inside] = $1; of[inside] = $2 }
}
END {
    # What a used header includes is used with it.
    do {
        more = 0
        for (i = 1; i <= inside; i++) if (by[i] in used && !(of[i] in used)) { used[of[i]] = 1; more = 1 }
    } while (more)
    for (h in headers) if (!(h in used)) print h
}' | LC_ALL=C sort)
for header in $unused; do
    echo "$header: no other area includes it; it belongs beside its sources"
    status=1
done
exit $status
