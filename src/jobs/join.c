/* Which records and which Batch job are one job, and how two records become one job. */
#include "jobs/join.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "job_draft.h"

const char *job_mark_word(enum job_mark m)
{
    static const char *const words[] = {
        [JOB_RECORDED] = "",
        [JOB_NO_RECORD] = "no record",
        [JOB_TWO_RECORDS] = "two records",
        [JOB_OTHER_KEY] = "container's record",
    };

    return (unsigned)m < sizeof words / sizeof *words ? words[m] : "";
}

const char *job_mark_why(enum job_mark m)
{
    switch (m) {
    case JOB_NO_RECORD:
        return "no record: Batch alone tells of it";
    case JOB_TWO_RECORDS:
        return "two records: its container does not know its JOB_ID and reports under the Batch "
               "job's id; the target must give JOB_ID in ContainerOverrides (doctor D6)";
    case JOB_OTHER_KEY:
        return "no record of its own: its container does not know its JOB_ID and reports under the "
               "Batch job's id; the target must give JOB_ID in ContainerOverrides (doctor D6)";
    case JOB_RECORDED:
        break;
    }
    return "";
}

/* ---- which belongs to which ---- */

bool job_batch_key(const char *job_id, char out[BATCH_ID_SIZE])
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t n = sizeof form - 1;

    out[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        bool fits = form[i] == '-' ? job_id[i] == '-' : isxdigit((unsigned char)job_id[i]) != 0;
        if (!fits) {
            return false;
        }
    }
    const char *tail = job_id + n;
    if (*tail == ':' && strspn(tail + 1, "0123456789") > 0) {
        tail += 1 + strspn(tail + 1, "0123456789");
    }
    if (*tail != '\0') {
        return false;
    }
    memcpy(out, job_id, n);
    out[n] = '\0';
    return true;
}

const char *job_owner(const char *record_id, const struct batch_job *b)
{
    char key[BATCH_ID_SIZE];

    if (b == NULL || b->job_id == NULL || strcmp(b->job_id, record_id) == 0) {
        return NULL;
    }
    bool of_it =
        strcmp(b->id, record_id) == 0 || (job_batch_key(record_id, key) && strcmp(b->id, key) == 0);
    return of_it ? b->job_id : NULL;
}

struct job *job_set_owner(struct job *j, const char *owner)
{
    struct job with = *j;

    with.part_of = owner;
    struct job *out = job_copy(&with);
    job_free(j);
    return out;
}

static const struct job nothing = {
    .created_ms = TIME_NONE,
    .updated_ms = TIME_NONE,
    .started_ms = TIME_NONE,
    .completed_ms = TIME_NONE,
    .estimated_ms = TIME_NONE,
    .estimated_duration_s = -1,
    .progress = -1,
};

struct job *job_of_batch(const struct batch_job *b)
{
    struct job j = nothing;

    j.id = b->job_id != NULL ? b->job_id : b->id;
    j.user_id = b->user_id;
    j.product_id = b->product_id;
    j.batch_job_id = b->id;
    j.created_ms = b->created_ms;
    j.mark = JOB_NO_RECORD;
    return job_copy(&j);
}

struct job *job_set_try(struct job *part, const struct batch_job *b)
{
    char key[BATCH_ID_SIZE];

    if (b == NULL || !job_batch_key(part->id, key) || strcmp(key, b->id) == 0 ||
        b->created_ms == TIME_NONE || part->updated_ms == TIME_NONE ||
        part->updated_ms >= b->created_ms) {
        return part;
    }
    struct job with = *part;
    with.status = JOB_NO_STATUS;
    with.status_word = with.status_reason = with.step = NULL;
    with.progress = -1;
    with.started_ms = with.completed_ms = TIME_NONE;
    with.batch_job_id = b->id;
    struct job *out = job_copy(&with);
    job_free(part);
    return out;
}

/* ---- one job of two records ---- */

enum side { OWN, CONT };

/* Whose state counts, by [the own record's status][the container's status]. Whoever cancels a job
 * writes the own record, so a cancelled one counts; otherwise the container knows best, because it
 * did the work, unless its status says less than is known. */
/* clang-format off */
static const enum side stands[JOB_STATUS_COUNT][JOB_STATUS_COUNT] = {
    /*                    none  other PEND  QUEUE RUNS  STOP  DONE  FAIL  CANC */
    [JOB_NO_STATUS]    = {CONT, CONT, CONT, CONT, CONT, CONT, CONT, CONT, CONT},
    [JOB_OTHER_STATUS] = {OWN,  CONT, OWN,  OWN,  CONT, CONT, CONT, CONT, CONT},
    [JOB_PENDING]      = {OWN,  CONT, CONT, CONT, CONT, CONT, CONT, CONT, CONT},
    [JOB_QUEUED]       = {OWN,  CONT, OWN,  CONT, CONT, CONT, CONT, CONT, CONT},
    [JOB_IN_PROGRESS]  = {OWN,  CONT, OWN,  OWN,  CONT, CONT, CONT, CONT, CONT},
    [JOB_STOPPING]     = {OWN,  OWN,  OWN,  OWN,  OWN,  OWN,  CONT, CONT, CONT},
    [JOB_COMPLETED]    = {OWN,  OWN,  OWN,  OWN,  OWN,  OWN,  CONT, CONT, OWN},
    [JOB_FAILED]       = {OWN,  OWN,  OWN,  OWN,  OWN,  OWN,  CONT, CONT, OWN},
    [JOB_CANCELLED]    = {OWN,  OWN,  OWN,  OWN,  OWN,  OWN,  OWN,  OWN,  OWN},
};
/* clang-format on */

static const char *first(const char *a, const char *b)
{
    return a != NULL ? a : b;
}

static int64_t known(int64_t a, int64_t b)
{
    return a != TIME_NONE ? a : b;
}

static bool has_error(const struct job_error *list, size_t len, const struct job_error *x)
{
    for (size_t i = 0; i < len; i++) {
        if (list[i].at_ms == x->at_ms && strcmp(list[i].message, x->message) == 0) {
            return true;
        }
    }
    return false;
}

/* The own record's errors, then those that only the container tells; of too many errors the last
 * ones are kept. */
static const struct job_error *join_errors(const struct job *own, const struct job *cont,
                                           struct job_error all[2 * ERRORS_MAX], uint16_t *len)
{
    size_t n = 0;

    for (size_t i = 0; i < own->errors_len && n < ERRORS_MAX; i++) {
        all[n++] = own->errors[i];
    }
    size_t before = n;
    for (size_t i = 0; i < cont->errors_len && n < (size_t)2 * ERRORS_MAX; i++) {
        if (!has_error(all, before, &cont->errors[i])) {
            all[n++] = cont->errors[i];
        }
    }
    size_t skip = n > ERRORS_MAX ? n - ERRORS_MAX : 0;
    *len = (uint16_t)(n - skip);
    return all + skip;
}

/* Takes what the container reports; the own record's value counts only where the container has
 * none. */
static void take_work(struct job *j, const struct job *own, const struct job *cont)
{
    const struct job *state = stands[own->status][cont->status] == CONT ? cont : own;
    const struct job *rest = state == cont ? own : cont;

    j->status = state->status;
    j->status_word = state->status_word;
    j->status_reason =
        first(state->status_reason, state->status == rest->status ? rest->status_reason : NULL);
    /* When another program called the job done, the container's last word is older. */
    const struct job *at = state == own && own->status == JOB_COMPLETED ? own : cont;
    j->step = first(at->step, at == own ? cont->step : own->step);
    j->progress = at->progress >= 0 ? at->progress : at == own ? cont->progress : own->progress;
    j->url_repository = first(cont->url_repository, own->url_repository);
    j->url_staging = first(cont->url_staging, own->url_staging);
    j->url_production = first(cont->url_production, own->url_production);
    j->started_ms = known(cont->started_ms, own->started_ms);
    bool over = job_status_final((enum job_status)state->status);
    j->completed_ms = known(
        state->completed_ms,
        over && job_status_final((enum job_status)rest->status) ? rest->completed_ms : TIME_NONE);
    j->estimated_ms = known(own->estimated_ms, cont->estimated_ms);
    j->updated_ms = own->updated_ms > cont->updated_ms ? own->updated_ms : cont->updated_ms;
}

struct job *job_join(const char *id, const struct job *own, const struct job *container)
{
    struct job_error errors[2 * ERRORS_MAX];
    char key[BATCH_ID_SIZE];
    const struct job *a = own == NULL ? &nothing : own;
    const struct job *b = container;
    struct job j = *a;

    j.id = id;
    j.part_of = NULL;
    j.mark = own == NULL || own->mark == JOB_NO_RECORD ? JOB_OTHER_KEY : JOB_TWO_RECORDS;
    j.user_id = first(a->user_id, b->user_id);
    j.product_id = first(a->product_id, b->product_id);
    j.business_name = first(a->business_name, b->business_name);
    j.email = first(a->email, b->email);
    j.priority = first(a->priority, b->priority);
    j.retry_of = first(a->retry_of, b->retry_of);
    j.batch_job_id = first(a->batch_job_id, b->batch_job_id);
    if (j.batch_job_id == NULL && job_batch_key(b->id, key)) {
        j.batch_job_id = key;
    }
    if (a->features_len == 0) {
        j.features = b->features;
        j.features_len = b->features_len;
    }
    j.created_ms = known(a->created_ms, b->created_ms);
    j.estimated_duration_s =
        a->estimated_duration_s >= 0 ? a->estimated_duration_s : b->estimated_duration_s;
    take_work(&j, a, b);
    j.errors = join_errors(a, b, errors, &j.errors_len);
    return job_copy(&j);
}
