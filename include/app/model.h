/* model.h - everything the dashboard knows and shows, and the one function that changes it.
 *
 * DESIGN. model_new makes it, app_update(model, event) changes it and says in effects what the loop
 * has to do; drawing reads a const model. Nothing here does I/O, reads a clock or takes a lock:
 * time comes with the event. The schedule of polls lives in the model (work/schedule.h is pure
 * too), so the loop only runs effects, asks model_wait_ms how long it may sleep, and draws when
 * told. Every request that update makes has a number; replies to numbers it no longer waits for are
 * dropped. UI thread only. */
#ifndef APP_MODEL_H
#define APP_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/desk.h"
#include "app/edit.h"
#include "app/effect.h"
#include "app/event.h"
#include "app/jobs.h"
#include "app/keymap.h"
#include "app/palette.h"

struct model_options {
    const struct settings *settings; /* borrowed, outlives the model */
    bool read_only;                  /* --read-only: cannot be lifted */
    bool ascii;
    const struct doctor_terminal *terminal; /* borrowed, as settings; NULL: nothing is known */
    uint32_t seed;                          /* of the schedule's jitter */
    int64_t now_ms, mono_ms;
};

/* Things to tell of watched jobs, together. */
struct alert_batch {
    size_t len;
    size_t counts[ALERT_KINDS];
    enum alert_kind worst;
    char line[ALERT_LINE_SIZE]; /* of the worst */
};
struct alerts {
    struct alert_batch noise;  /* not yet said by bell and notification */
    struct alert_batch before; /* ended while no dashboard looked */
    int64_t noise_ms;          /* monotonic: not before */
    struct task *hooks;        /* owned list: runs of the hook that wait for their turn */
    size_t hooks_len;
    uint32_t hook_request; /* under way; 0: none */
    bool titled;           /* the terminal's title tells it, until a key is pressed */
};

struct rate_sample {
    int64_t mono_ms;
    uint64_t requests;
    double read_units;
};

struct model {
    struct desk desk;

    int rows, cols;
    bool header;

    struct table_info *table; /* owned; NULL until known */
    bool have_table_err;

    void *states[VIEW_COUNT]; /* owned: of the screens; see model_screen */
    struct jobs *jobs;        /* one of them: that of VIEW_JOBS */
    struct palette palette;
    struct edit search;
    bool search_keeps; /* the search being typed is `&` */
    enum scope help_scope;

    struct load_round { /* of a full load: all its segments have to come for jobs to be gone */
        bool open;
        int segments;
        uint32_t requests[16];
        bool done[16];
    } round;
    uint16_t sweep_part; /* of the slow re-read, + 1 */
    struct alerts alerts;
    int64_t moved_ms;       /* monotonic: the last event but a tick */
    int outbox_left;        /* deploys that wait to be sent on */
    bool outbox_broken;     /* what outbox_alarm tells of is out of service */
    char outbox_alarm[900]; /* what a person has to deal with; "": nothing */
    bool quitting;
    struct rate_sample rates[64];
    size_t rates_len, rates_at;
    int64_t snapshot_mono_ms;  /* when it was last kept */
    int64_t snapshot_saved_ms; /* wall: the age of the snapshot that was loaded; TIME_NONE */
    char title[128];           /* the terminal's, as last set */
};

/* Makes the model: it asks for nothing before the first event (EV_RESIZE). */
struct model *model_new(const struct model_options *o);
void model_free(struct model *m); /* NULL allowed */

/* Columns, sort, filter kept by an earlier run; garbage is ignored. */
void model_load_prefs(struct model *m, const char *text, size_t len);
/* Jobs of the snapshot of an earlier run (ops/snapshot.h), in pieces: they show as stale until the
 * first replies. Takes the jobs; the array stays the caller's. */
void model_add_snapshot(struct model *m, struct job **jobs, size_t len, int64_t saved_ms);
/* What to keep: at most `max` jobs, those in the list first. Owned array of borrowed jobs. */
const struct job **model_snapshot_jobs(const struct model *m, size_t max, size_t *len);
char *model_prefs(const struct model *m); /* owned */
/* The watched jobs as a document: they belong to the place, the view does not. Owned. */
char *model_watched(const struct model *m);
void model_load_watched(struct model *m, const char *text, size_t len); /* garbage is ignored */

/* Milliseconds until EV_TICK is wanted, 0-5000: often while something shows that moves by the
 * second, seldom otherwise. */
int model_wait_ms(const struct model *m, int64_t mono_ms);

/* The only thing that changes a model. Adds to `out` (not emptied). Returns false after EFF_QUIT.
 */
bool app_update(struct model *m, const struct app_event *ev, struct effects *out);

/* The state of a screen, which its header describes. */
void *model_screen(const struct model *m, enum view v);

/* ---- for drawing ---- */

/* Draws the whole screen on `s`, which is made as large as the model's screen. */
void draw_model(struct surface *s, const struct model *m);

enum scope model_scope(const struct model *m); /* where keys go now */
/* The text that a search means: the window over the panes, or that of the view. */
const struct textview *model_text(const struct model *m);

/* Each writes clean text of at most `size` bytes and returns buf. */
const char *model_health(const struct model *m, char *buf, size_t size, enum style *st);
const char *model_age(const struct model *m, char *buf, size_t size);    /* "updated 3s ago" */
const char *model_budget(const struct model *m, char *buf, size_t size); /* "12 req/min 3.5 RCU" */
/* The status row when no input is open: note, else link trouble, else loading progress, else "". */
const char *model_status(const struct model *m, char *buf, size_t size, enum style *st);

/* Footer hints of the present scope, most useful first: how many were written. */
struct hint {
    char key[KEY_NAME_SIZE];
    const char *text;
};
size_t model_hints(const struct model *m, struct hint *out, size_t max);
#endif
