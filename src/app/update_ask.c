/* The questions before something happens, and the results of what was answered with yes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "doctor.h"
#include "model_priv.h"

/* What a deploy needs and the job's record does not have; NULL: nothing is missing. */
static const char *lacks(const struct entry *e)
{
    return job_text(e->job, JOB_USER_ID) == NULL      ? "userId"
           : job_text(e->job, JOB_PRODUCT_ID) == NULL ? "productId"
                                                      : NULL;
}

/* Why an action means nothing for this job; NULL when it means something. */
static const char *refusal(const struct model *m, const struct entry *e, enum task_kind kind)
{
    bool final = job_status_final((enum job_status)e->state.status);

    if ((e->flags & ENTRY_ACTING) != 0) {
        return "is busy with another action";
    }
    if (kind == TASK_CANCEL && final && !e->state.drift) {
        return "has already ended";
    }
    if (kind == TASK_RETRY && !final &&
        !doctor_view_lost(model_screen(m, VIEW_DOCTOR), e->job->id)) {
        return e->state.stuck == STUCK_NOT_PICKED_UP
                   ? "has not ended; H checks whether its event is lost"
                   : "has not ended; cancel it first";
    }
    if (kind == TASK_RETRY && lacks(e) != NULL) {
        return "its record lacks a userId or productId: retry it alone, and the form asks for it";
    }
    return NULL;
}

/* Says beside a job that it was retried before, so that nobody runs the same work twice unawares.
 */
static void warn_retried(struct model *m, struct dialog_job *j)
{
    struct store_retry retry;
    char status[64] = "on its way";

    if (!store_retry_of(m->desk.store, j->id, &retry)) {
        return;
    }
    if (retry.entry != NULL) {
        status_text(retry.entry, status, sizeof status);
    }
    j->warned = true;
    /* the state comes first, because a row of 80 columns has no room for all of the id */
    (void)snprintf(j->text, sizeof j->text, "already retried (%s): %.130s", status, retry.id);
    (void)snprintf(j->warning, sizeof j->warning, "already retried as %.130s, which is %s",
                   retry.id, status);
}

static void add_job(struct model *m, const char *id, enum task_kind kind)
{
    struct dialog *d = &m->desk.dialog;
    const struct entry *e = store_find(m->desk.store, id);
    char status[64] = "not in the list";

    if (e != NULL) {
        status_text(e, status, sizeof status);
    }
    struct dialog_job *j =
        dialog_add_job(d, id, e == NULL ? NULL : job_text(e->job, JOB_BUSINESS_NAME), status);
    const char *why = e == NULL ? NULL : refusal(m, e, kind);
    if (why != NULL) {
        j->refused = true;
        (void)snprintf(j->text, sizeof j->text, "%s (%.60s)", why, status);
    } else {
        d->count++;
        if (kind == TASK_RETRY) {
            warn_retried(m, j);
        }
    }
}

/* Adds jobs to the question. `one`: only this job; NULL: the marked jobs, or the one at the
 * cursor. */
static void add_jobs(struct model *m, enum task_kind kind, const char *one)
{
    if (one != NULL) {
        add_job(m, one, kind);
        return;
    }
    if (store_marked(m->desk.store) == 0 || m->desk.where.focus == PANE_DETAIL) {
        add_job(m, jobs_subject(m->jobs), kind);
        return;
    }
    size_t len = 0;
    char **ids = store_marked_ids(m->desk.store, &len);
    for (size_t i = 0; i < len; i++) {
        add_job(m, ids[i], kind);
        free(ids[i]);
    }
    free(ids);
}

static void start_jobs(struct model *m, enum task_kind kind, struct effects *out)
{
    struct dialog *d = &m->desk.dialog;

    for (size_t i = 0; i < d->jobs_len; i++) {
        struct dialog_job *j = &d->jobs[i];
        if (j->refused) {
            continue;
        }
        struct task *t = task_new(kind, desk_request(&m->desk));
        t->job_id = xstrdup(j->id);
        if (kind == TASK_CANCEL) {
            const char *why = edit_text(&d->reason);
            task_as(t, reason) = xstrdup(why[0] == '\0' ? dialog_no_reason : why);
        } else {
            task_as(t, again) = j->warned;
        }
        j->request = t->request;
        j->result = RESULT_WAITING;
        desk_track(&m->desk, t->request, kind, j->id);
        store_set_acting(m->desk.store, j->id, true);
        effects_submit(out, t);
    }
}

static void cancel_jobs(void *owner, struct desk *d, struct effects *out)
{
    (void)d;
    start_jobs(owner, TASK_CANCEL, out);
}

static void retry_jobs(void *owner, struct desk *d, struct effects *out)
{
    (void)d;
    start_jobs(owner, TASK_RETRY, out);
}

/* Which of the jobs were retried before: a sentence with a blank after it, or "". */
static bool retried_text(const struct dialog *d, char *buf, size_t size)
{
    const struct dialog_job *last = NULL;
    size_t n = 0;

    for (size_t i = 0; i < d->jobs_len; i++) {
        n += d->jobs[i].warned;
        last = d->jobs[i].warned ? &d->jobs[i] : last;
    }
    buf[0] = '\0';
    if (n == 1 && d->count == 1) {
        (void)snprintf(buf, size, "It was %s. ", last->warning);
    } else if (n > 0) {
        (void)snprintf(buf, size, "%zu of them %s retried already: their rows say as what. ", n,
                       n == 1 ? "was" : "were");
    }
    return n > 0;
}

/* Asks the question. `text` holds its words for one job and for several. */
static void ask_jobs(struct model *m, enum task_kind kind, const char *job_id, const char *verb,
                     const char *const text[2])
{
    struct dialog *d = &m->desk.dialog;

    if (job_id == NULL && jobs_subject(m->jobs) == NULL && store_marked(m->desk.store) == 0) {
        desk_note(&m->desk, NOTE_INFO, "No job is selected.");
        return;
    }
    dialog_open(d, kind == TASK_CANCEL ? cancel_jobs : retry_jobs, m);
    d->changes = d->lists = true;
    add_jobs(m, kind, job_id);
    if (d->count == 0) {
        if (d->jobs_len > 1) {
            desk_note(&m->desk, NOTE_WARN, "None of the %zu jobs can be %s: %s %s.", d->jobs_len,
                      kind == TASK_CANCEL ? "cancelled" : "retried", d->jobs[0].id,
                      d->jobs[0].text);
        } else {
            desk_note(&m->desk, NOTE_WARN, "%s %s.", d->jobs[0].id, d->jobs[0].text);
        }
        dialog_close(&m->desk.dialog);
        return;
    }
    char warning[220];
    bool again = retried_text(d, warning, sizeof warning);
    (void)snprintf(d->title, sizeof d->title, "%c%s %zu job%s%s?", verb[0] - 'a' + 'A', verb + 1,
                   d->count, d->count == 1 ? "" : "s", again && d->count == 1 ? " again" : "");
    (void)snprintf(d->text, sizeof d->text, "%s%s%s%s", warning, text[d->count == 1 ? 0 : 1],
                   store_marked_hidden(m->desk.store) > 0 && d->jobs_len > 1
                       ? " Some of them are marked, but the filter hides them."
                       : "",
                   m->desk.elsewhere.marked > 0 ? " Marked jobs of other contexts are left alone."
                                                : "");
    if (kind == TASK_CANCEL) {
        dialog_ask_reason(d);
    }
    dialog_label(d, verb);
}

void ask_cancel(struct model *m)
{
    static const char *const text[] = {
        "This ends its Batch job; its work so far may be lost. Its record becomes CANCELLED.",
        "This ends their Batch jobs; their work so far may be lost. Their records become "
        "CANCELLED.",
    };

    ask_jobs(m, TASK_CANCEL, NULL, "cancel", text);
}

/* Handles a single job whose record does not say all that a deploy needs: the form asks for the
 * rest. */
static bool retry_in_form(struct model *m, struct effects *out)
{
    bool alone = store_marked(m->desk.store) == 0 || m->desk.where.focus == PANE_DETAIL;
    const char *id = jobs_subject(m->jobs);
    const struct entry *e = !alone ? NULL : store_find(m->desk.store, id);

    if (e == NULL || lacks(e) == NULL || !job_status_final((enum job_status)e->state.status)) {
        return false;
    }
    form_open_again(m->jobs, id, out);
    return true;
}

void ask_retry(struct model *m, const char *job_id, struct effects *out)
{
    const char *subject = job_id == NULL ? jobs_subject(m->jobs) : job_id;
    bool lost = doctor_view_lost(model_screen(m, VIEW_DOCTOR), subject);
    const char *text[] = {
        lost ? "Its event is lost. The job becomes CANCELLED, so that it never runs twice, and a "
               "new job with the same parameters is sent."
             : "A new job with the same parameters is sent. The old job stays as it is.",
        "For each a new job with the same parameters is sent. The old jobs stay as they are, "
        "except one whose event is lost: it becomes CANCELLED.",
    };

    if (job_id == NULL && retry_in_form(m, out)) {
        return;
    }
    ask_jobs(m, TASK_RETRY, job_id, "retry", text);
}

void update_quit(struct model *m, struct effects *out, int status)
{
    if (m->quitting) {
        return;
    }
    context_keep(m, out);
    effects_add(out, EFF_QUIT)->status = status;
    m->quitting = true;
}

static void quit(void *owner, struct desk *d, struct effects *out)
{
    (void)d;
    update_quit(owner, out, 0);
}

bool ask_under_way(const struct model *m, bool quits, char *buf, size_t size)
{
    const struct elsewhere *others = &m->desk.elsewhere;
    size_t n = desk_pending(&m->desk) + others->pending;
    const char *command = own_runs(m) != NULL ? own_runs(m) : others->runs;
    bool unsent = form_unsent(&m->jobs->form) || others->unsent;

    if (n > 0 && !screens_busy(m, buf, size)) {
        (void)snprintf(
            buf, size, "%zu action%s still under way. %s", n, n == 1 ? " is" : "s are",
            quits ? "The next mvpdash resumes a deploy that is on its way; other actions may or "
                    "may not have taken effect."
                  : "It continues while mvpdash runs, but only the list there shows its result.");
    } else if (n == 0 && command != NULL) {
        (void)snprintf(buf, size, "Your command %.32s is still running; it will be ended.",
                       command);
    } else if (n == 0) {
        (void)snprintf(buf, size,
                       "The deploy form holds a deploy that was not sent; it will be lost.");
    }
    return n > 0 || command != NULL || unsent;
}

void ask_quit(struct model *m)
{
    struct dialog *d = dialog_ask(&m->desk.dialog, quit, m, "Quit?", "Quit", "Stay");

    (void)ask_under_way(m, true, d->text, sizeof d->text);
}

static void read_write(void *owner, struct desk *d, struct effects *out)
{
    (void)owner;
    (void)out;
    d->read_only = false;
    if (desk_may_change(d)) { /* else a note says that the account is another */
        desk_note(d, NOTE_GOOD, "Changes are allowed.");
    }
}

void ask_read_write(struct model *m, const char *name)
{
    const char *context = settings_context(m->desk.settings);

    if (!m->desk.read_only) {
        if (desk_may_change(&m->desk)) {
            desk_note(&m->desk, NOTE_INFO, "Changes are allowed already.");
        }
        return;
    }
    if (m->desk.read_only_fixed) {
        (void)desk_may_change(&m->desk); /* a note says why not */
        return;
    }
    if (m->desk.read_only_named ? name == NULL || strcmp(name, context) != 0
                                : name != NULL && (context == NULL || strcmp(name, context) != 0)) {
        desk_note(&m->desk, NOTE_WARN, "%s%s%s: `:rw%s%s` allows changes.",
                  context == NULL ? "There is no context here" : "This is context ",
                  context == NULL ? "" : context,
                  m->desk.read_only_named ? ", which is read-only" : "",
                  m->desk.read_only_named ? " " : "", m->desk.read_only_named ? context : "");
        return;
    }
    dialog_ask(&m->desk.dialog, read_write, m, "Allow changes?", "Allow", "Stay read-only");
    (void)snprintf(m->desk.dialog.text, sizeof m->desk.dialog.text,
                   "%s%s%sDeploys, cancels and retries reach account %s in %s.",
                   context == NULL ? "" : "Context ", context == NULL ? "" : context,
                   context == NULL ? "" : ": ",
                   m->desk.link.account[0] == '\0' ? "(not known yet)" : m->desk.link.account,
                   settings_get(m->desk.settings, SET_REGION));
}

/* ---- results ---- */

static void watch_end(struct model *m, const char *job_id, const char *batch_id,
                      struct effects *out)
{
    struct task *t = task_new(TASK_CANCEL_WAIT, desk_request(&m->desk));

    t->job_id = xstrdup(job_id);
    task_as(t, batch_id) = xstrdup(batch_id);
    desk_track(&m->desk, t->request, TASK_CANCEL_WAIT, job_id);
    effects_submit(out, t);
}

static void result_text(const struct msg *msg, char *text, size_t size)
{
    if (msg->err.code != E_OK) {
        char why[ERR_TEXT_SIZE];
        (void)snprintf(text, size, "%s", err_full(&msg->err, why));
    } else if (msg->kind == MSG_DEPLOYED) {
        (void)snprintf(text, size, "retried as %s", msg_as(msg, deployed).job_id);
    } else if (msg_as(msg, cancelled).outcome == CANCEL_STOPPING) {
        (void)snprintf(text, size, "stopping: Batch was asked to end it");
    } else if (msg_as(msg, cancelled).outcome == CANCEL_ENDED) {
        (void)snprintf(text, size, "%s",
                       msg_as(msg, cancelled).succeeded
                           ? "cancelled, but Batch ended it as SUCCEEDED: its results may exist"
                           : "cancelled, and Batch has ended it");
    } else {
        (void)snprintf(text, size, "cancelled; there was no Batch job to end");
    }
}

static void action_result(struct model *m, const struct msg *msg, const char *job_id,
                          struct effects *out)
{
    bool good = msg->err.code == E_OK;
    bool single = m->desk.dialog.count == 1;
    char text[ERR_TEXT_SIZE];

    result_text(msg, text, sizeof text);
    store_set_acting(m->desk.store, job_id, false);
    const struct entry *e = store_find(m->desk.store, job_id);
    if (good && msg->kind == MSG_CANCELLED && e != NULL && (e->flags & ENTRY_SENT) != 0) {
        (void)store_remove(m->desk.store,
                           /* it was dropped from the outbox; if it has a record, that comes back */
                           job_id);
    }
    if (good && msg->kind == MSG_DEPLOYED) {
        store_retried(m->desk.store, job_id, msg_as(msg, deployed).job_id);
        jobs_sent(m->jobs, msg_as(msg, deployed).job_id, out);
    }
    if (!good) {
        desk_error(&m->desk, msg->kind == MSG_DEPLOYED ? "Retry" : "Cancel", &msg->err);
    } else {
        store_mark(m->desk.store, job_id, false);
    }
    bool shown = m->desk.dialog.open && dialog_result(&m->desk.dialog, msg->request, good, text);
    if (!shown || (single && good)) {
        m->desk.note_keep_ms = 0;
        if (good) {
            desk_note(&m->desk, NOTE_GOOD, "%s: %s", job_id, text);
        } else {
            desk_note_err(&m->desk, NOTE_BAD, &msg->err, "%s: ", job_id);
        }
        desk_keep_note(&m->desk);
    }
    if (shown && single && good) {
        dialog_close(&m->desk.dialog); /* a single job that went well needs no list of results */
    }
    if (good && msg->kind == MSG_CANCELLED && msg_as(msg, cancelled).outcome == CANCEL_STOPPING) {
        watch_end(m, job_id, msg_as(msg, cancelled).batch_job_id, out);
    }
    schedule_hurry(m->desk.schedule);
}

static void end_result(struct model *m, const struct msg *msg, const char *job_id)
{
    if (msg->err.code == E_CANCELLED) {
        return;
    }
    m->desk.note_keep_ms = 0; /* the first result of the cancel is out of date */
    if (msg->err.code != E_OK) {
        desk_error(&m->desk, "Cancel", &msg->err);
        desk_note_err(&m->desk, NOTE_WARN, &msg->err, "%s: ", job_id);
    } else if (msg_as(msg, cancel_ended).succeeded) {
        desk_note(&m->desk, NOTE_WARN,
                  "%s is cancelled, but Batch ended it as SUCCEEDED: its results may exist.",
                  job_id);
    } else {
        desk_note(&m->desk, NOTE_GOOD, "%s: Batch has ended it.", job_id);
    }
    schedule_hurry(m->desk.schedule);
}

void ask_msg(struct model *m, const struct msg *msg, struct effects *out)
{
    char *job_id = NULL;

    if (!desk_untrack(&m->desk, msg->request, &job_id)) {
        return; /* the result is not about our question, or was told already */
    }
    if (job_id != NULL && msg->kind == MSG_CANCEL_ENDED) {
        end_result(m, msg, job_id);
    } else if (job_id != NULL) {
        action_result(m, msg, job_id, out);
    }
    free(job_id);
}
