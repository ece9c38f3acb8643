/* model_priv.h - between the files of the top of the dashboard, which make, route and end: model.c
 * (life, layout, schedule), update.c (events and keys), screens.c (what fills the body), layers.c
 * (what stands over it), errands.c (where screens want to go), update_msg.c (replies),
 * update_action.c, update_ask.c (questions about jobs), update_input.c (search, command line),
 * update_popup.c (windows), update_watch.c (alerts). */
#ifndef APP_MODEL_PRIV_H
#define APP_MODEL_PRIV_H

#include "app/model.h"
#include "app/screen.h"
#include "jobs_priv.h"

/* model.c */
/* At the end of each event: layout, cursor, windows, and which job the detail shows follow from
 * what is there by now. Nobody else does that. */
void model_settle(struct model *m);
void model_schedule(struct model *m, struct effects *out); /* submits what is due */

/* errands.c */
void errands_run(struct model *m, struct effects *out); /* what the desk was told */

/* layers.c */
/* True: something that stands over the screen took the key; `*left`: what it leaves to be done. */
bool layers_key(struct model *m, const char *key, enum action *left, struct effects *out);
bool layers_paste(struct model *m, const char *text,
                  size_t len); /* true: it is not for the screen */

/* screens.c */
void screens_new(struct model *m);
void screens_free(struct model *m);
const struct screen *view_now(const struct model *m);
bool view_switch(struct model *m, enum action a);       /* the keys that switch */
void view_settle(struct model *m, struct effects *out); /* at the end of each event */
struct textview *view_text(struct model *m);            /* of the screen, not of a window; NULL */
enum taken screens_take(struct model *m, struct msg *msg, struct effects *out);
void screens_asked(struct model *m, const struct task *t); /* the schedule has asked for it */
/* What is under way in a screen and would be broken off; false: nothing. */
bool screens_busy(const struct model *m, char *buf, size_t size);

/* update_mouse.c */
void update_mouse(struct model *m, const struct app_event *ev);

/* update_action.c */
bool update_window_action(struct model *m, enum action a, struct effects *out);
void update_action(struct model *m, enum action a, struct effects *out);

/* update_msg.c */
void update_msg(struct model *m, struct msg *msg, struct effects *out);
void link_update(struct model *m);

/* update_watch.c */
void watch_toggle(struct model *m, struct effects *out); /* `W` */
void watch_tell(struct model *m, struct effects *out); /* after each event: what there is to tell */
void watch_seen(struct model *m, struct effects *out); /* somebody is there: a key was pressed */
void watch_hook_done(struct model *m, const struct msg *msg, struct effects *out);
int64_t watch_noise_ms(const struct model *m); /* monotonic: what waits is told then; 0: nothing */
cJSON *watch_prefs(const struct model *m);     /* owned */
void watch_load_prefs(struct model *m, const cJSON *prefs);
void watch_done(struct model *m); /* frees */

/* update_ask.c */
void update_quit(struct model *m, struct effects *out, int status);
void ask_cancel(struct model *m);
/* `job_id`: that one alone; NULL: the marked ones, or the one at hand. */
void ask_retry(struct model *m, const char *job_id, struct effects *out);
void ask_quit(struct model *m);
void ask_read_write(struct model *m);
void ask_msg(struct model *m, const struct msg *msg, struct effects *out); /* results of actions */

/* update_input.c, update_popup.c */
void windows_open_help(struct model *m, enum scope scope); /* the keys of that scope */
void windows_open_errors(struct model *m);
void windows_open_whoami(struct model *m);
void modes_open_search(struct model *m, bool keeps);
void modes_open_palette(struct model *m);
#endif
