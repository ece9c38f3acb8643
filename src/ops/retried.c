/* Was a job retried before? The same work must not run twice because two people, or one person
 * twice, retried the same job. */
#include "retried.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/json.h"
#include "job_page.h"

/* Times in records come in many forms, and their texts are compared: a day covers every zone. */
enum { DAY_MS = 86400000 };

struct search {
    const char *id;
    struct job *newest; /* owned */
};

static bool take(void *arg, struct job **jobs, size_t len)
{
    struct search *s = arg;

    for (size_t i = 0; i < len; i++) {
        const char *of = job_text(jobs[i], JOB_RETRY_OF);
        if (s->newest == NULL && of != NULL && strcmp(of, s->id) == 0) {
            s->newest = jobs[i];
        } else {
            job_free(jobs[i]);
        }
    }
    free(jobs);
    return s->newest == NULL; /* they come newest first */
}

static enum err_code find(const struct ops *o, const struct job *old, const char *user_id,
                          struct search *s, struct err *e)
{
    int64_t made = job_time(old, NULL, NULL);
    char since[TIME_ISO_SIZE];

    cJSON *names = job_projection_names();
    cJSON *values = json_new_object();
    struct ddb_read r = {.table = o->table,
                         .index = "user-jobs-index",
                         .key_condition = made == TIME_NONE ? "#qu = :u" : "#qu = :u AND #qc > :c",
                         .filter = "#qm.#qr = :r OR #qr = :r",
                         .projection = job_projection(),
                         .names = names,
                         .values = values,
                         .newest_first = true};
    json_set_str(names, "#qu", "userId");
    json_set_str(names, "#qm", "metadata");
    json_set_str(names, "#qr", "retryOf");
    json_set(values, ":u", attr_new_str(user_id));
    json_set(values, ":r", attr_new_str(old->id));
    if (made != TIME_NONE) {
        json_set_str(names, "#qc", "createdAt");
        json_set(values, ":c", attr_new_str(time_iso(made - DAY_MS, since)));
    }
    enum err_code rc = jobs_read_all(o, &r, true, take, s, e);
    cJSON_Delete(names);
    cJSON_Delete(values);
    return rc == E_CANCELLED && s->newest != NULL ? E_OK : rc;
}

/* What became of the retry, by its record, and by Batch when the record does not say that it is
 * over. */
static bool has_ended(const struct ops *o, const struct job *retry, struct retry_seen *out)
{
    struct job_detail *d = NULL;
    bool ended = job_status_final((enum job_status)retry->status);
    const char *word = job_text(retry, JOB_STATUS_TEXT);

    if (!ended && ops_job_get(o, retry->id, false, &d, NULL) == E_OK) {
        ended = job_status_final((enum job_status)d->state.status);
        word = job_state_word(d->job, &d->state);
    } else if (word == NULL || retry->status != JOB_OTHER_STATUS) {
        word = job_status_word((enum job_status)retry->status);
    }
    (void)snprintf(out->status, sizeof out->status, "%s", word);
    job_detail_free(d);
    return ended;
}

enum err_code ops_retried(const struct ops *o, const struct job *old, const char *user_id,
                          struct retry_seen *out, struct err *e)
{
    struct search s = {.id = old->id};
    enum err_code rc = E_OK;

    *out = (struct retry_seen){.job_id = ""};
    if (find(o, old, user_id, &s, &out->unknown) == E_OK) {
        out->unknown = (struct err){0};
    }
    if (s.newest != NULL) {
        (void)snprintf(out->job_id, sizeof out->job_id, "%s", s.newest->id);
        if (!has_ended(o, s.newest, out)) {
            (void)err_set(e, E_CONFLICT,
                          "%s was not retried: it was already retried as %s (%s) and would run "
                          "twice",
                          old->id, out->job_id, out->status);
            rc = err_hint_set(e, "wait for the end of %s, or run `mvpdash cancel %s` first",
                              out->job_id, out->job_id);
        }
    }
    job_free(s.newest);
    return rc;
}
