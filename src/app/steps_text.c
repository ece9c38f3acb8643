/* steps_text.c - the steps of a job as bars: where the bar is shaded, between p50 and p90, most
 * jobs come to their end; behind it, it is late. */
#include "steps_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

enum {
    NAME = 20, /* cells of the step's name and the blank behind it */
    TOOK = 11, /* of its time */
    SIDE = 16, /* of what is usual */
    BAR_MIN = 6,
    BAR_MAX = 60,
    BAR_SIZE = BAR_MAX * 3 + 1,
    STEPS_MAX = 100
};

enum fill { FILL_NONE, FILL_USUAL, FILL_BAR, FILL_BOTH };

static const char *fill_text(enum fill f, bool ascii)
{
    static const char *const glyphs[][2] = {
        [FILL_NONE] = {" ",            " "},
        [FILL_USUAL] = {"\xe2\x96\x91", "-"}, /* light shade */
        [FILL_BAR] = {"\xe2\x96\x88", "#"}, /* full block */
        [FILL_BOTH] = {"\xe2\x96\x93", "="}, /* dark shade */
    };

    return glyphs[f][ascii ? 1 : 0];
}

/* Writes the bar of a step: `took` of `most` ms in `cells` cells, with the times from p50 to p90
 * shaded; `u` NULL: nothing is usual. */
static void step_bar(char out[BAR_SIZE], int64_t took, int64_t most, int cells,
                     const struct usual *u, bool ascii)
{
    double cell = (double)(most < 1 ? 1 : most) / (double)(cells < 1 ? 1 : cells);
    size_t n = 0;

    out[0] = '\0';
    for (int i = 0; i < cells && i < BAR_MAX; i++) {
        double from = cell * i;
        bool filled = from + cell / 2 <= (double)took || (i == 0 && took > 0);
        bool usual = u != NULL && from + cell > (double)u->p50 && from < (double)u->p90;
        enum fill f = filled && usual ? FILL_BOTH
                      : filled        ? FILL_BAR
                      : usual         ? FILL_USUAL
                                      : FILL_NONE;
        const char *g = fill_text(f, ascii);
        size_t len = strlen(g);
        memcpy(out + n, g, len + 1);
        n += len;
    }
}

/* The steps whose times are known: the list has a job that is over without them. */
static const struct job_step *steps_of(const struct detail_source *x)
{
    const struct job_step *at = job_steps(x->job);

    return at != NULL || x->data == NULL ? at : job_steps(x->data->job);
}

/* How long the step took, or takes so far; -1: its end is not known. */
static int64_t took_of(const struct detail_source *x, const struct job_step *at)
{
    bool over = job_status_final((enum job_status)x->state->status);
    int64_t end = at[1].step != NULL ? at[1].at_ms : over ? x->state->ended_ms : x->now_ms;
    int64_t ms = 0;

    return end == TIME_NONE || __builtin_sub_overflow(end, at->at_ms, &ms) || ms < 0 ? -1 : ms;
}

struct row {
    const char *step;
    int64_t took;
    bool known; /* is it known what is usual? */
    struct usual usual;
};

static size_t rows_of(const struct detail_source *x, struct row rows[STEPS_MAX], int64_t *most)
{
    size_t n = 0;

    *most = 0;
    for (const struct job_step *at = steps_of(x); at != NULL && at->step != NULL && n < STEPS_MAX;
         at++) {
        struct row *r = &rows[n];
        if (strcmp(at->step, job_status_word(JOB_COMPLETED)) == 0) {
            continue; /* that is the end, no step */
        }
        *r = (struct row){.step = at->step, .took = took_of(x, at)};
        r->known = forecast_usual(x->forecast, x->job, at->step, &r->usual);
        *most = r->took > *most ? r->took : *most;
        *most = r->known && r->usual.p90 > *most ? r->usual.p90 : *most;
        n++;
    }
    return n;
}

static void row_add(struct textview *v, const struct detail_source *x, const struct row *r,
                    int64_t most, int cells)
{
    char bar[BAR_SIZE], took[AGE_SIZE], p50[AGE_SIZE], p90[AGE_SIZE], text[400];
    char usual[2 * AGE_SIZE + 8] = "";
    char *name = text_cleaned(r->step, TEXT_ONE_LINE);
    size_t fits = text_fit(name, NAME - 1, NULL);

    name[fits] = '\0';
    step_bar(bar, r->took, most, cells, r->known ? &r->usual : NULL, x->ascii);
    for (size_t n = strlen(bar); !r->known && n > 0 && bar[n - 1] == ' '; n--) {
        bar[n - 1] = '\0';
    }
    if (r->known) {
        (void)snprintf(usual, sizeof usual, "  %s-%s", duration_text(r->usual.p50, p50),
                       duration_text(r->usual.p90, p90));
    }
    (void)snprintf(text, sizeof text, "%*s %s%s", TOOK - 1,
                   r->took < 0 ? "not known" : duration_long(r->took, took), bar, usual);
    textview_add_label(v, name, NAME, text, r->known && r->took > r->usual.p90 ? ST_WARN : ST_BAR);
    free(name);
}

/* Says what the shades are, and by how many jobs. */
static void legend_add(struct textview *v, const struct detail_source *x, const struct row *rows,
                       size_t len)
{
    size_t least = SIZE_MAX, most = 0;
    bool own = false, all = false;
    char count[48];

    for (size_t i = 0; i < len; i++) {
        if (rows[i].known) {
            least = rows[i].usual.count < least ? rows[i].usual.count : least;
            most = rows[i].usual.count > most ? rows[i].usual.count : most;
            own = own || !rows[i].usual.all;
            all = all || rows[i].usual.all;
        }
    }
    if (most == 0) {
        textview_add(v, "The usual time is not known: too few jobs have completed.", ST_DIM);
        return;
    }
    (void)snprintf(count, sizeof count, least == most ? "%zu" : "%zu to %zu", least, most);
    textview_addf(v, ST_DIM, "%s%s: p50 to p90 of %s completed jobs of %s",
                  fill_text(FILL_BOTH, x->ascii), fill_text(FILL_USUAL, x->ascii), count,
                  own && all ? "its product, or of all"
                  : all      ? "all products"
                             : "its product");
}

void steps_text_add(struct textview *v, const struct detail_source *x)
{
    struct row rows[STEPS_MAX];
    int64_t most = 0;
    size_t len = rows_of(x, rows, &most);
    int cells = x->cols - NAME - TOOK - SIDE;

    if (len == 0) {
        return;
    }
    cells = cells < BAR_MIN ? BAR_MIN : cells > BAR_MAX ? BAR_MAX : cells;
    for (size_t i = 0; i < len; i++) {
        row_add(v, x, &rows[i], most, cells);
    }
    legend_add(v, x, rows, len);
    textview_add(v, "", ST_TEXT);
}
