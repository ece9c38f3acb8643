/* The job list: its cursor, range, marks, order and filter. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "jobs_priv.h"

/* The job at the list's cursor, or NULL. */
static const struct entry *jobs_current(const struct jobs *j)
{
    return store_find(j->desk->store, j->list.cursor);
}

const char *jobs_subject(const struct jobs *j)
{
    return j->desk->where.focus == PANE_DETAIL && j->detail.job_id != NULL ? j->detail.job_id
                                                                           : j->list.cursor;
}

static size_t list_page(const struct jobs *j)
{
    int rows = layout_list_rows(j->desk->layout.pane[PANE_LIST]).rows;

    return rows > 0 ? (size_t)rows : 1;
}

static void set_cursor(struct jobs *j, const char *id)
{
    if (id != NULL && j->list.cursor != NULL && strcmp(id, j->list.cursor) == 0) {
        return;
    }
    char *copy = xstrdup(id); /* id may lie inside the old cursor's job */
    free(j->list.cursor);
    j->list.cursor = copy;
}

void list_sync(struct jobs *j)
{
    struct list_view *l = &j->list;
    size_t rows = store_rows(j->desk->store), row = 0;

    if (rows == 0) {
        set_cursor(j, NULL);
        rows_settle(&l->rows, 0, list_page(j));
        return;
    }
    if (l->rows.ranging && !store_row_of(j->desk->store, l->anchor, &l->rows.anchor)) {
        l->rows.ranging = false; /* the job at which the range began is no longer in the list */
    }
    if (j->desk->loading.active && !l->touched) {
        l->rows.at = 0;
        set_cursor(j, store_row(j->desk->store, 0)->job->id);
    } else if (l->stick && store_row_of(j->desk->store, l->cursor, &row)) {
        /* The job keeps its place on the screen; when the list shows its top, new jobs come in
         * above the cursor. */
        if (l->rows.top > 0 && row != l->rows.at) {
            size_t offset = l->rows.at >= l->rows.top ? l->rows.at - l->rows.top : 0;
            l->rows.top = row > offset ? row - offset : 0;
        }
        l->rows.at = row;
        if (strcmp(store_row(j->desk->store, row)->job->id, l->cursor) != 0) {
            set_cursor(j, store_row(j->desk->store, row)->job->id); /* the job has another id now */
        }
    } else {
        l->rows.at = l->rows.at < rows ? l->rows.at : rows - 1;
        set_cursor(j, store_row(j->desk->store, l->rows.at)->job->id);
    }
    rows_settle(&l->rows, rows, list_page(j));
}

void list_to_row(struct jobs *j, size_t row)
{
    if (store_rows(j->desk->store) == 0) {
        return;
    }
    j->list.touched = true;
    j->list.rows.at = row;
    rows_settle(&j->list.rows, store_rows(j->desk->store), list_page(j));
    set_cursor(j, store_row(j->desk->store, j->list.rows.at)->job->id);
}

/* A terminal moves whole rows, and not those of a list that has something beside it: there, the
 * window moves a third of a page when the cursor leaves it, and not at every key. */
static void leap(struct jobs *j, long by)
{
    const struct layout *l = &j->desk->layout;

    if ((by == 1 || by == -1) && l->pane[PANE_LIST].cols < l->cols) {
        rows_scroll(&j->list.rows, by * (long)(list_page(j) / 3));
    }
}

void list_step(struct jobs *j, long by)
{
    size_t at = j->list.rows.at, top = j->list.rows.top;

    list_to_row(j, by >= 0 ? at + (size_t)by : at > (size_t)-by ? at - (size_t)-by : 0);
    if (j->list.rows.top != top) {
        leap(j, by);
    }
}

/* ---- range and marks ---- */

static void mark_range(struct jobs *j)
{
    size_t from = 0, to = 0;

    rows_span(&j->list.rows, &from, &to);
    store_mark_rows(j->desk->store, from, to, true);
    j->list.rows.ranging = false;
}

static void toggle_range(struct jobs *j)
{
    if (j->list.rows.ranging) {
        mark_range(j);
    } else if (j->list.cursor != NULL) {
        rows_range(&j->list.rows);
        free(j->list.anchor);
        j->list.anchor = xstrdup(j->list.cursor);
        desk_note(j->desk, NOTE_INFO, "Range: move, then v marks it; Esc leaves.");
    }
}

static void toggle_mark(struct jobs *j)
{
    const struct entry *e = jobs_current(j);

    if (j->list.rows.ranging) {
        mark_range(j);
    } else if (e != NULL) {
        store_mark(j->desk->store, e->job->id, (e->flags & ENTRY_MARKED) == 0);
        list_step(j, 1);
    }
}

/* ---- order ---- */

void list_sort_by(struct jobs *j, enum column_id id, bool descending)
{
    struct sort_order order = store_sort(j->desk->store);

    order.column = id;
    order.descending = descending;
    store_set_sort(j->desk->store, order, j->desk->now_ms);
}

void list_sort_press(struct jobs *j, enum column_id id)
{
    struct sort_order order = store_sort(j->desk->store);
    bool descending = order.column == id ? !order.descending : job_columns[id].descending;

    list_sort_by(j, id, descending);
    desk_note(j->desk, NOTE_INFO, "Sorted by %s%s.", job_columns[id].name,
              descending ? ", inverted" : "");
}

static void sort_neighbour(struct jobs *j, int by)
{
    const struct column_set *c = &j->list.columns;
    enum column_id now = store_sort(j->desk->store).column;
    size_t at = 0;

    while (at < c->len && c->ids[at] != now) {
        at++;
    }
    at = at == c->len ? 0 : (at + c->len + (by < 0 ? c->len - 1 : 1)) % c->len;
    enum column_id id = c->ids[at];
    if (id != now) {
        list_sort_press(j, id);
    }
}

static void failing_first(struct jobs *j)
{
    struct sort_order order = store_sort(j->desk->store);

    order.failing_first = !order.failing_first;
    store_set_sort(j->desk->store, order, j->desk->now_ms);
    desk_note(j->desk, NOTE_INFO,
              order.failing_first ? "Failed and stuck jobs come first."
                                  : "Failed and stuck jobs in their order.");
}

/* ---- filter ---- */

enum err_code list_set_filter(struct jobs *j, const char *text, struct err *e)
{
    struct filter *f = NULL;

    if (text[strspn(text, " ")] != '\0') {
        f = filter_new(text, e);
        if (f == NULL) {
            return E_INVALID;
        }
    }
    bool same =
        j->list.filter_applied != NULL && f != NULL && strcmp(j->list.filter_applied, text) == 0;
    if (!same) {
        free(j->list.filter_applied);
        j->list.filter_applied = f == NULL ? NULL : xstrdup(text);
    }
    j->list.filter_moves = filter_moves(f);
    bool none = !filter_wants(f, settings_context(j->desk->settings));
    store_set_filter(j->desk->store, f, j->desk->now_ms);
    store_set_none(j->desk->store, none, j->desk->now_ms);
    return E_OK;
}

void list_show_picked(struct jobs *j, const char *of)
{
    struct list_view *l = &j->list;

    (void)!list_set_filter(j, "", NULL);
    edit_set(&l->filter, NULL);
    store_set_chips(j->desk->store, (struct chips){0}, j->desk->now_ms);
    free(l->picked);
    l->picked = xstrdup(of);
    l->rows.ranging = false;
    where_focus(&j->desk->where, PANE_LIST);
    list_to_row(j, 0);
}

void list_show_all(struct jobs *j)
{
    free(j->list.picked);
    j->list.picked = NULL;
    (void)store_pick(j->desk->store, NULL, NULL, j->desk->now_ms);
}

static void toggle_failing(struct jobs *j)
{
    struct chips now = store_chips(j->desk->store);
    bool on = now.statuses == chips_failing.statuses && now.stuck;

    store_set_chips(j->desk->store, on ? (struct chips){0} : chips_failing, j->desk->now_ms);
}

/* ---- copying ---- */

static void copy_id(struct jobs *j, struct effects *out)
{
    const char *id = jobs_subject(j);

    if (id == NULL) {
        desk_note(j->desk, NOTE_INFO, "No job is selected.");
    } else {
        effects_copy(out, "Job id", text_cleaned(id, TEXT_ONE_LINE));
    }
}

/* ---- actions ---- */

static bool move_action(struct jobs *j, enum action a)
{
    long by = rows_distance(a, list_page(j));

    if (by != 0) {
        rows_turn(&j->list.rows, a, by);
        list_step(j, by);
        return true;
    }
    switch (a) {
    case ACT_LEFT:
        j->list.left = j->list.left > 8 ? j->list.left - 8 : 0;
        return true;
    case ACT_RIGHT:
        j->list.left = j->list.wide && j->list.left < 400 ? j->list.left + 8 : j->list.left;
        return true;
    default:
        return false;
    }
}

static bool order_action(struct jobs *j, enum action a)
{
    struct sort_order order = store_sort(j->desk->store);

    switch (a) {
    case ACT_SORT_LEFT:
        sort_neighbour(j, -1);
        return true;
    case ACT_SORT_RIGHT:
        sort_neighbour(j, 1);
        return true;
    case ACT_SORT_INVERT:
        list_sort_by(j, order.column, !order.descending);
        return true;
    case ACT_SORT_NAME:
        list_sort_press(j, COL_NAME);
        return true;
    case ACT_SORT_AGE:
        list_sort_press(j, COL_AGE);
        return true;
    case ACT_SORT_STATUS:
        list_sort_press(j, COL_STATUS);
        return true;
    case ACT_SORT_DURATION:
        list_sort_press(j, COL_DURATION);
        return true;
    case ACT_FAILING_FIRST:
        failing_first(j);
        return true;
    default:
        return false;
    }
}

static bool view_action(struct jobs *j, enum action a)
{
    switch (a) {
    case ACT_FILTER:
        filter_open(j);
        return true;
    case ACT_STATUS_MENU:
        menu_open_status(j);
        return true;
    case ACT_COLUMNS:
        menu_open_columns(j);
        return true;
    case ACT_FAILING:
        toggle_failing(j);
        return true;
    case ACT_WIDE:
        j->list.wide = !j->list.wide;
        j->list.left = 0;
        return true;
    case ACT_STICK:
        j->list.stick = !j->list.stick;
        desk_note(j->desk, NOTE_INFO,
                  j->list.stick ? "The cursor stays on its job." : "The cursor stays on its row.");
        return true;
    default:
        return order_action(j, a);
    }
}

bool list_action(struct jobs *j, enum action a, struct effects *out)
{
    if (j->desk->where.focus == PANE_LIST && move_action(j, a)) {
        return true;
    }
    j->list.touched = true;
    switch (a) {
    case ACT_OPEN:
        detail_open(j, j->list.cursor, j->detail.tab == TAB_LOG ? TAB_OVERVIEW : j->detail.tab);
        return true;
    case ACT_LOGS_PREVIOUS:
        if (detail_array(j, jobs_subject(j)) != NULL) {
            desk_open_children(j->desk, jobs_subject(j), true);
            return true;
        }
        detail_open(j, jobs_subject(j), TAB_LOG);
        return j->desk->where.focus == PANE_DETAIL && log_action(j, ACT_ATTEMPT_PREV, out);
    case ACT_MARK:
        toggle_mark(j);
        return true;
    case ACT_RANGE:
        toggle_range(j);
        return true;
    case ACT_MARK_ALL:
        if (store_rows(j->desk->store) > 0) {
            store_mark_rows(j->desk->store, 0, store_rows(j->desk->store) - 1, true);
        }
        return true;
    case ACT_MARK_NONE:
        store_mark_none(j->desk->store);
        j->list.rows.ranging = false;
        return true;
    case ACT_COPY:
        copy_id(j, out);
        return true;
    case ACT_COPY_URL:
        jobs_copy_console(j, out);
        return true;
    case ACT_OPEN_URL:
        jobs_open_url(j, out);
        return true;
    default:
        return view_action(j, a);
    }
}
