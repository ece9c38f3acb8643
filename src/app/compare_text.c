/* The text of two jobs beside each other: in one column with lines of - and +, or in two. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "compare.h"
#include "core/alloc.h"
#include "core/text.h"
#include "desk.h"

enum {
    LABEL = 16,
    CONTEXT = 3,         /* the lines that both have before and after a difference */
    WIDE_COLS = 116,     /* from so many cells on there are two columns */
    LINES_SHOWN = 10000, /* of the difference of the logs */
};

/* ---- lines ---- */

struct fill {
    struct textview *v;
    int cols;
    bool wide;
};

static void add_cells(struct strbuf *b, const char *text, size_t len, int cells)
{
    char *part = xstrndup(text, len);
    int used = text_width(part);

    strbuf_adds(b, part);
    free(part);
    for (; used < cells; used++) {
        strbuf_addc(b, ' ');
    }
}

static void heading(struct fill *f, const char *text)
{
    if (textview_len(f->v) > 0) {
        textview_add(f->v, "", ST_TEXT);
    }
    textview_add(f->v, text, ST_STRONG);
}

/* One row of two columns, in as many lines as the longer text needs. `mark` stands between them,
 * and in the styles of `st` what is shown at its sides. */
static void beside(struct fill *f, const char *label, int label_cells, const char *const text[2],
                   char mark, const enum style st[2])
{
    int cells = (f->cols - label_cells - 3) / 2;
    const char *at[2] = {text[0] == NULL ? "" : text[0], text[1] == NULL ? "" : text[1]};

    do {
        struct strbuf b = STRBUF_INIT;
        struct text_span spans[2];
        add_cells(&b, label, strlen(label), label_cells);
        for (int i = 0; i < 2; i++) {
            size_t n = text_fit(at[i], cells, NULL);
            n = n == 0 && at[i][0] != '\0' ? strlen(at[i]) : n; /* no cell is that narrow */
            spans[i] = (struct text_span){(uint32_t)b.len, (uint32_t)n, (uint8_t)st[i]};
            if (i == 0) {
                add_cells(&b, at[i], n, cells);
                strbuf_addf(&b, " %c ", mark);
            } else {
                strbuf_add(&b, at[i], n);
            }
            at[i] += n;
        }
        textview_add_spans(f->v, strbuf_str(&b), (size_t)label_cells, spans, 2);
        strbuf_clear(&b);
        label = "";
    } while (at[0][0] != '\0' || at[1][0] != '\0');
}

/* One line of one column: the label, the sign, the text. */
static void single(struct fill *f, const char *label, int label_cells, char sign, const char *text,
                   enum style st)
{
    struct strbuf b = STRBUF_INIT;

    add_cells(&b, label, strlen(label), label_cells);
    uint32_t from = (uint32_t)b.len;
    strbuf_addf(&b, "%c %s", sign, text);
    const struct text_span span = {from, (uint32_t)b.len - from, (uint8_t)st};
    textview_add_spans(f->v, strbuf_str(&b), (size_t)label_cells, &span, 1);
    strbuf_clear(&b);
}

/* `none` stands where a job has nothing. */
static void both(struct fill *f, const char *label, const char *const text[2], bool differs,
                 const char *none)
{
    static const enum style differ[2] = {ST_BAD, ST_GOOD};
    static const enum style same[2] = {ST_TEXT, ST_TEXT};

    if (f->wide) {
        const char *const said[2] = {text[0] == NULL ? none : text[0],
                                     text[1] == NULL ? none : text[1]};
        beside(f, label, LABEL, said, differs ? '|' : ' ', differs ? differ : same);
        return;
    }
    if (!differs) {
        single(f, label, LABEL, ' ', text[0] == NULL ? "" : text[0], ST_TEXT);
        return;
    }
    single(f, label, LABEL, '-', text[0] == NULL ? none : text[0], ST_BAD);
    single(f, "", LABEL, '+', text[1] == NULL ? none : text[1], ST_GOOD);
}

/* ---- what is known of a job ---- */

static bool side_of(const struct compare_job *j, const struct desk *desk, struct compare_side *s)
{
    const struct entry *e = store_find(desk->store, j->job_id);

    *s = (struct compare_side){0};
    if (j->data != NULL) {
        *s = (struct compare_side){j->data->job, &j->data->state, j->data->batch, j->data->item};
    } else if (e != NULL) {
        *s = (struct compare_side){e->job, &e->state, e->batch, NULL};
    }
    return s->job != NULL;
}

static char *name_of(const struct compare_side *s, const struct compare_job *j)
{
    const char *name = s->job == NULL ? NULL : job_text(s->job, JOB_BUSINESS_NAME);
    char *both = name == NULL ? xstrdup(j->job_id) : xasprintf("%s  %s", name, j->job_id);
    char *clean = text_cleaned(both, TEXT_ONE_LINE);

    free(both);
    return clean;
}

static void add_names(struct fill *f, const struct compare_view *v,
                      const struct compare_side side[2])
{
    static const enum style st[2] = {ST_BAD, ST_GOOD};
    char *name[2] = {name_of(&side[0], &v->job[0]), name_of(&side[1], &v->job[1])};

    if (f->wide) {
        beside(f, "", LABEL, (const char *const[2]){name[0], name[1]}, '|', st);
    } else {
        single(f, "", 0, '-', name[0], ST_BAD);
        single(f, "", 0, '+', name[1], ST_GOOD);
    }
    free(name[0]);
    free(name[1]);
}

/* ---- facts ---- */

/* A row's text of one job, for people; owned. NULL: there is none. */
static char *row_text(const struct compare_row *r, int i)
{
    char local[32] = "";
    char *text = NULL;

    (void)format_local(r->at_ms[i], local, sizeof local);
    if (r->group == COMPARE_STEPS && local[0] != '\0') {
        const char *time = strlen(local) > 11 ? local + 11 : local;
        text = r->text[i] == NULL ? xasprintf("%s  not ended", time)
                                  : xasprintf("%s  %s", time, r->text[i]);
    } else if (r->at_ms[i] != TIME_NONE) {
        text = xstrdup(local);
    } else {
        text = xstrdup(r->text[i]);
    }
    char *clean = text == NULL ? NULL : text_cleaned(text, TEXT_ONE_LINE);
    free(text);
    return clean;
}

static void add_row(struct fill *f, const struct compare_row *r)
{
    char *name = text_cleaned(r->name, TEXT_ONE_LINE);
    char *label = text_width(name) < LABEL ? xstrdup(name) : NULL;
    char *text[2] = {row_text(r, 0), row_text(r, 1)};

    if (label == NULL) { /* a name that is longer than its column stands above */
        textview_add(f->v, name, ST_LABEL);
        label = xstrdup("");
    }
    /* a time that is absent may be not known, or not have come yet */
    both(f, label, (const char *const[2]){text[0], text[1]}, r->differs,
         r->group == COMPARE_FACTS ? "none" : "-");
    free(text[0]);
    free(text[1]);
    free(label);
    free(name);
}

/* Names what is the same in both, in one line. */
static void add_same(struct fill *f, const struct compare_rows *rows)
{
    struct strbuf b = STRBUF_INIT;

    for (size_t i = 0; i < rows->len; i++) {
        if (rows->items[i].group == COMPARE_FACTS && !rows->items[i].differs) {
            strbuf_addf(&b, "%s%s", b.len == 0 ? "The same in both: " : ", ", rows->items[i].name);
        }
    }
    if (b.len > 0) {
        textview_add(f->v, strbuf_str(&b), ST_DIM);
    }
    strbuf_clear(&b);
}

static void add_group(struct fill *f, const struct compare_rows *rows, enum compare_group g,
                      const char *title, const char *none)
{
    bool any = false;

    for (size_t i = 0; i < rows->len; i++) {
        const struct compare_row *r = &rows->items[i];
        if (r->group != g || (g == COMPARE_FACTS && !r->differs)) {
            continue;
        }
        if (!any) {
            heading(f, title);
        }
        any = true;
        add_row(f, r);
    }
    if (!any && none != NULL) {
        heading(f, title);
        textview_add(f->v, none, ST_DIM);
    }
}

static void add_facts(struct fill *f, const struct compare_side side[2], int64_t now_ms)
{
    struct compare_rows rows;

    compare_jobs(side, now_ms, &rows);
    add_group(f, &rows, COMPARE_FACTS, "What differs", "Nothing that is known of both.");
    add_same(f, &rows);
    add_group(f, &rows, COMPARE_TIMES, "Times", NULL);
    add_group(f, &rows, COMPARE_STEPS, "Steps: when they began, and how long they took",
              "When the steps began is not known: their records have no stepTimes.");
    add_group(f, &rows, COMPARE_ATTEMPTS, "Attempts", "Batch shows no attempts.");
    compare_rows_clear(&rows);
}

/* ---- logs ---- */

/* How much of a log was read. */
static void log_words(const struct compare_job *j, char *buf, size_t size)
{
    (void)snprintf(buf, size, "%zu line%s%s", j->len, text_plural(j->len),
                   j->log_cut ? " (the log is longer: the rest was not read)" : "");
}

static char *clean_line(const struct compare_job *j, size_t at)
{
    struct textview one;

    /* as a log shows it: without its colours, and what it overwrote */
    textview_init(&one);
    textview_add_log(&one, TIME_NONE, j->lines[at].text, strlen(j->lines[at].text), ST_TEXT);
    const struct text_line *l = textview_line(&one, one.dropped);
    char *text = xstrdup(l == NULL ? "" : l->text);
    textview_done(&one);
    return text;
}

/* One line of the logs; `at` SIZE_MAX: the log has none in this place. */
static void line_of_logs(struct fill *f, const struct compare_view *v, const size_t at[2])
{
    bool has[2] = {at[0] != SIZE_MAX, at[1] != SIZE_MAX};
    char *text[2] = {has[0] ? clean_line(&v->job[0], at[0]) : NULL,
                     has[1] ? clean_line(&v->job[1], at[1]) : NULL};
    bool same = has[0] && has[1] && v->job[0].lines[at[0]].key == v->job[1].lines[at[1]].key;
    enum style st[2] = {same ? ST_DIM : ST_BAD, same ? ST_DIM : ST_GOOD};

    if (f->wide) {
        beside(f, "", 0, (const char *const[2]){text[0], text[1]},
               same               ? ' '
               : has[0] && has[1] ? '|'
               : has[0]           ? '<'
                                  : '>',
               st);
    } else if (same) {
        single(f, "", 0, ' ', text[0], ST_DIM);
    } else {
        for (int i = 0; i < 2; i++) {
            if (has[i]) {
                single(f, "", 0, i == 0 ? '-' : '+', text[i], st[i]);
            }
        }
    }
    free(text[0]);
    free(text[1]);
}

/* The lines that both have, without the middle when they are many. */
static void same_lines(struct fill *f, const struct compare_view *v, const struct compare_part *p,
                       bool first, bool last)
{
    size_t before = first ? 0 : CONTEXT;
    size_t after = last ? 0 : CONTEXT;

    for (size_t i = 0; i < p->len; i++) {
        if (i >= before && i + after < p->len) {
            size_t n = p->len - before - after;
            if (!first) {
                textview_addf(f->v, ST_DIM, "  ... %zu line%s the same ...", n, text_plural(n));
            }
            i += n - 1;
            continue;
        }
        line_of_logs(f, v, (const size_t[2]){p->at[0] + i, p->at[1] + i});
    }
}

/* A part of the first log, and what the second one has in its place. Returns how many parts that
 * are. */
static size_t other_lines(struct fill *f, const struct compare_view *v,
                          const struct compare_part *p, size_t left)
{
    const struct compare_part *gone = p->op == COMPARE_FIRST ? p : NULL;
    const struct compare_part *come = gone == NULL                            ? p
                                      : left > 1 && p[1].op == COMPARE_SECOND ? &p[1]
                                                                              : NULL;
    size_t n[2] = {gone == NULL ? 0 : gone->len, come == NULL ? 0 : come->len};

    if (f->wide) {
        for (size_t i = 0; i < n[0] || i < n[1]; i++) {
            line_of_logs(f, v,
                         (const size_t[2]){i < n[0] ? gone->at[0] + i : SIZE_MAX,
                                           i < n[1] ? come->at[1] + i : SIZE_MAX});
        }
    } else {
        for (size_t i = 0; i < n[0]; i++) {
            line_of_logs(f, v, (const size_t[2]){gone->at[0] + i, SIZE_MAX});
        }
        for (size_t i = 0; i < n[1]; i++) {
            line_of_logs(f, v, (const size_t[2]){SIZE_MAX, come->at[1] + i});
        }
    }
    return gone != NULL && come != NULL ? 2 : 1;
}

static void add_diff(struct fill *f, const struct compare_view *v)
{
    const struct compare_diff *d = &v->diff;
    size_t begin = textview_len(f->v);
    size_t head = d->len > 0 && d->items[0].op == COMPARE_SAME ? d->items[0].len : 0;

    if (d->len == 0 || (d->len == 1 && head > 0)) {
        textview_add(f->v,
                     d->len == 0 ? "Both are empty."
                                 : "The same to the end, except for times, ids and numbers.",
                     ST_GOOD);
        return;
    }
    textview_addf(f->v, ST_DIM, "%s %zu; times, ids, numbers and paths do not count.%s",
                  head == 0 ? "They differ from line" : "The same before line", head + 1,
                  d->coarse ? " They differ so much that the rest was not compared line by line."
                            : "");
    for (size_t i = 0; i < d->len;) {
        if (textview_len(f->v) - begin > LINES_SHOWN) {
            textview_add(f->v, "  ... the rest is not shown", ST_WARN);
            return;
        }
        if (d->items[i].op == COMPARE_SAME) {
            same_lines(f, v, &d->items[i], i == 0, i + 1 == d->len);
            i++;
        } else {
            i += other_lines(f, v, &d->items[i], d->len - i);
        }
    }
}

static void add_logs(struct fill *f, const struct compare_view *v)
{
    bool there = true;
    char words[2][96];

    heading(f, "Logs");
    for (int i = 0; i < 2; i++) {
        const struct compare_job *j = &v->job[i];
        const char *which = i == 0 ? "first" : "second";
        log_words(j, words[i], sizeof words[i]);
        if (j->log_err.code != E_OK) {
            char lead[64];
            (void)snprintf(lead, sizeof lead, "The log of the %s could not be read: ", which);
            textview_add_err(f->v, lead, &j->log_err);
            there = false;
        } else if (j->log_read && j->len == 0 && j->log_note[0] != '\0') {
            textview_addf(f->v, ST_WARN, "The %s has no log: %s", which, j->log_note);
            there = false;
        }
    }
    textview_addf(f->v, ST_DIM, "- %s   + %s%s", words[0], words[1],
                  v->diffed ? "" : "   reading...");
    if (v->diffed && there) {
        add_diff(f, v);
    }
}

void compare_fill(struct compare_view *v, const struct desk *desk)
{
    struct textview fresh;
    struct compare_side side[2];
    struct fill f = {&fresh, v->cols, v->cols >= WIDE_COLS};
    bool known[2];

    textview_init(&fresh);
    for (int i = 0; i < 2; i++) {
        known[i] = side_of(&v->job[i], desk, &side[i]);
    }
    add_names(&f, v, side);
    for (int i = 0; i < 2; i++) {
        if (v->job[i].err.code != E_OK) {
            textview_add_err(
                &fresh, i == 0 ? "The first could not be read: " : "The second could not be read: ",
                &v->job[i].err);
        }
    }
    if (known[0] && known[1]) {
        add_facts(&f, side, desk->now_ms);
    }
    add_logs(&f, v);
    textview_replace(&v->text, &fresh);
    textview_done(&fresh);
}
