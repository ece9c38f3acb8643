/* bulk.h - many deploys from one file: sent once each, however often the run is broken off.
 *
 * Before anything is sent, the job id of every line is fixed in a journal,
 * state_dir/batch/<sha256 of the place and the input>.jsonl, 0600, synced. A run that goes on with
 * it uses the same ids: a line that was sent, whose record is there, or that waits in the outbox is
 * not sent again. The journal holds ids only. Its lock (flock) keeps a second mvpdash out. */
#ifndef OPS_BULK_H
#define OPS_BULK_H

#include "jobs/deploy.h"
#include "jobs/deploy_file.h"
#include "ops/ops.h"

/* A file of deploys as it was read. Holds secrets: freed, it is wiped. */
struct bulk_input {
    char *text; /* owned: its bytes */
    size_t len;
    struct deploy_file file; /* owned */
};
/* Reads and checks a file. E_NOT_FOUND, E_IO, E_INVALID (what is wrong with its lines is in
 * `out->file.errors` then, if there are any). `out` is to be cleared in any case. Any thread. */
MUST_CHECK enum err_code bulk_read(const char *path, struct bulk_input *out, struct err *e);
void bulk_input_clear(struct bulk_input *in);

enum bulk_mode {
    BULK_FIRST,  /* refuse when an earlier run of this input left lines unsent */
    BULK_RESUME, /* go on with an earlier run; the first run when there was none */
    BULK_ANEW    /* forget an earlier run: every line becomes a new job */
};

enum bulk_end {
    BULK_SENT,     /* the bus has it, now or since an earlier run */
    BULK_KEPT,     /* waits in the outbox: the next mvpdash goes on with it */
    BULK_FAILED,   /* refused: see err */
    BULK_NOT_TRIED /* the run ended before its turn */
};

struct bulk_line {
    enum bulk_end end;
    bool earlier; /* known from an earlier run, not sent by this one */
    char event_id[64];
    struct err err;
};

struct bulk {
    const void *input; /* the bytes that were read, for the journal's name */
    size_t input_len;
    struct deploy_request *requests; /* checked; they get their job ids */
    size_t len;
    enum bulk_mode mode;
    /* As often as something ended; any thread, never twice at a time. May be NULL. */
    void (*progress)(void *arg, size_t ended, size_t failed);
    /* Asked before each portion (160 lines): true ends the run there. May be NULL. */
    bool (*stop)(void *arg);
    /* Each line that was dealt with, in the order of the lines; on the calling thread. */
    void (*result)(void *arg, size_t index, const struct bulk_line *line);
    void *arg;
};

struct bulk_totals {
    size_t sent, earlier, kept, failed, not_tried; /* sent includes earlier */
};

/* Call ops_outbox_resume first when resuming. E_OK when every line was tried: the totals say how it
 * went. E_CONFLICT when an earlier run is unfinished (BULK_FIRST) or another mvpdash sends this
 * input, E_IO when the journal cannot be kept: nothing was sent. Otherwise the reason why no line
 * of a portion could be sent (link, credentials, permission), which ends the run there; E_CANCELLED
 * after a `stop`. */
MUST_CHECK enum err_code ops_bulk(const struct ops *o, const struct bulk *b,
                                  struct bulk_totals *totals, struct err *e);

/* Is there a journal of an earlier run of this input? `*sent` gets how many of its lines are known
 * to be sent. Only reads. */
bool ops_bulk_earlier(const struct ops *o, const struct bulk *b, size_t *sent);
#endif
