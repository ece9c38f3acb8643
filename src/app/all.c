/* The jobs of several contexts in one list: its rows and its cursor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "all_priv.h"
#include "core/alloc.h"
#include "core/text.h"
#include "model_priv.h"

struct all *all_new(void)
{
    return xcalloc(1, sizeof(struct all));
}

void all_free(struct all *a)
{
    if (a == NULL) {
        return;
    }
    for (size_t i = 0; i < a->len; i++) {
        if (a->items[i].model != NULL) {
            a->items[i].model->all = NULL;
            a->items[i].model->desk.elsewhere = (struct elsewhere){0};
        }
        free(a->items[i].name);
    }
    free(a->items);
    free(a->list);
    free(a);
}

static struct all_context *add(struct all *a, const char *name)
{
    a->items = xgrow(a->items, a->len, &a->cap, sizeof *a->items);
    struct all_context *c = &a->items[a->len++];
    *c = (struct all_context){
        .name = text_cleaned(name == NULL ? "(no context)" : name, TEXT_ONE_LINE)};
    return c;
}

void all_add(struct all *a, struct model *m)
{
    struct all_context *c = add(a, settings_context(m->desk.settings));

    c->model = m;
    c->colour = settings_colour(m->desk.settings);
    c->told = m->desk.link.state;
    m->all = a;
    a->models++;
}

/* Tells an error of a context in all models: whichever is the front one has it in its list. */
static void tell_all(struct all *a, const char *name, const struct err *e)
{
    char what[64];

    (void)snprintf(what, sizeof what, "Context %.40s", name);
    for (size_t i = 0; i < a->models; i++) {
        desk_error(&a->items[i].model->desk, what, e);
    }
}

void all_add_failed(struct all *a, const char *context, const struct err *why)
{
    const struct all_context *c = add(a, context);

    tell_all(a, c->name, why);
}

size_t all_front(const struct all *a)
{
    return a->front;
}

static struct model *front(const struct all *a)
{
    return a->items[a->front].model;
}

static bool in_jobs(const struct model *m)
{
    return m->desk.where.view == VIEW_JOBS && !desk_covered(&m->desk) && !m->desk.layout.too_small;
}

/* Is the list what keys go to? */
static bool in_list(const struct model *m)
{
    return in_jobs(m) && m->desk.where.focus == PANE_LIST;
}

static size_t page(const struct all *a)
{
    int rows = layout_list_rows(front(a)->desk.layout.pane[PANE_LIST]).rows;

    return rows > 0 ? (size_t)rows : 1;
}

/* ---- the rows ---- */

static const struct entry *entry_of(const struct all *a, struct all_row r)
{
    return store_row(a->items[r.model].model->desk.store, r.row);
}

/* Takes the next row of the model whose next one comes first. */
static void merge(struct all *a)
{
    size_t *at = xcalloc(a->models, sizeof *at);
    size_t total = 0;

    for (size_t i = 0; i < a->models; i++) {
        total += store_rows(a->items[i].model->desk.store);
    }
    if (total > a->list_cap) {
        a->list_cap = total + total / 2;
        a->list = xrealloc(a->list, a->list_cap * sizeof *a->list);
    }
    for (size_t n = 0; n < total; n++) {
        struct all_row best = {UINT32_MAX, 0};
        for (size_t i = 0; i < a->models; i++) {
            const struct store *s = a->items[i].model->desk.store;
            struct all_row next = {(uint32_t)i, (uint32_t)at[i]};
            if (at[i] < store_rows(s) &&
                (best.model == UINT32_MAX ||
                 store_compare(front(a)->desk.store, entry_of(a, next), entry_of(a, best)) < 0)) {
                best = next;
            }
        }
        a->list[n] = best;
        at[best.model]++;
    }
    a->rows.len = total;
    free(at);
}

/* Makes a row's model the front one, with its cursor on the job. */
static void go_to(struct all *a, size_t row)
{
    a->rows.at = row;
    rows_settle(&a->rows, a->rows.len, page(a));
    if (a->rows.len == 0) {
        return;
    }
    struct all_row to = a->list[a->rows.at];
    struct model *m = a->items[to.model].model;
    if (a->front != to.model) {
        m->jobs->list.left = front(a)->jobs->list.left;
        a->front = to.model;
    }
    where_focus(&m->desk.where, PANE_LIST);
    list_to_row(m->jobs, to.row);
}

/* Finds the cursor again, which is that of the front model, and keeps its place on the screen. */
static void find_cursor(struct all *a)
{
    const struct model *m = front(a);
    size_t old = a->rows.at;

    if (!a->touched && in_list(m)) {
        go_to(a, 0);
        return;
    }
    for (size_t i = 0; i < a->rows.len; i++) {
        if (a->list[i].model == a->front && a->list[i].row == m->jobs->list.rows.at) {
            if (a->rows.top > 0 && i != old) {
                size_t offset = old >= a->rows.top ? old - a->rows.top : 0;
                a->rows.top = i > offset ? i - offset : 0;
            }
            a->rows.at = i;
            rows_settle(&a->rows, a->rows.len, page(a));
            return;
        }
    }
    if (in_list(m)) {
        go_to(a, old); /* the front one has no rows: another one's come up */
    } else {
        rows_settle(&a->rows, a->rows.len, page(a));
    }
}

/* ---- what holds for all ---- */

static void follow_view(const struct model *from, struct model *m)
{
    const struct list_view *l = &from->jobs->list;
    struct sort_order want = store_sort(from->desk.store), has = store_sort(m->desk.store);
    struct chips chips = store_chips(from->desk.store), old = store_chips(m->desk.store);

    m->jobs->list.columns = l->columns;
    m->jobs->list.wide = l->wide;
    m->jobs->list.stick = l->stick;
    m->header = from->header;
    if (want.column != has.column || want.descending != has.descending ||
        want.failing_first != has.failing_first) {
        store_set_sort(m->desk.store, want, from->desk.now_ms);
    }
    if (chips.statuses != old.statuses || chips.stuck != old.stuck) {
        store_set_chips(m->desk.store, chips, from->desk.now_ms);
    }
    if (!text_same(l->filter_applied, m->jobs->list.filter_applied)) {
        const char *text = l->filter_applied == NULL ? "" : l->filter_applied;
        (void)!list_set_filter(m->jobs, text, NULL);
        edit_set(&m->jobs->list.filter, text);
    }
}

/* What a model that is not the front one has to say goes to the front one, with its name. */
static void pass_on(struct all *a, const struct all_context *c)
{
    struct desk *d = &c->model->desk, *to = &front(a)->desk;

    if (d->note[0] == '\0') {
        return;
    }
    if (strcmp(d->note, a->passed) == 0) {
        desk_note(to, d->note_kind, "%s", d->note); /* it has the name of its context */
    } else {
        desk_note(to, d->note_kind, "%s: %s", c->name, d->note);
    }
    if (d->note_remedy > 0 && strlen(to->note) >= strlen(d->note)) {
        to->note_remedy = strlen(to->note) - strlen(d->note) + d->note_remedy;
    }
    (void)snprintf(a->passed, sizeof a->passed, "%s", to->note);
    d->note[0] = '\0';
}

static void count(struct elsewhere *to, const struct stats *st)
{
    to->jobs += st->total;
    to->stuck += st->stuck;
    for (int s = 0; s < JOB_STATUS_COUNT; s++) {
        to->by_status[s] += st->by_status[s];
    }
}

/* Tells when a context cannot be reached any more; the reason stays in the list of errors. */
static void tell_link(struct all *a, struct all_context *c)
{
    const struct link *l = &c->model->desk.link;

    if (c->told != l->state && (l->state == LINK_FAILING || l->state == LINK_EXPIRED)) {
        tell_all(a, c->name, &l->err);
    }
    c->told = l->state;
}

void all_settle(struct all *a, bool anew)
{
    struct elsewhere here = {0};
    struct model *m = front(a);

    for (size_t i = 0; i < a->models; i++) {
        struct all_context *c = &a->items[i];
        tell_link(a, c);
        if (i != a->front) {
            follow_view(m, c->model);
            model_settle(c->model);
            pass_on(a, c);
            here.pending += desk_pending(&c->model->desk);
            here.marked += store_marked(c->model->desk.store);
            count(&here, store_stats(c->model->desk.store));
            here.runs = own_runs(c->model) ? own_runs(c->model) : here.runs;
            here.unsent |= form_unsent(&c->model->jobs->form);
        }
    }
    m->desk.elsewhere = here;
    m->desk.scene++; /* what the others changed shows in it, too */
    m->desk.scene_ms = m->desk.now_ms;
    if (anew) {
        merge(a);
        find_cursor(a);
    }
}

/* ---- keys and mouse ---- */

static void mark(struct all *a)
{
    const struct all_row *r = &a->list[a->rows.at];
    struct store *s = front(a)->desk.store;
    const struct entry *e = store_row(s, r->row);

    store_mark(s, e->job->id, (e->flags & ENTRY_MARKED) == 0);
    go_to(a, a->rows.at + 1);
}

static bool key(struct all *a, const char *name)
{
    struct model *m = front(a);
    enum action what = keymap_find(m->desk.keys, SCOPE_LIST, name);
    long by = rows_distance(what, page(a));

    if (by != 0) {
        size_t at = a->rows.at;
        rows_turn(&a->rows, what, by);
        go_to(a, by > 0 ? at + (size_t)by : at > (size_t)-by ? at - (size_t)-by : 0);
        return true;
    }
    if (what == ACT_RANGE) {
        desk_note(&m->desk, NOTE_INFO, "A range is of one context: Space marks jobs here.");
        return true;
    }
    if (what == ACT_MARK && a->rows.len > 0) {
        mark(a);
        return true;
    }
    return false;
}

/* A click on the title of a column sorts by it. */
static void click_title(struct all *a, const struct app_event *ev)
{
    struct jobs *j = front(a)->jobs;
    struct column_slot slots[COL_COUNT];
    struct rect rest;
    size_t len = all_columns(a, slots, &rest);
    enum column_id id;

    if (ev->u.mouse.row == rest.row &&
        view_list_title_at(j, rest, ev->u.mouse.col, slots, len, &id)) {
        list_sort_press(j, id);
    }
}

static bool mouse(struct all *a, const struct app_event *ev)
{
    struct rect pane = front(a)->desk.layout.pane[PANE_LIST];
    struct rect rows = layout_list_rows(pane);
    size_t at = a->rows.at, row = 0;

    if (!rect_has(pane, ev->u.mouse.row, ev->u.mouse.col)) {
        return false;
    }
    if (ev->u.mouse.button == MOUSE_WHEEL_UP || ev->u.mouse.button == MOUSE_WHEEL_DOWN) {
        go_to(a, ev->u.mouse.button == MOUSE_WHEEL_DOWN ? at + 3 : at > 3 ? at - 3 : 0);
    } else if (!rect_has(rows, ev->u.mouse.row, ev->u.mouse.col)) {
        click_title(a, ev);
    } else if (rows_shown(&a->rows, ev->u.mouse.row - rows.row, &row)) {
        go_to(a, row);
        if (ev->u.mouse.button == MOUSE_DOUBLE) {
            struct jobs *j = front(a)->jobs;
            detail_open(j, j->list.cursor, TAB_OVERVIEW);
        }
    }
    return true;
}

static bool list_key(struct all *a, const char *name)
{
    a->touched = true;
    bool taken = key(a, name);
    if (taken) {
        desk_note_key(&front(a)->desk);
    }
    return taken;
}

bool all_event(struct all *a, const struct app_event *ev)
{
    char clicked[KEY_NAME_SIZE];

    if (ev->kind == EV_MOUSE && model_footer_key(front(a), ev, clicked)) {
        return in_list(front(a)) && list_key(a, clicked);
    }
    if (ev->kind == EV_MOUSE) {
        return in_jobs(front(a)) && mouse(a, ev);
    }
    if (ev->kind == EV_KEY && in_list(front(a))) {
        return list_key(a, ev->u.key);
    }
    return false;
}
