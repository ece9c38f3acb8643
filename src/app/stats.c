/* The screen of statistics: counting, and going to the jobs of a cause.
 *
 * DESIGN. The jobs are counted where they lie, in the store, when the screen shows: at once, then
 * again when jobs have changed, after a pause that grows with their number (2 s; 5 s for 100,000),
 * and each minute, because the period moves. A count goes over the store in slices, one an event,
 * so that no key waits for all of it. */
#include "stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/plot.h"
#include "core/text.h"
#include "screen.h"
#include "stats_draw.h"
#include "stats_priv.h"

enum {
    SLICE = 8192,         /* slots of the store: 3 ms */
    PAUSE_MS = 2000,      /* between two counts at least, ... */
    JOBS_A_MS = 20,       /* ... and a millisecond for so many jobs */
    AGAIN_MS = 60 * 1000, /* the period has moved on */
    WHEEL = 3
};
static void init(void *self)
{
    struct stats_view *v = self;

    v->span_ms = STATS_USUAL_MS;
    v->since_ms = TIME_NONE;
    v->at = SIZE_MAX;
}

static void run_stop(struct stats_view *v)
{
    if (v->run != NULL) {
        insight_free(insight_end(v->run));
        v->run = NULL;
    }
}

static void done(void *self)
{
    struct stats_view *v = self;

    run_stop(v);
    insight_free(v->x);
    stats_lines_clear(&v->figures);
    stats_lines_clear(&v->list);
    free(v->here);
}

/* ---- counting ---- */

static int64_t pause_ms(const struct stats_view *v)
{
    int64_t ms = (int64_t)(v->seen.loaded / JOBS_A_MS);

    return ms > PAUSE_MS ? ms : PAUSE_MS;
}

/* When the next count begins (monotonic), if nobody wants one before. */
static int64_t next_ms(const struct stats_view *v, const struct desk *desk)
{
    bool changed =
        v->changes != store_changes(desk->store) || v->seen.loading != desk->loading.active;

    return v->began_ms + (changed ? pause_ms(v) : AGAIN_MS);
}

static void begin(struct stats_view *v, const struct desk *desk, int cells)
{
    int64_t now = desk->now_ms;

    run_stop(v);
    v->query = (struct insight_query){.since_ms =
                                          v->since_ms != TIME_NONE ? v->since_ms : now - v->span_ms,
                                      .until_ms = now,
                                      .now_ms = now,
                                      .by = v->by};
    v->query.bucket_ms = insight_bucket(v->query.since_ms, now, plot_room(cells));
    v->run = insight_begin(&v->query);
    v->running = (struct stats_seen){.loading = desk->loading.active};
    v->slot = 0;
    v->changes = store_changes(desk->store);
    v->began_ms = desk->mono_ms;
    v->wanted = false;
}

static void count(struct stats_view *v, const struct entry *e)
{
    int64_t at = job_time(e->job, &e->state, NULL);

    v->running.loaded++;
    v->running.untimed += at == TIME_NONE;
    v->running.later += at != TIME_NONE && at >= v->query.until_ms;
    insight_add(v->run, e->job, e->batch, &e->state);
}

/* Counts a slice. True: that was the last one. */
static bool count_some(struct stats_view *v, const struct desk *desk)
{
    size_t len = store_slots(desk->store);

    for (int i = 0; i < SLICE && v->slot < len; i++, v->slot++) {
        const struct entry *e = store_slot(desk->store, v->slot);
        if (e != NULL) {
            count(v, e);
        }
    }
    if (v->slot < len) {
        return false;
    }
    insight_free(v->x);
    v->x = insight_end(v->run);
    v->run = NULL;
    v->seen = v->running;
    v->news = true;
    return true;
}

/* ---- to the jobs ---- */

struct wanted {
    const struct insight *x;
    const struct stats_line *line;
};

static bool fits_line(const void *arg, const struct entry *e)
{
    const struct wanted *w = arg;

    return w->line->what == STATS_CAUSE
               ? insight_cause_has(w->x, &w->x->causes[w->line->item], e->job, e->batch, &e->state)
               : insight_group_has(w->x, &w->x->groups[w->line->item], e->job, &e->state);
}

static void open_jobs(struct stats_view *v, struct desk *desk)
{
    if (v->at == SIZE_MAX) {
        desk_note(desk, NOTE_INFO, "Move to a cause or a group; Enter shows its jobs.");
        return;
    }
    const struct wanted w = {v->x, &v->list.items[v->at]};
    const char *text = stats_text_of(v, w.line);
    char period[48];
    char *of =
        xasprintf("%s%s%s (%s)", w.line->what == STATS_GROUP ? insight_by_word(v->x->query.by) : "",
                  w.line->what == STATS_GROUP ? " " : "", text == NULL ? "not known" : text,
                  stats_period(v, period, sizeof period));
    size_t n = store_pick(desk->store, fits_line, &w, desk->now_ms);

    desk_show_picked(desk, of);
    desk_note(desk, NOTE_INFO, "%zu job%s; Esc shows all again, - goes back to the statistics.", n,
              text_plural(n));
    free(of);
}

static void copy(const struct stats_view *v, struct desk *desk, struct effects *out)
{
    const char *text = v->at == SIZE_MAX ? NULL : stats_text_of(v, &v->list.items[v->at]);

    if (text == NULL) {
        desk_note(desk, NOTE_INFO, "There is nothing to copy here.");
        return;
    }
    effects_copy(out, "Text", text_cleaned(text, TEXT_ONE_LINE));
}

/* ---- the screen ---- */

static enum scope scope(const void *self)
{
    (void)self;
    return SCOPE_STATS;
}

static bool action(void *self, struct desk *desk, enum action a, struct effects *out)
{
    struct stats_view *v = self;

    switch (a) {
    case ACT_OPEN:
        open_jobs(v, desk);
        return true;
    case ACT_COPY:
        copy(v, desk, out);
        return true;
    case ACT_STATS_BY:
        stats_change_groups(v, (enum insight_by)(((int)v->by + 1) % STATS_GROUPINGS));
        return true;
    case ACT_STATS_SHORTER:
        stats_change_span(v, -1);
        return true;
    case ACT_STATS_LONGER:
        stats_change_span(v, 1);
        return true;
    default:
        return stats_move(v, a);
    }
}

static void back(void *self, struct desk *desk, enum action a, struct effects *out)
{
    (void)self;
    (void)a;
    (void)out;
    desk_leave(desk);
}

static bool mouse(void *self, struct desk *desk, const struct app_event *ev, struct rect room)
{
    struct stats_view *v = self;
    struct rect r = stats_rooms(layout_body(room), v->wide).list;

    if (ev->u.mouse.button == MOUSE_WHEEL_UP || ev->u.mouse.button == MOUSE_WHEEL_DOWN) {
        stats_page(v, ev->u.mouse.button == MOUSE_WHEEL_UP ? -WHEEL : WHEEL);
    } else if (rect_has(r, ev->u.mouse.row, ev->u.mouse.col)) {
        size_t line = v->top + (size_t)(ev->u.mouse.row - r.row);
        /* the second line of a cause belongs to the first */
        line -= line > 0 && !stats_has_item(v, line) && stats_has_item(v, line - 1);
        if (stats_has_item(v, line)) {
            stats_set_cursor(v, line);
            if (ev->u.mouse.button == MOUSE_DOUBLE) {
                open_jobs(v, desk);
            }
        }
    }
    return true;
}

static void leave(void *self, struct desk *desk, struct effects *out)
{
    struct stats_view *v = self;

    (void)desk;
    (void)out;
    v->wanted |= v->run != NULL;
    run_stop(v);
}

static void tick(void *self, struct desk *desk, struct effects *out)
{
    struct stats_view *v = self;

    (void)desk;
    (void)out;
    v->news = false; /* a tick is always drawn */
}

static int64_t tick_ms(const void *self, const struct desk *desk)
{
    const struct stats_view *v = self;

    if (desk->layout.too_small) {
        return 0; /* nothing is counted then */
    }
    return v->run != NULL || v->news ? desk->mono_ms : next_ms(v, desk);
}

static bool same_room(struct rect a, struct rect b)
{
    return a.row == b.row && a.col == b.col && a.rows == b.rows && a.cols == b.cols;
}

static void settle(void *self, struct desk *desk, struct rect room)
{
    struct stats_view *v = self;
    struct rect body = layout_body(room);
    bool other = !same_room(v->room, body) || v->ascii != desk->ascii;
    bool due = v->run == NULL && (v->x == NULL || desk->mono_ms >= next_ms(v, desk));

    if (v->wanted || due || v->room.cols != body.cols) { /* other plots have other buckets */
        begin(v, desk, stats_plot_cells(body));
    }
    v->room = body;
    v->ascii = desk->ascii;
    bool counted = v->run != NULL && count_some(v, desk);
    if (v->x != NULL && (counted || other)) {
        stats_text(v, body);
        v->page = (size_t)stats_rooms(body, v->wide).list.rows;
        stats_find_cursor(v);
    }
}

/* No cause and no group is there to be opened. */
static bool idle(const void *self, enum action a)
{
    const struct stats_view *v = self;

    return v->at == SIZE_MAX && a == ACT_OPEN;
}

const struct screen screen_stats = {
    .name = "stats",
    .title = "Statistics",
    .shows = ACT_VIEW_STATS,
    .size = sizeof(struct stats_view),
    .init = init,
    .done = done,
    .scope = scope,
    .idle = idle,
    .leave = leave,
    .action = action,
    .back = back,
    .mouse = mouse,
    .tick = tick,
    .tick_ms = tick_ms,
    .settle = settle,
    .draw = stats_draw,
};
