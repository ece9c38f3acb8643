#!/bin/sh
# Functions and words that have no place in the sources.
set -u
cd "$(dirname "$0")/../.." || exit 2
status=0
files=$(find src include ui -name '*.[ch]')

check() { # pattern, why, lines to let pass
    # shellcheck disable=SC2086 # a list of files
    found=$(grep -n -E "$1" $files | grep -v -E "${3:-^$}")
    if [ -n "$found" ]; then
        echo "$found" | sed "s|\$|    <- $2|"
        status=1
    fi
}
check '(^|[^a-zA-Z_0-9>.])(strcpy|strcat|sprintf|vsprintf|gets|strtok|tmpnam|mktemp|system|popen|rand|srand|localtime|gmtime|asctime|ctime|atoi|atol|atof)\(' 'banned function'
check '(^|[^a-zA-Z_0-9>.])(malloc|calloc|realloc|strdup|strndup|asprintf)\(' 'use core/alloc.h' '(src|include)/core/alloc\.[ch]:'
check '(OPENSSL_cleanse|explicit_bzero|memset_s)\(' 'use core/secret.h: secret_wipe, secret_free' 'src/core/secret\.c:'
check '^[^"]*[^":]//' 'comments are /* */' '://'
check '(TODO|FIXME|(^|[^X+])XXX([^X]|$)|HACK)' 'finish it or file an issue'
exit $status
