#!/bin/sh
# Holds who may call whom, by the linker's symbols of a built tree (assets/contributing.md, "Layout"): a call through
# a function that was handed in is no symbol, so it may go anywhere; a call by name may not.
#
#   links.sh BUILD            refuses a call that is not allowed, any circle of places, and an exported
#                             function or table that no other file of src or ui uses
#   links.sh --circles BUILD  prints the largest circle of files that call each other, for each area
#
# A place is a part of an area with rules of its own. An area without places follows tests/lint/
# includes.sh, whose table this reads.
#
# Refuses also a function of ours that has the name of one in a library that the program loads: it
# would shadow the library's own one, and a static link has room for one of them only.
set -u
circles=no
if [ "${1-}" = --circles ]; then
    circles=yes
    shift
fi
cd "$(dirname "$0")/../.." || exit 2
build=${1:-build/release}

# place, its files (without .c; the first row that fits counts), the prefixes of what it exports ("-":
# any), and the places of its area that it may call ("-": none). A place may have several rows. One
# that is named x/* makes each of its files a place; these may call each other where its row names
# itself, in no circle.
places() {
    # In src/app each screen of the table in screens.h is a place: NAME*.c, where NAME.c defines it.
    screens=$(sed -n 's/^ *X(VIEW_[A-Z]*, \(screen_[a-z]*\)).*/\1/p' src/app/screens.h |
        while read -r screen; do
            grep -l "^const struct screen $screen = " src/app/*.c
        done | sed 's|.*/||; s|\.c$||' | LC_ALL=C sort -u)
    bottom='app/bottom,app/store/*,app/cells'
    all=$bottom
    for name in $screens; do
        echo "app/$name src/app/$name* - $bottom"
        all=$all,app/$name
    done
    for top in 'model*' 'update*' 'all*' screens stack errands header_draw footer_draw; do
        echo "app/top src/app/$top - $all"
    done
    cat <<'END'
app/cells       src/app/surface*      -               -
app/cells       src/app/column*       -               -
app/store/*     src/app/store*        -               app/store/*,app/cells
app/bottom      src/app/*             -               app/store/*,app/cells
cloud/store     src/cloud/store/*     cloud_,sqlx_    -
cloud/http      src/cloud/http/*      cloud_http_     cloud/store
cloud/dynamodb  src/cloud/dynamodb/*  ddb_            cloud/store,cloud/http
cloud/logs      src/cloud/logs/*      cloud_logs_     cloud/store,cloud/http
cloud/sqs       src/cloud/sqs/*       cloud_sqs_      cloud/store,cloud/http
cloud/sts       src/cloud/sts/*       cloud_sts_      cloud/store,cloud/http
cloud/batch     src/cloud/batch/*     cloud_batch_    cloud/store,cloud/http,cloud/logs
cloud/events    src/cloud/events/*    cloud_events_   cloud/store,cloud/http,cloud/logs,cloud/sqs,cloud/batch
cloud/top       src/cloud/*           cloud_          cloud/store,cloud/http,cloud/dynamodb,cloud/logs,cloud/sqs,cloud/sts,cloud/batch,cloud/events
END
}

# What is exported for tests alone, and why tests need it. All else that is exported has a caller in
# another file of src or ui.
seams() {
    cat <<'END'
api_deploy_read                  the fuzz target reads bodies of deploys
api_port                         a test server listens on any free port
attr_new_bool                    tests make a value of each type
attr_rows                        a test checks the order of the table
aws_codes                        a test checks the rows of the table
aws_codes_len                    the length of aws_codes
batch_names_parse                tests and the fuzz target read damaged files
batch_names_text                 tests and the fuzz target read back what was written
caps_palette                     a test gives it terminals of all kinds
cloud_events_delivery_backoff_ms a test looks at the waits of a day without waiting
cloud_events_delivery_exhausted  a test looks at retry policies without a clock
cloud_events_delivery_next       a test makes one delivery at a time, without the thread
cloud_port                       a test cloud listens on any free port
ddb_delete_item                  tests delete records as another program would
errors_classify                  a test asks for the meaning of each error code
events_entry_bytes               a test makes entries of the largest size
iam_decode                       tests and the fuzz target decode escapes of every kind
limits_divide                    a test divides other numbers of descriptors than this machine's
openapi_text                     a test reads the document of servers with other options
pen_lost                         a test leaves the terminal in a state that the pen does not know
own_command_done                 a test and the fuzz target read lines of all kinds
own_command_parse                a test and the fuzz target read lines of all kinds
place_fixed                      tests need a place without a client
pool_busy                        tests wait until the pool is idle
pool_busy_actions                tests wait until the actions are done
pool_new_with                    tests need a pool whose work they do themselves
proxies_plain                    the fuzz target reads addresses
proxy_bypassed                   a test reads lists of no_proxy
reply_normalise_code             a test gives it codes in every form
rounds_waiting                   a test waits until all others wait for one look
saved_view_done                  a test and the fuzz target read lines of all kinds
saved_view_parse                 a test and the fuzz target read lines of all kinds
store_bytes                      a test limits the memory of 100,000 jobs (SPEC 10)
store_work                       a test limits the work that a page of jobs costs (SPEC 10)
style_name                       a test names the style that it refuses
theme_list                       tests look at every theme
tokens_parse                     tests and the fuzz target read token files
transform_path                   a test reads paths of every kind
END
}

eval "$(sed -n '/^allowed()/,/^}/p' tests/lint/includes.sh)"

objects=
for source in $(find src ui -name '*.c' | LC_ALL=C sort); do
    object=$build/${source%.c}.o
    if [ ! -f "$object" ]; then
        echo "$object: not built (make V=...)" >&2
        exit 2
    fi
    objects="$objects $object"
done

# Five tables for one program: "area NAME ALLOWED...", "place ...", "seam NAME WHY", "symbol FILE NAME
# TYPE", "library FILE NAME".
{
    for area in $(find src ui -name '*.c' | sed 's|^src/||; s|/.*||' | LC_ALL=C sort -u); do
        echo "area $area $(allowed "$area")"
    done
    places | sed 's/^/place /'
    seams | sed 's/^/seam /'
    # shellcheck disable=SC2086
    nm -A -P $objects | sed -n "s|^$build/\(.*\)\.o: \([^ ]*\) \([^ ]*\).*|symbol \1 \2 \3|p"
    for library in $(ldd "$build/mvpdash" | sed -n 's|.* => \([^ ]*\) .*|\1|p'); do
        nm -D -P --defined-only "$library" |
            sed -n "s|^\([^ @]*\)[^ ]* [TDBRVWi] .*|library ${library##*/} \1|p"
    done
} | LC_ALL=C awk -v circles="$circles" '
function area_of(file) {
    if (file == "src/main") return "main"
    sub(/^src\//, "", file)
    sub(/\/.*/, "", file)
    return file
}

# The row that a file follows, 0: none. "src/x/y*" is not "src/x/y/z".
function row_of(file,    i, stem) {
    for (i = 1; i <= places_len; i++) {
        if (files[i] == file) return i
        if (files[i] !~ /\*$/) continue
        stem = substr(files[i], 1, length(files[i]) - 1)
        if (index(file, stem) == 1 && index(substr(file, length(stem) + 1), "/") == 0) return i
    }
    return 0
}

function place_of(file,    row) {
    row = row_of(file)
    if (row == 0) return area_of(file)
    return names[row] ~ /\/\*$/ ? file : names[row]
}

function is_in(list, item) { return index("," list ",", "," item ",") > 0 }

function refuse(text) {
    print text
    bad = 1
}

function check_call(from, to, symbol,    area, other, row) {
    area = area_of(from)
    other = area_of(to)
    if (area == "main" || place_of(from) == place_of(to)) return
    # The one exception, as in includes.sh: the domain reads AttributeValues as they are.
    if (area == "jobs" && to ~ /^src\/aws\/attr/) return
    if (area != other) {
        if (!is_in(may_area[area], other))
            refuse(from ".c: calls " symbol " of " to ".c: " area " may not call " other)
        return
    }
    row = row_of(from)
    if (row > 0 && !is_in(may[row], names[row_of(to)]))
        refuse(from ".c: calls " symbol " of " to ".c: " place_of(from) " may not call " place_of(to))
}

function check_name(file, symbol,    row, list, n, i) {
    row = row_of(file)
    if (row == 0 || prefixes[row] == "-") return
    n = split(prefixes[row], list, ",")
    for (i = 1; i <= n; i++)
        if (index(symbol, list[i]) == 1) return
    refuse(file ".c: exports " symbol ": the names of " names[row] " begin with " prefixes[row])
}

# Tarjan: strongly connected parts of a graph; edges["a"] is " b c". Parts of more than one are kept.
function visit(v,    list, n, i, w, part, size) {
    seen[v] = low[v] = ++clock
    stack[++depth] = v
    on[v] = 1
    n = split(edges[v], list, " ")
    for (i = 1; i <= n; i++) {
        w = list[i]
        if (!(w in seen)) {
            visit(w)
            if (low[w] < low[v]) low[v] = low[w]
        } else if (on[w] && seen[w] < low[v]) low[v] = seen[w]
    }
    if (low[v] == seen[v]) {
        part = ""
        size = 0
        do {
            w = stack[depth--]
            on[w] = 0
            part = w " " part
            size++
        } while (w != v)
        if (size > 1) found[++found_len] = size " " part
    }
}

function find_circles(    v) {
    split("", seen); split("", low); split("", on)
    clock = depth = found_len = 0
    for (v in edges) if (!(v in seen)) visit(v)
}

function add_edge(a, b) {
    if (a != b && index(edges[a] " ", " " b " ") == 0) edges[a] = edges[a] " " b
}

$1 == "area" {
    for (i = 3; i <= NF; i++) may_area[$2] = may_area[$2] "," $i
    next
}
$1 == "place" {
    names[++places_len] = $2
    files[places_len] = $3
    prefixes[places_len] = $4
    may[places_len] = $5
    has_places[area_of(substr($3, 1, length($3) - 1) "x")] = 1
    next
}
$1 == "library" {
    library[$3] = $2
    next
}
$1 == "seam" {
    seam[$2] = 1
    next
}
$4 == "U" {
    used[++used_len] = $3
    user[used_len] = $2
    next
}
$4 ~ /^[TDBRVWCS]$/ {
    home[$3] = $2
    owner[++owner_len] = $2
    owned[owner_len] = $3
}

END {
    if (used_len == 0) {
        print "no symbols: is the tree built?"
        exit 2
    }
    if (circles == "yes") {
        for (i = 1; i <= used_len; i++)
            if (used[i] in home && area_of(user[i]) == area_of(home[used[i]]))
                add_edge(user[i], home[used[i]])
        find_circles()
        for (i = 1; i <= found_len; i++) {
            split(found[i], part, " ")
            a = area_of(part[2])
            if (part[1] + 0 > most[a] + 0) {
                most[a] = part[1]
                text[a] = substr(found[i], length(part[1]) + 2)
            }
        }
        for (a in may_area) printf "%s %d %s\n", a, most[a], text[a] | "sort"
        exit 0
    }
    for (i = 1; i <= owner_len; i++) {
        if (has_places[area_of(owner[i])] && row_of(owner[i]) == 0)
            refuse(owner[i] ".c: has no place in tests/lint/links.sh")
        check_name(owner[i], owned[i])
        if (owned[i] in library)
            refuse(owner[i] ".c: exports " owned[i] ": " library[owned[i]] " has that name")
        exported[owned[i]] = 1
    }
    for (i = 1; i <= used_len; i++) {
        if (!(used[i] in home)) continue # a library
        to = home[used[i]]
        called[used[i]] = 1
        check_call(user[i], to, used[i])
        if (area_of(user[i]) != "main") add_edge(place_of(user[i]), place_of(to))
    }
    for (i = 1; i <= owner_len; i++)
        if (!(owned[i] in called) && !(owned[i] in seam) && area_of(owner[i]) != "main")
            refuse(owner[i] ".c: exports " owned[i] ", which no other file uses: make it static, or remove it")
    for (symbol in seam) {
        if (!(symbol in exported)) refuse("tests/lint/links.sh: nothing exports " symbol)
        else if (symbol in called) refuse("tests/lint/links.sh: " symbol " is no longer for tests alone")
    }
    find_circles()
    for (i = 1; i <= found_len; i++) refuse("circle: " substr(found[i], index(found[i], " ") + 1))
    exit bad
}'
