/* bulk_journal.h - private to ops: the files that fix the job ids of the lines of a run.
 *
 * state_dir/batch/<place>/<run>.jsonl, one a run, 0600. Lines of JSON: a head, then for each line
 * of the input its token (jobs/deploy_token.h), job id and request id, then one {"sent","eventId"}
 * for each that the bus took. Head and lines are synced under another name before the journal gets
 * its own, and the head has a checksum of the lines: a journal that is not whole was damaged, and
 * says nothing of what its run sent. What is lost of the notes of what was sent is found again in
 * the outbox and in the records. The one who sends holds the journal's lock. One thread at a time.
 */
#ifndef OPS_BULK_JOURNAL_H
#define OPS_BULK_JOURNAL_H

#include "core/rand.h"
#include "ops/bulk.h"

struct journal {
    char *path; /* owned; NULL: none is kept, since there is nothing to send */
    int fd;     /* holds the lock; -1: none */
    char run[UUID_SIZE];
};
#define JOURNAL_INIT                                                                               \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* What a line is known by. Borrowed texts. */
struct journal_line {
    const char *token;
    const char *job_id;
    const char *request_id; /* of the run that began it */
    const char *event_id;   /* NULL: not known as sent; "" when only the event's id is not known */
    size_t line;            /* where it stood in the file */
};

struct journal_head {
    char run[UUID_SIZE];
    char file[BULK_FILE_SIZE];
    int64_t at_ms; /* when the run began */
    bool again;    /* its lines became new jobs, whatever was sent before */
    size_t lines;
};

/* One sender begins at a time, over all files of this place: what one finds there is complete.
 * Waits up to a minute; E_CONFLICT, E_CANCELLED, E_IO. `*fd` is given back by journal_unlock. */
MUST_CHECK enum err_code journal_lock(const struct ops *o, int *fd, struct err *e);
void journal_unlock(int fd);

/* Writes the journal of a run and takes its lock; the head's run is made here. */
MUST_CHECK enum err_code journal_make(const struct ops *o, struct journal_head *head,
                                      const struct journal_line *lines, struct journal *out,
                                      struct err *e);
/* Failing to note it is no failure of the deploy: the record tells it as well. */
void journal_sent(const struct journal *j, const char *job_id, const char *event_id);
void journal_close(struct journal *j);

struct journal_visitor {
    /* A line of a journal; `live`: another mvpdash is sending it just now. */
    void (*line)(void *arg, const struct journal_head *head, const struct journal_line *l,
                 bool live);
    /* A journal that is not whole, or cannot be read. */
    void (*damaged)(void *arg, const char *path);
    void *arg;
};
/* All journals of this place. E_IO when it cannot be told which there are. */
MUST_CHECK enum err_code journal_visit(const struct ops *o, const struct journal_visitor *v,
                                       struct err *e);
/* With the lock: what killed runs left unfinished, and journals whose time is over, go away. */
void journal_tidy(const struct ops *o, int64_t now_ms);
/* With the lock: put aside as <name>.bad, once the records have told what it could not. */
void journal_set_aside(const char *path);
#endif
