#!/bin/sh
# Comments that a reader needs are there: every source and header opens with a sentence that says what
# it is, and every function that another area may call (include/) is spoken of.
#
#   words.sh [FILE...]  looks at these files instead of the whole tree
#
# What the words of a comment mean, no script can tell: subject, verb and object are for a reviewer.
set -u
cd "$(dirname "$0")/../.." || exit 2
if [ $# -eq 0 ]; then
    # shellcheck disable=SC2046 # a list of files
    set -- $(find src ui include tests -name '*.[ch]' | LC_ALL=C sort)
fi

LC_ALL=C awk '
function refuse(file, line, text) {
    print file ":" line ": " text
    bad = 1
}

# The first comment is over: is its first sentence one? "DESIGN" says why, not what.
function check_opening(file, text,    words) {
    gsub(/\/\*|\*\/|\n *\*?/, " ", text)
    sub(/^ +/, "", text)
    if (text ~ /^DESIGN/) {
        refuse(file, 1, "opens with DESIGN: say first, in one sentence, what the file is")
        return
    }
    if (!match(text, /[.?!:]( |$)/)) {
        refuse(file, 1, "the opening comment is no sentence: it has no end")
        return
    }
    if (split(text, words, / +/) < 3) refuse(file, 1, "the opening comment is too short to say what the file is")
}

# A run of declarations without an empty line between them is one thing: one comment may speak of all.
function end_run() {
    if (run_line > 0 && !run_spoken) refuse(run_file, run_line, "no comment speaks of " run_name)
    run_line = run_spoken = 0
}

FNR == 1 {
    end_run()
    header = FILENAME ~ /^include\// || FILENAME ~ /\/include\//
    opening = ""
    state = "before"
    in_comment = in_body = 0
    depth = 0
}
state == "before" {
    if ($0 !~ /^[ \t]*\/\*/) {
        refuse(FILENAME, 1, "does not open with a comment that says what the file is")
        state = "open"
    } else state = "opening"
}
state == "opening" {
    opening = opening $0 "\n"
    if ($0 ~ /\*\//) {
        check_opening(FILENAME, opening)
        state = "open"
    }
    next
}
header {
    line = $0
    if (line ~ /^[ \t]*$/) {
        end_run()
        next
    }
    spoken = in_comment || line ~ /\/\*/
    if (line ~ /\/\*/) in_comment = 1
    if (line ~ /\*\//) in_comment = 0
    if (spoken) run_spoken = 1
    code = line
    gsub(/\/\*.*\*\//, "", code)
    # A function: a name and its parameters at the left edge, and no body, table or type.
    if (depth == 0 && !in_comment && code ~ /^[A-Za-z_]/ && code ~ /[A-Za-z_0-9]+\(/ &&
        code !~ /^(typedef|struct [a-z_]+ \{|enum|#|extern)/ && code !~ /^_Static_assert/ && run_line == 0) {
        run_line = FNR
        run_file = FILENAME
        match(code, /[a-z_0-9]+\(/)
        run_name = substr(code, RSTART, RLENGTH - 1)
    }
    depth += gsub(/\{/, "{", code) - gsub(/\}/, "}", code)
}
END {
    end_run()
    exit bad
}' "$@"
