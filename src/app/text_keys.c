/* The actions that all texts share: movement, search, marks, copying, saving. */
#include "text_keys.h"

#include <ctype.h>
#include <stdio.h>

#include "core/alloc.h"
#include "logview.h"

static void move(struct textview *v, int rows)
{
    if (v->has_cursor) {
        textview_move_cursor(v, rows);
    } else {
        textview_scroll(v, rows);
    }
}

static bool text_move(struct textview *v, enum action a)
{
    long by = rows_distance(a, v->rows < 1 ? 1 : (size_t)v->rows);

    if (a == ACT_TOP) {
        textview_home(v);
    } else if (a == ACT_BOTTOM) {
        textview_end(v);
    } else if (by != 0) {
        move(v, (int)by);
    } else if (a == ACT_LEFT || a == ACT_RIGHT) {
        textview_sideways(v, a == ACT_LEFT ? -8 : 8);
    } else {
        return false;
    }
    return true;
}

void text_say_match(struct desk *d, const struct textview *v)
{
    if (v->matched) {
        desk_note(d, NOTE_INFO, "Match %zu of %zu: %.80s", v->match_at, v->match_count, v->pattern);
    }
}

static void next_match(struct desk *d, struct textview *v, int direction)
{
    if (v->pattern == NULL) {
        desk_note(d, NOTE_INFO, "There is no search yet: / starts one.");
    } else if (!textview_next(v, direction)) {
        desk_note(d, NOTE_WARN, "No line matches \"%.80s\".", v->pattern);
    } else {
        text_say_match(d, v);
    }
}

static void select_lines(struct textview *v)
{
    if (v->has_cursor && v->selecting) {
        v->has_cursor = v->selecting = false;
        return;
    }
    textview_move_cursor(v, 0);
    v->selecting = v->has_cursor;
    v->anchor = v->cursor;
}

/* The lines of a log are saved with the times that they show. */
struct stamping {
    const struct logview *log;
    int64_t now_ms;
};

static const char *all_stamp(const void *arg, const struct text_line *line, char *buf, size_t size)
{
    const struct stamping *x = arg;

    return logview_stamp(x->log, line->at_ms, x->now_ms, buf, size);
}

static char *all_text(const struct desk *d, const struct text_on *t)
{
    struct stamping x = {t->log, d->now_ms};

    return textview_all(t->view, t->log == NULL ? NULL : all_stamp, &x);
}

static void mark_line(struct textview *v)
{
    textview_toggle_mark(v, v->has_cursor ? v->cursor : v->matched ? v->match_line : v->top);
}

char *text_file_name(const char *of, const char *what)
{
    char safe[80];
    size_t n = 0;

    for (const char *p = of; *p != '\0' && n + 1 < sizeof safe; p++) {
        safe[n++] = isalnum((unsigned char)*p) || *p == '_' || *p == '-' ? *p : '_';
    }
    safe[n] = '\0';
    char *name = xasprintf("mvpdash-%s-%s.txt", safe, what);
    for (char *p = name; *p != '\0'; p++) {
        *p = (char)tolower((unsigned char)*p);
    }
    return name;
}

static void save_all(const struct desk *d, const struct text_on *t, struct effects *out)
{
    struct effect *f = effects_add(out, EFF_SAVE);

    f->text = all_text(d, t);
    f->path = text_file_name(t->of, t->what);
}

/* Copies the line, the selection, or the match. */
static void copy_lines(struct textview *v, struct effects *out)
{
    char *text = textview_copy(v);
    size_t lines = 1;
    char what[32] = "Line";

    for (const char *p = text; *p != '\0'; p++) {
        lines += *p == '\n' && p[1] != '\0';
    }
    if (lines > 1) {
        (void)snprintf(what, sizeof what, "%zu lines", lines);
    }
    effects_copy(out, what, text);
    v->has_cursor = v->selecting = false;
}

bool text_action(struct desk *d, const struct text_on *t, enum action a, struct effects *out)
{
    struct textview *v = t->view;

    if (text_move(v, a)) {
        return true;
    }
    if (textview_len(v) == 0 && (a == ACT_COPY || a == ACT_SAVE_ALL || a == ACT_PAGER)) {
        desk_note(d, NOTE_INFO, "There is no text here.");
        return true;
    }
    switch (a) {
    case ACT_SEARCH:
        desk_search(d, false);
        return true;
    case ACT_KEEP:
        if (v->keep) {
            textview_set_keep(v, false);
        } else {
            desk_search(d, true);
        }
        return true;
    case ACT_MATCH_NEXT:
        next_match(d, v, 1);
        return true;
    case ACT_MATCH_PREV:
        next_match(d, v, -1);
        return true;
    case ACT_CASE:
        textview_set_case(v, !v->ignore_case);
        desk_note(d, NOTE_INFO,
                  v->ignore_case ? "Letter case does not matter." : "Letter case matters.");
        return true;
    case ACT_WRAP:
        textview_set_wrap(v, !v->wrap);
        return true;
    case ACT_SELECT:
        select_lines(v);
        return true;
    case ACT_LINE_MARK:
        mark_line(v);
        return true;
    case ACT_COPY:
        copy_lines(v, out);
        return true;
    case ACT_SAVE_ALL:
        save_all(d, t, out);
        return true;
    case ACT_PAGER:
        if (desk_key_meant(d)) {
            effects_add(out, EFF_PAGER)->text = all_text(d, t);
        }
        return true;
    default:
        return false;
    }
}

bool text_close(struct textview *v)
{
    if (v->has_cursor) {
        v->has_cursor = v->selecting = false;
        return true;
    }
    if (v->pattern != NULL) {
        textview_search(v, NULL);
        return true;
    }
    return false;
}

bool text_wheel(struct textview *v, const struct app_event *ev)
{
    bool up = ev->u.mouse.button == MOUSE_WHEEL_UP;

    if (up || ev->u.mouse.button == MOUSE_WHEEL_DOWN) {
        textview_scroll(v, up ? -3 : 3);
        return true;
    }
    return false;
}
