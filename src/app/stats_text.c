/* The lines of the statistics. On a narrow screen they are one text: the figures and the causes,
 * then plots, groups and steps. On a wide one the figures and plots stand to the left, as long as
 * they fit, and the list of causes and groups to the right. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/plot.h"
#include "core/text.h"
#include "jobs/age.h"
#include "jobs/price.h"
#include "stats_priv.h"

enum {
    GUTTER = 1, /* cells for the mark of the cursor */
    BUSIEST = 3,
    PLOT_AXIS = 3, /* lines of a plot beside its bars: title, axis, times */
    DONE_ROWS = 5,
    FAILED_ROWS = 3,
    LEAST_ROWS = 3,
    DONE_MOST = 24,
    FAILED_MOST = 12
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

/* ---- the figures ---- */

static void add_doubts(struct stats_writer *w)
{
    const struct stats_seen *seen = &w->v->seen;

    if (seen->loading) {
        stats_put(w, ST_WARN, "The first load is under way: older jobs are still missing.");
        (void)stats_end(w);
    }
    if (seen->untimed + seen->later > 0) {
        stats_put(w, ST_WARN, "Not counted:");
        if (seen->untimed > 0) {
            stats_put(w, ST_WARN, " %zu job%s without a time", seen->untimed,
                      text_plural(seen->untimed));
        }
        if (seen->later > 0) {
            stats_put(w, ST_WARN, "%s %zu with a time ahead of this clock",
                      seen->untimed > 0 ? "," : "", seen->later);
        }
        (void)stats_end(w);
    }
}

static void add_statuses(struct stats_writer *w, const struct insight *x)
{
    for (size_t i = 0; i < x->statuses_len; i++) {
        const struct insight_status *s = &x->statuses[i];
        char *clean = text_cleaned(s->word, TEXT_ONE_LINE);
        char *part =
            xasprintf("%.*s %zu", (int)text_fit(clean, w->cells - 10, NULL), clean, s->jobs);
        if (w->text.len > 0 &&
            (w->line.parts_len + 2 > STATS_PARTS ||
             text_width(strbuf_str(&w->text)) + 2 + text_width(part) > w->cells)) {
            (void)stats_end(w);
        }
        stats_put(w, ST_TEXT, "%s", w->text.len > 0 ? "  " : "");
        stats_put_text(w, status_style((uint8_t)job_status_parse(s->word)), part);
        free(part);
        free(clean);
    }
    if (w->text.len > 0) {
        (void)stats_end(w);
    }
}

static void add_figures(struct stats_writer *w, const char *what, const struct insight_figures *f,
                        size_t jobs)
{
    stats_put_cell(w, ST_LABEL, 12, false, what);
    stats_put_time(w, 11, f->p50);
    stats_put_time(w, 11, f->p90);
    stats_put_time(w, 11, f->p99);
    stats_put(w, ST_DIM, "  %zu of %zu", f->count, jobs);
    (void)stats_end(w);
}

static void add_durations(struct stats_writer *w, const struct insight *x)
{
    char usd[PRICE_SIZE];

    stats_put_cell(w, ST_COLUMN, 12, false, "");
    stats_put_cell(w, ST_COLUMN, 11, true, "p50");
    stats_put_cell(w, ST_COLUMN, 11, true, "p90");
    stats_put_cell(w, ST_COLUMN, 11, true, "p99");
    stats_put(w, ST_COLUMN, "  known for");
    (void)stats_end(w);
    add_figures(w, "duration", &x->took, x->jobs);
    add_figures(w, "waiting", &x->waited, x->jobs);
    stats_put_cell(w, ST_LABEL, 12, false, "cost");
    if (x->cost.jobs == 0) {
        stats_put(w, ST_DIM, "unknown");
    } else {
        stats_put(w, ST_TEXT, "about %s", price_text(x->cost.usd, usd));
        stats_put(w, ST_DIM, " (estimate), %zu of %zu", x->cost.jobs, x->jobs);
    }
    (void)stats_end(w);
    if (x->waited.count < stats_over(x)) {
        stats_put(w, ST_DIM, "%12sHow long ended jobs waited: see `mvpdash stats`", "");
        (void)stats_end(w);
    }
}

static void add_totals(struct stats_writer *w, const struct insight *x)
{
    char rate[16];

    add_doubts(w);
    stats_put(w, ST_STRONG, "%zu job%s", x->jobs, text_plural(x->jobs));
    stats_put(w, ST_DIM, " of %zu loaded job%s", w->v->seen.loaded, text_plural(w->v->seen.loaded));
    (void)stats_end(w);
    add_statuses(w, x);
    stats_put(w, ST_LABEL, "success rate ");
    if (x->completed + x->failed == 0) {
        stats_put(w, ST_DIM, "not known: no job completed or failed");
    } else {
        stats_put(w, ST_STRONG, "%s", stats_share(insight_rate(x->completed, x->failed), rate));
        stats_put(w, ST_DIM, " of %zu that completed or failed", x->completed + x->failed);
    }
    (void)stats_end(w);
    add_durations(w, x);
}

/* ---- plots ---- */

static void add_plot(struct stats_writer *w, const struct insight *x, const char *what, size_t jobs,
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
    stats_heading(w, what);
    if (jobs == 0) {
        stats_put(w, ST_DIM, ": none");
        (void)stats_end(w);
        return;
    }
    /* few jobs are no tower */
    p.height = (uint32_t)height > 2 * most && height > LEAST_ROWS
                   ? (2 * most > LEAST_ROWS ? (int)(2 * most) : LEAST_ROWS)
                   : height;
    stats_put(w, ST_DIM, ", each %s", duration_text(x->query.bucket_ms, each));
    if (shown < jobs) {
        stats_put(w, ST_DIM, ", shown for %zu of %zu", shown, jobs);
    }
    (void)stats_end(w);
    plot_draw(&b, &p);
    for (char *l = strtok_r(b.data, "\n", &save); l != NULL; l = strtok_r(NULL, "\n", &save)) {
        size_t margin = text_fit(l, PLOT_MARGIN, NULL);
        stats_put(w, ST_DIM, "%.*s", (int)margin, l);
        stats_put_text(w, row++ < p.height ? st : ST_DIM, l + margin);
        (void)stats_end(w);
    }
    strbuf_clear(&b);
}

/* `rows`: of bars, for both plots together. */
static void add_plots(struct stats_writer *w, const struct insight *x, int rows)
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

static void add_hours(struct stats_writer *w, const struct insight *x)
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
        stats_put(w, n == 0 ? ST_LABEL : ST_TEXT, "%s", n == 0 ? "busiest hours " : ", ");
        stats_put(w, ST_TEXT, "%02d-%02d h %u job%s", best, best + 1, x->hours[best],
                  text_plural(x->hours[best]));
    }
    if (w->text.len > 0) {
        (void)stats_end(w);
    }
}

/* ---- all of it ---- */

static void add_nothing(struct stats_writer *w)
{
    char period[48];

    stats_put(w, ST_DIM, "No job was requested in this time (%s): ] takes a longer time.",
              stats_period(w->v, period, sizeof period));
    (void)stats_end(w);
}

/* Side by side. False: the figures do not fit beside the list. */
static bool write_wide(struct stats_view *v, struct rect body)
{
    struct stats_rooms r = stats_rooms(body, true);
    struct stats_writer left = {.v = v, .to = &v->figures, .cells = r.figures.cols - GUTTER};
    struct stats_writer right = {.v = v, .to = &v->list, .cells = r.list.cols - GUTTER};
    size_t steps = stats_steps_lines(v->x);
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
        stats_steps(&left, v->x);
    }
    stats_causes(&right, v->x);
    stats_groups(&right, v->x);
    if (!fits) {
        stats_steps(&right, v->x);
    }
    return true;
}

static void write_narrow(struct stats_view *v, struct rect body)
{
    struct stats_writer w = {.v = v, .to = &v->list, .cells = body.cols - GUTTER};

    add_totals(&w, v->x);
    if (v->x->jobs == 0) {
        (void)stats_end(&w); /* empty */
        add_nothing(&w);
        return;
    }
    stats_causes(&w, v->x);
    add_plots(&w, v->x, DONE_ROWS + FAILED_ROWS);
    add_hours(&w, v->x);
    stats_groups(&w, v->x);
    stats_steps(&w, v->x);
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
