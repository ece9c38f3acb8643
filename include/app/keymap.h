/* keymap.h - what keys do: ONE table of actions. Help, footer, palette, README and the [keys]
 * section of config.ini are all made from it. Pure.
 *
 * A key is looked up first in the scope that has the focus, then in SCOPE_ALL. Where text is typed
 * (form, input, dialog with a count) printable keys are never looked up in SCOPE_ALL. */
#ifndef APP_KEYMAP_H
#define APP_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "app/event.h"
#include "config/settings.h"
#include "core/err.h"

/* One row for each scope: its letter in the table of keys (key_table.c), its name, its heading in
 * the help. The help tells the scopes in this order. */
#define SCOPE_MAP(ROW)                                                                             \
    ROW(A, SCOPE_ALL, "Everywhere")                                                                \
    ROW(L, SCOPE_LIST, "Job list")                                                                 \
    ROW(D, SCOPE_DETAIL, "Job detail")                                                             \
    ROW(G, SCOPE_LOG, "Log")                                                                       \
    ROW(Q, SCOPE_DLQ, "Dead letter queue")                                                         \
    ROW(M, SCOPE_DLQ_TEXT, "Message of the dead letter queue")                                     \
    ROW(V, SCOPE_DLQ_EDIT, "Event being edited")                                                   \
    ROW(E, SCOPE_EVENTS, "Events of the rule")                                                     \
    ROW(B, SCOPE_BULK, "Batch deploys")                                                            \
    ROW(H, SCOPE_DOCTOR, "Doctor")                                                                 \
    ROW(C, SCOPE_CHILDREN, "Children of an array job")                                             \
    ROW(K, SCOPE_CHILD, "A child")                                                                 \
    ROW(O, SCOPE_CHILD_LOG, "Log of a child")                                                      \
    ROW(R, SCOPE_LISTING, "The queue, rules of the bus")                                           \
    ROW(S, SCOPE_STATS, "Statistics")                                                              \
    ROW(Y, SCOPE_COMPARE, "Two jobs side by side")                                                 \
    ROW(T, SCOPE_GREP, "Search in the logs of many jobs")                                          \
    ROW(N, SCOPE_WELCOME, "Welcome: no credentials yet")                                           \
    ROW(F, SCOPE_FORM, "Deploy form")                                                              \
    ROW(X, SCOPE_DIALOG, "Questions")                                                              \
    ROW(I, SCOPE_INPUT, "Typed lines")                                                             \
    ROW(P, SCOPE_PICK, "Menus and columns")                                                        \
    ROW(W, SCOPE_WINDOW, "Windows")

#define SCOPE_ENUM(letter, scope, title) scope,
enum scope { SCOPE_MAP(SCOPE_ENUM) SCOPE_COUNT };
#undef SCOPE_ENUM
const char *scope_title(enum scope s); /* "Job list": a heading of the help */
bool scope_types(enum scope s);        /* text is typed there */

#define ACTION_MAP(X)                                                                              \
    X(ACT_NONE)                                                                                    \
    /* everywhere */                                                                               \
    X(ACT_HELP)                                                                                    \
    X(ACT_PALETTE)                                                                                 \
    X(ACT_CLOSE)                                                                                   \
    X(ACT_BACK)                                                                                    \
    X(ACT_QUIT)                                                                                    \
    X(ACT_REDRAW)                                                                                  \
    X(ACT_REFRESH)                                                                                 \
    X(ACT_PAUSE)                                                                                   \
    X(ACT_ERRORS)                                                                                  \
    X(ACT_WHOAMI)                                                                                  \
    X(ACT_NEXT_PANE)                                                                               \
    X(ACT_PREV_PANE)                                                                               \
    X(ACT_VIEW_JOBS)                                                                               \
    X(ACT_VIEW_TIMELINE)                                                                           \
    X(ACT_VIEW_DLQ)                                                                                \
    X(ACT_VIEW_EVENTS)                                                                             \
    X(ACT_VIEW_BULK)                                                                               \
    X(ACT_VIEW_DOCTOR)                                                                             \
    X(ACT_VIEW_STATS)                                                                              \
    X(ACT_VIEW_GREP)                                                                               \
    X(ACT_VIEW_BUS)                                                                                \
    X(ACT_VIEW_QUEUE)                                                                              \
    X(ACT_VIEW_PREVIOUS)                                                                           \
    X(ACT_HEADER)                                                                                  \
    X(ACT_SAVE_SCREEN)                                                                             \
    X(ACT_SUSPEND)                                                                                 \
    X(ACT_COPIED)                                                                                  \
    X(ACT_OUTPUT)                                                                                  \
    X(ACT_OUTPUT_STOP)                                                                             \
    X(ACT_READ_ONLY)                                                                               \
    X(ACT_READ_WRITE)                                                                              \
    X(ACT_CONTEXT)                                                                                 \
    /* moving */                                                                                   \
    X(ACT_UP)                                                                                      \
    X(ACT_DOWN)                                                                                    \
    X(ACT_TOP)                                                                                     \
    X(ACT_BOTTOM)                                                                                  \
    X(ACT_PAGE_UP)                                                                                 \
    X(ACT_PAGE_DOWN)                                                                               \
    X(ACT_HALF_UP)                                                                                 \
    X(ACT_HALF_DOWN)                                                                               \
    X(ACT_LEFT)                                                                                    \
    X(ACT_RIGHT)                                                                                   \
    /* job list */                                                                                 \
    X(ACT_OPEN)                                                                                    \
    X(ACT_DESCRIBE)                                                                                \
    X(ACT_JSON)                                                                                    \
    X(ACT_LOGS)                                                                                    \
    X(ACT_LOGS_PREVIOUS)                                                                           \
    X(ACT_TIMELINE)                                                                                \
    X(ACT_WHY)                                                                                     \
    X(ACT_CANCEL)                                                                                  \
    X(ACT_RETRY)                                                                                   \
    X(ACT_NEW)                                                                                     \
    X(ACT_AGAIN)                                                                                   \
    X(ACT_WATCH)                                                                                   \
    X(ACT_MARK)                                                                                    \
    X(ACT_RANGE)                                                                                   \
    X(ACT_MARK_ALL)                                                                                \
    X(ACT_MARK_NONE)                                                                               \
    X(ACT_FILTER)                                                                                  \
    X(ACT_STATUS_MENU)                                                                             \
    X(ACT_FAILING)                                                                                 \
    X(ACT_SORT_LEFT)                                                                               \
    X(ACT_SORT_RIGHT)                                                                              \
    X(ACT_SORT_INVERT)                                                                             \
    X(ACT_SORT_NAME)                                                                               \
    X(ACT_SORT_AGE)                                                                                \
    X(ACT_SORT_STATUS)                                                                             \
    X(ACT_SORT_DURATION)                                                                           \
    X(ACT_FAILING_FIRST)                                                                           \
    X(ACT_COLUMNS)                                                                                 \
    X(ACT_WIDE)                                                                                    \
    X(ACT_STICK)                                                                                   \
    X(ACT_COMPARE)                                                                                 \
    X(ACT_RETRY_SHOW)                                                                              \
    X(ACT_COPY)                                                                                    \
    X(ACT_COPY_MENU)                                                                               \
    X(ACT_COPY_URL)                                                                                \
    X(ACT_OPEN_URL)                                                                                \
    /* detail and log */                                                                           \
    X(ACT_TAB_NEXT)                                                                                \
    X(ACT_TAB_PREV)                                                                                \
    X(ACT_SEARCH)                                                                                  \
    X(ACT_MATCH_NEXT)                                                                              \
    X(ACT_MATCH_PREV)                                                                              \
    X(ACT_KEEP)                                                                                    \
    X(ACT_CASE)                                                                                    \
    X(ACT_WRAP)                                                                                    \
    X(ACT_FULL)                                                                                    \
    X(ACT_FOLLOW)                                                                                  \
    X(ACT_STAMPS)                                                                                  \
    X(ACT_ATTEMPT_PREV)                                                                            \
    X(ACT_ATTEMPT_NEXT)                                                                            \
    X(ACT_LOG_TAIL)                                                                                \
    X(ACT_LOG_HEAD)                                                                                \
    X(ACT_LOG_1M)                                                                                  \
    X(ACT_LOG_5M)                                                                                  \
    X(ACT_LOG_15M)                                                                                 \
    X(ACT_LOG_30M)                                                                                 \
    X(ACT_LOG_1H)                                                                                  \
    X(ACT_LINE_MARK)                                                                               \
    X(ACT_SELECT)                                                                                  \
    X(ACT_SAVE_ALL)                                                                                \
    X(ACT_PAGER)                                                                                   \
    /* dead letter queue */                                                                        \
    X(ACT_DLQ_ATTRIBUTES)                                                                          \
    X(ACT_DLQ_SEND)                                                                                \
    X(ACT_DLQ_EDIT)                                                                                \
    X(ACT_DLQ_DELETE)                                                                              \
    /* doctor */                                                                                   \
    X(ACT_CHILDREN)                                                                                \
    X(ACT_CHILD_STATES)                                                                            \
    X(ACT_DOCTOR_JOB)                                                                              \
    X(ACT_CHECK_FULL)                                                                              \
    X(ACT_CHECK_AGAIN)                                                                             \
    X(ACT_CHECK_ALL)                                                                               \
    X(ACT_COPY_REMEDY)                                                                             \
    X(ACT_SAVE_REPORT)                                                                             \
    X(ACT_CANARY)                                                                                  \
    /* statistics */                                                                               \
    X(ACT_STATS_BY)                                                                                \
    X(ACT_STATS_SHORTER)                                                                           \
    X(ACT_STATS_LONGER)                                                                            \
    /* welcome */                                                                                  \
    X(ACT_TRY_LOCAL)                                                                               \
    X(ACT_TRY_AGAIN)                                                                               \
    /* form */                                                                                     \
    X(ACT_FIELD_NEXT)                                                                              \
    X(ACT_FIELD_PREV)                                                                              \
    X(ACT_CHOICE_NEXT)                                                                             \
    X(ACT_CHOICE_PREV)                                                                             \
    X(ACT_TEST)                                                                                    \
    X(ACT_SEND)                                                                                    \
    X(ACT_LEAVE)                                                                                   \
    /* a file of deploys */                                                                        \
    X(ACT_BULK_FILE)                                                                               \
    X(ACT_BULK_ANEW)                                                                               \
    /* dialog, input, menus */                                                                     \
    X(ACT_YES)                                                                                     \
    X(ACT_NO)                                                                                      \
    X(ACT_ACCEPT)                                                                                  \
    X(ACT_FOCUS_NEXT)                                                                              \
    X(ACT_FOCUS_PREV)                                                                              \
    X(ACT_COMPLETE)                                                                                \
    X(ACT_TOGGLE)                                                                                  \
    X(ACT_MOVE_UP)                                                                                 \
    X(ACT_MOVE_DOWN)                                                                               \
    X(ACT_RESET)

#define ACTION_ENUM(id) id,
enum action { ACTION_MAP(ACTION_ENUM) ACTION_COUNT };
#undef ACTION_ENUM

/* One row for each action and each group of scopes in which it works. */
struct binding {
    unsigned scopes; /* set of 1 << enum scope */
    /* separated by blanks; "" when the action can be reached only by the palette or config.ini */
    const char *keys;
    enum action action;
    const char *name; /* the name in the palette and in [keys]: "cancel" */
    const char *help; /* "Cancel the marked jobs, or this one (asks)" */
    const char *hint; /* one or two words for the footer, NULL: the action is not there */
    bool palette;     /* the action makes sense as a typed command */
    bool changes;     /* the action changes something in AWS: it is refused when read-only */
};
extern const struct binding key_bindings[];
extern const size_t key_bindings_len;

/* What the footer keeps when the terminal is narrow, what matters most first. The other actions
 * that have a hint follow in the order of key_bindings. */
struct footer_row {
    unsigned scopes; /* where the row counts; SCOPE_ALL: everywhere */
    enum action action;
    bool always; /* the footer always shows it, at its end */
};
extern const struct footer_row footer_rows[];
extern const size_t footer_rows_len;

struct keymap;

/* The defaults with the [keys] rows of config.ini over them ("cancel = x F9"; an empty value takes
 * all keys away). Unknown actions and keys, and keys that two actions of one scope want, come out
 * as warnings with their line; the rest is in force. */
struct keymap *keymap_new(const struct setting_key *keys, size_t len);
/* A command of [commands] as a row of the keymap, in the list and in the detail with its log. */
struct key_own {
    const char *name; /* as it is typed in the command line */
    const char *keys; /* separated by blanks; "": none */
    const char *help;
    int line;     /* of config.ini */
    bool changes; /* refused when read-only */
};
/* The same with the commands of a person. A row of [keys] named "view NAME" is a row of the keymap
 * too: its keys work everywhere. A key that such a row takes from another action is told. */
struct keymap *keymap_with(const struct setting_key *keys, size_t len, const struct key_own *own,
                           size_t own_len);
/* The line that a key types into the command line where it is pressed: "view failing"; NULL: it
 * means something else, or nothing. Owned by k. */
const char *keymap_line(const struct keymap *k, enum scope scope, const char *key);
void keymap_free(struct keymap *k);
size_t keymap_warnings(const struct keymap *k);
/* How many of the warnings, the first ones, tell of what does not count; the others tell which
 * action lost a key. */
size_t keymap_faults(const struct keymap *k);
const char *keymap_warning(const struct keymap *k, size_t i);

enum action keymap_find(const struct keymap *k, enum scope scope, const char *key);
/* Does the same without falling back to SCOPE_ALL. */
enum action keymap_find_only(const struct keymap *k, enum scope scope, const char *key);
/* The keys that reach a binding now, for people: "x F9"; "" when none. */
const char *keymap_keys(const struct keymap *k, const struct binding *b);
/* The first of these keys that does this in the scope, where a narrower group may have taken it,
 * for the footer; NULL when there is none. */
const char *keymap_first(const struct keymap *k, const struct binding *b, enum scope scope,
                         char buf[32]);
bool key_name_valid(const char *key);
/* Reads the keys of "x F9", "x, F9" or "x,F9", at most `max`: how many there are. A name as people
 * write it (f9, ctrl-x, ^x, Ctrl+X, space, pagedown) becomes the one that key_name_valid knows; a
 * name of no key stays as it is. A comma alone is the key; among others it separates, and its name
 * is "comma". */
size_t key_names_read(const char *keys, char out[][32], size_t max);
bool key_is_text(const char *key);               /* one printable character, or Space */
const struct binding *binding_of(enum action a); /* the first row of an action; NULL for ACT_NONE */
/* The row of a palette name; NULL. */
const struct binding *binding_named(const char *name);

bool binding_moves(const struct binding *b); /* does it only move a cursor or a text? */
/* The help of a scope as lines: "keys<TAB>what it does"; a line without a TAB is a heading, one
 * that begins with it a sentence. What a person does there, the scope's own keys, those that work
 * everywhere and mean nothing else there, those that move. An owned string. SCOPE_COUNT: the rows
 * of all scopes, in their order. */
char *keymap_help(const struct keymap *k, enum scope scope);

/* All default keys for the documentation: lines of "keys<TAB>what it does<TAB>name of the action";
 * a line without a TAB is a heading. Owned. */
char *keymap_manual(void);
/* All that can be typed behind `:`: lines of ":name<TAB>what it does". Owned. */
char *typed_manual(void);
#endif
