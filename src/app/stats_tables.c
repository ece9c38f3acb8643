/* The tables of the statistics: causes and groups, which the cursor stands on, and steps. */
#include <stdio.h>

#include "core/text.h"
#include "jobs/age.h"
#include "jobs/price.h"
#include "stats_priv.h"
#include "store.h"

enum {
    CAUSES_SHOWN = 20,
    GROUPS_SHOWN = 200,
    STEPS_SHOWN = 3,
    KEY_LEAST = 10, /* a day */
    P90_CELLS = 11,
    GROUP_CELLS = 7 + 9 + 11 + P90_CELLS + 11 + 6 /* of a group, without its key */
};

static void add_cause(struct stats_writer *w, const struct insight *x, size_t i)
{
    const struct insight_cause *c = &x->causes[i];
    int64_t now = insight_last(&x->query);
    char first[AGE_SIZE];
    char last[AGE_SIZE];
    char share[16];
    struct stats_line *l;

    stats_put(w, ST_STRONG, "%6zu", c->count);
    stats_put_cell(w, ST_TEXT, 9, true, stats_share((double)c->count / (double)x->failed, share));
    stats_put(w, ST_TEXT, "  ");
    stats_put_text(w, ST_BAD, c->text);
    l = stats_end(w);
    l->what = STATS_CAUSE;
    l->item = i;
    stats_put(w, ST_WARN, "%17s%s", "", c->fresh ? "new since yesterday, " : "");
    stats_put(w, ST_DIM, "first %s ago, last %s ago, %zu user%s", age_text(c->first_ms, now, first),
              age_text(c->last_ms, now, last), c->users, text_plural(c->users));
    for (size_t k = 0; k < c->steps_len && k < STEPS_SHOWN; k++) {
        stats_put(w, ST_DIM, "%s%s", k == 0 ? ", " : " ", c->steps[k]);
    }
    if (c->steps_len > STEPS_SHOWN) {
        stats_put(w, ST_DIM, " +%zu", c->steps_len - STEPS_SHOWN);
    }
    (void)stats_end(w);
}

void stats_causes(struct stats_writer *w, const struct insight *x)
{
    stats_heading(w, "Why jobs fail");
    if (x->causes_len == 0) {
        stats_put(w, ST_GOOD, ": none failed");
        (void)stats_end(w);
        return;
    }
    stats_put(w, ST_DIM, ", %zu cause%s of %zu failure%s", x->causes_len,
              text_plural(x->causes_len), x->failed, text_plural(x->failed));
    (void)stats_end(w);
    for (size_t i = 0; i < x->causes_len && i < CAUSES_SHOWN; i++) {
        add_cause(w, x, i);
    }
    if (x->causes_len > CAUSES_SHOWN) {
        stats_put(w, ST_DIM, "and %zu more: `mvpdash stats --json` has all",
                  x->causes_len - CAUSES_SHOWN);
        (void)stats_end(w);
    }
}

/* Is there room for the second percentile? */
static bool has_p90(const struct stats_writer *w)
{
    return w->cells >= GROUP_CELLS + KEY_LEAST;
}

static int key_cells(const struct stats_writer *w)
{
    int cells = w->cells - GROUP_CELLS + (has_p90(w) ? 0 : P90_CELLS);

    return cells > STATS_KEY_CELLS ? STATS_KEY_CELLS : cells < KEY_LEAST ? KEY_LEAST : cells;
}

static void add_group(struct stats_writer *w, const struct insight *x, size_t i)
{
    const struct insight_group *g = &x->groups[i];
    char text[24];
    char usd[PRICE_SIZE];
    struct stats_line *l;

    stats_put_cell(w, g->key == NULL ? ST_DIM : ST_TEXT, key_cells(w), false,
                   g->key == NULL ? "(not known)" : g->key);
    (void)snprintf(text, sizeof text, "%zu", g->jobs);
    stats_put_cell(w, ST_STRONG, 7, true, text);
    stats_put_cell(w, ST_TEXT, 9, true, stats_share(insight_rate(g->completed, g->failed), text));
    stats_put_time(w, 11, g->took.p50);
    if (has_p90(w)) {
        stats_put_time(w, P90_CELLS, g->took.p90);
    }
    stats_put_cell(w, g->cost.jobs == 0 ? ST_DIM : ST_TEXT, 11, true,
                   g->cost.jobs == 0 ? "-" : price_text(g->cost.usd, usd));
    (void)snprintf(text, sizeof text, "%zu", g->cost.jobs);
    stats_put_cell(w, ST_DIM, 6, true, text);
    l = stats_end(w);
    l->what = STATS_GROUP;
    l->item = i;
}

void stats_groups(struct stats_writer *w, const struct insight *x)
{
    bool days = x->query.by == INSIGHT_BY_DAY;

    stats_heading(w, "By ");
    stats_put(w, ST_STRONG, "%s", insight_by_word(x->query.by));
    (void)stats_end(w);
    stats_put_cell(w, ST_COLUMN, key_cells(w), false, "");
    stats_put_cell(w, ST_COLUMN, 7, true, "Jobs");
    stats_put_cell(w, ST_COLUMN, 9, true, "Success");
    stats_put_cell(w, ST_COLUMN, 11, true, "p50");
    if (has_p90(w)) {
        stats_put_cell(w, ST_COLUMN, P90_CELLS, true, "p90");
    }
    stats_put_cell(w, ST_COLUMN, 11, true, "Cost");
    stats_put_cell(w, ST_COLUMN, 6, true, "of");
    (void)stats_end(w);
    for (size_t i = 0; i < x->groups_len && i < GROUPS_SHOWN; i++) {
        add_group(w, x, days ? x->groups_len - 1 - i : i); /* the newest day first */
    }
    if (x->groups_len > GROUPS_SHOWN) {
        stats_put(w, ST_DIM, "and %zu more: `mvpdash stats --by %s` has all",
                  x->groups_len - GROUPS_SHOWN, insight_by_word(x->query.by));
        (void)stats_end(w);
    }
}

size_t stats_over(const struct insight *x)
{
    size_t n = 0;

    for (size_t i = 0; i < x->statuses_len; i++) {
        n += job_status_final(job_status_parse(x->statuses[i].word)) ? x->statuses[i].jobs : 0;
    }
    return n;
}

/* Does the store keep the times of fewer jobs than these? */
static bool lacks_steps(const struct insight *x)
{
    return stats_over(x) > STORE_STEPS_MOST;
}

size_t stats_steps_lines(const struct insight *x)
{
    return (lacks_steps(x) ? 3U : 2U) + (x->steps_len > 0 ? 1 + x->steps_len : 0);
}

void stats_steps(struct stats_writer *w, const struct insight *x)
{
    stats_heading(w, "Steps");
    stats_put(w, ST_DIM, ", times known for %zu of %zu job%s", x->step_jobs, x->jobs,
              text_plural(x->jobs));
    (void)stats_end(w);
    if (lacks_steps(x)) {
        stats_put(w, ST_DIM, "of %d of the jobs that have ended: `mvpdash stats` has all",
                  STORE_STEPS_MOST);
        (void)stats_end(w);
    }
    if (x->steps_len == 0) {
        return;
    }
    stats_put_cell(w, ST_COLUMN, STATS_KEY_CELLS, false, "Step");
    stats_put_cell(w, ST_COLUMN, 8, true, "Count");
    stats_put_cell(w, ST_COLUMN, 11, true, "p50");
    stats_put_cell(w, ST_COLUMN, 11, true, "p90");
    (void)stats_end(w);
    for (size_t i = 0; i < x->steps_len; i++) {
        const struct insight_step *s = &x->steps[i];
        stats_put_cell(w, ST_TEXT, STATS_KEY_CELLS, false, s->step);
        char number[24];
        (void)snprintf(number, sizeof number, "%zu", s->took.count);
        stats_put_cell(w, ST_TEXT, 8, true, number);
        stats_put_time(w, 11, s->took.p50);
        stats_put_time(w, 11, s->took.p90);
        (void)stats_end(w);
    }
}
