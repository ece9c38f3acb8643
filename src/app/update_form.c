/* The deploy form in the dashboard: opening, asking the rule, sending, and what comes of it. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "model_priv.h"

void form_open_new(struct model *m)
{
    struct form_target t = model_target(m);

    if (!m->form.changed && m->form.state != FORM_SENDING) {
        form_reset(&m->form, &t);
    }
    model_focus(m, PANE_FORM);
}

static void fill(struct model *m, const cJSON *item)
{
    struct form_target t = model_target(m);
    struct deploy_request r;

    deploy_request_init(&r);
    deploy_request_from_job(&r, item);
    form_fill(&m->form, &r, &t);
    deploy_request_clear(&r);
    model_focus(m, PANE_FORM);
}

void form_open_again(struct model *m, const char *job_id, struct effects *out)
{
    const struct detail *d = &m->detail;

    if (job_id == NULL) {
        model_note(m, NOTE_INFO, "No job is selected.");
        return;
    }
    if (m->form.changed || m->form.state == FORM_SENDING) {
        model_note(m, NOTE_WARN, "The form holds a deploy that is not sent: send or leave it.");
        model_focus(m, PANE_FORM);
        return;
    }
    if (d->data != NULL && d->data->item != NULL && strcmp(d->job_id, job_id) == 0) {
        fill(m, d->data->item);
        return;
    }
    /* The list has not all of the record: metadata that the form does not know would get lost. */
    m->again_request = model_request(m);
    struct task *task = task_new(TASK_DETAIL, m->again_request);
    task->job_id = xstrdup(job_id);
    effects_submit(out, task);
    model_note(m, NOTE_INFO, "Reading the job's record...");
}

void form_again_take(struct model *m, const struct msg *msg)
{
    m->again_request = 0;
    if (msg->err.code != E_OK || msg->u.detail == NULL) {
        model_note(m, NOTE_BAD, "%s: %s", msg->err.msg, err_hint(&msg->err));
    } else if (!m->form.changed && m->form.state != FORM_SENDING) {
        m->note[0] = '\0';
        fill(m, msg->u.detail->item);
    }
}

static struct task *task_with(struct model *m, enum task_kind kind, const struct deploy_request *r)
{
    struct task *t = task_new(kind, model_request(m));

    t->deploy = xcalloc(1, sizeof *t->deploy);
    deploy_request_init(t->deploy);
    deploy_request_copy(t->deploy, r);
    return t;
}

static void complain(struct model *m)
{
    const struct form_field *bad = &m->form.fields[m->form.focus];

    model_note(m, NOTE_BAD, "Not sent: %s: %s", bad->def->label, bad->err);
}

static void test(struct model *m, struct effects *out)
{
    struct deploy_request r;

    if (!form_request(&m->form, &r, true)) {
        complain(m);
        return;
    }
    deploy_request_seal(&r, m->now_ms);
    struct task *t = task_with(m, TASK_RULE_CHECK, &r);
    m->form.check = CHECK_ASKING;
    m->form.check_request = t->request;
    effects_submit(out, t);
    deploy_request_clear(&r);
}

/* The job shows at once, before the table has it. */
static void show_sent(struct model *m, const struct deploy_request *r)
{
    cJSON *item = deploy_record_item(r);
    struct job *j = job_from_item(item);

    if (j != NULL) {
        store_put_sent(m->store, j, m->now_ms);
        store_set_acting(m->store, r->job_id, true);
        list_sync(m);
    }
    cJSON_Delete(item);
}

static void send(struct model *m, struct effects *out)
{
    struct form *f = &m->form;
    struct deploy_request r;

    if (f->state == FORM_SENDING || !model_may_change(m)) {
        return;
    }
    if (!form_request(f, &r, true)) {
        complain(m);
        return;
    }
    deploy_request_seal(&r, m->now_ms);
    if (store_find(m->store, r.job_id) != NULL) {
        model_note(m, NOTE_BAD, "Not sent: there is a job %s already: give another job id.",
                   r.job_id);
        deploy_request_clear(&r);
        return;
    }
    struct task *t = task_with(m, TASK_DEPLOY, &r);
    f->request = t->request;
    f->state = FORM_SENDING;
    f->send_err = (struct err){0};
    model_track(m, t->request, TASK_DEPLOY, r.job_id);
    show_sent(m, &r);
    effects_submit(out, t);
    model_note(m, NOTE_INFO, "Sending %s...", r.job_id);
    deploy_request_clear(&r);
}

/* The request is in the outbox or out: nothing of it is left to send. */
static void finished(struct model *m, const struct msg *msg, const char *job_id)
{
    struct form *f = &m->form;
    struct form_target t = model_target(m);
    bool here = m->focus == PANE_FORM && m->mode == MODE_NONE;

    form_reset(f, &t);
    memcpy(f->sent_job, msg->u.deployed.job_id, sizeof f->sent_job);
    memcpy(f->sent_event, msg->u.deployed.event_id, sizeof f->sent_event);
    f->sent_ms = m->now_ms;
    if (here && job_id != NULL) {
        detail_open(m, job_id, TAB_OVERVIEW);
        list_sync(m);
        size_t row = 0;
        if (store_row_of(m->store, job_id, &row)) {
            list_to_row(m, row);
        }
    }
}

void form_deployed(struct model *m, const struct msg *msg, struct effects *out)
{
    struct form *f = &m->form;
    char *job_id = NULL;

    if (!model_untrack(m, msg->request, &job_id) || msg->request != f->request) {
        free(job_id);
        return;
    }
    f->request = 0;
    f->state = FORM_EDITING;
    if (job_id != NULL) {
        store_set_acting(m->store, job_id, false);
    }
    schedule_hurry(m->schedule);
    if (msg->err.code == E_OK) {
        const char *event = msg->u.deployed.event_id;
        watch_sent(m, msg->u.deployed.job_id, out);
        finished(m, msg, job_id);
        model_note(m, NOTE_GOOD, "Sent %s to bus %s in %s%s%s; recorded in %s.",
                   msg->u.deployed.job_id, settings_get(m->settings, SET_BUS),
                   settings_get(m->settings, SET_REGION), event[0] == '\0' ? "" : ", event ", event,
                   settings_get(m->settings, SET_TABLE));
    } else if (msg->u.deployed.kept) {
        watch_sent(m, msg->u.deployed.job_id, out);
        finished(m, msg, job_id);
        model_error(m, "Deploy", &msg->err);
        model_note(m, NOTE_WARN, "%s", msg->err.msg);
    } else {
        f->send_err = msg->err;
        if (job_id != NULL) {
            const struct entry *e = store_find(m->store, job_id);
            if (e != NULL && (e->flags & ENTRY_SENT) != 0) {
                (void)store_remove(m->store, job_id);
                list_sync(m);
            }
        }
        model_error(m, "Deploy", &msg->err);
        model_note(m, NOTE_BAD, "Not sent: %s: %s", msg->err.msg, err_hint(&msg->err));
    }
    free(job_id);
}

void form_leave(struct model *m)
{
    struct form_target t = model_target(m);

    form_reset(&m->form, &t);
    m->side = PANE_DETAIL;
    if (m->previous.view == VIEW_JOBS && m->previous.pane == PANE_FORM) {
        model_focus(m, PANE_LIST);
    } else {
        view_back(m);
    }
}

static void leave(struct model *m)
{
    if (m->form.changed && m->form.state == FORM_EDITING) {
        ask_leave_form(m);
    } else if (m->form.state == FORM_SENDING) {
        model_focus(m, PANE_LIST);
    } else {
        form_leave(m);
    }
}

bool form_action(struct model *m, enum action a, struct effects *out)
{
    struct form_target t = model_target(m);
    bool fixed = m->form.state == FORM_SENDING;

    switch (a) {
    case ACT_FIELD_NEXT:
        form_move(&m->form, 1);
        return true;
    case ACT_FIELD_PREV:
        form_move(&m->form, -1);
        return true;
    case ACT_CHOICE_NEXT:
    case ACT_CHOICE_PREV:
        if (!fixed) {
            form_choose(&m->form, a == ACT_CHOICE_NEXT ? 1 : -1, &t);
        }
        return true;
    case ACT_PAGE_UP:
        textview_scroll(&m->form.preview, -(m->form.preview.rows / 2 + 1));
        return true;
    case ACT_PAGE_DOWN:
        textview_scroll(&m->form.preview, m->form.preview.rows / 2 + 1);
        return true;
    case ACT_TEST:
        test(m, out);
        return true;
    case ACT_SEND:
        send(m, out);
        return true;
    case ACT_LEAVE:
    case ACT_CLOSE:
    case ACT_BACK:
        leave(m);
        return true;
    default:
        return false;
    }
}
