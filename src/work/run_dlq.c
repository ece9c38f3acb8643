/* The tasks about the dead letter queue. Messages are held only while a task runs: a message that
 * is looked at is given back at once, and an action takes its message anew, by the message's id. */
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "run_priv.h"

static enum err_code look(struct run *r, struct dlq_look *out, struct err *e)
{
    const struct dlq_wish wish = {.limit = DLQ_MOST, .hold_s = DLQ_LOOK_S};
    struct dlq_queue q;
    enum err_code rc = ops_dlq_open(r->o, &q, e);

    if (rc != E_OK) {
        return rc;
    }
    rc = ops_dlq_take(r->o, &q, &wish, &out->list, e);
    if (rc == E_OK) {
        ops_dlq_give_back(r->o, &q, &out->list);
    }
    (void)snprintf(out->name, sizeof out->name, "%s", q.name);
    out->visible = q.visible;
    out->hidden = q.hidden;
    out->keep_s = q.keep_s;
    dlq_queue_clear(&q);
    return rc;
}

void run_dlq_look(struct run *r)
{
    struct err e = {0};
    struct dlq_look *l = xcalloc(1, sizeof *l);
    enum err_code rc = look(r, l, &e);
    struct msg *m = run_answer(r, MSG_DLQ, rc, &e);

    if (rc == E_OK) {
        msg_as(m, dlq) = l;
        l = NULL;
    }
    dlq_look_free(l);
    run_send(r, m);
}

/* How many messages the queue holds. No message is received for it. */
void run_dlq_depth(struct run *r)
{
    struct err e = {0};
    struct dlq_queue q = {0};
    enum err_code rc = ops_dlq_open(r->o, &q, &e);
    struct msg *m = run_answer(r, MSG_DLQ_DEPTH, rc, &e);

    if (rc == E_OK) {
        msg_as(m, dlq_depth) = q.visible + q.hidden;
        dlq_queue_clear(&q);
    }
    run_send(r, m);
}

/* ---- sending again, deleting: each by itself ---- */

static void tell(struct run *r, const char *id, const struct dlq_redriven *sent, enum err_code rc,
                 const struct err *e)
{
    struct msg *m = run_answer(r, MSG_DLQ_RESULT, rc, e);

    msg_as(m, dlq_result).id = xstrdup(id);
    if (sent != NULL) {
        msg_as(m, dlq_result).sent = *sent;
    }
    run_send(r, m);
}

static struct dlq_message *find(struct dlq_list *l, const char *id)
{
    for (size_t i = 0; i < l->len; i++) {
        if (strcmp(l->items[i].id, id) == 0) {
            return &l->items[i];
        }
    }
    return NULL;
}

static enum err_code act(struct run *r, const struct dlq_queue *q, struct dlq_list *l,
                         const char *id, struct dlq_redriven *sent, struct err *e)
{
    struct dlq_message *m = find(l, id);

    if (m == NULL) {
        (void)err_set(e, E_NOT_FOUND,
                      "the message is no longer in the queue, or another reader has it");
        return err_hint_set(e,
                            "read the queue again: a message that another reader holds comes back");
    }
    if (r->t->kind == TASK_DLQ_DELETE) {
        enum err_code rc = ops_dlq_delete(r->o, q, m, e);
        sent->deleted = rc == E_OK;
        return rc;
    }
    const struct dlq_edit *edit = task_as(r->t, dlq).edit;
    if (edit != NULL && dlq_message_edit(m, edit, e) != E_OK) {
        return E_INVALID;
    }
    return ops_dlq_redrive(r->o, q, l, m, false, sent, e);
}

static void act_on_all(struct run *r, const struct dlq_queue *q, struct dlq_list *l)
{
    enum err_code stop = E_OK;
    struct err why = {0};
    const struct task_ids *ids = &task_as(r->t, dlq).ids;

    for (size_t i = 0; i < ids->len; i++) {
        struct dlq_redriven sent = {0};
        struct err e = why;
        enum err_code rc = stop != E_OK ? stop : act(r, q, l, ids->items[i], &sent, &e);
        tell(r, ids->items[i], &sent, rc, &e);
        if (stop == E_OK && err_means(rc, ERR_FOR_ALL)) {
            stop = rc;
            why = e;
            (void)err_wrap(&why, "not tried, because the one before it failed");
        }
    }
}

void run_dlq_act(struct run *r)
{
    const struct task_ids *ids = &task_as(r->t, dlq).ids;
    const struct dlq_wish wish = {.ids = (const char *const *)ids->items,
                                  .ids_len = ids->len,
                                  .limit = DLQ_MOST,
                                  .hold_s = DLQ_HOLD_S};
    struct dlq_queue q;
    struct dlq_list l = {0};
    struct err e = {0};
    enum err_code rc = ops_dlq_open(r->o, &q, &e);

    if (rc == E_OK) {
        rc = ops_dlq_take(r->o, &q, &wish, &l, &e);
        if (rc == E_OK) {
            act_on_all(r, &q, &l);
            ops_dlq_give_back(r->o, &q, &l);
        }
        dlq_queue_clear(&q);
    }
    for (size_t i = 0; rc != E_OK && i < ids->len; i++) {
        tell(r, ids->items[i], NULL, rc, &e);
    }
    dlq_list_clear(&l);
    run_send(r, run_answer(r, MSG_DONE, rc, &e));
}
