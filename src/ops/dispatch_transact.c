/* dispatch_transact.c - the record, the outbox item and the item of the Idempotency-Key of a
 * deploy, written in one transaction of the state table's.
 *
 * DESIGN: after the transaction a deploy is taken in; before it there is nothing of it. What lies
 * between, a transaction whose reply was lost, is settled before anybody is told anything: by its
 * token, with which the client sends it again; else by the record, which says whose it is; else by
 * an item in the place of the outbox item, which makes a transaction fail that is still under way.
 * Only when none of these can be asked is the outcome not known, and that is what the caller is
 * told then (deploy_result.unknown). */
#include <string.h>

#include "aws/attr.h"
#include "core/deadline.h"
#include "core/json.h"
#include "dispatch.h"
#include "outbox_table.h"
#include "state_item.h"

enum { RECORD, OUTBOX, KEY, ACTIONS };
enum { WRITE_PERCENT = 60 }; /* of the time that is left; the rest is for settling */

static const char refused[] = "ConditionalCheckFailed";

static bool is_refused(const struct ddb_reasons *why, size_t i)
{
    return i < why->len && strcmp(why->items[i].code, refused) == 0;
}

static void nothing_done(struct dispatch *f)
{
    f->end = DISPATCH_FAILED;
    f->err.maybe_done = false;
    outbox_undo(&f->entry);
}

/* It stands: the event may be sent. */
static void stands(struct dispatch *f)
{
    f->recorded = true;
    f->entry.stands = true;
    f->err = (struct err){0};
}

/* The key is known: is the item ours, by an attempt whose reply was lost? */
static bool key_is_ours(struct dispatch *f, const struct ddb_reasons *why)
{
    const cJSON *item = why->items[KEY].item;
    const char *whose = attr_str(item, "requestId");

    if (whose != NULL && strcmp(whose, f->entry.request_id) == 0) {
        return true;
    }
    state_key_read(f->key, item);
    return false;
}

/* The transaction was refused because the key was seen before. */
static void refused_by_key(struct dispatch *f, const struct ddb_reasons *why)
{
    if (key_is_ours(f, why)) {
        stands(f);
        return;
    }
    (void)err_set(&f->err, E_CONFLICT, "the Idempotency-Key is known");
    f->key_known = true;
    nothing_done(f);
}

/* Was the transaction done, of which no reply came, or which an earlier attempt of its own may have
 * refused? */
static void settle(const struct ops *o, struct dispatch *f)
{
    const struct err put = f->err;
    struct err e = {0};
    cJSON *item = NULL;
    enum err_code rc = ddb_get_item(o->aws, o->table, "jobId", f->entry.job_id, true, &item, &e);
    enum pickup p = dispatch_pickup(item, f->entry.request_id);

    dispatch_fault(o, "settling");
    bool ours = rc == E_OK && p != PICKUP_GONE && p != PICKUP_OTHER;
    if (ours) {
        stands(f);
    }
    if (ours && p == PICKUP_ENDED) { /* nobody wants it any more */
        dispatch_drop(f, item);
    } else if (ours && p == PICKUP_YES) { /* another replica has sent it */
        dispatch_arrived(o, f);
    }
    cJSON_Delete(item);
    if (ours) {
        return;
    }
    rc = outbox_table_void(&f->entry, &e);
    if (rc == E_CONFLICT) {
        stands(f);
        return;
    }
    f->err = put;
    if (rc == E_OK) {
        dispatch_tell(&f->err, "nothing was recorded or sent");
        nothing_done(f);
        return;
    }
    dispatch_tell(&f->err, "whether %s was taken is not known", f->entry.job_id);
    f->unknown = true;
    f->end = DISPATCH_FAILED;
    outbox_undo(&f->entry);
}

static enum err_code write_all(const struct ops *o, struct dispatch *f, struct ddb_reasons *why)
{
    cJSON *record = dispatch_record_item(f);
    cJSON *entry = outbox_table_item(&f->entry);
    cJSON *values = NULL;
    cJSON *key = f->key == NULL
                     ? NULL
                     : state_key_item(f->key, f->entry.job_id, f->entry.request_id, &values);
    struct ddb_action actions[ACTIONS];

    actions[RECORD] = (struct ddb_action){.kind = DDB_ACTION_PUT,
                                          .table = o->table,
                                          .item = record,
                                          .condition = "attribute_not_exists(jobId)"};
    actions[OUTBOX] = (struct ddb_action){.kind = DDB_ACTION_PUT,
                                          .table = o->state,
                                          .item = entry,
                                          .condition = "attribute_not_exists(pk)"};
    actions[KEY] = (struct ddb_action){.kind = DDB_ACTION_PUT,
                                       .table = o->state,
                                       .item = key,
                                       .condition = state_key_absent,
                                       .values = values,
                                       .want_old = true};
    /* the request id is a uuid: it is as good for the token, and the same in each attempt */
    const struct ddb_transaction t = {.actions = actions,
                                      .len = key == NULL ? ACTIONS - 1 : ACTIONS,
                                      .token = f->entry.request_id};
    int64_t all = deadline_share(WRITE_PERCENT);
    enum err_code rc = ddb_transact(o->aws, &t, why, &f->err);

    (void)deadline_set(all);
    cJSON_Delete(record);
    cJSON_Delete(entry);
    cJSON_Delete(key);
    cJSON_Delete(values);
    return rc;
}

void dispatch_transact(const struct ops *o, struct dispatch *f)
{
    struct ddb_reasons why = {.len = 0};

    if (f->entry.stands) { /* written by an earlier work, the record with it */
        f->recorded = true;
        return;
    }
    dispatch_fault(o, "record");
    enum err_code rc = write_all(o, f, &why);
    if (rc == E_OK) {
        stands(f);
    } else if (f->key != NULL && is_refused(&why, KEY)) {
        refused_by_key(f, &why);
    } else if (is_refused(&why, RECORD) || is_refused(&why, OUTBOX)) {
        (void)err_set(&f->err, E_CONFLICT, "job id %s is taken by another job in table %s",
                      f->entry.job_id, o->table);
        settle(o, f);
    } else if (f->err.maybe_done) {
        settle(o, f);
    } else {
        dispatch_tell(&f->err, "nothing was recorded or sent");
        nothing_done(f);
    }
    ddb_reasons_clear(&why);
    dispatch_fault(o, "recorded");
}
