/* listing.h - views that are one answer as text: the rules of the bus, the queue's Batch jobs. UI
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
    uint32_t request; /* of the question under way; 0: none */
    struct err err;   /* why the last one failed; E_OK */
    int64_t at_ms;    /* wall: of the last good answer; TIME_NONE */
    size_t len;       /* rules, or jobs */
    bool more;        /* there are more jobs than are shown */
};
#endif
