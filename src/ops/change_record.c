/* Changing a record as a container reports. */
#include "aws/dynamodb.h"
#include "core/rand.h"
#include "jobs/record_change.h"
#include "ops/job_ops.h"

enum { RACES_MAX = 6 };

static enum err_code update_once(const struct ops *o, const char *job_id,
                                 const struct record_change *u, const cJSON *item, cJSON **current,
                                 struct err *e)
{
    struct record_change_expr x = {0};

    record_change_build(u, item, clock_wall_ms(o->clock), &x);
    struct ddb_update d = {.table = o->table,
                           .key_name = "jobId",
                           .key_value = job_id,
                           .update = x.update,
                           .condition = x.condition,
                           .names = x.names,
                           .values = x.values};
    enum err_code rc = ddb_update_item(o->aws, &d, NULL, current, e);
    record_change_expr_clear(&x);
    return rc;
}

/* Finds out whether an update that failed was taken after all: only the record tells. */
static enum err_code look(const struct ops *o, const char *job_id, const char *token, struct err *e)
{
    cJSON *item = NULL;
    enum err_code rc = e->code;

    if (ddb_get_item(o->aws, o->table, "jobId", job_id, true, &item, NULL) == E_OK &&
        record_change_taken(item, token)) {
        *e = (struct err){0};
        rc = E_OK;
    } else {
        (void)err_wrap(e, "whether the report on %s was taken is not known", job_id);
        e->maybe_done = true;
    }
    cJSON_Delete(item);
    return rc;
}

/* Handles a lost race: E_OK when the record says what was wanted, E_CONFLICT with `*again` when the
 * update is worth another try on the record as it is now. Takes `item`, the record as it was read,
 * and replaces it by the present record. */
static enum err_code after_conflict(const struct ops *o, const char *job_id,
                                    const struct record_change *u, cJSON **item, cJSON *current,
                                    bool *again, struct err *e)
{
    if (current == NULL) { /* not every endpoint sends the present record along */
        enum err_code rc = ddb_get_item(o->aws, o->table, "jobId", job_id, true, &current, e);
        if (rc != E_OK) {
            return rc;
        }
    }
    bool changed = !cJSON_Compare(*item, current, true);
    cJSON_Delete(*item);
    *item = current;
    enum err_code rc = record_change_explain(u, current, e);
    /* The update was refused on the very record that was read: trying again changes nothing. */
    *again = rc == E_CONFLICT && changed;
    return rc;
}

/* Makes the report. The expression depends on the record's shape (which maps exist), so the record
 * is read first; the condition makes sure that the shape is still the same, and after a lost race
 * the report is tried again on the record as it is then. What the report writes holds its token: so
 * a try whose reply was lost is found. */
static enum err_code report(const struct ops *o, const char *job_id,
                            const struct record_change *update, struct err *e)
{
    struct record_change u = *update;
    struct err own = {0};
    char token[UUID_SIZE];
    cJSON *item = NULL;

    e = e == NULL ? &own : e;
    enum err_code rc = record_change_check(&u, e);
    if (rc != E_OK) {
        return rc;
    }
    if (u.token == NULL) {
        rand_uuid(token);
        u.token = token;
    }
    rc = ddb_get_item(o->aws, o->table, "jobId", job_id, true, &item, e);
    /* When the caller gave a token, an earlier try may have been taken. */
    bool again = rc == E_OK && !(item != NULL && record_change_taken(item, u.token));
    for (int race = 0; again && race <= RACES_MAX; race++) {
        cJSON *current = NULL;
        if (item == NULL) {
            rc = err_set(e, E_NOT_FOUND, "no job %s in table %s (%s)", job_id, o->table,
                         aws_client_region(o->aws));
            break;
        }
        again = false;
        rc = update_once(o, job_id, &u, item, &current, e);
        if (rc == E_CONFLICT) {
            rc = after_conflict(o, job_id, &u, &item, current, &again, e);
        } else if (rc != E_OK && e->maybe_done) {
            rc = look(o, job_id, u.token, e);
        }
    }
    cJSON_Delete(item);
    return rc;
}

enum err_code ops_change_record(const struct ops *o, const char *job_id,
                                const struct record_change *u, struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = report(o, job_id, u, e);

    ops_end(begun);
    return rc;
}
