/* all.h - the jobs of several contexts in one list.
 *
 * DESIGN. Each context keeps its own model, with its own account, schedule, marks, questions and
 * details. The list shows the rows of all of them in one order, and the model of the job at the
 * cursor is the front one: it alone gets keys and is drawn, but for the list and the counts. So
 * whatever is done is done by the model of the job's own context, and the header names it. Moving
 * the cursor is all that happens here. The front one's order, filter, states and columns hold for
 * all. UI thread only. */
#ifndef APP_ALL_H
#define APP_ALL_H

#include <stdbool.h>
#include <stddef.h>

#include "app/event.h"
#include "app/model.h"

struct all; /* opaque: src/app/all_priv.h */

struct all *all_new(void);
void all_free(struct all *a); /* NULL allowed; the models are left to themselves again */
/* Adds the model of a context, borrowed until all_free. The first one is the front one at first. */
void all_add(struct all *a, struct model *m);
/* Notes that a context cannot be shown, and tells why among the errors of the models added so
 * far. */
void all_add_failed(struct all *a, const char *context, const struct err *why);
/* Takes a key or the mouse when it moves the cursor in the list; false: it is for the front one.
 * Afterwards another one may be the front one: give it EV_CURSOR. */
bool all_event(struct all *a, const struct app_event *ev);
/* Called after the events of a turn, for whichever model: makes the list again. `anew`: jobs, order
 * or filter may have changed. */
void all_settle(struct all *a, bool anew);
size_t all_front(const struct all *a); /* the number of the front one, in the order added */
#endif
