/* job_json.c - the one shape of a job as JSON (SPEC 1.3): every member is always there. */
#include "jobs/job_json.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/secret.h"
#include "jobs/cause.h"
#include "jobs/join.h"

enum { NAME_BYTES = 40 /* no name of a member is longer */ };

/* Where the members go: to the end of `text`, or, when that is NULL, into an object. */
struct out {
    cJSON *object;
    struct strbuf *text;
};

/* Begins a member of the text. */
static void add_name(struct strbuf *b, const char *key)
{
    char name[NAME_BYTES + 4]; /* all at once: the names are a third of what a list prints */
    size_t len = 0, key_len = strnlen(key, NAME_BYTES);

    if (b->len > 0 && b->data[b->len - 1] != '{') {
        name[len++] = ',';
    }
    name[len++] = '"';
    memcpy(name + len, key, key_len);
    len += key_len;
    name[len++] = '"';
    name[len++] = ':';
    strbuf_add(b, name, len);
}

/* Adds a member at the end: with cJSON's own function the work is linear, whereas json_set first
 * looks for the key, which these fresh objects cannot have. */
static void add(cJSON *o, const char *key, cJSON *v)
{
    if (v == NULL || !cJSON_AddItemToObjectCS(o, key, v)) {
        json_set(o, key, v);
    }
}

/* Adds a value that is no text of somebody else: a number, a truth value, null. */
static void put_word(struct out *o, const char *key, const char *word)
{
    add_name(o->text, key);
    strbuf_adds(o->text, word);
}

static void put_str(struct out *o, const char *key, const char *s)
{
    bool none = s == NULL || *s == '\0';

    if (o->text == NULL) {
        add(o->object, key, none ? cJSON_CreateNull() : cJSON_CreateString(s));
    } else if (none) {
        put_word(o, key, "null");
    } else {
        add_name(o->text, key);
        json_quote_safe(o->text, s);
    }
}

static void put_time(struct out *o, const char *key, int64_t ms)
{
    char iso[TIME_ISO_SIZE];
    put_str(o, key, time_iso(ms, iso));
}

static void put_num(struct out *o, const char *key, int n, bool given)
{
    char digits[16] = "null";

    if (o->text == NULL) {
        add(o->object, key, given ? cJSON_CreateNumber(n) : cJSON_CreateNull());
        return;
    }
    if (given) {
        (void)snprintf(digits, sizeof digits, "%d", n);
    }
    put_word(o, key, digits);
}

/* Adds USD to a millionth; null below 0. */
static void put_usd(struct out *o, const char *key, double usd)
{
    char digits[40] = "null";

    if (o->text == NULL) {
        add(o->object, key, price_json(usd));
        return;
    }
    if (usd >= 0) {
        (void)snprintf(digits, sizeof digits, "%1.15g", price_rounded(usd));
    }
    put_word(o, key, digits);
}

static void put_bool(struct out *o, const char *key, bool yes)
{
    if (o->text == NULL) {
        add(o->object, key, cJSON_CreateBool(yes));
    } else {
        put_word(o, key, yes ? "true" : "false");
    }
}

/* Begins an object; `key` is NULL for an element of an array, whose place is `array` in a tree. */
static struct out open_object(struct out *o, const char *key, cJSON *array)
{
    struct out in = {.text = o->text};

    if (o->text != NULL) {
        if (key != NULL) {
            add_name(o->text, key);
        }
        strbuf_addc(o->text, '{');
        return in;
    }
    in.object = json_new_object();
    if (key != NULL) {
        add(o->object, key, in.object);
    } else {
        json_push(array, in.object);
    }
    return in;
}

static void close_object(struct out *in)
{
    if (in->text != NULL) {
        strbuf_addc(in->text, '}');
    }
}

/* Begins an array; the tree's one is returned. */
static cJSON *open_array(struct out *o, const char *key)
{
    if (o->text != NULL) {
        add_name(o->text, key);
        strbuf_addc(o->text, '[');
        return NULL;
    }
    cJSON *array = json_new_array();
    add(o->object, key, array);
    return array;
}

/* Adds the status in upper case, as the contract says: the words that we know, and another
 * program's word likewise. */
static void put_status(struct out *o, const struct job *j, const struct job_state *s)
{
    char *word = xstrdup(job_state_word(j, s));

    for (char *c = word; *c != '\0'; c++) {
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    }
    put_str(o, "status", word);
    free(word);
}

static void put_features(struct out *o, const struct job *j)
{
    cJSON *list = open_array(o, "features");
    char room[JOB_ROOM];

    for (size_t i = 0; i < j->features_len; i++) {
        if (list != NULL) {
            json_push_str(list, job_feature(j, i, room));
        } else {
            strbuf_adds(o->text, i == 0 ? "" : ",");
            json_quote_safe(o->text, job_feature(j, i, room));
        }
    }
    if (list == NULL) {
        strbuf_addc(o->text, ']');
    }
}

static void put_errors(struct out *o, const struct job *j)
{
    cJSON *list = open_array(o, "errors");

    for (size_t i = 0; i < j->errors_len; i++) {
        if (list == NULL && i > 0) {
            strbuf_addc(o->text, ',');
        }
        struct out in = open_object(o, NULL, list);
        put_time(&in, "timestamp", job_errors(j)[i].at_ms);
        put_str(&in, "message", job_errors(j)[i].message);
        put_str(&in, "step", job_errors(j)[i].step);
        close_object(&in);
    }
    if (list == NULL) {
        strbuf_addc(o->text, ']');
    }
}

static void put_urls(struct out *o, const struct job *j)
{
    struct out in = open_object(o, "urls", NULL);
    char room[JOB_ROOM];

    put_str(&in, "repository", job_url(j, JOB_URL_REPOSITORY, room));
    put_str(&in, "staging", job_url(j, JOB_URL_STAGING, room));
    put_str(&in, "production", job_url(j, JOB_URL_PRODUCTION, room));
    close_object(&in);
}

/* When the job ended, as far as somebody said so. The last update does not count here: it stands in
 * only for sorting and for the plot. */
static int64_t completed(const struct job *j, const struct batch_job *b, const struct job_state *s)
{
    if (job_ms(j, JOB_ENDED) != TIME_NONE || b == NULL ||
        !job_status_final((enum job_status)s->status)) {
        return job_ms(j, JOB_ENDED);
    }
    return b->stopped_ms;
}

static void put_eta(struct out *o, const struct eta *eta)
{
    if (eta == NULL) {
        put_str(o, "eta", NULL);
        return;
    }
    struct out in = open_object(o, "eta", NULL);
    put_time(&in, "low", eta->low_ms);
    put_time(&in, "high", eta->high_ms);
    close_object(&in);
}

static void put_job(struct out *o, const struct job *j, const struct batch_job *b,
                    const struct job_state *s, const struct eta *eta, const char *context)
{
    char reason[STATE_REASON_SIZE];
    char cause[CAUSE_SIZE];

    put_str(o, "jobId", j->id);
    put_str(o, "userId", job_text(j, JOB_USER_ID));
    put_str(o, "productId", job_text(j, JOB_PRODUCT_ID));
    put_str(o, "businessName", job_text(j, JOB_BUSINESS_NAME));
    put_status(o, j, s);
    put_str(o, "statusReason", job_state_reason(j, b, s, reason, sizeof reason));
    put_bool(o, "drift", s->drift);
    put_str(o, "stuck", job_stuck_word(s->stuck));
    put_str(o, "step", job_text(j, JOB_STEP));
    put_num(o, "progress", j->progress, j->progress >= 0);
    put_str(o, "priority", job_text(j, JOB_PRIORITY));
    put_features(o, j);
    put_time(o, "createdAt", job_ms(j, JOB_CREATED));
    put_time(o, "updatedAt", job_ms(j, JOB_UPDATED));
    put_time(o, "startedAt", s->started_ms);
    put_time(o, "completedAt", completed(j, b, s));
    put_time(o, "estimatedCompletion", job_ms(j, JOB_ESTIMATED));
    put_str(o, "batchJobId", b != NULL ? b->id : job_text(j, JOB_BATCH_ID));
    put_str(o, "batchStatus", batch_status_word((enum batch_status)s->batch));
    put_num(o, "exitCode", s->exit_code, s->exit_code != EXIT_CODE_NONE);
    put_str(o, "logStream", b == NULL ? NULL : b->log_stream);
    put_urls(o, j);
    put_errors(o, j);
    put_str(o, "mark", job_mark_word((enum job_mark)j->mark));
    put_str(o, "batchJobName", b == NULL ? NULL : b->name);
    put_str(o, "reason", cause_reason(j, b, s, cause));
    put_eta(o, eta);
    put_usd(o, "cost", s->cost_usd);
    put_str(o, "context", context);
}

cJSON *job_json(const struct job *j, const struct batch_job *b, const struct job_state *s,
                const struct eta *eta, const char *context)
{
    struct out o = {.object = json_new_object()};

    put_job(&o, j, b, s, eta, context);
    return o.object;
}

void job_json_text(struct strbuf *out, const struct job *j, const struct batch_job *b,
                   const struct job_state *s, const struct eta *eta, const char *context)
{
    struct out o = {.text = out};

    strbuf_addc(out, '{');
    put_job(&o, j, b, s, eta, context);
    strbuf_addc(out, '}');
}

static cJSON *plain(const cJSON *item)
{
    cJSON *record = item == NULL ? NULL : attr_item_to_plain(item);

    if (record != NULL) {
        secret_mask_json(record);
    }
    return record;
}

cJSON *job_detail_json(const struct job *j, const struct batch_job *b, const struct job_state *s,
                       const struct eta *eta, const struct timeline *t, const cJSON *item,
                       const cJSON *parts, const char *context)
{
    cJSON *o = job_json(j, b, s, eta, context);
    cJSON *list = json_new_array();
    const cJSON *part;

    json_set(o, "timeline", t == NULL ? json_new_array() : timeline_json(t));
    json_set(o, "record", plain(item));
    cJSON_ArrayForEach(part, parts)
    {
        json_push(list, plain(part));
    }
    json_set(o, "containerRecords", list);
    return o;
}
