/* The figures of `mvpdash stats`: a head, two plots, and tables of what takes how long and why jobs
 * fail. */
#include "stats_show.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/plot.h"
#include "core/text.h"
#include "jobs/age.h"

enum {
    WIDTH = 80,
    DONE_ROWS = 5,
    FAILED_ROWS = 3,
    CAUSES_SHOWN = 10,
    GROUPS_SHOWN = 40,
    STEPS_SHOWN = 2,
    NUMBER_ROOM = 12, /* cells for a blank, a number, a comma and the mark of a cut */
    BUSIEST = 3
};

static int width_of(const struct cli *c)
{
    return c->columns > 0 ? c->columns : WIDTH;
}

size_t stats_room(const struct cli *c)
{
    return plot_room(width_of(c));
}

/* ---- the head ---- */

static void add_share(struct strbuf *b, double x)
{
    if (x < 0) {
        strbuf_adds(b, "-");
    } else {
        strbuf_addf(b, "%.1f %%", 100 * x);
    }
}

/* A status with its number of jobs, as wide as the terminal at most. Owned. */
static char *status_part(const struct cli *c, const struct insight_status *s)
{
    char *word = text_cleaned(s->word, cli_out_flags(c));
    int room = c->columns > NUMBER_ROOM ? c->columns - NUMBER_ROOM : 1;
    bool cut = c->columns > 0 && text_width(word) > room;
    int n = cut ? (int)text_fit(word, room, NULL) : (int)strlen(word);
    char *part = xasprintf("%.*s%s %zu", n, word,
                           !cut      ? ""
                           : c->utf8 ? "\xe2\x80\xa6"
                                     : "~",
                           s->jobs);

    free(word);
    return part;
}

static void show_head(struct cli *c, const struct insight *x)
{
    char since[CLI_TIME_SIZE];
    char until[CLI_TIME_SIZE];
    struct strbuf b = STRBUF_INIT;

    strbuf_addf(&b, "%zu job%s from %.16s to %.16s UTC\n", x->jobs, text_plural(x->jobs),
                cli_time(x->query.since_ms, since), cli_time(x->query.until_ms, until));
    int at = 0;
    for (size_t i = 0; i < x->statuses_len; i++) {
        char *part = status_part(c, &x->statuses[i]);
        int n = text_width(part);
        bool last = i + 1 == x->statuses_len;
        bool wraps = at > 0 && at + 2 + n + !last > width_of(c);
        strbuf_addf(&b, "%s%s%s", at == 0 ? "" : ",", wraps ? "\n" : at == 0 ? "" : " ", part);
        at = wraps || at == 0 ? n : at + 2 + n;
        free(part);
    }
    strbuf_adds(&b, "\nsuccess rate ");
    if (x->completed + x->failed == 0) {
        strbuf_adds(&b, "not known: no job completed or failed\n");
    } else {
        add_share(&b, insight_rate(x->completed, x->failed));
        strbuf_addf(&b, ": %zu completed, %zu failed\n", x->completed, x->failed);
    }
    (void)fputs(strbuf_str(&b), c->out);
    strbuf_clear(&b);
}

/* ---- plots ---- */

/* `jobs` is how many jobs it tells of, were their ends known and in the window. */
static void show_plot(struct cli *c, const struct insight *x, const char *what, size_t jobs,
                      const uint32_t *values, int height, bool ascii)
{
    size_t shown = 0;
    char each[AGE_SIZE];
    struct strbuf b = STRBUF_INIT;
    struct plot p = {.values = values,
                     .len = x->buckets_len,
                     .from_ms = x->buckets_from_ms,
                     .bucket_ms = x->query.bucket_ms,
                     .width = width_of(c),
                     .height = height,
                     .ascii = ascii};

    for (size_t i = 0; i < x->buckets_len; i++) {
        shown += values[i];
    }
    strbuf_addf(&b, "\n%s, each %s, UTC", what, duration_text(x->query.bucket_ms, each));
    if (shown < jobs) {
        strbuf_addf(&b, ", shown for %zu of %zu job%s", shown, jobs, text_plural(jobs));
    }
    strbuf_addc(&b, '\n');
    plot_draw(&b, &p);
    (void)fputs(strbuf_str(&b), c->out);
    strbuf_clear(&b);
}

static void show_plots(struct cli *c, const struct insight *x, bool ascii)
{
    uint32_t *done = xcalloc(x->buckets_len + 1, sizeof *done);
    uint32_t *failed = xcalloc(x->buckets_len + 1, sizeof *failed);

    for (size_t i = 0; i < x->buckets_len; i++) {
        done[i] = x->buckets[i].completed;
        failed[i] = x->buckets[i].failed;
    }
    show_plot(c, x, "completed", x->completed, done, DONE_ROWS, ascii);
    if (x->failed > 0) {
        show_plot(c, x, "failed", x->failed, failed, FAILED_ROWS, ascii);
    }
    free(done);
    free(failed);
}

/* Names the hours in which most jobs were asked for. */
static void show_hours(struct cli *c, const struct insight *x)
{
    bool told[24] = {false};
    int at = 0;

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
        char part[64];
        int len =
            snprintf(part, sizeof part, "%s %02d-%02d h %u job%s", n == 0 ? "busiest, UTC:" : ",",
                     best, best + 1, x->hours[best], text_plural(x->hours[best]));
        if (n > 0 && at + len > width_of(c)) {
            break;
        }
        (void)fputs(part, c->out);
        at += len;
    }
    (void)fputc('\n', c->out);
}

/* ---- tables ---- */

static void add_count(struct cli *c, struct cli_table *t, size_t n)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%zu", n);
    cli_table_add(c, t, text);
}

static void add_time(struct cli *c, struct cli_table *t, int64_t ms)
{
    char text[AGE_SIZE];

    cli_table_add(c, t, ms == TIME_NONE ? "-" : duration_long(ms, text));
}

static void add_rate(struct cli *c, struct cli_table *t, double x)
{
    struct strbuf b = STRBUF_INIT;

    add_share(&b, x);
    cli_table_add(c, t, strbuf_str(&b));
    strbuf_clear(&b);
}

static void add_usd(struct cli *c, struct cli_table *t, const struct insight_cost *k)
{
    char text[PRICE_SIZE];

    cli_table_add(c, t, k->jobs == 0 ? "-" : price_text(k->usd, text));
}

static void print(struct cli *c, struct cli_table *t)
{
    cli_table_print(c, t);
    cli_table_clear(t);
}

static void show_durations(struct cli *c, const struct insight *x)
{
    static const struct cli_column columns[] = {
        {"",          false, 0, 0},
        {"P50",       true,  0, 0},
        {"P90",       true,  0, 0},
        {"P99",       true,  0, 1},
        {"KNOWN FOR", false, 0, 0},
    };
    const struct {
        const char *what;
        const struct insight_figures *f;
    } rows[] = {
        {"duration",         &x->took  },
        {"waiting in Batch", &x->waited}
    };
    struct cli_table t = {.columns = columns, .columns_len = sizeof columns / sizeof *columns};

    (void)fputc('\n', c->out);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char known[64];
        (void)snprintf(known, sizeof known, "%zu of %zu jobs", rows[i].f->count, x->jobs);
        cli_table_add(c, &t, rows[i].what);
        add_time(c, &t, rows[i].f->p50);
        add_time(c, &t, rows[i].f->p90);
        add_time(c, &t, rows[i].f->p99);
        cli_table_add(c, &t, known);
    }
    print(c, &t);
}

static void show_cost(struct cli *c, const struct insight *x)
{
    char text[PRICE_SIZE];

    if (x->cost.jobs == 0) {
        (void)fprintf(c->out, "\ncost not known for any of %zu job%s\n", x->jobs,
                      text_plural(x->jobs));
    } else {
        (void)fprintf(c->out, "\ncost about %s (estimate), known for %zu of %zu job%s\n",
                      price_text(x->cost.usd, text), x->cost.jobs, x->jobs, text_plural(x->jobs));
    }
}

static void show_steps(struct cli *c, const struct insight *x)
{
    static const struct cli_column columns[] = {
        {"STEP",  false, 12, 0},
        {"COUNT", true,  0,  0},
        {"P50",   true,  0,  0},
        {"P90",   true,  0,  0},
    };
    struct cli_table t = {.columns = columns, .columns_len = sizeof columns / sizeof *columns};

    (void)fprintf(c->out, "\nstep times known for %zu of %zu jobs\n", x->step_jobs, x->jobs);
    for (size_t i = 0; i < x->steps_len; i++) {
        cli_table_add(c, &t, x->steps[i].step);
        add_count(c, &t, x->steps[i].took.count);
        add_time(c, &t, x->steps[i].took.p50);
        add_time(c, &t, x->steps[i].took.p90);
    }
    if (x->steps_len > 0) {
        print(c, &t);
    }
    cli_table_clear(&t);
}

static void add_cause(struct cli *c, struct cli_table *t, const struct insight *x,
                      const struct insight_cause *k)
{
    struct strbuf steps = STRBUF_INIT;
    char age[AGE_SIZE];

    for (size_t i = 0; i < k->steps_len; i++) {
        if (i == STEPS_SHOWN) {
            strbuf_addf(&steps, " +%zu", k->steps_len - i);
            break;
        }
        strbuf_addf(&steps, "%s%s", i == 0 ? "" : " ", k->steps[i]);
    }
    add_count(c, t, k->count);
    add_rate(c, t, (double)k->count / (double)x->failed);
    cli_table_add(c, t, age_text(k->last_ms, insight_last(&x->query), age));
    cli_table_add(c, t, k->fresh ? "new" : "");
    add_count(c, t, k->users);
    cli_table_add(c, t, strbuf_str(&steps));
    cli_table_add(c, t, k->text);
    strbuf_clear(&steps);
}

static void show_causes(struct cli *c, const struct insight *x)
{
    static const struct cli_column columns[] = {
        {"JOBS",  true,  0,  0},
        {"SHARE", true,  0,  0},
        {"LAST",  true,  0,  2},
        {"",      false, 0,  0},
        {"USERS", true,  0,  3},
        {"STEPS", false, 10, 1},
        {"CAUSE", false, 20, 0},
    };
    struct cli_table t = {.columns = columns, .columns_len = sizeof columns / sizeof *columns};

    if (x->causes_len == 0) {
        return;
    }
    (void)fprintf(c->out, "\nwhy %zu job%s failed\n", x->failed, text_plural(x->failed));
    for (size_t i = 0; i < x->causes_len && i < CAUSES_SHOWN; i++) {
        add_cause(c, &t, x, &x->causes[i]);
    }
    print(c, &t);
    if (x->causes_len > CAUSES_SHOWN) {
        cli_note(c, "and %zu more cause%s; --json has all", x->causes_len - CAUSES_SHOWN,
                 text_plural(x->causes_len - CAUSES_SHOWN));
    }
}

static void show_groups(struct cli *c, const struct insight *x)
{
    static const char *const titles[INSIGHT_BY_COUNT] = {"DAY",      "USER", "PRODUCT",
                                                         "PRIORITY", "STEP", "CONTEXT"};
    const struct cli_column columns[] = {
        {titles[x->query.by], false, 12, 0},
        {"JOBS",              true,  0,  0},
        {"SUCCESS",           true,  0,  0},
        {"P50",               true,  0,  0},
        {"P90",               true,  0,  0},
        {"ABOUT USD",         true,  0,  1},
        {"OF JOBS",           true,  0,  2},
    };
    struct cli_table t = {.columns = columns, .columns_len = sizeof columns / sizeof *columns};

    (void)fputc('\n', c->out);
    for (size_t i = 0; i < x->groups_len && i < GROUPS_SHOWN; i++) {
        const struct insight_group *g = &x->groups[i];
        cli_table_add(c, &t, g->key == NULL ? "(not known)" : g->key);
        add_count(c, &t, g->jobs);
        add_rate(c, &t, insight_rate(g->completed, g->failed));
        add_time(c, &t, g->took.p50);
        add_time(c, &t, g->took.p90);
        add_usd(c, &t, &g->cost);
        add_count(c, &t, g->cost.jobs);
    }
    print(c, &t);
    if (x->groups_len > GROUPS_SHOWN) {
        cli_note(c, "and %zu more; --json and --csv have all", x->groups_len - GROUPS_SHOWN);
    }
}

void stats_show(struct cli *c, const struct insight *x, bool grouped, bool ascii)
{
    show_head(c, x);
    if (x->jobs == 0) {
        return;
    }
    show_plots(c, x, ascii);
    show_hours(c, x);
    show_durations(c, x);
    show_cost(c, x);
    show_steps(c, x);
    show_causes(c, x);
    if (grouped) {
        show_groups(c, x);
    }
}

/* ---- CSV ---- */

/* A key that a spreadsheet would take for a formula gets an apostrophe: users' ids come from
 * outside. */
static void csv_cell(struct cli *c, const char *text)
{
    char *plain = text_cleaned(text, TEXT_ONE_LINE);
    bool formula = plain[0] != '\0' && strchr("=+-@", plain[0]) != NULL;
    char *clean = xasprintf("%s%s", formula ? "'" : "", plain);

    if (strpbrk(clean, "\",") == NULL) {
        (void)fputs(clean, c->out);
    } else {
        (void)fputc('"', c->out);
        for (const char *s = clean; *s != '\0'; s++) {
            (void)fprintf(c->out, *s == '"' ? "\"\"" : "%c", *s);
        }
        (void)fputc('"', c->out);
    }
    free(clean);
    free(plain);
}

void stats_csv(struct cli *c, const struct insight *x)
{
    (void)fprintf(c->out, "%s,jobs,successRate,p50,usd,usdJobs\r\n", insight_by_word(x->query.by));
    for (size_t i = 0; i < x->groups_len; i++) {
        const struct insight_group *g = &x->groups[i];
        double rate = insight_rate(g->completed, g->failed);
        csv_cell(c, g->key == NULL ? "" : g->key);
        (void)fprintf(c->out, ",%zu,", g->jobs);
        if (rate >= 0) {
            (void)fprintf(c->out, "%.4f", rate);
        }
        (void)fputc(',', c->out);
        if (g->took.p50 != TIME_NONE) {
            (void)fprintf(c->out, "%.3f", (double)g->took.p50 / 1000);
        }
        (void)fputc(',', c->out);
        if (g->cost.jobs > 0) {
            (void)fprintf(c->out, "%.6f", g->cost.usd);
        }
        (void)fprintf(c->out, ",%zu\r\n", g->cost.jobs);
    }
}
