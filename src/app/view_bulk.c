/* The view of a file of deploys: named in the status row, checked by a worker, sent after a
 * question. What was begun goes on while another view shows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/complete.h"
#include "core/text.h"
#include "model_priv.h"

/* ---- the name ---- */

void bulk_open_name(struct model *m)
{
    if (m->bulk.stage == BULK_SENDING) {
        model_note(m, NOTE_INFO, "A file is being sent: x stops it.");
        return;
    }
    view_show(m, VIEW_BULK);
    edit_set(&m->bulk.path, m->bulk.name);
    bulk_name_typed(m);
    model_set_mode(m, MODE_FILE);
}

void bulk_name_typed(struct model *m)
{
    m->bulk.files_wanted = true;
    m->bulk.complete = m->bulk.accept = false;
    m->bulk.file = 0;
}

void bulk_name_step(struct model *m, int by)
{
    struct bulk_view *v = &m->bulk;

    if (v->files_len > 0) {
        size_t n = v->files_len;
        size_t at = v->file == 0 ? (by > 0 ? 0 : n - 1) : (v->file - 1 + (by > 0 ? 1 : n - 1)) % n;
        v->file = at + 1;
    }
}

/* The chosen name, else what all of them begin with. */
void bulk_name_complete(struct model *m)
{
    struct bulk_view *v = &m->bulk;

    if (v->files_request != 0) {
        v->complete = true;
        return;
    }
    if (v->files_len == 0) {
        return;
    }
    if (v->file > 0) {
        edit_set(&v->path, v->files[v->file - 1]);
        bulk_name_typed(m);
        return;
    }
    size_t n = complete_common(v->files, v->files_len);
    if (n <= v->path.len) {
        bulk_name_step(m, 1); /* nothing more in common: go through them */
        return;
    }
    char *common = xstrndup(v->files[0], n);
    edit_set(&v->path, common);
    free(common);
    bulk_name_typed(m);
}

static void read_file(struct model *m, struct effects *out)
{
    struct bulk_view *v = &m->bulk;
    struct task *t = task_new(TASK_BULK_READ, model_request(m));

    t->text = xstrdup(v->name);
    v->request = t->request;
    v->stage = BULK_READING;
    v->err = (struct err){0};
    effects_submit(out, t);
}

void bulk_name_accept(struct model *m, struct effects *out)
{
    struct bulk_view *v = &m->bulk;
    if (v->complete) {
        v->accept = true;
        return;
    }
    const char *typed = v->file > 0 ? v->files[v->file - 1] : edit_text(&v->path);

    if (typed[0] == '\0') {
        model_note(m, NOTE_INFO, "Type the name of a file: Tab completes, Esc leaves.");
        return;
    }
    if (typed[strlen(typed) - 1] == '/') { /* a folder: on into it */
        char *folder = xstrdup(typed);
        edit_set(&v->path, folder);
        free(folder);
        bulk_name_typed(m);
        return;
    }
    free(v->name);
    v->name = xstrdup(typed);
    v->anew = v->ask_when_read = false;
    model_set_mode(m, MODE_NONE);
    read_file(m, out);
}

void bulk_settle(struct model *m, struct effects *out)
{
    struct bulk_view *v = &m->bulk;

    if (v->files_wanted && m->mode == MODE_FILE) {
        struct task *t = task_new(TASK_FILES, model_request(m));
        t->text = xstrdup(edit_text(&v->path));
        v->files_request = t->request;
        effects_submit(out, t);
    }
    v->files_wanted = false;
}

/* ---- replies ---- */

/* What was typed ahead of the names. */
static void catch_up(struct model *m, struct effects *out)
{
    struct bulk_view *v = &m->bulk;
    bool accept = v->accept && v->files_len == 1;

    if (m->mode == MODE_FILE && v->complete) {
        v->complete = v->accept = false;
        bulk_name_complete(m);
        if (accept) {
            bulk_name_accept(m, out);
        }
    }
}

static void take_files(struct model *m, struct msg *msg, struct effects *out)
{
    struct bulk_view *v = &m->bulk;

    if (msg->request != v->files_request) {
        return; /* more was typed since */
    }
    v->files_request = 0;
    for (size_t i = 0; i < v->files_len; i++) {
        free(v->files[i]);
    }
    free(v->files);
    v->files = msg->u.files.paths;
    v->files_len = msg->u.files.len;
    v->file = 0;
    msg->u.files.paths = NULL;
    msg->u.files.len = 0;
    catch_up(m, out);
}

static void take_read(struct model *m, struct msg *msg)
{
    struct bulk_view *v = &m->bulk;
    bool good = msg->err.code == E_OK;
    bool ask = v->ask_when_read;

    if (msg->request != v->request || v->stage != BULK_READING) {
        return;
    }
    v->request = 0;
    v->ask_when_read = false;
    v->err = msg->err;
    v->earlier = msg->u.bulk_read.earlier;
    v->earlier_sent = msg->u.bulk_read.earlier_sent;
    v->stage = BULK_IDLE;
    if (msg->u.bulk_read.input != NULL) {
        struct bulk_input *in = msg->u.bulk_read.input;
        msg->u.bulk_read.input = NULL;
        bulk_take_input(v, in, good);
    }
    if (good && ask) {
        ask_bulk_send(m);
    }
}

static void take_lines(struct model *m, const struct msg *msg)
{
    struct bulk_view *v = &m->bulk;

    if (msg->request != v->request || v->stage != BULK_SENDING) {
        return;
    }
    for (size_t i = 0; i < msg->u.bulk_lines.len; i++) {
        const struct bulk_report *x = &msg->u.bulk_lines.items[i];
        bulk_take_line(v, x->job_id, x->index, &x->line);
    }
    v->ended = msg->u.bulk_lines.ended;
    v->failed = msg->u.bulk_lines.failed;
    if (v->only_trouble && msg->u.bulk_lines.len > 0) {
        bulk_sift(v);
    }
}

static void tell_end(struct model *m, const struct msg *msg)
{
    const struct bulk_totals *t = &m->bulk.totals;
    bool well = t->failed + t->kept + t->not_tried == 0;

    if (msg->err.code != E_OK && msg->err.code != E_CANCELLED) {
        model_error(m, "Batch", &msg->err);
        model_note(m, NOTE_BAD, "Batch: %s. %zu of %zu sent.", msg->err.msg, t->sent, m->bulk.len);
        return;
    }
    model_note(m, well ? NOTE_GOOD : NOTE_WARN,
               "Batch: %zu of %zu sent, %zu failed, %zu kept in the outbox, %zu not tried.",
               t->sent, m->bulk.len, t->failed, t->kept, t->not_tried);
    if (t->failed > 0) {
        struct err e = {0};
        (void)err_set(&e, E_SERVICE, "%zu of %zu lines failed", t->failed, m->bulk.len);
        (void)err_hint_set(&e, "the batch view (b) names each with its reason");
        model_error(m, "Batch", &e);
    }
}

static void take_end(struct model *m, const struct msg *msg)
{
    struct bulk_view *v = &m->bulk;
    char *nothing = NULL;

    (void)model_untrack(m, msg->request, &nothing);
    free(nothing);
    if (msg->request != v->request || v->stage != BULK_SENDING) {
        return;
    }
    v->request = 0;
    v->stage = BULK_OVER;
    v->stopping = false;
    v->totals = msg->u.bulk_end;
    v->err = msg->err;
    for (size_t i = 0; i < v->len; i++) {
        if (v->rows[i].mark == LINE_WAITING) {
            v->rows[i].mark = LINE_NOT_SENT;
        }
    }
    bulk_sift(v);
    tell_end(m, msg);
    schedule_hurry(m->schedule);
}

void bulk_take(struct model *m, struct msg *msg, struct effects *out)
{
    switch (msg->kind) {
    case MSG_FILES:
        take_files(m, msg, out);
        break;
    case MSG_BULK_READ:
        take_read(m, msg);
        break;
    case MSG_BULK_LINES:
        take_lines(m, msg);
        break;
    default:
        take_end(m, msg);
        break;
    }
}

/* ---- sending ---- */

void bulk_send(struct model *m, struct effects *out)
{
    struct bulk_view *v = &m->bulk;

    if (v->stage != BULK_READY || v->input == NULL || !model_may_change(m)) {
        return;
    }
    struct task *t = task_new(TASK_BULK, model_request(m));
    t->bulk = v->input; /* moved: its secrets leave the screen's side */
    v->input = NULL;
    t->bulk_mode = !v->earlier ? BULK_FIRST : v->anew ? BULK_ANEW : BULK_RESUME;
    v->request = t->request;
    v->stage = BULK_SENDING;
    v->stopping = false;
    v->only_trouble = false;
    for (size_t i = 0; i < v->len; i++) {
        v->rows[i].mark = LINE_WAITING;
    }
    bulk_sift(v);
    model_track(m, t->request, TASK_BULK, NULL);
    effects_submit(out, t);
}

void bulk_stop(struct model *m, struct effects *out)
{
    struct bulk_view *v = &m->bulk;

    if (v->stage == BULK_SENDING) {
        v->stopping = true;
        effects_add(out, EFF_HALT)->request = v->request;
    }
}

/* F5: what is the next step? */
static void want_send(struct model *m, struct effects *out)
{
    struct bulk_view *v = &m->bulk;

    switch (v->stage) {
    case BULK_READY:
        if (bulk_to_send(v) == 0) {
            model_note(m, NOTE_WARN,
                       "An earlier run sent every line. A makes all of them new jobs.");
        } else {
            ask_bulk_send(m);
        }
        break;
    case BULK_WRONG:
        model_note(m, NOTE_BAD, "Nothing is sent while a line is wrong. r reads the file again.");
        break;
    case BULK_OVER:
        if (v->totals.failed + v->totals.kept + v->totals.not_tried == 0) {
            model_note(m, NOTE_INFO, "Every line was sent. o names another file.");
            break;
        }
        v->ask_when_read = true;
        v->anew = false;
        read_file(m, out);
        break;
    case BULK_SENDING:
        model_note(m, NOTE_INFO, "It is being sent: x stops it.");
        break;
    case BULK_READING:
        break;
    case BULK_IDLE:
        bulk_open_name(m);
        break;
    }
}

static void toggle_anew(struct model *m)
{
    struct bulk_view *v = &m->bulk;

    if (v->stage != BULK_READY || !v->earlier) {
        model_note(m, NOTE_INFO, "No earlier run of this file is known: all lines are new.");
        return;
    }
    v->anew = !v->anew;
    model_note(m, v->anew ? NOTE_WARN : NOTE_INFO, "%s",
               v->anew ? "All lines become new jobs, those of the earlier run once more."
                       : "Going on with the earlier run: what it sent is not sent again.");
}

static void read_again(struct model *m, struct effects *out)
{
    struct bulk_view *v = &m->bulk;

    if (v->name == NULL || v->stage == BULK_SENDING || v->stage == BULK_READING) {
        schedule_hurry(m->schedule);
        return;
    }
    v->anew = false;
    read_file(m, out);
}

/* ---- the table ---- */

static void to_row(struct bulk_view *v, long row)
{
    long last = v->shown_len == 0 ? 0 : (long)v->shown_len - 1;

    v->cursor = (size_t)(row < 0 ? 0 : row > last ? last : row);
}

static bool move(struct bulk_view *v, enum action a)
{
    long at = (long)v->cursor, page = (long)v->page;

    switch (a) {
    case ACT_UP:
        to_row(v, at - 1);
        return true;
    case ACT_DOWN:
        to_row(v, at + 1);
        return true;
    case ACT_TOP:
        to_row(v, 0);
        return true;
    case ACT_BOTTOM:
        to_row(v, (long)v->shown_len - 1);
        return true;
    case ACT_PAGE_UP:
        to_row(v, at - page);
        return true;
    case ACT_PAGE_DOWN:
        to_row(v, at + page);
        return true;
    case ACT_HALF_UP:
        to_row(v, at - (page + 1) / 2);
        return true;
    case ACT_HALF_DOWN:
        to_row(v, at + (page + 1) / 2);
        return true;
    default:
        return false;
    }
}

static const char *job_here(struct model *m)
{
    const struct bulk_row *r = bulk_current(&m->bulk);

    if (r == NULL || r->job_id == NULL || r->mark == LINE_VALID || r->mark == LINE_WAITING) {
        model_note(m, NOTE_INFO, "%s",
                   r == NULL ? "There is no line here." : "It was not sent yet.");
        return NULL;
    }
    return r->job_id;
}

static void open_job(struct model *m)
{
    const char *id = m->bulk.stage == BULK_IDLE ? NULL : job_here(m);

    if (m->bulk.stage == BULK_IDLE) {
        bulk_open_name(m);
    } else if (id != NULL) {
        size_t row = 0;
        detail_open(m, id, TAB_OVERVIEW);
        if (store_row_of(m->store, id, &row)) {
            list_to_row(m, row);
        }
    }
}

static void save(struct model *m, struct effects *out)
{
    char iso[TIME_ISO_SIZE];

    if (m->bulk.len == 0) {
        model_note(m, NOTE_INFO, "There is nothing to save.");
        return;
    }
    struct effect *f = effects_add(out, EFF_SAVE);
    f->path = xasprintf("mvpdash-batch-%s.tsv", time_iso_basic(m->now_ms, iso));
    f->text = bulk_text(&m->bulk);
}

/* ---- the view ---- */

static enum scope scope(const struct model *m)
{
    (void)m;
    return SCOPE_BULK;
}

static void enter(struct model *m, struct effects *out)
{
    (void)out;
    if (m->bulk.stage == BULK_IDLE && m->bulk.name == NULL && m->mode == MODE_NONE) {
        bulk_open_name(m);
    }
}

static bool action(struct model *m, enum action a, struct effects *out)
{
    const char *id = NULL;

    if (move(&m->bulk, a)) {
        return true;
    }
    switch (a) {
    case ACT_OPEN:
        open_job(m);
        return true;
    case ACT_BULK_FILE:
        bulk_open_name(m);
        return true;
    case ACT_BULK_ANEW:
        toggle_anew(m);
        return true;
    case ACT_SEND:
        want_send(m, out);
        return true;
    case ACT_CANCEL:
        ask_bulk_stop(m);
        return true;
    case ACT_FAILING:
        m->bulk.only_trouble = !m->bulk.only_trouble;
        bulk_sift(&m->bulk);
        return true;
    case ACT_REFRESH:
        read_again(m, out);
        return true;
    case ACT_COPY:
        id = job_here(m);
        if (id != NULL) {
            effects_add(out, EFF_COPY)->text = xstrdup(id);
        }
        return true;
    case ACT_SAVE_ALL:
        save(m, out);
        return true;
    default:
        return false;
    }
}

static void back(struct model *m, enum action a, struct effects *out)
{
    (void)out;
    if (a == ACT_CLOSE && m->bulk.only_trouble) {
        m->bulk.only_trouble = false;
        bulk_sift(&m->bulk);
    } else {
        view_show(m, VIEW_JOBS);
    }
}

static void resize(struct model *m, struct rect body)
{
    struct bulk_view *v = &m->bulk;
    int rows = body.rows - BULK_HEAD_ROWS - BULK_FOOT_ROWS;

    v->page = rows < 1 ? 1 : (size_t)rows;
    if (v->cursor < v->top) {
        v->top = v->cursor;
    } else if (v->cursor >= v->top + v->page) {
        v->top = v->cursor - v->page + 1;
    }
    if (v->top > 0 && v->top + v->page > v->shown_len) {
        v->top = v->shown_len > v->page ? v->shown_len - v->page : 0;
    }
}

static void mouse(struct model *m, const struct app_event *ev)
{
    struct bulk_view *v = &m->bulk;
    int row = ev->u.mouse.row - m->layout.view.row - BULK_HEAD_ROWS;

    if (row >= 0 && (size_t)row < v->page && v->top + (size_t)row < v->shown_len) {
        v->cursor = v->top + (size_t)row;
    }
}

const struct view_def view_bulk = {
    .name = "batch",
    .title = "Batch deploys",
    .scope = scope,
    .enter = enter,
    .action = action,
    .back = back,
    .resize = resize,
    .mouse = mouse,
};
