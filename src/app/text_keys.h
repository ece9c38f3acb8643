/* text_keys.h - the actions that all texts share: movement, search, marks, copying, saving. */
#ifndef APP_TEXT_KEYS_H
#define APP_TEXT_KEYS_H

#include "app/event.h"
#include "desk.h"
#include "detail.h"

/* A text, and what is said about it where it is saved. */
struct text_on {
    struct textview *view;
    /* the log whose lines these are: they are saved with their times; NULL */
    const struct logview *log;
    /* the names for its file, such as "job_1" and "Log": mvpdash-job_1-log.txt */
    const char *of, *what;
};
/* False: the action is none of those for texts. */
bool text_action(struct desk *d, const struct text_on *t, enum action a, struct effects *out);
/* The name of a file for a text, such as mvpdash-job_1-log.txt. Owned. */
char *text_file_name(const char *of, const char *what);
/* tells which match of how many this is */
void text_say_match(struct desk *d, const struct textview *v);
/* false: the event is not that of a wheel */
bool text_wheel(struct textview *v, const struct app_event *ev);
/* Esc in a text: ends the selection, or else the search. False: there was neither. */
bool text_close(struct textview *v);
#endif
