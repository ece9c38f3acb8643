/* screen_fixture.h - a dashboard without a terminal or a network: a model, fixed jobs, a fixed
 * clock, and the answers that a worker would give. For the golden screens. */
#ifndef TESTS_SCREEN_FIXTURE_H
#define TESTS_SCREEN_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "app/surface.h"
#include "src/app/model_priv.h"

#define FIXTURE_NOW 1755685800000 /* 2025-08-20T10:30:00.000Z */

enum answers {
    ANSWER_ALL,
    ANSWER_NOTHING,  /* no reply at all */
    ANSWER_EMPTY,    /* a table without jobs */
    ANSWER_FAIL,     /* the network is gone */
    ANSWER_EXPIRED,  /* the credentials have expired */
    ANSWER_NO_CREDS, /* there are none */
    ANSWER_ERROR     /* every task ends with `error` */
};

struct fixture {
    struct settings *settings;
    struct model *model;
    struct effects fx;
    struct surface screen;
    enum answers answers;
    struct err error;
    bool rule_matches;
    bool read_only;
    const char *context; /* the lines of its [context NAME]; NULL: no context is in force */
    const char *name;    /* its name */
    int dlq;             /* how many messages the dead letter queue tells of */
    bool no_identity;    /* AWS does not say whose the credentials are */
    bool sound;          /* all checks of the doctor pass */
    int checks;          /* how many checks of the doctor end; 0: all */
    bool hostile;        /* jobs whose every string tries something */
    bool array;          /* the first job is a Batch array job of 12 */
    bool denied;         /* its children may not be listed, and one is forgotten */
    int64_t now_ms, mono_ms;
    bool left; /* EFF_QUIT came */
};

/* Criterion's init: locale, time zone, no environment. */
void fixture_process(void);
void fixture_open(struct fixture *f, int rows, int cols, bool ascii);
void fixture_close(struct fixture *f);
/* Answers the tasks that wait as `answers` says, and everything that follows from that, to the
 * end. */
void fixture_answer(struct fixture *f);
void fixture_key(struct fixture *f, const char *key);   /* "j", "Enter", "C-l" */
void fixture_keys(struct fixture *f, const char *keys); /* separated by blanks */
void fixture_type(struct fixture *f, const char *text); /* a key for each character */
void fixture_resize(struct fixture *f, int rows, int cols);
void fixture_pass(struct fixture *f, int seconds); /* a tick each second, answered */
const struct surface *fixture_draw(struct fixture *f);
#endif
