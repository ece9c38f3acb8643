/* The screen of the dead letter queue: looking into it, and the list of its messages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"
#include "dlq_priv.h"
#include "text_keys.h"

enum { LOOK_AGAIN_MS = 60000 }; /* a look counts as a receive, so a recent look is shown again */

static void init(void *self)
{
    struct dlq_view *v = self;

    v->at_ms = TIME_NONE;
    textview_init(&v->text);
    v->text.wrap = v->text.words = true;
    v->form.fields[DLQ_DETAIL].max = 256 * 1024;
    for (int i = 0; i < DLQ_FIELDS; i++) {
        /* secret means here that the text is wiped, not that it is hidden */
        v->form.fields[i].secret = true;
    }
}

static void forget_items(struct dlq_view *v)
{
    for (size_t i = 0; i < v->len; i++) {
        dlq_message_clear(&v->items[i].m);
    }
    free(v->items);
    v->items = NULL;
    v->len = 0;
}

static void done(void *self)
{
    struct dlq_view *v = self;

    forget_items(v);
    free(v->lines);
    textview_done(&v->text);
    free(v->form.id);
    for (int i = 0; i < DLQ_FIELDS; i++) {
        edit_done(&v->form.fields[i]);
    }
}

/* ---- what it holds ---- */

const struct dlq_item *dlq_current(const struct dlq_view *v)
{
    return v->at.at < v->len ? &v->items[v->at.at] : NULL;
}

struct dlq_item *dlq_find(struct dlq_view *v, const char *id)
{
    for (size_t i = 0; id != NULL && i < v->len; i++) {
        if (strcmp(v->items[i].m.id, id) == 0) {
            return &v->items[i];
        }
    }
    return NULL;
}

size_t dlq_marked(const struct dlq_view *v)
{
    size_t n = 0;

    for (size_t i = 0; i < v->len; i++) {
        n += v->items[i].marked;
    }
    return n;
}

static bool same_code(const struct dlq_message *a, const struct dlq_message *b)
{
    return strcmp(a->error_code == NULL ? "" : a->error_code,
                  b->error_code == NULL ? "" : b->error_code) == 0;
}

size_t dlq_group_len(const struct dlq_view *v, size_t first)
{
    size_t n = 1;

    while (first + n < v->len && same_code(&v->items[first].m, &v->items[first + n].m)) {
        n++;
    }
    return n;
}

const char *dlq_rule_name(const struct dlq_message *m)
{
    const char *at = m->rule_arn == NULL ? NULL : strstr(m->rule_arn, ":rule/");

    return m->rule_arn == NULL ? "-" : at == NULL ? m->rule_arn : at + 6;
}

const char *dlq_target_name(const struct dlq_message *m)
{
    const char *at = m->target_arn == NULL ? NULL : strrchr(m->target_arn, ':');

    return m->target_arn == NULL ? "-" : at == NULL ? m->target_arn : at + 1;
}

const char *dlq_why(const struct dlq_message *m, char *buf, size_t size)
{
    const char *given_up = m->exhausted == NULL ? "" : m->exhausted;
    char what[200] = "";

    if (m->event == NULL) {
        (void)snprintf(what, sizeof what, "no event (%s)", m->not_event);
    } else if (m->error_message == NULL) {
        (void)snprintf(what, sizeof what, "%.90s from %.90s", json_str(m->event, "detail-type"),
                       json_str(m->event, "source"));
    }
    (void)snprintf(
        buf, size, "%s%s%s%s%s%s", what, what[0] != '\0' && m->error_message != NULL ? "; " : "",
        m->error_message == NULL ? "" : m->error_message,
        given_up[0] != '\0' ? " (given up by " : "", given_up, given_up[0] != '\0' ? ")" : "");
    return buf;
}

/* ---- the rows ---- */

static void add_row(struct dlq_view *v, enum dlq_row_kind kind, size_t item, size_t from,
                    size_t len)
{
    v->lines = xgrow(v->lines, v->lines_len, &v->lines_cap, sizeof *v->lines);
    v->lines[v->lines_len++] = (struct dlq_row){kind, item, from, len};
}

/* Adds the advice for a message, in lines that break between words. */
static void add_advice(struct dlq_view *v, size_t item)
{
    const char *text = dlq_remedy(v->items[item].m.error_code);
    int cells = v->list_cols > 6 ? v->list_cols - 4 : 2;

    for (size_t at = 0; text[at] != '\0';) {
        size_t n = text_fit(text + at, cells, NULL);
        if (n == 0) {
            return;
        }
        if (text[at + n] != '\0' && text[at + n] != ' ') {
            size_t cut = n;
            while (cut > 0 && text[at + cut - 1] != ' ') {
                cut--;
            }
            n = cut == 0 ? n : cut;
        }
        add_row(v, DLQ_ROW_ADVICE, item, at, n);
        at += n;
        at += strspn(text + at, " ");
    }
}

static size_t row_of(const struct dlq_view *v, size_t item)
{
    for (size_t i = 0; i < v->lines_len; i++) {
        if (v->lines[i].kind == DLQ_ROW_MESSAGE && v->lines[i].item == item) {
            return i;
        }
    }
    return 0;
}

/* Keeps the cursor inside the window; when it is on the first message of a group, the group's
 * heading too. */
static void show_cursor(struct dlq_view *v)
{
    size_t rows = v->list_rows < 1 ? 1 : (size_t)v->list_rows;
    size_t at = row_of(v, v->at.at), from = at;

    while (from > 0 && v->lines[from - 1].kind != DLQ_ROW_MESSAGE &&
           v->lines[from - 1].kind != DLQ_ROW_BLANK && at - from + 2 <= rows) {
        from--;
    }
    if (from < v->top) {
        v->top = from;
    }
    if (at >= v->top + rows) {
        v->top = at - rows + 1;
    }
    if (v->top + rows > v->lines_len) {
        v->top = v->lines_len > rows ? v->lines_len - rows : 0;
    }
}

/* Makes the rows of the list, after a change. */
static void dlq_rows(struct dlq_view *v)
{
    v->lines_len = 0;
    rows_settle(&v->at, v->len, v->list_rows < 1 ? 1 : (size_t)v->list_rows);
    for (size_t i = 0; i < v->len;) {
        size_t n = dlq_group_len(v, i);
        if (i > 0) {
            add_row(v, DLQ_ROW_BLANK, i, 0, 0);
        }
        add_row(v, DLQ_ROW_CODE, i, 0, 0);
        add_advice(v, i);
        for (size_t end = i + n; i < end; i++) {
            add_row(v, DLQ_ROW_MESSAGE, i, 0, 0);
        }
    }
    show_cursor(v);
}

void dlq_remove(struct dlq_view *v, const char *id)
{
    struct dlq_item *gone = dlq_find(v, id);

    if (gone == NULL) {
        return;
    }
    size_t at = (size_t)(gone - v->items);
    dlq_message_clear(&gone->m);
    v->len--;
    memmove(gone, gone + 1, (v->len - at) * sizeof *gone);
    v->at.at -= v->at.at > at;
    v->visible -= v->visible > 0;
    if (at == v->at.at || v->len == 0) {
        v->page = v->page == DLQ_TEXT ? DLQ_LIST : v->page; /* the message that was shown is gone */
    }
    v->at.ranging = false;
    dlq_rows(v);
}

/* ---- looking ---- */

static void look(struct dlq_view *v, struct desk *desk, struct effects *out)
{
    if (v->request == 0) {
        struct task *t = task_new(TASK_DLQ_LOOK, desk_request(desk));
        v->request = t->request;
        effects_submit(out, t);
    }
}

/* Takes the messages over in groups; marks and cursor stay on their messages. */
static void take_list(struct dlq_view *v, struct dlq_list *l)
{
    struct dlq_item *items = xcalloc(l->len + 1, sizeof *items);
    bool *taken = xcalloc(l->len + 1, sizeof *taken);
    const struct dlq_item *here = dlq_current(v);
    size_t n = 0, cursor = v->at.at;

    for (size_t i = 0; i < l->len; i++) {
        for (size_t k = i; k < l->len && !taken[i]; k++) {
            if (!taken[k] && k > i && same_code(&l->items[k], &l->items[i])) {
                items[n++].m = l->items[k];
                taken[k] = true;
            } else if (k == i) {
                items[n++].m = l->items[i];
            }
        }
    }
    free(l->items); /* the list's messages were moved */
    l->items = NULL;
    l->len = 0;
    free(taken);
    for (size_t i = 0; i < n; i++) {
        const struct dlq_item *old = dlq_find(v, items[i].m.id);
        items[i].marked = old != NULL && old->marked;
        cursor = old != NULL && old == here ? i : cursor;
    }
    forget_items(v);
    v->items = items;
    v->len = n;
    v->at.at = cursor;
    v->at.ranging = false;
}

static void take_look(struct dlq_view *v, struct desk *desk, struct msg *msg)
{
    if (msg->request != v->request || v->request == 0) {
        return;
    }
    v->request = 0;
    if (msg->err.code != E_OK || msg_as(msg, dlq) == NULL) {
        v->err = msg->err.code == E_CANCELLED ? v->err : msg->err;
        return;
    }
    struct dlq_look *l = msg_as(msg, dlq);
    char *shown = v->page == DLQ_TEXT ? xstrdup(dlq_current(v)->m.id) : NULL;
    v->err = (struct err){0};
    v->loaded = true;
    v->at_ms = msg->at_ms;
    v->visible = l->visible;
    v->hidden = l->hidden;
    v->keep_s = l->keep_s;
    v->more = l->list.more;
    (void)snprintf(v->name, sizeof v->name, "%s", l->name);
    take_list(v, &l->list);
    dlq_rows(v);
    if (shown != NULL && (v->len == 0 || strcmp(dlq_current(v)->m.id, shown) != 0)) {
        v->page = DLQ_LIST;
        desk_note(desk, NOTE_INFO, "The message is no longer in the queue.");
    } else if (shown != NULL) {
        dlq_text_fill(v, desk);
    }
    free(shown);
}

static enum taken take(void *self, struct desk *desk, struct msg *msg, struct effects *out)
{
    (void)out;
    if (msg->kind == MSG_DLQ) {
        (void)desk_failed(desk, "Dead letter queue", &msg->err);
        take_look(self, desk, msg);
    } else if (msg->kind == MSG_DLQ_RESULT) {
        dlq_result(self, desk, msg);
    } else if (msg->kind == MSG_DONE && msg->task != TASK_DLQ_LOOK) {
        dlq_acted(self, desk, msg);
    } else {
        return NOT_TAKEN;
    }
    return TAKEN_SHOWS;
}

/* ---- the screen ---- */

static enum scope scope(const void *self)
{
    const struct dlq_view *v = self;
    static const enum scope scopes[] = {SCOPE_DLQ, SCOPE_DLQ_TEXT, SCOPE_DLQ_EDIT};

    return scopes[v->page];
}

static void enter(void *self, struct desk *desk, struct effects *out)
{
    struct dlq_view *v = self;

    if (v->at_ms == TIME_NONE || desk->now_ms - v->at_ms >= LOOK_AGAIN_MS) {
        look(v, desk, out);
    }
}

static void move_to(struct dlq_view *v, size_t item)
{
    rows_to(&v->at, item);
    if (v->at.at == 0) {
        v->top = 0;
    }
    show_cursor(v);
}

static bool move_action(struct dlq_view *v, enum action a)
{
    if (!rows_action(&v->at, a)) {
        return false;
    }
    move_to(v, v->at.at);
    return true;
}

static void toggle_range(struct dlq_view *v)
{
    if (!v->at.ranging) {
        rows_range(&v->at);
        return;
    }
    size_t from = 0, to = 0;
    rows_span(&v->at, &from, &to);
    for (size_t i = from; i <= to && i < v->len; i++) {
        v->items[i].marked = true;
    }
    v->at.ranging = false;
}

static void mark_all(struct dlq_view *v, bool on)
{
    for (size_t i = 0; i < v->len; i++) {
        v->items[i].marked = on;
    }
    v->at.ranging = false;
}

static bool mark_action(struct dlq_view *v, enum action a)
{
    switch (a) {
    case ACT_MARK:
        if (v->at.at < v->len) {
            v->items[v->at.at].marked = !v->items[v->at.at].marked;
            move_to(v, v->at.at + 1);
        }
        return true;
    case ACT_RANGE:
        toggle_range(v);
        return true;
    case ACT_MARK_ALL:
    case ACT_MARK_NONE:
        mark_all(v, a == ACT_MARK_ALL);
        return true;
    default:
        return false;
    }
}

static void open_job(const struct dlq_view *v, struct desk *desk)
{
    const struct dlq_item *i = dlq_current(v);

    if (i == NULL || i->m.job_id[0] == '\0') {
        desk_note(desk, NOTE_INFO,
                  i == NULL ? "There is no message here." : "The message names no job.");
    } else {
        desk_open_job(desk, i->m.job_id, TAB_OVERVIEW);
    }
}

static void open_text(struct dlq_view *v, struct desk *desk, bool raw)
{
    if (dlq_current(v) == NULL) {
        desk_note(desk, NOTE_INFO, "There is no message here.");
        return;
    }
    v->page = DLQ_TEXT;
    v->raw = raw;
    textview_search(&v->text, NULL);
    dlq_text_fill(v, desk);
    textview_home(&v->text);
}

/* Handles the actions that work on the list and on a single message alike. */
static bool message_action(struct dlq_view *v, struct desk *desk, enum action a,
                           struct effects *out)
{
    switch (a) {
    case ACT_DLQ_SEND:
        dlq_ask_send(v, desk);
        return true;
    case ACT_DLQ_DELETE:
        dlq_ask_delete(v, desk);
        return true;
    case ACT_DLQ_EDIT:
        dlq_form_open(v, desk);
        return true;
    case ACT_DESCRIBE:
        open_job(v, desk);
        return true;
    case ACT_REFRESH:
        look(v, desk, out);
        return false; /* the actions that work everywhere are handled elsewhere */
    default:
        return false;
    }
}

static bool list_page_action(struct dlq_view *v, struct desk *desk, enum action a,
                             struct effects *out)
{
    const struct dlq_item *i = dlq_current(v);

    switch (a) {
    case ACT_OPEN:
        open_text(v, desk, false);
        return true;
    case ACT_DLQ_ATTRIBUTES:
        open_text(v, desk, true);
        return true;
    case ACT_COPY:
        if (i == NULL) {
            desk_note(desk, NOTE_INFO, "There is no message here.");
        } else {
            effects_copy(out, "Message id", text_cleaned(i->m.id, TEXT_ONE_LINE));
        }
        return true;
    default:
        return move_action(v, a) || mark_action(v, a);
    }
}

static bool action(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct dlq_view *v = self;

    if (v->page == DLQ_EDIT) {
        return dlq_form_action(v, desk, a);
    }
    if (message_action(v, desk, a, out)) {
        return true;
    }
    return v->page == DLQ_TEXT ? dlq_text_action(v, desk, a, out)
                               : list_page_action(v, desk, a, out);
}

static void back(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct dlq_view *v = self;

    (void)out;
    if (v->page == DLQ_EDIT) {
        dlq_ask_leave(v, desk);
    } else if (v->page == DLQ_TEXT) {
        if (a != ACT_CLOSE || !text_close(&v->text)) {
            v->page = DLQ_LIST;
        }
    } else if (a == ACT_CLOSE && v->at.ranging) {
        v->at.ranging = false;
    } else if (a == ACT_CLOSE && dlq_marked(v) > 0) {
        mark_all(v, false);
    } else {
        desk_leave(desk);
    }
}

static void settle(void *self, struct desk *desk, struct rect body)
{
    struct dlq_view *v = self;
    struct rect list = layout_list_rows(body), text = layout_text(body);

    (void)desk;
    if (v->list_rows != list.rows || v->list_cols != list.cols) {
        v->list_rows = list.rows;
        v->list_cols = list.cols;
        dlq_rows(v);
    }
    textview_resize(&v->text, text.rows, text.cols);
    dlq_form_resize(&v->form, text.rows, text.cols);
}

static const struct textview *text(const void *self)
{
    const struct dlq_view *v = self;

    return v->page == DLQ_TEXT ? &v->text : NULL;
}

static bool mouse(void *self, struct desk *desk, const struct app_event *ev, struct rect body)
{
    struct dlq_view *v = self;
    struct rect list = layout_list_rows(body);
    bool up = ev->u.mouse.button == MOUSE_WHEEL_UP;

    if (v->page != DLQ_LIST) {
        return false;
    }
    if (up || ev->u.mouse.button == MOUSE_WHEEL_DOWN) {
        rows_step(&v->at, up ? -3 : 3);
        move_to(v, v->at.at);
        return true;
    }
    size_t row = v->top + (size_t)(ev->u.mouse.row - list.row);
    if (ev->u.mouse.row >= list.row && row < v->lines_len &&
        v->lines[row].kind == DLQ_ROW_MESSAGE) {
        move_to(v, v->lines[row].item);
        if (ev->u.mouse.button == MOUSE_DOUBLE) {
            open_text(v, desk, false);
        }
    }
    return true;
}

/* An empty queue has no message that a key could work on. */
static bool idle(const void *self, enum action a)
{
    const struct dlq_view *v = self;

    return v->len == 0 &&
           (a == ACT_OPEN || a == ACT_DLQ_ATTRIBUTES || a == ACT_DLQ_SEND || a == ACT_DLQ_EDIT ||
            a == ACT_DLQ_DELETE || a == ACT_DESCRIBE || a == ACT_MARK);
}

const struct screen screen_dlq = {
    .name = "dlq",
    .title = "Dead letter queue",
    .shows = ACT_VIEW_DLQ,
    .size = sizeof(struct dlq_view),
    .init = init,
    .done = done,
    .scope = scope,
    .idle = idle,
    .enter = enter,
    .action = action,
    .back = back,
    .typed = dlq_form_key,
    .paste = dlq_form_paste,
    .mouse = mouse,
    .tasks = TASK_BIT(TASK_DLQ_LOOK) | TASK_BIT(TASK_DLQ_SEND) | TASK_BIT(TASK_DLQ_DELETE),
    .take = take,
    .settle = settle,
    .text = text,
    .draw = dlq_draw,
};
