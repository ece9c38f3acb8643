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
#include "sync_log_keys.h"

enum { HEAD_MAX = 256, SUM_LEN = 8 };

void sync_record_add(struct strbuf *out, enum sync_kind kind, const char *name, const void *bytes,
                     size_t len)
{
    char sum[SUM_LEN + 1];
    size_t at = out->len;

    strbuf_addf(out, "%08x %c %zu %s\n", 0U, (char)kind, len, name);
    strbuf_add(out, bytes, len);
    strbuf_addc(out, '\n');
    (void)snprintf(sum, sizeof sum, "%08x",
                   (unsigned)crc32_of(out->data + at + SUM_LEN, out->len - at - SUM_LEN));
    memcpy(out->data + at, sum, SUM_LEN);
}

struct record {
    char kind;
    char name[JOB_ID_SIZE]; /* a key's is shorter */
    const char *bytes;      /* in the log's text */
    size_t len;
};

/* Reads the line that a record begins with: sum, kind, length and name. The line is changed. */
static bool read_head(char *head, struct record *r)
{
    int64_t len = 0;
    char *kind = head + SUM_LEN;

    if (strlen(head) < SUM_LEN + 3 || kind[0] != ' ' || kind[2] != ' ') {
        return false;
    }
    char *digits = kind + 3;
    char *name = strchr(digits, ' ');
    if (name == NULL || strlen(name + 1) >= sizeof r->name) {
        return false;
    }
    *name++ = '\0';
    r->kind = kind[1];
    (void)snprintf(r->name, sizeof r->name, "%s", name);
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
    struct held *h = map_find(files, r->name);

    if (r->kind == SYNC_HEAD && h != NULL && h->bytes.len >= r->len) {
        memcpy(h->bytes.data, r->bytes, r->len);
    } else if (r->kind == SYNC_MORE && h != NULL) {
        strbuf_add(&h->bytes, r->bytes, r->len);
    } else if (r->kind == SYNC_DONE && h != NULL) {
        h->done = true;
    } else if (r->kind == SYNC_SAFE && h != NULL) {
        held_free(map_remove(files, r->name));
    } else if (r->kind == SYNC_PUT && r->len > 0 &&
               (job_id_valid(r->name) || sync_log_is_key(r->name))) {
        struct held *fresh = xcalloc(1, sizeof *fresh);
        strbuf_add(&fresh->bytes, r->bytes, r->len);
        h = map_put(files, r->name, fresh);
        if (h != NULL) {
            held_free(h);
        }
    }
}

/* The files that the log still holds: name -> struct held. `boot` gets what the log's first
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

static bool settle_entry(const struct ops *o, const char *job_id, const struct held *h,
                         bool same_boot, struct outbox_restored *restored)
{
    if (same_boot) {
        char *path = xasprintf("%s/outbox/%s.json", o->state_dir, job_id);
        bool ok = sync_file(path);
        free(path);
        return ok;
    }
    return h->done ? outbox_restore_end(o, job_id, h->bytes.data, h->bytes.len)
                   : outbox_restore(o, job_id, h->bytes.data, h->bytes.len, restored);
}

static bool settle_key(const struct ops *o, const char *name, const struct held *h, bool same_boot)
{
    return same_boot || (h->done ? sync_log_key_restore_end(o, name, h->bytes.data, h->bytes.len)
                                 : sync_log_key_restore(o, name, h->bytes.data, h->bytes.len));
}

/* Makes the files safe; the folders too. */
static bool settle_files(const struct ops *o, const struct map *files, bool same_boot,
                         struct outbox_restored *restored)
{
    const char *name = NULL;
    void *value = NULL;
    size_t keys = 0;
    bool ok = true;

    for (size_t at = 0; ok && map_next(files, &at, &name, &value);) {
        const struct held *h = value;
        bool key = sync_log_is_key(name);
        keys += key;
        ok =
            key ? settle_key(o, name, h, same_boot) : settle_entry(o, name, h, same_boot, restored);
    }
    ok = ok && (keys == 0 || sync_log_keys_safe(o));
    return ok && (keys == map_len(files) || sync_outbox(o));
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
    ok = ok && ftruncate(fd, 0) == 0;
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
