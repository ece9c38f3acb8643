/* The texts about an array job's children: their rows in order, with a line for each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "children_priv.h"
#include "columns.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/text.h"
#include "detail_text.h"
#include "jobs/age.h"

enum { WHY_BYTES = 400 };

const char children_columns[] = "Index   State     Exit  Started       Took  Why";

/* How each group is named and drawn. */
/* clang-format off */
static const struct {
    const char *word;
    enum glyph glyph;
    /* the state whose colour the group has; JOB_NO_STATUS: the colour of a warning */
    enum job_status as_job;
} groups[CHILD_GROUPS] = {
    [CHILD_FAILED]    = {"failed",    GLYPH_FAILED,    JOB_FAILED},
    [CHILD_UNKNOWN]   = {"not known", GLYPH_UNKNOWN,   JOB_NO_STATUS},
    [CHILD_RUNNING]   = {"running",   GLYPH_RUNNING,   JOB_IN_PROGRESS},
    [CHILD_STARTING]  = {"starting",  GLYPH_QUEUED,    JOB_QUEUED},
    [CHILD_WAITING]   = {"waiting",   GLYPH_PENDING,   JOB_PENDING},
    [CHILD_SUCCEEDED] = {"succeeded", GLYPH_COMPLETED, JOB_COMPLETED},
};
/* clang-format on */

const char *child_group_word(enum child_group g)
{
    return g == CHILD_GROUPS ? "" : groups[g].word;
}

enum style child_group_style(enum child_group g)
{
    enum job_status like = g == CHILD_GROUPS ? JOB_NO_STATUS : groups[g].as_job;

    return like == JOB_NO_STATUS ? ST_WARN : status_style((uint8_t)like);
}

enum child_group child_group(const struct child *c)
{
    switch (c->batch == NULL ? BATCH_UNKNOWN : c->batch->status) {
    case BATCH_FAILED:
        return CHILD_FAILED;
    case BATCH_SUCCEEDED:
        return CHILD_SUCCEEDED;
    case BATCH_RUNNING:
        return CHILD_RUNNING;
    case BATCH_STARTING:
        return CHILD_STARTING;
    case BATCH_SUBMITTED:
    case BATCH_PENDING:
    case BATCH_RUNNABLE:
        return CHILD_WAITING;
    case BATCH_UNKNOWN:
        break;
    }
    return CHILD_UNKNOWN;
}

void children_count(const struct children_view *v, int count[CHILD_GROUPS + 1])
{
    memset(count, 0, (CHILD_GROUPS + 1) * sizeof *count);
    for (int i = 0; i < v->len; i++) {
        count[child_group(&v->items[i])]++;
    }
    count[CHILD_GROUPS] = v->len;
}

int children_cursor(const struct children_view *v)
{
    uint64_t row = v->list.cursor - v->list.dropped;

    return v->list.has_cursor && row < v->rows_len ? v->rows[row] : -1;
}

/* Why the child is in its state, in one line: clean it. Returns buf. */
static const char *child_why(const struct children_view *v, int index, char *buf, size_t size)
{
    const struct child *c = &v->items[index];

    buf[0] = '\0';
    if (c->batch != NULL) {
        job_why(c->batch, buf, size);
    } else if (c->gone) {
        (void)snprintf(buf, size, "Batch no longer knows it");
    } else if (v->request != 0 || v->mending != 0) {
        (void)snprintf(buf, size, "reading...");
    } else if (v->err.code != E_OK) {
        (void)snprintf(buf, size, "could not be asked: %s", v->err.msg);
    } else {
        (void)snprintf(buf, size, "not read: Enter reads it");
    }
    return buf;
}

/* Writes only the time of a time that lies within today, else the day and the time. */
static void started_text(int64_t at_ms, int64_t now_ms, char *buf, size_t size)
{
    char local[32], today[32];

    buf[0] = '\0';
    if (at_ms == TIME_NONE || strlen(format_local(at_ms, local, sizeof local)) < 19) {
        return;
    }
    (void)format_local(now_ms, today, sizeof today);
    bool same = strncmp(local, today, 10) == 0;
    (void)snprintf(buf, size, "%.*s", same ? 8 : 11, local + (same ? 11 : 5));
}

static int64_t took_ms(const struct batch_job *b, int64_t now_ms)
{
    if (b == NULL || b->started_ms == TIME_NONE) {
        return -1;
    }
    int64_t end = b->stopped_ms != TIME_NONE   ? b->stopped_ms
                  : b->status == BATCH_RUNNING ? now_ms
                                               : TIME_NONE;
    return end == TIME_NONE ? -1 : end < b->started_ms ? 0 : end - b->started_ms;
}

static void list_line(struct textview *out, const struct children_view *v, int index,
                      int64_t now_ms, bool ascii)
{
    const struct batch_job *b = v->items[index].batch;
    enum child_group g = child_group(&v->items[index]);
    char code[16] = "", started[16] = "", took[AGE_SIZE] = "", why[STATE_REASON_SIZE];

    if (b != NULL) {
        if (b->exit_code != EXIT_CODE_NONE) {
            (void)snprintf(code, sizeof code, "%d", b->exit_code);
        }
        started_text(b->started_ms, now_ms, started, sizeof started);
        (void)duration_text(took_ms(b, now_ms), took);
    }
    char *clean = text_cleaned(child_why(v, index, why, sizeof why), TEXT_ONE_LINE);
    textview_addf(out, b == NULL ? ST_DIM : ST_TEXT, "%5d %s %-9s %4s  %-11s %6s  %.*s", index,
                  glyph_text(groups[g].glyph, ascii),
                  b == NULL ? "not known" : batch_status_word(b->status), code, started, took,
                  (int)text_fit(clean, WHY_BYTES, NULL), clean);
    free(clean);
}

/* Adds the children of a group in the order of their indexes. While the first listing goes on, a
 * child that it has not told of yet has no row. */
static void add_group(struct children_view *v, enum child_group g)
{
    for (int i = 0; i < v->len; i++) {
        enum child_group of = child_group(&v->items[i]);
        bool told = v->ended || v->items[i].batch != NULL || v->items[i].gone;
        if ((g == CHILD_GROUPS || of == g) && (v->show == CHILD_GROUPS || v->show == of) && told) {
            v->rows[v->rows_len++] = i;
        }
    }
}

static void order_rows(struct children_view *v)
{
    free(v->rows);
    v->rows = xcalloc((size_t)v->len + 1, sizeof *v->rows);
    v->rows_len = 0;
    if (v->by_index) {
        add_group(v, CHILD_GROUPS);
        return;
    }
    for (enum child_group g = CHILD_FAILED; g < CHILD_GROUPS; g++) {
        add_group(v, g);
    }
}

/* Keeps the cursor on its child, or on its row when the child shows no more. */
static void keep_cursor(struct children_view *v, int index, size_t row)
{
    for (size_t i = 0; i < v->rows_len && index >= 0; i++) {
        if (v->rows[i] == index) {
            row = i;
            break;
        }
    }
    if (v->rows_len > 0) {
        v->list.has_cursor = true;
        v->list.cursor = v->list.dropped + (row < v->rows_len ? row : v->rows_len - 1);
        textview_move_cursor(&v->list, 0); /* this moves the window to the cursor */
    }
}

void children_fill_list(struct children_view *v, const struct desk *desk)
{
    int index = v->touched ? children_cursor(v) : -1;
    size_t row = v->touched && v->list.has_cursor ? (size_t)(v->list.cursor - v->list.dropped) : 0;
    struct textview fresh;

    order_rows(v);
    textview_init(&fresh);
    for (size_t i = 0; i < v->rows_len; i++) {
        list_line(&fresh, v, v->rows[i], desk->now_ms, desk->ascii);
    }
    textview_replace(&v->list, &fresh);
    textview_done(&fresh);
    keep_cursor(v, index, row);
    v->built_ms = desk->mono_ms;
}

void children_fill_facts(struct children_view *v, const struct desk *desk)
{
    const struct child *c = v->here < v->len ? &v->items[v->here] : NULL;
    char why[STATE_REASON_SIZE];
    struct textview fresh;

    if (c == NULL) {
        return;
    }
    textview_init(&fresh);
    if (c->batch != NULL) {
        detail_text_child(&fresh, c->batch, desk->now_ms);
    } else {
        textview_add_label(&fresh, "Child", 15, "not known", ST_WARN);
        textview_add_label(&fresh, "Why", 15,
                           v->one != 0 ? "reading..." : child_why(v, v->here, why, sizeof why),
                           ST_TEXT);
    }
    if (v->one_err.code != E_OK) {
        textview_add(&fresh, "", ST_TEXT);
        textview_add_label(&fresh, "Batch", 15, v->one_err.msg, ST_BAD);
        textview_add_label(&fresh, "", 15, err_hint(&v->one_err), ST_HINT);
    } else if (v->one != 0 && c->batch != NULL && !c->batch->detailed) {
        textview_add(&fresh, "", ST_TEXT);
        textview_add(&fresh, "Reading its attempts...", ST_DIM);
    }
    textview_replace(&v->facts, &fresh);
    textview_done(&fresh);
    v->built_ms = desk->mono_ms;
}

struct children_layout children_layout(struct rect body)
{
    /* one cell is left for the mark of the cursor */
    struct children_layout l = {.list = layout_text(body)};
    struct rect *r = &l.list;

    if (r->rows >= 6) {
        l.counts = (struct rect){r->row++, r->col, 1, r->cols};
        r->rows--;
    }
    if (r->rows >= 2) {
        l.columns = (struct rect){r->row++, r->col, 1, r->cols};
        r->rows--;
    }
    return l;
}
