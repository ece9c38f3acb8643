/* text_keys.h - what all texts share: movement, search, marks, copying, saving. */
#ifndef APP_TEXT_KEYS_H
#define APP_TEXT_KEYS_H

#include "app/event.h"
#include "desk.h"
#include "detail.h"

/* A text and what is said of it where it is saved. */
struct text_on {
    struct textview *view;
    const struct logview *log; /* whose lines these are: they are saved with their times; NULL */
    const char *of, *what;     /* "job_1", "Log": its file is mvpdash-job_1-log.txt */
};
/* False: no action of texts. */
bool text_action(struct desk *d, const struct text_on *t, enum action a, struct effects *out);
void text_say_match(struct desk *d, const struct textview *v);   /* which of how many */
bool text_wheel(struct textview *v, const struct app_event *ev); /* false: no wheel of the mouse */
/* Esc in a text: ends the selection, then the search. False: there was neither. */
bool text_close(struct textview *v);
#endif
