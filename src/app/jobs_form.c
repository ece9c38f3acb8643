/* The deploy form in the dashboard: opening it, asking the rule, sending, and the results. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "jobs_priv.h"

/* Is the form's deploy being sent? Then the form takes in no text, and when the deploy has ended it
 * is emptied or shows the failure: opening the form meanwhile would lose what is typed. */
static bool on_its_way(struct jobs *j)
{
    if (j->form.state != FORM_SENDING) {
        return false;
    }
    desk_note(j->desk, NOTE_WARN, "A deploy is being sent: open the form again when it has ended.");
    return true;
}

bool form_takes_text(struct jobs *j)
{
    if (j->form.state != FORM_SENDING) {
        return true;
    }
    desk_note(j->desk, NOTE_WARN, "The deploy is being sent: what you type now is not part of it.");
    return false;
}

void form_open_new(struct jobs *j)
{
    struct form_target t = desk_target(j->desk);

    if (on_its_way(j)) {
        return;
    }
    if (!j->form.changed) {
        form_reset(&j->form, &t);
    }
    where_focus(&j->desk->where, PANE_FORM);
}

static void fill(struct jobs *j, const cJSON *item)
{
    struct form_target t = desk_target(j->desk);
    struct deploy_request r;

    deploy_request_init(&r);
    deploy_request_from_job(&r, item);
    form_fill(&j->form, &r, &t);
    deploy_request_clear(&r);
    where_focus(&j->desk->where, PANE_FORM);
    const struct form_field *at = &j->form.fields[j->form.focus];
    if (at->def->required && edit_text(&at->edit)[0] == '\0') {
        desk_note(j->desk, NOTE_INFO, "The job's record has no %s: fill it in, then send (F5).",
                  at->def->name);
    }
}

void form_open_again(struct jobs *j, const char *job_id, struct effects *out)
{
    const struct detail *d = &j->detail;

    if (job_id == NULL) {
        desk_note(j->desk, NOTE_INFO, "No job is selected.");
        return;
    }
    if (on_its_way(j)) {
        return;
    }
    if (j->form.changed) {
        desk_note(j->desk, NOTE_WARN,
                  "The form holds a deploy that was not sent: send it (F5) or leave it (Esc).");
        where_focus(&j->desk->where, PANE_FORM);
        return;
    }
    if (d->data != NULL && d->data->item != NULL && strcmp(d->job_id, job_id) == 0) {
        fill(j, d->data->item);
        return;
    }
    /* The list does not have all of the record: metadata that the form does not know would be
     * lost. */
    j->again_request = desk_request(j->desk);
    struct task *task = task_new(TASK_DETAIL, j->again_request);
    task->job_id = xstrdup(job_id);
    effects_submit(out, task);
    desk_note(j->desk, NOTE_INFO, "Reading the job's record...");
}

void form_again_take(struct jobs *j, const struct msg *msg)
{
    j->again_request = 0;
    if (msg->err.code != E_OK || msg_as(msg, detail) == NULL) {
        desk_note_err(j->desk, NOTE_BAD, &msg->err, "%s", "");
    } else if (msg_as(msg, detail)->item == NULL) {
        desk_note(j->desk, NOTE_WARN,
                  "The job has no record of its own to fill the form from: n opens a new one.");
    } else if (j->desk->where.view != VIEW_JOBS || desk_covered(j->desk)) {
        desk_note(j->desk, NOTE_INFO,
                  "The job's record was read after you left the list: press the key again.");
    } else if (!j->form.changed && !on_its_way(j)) {
        j->desk->note[0] = '\0';
        fill(j, msg_as(msg, detail)->item);
    }
}

static struct task *task_with(struct jobs *j, enum task_kind kind, const struct deploy_request *r)
{
    struct task *t = task_new(kind, desk_request(j->desk));
    struct deploy_request *copy = xcalloc(1, sizeof *copy);

    deploy_request_init(copy);
    deploy_request_copy(copy, r);
    task_as(t, deploy) = copy;
    return t;
}

static void complain(struct jobs *j)
{
    const struct form_field *bad = &j->form.fields[j->form.focus];

    desk_note(j->desk, NOTE_BAD, "Not sent: %s: %s", bad->def->label, bad->err);
}

static void test(struct jobs *j, struct effects *out)
{
    struct deploy_request r;

    if (!form_request(&j->form, &r, true)) {
        complain(j);
        return;
    }
    deploy_request_seal(&r, j->desk->now_ms);
    struct task *t = task_with(j, TASK_RULE_CHECK, &r);
    j->form.check = CHECK_ASKING;
    j->form.check_request = t->request;
    effects_submit(out, t);
    deploy_request_clear(&r);
}

/* Shows the job at once, before the table has it. */
static void show_sent(struct jobs *j, const struct deploy_request *r)
{
    cJSON *item = deploy_record_item(r);
    struct job *job = job_from_item(item);

    if (job != NULL) {
        store_put_sent(j->desk->store, job, j->desk->now_ms);
        store_set_acting(j->desk->store, r->job_id, true);
    }
    cJSON_Delete(item);
}

static void send(struct jobs *j, struct effects *out)
{
    struct form *f = &j->form;
    struct deploy_request r;

    if (f->state == FORM_SENDING) {
        desk_note(j->desk, NOTE_INFO, "It is being sent.");
        return;
    }
    if (!desk_may_change(j->desk) || !desk_key_meant(j->desk)) {
        return;
    }
    if (!form_request(f, &r, true)) {
        complain(j);
        return;
    }
    deploy_request_seal(&r, j->desk->now_ms);
    if (store_find(j->desk->store, r.job_id) != NULL) {
        desk_note(j->desk, NOTE_BAD, "Not sent: a job %s already exists: give another job id.",
                  r.job_id);
        deploy_request_clear(&r);
        return;
    }
    struct task *t = task_with(j, TASK_DEPLOY, &r);
    f->request = t->request;
    f->state = FORM_SENDING;
    f->send_err = (struct err){0};
    desk_track(j->desk, t->request, TASK_DEPLOY, r.job_id);
    show_sent(j, &r);
    effects_submit(out, t);
    desk_note(j->desk, NOTE_INFO, "Sending %s...", r.job_id);
    deploy_request_clear(&r);
}

/* Empties the form: the request is in the outbox or sent, and nothing of it is left to send. */
static void finished(struct jobs *j, const struct msg *msg, const char *job_id)
{
    struct form *f = &j->form;
    struct form_target t = desk_target(j->desk);
    bool here = j->desk->where.view == VIEW_JOBS && j->desk->where.focus == PANE_FORM &&
                !desk_covered(j->desk);

    form_reset(f, &t);
    memcpy(f->sent_job, msg_as(msg, deployed).job_id, sizeof f->sent_job);
    memcpy(f->sent_event, msg_as(msg, deployed).event_id, sizeof f->sent_event);
    f->sent_ms = j->desk->now_ms;
    if (here && job_id != NULL) {
        detail_open(j, job_id, TAB_OVERVIEW);
        size_t row = 0;
        if (store_row_of(j->desk->store, job_id, &row)) {
            list_to_row(j, row);
        }
    }
}

void form_deployed(struct jobs *j, const struct msg *msg, struct effects *out)
{
    struct form *f = &j->form;
    char *job_id = NULL;

    if (!desk_untrack(j->desk, msg->request, &job_id) || msg->request != f->request) {
        free(job_id);
        return;
    }
    f->request = 0;
    f->state = FORM_EDITING;
    if (job_id != NULL) {
        store_set_acting(j->desk->store, job_id, false);
    }
    schedule_hurry(j->desk->schedule);
    if (msg->err.code == E_OK) {
        const char *event = msg_as(msg, deployed).event_id;
        jobs_sent(j, msg_as(msg, deployed).job_id, out);
        finished(j, msg, job_id);
        desk_note(j->desk, NOTE_GOOD, "Sent %s to bus %s in %s%s%s; recorded in %s.",
                  msg_as(msg, deployed).job_id, settings_get(j->desk->settings, SET_BUS),
                  settings_get(j->desk->settings, SET_REGION), event[0] == '\0' ? "" : ", event ",
                  event, settings_get(j->desk->settings, SET_TABLE));
    } else if (msg_as(msg, deployed).kept) {
        jobs_sent(j, msg_as(msg, deployed).job_id, out);
        finished(j, msg, job_id);
        desk_error(j->desk, "Deploy", &msg->err);
        desk_note_err(j->desk, NOTE_WARN, &msg->err, "%s", "");
    } else {
        f->send_err = msg->err;
        if (job_id != NULL) {
            const struct entry *e = store_find(j->desk->store, job_id);
            if (e != NULL && (e->flags & ENTRY_SENT) != 0) {
                (void)store_remove(j->desk->store, job_id);
            }
        }
        desk_error(j->desk, "Deploy", &msg->err);
        desk_note_err(j->desk, NOTE_BAD, &msg->err, "Not sent: ");
    }
    free(job_id);
}

static void form_leave(struct jobs *j)
{
    struct form_target t = desk_target(j->desk);

    form_reset(&j->form, &t);
    j->desk->where.side = PANE_DETAIL;
    if (j->desk->where.previous.view == VIEW_JOBS && j->desk->where.previous.pane == PANE_FORM) {
        where_focus(&j->desk->where, PANE_LIST);
    } else {
        where_back(&j->desk->where);
    }
}

static void throw_away(void *owner, struct desk *d, struct effects *out)
{
    (void)d;
    (void)out;
    form_leave(owner);
}

static void ask_leave(struct jobs *j)
{
    dialog_ask(&j->desk->dialog, throw_away, j, "Discard the form?", "Discard", "Keep editing");
    (void)snprintf(j->desk->dialog.text, sizeof j->desk->dialog.text,
                   "What you typed is not sent and will be lost.");
}

static void leave(struct jobs *j)
{
    if (form_unsent(&j->form)) {
        ask_leave(j);
    } else if (j->form.state == FORM_SENDING) {
        where_focus(&j->desk->where, PANE_LIST);
    } else {
        form_leave(j);
    }
}

bool form_action(struct jobs *j, enum action a, struct effects *out)
{
    struct form_target t = desk_target(j->desk);

    switch (a) {
    case ACT_FIELD_NEXT:
        form_move(&j->form, 1);
        return true;
    case ACT_FIELD_PREV:
        form_move(&j->form, -1);
        return true;
    case ACT_CHOICE_NEXT:
    case ACT_CHOICE_PREV:
        if (form_takes_text(j)) {
            form_choose(&j->form, a == ACT_CHOICE_NEXT ? 1 : -1, &t);
        }
        return true;
    case ACT_PAGE_UP:
    case ACT_PAGE_DOWN:
        textview_scroll(&j->form.preview, (int)rows_distance(a, (size_t)j->form.preview.rows));
        return true;
    case ACT_TEST:
        test(j, out);
        return true;
    case ACT_SEND:
        send(j, out);
        return true;
    case ACT_LEAVE:
    case ACT_CLOSE:
    case ACT_BACK:
        leave(j);
        return true;
    default:
        return false;
    }
}
