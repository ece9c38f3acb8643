/* Drawing the doctor: what the checks come to, each check, one check in full. */
#include "doctor_draw.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/text.h"
#include "doctor.h"
#include "draw.h"
#include "jobs/age.h"

enum { PHASE_CELLS = 9 }; /* the cells of a check's glyph and word */

/* `goes_on`: the list does not fit, so the place in it is told. */
static void draw_heading(struct surface *s, struct rect r, const struct doctor_view *d,
                         const struct desk *desk, bool goes_on)
{
    const struct entry *e = d->job_id == NULL ? NULL : store_find(desk->store, d->job_id);
    const char *name = e != NULL && job_text(e->job, JOB_BUSINESS_NAME) != NULL
                           ? job_text(e->job, JOB_BUSINESS_NAME)
                           : d->job_id;
    char *clean = name == NULL ? NULL : text_cleaned(name, TEXT_ONE_LINE);
    char text[200], right[80], age[AGE_SIZE];
    struct doctor_counts n;

    doctor_view_count(d, &n);
    if (clean == NULL) {
        (void)snprintf(text, sizeof text, "Doctor");
    } else {
        (void)snprintf(text, sizeof text, "Doctor: why %.*s did not start",
                       (int)text_fit(clean, 60, NULL), clean);
    }
    if (d->request != 0 || d->canary != 0) {
        (void)snprintf(right, sizeof right, "%d of %d ", n.ended, n.ended + n.running + n.waiting);
    } else {
        const char *ago = age_text(d->ended_ms, desk->now_ms, age);
        char at[48] = "";
        if (goes_on) {
            (void)snprintf(at, sizeof at, "%zu/%zu  ",
                           (size_t)(d->list.cursor - d->list.dropped) + 1, d->shown_len);
        }
        (void)snprintf(right, sizeof right, "%s%s%s", at, ago, ago[0] == '\0' ? "" : " ago ");
    }
    free(clean);
    draw_title(s, r, &(struct pane_title){text, right, true});
}

/* Draws "x 1 FAIL  ! 2 WARN ...": what matters most comes first, as far as there is room. */
static void draw_counts(struct surface *s, struct rect r, const struct doctor_view *d,
                        const struct desk *desk)
{
    const enum doctor_state *order = doctor_worst_first;
    struct doctor_counts n;
    char text[80];
    int col = r.col;

    doctor_view_count(d, &n);
    for (size_t i = 0; i <= DOCTOR_STATES; i++) {
        enum style st = ST_RUNNING;
        if (i < DOCTOR_STATES) {
            if (n.state[order[i]] == 0) {
                continue;
            }
            st = doctor_style(order[i]);
            (void)snprintf(text, sizeof text, "%s %d %s", doctor_glyph(order[i], desk->ascii),
                           n.state[order[i]], doctor_state_word(order[i]));
        } else if (d->request != 0 || d->canary != 0) {
            (void)snprintf(text, sizeof text, "%s %d running, %d waiting",
                           glyph_text(GLYPH_RUNNING, desk->ascii), n.running, n.waiting);
        } else {
            break;
        }
        int width = text_width(text);
        if (col + width > r.col + r.cols) {
            break;
        }
        surface_put(s, r.row, col, width, st, text);
        col += width + 2;
    }
}

static void draw_unknown(struct surface *s, struct rect r, const struct doctor_view *d,
                         const struct desk *desk)
{
    if (d->request != 0 || d->canary != 0) {
        (void)draw_wrapped(s, r, ST_DIM, "Nothing has failed so far.");
    } else if (d->err.code != E_OK && d->err.code != E_CANCELLED) {
        (void)draw_err(s, r, desk, &d->err);
    } else {
        (void)draw_wrapped(s, r, ST_DIM, "Stopped before all checks had ended.");
    }
}

static void draw_verdict(struct surface *s, struct rect r, const struct doctor_view *d,
                         const struct desk *desk)
{
    struct verdict v;

    doctor_view_verdict(d, &v);
    if (!v.known) {
        draw_unknown(s, r, d, desk);
        verdict_clear(&v);
        return;
    }
    struct rect head = r;
    if (v.fix != NULL && r.rows > 1) {
        head.rows = (r.rows + 1) / 2; /* the other rows are for the remedy */
    }
    char key[DESK_MORE_SIZE];
    bool cut = v.state != DOCTOR_PASS && !d->open; /* all of it stands in the check in full */
    const char *more = cut ? desk_more_by(desk, ACT_CHECK_FULL, key) : "";
    int used = draw_notice(s, head, doctor_style(v.state), v.text, more);
    r.row += used;
    r.rows -= used;
    if (v.fix != NULL && r.rows > 0) {
        char *fix = xasprintf("%s %s", desk->ascii ? "->" : "\xe2\x86\x92", v.fix);
        (void)draw_notice(s, r, ST_STRONG, fix, more);
        free(fix);
    }
    verdict_clear(&v);
}

/* Draws the states over the list's text, in their colours. */
static void draw_states(struct surface *s, struct rect r, const struct doctor_view *d)
{
    const struct textview *v = &d->list;
    struct text_row rows[128];
    size_t n = textview_visible(v, rows, sizeof rows / sizeof *rows);

    for (size_t i = 0; i < n && (int)i < r.rows; i++) {
        size_t at = (size_t)(rows[i].seq - v->dropped);
        if (v->has_cursor && rows[i].seq == v->cursor) {
            surface_glyph(s, r.row + (int)i, r.col - 1, ST_TEXT, GLYPH_MARK);
        }
        const struct check_row *c = at < d->shown_len ? &d->rows[d->shown[at]] : NULL;
        if (c == NULL || v->left >= PHASE_CELLS ||
            (c->phase != CHECK_ENDED && c->phase != CHECK_RUNNING)) {
            continue;
        }
        enum style st = c->phase == CHECK_RUNNING ? ST_RUNNING : doctor_style(c->state);
        surface_restyle(s, r.row + (int)i, r.col, PHASE_CELLS - v->left, st);
    }
}

void doctor_draw(struct surface *s, const void *self, const struct desk *desk, struct rect all)
{
    const struct doctor_view *d = self;
    struct doctor_layout l = doctor_view_layout(all, d->open);

    if (all.rows <= 0) {
        return;
    }
    draw_heading(s, l.title, d, desk, l.list.rows > 0 && (int)d->shown_len > l.list.rows);
    draw_counts(s, l.counts, d, desk);
    draw_verdict(s, l.verdict, d, desk);
    if (l.list.rows > 0) {
        struct text_draw list = {.view = &d->list, .focus = !d->open};
        draw_text(s, l.list, &list);
        draw_states(s, l.list, d);
    }
    if (l.divider.rows > 0) {
        surface_vline(s, l.divider.row, l.divider.col, l.divider.rows,
                      d->open ? ST_BORDER_FOCUS : ST_BORDER);
    }
    if (l.full.rows > 0) {
        struct text_draw full = {.view = &d->full, .focus = d->open};
        draw_text(s, l.full, &full);
        draw_percent(s, l.full, &d->full);
    }
}
