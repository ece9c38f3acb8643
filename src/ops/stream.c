/* Following the table's stream.
 *
 * DESIGN: a cursor holds every shard that is being read. During its life a job's records stay in
 * one line of shards (the key's hash decides), so reading a parent shard to its end before its
 * children keeps their order; between different lines there is no order to keep. Within a shard the
 * sequence number orders the records: a record whose number is not greater than the last one
 * handled was handled already, however often it is delivered.
 *
 * A shard that was read to its end stays in the cursor, marked closed, until DescribeStream shows
 * its children, which may come late. The children start at TRIM_HORIZON, because nothing of them
 * was read yet.
 *
 * An iterator lives 15 minutes. After a pause that long the position is taken up again after the
 * last record handled. A shard of which no record was handled has no such position, and what came
 * meanwhile is unknown: this is a gap, which the caller answers with a full load. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/streams.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/map.h"
#include "ops/follow.h"

enum { SHARDS_MAX = 256, PAGES_PER_READ = 5, CHILD_WAITS = 20 };

struct stream_cursor *stream_cursor_new(void)
{
    return xcalloc(1, sizeof(struct stream_cursor));
}

struct stream_cursor *stream_cursor_copy(const struct stream_cursor *c)
{
    struct stream_cursor *to = stream_cursor_new();

    to->shards = xcalloc(c->len + 1, sizeof *to->shards);
    to->len = c->len;
    for (size_t i = 0; i < c->len; i++) {
        to->shards[i] = c->shards[i];
        to->shards[i].iterator = xstrdup(c->shards[i].iterator);
    }
    return to;
}

static void cursor_reset(struct stream_cursor *c)
{
    for (size_t i = 0; i < c->len; i++) {
        free(c->shards[i].iterator);
    }
    free(c->shards);
    *c = (struct stream_cursor){0};
}

void stream_cursor_free(struct stream_cursor *c)
{
    if (c != NULL) {
        cursor_reset(c);
        free(c);
    }
}

static struct stream_shard *add_shard(struct stream_cursor *c, const char *id, bool from_start)
{
    for (size_t i = 0; i < c->len; i++) {
        if (strcmp(c->shards[i].id, id) == 0) {
            return &c->shards[i];
        }
    }
    if (c->len >= SHARDS_MAX || strlen(id) >= sizeof c->shards[0].id) {
        return NULL;
    }
    c->shards = xrealloc(c->shards, (c->len + 1) * sizeof *c->shards);
    struct stream_shard *s = &c->shards[c->len++];
    *s = (struct stream_shard){.from_start = from_start};
    (void)snprintf(s->id, sizeof s->id, "%s", id);
    return s;
}

static void remove_shard(struct stream_cursor *c, size_t i)
{
    free(c->shards[i].iterator);
    c->len--;
    memmove(&c->shards[i], &c->shards[i + 1], (c->len - i) * sizeof *c->shards);
}

static bool is_open(const cJSON *shard)
{
    return json_str(json_object(shard, "SequenceNumberRange"), "EndingSequenceNumber") == NULL;
}

static enum err_code next_iterator(const struct ops *o, const char *arn, struct stream_shard *s,
                                   struct err *e)
{
    const char *type = s->sequence[0] != '\0' ? "AFTER_SEQUENCE_NUMBER"
                       : s->from_start        ? "TRIM_HORIZON"
                                              : "LATEST";

    free(s->iterator);
    s->iterator = NULL;
    return streams_get_iterator(o->aws, arn, s->id, type,
                                s->sequence[0] == '\0' ? NULL : s->sequence, &s->iterator, e);
}

/* Is the shard's parent still open, as far as this description knows? Then the child is found when
 * the parent was read to its end: if it were read at once, its records would come before the
 * parent's last ones. */
static bool parent_is_open(const cJSON *shards, const cJSON *shard)
{
    const char *parent = json_str(shard, "ParentShardId");
    const cJSON *v;

    cJSON_ArrayForEach(v, shards)
    {
        if (parent != NULL && strcmp(json_str_or(v, "ShardId", ""), parent) == 0) {
            return is_open(v);
        }
    }
    return false;
}

/* Takes up the position "from now": every shard that is open. */
static enum err_code take_up(const struct ops *o, const char *arn, struct stream_cursor *c,
                             struct err *e)
{
    cJSON *d = NULL;
    const cJSON *v;
    enum err_code rc = streams_describe(o->aws, arn, &d, e);

    cJSON_ArrayForEach(v, json_array(d, "Shards"))
    {
        const char *id = json_str(v, "ShardId");
        bool ours = id != NULL && is_open(v) && !parent_is_open(json_array(d, "Shards"), v);
        struct stream_shard *s = ours ? add_shard(c, id, false) : NULL;
        if (s != NULL && rc == E_OK) {
            rc = next_iterator(o, arn, s, e);
        }
    }
    cJSON_Delete(d);
    if (rc != E_OK) {
        cursor_reset(c); /* with only a part of the position, changes would be missed */
    }
    return rc;
}

/* What one call collects: each job once, as it was last, in the order of the jobs' first
 * changes. */
struct change {
    struct change *next;
    char *id;        /* owned */
    struct job *job; /* owned; NULL: the job was deleted, or is to be fetched */
    bool fetch;      /* the stream holds only keys */
};

struct changes {
    struct map *by_id; /* job id -> borrowed change */
    struct change *head;
    struct change **tail;
    size_t len;
};

static struct change *change_of(struct changes *ch, const char *id)
{
    struct change *c = map_find(ch->by_id, id);

    if (c == NULL) {
        c = xcalloc(1, sizeof *c);
        c->id = xstrdup(id);
        *ch->tail = c;
        ch->tail = &c->next;
        ch->len++;
        (void)map_put(ch->by_id, id, c);
    }
    return c;
}

static void note_record(struct changes *ch, const cJSON *record)
{
    const cJSON *d = json_object(record, "dynamodb");
    const char *id = attr_str(json_object(d, "Keys"), "jobId");
    const cJSON *image = json_object(d, "NewImage");

    if (id == NULL || id[0] == '\0') {
        return;
    }
    bool removed = strcmp(json_str_or(record, "eventName", ""), "REMOVE") == 0;
    struct change *c = change_of(ch, id);
    job_free(c->job);
    c->job = removed || image == NULL ? NULL : job_from_item(image);
    c->fetch = !removed && image == NULL;
}

static void changes_clear(struct changes *ch)
{
    for (struct change *c = ch->head; c != NULL;) {
        struct change *next = c->next;
        job_free(c->job);
        free(c->id);
        free(c);
        c = next;
    }
    map_free(ch->by_id, NULL);
}

static enum err_code deliver(const struct ops *o, struct changes *ch, jobs_page_fn page,
                             void (*gone)(void *arg, const char *job_id), void *arg, struct err *e)
{
    struct job **jobs = xcalloc(ch->len + 1, sizeof(void *));
    const char **ids = xcalloc(ch->len + 1, sizeof *ids);
    size_t n = 0;
    size_t asked = 0;
    enum err_code rc = E_OK;

    for (struct change *c = ch->head; c != NULL; c = c->next) {
        if (c->job != NULL) {
            jobs[n++] = c->job;
            c->job = NULL; /* moved */
        } else if (c->fetch) {
            ids[asked++] = c->id;
        } else if (gone != NULL) {
            gone(arg, c->id);
        }
    }
    if (n == 0) {
        free(jobs);
    } else if (!page(arg, jobs, n)) {
        rc = err_set(e, E_CANCELLED, "stopped reading");
    }
    if (rc == E_OK && asked > 0) {
        rc = ops_get_jobs(o, ids, asked, page, arg, e);
    }
    free(ids);
    return rc;
}

static const char *sequence_of(const cJSON *record)
{
    return json_str_or(json_object(record, "dynamodb"), "SequenceNumber", "");
}

struct placed {
    const cJSON *record;
    size_t at; /* its place on the page */
};

static int by_sequence(const void *a, const void *b)
{
    const struct placed *x = a;
    const struct placed *y = b;
    int c = streams_sequence_compare(sequence_of(x->record), sequence_of(y->record));

    return c != 0 ? c : x->at < y->at ? -1 : x->at > y->at;
}

/* Notes those records of a page that were not handled yet, in their order. */
static void note_page(struct changes *ch, struct stream_shard *s, const cJSON *records)
{
    size_t n = 0;
    const cJSON *v;
    struct placed *sorted = xcalloc((size_t)cJSON_GetArraySize(records) + 1, sizeof *sorted);

    cJSON_ArrayForEach(v, records)
    {
        sorted[n] = (struct placed){v, n};
        n++;
    }
    /* they are in order already, unless the server is a bad one */
    qsort(sorted, n, sizeof *sorted, by_sequence);
    for (size_t i = 0; i < n; i++) {
        const char *seq = sequence_of(sorted[i].record);
        if (seq[0] != '\0' && s->sequence[0] != '\0' &&
            streams_sequence_compare(seq, s->sequence) <= 0) {
            continue; /* this record is delivered again */
        }
        note_record(ch, sorted[i].record);
        if (seq[0] != '\0') {
            (void)snprintf(s->sequence, sizeof s->sequence, "%s", seq);
        }
    }
    free(sorted);
}

static bool is_code(const struct err *e, const char *code)
{
    return strcmp(e->aws_code, code) == 0;
}

/* Reads one shard; `*lost` when its position can no longer be had. */
static enum err_code read_shard(const struct ops *o, const char *arn, struct stream_shard *s,
                                struct changes *ch, bool *lost, struct err *e)
{
    bool renewed = false;

    for (int page = 0; page < PAGES_PER_READ; page++) {
        cJSON *records = NULL;
        char *next = NULL;
        enum err_code rc = s->iterator == NULL ? next_iterator(o, arn, s, e) : E_OK;
        if (rc == E_OK) {
            rc = streams_get_records(o->aws, s->iterator, 0, &records, &next, e);
        }
        if (rc != E_OK && is_code(e, "TrimmedDataAccessException")) {
            *lost = true;
            return E_OK;
        }
        bool stale = is_code(e, "ExpiredIteratorException") || is_code(e, "ValidationException");
        if (rc != E_OK && stale && s->iterator != NULL && !renewed) {
            *lost = s->sequence[0] == '\0' && !s->from_start;
            free(s->iterator);
            s->iterator = NULL;
            renewed = true;
            if (*lost) {
                return E_OK;
            }
            continue;
        }
        if (rc != E_OK) {
            return rc;
        }
        int n = cJSON_GetArraySize(records);
        note_page(ch, s, records);
        cJSON_Delete(records);
        free(s->iterator);
        s->iterator = next;
        if (next == NULL) {
            s->closed = 1;
            return E_OK;
        }
        if (n == 0) {
            /* this is the end for now; an empty page in the middle of a stream only costs a further
             * read */
            return E_OK;
        }
    }
    return E_OK;
}

/* Replaces shards that were read to their end by their children. */
static enum err_code find_children(const struct ops *o, const char *arn, struct stream_cursor *c,
                                   bool *lost, struct err *e)
{
    cJSON *d = NULL;
    const cJSON *v;
    enum err_code rc = streams_describe(o->aws, arn, &d, e);

    if (rc != E_OK) {
        return rc;
    }
    for (size_t i = c->len; i-- > 0;) {
        char parent[sizeof c->shards[0].id];
        bool found = false;
        if (c->shards[i].closed == 0) {
            continue;
        }
        (void)snprintf(parent, sizeof parent, "%s", c->shards[i].id);
        cJSON_ArrayForEach(v, json_array(d, "Shards"))
        {
            const char *id = json_str(v, "ShardId");
            if (id != NULL && strcmp(json_str_or(v, "ParentShardId", ""), parent) == 0) {
                found = add_shard(c, id, true) != NULL || found;
            }
        }
        /* Child shards are appended, so position i still is the parent. */
        if (found) {
            remove_shard(c, i);
        } else if (++c->shards[i].closed > CHILD_WAITS) {
            *lost = true;
        }
    }
    cJSON_Delete(d);
    return E_OK;
}

enum err_code ops_read_stream(const struct ops *o, const char *stream_arn,
                              struct stream_cursor *cursor, jobs_page_fn page,
                              void (*gone)(void *arg, const char *job_id), void *arg, bool *gap,
                              struct err *e)
{
    struct changes ch = {.by_id = map_new(), .tail = &ch.head};
    struct err local = {0};
    struct err *err = e == NULL ? &local : e;
    enum err_code rc = E_OK;
    bool lost = false;
    bool closed = false;

    *gap = false;
    if (cursor->len == 0) {
        rc = take_up(o, stream_arn, cursor, err);
        goto out;
    }
    for (size_t i = 0; i < cursor->len && rc == E_OK && !lost; i++) {
        if (cursor->shards[i].closed == 0) {
            rc = read_shard(o, stream_arn, &cursor->shards[i], &ch, &lost, err);
        }
        closed = closed || cursor->shards[i].closed != 0;
    }
    /* What was read is handed over even when a later shard failed, because the cursor has moved
     * past it. */
    enum err_code delivered = deliver(o, &ch, page, gone, arg, rc == E_OK ? err : NULL);
    rc = rc == E_OK ? delivered : rc;
    if (rc == E_OK && closed && !lost) {
        rc = find_children(o, stream_arn, cursor, &lost, err);
    }
    if (rc == E_OK && lost) {
        *gap = true;
        cursor_reset(cursor);
        rc = take_up(o, stream_arn, cursor, err);
    }
out:
    changes_clear(&ch);
    return rc;
}
