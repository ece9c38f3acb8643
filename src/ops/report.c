#include "jobs/report.h"

#include "aws/dynamodb.h"
#include "ops/job_ops.h"

enum { RACES_MAX = 6 };

static enum err_code update_once(const struct ops *o, const char *job_id,
                                 const struct report_update *u, const cJSON *item, cJSON **current,
                                 struct err *e)
{
    struct report_expr x = {0};

    report_build(u, item, clock_wall_ms(o->clock), &x);
    struct ddb_update d = {.table = o->table,
                           .key_name = "jobId",
                           .key_value = job_id,
                           .update = x.update,
                           .condition = x.condition,
                           .names = x.names,
                           .values = x.values};
    enum err_code rc = ddb_update_item(o->aws, &d, NULL, current, e);
    report_expr_clear(&x);
    return rc;
}

/* The expression depends on the record's shape (which maps exist), so the record is read first; the
 * condition makes sure that it still is so, and a lost race is tried again on what is there then.
 */
enum err_code ops_report(const struct ops *o, const char *job_id, const struct report_update *u,
                         struct err *e)
{
    cJSON *item = NULL;
    enum err_code rc = report_check(u, e);

    if (rc != E_OK) {
        return rc;
    }
    rc = ddb_get_item(o->aws, o->table, "jobId", job_id, true, &item, e);
    for (int race = 0; rc == E_OK; race++) {
        cJSON *current = NULL;
        if (item == NULL) {
            rc = err_set(e, E_NOT_FOUND, "no job %s in table %s (%s)", job_id, o->table,
                         aws_client_region(o->aws));
            break;
        }
        rc = update_once(o, job_id, u, item, &current, e);
        if (rc == E_CONFLICT && current == NULL) { /* not every endpoint sends it along */
            struct err ignored;
            (void)!ddb_get_item(o->aws, o->table, "jobId", job_id, true, &current, &ignored);
        }
        bool changed = rc == E_CONFLICT && !cJSON_Compare(item, current, true);
        cJSON_Delete(item);
        item = current;
        if (rc != E_CONFLICT) {
            break;
        }
        rc = report_explain(u, item, e);
        /* Refused on the very record that was read: trying again changes nothing. */
        if (rc != E_CONFLICT || !changed || race >= RACES_MAX) {
            break;
        }
        rc = E_OK;
    }
    cJSON_Delete(item);
    return rc;
}
