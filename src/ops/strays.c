/* The jobs that the user index cannot hold, in the state table.
 *
 * A sort key is USER#TIME#JOB: the first 32 hexadecimal digits of the user's SHA-256, the job's
 * time as 16 digits that sort as the times do, and the job's id. DynamoDB sorts by bytes, so that a
 * Query backwards gives the list's order. */
#include "ops/strays.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/sigv4.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/rand.h"
#include "state_item.h"

enum { USER_DIGITS = 32, TIME_DIGITS = 16, ID_AT = USER_DIGITS + TIME_DIGITS + 2 };
enum { LEASE_MS = 60000 };
static const char scan_key[] = "-";

static char *partition(const struct ops *o)
{
    return xasprintf("strays#%s", o->table);
}

static void user_digits(const char *user_id, char out[USER_DIGITS + 1])
{
    char hex[65];

    sigv4_sha256_hex(user_id, strlen(user_id), hex);
    (void)snprintf(out, USER_DIGITS + 1, "%.*s", (int)USER_DIGITS, hex);
}

bool strays_sort_key(const char *user_id, int64_t time_ms, const char *job_id,
                     char out[STRAYS_SORT_SIZE])
{
    char user[USER_DIGITS + 1];

    user_digits(user_id, user);
    int n = snprintf(out, STRAYS_SORT_SIZE, "%s#%016" PRIx64 "#%s", user,
                     (uint64_t)time_ms ^ (UINT64_C(1) << 63), job_id);
    return n > 0 && n < STRAYS_SORT_SIZE;
}

/* Tells a sort key's parts; false when it is none of ours. */
static bool read_sort(const char *sort, int64_t *time_ms, const char **job_id)
{
    char *end = NULL;

    if (sort == NULL || strnlen(sort, ID_AT + 1) <= ID_AT || sort[USER_DIGITS] != '#') {
        return false;
    }
    uint64_t bits = strtoull(sort + USER_DIGITS + 1, &end, 16);
    if (end != sort + ID_AT - 1 || *end != '#') {
        return false;
    }
    bits ^= UINT64_C(1) << 63;
    memcpy(time_ms, &bits, sizeof *time_ms);
    *job_id = sort + ID_AT;
    return true;
}

/* ---- the scan's item ---- */

enum err_code strays_look(const struct ops *o, struct strays_view *out, struct err *e)
{
    char *pk = partition(o);
    cJSON *item = NULL;
    enum err_code rc = state_get(o, pk, scan_key, &item, e);

    *out = (struct strays_view){.at_ms = state_int(item, "doneAt", TIME_NONE),
                                .jobs = (size_t)state_int(item, "jobs", 0)};
    out->done = out->at_ms != TIME_NONE;
    cJSON_Delete(item);
    free(pk);
    return rc;
}

static enum err_code change_scan(const struct ops *o, const char *update, const char *condition,
                                 cJSON *values, struct err *e)
{
    char *pk = partition(o);
    enum err_code rc = state_update(o, pk, scan_key, update, condition, values, NULL, e);

    free(pk);
    return rc;
}

static cJSON *lease_values(const struct ops *o, const char *owner)
{
    cJSON *values = json_new_object();

    state_text(values, ":owner", owner);
    state_number(values, ":until", clock_wall_ms(o->clock) + LEASE_MS);
    return values;
}

enum err_code strays_begin(const struct ops *o, int64_t due_ms, char owner[40], struct err *e)
{
    char uuid[UUID_SIZE];

    rand_uuid(uuid);
    (void)snprintf(owner, 40, "%s", uuid);
    cJSON *values = lease_values(o, owner);
    state_number(values, ":due", due_ms);
    state_lease_values(values, clock_wall_ms(o->clock));
    return change_scan(o, "SET leaseOwner = :owner, leaseUntil = :until",
                       "(attribute_not_exists(doneAt) OR doneAt < :due) AND "
                       "(" STATE_LEASE_OVER " OR leaseOwner = :owner)",
                       values, e);
}

enum err_code strays_renew(const struct ops *o, const char *owner, struct err *e)
{
    return change_scan(o, "SET leaseUntil = :until", "leaseOwner = :owner", lease_values(o, owner),
                       e);
}

enum err_code strays_end(const struct ops *o, const char *owner, int64_t at_ms, size_t jobs,
                         struct err *e)
{
    cJSON *values = lease_values(o, owner);

    state_number(values, ":until", 0); /* the lease is given back */
    state_number(values, ":at", at_ms);
    state_number(values, ":jobs", (int64_t)jobs);
    return change_scan(o, "SET doneAt = :at, jobs = :jobs, leaseUntil = :until",
                       "leaseOwner = :owner", values, e);
}

/* ---- the jobs ---- */

struct telling {
    strays_fn fn;
    void *arg;
    const char *but; /* the sort key that is not told; NULL */
    size_t left;     /* how many may still be told */
};

static void tell_item(void *arg, const cJSON *item)
{
    struct telling *t = arg;
    const char *sort = attr_str(item, "sk");
    int64_t time_ms = 0;
    const char *id = NULL;

    if (t->left > 0 && read_sort(sort, &time_ms, &id) &&
        (t->but == NULL || strcmp(sort, t->but) != 0)) {
        t->left--;
        t->fn(t->arg, sort, time_ms, id);
    }
}

enum err_code strays_each(const struct ops *o, strays_fn fn, void *arg, struct err *e)
{
    char *pk = partition(o);
    struct telling t = {.fn = fn, .arg = arg, .left = SIZE_MAX};
    enum err_code rc = state_each(o, pk, "sk", tell_item, &t, e);

    free(pk);
    return rc;
}

enum err_code strays_put(const struct ops *o, const char *sort, struct err *e)
{
    char *pk = partition(o);
    cJSON *item = state_key_of(pk, sort);
    const struct ddb_action a = {.kind = DDB_ACTION_PUT,
                                 .table = o->state,
                                 .item = item,
                                 .condition = "attribute_not_exists(pk)"};
    enum err_code rc = ddb_act(o->aws, &a, NULL, e);

    cJSON_Delete(item);
    free(pk);
    return rc == E_CONFLICT ? E_OK : rc; /* it is there */
}

enum err_code strays_remove(const struct ops *o, const char *sort, struct err *e)
{
    char *pk = partition(o);
    enum err_code rc = state_delete(o, pk, sort, "attribute_exists(pk)", NULL, e);

    free(pk);
    return rc == E_CONFLICT ? E_OK : rc; /* it is gone */
}

enum err_code strays_find(const struct ops *o, const char *user_id, int64_t after_ms,
                          const char *after_id, size_t max, strays_fn fn, void *arg, struct err *e)
{
    char user[USER_DIGITS + 1];
    char low[USER_DIGITS + 2];
    char high[STRAYS_SORT_SIZE];
    char *pk = partition(o);
    cJSON *values = json_new_object();
    struct ddb_page page;

    user_digits(user_id, user);
    (void)snprintf(low, sizeof low, "%s#", user);
    if (after_id == NULL || !strays_sort_key(user_id, after_ms, after_id, high)) {
        (void)snprintf(high, sizeof high, "%s#g", user); /* above all digits */
    }
    state_text(values, ":pk", pk);
    state_text(values, ":low", low);
    state_text(values, ":high", high);
    struct telling t = {.fn = fn, .arg = arg, .but = high, .left = max};
    /* one more than wanted, because the Query begins with the job that the list is at */
    const struct ddb_read r = {.table = o->state,
                               .key_condition = "pk = :pk AND sk BETWEEN :low AND :high",
                               .projection = "sk",
                               .values = values,
                               .newest_first = true,
                               .consistent = true,
                               .limit = (int)max + 1,
                               .item = tell_item,
                               .arg = &t};
    enum err_code rc = ddb_query(o->aws, &r, &page, e);
    if (rc == E_OK) {
        ddb_page_clear(&page);
    }
    cJSON_Delete(values);
    free(pk);
    return rc;
}
