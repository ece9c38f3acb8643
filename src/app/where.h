/* where.h - where the person is: the screen, the pane of the jobs with the focus, what `-` goes
 * back to. UI thread only. */
#ifndef APP_WHERE_H
#define APP_WHERE_H

#include <stdbool.h>

#include "layout.h"
#include "screens.h"

struct place {
    enum view view;
    enum pane pane;
};

struct where {
    enum view view;    /* the screen that fills the body */
    enum view entered; /* the screen whose enter function ran last */
    /* panes of the jobs: the one with the focus, and the one that the right side shows when it does
     * not show both */
    enum pane focus, side;
    bool full;             /* only the focused pane is shown */
    struct place previous; /* the place that `-` goes back to */
};

void where_show(struct where *w, enum view v);
/* shows the jobs and gives the focus to a pane */
void where_focus(struct where *w, enum pane pane);
void where_back(struct where *w); /* goes back to where the person was before */
#endif
