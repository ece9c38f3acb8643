/* The job list: cursor, range, marks, order, filter. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "model_priv.h"

size_t list_page(const struct model *m)
{
    int rows = layout_list_rows(m->layout.pane[PANE_LIST]).rows;

    return rows > 0 ? (size_t)rows : 1;
}

static void set_cursor(struct model *m, const char *id)
{
    if (id != NULL && m->list.cursor != NULL && strcmp(id, m->list.cursor) == 0) {
        return;
    }
    char *copy = xstrdup(id); /* it may lie inside the old one's job */
    free(m->list.cursor);
    m->list.cursor = copy;
}

/* The window around the cursor, never past the end. */
static void clamp_top(struct model *m)
{
    size_t rows = store_rows(m->store), page = list_page(m);
    struct list_view *l = &m->list;

    if (l->row < l->top) {
        l->top = l->row;
    } else if (l->row >= l->top + page) {
        l->top = l->row - page + 1;
    }
    if (rows <= page) {
        l->top = 0;
    } else if (l->top > rows - page) {
        l->top = rows - page;
    }
}

void list_sync(struct model *m)
{
    struct list_view *l = &m->list;
    size_t rows = store_rows(m->store), row = 0;

    if (rows == 0) {
        set_cursor(m, NULL);
        l->row = l->top = 0;
        l->ranging = false;
        return;
    }
    if (l->ranging && !store_row_of(m->store, l->anchor, &l->anchor_row)) {
        l->ranging = false; /* the job that it began at is no longer in the list */
    }
    if (m->loading.active && !l->touched) {
        l->row = 0;
        set_cursor(m, store_row(m->store, 0)->job->id);
    } else if (l->stick && store_row_of(m->store, l->cursor, &row)) {
        /* The job keeps its place on the screen; at the top new jobs come in above it. */
        if (l->top > 0 && row != l->row) {
            size_t offset = l->row >= l->top ? l->row - l->top : 0;
            l->top = row > offset ? row - offset : 0;
        }
        l->row = row;
    } else {
        l->row = l->row < rows ? l->row : rows - 1;
        set_cursor(m, store_row(m->store, l->row)->job->id);
    }
    clamp_top(m);
}

void list_to_row(struct model *m, size_t row)
{
    size_t rows = store_rows(m->store);

    if (rows == 0) {
        return;
    }
    m->list.touched = true;
    m->list.row = row < rows ? row : rows - 1;
    set_cursor(m, store_row(m->store, m->list.row)->job->id);
    clamp_top(m);
    detail_follow_cursor(m);
}

static void step(struct model *m, long rows)
{
    size_t row = m->list.row;

    if (rows < 0) {
        row = row > (size_t)-rows ? row - (size_t)-rows : 0;
    } else {
        row += (size_t)rows;
    }
    list_to_row(m, row);
}

/* ---- range and marks ---- */

static void mark_range(struct model *m)
{
    size_t from = m->list.anchor_row, to = m->list.row;

    store_mark_rows(m->store, from < to ? from : to, from < to ? to : from, true);
    m->list.ranging = false;
}

static void toggle_range(struct model *m)
{
    if (m->list.ranging) {
        mark_range(m);
    } else if (m->list.cursor != NULL) {
        m->list.ranging = true;
        free(m->list.anchor);
        m->list.anchor = xstrdup(m->list.cursor);
        m->list.anchor_row = m->list.row;
        model_note(m, NOTE_INFO, "Range: move, then v marks it; Esc leaves.");
    }
}

static void toggle_mark(struct model *m)
{
    const struct entry *e = model_current(m);

    if (m->list.ranging) {
        mark_range(m);
    } else if (e != NULL) {
        store_mark(m->store, e->job->id, (e->flags & ENTRY_MARKED) == 0);
        step(m, 1);
    }
}

/* ---- order ---- */

void list_sort_by(struct model *m, enum column_id id, bool descending)
{
    struct sort_order order = store_sort(m->store);

    order.column = id;
    order.descending = descending;
    store_set_sort(m->store, order, m->now_ms);
    list_sync(m);
}

/* The same column again inverts. */
static void sort_key(struct model *m, enum column_id id)
{
    struct sort_order order = store_sort(m->store);
    bool descending = order.column == id ? !order.descending : job_columns[id].descending;

    list_sort_by(m, id, descending);
    model_note(m, NOTE_INFO, "Sorted by %s%s.", job_columns[id].name,
               descending ? ", inverted" : "");
}

static void sort_neighbour(struct model *m, int by)
{
    const struct column_set *c = &m->list.columns;
    enum column_id now = store_sort(m->store).column;
    size_t at = 0;

    while (at < c->len && c->ids[at] != now) {
        at++;
    }
    at = at == c->len ? 0 : (at + c->len + (by < 0 ? c->len - 1 : 1)) % c->len;
    enum column_id id = c->ids[at];
    if (id != now) {
        sort_key(m, id);
    }
}

static void failing_first(struct model *m)
{
    struct sort_order order = store_sort(m->store);

    order.failing_first = !order.failing_first;
    store_set_sort(m->store, order, m->now_ms);
    list_sync(m);
    model_note(m, NOTE_INFO,
               order.failing_first ? "Failed and stuck jobs come first."
                                   : "Failed and stuck jobs in their order.");
}

/* ---- filter ---- */

enum err_code list_set_filter(struct model *m, const char *text, struct err *e)
{
    struct filter *f = NULL;

    if (text[strspn(text, " ")] != '\0') {
        f = filter_new(text, e);
        if (f == NULL) {
            return E_INVALID;
        }
    }
    bool same =
        m->list.filter_applied != NULL && f != NULL && strcmp(m->list.filter_applied, text) == 0;
    if (!same) {
        free(m->list.filter_applied);
        m->list.filter_applied = f == NULL ? NULL : xstrdup(text);
    }
    store_set_filter(m->store, f, m->now_ms);
    list_sync(m);
    detail_follow_cursor(m);
    return E_OK;
}

static void toggle_failing(struct model *m)
{
    struct chips now = store_chips(m->store);
    bool on = now.statuses == chips_failing.statuses && now.stuck;

    store_set_chips(m->store, on ? (struct chips){0} : chips_failing, m->now_ms);
    list_sync(m);
    detail_follow_cursor(m);
}

/* ---- copying ---- */

static char *console_url(const struct model *m, const struct entry *e)
{
    const char *id = e->batch != NULL ? e->batch->id : e->job->batch_job_id;
    const char *region = settings_get(m->settings, SET_REGION);

    if (id == NULL || settings_get(m->settings, SET_ENDPOINT_URL) != NULL) {
        return NULL;
    }
    char *clean = text_cleaned(id, TEXT_ONE_LINE);
    char *url = xasprintf("https://%s.console.aws.amazon.com/batch/home?region=%s#jobs/detail/%s",
                          region, region, clean);
    free(clean);
    return url;
}

static void copy_url(struct model *m, struct effects *out)
{
    const struct entry *e = store_find(m->store, model_subject(m));
    char *url = e == NULL ? NULL : console_url(m, e);

    if (url == NULL) {
        model_note(m, NOTE_WARN,
                   "There is no console page: no Batch job is known, or the "
                   "endpoint is not AWS.");
        return;
    }
    effects_add(out, EFF_COPY)->text = url;
}

static void copy_id(struct model *m, struct effects *out)
{
    const char *id = model_subject(m);

    if (id != NULL) {
        effects_add(out, EFF_COPY)->text = text_cleaned(id, TEXT_ONE_LINE);
    }
}

/* ---- actions ---- */

static bool move_action(struct model *m, enum action a)
{
    long page = (long)list_page(m);

    switch (a) {
    case ACT_UP:
        step(m, -1);
        return true;
    case ACT_DOWN:
        step(m, 1);
        return true;
    case ACT_TOP:
        list_to_row(m, 0);
        return true;
    case ACT_BOTTOM:
        list_to_row(m, SIZE_MAX);
        return true;
    case ACT_PAGE_UP:
        step(m, -page);
        return true;
    case ACT_PAGE_DOWN:
        step(m, page);
        return true;
    case ACT_HALF_UP:
        step(m, -(page / 2 + page % 2));
        return true;
    case ACT_HALF_DOWN:
        step(m, page / 2 + page % 2);
        return true;
    case ACT_LEFT:
        m->list.left = m->list.left > 8 ? m->list.left - 8 : 0;
        return true;
    case ACT_RIGHT:
        m->list.left = m->list.wide && m->list.left < 400 ? m->list.left + 8 : m->list.left;
        return true;
    default:
        return false;
    }
}

static bool order_action(struct model *m, enum action a)
{
    struct sort_order order = store_sort(m->store);

    switch (a) {
    case ACT_SORT_LEFT:
        sort_neighbour(m, -1);
        return true;
    case ACT_SORT_RIGHT:
        sort_neighbour(m, 1);
        return true;
    case ACT_SORT_INVERT:
        list_sort_by(m, order.column, !order.descending);
        return true;
    case ACT_SORT_NAME:
        sort_key(m, COL_NAME);
        return true;
    case ACT_SORT_AGE:
        sort_key(m, COL_AGE);
        return true;
    case ACT_SORT_STATUS:
        sort_key(m, COL_STATUS);
        return true;
    case ACT_SORT_DURATION:
        sort_key(m, COL_DURATION);
        return true;
    case ACT_FAILING_FIRST:
        failing_first(m);
        return true;
    default:
        return false;
    }
}

static bool view_action(struct model *m, enum action a)
{
    switch (a) {
    case ACT_FILTER:
        modes_open_filter(m);
        return true;
    case ACT_STATUS_MENU:
        modes_open_menu(m, MODE_STATUS);
        return true;
    case ACT_COLUMNS:
        modes_open_menu(m, MODE_COLUMNS);
        return true;
    case ACT_FAILING:
        toggle_failing(m);
        return true;
    case ACT_WIDE:
        m->list.wide = !m->list.wide;
        m->list.left = 0;
        return true;
    case ACT_STICK:
        m->list.stick = !m->list.stick;
        model_note(m, NOTE_INFO,
                   m->list.stick ? "The cursor stays on its job." : "The cursor stays on its row.");
        return true;
    default:
        return order_action(m, a);
    }
}

bool list_action(struct model *m, enum action a, struct effects *out)
{
    if (m->focus == PANE_LIST && move_action(m, a)) {
        return true;
    }
    m->list.touched = true;
    switch (a) {
    case ACT_OPEN:
        detail_open(m, m->list.cursor, m->detail.tab == TAB_LOG ? TAB_OVERVIEW : m->detail.tab);
        return true;
    case ACT_LOGS_PREVIOUS:
        detail_open(m, model_subject(m), TAB_LOG);
        return m->focus == PANE_DETAIL && log_action(m, ACT_ATTEMPT_PREV, out);
    case ACT_MARK:
        toggle_mark(m);
        return true;
    case ACT_RANGE:
        toggle_range(m);
        return true;
    case ACT_MARK_ALL:
        if (store_rows(m->store) > 0) {
            store_mark_rows(m->store, 0, store_rows(m->store) - 1, true);
        }
        return true;
    case ACT_MARK_NONE:
        store_mark_none(m->store);
        m->list.ranging = false;
        return true;
    case ACT_COPY:
        copy_id(m, out);
        return true;
    case ACT_COPY_URL:
        copy_url(m, out);
        return true;
    default:
        return view_action(m, a);
    }
}
