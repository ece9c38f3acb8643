/* job_json.c - the one shape of a job as JSON (SPEC 1.3): every member is always there. */
#include "jobs/job_json.h"

#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/secret.h"
#include "jobs/join.h"

/* Adds a member at the end: with cJSON's own functions the work is linear, whereas json_set first
 * looks for the key, which these fresh objects cannot have. 100,000 jobs are printed in this
 * way. */
static void add(cJSON *o, const char *key, cJSON *v)
{
    if (v == NULL || !cJSON_AddItemToObjectCS(o, key, v)) {
        json_set(o, key, v);
    }
}

static void add_str(cJSON *o, const char *key, const char *s)
{
    add(o, key, s == NULL || *s == '\0' ? cJSON_CreateNull() : cJSON_CreateString(s));
}

static void add_time(cJSON *o, const char *key, int64_t ms)
{
    char iso[TIME_ISO_SIZE];
    add_str(o, key, time_iso(ms, iso));
}

static void add_num(cJSON *o, const char *key, int n, bool given)
{
    add(o, key, given ? cJSON_CreateNumber(n) : cJSON_CreateNull());
}

/* Adds the status in upper case, as the contract says: the words that we know, and another
 * program's word likewise. */
static void add_status(cJSON *o, const struct job *j, const struct job_state *s)
{
    char *word = xstrdup(job_state_word(j, s));

    for (char *c = word; *c != '\0'; c++) {
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    }
    add_str(o, "status", word);
    free(word);
}

static cJSON *features_json(const struct job *j)
{
    cJSON *list = json_new_array();

    for (size_t i = 0; i < j->features_len; i++) {
        json_push_str(list, job_feature(j, i));
    }
    return list;
}

static cJSON *errors_json(const struct job *j)
{
    cJSON *list = json_new_array();

    for (size_t i = 0; i < j->errors_len; i++) {
        cJSON *o = json_new_object();
        add_time(o, "timestamp", job_errors(j)[i].at_ms);
        add_str(o, "message", job_errors(j)[i].message);
        add_str(o, "step", job_errors(j)[i].step);
        json_push(list, o);
    }
    return list;
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

cJSON *job_json(const struct job *j, const struct batch_job *b, const struct job_state *s)
{
    cJSON *o = json_new_object();
    cJSON *urls = json_new_object();
    char reason[STATE_REASON_SIZE];

    add_str(o, "jobId", j->id);
    add_str(o, "userId", job_text(j, JOB_USER_ID));
    add_str(o, "productId", job_text(j, JOB_PRODUCT_ID));
    add_str(o, "businessName", job_text(j, JOB_BUSINESS_NAME));
    add_status(o, j, s);
    add_str(o, "statusReason", job_state_reason(j, b, s, reason, sizeof reason));
    add(o, "drift", cJSON_CreateBool(s->drift));
    add_str(o, "stuck", job_stuck_word((enum job_stuck)s->stuck));
    add_str(o, "step", job_text(j, JOB_STEP));
    add_num(o, "progress", j->progress, j->progress >= 0);
    add_str(o, "priority", job_text(j, JOB_PRIORITY));
    add(o, "features", features_json(j));
    add_time(o, "createdAt", job_ms(j, JOB_CREATED));
    add_time(o, "updatedAt", job_ms(j, JOB_UPDATED));
    add_time(o, "startedAt", s->started_ms);
    add_time(o, "completedAt", completed(j, b, s));
    add_time(o, "estimatedCompletion", job_ms(j, JOB_ESTIMATED));
    add_str(o, "batchJobId", b != NULL ? b->id : job_text(j, JOB_BATCH_ID));
    add_str(o, "batchStatus", batch_status_word((enum batch_status)s->batch));
    add_num(o, "exitCode", s->exit_code, s->exit_code != EXIT_CODE_NONE);
    add_str(o, "logStream", b == NULL ? NULL : b->log_stream);
    add_str(urls, "repository", job_text(j, JOB_URL_REPOSITORY));
    add_str(urls, "staging", job_text(j, JOB_URL_STAGING));
    add_str(urls, "production", job_text(j, JOB_URL_PRODUCTION));
    add(o, "urls", urls);
    add(o, "errors", errors_json(j));
    add_str(o, "mark", job_mark_word((enum job_mark)j->mark));
    add_str(o, "batchJobName", b == NULL ? NULL : b->name);
    return o;
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
                       const struct timeline *t, const cJSON *item, const cJSON *parts)
{
    cJSON *o = job_json(j, b, s);
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
