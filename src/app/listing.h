/* listing.h - what views that show one answer as text have in common: the rules of the bus
 * (bus.c), the job queue (queue.c). Such a view's state begins with a struct listing. UI thread
 * only. */
#ifndef APP_LISTING_H
#define APP_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "desk.h"
#include "layout.h"
#include "textview.h"

struct listing {
    struct textview text;
    uint32_t request; /* the request of the question under way; 0: none */
    struct err err;   /* why the last question failed; E_OK */
    int64_t at_ms;    /* wall: when the last good answer came; TIME_NONE */
    size_t len;       /* how many rules or jobs there are */
    bool more;        /* there are more jobs than are shown */
};

void listing_init(struct listing *r);
void listing_done(struct listing *r);
/* Asks, unless a question is under way: `*request` is its number, or 0. */
void listing_load(uint32_t *request, struct desk *desk, enum task_kind kind, struct effects *out);
/* Is this the answer that is waited for, and is it a good one? `what` names it where its failure is
 * told. */
bool listing_answered(struct listing *r, struct desk *desk, const struct msg *msg,
                      const char *what);

/* The parts of struct screen that are the same for all. */
enum scope listing_scope(const void *self);
void listing_back(void *self, struct desk *desk, enum action a, struct effects *out);
void listing_settle(void *self, struct desk *desk, struct rect body);
const struct textview *listing_text(const void *self);
#endif
