/* job.c - reading a record in any of its shapes (SPEC 1.2).
 *
 * DESIGN. One pass finds the attributes (record_fields.c), a draft on the stack points into the
 * cJSON tree, and one allocation takes the struct and, behind it: the id; where there are any, the
 * errors, before them all times when they lie further apart than 24 days; the texts; the features;
 * the texts of the errors. A text is found by its place, two bytes; a place below JOB_WORDS is a
 * word that nearly every record shares. With 100,000 jobs that is 15 MB less than pointers and
 * whole times.
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

const char *const job_words[JOB_WORDS] = {
    NULL,
    /* the steps in the order of a job's life */
    "QUEUED",
    "INIT",
    "FETCHING_DATA",
    "CREATING_REPO",
    "CLAUDE_INSTALL",
    "AI_DEVELOPMENT",
    "BUILDING",
    "DEPLOYING",
    "CONFIGURING_DOMAINS",
    "CLEANUP",
    "COMPLETED",
    /* priorities and statuses */
    "high",
    "normal",
    "low",
    "PENDING",
    "IN_PROGRESS",
    "FAILED",
    "CANCELLED",
};
/* Only these texts are looked up among the words. */
enum { MAY_BE_WORD = JOB_PRIORITY + 1 };
_Static_assert((int)JOB_WORDS < (int)offsetof(struct job, id), "a place in a job is no word");
_Static_assert((JOB_TEXTS + 1) * (TEXT_MAX + 4) + ERRORS_MAX * sizeof(struct job_error) +
                       JOB_TIMES * sizeof(int64_t) + sizeof(struct job) <
                   UINT16_MAX,
               "the texts and the beginning of the features lie within 64 KB");

/* The place of a word in job_words; 0: it is not there. */
static uint16_t word_of(const char *s)
{
    for (uint16_t i = 1; i < JOB_WORDS; i++) {
        if (s[0] == job_words[i][0] && strcmp(s, job_words[i]) == 0) {
            return i;
        }
    }
    return 0;
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

static void read_texts(struct job_values *j, struct record_value v[RECORD_SLOTS])
{
    j->text[JOB_USER_ID] = record_text(&v[FLAT_USER_ID]);
    j->text[JOB_PRODUCT_ID] = record_text(&v[FLAT_PRODUCT_ID]);
    j->text[JOB_BUSINESS_NAME] = first_text(&v[META_BUSINESS_NAME], &v[FLAT_BUSINESS_NAME]);
    j->text[JOB_EMAIL] = first_text(&v[META_EMAIL], &v[FLAT_EMAIL]);
    j->text[JOB_PRIORITY] = first_text(&v[FLAT_PRIORITY], &v[META_PRIORITY]);
    j->text[JOB_STATUS_TEXT] = record_text(&v[FLAT_STATUS]);
    j->status = (uint8_t)job_status_parse(j->text[JOB_STATUS_TEXT]);
    j->text[JOB_STATUS_REASON] = record_text(&v[FLAT_STATUS_REASON]);
    j->text[JOB_STEP] = first_text(&v[FLAT_CURRENT_STEP], &v[FLAT_STAGE]);
    j->text[JOB_BATCH_ID] = first_text(&v[NESTED_BATCH_JOB_ID], &v[FLAT_BATCH_JOB_ID]);
    j->text[JOB_URL_REPOSITORY] = repository(v);
    j->text[JOB_URL_STAGING] = first_text(&v[NESTED_STAGING], &v[FLAT_STAGING_URL]);
    j->text[JOB_URL_PRODUCTION] = first_text(&v[NESTED_PRODUCTION], &v[FLAT_VERCEL_URL]);
    if (j->text[JOB_URL_PRODUCTION] == NULL) {
        const char *url = record_text(&v[NESTED_VERCEL]);
        j->text[JOB_URL_PRODUCTION] = url != NULL ? url : record_member(&v[NESTED_VERCEL], "url");
    }
    j->text[JOB_RETRY_OF] = first_text(&v[META_RETRY_OF], &v[FLAT_RETRY_OF]);
}

static int64_t first_time(const struct record_value *a, const struct record_value *b)
{
    int64_t at = record_time(a);
    return at != TIME_NONE ? at : record_time(b);
}

static void read_times(struct job_values *j, struct record_value v[RECORD_SLOTS])
{
    j->ms[JOB_CREATED] = first_time(&v[FLAT_CREATED], &v[NESTED_CREATED]);
    j->ms[JOB_UPDATED] = later(record_time(&v[NESTED_UPDATED]), record_time(&v[FLAT_UPDATED]));
    j->ms[JOB_STARTED] = later(record_time(&v[NESTED_STARTED]), record_time(&v[FLAT_STARTED]));
    j->ms[JOB_ENDED] = later(record_time(&v[NESTED_COMPLETED]), record_time(&v[FLAT_COMPLETED]));
    j->ms[JOB_ESTIMATED] =
        later(record_time(&v[NESTED_ESTIMATED]), record_time(&v[FLAT_ESTIMATED]));
}

/* Can the times be kept as differences from the first one? */
static bool times_near(const int64_t ms[JOB_TIMES])
{
    for (size_t i = 1; i < JOB_TIMES; i++) {
        int64_t since = 0;
        if (ms[i] != TIME_NONE && (__builtin_sub_overflow(ms[i], ms[JOB_CREATED], &since) ||
                                   since <= INT32_MIN || since > INT32_MAX)) {
            return false;
        }
    }
    return true;
}

static size_t aligned(size_t at)
{
    return (at + 7) / 8 * 8;
}

/* The size up to the texts: the struct, the id, the times and errors that lie apart. */
static size_t head_size(const struct draft *d)
{
    size_t size = offsetof(struct job, id) + strtail_size(d->job.id, d->id_len, TEXT_MAX);

    if (!d->wide && d->job.errors_len == 0) {
        return size;
    }
    return aligned(size) + (d->wide ? sizeof d->job.ms : 0) + d->job.errors_len * sizeof *d->errors;
}

static size_t draft_size(struct draft *d)
{
    d->id_len = strlen(d->job.id);
    d->wide = !times_near(d->job.ms);
    size_t size = head_size(d);

    for (size_t i = 0; i < JOB_TEXTS; i++) {
        const char *s = d->job.text[i];
        d->words[i] = s == NULL || i >= MAY_BE_WORD ? 0 : word_of(s);
        if (s != NULL && d->words[i] == 0) {
            d->lens[i] = strlen(s);
            size += strtail_size(s, d->lens[i], TEXT_MAX);
        }
    }
    for (size_t i = 0; i < d->job.features_len; i++) {
        size += strtail_size(d->features[i].s, d->features[i].len, TEXT_MAX);
    }
    for (size_t i = 0; i < d->job.errors_len; i++) {
        const struct job_error *err = &d->errors[i];
        size += strtail_size(err->message, strlen(err->message), MESSAGE_MAX);
        size += err->step == NULL ? 0 : strtail_size(err->step, strlen(err->step), TEXT_MAX);
    }
    return size;
}

static void place_times(const struct draft *d, struct job *j)
{
    j->first_ms = d->job.ms[JOB_CREATED];
    j->wide = d->wide;
    if (d->wide) {
        memcpy((char *)j + j->lists_at, d->job.ms, sizeof d->job.ms);
        return;
    }
    for (size_t i = 1; i < JOB_TIMES; i++) {
        int64_t ms = d->job.ms[i];
        j->since_ms[i - 1] = ms == TIME_NONE ? INT32_MIN : (int32_t)(ms - j->first_ms);
    }
}

static void place_errors(const struct draft *d, struct job *j, char *at)
{
    struct job_error *errors = (struct job_error *)(uintptr_t)job_errors(j);

    for (size_t i = 0; i < j->errors_len; i++) {
        const struct job_error *err = &d->errors[i];
        errors[i].at_ms = err->at_ms;
        errors[i].message = strtail_place(&at, err->message, strlen(err->message), MESSAGE_MAX);
        errors[i].step =
            err->step == NULL ? NULL : strtail_place(&at, err->step, strlen(err->step), TEXT_MAX);
    }
}

static struct job *draft_finish(struct draft *d)
{
    size_t size = draft_size(d);
    struct job *j = xmalloc(size < sizeof *j ? sizeof *j : size);
    char *at = j->id;

    memset(j, 0, sizeof *j);
    j->bytes = (int32_t)size;
    j->estimated_duration_s = d->job.estimated_duration_s;
    j->features_len = (uint8_t)d->job.features_len;
    j->errors_len = (uint8_t)d->job.errors_len;
    j->progress = (int8_t)d->job.progress;
    j->status = d->job.status;
    j->mark = d->job.mark;
    (void)strtail_place(&at, d->job.id, d->id_len, TEXT_MAX);
    j->lists_at = (uint16_t)aligned((size_t)(at - (char *)j));
    place_times(d, j);
    at = (char *)j + head_size(d);
    for (size_t i = 0; i < JOB_TEXTS; i++) {
        j->text_at[i] = d->words[i];
        if (d->job.text[i] != NULL && d->words[i] == 0) {
            j->text_at[i] = (uint16_t)(at - (char *)j);
            (void)strtail_place(&at, d->job.text[i], d->lens[i], TEXT_MAX);
        }
    }
    j->features_at = (uint16_t)(at - (char *)j);
    for (size_t i = 0; i < j->features_len; i++) {
        (void)strtail_place(&at, d->features[i].s, d->features[i].len, TEXT_MAX);
    }
    place_errors(d, j, at);
    return j;
}

const struct job_error *job_errors(const struct job *j)
{
    const char *at = (const char *)j + j->lists_at + (j->wide ? JOB_TIMES * sizeof(int64_t) : 0);

    return (const struct job_error *)(const void *)at;
}

const char *job_feature(const struct job *j, size_t i)
{
    const char *s = (const char *)j + j->features_at;

    while (i-- > 0) {
        s += strlen(s) + 1;
    }
    return s;
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
    hide_in(job_text(j, JOB_STATUS_REASON));
    hide_in_url(job_text(j, JOB_URL_REPOSITORY));
    hide_in_url(job_text(j, JOB_URL_STAGING));
    hide_in_url(job_text(j, JOB_URL_PRODUCTION));
    for (size_t n = 0; n < j->errors_len; n++) {
        hide_in(job_errors(j)[n].message);
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

struct job *job_make(const struct job_values *v)
{
    struct draft d;

    d.job = *v;
    d.last_error = NULL;
    d.job.features_len = v->features_len > JOB_FEATURES_MAX ? JOB_FEATURES_MAX : v->features_len;
    d.job.errors_len = v->errors_len > ERRORS_MAX ? ERRORS_MAX : v->errors_len;
    for (size_t i = 0; i < d.job.features_len; i++) {
        d.features[i] = (struct slice){.s = v->features[i], .len = strlen(v->features[i])};
    }
    for (size_t i = 0; i < d.job.errors_len; i++) {
        d.errors[i] = v->errors[i];
    }
    return draft_finish(&d);
}

void job_values_of(const struct job *j, struct job_values *out,
                   const char *features[JOB_FEATURES_MAX])
{
    *out = (struct job_values){.id = j->id,
                               .features = features,
                               .errors = job_errors(j),
                               .estimated_duration_s = j->estimated_duration_s,
                               .features_len = j->features_len,
                               .errors_len = j->errors_len,
                               .progress = j->progress,
                               .status = j->status,
                               .mark = j->mark};
    for (unsigned i = 0; i < JOB_TEXTS; i++) {
        out->text[i] = job_text(j, (enum job_text_id)i);
    }
    for (unsigned i = 0; i < JOB_TIMES; i++) {
        out->ms[i] = job_ms(j, (enum job_time_id)i);
    }
    for (size_t i = 0; i < j->features_len; i++) {
        features[i] = job_feature(j, i);
    }
}

struct job *job_copy(const struct job *j)
{
    const char *features[JOB_FEATURES_MAX];
    struct job_values v;

    job_values_of(j, &v, features);
    return job_make(&v);
}

void job_free(struct job *j)
{
    free(j);
}
