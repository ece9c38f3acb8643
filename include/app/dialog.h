/* dialog.h - questions before something happens, naming what they touch, and what became of it.
 * UI thread only. */
#ifndef APP_DIALOG_H
#define APP_DIALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/edit.h"
#include "core/err.h"

enum dialog_kind {
    DIALOG_NONE,
    DIALOG_CANCEL,
    DIALOG_RETRY,
    DIALOG_LEAVE_FORM, /* throw away what was typed? */
    DIALOG_QUIT,       /* an action is pending */
    DIALOG_CANARY,     /* send a test job? */
    DIALOG_READ_WRITE, /* allow changes again? */
    DIALOG_BULK_SEND,  /* a file of deploys */
    DIALOG_BULK_STOP,  /* send no more of it */
    DIALOG_DLQ_SEND,   /* send messages of the dead letter queue again? */
    DIALOG_DLQ_EDITED, /* the same with one that was edited */
    DIALOG_DLQ_DELETE,
    DIALOG_DLQ_LEAVE /* throw away what was edited? */
};

enum dialog_result { RESULT_NONE, RESULT_WAITING, RESULT_DONE, RESULT_FAILED };

struct dialog_job {
    char *id;     /* owned */
    char *name;   /* owned, clean; "" when it has none */
    char *status; /* owned, clean: state when it was asked */
    bool refused; /* nothing to do for it (final already): `text` says why; not counted */
    enum dialog_result result;
    uint32_t request;
    char text[240]; /* "stopping: Batch was told", or the error */
};

struct dialog {
    enum dialog_kind kind;
    char title[120];
    char text[400];  /* one or more sentences */
    const char *yes; /* label of the button that does it: "Cancel 3 jobs" is in `yes_text` */
    char yes_text[48];
    char no_text[48];
    struct dialog_job *jobs; /* owned */
    size_t jobs_len;
    size_t count;    /* jobs that will be touched */
    size_t scroll;   /* first job shown */
    size_t page;     /* jobs that fit, set from the layout */
    bool yes_focus;  /* starts false: Enter does nothing bad */
    bool need_count; /* the number of jobs has to be typed first */
    struct edit typed;
    bool running;        /* answered yes: results come in */
    bool over;           /* all results are there; any key closes */
    size_t done, failed; /* of `count`; together never more */
};

void dialog_open(struct dialog *d, enum dialog_kind kind);
void dialog_close(struct dialog *d); /* frees all; kind becomes DIALOG_NONE */
struct dialog_job *dialog_add_job(struct dialog *d, const char *id, const char *name,
                                  const char *status);
bool dialog_may_accept(const struct dialog *d); /* the count, where needed, was typed right */
/* Notes the result for a request; false when the dialog does not wait for it. */
bool dialog_result(struct dialog *d, uint32_t request, bool good, const char *text);
/* The same where one request acts on many: for the one with this id. */
bool dialog_result_of(struct dialog *d, uint32_t request, const char *id, bool good,
                      const char *text);
#define DIALOG_COUNT_FROM 6 /* from so many jobs on the count is typed */
#endif
