/* kept.h - what earlier runs kept of a place: view, watched jobs, and the list, which shows at
 * once. */
#ifndef UI_KEPT_H
#define UI_KEPT_H

#include "ui/loop.h"

/* Makes the model of the session that is shown (l->at). The view is that of `before`; NULL: that of
 * an earlier run. */
void kept_begin(struct loop *l, struct model *before);
/* Loads what earlier runs learned of the times of its jobs; the first frame does not wait for it.
 */
void kept_history(struct session *s);
/* Called with each reply of that session: when it tells whose the keys are, and that was not known
 * before, the kept list shows late. */
void kept_late(struct loop *l, const struct msg *m);
/* Takes a piece of the kept list of a session, until its end. */
void kept_take(struct loop *l, struct session *s);
#endif
