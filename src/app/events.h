/* events.h - the event log of the rule, which the screen follows. UI thread only. */
#ifndef APP_EVENTS_H
#define APP_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "detail.h"

struct events {
    struct logview log;         /* its cursor and attempts are not used: see `at` */
    struct rule_log_cursor *at; /* owned; where the reading goes on; NULL: from the beginning */
    bool follows;               /* the log is read, as long as it shows */
    /* the request of the read under way; 0: its number is not known yet */
    uint32_t request;
};
#endif
