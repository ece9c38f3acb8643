/* listing_draw.h - the drawing of the listings (listing_draw.c), for listing.c. */
#ifndef APP_LISTING_DRAW_H
#define APP_LISTING_DRAW_H

#include "app/surface.h"
#include "desk.h"
#include "layout.h"
#include "listing.h"

struct listing_words {
    const char *title;
    enum setting_id of; /* whose rules or jobs they are */
    const char *none;   /* the text in the place of an empty listing; NULL: it has its own */
};
void listing_draw(struct surface *s, const struct listing *r, const struct desk *desk,
                  struct rect all, const struct listing_words *words);
#endif
