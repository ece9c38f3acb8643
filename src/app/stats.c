/* The screen of statistics: counting, the period and the groups, moving, and going to the jobs of a
 * cause.
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
#include "jobs/age.h"
#include "screen.h"
#include "stats_draw.h"

enum {
    SLICE = 8192,         /* slots of the store: 3 ms */
    PAUSE_MS = 2000,      /* between two counts at least, ... */
    JOBS_A_MS = 20,       /* ... and a millisecond for so many jobs */
    AGAIN_MS = 60 * 1000, /* the period has moved on */
    WHEEL = 3
};
#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)

/* The periods of [ and ]. */
static const int64_t spans[] = {HOUR,    6 * HOUR, DAY,      3 * DAY,
                                7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY};
enum { SPANS = sizeof spans / sizeof *spans, USUAL_SPAN = 4 };

static void init(void *self)
{
    struct stats_view *v = self;

    v->span_ms = spans[USUAL_SPAN];
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

const char *stats_period(const struct stats_view *v, char *buf, size_t size)
{
    char text[AGE_SIZE > TIME_ISO_SIZE ? AGE_SIZE : TIME_ISO_SIZE];

    if (v->since_ms != TIME_NONE) {
        (void)snprintf(buf, size, "since %.16s", time_iso(v->since_ms, text));
    } else {
        (void)snprintf(buf, size, "last %s", duration_text(v->span_ms, text));
    }
    return buf;
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

/* ---- the cursor: it stands on causes and groups alone ---- */

static bool has_item(const struct stats_view *v, size_t line)
{
    return line < v->list.len && v->list.items[line].what != STATS_TEXT;
}

static bool in_window(const struct stats_view *v, size_t line)
{
    return line >= v->top && line - v->top < v->page;
}

/* The text of the cause or group of a line; NULL: the line has none, or its jobs do not tell it. */
static const char *text_of(const struct stats_view *v, const struct stats_line *l)
{
    return l->what == STATS_CAUSE   ? v->x->causes[l->item].text
           : l->what == STATS_GROUP ? v->x->groups[l->item].key
                                    : NULL;
}

/* What a line tells of, in a form that the lines of the next count have too. Owned. */
static char *name_of(const struct stats_view *v, size_t line)
{
    const struct stats_line *l = &v->list.items[line];
    const char *text = text_of(v, l);

    return xasprintf("%d%s%s", (int)l->what, text == NULL ? "-" : "+", text == NULL ? "" : text);
}

static void set_cursor(struct stats_view *v, size_t line)
{
    free(v->here);
    v->at = has_item(v, line) ? line : SIZE_MAX;
    v->here = v->at == SIZE_MAX ? NULL : name_of(v, line);
}

static void scroll_to(struct stats_view *v, size_t top)
{
    size_t most = v->list.len > v->page ? v->list.len - v->page : 0;

    v->top = top < most ? top : most;
}

/* Puts the cursor on the first item that shows, or on the last one; on none when none shows. */
static void cursor_in(struct stats_view *v, bool last)
{
    size_t found = SIZE_MAX;

    for (size_t i = v->top; in_window(v, i) && i < v->list.len && (last || found == SIZE_MAX);
         i++) {
        found = has_item(v, i) ? i : found;
    }
    set_cursor(v, found);
}

/* Moves to the next item; where it does not show, the text moves by a line. */
static void step(struct stats_view *v, int by)
{
    size_t from = v->at != SIZE_MAX ? v->at : by > 0 ? v->top - 1 : v->top + v->page;
    size_t next = from + (size_t)by;
    size_t top = v->top;

    while (next < v->list.len && !has_item(v, next)) {
        next += (size_t)by;
    }
    if (next >= v->list.len || !in_window(v, next)) {
        scroll_to(v, by > 0 ? top + 1 : top == 0 ? 0 : top - 1);
    }
    if (next < v->list.len && in_window(v, next)) {
        set_cursor(v, next);
        if (v->list.items[next].what == STATS_CAUSE && !in_window(v, next + 1)) {
            scroll_to(v, v->top + 1); /* a cause has two lines */
        }
    } else if (v->at != SIZE_MAX && !in_window(v, v->at)) {
        set_cursor(v, SIZE_MAX);
    }
}

static void page(struct stats_view *v, long by)
{
    size_t top = v->top;

    scroll_to(v, by >= 0 ? top + (size_t)by : top > (size_t)-by ? top - (size_t)-by : 0);
    if (top == v->top || v->at == SIZE_MAX || !in_window(v, v->at)) {
        cursor_in(v, top == v->top && by > 0);
    }
}

static bool move(struct stats_view *v, enum action a)
{
    long by = rows_distance(a, v->page);

    if (by == 1 || by == -1) {
        step(v, (int)by);
    } else if (by != 0) {
        page(v, by);
    }
    return by != 0;
}

/* After a count, or for another room: the cursor stays on what it stood on. */
static void find_cursor(struct stats_view *v)
{
    size_t first = SIZE_MAX;
    size_t found = SIZE_MAX;

    for (size_t i = v->list.len; i-- > 0;) {
        if (!has_item(v, i) || (v->to_groups && v->list.items[i].what != STATS_GROUP)) {
            continue;
        }
        first = i;
        char *name = name_of(v, i);
        found = v->here != NULL && !v->to_groups && strcmp(v->here, name) == 0 ? i : found;
        free(name);
    }
    bool groups = v->to_groups && first != SIZE_MAX;
    scroll_to(v, groups && first >= 2 ? first - 2 : v->top);
    set_cursor(v, found != SIZE_MAX ? found : first);
    if (v->at != SIZE_MAX && !in_window(v, v->at)) {
        scroll_to(v, v->at < v->top ? v->at : v->at + 2 > v->page ? v->at + 2 - v->page : 0);
    }
    v->to_groups = false;
}

/* ---- the question ---- */

static void change_span(struct stats_view *v, int by)
{
    int at = 0;

    while (at < SPANS - 1 && spans[at] < v->span_ms) {
        at++;
    }
    /* between two of them: the next shorter one, or this */
    at += by < 0 || spans[at] == v->span_ms ? by : 0;
    v->span_ms = spans[at < 0 ? 0 : at < SPANS ? at : SPANS - 1];
    v->since_ms = TIME_NONE;
    v->wanted = true;
}

static void change_groups(struct stats_view *v, enum insight_by by)
{
    v->by = by;
    v->to_groups = true;
    v->wanted = true;
}

/* Reads "30d" or an ISO 8601 time. */
static bool read_since(struct stats_view *v, const struct desk *desk, const char *word)
{
    int64_t seconds = 0;
    int64_t at = 0;
    bool has_unit = word[0] != '\0' && strchr("smhdw", word[strlen(word) - 1]) != NULL;

    if (has_unit && duration_parse(word, &seconds) && seconds > 0) {
        v->span_ms = seconds * 1000;
        v->since_ms = TIME_NONE;
        return true;
    }
    if (time_parse_iso(word, &at) && at < desk->now_ms) {
        v->since_ms = at;
        return true;
    }
    return false;
}

/* How the jobs of one context may be grouped. */
enum { GROUPINGS = INSIGHT_BY_CONTEXT };

static void say_groups(struct desk *desk)
{
    char words[120] = "";
    size_t n = 0;

    for (int i = 0; i < GROUPINGS && n < sizeof words; i++) {
        n += (size_t)snprintf(words + n, sizeof words - n, "%s%s", i > 0 ? ", " : "",
                              insight_by_word((enum insight_by)i));
    }
    desk_note(desk, NOTE_BAD, ":stats by: expected one of %s.", words);
}

bool stats_ask(struct stats_view *v, struct desk *desk, const char *argument)
{
    struct stats_view was = *v;
    char *line = xstrdup(argument);
    char *save = NULL;
    bool fits = true;

    for (char *w = strtok_r(line, " ", &save); w != NULL && fits; w = strtok_r(NULL, " ", &save)) {
        const char *name = strncmp(w, "--", 2) == 0 ? w + 2 : w;
        const char *value = strtok_r(NULL, " ", &save);
        if (strcmp(name, "by") == 0) {
            enum insight_by by = insight_by_parse(value == NULL ? "" : value);
            fits = (int)by < GROUPINGS;
            if (fits) {
                change_groups(v, by);
            } else {
                say_groups(desk);
            }
        } else if (strcmp(name, "since") == 0) {
            fits = value != NULL && read_since(v, desk, value);
            if (!fits) {
                desk_note(desk, NOTE_BAD,
                          ":stats since: expected 30m, 24h, 30d or a time such as "
                          "2025-08-20T10:30:00Z that is past.");
            }
        } else {
            fits = false;
            desk_note(desk, NOTE_BAD, ":stats has no \"%.40s\": `:stats by user since 30d`.", w);
        }
    }
    free(line);
    if (fits) {
        v->wanted = true;
    } else {
        v->by = was.by;
        v->span_ms = was.span_ms;
        v->since_ms = was.since_ms;
        v->to_groups = was.to_groups;
        v->wanted = was.wanted;
    }
    return fits;
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
        desk_note(desk, NOTE_INFO, "Move to a cause or a group: Enter shows its jobs.");
        return;
    }
    const struct wanted w = {v->x, &v->list.items[v->at]};
    const char *text = text_of(v, w.line);
    char period[48];
    char *of =
        xasprintf("%s%s%s (%s)", w.line->what == STATS_GROUP ? insight_by_word(v->x->query.by) : "",
                  w.line->what == STATS_GROUP ? " " : "", text == NULL ? "not told" : text,
                  stats_period(v, period, sizeof period));
    size_t n = store_pick(desk->store, fits_line, &w, desk->now_ms);

    desk_show_picked(desk, of);
    desk_note(desk, NOTE_INFO, "%zu job%s; Esc shows all again, - goes back to the statistics.", n,
              text_plural(n));
    free(of);
}

static void copy(const struct stats_view *v, struct desk *desk, struct effects *out)
{
    const char *text = v->at == SIZE_MAX ? NULL : text_of(v, &v->list.items[v->at]);

    if (text == NULL) {
        desk_note(desk, NOTE_INFO, "There is nothing to copy here.");
        return;
    }
    effects_add(out, EFF_COPY)->text = text_cleaned(text, TEXT_ONE_LINE);
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
        change_groups(v, (enum insight_by)(((int)v->by + 1) % GROUPINGS));
        return true;
    case ACT_STATS_SHORTER:
        change_span(v, -1);
        return true;
    case ACT_STATS_LONGER:
        change_span(v, 1);
        return true;
    default:
        return move(v, a);
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
        page(v, ev->u.mouse.button == MOUSE_WHEEL_UP ? -WHEEL : WHEEL);
    } else if (rect_has(r, ev->u.mouse.row, ev->u.mouse.col)) {
        size_t line = v->top + (size_t)(ev->u.mouse.row - r.row);
        /* the second line of a cause belongs to the first */
        line -= line > 0 && !has_item(v, line) && has_item(v, line - 1);
        if (has_item(v, line)) {
            set_cursor(v, line);
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
        find_cursor(v);
    }
}

const struct screen screen_stats = {
    .name = "stats",
    .title = "Statistics",
    .shows = ACT_VIEW_STATS,
    .size = sizeof(struct stats_view),
    .init = init,
    .done = done,
    .scope = scope,
    .leave = leave,
    .action = action,
    .back = back,
    .mouse = mouse,
    .tick = tick,
    .tick_ms = tick_ms,
    .settle = settle,
    .draw = stats_draw,
};
