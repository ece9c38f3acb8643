/* job.c - reading a record in any of its shapes (SPEC 1.2).
 *
 * DESIGN. One pass finds the attributes (record_fields.c), a draft struct job on the stack points
 * into the cJSON tree, and one allocation takes the struct, its arrays and its strings. Words that
 * nearly every record shares (statuses, steps, priorities) point at static text instead: with
 * 100,000 jobs that is 3 MB less.
 *
 * Where a record has both the nested and the flat form of something and they differ:
 * - createdAt: the flat one, by which the index of a user's jobs is sorted;
 * - updatedAt, startedAt, completedAt, the estimate: the later, which was written last;
 * - the step: currentStep, as `stage` is what one script wrote once, when it made the record;
 * - lastError joins `errors` as its last entry unless it is there already;
 * - all else: the nested one, which the container of SPEC 1.2 writes, unless it is absent, NULL,
 *   empty or of the wrong type: then the flat one. */
#include "jobs/job.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "job_draft.h"
#include "strtail.h"

/* The texts of struct job that lie in its block, unless they are words that many records share
 * (shared_word). */
static const size_t texts[] = {
    offsetof(struct job, status_word),   offsetof(struct job, step),
    offsetof(struct job, priority),      offsetof(struct job, id),
    offsetof(struct job, user_id),       offsetof(struct job, product_id),
    offsetof(struct job, business_name), offsetof(struct job, email),
    offsetof(struct job, status_reason), offsetof(struct job, batch_job_id),
    offsetof(struct job, url_staging),   offsetof(struct job, url_repository),
    offsetof(struct job, retry_of),      offsetof(struct job, url_production),
    offsetof(struct job, part_of),
};
enum { TEXTS = sizeof texts / sizeof *texts, SHARED = 3 };
_Static_assert((int)TEXTS == (int)DRAFT_TEXTS, "job_draft.h makes room for each");

static const char **text_at(struct job *j, size_t i)
{
    return (const char **)(void *)((char *)j + texts[i]);
}

/* The steps in the order of a job's life. */
static const char *const steps[] = {
    "QUEUED",         "INIT",     "FETCHING_DATA", "CREATING_REPO",       "CLAUDE_INSTALL",
    "AI_DEVELOPMENT", "BUILDING", "DEPLOYING",     "CONFIGURING_DOMAINS", "CLEANUP",
    "COMPLETED",
};
enum { STEPS = sizeof steps / sizeof *steps };

/* The static copy of a word that many records share; NULL when the word is not one of those. */
static const char *shared_word(const char *s)
{
    static const char *const others[] = {"high",        "normal", "low",      "PENDING",
                                         "IN_PROGRESS", "FAILED", "CANCELLED"};

    for (size_t i = 0; i < STEPS; i++) {
        if (s[0] == steps[i][0] && strcmp(s, steps[i]) == 0) {
            return steps[i];
        }
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (s[0] == others[i][0] && strcmp(s, others[i]) == 0) {
            return others[i];
        }
    }
    return NULL;
}

static const char *first_text(const struct record_value *a, const struct record_value *b)
{
    const char *s = record_text(a);
    return s != NULL ? s : record_text(b);
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b; /* TIME_NONE is the least */
}

/* A number given as N or as S, where spaces and a final '%' do not matter; `none` when the value is
 * no number. */
static double number(const struct record_value *v, double none)
{
    const char *s = v->text;
    char *end = NULL;
    int whole = 0;
    int digits = 0;

    /* Nearly every number is a few digits. */
    while (s != NULL && digits < 9 && s[digits] >= '0' && s[digits] <= '9') {
        whole = whole * 10 + (s[digits++] - '0');
    }
    if (digits > 0 && s[digits] == '\0') {
        return whole;
    }
    if (s == NULL || strspn(s, " +-.0123456789eE%") != strlen(s)) {
        return none;
    }
    double n = strtod(s, &end);
    if (end == s || !isfinite(n)) {
        return none;
    }
    end += strspn(end, " %");
    return *end == '\0' ? n : none;
}

static int16_t read_progress(const struct record_value *v)
{
    double n = number(v, -1);
    return n < 0 ? -1 : n > 100 ? 100 : (int16_t)n;
}

static int32_t read_duration(const struct record_value *a, const struct record_value *b)
{
    double n = number(a, -1);
    if (n < 0) {
        n = number(b, -1);
    }
    return n < 0 ? -1 : n > INT32_MAX ? INT32_MAX : (int32_t)n;
}

/* --- the whole --- */

/* The address of the repository in each of the possible places in turn; when no place has an
 * address, the repository's name. */
static const char *repository(const struct record_value v[RECORD_SLOTS])
{
    static const enum record_slot places[] = {NESTED_REPOSITORY, FLAT_GITHUB_REPO,
                                              NESTED_GITHUB_REPO};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *s = record_text(&v[places[i]]);
        s = s != NULL ? s : record_member(&v[places[i]], "url");
        if (s != NULL) {
            return s;
        }
    }
    const char *name = record_text(&v[FLAT_REPO_NAME]);
    for (size_t i = 0; i < sizeof places / sizeof *places && name == NULL; i++) {
        name = record_member(&v[places[i]], "name");
    }
    return name;
}

static void read_texts(struct job *j, struct record_value v[RECORD_SLOTS])
{
    j->user_id = record_text(&v[FLAT_USER_ID]);
    j->product_id = record_text(&v[FLAT_PRODUCT_ID]);
    j->business_name = first_text(&v[META_BUSINESS_NAME], &v[FLAT_BUSINESS_NAME]);
    j->email = first_text(&v[META_EMAIL], &v[FLAT_EMAIL]);
    j->priority = first_text(&v[FLAT_PRIORITY], &v[META_PRIORITY]);
    j->status_word = record_text(&v[FLAT_STATUS]);
    j->status = (uint8_t)job_status_parse(j->status_word);
    j->status_reason = record_text(&v[FLAT_STATUS_REASON]);
    j->step = first_text(&v[FLAT_CURRENT_STEP], &v[FLAT_STAGE]);
    j->batch_job_id = first_text(&v[NESTED_BATCH_JOB_ID], &v[FLAT_BATCH_JOB_ID]);
    j->url_repository = repository(v);
    j->url_staging = first_text(&v[NESTED_STAGING], &v[FLAT_STAGING_URL]);
    j->url_production = first_text(&v[NESTED_PRODUCTION], &v[FLAT_VERCEL_URL]);
    if (j->url_production == NULL) {
        const char *url = record_text(&v[NESTED_VERCEL]);
        j->url_production = url != NULL ? url : record_member(&v[NESTED_VERCEL], "url");
    }
    j->retry_of = first_text(&v[META_RETRY_OF], &v[FLAT_RETRY_OF]);
}

static int64_t first_time(const struct record_value *a, const struct record_value *b)
{
    int64_t at = record_time(a);
    return at != TIME_NONE ? at : record_time(b);
}

static void read_times(struct job *j, struct record_value v[RECORD_SLOTS])
{
    j->created_ms = first_time(&v[FLAT_CREATED], &v[NESTED_CREATED]);
    j->updated_ms = later(record_time(&v[NESTED_UPDATED]), record_time(&v[FLAT_UPDATED]));
    j->started_ms = later(record_time(&v[NESTED_STARTED]), record_time(&v[FLAT_STARTED]));
    j->completed_ms = later(record_time(&v[NESTED_COMPLETED]), record_time(&v[FLAT_COMPLETED]));
    j->estimated_ms = later(record_time(&v[NESTED_ESTIMATED]), record_time(&v[FLAT_ESTIMATED]));
}

static size_t draft_size(struct draft *d, unsigned *shared)
{
    size_t size = sizeof d->job;

    for (size_t i = 0; i < TEXTS; i++) {
        const char *s = *text_at(&d->job, i);
        const char *word = s == NULL || i >= SHARED ? NULL : shared_word(s);
        if (word != NULL) {
            *text_at(&d->job, i) = word;
            *shared |= 1U << i;
        } else if (s != NULL) {
            d->lens[i] = strlen(s);
            size += strtail_size(s, d->lens[i], TEXT_MAX);
        }
    }
    size += d->job.features_len * sizeof *d->job.features;
    for (size_t i = 0; i < d->job.features_len; i++) {
        size += strtail_size(d->features[i].s, d->features[i].len, TEXT_MAX);
    }
    size += d->job.errors_len * sizeof *d->errors;
    for (size_t i = 0; i < d->job.errors_len; i++) {
        const struct job_error *err = &d->errors[i];
        size += strtail_size(err->message, strlen(err->message), MESSAGE_MAX);
        size += err->step == NULL ? 0 : strtail_size(err->step, strlen(err->step), TEXT_MAX);
    }
    return size;
}

static struct job *draft_finish(struct draft *d)
{
    unsigned shared = 0;
    size_t size = draft_size(d, &shared);
    struct job *j = xmalloc(size);
    struct job_error *errors = (struct job_error *)(void *)(j + 1);
    const char **features = (const char **)(void *)(errors + d->job.errors_len);
    char *at = (char *)(features + d->job.features_len);

    *j = d->job;
    j->bytes = (int32_t)size;
    j->errors = j->errors_len == 0 ? NULL : errors;
    j->features = j->features_len == 0 ? NULL : features;
    for (size_t i = 0; i < TEXTS; i++) {
        const char **s = text_at(j, i);
        if (*s != NULL && (shared & 1U << i) == 0) {
            *s = strtail_place(&at, *s, d->lens[i], TEXT_MAX);
        }
    }
    for (size_t i = 0; i < j->features_len; i++) {
        features[i] = strtail_place(&at, d->features[i].s, d->features[i].len, TEXT_MAX);
    }
    for (size_t i = 0; i < j->errors_len; i++) {
        const struct job_error *err = &d->errors[i];
        errors[i].at_ms = err->at_ms;
        errors[i].message = strtail_place(&at, err->message, strlen(err->message), MESSAGE_MAX);
        errors[i].step =
            err->step == NULL ? NULL : strtail_place(&at, err->step, strlen(err->step), TEXT_MAX);
    }
    return j;
}

static void hide_in(const char *text)
{
    if (text != NULL) {
        secret_mask_in_place((char *)(uintptr_t)text); /* it lies in the job's own block */
    }
}

/* Only an address with one of these marks can hold a secret; the test saves time, because hundreds
 * of thousands of addresses are read. */
static void hide_in_url(const char *url)
{
    if (url != NULL && strpbrk(url, "@=") != NULL) {
        hide_in(url);
    }
}

/* Hides secrets in the words of a program: a program that failed may quote the address that it
 * could not reach, password and all, and the address of a repository may hold a key. */
static void mask_words(struct job *j)
{
    hide_in(j->status_reason);
    hide_in_url(j->url_repository);
    hide_in_url(j->url_staging);
    hide_in_url(j->url_production);
    for (size_t n = 0; n < j->errors_len; n++) {
        hide_in(j->errors[n].message);
    }
}

struct job *job_from_item(const cJSON *item)
{
    struct record_value v[RECORD_SLOTS];
    /* the draft takes 2 KB: its arrays are filled only as far as their lengths say */
    struct draft d;

    record_collect(item, v);
    memset(&d.job, 0, sizeof d.job);
    d.last_error = NULL;
    d.job.id = record_text(&v[FLAT_JOB_ID]);
    if (d.job.id == NULL || strlen(d.job.id) > TEXT_MAX) {
        return NULL;
    }
    read_texts(&d.job, v);
    read_times(&d.job, v);
    d.job.progress = read_progress(&v[FLAT_PROGRESS]);
    d.job.estimated_duration_s =
        read_duration(&v[META_ESTIMATED_DURATION], &v[FLAT_ESTIMATED_DURATION]);
    draft_read_features(&d, v);
    draft_read_errors(&d, v);
    struct job *j = draft_finish(&d);
    cJSON_Delete(d.last_error);
    mask_words(j);
    return j;
}

struct job *job_copy(const struct job *j)
{
    struct draft d;

    d.job = *j;
    d.last_error = NULL;
    d.job.features_len = j->features_len > FEATURES_MAX ? FEATURES_MAX : j->features_len;
    d.job.errors_len = j->errors_len > ERRORS_MAX ? ERRORS_MAX : j->errors_len;
    for (size_t i = 0; i < d.job.features_len; i++) {
        d.features[i] = (struct slice){.s = j->features[i], .len = strlen(j->features[i])};
    }
    for (size_t i = 0; i < d.job.errors_len; i++) {
        d.errors[i] = j->errors[i];
    }
    return draft_finish(&d);
}

void job_free(struct job *j)
{
    free(j);
}
