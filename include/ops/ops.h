/* ops.h - what every operation needs: an account, the settings, the state folder.
 *
 * Front ends (dashboard, CLI, REST) touch AWS only through the functions of this area, so that all
 * of them do the same. All functions here block on the network and may run on any thread; a struct
 * ops is read-only after ops_new and shared. The UI thread never calls them. */
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

struct ops_halt;       /* opaque: src/ops/ops.c */
struct batch_names;    /* opaque: src/ops/batch_names.c */
struct place;          /* ops/place.h */
struct queue_capacity; /* opaque: src/ops/queue_capacity.c */
struct queue_memory;   /* opaque: src/ops/queue_look.c */
struct sync_log;       /* ops/sync_log.h */
struct write_guard;    /* ops/guard.h */

struct ops {
    struct aws_client *aws;          /* owned */
    struct write_guard *guard;       /* owned; NULL: the context names no account */
    const struct settings *settings; /* borrowed */
    const struct clock *clock;       /* borrowed; NULL: the system's */
    struct log *log;                 /* borrowed; NULL: none */
    char *state_dir;                 /* owned: $XDG_STATE_HOME/mvpdash; made 0700 when needed */
    /* owned: "user@host", which is written where AWS keeps a reason */
    char *actor;
    const char *table, *bus, *queue, *log_group; /* from the settings; never NULL */
    const char *source, *detail_type, *rule;     /* from the settings; never NULL */
    /* the table that keeps the outbox, the keys and the strays (ops/state_table.h); borrowed from
     * the settings. NULL: files of state_dir do */
    const char *state;
    struct ops_halt *halt; /* owned */
    /* owned: which Batch job belongs to which job, as far as Batch was asked */
    struct batch_names *names;
    struct queue_capacity *capacity;   /* owned: whether jobs run on Spot; NULL: nobody asks */
    struct queue_memory *queue_memory; /* owned: the last look at the queue; NULL: nobody looks */
    atomic_int_fast64_t
        *bus_seen_ms;          /* owned: monotonic, when the bus was last seen; 0 or NULL: never */
    struct place *place;       /* owned: whose the state on disk is */
    struct sync_log *sync_log; /* owned: one sync for many deploys; NULL: each syncs for itself */
    /* For tests only, NULL otherwise: told of each step of a deploy ("named", "kept", "record",
     * "send", "marked", "sent", ...) before the next one begins; a test ends the process there, to
     * prove that nothing is lost or doubled. */
    void (*fault)(const char *step);
};

/* Makes the client from the settings, without a request. NULL with `e`. */
struct ops *ops_new(const struct settings *s, const struct clock *clock, struct log *log,
                    struct err *e);
void ops_free(struct ops *o); /* no call may be under way; NULL allowed */

/* Makes every call that is under way or still to come end soon with E_CANCELLED, waits included,
 * until it is called with false. Any thread. */
void ops_stop(const struct ops *o, bool on);
/* Waits that long, unless ops_stop comes: then it returns false at once. */
bool ops_sleep(const struct ops *o, int ms);

/* Begins an operation: all its calls together may take what --timeout says, and no longer than an
 * operation that it is a part of. End it with ops_end and with what ops_begin returned. Each thread
 * does so for itself. */
int64_t ops_begin(const struct ops *o);
void ops_end(int64_t begun);

struct job_prices ops_prices(const struct settings *s); /* the prices of [cost] */
/* The rules for what counts as stuck or drifted: the defaults, with what the settings say. */
struct state_rules ops_state_rules(const struct settings *s);
#endif
