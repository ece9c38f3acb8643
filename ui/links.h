/* links.h - hyperlinks (OSC 8): does the terminal know them, which cells of a frame are a link, and
 * what of it the terminal shows already. UI thread only; pure, except that links_taken reads the
 * environment. */
#ifndef UI_LINKS_H
#define UI_LINKS_H

#include <stdbool.h>

#include "app/surface.h"
#include "core/strbuf.h"
#include "ui/shift.h"

/* May links be sent? `setting`: "yes", "no" or "auto" (NULL too), which asks TERM and the variables
 * by which terminals tell who they are. A terminal that would print the sequences never gets
 * them. */
bool links_taken(const char *setting);

/* The link that the cell belongs to; NULL: none. */
const struct surface_link *links_at(const struct surface *s, int row, int col);
/* Appends what begins a link; NULL: what ends it. A link that lies in several rows has an id, so
 * that the terminal takes it for one. */
void links_add(struct strbuf *out, const struct surface *s, const struct surface_link *l);

/* Marks the cells of `shown` whose link is another one in `now`, so that they are drawn again.
 * False: there are none. */
bool links_spoil(struct surface *shown, const struct surface *now);
/* The links of a frame that was drawn are what the terminal shows. */
void links_keep(struct surface *shown, const struct surface *now);
void links_shift(struct surface *shown, const struct shift *f); /* as shift_apply */
#endif
