/* loop.h - the dashboard's own state beside the model, which loop.c and effects.c share. */
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
    struct doctor_terminal found; /* the terminal as it was found at the start */
    struct input *input;
    struct painter *painter;
    struct surface frame; /* the frame that was drawn last */
    struct model *model;
    struct msgq *queue;
    struct pool *pool;         /* NULL until the first frame is out: until then tasks wait in fx */
    struct snapshot *snapshot; /* the rest of the kept list, while there is any */
    struct effects fx;
    bool snapshot_late; /* it was not known yet whose the kept list is */
    bool watched_read;  /* the jobs that an earlier run watched have been read */
    bool draw;          /* something that shows has changed */
    /* a key has changed it: draw at once; otherwise frames keep their distance */
    bool draw_soon;
    bool typed;   /* a key has come since the last frame: nobody has seen yet what it did */
    bool loading; /* the first load was under way when this was last looked at */
    bool titled;  /* the terminal's title was changed */
    bool gone;    /* the terminal is lost: write nothing more */
    bool quit;
    int status;
    int64_t drawn_ms; /* monotonic: when the last frame was drawn */
};

/* Gives an event its times, updates the model and carries out the effects. */
void loop_event(struct loop *l, struct app_event *ev);
#endif
