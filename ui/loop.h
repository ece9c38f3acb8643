/* loop.h - the dashboard's own state beside the model, which loop.c and effects.c share. */
#ifndef UI_LOOP_H
#define UI_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "app/all.h"
#include "app/effect.h"
#include "app/model.h"
#include "app/surface.h"
#include "ui/browser.h"
#include "ui/dashboard.h"
#include "ui/flush.h"
#include "ui/input.h"
#include "ui/session.h"
#include "ui/term.h"
#include "ui/theme.h"

struct loop {
    const struct dashboard_options *options; /* borrowed */
    struct terminal *term;
    struct doctor_terminal found; /* the terminal as it was found at the start */
    struct input *input;
    struct painter *painter;
    const struct theme *theme; /* static */
    struct surface frame;      /* the frame that was drawn last */
    struct session **sessions; /* owned array: one, or all contexts with `:ctx *` */
    size_t sessions_len;
    struct all *all;         /* the list of all; NULL: there is one session */
    struct session *at;      /* the one that is shown and gets keys */
    struct session *retired; /* what ends beside it */
    struct effects fx;       /* of the model; tasks wait here until there is a pool */
    struct browsers browsers;
    char *wanted;  /* owned: the context to go to, NULL: none */
    bool switches; /* to `wanted`, once the event under way is over */
    bool draw;     /* something that shows has changed */
    /* a key has changed it: draw at once; otherwise frames keep their distance */
    bool draw_soon;
    bool typed;  /* a key has come since the last frame: nobody has seen yet what it did */
    bool titled; /* the terminal's title was changed */
    bool gone;   /* the terminal is lost: write nothing more */
    bool quit;
    int status;
    int64_t drawn_ms; /* monotonic: when the last frame was drawn */
};

enum { SESSIONS_MAX = 60 }; /* contexts in one list */

/* Gives an event its times, updates the model and carries out the effects. */
void loop_event(struct loop *l, struct app_event *ev);
/* Does the same for one session, whichever is shown. */
void loop_session_event(struct loop *l, struct session *s, struct app_event *ev);
/* Does the same for all sessions, the one that is shown first. */
void loop_event_all(struct loop *l, struct app_event *ev);
/* Makes the list of all contexts again, if there is one. The cursor may lie in another one then.
 * `anew` is that of all_settle. */
void loop_settle_all(struct loop *l, bool anew);
/* Tells of a browser that could not open an address (effects.c). */
void loop_look_browsers(struct loop *l);
#endif
