/* session.h - the place that the dashboard works on: the settings of one context with its account,
 * workers, queue of replies, and model.
 *
 * Going to another context makes a new session, and the old one ends beside the dashboard: its
 * queue is closed and never read again, so that no reply of it can reach the new model; its
 * actions go to their own end, and what else is under way ends soon. UI thread only. */
#ifndef UI_SESSION_H
#define UI_SESSION_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "app/model.h"
#include "config/settings.h"
#include "core/err.h"
#include "ops/ops.h"
#include "ops/snapshot.h"
#include "work/msgq.h"
#include "work/pool.h"

struct session {
    const struct settings *settings; /* owned, as ops, unless the program started with them */
    const struct ops *ops;
    bool owned;
    struct model *model;
    struct msgq *queue;
    struct pool *pool;         /* NULL until the first frame is out: until then tasks wait */
    struct snapshot *snapshot; /* the rest of the kept list, while there is any */
    bool snapshot_late;        /* it was not known yet whose the kept list is */
    bool watched_read;         /* the jobs that an earlier run watched have been read */
    bool loading;              /* the first load was under way when this was last looked at */
    /* while it ends beside the dashboard */
    struct session *next;
    pthread_t thread;
    atomic_bool ended;
};

/* Makes the session that the program starts with, on borrowed settings. */
struct session *session_first(const struct ops *o);
/* Makes the session of another context of the same configuration (NULL: of none). NULL with `e`. No
 * request is made. */
struct session *session_other(const struct session *from, const char *context, struct err *e);
/* Makes queue and workers. */
MUST_CHECK enum err_code session_start(struct session *s, struct err *e);
/* Ends it beside the dashboard: adds it to `*retired`, from which sessions that have ended go.
 * Takes `s`. */
void session_retire(struct session *s, struct session **retired);
/* Ends all of them soon, and waits for that. */
void session_end_retired(struct session **retired);
/* Ends calls that are under way soon, and frees all. NULL allowed. */
void session_free(struct session *s);

/* Is everything that changes AWS refused for good, whatever is typed? */
bool session_read_only(const struct session *s);
#endif
