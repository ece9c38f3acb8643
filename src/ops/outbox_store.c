/* The outbox, whatever keeps it: files of this machine, or the table that replicas share. */
#include <stdio.h>
#include <string.h>

#include "core/rand.h"
#include "outbox_priv.h"
#include "outbox_table.h"

void outbox_entry_init(const struct ops *o, struct outbox_entry *x)
{
    *x = (struct outbox_entry){.fd = -1, .sent_ms = TIME_NONE, .ops = o};
    deploy_request_init(&x->request);
}

void outbox_entry_fill(struct outbox_entry *x, const struct deploy_request *r)
{
    (void)snprintf(x->job_id, sizeof x->job_id, "%s", r->job_id);
    x->stage = OUTBOX_KEPT;
    x->kept_ms = clock_wall_ms(x->ops->clock);
    if (r->request_id[0] != '\0') {
        memcpy(x->request_id, r->request_id, sizeof x->request_id);
    } else {
        rand_uuid(x->request_id);
    }
    deploy_request_copy(&x->request, r);
}

/* An entry that was never filled belongs to nobody, and the files' steps do nothing with it. */
static const struct outbox_store *store_of(const struct outbox_entry *x)
{
    return x->store == NULL ? &outbox_files : x->store;
}

enum err_code outbox_add(const struct ops *o, const struct deploy_request *r,
                         struct outbox_entry *out, struct err *e)
{
    return o->state == NULL ? outbox_file_add(o, r, out, e) : outbox_table_add(o, r, out, e);
}

enum err_code outbox_open(const struct ops *o, const char *job_id, struct outbox_entry *out,
                          struct err *e)
{
    return o->state == NULL ? outbox_file_open(o, job_id, out, e)
                            : outbox_table_open(o, job_id, out, e);
}

enum err_code outbox_drop(const struct ops *o, const char *job_id, struct err *e)
{
    return o->state == NULL ? outbox_file_drop(o, job_id, e) : outbox_table_drop(o, job_id, e);
}

enum err_code outbox_read(const struct ops *o, struct outbox_item **items, size_t *len,
                          struct err *e)
{
    if (o->state != NULL) {
        return outbox_table_read(o, items, len, e);
    }
    *len = outbox_file_scan(o, items);
    return E_OK;
}

enum err_code outbox_replace(const struct ops *o, const struct deploy_request *r, int64_t sent_ms,
                             struct err *e)
{
    return o->state == NULL ? outbox_file_replace(o, r, sent_ms, e)
                            : outbox_table_replace(o, r, sent_ms, e);
}

size_t outbox_scan(const struct ops *o, struct outbox_item **items)
{
    size_t len = 0;

    return outbox_read(o, items, &len, NULL) == E_OK ? len : 0;
}

enum err_code outbox_sync(struct outbox_entry *x, struct err *e)
{
    return store_of(x)->sync(x, e);
}

enum err_code outbox_mark_sent(struct outbox_entry *x, int64_t now_ms, struct err *e)
{
    return store_of(x)->mark_sent(x, now_ms, e);
}

enum err_code outbox_mark_kept(struct outbox_entry *x, struct err *e)
{
    return store_of(x)->mark_kept(x, e);
}

enum err_code outbox_mark_dead(const struct ops *o, struct outbox_entry *x, const char *why,
                               struct err *e)
{
    return store_of(x)->mark_dead(o, x, why, e);
}

int64_t outbox_waited_ms(struct outbox_entry *x)
{
    return store_of(x)->waited_ms(x);
}

void outbox_done(struct outbox_entry *x)
{
    store_of(x)->done(x);
}

void outbox_undo(struct outbox_entry *x)
{
    store_of(x)->undo(x);
}

void outbox_leave(struct outbox_entry *x)
{
    store_of(x)->leave(x);
}
