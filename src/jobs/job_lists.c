/* job_lists.c - the lists of a record: features, errors and steps, in each of their forms. */
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "job_draft.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void add_feature(struct draft *d, const char *s, size_t len)
{
    while (len > 0 && is_blank(*s)) {
        s++;
        len--;
    }
    while (len > 0 && is_blank(s[len - 1])) {
        len--;
    }
    if (len > 0 && d->job.features_len < JOB_FEATURES_MAX) {
        d->features[d->job.features_len++] = (struct slice){s, len};
    }
}

/* Reads an L of S, an SS, or one S with commas. True when it held any feature. */
static bool read_features(struct draft *d, const struct record_value *v)
{
    const char *s = record_text(v);

    if (v->type == 'L') {
        for (const cJSON *at = v->inside->child; at != NULL; at = at->next) {
            struct record_value one = record_value_of(at);
            const char *name = cJSON_IsString(at) ? at->valuestring : record_text(&one);
            if (name != NULL) {
                add_feature(d, name, strlen(name));
            }
        }
    }
    while (s != NULL) {
        size_t len = strcspn(s, ",");
        add_feature(d, s, len);
        s = s[len] == ',' ? s + len + 1 : NULL;
    }
    return d->job.features_len > 0;
}

static void add_error(struct draft *d, struct job_error err)
{
    if (d->job.errors_len == JOB_ERRORS_MAX) {
        memmove(d->errors, d->errors + 1, (JOB_ERRORS_MAX - 1) * sizeof *d->errors);
        d->job.errors_len--;
    }
    d->errors[d->job.errors_len++] = err;
}

/* Reads an M {timestamp,message,step}, or an S that is the message. */
static bool read_error(const struct record_value *v, struct job_error *out)
{
    *out = (struct job_error){TIME_NONE, record_text(v), NULL};
    if (v->type == 'M') {
        struct record_value at = record_value_of(json_get(v->inside, "timestamp"));
        struct record_value message = record_value_of(json_get(v->inside, "message"));
        struct record_value step = record_value_of(json_get(v->inside, "step"));
        out->at_ms = record_time(&at);
        out->message = record_text(&message);
        out->step = record_text(&step);
    }
    return out->message != NULL;
}

static void read_errors(struct draft *d, const struct record_value *v)
{
    struct job_error err;

    if (v->type != 'L') {
        if (read_error(v, &err)) {
            add_error(d, err); /* a single error stands in the place of the list */
        }
        return;
    }
    int skip = v->inside->child == NULL ? 0 : cJSON_GetArraySize(v->inside) - JOB_ERRORS_MAX;
    for (const cJSON *at = v->inside->child; at != NULL; at = at->next) {
        struct record_value one = record_value_of(at);
        if (skip-- > 0) {
            continue;
        }
        if (cJSON_IsString(at)) {
            /* the texts of a string set */
            add_error(d, (struct job_error){TIME_NONE, at->valuestring, NULL});
        } else if (read_error(&one, &err)) {
            add_error(d, err);
        }
    }
}

/* Reads lastError, which holds JSON text of {timestamp,message,step}, or plain text. */
static void read_last_error(struct draft *d, const struct record_value *v)
{
    struct job_error err;

    if (!read_error(v, &err)) {
        return;
    }
    const char *text = record_text(v);
    if (text != NULL && text[0] == '{') {
        d->last_error = json_parse(text, strlen(text), "lastError", NULL);
        const char *message = json_str(d->last_error, "message");
        if (message != NULL && *message != '\0') {
            err.message = message;
            err.at_ms = record_time_text(json_str(d->last_error, "timestamp"));
            err.step = json_str(d->last_error, "step");
        }
    }
    for (size_t i = 0; i < d->job.errors_len; i++) {
        const struct job_error *known = &d->errors[i];
        if (strcmp(known->message, err.message) == 0 &&
            (known->at_ms == err.at_ms || known->at_ms == TIME_NONE || err.at_ms == TIME_NONE)) {
            return;
        }
    }
    add_error(d, err);
}

void draft_read_features(struct draft *d, const struct record_value v[RECORD_SLOTS])
{
    if (!read_features(d, &v[META_FEATURES]) && !read_features(d, &v[META_REQUESTED_FEATURES])) {
        (void)read_features(d, &v[FLAT_FEATURES]);
    }
}

void draft_read_errors(struct draft *d, const struct record_value v[RECORD_SLOTS])
{
    read_errors(d, &v[FLAT_ERRORS]);
    read_last_error(d, &v[FLAT_LAST_ERROR]);
}

/* By time; steps of the same time by their place in a job's life, then by name. */
static int step_order(const void *a, const void *b)
{
    const struct job_step *x = a;
    const struct job_step *y = b;

    if (x->at_ms != y->at_ms) {
        return x->at_ms < y->at_ms ? -1 : 1;
    }
    int by_rank = job_step_rank(x->step) - job_step_rank(y->step);
    return by_rank != 0 ? by_rank : strcmp(x->step, y->step);
}

void draft_read_steps(struct draft *d, const struct record_value v[RECORD_SLOTS])
{
    const struct record_value *map = &v[FLAT_STEP_TIMES];

    d->steps_len = 0;
    if (map->type == 'M' && cJSON_GetArraySize(map->inside) > STEPS_MAX) {
        return;
    }
    for (const cJSON *m = map->type == 'M' ? map->inside->child : NULL; m != NULL; m = m->next) {
        struct record_value when = record_value_of(m);
        int64_t at = record_time(&when);
        if (at != TIME_NONE && m->string[0] != '\0') {
            d->steps[d->steps_len++] = (struct job_step){m->string, at};
        }
    }
    if (d->steps_len > 1) {
        qsort(d->steps, d->steps_len, sizeof *d->steps, step_order);
    }
}
