/* Questions before something happens, and the results of what was answered yes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "model_priv.h"

void ask_open(struct model *m, enum dialog_kind kind)
{
    m->under_dialog = m->mode == MODE_DIALOG ? m->under_dialog : m->mode;
    dialog_open(&m->dialog, kind);
    model_set_mode(m, MODE_DIALOG);
}

void ask_shut(struct model *m)
{
    dialog_close(&m->dialog);
    model_set_mode(m, m->under_dialog);
    m->under_dialog = MODE_NONE;
}

/* Why an action means nothing for this job; NULL when it does. */
static const char *refusal(const struct entry *e, enum dialog_kind kind)
{
    bool final = job_status_final((enum job_status)e->state.status);

    if ((e->flags & ENTRY_ACTING) != 0) {
        return "something is under way for it";
    }
    if (kind == DIALOG_CANCEL && final && !e->state.drift) {
        return "it is over";
    }
    if (kind == DIALOG_RETRY && !final) {
        return "it is not over";
    }
    return NULL;
}

static void add_job(struct model *m, const char *id)
{
    struct dialog *d = &m->dialog;
    const struct entry *e = store_find(m->store, id);
    char status[64] = "not in the list";

    if (e != NULL) {
        status_text(e, status, sizeof status);
    }
    struct dialog_job *j = dialog_add_job(d, id, e == NULL ? NULL : e->job->business_name, status);
    const char *why = e == NULL ? NULL : refusal(e, d->kind);
    if (why != NULL) {
        j->refused = true;
        (void)snprintf(j->text, sizeof j->text, "%.60s: %s", status, why);
    } else {
        d->count++;
    }
}

static void add_jobs(struct model *m)
{
    if (store_marked(m->store) == 0 || m->focus == PANE_DETAIL) {
        add_job(m, model_subject(m));
        return;
    }
    size_t len = 0;
    char **ids = store_marked_ids(m->store, &len);
    for (size_t i = 0; i < len; i++) {
        add_job(m, ids[i]);
        free(ids[i]);
    }
    free(ids);
}

static void ask_jobs(struct model *m, enum dialog_kind kind, const char *verb, const char *one,
                     const char *many)
{
    struct dialog *d = &m->dialog;

    if (model_subject(m) == NULL && store_marked(m->store) == 0) {
        model_note(m, NOTE_INFO, "No job is selected.");
        return;
    }
    ask_open(m, kind);
    add_jobs(m);
    if (d->count == 0) {
        model_note(m, NOTE_WARN, "Nothing to %s: %s%s%s", verb, d->jobs[0].id,
                   d->jobs_len > 1 ? " and the others: " : ": ", d->jobs[0].text);
        ask_shut(m);
        return;
    }
    (void)snprintf(d->title, sizeof d->title, "%c%s %zu job%s?", verb[0] - 'a' + 'A', verb + 1,
                   d->count, d->count == 1 ? "" : "s");
    (void)snprintf(d->text, sizeof d->text, "%s%s", d->count == 1 ? one : many,
                   store_marked_hidden(m->store) > 0 && d->jobs_len > 1
                       ? " Some of them are marked but not shown by the filter."
                       : "");
    d->need_count = d->count >= DIALOG_COUNT_FROM;
    d->yes = "Yes";
    (void)snprintf(d->yes_text, sizeof d->yes_text, "Yes, %s %zu", verb, d->count);
    (void)snprintf(d->no_text, sizeof d->no_text, "No");
}

void ask_cancel(struct model *m)
{
    ask_jobs(m, DIALOG_CANCEL, "cancel",
             "Its Batch job is ended, what it did so far may be lost, and its record becomes "
             "CANCELLED.",
             "Their Batch jobs are ended, what they did so far may be lost, and their records "
             "become CANCELLED.");
}

void ask_retry(struct model *m)
{
    ask_jobs(m, DIALOG_RETRY, "retry",
             "It is sent again as a new job with the same parameters. The old job stays as it is.",
             "Each is sent again as a new job with the same parameters. The old jobs stay as they "
             "are.");
}

void ask_plain(struct model *m, enum dialog_kind kind, const char *title, const char *yes,
               const char *no)
{
    struct dialog *d = &m->dialog;

    ask_open(m, kind);
    (void)snprintf(d->title, sizeof d->title, "%s", title);
    d->yes = "Yes";
    (void)snprintf(d->yes_text, sizeof d->yes_text, "%s", yes);
    (void)snprintf(d->no_text, sizeof d->no_text, "%s", no);
}

void ask_leave_form(struct model *m)
{
    ask_plain(m, DIALOG_LEAVE_FORM, "Leave the form?", "Throw it away", "Go on editing");
    (void)snprintf(m->dialog.text, sizeof m->dialog.text,
                   "What was typed is not sent and would be lost.");
}

void ask_quit(struct model *m)
{
    size_t n = model_pending(m);

    ask_plain(m, DIALOG_QUIT, "Quit?", "Quit", "Stay");
    if (m->bulk.stage == BULK_SENDING) {
        (void)snprintf(
            m->dialog.text, sizeof m->dialog.text,
            "A batch of deploys is being sent: %zu of %zu are. The rest is sent when the "
            "same file is opened again, nothing twice.",
            m->bulk.ended - m->bulk.failed, m->bulk.len);
    } else if (n > 0) {
        (void)snprintf(m->dialog.text, sizeof m->dialog.text,
                       "%zu action%s still under way. A deploy that is on its way is resumed by "
                       "the next mvpdash; anything else may or may not have taken effect.",
                       n, n == 1 ? " is" : "s are");
    } else {
        (void)snprintf(m->dialog.text, sizeof m->dialog.text,
                       "The deploy form holds a deploy that was not sent; it would be lost.");
    }
}

void ask_read_write(struct model *m)
{
    if (!m->read_only) {
        model_note(m, NOTE_INFO, "Changes are allowed already.");
        return;
    }
    if (m->read_only_fixed) {
        (void)model_may_change(m); /* says why not */
        return;
    }
    ask_plain(m, DIALOG_READ_WRITE, "Allow changes?", "Allow", "Stay read-only");
    (void)snprintf(m->dialog.text, sizeof m->dialog.text,
                   "Deploys, cancels and retries reach account %s in %s.",
                   m->link.account[0] == '\0' ? "(not known yet)" : m->link.account,
                   settings_get(m->settings, SET_REGION));
}

void ask_canary(struct model *m)
{
    ask_plain(m, DIALOG_CANARY, "Send a test job?", "Send it", "Send nothing");
    (void)snprintf(m->dialog.text, sizeof m->dialog.text,
                   "One job (user %s) goes through the real pipeline in %.20s: a record, an event "
                   "on bus %.60s, a Batch job that costs what one short run costs. It is followed "
                   "to its end, and cancelled when it does not go on.",
                   E2E_USER, settings_get(m->settings, SET_REGION),
                   settings_get(m->settings, SET_BUS));
}

void ask_bulk_send(struct model *m)
{
    const struct bulk_view *v = &m->bulk;
    struct dialog *d = &m->dialog;
    size_t n = bulk_to_send(v);
    char title[80], yes[40], *name = text_cleaned(v->name, TEXT_ONE_LINE);
    char earlier[200] = "";

    (void)snprintf(title, sizeof title, "Send %zu deploy%s?", n, n == 1 ? "" : "s");
    (void)snprintf(yes, sizeof yes, "Send %zu", n);
    if (v->earlier && v->anew) {
        (void)snprintf(earlier, sizeof earlier,
                       " An earlier run sent %zu of them: they become new jobs once more.",
                       v->earlier_sent);
    } else if (v->earlier) {
        (void)snprintf(earlier, sizeof earlier,
                       " An earlier run sent %zu of %zu: it goes on with the rest, on the same job "
                       "ids.",
                       v->earlier_sent, v->len);
    }
    ask_plain(m, DIALOG_BULK_SEND, title, yes, "Send nothing");
    d->count = n;
    d->need_count = n >= DIALOG_COUNT_FROM;
    (void)snprintf(d->text, sizeof d->text, "%.80s goes to bus %.60s in %.20s, account %s.%s", name,
                   settings_get(m->settings, SET_BUS), settings_get(m->settings, SET_REGION),
                   m->link.account[0] == '\0' ? "(not known yet)" : m->link.account, earlier);
    free(name);
}

void ask_bulk_stop(struct model *m)
{
    const struct bulk_view *v = &m->bulk;

    if (v->stage != BULK_SENDING) {
        model_note(m, NOTE_INFO, "Nothing is being sent.");
        return;
    }
    if (v->stopping) {
        model_note(m, NOTE_INFO, "It stops once what is under way has ended.");
        return;
    }
    ask_plain(m, DIALOG_BULK_STOP, "Stop sending?", "Stop", "Go on sending");
    (void)snprintf(m->dialog.text, sizeof m->dialog.text,
                   "%zu of %zu are sent. The rest is left for later; jobs that were sent go on.",
                   v->ended - v->failed, v->len);
}

/* ---- yes ---- */

static void start_jobs(struct model *m, struct effects *out)
{
    struct dialog *d = &m->dialog;
    enum task_kind kind = d->kind == DIALOG_CANCEL ? TASK_CANCEL : TASK_RETRY;

    for (size_t i = 0; i < d->jobs_len; i++) {
        struct dialog_job *j = &d->jobs[i];
        if (j->refused) {
            continue;
        }
        struct task *t = task_new(kind, model_request(m));
        t->job_id = xstrdup(j->id);
        if (kind == TASK_CANCEL) {
            t->text = xstrdup("cancelled in the dashboard");
        }
        j->request = t->request;
        j->result = RESULT_WAITING;
        model_track(m, t->request, kind, j->id);
        store_set_acting(m->store, j->id, true);
        effects_submit(out, t);
    }
    d->running = true;
}

static void accept(struct model *m, struct effects *out)
{
    struct dialog *d = &m->dialog;

    if (!dialog_may_accept(d)) {
        model_note(m, NOTE_WARN, "Type the number first: %zu.", d->count);
        return;
    }
    switch (d->kind) {
    case DIALOG_CANCEL:
    case DIALOG_RETRY:
        if (model_may_change(m)) {
            start_jobs(m, out);
        } else {
            ask_shut(m);
        }
        break;
    case DIALOG_LEAVE_FORM:
        ask_shut(m);
        form_leave(m);
        break;
    case DIALOG_QUIT:
        ask_shut(m);
        update_quit(m, out, 0);
        break;
    case DIALOG_READ_WRITE:
        ask_shut(m);
        m->read_only = false;
        model_note(m, NOTE_GOOD, "Changes are allowed.");
        break;
    case DIALOG_CANARY:
        ask_shut(m);
        doctor_send_canary(m, out);
        break;
    case DIALOG_BULK_SEND:
        ask_shut(m);
        bulk_send(m, out);
        break;
    case DIALOG_BULK_STOP:
        ask_shut(m);
        bulk_stop(m, out);
        break;
    case DIALOG_DLQ_SEND:
    case DIALOG_DLQ_EDITED:
    case DIALOG_DLQ_DELETE:
        if (model_may_change(m)) {
            dlq_start(m, out);
        } else {
            ask_shut(m);
        }
        break;
    case DIALOG_DLQ_LEAVE:
        ask_shut(m);
        dlq_form_close(m);
        break;
    case DIALOG_NONE:
        ask_shut(m);
        break;
    }
}

static void scroll(struct dialog *d, long by)
{
    size_t most = d->jobs_len > d->page ? d->jobs_len - d->page : 0;

    if (by < 0) {
        d->scroll = d->scroll > (size_t)-by ? d->scroll - (size_t)-by : 0;
    } else {
        d->scroll = d->scroll + (size_t)by < most ? d->scroll + (size_t)by : most;
    }
}

static bool count_key(struct dialog *d, const char *key)
{
    bool digit = key[0] >= '0' && key[0] <= '9' && key[1] == '\0';

    return d->need_count && !d->running && (digit || strcmp(key, "Backspace") == 0) &&
           edit_key(&d->typed, key);
}

void ask_key(struct model *m, const char *key, struct effects *out)
{
    struct dialog *d = &m->dialog;
    enum action a = keymap_find_only(m->keys, SCOPE_DIALOG, key);

    if (a == ACT_UP || a == ACT_DOWN) {
        scroll(d, a == ACT_UP ? -1 : 1);
        return;
    }
    if (a == ACT_PAGE_UP || a == ACT_PAGE_DOWN) {
        scroll(d, a == ACT_PAGE_UP ? -(long)d->page : (long)d->page);
        return;
    }
    if (count_key(d, key)) {
        return;
    }
    if (d->over || a == ACT_NO) {
        ask_shut(m); /* what is under way goes on; results come as notes then */
        return;
    }
    if (a == ACT_NONE) {
        a = keymap_find_only(m->keys, SCOPE_ALL, key);
        if (a == ACT_REDRAW || a == ACT_SUSPEND || a == ACT_SAVE_SCREEN) {
            update_action(m, a, out);
        }
        return;
    }
    if (d->running) {
        return;
    }
    if (a == ACT_FOCUS_NEXT || a == ACT_FOCUS_PREV) {
        d->yes_focus = !d->yes_focus;
    } else if (a == ACT_YES || (a == ACT_ACCEPT && d->yes_focus)) {
        accept(m, out);
    } else if (a == ACT_ACCEPT) {
        ask_shut(m);
    }
}

/* ---- results ---- */

static void watch_end(struct model *m, const char *job_id, const char *batch_id,
                      struct effects *out)
{
    struct task *t = task_new(TASK_CANCEL_WAIT, model_request(m));

    t->job_id = xstrdup(job_id);
    t->text = xstrdup(batch_id);
    model_track(m, t->request, TASK_CANCEL_WAIT, job_id);
    effects_submit(out, t);
}

static void result_text(const struct msg *msg, char *text, size_t size)
{
    if (msg->err.code != E_OK) {
        (void)snprintf(text, size, "%s", msg->err.msg);
    } else if (msg->kind == MSG_DEPLOYED) {
        (void)snprintf(text, size, "sent again as %s", msg->u.deployed.job_id);
    } else if (msg->u.cancelled.outcome == CANCEL_STOPPING) {
        (void)snprintf(text, size, "stopping: Batch was told to end it");
    } else if (msg->u.cancelled.outcome == CANCEL_ENDED) {
        (void)snprintf(text, size, "%s",
                       msg->u.cancelled.succeeded
                           ? "its record is CANCELLED, but Batch had ended it well before"
                           : "cancelled, and Batch has ended it");
    } else {
        (void)snprintf(text, size, "cancelled; there was no Batch job to end");
    }
}

static void action_result(struct model *m, const struct msg *msg, const char *job_id,
                          struct effects *out)
{
    bool good = msg->err.code == E_OK;
    bool single = m->dialog.count == 1;
    char text[300];

    result_text(msg, text, sizeof text);
    store_set_acting(m->store, job_id, false);
    const struct entry *e = store_find(m->store, job_id);
    if (good && msg->kind == MSG_CANCELLED && e != NULL && (e->flags & ENTRY_SENT) != 0) {
        (void)store_remove(m->store,
                           job_id); /* it was dropped from the outbox; a record comes back */
        list_sync(m);
    }
    if (good && msg->kind == MSG_DEPLOYED) {
        watch_sent(m, msg->u.deployed.job_id, out);
    }
    if (!good) {
        model_error(m, msg->kind == MSG_DEPLOYED ? "Retry" : "Cancel", &msg->err);
    } else {
        store_mark(m->store, job_id, false);
    }
    bool shown = m->mode == MODE_DIALOG && dialog_result(&m->dialog, msg->request, good, text);
    if (!shown || (single && good)) {
        model_note(m, good ? NOTE_GOOD : NOTE_BAD, "%s: %s", job_id, text);
    }
    if (shown && single && good) {
        ask_shut(m); /* one job that went well needs no list of results */
    }
    if (good && msg->kind == MSG_CANCELLED && msg->u.cancelled.outcome == CANCEL_STOPPING) {
        watch_end(m, job_id, msg->u.cancelled.batch_job_id, out);
    }
    schedule_hurry(m->schedule);
}

static void end_result(struct model *m, const struct msg *msg, const char *job_id)
{
    if (msg->err.code == E_CANCELLED) {
        return;
    }
    if (msg->err.code != E_OK) {
        model_error(m, "Cancel", &msg->err);
        model_note(m, NOTE_WARN, "%s: %s", job_id, msg->err.msg);
    } else if (msg->u.cancel_ended.succeeded) {
        model_note(m, NOTE_WARN, "%s had ended well in Batch before the cancel took effect.",
                   job_id);
    } else {
        model_note(m, NOTE_GOOD, "%s: Batch has ended it.", job_id);
    }
    schedule_hurry(m->schedule);
}

void ask_msg(struct model *m, const struct msg *msg, struct effects *out)
{
    char *job_id = NULL;

    if (!model_untrack(m, msg->request, &job_id)) {
        return; /* not ours, or answered already */
    }
    if (job_id != NULL && msg->kind == MSG_CANCEL_ENDED) {
        end_result(m, msg, job_id);
    } else if (job_id != NULL) {
        action_result(m, msg, job_id, out);
    }
    free(job_id);
}
