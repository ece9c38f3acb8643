/* where.h - where one is: the screen, the pane of the jobs with the focus, what `-` goes back to.
 * UI thread only. */
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
    enum view view;        /* what fills the body */
    enum view entered;     /* the screen whose enter function ran last */
    enum pane focus, side; /* of the jobs; which pane the right side shows when not both */
    bool full;             /* the focused pane alone */
    struct place previous; /* for `-` */
};

void where_show(struct where *w, enum view v);
void where_focus(struct where *w, enum pane pane); /* of the jobs, which show then */
void where_back(struct where *w);                  /* to where one was before */
#endif
