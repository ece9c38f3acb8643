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

/* The log of a job, read by the schedule. Lines, scrolling, follow and search are in `text`. */
struct logview {
    struct textview text;
    struct log_cursor *cursor; /* owned; NULL before the first reply */
    int attempt;               /* 0: the latest */
    int attempts;              /* known; 0 before the first reply */
    int64_t since_ms;          /* TIME_NONE: all */
    enum log_stamps stamps;
    bool loaded;    /* at least one reply came */
    bool ended;     /* the job is final and the log was read to its end */
    bool none;      /* there is no log and will be none: `note` says why */
    char note[200]; /* why there is nothing, or "" */
    struct err err; /* of the last read; E_OK when it went well */
    uint64_t lines; /* read in all */
};
/* The stamp before a line: "10:30:00.123 "; "" when off. Returns buf. */
const char *logview_stamp(const struct logview *l, int64_t at_ms, int64_t now_ms, char *buf,
                          size_t size);

struct detail {
    char *job_id; /* owned; NULL: no job is shown */
    enum detail_tab tab;
    struct job_detail *data; /* owned; NULL until it came: then the list's entry is all there is */
    uint32_t request;        /* of the TASK_DETAIL under way; 0: none */
    int64_t asked_ms;        /* monotonic */
    int64_t at_ms;           /* monotonic: when the last reply was asked for; TIME_NONE */
    struct err err;          /* why the last one failed */
    bool shown;              /* it was, at the end of the last event */
    bool stale;              /* its text is to be made again when it shows */
    bool log_follows;        /* the log is read */
    uint32_t log_request;    /* of the read under way; 0: its number is not known yet */
    struct timeline timeline;
    struct textview views[TAB_COUNT]; /* TAB_LOG's is unused: see log */
    struct logview log;
};
/* The text view that the tab shows. */
struct textview *detail_view(struct detail *d);
const struct textview *detail_view_const(const struct detail *d);
#endif
