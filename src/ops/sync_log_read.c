/* Reading a log, and making its files safe without it.
 *
 * A log of this boot never brings anything back. The file system has all that its owner wrote, even
 * if that is not on the disk yet, and it also has what others did with the files since: only they
 * are synced. */
#include "sync_log_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/crc32.h"
#include "core/map.h"
#include "core/number.h"
#include "core/path.h"
#include "core/secret.h"
#include "jobs/deploy.h"
#include "outbox_restore.h"

enum { HEAD_MAX = 256, SUM_LEN = 8 };

void sync_record_add(struct strbuf *out, enum sync_kind kind, const char *job_id, const void *bytes,
                     size_t len)
{
    char sum[SUM_LEN + 1];
    size_t at = out->len;

    strbuf_addf(out, "%08x %c %zu %s\n", 0U, (char)kind, len, job_id);
    strbuf_add(out, bytes, len);
    strbuf_addc(out, '\n');
    (void)snprintf(sum, sizeof sum, "%08x",
                   (unsigned)crc32_of(out->data + at + SUM_LEN, out->len - at - SUM_LEN));
    memcpy(out->data + at, sum, SUM_LEN);
}

struct record {
    char kind;
    char job_id[JOB_ID_SIZE];
    const char *bytes; /* in the log's text */
    size_t len;
};

/* Reads the line that a record begins with: sum, kind, length and job id. The line is changed. */
static bool read_head(char *head, struct record *r)
{
    int64_t len = 0;
    char *kind = head + SUM_LEN;

    if (strlen(head) < SUM_LEN + 3 || kind[0] != ' ' || kind[2] != ' ') {
        return false;
    }
    char *digits = kind + 3;
    char *job_id = strchr(digits, ' ');
    if (job_id == NULL || strlen(job_id + 1) >= sizeof r->job_id) {
        return false;
    }
    *job_id++ = '\0';
    r->kind = kind[1];
    (void)snprintf(r->job_id, sizeof r->job_id, "%s", job_id);
    bool ok = number_parse(digits, 0, SYNC_LOG_MAX, &len);
    r->len = (size_t)len;
    return ok;
}

/* Takes the record at `*at`. False at the end of what is certain: a record that was being written
 * when the power went is not whole, and nobody was told that it is kept. */
static bool next_record(const char *text, size_t len, size_t *at, struct record *r)
{
    char head[HEAD_MAX];
    char sum[SUM_LEN + 1];
    const char *from = text + *at;
    size_t left = len - *at;
    const char *nl = memchr(from, '\n', left < HEAD_MAX - 1 ? left : HEAD_MAX - 1);

    if (nl == NULL) {
        return false;
    }
    size_t head_len = (size_t)(nl - from);
    memcpy(head, from, head_len);
    head[head_len] = '\0';
    if (!read_head(head, r) || r->len > left || left - r->len < head_len + 2) {
        return false;
    }
    size_t whole = head_len + 1 + r->len + 1;
    (void)snprintf(sum, sizeof sum, "%08x", (unsigned)crc32_of(from + SUM_LEN, whole - SUM_LEN));
    r->bytes = nl + 1;
    *at += whole;
    return memcmp(from, sum, SUM_LEN) == 0;
}

/* A file that the log holds. */
struct held {
    struct strbuf bytes;
    bool done; /* it was to be removed */
};

static void held_free(void *arg)
{
    struct held *h = arg;

    strbuf_wipe(&h->bytes);
    free(h);
}

static void take(struct map *files, const struct record *r)
{
    struct held *h = map_find(files, r->job_id);

    if (r->kind == SYNC_HEAD && h != NULL && h->bytes.len >= r->len) {
        memcpy(h->bytes.data, r->bytes, r->len);
    } else if (r->kind == SYNC_DONE && h != NULL) {
        h->done = true;
    } else if (r->kind == SYNC_SAFE && h != NULL) {
        held_free(map_remove(files, r->job_id));
    } else if (r->kind == SYNC_PUT && r->len > 0 && job_id_valid(r->job_id)) {
        struct held *fresh = xcalloc(1, sizeof *fresh);
        strbuf_add(&fresh->bytes, r->bytes, r->len);
        h = map_put(files, r->job_id, fresh);
        if (h != NULL) {
            held_free(h);
        }
    }
}

/* The files that the log still holds: job id -> struct held. `boot` gets what the log's first
 * record says. */
static struct map *files_of(const char *text, size_t len, char boot[PLATFORM_BOOT_SIZE])
{
    struct map *files = map_new();
    struct record r;
    size_t at = 0;

    boot[0] = '\0';
    if (next_record(text, len, &at, &r) && r.kind == SYNC_BEGIN && r.len < PLATFORM_BOOT_SIZE) {
        memcpy(boot, r.bytes, r.len);
        boot[r.len] = '\0';
        while (next_record(text, len, &at, &r)) {
            take(files, &r);
        }
    }
    return files;
}

static bool read_log(int fd, struct strbuf *out)
{
    struct stat st;
    char buf[16384];
    ssize_t n = -1;

    if (fstat(fd, &st) != 0) {
        return false;
    }
    if (st.st_size > SYNC_LOG_MAX) {
        errno = EFBIG;
        return false;
    }
    for (off_t at = 0; (n = pread(fd, buf, sizeof buf, at)) != 0;) {
        if (n < 0 && errno != EINTR) {
            return false;
        }
        if (n > 0) {
            strbuf_add(out, buf, (size_t)n);
            at += n;
        }
    }
    return true;
}

/* Syncs a file that is there. One that is not there was removed by somebody who was done with
 * it. */
static bool sync_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) {
        return errno == ENOENT || errno == ELOOP;
    }
    bool ok = fsync(fd) == 0;
    int why = errno;
    (void)close(fd);
    errno = why;
    return ok;
}

/* Syncs the outbox's folder, and the name of that folder, which may be new. */
static bool sync_outbox(const struct ops *o)
{
    char *dir = path_join(o->state_dir, "outbox");
    bool ok = (path_sync_folder(dir) && path_sync_folder(o->state_dir)) || !path_exists(dir);

    free(dir);
    return ok;
}

static bool settle_files(const struct ops *o, const struct map *files, bool same_boot,
                         struct outbox_restored *restored)
{
    const char *job_id = NULL;
    void *value = NULL;
    bool ok = true;

    for (size_t at = 0; ok && map_next(files, &at, &job_id, &value);) {
        const struct held *h = value;
        if (same_boot) {
            char *path = xasprintf("%s/outbox/%s.json", o->state_dir, job_id);
            ok = sync_file(path);
            free(path);
        } else if (h->done) {
            ok = outbox_restore_end(o, job_id, h->bytes.data, h->bytes.len);
        } else {
            ok = outbox_restore(o, job_id, h->bytes.data, h->bytes.len, restored);
        }
    }
    return ok;
}

bool sync_log_settle(const struct ops *o, int fd, const char *boot)
{
    struct strbuf text = STRBUF_INIT;
    struct outbox_restored restored = {.len = 0};
    char its_boot[PLATFORM_BOOT_SIZE];

    if (!read_log(fd, &text)) {
        strbuf_wipe(&text);
        return false;
    }
    struct map *files = files_of(strbuf_str(&text), text.len, its_boot);
    bool same_boot = boot[0] != '\0' && strcmp(boot, its_boot) == 0;
    bool ok = settle_files(o, files, same_boot, &restored);
    ok = ok && (map_len(files) == 0 || sync_outbox(o)) && ftruncate(fd, 0) == 0;
    /* A log that is empty brings nothing back any more, even if that is not on the disk yet. */
    bool emptied = ok;
    ok = ok && fsync(fd) == 0;
    int why = errno;
    /* From here on others may work on what was brought back. */
    outbox_restored_end(&restored, emptied);
    map_free(files, held_free);
    strbuf_wipe(&text);
    errno = why;
    return ok;
}
