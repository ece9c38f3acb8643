/* Menus: states, columns, what to copy. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "jobs/job_json.h"
#include "model_priv.h"

static struct menu_row *add_row(struct menu *menu, int id, char key, bool on, const char *text)
{
    struct menu_row *r = &menu->rows[menu->len++];

    memset(r, 0, sizeof *r);
    r->id = id;
    r->key = key;
    r->on = on;
    (void)snprintf(r->text, sizeof r->text, "%.60s", text);
    return r;
}

enum { CHIP_ALL = 100, CHIP_FAILING, CHIP_ACTIVE, CHIP_STUCK };

static bool chips_same(struct chips a, struct chips b)
{
    return a.statuses == b.statuses && a.stuck == b.stuck;
}

static void fill_status(struct model *m)
{
    struct chips c = store_chips(m->store);
    const struct stats *st = store_stats(m->store);
    char text[64];

    m->menu.title = "States to show";
    (void)snprintf(text, sizeof text, "All (%zu)", st->total);
    add_row(&m->menu, CHIP_ALL, 'a', c.statuses == 0 && !c.stuck, text);
    add_row(&m->menu, CHIP_FAILING, 'f', chips_same(c, chips_failing), "Failed or stuck");
    add_row(&m->menu, CHIP_ACTIVE, 'o', chips_same(c, chips_active), "Not over yet");
    (void)snprintf(text, sizeof text, "Stuck (%zu)", st->stuck);
    add_row(&m->menu, CHIP_STUCK, 's', c.stuck, text);
    for (int s = 0; s < JOB_STATUS_COUNT; s++) {
        const char *word = job_status_word((enum job_status)s);
        if (word[0] == '\0') {
            word = s == JOB_NO_STATUS ? "no status" : "others";
        }
        (void)snprintf(text, sizeof text, "%s %s (%zu)",
                       glyph_text(status_glyph((uint8_t)s), m->ascii), word, st->by_status[s]);
        add_row(&m->menu, s, 0, (c.statuses & 1U << s) != 0, text);
    }
}

static void fill_columns(struct model *m)
{
    const struct column_set *c = &m->list.columns;

    m->menu.title = "Columns";
    for (size_t i = 0; i < c->len; i++) {
        add_row(&m->menu, (int)c->ids[i], 0, true, job_columns[c->ids[i]].title);
    }
    for (int i = 0; i < COL_COUNT; i++) {
        if (!column_set_has(c, (enum column_id)i)) {
            add_row(&m->menu, i, 0, false, job_columns[i].title);
        }
    }
}

enum { COPY_ID, COPY_NAME, COPY_ROW, COPY_JSON, COPY_BATCH, COPY_URL };

static void fill_copy(struct model *m)
{
    m->menu.title = "Copy";
    add_row(&m->menu, COPY_ID, 'i', false, "Job id");
    add_row(&m->menu, COPY_NAME, 'n', false, "Business name");
    add_row(&m->menu, COPY_ROW, 'r', false, "Row of the list");
    add_row(&m->menu, COPY_JSON, 'j', false, "JSON");
    add_row(&m->menu, COPY_BATCH, 'b', false, "Batch job id");
    add_row(&m->menu, COPY_URL, 'u', false, "Address in the AWS console");
}

static void fill_menu(struct model *m, enum mode mode)
{
    m->menu.len = 0;
    if (mode == MODE_STATUS) {
        fill_status(m);
    } else if (mode == MODE_COLUMNS) {
        fill_columns(m);
    } else {
        fill_copy(m);
    }
    if (m->menu.selected >= m->menu.len) {
        m->menu.selected = m->menu.len - 1;
    }
}

void modes_open_menu(struct model *m, enum mode mode)
{
    if (mode == MODE_COPY && store_find(m->store, model_subject(m)) == NULL) {
        model_note(m, NOTE_INFO, "No job is selected.");
        return;
    }
    m->menu.selected = 0;
    fill_menu(m, mode);
    model_set_mode(m, mode);
}

static void toggle_status(struct model *m, int id)
{
    struct chips c = store_chips(m->store);

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
    store_set_chips(m->store, c, m->now_ms);
    list_sync(m);
    detail_follow_cursor(m);
}

static void toggle_column(struct model *m, enum column_id id)
{
    struct column_set *c = &m->list.columns;
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

static void move_column(struct model *m, int by)
{
    struct column_set *c = &m->list.columns;
    size_t at = m->menu.selected;

    if (at >= c->len || (by < 0 && at == 0) || (by > 0 && at + 1 >= c->len)) {
        return; /* only columns that show have a place */
    }
    size_t other = by < 0 ? at - 1 : at + 1;
    enum column_id id = c->ids[at];
    c->ids[at] = c->ids[other];
    c->ids[other] = id;
    m->menu.selected = other;
}

static char *row_text(const struct model *m, const struct entry *e)
{
    struct strbuf out = STRBUF_INIT;
    struct format_ctx x = model_format(m);
    char cell[256];

    for (size_t i = 0; i < m->list.columns.len; i++) {
        enum style st = ST_TEXT;
        job_columns[m->list.columns.ids[i]].format(e, &x, cell, sizeof cell, &st);
        strbuf_addf(&out, "%s%s", i > 0 ? "  " : "", cell);
    }
    return strbuf_take(&out);
}

static void copy_what(struct model *m, int id, struct effects *out)
{
    const struct entry *e = store_find(m->store, model_subject(m));
    char *text = NULL;

    if (e == NULL) {
        return;
    }
    if (id == COPY_URL) {
        update_action(m, ACT_COPY_URL, out);
        return;
    }
    if (id == COPY_JSON) {
        cJSON *doc = job_json(e->job, e->batch, &e->state);
        text = json_pretty(doc);
        cJSON_Delete(doc);
    } else if (id == COPY_ROW) {
        text = row_text(m, e);
    } else {
        const char *what = id == COPY_NAME ? e->job->business_name
                           : id == COPY_BATCH
                               ? (e->batch != NULL ? e->batch->id : e->job->batch_job_id)
                               : e->job->id;
        text = what == NULL ? NULL : text_cleaned(what, TEXT_ONE_LINE);
    }
    if (text == NULL) {
        model_note(m, NOTE_WARN, "The job has none.");
        return;
    }
    effects_add(out, EFF_COPY)->text = text;
}

static void take_row(struct model *m, const struct menu_row *row, bool close, struct effects *out)
{
    enum mode mode = m->mode;

    if (mode == MODE_COPY) {
        model_set_mode(m, MODE_NONE);
        copy_what(m, row->id, out);
        return;
    }
    if (mode == MODE_STATUS && close && row->id < JOB_STATUS_COUNT) {
        store_set_chips(m->store, (struct chips){.statuses = 1U << row->id}, m->now_ms);
        list_sync(m);
        detail_follow_cursor(m);
    } else if (mode == MODE_STATUS) {
        toggle_status(m, row->id);
    } else if (!close) {
        toggle_column(m, (enum column_id)row->id);
    }
    if (close) {
        model_set_mode(m, MODE_NONE);
        model_save_prefs(m, out);
    } else {
        fill_menu(m, mode);
    }
}

static void menu_step(struct menu *menu, long by)
{
    size_t last = menu->len - 1;

    if (by < 0) {
        menu->selected = menu->selected > (size_t)-by ? menu->selected - (size_t)-by : 0;
    } else {
        menu->selected = menu->selected + (size_t)by < last ? menu->selected + (size_t)by : last;
    }
}

static bool menu_move(struct menu *menu, enum action a)
{
    switch (a) {
    case ACT_UP:
        menu_step(menu, -1);
        return true;
    case ACT_DOWN:
        menu_step(menu, 1);
        return true;
    case ACT_PAGE_UP:
        menu_step(menu, -8);
        return true;
    case ACT_PAGE_DOWN:
        menu_step(menu, 8);
        return true;
    case ACT_TOP:
        menu->selected = 0;
        return true;
    case ACT_BOTTOM:
        menu->selected = menu->len - 1;
        return true;
    default:
        return false;
    }
}

static bool menu_shortcut(struct model *m, const char *key, struct effects *out)
{
    for (size_t i = 0; i < m->menu.len; i++) {
        if (m->menu.rows[i].key != 0 && m->menu.rows[i].key == key[0] && key[1] == '\0') {
            struct menu_row row = m->menu.rows[i];
            take_row(m, &row, true, out);
            return true;
        }
    }
    return false;
}

void modes_menu_action(struct model *m, enum action a, const char *key, struct effects *out)
{
    if (menu_shortcut(m, key, out) || menu_move(&m->menu, a)) {
        return;
    }
    struct menu_row row = m->menu.rows[m->menu.selected];
    switch (a) {
    case ACT_ACCEPT:
        take_row(m, &row, true, out);
        break;
    case ACT_TOGGLE:
        take_row(m, &row, false, out);
        break;
    case ACT_MOVE_UP:
    case ACT_MOVE_DOWN:
        if (m->mode == MODE_COLUMNS) {
            move_column(m, a == ACT_MOVE_UP ? -1 : 1);
            fill_menu(m, m->mode);
        }
        break;
    case ACT_RESET:
        if (m->mode == MODE_COLUMNS) {
            m->list.columns = column_set_default();
        } else if (m->mode == MODE_STATUS) {
            toggle_status(m, CHIP_ALL);
        }
        fill_menu(m, m->mode);
        break;
    case ACT_CLOSE:
    case ACT_BACK:
        model_set_mode(m, MODE_NONE);
        model_save_prefs(m, out);
        break;
    default:
        break;
    }
}
