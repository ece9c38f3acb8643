/* A log of syncs of any bytes, which nobody holds, of this boot or of another: it brings back
 * entries of the outbox, the file of a key, or nothing, and is empty afterwards. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/path.h"
#include "core/platform.h"
#include "core/strbuf.h"
#include "ops/outbox.h"
#include "ops/sync_log.h"
#include "src/ops/sync_log_read.h"

#define HASH_1 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define KEY_1 SYNC_KEY HASH_1

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Names what is wrong before the fuzzer stops. */
static void must(int ok)
{
    if (!ok) {
        abort();
    }
}

/* Makes a log with right checksums: each piece of the input is a record, whose first byte says what
 * kind it is and of which job, and whose second byte how long the piece is. */
static void add_records(struct strbuf *log, const uint8_t *data, size_t size)
{
    static const char kinds[] = {SYNC_PUT,  SYNC_HEAD, SYNC_SAFE, SYNC_DONE,
                                 SYNC_MORE, SYNC_PUT,  SYNC_PUT,  SYNC_MORE};
    static const char *const ids[] = {"job_1", "job_2", "../job_3",      "",
                                      KEY_1,   KEY_1,   SYNC_KEY "../x", SYNC_KEY};

    while (size >= 2) {
        enum sync_kind kind = (enum sync_kind)kinds[data[0] & 7];
        const char *id = ids[(data[0] >> 3) & 7];
        size_t len = data[1] < size - 2 ? data[1] : size - 2;
        sync_record_add(log, kind, id, data + 2, len);
        data += 2 + len;
        size -= 2 + len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char dir[] = "/tmp/mvpdash-fuzz-sync.XXXXXX";
    static struct ops o = {.state_dir = dir};
    static char path[200];
    struct strbuf log = STRBUF_INIT;
    char boot[PLATFORM_BOOT_SIZE];
    char key[200];
    char **ids = NULL;
    struct stat st;

    if (path[0] == '\0') {
        must(mkdtemp(dir) != NULL);
        o.place = place_fixed("000000000000", "p");
        (void)snprintf(path, sizeof path, "%s/sync", dir);
        must(path_mkdirs(path, 0700, NULL) == E_OK);
        (void)snprintf(path, sizeof path, "%s/sync/0.sync", dir);
    }
    if (size > 0 && data[0] % 3 == 0) { /* any bytes */
        strbuf_add(&log, (const char *)data + 1, size - 1);
    } else if (size > 0) {
        platform_boot_name(boot);
        boot[0] = data[0] % 3 == 1 ? 'z' : boot[0]; /* another boot */
        sync_record_add(&log, SYNC_BEGIN, "-", boot, strlen(boot));
        add_records(&log, data + 1, size - 1);
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0 && path_write_all(fd, log.data, log.len) && close(fd) == 0);
    strbuf_clear(&log);
    must(sync_log_sweep(&o, NULL) == E_OK);
    must(stat(path, &st) == 0 && st.st_size == 0);
    size_t n = outbox_list(&o, &ids);
    for (size_t i = 0; i < n; i++) {
        must(strcmp(ids[i], "job_1") == 0 || strcmp(ids[i], "job_2") == 0);
        must(outbox_drop(&o, ids[i], NULL) == E_OK);
    }
    outbox_list_free(ids, n);
    (void)snprintf(key, sizeof key, "%s/" SYNC_KEY_DIR "/" HASH_1 ".jsonl", dir);
    (void)unlink(key);
    (void)snprintf(key, sizeof key, "%s/" SYNC_KEY_DIR, dir);
    must(rmdir(key) == 0 || errno == ENOENT); /* nothing else is in it */
    return 0;
}
