/* logview.h - what all logs share: following, stamps, spans of time, attempts. */
#ifndef APP_LOGVIEW_H
#define APP_LOGVIEW_H

#include "desk.h"
#include "detail.h"

struct log_reading {
    struct logview *log;
    int64_t head_ms; /* the `since_ms` that asks for everything there is */
    /* Called when other lines are wanted: reads anew, from the place that the log says. */
    void (*restart)(void *owner, struct desk *d);
    void *owner;
};
/* Carries out an action of every log: follow, time stamps, the span of time. False: the action is
 * another one. */
bool logview_action(struct desk *d, const struct log_reading *r, enum action a);
/* The same for the actions that turn to another attempt of the job. */
bool logview_attempt(struct desk *d, const struct log_reading *r, enum action a);
void logview_add(struct logview *l, const struct log_page *p); /* appends lines, secrets masked */
void logview_empty(struct logview *l);                 /* removes the lines that are there */
void logview_take(struct logview *l, struct msg *msg); /* takes the answer that was waited for */
int logview_stamp_cells(const struct logview *l);
/* Fits the log into a body of this size, without the room for its stamps. */
void logview_resize(struct logview *l, struct rect body);
#endif
