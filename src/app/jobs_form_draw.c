/* Drawing the deploy form: a row for each field, help or error under the field being typed, what
 * the rule says of the event, and the exact event beside it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "draw.h"
#include "jobs_priv.h"

enum { LABEL_CELLS = 18, UNDER_MOST = 5 /* rows for what is wrong with a field */ };

static void draw_choices(struct surface *s, struct rect r, const struct form_field *f, bool focus)
{
    const char *value = edit_text(&f->edit);
    const char *at;
    size_t len;
    int x = r.col;

    for (size_t i = 0; (at = deploy_choice_at(f->def->choices, i, &len)) != NULL; i++) {
        bool here = strlen(value) == len && strncmp(value, at, len) == 0;
        int room = r.col + r.cols - x;
        int width = (int)len + 2 < room ? (int)len + 2 : room;
        char text[48];
        if (room <= 0) {
            return;
        }
        (void)snprintf(text, sizeof text, here ? "[%.*s]" : " %.*s ", (int)len, at);
        surface_put(s, r.row, x, width, here ? ST_STRONG : ST_DIM, text);
        if (here && focus) {
            surface_over(s, r.row, x, width, OVER_CURSOR);
        }
        x += (int)len + 3;
    }
}

static void draw_field(struct surface *s, struct rect r, const struct form_field *f, bool focus,
                       bool typing)
{
    bool bad = f->touched && f->err[0] != '\0';
    char label[48];
    struct rect value = {r.row, r.col + LABEL_CELLS + 3, 1, r.cols - LABEL_CELLS - 4};

    (void)snprintf(label, sizeof label, "%.40s%s", f->def->label, f->def->required ? " *" : "");
    surface_put(s, r.row, r.col, 1, focus ? ST_TITLE_FOCUS : ST_BAD,
                focus ? glyph_text(GLYPH_MARK, s->ascii)
                : bad ? glyph_text(GLYPH_WARN, s->ascii)
                      : " ");
    surface_put_cut(s, r.row, r.col + 2, LABEL_CELLS,
                    focus ? ST_STRONG
                    : bad ? ST_BAD
                          : ST_LABEL,
                    label);
    if (value.cols <= 0) {
        return;
    }
    if (f->def->choices != NULL) {
        draw_choices(s, value, f, focus);
        return;
    }
    enum style st = bad ? ST_INPUT_BAD : focus ? ST_INPUT_FOCUS : ST_INPUT;
    draw_edit(s, value.row, value.col, value.cols, st, &f->edit, focus && typing);
}

/* Writes one or two lines about the form as a whole: sending, sent, refused, what the rule says. */
static void form_verdict(const struct jobs *j, char *text, size_t size, enum style *st)
{
    const struct form *f = &j->form;
    bool ascii = j->desk->ascii;
    char why[ERR_TEXT_SIZE];

    *st = ST_DIM;
    if (f->state == FORM_SENDING) {
        *st = ST_INFO;
        (void)snprintf(text, size, "Sending...");
    } else if (f->send_err.code != E_OK) {
        *st = ST_BAD;
        (void)snprintf(text, size, "Not sent: %s", err_full(&f->send_err, why));
    } else if (f->check == CHECK_ASKING) {
        (void)snprintf(text, size, "Asking EventBridge whether the rule matches...");
    } else if (f->check == CHECK_MATCHES) {
        *st = ST_GOOD;
        (void)snprintf(text, size, "%s The rule matches this event.",
                       glyph_text(GLYPH_COMPLETED, ascii));
    } else if (f->check == CHECK_NO_MATCH) {
        *st = ST_BAD;
        (void)snprintf(text, size, "%s The rule does not match: %s",
                       glyph_text(GLYPH_FAILED, ascii), f->check_why);
    } else if (f->check == CHECK_FAILED) {
        *st = ST_WARN;
        (void)snprintf(text, size, "EventBridge could not be asked about the rule: %s",
                       f->check_why);
    } else if (f->sent_job[0] != '\0') {
        *st = ST_GOOD;
        (void)snprintf(text, size, "%s Sent as %s", glyph_text(GLYPH_COMPLETED, ascii),
                       f->sent_job);
    } else if (!f->valid) {
        (void)snprintf(text, size,
                       "Fields with * are required. Correct the marked fields, then send.");
    } else {
        (void)snprintf(text, size, "Ready to send.");
    }
}

static void draw_fields(struct surface *s, struct rect r, const struct jobs *j)
{
    const struct form *f = &j->form;
    bool focus = j->desk->where.focus == PANE_FORM;
    bool typing = focus && !desk_covered(j->desk);
    int bottom = r.row + r.rows;
    int row = r.row;
    char text[700];
    enum style st;

    for (size_t i = f->scroll; i < f->len && row < bottom; i++) {
        bool here = focus && i == f->focus;
        const struct form_field *field = &f->fields[i];
        draw_field(s, (struct rect){row++, r.col, 1, r.cols}, field, here, typing);
        bool bad = field->touched && field->err[0] != '\0';
        /* a field that is not being typed tells what is wrong where all others still have room */
        int most = !here ? bad && bottom - row > (int)(f->len - i) + UNDER_MOST
                   : bad ? UNDER_MOST
                         : 2;
        if (most > 0 && row < bottom) {
            struct rect under = {row, r.col + 2, bottom - row < most ? bottom - row : most,
                                 r.cols - 3};
            row +=
                draw_wrapped(s, under, bad ? ST_BAD : ST_HINT, bad ? field->err : field->def->help);
        }
    }
    if (row < bottom) {
        form_verdict(j, text, sizeof text, &st);
        row += row + 1 < bottom ? 1 : 0;
        bool told = f->send_err.code != E_OK || f->check == CHECK_FAILED; /* among the errors */
        char more[DESK_MORE_SIZE];
        (void)draw_notice(s, (struct rect){row, r.col + 2, bottom - row, r.cols - 3}, st, text,
                          told ? desk_more(j->desk, more) : "");
    }
}

static void draw_form(struct surface *s, const struct jobs *j, struct rect pane)
{
    struct rect fields;
    struct rect preview;
    char title[120];

    if (j->form.retry_of != NULL) {
        char *id = text_cleaned(j->form.retry_of, TEXT_ONE_LINE);
        (void)snprintf(title, sizeof title, "Deploy again: %.*s", (int)text_fit(id, 60, NULL), id);
        free(id);
    } else {
        (void)snprintf(title, sizeof title, "New deploy");
    }
    const char *context = settings_context(j->desk->settings);
    size_t n = strlen(title);
    if (context != NULL) { /* a deploy goes to one of several places */
        (void)snprintf(title + n, sizeof title - n, "  context %.*s",
                       (int)text_fit(context, 32, NULL), context);
    }
    layout_form(pane, j->form.len, &fields, &preview);
    char at[32] = "";
    if (j->form.scroll > 0 || fields.rows < (int)j->form.len + 1) { /* there are more fields */
        (void)snprintf(at, sizeof at, "%zu/%zu ", j->form.focus + 1, j->form.len);
    }
    draw_title(s, pane,
               &(struct pane_title){title,
                                    preview.rows > 0 && preview.row == pane.row + 1
                                        ? "the event as it is sent "
                                        : at,
                                    j->desk->where.focus == PANE_FORM});
    draw_fields(s, fields, j);
    if (preview.rows > 0 && preview.cols > 0) {
        struct text_draw d = {.view = &j->form.preview};
        if (preview.col > pane.col) {
            surface_vline(s, preview.row, preview.col - 1, preview.rows, ST_BORDER);
        }
        draw_text(s, preview, &d);
        draw_percent(s, preview, &j->form.preview);
    }
}

void view_form_draw(struct surface *s, const struct jobs *j)
{
    struct rect pane = j->desk->layout.pane[PANE_FORM];
    const struct surface_key key = {{j->desk->scene}};

    if (pane.rows <= 0 || pane.cols <= 0) {
        return;
    }
    /* The terminal's cursor stands in the form that has the focus. */
    if (j->desk->where.focus == PANE_FORM) {
        draw_form(s, j, pane);
    } else if (!surface_recall(s, KEPT_FORM, pane, &key)) {
        draw_form(s, j, pane);
        surface_keep(s, KEPT_FORM, pane, &key);
    }
}
