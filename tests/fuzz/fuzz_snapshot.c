/* A snapshot file of any bytes: reads as jobs or as none, never as anything else. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/path.h"
#include "ops/snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The one snapshot in the state folder: its name is a hash of the place. */
static void find_file(const char *dir, char *out, size_t size)
{
    char folder[200];

    (void)snprintf(folder, sizeof folder, "%s/snapshot", dir);
    DIR *d = opendir(folder);
    const struct dirent *ent;
    while (d != NULL && (ent = readdir(d)) != NULL) {
        if (ent->d_name[0] != '.') {
            (void)snprintf(out, size, "%s/%s", folder, ent->d_name);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char dir[] = "/tmp/mvpdash-fuzz-snapshot.XXXXXX";
    static char place[] = "p";
    static char path[600];
    static struct ops o = {.state_dir = dir, .place = place};
    struct job *got[16];
    size_t n;

    if (path[0] == '\0') {
        if (mkdtemp(dir) == NULL || snapshot_save(&o, NULL, 0, NULL) != E_OK) {
            abort();
        }
        find_file(dir, path, sizeof path);
    }
    if (path_write_atomic(path, data, size, 0600, NULL) != E_OK) {
        abort();
    }
    struct snapshot *s = snapshot_open(&o, NULL);
    while (s != NULL && (n = snapshot_next(s, got, 16)) > 0) {
        for (size_t i = 0; i < n; i++) {
            job_free(got[i]);
        }
    }
    snapshot_close(s);
    return 0;
}
