/* effects.h - carrying out what update wants done: tasks for the pool, text for clipboard and
 * files, the terminal. UI thread only. */
#ifndef UI_EFFECTS_H
#define UI_EFFECTS_H

#include "ui/loop.h"

/* Runs all effects of `l->fx` and empties it. Effects that have an answer (saved, resumed) make
 * events, whose effects run in turn. */
void effects_run(struct loop *l);
#endif
