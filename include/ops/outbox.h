/* outbox.h - the requests that are on their way: one file each, so that a crash or a lost link
 * loses none and doubles none (SPEC 1.4).
 *
 * A file is state_dir/outbox/<jobId>.json, 0600 (it holds the database URL), written whole, synced
 * with its folder, then renamed into place. Who works on an entry holds flock on it, so that
 * several processes never resume the same one; a file whose owner died is free at once.
 *
 * The stage says how far it certainly came:
 *   kept  the file is there; the record may or may not be written; the event was not sent
 *   sent  PutEvents was begun at `sent_ms`: whether the bus has the event is not known
 *   dead  EventBridge refused it for good (`why`); the record is still to be marked FAILED
 *
 * An entry belongs to one place (`target`): account as far as it is known, region, endpoints,
 * table and bus. Another profile's entries are neither resumed nor counted. Any thread. */
#ifndef OPS_OUTBOX_H
#define OPS_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "jobs/deploy.h"
#include "ops/ops.h"

enum outbox_stage { OUTBOX_KEPT, OUTBOX_SENT, OUTBOX_DEAD };

struct outbox_entry {
    char job_id[JOB_ID_SIZE]; /* names the file */
    enum outbox_stage stage;
    int64_t kept_ms;               /* when it was put there */
    int64_t sent_ms;               /* when PutEvents was begun last; TIME_NONE */
    char request_id[40];           /* uuid, also in the record: tells our record from another's */
    char why[300];                 /* of OUTBOX_DEAD */
    struct deploy_request request; /* owned; clear with outbox_done or outbox_leave */
    char *path;                    /* owned */
    int fd;                        /* holds the lock; -1 when none */
};

/* Writes and locks a new entry for a sealed request. E_CONFLICT when the outbox holds this job id
 * already, E_IO. Owned: end it with outbox_done or outbox_leave. */
MUST_CHECK enum err_code outbox_add(const struct ops *o, const struct deploy_request *r,
                                    struct outbox_entry *out, struct err *e);
/* Opens and locks an existing one. E_NOT_FOUND; E_CONFLICT when another process or thread works on
 * it; E_PARSE when it is damaged (it is moved aside as <name>.bad). */
MUST_CHECK enum err_code outbox_open(const struct ops *o, const char *job_id,
                                     struct outbox_entry *out, struct err *e);
/* Moves it on, durably, before the step itself is made. */
MUST_CHECK enum err_code outbox_mark_sent(struct outbox_entry *x, int64_t now_ms, struct err *e);
/* Back to kept: the event certainly was not taken. */
MUST_CHECK enum err_code outbox_mark_kept(struct outbox_entry *x, struct err *e);
MUST_CHECK enum err_code outbox_mark_dead(const struct ops *o, struct outbox_entry *x,
                                          const char *why, struct err *e);
void outbox_done(struct outbox_entry *x);  /* removes the file, lets go of the lock, clears */
void outbox_leave(struct outbox_entry *x); /* keeps the file, lets go of the lock, clears */

/* The job ids kept for this target, oldest first; owned. Returns how many. */
size_t outbox_list(const struct ops *o, char ***ids);
void outbox_list_free(char **ids, size_t len);
#endif
