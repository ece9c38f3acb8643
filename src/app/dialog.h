/* dialog.h - questions before something happens, naming what they touch, and what became of it.
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
    char *name;   /* owned, clean; "" when it has none */
    char *status; /* owned, clean: state when it was asked */
    bool refused; /* nothing to do for it (final already): `text` says why; not counted */
    enum dialog_result result;
    uint32_t request;
    char text[240]; /* "stopping: Batch was told", or the error */
};

/* What it was asked for, once it is answered yes. `owner`: who asked. */
typedef void dialog_fn(void *owner, struct desk *d, struct effects *out);

struct dialog {
    bool open;
    dialog_fn *on_yes;
    void *owner;  /* borrowed */
    bool changes; /* it changes AWS: yes is refused while that is not allowed */
    bool lists;   /* it stays after the yes and tells what became of each of its jobs */
    char title[120];
    char text[400];  /* one or more sentences */
    const char *yes; /* label of the button that does it: "Cancel 3 jobs" is in `yes_text` */
    char yes_text[48];
    char no_text[48];
    struct dialog_job *jobs; /* owned */
    size_t jobs_len;
    struct rows rows; /* the window over the jobs; no cursor */
    size_t count;     /* jobs that will be touched */
    bool yes_focus;   /* starts false: Enter does nothing bad */
    bool need_count;  /* the number of jobs has to be typed first */
    struct edit typed;
    bool running;        /* answered yes: results come in */
    bool over;           /* all results are there; any key closes */
    size_t done, failed; /* of `count`; together never more */
};

/* Opens it empty, in the place of one that is open. Texts, jobs and what it needs are for the
 * caller to fill in. */
void dialog_open(struct dialog *d, dialog_fn *on_yes, void *owner);
/* The same with its title and the labels of its buttons; returns d. */
struct dialog *dialog_ask(struct dialog *d, dialog_fn *on_yes, void *owner, const char *title,
                          const char *yes, const char *no);
void dialog_close(struct dialog *d); /* frees all */
struct dialog_job *dialog_add_job(struct dialog *d, const char *id, const char *name,
                                  const char *status);
bool dialog_may_accept(const struct dialog *d); /* the count, where needed, was typed right */
/* Notes the result for a request; false when the dialog does not wait for it. */
bool dialog_result(struct dialog *d, uint32_t request, bool good, const char *text);
/* The same where one request acts on many: for the one with this id. */
bool dialog_result_of(struct dialog *d, uint32_t request, const char *id, bool good,
                      const char *text);
/* The buttons of a question about `count` jobs, "Yes, cancel 3" and "No"; of many the number has to
 * be typed. */
void dialog_label(struct dialog *d, const char *verb);
/* dialog_draw.c; `self`: a dialog. */
void dialog_draw(struct surface *s, const void *self, const struct desk *desk, struct rect room);
#define DIALOG_COUNT_FROM 6 /* from so many jobs on the count is typed */
#endif
