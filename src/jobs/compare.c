/* compare.c - what is known of two jobs, in rows of one name each. */
#include "jobs/compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "jobs/age.h"
#include "jobs/cause.h"

#define NOT_KNOWN "not known"

void compare_rows_clear(struct compare_rows *r)
{
    for (size_t i = 0; i < r->len; i++) {
        free(r->items[i].name);
        free(r->items[i].text[0]);
        free(r->items[i].text[1]);
    }
    free(r->items);
    *r = (struct compare_rows){0};
}

/* Adds a row; `text` and `at_ms` may be NULL. A row of which neither job has anything is left
 * out. */
static void add(struct compare_rows *r, enum compare_group group, const char *name,
                const char *const text[2], const int64_t at_ms[2])
{
    struct compare_row row = {
        .group = group, .at_ms = {TIME_NONE, TIME_NONE}
    };
    bool any = false;

    for (int i = 0; i < 2; i++) {
        const char *t = text == NULL || text[i] == NULL || text[i][0] == '\0' ? NULL : text[i];
        row.at_ms[i] = at_ms == NULL ? TIME_NONE : at_ms[i];
        row.text[i] = t == NULL ? NULL : xstrdup(t);
        any = any || t != NULL || row.at_ms[i] != TIME_NONE;
    }
    if (!any) {
        return;
    }
    row.differs = row.at_ms[0] != row.at_ms[1] || !text_same(row.text[0], row.text[1]);
    row.name = xstrdup(name);
    r->items = xgrow(r->items, r->len, &r->cap, sizeof *r->items);
    r->items[r->len++] = row;
}

/* ---- facts ---- */

/* What a fact is made with. `room` is the text's, for facts that are made anew. */
enum { FACT_ROOM = 4096 };
typedef const char *(*fact_fn)(const struct compare_side *s, char room[FACT_ROOM]);

static const char *fact_status(const struct compare_side *s, char room[FACT_ROOM])
{
    (void)room;
    return job_state_word(s->job, s->state);
}

static const char *fact_reason(const struct compare_side *s, char room[FACT_ROOM])
{
    return cause_reason(s->job, s->batch, s->state, room);
}

static const char *fact_why(const struct compare_side *s, char room[FACT_ROOM])
{
    return job_state_reason(s->job, s->batch, s->state, room, STATE_REASON_SIZE);
}

static const char *fact_exit(const struct compare_side *s, char room[FACT_ROOM])
{
    if (s->state->exit_code == EXIT_CODE_NONE) {
        return NULL;
    }
    (void)snprintf(room, FACT_ROOM, "%d", s->state->exit_code);
    return room;
}

static const char *fact_progress(const struct compare_side *s, char room[FACT_ROOM])
{
    if (s->job->progress < 0) {
        return NULL;
    }
    (void)snprintf(room, FACT_ROOM, "%d%%", s->job->progress);
    return room;
}

static const char *fact_features(const struct compare_side *s, char room[FACT_ROOM])
{
    struct strbuf b = STRBUF_LIMIT(FACT_ROOM - 1);
    char one[JOB_ROOM];

    for (size_t i = 0; i < s->job->features_len; i++) {
        strbuf_addf(&b, "%s%s", i == 0 ? "" : ", ", job_feature(s->job, i, one));
    }
    memcpy(room, strbuf_str(&b), b.len + 1);
    strbuf_clear(&b);
    return room;
}

static const char *fact_batch_status(const struct compare_side *s, char room[FACT_ROOM])
{
    (void)room;
    return s->batch == NULL ? NULL : batch_status_word(s->batch->status);
}

/* An ARN's last part: "mvp-pipeline-job:7". */
static const char *last_part(const char *arn)
{
    const char *slash = arn == NULL ? NULL : strrchr(arn, '/');

    return slash == NULL ? arn : slash + 1;
}

static const char *fact_definition(const struct compare_side *s, char room[FACT_ROOM])
{
    (void)room;
    return s->batch == NULL ? NULL : last_part(s->batch->definition);
}

static const char *fact_image(const struct compare_side *s, char room[FACT_ROOM])
{
    (void)room;
    return s->batch == NULL ? NULL : s->batch->image;
}

static const char *fact_queue(const struct compare_side *s, char room[FACT_ROOM])
{
    (void)room;
    return s->batch == NULL ? NULL : last_part(s->batch->queue);
}

#define TEXT_FACT(name, id)                                                                        \
    static const char *name(const struct compare_side *s, char room[FACT_ROOM])                    \
    {                                                                                              \
        (void)room;                                                                                \
        return job_text(s->job, id);                                                               \
    }
#define URL_FACT(name, id)                                                                         \
    static const char *name(const struct compare_side *s, char room[FACT_ROOM])                    \
    {                                                                                              \
        return job_url(s->job, id, room);                                                          \
    }
TEXT_FACT(fact_step, JOB_STEP)
TEXT_FACT(fact_user, JOB_USER_ID)
TEXT_FACT(fact_product, JOB_PRODUCT_ID)
TEXT_FACT(fact_name, JOB_BUSINESS_NAME)
TEXT_FACT(fact_email, JOB_EMAIL)
TEXT_FACT(fact_priority, JOB_PRIORITY)
TEXT_FACT(fact_retry_of, JOB_RETRY_OF)
URL_FACT(fact_repository, JOB_URL_REPOSITORY)
URL_FACT(fact_staging, JOB_URL_STAGING)
URL_FACT(fact_production, JOB_URL_PRODUCTION)
_Static_assert((int)FACT_ROOM >= (int)JOB_ROOM && (int)FACT_ROOM >= (int)CAUSE_SIZE &&
                   (int)FACT_ROOM >= STATE_REASON_SIZE,
               "each fact has room");

static const struct {
    const char *name;
    fact_fn of;
    bool batch; /* Batch tells it: without Batch it is not known */
} facts[] = {
    {"Status",       fact_status,       false},
    {"Reason",       fact_reason,       false},
    {"Why",          fact_why,          false},
    {"Exit code",    fact_exit,         true },
    {"Step",         fact_step,         false},
    {"Progress",     fact_progress,     false},
    {"Business",     fact_name,         false},
    {"User",         fact_user,         false},
    {"Product",      fact_product,      false},
    {"Email",        fact_email,        false},
    {"Priority",     fact_priority,     false},
    {"Features",     fact_features,     false},
    {"Retry of",     fact_retry_of,     false},
    {"Repository",   fact_repository,   false},
    {"Staging",      fact_staging,      false},
    {"Production",   fact_production,   false},
    {"Batch status", fact_batch_status, true },
    {"Definition",   fact_definition,   true },
    {"Image",        fact_image,        true },
    {"Queue",        fact_queue,        true },
};

static void add_facts(const struct compare_side side[2], struct compare_rows *out)
{
    char room[2][FACT_ROOM];

    for (size_t f = 0; f < sizeof facts / sizeof *facts; f++) {
        const char *text[2];
        for (int i = 0; i < 2; i++) {
            text[i] = facts[f].of(&side[i], room[i]);
        }
        bool known[2] = {text[0] != NULL, text[1] != NULL};
        for (int i = 0; i < 2 && facts[f].batch; i++) {
            if (!known[i] && side[i].batch == NULL && known[1 - i]) {
                text[i] = NOT_KNOWN;
            }
        }
        add(out, COMPARE_FACTS, facts[f].name, text, NULL);
    }
}

/* ---- metadata ---- */

/* The metadata of the record as plain JSON, without secrets. Owned; NULL. */
static cJSON *metadata(const struct compare_side *s)
{
    cJSON *plain = s->item == NULL ? NULL : attr_item_to_plain(s->item);
    cJSON *m = plain == NULL ? NULL : cJSON_DetachItemFromObjectCaseSensitive(plain, "metadata");

    cJSON_Delete(plain);
    if (m != NULL && !cJSON_IsObject(m)) {
        cJSON_Delete(m);
        m = NULL;
    }
    if (m != NULL) {
        secret_mask_json(m);
    }
    return m;
}

/* The rows above tell these. */
static bool told(const char *key)
{
    static const char *const names[] = {"businessName", "userEmail", "features",
                                        "requestedFeatures", "retryOf"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(key, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static char *value_text(const cJSON *v)
{
    return v == NULL ? NULL : cJSON_IsString(v) ? xstrdup(v->valuestring) : json_text(v);
}

static void add_member(struct compare_rows *out, const char *key, cJSON *const m[2])
{
    char *value[2];
    char *name = xasprintf("metadata.%s", key);

    for (int i = 0; i < 2; i++) {
        value[i] = value_text(cJSON_GetObjectItemCaseSensitive(m[i], key));
    }
    add(out, COMPARE_FACTS, name, (const char *const[2]){value[0], value[1]}, NULL);
    free(name);
    free(value[0]);
    free(value[1]);
}

static void add_metadata(const struct compare_side side[2], struct compare_rows *out)
{
    cJSON *m[2] = {metadata(&side[0]), metadata(&side[1])};

    if (side[0].item != NULL && side[1].item != NULL) {
        for (int i = 0; i < 2; i++) {
            const cJSON *at;
            cJSON_ArrayForEach(at, m[i])
            {
                bool both = i == 1 && cJSON_GetObjectItemCaseSensitive(m[0], at->string) != NULL;
                if (!told(at->string) && !both) {
                    add_member(out, at->string, m);
                }
            }
        }
    }
    cJSON_Delete(m[0]);
    cJSON_Delete(m[1]);
}

/* ---- times, steps, attempts ---- */

static void add_time(struct compare_rows *out, const char *name, int64_t a, int64_t b)
{
    add(out, COMPARE_TIMES, name, NULL, (const int64_t[2]){a, b});
}

static void add_duration(struct compare_rows *out, const char *name, int64_t a, int64_t b)
{
    char text[2][AGE_SIZE];

    add(out, COMPARE_TIMES, name,
        (const char *const[2]){duration_long(a, text[0]), duration_long(b, text[1])}, NULL);
}

/* From Batch's createdAt to its startedAt; -1: not known. */
static int64_t waited(const struct batch_job *b)
{
    return b == NULL || b->created_ms == TIME_NONE || b->started_ms == TIME_NONE ||
                   b->started_ms < b->created_ms
               ? -1
               : b->started_ms - b->created_ms;
}

static void add_times(const struct compare_side side[2], int64_t now_ms, struct compare_rows *out)
{
    const struct compare_side *a = &side[0];
    const struct compare_side *b = &side[1];

    add_time(out, "Requested", job_time(a->job, a->state, NULL), job_time(b->job, b->state, NULL));
    add_time(out, "Started", a->state->started_ms, b->state->started_ms);
    add_time(out, "Ended", a->state->ended_ms, b->state->ended_ms);
    add_duration(out, "Waited", waited(a->batch), waited(b->batch));
    add_duration(out, "Took", job_duration_ms(a->job, a->state, now_ms),
                 job_duration_ms(b->job, b->state, now_ms));
    add_duration(out, "Estimated", job_estimate_ms(a->job, a->state),
                 job_estimate_ms(b->job, b->state));
}

/* When the job came to the step, and in *took_ms how long it was there; -1: not known, or it is
 * still there. */
static int64_t step_at(const struct compare_side *s, const char *step, int64_t *took_ms)
{
    const struct job_step *at = job_steps(s->job);

    *took_ms = -1;
    for (; at != NULL && at->step != NULL; at++) {
        if (strcmp(at->step, step) == 0) {
            int64_t end = at[1].step != NULL ? at[1].at_ms : s->state->ended_ms;
            *took_ms = end == TIME_NONE || end < at->at_ms ? -1 : end - at->at_ms;
            return at->at_ms;
        }
    }
    return TIME_NONE;
}

static void add_steps(const struct compare_side side[2], struct compare_rows *out)
{
    for (int i = 0; i < 2; i++) {
        const struct job_step *at = job_steps(side[i].job);
        for (; at != NULL && at->step != NULL; at++) {
            int64_t at_ms[2];
            int64_t took_ms[2];
            char text[2][AGE_SIZE];
            for (int s = 0; s < 2; s++) {
                at_ms[s] = step_at(&side[s], at->step, &took_ms[s]);
                (void)duration_long(took_ms[s], text[s]);
            }
            if (i == 0 || at_ms[0] == TIME_NONE) {
                add(out, COMPARE_STEPS, at->step, (const char *const[2]){text[0], text[1]}, at_ms);
            }
        }
    }
}

/* "exit 137, 12m 03s, OutOfMemoryError: ..."; owned. */
static char *attempt_text(const struct batch_attempt *a)
{
    struct strbuf b = STRBUF_INIT;
    char took[AGE_SIZE];
    const char *why = a->container_reason != NULL ? a->container_reason : a->status_reason;

    if (a->exit_code == EXIT_CODE_NONE) {
        strbuf_adds(&b, "no exit code");
    } else {
        strbuf_addf(&b, "exit %d", a->exit_code);
    }
    if (a->started_ms != TIME_NONE && a->stopped_ms != TIME_NONE &&
        a->stopped_ms >= a->started_ms) {
        strbuf_addf(&b, ", %s", duration_long(a->stopped_ms - a->started_ms, took));
    }
    if (why != NULL) {
        strbuf_addf(&b, ", %s", why);
    }
    return strbuf_take(&b);
}

static void add_attempts(const struct compare_side side[2], struct compare_rows *out)
{
    for (size_t n = 0;; n++) {
        char *text[2] = {NULL, NULL};
        char name[32];
        for (int i = 0; i < 2; i++) {
            const struct batch_job *b = side[i].batch;
            if (b != NULL && n < b->attempts_len) {
                text[i] = attempt_text(&b->attempts[n]);
            }
        }
        if (text[0] == NULL && text[1] == NULL) {
            return;
        }
        (void)snprintf(name, sizeof name, "Attempt %zu", n + 1);
        add(out, COMPARE_ATTEMPTS, name, (const char *const[2]){text[0], text[1]}, NULL);
        free(text[0]);
        free(text[1]);
    }
}

void compare_jobs(const struct compare_side side[2], int64_t now_ms, struct compare_rows *out)
{
    *out = (struct compare_rows){0};
    add_facts(side, out);
    add_metadata(side, out);
    add_times(side, now_ms, out);
    add_steps(side, out);
    add_attempts(side, out);
}
