/* dialog.h - questions before something happens, which name what they touch, and what became of it.
 * UI thread only. */
#ifndef APP_DIALOG_H
#define APP_DIALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/surface.h"
#include "core/err.h"
#include "edit.h"
#include "rows.h"

struct desk;
struct effects;

enum dialog_result { RESULT_NONE, RESULT_WAITING, RESULT_DONE, RESULT_FAILED };

struct dialog_job {
    char *id;     /* owned */
    char *name;   /* owned, clean; "" when the job has none */
    char *status; /* owned, clean: the state when the question was asked */
    /* there is nothing to do for this job (it is final already): `text` says why; it is not
     * counted */
    bool refused;
    bool warned;       /* it was retried before: `text` says as what, and a yes sends it again */
    char warning[240]; /* the same as the end of a sentence */
    enum dialog_result result;
    uint32_t request;
    /* the result: "stopping: Batch was told", or the error with what to do about it */
    char text[ERR_TEXT_SIZE + 16];
};

/* Carries out what the question was about, after a yes. `owner`: who asked. */
typedef void dialog_fn(void *owner, struct desk *d, struct effects *out);

struct dialog {
    bool open;
    dialog_fn *on_yes;
    void *owner;  /* borrowed */
    bool changes; /* a yes changes AWS, and is refused while that is not allowed */
    /* the dialog stays open after the yes and tells what became of each of its jobs */
    bool lists;
    char title[120];
    char text[400]; /* one or more sentences */
    /* the label of the button that carries it out: "Cancel 3 jobs" is in `yes_text` */
    const char *yes;
    char yes_text[48];
    char no_text[48];
    struct dialog_job *jobs; /* owned */
    size_t jobs_len;
    struct rows rows; /* the window over the jobs; no cursor */
    size_t count;     /* how many jobs will be touched */
    bool yes_focus;   /* starts as false, so that Enter does nothing bad */
    bool asks_reason; /* a reason may be typed before the yes */
    bool reason_focus;
    struct edit reason;
    bool need_count; /* the number of jobs has to be typed first */
    struct edit typed;
    bool running;        /* answered with yes: results are coming in */
    bool over;           /* all results have come; any key closes the dialog */
    size_t done, failed; /* out of `count`; together never more than that */
};

/* Opens the dialog empty, in the place of one that is open. The caller fills in texts, jobs and
 * what the question needs. */
void dialog_open(struct dialog *d, dialog_fn *on_yes, void *owner);
/* Does the same with its title and the labels of its buttons; returns d. */
struct dialog *dialog_ask(struct dialog *d, dialog_fn *on_yes, void *owner, const char *title,
                          const char *yes, const char *no);
void dialog_close(struct dialog *d); /* frees everything */
struct dialog_job *dialog_add_job(struct dialog *d, const char *id, const char *name,
                                  const char *status);
/* false while the number has to be typed and is not typed right */
bool dialog_may_accept(const struct dialog *d);
/* Notes the result of a request; false when the dialog does not wait for it. */
bool dialog_result(struct dialog *d, uint32_t request, bool good, const char *text);
/* Does the same when one request acts on many jobs: for the job with this id. */
bool dialog_result_of(struct dialog *d, uint32_t request, const char *id, bool good,
                      const char *text);
/* Asks for a reason as well, which may be left empty. */
void dialog_ask_reason(struct dialog *d);
/* Sets the buttons of a question about `count` jobs, "Yes, cancel 3" and "No"; for many jobs the
 * number has to be typed. */
void dialog_label(struct dialog *d, const char *verb);
/* In dialog_draw.c: how many of the last jobs show at once, each with all of its reason. */
size_t dialog_page(const struct dialog *d, struct rect room);
/* In dialog_draw.c; `self` is a dialog. */
void dialog_draw(struct surface *s, const void *self, const struct desk *desk, struct rect room);
extern const char dialog_no_reason[]; /* what is kept when no reason was typed */
#define DIALOG_COUNT_FROM 6           /* from this many jobs on the number has to be typed */
#endif
