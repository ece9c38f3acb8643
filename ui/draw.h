/* draw.h - a model as a screen. Drawing takes a const model and a surface and changes nothing else:
 * where things go and how far they are scrolled was computed in update. UI thread only. */
#ifndef UI_DRAW_H
#define UI_DRAW_H

#include "app/model.h"
#include "app/surface.h"

/* Fills `s`, which is made as large as the model's screen. */
void draw_model(struct surface *s, const struct model *m);

/* The parts, one file each. */
void view_header_draw(struct surface *s, const struct model *m);  /* view_header.c */
void view_summary_draw(struct surface *s, const struct model *m); /* view_header.c */
void view_status_draw(struct surface *s, const struct model *m);  /* view_footer.c */
void view_footer_draw(struct surface *s, const struct model *m);  /* view_footer.c */
void view_list_draw(struct surface *s, const struct model *m);
void view_detail_draw(struct surface *s, const struct model *m);
void view_log_draw(struct surface *s, const struct model *m, const struct logview *l,
                   struct rect body, bool focus);
void view_dlq_draw(struct surface *s, const struct model *m);
void view_events_draw(struct surface *s, const struct model *m);
void view_bulk_draw(struct surface *s, const struct model *m);
void view_doctor_draw(struct surface *s, const struct model *m);
void view_form_draw(struct surface *s, const struct model *m);
void view_popup_draw(struct surface *s, const struct model *m); /* help, errors, who am I */
void view_menu_draw(struct surface *s, const struct model *m);  /* menus, columns, palette */
void view_dialog_draw(struct surface *s, const struct model *m);

/* What several of them use: draw.c. */
struct pane_title {
    const char *text;
    const char *right; /* NULL: nothing at the right end */
    bool focus;
};
/* The title row of a pane: the text, a rule, what stands at its right end. */
void draw_title(struct surface *s, struct rect pane, const struct pane_title *title);
/* A frame with its title, the inside blanked; returns the inside. */
struct rect draw_window(struct surface *s, struct rect r, const char *title, enum style border,
                        enum style title_style);
/* The lines of a text view that its window shows, matches and selection included. With `stamp` each
 * line starts with what it returns (may be NULL). */
struct text_draw {
    const struct textview *view;
    const char *(*stamp)(const void *arg, const struct text_line *line, char *buf, size_t size);
    const void *arg;
    bool focus;
};
void draw_text(struct surface *s, struct rect body, const struct text_draw *d);
/* Words of `text` in lines of at most `r.cols` cells; returns the rows used. */
int draw_wrapped(struct surface *s, struct rect r, enum style st, const char *text);
/* One line being typed, with the terminal's cursor in it when it has the focus. */
void draw_edit(struct surface *s, int row, int col, int cols, enum style st, const struct edit *e,
               bool cursor);
#endif
