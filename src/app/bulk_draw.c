/* Drawing a file of deploys: what is known of the file, its lines with what became of each, and the
 * chosen line's reason in full; while the file's name is typed, the files that match it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bulk_priv.h"
#include "core/text.h"
#include "draw.h"

enum { LINE_CELLS = 6, STATE_CELLS = 8, GAP = 1 };

/* ---- what is known of the file ---- */

static void ready_text(const struct bulk_view *v, char *buf, size_t size)
{
    if (v->anew) {
        (void)snprintf(buf, size, "%zu deploy%s, all as new jobs. F5 sends %s.", v->len,
                       text_plural(v->len), v->len == 1 ? "it" : "them");
    } else if (v->past.live > 0) {
        (void)snprintf(buf, size, "%zu deploy%s; another mvpdash is sending %zu of them now.",
                       v->len, text_plural(v->len), v->past.live);
    } else if (bulk_earlier(v) && bulk_to_send(v) == 0) {
        (void)snprintf(buf, size, "%zu deploy%s, sent by earlier runs. A sends all as new jobs.",
                       v->len, text_plural(v->len));
    } else if (bulk_earlier(v)) {
        (void)snprintf(buf, size, "%zu deploy%s; earlier runs sent %zu. F5 sends the rest.", v->len,
                       text_plural(v->len), v->past.sent);
    } else if (v->unknown.code != E_OK) {
        (void)snprintf(buf, size, "%zu deploy%s; r asks again, A makes all new jobs. Not known: %s",
                       v->len, text_plural(v->len), v->unknown.msg);
    } else {
        (void)snprintf(buf, size, "%zu deploy%s, all in order; nothing was sent. F5 sends %s.",
                       v->len, text_plural(v->len), v->len == 1 ? "it" : "them");
    }
}

static void over_text(const struct bulk_view *v, char *buf, size_t size)
{
    const struct bulk_totals *t = &v->totals;
    char earlier[60] = "";
    char unknown[40] = "";

    if (t->earlier > 0) {
        (void)snprintf(earlier, sizeof earlier, " and %zu by earlier runs", t->earlier);
    }
    if (t->unknown > 0) {
        (void)snprintf(unknown, sizeof unknown, ", %zu not known", t->unknown);
    }
    (void)snprintf(buf, size,
                   "%zu of %zu sent%s, %zu failed, %zu in the outbox%s, %zu not tried.%s", t->sent,
                   v->len, earlier, t->failed, t->kept, unknown, t->not_tried,
                   bulk_not_sent(t) > 0 ? " F5 sends the rest." : "");
}

static enum style state_text(const struct bulk_view *v, char *buf, size_t size)
{
    switch (v->stage) {
    case BULK_READING:
        (void)snprintf(buf, size, "Reading...");
        return ST_INFO;
    case BULK_WRONG:
        (void)snprintf(buf, size, "%s%zu mistake%s: nothing can be sent. r reads it again.",
                       v->more_wrong ? "At least " : "", v->wrong, text_plural(v->wrong));
        return ST_BAD;
    case BULK_READY:
        ready_text(v, buf, size);
        return v->past.live > 0 || (!bulk_earlier(v) && v->unknown.code != E_OK) ? ST_WARN
                                                                                 : ST_GOOD;
    case BULK_SENDING:
        (void)snprintf(buf, size, "%s%zu of %zu, %zu failed", v->stopping ? "Stopping: " : "",
                       v->ended, v->len, v->failed);
        return v->failed > 0 ? ST_WARN : ST_INFO;
    case BULK_OVER:
        over_text(v, buf, size);
        return bulk_not_sent(&v->totals) > 0 ? ST_WARN : ST_GOOD;
    case BULK_IDLE:
        break;
    }
    buf[0] = '\0';
    return ST_TEXT;
}

static void draw_state(struct surface *s, struct rect r, const struct bulk_view *v)
{
    char text[200];
    enum style st = state_text(v, text, sizeof text);
    int x = r.col + 1;

    if (v->stage == BULK_SENDING && r.cols >= 50) {
        int bar = r.cols / 4;
        int percent = v->len == 0 ? 0 : (int)(v->ended * 100 / v->len);
        surface_bar(s, r.row, x, bar, percent);
        x += bar + 1;
    }
    surface_put_cut(s, r.row, x, r.col + r.cols - x, st, text);
}

/* ---- the lines ---- */

/* The cells of user, product, business and job id; the note takes the rest. */
struct widths {
    int user, product, name, id, note;
};

static struct widths share(int cols, bool ids)
{
    struct widths w = {0};
    int left = cols - LINE_CELLS - STATE_CELLS - 3 * GAP;

    w.user = left >= 100 ? 16 : left >= 48 ? 10 : 0;
    w.product = left >= 100 ? 16 : left >= 60 ? 10 : 0;
    w.id = ids && left >= 90 ? 28 : 0;
    left -= w.user + w.product + w.id + GAP * ((w.user > 0) + (w.product > 0) + (w.id > 0));
    w.name = left >= 24 ? left / 3 : 0;
    w.name = w.name > 30 ? 30 : w.name;
    w.note = left - w.name - GAP * (w.name > 0);
    return w;
}

static int put_cell(struct surface *s, int row, int x, int width, enum style st, const char *text)
{
    if (width <= 0) {
        return x;
    }
    surface_put_cut(s, row, x, width, st, text == NULL ? "" : text);
    return x + width + GAP;
}

static void draw_titles(struct surface *s, struct rect r, const struct widths *w)
{
    int x = r.col + 1;

    surface_put(s, r.row, x, LINE_CELLS, ST_COLUMN, "  Line");
    x += LINE_CELLS + GAP;
    x = put_cell(s, r.row, x, STATE_CELLS, ST_COLUMN, "State");
    x = put_cell(s, r.row, x, w->user, ST_COLUMN, "User");
    x = put_cell(s, r.row, x, w->product, ST_COLUMN, "Product");
    x = put_cell(s, r.row, x, w->name, ST_COLUMN, "Business");
    x = put_cell(s, r.row, x, w->id, ST_COLUMN, "Job id");
    (void)put_cell(s, r.row, x, w->note, ST_COLUMN, "What");
}

/* What there is to say about a line besides its columns. */
static const char *what(const struct bulk_row *r, bool with_id)
{
    if (r->mark == LINE_SENT && r->earlier) {
        return "by an earlier run";
    }
    if (r->mark == LINE_SENT && !with_id && r->job_id != NULL) {
        return r->job_id; /* the reason is worth more than the event's id */
    }
    return r->note == NULL ? "" : r->note;
}

static void draw_line(struct surface *s, struct rect r, const struct bulk_row *row,
                      const struct widths *w, bool here)
{
    char number[24];
    int x = r.col + 1;
    bool bad = row->mark == LINE_WRONG || row->mark == LINE_FAILED || row->mark == LINE_KEPT ||
               row->mark == LINE_UNKNOWN;

    (void)snprintf(number, sizeof number, "%*zu", LINE_CELLS, row->line);
    surface_put(s, r.row, x, LINE_CELLS, ST_DIM, number);
    x += LINE_CELLS + GAP;
    x = put_cell(s, r.row, x, STATE_CELLS, bulk_mark_style(row->mark), bulk_mark_word(row->mark));
    if (row->mark == LINE_WRONG) { /* the reason gets all the room */
        surface_put_cut(s, r.row, x, r.col + r.cols - x, ST_BAD, row->note);
    } else {
        x = put_cell(s, r.row, x, w->user, ST_TEXT, row->user);
        x = put_cell(s, r.row, x, w->product, ST_TEXT, row->product);
        x = put_cell(s, r.row, x, w->name, ST_TEXT, row->name);
        x = put_cell(s, r.row, x, w->id, ST_TEXT, row->job_id);
        (void)put_cell(s, r.row, x, w->note, bad ? ST_BAD : ST_DIM, what(row, w->id > 0));
    }
    if (here) {
        surface_glyph(s, r.row, r.col, ST_TEXT, GLYPH_MARK);
        surface_over(s, r.row, r.col, LINE_CELLS + STATE_CELLS + 3, OVER_CURSOR);
    }
}

static void draw_lines(struct surface *s, const struct bulk_view *v, struct rect body)
{
    bool ids = v->stage == BULK_SENDING || v->stage == BULK_OVER;
    struct widths w = share(body.cols, ids);

    draw_titles(s, (struct rect){body.row, body.col, 1, body.cols}, &w);
    for (size_t i = 0; i < v->list.page && v->list.top + i < v->list.len; i++) {
        struct rect r = {body.row + 1 + (int)i, body.col, 1, body.cols};
        if (r.row >= body.row + body.rows) {
            break;
        }
        draw_line(s, r, &v->rows[v->shown[v->list.top + i]], &w, v->list.top + i == v->list.at);
    }
    if (v->list.len == 0 && v->only_trouble) {
        surface_put_cut(s, body.row + 1, body.col + 2, body.cols - 2, ST_DIM,
                        "No line has failed. z shows all.");
    }
}

/* Draws the chosen line in full, under the table. */
static void draw_chosen(struct surface *s, const struct bulk_view *v, struct rect r)
{
    const struct bulk_row *row = bulk_current(v);
    char text[200];

    if (row != NULL && row->mark == LINE_SENT) {
        (void)snprintf(text, sizeof text, "job %.130s  event %.40s", row->job_id,
                       row->note == NULL || row->note[0] == '\0' ? "-" : row->note);
        surface_put_cut(s, r.row, r.col + 1, r.cols - 2, ST_DIM, text);
    } else if (row != NULL && row->note != NULL && row->note[0] != '\0') {
        (void)draw_notice(s, (struct rect){r.row, r.col + 1, r.rows, r.cols - 2}, ST_BAD, row->note,
                          row->mark == LINE_WRONG ? " Enter shows all" : "");
    }
}

/* ---- before there is a file ---- */

static void draw_files(struct surface *s, const struct bulk_view *v, struct rect r)
{
    size_t page = r.rows > 0 ? (size_t)r.rows : 0;
    size_t top = v->file > page ? v->file - page : 0;

    for (size_t i = top; i < v->files_len && i - top < page; i++) {
        char *clean = text_cleaned(v->files[i], TEXT_ONE_LINE);
        int row = r.row + (int)(i - top);
        bool here = i + 1 == v->file;
        bool folder = v->files[i][strlen(v->files[i]) - 1] == '/';
        surface_put_cut(s, row, r.col + 1, r.cols - 1, folder ? ST_INFO : ST_TEXT, clean);
        if (here) {
            surface_glyph(s, row, r.col, ST_TEXT, GLYPH_MARK);
            surface_over(s, row, r.col, r.cols, OVER_CURSOR);
        }
        free(clean);
    }
}

static const char about[] =
    "A file of deploys, sent all at once: CSV with a header (userId, productId, businessName, "
    "priority ...; other columns go into the metadata), or JSON Lines, one object a line. Every "
    "line is checked before anything is sent, and you are asked.";

static void draw_before(struct surface *s, const struct bulk_view *v, const struct desk *desk,
                        struct rect r, bool typing)
{
    struct rect box = {r.row, r.col + 1, r.rows, r.cols - 2};
    int used = 0;

    if (v->err.code != E_OK && !typing) {
        used = draw_err(s, box, desk, &v->err) + 1;
        box.row += used;
        box.rows -= used;
    }
    used = draw_wrapped(s, box, ST_DIM, about);
    if (typing) {
        box = (struct rect){box.row + used + 1, r.col, box.rows - used - 1, r.cols};
        draw_files(s, v, box);
    } else {
        box.row += used + 1;
        box.rows -= used + 1;
        (void)draw_wrapped(s, box, ST_HINT, "o names a file.");
    }
}

void bulk_draw(struct surface *s, const void *self, const struct desk *desk, struct rect all)
{
    const struct bulk_view *v = self;
    bool typing = line_is_of(&desk->line, &v->path);
    struct rect body = {all.row + 1, all.col, all.rows - 1, all.cols};
    char at[64] = "", title[160];
    char *name = text_cleaned(v->name == NULL ? "" : v->name, TEXT_ONE_LINE);

    (void)snprintf(title, sizeof title, "%s%s%.100s", screen_bulk.title,
                   name[0] == '\0' ? "" : "  ", name);
    free(name);
    if (v->list.len > 0) {
        (void)snprintf(at, sizeof at, "%zu/%zu ", v->list.at + 1, v->list.len);
    }
    draw_title(s, all, &(struct pane_title){title, at, !desk_covered(desk)});
    if (typing || (v->stage == BULK_IDLE && v->len == 0)) {
        draw_before(s, v, desk, body, typing);
        return;
    }
    draw_state(s, (struct rect){body.row, body.col, 1, body.cols}, v);
    draw_lines(s, v,
               (struct rect){body.row + 1, body.col, body.rows - 1 - BULK_FOOT_ROWS, body.cols});
    draw_chosen(
        s, v,
        (struct rect){body.row + body.rows - BULK_FOOT_ROWS, body.col, BULK_FOOT_ROWS, body.cols});
}
