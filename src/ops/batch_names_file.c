/* The file in which the owners of Batch jobs are kept.
 *
 * DESIGN: state_dir/batch/<hash of the place>.names holds lines of text: a header, whose jobs these
 * are, the covered times, one line for each Batch job, and an end with their number and a checksum
 * of everything before it. The file is a cache and is believed as a whole or not at all: a range
 * without the jobs that it covers would turn "not looked at" into "there is none". */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch_names.h"
#include "core/alloc.h"
#include "core/crc32.h"
#include "core/number.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "ops/place.h"

enum {
    FILE_LIMIT = 16 << 20,
    OWNER_MAX = 2048 /* OWNER_MAX: the longest key that a table allows */,
    WORD_MAX = 128
};
static const char header[] = "mvpdash batch names 1";

/* The place of this file: account, region and table as for everything that is kept, and the queue
 * with its own account and region. NULL when the account cannot be told: then nothing is kept and
 * nothing is believed. */
static char *place_of(const struct ops *o, enum place_effort effort)
{
    char *place = NULL;

    if (place_text(o, effort, &place, NULL) != E_OK) {
        return NULL;
    }
    char *all = xasprintf("%s | %s | %s", place, aws_client_endpoint(o->aws, AWS_BATCH), o->queue);
    free(place);
    return all;
}

/* ---- writing ---- */

struct writing {
    struct strbuf b;
    size_t len;
};

/* Adds a job id as one word of a line; the id may be any text. */
static void add_word(struct strbuf *b, const char *s)
{
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        if (c <= 0x20 || c == '%' || c >= 0x7f) {
            strbuf_addf(b, "%%%02x", c);
        } else {
            strbuf_addc(b, (char)c);
        }
    }
}

static void write_range(void *arg, int64_t from_ms, int64_t to_ms)
{
    struct writing *w = arg;

    strbuf_addf(&w->b, "covered %" PRId64 " %" PRId64 "\n", from_ms, to_ms);
}

static void write_name(void *arg, const char *batch_id, const char *job_id, int64_t created_ms)
{
    struct writing *w = arg;

    strbuf_adds(&w->b, "job ");
    add_word(&w->b, batch_id);
    strbuf_addf(&w->b, " %" PRId64 " ", created_ms);
    add_word(&w->b, strlen(job_id) <= OWNER_MAX ? job_id : "");
    strbuf_addc(&w->b, '\n');
    w->len++;
}

char *batch_names_text(struct batch_names *n, const char *place, size_t *len)
{
    struct writing w = {.b = STRBUF_INIT};

    strbuf_addf(&w.b, "%s\nplace ", header);
    add_word(&w.b, place);
    strbuf_addc(&w.b, '\n');
    batch_names_each(n, write_range, write_name, &w);
    uint32_t sum = crc32_of(w.b.data, w.b.len);
    strbuf_addf(&w.b, "end %zu %08" PRIx32 "\n", w.len, sum);
    *len = w.b.len;
    return strbuf_take(&w.b);
}

void batch_names_save(const struct ops *o)
{
    struct err e = {0};
    size_t len = 0;

    if (o->state != NULL || !batch_names_changed(o->names, true)) {
        return;
    }
    char *place = place_of(o, PLACE_HERE); /* nobody is asked at the end of a run */
    if (place == NULL) {
        return;
    }
    char *path = place_path(o, "batch", place, "names");
    char *dir = path_join(o->state_dir, "batch");
    char *text = batch_names_text(o->names, place, &len);
    if (path_mkdirs(dir, 0700, &e) != E_OK ||
        path_write_atomic(path, text, len, 0600, &e) != E_OK) {
        log_line(o->log, LOG_LVL_WARN,
                 "which record each Batch job belongs to could not be kept on disk: %s", e.msg);
    }
    free(text);
    free(dir);
    free(path);
    free(place);
}

/* ---- reading ---- */

struct reading {
    const char *at, *end; /* the place in the text, and the text's end */
};

/* Takes the word up to `stop`, decoded; false when no such word is there. */
static bool take_word(struct reading *r, char stop, char *out, size_t size)
{
    size_t n = 0;

    for (; r->at < r->end && *r->at != stop; r->at++) {
        unsigned char c = (unsigned char)*r->at;
        char hex[3] = "";
        if (c <= 0x20 || c >= 0x7f || n + 1 >= size) {
            return false;
        }
        if (c == '%') {
            if (r->end - r->at < 3) {
                return false;
            }
            memcpy(hex, r->at + 1, 2);
            char *last = NULL;
            unsigned long v = strtoul(hex, &last, 16);
            if (last != hex + 2 || v == 0) {
                return false;
            }
            c = (unsigned char)v;
            r->at += 2;
        }
        out[n++] = (char)c;
    }
    out[n] = '\0';
    if (r->at >= r->end) {
        return false;
    }
    r->at++; /* go past `stop` */
    return true;
}

static bool take_number(struct reading *r, char stop, int64_t *out)
{
    char word[24];

    return take_word(r, stop, word, sizeof word) &&
           number_parse(word, INT64_MIN / 2 + 1, INT64_MAX / 2 - 1, out);
}

static bool take_text(struct reading *r, const char *text)
{
    size_t n = strlen(text);

    if ((size_t)(r->end - r->at) < n || memcmp(r->at, text, n) != 0) {
        return false;
    }
    r->at += n;
    return true;
}

/* Takes the lines between the head and the end. */
static bool take_lines(struct batch_names *n, struct reading *r, size_t *len)
{
    char id[WORD_MAX];
    char owner[OWNER_MAX + 1];
    int64_t a = 0;
    int64_t b = 0;

    for (*len = 0; r->at < r->end;) {
        if (take_text(r, "covered ")) {
            if (!take_number(r, ' ', &a) || !take_number(r, '\n', &b)) {
                return false;
            }
            batch_names_cover(n, a, b);
        } else if (take_text(r, "job ")) {
            if (*len >= BATCH_NAMES_MAX || !take_word(r, ' ', id, sizeof id) || id[0] == '\0' ||
                !take_number(r, ' ', &a) || !take_word(r, '\n', owner, sizeof owner)) {
                return false;
            }
            batch_names_put(n, id, owner, a);
            ++*len;
        } else {
            return false;
        }
    }
    return true;
}

/* The place where the last line begins; NULL when the last line is not a complete "end" line. */
static const char *last_line(const char *text, size_t len)
{
    if (len < 2 || text[len - 1] != '\n') {
        return NULL;
    }
    const char *p = text + len - 1;
    while (p > text && p[-1] != '\n') {
        p--;
    }
    struct reading line = {.at = p, .end = text + len};
    return take_text(&line, "end ") ? p : NULL;
}

enum err_code batch_names_parse(struct batch_names *n, const char *text, size_t len,
                                const char *place, struct err *e)
{
    const char *end = last_line(text, len);
    char *said = xmalloc(len + 1);
    enum err_code rc = E_OK;
    size_t jobs = 0;
    char want[48];

    struct reading r = {.at = text, .end = end};
    if (end == NULL || !take_text(&r, header) || !take_text(&r, "\nplace ") ||
        !take_word(&r, '\n', said, len + 1)) {
        rc = err_set(e, E_PARSE, "it is cut or damaged");
    } else if (strcmp(said, place) != 0) {
        rc = err_set(e, E_NOT_FOUND, "it is of another account, region or queue");
    } else {
        bool whole = take_lines(n, &r, &jobs);
        (void)snprintf(want, sizeof want, "end %zu %08" PRIx32 "\n", jobs,
                       crc32_of(text, (size_t)(end - text)));
        struct reading last = {.at = end, .end = text + len};
        if (!whole || !take_text(&last, want) || last.at != last.end) {
            batch_names_forget(n);
            rc = err_set(e, E_PARSE, "it is cut or damaged");
        }
    }
    free(said);
    return rc;
}

void batch_names_load(const struct ops *o)
{
    char *place = place_of(o, PLACE_ASK);
    if (place == NULL) {
        return;
    }
    char *path = place_path(o, "batch", place, "names");
    char *text = NULL;
    size_t len = 0;
    struct err e = {0};
    enum err_code rc = path_read_own(path, FILE_LIMIT, &text, &len, &e);
    if (rc == E_OK) {
        rc = batch_names_parse(o->names, text, len, place, &e);
    }
    if (rc != E_OK && rc != E_NOT_FOUND) {
        log_line(o->log, LOG_LVL_WARN, "%s is not used: %s", path, e.msg);
    }
    if (rc == E_OK) {
        (void)batch_names_changed(o->names, true);
    }
    free(text);
    free(path);
    free(place);
}
