/* idem.h - private to api: the requests that came with an Idempotency-Key. They are kept for a day,
 * so that the same request, sent again, gets the same answer and does nothing twice; after a
 * restart or a crash too.
 *
 * Each key has a file, state_dir/idempotency/<sha256 of place, client and key>.jsonl, with mode
 * 0600. Its first line fixes the job id and is certain to stay before anything is sent; its second
 * line is the answer. Requests that wait together share the syncs (ops/sync_log.h). Whoever works
 * on a file holds flock on it. The file holds a digest of the request, never the request. Any
 * thread. */
#ifndef API_IDEM_H
#define API_IDEM_H

#include <stdint.h>

#include "jobs/deploy.h"
#include "ops/ops.h"
#include "ops/sync_log.h"

struct shared_sync; /* core/shared_sync.h */

enum { IDEM_KEY_MAX = 255, IDEM_KEPT_S = 24 * 3600 };

/* A pattern for what idem_check_key takes, without blanks around it. */
#define IDEM_KEY_PATTERN "^[!-~](?:[ -~]*[!-~])?$"

enum idem_state {
    IDEM_NEW,        /* the key was never seen: its ids are fixed on disk now */
    IDEM_BEGUN,      /* the key was seen, without an answer: its job may be on its way */
    IDEM_ANSWERED,   /* `status` and `body` are the answer */
    IDEM_OTHER_BODY, /* the key came with another request */
    IDEM_BUSY        /* the first request is still under way */
};

struct idem {
    char job_id[JOB_ID_SIZE];
    char request_id[40];
    int status;                 /* for IDEM_ANSWERED */
    char *body;                 /* owned */
    char *path;                 /* owned */
    int fd;                     /* the descriptor that holds the lock; -1: none */
    const struct ops *ops;      /* borrowed */
    struct shared_sync *folder; /* borrowed, as in struct idem_request */
    sync_note put;              /* the file's note in the log; SYNC_NONE: it is synced for itself */
    bool named;                 /* the name is certain to stay in the folder */
};

/* Checks that the key is 1 to 255 printable ASCII characters. E_INVALID. */
MUST_CHECK enum err_code idem_check_key(const char *key, struct err *e);
/* What idem_open needs to know of a request; all borrowed. */
struct idem_request {
    const char *client; /* the keys of one client mean nothing for another */
    const char *key;
    const char *digest;     /* the digest of the request */
    const char *job_id;     /* for a new entry */
    const char *request_id; /* for a new entry */
    int wait_ms;            /* how long to wait for a request that is under way */
    /* where there is no log: one sync of the keys' folder for requests that come together; NULL:
     * one for each */
    struct shared_sync *folder;
};
/* Opens the entry of a key. A new entry gets the request's ids, an old one tells its own. End it
 * with one of the three functions below, whatever its state is. E_CONFLICT when the key's file is
 * damaged or no plain file of this user: nobody can tell whether the request was done. E_IO; the
 * errors of place_text when the account is not known. */
MUST_CHECK enum err_code idem_open(const struct ops *o, const struct idem_request *q,
                                   struct idem *x, enum idem_state *state, struct err *e);
MUST_CHECK enum err_code idem_answer(struct idem *x, int status, const char *body, struct err *e);
void idem_forget(struct idem *x); /* nothing was done: the key may be used again */
void idem_leave(struct idem *x);

/* Removes what is older than IDEM_KEPT_S. */
void idem_purge(const struct ops *o);
#endif
