/* The screen of the doctor: asks for the checks, takes the findings, carries out its keys. */
#include "doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "doctor_draw.h"
#include "ops/e2e.h"
#include "screen.h"
#include "text_keys.h"

static void run(struct doctor_view *d, struct desk *desk, const char *only, struct effects *out)
{
    struct task *t = task_new(TASK_DOCTOR, desk_request(desk));

    t->job_id = xstrdup(d->job_id);
    task_as(t, doctor) = (struct task_doctor){.only = xstrdup(only), .terminal = desk->terminal};
    doctor_view_begin(d, only, t->request, desk->ascii);
    effects_submit(out, t);
}

static void run_all(struct doctor_view *d, struct desk *desk, struct effects *out)
{
    run(d, desk, d->job_id == NULL ? NULL : doctor_way, out);
}

/* Gives up the run under way. */
static void stop(struct doctor_view *d, struct desk *desk, struct effects *out)
{
    const struct err stopped = {.code = E_CANCELLED};

    if (d->request != 0) {
        effects_add(out, EFF_DROP)->request = d->request;
        doctor_view_end(d, &stopped, desk->now_ms, desk->ascii);
    }
}

/* Has the job started? Then the way of its event is of no interest. A job that ended without a
 * start (cancelled before it, refused) has neither attempts nor a log: the doctor then says how it
 * ended. */
static bool has_started(const struct entry *e)
{
    if (e == NULL) {
        return false;
    }
    enum job_status status = (enum job_status)e->state.status;
    return status == JOB_IN_PROGRESS || status == JOB_STOPPING || status == JOB_COMPLETED ||
           (job_status_final(status) && e->state.started_ms != TIME_NONE);
}

bool doctor_look_at(struct doctor_view *d, struct desk *desk, const char *job_id,
                    struct effects *out)
{
    if (job_id == NULL) {
        desk_note(desk, NOTE_INFO, "No job is selected.");
        return false;
    }
    if (has_started(store_find(desk->store, job_id))) {
        desk_note(desk, NOTE_INFO, "The job has started: see its attempts (w) and its log (l).");
        return false;
    }
    stop(d, desk, out);
    doctor_view_choose(d, job_id);
    run_all(d, desk, out);
    return true;
}

static enum taken run_ended(struct doctor_view *d, struct desk *desk, const struct msg *msg)
{
    if (d->request == 0 || msg->request != d->request) {
        return NOT_TAKEN;
    }
    (void)desk_failed(desk, "Doctor", &msg->err);
    doctor_view_end(d, &msg->err, desk->now_ms, desk->ascii);
    if (!d->moved) {
        doctor_view_to_cause(d);
    }
    return TAKEN_SHOWS;
}

/* ---- the screen ---- */

static void init(void *self)
{
    doctor_view_init(self);
    doctor_view_choose(self, NULL);
}

static void done(void *self)
{
    doctor_view_done(self);
}

static enum scope scope(const void *self)
{
    (void)self;
    return SCOPE_DOCTOR;
}

static void enter(void *self, struct desk *desk, struct effects *out)
{
    struct doctor_view *d = self;

    if (!d->asked) {
        run_all(d, desk, out);
    }
}

static const struct textview *text(const void *self)
{
    const struct doctor_view *d = self;

    return d->open ? &d->full : &d->list;
}

static void back(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct doctor_view *d = self;
    struct textview *v = d->open ? &d->full : &d->list;

    if (a == ACT_CLOSE && v->pattern != NULL) {
        textview_search(v, NULL);
    } else if (d->open) {
        d->open = false;
        textview_search(&d->full, NULL);
    } else if (a == ACT_CLOSE && d->canary != 0) {
        effects_add(out, EFF_DROP)->request = d->canary;
        doctor_view_end_canary(d, desk->ascii);
        desk_note(desk, NOTE_WARN, "The test job continues by itself; see it in the job list.");
    } else if (a == ACT_CLOSE && d->request != 0) {
        stop(d, desk, out);
        desk_note(desk, NOTE_INFO,
                  "Stopped. The result of the checks that were running is not known.");
    } else {
        desk_back(desk);
    }
}

static void settle(void *self, struct desk *desk, struct rect body)
{
    struct doctor_view *d = self;
    struct doctor_layout l = doctor_view_layout(body, d->open);

    doctor_view_turn(d, desk->ascii); /* something has moved the cursor */
    if (l.list.rows > 0) {
        textview_resize(&d->list, l.list.rows, l.list.cols);
    }
    if (l.full.rows > 0) {
        textview_resize(&d->full, l.full.rows, l.full.cols);
    }
}

/* ---- keys ---- */

static bool is_running(const struct doctor_view *d, struct desk *desk)
{
    if (d->request != 0) {
        desk_note(desk, NOTE_INFO, "The checks are still running; Esc stops them.");
    } else if (d->canary != 0) {
        desk_note(desk, NOTE_INFO, "The test job is still running; Esc leaves it running.");
    }
    return d->request != 0 || d->canary != 0;
}

static void again(struct doctor_view *d, struct desk *desk, struct effects *out)
{
    size_t check = 0;

    if (doctor_view_here(d, &check) == NULL || is_running(d, desk)) {
        return;
    }
    if (check >= doctor_checks_len) {
        desk_note(desk, NOTE_INFO, "X sends another test job.");
    } else {
        run(d, desk, doctor_checks[check].id, out);
    }
}

/* Copies the commands of the check's remedy, one a line: only what can be run as it is. */
static void copy_commands(struct doctor_view *d, struct desk *desk, struct effects *out)
{
    size_t check = 0;
    const struct check_row *r = doctor_view_here(d, &check);

    if (r == NULL) {
        return;
    }
    char *commands = doctor_commands(r->fix);
    if (commands != NULL) {
        char *what = xasprintf("%s of %s", strchr(commands, '\n') == NULL ? "Command" : "Commands",
                               doctor_view_id(check));
        effects_copy(out, what, commands);
        free(what);
    } else if (r->fix == NULL) {
        desk_note(desk, NOTE_INFO, "%s has no remedy to copy.", doctor_view_id(check));
    } else {
        desk_note(desk, NOTE_INFO,
                  "The remedy of %s has no command to copy. Ctrl-S saves the report.",
                  doctor_view_id(check));
    }
}

static void save_report(struct doctor_view *d, struct desk *desk, struct effects *out)
{
    struct effect *f = effects_add(out, EFF_SAVE);
    char iso[TIME_ISO_SIZE];
    char *report = doctor_view_report(d, desk->ascii);

    f->path = xasprintf("mvpdash-doctor-%s.txt", time_iso_basic(desk->now_ms, iso));
    f->text = xasprintf("mvpdash doctor, %s, %s, bus %s\n\n%s", time_iso(desk->now_ms, iso),
                        settings_get(desk->settings, SET_REGION),
                        settings_get(desk->settings, SET_BUS), report);
    free(report);
}

static void send_canary(void *owner, struct desk *desk, struct effects *out)
{
    struct doctor_view *d = owner;
    struct task *t = task_new(TASK_E2E, desk_request(desk));

    task_as(t, terminal) = desk->terminal;
    doctor_view_begin_canary(d, t->request, desk->ascii);
    effects_submit(out, t);
}

static void ask_canary(struct doctor_view *d, struct desk *desk)
{
    struct dialog *q =
        dialog_ask(&desk->dialog, send_canary, d, "Send a test job?", "Send it", "Send nothing");

    (void)snprintf(q->text, sizeof q->text,
                   "One job (user %s) runs through the real pipeline in %.20s: a record, an event "
                   "on bus %.60s, and a Batch job that costs as much as one short run. mvpdash "
                   "follows it to its end, and cancels it when it gets stuck.",
                   E2E_USER, settings_get(desk->settings, SET_REGION),
                   settings_get(desk->settings, SET_BUS));
}

/* Asks before the test job is sent: a system that fails a check would only swallow the job. */
static void canary(struct doctor_view *d, struct desk *desk)
{
    struct doctor_counts n;

    doctor_view_count(d, &n);
    if (is_running(d, desk)) {
        return;
    }
    if (d->job_id != NULL || n.ended == 0) {
        desk_note(desk, NOTE_INFO, "A test job needs all checks first: press 5.");
    } else if (n.state[DOCTOR_FAIL] > 0) {
        desk_note(desk, NOTE_BAD,
                  "A check fails, so a test job would be lost. Mend it, press A, then X.");
    } else {
        ask_canary(d, desk);
    }
}

static enum taken canary_ended(struct doctor_view *d, struct desk *desk, const struct msg *msg)
{
    const char *id = msg_as(msg, e2e_end).job_id;

    if (d->canary == 0 || msg->request != d->canary) {
        return NOT_TAKEN;
    }
    doctor_view_end_canary(d, desk->ascii);
    schedule_hurry(desk->schedule);
    if (msg->err.code != E_OK) {
        desk_error(desk, "Test job", &msg->err);
        desk_note_err(desk, NOTE_BAD, &msg->err, "%s", "");
    } else if (msg_as(msg, e2e_end).good) {
        desk_note(desk, NOTE_GOOD, "The test job %s ran from its event to its end.", id);
    } else {
        desk_note(desk, NOTE_BAD, "The test job %s did not end well%s.", id,
                  msg_as(msg, e2e_end).cancelled ? " and was cancelled" : "");
        doctor_view_to_cause(d);
    }
    return TAKEN_SHOWS;
}

static enum taken take(void *self, struct desk *desk, struct msg *msg, struct effects *out)
{
    struct doctor_view *d = self;

    (void)out;
    switch (msg->kind) {
    case MSG_DONE:
        return msg->task == TASK_DOCTOR ? run_ended(d, desk, msg) : NOT_TAKEN;
    case MSG_E2E_END:
        return canary_ended(d, desk, msg);
    case MSG_DOCTOR:
    case MSG_E2E:
        return doctor_view_take(d, msg, desk->ascii) ? TAKEN_SHOWS : NOT_TAKEN;
    default:
        return NOT_TAKEN;
    }
}

static void want_retry(const struct doctor_view *d, struct desk *desk)
{
    if (d->job_id == NULL) {
        desk_note(desk, NOTE_INFO,
                  "These checks are not about one job: press H on a job in the list.");
    } else {
        desk_retry(desk, d->job_id);
    }
}

static bool own_action(struct doctor_view *d, struct desk *desk, enum action a, struct effects *out)
{
    switch (a) {
    case ACT_CHECK_FULL:
        d->open = !d->open;
        return true;
    case ACT_CHECK_AGAIN:
        again(d, desk, out);
        return true;
    case ACT_CHECK_ALL:
        if (!is_running(d, desk)) {
            run_all(d, desk, out);
        }
        return true;
    case ACT_COPY_REMEDY:
        copy_commands(d, desk, out);
        return true;
    case ACT_SAVE_REPORT:
        save_report(d, desk, out);
        return true;
    case ACT_CANARY:
        canary(d, desk);
        return true;
    case ACT_RETRY:
        if (!is_running(d, desk)) {
            want_retry(d, desk);
        }
        return true;
    case ACT_VIEW_DOCTOR: /* goes from the way of one job to all checks */
        if (d->job_id != NULL) {
            stop(d, desk, out);
            doctor_view_choose(d, NULL);
            run_all(d, desk, out);
        }
        return true;
    default:
        return false;
    }
}

static bool action(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct doctor_view *d = self;
    const struct text_on shown = {d->open ? &d->full : &d->list, NULL, "text", screen_doctor.name};
    const struct textview *list = &d->list;
    uint64_t before = list->cursor;
    bool taken = own_action(d, desk, a, out) || text_action(desk, &shown, a, out);

    d->moved |= list->cursor != before;
    return taken;
}

static bool idle(const void *self, enum action a)
{
    const struct doctor_view *d = self;

    return a == ACT_RETRY && d->job_id == NULL; /* no single job's way is shown */
}

const struct screen screen_doctor = {
    .name = "doctor",
    .title = "Doctor",
    .shows = ACT_VIEW_DOCTOR,
    .size = sizeof(struct doctor_view),
    .init = init,
    .done = done,
    .scope = scope,
    .idle = idle,
    .enter = enter,
    .action = action,
    .back = back,
    .tasks = TASK_BIT(TASK_DOCTOR) | TASK_BIT(TASK_E2E),
    .take = take,
    .settle = settle,
    .text = text,
    .draw = doctor_draw,
};
