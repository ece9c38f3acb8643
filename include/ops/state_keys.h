/* state_keys.h - what became of requests with an Idempotency-Key, in the state table.
 *
 * The item of a key is written by the transaction that writes its job's record: when the item is
 * there, the job was taken in. It holds a digest of the request, never the request, nor the key.
 * Until the answer is set, the item has the lease of whoever works on the request. The answer is
 * set once: whoever comes second reads the first one's. An item ends after a day; one that the
 * table's TTL has not removed yet counts as absent. Any thread. */
#ifndef OPS_STATE_KEYS_H
#define OPS_STATE_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "jobs/deploy.h"
#include "ops/ops.h"

enum { STATE_KEY_KEPT_S = 24 * 3600 };

enum state_key_is {
    STATE_KEY_NONE, /* the key was never seen, or is forgotten */
    STATE_KEY_BUSY, /* somebody works on the request that came first */
    STATE_KEY_LEFT, /* whoever worked on it is gone: its job was taken in, its answer is not set */
    STATE_KEY_ANSWERED, /* `status` and `body` are the answer */
    STATE_KEY_OTHER     /* the key came with another request */
};

struct state_key {
    const struct ops *ops; /* borrowed */
    char pk[72];
    char digest[65];
    enum state_key_is is; /* what was found last */
    /* the ids of the request that came first */
    char job_id[JOB_ID_SIZE];
    char request_id[40];
    char owner[40];   /* the owner of the lease: ours, or what was found */
    int64_t lease_ms; /* until when, by the wall clock */
    int status;       /* for STATE_KEY_ANSWERED */
    char *body;       /* owned */
};

/* Makes the key of a client's request, whose digest tells it from others. Clear it afterwards. */
void state_key_init(const struct ops *o, const char *client, const char *key, const char *digest,
                    struct state_key *out);
void state_key_clear(struct state_key *k);
/* Reads what became of it: sets `is` and what belongs to it. */
MUST_CHECK enum err_code state_key_look(struct state_key *k, struct err *e);
/* Takes over a key that is STATE_KEY_LEFT. E_CONFLICT: another replica was faster; look again. */
MUST_CHECK enum err_code state_key_take(struct state_key *k, struct err *e);
/* Sets the answer of the request that `k` has the ids of. When there is one already, `k` gets it
 * (STATE_KEY_ANSWERED). Tries again within the thread's deadline, as long as that may help. */
MUST_CHECK enum err_code state_key_answer(struct state_key *k, int status, const char *body,
                                          struct err *e);

/* ---- for the transaction (dispatch_transact.c) ---- */

/* The item of a new request with these ids, and the condition on which it may be written; the lease
 * is ours from now on. `*values` belong to the condition. Both are owned. */
cJSON *state_key_item(struct state_key *k, const char *job_id, const char *request_id,
                      cJSON **values);
extern const char state_key_absent[];
/* Takes over what the item says; NULL: there is none. */
void state_key_read(struct state_key *k, const cJSON *item);
#endif
