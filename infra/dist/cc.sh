# shellcheck shell=sh disable=SC2154
# The C compiler for one machine, as a command: tools.sh writes `zig`, `target`, `libc` and `cache` before this.
#
# It compiles as `zig cc` does. It links with the files of the folder $libc alone: left to itself the
# compiler builds the C library once more for each set of flags, and with the names of its folders in
# the debug data.
export ZIG_GLOBAL_CACHE_DIR="$cache" ZIG_LOCAL_CACHE_DIR="$cache"

# -fno-sanitize: it traps undefined behaviour by itself.
zig_cc() { "$zig" cc -target "$target" -fno-sanitize=all "$@"; }

# A configure script makes a program of one C file: its flags that are for the compiler.
compile() { # FILE OBJECT ARGUMENTS...
    file=$1 object=$2 skip=
    shift 2
    for a; do
        shift
        case ${skip:-$a} in
        -o) [ -n "$skip" ] && skip= || skip=-o ;;
        -l* | -L* | -Wl,* | -s | -static | -pie | *.o | *.a | *.c) ;;
        *) set -- "$@" "$a" ;;
        esac
    done
    zig_cc "$@" -c "$file" -o "$object"
}

links=1 source=
for a; do
    case $a in
    -c | -S | -E | -M | -MM | -v | -V | --version | -print-* | -dump* | -qversion) links= ;;
    *.c) source=$a ;;
    esac
done
[ -n "$links" ] || { zig_cc "$@"; exit; }
object=
if [ -n "$source" ]; then
    object=$source.$$.o
    trap 'rm -f "$object"' EXIT
    compile "$source" "$object" "$@" || exit
fi
for a; do
    shift
    case $a in
    -lc | -lm | -lpthread | -lrt | -ldl | -lutil | -lcrypt | -lresolv | -lxnet) ;; # all in the one libc.a
    -fstack-protector*) ;;                                                         # asks for a C library
    *.c) set -- "$@" "$object" ;;
    *) set -- "$@" "$a" ;;
    esac
done
zig_cc -nostdlib -static -pie "$libc/rcrt1.o" "$@" "$libc/libc.a" "$libc/libzigc.a" "$libc/libcompiler_rt.a"
