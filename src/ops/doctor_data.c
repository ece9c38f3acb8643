/* The doctor's checks C and H2: the table, its newest records, and whether they agree with
 * Batch. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/batch.h"
#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/json.h"
#include "doctor_priv.h"
#include "jobs/job.h"
#include "jobs/join.h"
#include "ops/state_table.h"

enum { SAMPLE = 25, RECENT_MAX = 50, NAMED_MAX = 3 };

#define RECENT_MS (7LL * 24 * 3600 * 1000)

/* Looks at the table that replicas of `mvpdash serve` share, where the settings say that they do.
 */
static void check_state_table(struct doctor *d, struct finding *f)
{
    const char *where = settings_get(d->o.settings, SET_STATE);
    const char *name = settings_get(d->o.settings, SET_STATE_TABLE);
    cJSON *table = NULL;
    struct err e = {0};

    if (where == NULL || strcmp(where, "table") != 0) {
        return;
    }
    enum err_code rc = ddb_describe_table(d->o.aws, name, &table, &e);
    if (rc == E_NOT_FOUND) {
        (void)finding_add(f, DOCTOR_FAIL, "state table %s does not exist in %s", name,
                          d->names.region);
        finding_fix(f, "create it with infra/ (terraform apply), or set "
                       "DYNAMODB_STATE_TABLE_NAME");
    } else if (doctor_looked(d, rc, &e, "dynamodb:DescribeTable", f) && !state_table_keys(table)) {
        (void)finding_add(
            f, DOCTOR_FAIL,
            "the keys of state table %s are not pk (hash) and sk (range), both of type S", name);
        finding_fix(f, "create it again with infra/ (terraform apply): keys cannot be changed");
    }
    cJSON_Delete(table);
}

void check_table(struct doctor *d, struct finding *f)
{
    struct err e = {0};
    enum err_code rc = ddb_describe_table(d->o.aws, d->o.table, &d->table, &e);

    if (rc == E_NOT_FOUND) {
        f->missing = true;
        (void)finding_add(f, DOCTOR_FAIL, "table %s does not exist in %s", d->o.table,
                          d->names.region);
        finding_fix(f,
                    "list what exists: `aws dynamodb list-tables --region %-s`; then mvpdash "
                    "doctor --table NAME, or create it with infra/ (terraform apply)",
                    d->names.region);
    } else if (doctor_looked(d, rc, &e, "dynamodb:DescribeTable", f)) {
        doctor_table(d->table, &d->names, f);
        check_state_table(d, f);
    }
}

static bool has_status_index(const cJSON *table)
{
    const cJSON *x;

    cJSON_ArrayForEach(x, json_array(table, "GlobalSecondaryIndexes"))
    {
        if (strcmp(json_str_or(x, "IndexName", ""), "status-updatedAt-index") == 0) {
            return true;
        }
    }
    return false;
}

/* Reads the newest record of each status, by the index. */
static enum err_code newest_by_status(struct doctor *d, cJSON *items, struct err *e)
{
    cJSON *names = json_new_object();
    enum err_code rc = E_OK;

    json_set_str(names, "#s", "status");
    for (int s = JOB_PENDING; s < JOB_STATUS_COUNT && rc == E_OK; s++) {
        cJSON *values = json_new_object();
        cJSON *value = json_new_object();
        struct ddb_page page = {0};
        json_set_str(value, "S", job_status_word((enum job_status)s));
        json_set(values, ":s", value);
        struct ddb_read q = {.table = d->o.table,
                             .index = "status-updatedAt-index",
                             .key_condition = "#s = :s",
                             .names = names,
                             .values = values,
                             .limit = 1,
                             .newest_first = true};
        if (s != JOB_STOPPING) {
            rc = ddb_query(d->o.aws, &q, &page, e);
        }
        while (rc == E_OK && page.items != NULL && page.items->child != NULL) {
            json_push(items, cJSON_DetachItemFromArray(page.items, 0));
        }
        ddb_page_clear(&page);
        cJSON_Delete(values);
    }
    cJSON_Delete(names);
    return rc;
}

static void note_newest(struct doctor *d, const cJSON *items)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, items)
    {
        struct job *j = job_from_item(item);
        int64_t at = j == NULL ? TIME_NONE : job_time(j, NULL, NULL);
        if (at != TIME_NONE && (d->newest_ms == TIME_NONE || at > d->newest_ms)) {
            d->newest_ms = at;
        }
        job_free(j);
    }
}

void check_records(struct doctor *d, struct finding *f)
{
    bool indexed = has_status_index(d->table);
    cJSON *items = json_new_array();
    struct ddb_page page = {0};
    struct err e = {0};
    enum err_code rc = indexed ? newest_by_status(d, items, &e) : E_OK;

    /* Records that no index holds are the most likely to be odd, so a few of any kind are read. */
    if (rc == E_OK) {
        struct ddb_read scan = {.table = d->o.table, .limit = SAMPLE};
        rc = ddb_scan(d->o.aws, &scan, &page, &e);
    }
    if (doctor_looked(d, rc, &e, indexed ? "dynamodb:Query and dynamodb:Scan" : "dynamodb:Scan",
                      f)) {
        note_newest(d, items);
        note_newest(d, page.items);
        doctor_records(items, &d->names, f);
        if (f->state == DOCTOR_PASS) {
            finding_clear(f);
            doctor_records(page.items, &d->names, f);
        }
    }
    ddb_page_clear(&page);
    cJSON_Delete(items);
}

/* ---- H2 ---- */

struct drift {
    struct doctor *d;
    struct finding *f;
    cJSON *items; /* the records */
    int compared, apart, lost, astray;
};

static enum err_code recent_jobs(struct doctor *d, cJSON **jobs, struct err *e)
{
    char since[32];
    char *next = NULL;
    cJSON *list = NULL;
    const char *ids[RECENT_MAX];
    size_t n = 0;
    const cJSON *v;

    (void)snprintf(since, sizeof since, "%lld", (long long)(clock_wall_ms(d->o.clock) - RECENT_MS));
    struct batch_list l = {.queue = d->o.queue,
                           .filter_name = "AFTER_CREATED_AT",
                           .filter_value = since,
                           .max_results = RECENT_MAX};
    *jobs = NULL;
    enum err_code rc = batch_list_jobs(d->o.aws, &l, &list, &next, e);
    cJSON_ArrayForEach(v, list)
    {
        if (n < RECENT_MAX && json_str(v, "jobId") != NULL) {
            ids[n++] = json_str(v, "jobId");
        }
    }
    if (rc == E_OK && n > 0) {
        rc = batch_describe_jobs(d->o.aws, ids, n, jobs, e);
    }
    free(next);
    cJSON_Delete(list);
    return rc;
}

static const cJSON *record_of(const cJSON *items, const char *job_id)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, items)
    {
        const char *id = json_str(json_get(item, "jobId"), "S");
        if (id != NULL && strcmp(id, job_id) == 0) {
            return item;
        }
    }
    return NULL;
}

/* The job as its records tell it: its own record, and the one that its container wrote under the
 * Batch id when the container does not know its JOB_ID. NULL: there is no record. */
static struct job *job_told(const struct drift *x, const struct batch_job *b)
{
    const cJSON *item = record_of(x->items, b->job_id);
    const cJSON *part = strcmp(b->id, b->job_id) == 0 ? NULL : record_of(x->items, b->id);
    struct job *own = item == NULL ? NULL : job_from_item(item);
    struct job *container = part == NULL ? NULL : job_from_item(part);

    if (container != NULL) {
        struct job *both = job_join(b->job_id, own, container);
        job_free(container);
        job_free(own);
        return both;
    }
    return own;
}

static void compare(struct drift *x, const struct batch_job *b)
{
    int64_t now = clock_wall_ms(x->d->o.clock);
    struct job *j = job_told(x, b);
    struct job_state s = {0};

    x->compared += j != NULL;
    if (j != NULL && j->mark != JOB_RECORDED && x->astray++ < NAMED_MAX) {
        (void)finding_add(x->f, DOCTOR_WARN, "Batch job %s of %s reports under its own id: %s",
                          b->id, b->job_id, job_mark_why((enum job_mark)j->mark));
    }
    if (j == NULL) {
        if ((now - b->created_ms) / 1000 > x->d->opt.rules->drift_s && x->lost++ < NAMED_MAX) {
            (void)finding_add(x->f, DOCTOR_FAIL, "Batch job %s of %s has no record", b->id,
                              b->job_id);
        }
        return;
    }
    job_state_merge(j, b, true, now, x->d->opt.rules, &s);
    if (s.drift && x->apart++ < NAMED_MAX) {
        (void)finding_add(x->f, DOCTOR_WARN, "record %s says %s, Batch says %s", j->id,
                          job_text(j, JOB_STATUS_TEXT) == NULL ? "nothing"
                                                               : job_text(j, JOB_STATUS_TEXT),
                          batch_status_word(b->status));
    }
    job_free(j);
}

/* Notes the job when it is the first of its kind. */
static void note_first(cJSON **list, const char *key, const char *job_id)
{
    if (*list == NULL) {
        *list = json_new_object();
    }
    if (key != NULL && json_get(*list, key) == NULL) {
        json_set_str(*list, key, job_id);
    }
}

/* Keeps what other checks need of these jobs: a proof that a target starts jobs and that an image
 * can be pulled, and a log to look at. `detail` is the job as Batch describes it. */
static void remember(struct doctor *d, const struct batch_job *b, const cJSON *detail)
{
    note_first(&d->started, b->name == NULL ? "" : b->name, b->job_id);
    if (b->started_ms != TIME_NONE) {
        note_first(&d->ran, json_str(json_object(detail, "container"), "image"), b->job_id);
    }
    if (d->finished_stream == NULL && b->log_stream != NULL &&
        (b->status == BATCH_SUCCEEDED || b->status == BATCH_FAILED)) {
        d->finished_id = xstrdup(b->job_id);
        d->finished_stream = xstrdup(b->log_stream);
    }
}

static void compare_all(struct doctor *d, const cJSON *jobs, struct finding *f)
{
    struct batch_job *list[RECENT_MAX];
    const cJSON *details[RECENT_MAX];
    const char *ids[2 * RECENT_MAX];
    size_t n = 0;
    size_t keys = 0;
    struct drift x = {.d = d, .f = f};
    struct err e = {0};
    const cJSON *v;

    cJSON_ArrayForEach(v, jobs)
    {
        struct batch_job *b = n < RECENT_MAX ? batch_job_from_json(v) : NULL;
        if (b == NULL || b->job_id == NULL) {
            batch_job_free(b); /* the job is nobody's deploy */
            continue;
        }
        details[n] = v;
        list[n++] = b;
    }
    for (size_t i = 0; i < n; i++) {
        ids[keys++] = list[i]->job_id;
        if (strcmp(list[i]->id, list[i]->job_id) != 0) {
            ids[keys++] = list[i]->id;
        }
    }
    struct ddb_batch_get g = {
        .table = d->o.table, .key_name = "jobId", .ids = ids, .ids_len = keys, .consistent = true};
    enum err_code rc = n == 0 ? E_OK : ddb_batch_get(d->o.aws, &g, &x.items, &e);
    bool looked = doctor_looked(d, rc, &e, "dynamodb:BatchGetItem", f);
    for (size_t i = 0; i < n; i++) {
        remember(d, list[i], details[i]);
        if (looked) {
            compare(&x, list[i]);
        }
        batch_job_free(list[i]);
    }
    if (x.astray > 0) {
        finding_fix(f, "see D6: the target must give the container its JOB_ID");
    } else if (x.lost > 0 || x.apart > 0) {
        finding_fix(
            f, "see H1: the tracker keeps records true (infra/); each job: mvpdash status JOB_ID");
    }
    d->recent = cJSON_GetArraySize(jobs);
    if (x.compared > 0) {
        (void)finding_add(f, DOCTOR_PASS, "the newest %d do", x.compared);
    } else if (d->recent > 0) {
        (void)finding_add(f, DOCTOR_PASS,
                          "none of the newest %d Batch jobs of the last 7 days has a record old "
                          "enough to compare",
                          d->recent);
    } else {
        (void)finding_add(f, DOCTOR_PASS, "Batch has no job of the last 7 days in this queue");
    }
    cJSON_Delete(x.items);
}

void check_drift(struct doctor *d, struct finding *f)
{
    cJSON *jobs = NULL;
    struct err e = {0};
    enum err_code rc = recent_jobs(d, &jobs, &e);

    if (doctor_looked(d, rc, &e, "batch:ListJobs and batch:DescribeJobs", f)) {
        compare_all(d, jobs, f);
        f->go_on = true;
    }
    cJSON_Delete(jobs);
}
