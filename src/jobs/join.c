/* Which records and which Batch job are one job, and how two records become one job. */
#include "jobs/join.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

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
        return "no record: only Batch knows this job";
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
    struct job_values *with = job_values_new(j);

    with->text[JOB_PART_OF] = owner;
    struct job *out = job_make(with);
    free(with);
    job_free(j);
    return out;
}

static const struct job_values nothing = {
    .ms[JOB_CREATED] = TIME_NONE,
    .ms[JOB_UPDATED] = TIME_NONE,
    .ms[JOB_STARTED] = TIME_NONE,
    .ms[JOB_ENDED] = TIME_NONE,
    .ms[JOB_ESTIMATED] = TIME_NONE,
    .estimated_duration_s = -1,
    .progress = -1,
};

struct job *job_of_batch(const struct batch_job *b)
{
    struct job_values j = nothing;

    j.id = b->job_id != NULL ? b->job_id : b->id;
    j.text[JOB_USER_ID] = b->user_id;
    j.text[JOB_PRODUCT_ID] = b->product_id;
    j.text[JOB_BATCH_ID] = b->id;
    j.ms[JOB_CREATED] = b->created_ms;
    j.mark = JOB_NO_RECORD;
    return job_make(&j);
}

struct job *job_set_try(struct job *part, const struct batch_job *b)
{
    char key[BATCH_ID_SIZE];

    if (b == NULL || !job_batch_key(part->id, key) || strcmp(key, b->id) == 0 ||
        b->created_ms == TIME_NONE || job_ms(part, JOB_UPDATED) == TIME_NONE ||
        job_ms(part, JOB_UPDATED) >= b->created_ms) {
        return part;
    }
    struct job_values *with = job_values_new(part);
    with->status = JOB_NO_STATUS;
    with->text[JOB_STATUS_TEXT] = with->text[JOB_STATUS_REASON] = with->text[JOB_STEP] = NULL;
    with->progress = -1;
    with->steps = NULL;
    with->ms[JOB_STARTED] = with->ms[JOB_ENDED] = TIME_NONE;
    with->text[JOB_BATCH_ID] = b->id;
    struct job *out = job_make(with);
    free(with);
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

/* The own record's errors, then those that only the container tells. Returns how many. */
static uint16_t join_errors(const struct job_values *own, const struct job_values *cont,
                            struct job_error all[2 * JOB_ERRORS_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < own->errors_len && n < JOB_ERRORS_MAX; i++) {
        all[n++] = own->errors[i];
    }
    size_t before = n;
    for (size_t i = 0; i < cont->errors_len && n < (size_t)2 * JOB_ERRORS_MAX; i++) {
        if (!has_error(all, before, &cont->errors[i])) {
            all[n++] = cont->errors[i];
        }
    }
    return (uint16_t)n;
}

/* Takes what the container reports; the own record's value counts only where the container has
 * none. */
static void take_work(struct job_values *j, const struct job_values *own,
                      const struct job_values *cont)
{
    const struct job_values *state = stands[own->status][cont->status] == CONT ? cont : own;
    const struct job_values *rest = state == cont ? own : cont;

    j->status = state->status;
    j->text[JOB_STATUS_TEXT] = state->text[JOB_STATUS_TEXT];
    j->text[JOB_STATUS_REASON] =
        first(state->text[JOB_STATUS_REASON],
              state->status == rest->status ? rest->text[JOB_STATUS_REASON] : NULL);
    /* When another program called the job done, the container's last word is older. */
    const struct job_values *at = state == own && own->status == JOB_COMPLETED ? own : cont;
    j->text[JOB_STEP] =
        first(at->text[JOB_STEP], at == own ? cont->text[JOB_STEP] : own->text[JOB_STEP]);
    j->progress = at->progress >= 0 ? at->progress : at == own ? cont->progress : own->progress;
    j->url[JOB_URL_REPOSITORY] = first(cont->url[JOB_URL_REPOSITORY], own->url[JOB_URL_REPOSITORY]);
    j->url[JOB_URL_STAGING] = first(cont->url[JOB_URL_STAGING], own->url[JOB_URL_STAGING]);
    j->url[JOB_URL_PRODUCTION] = first(cont->url[JOB_URL_PRODUCTION], own->url[JOB_URL_PRODUCTION]);
    j->ms[JOB_STARTED] = known(cont->ms[JOB_STARTED], own->ms[JOB_STARTED]);
    bool over = job_status_final((enum job_status)state->status);
    j->ms[JOB_ENDED] = known(
        state->ms[JOB_ENDED],
        over && job_status_final((enum job_status)rest->status) ? rest->ms[JOB_ENDED] : TIME_NONE);
    j->steps = cont->steps != NULL ? cont->steps : own->steps;
    j->ms[JOB_ESTIMATED] = known(own->ms[JOB_ESTIMATED], cont->ms[JOB_ESTIMATED]);
    j->ms[JOB_UPDATED] =
        own->ms[JOB_UPDATED] > cont->ms[JOB_UPDATED] ? own->ms[JOB_UPDATED] : cont->ms[JOB_UPDATED];
}

struct job *job_join(const char *id, const struct job *own, const struct job *container)
{
    struct job_error errors[2 * JOB_ERRORS_MAX];
    char key[BATCH_ID_SIZE];
    struct job_values *told[] = {own == NULL ? NULL : job_values_new(own),
                                 job_values_new(container)};
    const struct job_values *a = own == NULL ? &nothing : told[0], *b = told[1];
    struct job_values j = *a;

    j.id = id;
    j.text[JOB_PART_OF] = NULL;
    j.mark = own == NULL || own->mark == JOB_NO_RECORD ? JOB_OTHER_KEY : JOB_TWO_RECORDS;
    j.text[JOB_USER_ID] = first(a->text[JOB_USER_ID], b->text[JOB_USER_ID]);
    j.text[JOB_PRODUCT_ID] = first(a->text[JOB_PRODUCT_ID], b->text[JOB_PRODUCT_ID]);
    j.text[JOB_BUSINESS_NAME] = first(a->text[JOB_BUSINESS_NAME], b->text[JOB_BUSINESS_NAME]);
    j.text[JOB_EMAIL] = first(a->text[JOB_EMAIL], b->text[JOB_EMAIL]);
    j.text[JOB_PRIORITY] = first(a->text[JOB_PRIORITY], b->text[JOB_PRIORITY]);
    j.text[JOB_RETRY_OF] = first(a->text[JOB_RETRY_OF], b->text[JOB_RETRY_OF]);
    j.text[JOB_BATCH_ID] = first(a->text[JOB_BATCH_ID], b->text[JOB_BATCH_ID]);
    if (j.text[JOB_BATCH_ID] == NULL && job_batch_key(b->id, key)) {
        j.text[JOB_BATCH_ID] = key;
    }
    if (a->features_len == 0) {
        j.features = b->features;
        j.features_len = b->features_len;
    }
    j.ms[JOB_CREATED] = known(a->ms[JOB_CREATED], b->ms[JOB_CREATED]);
    j.estimated_duration_s =
        a->estimated_duration_s >= 0 ? a->estimated_duration_s : b->estimated_duration_s;
    take_work(&j, a, b);
    j.errors = errors;
    j.errors_len = join_errors(a, b, errors);
    struct job *joined = job_make(&j);
    free(told[0]);
    free(told[1]);
    return joined;
}
