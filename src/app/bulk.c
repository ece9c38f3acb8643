/* The screen of a file of deploys: the status row names the file, a worker checks it, and a
 * question comes before the deploys are sent. A run that was begun goes on while another view
 * shows. */
#include <stdio.h>
#include <stdlib.h>

#include "bulk_priv.h"
#include "core/alloc.h"

void bulk_read_file(struct bulk_view *v, struct desk *desk, struct effects *out)
{
    struct task *t = task_new(TASK_BULK_READ, desk_request(desk));

    task_as(t, path) = xstrdup(v->name);
    v->request = t->request;
    v->stage = BULK_READING;
    v->err = (struct err){0};
    effects_submit(out, t);
}

/* ---- replies ---- */

static void take_read(struct bulk_view *v, struct desk *desk, struct msg *msg)
{
    bool good = msg->err.code == E_OK;
    bool ask = v->ask_when_read;

    if (msg->request != v->request || v->stage != BULK_READING) {
        return;
    }
    v->request = 0;
    v->ask_when_read = false;
    v->err = msg->err;
    v->past = msg_as(msg, bulk_read).past;
    v->unknown = msg_as(msg, bulk_read).unknown;
    v->stage = BULK_IDLE;
    if (msg_as(msg, bulk_read).input != NULL) {
        struct bulk_input *in = msg_as(msg, bulk_read).input;
        msg_as(msg, bulk_read).input = NULL;
        bulk_take_input(v, in, good);
    }
    if (good && ask) {
        bulk_ask_send(v, desk);
    }
}

static void take_lines(struct bulk_view *v, const struct msg *msg)
{
    if (msg->request != v->request || v->stage != BULK_SENDING) {
        return;
    }
    for (size_t i = 0; i < msg_as(msg, bulk_lines).len; i++) {
        const struct bulk_report *x = &msg_as(msg, bulk_lines).items[i];
        bulk_take_line(v, x->job_id, x->index, &x->line);
    }
    v->ended = msg_as(msg, bulk_lines).ended;
    v->failed = msg_as(msg, bulk_lines).failed;
    if (v->only_trouble && msg_as(msg, bulk_lines).len > 0) {
        bulk_sift(v);
    }
}

static void tell_end(struct bulk_view *v, struct desk *desk, const struct msg *msg)
{
    const struct bulk_totals *t = &v->totals;
    bool well = bulk_not_sent(t) == 0;
    char earlier[60] = "";

    if (t->earlier > 0) {
        (void)snprintf(earlier, sizeof earlier, " (%zu by earlier runs)", t->earlier);
    }

    if (desk_failed(desk, "Batch", &msg->err)) {
        desk_note(desk, NOTE_BAD, "Batch: %s. %zu of %zu sent%s.", msg->err.msg, t->sent, v->len,
                  earlier);
        return;
    }
    desk_note(desk, well ? NOTE_GOOD : NOTE_WARN,
              "Batch: %zu of %zu sent%s, %zu failed, %zu kept in the outbox, %zu not known, %zu "
              "not tried.",
              t->sent, v->len, earlier, t->failed, t->kept, t->unknown, t->not_tried);
    if (t->failed > 0) {
        struct err e = {0};
        (void)err_set(&e, E_SERVICE, "%zu of %zu lines failed", t->failed, v->len);
        (void)err_hint_set(&e, "the batch view (b) names each with its reason");
        desk_error(desk, "Batch", &e);
    }
}

static void take_end(struct bulk_view *v, struct desk *desk, const struct msg *msg)
{
    char *nothing = NULL;

    (void)desk_untrack(desk, msg->request, &nothing);
    free(nothing);
    if (msg->request != v->request || v->stage != BULK_SENDING) {
        return;
    }
    v->request = 0;
    v->stage = BULK_OVER;
    v->stopping = false;
    v->totals = msg_as(msg, bulk_end);
    v->err = msg->err;
    for (size_t i = 0; i < v->len; i++) {
        if (v->rows[i].mark == LINE_WAITING) {
            v->rows[i].mark = LINE_NOT_SENT;
        }
    }
    bulk_sift(v);
    tell_end(v, desk, msg);
    schedule_hurry(desk->schedule);
}

static enum taken take(void *self, struct desk *desk, struct msg *msg, struct effects *out)
{
    struct bulk_view *v = self;

    switch (msg->kind) {
    case MSG_FILES:
        bulk_take_files(v, desk, msg, out);
        break;
    case MSG_BULK_READ:
        take_read(v, desk, msg);
        break;
    case MSG_BULK_LINES:
        take_lines(v, msg);
        break;
    case MSG_BULK_END:
        take_end(v, desk, msg);
        break;
    default:
        return NOT_TAKEN;
    }
    return TAKEN_SHOWS;
}

/* ---- sending ---- */

void bulk_send(struct bulk_view *v, struct desk *desk, struct effects *out)
{
    if (v->stage != BULK_READY || v->input == NULL || !desk_may_change(desk)) {
        return;
    }
    struct task *t = task_new(TASK_BULK, desk_request(desk));
    task_as(t, bulk) =
        (struct task_bulk){.path = xstrdup(v->name),
                           .input = v->input, /* moved: the secrets in it leave the screen's side */
                           .mode = v->anew           ? BULK_ANEW
                                   : bulk_earlier(v) ? BULK_RESUME
                                                     : BULK_FIRST};
    v->input = NULL;
    v->request = t->request;
    v->stage = BULK_SENDING;
    v->stopping = false;
    v->only_trouble = false;
    for (size_t i = 0; i < v->len; i++) {
        v->rows[i].mark = LINE_WAITING;
    }
    bulk_sift(v);
    desk_track(desk, t->request, TASK_BULK, NULL);
    effects_submit(out, t);
}

void bulk_stop(struct bulk_view *v, struct effects *out)
{
    if (v->stage == BULK_SENDING) {
        v->stopping = true;
        effects_add(out, EFF_HALT)->request = v->request;
    }
}

/* F5 was pressed: finds out what the next step is. */
static void want_send(struct bulk_view *v, struct desk *desk, struct effects *out)
{
    switch (v->stage) {
    case BULK_READY:
        if (bulk_to_send(v) == 0) {
            desk_note(desk, NOTE_WARN,
                      "Earlier runs sent every line. A makes all of them new jobs.");
        } else if (!v->anew && !bulk_earlier(v) && v->unknown.code != E_OK) {
            desk_note(desk, NOTE_WARN,
                      "What earlier runs sent is not known: r asks again, A makes all new jobs.");
        } else {
            bulk_ask_send(v, desk);
        }
        break;
    case BULK_WRONG:
        desk_note(desk, NOTE_BAD, "Nothing is sent while a line is wrong. r reads the file again.");
        break;
    case BULK_OVER:
        if (bulk_not_sent(&v->totals) == 0) {
            desk_note(desk, NOTE_INFO, "Every line was sent. o names another file.");
            break;
        }
        v->ask_when_read = true;
        v->anew = false;
        bulk_read_file(v, desk, out);
        break;
    case BULK_SENDING:
        desk_note(desk, NOTE_INFO, "The file is being sent: x stops it.");
        break;
    case BULK_READING:
        desk_note(desk, NOTE_INFO, "The file is being read: nothing is sent yet.");
        break;
    case BULK_IDLE:
        bulk_open_name(v, desk);
        break;
    }
}

static void toggle_anew(struct bulk_view *v, struct desk *desk)
{
    if (v->stage != BULK_READY) {
        desk_note(desk, NOTE_INFO, "%s",
                  v->stage == BULK_SENDING   ? "The file is being sent: x stops it."
                  : v->stage == BULK_READING ? "The file is being read."
                                             : "There is no file to send: r reads it.");
        return;
    }
    if (!bulk_earlier(v) && v->unknown.code == E_OK) {
        desk_note(desk, NOTE_INFO, "No earlier run of these lines is known: all are new.");
        return;
    }
    v->anew = !v->anew;
    desk_note(desk, v->anew ? NOTE_WARN : NOTE_INFO, "%s",
              v->anew ? "All lines become new jobs, also those that were sent before."
                      : "Resuming the earlier runs: what they sent is not sent again.");
}

static void read_again(struct bulk_view *v, struct desk *desk, struct effects *out)
{
    if (v->name == NULL || v->stage == BULK_SENDING || v->stage == BULK_READING) {
        schedule_hurry(desk->schedule);
        return;
    }
    v->anew = false;
    bulk_read_file(v, desk, out);
}

/* ---- the table ---- */

static const char *job_here(const struct bulk_view *v, struct desk *desk)
{
    const struct bulk_row *r = bulk_current(v);

    if (r != NULL && r->mark == LINE_WRONG && r->note != NULL) {
        desk_note(desk, NOTE_WARN, "Line %zu: %s", r->line, r->note);
        return NULL;
    }
    if (r == NULL || r->job_id == NULL || r->mark == LINE_VALID || r->mark == LINE_WAITING) {
        desk_note(desk, NOTE_INFO, "%s",
                  r == NULL ? "There is no line here." : "This line was not sent yet.");
        return NULL;
    }
    return r->job_id;
}

static void open_job(struct bulk_view *v, struct desk *desk)
{
    if (v->stage == BULK_IDLE) {
        bulk_open_name(v, desk);
        return;
    }
    const char *id = job_here(v, desk);
    if (id != NULL) {
        desk_open_job(desk, id, TAB_OVERVIEW);
    }
}

static void save(struct bulk_view *v, struct desk *desk, struct effects *out)
{
    char iso[TIME_ISO_SIZE];

    if (v->len == 0) {
        desk_note(desk, NOTE_INFO, "There is nothing to save.");
        return;
    }
    struct effect *f = effects_add(out, EFF_SAVE);
    f->path = xasprintf("mvpdash-batch-%s.tsv", time_iso_basic(desk->now_ms, iso));
    f->text = bulk_text(v);
}

/* ---- the screen ---- */

static void init(void *self)
{
    bulk_init(self);
}

static void done(void *self)
{
    bulk_done(self);
}

static enum scope scope(const void *self)
{
    (void)self;
    return SCOPE_BULK;
}

static void enter(void *self, struct desk *desk, struct effects *out)
{
    struct bulk_view *v = self;

    (void)out;
    if (v->stage == BULK_IDLE && v->name == NULL && !desk_covered(desk)) {
        bulk_open_name(v, desk);
    }
}

static bool action(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct bulk_view *v = self;
    const char *id = NULL;

    if (rows_action(&v->list, a)) {
        return true;
    }
    switch (a) {
    case ACT_OPEN:
        open_job(v, desk);
        return true;
    case ACT_BULK_FILE:
        bulk_open_name(v, desk);
        return true;
    case ACT_BULK_ANEW:
        toggle_anew(v, desk);
        return true;
    case ACT_SEND:
        want_send(v, desk, out);
        return true;
    case ACT_CANCEL:
        bulk_ask_stop(v, desk);
        return true;
    case ACT_FAILING:
        v->only_trouble = !v->only_trouble;
        bulk_sift(v);
        return true;
    case ACT_REFRESH:
        read_again(v, desk, out);
        return true;
    case ACT_COPY:
        id = job_here(v, desk);
        if (id != NULL) {
            effects_copy(out, "Job id", xstrdup(id));
        }
        return true;
    case ACT_SAVE_ALL:
        save(v, desk, out);
        return true;
    default:
        return false;
    }
}

static void back(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct bulk_view *v = self;

    (void)out;
    if (a == ACT_CLOSE && v->only_trouble) {
        v->only_trouble = false;
        bulk_sift(v);
    } else {
        desk_leave(desk);
    }
}

static void settle(void *self, struct desk *desk, struct rect body)
{
    struct bulk_view *v = self;
    int rows = body.rows - BULK_HEAD_ROWS - BULK_FOOT_ROWS;

    (void)desk;
    rows_settle(&v->list, v->list.len, rows < 1 ? 1 : (size_t)rows);
}

static bool mouse(void *self, struct desk *desk, const struct app_event *ev, struct rect body)
{
    struct bulk_view *v = self;
    int row = ev->u.mouse.row - body.row - BULK_HEAD_ROWS;

    size_t at = 0;

    (void)desk;
    if (rows_shown(&v->list, row, &at)) {
        rows_to(&v->list, at);
    }
    return true;
}

static void ask(void *self, struct desk *desk, struct effects *out)
{
    bulk_ask_files(self, desk, out);
}

static bool busy(const void *self, char *buf, size_t size)
{
    const struct bulk_view *v = self;

    if (v->stage != BULK_SENDING) {
        return false;
    }
    (void)snprintf(buf, size,
                   "A batch of deploys is being sent: %zu of %zu were sent. Open the same file "
                   "again to send the rest; nothing is sent twice.",
                   v->ended - v->failed, v->len);
    return true;
}

/* What the file's stage leaves to be done. */
static bool idle(const void *self, enum action a)
{
    const struct bulk_view *v = self;
    bool lines = v->len > 0;

    return (a == ACT_SEND && v->stage != BULK_READY && v->stage != BULK_OVER) ||
           (a == ACT_CANCEL && v->stage != BULK_SENDING) ||
           (!lines && (a == ACT_OPEN || a == ACT_FAILING || a == ACT_SAVE_ALL));
}

const struct screen screen_bulk = {
    .name = "batch",
    .title = "Batch deploys",
    .shows = ACT_VIEW_BULK,
    .size = sizeof(struct bulk_view),
    .init = init,
    .done = done,
    .scope = scope,
    .idle = idle,
    .enter = enter,
    .action = action,
    .back = back,
    .mouse = mouse,
    .tasks = TASK_BIT(TASK_FILES) | TASK_BIT(TASK_BULK_READ) | TASK_BIT(TASK_BULK),
    .take = take,
    .settle = settle,
    .ask = ask,
    .draw = bulk_draw,
    .busy = busy,
};
