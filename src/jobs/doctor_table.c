/* The doctor's rules C1 and C2: the table, and whether its records can be read. */
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "jobs/doctor.h"
#include "jobs/job.h"

enum { NAMED_MAX = 3 };

static bool key_is(const cJSON *schema, const char *type, const char *name)
{
    const cJSON *k;

    cJSON_ArrayForEach(k, schema)
    {
        if (strcmp(json_str_or(k, "KeyType", ""), type) == 0) {
            return strcmp(json_str_or(k, "AttributeName", ""), name) == 0;
        }
    }
    return false;
}

static const cJSON *index_named(const cJSON *table, const char *name)
{
    const cJSON *x;

    cJSON_ArrayForEach(x, json_array(table, "GlobalSecondaryIndexes"))
    {
        if (strcmp(json_str_or(x, "IndexName", ""), name) == 0) {
            return x;
        }
    }
    return NULL;
}

static void check_index(const cJSON *table, const char *name, const char *hash, const char *range,
                        const char *cost, const struct doctor_names *n, struct finding *f)
{
    const cJSON *x = index_named(table, name);
    const cJSON *schema = json_array(x, "KeySchema");
    char text[512];

    if (x != NULL && (!key_is(schema, "HASH", hash) || !key_is(schema, "RANGE", range))) {
        if (finding_add(f, DOCTOR_FAIL, "index %s does not have the key %s, %s", name, hash,
                        range)) {
            finding_fix(f, "create the index %s again with these two attributes", name);
        }
    } else if (x != NULL && strcmp(json_str_or(x, "IndexStatus", "ACTIVE"), "ACTIVE") != 0) {
        if (finding_add(f, DOCTOR_WARN, "index %s is %s", name, json_str(x, "IndexStatus"))) {
            finding_fix(f, "wait until it is ACTIVE");
        }
    } else if (x == NULL && finding_add(f, DOCTOR_WARN, "index %s is missing: %s", name, cost)) {
        (void)snprintf(text, sizeof text,
                       "[{\"Create\":{\"IndexName\":\"%s\",\"KeySchema\":[{\"AttributeName\":"
                       "\"%s\",\"KeyType\":\"HASH\"},{\"AttributeName\":\"%s\",\"KeyType\":"
                       "\"RANGE\"}],\"Projection\":{\"ProjectionType\":\"ALL\"}}}]",
                       name, hash, range);
        finding_fix(f,
                    "`aws dynamodb update-table --region %-s --table-name %-s "
                    "--attribute-definitions AttributeName=%s,AttributeType=S "
                    "AttributeName=%s,AttributeType=S --global-secondary-index-updates %-s`",
                    n->region, n->table, hash, range, text);
    }
}

void doctor_table(const cJSON *table, const struct doctor_names *n, struct finding *f)
{
    const char *status = json_str_or(table, "TableStatus", "ACTIVE");

    if (!key_is(json_array(table, "KeySchema"), "HASH", "jobId") &&
        finding_add(f, DOCTOR_FAIL,
                    "table %s does not have the key jobId: it is not a table of jobs", n->table)) {
        finding_fix(f,
                    "name the right one: mvpdash doctor --table NAME (`aws dynamodb list-tables "
                    "--region %-s` lists them)",
                    n->region);
    }
    if (strcmp(status, "ACTIVE") != 0 && strcmp(status, "UPDATING") != 0 &&
        finding_add(f, DOCTOR_FAIL, "table %s is %s", n->table, status)) {
        finding_fix(f, "`aws dynamodb describe-table --region %-s --table-name %-s`", n->region,
                    n->table);
    }
    check_index(table, "user-jobs-index", "userId", "createdAt",
                "a user's jobs need a scan of the whole table", n, f);
    check_index(table, "status-updatedAt-index", "status", "updatedAt",
                "watching costs more requests", n, f);
    if (!json_bool(json_object(table, "StreamSpecification"), "StreamEnabled", false) &&
        finding_add(f, DOCTOR_WARN, "the table has no stream, so mvpdash polls for changes")) {
        finding_fix(
            f,
            "`aws dynamodb update-table --region %-s --table-name %-s --stream-specification "
            "StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES`",
            n->region, n->table);
    }
    (void)finding_add(f, DOCTOR_PASS, "%s with both indexes and a stream", n->table);
}

/* Why mvpdash can show a record only in part; NULL when it can show all of it. */
static const char *odd(const struct job *j)
{
    return j == NULL                              ? "has no usable jobId"
           : j->status == JOB_NO_STATUS           ? "has no status"
           : j->status == JOB_OTHER_STATUS        ? "has a status that mvpdash does not know"
           : job_time(j, NULL, NULL) == TIME_NONE ? "has no time that can be read"
           : job_text(j, JOB_USER_ID) == NULL || !*job_text(j, JOB_USER_ID) ? "has no userId"
                                                                            : NULL;
}

void doctor_records(const cJSON *items, const struct doctor_names *n, struct finding *f)
{
    const cJSON *item;
    int seen = 0;
    int bad = 0;

    cJSON_ArrayForEach(item, items)
    {
        struct job *j = job_from_item(item);
        const char *what = odd(j);
        const char *id = j == NULL ? "?" : j->id;
        seen++;
        if (what != NULL && bad++ < NAMED_MAX &&
            finding_add(f, DOCTOR_WARN, "record %s %s", id, what) && bad == 1) {
            finding_fix(f, "see who wrote it: `mvpdash status %-s --json` (table %s)", id,
                        n->table);
        }
        job_free(j);
    }
    if (bad > NAMED_MAX) {
        (void)finding_add(f, DOCTOR_WARN, "and %d more", bad - NAMED_MAX);
    }
    (void)finding_add(f, DOCTOR_PASS,
                      seen == 0 ? "no records yet" : "%d records read without a fault", seen);
}
