/* model_priv.h - between the files of the top of the dashboard, which make, route and end: model.c
 * (life, layout, schedule), update.c (events), screens.c (what can fill the body), stack.c (what is
 * on the screen, one over another), errands.c (where screens want to go), update_msg.c (replies),
 * update_action.c, update_ask.c (questions about jobs), update_command.c (commands),
 * update_context.c (other contexts), update_view.c (`:view`), update_window.c (windows),
 * update_greet.c (a first start), update_watch.c (alerts). */
#ifndef APP_MODEL_PRIV_H
#define APP_MODEL_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/model.h"
#include "cost.h"
#include "desk.h"
#include "jobs_priv.h"
#include "own_command.h"
#include "saved_view.h"
#include "screen.h"

/* Things to tell of watched jobs, together. */
struct alert_sum {
    size_t len;
    size_t counts[ALERT_KINDS];
    enum alert_kind worst;
    char line[ALERT_LINE_SIZE]; /* of the worst */
};
struct alerts {
    struct alert_sum noise;  /* not yet said by bell and notification */
    struct alert_sum before; /* ended while no dashboard looked */
    int64_t noise_ms;        /* monotonic: not before */
    struct task *hooks;      /* owned list: runs of the hook that wait for their turn */
    size_t hooks_len;
    uint32_t hook_request; /* under way; 0: none */
    bool titled;           /* the terminal's title tells it, until a key is pressed */
};

/* A command of the person's that runs on jobs, one after another, or the last one that did. */
struct own_run {
    const struct own_command *command; /* borrowed; NULL: none has run */
    char **ids;                        /* owned, with its strings: the jobs */
    size_t len, at;                    /* how many there are, and with which it has begun */
    uint32_t request;                  /* under way; 0: none */
    bool stopped;                      /* no further job follows */
    size_t good, failed;
    struct own_output {
        char *job_id; /* owned */
        char *how;    /* owned: "ended with status 0" */
        char *output; /* owned; NULL: none */
        size_t len;
        bool good;
    } * outputs; /* owned */
    size_t outputs_len, outputs_cap;
};

struct rate_sample {
    int64_t mono_ms;
    uint64_t requests;
    double read_units;
};

struct all;

struct model {
    struct desk desk;
    const struct all *all; /* the list of all contexts, while there is one; borrowed */

    int rows, cols;
    bool header;

    struct table_info *table; /* owned; NULL until known */
    struct saved_views views;
    struct own_commands commands;
    struct own_run run;

    void *states[VIEW_COUNT]; /* owned: of the screens; see model_screen */
    struct jobs *jobs;        /* one of them: that of VIEW_JOBS */
    struct shown {
        const struct screen *screen;
        void *self; /* its state; borrowed, like its room in the layout */
        const struct rect *room;
    } layers[LAYER_COUNT]; /* everything that can stand over the body, the lowest first */

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
    bool greeted; /* the welcome was shown */
    bool came;    /* from another context, `before` (NULL: from none) */
    char *before; /* owned */
    char *wanted; /* owned: the context that a question is about; NULL: no context */
    struct rate_sample rates[64];
    size_t rates_len, rates_at;
    struct cost cost;
    size_t lively; /* jobs that are likely to change soon, by the last look: see store_active */
    int64_t snapshot_mono_ms;  /* when it was last kept */
    int64_t snapshot_saved_ms; /* wall: the age of the snapshot that was loaded; TIME_NONE */
    char title[128];           /* the terminal's, as last set */
};

/* The state of a screen, which its header describes. */
void *model_screen(const struct model *m, enum view v);

/* ---- for drawing ---- */

enum scope model_scope(const struct model *m); /* where keys go now */

/* Each writes clean text of at most `size` bytes and returns buf. */
const char *model_health(const struct model *m, char *buf, size_t size, enum style *st);
const char *model_age(const struct model *m, char *buf, size_t size);    /* "updated 3s ago" */
const char *model_budget(const struct model *m, char *buf, size_t size); /* "12 req/min 3.5 RCU" */
/* What stands in the status rows. */
struct message {
    char text[NOTE_SIZE + 200];
    size_t remedy; /* where what to do begins; 0: that is not known */
    enum style style;
};
/* What is told for as long as it lasts: link trouble, else loading progress, else nothing. */
void model_lasting(const struct model *m, struct message *x);
/* The same, or the note while there is one; above a line that is typed what is wrong with the line,
 * and nothing of good news and of work under way. */
void model_message(const struct model *m, struct message *x);

/* Footer hints of the present scope, most useful first: how many were written. */
enum { HINTS_MAX = 48 };
size_t model_hints(const struct model *m, struct hint *out, size_t max);
/* The key of the footer's entry that was clicked on; false: no entry was. In footer_draw.c. */
bool model_footer_key(const struct model *m, const struct app_event *ev, char key[KEY_NAME_SIZE]);

/* The functions of model.c. */
/* Tells of a mistake in config.ini that the settings do not tell of already. */
void model_config_error(struct model *m, const struct err *e);
/* Makes the model whole at the end of each event: layout, cursor, windows, and the job that the
 * detail shows follow from what is there by then. Only this function does that. */
void model_settle(struct model *m);
void model_schedule(struct model *m, struct effects *out); /* submits the tasks that are due */

/* The function of errands.c. */
void errands_run(struct model *m, struct effects *out); /* carries out what the desk was told */

/* The functions of stack.c. */
void layers_new(struct model *m);
void layers_free(struct model *m);
enum action stack_key(struct model *m, const char *key, struct effects *out); /* left to be done */
void stack_paste(struct model *m, const char *text, size_t len);
void stack_mouse(struct model *m, const struct app_event *ev);
void stack_settle(struct model *m);
/* Does the action mean nothing just now to what has the keys? */
bool stack_idle(const struct model *m, enum action a);
/* the text of the topmost screen that has one; NULL: none has */
struct textview *stack_text(const struct model *m);

/* The functions of screens.c. */
void screens_new(struct model *m);
void screens_free(struct model *m);
const struct screen *screens_now(const struct model *m);
/* Handles the keys that switch screens; a screen also gets the action that shows it. */
bool screens_switch(struct model *m, enum action a, struct effects *out);
void screens_settle(struct model *m, struct effects *out); /* called at the end of each event */
enum taken screens_take(struct model *m, struct msg *msg, struct effects *out);
/* called when the schedule has asked for this */
void screens_asked(struct model *m, const struct task *t);
/* Tells what is under way in a screen and would be broken off; false when nothing is. */
bool screens_busy(const struct model *m, char *buf, size_t size);

/* The functions of update_action.c. */
void update_action(struct model *m, enum action a, struct effects *out);

/* The functions of update_msg.c. */
void update_msg(struct model *m, struct msg *msg, struct effects *out);
void link_update(struct model *m);

/* The function of update_greet.c. */
/* Greets a first start: the first answer was that there are no credentials at all. When some appear
 * while the welcome shows, the program begins anew: the region may come from the same place. */
void greet(struct model *m, struct effects *out);

/* The functions of update_watch.c. */
void watch_toggle(struct model *m, struct effects *out); /* the key `W` */
/* tells, after each event, what there is to tell */
void watch_tell(struct model *m, struct effects *out);
/* called when a key was pressed: somebody is there */
void watch_seen(struct model *m, struct effects *out);
void watch_hook_done(struct model *m, const struct msg *msg, struct effects *out);
/* monotonic: when the news that waits is told; 0: there is none */
int64_t watch_noise_ms(const struct model *m);
cJSON *watch_prefs(const struct model *m); /* owned */
void watch_load_prefs(struct model *m, const cJSON *prefs);
void watch_done(struct model *m); /* frees what it holds */

/* The functions of update_ask.c. */
void update_quit(struct model *m, struct effects *out, int status);
void ask_cancel(struct model *m);
/* `job_id`: only that job; NULL: the marked jobs, or the one at the cursor. */
void ask_retry(struct model *m, const char *job_id, struct effects *out);
void ask_quit(struct model *m);
/* `name`: the context whose read-only is to be lifted, as typed; NULL: none was. */
void ask_read_write(struct model *m, const char *name);
/* takes the results of actions */
void ask_msg(struct model *m, const struct msg *msg, struct effects *out);

/* The function of update_command.c. */
void update_command(struct model *m, const char *line, struct effects *out);

/* The functions of update_view.c. */
void views_read(struct model *m); /* takes [views] of config.ini, and tells what is wrong there */
/* Carries out `:view` with what was typed behind it. */
void view_command(struct model *m, const char *argument, struct effects *out);

/* The functions of update_own.c. */
void own_offer(struct model *m); /* the command line offers views and commands as they are now */
/* Begins, or asks for, the command of a person that was typed. False: there is none. */
bool own_command(struct model *m, const char *line, struct effects *out);
void own_msg(struct model *m, struct msg *msg, struct effects *out); /* one program has ended */
/* the same for one that had the terminal */
void own_ran(struct model *m, const char *name, const char *job_id, const char *how,
             const struct err *e);
void own_stop(struct model *m, struct effects *out); /* ends what runs */
const char *own_runs(const struct model *m);         /* the command that runs just now, or NULL */
void own_output(struct model *m);                    /* shows what the last command printed */
void own_done(struct model *m);                      /* frees what it holds */

/* Tells what is under way and would go on unseen, or be broken off; false: nothing is. `quits`: the
 * program ends. */
bool ask_under_way(const struct model *m, bool quits, char *buf, size_t size);

/* The functions of update_context.c. */
void context_menu(struct model *m); /* asks which context is to be shown */
/* Goes to another context: its name, or "-" for the one before. Asks when something is under
 * way. */
void context_command(struct model *m, const char *argument, struct effects *out);
void context_keep(struct model *m, struct effects *out);   /* what the next start shows first */
void context_failed(struct model *m, const struct err *e); /* takes the answer to EFF_CONTEXT */

/* The functions of update_window.c. */
void windows_open_help(struct model *m, enum scope scope); /* shows the keys of that scope */
void windows_open_errors(struct model *m);
void windows_open_whoami(struct model *m);
#endif
