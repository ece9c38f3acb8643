/* event.h - what can happen to the dashboard. Each event brings the time along: update has no
 * clock. */
#ifndef APP_EVENT_H
#define APP_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "work/msg.h"

/* Key names: a printable character as its UTF-8 text ("j", "G", "é"), or one of Space, Enter, Tab,
 * Esc, Backspace, Delete, Insert, Up, Down, Left, Right, Home, End, PgUp, PgDn, F1-F12; before it
 * C- (Ctrl; letters are in lower case), M- (Alt) and S- (Shift, not with characters), in this
 * order: C-a, M-x, S-Tab, C-M-S-Left. Enter is C-m, Tab is C-i, Esc is C-[ ; C-\ C-] C-^ C-_ are
 * the rest of the control characters. */
#define KEY_NAME_SIZE 32

enum event_kind {
    EV_KEY,
    /* a bracketed paste: it goes into the field that is being edited, never to key bindings */
    EV_PASTE,
    EV_RESIZE, /* also the first event after model_new */
    EV_MSG,
    EV_TICK,    /* time has passed; it comes about once a second, and when model_wait_ms is over */
    EV_QUIT,    /* SIGTERM, SIGHUP, end of input: leave without asking */
    EV_RESUME,  /* back from Ctrl-Z or a pager: everything has to be drawn again */
    EV_SAVED,   /* the answer to EFF_SAVE */
    EV_COPIED,  /* the answer to EFF_COPY */
    EV_CURSOR,  /* the list's cursor was moved from outside (app/all.h) */
    EV_KEEP,    /* the model is about to end: keep what the next start shows first */
    EV_CONTEXT, /* the answer to EFF_CONTEXT when the context is not changed */
    EV_RAN,     /* the answer to EFF_TERMINAL */
    EV_MOUSE    /* only with --mouse */
};

/* What became of a text for the clipboard. No terminal answers to OSC 52, so nobody knows more than
 * that the text was sent. */
enum copy_way {
    COPY_PROGRAM,      /* a program of the desktop took it */
    COPY_SENT,         /* sent to the terminal */
    COPY_SENT_TMUX,    /* sent to tmux, which passes it on to the terminal */
    COPY_SENT_SCREEN,  /* sent through screen, which passes it on to the terminal */
    COPY_SENT_PERHAPS, /* sent; a tmux that could not be asked stands before the terminal */
    COPY_STOPPED,      /* sent to tmux, which is set to pass nothing on */
    COPY_TOO_LONG,     /* not sent: the terminal would cut it off */
    COPY_NO_CLIPBOARD  /* not sent: the terminal takes no OSC 52 */
};

enum mouse_button { MOUSE_LEFT, MOUSE_DOUBLE, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

struct app_event {
    enum event_kind kind;
    int64_t now_ms;  /* wall clock, epoch milliseconds */
    int64_t mono_ms; /* never goes back */
    /* EV_KEY: the key came with other input, or before the effect of an earlier key was shown:
     * nobody has read a question that it could answer */
    bool burst;
    /* EV_KEY: more input came right behind the key, or much before it: it is part of a text that
     * was pasted without marks, and what follows is not meant for a shell */
    bool amid;
    union {
        char key[KEY_NAME_SIZE];
        struct {
            const char *text; /* borrowed */
            size_t len;
        } paste;
        struct {
            int rows, cols;
        } resize;
        struct msg *msg; /* borrowed; payloads may be moved out of it */
        struct {
            const char *what; /* borrowed: a path, or the answer to EFF_OPEN */
            struct err err;
        } saved;
        struct {
            const char *what, *text; /* borrowed: what the text is, and the text */
            size_t limit;            /* COPY_TOO_LONG: so many bytes go at most */
            enum copy_way way;
            const char *program; /* static; COPY_PROGRAM: its name */
            bool no_browser;     /* it was meant for a browser, and there is none */
        } copied;
        struct err context; /* why not */
        struct {
            const char *name, *job_id; /* borrowed: the command, and the job that it ran on */
            const char *how;           /* borrowed: "ended with status 1" */
            struct err err;            /* why it could not be run */
        } ran;
        struct {
            int row, col;
            enum mouse_button button;
        } mouse;
    } u;
};
#endif
