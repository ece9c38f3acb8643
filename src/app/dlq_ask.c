/* Questions about messages of the dead letter queue, and what became of the answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"
#include "dlq_priv.h"

/* ---- asking ---- */

/* What goes where: "to mvp-development: MVP Development Request". */
static void destination(const struct dlq_message *x, const char *type, char *buf, size_t size)
{
    char bus[DLQ_BUS_SIZE];

    (void)dlq_bus_of_rule(x->rule_arn, bus);
    (void)snprintf(buf, size, "to %.100s: %.80s", bus, type);
}

static void add_message(struct model *m, const struct dlq_message *x, const char *type)
{
    struct dialog *d = &m->dialog;
    struct err e = {0};
    char what[300];

    if (d->kind == DIALOG_DLQ_DELETE) {
        (void)snprintf(what, sizeof what, "%.80s", x->error_code == NULL ? "-" : x->error_code);
    } else {
        destination(x, type, what, sizeof what);
    }
    const struct entry *known = store_find(m->store, x->job_id);
    const char *name =
        known != NULL && known->job->business_name != NULL ? known->job->business_name : x->job_id;
    struct dialog_job *j = dialog_add_job(d, x->id, name, what);
    cJSON *entry = d->kind == DIALOG_DLQ_DELETE ? NULL : dlq_entry(x, &e);
    if (e.code != E_OK) {
        j->refused = true;
        (void)snprintf(j->text, sizeof j->text, "stays: %.200s", e.msg);
    } else {
        d->count++;
    }
    cJSON_Delete(entry);
}

/* The marked ones, or the one at hand. */
static void add_messages(struct model *m)
{
    struct dlq_view *v = &m->dlq;
    bool one = v->page == DLQ_TEXT || dlq_marked(v) == 0;

    for (size_t i = 0; i < v->len; i++) {
        const struct dlq_message *x = &v->items[i].m;
        if (one ? i == v->cursor : v->items[i].marked) {
            add_message(m, x, json_str_or(x->event, "detail-type", ""));
        }
    }
}

static bool ready(struct model *m)
{
    if (m->dlq.acting.request != 0) {
        model_note(m, NOTE_WARN, "Messages are being %s still.",
                   m->dlq.acting.kind == TASK_DLQ_SEND ? "sent" : "deleted");
        return false;
    }
    if (dlq_current(&m->dlq) == NULL) {
        model_note(m, NOTE_INFO, "There is no message here.");
        return false;
    }
    return true;
}

static void label(struct dialog *d, const char *verb)
{
    d->need_count = d->count >= DIALOG_COUNT_FROM;
    d->yes = "Yes";
    (void)snprintf(d->yes_text, sizeof d->yes_text, "Yes, %s %zu", verb, d->count);
    (void)snprintf(d->no_text, sizeof d->no_text, "No");
}

static void refused(struct model *m)
{
    struct dialog_job *j = &m->dialog.jobs[0];

    model_note(m, NOTE_WARN, "It %s%s", j->text, m->dialog.jobs_len > 1 ? "; the others too." : "");
    ask_shut(m);
}

void dlq_ask_send(struct model *m)
{
    struct dialog *d = &m->dialog;

    if (!ready(m)) {
        return;
    }
    ask_open(m, DIALOG_DLQ_SEND);
    add_messages(m);
    if (d->count == 0) {
        refused(m);
        return;
    }
    (void)snprintf(d->title, sizeof d->title, "Send %zu event%s again?", d->count,
                   d->count == 1 ? "" : "s");
    (void)snprintf(d->text, sizeof d->text,
                   "Every rule and target of the bus that matches gets %s. A message is deleted "
                   "only after the bus took its event.",
                   d->count == 1 ? "it" : "them");
    label(d, "send");
}

void dlq_ask_delete(struct model *m)
{
    struct dialog *d = &m->dialog;

    if (!ready(m)) {
        return;
    }
    ask_open(m, DIALOG_DLQ_DELETE);
    add_messages(m);
    char *queue = text_cleaned(m->dlq.name, TEXT_ONE_LINE);
    (void)snprintf(d->title, sizeof d->title, "Delete %zu message%s for good?", d->count,
                   d->count == 1 ? "" : "s");
    (void)snprintf(
        d->text, sizeof d->text, "What %s of %.80s hold%s is lost: the event is not sent again.",
        d->count == 1 ? "this message" : "these messages", queue, d->count == 1 ? "s" : "");
    free(queue);
    label(d, "delete");
}

void dlq_ask_edited(struct model *m)
{
    struct dlq_form *f = &m->dlq.form;
    struct dialog *d = &m->dialog;
    const struct dlq_item *i = dlq_find(&m->dlq, f->id);

    if (f->err.code != E_OK) {
        model_note(m, NOTE_BAD, "Not sent: %s", f->err.msg);
        return;
    }
    if (i == NULL) {
        model_note(m, NOTE_BAD, "The message is no longer in the queue: nothing to send.");
        return;
    }
    if (!ready(m)) {
        return;
    }
    ask_open(m, DIALOG_DLQ_EDITED);
    add_message(m, &i->m, edit_text(&f->fields[DLQ_TYPE]));
    (void)snprintf(d->title, sizeof d->title, "Send the edited event?");
    (void)snprintf(d->text, sizeof d->text,
                   "Every rule and target of the bus that matches gets it. The original message "
                   "is deleted only after the bus took the edited event.");
    label(d, "send");
}

void dlq_ask_leave(struct model *m)
{
    if (!m->dlq.form.changed) {
        dlq_form_close(m);
        return;
    }
    ask_plain(m, DIALOG_DLQ_LEAVE, "Leave the event?", "Throw it away", "Go on editing");
    (void)snprintf(m->dialog.text, sizeof m->dialog.text,
                   "What was typed is not sent and would be lost. The message stays in the queue "
                   "as it is.");
}

/* ---- yes ---- */

void dlq_start(struct model *m, struct effects *out)
{
    struct dialog *d = &m->dialog;
    enum task_kind kind = d->kind == DIALOG_DLQ_DELETE ? TASK_DLQ_DELETE : TASK_DLQ_SEND;
    struct task *t = task_new(kind, model_request(m));

    t->ids = xcalloc(d->jobs_len + 1, sizeof *t->ids);
    for (size_t i = 0; i < d->jobs_len; i++) {
        struct dialog_job *j = &d->jobs[i];
        if (!j->refused) {
            t->ids[t->ids_len++] = xstrdup(j->id);
            j->request = t->request;
            j->result = RESULT_WAITING;
        }
    }
    if (d->kind == DIALOG_DLQ_EDITED) {
        struct dlq_edit value = dlq_form_value(&m->dlq.form);
        t->edit = xcalloc(1, sizeof *t->edit);
        dlq_edit_copy(t->edit, &value);
    }
    m->dlq.acting = (struct dlq_acting){.request = t->request, .kind = kind};
    model_track(m, t->request, kind, NULL);
    effects_submit(out, t);
    d->running = true;
}

/* ---- results ---- */

static void result_text(const struct msg *msg, char *buf, size_t size)
{
    const struct dlq_redriven *s = &msg->u.dlq_result.sent;

    if (msg->err.code != E_OK) {
        (void)snprintf(buf, size, "%s", msg->err.msg);
    } else if (msg->task == TASK_DLQ_DELETE) {
        (void)snprintf(buf, size, "deleted");
    } else {
        (void)snprintf(buf, size, "sent to %.60s as event %.40s%s%s", s->bus, s->event_id,
                       s->note[0] != '\0' ? "; " : "", s->note);
    }
}

void dlq_result(struct model *m, const struct msg *msg)
{
    struct dlq_acting *a = &m->dlq.acting;
    const char *id = msg->u.dlq_result.id;
    bool good = msg->err.code == E_OK;
    char text[500];

    if (a->request == 0 || msg->request != a->request || id == NULL) {
        return;
    }
    a->done += good;
    a->failed += !good;
    result_text(msg, text, sizeof text);
    if (!good && msg->err.code != E_CANCELLED) {
        model_error(m, "Dead letter queue", &msg->err);
    }
    bool single = m->dialog.count == 1;
    bool shown =
        m->mode == MODE_DIALOG && dialog_result_of(&m->dialog, msg->request, id, good, text);
    if (good && m->dlq.form.id != NULL && strcmp(m->dlq.form.id, id) == 0) {
        dlq_form_close(m); /* what was edited is sent */
    }
    if (good) {
        dlq_remove(m, id);
    }
    if (shown && single && good) {
        ask_shut(m); /* one that went well needs no list of results */
        model_note(m, NOTE_GOOD, "%s", text);
    }
}

void dlq_acted(struct model *m, const struct msg *msg)
{
    struct dlq_acting *a = &m->dlq.acting;
    char *none = NULL;

    (void)model_untrack(m, msg->request, &none);
    free(none);
    if (a->request == 0 || msg->request != a->request) {
        return;
    }
    if (m->mode != MODE_DIALOG && a->done + a->failed > 1) {
        model_note(m, a->failed > 0 ? NOTE_BAD : NOTE_GOOD, "%zu %s, %zu failed%s", a->done,
                   a->kind == TASK_DLQ_SEND ? "sent again" : "deleted", a->failed,
                   a->failed > 0 ? ": ! tells why" : "");
    } else if (m->mode != MODE_DIALOG && a->failed > 0) {
        model_note(m, NOTE_BAD, "It failed: ! tells why.");
    }
    a->request = 0;
}
