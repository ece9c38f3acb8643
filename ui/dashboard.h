/* dashboard.h - the function that main calls: the dashboard from its first frame until the terminal
 * is put back. */
#ifndef UI_DASHBOARD_H
#define UI_DASHBOARD_H

#include <stdbool.h>

#include "core/err.h"
#include "core/log.h"
#include "ops/ops.h"

/* What the user wants after the dashboard has ended. */
enum dashboard_next {
    DASHBOARD_LEAVE,
    DASHBOARD_ANEW, /* the dashboard again, with settings and credentials as they are by then */
    DASHBOARD_LOCAL /* the dashboard on the local cloud */
};

struct dashboard_options {
    const struct ops *ops;     /* borrowed, with its settings; no request was made with it yet */
    struct log *log;           /* borrowed; NULL: none. The log must not write to stderr */
    bool no_color;             /* --no-color; NO_COLOR is looked at as well */
    enum dashboard_next *next; /* told before the end; NULL: nobody wants to know */
};

/* Runs the dashboard until the user leaves. Returns the process's exit status: 0 when the user
 * asked to leave, 128 plus the signal's number when a signal did, else that of `e`, which then says
 * why the dashboard could not start (nothing was printed). Main thread only, once at a time; starts
 * and ends its own workers. */
int dashboard_run(const struct dashboard_options *o, struct err *e);
#endif
