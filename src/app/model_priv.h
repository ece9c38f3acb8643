/* model_priv.h - between the files that make up app_update: model.c (life, layout), update.c
 * (events and keys), view.c (what fills the body) with a view_NAME.c each, update_msg.c (replies),
 * update_list.c, update_detail.c, update_log.c, update_form.c, update_watch.c (alerts),
 * update_ask.c (dialogs) and update_{input,menu,popup}.c (filter, search, palette, menus,
 * windows). */
#ifndef APP_MODEL_PRIV_H
#define APP_MODEL_PRIV_H

#include "app/model.h"

enum { NOTE_MS = 6000 }; /* how long good news stay; bad ones stay until the next key */

/* model.c */
void model_relayout(struct model *m);
uint32_t model_request(struct model *m); /* a new number */
void model_note(struct model *m, enum note_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Into the error list; the same error again only counts up. */
void model_error(struct model *m, const char *what, const struct err *e);
struct form_target model_target(const struct model *m);
void model_set_mode(struct model *m, enum mode mode);
void model_focus(struct model *m, enum pane pane);
void model_schedule(struct model *m, struct effects *out); /* submits what is due */
void model_save_prefs(struct model *m, struct effects *out);
const struct entry *model_current(const struct model *m); /* of the list's cursor; NULL */
/* The job that actions mean: of the detail when it has the focus, else of the list's cursor. */
const char *model_subject(const struct model *m);
void model_track(struct model *m, uint32_t request, enum task_kind kind, const char *job_id);
/* Takes an action out of the list; false when it is not there. `*job_id` gets the owned id. */
bool model_untrack(struct model *m, uint32_t request, char **job_id);
size_t model_pending(const struct model *m); /* deploys, cancels, retries; not the waits */
bool model_may_change(struct model *m);      /* false: read-only, and a note says so */

/* view.c */

/* What a view does. Only `scope`, `action` and `back` are needed; see view.c. */
struct view_def {
    const char *name;  /* in file names: "events" */
    const char *title; /* for people */
    enum scope (*scope)(const struct model *m);
    /* After the event that switched to it, or away from it; the layout is the new one. */
    void (*enter)(struct model *m, struct effects *out);
    void (*leave)(struct model *m, struct effects *out);
    bool (*action)(struct model *m, enum action a, struct effects *out); /* false: not its own */
    /* Esc (ACT_CLOSE) or q (ACT_BACK): closes the innermost thing in it, or leaves it. */
    void (*back)(struct model *m, enum action a, struct effects *out);
    void (*resize)(struct model *m, struct rect body);          /* its texts, to the layout */
    const struct textview *(*text)(const struct model *m);      /* to search and to scroll; NULL */
    void (*mouse)(struct model *m, const struct app_event *ev); /* in it, where `text` is none */
    /* In a scope where text is typed (scope_types): a key that is no action; false: none of its
     * own. */
    bool (*typed)(struct model *m, const char *key);
    void (*paste)(struct model *m, const char *text, size_t len);
};
extern const struct view_def view_jobs;   /* view_jobs.c */
extern const struct view_def view_events; /* view_events.c */
extern const struct view_def view_bulk;   /* view_bulk.c */
extern const struct view_def view_doctor; /* view_doctor.c */
extern const struct view_def view_dlq;    /* view_dlq.c */

/* view_dlq.c, dlq_ask.c */
void dlq_init(struct dlq_view *v);
void dlq_done(struct dlq_view *v);
void dlq_take(struct model *m, struct msg *msg);
void dlq_result(struct model *m, const struct msg *msg);
void dlq_acted(struct model *m, const struct msg *msg); /* the last of them came */
void dlq_start(struct model *m, struct effects *out);   /* the dialog was answered yes */
void dlq_form_close(struct model *m);

/* view_events.c */
const struct view_def *view_now(const struct model *m);
const char *view_name(enum view v);
void view_show(struct model *m, enum view v);
void view_remember(struct model *m);                    /* before view or focus change */
void view_back(struct model *m);                        /* to where one was before */
void view_settle(struct model *m, struct effects *out); /* at the end of each event */
struct textview *view_text(struct model *m);            /* of the view, not of a window; NULL */
bool view_switch(struct model *m, enum action a);       /* the keys that switch */
/* Esc in a text: ends the selection, then the search. False: there was neither. */
bool text_close(struct textview *v);

/* view_events.c */
void events_init(struct events *v);
void events_done(struct events *v);
void events_take(struct model *m, struct msg *msg);
void events_note_task(struct model *m, const struct task *t);

/* view_doctor.c */
/* The checks on the way of this job's event: why did it not start? */
void doctor_open(struct model *m, const char *job_id, struct effects *out);
/* A check began or ended; the run is over. True when something that shows has changed. */
bool doctor_take(struct model *m, struct msg *msg);
bool doctor_end(struct model *m, const struct msg *msg);
void doctor_send_canary(struct model *m, struct effects *out); /* the question was answered yes */
bool doctor_canary_end(struct model *m, const struct msg *msg);

/* update_mouse.c */
void update_mouse(struct model *m, const struct app_event *ev);

/* update_action.c */
bool update_window_action(struct model *m, enum action a, struct effects *out);
void update_action(struct model *m, enum action a, struct effects *out);
void update_quit(struct model *m, struct effects *out, int status);

/* update_msg.c */
void update_msg(struct model *m, struct msg *msg, struct effects *out);
void link_update(struct model *m);

/* update_list.c */
bool list_action(struct model *m, enum action a, struct effects *out);
void list_sync(struct model *m); /* after any change of the store: cursor and window */
void list_to_row(struct model *m, size_t row);
void list_sort_by(struct model *m, enum column_id id, bool descending);
enum err_code list_set_filter(struct model *m, const char *text, struct err *e);
size_t list_page(const struct model *m);

/* update_detail.c */
bool detail_action(struct model *m, enum action a, struct effects *out);
void detail_init(struct detail *d);
void detail_done(struct detail *d);
void detail_show(struct model *m, const char *job_id); /* NULL: none */
void detail_open(struct model *m, const char *job_id, enum detail_tab tab);
void detail_follow_cursor(struct model *m); /* wide screens: the detail shows the cursor's job */
void detail_take(struct model *m, struct msg *msg);
void detail_rebuild(struct model *m); /* texts from what is known now */
void detail_tick(struct model *m);
void detail_tab(struct model *m, enum detail_tab tab);

/* detail_text.c: fills empty views. `e` or `d` may be NULL, not both. */
struct detail_source {
    const struct job *job;
    const struct batch_job *batch;
    const struct job_state *state;
    const struct job_detail *data; /* NULL: only the list's record is known */
    const struct entry *entry;     /* NULL: not in the list */
    const struct timeline *timeline;
    const char *doctor_key; /* "H": asks why it did not start; "" */
    int64_t now_ms;
    bool ascii;
};
void detail_text_overview(struct textview *v, const struct detail_source *x);
void detail_text_timeline(struct textview *v, const struct detail_source *x);
void detail_text_attempts(struct textview *v, const struct detail_source *x);
void detail_text_json(struct textview *v, const struct detail_source *x);

/* update_log.c */
bool log_action(struct model *m, enum action a, struct effects *out);
void log_start(struct model *m); /* (again) from the beginning of what is wanted */
void log_stop(struct model *m);
void log_take(struct model *m, struct msg *msg);
void log_note_task(struct model *m, const struct task *t); /* a read was submitted */
int log_stamp_cells(const struct logview *l);
/* What logs share: following, stamps, spans of time. */
struct log_reading {
    struct logview *log;
    int64_t head_ms; /* `since_ms` for all there is */
    void (*restart)(struct model *m);
};
bool logview_action(struct model *m, const struct log_reading *r, enum action a);
void logview_add(struct logview *l, const struct log_page *p);
void logview_empty(struct logview *l);
/* What text views share: movement, search, copy. */
bool text_action(struct model *m, struct textview *v, enum action a, struct effects *out);
void text_say_match(struct model *m, const struct textview *v); /* which of how many */

/* update_form.c */
bool form_action(struct model *m, enum action a, struct effects *out);
void form_open_new(struct model *m);
void form_open_again(struct model *m, const char *job_id, struct effects *out);
void form_again_take(struct model *m, const struct msg *msg); /* the record came */
void form_leave(struct model *m);
void form_deployed(struct model *m, const struct msg *msg, struct effects *out);

/* update_watch.c */
void watch_toggle(struct model *m, struct effects *out);                   /* `W` */
void watch_sent(struct model *m, const char *job_id, struct effects *out); /* if settings say so */
void watch_tell(struct model *m, struct effects *out); /* after each event: what there is to tell */
void watch_seen(struct model *m, struct effects *out); /* somebody is there: a key was pressed */
void watch_hook_done(struct model *m, const struct msg *msg, struct effects *out);
int64_t watch_noise_ms(const struct model *m); /* monotonic: what waits is told then; 0: nothing */
cJSON *watch_prefs(const struct model *m);     /* owned */
void watch_load_prefs(struct model *m, const cJSON *prefs);
void watch_done(struct model *m); /* frees */

/* view_bulk.c */
void bulk_open_name(struct model *m); /* the line in which its name is typed */
void bulk_name_typed(struct model *m);
void bulk_name_step(struct model *m, int by);
void bulk_name_complete(struct model *m);
void bulk_name_accept(struct model *m, struct effects *out);
void bulk_take(struct model *m, struct msg *msg, struct effects *out);
void bulk_settle(struct model *m, struct effects *out); /* at the end of each event */
void bulk_send(struct model *m, struct effects *out);   /* the question was answered yes */
void bulk_stop(struct model *m, struct effects *out);

/* update_ask.c */
void ask_open(struct model *m, enum dialog_kind kind);
void ask_shut(struct model *m);
void ask_plain(struct model *m, enum dialog_kind kind, const char *title, const char *yes,
               const char *no);
void ask_bulk_send(struct model *m);
void ask_bulk_stop(struct model *m);
void ask_cancel(struct model *m);
void ask_retry(struct model *m);
void ask_leave_form(struct model *m);
void ask_quit(struct model *m);
void ask_read_write(struct model *m);
void ask_canary(struct model *m);
void ask_key(struct model *m, const char *key, struct effects *out);
void ask_msg(struct model *m, const struct msg *msg, struct effects *out); /* results of actions */

/* update_input.c, update_menu.c, update_popup.c */
void modes_open_filter(struct model *m);
void modes_open_search(struct model *m, bool keeps);
void modes_open_palette(struct model *m);
void modes_open_menu(struct model *m, enum mode mode);
void modes_open_popup(struct model *m, enum mode mode);
void modes_fill_popup(struct model *m); /* again, after what it shows has changed */
void modes_input_key(struct model *m, const char *key, struct effects *out);
void modes_input_paste(struct model *m, const char *text, size_t len);
void modes_menu_action(struct model *m, enum action a, const char *key, struct effects *out);
#endif
