/* The menus: states, columns, what to copy. */
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "jobs/job_json.h"
#include "jobs_priv.h"

enum { CHIP_ALL = 100, CHIP_FAILING, CHIP_ACTIVE, CHIP_STUCK };

static bool chips_same(struct chips a, struct chips b)
{
    return a.statuses == b.statuses && a.stuck == b.stuck;
}

static void fill_status(const void *owner, struct menu *menu)
{
    const struct jobs *j = owner;
    struct chips c = store_chips(j->desk->store);
    const struct stats *st = store_stats(j->desk->store);
    const struct elsewhere *others = &j->desk->elsewhere; /* the menu is of all that is listed */
    char text[64];

    (void)snprintf(text, sizeof text, "All (%zu)", st->total + others->jobs);
    menu_add(menu, CHIP_ALL, 'a', c.statuses == 0 && !c.stuck, text);
    menu_add(menu, CHIP_FAILING, 'f', chips_same(c, chips_failing), "Failed or stuck");
    menu_add(menu, CHIP_ACTIVE, 'o', chips_same(c, chips_active), "Not ended");
    (void)snprintf(text, sizeof text, "Stuck (%zu)", st->stuck + others->stuck);
    menu_add(menu, CHIP_STUCK, 's', c.stuck, text);
    for (int s = 0; s < JOB_STATUS_COUNT; s++) {
        const char *word = job_status_word((enum job_status)s);
        if (word[0] == '\0') {
            word = s == JOB_NO_STATUS ? "no status" : "others";
        }
        (void)snprintf(text, sizeof text, "%s %s (%zu)",
                       glyph_text(status_glyph((uint8_t)s), j->desk->ascii), word,
                       st->by_status[s] + others->by_status[s]);
        menu_add(menu, s, 0, (c.statuses & 1U << s) != 0, text);
    }
}

static void fill_columns(const void *owner, struct menu *menu)
{
    const struct jobs *j = owner;
    const struct column_set *c = &j->list.columns;

    struct column_slot slots[COL_COUNT];
    size_t n = jobs_columns(j, slots), shown = 0;

    for (size_t i = 0; i < c->len; i++) {
        struct menu_row *r = menu_add(menu, (int)c->ids[i], 0, true, job_columns[c->ids[i]].title);
        if (shown < n && slots[shown].column == &job_columns[c->ids[i]]) {
            shown++;
        } else {
            r->more = "not shown: the window is too narrow";
        }
    }
    for (int i = 0; i < COL_COUNT; i++) {
        if (!column_set_has(c, (enum column_id)i)) {
            menu_add(menu, i, 0, false, job_columns[i].title);
        }
    }
}

enum {
    COPY_ID,
    COPY_NAME,
    COPY_ROW,
    COPY_JSON,
    COPY_BATCH,
    COPY_TO_FILE,
    COPY_TO_PAGER,
    COPY_URLS /* and those after it */
};

/* What can be copied of a job beside its addresses. No letter is one that moves in a menu. */
static const struct {
    int id;
    char key;
    const char *text;
} copies[] = {
    {COPY_ID,    'i', "Job id"         },
    {COPY_NAME,  'n', "Business name"  },
    {COPY_ROW,   'r', "Row of the list"},
    {COPY_JSON,  'y', "JSON"           },
    {COPY_BATCH, 'b', "Batch job id"   },
};

static void add_switch(struct menu *menu, int id, char key, bool on, const char *text)
{
    menu_add(menu, id, key, on, text)->stays = true;
}

static void fill_copy(const void *owner, struct menu *menu)
{
    const struct jobs *j = owner;
    struct jobs_url urls[JOBS_URLS_MAX];
    char text[120];

    for (size_t i = 0; i < sizeof copies / sizeof *copies; i++) {
        menu_add(menu, copies[i].id, copies[i].key, false, copies[i].text);
    }
    size_t n = jobs_urls(owner, urls);
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(text, sizeof text, "%s%s%.*s", urls[i].what,
                       urls[i].kind == URL_MADE ? "  " : "",
                       urls[i].kind == URL_MADE ? text_cut(urls[i].url, 90) : 0, urls[i].url);
        menu_add(menu, COPY_URLS + (int)i, urls[i].key, false, text);
    }
    jobs_urls_free(urls, n);
    add_switch(menu, COPY_TO_FILE, 'f', j->desk->copied.to == TO_FILE,
               "... to a file in the state folder");
    add_switch(menu, COPY_TO_PAGER, 'v', j->desk->copied.to == TO_PAGER, "... in the pager");
}

static void toggle_status(struct jobs *j, int id)
{
    struct chips c = store_chips(j->desk->store);

    if (id == CHIP_ALL) {
        c = (struct chips){0};
    } else if (id == CHIP_FAILING) {
        c = chips_failing;
    } else if (id == CHIP_ACTIVE) {
        c = chips_active;
    } else if (id == CHIP_STUCK) {
        c.stuck = !c.stuck;
    } else {
        c.statuses ^= 1U << id;
    }
    store_set_chips(j->desk->store, c, j->desk->now_ms);
}

static void toggle_column(struct jobs *j, enum column_id id)
{
    struct column_set *c = &j->list.columns;
    size_t at = 0;

    while (at < c->len && c->ids[at] != id) {
        at++;
    }
    if (at == c->len) {
        c->ids[c->len++] = id;
    } else if (c->len > 1) {
        memmove(c->ids + at, c->ids + at + 1, (c->len - at - 1) * sizeof *c->ids);
        c->len--;
    }
}

static bool move_column(void *owner, size_t at, int by)
{
    struct jobs *j = owner;
    struct column_set *c = &j->list.columns;

    if (at >= c->len || (by < 0 && at == 0) || (by > 0 && at + 1 >= c->len)) {
        return false; /* only columns that show have a place */
    }
    size_t other = by < 0 ? at - 1 : at + 1;
    enum column_id id = c->ids[at];
    c->ids[at] = c->ids[other];
    c->ids[other] = id;
    return true;
}

static char *row_text(const struct jobs *j, const struct entry *e)
{
    struct strbuf out = STRBUF_INIT;
    struct format_ctx x = jobs_format(j);
    char cell[256];

    for (size_t i = 0; i < j->list.columns.len; i++) {
        enum style st = ST_TEXT;
        column_format(&job_columns[j->list.columns.ids[i]], e, &x, cell, sizeof cell, &st);
        strbuf_addf(&out, "%s%s", i > 0 ? "  " : "", cell);
    }
    return strbuf_take(&out);
}

/* Copies one of the addresses, whole: no terminal wraps what is copied. */
static void copy_url(const struct jobs *j, size_t which, struct effects *out)
{
    struct jobs_url urls[JOBS_URLS_MAX];
    size_t n = jobs_urls(j, urls);

    if (which < n) {
        copied_give(j->desk, j->desk->copied.to, urls[which].what, xstrdup(urls[which].url), out);
    }
    jobs_urls_free(urls, n);
}

static const char *copy_name(int id)
{
    size_t i = 0;

    while (copies[i].id != id) {
        i++;
    }
    return copies[i].text;
}

static void copy_what(struct jobs *j, int id, struct effects *out)
{
    const struct entry *e = store_find(j->desk->store, jobs_subject(j));
    char *text = NULL;

    if (e == NULL) {
        return;
    }
    if (id >= COPY_URLS) {
        copy_url(j, (size_t)(id - COPY_URLS), out);
        return;
    }
    if (id == COPY_JSON) {
        struct eta eta;
        bool known =
            forecast_eta(store_forecast(j->desk->store), e->job, &e->state, j->desk->now_ms, &eta);
        cJSON *doc = job_json(e->job, e->batch, &e->state, known ? &eta : NULL,
                              settings_context(j->desk->settings));
        text = json_pretty(doc);
        cJSON_Delete(doc);
    } else if (id == COPY_ROW) {
        text = row_text(j, e);
    } else {
        const char *what = id == COPY_NAME ? job_text(e->job, JOB_BUSINESS_NAME)
                           : id == COPY_BATCH
                               ? (e->batch != NULL ? e->batch->id : job_text(e->job, JOB_BATCH_ID))
                               : e->job->id;
        text = what == NULL ? NULL : text_cleaned(what, TEXT_ONE_LINE);
    }
    if (text == NULL) {
        desk_note(j->desk, NOTE_WARN, "The job has no %s.",
                  id == COPY_NAME ? "business name" : "Batch job id");
        return;
    }
    copied_give(j->desk, j->desk->copied.to, copy_name(id), text, out);
}

/* ---- the menus ---- */

_Static_assert((int)COL_COUNT < MENU_ROWS_MAX, "the column chooser has a row for each column");

static void take_status(void *owner, const struct menu_row *row, bool last, struct effects *out)
{
    struct jobs *j = owner;

    if (last && row->id < JOB_STATUS_COUNT) {
        store_set_chips(j->desk->store, (struct chips){.statuses = 1U << row->id}, j->desk->now_ms);
    } else {
        toggle_status(j, row->id);
    }
    if (last) {
        jobs_save_prefs(j, out);
    }
}

static void reset_status(void *owner)
{
    toggle_status(owner, CHIP_ALL);
}

static void save_choice(void *owner, struct effects *out)
{
    jobs_save_prefs(owner, out);
}

static void take_column(void *owner, const struct menu_row *row, bool last, struct effects *out)
{
    if (last) {
        save_choice(owner, out);
    } else {
        toggle_column(owner, (enum column_id)row->id);
    }
}

static void reset_columns(void *owner)
{
    struct jobs *j = owner;

    j->list.columns = column_set_default();
}

static void take_copy(void *owner, const struct menu_row *row, bool last, struct effects *out)
{
    struct jobs *j = owner;
    enum copy_to to = row->id == COPY_TO_FILE ? TO_FILE : TO_PAGER;

    (void)last;
    if (row->stays) {
        j->desk->copied.to = j->desk->copied.to == to ? TO_CLIPBOARD : to;
    } else {
        copy_what(j, row->id, out);
    }
}

void menu_open_status(struct jobs *j)
{
    static const struct menu_def def = {
        .title = "States to show",
        .choose = "show only this",
        .fill = fill_status,
        .take = take_status,
        .reset = reset_status,
        .left = save_choice,
    };

    menu_open(&j->desk->menu, &def, j);
}

void menu_open_columns(struct jobs *j)
{
    static const struct menu_def def = {
        .title = "Columns",
        .choose = "done",
        .fill = fill_columns,
        .take = take_column,
        .move = move_column,
        .reset = reset_columns,
        .left = save_choice,
    };

    menu_open(&j->desk->menu, &def, j);
}

void menu_open_copy(struct jobs *j)
{
    static const struct menu_def def = {
        .title = "Copy",
        .once = true,
        .fill = fill_copy,
        .take = take_copy,
    };

    if (store_find(j->desk->store, jobs_subject(j)) == NULL) {
        desk_note(j->desk, NOTE_INFO, "No job is selected.");
        return;
    }
    j->desk->copied.to = TO_CLIPBOARD;
    menu_open(&j->desk->menu, &def, j);
}
