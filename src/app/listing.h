/* listing.h - views that show one answer as text: the rules of the bus, the queue's Batch jobs. UI
 * thread only. */
#ifndef APP_LISTING_H
#define APP_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "textview.h"

struct listing {
    struct textview text;
    uint32_t request; /* the request of the question under way; 0: none */
    struct err err;   /* why the last question failed; E_OK */
    int64_t at_ms;    /* wall: when the last good answer came; TIME_NONE */
    size_t len;       /* how many rules or jobs there are */
    bool more;        /* there are more jobs than are shown */
};
#endif
