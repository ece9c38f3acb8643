#!/bin/sh
# Writes cc, ar and ranlib for one machine into a folder: the cross compiler under the names that
# build scripts know.
#
# usage: tools.sh CACHE ARCH FOLDER
set -eu
cache=${1:?usage: tools.sh CACHE ARCH FOLDER}
arch=${2:?usage: tools.sh CACHE ARCH FOLDER}
folder=${3:?usage: tools.sh CACHE ARCH FOLDER}
zig=$(cat "$cache/zig.path")
mkdir -p "$folder"
# The compiler keeps musl's own objects there; -fno-sanitize: it traps undefined behaviour by itself.
cat >"$folder/cc" <<END
#!/bin/sh
export ZIG_GLOBAL_CACHE_DIR='$cache/zig-cache' ZIG_LOCAL_CACHE_DIR='$cache/zig-cache'
exec '$zig' cc -target $arch-linux-musl -fno-sanitize=all "\$@"
END
for tool in ar ranlib; do
    printf '#!/bin/sh\nexec %s %s "$@"\n' "'$zig'" $tool >"$folder/$tool"
done
chmod +x "$folder/cc" "$folder/ar" "$folder/ranlib"
