/* The snapshot of the dashboard's list, in a file.
 *
 * DESIGN: the file has a header (magic, version, time, count, the place's hash and text), then a
 * record for each job: its length, the fixed numbers, then each text as a varint length + 1 (0:
 * absent) and its bytes. Numbers are little endian. A job takes about 250 bytes, so 100,000 jobs
 * are 25 MB, written and read in a fraction of a second and in pieces.
 *
 * Nothing in the file is trusted: every length is checked against what is left of its record, and a
 * record that does not fit is the end. A text may hold anything but a NUL, as in a table's record.
 * Each record carries a checksum, so that a torn write is not taken for jobs. */
#include "ops/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "ops/place.h"

enum { VERSION = 1, RECORD_MAX = 1 << 20, CHUNK = 256 * 1024, JOBS_MAX = 10000000 };
static const char magic[8] = "mvpsnap";

struct snapshot {
    FILE *file;
    int64_t saved_ms;
    char *record; /* the buffer for one record */
    size_t cap;
    bool ended;
};

static uint32_t checksum(const unsigned char *p, size_t n)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < n; i++) {
        h = (h ^ p[i]) * 16777619u;
    }
    return h;
}

/* ---- writing ---- */

static void put_u(struct strbuf *b, uint64_t v, int bytes)
{
    char raw[8];

    for (int i = 0; i < bytes; i++) {
        raw[i] = (char)(v >> (8 * i));
    }
    strbuf_add(b, raw, (size_t)bytes);
}

static void put_varint(struct strbuf *b, uint64_t v)
{
    while (v >= 0x80) {
        strbuf_addc(b, (char)(v | 0x80));
        v >>= 7;
    }
    strbuf_addc(b, (char)v);
}

static void put_text(struct strbuf *b, const char *s)
{
    size_t n = s == NULL ? 0 : strlen(s);

    put_varint(b, s == NULL ? 0 : n + 1);
    strbuf_add(b, s == NULL ? "" : s, n);
}

/* The texts of a job behind its id, in the order in which the file has them; its addresses stand
 * before the last one. */
static const enum job_text_id texts[] = {
    JOB_USER_ID,     JOB_PRODUCT_ID,    JOB_BUSINESS_NAME, JOB_EMAIL,    JOB_PRIORITY,
    JOB_STATUS_TEXT, JOB_STATUS_REASON, JOB_STEP,          JOB_BATCH_ID, JOB_RETRY_OF};
enum { TEXTS = sizeof texts / sizeof *texts };

static void put_job(struct strbuf *b, const struct job *j)
{
    const struct job_error *errors = job_errors(j);
    char room[JOB_ROOM];

    for (unsigned i = 0; i < JOB_TIMES; i++) {
        put_u(b, (uint64_t)job_ms(j, (enum job_time_id)i), 8);
    }
    put_u(b, (uint32_t)j->estimated_duration_s, 4);
    put_u(b, (uint64_t)j->progress, 2);
    put_u(b, j->features_len, 2);
    put_u(b, j->errors_len, 2);
    put_text(b, j->id);
    for (size_t i = 0; i < TEXTS; i++) {
        for (unsigned u = 0; i == TEXTS - 1 && u < JOB_URLS; u++) {
            put_text(b, job_url(j, (enum job_url_id)u, room));
        }
        put_text(b, job_text(j, texts[i]));
    }
    for (size_t i = 0; i < j->features_len; i++) {
        put_text(b, job_feature(j, i, room));
    }
    for (size_t i = 0; i < j->errors_len; i++) {
        put_u(b, (uint64_t)errors[i].at_ms, 8);
        put_text(b, errors[i].message);
        put_text(b, errors[i].step);
    }
}

static bool write_out(FILE *f, struct strbuf *b)
{
    bool ok = fwrite(strbuf_str(b), 1, b->len, f) == b->len;

    strbuf_reset(b);
    return ok;
}

static bool write_jobs(FILE *f, const struct ops *o, const char *place,
                       const struct job *const *jobs, size_t len)
{
    struct strbuf b = STRBUF_INIT;
    struct strbuf record = STRBUF_INIT;
    bool ok = true;

    strbuf_add(&b, magic, sizeof magic);
    put_u(&b, VERSION, 4);
    put_u(&b, (uint64_t)clock_wall_ms(o->clock), 8);
    put_u(&b, len, 8);
    put_text(&b, place);
    for (size_t i = 0; ok && i < len; i++) {
        strbuf_reset(&record);
        put_job(&record, jobs[i]);
        if (record.len <= RECORD_MAX) {
            put_u(&b, record.len, 4);
            put_u(&b, checksum((const unsigned char *)record.data, record.len), 4);
            strbuf_add(&b, record.data, record.len);
        }
        ok = b.len < CHUNK || write_out(f, &b);
    }
    ok = ok && write_out(f, &b);
    strbuf_clear(&b);
    strbuf_clear(&record);
    return ok;
}

enum err_code snapshot_save(const struct ops *o, const struct job *const *jobs, size_t len,
                            struct err *e)
{
    char *place = NULL;
    enum err_code rc = place_text(o, PLACE_HERE, &place, e);

    if (rc != E_OK) {
        (void)err_wrap(e, "the list is not kept");
        return rc;
    }
    char *dir = path_join(o->state_dir, "snapshot");
    char *path = place_path(o, "snapshot", place, "jobs");
    char *tmp = xasprintf("%s.XXXXXX", path);
    FILE *f = NULL;
    int fd = -1;
    rc = path_mkdirs(dir, 0700, e);
    if (rc != E_OK) {
        goto out;
    }
    fd = mkostemp(tmp, O_CLOEXEC); /* 0600 */
    f = fd < 0 ? NULL : fdopen(fd, "wb");
    if (f == NULL) {
        rc = err_set(e, E_IO, "%s: cannot write the snapshot: %s", path, strerror(errno));
        goto out;
    }
    fd = -1; /* the stream owns the descriptor now */
    /* The file is not synced: it is a cache, and its checksums show when it is torn. */
    bool ok = write_jobs(f, o, place, jobs, len);
    ok = fclose(f) == 0 && ok;
    if (!ok || rename(tmp, path) != 0) {
        rc = err_set(e, E_IO, "%s: cannot write the snapshot: %s", path, strerror(errno));
        (void)unlink(tmp);
    }
out:
    if (fd >= 0) {
        (void)close(fd);
        (void)unlink(tmp);
    }
    free(tmp);
    free(path);
    free(dir);
    free(place);
    return rc;
}

/* ---- reading ---- */

/* What is left of a record; `bad` once something did not fit. */
struct reader {
    char *at;
    const char *end;
    bool bad;
};

static uint64_t get_u(struct reader *r, int bytes)
{
    uint64_t v = 0;

    if (r->bad || r->end - r->at < bytes) {
        r->bad = true;
        return 0;
    }
    for (int i = 0; i < bytes; i++) {
        v |= (uint64_t)(unsigned char)r->at[i] << (8 * i);
    }
    r->at += bytes;
    return v;
}

static uint64_t get_varint(struct reader *r)
{
    uint64_t v = 0;

    for (int shift = 0; shift < 63; shift += 7) {
        uint64_t byte = get_u(r, 1);
        v |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            return v;
        }
    }
    r->bad = true;
    return 0;
}

/* Moves the text one byte to the front, over its own length byte, to make room for its NUL: so no
 * copy is needed before job_make makes the final one. */
static const char *get_text(struct reader *r)
{
    char *before = r->at;
    uint64_t n = get_varint(r);

    if (r->bad || n == 0) {
        return NULL;
    }
    n--;
    if (n > (uint64_t)(r->end - r->at) || memchr(r->at, '\0', n) != NULL) {
        r->bad = true;
        return NULL;
    }
    memmove(before, r->at, n);
    r->at += n;
    before[n] = '\0'; /* the length took at least one byte, so this place lies before r->at */
    return before;
}

static struct job *get_job(struct reader *r)
{
    struct job_values j = {0};
    const char *features[JOB_FEATURES_MAX];
    struct job_error errors[JOB_ERRORS_MAX];

    for (size_t i = 0; i < JOB_TIMES; i++) {
        j.ms[i] = (int64_t)get_u(r, 8);
    }
    j.estimated_duration_s = (int32_t)(uint32_t)get_u(r, 4);
    j.progress = (int16_t)(uint16_t)get_u(r, 2);
    j.features_len = (uint16_t)get_u(r, 2);
    j.errors_len = (uint16_t)get_u(r, 2);
    if (r->bad || j.features_len > JOB_FEATURES_MAX || j.errors_len > JOB_ERRORS_MAX) {
        return NULL;
    }
    j.id = get_text(r);
    for (size_t i = 0; i < TEXTS; i++) {
        for (size_t u = 0; i == TEXTS - 1 && u < JOB_URLS; u++) {
            j.url[u] = get_text(r);
        }
        j.text[texts[i]] = get_text(r);
    }
    for (size_t i = 0; i < j.features_len; i++) {
        features[i] = get_text(r);
        r->bad = r->bad || features[i] == NULL;
    }
    for (size_t i = 0; i < j.errors_len; i++) {
        errors[i].at_ms = (int64_t)get_u(r, 8);
        errors[i].message = get_text(r);
        errors[i].step = get_text(r);
        r->bad = r->bad || errors[i].message == NULL;
    }
    if (r->bad || j.id == NULL || j.id[0] == '\0' || j.progress < -1 || j.progress > 100) {
        return NULL;
    }
    j.features = features;
    j.errors = errors;
    j.status = (uint8_t)job_status_parse(j.text[JOB_STATUS_TEXT]);
    return job_make(&j);
}

static bool read_exactly(FILE *f, void *to, size_t n)
{
    return fread(to, 1, n, f) == n;
}

/* Reads the header, up to the first record. */
static bool read_header(struct snapshot *s, const char *place)
{
    char raw[sizeof magic + 4 + 8 + 8];
    size_t place_len = strlen(place);
    struct strbuf want = STRBUF_INIT;

    if (!read_exactly(s->file, raw, sizeof raw) || memcmp(raw, magic, sizeof magic) != 0) {
        return false;
    }
    struct reader r = {.at = raw + sizeof magic, .end = raw + sizeof raw};
    uint64_t version = get_u(&r, 4);
    s->saved_ms = (int64_t)get_u(&r, 8);
    uint64_t len = get_u(&r, 8);
    if (version != VERSION || len > JOBS_MAX) {
        return false;
    }
    put_text(&want, place);
    char *got = xcalloc(1, place_len + 16);
    bool same = read_exactly(s->file, got, want.len) && memcmp(got, want.data, want.len) == 0;
    free(got);
    strbuf_clear(&want);
    return same;
}

struct snapshot *snapshot_open(const struct ops *o, struct err *e)
{
    char *place = NULL;

    if (place_text(o, PLACE_HERE, &place, e) != E_OK) {
        return NULL;
    }
    char *path = place_path(o, "snapshot", place, "jobs");
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    struct snapshot *s = xcalloc(1, sizeof *s);

    s->file = fd < 0 ? NULL : fdopen(fd, "rb");
    if (s->file != NULL) {
        (void)setvbuf(s->file, NULL, _IOFBF, CHUNK);
    }
    if (s->file == NULL || path_own_file(fd, path, NULL) != E_OK || !read_header(s, place)) {
        (void)err_set(e, E_NOT_FOUND, "%s: no usable snapshot", path);
        if (s->file == NULL && fd >= 0) {
            (void)close(fd);
        }
        snapshot_close(s);
        s = NULL;
    }
    free(path);
    free(place);
    return s;
}

int64_t snapshot_saved_ms(const struct snapshot *s)
{
    return s->saved_ms;
}

/* Reads one record into s->record; false at the end, or where the record is damaged. */
static bool next_record(struct snapshot *s, size_t *len)
{
    char head[8];

    if (!read_exactly(s->file, head, sizeof head)) {
        return false;
    }
    struct reader r = {.at = head, .end = head + sizeof head};
    size_t n = (size_t)get_u(&r, 4);
    uint32_t sum = (uint32_t)get_u(&r, 4);
    if (n > RECORD_MAX) {
        return false;
    }
    if (n + 1 > s->cap) {
        s->cap = n + 1 < 4096 ? 4096 : n + 1;
        s->record = xrealloc(s->record, s->cap);
    }
    *len = n;
    return read_exactly(s->file, s->record, n) &&
           checksum((const unsigned char *)s->record, n) == sum;
}

size_t snapshot_next(struct snapshot *s, struct job **out, size_t max)
{
    size_t n = 0;
    size_t len = 0;

    while (n < max && !s->ended) {
        struct job *j = NULL;
        if (next_record(s, &len)) {
            struct reader r = {.at = s->record, .end = s->record + len};
            j = get_job(&r);
        }
        if (j == NULL) {
            s->ended = true;
        } else {
            out[n++] = j;
        }
    }
    return n;
}

void snapshot_close(struct snapshot *s)
{
    if (s == NULL) {
        return;
    }
    if (s->file != NULL) {
        (void)fclose(s->file);
    }
    free(s->record);
    free(s);
}
