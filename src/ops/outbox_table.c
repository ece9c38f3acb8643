/* The outbox in the state table: one item for each request that is on its way.
 *
 * DESIGN: an item is written by the transaction that also writes the job's record, and says from
 * the start that its event is being sent ("sent"): this saves a write before PutEvents, and whoever
 * takes the item over looks first whether the event arrived, as the files' outbox does with the
 * same word. What became of PutEvents is written when the item is left ("kept": certainly not
 * sent), or it is deleted.
 *
 * A lease takes the place of the files' lock (ops/state_table.h). Before the event goes out, the
 * lease must last long enough; else it is renewed, which fails when another replica has taken the
 * item over. An item that was taken over and stays is left for AGAIN_MS, so that all replicas
 * together look at it no more often than one would.
 *
 * The items are spread over SHARDS partitions by job id, because one partition takes 1,000 writes a
 * second at most. */
#include "outbox_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/rand.h"
#include "core/secret.h"
#include "outbox_priv.h"
#include "state_item.h"

enum { SHARDS = 16, AGAIN_MS = 10000, VOID_S = 3600 };

#define OWNED "leaseOwner = :owner"
static const struct outbox_store table_store; /* at the end of this file */
static const char voided[] = "void"; /* the stage of an item that only keeps a late one away */

static char *shard_key(const struct ops *o, unsigned shard)
{
    return xasprintf("outbox#%s#%s#%u", o->table, o->bus, shard);
}

static char *key_of(const struct ops *o, const char *job_id)
{
    return shard_key(o, (unsigned)(hash_text(HASH_START, job_id) % SHARDS));
}

static void lease_begin(const struct ops *o, struct outbox_lease *l)
{
    int64_t ms = state_lease_ms();

    rand_uuid(l->owner);
    l->wall_ms = clock_wall_ms(o->clock) + ms;
    l->mono_ms = clock_mono_ms(o->clock) + ms - STATE_LEASE_SPARE_MS / 2;
}

static void prepare(const struct ops *o, const char *job_id, struct outbox_entry *x)
{
    outbox_entry_init(o, x);
    x->store = &table_store;
    (void)snprintf(x->job_id, sizeof x->job_id, "%s", job_id);
    x->path = key_of(o, job_id);
}

enum err_code outbox_table_add(const struct ops *o, const struct deploy_request *r,
                               struct outbox_entry *out, struct err *e)
{
    prepare(o, "", out);
    if (!job_id_valid(r->job_id)) {
        outbox_entry_clear(out);
        return err_set(e, E_INVALID, "jobId must be 1-128 of letters, digits, '.', '_' and '-'");
    }
    free(out->path);
    outbox_entry_fill(out, r);
    out->path = key_of(o, r->job_id);
    out->stage = OUTBOX_SENT;
    out->sent_ms = out->kept_ms;
    lease_begin(o, &out->lease);
    return E_OK;
}

cJSON *outbox_table_item(const struct outbox_entry *x)
{
    cJSON *item = state_key_of(x->path, x->job_id);
    cJSON *request = outbox_request_json(x);
    char *text = json_text(request);

    state_text(item, "entry", text);
    state_text(item, "requestId", x->request_id);
    state_text(item, "stage", outbox_stage_word(x->stage));
    state_number(item, "keptAt", x->kept_ms);
    state_number(item, "sentAt", x->sent_ms);
    state_text(item, "leaseOwner", x->lease.owner);
    state_number(item, "leaseUntil", x->lease.wall_ms);
    secret_free(text);
    cJSON_Delete(request);
    return item;
}

enum err_code outbox_table_void(struct outbox_entry *x, struct err *e)
{
    const struct ops *o = x->ops;
    cJSON *item = state_key_of(x->path, x->job_id);
    cJSON *current = NULL;
    const struct ddb_action a = {.kind = DDB_ACTION_PUT,
                                 .table = o->state,
                                 .item = item,
                                 .condition = "attribute_not_exists(pk)",
                                 .want_old = true};

    state_text(item, "stage", voided);
    state_text(item, "requestId", x->request_id);
    state_number(item, "expiresAt", clock_wall_ms(o->clock) / 1000 + VOID_S);
    enum err_code rc = ddb_act(o->aws, &a, &current, e);
    const char *stage = attr_str(current, "stage");
    const char *whose = attr_str(current, "requestId");
    bool ours = whose != NULL && strcmp(whose, x->request_id) == 0;
    if (rc == E_CONFLICT && current == NULL) {
        rc = err_set(e, E_PARSE, "what is in the outbox for job %s is not told", x->job_id);
    } else if (rc == E_CONFLICT && (!ours || (stage != NULL && strcmp(stage, voided) == 0))) {
        rc = E_OK; /* another request's item keeps it away; or an attempt whose reply was lost */
    }
    cJSON_Delete(current);
    cJSON_Delete(item);
    return rc;
}

/* ---- reading ---- */

/* Fills the entry from its item. */
static enum err_code take_item(struct outbox_entry *x, const cJSON *item, struct err *e)
{
    const char *text = attr_str(item, "entry");
    const char *stage = attr_str(item, "stage");
    const char *why = attr_str(item, "why");
    cJSON *doc = text == NULL ? NULL : json_parse(text, strlen(text), "outbox", NULL);
    char sent[24];

    (void)snprintf(sent, sizeof sent, "%lld", (long long)state_int(item, "sentAt", 0));
    enum err_code rc = E_PARSE;
    if (cJSON_IsObject(doc) && stage != NULL) {
        json_set_str(doc, "stage", stage);
        json_set_str(doc, "sentAt", sent);
        json_set_str(doc, "why", why == NULL ? "" : why);
        rc = outbox_parse(doc, x, e);
    } else {
        (void)err_set(e, E_PARSE, "%s: the item of job %s is not an outbox entry", x->path,
                      x->job_id);
    }
    cJSON_Delete(doc);
    x->stands = rc == E_OK;
    return rc;
}

enum err_code outbox_table_open(const struct ops *o, const char *job_id, struct outbox_entry *out,
                                struct err *e)
{
    cJSON *values = json_new_object();
    cJSON *item = NULL;
    cJSON *current = NULL;

    if (!job_id_valid(job_id)) {
        outbox_entry_init(o, out);
        return err_set(e, E_NOT_FOUND, "the outbox has no such job");
    }
    prepare(o, job_id, out);
    lease_begin(o, &out->lease);
    state_text(values, ":owner", out->lease.owner);
    state_text(values, ":void", voided);
    state_number(values, ":until", out->lease.wall_ms);
    state_lease_values(values, clock_wall_ms(o->clock));
    enum err_code rc = state_update(
        o, out->path, job_id, "SET leaseOwner = :owner, leaseUntil = :until",
        "attribute_exists(pk) AND stage <> :void AND (" STATE_LEASE_OVER " OR leaseOwner = :owner)",
        values, &current, e);
    if (rc == E_CONFLICT) {
        rc = current == NULL || attr_str(current, "entry") == NULL
                 ? err_set(e, E_NOT_FOUND, "the outbox has no job %s", job_id)
                 : err_set(e, E_CONFLICT, "job %s is being sent by another replica", job_id);
    }
    cJSON_Delete(current);
    if (rc == E_OK) {
        rc = state_get(o, out->path, job_id, &item, e);
    }
    if (rc == E_OK) {
        const char *owner = attr_str(item, "leaseOwner");
        bool ours = owner != NULL && strcmp(owner, out->lease.owner) == 0;
        rc = ours ? take_item(out, item, e)
                  : err_set(e, E_CONFLICT, "job %s was taken by another replica", job_id);
    }
    out->taken = true;
    cJSON_Delete(item);
    if (rc != E_OK) {
        outbox_entry_clear(out);
    }
    return rc;
}

struct reading {
    struct outbox_item *items;
    size_t len, cap;
    int64_t now_ms;
};

static void read_one(void *arg, const cJSON *item)
{
    struct reading *r = arg;
    const char *id = attr_str(item, "sk");
    const char *stage = attr_str(item, "stage");
    struct outbox_item x = {.kind = OUTBOX_OURS, .kept_ms = state_int(item, "keptAt", TIME_NONE)};

    if (id == NULL || !job_id_valid(id) || (stage != NULL && strcmp(stage, voided) == 0)) {
        return;
    }
    (void)snprintf(x.job_id, sizeof x.job_id, "%s", id);
    x.busy = state_lease_stands(state_int(item, "leaseUntil", 0), r->now_ms);
    if (stage == NULL || !outbox_stage_parse(stage, &x.stage)) {
        x.kind = OUTBOX_BROKEN;
        (void)snprintf(x.why, sizeof x.why, "the item of job %s is not an outbox entry", id);
    }
    r->items = xgrow(r->items, r->len, &r->cap, sizeof *r->items);
    r->items[r->len++] = x;
}

enum err_code outbox_table_read(const struct ops *o, struct outbox_item **items, size_t *len,
                                struct err *e)
{
    struct reading r = {.now_ms = clock_wall_ms(o->clock)};
    enum err_code rc = E_OK;

    for (unsigned shard = 0; shard < SHARDS && rc == E_OK; shard++) {
        char *pk = shard_key(o, shard);
        rc = state_each(o, pk, "sk, stage, keptAt, leaseUntil", read_one, &r, e);
        free(pk);
    }
    if (rc != E_OK) { /* some were read, but how many there are is not known */
        free(r.items);
        r = (struct reading){.items = NULL};
        (void)err_wrap(e, "what waits in the outbox is not known");
    }
    if (r.len > 0) {
        qsort(r.items, r.len, sizeof *r.items, outbox_by_age);
    }
    *items = r.items;
    *len = r.len;
    return rc;
}

/* The item is there and nobody works on it; also where nobody can read the lease. */
static const char free_to_change[] = "attribute_exists(pk) AND " STATE_LEASE_OVER;

enum err_code outbox_table_replace(const struct ops *o, const struct deploy_request *r,
                                   int64_t sent_ms, struct err *e)
{
    struct outbox_entry x;

    prepare(o, r->job_id, &x);
    outbox_entry_fill(&x, r);
    x.stage = OUTBOX_SENT;
    x.sent_ms = sent_ms;
    x.kept_ms = sent_ms;
    rand_uuid(x.lease.owner); /* the lease has run out: whoever comes first takes it over */
    cJSON *item = outbox_table_item(&x);
    cJSON *values = json_new_object();
    state_lease_values(values, clock_wall_ms(o->clock));
    const struct ddb_action a = {.kind = DDB_ACTION_PUT,
                                 .table = o->state,
                                 .item = item,
                                 .values = values,
                                 .condition = free_to_change};
    enum err_code rc = ddb_act(o->aws, &a, NULL, e);
    if (rc == E_CONFLICT) {
        rc = err_set(e, E_CONFLICT, "job %s is being sent by another replica, or was", r->job_id);
    }
    cJSON_Delete(values);
    cJSON_Delete(item);
    outbox_entry_clear(&x);
    return rc;
}

/* Also what nobody can read is dropped, unless somebody works on it. */
enum err_code outbox_table_drop(const struct ops *o, const char *job_id, struct err *e)
{
    cJSON *values = json_new_object();
    cJSON *item = NULL;
    char *pk = key_of(o, job_id);

    state_lease_values(values, clock_wall_ms(o->clock));
    enum err_code rc = state_delete(o, pk, job_id, free_to_change, values, e);
    if (rc == E_CONFLICT) {
        rc = state_get(o, pk, job_id, &item, e);
        if (rc == E_OK) {
            rc = item == NULL
                     ? err_set(e, E_NOT_FOUND, "the outbox has no job %s", job_id)
                     : err_set(e, E_CONFLICT, "job %s is being sent by another replica", job_id);
        }
    }
    cJSON_Delete(item);
    free(pk);
    return rc;
}

/* ---- the steps of an open entry ---- */

static enum err_code table_sync(struct outbox_entry *x, struct err *e)
{
    (void)x;
    (void)e;
    return E_OK;
}

/* Writes stage, time and lease, as long as the item is ours. */
static enum err_code write_state(struct outbox_entry *x, enum outbox_stage stage, int64_t sent_ms,
                                 int64_t until_ms, const char *why, struct err *e)
{
    cJSON *values = json_new_object();

    state_text(values, ":owner", x->lease.owner);
    state_text(values, ":stage", outbox_stage_word(stage));
    state_number(values, ":sent", sent_ms == TIME_NONE ? 0 : sent_ms);
    state_number(values, ":until", until_ms);
    if (why != NULL) {
        state_text(values, ":why", why);
    }
    enum err_code rc = state_update(
        x->ops, x->path, x->job_id,
        why != NULL ? "SET stage = :stage, sentAt = :sent, leaseUntil = :until, why = :why"
                    : "SET stage = :stage, sentAt = :sent, leaseUntil = :until",
        OWNED, values, NULL, e);
    return rc == E_CONFLICT
               ? err_set(e, E_CONFLICT, "job %s was taken by another replica", x->job_id)
               : rc;
}

static enum err_code table_mark_sent(struct outbox_entry *x, int64_t now_ms, struct err *e)
{
    const struct ops *o = x->ops;
    bool says_so = !x->taken && x->stage == OUTBOX_SENT;

    if (says_so && clock_mono_ms(o->clock) < x->lease.mono_ms) {
        return E_OK; /* the item was written so, a moment ago */
    }
    int64_t ms = state_lease_ms();
    int64_t mono_ms = clock_mono_ms(o->clock) + ms - STATE_LEASE_SPARE_MS / 2;
    enum err_code rc = write_state(x, OUTBOX_SENT, now_ms, clock_wall_ms(o->clock) + ms, NULL, e);
    if (rc == E_OK) {
        x->stage = OUTBOX_SENT;
        x->sent_ms = now_ms;
        x->lease.mono_ms = mono_ms;
    }
    return rc;
}

/* outbox_leave writes it: until then the item says more than is certain, and never less. */
static enum err_code table_mark_kept(struct outbox_entry *x, struct err *e)
{
    (void)e;
    x->stage = OUTBOX_KEPT;
    x->sent_ms = TIME_NONE;
    return E_OK;
}

static enum err_code table_mark_dead(const struct ops *o, struct outbox_entry *x, const char *why,
                                     struct err *e)
{
    x->stage = OUTBOX_DEAD;
    (void)snprintf(x->why, sizeof x->why, "%s", why);
    return write_state(x, OUTBOX_DEAD, x->sent_ms, clock_wall_ms(o->clock) + state_lease_ms(),
                       x->why, e);
}

static int64_t table_waited_ms(struct outbox_entry *x)
{
    if (x->sent_ms == TIME_NONE) {
        return 0;
    }
    int64_t now_ms = clock_wall_ms(x->ops->clock);
    if (now_ms < x->sent_ms) { /* the time is from a clock that is ahead: the waiting begins anew */
        x->sent_ms = now_ms;
        return 0;
    }
    return now_ms - x->sent_ms;
}

static void table_done(struct outbox_entry *x)
{
    if (x->stands) {
        cJSON *values = json_new_object();
        state_text(values, ":owner", x->lease.owner);
        /* when this fails, whoever takes the item over finds that there is nothing left to do */
        (void)!state_delete(x->ops, x->path, x->job_id, OWNED, values, NULL);
    }
    outbox_entry_clear(x);
}

static void table_leave(struct outbox_entry *x)
{
    if (x->stands) {
        int64_t now_ms = clock_wall_ms(x->ops->clock);
        /* when this fails, the lease runs out by itself */
        (void)!write_state(x, x->stage, x->sent_ms, x->taken ? now_ms + AGAIN_MS : now_ms,
                           x->stage == OUTBOX_DEAD ? x->why : NULL, NULL);
    }
    outbox_entry_clear(x);
}

static const struct outbox_store table_store = {.sync = table_sync,
                                                .mark_sent = table_mark_sent,
                                                .mark_kept = table_mark_kept,
                                                .mark_dead = table_mark_dead,
                                                .waited_ms = table_waited_ms,
                                                .done = table_done,
                                                .undo = table_done,
                                                .leave = table_leave};
