/* The questions about messages of the dead letter queue, and what became of the answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"
#include "dlq_priv.h"

/* ---- yes ---- */

static void start(struct dlq_view *v, struct desk *desk, enum task_kind kind, bool edited,
                  struct effects *out)
{
    struct dialog *d = &desk->dialog;
    struct task *t = task_new(kind, desk_request(desk));
    struct task_dlq *x = &task_as(t, dlq);

    x->ids.items = xcalloc(d->jobs_len + 1, sizeof *x->ids.items);
    for (size_t i = 0; i < d->jobs_len; i++) {
        struct dialog_job *j = &d->jobs[i];
        if (!j->refused) {
            x->ids.items[x->ids.len++] = xstrdup(j->id);
            j->request = t->request;
            j->result = RESULT_WAITING;
        }
    }
    if (edited) {
        struct dlq_edit value = dlq_form_value(&v->form);
        x->edit = xcalloc(1, sizeof *x->edit);
        dlq_edit_copy(x->edit, &value);
    }
    v->acting = (struct dlq_acting){.request = t->request, .kind = kind};
    desk_track(desk, t->request, kind, NULL);
    effects_submit(out, t);
}

static void send_messages(void *owner, struct desk *desk, struct effects *out)
{
    start(owner, desk, TASK_DLQ_SEND, false, out);
}

static void send_edited(void *owner, struct desk *desk, struct effects *out)
{
    start(owner, desk, TASK_DLQ_SEND, true, out);
}

static void delete_messages(void *owner, struct desk *desk, struct effects *out)
{
    start(owner, desk, TASK_DLQ_DELETE, false, out);
}

static void leave_form(void *owner, struct desk *d, struct effects *out)
{
    (void)d;
    (void)out;
    dlq_form_close(owner);
}

/* ---- asking ---- */

/* Writes what will go where: "to mvp-development: MVP Development Request". */
static void destination(const struct dlq_message *x, const char *type, char *buf, size_t size)
{
    char bus[DLQ_BUS_SIZE];

    (void)dlq_bus_of_rule(x->rule_arn, bus);
    (void)snprintf(buf, size, "to %.100s: %.80s", bus, type);
}

/* Adds a message. `type` is the type of the event that goes out; NULL when the message is
 * deleted. */
static void add_message(struct desk *desk, const struct dlq_message *x, const char *type)
{
    struct dialog *d = &desk->dialog;
    struct err e = {0};
    char what[300];

    if (type == NULL) {
        (void)snprintf(what, sizeof what, "%.80s", x->error_code == NULL ? "-" : x->error_code);
    } else {
        destination(x, type, what, sizeof what);
    }
    const struct entry *known = store_find(desk->store, x->job_id);
    const char *name = known != NULL && job_text(known->job, JOB_BUSINESS_NAME) != NULL
                           ? job_text(known->job, JOB_BUSINESS_NAME)
                           : x->job_id;
    struct dialog_job *j = dialog_add_job(d, x->id, name, what);
    cJSON *entry = type == NULL ? NULL : dlq_entry(x, &e);
    if (e.code != E_OK) {
        j->refused = true;
        char text[ERR_TEXT_SIZE];
        (void)snprintf(j->text, sizeof j->text, "stays: %s", err_full(&e, text));
    } else {
        d->count++;
    }
    cJSON_Delete(entry);
}

/* Adds the marked messages, or the one at the cursor. */
static void add_messages(struct dlq_view *v, struct desk *desk, bool send)
{
    bool one = v->page == DLQ_TEXT || dlq_marked(v) == 0;

    for (size_t i = 0; i < v->len; i++) {
        const struct dlq_message *x = &v->items[i].m;
        if (one ? i == v->at.at : v->items[i].marked) {
            add_message(desk, x, send ? json_str_or(x->event, "detail-type", "") : NULL);
        }
    }
}

static bool ready(struct dlq_view *v, struct desk *desk)
{
    if (v->acting.request != 0) {
        desk_note(desk, NOTE_WARN, "Messages are still being %s.",
                  v->acting.kind == TASK_DLQ_SEND ? "sent" : "deleted");
        return false;
    }
    if (dlq_current(v) == NULL) {
        desk_note(desk, NOTE_INFO, "There is no message here.");
        return false;
    }
    return true;
}

static void refused(struct desk *desk)
{
    struct dialog_job *j = &desk->dialog.jobs[0];

    desk_note(desk, NOTE_WARN, "It %s%s", j->text,
              desk->dialog.jobs_len > 1 ? "; the others too." : "");
    dialog_close(&desk->dialog);
}

void dlq_ask_send(struct dlq_view *v, struct desk *desk)
{
    struct dialog *d = &desk->dialog;

    if (!ready(v, desk)) {
        return;
    }
    dialog_open(d, send_messages, v);
    d->changes = d->lists = true;
    add_messages(v, desk, true);
    if (d->count == 0) {
        refused(desk);
        return;
    }
    (void)snprintf(d->title, sizeof d->title, "Redrive %zu event%s?", d->count,
                   d->count == 1 ? "" : "s");
    (void)snprintf(d->text, sizeof d->text,
                   "Every rule of the bus that matches %s starts its targets. A message is deleted "
                   "only after the bus has accepted its event.",
                   d->count == 1 ? "it" : "them");
    dialog_label(d, "redrive");
}

void dlq_ask_delete(struct dlq_view *v, struct desk *desk)
{
    struct dialog *d = &desk->dialog;

    if (!ready(v, desk)) {
        return;
    }
    dialog_open(d, delete_messages, v);
    d->changes = d->lists = true;
    add_messages(v, desk, false);
    char *queue = text_cleaned(v->name, TEXT_ONE_LINE);
    (void)snprintf(d->title, sizeof d->title, "Delete %zu message%s for good?", d->count,
                   d->count == 1 ? "" : "s");
    (void)snprintf(d->text, sizeof d->text,
                   "What %s of %.80s hold%s is lost: the event can no longer be redriven.",
                   d->count == 1 ? "this message" : "these messages", queue,
                   d->count == 1 ? "s" : "");
    free(queue);
    dialog_label(d, "delete");
}

void dlq_ask_edited(struct dlq_view *v, struct desk *desk)
{
    struct dlq_form *f = &v->form;
    struct dialog *d = &desk->dialog;
    const struct dlq_item *i = dlq_find(v, f->id);

    if (f->err.code != E_OK) {
        desk_note_err(desk, NOTE_BAD, &f->err, "Not sent: ");
        return;
    }
    if (i == NULL) {
        desk_note(desk, NOTE_BAD, "The message is no longer in the queue: nothing to send.");
        return;
    }
    if (!ready(v, desk)) {
        return;
    }
    dialog_open(d, send_edited, v);
    d->changes = d->lists = true;
    add_message(desk, &i->m, edit_text(&f->fields[DLQ_TYPE]));
    (void)snprintf(d->title, sizeof d->title, "Redrive the edited event?");
    (void)snprintf(d->text, sizeof d->text,
                   "Every rule of the bus that matches it starts its targets. The original message "
                   "is deleted only after the bus has accepted the edited event.");
    dialog_label(d, "send");
}

void dlq_ask_leave(struct dlq_view *v, struct desk *desk)
{
    if (!v->form.changed) {
        dlq_form_close(v);
        return;
    }
    dialog_ask(&desk->dialog, leave_form, v, "Discard the edited event?", "Discard",
               "Keep editing");
    (void)snprintf(
        desk->dialog.text, sizeof desk->dialog.text,
        "What you typed is not sent and will be lost. The message stays in the queue unchanged.");
}

/* ---- results ---- */

static void result_text(const struct msg *msg, char *buf, size_t size)
{
    const struct dlq_redriven *s = &msg_as(msg, dlq_result).sent;

    if (msg->err.code != E_OK) {
        char text[ERR_TEXT_SIZE];
        (void)snprintf(buf, size, "%s", err_full(&msg->err, text));
    } else if (msg->task == TASK_DLQ_DELETE) {
        (void)snprintf(buf, size, "deleted");
    } else {
        (void)snprintf(buf, size, "redriven to %.60s as event %.40s%s%s", s->bus, s->event_id,
                       s->note[0] != '\0' ? "; " : "", s->note);
    }
}

void dlq_result(struct dlq_view *v, struct desk *desk, const struct msg *msg)
{
    struct dlq_acting *a = &v->acting;
    const char *id = msg_as(msg, dlq_result).id;
    bool good = msg->err.code == E_OK;
    char text[ERR_TEXT_SIZE];

    if (a->request == 0 || msg->request != a->request || id == NULL) {
        return;
    }
    a->done += good;
    a->failed += !good;
    result_text(msg, text, sizeof text);
    (void)desk_failed(desk, "Dead letter queue", &msg->err);
    bool single = desk->dialog.count == 1;
    bool shown = desk->dialog.open && dialog_result_of(&desk->dialog, msg->request, id, good, text);
    if (good && v->form.id != NULL && strcmp(v->form.id, id) == 0) {
        dlq_form_close(v); /* the edited event was sent */
    }
    if (good) {
        dlq_remove(v, id);
    }
    if (shown && single && good) {
        dialog_close(&desk->dialog); /* a single message that went well needs no list of results */
        desk_note(desk, NOTE_GOOD, "%s", text);
    }
}

void dlq_acted(struct dlq_view *v, struct desk *desk, const struct msg *msg)
{
    struct dlq_acting *a = &v->acting;
    char *none = NULL;

    (void)desk_untrack(desk, msg->request, &none);
    free(none);
    if (a->request == 0 || msg->request != a->request) {
        return;
    }
    if (!desk->dialog.open && a->done + a->failed > 1) {
        desk_note(desk, a->failed > 0 ? NOTE_BAD : NOTE_GOOD, "%zu %s, %zu failed%s", a->done,
                  a->kind == TASK_DLQ_SEND ? "redriven" : "deleted", a->failed,
                  a->failed > 0 ? ": ! shows why" : "");
    } else if (!desk->dialog.open && a->failed > 0) {
        desk_note(desk, NOTE_BAD, "It failed: ! shows why.");
    }
    a->request = 0;
}
