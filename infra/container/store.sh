# store.sh - the storage of images that were built without docker (POSIX sh; sourced by build.sh and
# tests/container). Set before: $top.

# Sets $store, and makes buildah and podman keep all they have there.
use_store() {
    store=${CONTAINER_STORE:-$top/build/container}
    mkdir -p "$store"
    store=$(cd "$store" && pwd -P)
    # skip_mount_home: else the folder would be mounted on itself and could not be removed.
    cat >"$store/storage.conf" <<END
[storage]
driver = "overlay"
graphroot = "$store/storage"
runroot = "$store/run"
[storage.options.overlay]
skip_mount_home = "true"
END
    # runc: crun does not start where both kinds of cgroups are mounted.
    cat >"$store/containers.conf" <<END
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
tmp_dir = "$store/run/libpod"
[containers]
log_driver = "none"
END
    export CONTAINERS_STORAGE_CONF="$store/storage.conf" CONTAINERS_CONF="$store/containers.conf"
    export STORAGE_DRIVER=overlay
}
