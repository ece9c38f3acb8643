/* bulk.h - many deploys from one file: each line is sent once, however often the run is broken off.
 *
 * A line is identified by its token (jobs/deploy_token.h), which depends neither on the bytes nor
 * on the name of the file. Before anything is sent, the run's journal
 * (state_dir/batch/<place>/<run>.jsonl, 0600, synced) fixes the job id of every line; the token
 * goes into the outbox entry and, with the run, the file's name and the line's number, into the
 * record (`batchLine`). A run that goes on looks for each line in the journals, the outbox and the
 * records, and sends only the lines that none of them knows. The journal holds only ids. Its lock
 * (flock) keeps a second mvpdash out. */
#ifndef OPS_BULK_H
#define OPS_BULK_H

#include "jobs/deploy.h"
#include "jobs/deploy_file.h"
#include "ops/ops.h"

/* A file of deploys as it was read. It holds secrets, so it is wiped when it is freed. */
struct bulk_input {
    char *text; /* owned: the bytes of the file */
    size_t len;
    struct deploy_file file; /* owned */
};
/* Reads and checks a file. E_NOT_FOUND, E_IO, E_INVALID (what is wrong with its lines is in
 * `out->file.errors` then, if any line is wrong). `out` has to be cleared in any case. Any
 * thread. */
MUST_CHECK enum err_code bulk_read(const char *path, struct bulk_input *out, struct err *e);
/* Five deploys to try a deployment with, the same that the old test tool's batch sent. */
enum { BULK_SAMPLES = 5 };
MUST_CHECK enum err_code bulk_samples(struct bulk_input *out, struct err *e);
void bulk_input_clear(struct bulk_input *in);

#define BULK_FILE_SIZE 128

enum bulk_mode {
    BULK_FIRST,  /* refuse when an earlier run sent or began any of the lines */
    BULK_RESUME, /* go on: send only what no earlier run sent */
    BULK_ANEW    /* whatever was sent before, every line becomes a new job */
};

enum bulk_end {
    BULK_SENT,     /* the bus has the event, from this run or an earlier one */
    BULK_KEPT,     /* the request waits in the outbox: the next mvpdash goes on with it */
    BULK_FAILED,   /* the request was refused: see err */
    BULK_UNKNOWN,  /* an earlier run recorded the line; whether its event was sent cannot be told */
    BULK_NOT_TRIED /* the run ended before the line's turn */
};

/* What earlier runs did with the lines. */
struct bulk_earlier {
    size_t sent; /* lines that were certainly sent */
    /* further lines that were begun: a run that goes on finds out about them */
    size_t begun;
    size_t live;               /* lines that another mvpdash is sending at this moment */
    size_t damaged;            /* journals that are damaged, so that the records were asked */
    int64_t at_ms;             /* when the newest of these runs began; TIME_NONE */
    char file[BULK_FILE_SIZE]; /* the name of its file, without folders; "" */
    /* code not E_OK: the records could not be asked, so it is not known what earlier runs did with
     * these lines */
    struct err unasked;
};

struct bulk_line {
    enum bulk_end end;
    bool earlier; /* known from an earlier run, and not sent by this one */
    char event_id[64];
    struct err err;
};

struct bulk {
    const char *file;                /* the name of the file for people: a path, "stdin" */
    const size_t *lines;             /* the line of each request in the file; NULL: 1, 2, 3 ... */
    struct deploy_request *requests; /* checked; they get their job ids */
    size_t len;
    enum bulk_mode mode;
    /* With BULK_RESUME: called when the time has come for ops_outbox_resume: what waits in the
     * outbox has been noted. May be NULL. */
    void (*resume)(void *arg);
    /* Called when it is known what earlier runs did, and sending begins. May be NULL. */
    void (*begun)(void *arg, const struct bulk_earlier *past);
    /* Called as often as something has ended; any thread, never twice at a time. May be NULL. */
    void (*progress)(void *arg, size_t ended, size_t failed);
    /* Called before each portion (160 lines): true ends the run there. May be NULL. */
    bool (*stop)(void *arg);
    /* Called for each line that was dealt with, in the order of the lines; on the calling
     * thread. */
    void (*result)(void *arg, size_t index, const struct bulk_line *line);
    void *arg;
};

struct bulk_totals {
    size_t sent;    /* lines sent by this run */
    size_t earlier; /* lines sent by earlier runs */
    size_t kept, failed, unknown, not_tried;
    struct bulk_earlier past;
};

/* Sends the deploys. E_OK when every line was tried: the totals say how it went. E_CONFLICT when
 * earlier runs sent or began lines (BULK_FIRST; `totals->past` says how many), or another mvpdash
 * sends some of them at this moment (`past.live`), or it cannot be told what earlier runs did; E_IO
 * when the journal cannot be kept: nothing was sent. Otherwise the reason why the records could not
 * be asked, or why no line of a portion could be sent (link, credentials, permission), which ends
 * the run there; E_CANCELLED after a `stop`. */
MUST_CHECK enum err_code ops_bulk(const struct ops *o, const struct bulk *b,
                                  struct bulk_totals *totals, struct err *e);

/* Finds out what earlier runs did with these lines; asks for the records of lines that no journal
 * names, and of some lines only as long as that brings nothing. Changes nothing. Fails as ops_bulk
 * does when it cannot be told: `past` then holds what is known all the same. */
MUST_CHECK enum err_code ops_bulk_look(const struct ops *o, const struct bulk *b,
                                       struct bulk_earlier *past, struct err *e);
#endif
