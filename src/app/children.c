/* The screen of an array job's children: its pages, the log of a child, its keys. */
#include "children_priv.h"
#include "core/alloc.h"
#include "logview.h"
#include "text_keys.h"

/* ---- the log of one ---- */

static void log_begin(struct children_view *v, struct desk *desk)
{
    struct log_cursor from = {
        .since_ms = v->log.since_ms, .attempt = v->log.attempt, .child = v->here + 1};

    if (v->log.ended) {
        return;
    }
    if (v->log.cursor != NULL && v->log.loaded) {
        from = *v->log.cursor;
    }
    schedule_watch_log(desk->schedule, v->job_id, &from);
    v->follows = true;
    v->log_request = 0; /* the request's number comes with the task */
}

static void log_end(struct children_view *v, struct desk *desk)
{
    if (v->follows) {
        v->follows = false;
        v->log_request = 0;
        schedule_watch_log(desk->schedule, NULL, NULL);
    }
}

static void log_restart(void *self, struct desk *desk)
{
    struct children_view *v = self;

    logview_empty(&v->log);
    log_begin(v, desk);
}

static void asked(void *self, const struct task *t)
{
    struct children_view *v = self;
    const struct log_cursor *from = t->kind == TASK_LOG ? task_as(t, log) : NULL;

    if (v->follows && from != NULL && from->child == v->here + 1) {
        v->log_request = t->request;
    }
}

static enum taken log_take(struct children_view *v, struct desk *desk, struct msg *msg)
{
    if (!v->follows || v->log_request == 0 || msg->request != v->log_request) {
        return NOT_TAKEN;
    }
    (void)desk_failed(desk, "Log", &msg->err);
    logview_take(&v->log, msg);
    return TAKEN_SHOWS;
}

/* ---- pages ---- */

static void to_page(struct children_view *v, struct desk *desk, enum children_page page)
{
    if (v->page == CHILDREN_LOG && page != CHILDREN_LOG) {
        log_end(v, desk);
    }
    v->page = page;
    children_fill(v, desk);
}

static void open_child(struct children_view *v, int index)
{
    if (index != v->here) {
        logview_empty(&v->log);
        v->log.attempt = v->log.attempts = 0;
        v->log.since_ms = TIME_NONE;
        textview_set_follow(&v->log.text, true);
        v->one = 0; /* the answer about another child is not waited for */
        v->one_err = (struct err){0};
        textview_search(&v->facts, NULL);
        textview_search(&v->log.text, NULL);
        textview_home(&v->facts);
    }
    v->here = index;
    v->touched = true;
}

static void show_facts(struct children_view *v, struct desk *desk, struct effects *out)
{
    children_load_one(v, desk, out);
    to_page(v, desk, CHILDREN_FACTS);
}

static void show_log(struct children_view *v, struct desk *desk)
{
    v->log_back = v->page == CHILDREN_LOG ? v->log_back : v->page;
    to_page(v, desk, CHILDREN_LOG);
    log_begin(v, desk);
}

static void step(struct children_view *v, struct desk *desk, int by, struct effects *out)
{
    enum children_page page = v->page;
    int before = children_cursor(v);

    textview_move_cursor(&v->list, by);
    v->touched = true;
    int index = children_cursor(v);
    if (index < 0 || index == before) {
        desk_note(desk, NOTE_INFO,
                  by > 0 ? "This is the last child of the list."
                         : "This is the first child of the list.");
        return;
    }
    log_end(v, desk);
    open_child(v, index);
    if (page == CHILDREN_LOG) {
        log_begin(v, desk);
        children_load_one(v, desk, out);
    } else {
        show_facts(v, desk, out);
    }
}

/* ---- the screen ---- */

static void init(void *self)
{
    children_init(self);
}

static void done(void *self)
{
    children_done(self);
}

void children_show(struct children_view *v, const char *job_id, const struct batch_job *parent)
{
    children_choose(v, job_id, parent);
    v->page = CHILDREN_LIST;
}

static enum scope scope(const void *self)
{
    const struct children_view *v = self;
    static const enum scope scopes[] = {SCOPE_CHILDREN, SCOPE_CHILD, SCOPE_CHILD_LOG};

    return scopes[v->page];
}

static void enter(void *self, struct desk *desk, struct effects *out)
{
    struct children_view *v = self;

    if (v->batch_id == NULL) {
        return;
    }
    if (v->page == CHILDREN_LOG) {
        log_begin(v, desk);
    }
    if (!v->ended) {
        children_load(v, desk, out);
    }
    children_fill(v, desk);
}

static void leave(void *self, struct desk *desk, struct effects *out)
{
    struct children_view *v = self;

    children_give_up(v, out);
    log_end(v, desk);
}

static void cycle_states(struct children_view *v, struct desk *desk)
{
    int count[CHILD_GROUPS + 1];

    children_count(v, count);
    count[CHILD_UNKNOWN] = v->ended ? count[CHILD_UNKNOWN] : 0;
    do {
        v->show = v->show == CHILD_GROUPS ? CHILD_FAILED : (enum child_group)(v->show + 1);
    } while (v->show != CHILD_GROUPS && count[v->show] == 0);
    if (v->show == CHILD_GROUPS) {
        desk_note(desk, NOTE_INFO, "All children are shown.");
    } else {
        desk_note(desk, NOTE_INFO, "Shown: %s only. s shows the next state, Esc shows all.",
                  child_group_word(v->show));
    }
    children_fill_list(v, desk);
}

static void order(struct children_view *v, struct desk *desk, bool only_failed)
{
    if (only_failed) {
        v->show = v->show == CHILD_FAILED ? CHILD_GROUPS : CHILD_FAILED;
    } else {
        v->by_index = !v->by_index;
        desk_note(desk, NOTE_INFO,
                  v->by_index ? "In the order of their indexes." : "By state, failed ones first.");
    }
    children_fill_list(v, desk);
}

static bool list_page_action(struct children_view *v, struct desk *desk, enum action a,
                             struct effects *out)
{
    int index = children_cursor(v);

    switch (a) {
    case ACT_OPEN:
    case ACT_LOGS:
        if (index < 0) {
            desk_note(desk, NOTE_INFO, "There is no child here.");
            return true;
        }
        open_child(v, index);
        if (a == ACT_OPEN) {
            show_facts(v, desk, out);
        } else {
            show_log(v, desk);
        }
        return true;
    case ACT_CHILD_STATES:
        cycle_states(v, desk);
        return true;
    case ACT_FAILING:
    case ACT_FAILING_FIRST:
        order(v, desk, a == ACT_FAILING);
        return true;
    case ACT_COPY:
        if (index < 0) {
            desk_note(desk, NOTE_INFO, "There is no child here.");
        } else {
            effects_copy(out, "Batch id", xasprintf("%s:%d", v->batch_id, index));
        }
        return true;
    default:
        break;
    }
    uint64_t before = v->list.cursor;
    const struct text_on text = {&v->list, NULL, "text", screen_children.name};
    bool taken = text_action(desk, &text, a, out);
    v->touched |= v->list.cursor != before;
    return taken;
}

static bool child_page_action(struct children_view *v, struct desk *desk, enum action a,
                              struct effects *out)
{
    const struct log_reading all = {&v->log, TIME_NONE, log_restart, v};
    const struct text_on facts = {&v->facts, NULL, "text", screen_children.name};
    const struct text_on log = {&v->log.text, &v->log, "text", screen_children.name};

    switch (a) {
    case ACT_TAB_NEXT:
        a = v->page == CHILDREN_LOG ? ACT_DESCRIBE : ACT_LOGS;
        return child_page_action(v, desk, a, out);
    case ACT_LOGS:
        if (v->page != CHILDREN_LOG) {
            show_log(v, desk);
        }
        return true;
    case ACT_DESCRIBE:
        show_facts(v, desk, out);
        return true;
    case ACT_MOVE_DOWN:
    case ACT_MOVE_UP:
        step(v, desk, a == ACT_MOVE_DOWN ? 1 : -1, out);
        return true;
    default:
        break;
    }
    if (v->page == CHILDREN_FACTS) {
        return text_action(desk, &facts, a, out);
    }
    return logview_attempt(desk, &all, a) || logview_action(desk, &all, a) ||
           text_action(desk, &log, a, out);
}

static bool action(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct children_view *v = self;

    if (a == ACT_REFRESH) {
        if (v->page == CHILDREN_LIST) {
            children_load(v, desk, out);
        } else {
            children_load_one(v, desk, out);
        }
        return false; /* the actions that work everywhere are handled elsewhere */
    }
    return v->page == CHILDREN_LIST ? list_page_action(v, desk, a, out)
                                    : child_page_action(v, desk, a, out);
}

static const struct textview *text(const void *self)
{
    const struct children_view *v = self;

    return v->page == CHILDREN_LIST    ? &v->list
           : v->page == CHILDREN_FACTS ? &v->facts
                                       : &v->log.text;
}

/* Goes back step by step: closes the search, the log, the child, the choice of states, and at last
 * the list. */
static void back(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct children_view *v = self;

    (void)out;
    if (v->page != CHILDREN_LIST) {
        if (a == ACT_CLOSE && text_close(v->page == CHILDREN_LOG ? &v->log.text : &v->facts)) {
            return;
        }
        to_page(v, desk, v->page == CHILDREN_LOG ? v->log_back : CHILDREN_LIST);
    } else if (a == ACT_CLOSE && v->list.pattern != NULL) {
        textview_search(&v->list, NULL);
    } else if (a == ACT_CLOSE && v->show != CHILD_GROUPS) {
        v->show = CHILD_GROUPS;
        children_fill_list(v, desk);
    } else {
        desk_leave(desk);
    }
}

static void settle(void *self, struct desk *desk, struct rect body)
{
    struct children_view *v = self;
    struct rect list = children_layout(body).list, all = layout_text(body);

    (void)desk;
    textview_resize(&v->list, list.rows, list.cols);
    textview_resize(&v->facts, all.rows, all.cols);
    logview_resize(&v->log, all);
}

static bool mouse(void *self, struct desk *desk, const struct app_event *ev, struct rect body)
{
    struct children_view *v = self;
    struct rect list = children_layout(body).list;
    struct text_row rows[256];

    if (v->page != CHILDREN_LIST || ev->u.mouse.row < list.row ||
        (ev->u.mouse.button != MOUSE_LEFT && ev->u.mouse.button != MOUSE_DOUBLE)) {
        return false;
    }
    size_t at = (size_t)(ev->u.mouse.row - list.row);
    if (at < textview_visible(&v->list, rows, sizeof rows / sizeof *rows)) {
        v->list.has_cursor = true;
        v->list.cursor = rows[at].seq;
        v->touched = true;
        if (ev->u.mouse.button == MOUSE_DOUBLE && children_cursor(v) >= 0) {
            open_child(v, children_cursor(v));
            v->one_again_ms = desk->mono_ms; /* the next tick asks for the child */
            to_page(v, desk, CHILDREN_FACTS);
        }
    }
    return true;
}

static enum taken take(void *self, struct desk *desk, struct msg *msg, struct effects *out)
{
    switch (msg->kind) {
    case MSG_LOG:
        return log_take(self, desk, msg);
    case MSG_CHILDREN:
        return children_take(self, desk, msg);
    case MSG_DONE:
        return msg->task == TASK_CHILDREN ? children_ended(self, desk, msg, out) : NOT_TAKEN;
    default:
        return NOT_TAKEN;
    }
}

static void tick(void *self, struct desk *desk, struct effects *out)
{
    children_tick(self, desk, out);
}

static int64_t tick_ms(const void *self, const struct desk *desk)
{
    return children_again_ms(self, desk);
}

/* No child shows. */
static bool idle(const void *self, enum action a)
{
    const struct children_view *v = self;

    return v->page == CHILDREN_LIST && v->rows_len == 0 && (a == ACT_OPEN || a == ACT_LOGS);
}

const struct screen screen_children = {
    .name = "children",
    .title = "Children of the array job",
    .size = sizeof(struct children_view),
    .init = init,
    .done = done,
    .scope = scope,
    .idle = idle,
    .enter = enter,
    .leave = leave,
    .action = action,
    .back = back,
    .mouse = mouse,
    .tasks = TASK_BIT(TASK_CHILDREN) | TASK_BIT(TASK_LOG),
    .take = take,
    .asked = asked,
    .tick = tick,
    .tick_ms = tick_ms,
    .settle = settle,
    .text = text,
    .draw = children_draw,
};
