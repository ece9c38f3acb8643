/* switch.h - going to another context, or to all of them in one list. UI thread only. */
#ifndef UI_SWITCH_H
#define UI_SWITCH_H

#include "ui/loop.h"

/* Goes where l->wanted says. Where that cannot be, all goes on as it was, and the model says why.
 */
void switch_session(struct loop *l);
/* Keeps of the sessions that are not shown what the next start shows first; the model that is shown
 * has done so itself. */
void switch_keep_others(struct loop *l);
#endif
