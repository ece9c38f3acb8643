/* The "field:value" terms of the filter: does one hold of a job? */
#include <stdlib.h>
#include <string.h>

#include "deploy_rules.h"
#include "filter_field.h"
#include "jobs/age.h"
#include "jobs/cause.h"

/* Does one of the alternatives, with commas between them, stand in `s`? */
static bool any_in(const char *s, const char *alternatives)
{
    while (s != NULL && *alternatives != '\0') {
        size_t len = strcspn(alternatives, ",");
        if (len > 0 && filter_contains_n(s, alternatives, len)) {
            return true;
        }
        alternatives += len + (alternatives[len] == ',');
    }
    return false;
}

/* Do the first `len` bytes of a text that was typed begin this word? '-' and ' ' stand for '_'. */
static bool begins_word(const char *word, const char *typed, size_t len)
{
    size_t i = 0;

    while (i < len && word[i] != '\0' &&
           filter_fold(word[i]) == filter_fold(strchr("- ", typed[i]) != NULL ? '_' : typed[i])) {
        i++;
    }
    return i == len;
}

/* Does one of the alternatives name the status by its beginning, or say "stuck" of a job that is?
 * "in", "IN_PROGRESS" and "run" name IN_PROGRESS, "prog" does not. */
static bool status_is(const struct job *j, const struct job_state *s, const char *alternatives)
{
    while (*alternatives != '\0') {
        size_t len = strcspn(alternatives, ",");
        if (len > 0 &&
            (begins_word(job_state_word(j, s), alternatives, len) ||
             begins_word(job_status_people(s->status), alternatives, len) ||
             (s->status == JOB_CANCELLED && begins_word("canceled", alternatives, len)) ||
             (s->stuck != STUCK_NO && begins_word("stuck", alternatives, len)))) {
            return true;
        }
        alternatives += len + (alternatives[len] == ',');
    }
    return false;
}

static bool is(const struct field_test *t, const struct job *j, const struct job_state *s,
               int64_t now_ms)
{
    char buf[AGE_SIZE];
    bool over = false;

    switch (t->is) {
    case IS_STUCK:
        return s->stuck != STUCK_NO;
    case IS_DRIFT:
        return s->drift;
    case IS_SLOW:
        return s->slow;
    case IS_FAILED:
        return s->status == JOB_FAILED;
    case IS_ACTIVE:
        return !job_status_final((enum job_status)s->status);
    case IS_FINAL:
        return job_status_final((enum job_status)s->status);
    case IS_RETRY:
        return job_text(j, JOB_RETRY_OF) != NULL;
    case IS_GONE:
        return s->gone_from_batch;
    case IS_OVER:
        (void)job_duration_text(j, s, now_ms, buf, &over);
        return over;
    case IS_NO_RECORD:
        return j->mark == JOB_NO_RECORD;
    case IS_TWO_RECORDS:
        return j->mark == JOB_TWO_RECORDS || j->mark == JOB_OTHER_KEY;
    }
    return false;
}

/* `n` is negative when the value is not known. */
static enum field_hit compare(const struct field_test *t, int64_t n)
{
    bool equal = t->or_equal && n == t->number;

    if (n < 0) {
        return HIT_NOT_KNOWN;
    }
    switch (t->op) {
    case '<':
        return n < t->number || equal ? HIT_YES : HIT_NO;
    case '>':
        return n > t->number || equal ? HIT_YES : HIT_NO;
    default:
        return n == t->number ? HIT_YES : HIT_NO;
    }
}

static enum field_hit compare_exit(const struct field_test *t, int code)
{
    char *end = NULL;

    if (code == EXIT_CODE_NONE || t->op != '=') {
        return compare(t, code == EXIT_CODE_NONE ? -1 : code);
    }
    for (const char *at = t->value + (t->or_equal ? 1 : 0); *at != '\0'; at = end + (*end == ',')) {
        if (strtol(at, &end, 10) == code) {
            return HIT_YES;
        }
    }
    return HIT_NO;
}

static bool reason(const struct field_test *t, const struct job *j, const struct batch_job *b,
                   const struct job_state *s)
{
    char cause[CAUSE_SIZE];

    return any_in(cause_reason(j, b, s, cause), t->value);
}

static int64_t since(int64_t then_ms, int64_t now_ms)
{
    return then_ms == TIME_NONE || then_ms < 0 ? -1 : then_ms > now_ms ? 0 : now_ms - then_ms;
}

static bool any_feature(const struct job *j, const char *alternatives)
{
    char room[JOB_ROOM];

    for (size_t i = 0; i < j->features_len; i++) {
        if (any_in(job_feature(j, i, room), alternatives)) {
            return true;
        }
    }
    return false;
}

static bool any_error(const struct job *j, const char *alternatives)
{
    for (size_t i = 0; i < j->errors_len; i++) {
        if (any_in(job_errors(j)[i].message, alternatives)) {
            return true;
        }
    }
    return any_in(job_text(j, JOB_STATUS_REASON), alternatives);
}

static const char *usual_priority(void)
{
    return deploy_field_named("priority")->standard;
}

const char *filter_field_text(enum field_kind kind, const struct job *j)
{
    const char *priority = NULL;

    switch (kind) {
    case FIELD_USER:
        return job_text(j, JOB_USER_ID);
    case FIELD_PRODUCT:
        return job_text(j, JOB_PRODUCT_ID);
    case FIELD_NAME:
        return job_text(j, JOB_BUSINESS_NAME);
    case FIELD_STEP:
        return job_text(j, JOB_STEP);
    case FIELD_PRIORITY:
        priority = job_text(j, JOB_PRIORITY);
        return priority == NULL ? usual_priority() : priority;
    case FIELD_ID:
        return j->id;
    case FIELD_EMAIL:
        return job_text(j, JOB_EMAIL);
    case FIELD_RETRY_OF:
        return job_text(j, JOB_RETRY_OF);
    default:
        return NULL;
    }
}

/* Tests of what is a text, or a word for it; absent texts do not match. */
static bool text_matches(const struct field_test *t, const struct job *j, const struct batch_job *b,
                         const struct job_state *s, int64_t now_ms)
{
    switch (t->kind) {
    case FIELD_STATUS:
        return status_is(j, s, t->value);
    case FIELD_BATCH:
        return any_in(job_text(j, JOB_BATCH_ID), t->value) ||
               any_in(batch_status_word((enum batch_status)s->batch), t->value);
    case FIELD_FEATURE:
        return any_feature(j, t->value);
    case FIELD_ERROR:
        return any_error(j, t->value);
    case FIELD_REASON:
        return reason(t, j, b, s);
    case FIELD_IS:
        return is(t, j, s, now_ms);
    case FIELD_ENV:
        return true; /* of the context, not of the job */
    default:
        return any_in(filter_field_text(t->kind, j), t->value);
    }
}

enum field_hit field_test_matches(const struct field_test *t, const struct job *j,
                                  const struct batch_job *b, const struct job_state *s,
                                  int64_t now_ms)
{
    switch (t->kind) {
    case FIELD_AGE:
        return compare(t, since(job_time(j, s, NULL), now_ms));
    case FIELD_UPDATED:
        return compare(t, since(job_ms(j, JOB_UPDATED), now_ms));
    case FIELD_DURATION:
        return compare(t, job_duration_ms(j, s, now_ms));
    case FIELD_PROGRESS:
        return compare(t, j->progress);
    case FIELD_EXIT:
        return compare_exit(t, s->exit_code);
    default:
        return text_matches(t, j, b, s, now_ms) ? HIT_YES : HIT_NO;
    }
}

bool field_test_env(const struct field_test *t, const char *context)
{
    const char *at = t->value;

    while (context != NULL && *at != '\0') {
        size_t len = strcspn(at, ",");
        if (len > 0 && filter_begins(context, at, len)) {
            return true;
        }
        at += len + (at[len] == ',');
    }
    return false;
}

bool field_test_moves(const struct field_test *t)
{
    return t->kind == FIELD_AGE || t->kind == FIELD_UPDATED || t->kind == FIELD_DURATION ||
           (t->kind == FIELD_IS && t->is == IS_OVER);
}
