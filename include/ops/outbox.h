/* outbox.h - the requests that are on their way: one file for each, so that a crash or a lost link
 * loses none and doubles none (SPEC 1.4).
 *
 * A file is state_dir/outbox/<jobId>.json, 0600 (it holds the database URL), written as a whole
 * under another name, then linked into place. It is synced with its folder, or deploys that wait
 * together share the sync of a log (sync_log.h) instead. Whoever works on an entry holds flock on
 * it, so that several processes never resume the same one; a file whose owner died is free at once.
 *
 * The stage says how far the request certainly came:
 *   kept  the file is there; the record may be written or not; the event was not sent
 *   sent  PutEvents was begun at `sent_ms`: whether the bus has the event is not known
 *   dead  EventBridge refused the event for good (`why`); the record still has to be marked FAILED
 *
 * An entry belongs to one place (place.h): it is resumed and counted only with keys that are proven
 * to be of its account. An entry that nobody can read, that is proven to be another account's, or
 * that is not proven, stays as it is, and outbox_scan tells of it. Nothing here follows a link or
 * waits for a pipe. Any thread; may ask for the account.
 *
 * With ops->state an entry is an item of the state table instead (outbox_table.c), which any
 * replica may take over. It is written together with the job's record (dispatch_transact.c), and a
 * lease takes the place of the lock. */
#ifndef OPS_OUTBOX_H
#define OPS_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "jobs/deploy.h"
#include "ops/ops.h"
#include "ops/place.h"
#include "ops/sync_log.h"

enum outbox_stage { OUTBOX_KEPT, OUTBOX_SENT, OUTBOX_DEAD };

struct outbox_store; /* src/ops/outbox_priv.h */

struct outbox_entry {
    char job_id[JOB_ID_SIZE]; /* names the file, or the item */
    enum outbox_stage stage;
    int64_t kept_ms;      /* when the entry was put there */
    int64_t sent_ms;      /* when PutEvents was last begun, by the wall clock; TIME_NONE */
    int64_t sent_mono_ms; /* the same by the monotonic clock; only for this boot */
    /* the boot that sent_mono_ms belongs to; "" when it is not known */
    char boot[40];
    /* a uuid, which is also in the record: it tells our record from another request's */
    char request_id[40];
    char why[300];                 /* for OUTBOX_DEAD */
    struct deploy_request request; /* owned; clear with outbox_done or outbox_leave */
    char *path;                    /* owned */
    int fd;                        /* the descriptor that holds the lock; -1 when none does */
    const struct ops *ops;         /* borrowed */
    /* The note of the file in the log that syncs for many (sync_log.h), and the last note of what
     * became of it; SYNC_NONE: the file is synced for itself. */
    sync_note put, note;
    bool unsynced; /* something was written that outbox_sync has to wait for */
    struct outbox_mark {
        int64_t sent_ms, sent_mono_ms;
        char boot[40];
    } before; /* the mark that the last one replaced; sent_ms 0: there was none */
    /* What keeps the entry; NULL: files. The members below are of the table alone. */
    const struct outbox_store *store;
    bool stands; /* the item and the record were written, by this work or an earlier one */
    bool taken;  /* the item is from an earlier work, whose lease had run out */
    struct outbox_lease {
        char owner[40];  /* a uuid, which each work has anew */
        int64_t wall_ms; /* until when the item says that it is ours */
        int64_t mono_ms; /* until when we act on it */
    } lease;
};

/* Writes and locks a new entry for a sealed request; it is certain to stay once outbox_sync has
 * returned. E_CONFLICT when the outbox holds this job id
 * already, E_IO; E_CREDS and similar codes when there are no keys, so that nobody could tell whose
 * the entry is. Owned: end it with outbox_done or outbox_leave. */
MUST_CHECK enum err_code outbox_add(const struct ops *o, const struct deploy_request *r,
                                    struct outbox_entry *out, struct err *e);
/* Waits until all that was written of the entry is on the disk: the entry, or its mark. Entries
 * that are written first and waited for then, in this thread or in others, share the syncs. E_IO.
 */
MUST_CHECK enum err_code outbox_sync(struct outbox_entry *x, struct err *e);
/* Opens and locks an existing entry; before its record is written, outbox_sync makes certain that
 * the entry is on the disk. E_NOT_FOUND, also when it is not proven to be of this place;
 * E_CONFLICT when another process or thread works on it; E_PARSE when it is damaged: it stays as it
 * is. */
MUST_CHECK enum err_code outbox_open(const struct ops *o, const char *job_id,
                                     struct outbox_entry *out, struct err *e);
/* Makes an unproven entry one of this place, because a person says that it is. E_CONFLICT when it
 * is proven to be another's or somebody works on it, E_NOT_FOUND, E_PARSE. */
MUST_CHECK enum err_code outbox_adopt(const struct ops *o, const char *job_id, struct err *e);
/* Writes an entry in the place of one that nobody can read: `r` (with its ids) may have been sent
 * at `sent_ms`. E_IO; of the table E_CONFLICT, when it is gone or somebody works on it. */
MUST_CHECK enum err_code outbox_replace(const struct ops *o, const struct deploy_request *r,
                                        int64_t sent_ms, struct err *e);
/* Gives up whatever entry stands under this job id, whoever it belongs to. E_NOT_FOUND, E_CONFLICT,
 * E_IO. */
MUST_CHECK enum err_code outbox_drop(const struct ops *o, const char *job_id, struct err *e);

/* Moves the stage on to sent; the step itself may be made when outbox_sync has returned. When it is
 * called with the time of the mark before, it takes the last mark back, and the waiting goes on
 * from there. */
MUST_CHECK enum err_code outbox_mark_sent(struct outbox_entry *x, int64_t now_ms, struct err *e);
/* Moves the stage back to kept: the event certainly was not taken. */
MUST_CHECK enum err_code outbox_mark_kept(struct outbox_entry *x, struct err *e);
MUST_CHECK enum err_code outbox_mark_dead(const struct ops *o, struct outbox_entry *x,
                                          const char *why, struct err *e);
/* How long ago PutEvents was begun, never negative: by the monotonic clock while this boot lasts,
 * else by the wall clock; when that was set back meanwhile, the waiting begins anew. */
int64_t outbox_waited_ms(struct outbox_entry *x);
/* removes the file, gives the lock back, clears the entry; also an entry that was not synced */
void outbox_done(struct outbox_entry *x);
/* The same for a request that was never sent: returns when the entry is certain not to come back
 * after a power loss, because a person is told that there is no such job. */
void outbox_undo(struct outbox_entry *x);
/* keeps the file, syncs it when it was not, gives the lock back, clears the entry */
void outbox_leave(struct outbox_entry *x);

/* Lists the job ids kept for this place, oldest first; owned. Returns how many there are. Asks for
 * the account only when there are entries. */
size_t outbox_list(const struct ops *o, char ***ids);
void outbox_list_free(char **ids, size_t len);

/* ---- all that lies in the folder ---- */

enum outbox_kind {
    OUTBOX_OURS,
    OUTBOX_OTHERS,   /* of another account, region, endpoint, table or bus */
    OUTBOX_UNPROVEN, /* its account is not proven: it is not touched */
    /* damaged, too large, not a plain file or another user's: it is out of service */
    OUTBOX_BROKEN
};

struct outbox_item {
    char job_id[JOB_ID_SIZE]; /* as the file's name has it */
    enum outbox_kind kind;
    /* for OUTBOX_OTHERS: only the account differs from this place */
    bool other_account;
    enum outbox_stage stage;          /* not for OUTBOX_BROKEN */
    int64_t kept_ms;                  /* TIME_NONE when it cannot be read */
    char account[PLACE_ACCOUNT_SIZE]; /* "" when the entry names none */
    char why[300];                    /* for OUTBOX_UNPROVEN and OUTBOX_BROKEN */
    bool busy; /* of the table alone: the lease of whoever works on the item has not run out */
};
/* Does the same as outbox_scan, and fails when the table cannot be read: what waits is not known
 * then. The list is owned, also when it is empty. */
MUST_CHECK enum err_code outbox_read(const struct ops *o, struct outbox_item **items, size_t *len,
                                     struct err *e);
/* Lists everything in the folder, or in the table, oldest first; owned, free it with free(). Also
 * removes what killed runs left half-written. */
size_t outbox_scan(const struct ops *o, struct outbox_item **items);

/* What a person has to be told at once. */
struct outbox_alarm {
    size_t broken, unproven;
    size_t ours;    /* entries of this place: nothing to tell, they go on by themselves */
    size_t others;  /* entries of a table and bus of these names, but of another account */
    char text[900]; /* "" when there is nothing to tell */
};
/* Fails, with `a` empty, when what waits is not known. */
enum err_code outbox_look(const struct ops *o, struct outbox_alarm *a);
/* Mends an entry that a person wants sent: an unproven one is taken as of this place, a broken one
 * is made anew from its record, as one whose event may have arrived. ops_outbox_resume goes on with
 * it. E_CONFLICT: it is another account's, or its record says that there is nothing to send;
 * E_NOT_FOUND: there is no record to make it from; E_PARSE: it is a broken item of the state table,
 * which is not made anew; also the errors of reading the record. */
MUST_CHECK enum err_code outbox_mend(const struct ops *o, const struct outbox_item *item,
                                     struct err *e);

/* ---- private to ops: between outbox.c and outbox_scan.c ---- */

/* Reads one file's text as an entry, without its lock; outbox_leave clears `x`. `doc` is what the
 * file holds, owned by the caller, NULL when that is no JSON. E_NOT_FOUND, E_PARSE, E_INVALID,
 * E_IO. */
MUST_CHECK enum err_code outbox_peek(const struct ops *o, const char *job_id,
                                     struct outbox_entry *x, cJSON **doc, struct err *e);
#endif
