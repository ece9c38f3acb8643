/* desk.h - what every screen of the dashboard works with and none owns: the clock of the event, the
 * settings, keys and jobs, the notes and errors told to a person, the numbers of requests, the
 * actions under way. A screen sees this and its own state, never another screen. UI thread only. */
#ifndef APP_DESK_H
#define APP_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/effect.h"
#include "app/keymap.h"
#include "config/settings.h"
#include "context_rows.h"
#include "copied.h"
#include "detail.h"
#include "dialog.h"
#include "edit.h"
#include "form.h"
#include "line.h"
#include "menu.h"
#include "palette.h"
#include "search.h"
#include "store.h"
#include "where.h"
#include "window.h"
#include "work/schedule.h"

enum link_state {
    LINK_CONNECTING, /* no reply yet */
    LINK_LIVE,
    LINK_FAILING, /* the last calls failed: the data are kept and shown in grey */
    LINK_EXPIRED  /* the credentials were refused or have expired */
};

/* The sources of the list: it is asked from several services, and one of them may fail while the
 * others answer. */
enum link_source { SOURCE_TABLE, SOURCE_BATCH, SOURCE_IDENTITY, SOURCE_COUNT };

struct source {
    struct err err;       /* the last failure; code E_OK while the source answers */
    int64_t since_ms;     /* wall: since when the source has failed */
    int64_t last_good_ms; /* wall: the last good reply; TIME_NONE */
    int failures;         /* failures in a row */
};

struct link {
    enum link_state state;
    struct err err;       /* why the link fails or is expired */
    int64_t since_ms;     /* wall: when this state began */
    int64_t last_good_ms; /* wall: the last good reply for the list; TIME_NONE */
    struct source sources[SOURCE_COUNT];
    char account[32], arn[256], source[96];
    int64_t expires_ms; /* when the credentials expire; TIME_NONE when they do not */
    double requests_per_min, read_units_per_min;
    uint64_t throttles;
};

/* What the dead letter queue holds. */
struct dlq_depth {
    enum { DLQ_NOT_ASKED, DLQ_KNOWN, DLQ_UNKNOWN } state;
    int64_t messages; /* about so many; of a known depth */
};

struct loading {
    bool active; /* the first full load is under way */
    int done, segments;
    size_t jobs; /* how many jobs have come so far */
};

/* An entry in the list of errors. */
struct error_entry {
    int64_t at_ms;
    int64_t last_ms; /* when the same error last came again */
    unsigned times;
    struct err err;
    char what[64]; /* what failed: "Deploy", "Job list" */
};
#define ERRORS_MAX 200

/* A note holds an error with what to do about it, and what it happened to. */
enum { NOTE_SIZE = ERR_TEXT_SIZE + 300 };
enum note_kind { NOTE_INFO, NOTE_GOOD, NOTE_WARN, NOTE_BAD };

enum errand_kind {
    ERRAND_NONE,
    ERRAND_LEAVE,    /* go to the jobs */
    ERRAND_BACK,     /* go back to where the person was before */
    ERRAND_JOB,      /* go to a job's detail, with the list's cursor on the job */
    ERRAND_LINE,     /* go to a line of a job's log */
    ERRAND_SEARCH,   /* open the line in which a search is typed */
    ERRAND_RETRY,    /* ask whether this job is to be sent again */
    ERRAND_CHILDREN, /* go to the children of an array job */
    ERRAND_PICKED,   /* go to the list, which shows the jobs of store_pick alone */
    ERRAND_COMMAND,  /* carry out what was typed in the command line */
    ERRAND_ACTION    /* carry out an action of the table of keys, as if its key had been pressed */
};

struct desk {
    const struct settings *settings; /* borrowed */
    struct context_rows contexts;    /* of config.ini */
    struct keymap *keys;             /* the model owns this and the next two */
    struct schedule *schedule;
    struct store *store;
    int64_t now_ms, mono_ms; /* the times of the last event */
    /* Counts the events that may change more than the cursor in the list of the jobs: within one
     * scene header, list, counts, form and footer are drawn from the same, and the list tells the
     * time of its beginning. No two models of a process have a scene in common. */
    uint64_t scene;
    int64_t scene_ms;
    bool burst; /* the key under way came with other input: it answers no question */
    bool amid;  /* more of that input follows: the key hands the terminal to nobody */
    bool ascii, read_only, read_only_fixed, paused;
    bool read_only_named; /* the context is read-only: lifting that takes its name */
    const struct doctor_terminal *terminal; /* borrowed; NULL: nothing is known of the terminal */
    struct link link;
    struct loading loading;
    struct dlq_depth dlq;
    struct where where;
    struct layout layout; /* the layout for the present size, made at the end of each event */

    struct error_entry errors[ERRORS_MAX]; /* newest first */
    size_t errors_len;
    size_t errors_unseen;
    char note[NOTE_SIZE]; /* the note in the status rows */
    enum note_kind note_kind;
    int64_t note_until_ms;     /* monotonic: when the note goes; 0: at the next key */
    int64_t note_keep_ms;      /* monotonic: another note waits until then, or until a key; 0 */
    size_t note_remedy;        /* where what to do begins in the note; 0: that is not known */
    char note_next[NOTE_SIZE]; /* the note that waits; "" */
    size_t note_next_remedy;
    enum note_kind note_next_kind;
    /* the last note that showed, for the window of errors, which shows it in full */
    struct told {
        char text[NOTE_SIZE];
        enum note_kind kind;
        int64_t at_ms;
    } last;
    char unknown[KEY_NAME_SIZE]; /* the last key, if it did nothing; "" */
    uint32_t told;               /* counts the notes and errors told: it changes what shows */

    /* What stands over the body while it is open (screens.h), and what is typed in lines that
     * belong to no screen. */
    struct dialog dialog;
    struct line line;
    struct menu menu;
    struct window window;
    struct palette palette;
    struct search search;
    struct copied copied;
    /* borrowed: the text that a search means: that of the topmost screen that has one; NULL */
    struct textview *text;
    struct errand {
        enum errand_kind kind;
        char *text; /* owned: a job's id, a command; NULL */
        enum detail_tab tab;
        enum action action;
        char *line; /* owned; ERRAND_LINE: what stands there, and when; NULL */
        int64_t at_ms;
        int attempt;
        /* ERRAND_SEARCH: a search that keeps only what matches; ERRAND_CHILDREN: for the sake of a
         * log */
        bool flag;
    } errand; /* where a screen wants to go: carried out at the end of the event */

    uint32_t next_request;
    struct action_under_way {
        uint32_t request;
        enum task_kind kind;
        char *job_id; /* owned; NULL when there is none */
        /* owned: the actions under way: deploys, cancels, retries, and waits for Batch to end a job
         */
    } * actions;
    size_t actions_len, actions_cap;
    struct elsewhere {    /* in the other contexts of `:ctx *` */
        size_t pending;   /* actions under way, as desk_pending counts them */
        size_t marked;    /* marked jobs */
        const char *runs; /* a command of [commands] that runs; borrowed; NULL: none */
        bool unsent;      /* a form holds a deploy that was not sent */
        size_t jobs, stuck, by_status[JOB_STATUS_COUNT]; /* jobs, as struct stats counts them */
    } elsewhere;
};
/* frees what the desk owns, except keys, schedule, store and layers */
void desk_done(struct desk *d);

/* ---- what is told ---- */

/* How long good news stay; bad news stay until the next key. The result of an action stays at least
 * the second time, whatever happens meanwhile. */
enum { NOTE_MS = 6000, NOTE_KEEP_MS = 4000 };

/* Shows a sentence in the status row; its text is cleaned. */
void desk_note(struct desk *d, enum note_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Shows an error with what to do about it; `what` comes before it and may be "". */
void desk_note_err(struct desk *d, enum note_kind kind, const struct err *e, const char *what, ...)
    PRINTF_LIKE(4, 5);
/* Keeps a text that showed elsewhere as the last one told, so that it can be read in full. */
void desk_told(struct desk *d, enum note_kind kind, const char *text);
/* keeps the note just made: a later note waits until it was read */
void desk_keep_note(struct desk *d);
/* Called with a key and what it means where no text is typed: says once of a key that it does
 * nothing here, and which key shows those that do. */
void desk_key(struct desk *d, const char *key, enum action a);
void desk_note_key(struct desk *d);         /* called when a key was pressed: bad news were seen */
void desk_note_tick(struct desk *d);        /* called when time has passed */
int64_t desk_note_ms(const struct desk *d); /* monotonic: when desk_note_tick is wanted; 0 */
/* Adds an error to the list; the same error again is only counted. `what`: "Deploy", "Job list". */
void desk_error(struct desk *d, const char *what, const struct err *e);
/* Does the same for the error that a task ended with: E_OK and a cancellation on purpose are no
 * errors. True when there was an error. */
bool desk_failed(struct desk *d, const char *what, const struct err *e);

/* Writes what stands at the end of a message that was cut: the key of the window that shows all of
 * it, " ! shows all". Returns buf. */
enum { DESK_MORE_SIZE = 64 };
const char *desk_more(const struct desk *d, char buf[DESK_MORE_SIZE]);
/* The same where another action's key shows all. */
const char *desk_more_by(const struct desk *d, enum action a, char buf[DESK_MORE_SIZE]);

/* ---- asking and changing ---- */

uint32_t desk_request(struct desk *d); /* the number of a new request */
/* Notes an action that is under way, so that it is counted and its reply is recognised. */
void desk_track(struct desk *d, uint32_t request, enum task_kind kind, const char *job_id);
/* Removes an action from the list; false when it is not there. `*job_id` gets the owned id. */
bool desk_untrack(struct desk *d, uint32_t request, char **job_id);
/* how many deploys, cancels and retries are under way, without the waits */
size_t desk_pending(const struct desk *d);
/* Whose the credentials are, where the context in force names an account. */
enum desk_account {
    ACCOUNT_ANY,       /* no account is named */
    ACCOUNT_NOT_KNOWN, /* AWS has not told yet: each action asks before it writes */
    ACCOUNT_RIGHT,
    ACCOUNT_OTHER /* nothing is written */
};
enum desk_account desk_account(const struct desk *d);
bool desk_reads_only(const struct desk *d); /* is it certain that nothing may be changed? */
/* The same as a question before something changes: false, and a note says why. */
bool desk_may_change(struct desk *d);
/* Adds pasted text at the cursor; a note says that some of it could not be taken. */
void desk_paste(struct desk *d, struct edit *e, const char *text, size_t len);
/* Asked before a key sends something without a question, or hands the terminal to a shell or pager,
 * which would run the rest of what was pasted. False, with a note, when the key came among other
 * input. */
bool desk_key_meant(struct desk *d);
bool desk_covered(const struct desk *d); /* something that stands over the screen has the keys */

/* ---- where a screen wants to go: the top of the dashboard does it at the end of the event ---- */

void desk_leave(struct desk *d);
void desk_back(struct desk *d);
void desk_open_job(struct desk *d, const char *job_id, enum detail_tab tab);
/* Goes to the line that was written at that time in the log of this attempt (0: the last one). */
void desk_open_line(struct desk *d, const char *job_id, int attempt, int64_t at_ms,
                    const char *line);
void desk_search(struct desk *d, bool keeps);
void desk_retry(struct desk *d, const char *job_id);
void desk_open_children(struct desk *d, const char *job_id,
                        bool for_log); /* `job_id` NULL: a note says that there is no job */
/* Goes to the list of the jobs that store_pick chose; `of` tells what they have in common. */
void desk_show_picked(struct desk *d, const char *of);
void desk_command(struct desk *d, const char *line);
void desk_do(struct desk *d, enum action a);
/* Takes the errand; the caller owns its texts. False: there is none. */
bool desk_take_errand(struct desk *d, struct errand *out);

struct form_target desk_target(const struct desk *d); /* where a deploy would go */
#endif
