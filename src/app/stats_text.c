/* The lines of the statistics. On a narrow screen they are one text: the figures and the causes,
 * then plots, groups and steps. On a wide one the figures and plots stand to the left, as long as
 * they fit, and the list of causes and groups to the right. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/plot.h"
#include "core/text.h"
#include "jobs/age.h"
#include "stats.h"

enum {
    GUTTER = 1, /* cells for the mark of the cursor */
    CAUSES_SHOWN = 20,
    GROUPS_SHOWN = 200,
    STEPS_SHOWN = 3,
    BUSIEST = 3,
    PLOT_AXIS = 3, /* lines of a plot beside its bars: title, axis, times */
    DONE_ROWS = 5,
    FAILED_ROWS = 3,
    LEAST_ROWS = 3,
    DONE_MOST = 24,
    FAILED_MOST = 12,
    KEY_CELLS = 24,
    KEY_LEAST = 8,
    GROUP_CELLS = 7 + 9 + 11 + 11 /* of a group, without its key */
};

struct stats_rooms stats_rooms(struct rect body, bool wide)
{
    struct stats_rooms r = {.list = body};

    if (wide) {
        r.figures = body;
        r.figures.cols = body.cols / 2 - 1;
        r.list.col += r.figures.cols + 1;
        r.list.cols -= r.figures.cols + 1;
    }
    return r;
}

static bool may_be_wide(struct rect body)
{
    return body.cols >= LAYOUT_WIDE_COLS;
}

int stats_plot_cells(struct rect body)
{
    struct stats_rooms r = stats_rooms(body, may_be_wide(body));

    return (may_be_wide(body) ? r.figures.cols : r.list.cols) - GUTTER;
}

void stats_lines_clear(struct stats_lines *l)
{
    for (size_t i = 0; i < l->len; i++) {
        free(l->items[i].text);
    }
    free(l->items);
    *l = (struct stats_lines){0};
}

/* ---- a line, part by part ---- */

struct writer {
    const struct stats_view *v;
    struct stats_lines *to;
    int cells;
    struct strbuf text;
    struct stats_line line;
};

/* Adds a part; text from outside is cleaned. */
static void put_text(struct writer *w, enum style st, const char *text)
{
    size_t before = w->text.len;

    text_clean(&w->text, text, strlen(text), TEXT_ONE_LINE | (w->v->ascii ? TEXT_ASCII : 0));
    if (w->line.parts_len < STATS_PARTS && w->text.len > before) {
        w->line.parts[w->line.parts_len++] =
            (struct stats_part){(uint16_t)(w->text.len - before), (uint8_t)st};
    }
}

static void put(struct writer *w, enum style st, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void put(struct writer *w, enum style st, const char *fmt, ...)
{
    char buf[400];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(buf, sizeof buf, fmt, args);
    va_end(args);
    put_text(w, st, buf);
}

/* Adds a part that is exactly so wide: filled with blanks, or cut. */
static void put_cell(struct writer *w, enum style st, int cells, bool right, const char *text)
{
    char *clean = text_cleaned(text, TEXT_ONE_LINE);
    int used = 0;
    bool cut = text_width(clean) > cells;
    size_t n = text_fit(clean, cut ? cells - 1 : cells, &used);
    char *part = xasprintf("%*s%.*s%s%*s", right ? cells - used - cut : 0, "", (int)n, clean,
                           !cut          ? ""
                           : w->v->ascii ? "~"
                                         : "\xe2\x80\xa6",
                           right ? 0 : cells - used - cut, "");

    put_text(w, st, part);
    free(part);
    free(clean);
}

static struct stats_line *end(struct writer *w)
{
    struct stats_lines *to = w->to;

    to->items = xgrow(to->items, to->len, &to->cap, sizeof *to->items);
    to->items[to->len] = w->line;
    to->items[to->len].text = strbuf_take(&w->text);
    w->line = (struct stats_line){0};
    return &to->items[to->len++];
}

static void blank(struct writer *w)
{
    if (w->to->len > 0) {
        (void)end(w);
    }
}

static void heading(struct writer *w, const char *text)
{
    blank(w);
    put(w, ST_STRONG, "%s", text);
}

static const char *share_text(double x, char buf[16])
{
    if (x < 0) {
        return "-";
    }
    (void)snprintf(buf, 16, "%.1f %%", 100 * x);
    return buf;
}

static void put_time(struct writer *w, int cells, int64_t ms)
{
    char text[AGE_SIZE];

    put_cell(w, ms == TIME_NONE ? ST_DIM : ST_TEXT, cells, true,
             ms == TIME_NONE ? "-" : duration_long(ms, text));
}

/* ---- the figures ---- */

static void add_doubts(struct writer *w)
{
    const struct stats_seen *seen = &w->v->seen;

    if (seen->loading) {
        put(w, ST_WARN, "The first load is under way: older jobs are still missing.");
        (void)end(w);
    }
    if (seen->untimed + seen->later > 0) {
        put(w, ST_WARN, "Not counted:");
        if (seen->untimed > 0) {
            put(w, ST_WARN, " %zu job%s without a time", seen->untimed, text_plural(seen->untimed));
        }
        if (seen->later > 0) {
            put(w, ST_WARN, "%s %zu ahead of this clock", seen->untimed > 0 ? "," : "",
                seen->later);
        }
        (void)end(w);
    }
}

static void add_statuses(struct writer *w, const struct insight *x)
{
    for (size_t i = 0; i < x->statuses_len; i++) {
        const struct insight_status *s = &x->statuses[i];
        char *clean = text_cleaned(s->word, TEXT_ONE_LINE);
        char *part =
            xasprintf("%.*s %zu", (int)text_fit(clean, w->cells - 10, NULL), clean, s->jobs);
        if (w->text.len > 0 &&
            (w->line.parts_len + 2 > STATS_PARTS ||
             text_width(strbuf_str(&w->text)) + 2 + text_width(part) > w->cells)) {
            (void)end(w);
        }
        put(w, ST_TEXT, "%s", w->text.len > 0 ? "  " : "");
        put_text(w, status_style((uint8_t)job_status_parse(s->word)), part);
        free(part);
        free(clean);
    }
    if (w->text.len > 0) {
        (void)end(w);
    }
}

static void add_figures(struct writer *w, const char *what, const struct insight_figures *f,
                        size_t jobs)
{
    put_cell(w, ST_LABEL, 12, false, what);
    put_time(w, 11, f->p50);
    put_time(w, 11, f->p90);
    put_time(w, 11, f->p99);
    put(w, ST_DIM, "  %zu of %zu", f->count, jobs);
    (void)end(w);
}

static void add_durations(struct writer *w, const struct insight *x)
{
    put_cell(w, ST_COLUMN, 12, false, "");
    put_cell(w, ST_COLUMN, 11, true, "p50");
    put_cell(w, ST_COLUMN, 11, true, "p90");
    put_cell(w, ST_COLUMN, 11, true, "p99");
    put(w, ST_COLUMN, "  known for");
    (void)end(w);
    add_figures(w, "duration", &x->took, x->jobs);
    add_figures(w, "waiting", &x->waited, x->jobs);
    put_cell(w, ST_LABEL, 12, false, "cost");
    put(w, ST_DIM, "unknown");
    (void)end(w);
}

static void add_totals(struct writer *w, const struct insight *x)
{
    char rate[16];

    add_doubts(w);
    put(w, ST_STRONG, "%zu job%s", x->jobs, text_plural(x->jobs));
    put(w, ST_DIM, " of %zu loaded job%s", w->v->seen.loaded, text_plural(w->v->seen.loaded));
    (void)end(w);
    add_statuses(w, x);
    put(w, ST_LABEL, "success rate ");
    if (x->completed + x->failed == 0) {
        put(w, ST_DIM, "not known: no job completed or failed");
    } else {
        put(w, ST_STRONG, "%s", share_text(insight_rate(x->completed, x->failed), rate));
        put(w, ST_DIM, " of %zu that completed or failed", x->completed + x->failed);
    }
    (void)end(w);
    add_durations(w, x);
}

/* ---- plots ---- */

static void add_plot(struct writer *w, const struct insight *x, const char *what, size_t jobs,
                     const uint32_t *values, int height, enum style st)
{
    struct strbuf b = STRBUF_INIT;
    char each[AGE_SIZE];
    char *save = NULL;
    size_t shown = 0;
    uint32_t most = 0;
    int row = 0;
    struct plot p = {.values = values,
                     .len = x->buckets_len,
                     .from_ms = x->buckets_from_ms,
                     .bucket_ms = x->query.bucket_ms,
                     .width = w->cells,
                     .height = height,
                     .ascii = w->v->ascii};

    for (size_t i = 0; i < x->buckets_len; i++) {
        shown += values[i];
        most = values[i] > most ? values[i] : most;
    }
    heading(w, what);
    if (jobs == 0) {
        put(w, ST_DIM, ": none");
        (void)end(w);
        return;
    }
    /* few jobs are no tower */
    p.height = (uint32_t)height > 2 * most && height > LEAST_ROWS
                   ? (2 * most > LEAST_ROWS ? (int)(2 * most) : LEAST_ROWS)
                   : height;
    put(w, ST_DIM, ", each %s", duration_text(x->query.bucket_ms, each));
    if (shown < jobs) {
        put(w, ST_DIM, ", shown for %zu of %zu", shown, jobs);
    }
    (void)end(w);
    plot_draw(&b, &p);
    for (char *l = strtok_r(b.data, "\n", &save); l != NULL; l = strtok_r(NULL, "\n", &save)) {
        size_t margin = text_fit(l, PLOT_MARGIN, NULL);
        put(w, ST_DIM, "%.*s", (int)margin, l);
        put_text(w, row++ < p.height ? st : ST_DIM, l + margin);
        (void)end(w);
    }
    strbuf_clear(&b);
}

/* `rows`: of bars, for both plots together. */
static void add_plots(struct writer *w, const struct insight *x, int rows)
{
    uint32_t *done = xcalloc(x->buckets_len + 1, sizeof *done);
    uint32_t *failed = xcalloc(x->buckets_len + 1, sizeof *failed);
    int below = rows * FAILED_ROWS / (DONE_ROWS + FAILED_ROWS);
    int above = rows - below;

    for (size_t i = 0; i < x->buckets_len; i++) {
        done[i] = x->buckets[i].completed;
        failed[i] = x->buckets[i].failed;
    }
    add_plot(w, x, "Completed", x->completed, done, above < DONE_MOST ? above : DONE_MOST,
             ST_COMPLETED);
    add_plot(w, x, "Failed", x->failed, failed, below < FAILED_MOST ? below : FAILED_MOST,
             ST_FAILED);
    free(done);
    free(failed);
}

static void add_hours(struct writer *w, const struct insight *x)
{
    bool told[24] = {false};

    for (int n = 0; n < BUSIEST; n++) {
        int best = -1;
        for (int h = 0; h < 24; h++) {
            bool more = !told[h] && x->hours[h] > 0 && (best < 0 || x->hours[h] > x->hours[best]);
            best = more ? h : best;
        }
        if (best < 0) {
            break;
        }
        told[best] = true;
        put(w, n == 0 ? ST_LABEL : ST_TEXT, "%s", n == 0 ? "busiest hours " : ", ");
        put(w, ST_TEXT, "%02d-%02d h %u job%s", best, best + 1, x->hours[best],
            text_plural(x->hours[best]));
    }
    if (w->text.len > 0) {
        (void)end(w);
    }
}

static void add_steps(struct writer *w, const struct insight *x)
{
    heading(w, "Steps");
    put(w, ST_DIM, ", times known for %zu of %zu job%s", x->step_jobs, x->jobs,
        text_plural(x->jobs));
    (void)end(w);
    if (x->steps_len == 0) {
        return;
    }
    put_cell(w, ST_COLUMN, KEY_CELLS, false, "Step");
    put_cell(w, ST_COLUMN, 8, true, "Count");
    put_cell(w, ST_COLUMN, 11, true, "p50");
    put_cell(w, ST_COLUMN, 11, true, "p90");
    (void)end(w);
    for (size_t i = 0; i < x->steps_len; i++) {
        const struct insight_step *s = &x->steps[i];
        put_cell(w, ST_TEXT, KEY_CELLS, false, s->step);
        char number[24];
        (void)snprintf(number, sizeof number, "%zu", s->took.count);
        put_cell(w, ST_TEXT, 8, true, number);
        put_time(w, 11, s->took.p50);
        put_time(w, 11, s->took.p90);
        (void)end(w);
    }
}

/* ---- causes and groups ---- */

static void add_cause(struct writer *w, const struct insight *x, size_t i)
{
    const struct insight_cause *c = &x->causes[i];
    int64_t now = insight_last(&x->query);
    char first[AGE_SIZE];
    char last[AGE_SIZE];
    char share[16];
    struct stats_line *l;

    put(w, ST_STRONG, "%6zu", c->count);
    put_cell(w, ST_TEXT, 9, true, share_text((double)c->count / (double)x->failed, share));
    put(w, ST_TEXT, "  ");
    put_text(w, ST_BAD, c->text);
    l = end(w);
    l->what = STATS_CAUSE;
    l->item = i;
    put(w, ST_WARN, "%17s%s", "", c->fresh ? "new since yesterday, " : "");
    put(w, ST_DIM, "first %s ago, last %s ago, %zu user%s", age_text(c->first_ms, now, first),
        age_text(c->last_ms, now, last), c->users, text_plural(c->users));
    for (size_t k = 0; k < c->steps_len && k < STEPS_SHOWN; k++) {
        put(w, ST_DIM, "%s%s", k == 0 ? ", " : " ", c->steps[k]);
    }
    if (c->steps_len > STEPS_SHOWN) {
        put(w, ST_DIM, " +%zu", c->steps_len - STEPS_SHOWN);
    }
    (void)end(w);
}

static void add_causes(struct writer *w, const struct insight *x)
{
    heading(w, "Why jobs fail");
    if (x->causes_len == 0) {
        put(w, ST_GOOD, ": none failed");
        (void)end(w);
        return;
    }
    put(w, ST_DIM, ", %zu cause%s of %zu failure%s", x->causes_len, text_plural(x->causes_len),
        x->failed, text_plural(x->failed));
    (void)end(w);
    for (size_t i = 0; i < x->causes_len && i < CAUSES_SHOWN; i++) {
        add_cause(w, x, i);
    }
    if (x->causes_len > CAUSES_SHOWN) {
        put(w, ST_DIM, "and %zu more: `mvpdash stats --json` has all",
            x->causes_len - CAUSES_SHOWN);
        (void)end(w);
    }
}

static int key_cells(const struct writer *w)
{
    int cells = w->cells - GROUP_CELLS;

    return cells > KEY_CELLS ? KEY_CELLS : cells < KEY_LEAST ? KEY_LEAST : cells;
}

static void add_group(struct writer *w, const struct insight *x, size_t i)
{
    const struct insight_group *g = &x->groups[i];
    char text[24];
    struct stats_line *l;

    put_cell(w, g->key == NULL ? ST_DIM : ST_TEXT, key_cells(w), false,
             g->key == NULL ? "(not told)" : g->key);
    (void)snprintf(text, sizeof text, "%zu", g->jobs);
    put_cell(w, ST_STRONG, 7, true, text);
    put_cell(w, ST_TEXT, 9, true, share_text(insight_rate(g->completed, g->failed), text));
    put_time(w, 11, g->took.p50);
    put_time(w, 11, g->took.p90);
    l = end(w);
    l->what = STATS_GROUP;
    l->item = i;
}

static void add_groups(struct writer *w, const struct insight *x)
{
    bool days = x->query.by == INSIGHT_BY_DAY;

    heading(w, "By ");
    put(w, ST_STRONG, "%s", insight_by_word(x->query.by));
    (void)end(w);
    put_cell(w, ST_COLUMN, key_cells(w), false, "");
    put_cell(w, ST_COLUMN, 7, true, "Jobs");
    put_cell(w, ST_COLUMN, 9, true, "Success");
    put_cell(w, ST_COLUMN, 11, true, "p50");
    put_cell(w, ST_COLUMN, 11, true, "p90");
    (void)end(w);
    for (size_t i = 0; i < x->groups_len && i < GROUPS_SHOWN; i++) {
        add_group(w, x, days ? x->groups_len - 1 - i : i); /* the newest day first */
    }
    if (x->groups_len > GROUPS_SHOWN) {
        put(w, ST_DIM, "and %zu more: `mvpdash stats --by %s` has all",
            x->groups_len - GROUPS_SHOWN, insight_by_word(x->query.by));
        (void)end(w);
    }
}

/* ---- all of it ---- */

static void add_nothing(struct writer *w)
{
    char period[48];

    put(w, ST_DIM, "No job is of this time (%s): ] takes a longer one.",
        stats_period(w->v, period, sizeof period));
    (void)end(w);
}

/* Side by side. False: the figures do not fit beside the list. */
static bool write_wide(struct stats_view *v, struct rect body)
{
    struct stats_rooms r = stats_rooms(body, true);
    struct writer left = {.v = v, .to = &v->figures, .cells = r.figures.cols - GUTTER};
    struct writer right = {.v = v, .to = &v->list, .cells = r.list.cols - GUTTER};
    size_t steps = 2 + (v->x->steps_len > 0 ? v->x->steps_len + 1 : 0);
    size_t rows = (size_t)body.rows;

    add_totals(&left, v->x);
    add_hours(&left, v->x);
    size_t least = v->figures.len + 2 * (PLOT_AXIS + 1) + DONE_ROWS + FAILED_ROWS;
    if (least > rows) {
        return false;
    }
    bool fits = least + steps <= rows;
    add_plots(&left, v->x, (int)(rows - least - (fits ? steps : 0)) + DONE_ROWS + FAILED_ROWS);
    if (fits) {
        add_steps(&left, v->x);
    }
    add_causes(&right, v->x);
    add_groups(&right, v->x);
    if (!fits) {
        add_steps(&right, v->x);
    }
    return true;
}

static void write_narrow(struct stats_view *v, struct rect body)
{
    struct writer w = {.v = v, .to = &v->list, .cells = body.cols - GUTTER};

    add_totals(&w, v->x);
    if (v->x->jobs == 0) {
        blank(&w);
        add_nothing(&w);
        return;
    }
    add_causes(&w, v->x);
    add_plots(&w, v->x, DONE_ROWS + FAILED_ROWS);
    add_hours(&w, v->x);
    add_groups(&w, v->x);
    add_steps(&w, v->x);
}

void stats_text(struct stats_view *v, struct rect body)
{
    stats_lines_clear(&v->figures);
    stats_lines_clear(&v->list);
    v->wide = may_be_wide(body) && v->x->jobs > 0 && write_wide(v, body);
    if (!v->wide) {
        stats_lines_clear(&v->figures);
        write_narrow(v, body);
    }
}
