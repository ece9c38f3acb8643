/* flush.h - from a surface to the terminal with few bytes.
 *
 * The painter keeps what the terminal shows; of a frame it draws only the cells that changed, in
 * the cheapest way (scrolling included). When nothing changed, not a byte is sent. UI thread
 * only. */
#ifndef UI_FLUSH_H
#define UI_FLUSH_H

#include "app/surface.h"
#include "ui/term.h"
#include "ui/theme.h"

struct painter; /* opaque */

/* Both arguments are borrowed; the theme is static. */
struct painter *painter_new(struct terminal *t, const struct theme *theme);
/* Sends links (OSC 8), or does not; it does not at first. */
void painter_set_links(struct painter *p, bool on);
void painter_free(struct painter *p); /* NULL allowed */

/* Makes one frame and adds it to what term_send sends. Call only while !term_waiting(t). */
void painter_frame(struct painter *p, const struct surface *s);
/* The next frame draws every cell, whatever the terminal is thought to show. */
void painter_forget(struct painter *p);
#endif
