/* events.h - the event log of the rule, followed. UI thread only. */
#ifndef APP_EVENTS_H
#define APP_EVENTS_H

#include <stdint.h>

#include "app/detail.h"

struct events {
    struct logview log;         /* its cursor and attempts are not used: see `at` */
    struct rule_log_cursor *at; /* owned; where the reading goes on; NULL: from the beginning */
    uint32_t request;           /* of the read under way; 0: not followed now */
};
#endif
