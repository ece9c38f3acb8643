/* ops.h - what every operation needs: an account, the settings, the state folder.
 *
 * Front ends (dashboard, CLI, REST) do nothing to AWS but through the functions of this area, so
 * that each does the same. All functions here block on the network and may run on any thread; a
 * struct ops is read-only after ops_new and shared. The UI thread never calls them. */
#ifndef OPS_OPS_H
#define OPS_OPS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/client.h"
#include "config/settings.h"
#include "core/clock.h"
#include "core/err.h"
#include "core/log.h"
#include "jobs/state.h"

struct ops_halt;    /* opaque: src/ops/ops.c */
struct batch_names; /* opaque: src/ops/batch_names.h */
struct place;       /* ops/place.h */

struct ops {
    struct aws_client *aws;          /* owned */
    const struct settings *settings; /* borrowed */
    const struct clock *clock;       /* borrowed; NULL: the system's */
    struct log *log;                 /* borrowed; NULL: none */
    char *state_dir;                 /* owned: $XDG_STATE_HOME/mvpdash; made 0700 when needed */
    char *actor;                     /* owned: "user@host", written where AWS keeps a reason */
    const char *table, *bus, *queue, *log_group; /* of settings; never NULL */
    const char *source, *detail_type, *rule;     /* of settings; never NULL */
    struct ops_halt *halt;                       /* owned */
    struct batch_names *names; /* owned: whose jobs Batch jobs are, as far as it was asked */
    atomic_int_fast64_t
        *bus_seen_ms;    /* owned: monotonic, when the bus was seen; 0 or NULL: never */
    struct place *place; /* owned: whose the state on disk is */
    /* Tests only, NULL otherwise: told of each step of a deploy ("outbox", "record", "send",
     * "sent", ...) before the next begins; a test ends the process there, to prove that nothing is
     * lost or doubled. */
    void (*fault)(const char *step);
};

/* Makes the client from the settings; makes no request. NULL with `e`. */
struct ops *ops_new(const struct settings *s, const struct clock *clock, struct log *log,
                    struct err *e);
void ops_free(struct ops *o); /* no call may be under way; NULL allowed */

/* Makes every call that is under way or still to come end soon with E_CANCELLED, waits included
 * (until false). Any thread. */
void ops_stop(const struct ops *o, bool on);
/* Waits that long unless ops_stop comes: false then, at once. */
bool ops_sleep(const struct ops *o, int ms);

/* An operation begins: all its calls together may take what --timeout says, and no longer than an
 * operation that it is a part of. Ends with ops_end and what ops_begin returned. On each thread by
 * itself. */
int64_t ops_begin(const struct ops *o);
void ops_end(int64_t begun);

/* What counts as stuck or drifted: the defaults, with what the settings say. */
struct state_rules ops_state_rules(const struct settings *s);
#endif
