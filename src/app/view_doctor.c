/* The doctor: asks for the checks, takes what comes, does what its keys say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "model_priv.h"

static void run(struct model *m, const char *only, struct effects *out)
{
    struct doctorview *d = &m->doctor;
    struct task *t = task_new(TASK_DOCTOR, model_request(m));

    t->text = xstrdup(only);
    t->job_id = xstrdup(d->job_id);
    t->terminal = m->terminal;
    doctorview_begin(d, only, t->request, m->ascii);
    effects_submit(out, t);
}

static void run_all(struct model *m, struct effects *out)
{
    run(m, m->doctor.job_id == NULL ? NULL : doctor_way, out);
}

/* Nobody waits for the run under way any more. */
static void stop(struct model *m, struct effects *out)
{
    const struct err stopped = {.code = E_CANCELLED};

    if (m->doctor.request != 0) {
        effects_add(out, EFF_DROP)->request = m->doctor.request;
        doctorview_end(&m->doctor, &stopped, m->now_ms, m->ascii);
    }
}

void doctor_open(struct model *m, const char *job_id, struct effects *out)
{
    const struct entry *e = job_id == NULL ? NULL : store_find(m->store, job_id);
    enum job_status status = e == NULL ? JOB_NO_STATUS : (enum job_status)e->state.status;

    if (job_id == NULL) {
        model_note(m, NOTE_INFO, "No job is selected.");
    } else if (job_status_final(status) || status == JOB_IN_PROGRESS || status == JOB_STOPPING) {
        model_note(m, NOTE_INFO, "It has started: its attempts and its log tell more.");
    } else {
        stop(m, out);
        doctorview_choose(&m->doctor, job_id);
        view_show(m, VIEW_DOCTOR);
        run_all(m, out);
    }
}

bool doctor_take(struct model *m, struct msg *msg)
{
    return doctorview_take(&m->doctor, msg, m->ascii) && m->view == VIEW_DOCTOR;
}

bool doctor_end(struct model *m, const struct msg *msg)
{
    if (m->doctor.request == 0 || msg->request != m->doctor.request) {
        return false;
    }
    if (msg->err.code != E_OK && msg->err.code != E_CANCELLED) {
        model_error(m, "Doctor", &msg->err);
    }
    doctorview_end(&m->doctor, &msg->err, m->now_ms, m->ascii);
    if (!m->doctor.moved) {
        doctorview_to_cause(&m->doctor);
    }
    return true;
}

/* ---- the view ---- */

static enum scope doctor_scope(const struct model *m)
{
    (void)m;
    return SCOPE_DOCTOR;
}

static void enter(struct model *m, struct effects *out)
{
    if (!m->doctor.asked) {
        run_all(m, out);
    }
}

static const struct textview *doctor_text(const struct model *m)
{
    return m->doctor.open ? &m->doctor.full : &m->doctor.list;
}

static void back(struct model *m, enum action a, struct effects *out)
{
    struct doctorview *d = &m->doctor;
    struct textview *v = view_text(m);

    if (a == ACT_CLOSE && v->pattern != NULL) {
        textview_search(v, NULL);
    } else if (d->open) {
        d->open = false;
        textview_search(&d->full, NULL);
        model_relayout(m);
    } else if (a == ACT_CLOSE && d->canary != 0) {
        effects_add(out, EFF_DROP)->request = d->canary;
        doctorview_end_canary(d, m->ascii);
        model_note(m, NOTE_WARN, "The test job goes on by itself; it is in the job list.");
    } else if (a == ACT_CLOSE && d->request != 0) {
        stop(m, out);
        model_note(m, NOTE_INFO, "Stopped. What was running is not known.");
    } else {
        view_back(m);
    }
}

static void resize(struct model *m, struct rect body)
{
    struct doctor_layout l = doctorview_layout(body, m->doctor.open);

    doctorview_turn(&m->doctor, m->ascii); /* whatever has moved the cursor */
    if (l.list.rows > 0) {
        textview_resize(&m->doctor.list, l.list.rows, l.list.cols);
    }
    if (l.full.rows > 0) {
        textview_resize(&m->doctor.full, l.full.rows, l.full.cols);
    }
}

/* ---- keys ---- */

static bool is_running(struct model *m)
{
    if (m->doctor.request != 0) {
        model_note(m, NOTE_INFO, "The checks are still running; Esc stops them.");
    } else if (m->doctor.canary != 0) {
        model_note(m, NOTE_INFO, "The test job is still under way; Esc leaves it to itself.");
    }
    return m->doctor.request != 0 || m->doctor.canary != 0;
}

static void again(struct model *m, struct effects *out)
{
    size_t check = 0;

    if (doctorview_here(&m->doctor, &check) == NULL || is_running(m)) {
        return;
    }
    if (check >= doctor_checks_len) {
        model_note(m, NOTE_INFO, "X sends another test job.");
    } else {
        run(m, doctor_checks[check].id, out);
    }
}

static void copy_remedy(struct model *m, struct effects *out)
{
    size_t check = 0;
    const struct check_row *r = doctorview_here(&m->doctor, &check);

    if (r == NULL) {
        return;
    }
    if (r->fix == NULL) {
        model_note(m, NOTE_INFO, "%s has no remedy to copy.", doctorview_id(check));
    } else {
        effects_add(out, EFF_COPY)->text = xstrdup(r->fix);
    }
}

static void save_report(struct model *m, struct effects *out)
{
    struct effect *f = effects_add(out, EFF_SAVE);
    char iso[TIME_ISO_SIZE];
    char *report = doctorview_report(&m->doctor, m->ascii);

    f->path = xasprintf("mvpdash-doctor-%s.txt", time_iso_basic(m->now_ms, iso));
    f->text = xasprintf("mvpdash doctor, %s, %s, bus %s\n\n%s", time_iso(m->now_ms, iso),
                        settings_get(m->settings, SET_REGION), settings_get(m->settings, SET_BUS),
                        report);
    free(report);
}

/* A system that fails a check would only swallow the job. */
static void canary(struct model *m)
{
    struct doctor_counts n;

    doctorview_count(&m->doctor, &n);
    if (is_running(m)) {
        return;
    }
    if (m->doctor.job_id != NULL || n.ended == 0) {
        model_note(m, NOTE_INFO, "A test job wants all checks first: 5.");
    } else if (n.state[DOCTOR_FAIL] > 0) {
        model_note(m, NOTE_BAD,
                   "Nothing is sent while a check fails: the job would be lost. Then A, then X.");
    } else {
        ask_canary(m);
    }
}

void doctor_send_canary(struct model *m, struct effects *out)
{
    struct task *t = task_new(TASK_E2E, model_request(m));

    t->terminal = m->terminal;
    doctorview_begin_canary(&m->doctor, t->request, m->ascii);
    effects_submit(out, t);
}

bool doctor_canary_end(struct model *m, const struct msg *msg)
{
    const char *id = msg->u.e2e_end.job_id;

    if (m->doctor.canary == 0 || msg->request != m->doctor.canary) {
        return false;
    }
    doctorview_end_canary(&m->doctor, m->ascii);
    schedule_hurry(m->schedule);
    if (msg->err.code != E_OK) {
        model_error(m, "Test job", &msg->err);
        model_note(m, NOTE_BAD, "%s: %s", msg->err.msg, err_hint(&msg->err));
    } else if (msg->u.e2e_end.good) {
        model_note(m, NOTE_GOOD, "The test job %s ran from its event to its end.", id);
    } else {
        model_note(m, NOTE_BAD, "The test job %s did not end well%s.", id,
                   msg->u.e2e_end.cancelled ? " and was cancelled" : "");
        doctorview_to_cause(&m->doctor);
    }
    return true;
}

static bool own_action(struct model *m, enum action a, struct effects *out)
{
    switch (a) {
    case ACT_CHECK_FULL:
        m->doctor.open = !m->doctor.open;
        model_relayout(m);
        return true;
    case ACT_CHECK_AGAIN:
        again(m, out);
        return true;
    case ACT_CHECK_ALL:
        if (!is_running(m)) {
            run_all(m, out);
        }
        return true;
    case ACT_COPY_REMEDY:
        copy_remedy(m, out);
        return true;
    case ACT_SAVE_REPORT:
        save_report(m, out);
        return true;
    case ACT_CANARY:
        canary(m);
        return true;
    case ACT_VIEW_DOCTOR: /* from the way of one job to all checks */
        if (m->doctor.job_id != NULL) {
            stop(m, out);
            doctorview_choose(&m->doctor, NULL);
            run_all(m, out);
        }
        return true;
    default:
        return false;
    }
}

static bool action(struct model *m, enum action a, struct effects *out)
{
    const struct textview *list = &m->doctor.list;
    uint64_t before = list->cursor;
    bool taken = own_action(m, a, out) || text_action(m, view_text(m), a, out);

    m->doctor.moved |= list->cursor != before;
    return taken;
}

const struct view_def view_doctor = {
    .name = "doctor",
    .title = "Doctor",
    .scope = doctor_scope,
    .enter = enter,
    .action = action,
    .back = back,
    .resize = resize,
    .text = doctor_text,
};
