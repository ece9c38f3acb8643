/* doctor.h - the doctor's checks on the screen: they come in one by one, in any order, and are
 * shown in the order of blame. UI thread only. */
#ifndef APP_DOCTOR_H
#define APP_DOCTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "jobs/doctor.h"
#include "layout.h"
#include "textview.h"
#include "work/msg.h"

enum check_phase {
    CHECK_UNASKED, /* nothing is known of the check */
    CHECK_WAITING, /* the check waits for its turn in the run under way */
    CHECK_RUNNING,
    CHECK_ENDED
};

/* A check; what an earlier run found stays until the end of this check replaces it. */
struct check_row {
    enum check_phase phase;
    enum doctor_state state; /* valid when `text` is not NULL */
    char *text, *fix;        /* owned, clean, one line each */
    bool lost;               /* the job's event is lost, as in the finding */
};

struct doctor_view {
    /* Owned; one for each check of doctor_checks, in its order, and one for each step of the test
     * job. */
    struct check_row *rows;
    size_t *shown; /* owned; the rows that are shown, in the order of blame */
    size_t shown_len;
    /* owned: the job that did not start, whose event's way is shown; NULL: all checks */
    char *job_id;
    uint32_t request;     /* the request of the run under way; 0: none */
    uint32_t canary;      /* the request of the test job under way; 0: none */
    bool asked;           /* there was a run */
    bool moved;           /* a key moved the cursor: it stays where it is at the end of a run */
    bool open;            /* keys go to the check in full, which alone is shown on narrow screens */
    struct textview list; /* a line for each of `shown`, with a cursor */
    struct textview full; /* the check at the cursor in full */
    size_t full_of;       /* the row that `full` shows */
    int64_t ended_ms;     /* wall: when the last run ended; TIME_NONE */
    struct err err;       /* why the last run told nothing; code E_OK */
};

void doctor_view_init(struct doctor_view *d);
void doctor_view_done(struct doctor_view *d);

/* Chooses the checks: all of them, or those on the way of the job's event. What is known of them is
 * forgotten. */
void doctor_view_choose(struct doctor_view *d, const char *job_id);
/* Begins a run of these checks (ids, with blanks between, and what they build on; NULL: all that
 * are shown) under this number. */
void doctor_view_begin(struct doctor_view *d, const char *only, uint32_t request, bool ascii);
/* Takes the begin or end of a check or a step. False: it belongs to a run that nobody waits for. */
bool doctor_view_take(struct doctor_view *d, const struct msg *msg, bool ascii);
/* Begins the test job, which was sent under this number: its steps stand after the checks. */
void doctor_view_begin_canary(struct doctor_view *d, uint32_t request, bool ascii);
void doctor_view_end_canary(struct doctor_view *d, bool ascii);
/* Ends the run, as `e` tells, or because it was given up (E_CANCELLED): checks that have not ended
 * are unknown. */
void doctor_view_end(struct doctor_view *d, const struct err *e, int64_t now_ms, bool ascii);
void doctor_view_rebuild(struct doctor_view *d, bool ascii); /* makes both texts anew */
/* makes `full` anew, after the cursor moved */
void doctor_view_turn(struct doctor_view *d, bool ascii);

/* Where the parts go in the body of the screen: the title row, the counts, the verdict, the list,
 * and the check in full beside the list or in its place (an empty rect: the part is not shown). */
struct doctor_layout {
    struct rect title, counts, verdict, list, divider, full;
};
struct doctor_layout doctor_view_layout(struct rect body, bool open);

const char *doctor_view_id(size_t row); /* the id of a row's check, such as "D3" or "J2" */
const char *doctor_view_title(size_t row);
const char *doctor_view_limit(size_t row); /* how far a PASS goes; NULL: that need not be said */
/* The row at the cursor; NULL when there is none. `*check` (may be NULL) gets its index. */
const struct check_row *doctor_view_here(const struct doctor_view *d, size_t *check);
/* The rows counted by state (indexes of enum doctor_state), and those that wait or run. */
struct doctor_counts {
    int state[DOCTOR_STATES];
    int waiting, running, ended;
};
void doctor_view_count(const struct doctor_view *d, struct doctor_counts *out);
/* Moves the cursor to the first failure, else to the first warning. */
void doctor_view_to_cause(struct doctor_view *d);
/* What the checks come to, for the top of the screen: clean text, and the remedy (NULL: none). It
 * is the first failure, else the first warning, else that all is well. Owned. */
struct verdict {
    enum doctor_state state;
    bool known; /* false: nothing can be said yet */
    char *text, *fix;
};
void doctor_view_verdict(const struct doctor_view *d, struct verdict *out);
void verdict_clear(struct verdict *v);
/* Is the event of this job proven lost, and does nothing on its way fail now? Then it can be sent
 * again. */
bool doctor_view_lost(const struct doctor_view *d, const char *job_id);

/* Everything as plain text, as `mvpdash doctor` prints it. Owned. */
char *doctor_view_report(const struct doctor_view *d, bool ascii);

/* How a state looks; its word tells everything. */
enum style doctor_style(enum doctor_state s);
const char *doctor_glyph(enum doctor_state s, bool ascii);

/* ---- the screen: doctor.c ---- */

struct desk;
struct effects;
/* Runs the checks on the way of this job's event, to find out why the job did not start. False,
 * with a note, when there is nothing to look for. */
bool doctor_look_at(struct doctor_view *d, struct desk *desk, const char *job_id,
                    struct effects *out);
#endif
