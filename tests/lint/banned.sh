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

# What Linux alone has, and what one C library has and another does not, stands in src/core/platform with
# its reason. Others that are used: epoll in the HTTP server (one thread for thousands of connections,
# which poll() would walk through for each event) and the process's own figures in src/api/process.c.
# Used without more ado, because glibc, musl and the BSDs all have them: what POSIX took up in 2024
# (pipe2, accept4, mkostemp, memmem, vasprintf, getentropy), flock (its lock belongs to the open file, as
# POSIX's own does not) and strcasestr.
name='(^|[^a-zA-Z_0-9>.])'
here='src/core/platform\.[ch]:'
linux='only Linux has it: src/core/platform'
check "$name(memfd_create|eventfd(_[a-z]+)?|timerfd_[a-z]+|signalfd|[if]a?notify_[a-z0-9_]+|prctl|syscall|pidfd_[a-z_]+|close_range|closefrom|clone|unshare|setns|splice|vmsplice|tee|sendfile|copy_file_range|fallocate|sync_file_range|syncfs|readahead|renameat2|statx|f?statfs|sysinfo|gettid|getcpu|sched_[gs]etaffinity|sched_getcpu|mremap|recvmmsg|sendmmsg|preadv2|pwritev2|process_vm_[a-z]+|process_madvise|execveat|personality|prlimit|getauxval|getrandom)\(" "$linux" "$here"
check "${name}epoll_[a-z0-9]+\(" "$linux" 'src/httpd/'
check '#include <(linux/|asm/|sys/(eventfd|prctl|syscall|inotify|timerfd|signalfd|sysinfo|sendfile|random|vfs|statfs|auxv)\.h)' "$linux" "$here"
check '#include <sys/epoll\.h' "$linux" 'src/httpd/'
check "\"/(proc|sys)/|$name(CLOCK_(BOOTTIME|MONOTONIC_RAW|[A-Z]+_COARSE)|O_(TMPFILE|PATH)|SO_PEERCRED)" "$linux" "include/core/platform\.h:|$here|src/api/process\.c:"
glibc='not every C library has it: src/core/platform'
check "$name(strerror_r|qsort_r|strchrnul|rawmemchr|memrchr|w?mempcpy|strverscmp|canonicalize_file_name|get_current_dir_name|secure_getenv|euidaccess|eaccess|fcloseall|fopencookie|f[a-z]+_unlocked|[a-z]+64|malloc_[a-z_]+|mallopt|mallinfo2?|backtrace(_[a-z_]+)?|dladdr1?|dlmopen|dlinfo|[a-z_]+_np|error_at_line|argp_[a-z_]+|on_exit|sincosf?|exp10|getaddrinfo_a|getgrouplist|versionsort|wordexp|tdestroy|twalk_r|h(search|create|destroy)_r|[a-z]*rand(om)?(48)?_r|arc4random[a-z_]*|strptime|basename)\(" "$glibc" "$here"
check '#include <(malloc|execinfo|error|argp|argz|envz|obstack|link|printf|gnu/.*)\.h' "$glibc" "$here"
# build.c says which C library it was built with.
check '__(GLIBC__|GNU_LIBRARY__|linux__|gnu_linux__)|program_invocation|error_t ' "$glibc" "$here|src/core/build\.c:"
exit $status
