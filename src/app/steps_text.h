/* steps_text.h - how long each step of a job took, as bars beside what is usual. */
#ifndef APP_STEPS_TEXT_H
#define APP_STEPS_TEXT_H

#include "detail_text.h"

/* Adds a line for each step whose begin is known, and one that says what the bars mean; nothing for
 * a job that does not tell. */
void steps_text_add(struct textview *v, const struct detail_source *x);
#endif
