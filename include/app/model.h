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

#include "app/effect.h"
#include "app/event.h"

struct doctor_terminal;
struct job;
struct settings;
struct surface;
struct model; /* opaque: src/app/model_priv.h */

struct model_options {
    const struct settings *settings; /* borrowed, outlives the model */
    bool read_only;                  /* --read-only: cannot be lifted */
    bool ascii;
    const struct doctor_terminal *terminal; /* borrowed, as settings; NULL: nothing is known */
    uint32_t seed;                          /* the seed of the schedule's jitter */
    int64_t now_ms, mono_ms;
};

/* Makes the model, which asks for nothing before the first event (EV_RESIZE). */
struct model *model_new(const struct model_options *o);
void model_free(struct model *m); /* NULL allowed */

/* Loads columns, sort and filter that an earlier run kept; garbage is ignored. */
void model_load_prefs(struct model *m, const char *text, size_t len);
/* Takes over what belongs to the view from the model of another context: columns, sort, filter,
 * states, the commands typed before. Call it on a new model. */
void model_take_view(struct model *m, const struct model *before);
/* Tells it what `:ctx -` goes back to: the name of a context; NULL: none, "*": all. `tell`: a note
 * says so. */
void model_came_from(struct model *m, const char *context, bool tell);
/* Adds jobs of the snapshot of an earlier run (ops/snapshot.h), in pieces: they show as stale until
 * the first replies. Takes the jobs; the array stays the caller's. */
void model_add_snapshot(struct model *m, struct job **jobs, size_t len, int64_t saved_ms);
/* What was learned of the jobs that completed, to add what was kept, and to keep it. */
struct forecast *model_history(struct model *m);
/* The jobs to keep: at most `max`, those in the list first. An owned array of borrowed jobs. */
const struct job **model_snapshot_jobs(const struct model *m, size_t max, size_t *len);
/* The watched jobs and the views kept with `:view save` as a document: they belong to the place,
 * and what the list shows does not. Owned. */
char *model_watched(const struct model *m);
void model_load_watched(struct model *m, const char *text, size_t len); /* garbage is ignored */

/* The milliseconds until EV_TICK is wanted, 0-5000: few while something that shows changes every
 * second, many otherwise. */
int model_wait_ms(const struct model *m, int64_t mono_ms);

/* The only function that changes a model. Adds to `out` (which is not emptied). Returns false after
 * EFF_QUIT. */
bool app_update(struct model *m, const struct app_event *ev, struct effects *out);

/* Draws the whole screen on `s`, which is made as large as the model's screen. */
void draw_model(struct surface *s, const struct model *m);

bool model_loading(const struct model *m); /* is the first full load under way? */
size_t model_jobs(const struct model *m);  /* how many jobs are known */
#endif
