/* view.h - what fills the body of the screen, between summary and status row: the job panes, or one
 * other thing over the whole width. UI thread only. */
#ifndef APP_VIEW_H
#define APP_VIEW_H

#include "app/layout.h"

enum view { VIEW_JOBS, VIEW_DLQ, VIEW_EVENTS, VIEW_BULK, VIEW_DOCTOR, VIEW_COUNT };
const char *view_title(enum view v); /* "Events of the rule" */

/* Where one was: for `-`. */
struct place {
    enum view view;
    enum pane pane;
};
#endif
