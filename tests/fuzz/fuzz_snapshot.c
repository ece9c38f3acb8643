/* A snapshot file of any bytes, and one whose record of any bytes has the right checksum: reads as
 * jobs or as none, never as anything else. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/path.h"
#include "core/strbuf.h"
#include "ops/place.h"
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

/* The write is neither atomic nor synced: there is nothing to keep. */
static int put_file(const char *path, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

    return fd >= 0 && write(fd, bytes, len) == (ssize_t)len && close(fd) == 0;
}

/* The empty snapshot's header, then one record. */
static int write_record(const char *path, const char *header, size_t header_len,
                        const uint8_t *data, size_t size)
{
    uint32_t sum = 2166136261u;
    struct strbuf b = STRBUF_INIT;

    for (size_t i = 0; i < size; i++) {
        sum = (sum ^ data[i]) * 16777619u;
    }
    strbuf_add(&b, header, header_len);
    for (int i = 0; i < 4; i++) {
        strbuf_addc(&b, (char)(size >> (8 * i)));
    }
    for (int i = 0; i < 4; i++) {
        strbuf_addc(&b, (char)(sum >> (8 * i)));
    }
    strbuf_add(&b, data, size);
    int ok = put_file(path, b.data, b.len);
    strbuf_clear(&b);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char *header;
    static size_t header_len;
    static char dir[] = "/tmp/mvpdash-fuzz-snapshot.XXXXXX";
    static char path[600];
    static struct ops o = {.state_dir = dir};
    struct job *got[16];
    size_t n;

    if (path[0] == '\0') {
        o.place = place_fixed("000000000000", "p");
        if (mkdtemp(dir) == NULL || snapshot_save(&o, NULL, 0, NULL) != E_OK) {
            abort();
        }
        find_file(dir, path, sizeof path);
        if (path_read(path, 4096, &header, &header_len, NULL) != E_OK) {
            abort();
        }
    }
    bool whole = size == 0 || (data[0] & 1) != 0;
    int ok = whole ? put_file(path, data, size)
                   : write_record(path, header, header_len, data + 1, size - 1);
    if (!ok) {
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
