/* The doctor's checks as lines: the list, one of them in full, the report. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/strbuf.h"
#include "doctor.h"

enum { LABEL = 9 };

/* clang-format off */
static const struct {
    enum style style;
    enum glyph glyph;
} looks[] = {
    [DOCTOR_PASS]    = {ST_GOOD, GLYPH_COMPLETED},
    [DOCTOR_WARN]    = {ST_WARN, GLYPH_WARN},
    [DOCTOR_FAIL]    = {ST_BAD,  GLYPH_FAILED},
    [DOCTOR_UNKNOWN] = {ST_INFO, GLYPH_UNKNOWN},
    [DOCTOR_SKIP]    = {ST_DIM,  GLYPH_CANCELLED},
};
/* clang-format on */

enum style doctor_style(enum doctor_state s)
{
    return looks[s].style;
}

const char *doctor_glyph(enum doctor_state s, bool ascii)
{
    return glyph_text(looks[s].glyph, ascii);
}

/* Writes "x FAIL   " or "  waiting": one glyph and one word, always with the same width. */
static void phase_text(const struct check_row *r, bool ascii, char *out, size_t size)
{
    switch (r->phase) {
    case CHECK_UNASKED:
        (void)snprintf(out, size, "%-9s", "  -");
        break;
    case CHECK_WAITING:
        (void)snprintf(out, size, "%s %-7s", glyph_text(GLYPH_PENDING, ascii), "waiting");
        break;
    case CHECK_RUNNING:
        (void)snprintf(out, size, "%s %-7s", glyph_text(GLYPH_RUNNING, ascii), "running");
        break;
    case CHECK_ENDED:
        (void)snprintf(out, size, "%s %-7s", doctor_glyph(r->state, ascii),
                       doctor_state_word(r->state));
        break;
    }
}

static void list_line(struct textview *v, size_t check, const struct check_row *r, bool ascii)
{
    struct strbuf line = STRBUF_INIT;
    char phase[40];

    phase_text(r, ascii, phase, sizeof phase);
    strbuf_addf(&line, "%s %-11s %s", phase, doctor_view_id(check), doctor_view_title(check));
    if (r->text != NULL && (r->phase == CHECK_ENDED || check >= doctor_checks_len)) {
        strbuf_addf(&line, ": %s", r->text);
    }
    textview_add(v, strbuf_str(&line), r->phase == CHECK_ENDED ? ST_TEXT : ST_DIM);
    strbuf_clear(&line);
}

static void rebuild_list(struct doctor_view *d, bool ascii)
{
    struct textview fresh;

    textview_init(&fresh);
    for (size_t i = 0; i < d->shown_len; i++) {
        list_line(&fresh, d->shown[i], &d->rows[d->shown[i]], ascii);
    }
    textview_replace(&d->list, &fresh);
    textview_done(&fresh);
    if (!d->list.has_cursor) {
        textview_move_cursor(&d->list, 0);
    }
}

/* Writes other checks with their states: "D1 PASS, B2 PASS". */
static void others(const struct doctor_view *d, const char *ids, struct strbuf *out)
{
    for (; *(ids += strspn(ids, " ")) != '\0'; ids += strcspn(ids, " ")) {
        int len = (int)strcspn(ids, " ");
        strbuf_addf(out, "%s%.*s", out->len > 0 ? ", " : "", len, ids);
        for (size_t i = 0; i < doctor_checks_len; i++) {
            const struct check_row *r = &d->rows[i];
            if (strlen(doctor_checks[i].id) == (size_t)len &&
                strncmp(doctor_checks[i].id, ids, (size_t)len) == 0 && r->phase == CHECK_ENDED) {
                strbuf_addf(out, " %s", doctor_state_word(r->state));
            }
        }
    }
}

/* How far the PASS of this check goes; NULL: it has none, or the PASS says all itself. */
static const char *passed_to(const struct check_row *r, size_t check)
{
    return r->phase == CHECK_ENDED && r->state == DOCTOR_PASS ? doctor_view_limit(check) : NULL;
}

static void full_lines(const struct doctor_view *d, size_t check, struct textview *v, bool ascii)
{
    const struct check_row *r = &d->rows[check];
    struct strbuf b = STRBUF_INIT;
    char phase[40];

    strbuf_addf(&b, "%s  %s", doctor_view_id(check), doctor_view_title(check));
    textview_add_label(v, check < doctor_checks_len ? "Check" : "Step", LABEL, strbuf_str(&b),
                       ST_STRONG);
    phase_text(r, ascii, phase, sizeof phase);
    textview_add_label(v, "State", LABEL, phase,
                       r->phase == CHECK_ENDED ? doctor_style(r->state) : ST_DIM);
    if (r->text != NULL) {
        textview_add_label(v, "Found", LABEL, r->text, ST_TEXT);
    }
    if (passed_to(r, check) != NULL) {
        textview_add_label(v, "Note", LABEL, passed_to(r, check), ST_HINT);
    }
    if (r->fix != NULL) {
        textview_add_label(v, "Remedy", LABEL, r->fix, ST_STRONG);
    }
    strbuf_clear(&b);
    if (check < doctor_checks_len) {
        others(d, doctor_checks[check].needs, &b);
        others(d, doctor_checks[check].after, &b);
    }
    if (b.len > 0) {
        textview_add_label(v, "After", LABEL, strbuf_str(&b), ST_DIM);
    }
    strbuf_clear(&b);
}

static void rebuild_full(struct doctor_view *d, bool ascii)
{
    struct textview fresh;
    size_t check = 0;

    if (doctor_view_here(d, &check) == NULL) {
        textview_empty(&d->full);
        return;
    }
    textview_init(&fresh);
    full_lines(d, check, &fresh, ascii);
    textview_replace(&d->full, &fresh);
    textview_done(&fresh);
    if (check != d->full_of) {
        d->full_of = check;
        textview_home(&d->full);
    }
}

void doctor_view_turn(struct doctor_view *d, bool ascii)
{
    size_t check = 0;

    if (doctor_view_here(d, &check) != NULL && check != d->full_of) {
        rebuild_full(d, ascii);
    }
}

void doctor_view_rebuild(struct doctor_view *d, bool ascii)
{
    rebuild_list(d, ascii);
    rebuild_full(d, ascii);
}

char *doctor_view_report(const struct doctor_view *d, bool ascii)
{
    struct strbuf b = STRBUF_INIT;
    struct doctor_counts n;
    struct verdict v;

    for (size_t i = 0; i < d->shown_len; i++) {
        const struct check_row *r = &d->rows[d->shown[i]];
        const char *id = doctor_view_id(d->shown[i]), *title = doctor_view_title(d->shown[i]);
        if (r->phase != CHECK_ENDED) {
            strbuf_addf(&b, "%-7s %-11s %s\n", "-", id, title);
            continue;
        }
        const char *limit = passed_to(r, d->shown[i]);
        strbuf_addf(&b, "%-7s %-11s %s: %s%s%s%s\n", doctor_state_word(r->state), id, title,
                    r->text, limit == NULL ? "" : " (", limit == NULL ? "" : limit,
                    limit == NULL ? "" : ")");
        if (r->fix != NULL) {
            strbuf_addf(&b, "        %s %s\n", ascii ? "->" : "\xe2\x86\x92", r->fix);
        }
    }
    doctor_view_count(d, &n);
    strbuf_addf(&b, "\n%d passed, %d warned, %d failed, %d unknown, %d skipped\n",
                n.state[DOCTOR_PASS], n.state[DOCTOR_WARN], n.state[DOCTOR_FAIL],
                n.state[DOCTOR_UNKNOWN], n.state[DOCTOR_SKIP]);
    doctor_view_verdict(d, &v);
    if (v.known) {
        strbuf_addf(&b, "%s\n", v.text);
    }
    if (v.fix != NULL) {
        strbuf_addf(&b, "  %s %s\n", ascii ? "->" : "\xe2\x86\x92", v.fix);
    }
    verdict_clear(&v);
    return strbuf_take(&b);
}
