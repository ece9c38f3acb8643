/* loop.h - the dashboard's own state beside the model: what loop.c and effects.c share. */
#ifndef UI_LOOP_H
#define UI_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "app/effect.h"
#include "app/model.h"
#include "app/surface.h"
#include "ops/place.h"
#include "ops/snapshot.h"
#include "ui/dashboard.h"
#include "ui/flush.h"
#include "ui/input.h"
#include "ui/term.h"
#include "work/msgq.h"
#include "work/pool.h"

struct loop {
    const struct dashboard_options *options; /* borrowed */
    struct terminal *term;
    struct doctor_terminal found; /* the terminal, as it was found */
    struct input *input;
    struct painter *painter;
    struct surface frame; /* the last one drawn */
    struct model *model;
    struct msgq *queue;
    struct pool *pool;         /* NULL until the first frame is out: tasks wait in fx till then */
    struct snapshot *snapshot; /* the rest of the last list, while there is any */
    struct effects fx;
    bool snapshot_late; /* it was not known yet whose the last list is */
    bool watched_read;  /* the jobs that an earlier run watched */
    bool draw;          /* something that shows has changed */
    bool draw_soon;     /* by a key: at once; else frames keep their distance */
    bool typed;         /* a key came since the last frame: what it did has not been seen */
    bool loading;       /* the first load was under way at the last look */
    bool titled;        /* the terminal's title was changed */
    bool gone;          /* the terminal is lost: write nothing more */
    bool quit;
    int status;
    int64_t drawn_ms; /* monotonic: the last frame */
};

/* Gives an event its times, updates the model and runs what comes of it. */
void loop_event(struct loop *l, struct app_event *ev);
#endif
