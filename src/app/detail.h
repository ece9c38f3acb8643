/* detail.h - one job in full: tabs of text and the log. UI thread only. */
#ifndef APP_DETAIL_H
#define APP_DETAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "jobs/timeline.h"
#include "textview.h"
#include "work/msg.h"

struct model;

enum detail_tab { TAB_OVERVIEW, TAB_TIMELINE, TAB_LOG, TAB_ATTEMPTS, TAB_JSON, TAB_COUNT };
const char *detail_tab_title(enum detail_tab t); /* "Overview" */

enum log_stamps { STAMPS_OFF, STAMPS_LOCAL, STAMPS_UTC, STAMPS_AGE, STAMPS_COUNT };

/* The log of a job, which the schedule reads. Lines, scrolling, following and the search are in
 * `text`. */
struct logview {
    struct textview text;
    struct log_cursor *cursor; /* owned; NULL before the first reply */
    int attempt;               /* 0: the latest attempt */
    int attempts;              /* how many attempts are known; 0 before the first reply */
    int64_t since_ms;          /* TIME_NONE: all lines */
    enum log_stamps stamps;
    bool loaded;    /* at least one reply has come */
    bool ended;     /* the job is final and its log was read to the end */
    bool none;      /* there is no log and there will be none: `note` says why */
    char note[200]; /* why there are no lines, or "" */
    struct err err; /* the result of the last read; E_OK when it went well */
    uint64_t lines; /* lines read in all */
};
/* The stamp before a line: "10:30:00.123 "; "" when stamps are off. Returns buf. */
const char *logview_stamp(const struct logview *l, int64_t at_ms, int64_t now_ms, char *buf,
                          size_t size);

struct detail {
    char *job_id; /* owned; NULL: no job is shown */
    enum detail_tab tab;
    /* owned; NULL until a reply came: until then only the list's entry is known */
    struct job_detail *data;
    uint32_t request;     /* the request of the TASK_DETAIL under way; 0: none */
    int64_t asked_ms;     /* monotonic: when it was asked for */
    int64_t at_ms;        /* monotonic: when the last reply was asked for; TIME_NONE */
    struct err err;       /* why the last request failed */
    bool shown;           /* the detail was shown at the end of the last event */
    bool stale;           /* the text has to be made again when it shows */
    bool log_follows;     /* the log is read */
    uint32_t log_request; /* the request of the read under way; 0: its number is not known yet */
    struct timeline timeline;
    struct textview views[TAB_COUNT]; /* the one of TAB_LOG is unused: see log */
    struct logview log;
    char *goal; /* owned: the line of the log that is to be gone to; NULL: none */
    int64_t goal_ms;
    bool sought; /* the log begins shortly before a line that was gone to */
};
/* The text view of the tab that shows. */
struct textview *detail_view(struct detail *d);
const struct textview *detail_view_const(const struct detail *d);
#endif
