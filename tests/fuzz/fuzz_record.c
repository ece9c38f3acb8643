/* Records and Batch jobs as any JSON: whatever a table or a service answers gives a job or none,
 * in one block, with a merged state, a timeline and JSON. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "jobs/age.h"
#include "jobs/attrs.h"
#include "jobs/job_json.h"
#include "jobs/join.h"
#include "jobs/price.h"
#include "jobs/queue_facts.h"
#include "jobs/record_change.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(const struct job *j, const char *s)
{
    const char *from = (const char *)j;
    if (s != NULL && (s < from || s + strlen(s) >= from + j->bytes)) {
        abort();
    }
}

/* A job that loses its steps is the one that never had them. Takes the job. */
static void check_steps(struct job *j)
{
    struct job_values *v = job_values_new(j);
    v->steps = NULL;
    struct job *never = job_make(v);

    free(v);
    j = job_without_steps(j);
    for (size_t i = 0; i < j->errors_len; i++) {
        inside(j, job_errors(j)[i].message);
        inside(j, job_errors(j)[i].step);
    }
    if (!job_same(j, never)) {
        abort();
    }
    job_free(never);
    job_free(j);
}

static void check(const struct job *j, const cJSON *item, const struct batch_job *b)
{
    struct job_state s;
    struct timeline t;
    char text[AGE_SIZE];
    bool over;

    inside(j, j->id);
    inside(j, job_text(j, JOB_BUSINESS_NAME));
    struct job *copy = job_copy(j);
    if (!job_same(j, copy)) {
        abort();
    }
    for (size_t i = 0; i < j->features_len; i++) {
        char a[JOB_ROOM], again[JOB_ROOM];
        if (strcmp(job_feature(j, i, a), job_feature(copy, i, again)) != 0) {
            abort();
        }
    }
    for (unsigned i = 0; i < JOB_URLS; i++) {
        char a[JOB_ROOM], again[JOB_ROOM];
        const char *one = job_url(j, (enum job_url_id)i, a);
        const char *other = job_url(copy, (enum job_url_id)i, again);
        if ((one == NULL) != (other == NULL) || (one != NULL && strcmp(one, other) != 0)) {
            abort();
        }
    }
    check_steps(copy); /* takes it */
    for (size_t i = 0; i < j->errors_len; i++) {
        inside(j, job_errors(j)[i].message);
        inside(j, job_errors(j)[i].step);
    }
    job_state_merge(j, b, true, INT64_C(1755685800000), NULL, &s);
    (void)job_batch_from(j, INT64_C(1755685800000));
    (void)job_duration_text(j, &s, INT64_C(1755685800000), text, &over);
    timeline_build(&t, j, item, b, item);
    cJSON *o = job_detail_json(j, b, &s, NULL, &t, item, NULL, NULL);
    free(json_text(o));
    cJSON_Delete(o);
    struct strbuf direct = STRBUF_INIT;
    struct eta eta = {j->progress, INT64_C(1755685800000)};
    job_json_text(&direct, j, b, &s, &eta, j->id);
    o = job_json(j, b, &s, &eta, NULL);
    json_set_str(o, "context", j->id);
    char *safe = json_safe(o);
    if (strcmp(safe, strbuf_str(&direct)) != 0) {
        abort();
    }
    free(safe);
    cJSON_Delete(o);
    strbuf_clear(&direct);
    timeline_clear(&t);
}

static void check_and_free(struct job *j, const cJSON *item, const struct batch_job *b)
{
    check(j, item, b);
    job_free(j);
}

/* The same as a part of another job, beside that one's record and without. */
static void check_joined(const struct job *j, const cJSON *item, const struct batch_job *b)
{
    char key[BATCH_ID_SIZE];

    (void)job_batch_key(j->id, key);
    check_and_free(job_set_owner(job_copy(j), "owner"), item, b);
    check_and_free(job_join("owner", j, j), item, b);
    check_and_free(job_join("owner", NULL, j), item, b);
}

/* What a job costs is a number, or is not known; a queue of any shape can be told. */
static void check_batch(const cJSON *v, const struct batch_job *b)
{
    static const struct job_prices prices = {.fargate.vcpu_hour = 1,
                                             .fargate.gb_hour = 1,
                                             .ec2.vcpu_hour = 1,
                                             .ec2.gb_hour = 1,
                                             .disk_gb_hour = 1};
    struct job_price x = job_price(b, &prices, INT64_C(1755685800000));
    struct queue_facts *f = queue_facts_new(v, v);
    struct batch_job *const jobs[] = {(struct batch_job *)(uintptr_t)b};
    char text[PRICE_TEXT_SIZE], wait[QUEUE_TEXT_SIZE];

    if (!isfinite(x.usd) || (x.usd < 0) != (x.why[0] != '\0')) {
        abort();
    }
    (void)job_price_text(b, &prices, INT64_C(1755685800000), text);
    queue_facts_add(f, BATCH_RUNNING, jobs, 1, false);
    queue_facts_add_size(f, b);
    queue_facts_add(f, BATCH_RUNNABLE, jobs, 1, false);
    queue_facts_order(f);
    if (queue_wait_text(f, b->id, wait)[0] == '\0') {
        abort();
    }
    queue_facts_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cJSON *v = json_parse((const char *)data, size, "fuzz", NULL);
    struct facts facts;
    if (v == NULL) {
        return 0;
    }
    facts_read(&facts, v);
    if (facts.len - facts.other > FACTS_OTHER_MAX || facts.other > FACTS_LOGS_MAX + 4) {
        abort();
    }
    facts_clear(&facts);
    struct job *j = job_from_item(v);
    struct batch_job *b = batch_job_from_json(v);
    struct batch_job *copy = b == NULL ? NULL : batch_job_copy(b);
    struct record_change u = {.progress = 5,
                              .status = "COMPLETED",
                              .step = "X",
                              .error = "e",
                              .batch_job_id = "b",
                              .urls_len = 1,
                              .url_kind = {"staging"},
                              .url = {"https://x"}};
    struct record_change_expr x;

    batch_job_free(b);
    if (j != NULL) {
        check(j, v, copy);
        check_joined(j, v, copy);
    }
    if (copy != NULL) {
        check_batch(v, copy);
        (void)job_owner(copy->id, copy);
        check_and_free(job_of_batch(copy), NULL, copy);
    }
    record_change_build(&u, v, INT64_C(1755685800000), &x);
    record_change_expr_clear(&x);
    (void)!record_change_explain(&u, v, NULL);
    batch_job_free(copy);
    job_free(j);
    cJSON_Delete(v);
    return 0;
}
