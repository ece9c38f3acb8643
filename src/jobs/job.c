/* job.c - reading a record in any of its shapes (SPEC 1.2).
 *
 * One pass finds the attributes (record_fields.c), a draft on the stack points into the cJSON tree,
 * and draft_finish (job_block.c) makes the job.
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

#include "core/secret.h"
#include "job_draft.h"
#include "strtail.h"

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
    j->url[JOB_URL_REPOSITORY] = repository(v);
    j->url[JOB_URL_STAGING] = first_text(&v[NESTED_STAGING], &v[FLAT_STAGING_URL]);
    j->url[JOB_URL_PRODUCTION] = first_text(&v[NESTED_PRODUCTION], &v[FLAT_VERCEL_URL]);
    if (j->url[JOB_URL_PRODUCTION] == NULL) {
        const char *url = record_text(&v[NESTED_VERCEL]);
        j->url[JOB_URL_PRODUCTION] = url != NULL ? url : record_member(&v[NESTED_VERCEL], "url");
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

/* Did that make the text shorter? */
static bool hide_in(const char *text)
{
    if (text == NULL) {
        return false;
    }
    size_t len = strlen(text);
    secret_mask_in_place((char *)(uintptr_t)text); /* it lies in the job's own block */
    return strlen(text) < len;
}

/* Hides secrets in the words of a program: a program that failed may quote the address that it
 * could not reach, password and all. A text that became shorter leaves a gap, which a copy of the
 * job does not have: then the job is made anew, because job_same compares sizes. */
static struct job *mask_words(struct job *j)
{
    bool gap = hide_in(job_text(j, JOB_STATUS_REASON));

    for (size_t n = 0; n < j->errors_len; n++) {
        gap = hide_in(job_errors(j)[n].message) || gap;
    }
    struct job *whole = gap ? job_copy(j) : j;
    if (gap) {
        job_free(j);
    }
    return whole;
}

struct job *job_from_item(const cJSON *item)
{
    struct record_value v[RECORD_SLOTS];
    /* the draft takes 3 KB: its arrays are filled only as far as their lengths say */
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
    draft_read_steps(&d, v);
    struct job *j = draft_finish(&d);
    cJSON_Delete(d.last_error);
    return mask_words(j);
}
