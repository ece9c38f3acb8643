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

#include "app/bulk.h"
#include "app/columns.h"
#include "app/detail.h"
#include "app/dialog.h"
#include "app/dlq.h"
#include "app/doctorview.h"
#include "app/edit.h"
#include "app/effect.h"
#include "app/event.h"
#include "app/events.h"
#include "app/form.h"
#include "app/keymap.h"
#include "app/layout.h"
#include "app/palette.h"
#include "app/store.h"
#include "app/textview.h"
#include "app/view.h"
#include "config/settings.h"
#include "work/schedule.h"

/* What stands over the panes and takes the keys. */
enum mode {
    MODE_NONE,
    MODE_HELP,
    MODE_ERRORS,
    MODE_WHOAMI,
    MODE_FILTER,  /* the filter is being typed, in the status row */
    MODE_SEARCH,  /* a search in the text with the focus, in the status row */
    MODE_FILE,    /* the name of a file of deploys, in the status row */
    MODE_PALETTE, /* command line in the status row, list above it */
    MODE_COLUMNS, /* the column chooser */
    MODE_STATUS,  /* the status menu */
    MODE_COPY,    /* the copy menu */
    MODE_DIALOG
};

enum link_state {
    LINK_CONNECTING, /* no reply yet */
    LINK_LIVE,
    LINK_FAILING, /* the last calls failed: data are kept and grey */
    LINK_EXPIRED  /* credentials refused or run out */
};

/* What is asked for the list comes from several services; one may fail while the others answer. */
enum link_source { SOURCE_TABLE, SOURCE_BATCH, SOURCE_IDENTITY, SOURCE_COUNT };

struct source {
    struct err err;       /* of the last failure; code E_OK while it answers */
    int64_t since_ms;     /* wall: failing since */
    int64_t last_good_ms; /* wall; TIME_NONE */
    int failures;         /* in a row */
};

struct link {
    enum link_state state;
    struct err err;       /* why it fails or is expired */
    int64_t since_ms;     /* wall: when this state began */
    int64_t last_good_ms; /* wall: the last good reply for the list; TIME_NONE */
    struct source sources[SOURCE_COUNT];
    char account[32], arn[256], source[96];
    int64_t expires_ms; /* credentials; TIME_NONE when they do not */
    double requests_per_min, read_units_per_min;
    uint64_t throttles;
};

/* An entry of the error list. */
struct error_entry {
    int64_t at_ms;
    int64_t last_ms; /* the same again */
    unsigned times;
    struct err err;
    char what[64]; /* "Deploy", "Job list" */
};
#define ERRORS_MAX 200

enum note_kind { NOTE_INFO, NOTE_GOOD, NOTE_WARN, NOTE_BAD };

/* A menu of a few rows: status, copy. */
struct menu {
    const char *title;
    struct menu_row {
        char text[64];
        char key; /* shortcut, 0: none */
        bool on;  /* checked */
        int id;   /* what the row stands for */
    } rows[COL_COUNT + 16];
    size_t len, selected;
};

struct list_view {
    struct column_set columns;
    bool wide;
    int left;     /* cells scrolled sideways (wide) */
    char *cursor; /* owned: job id; NULL when the list is empty */
    size_t row;   /* row of the cursor now */
    size_t top;   /* first row shown */
    bool stick;   /* the cursor stays on its job (else on its row) */
    bool touched; /* a key moved it: until then it waits at the top for the first load */
    bool ranging; /* `v`: rows between anchor and cursor are selected */
    char *anchor; /* owned: job id */
    size_t anchor_row;
    struct edit filter;    /* as typed */
    char *filter_applied;  /* owned: the last good one, NULL for none */
    char *filter_before;   /* owned: the one before typing began, for Esc */
    struct err filter_err; /* why what is typed is no good; the last good one stays in force */
};

struct loading {
    bool active; /* the first full load is under way */
    int done, segments;
    size_t jobs; /* come so far */
};

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
    const struct settings *settings; /* borrowed */
    struct keymap *keys;
    struct schedule *schedule;
    struct store *store;
    int64_t now_ms, mono_ms; /* of the last event */
    uint32_t next_request;

    int rows, cols;
    struct layout layout;
    enum pane focus, side;
    enum view view;        /* what fills the body */
    enum view entered;     /* the view whose enter function ran last */
    struct place previous; /* for `-` */
    bool header;
    bool full;
    enum mode mode;
    enum mode under_dialog; /* what the dialog came over */

    bool ascii, read_only, read_only_fixed, paused;
    struct link link;
    struct loading loading;
    struct table_info *table; /* owned; NULL until known */
    bool have_table_err;

    struct list_view list;
    struct detail detail;
    struct form form;
    struct dlq_view dlq;
    struct events events;
    struct bulk_view bulk;
    struct doctorview doctor;
    const struct doctor_terminal *terminal; /* borrowed; NULL */
    struct dialog dialog;
    struct palette palette;
    struct edit search;
    bool search_keeps; /* the search being typed is `&` */
    struct menu menu;
    struct textview popup; /* help, errors, who am I */
    enum scope help_scope;

    struct error_entry errors[ERRORS_MAX]; /* newest first */
    size_t errors_len;
    size_t errors_unseen;
    char note[400]; /* status row */
    enum note_kind note_kind;
    int64_t note_until_ms; /* monotonic; 0: until the next key */
    struct action_under_way {
        uint32_t request;
        enum task_kind kind;
        char *job_id; /* owned; NULL when there is none */
    } * actions;      /* owned: deploys, cancels, retries, and waits for Batch to end a job */
    size_t actions_len, actions_cap;
    struct load_round { /* of a full load: all its segments have to come for jobs to be gone */
        bool open;
        int segments;
        uint32_t requests[16];
        bool done[16];
    } round;
    struct alerts alerts;
    int64_t filter_again_ms; /* monotonic: ages in the filter move on */
    int64_t watch_ms;        /* monotonic: ask for the detail shown from then on; 0: done */
    uint32_t log_request;    /* of the log read under way; 0: no log is read */
    uint32_t again_request;  /* of the record that `a` reads to fill the form */
    int64_t moved_ms;        /* monotonic: the last event but a tick */
    int outbox_left;         /* deploys that wait to be sent on */
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

/* Milliseconds until EV_TICK is wanted, 0-5000: often while something shows that moves by the
 * second, seldom otherwise. */
int model_wait_ms(const struct model *m, int64_t mono_ms);

/* The only thing that changes a model. Adds to `out` (not emptied). Returns false after EFF_QUIT.
 */
bool app_update(struct model *m, const struct app_event *ev, struct effects *out);

/* ---- for drawing ---- */

enum scope model_scope(const struct model *m); /* where keys go now */
struct format_ctx model_format(const struct model *m);
/* The columns of the list in the width that its pane has. */
size_t model_columns(const struct model *m, struct column_slot out[COL_COUNT]);
enum overlay model_row_overlay(const struct model *m, const struct entry *e, size_t row);
/* The text that a search means: the window over the panes, or that of the view. */
const struct textview *model_text(const struct model *m);
bool model_data_stale(const struct model *m); /* rows are drawn grey */

/* Each writes clean text of at most `size` bytes and returns buf. */
const char *model_health(const struct model *m, char *buf, size_t size, enum style *st);
const char *model_age(const struct model *m, char *buf, size_t size);    /* "updated 3s ago" */
const char *model_budget(const struct model *m, char *buf, size_t size); /* "12 req/min 3.5 RCU" */
const char *model_list_title(const struct model *m, char *buf,
                             size_t size); /* with filter, marks */
/* The status row when no input is open: note, else link trouble, else loading progress, else "". */
const char *model_status(const struct model *m, char *buf, size_t size, enum style *st);
const char *model_banner(const struct model *m, char *buf, size_t size); /* for an empty list */

/* Footer hints of the present scope, most useful first: how many were written. */
struct hint {
    char key[KEY_NAME_SIZE];
    const char *text;
};
size_t model_hints(const struct model *m, struct hint *out, size_t max);
#endif
