/* bulk_journal.h - private to ops: the files that fix the job ids of the lines of a run.
 *
 * There is one file for each run, state_dir/batch/<place>/<run>.jsonl, with mode 0600. It holds
 * lines of JSON: a head; then for each line of the input its token (jobs/deploy_token.h), job id
 * and request id; then one {"sent","eventId"} for each deploy that the bus took. Head and lines are
 * synced under another name before the journal gets its own name, and the head has a checksum of
 * the lines: a journal that is not complete was damaged, and says nothing about what its run sent.
 * When notes of what was sent are lost, the outbox and the records tell the same. The run that
 * sends holds the journal's lock. One thread at a time. */
#ifndef OPS_BULK_JOURNAL_H
#define OPS_BULK_JOURNAL_H

#include "core/rand.h"
#include "ops/bulk.h"

struct journal {
    char *path; /* owned; NULL: no journal is kept, because there is nothing to send */
    int fd;     /* holds the lock; -1: none */
    char run[UUID_SIZE];
};
#define JOURNAL_INIT                                                                               \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* What identifies a line. Borrowed texts. */
struct journal_line {
    const char *token;
    const char *job_id;
    const char *request_id; /* the request id that the run which began the line gave it */
    /* NULL: the line is not known as sent; "" when only the event's id is not known */
    const char *event_id;
    size_t line; /* the line's number in the file */
};

struct journal_head {
    char run[UUID_SIZE];
    char file[BULK_FILE_SIZE];
    int64_t at_ms; /* when the run began */
    bool again;    /* its lines became new jobs, whatever earlier runs had sent */
    size_t lines;
};

/* Lets one sender begin at a time, over all files of this place: the sender then finds complete
 * journals. Waits up to a minute; E_CONFLICT, E_CANCELLED, E_IO. journal_unlock gives `*fd`
 * back. */
MUST_CHECK enum err_code journal_lock(const struct ops *o, int *fd, struct err *e);
void journal_unlock(int fd);

/* Writes the journal of a run and takes the journal's lock; this function makes the run's name in
 * the head. */
MUST_CHECK enum err_code journal_make(const struct ops *o, struct journal_head *head,
                                      const struct journal_line *lines, struct journal *out,
                                      struct err *e);
/* Notes that the deploy was sent. A failure to note it does not make the deploy fail: the record
 * tells the same. */
void journal_sent(const struct journal *j, const char *job_id, const char *event_id);
void journal_close(struct journal *j);

struct journal_visitor {
    /* Called for a line of a journal; `live`: another mvpdash is sending the line at this
     * moment. */
    void (*line)(void *arg, const struct journal_head *head, const struct journal_line *l,
                 bool live);
    /* Called for a journal that is not complete or cannot be read. */
    void (*damaged)(void *arg, const char *path);
    void *arg;
};
/* Visits all journals of this place. E_IO when it cannot be told which there are. */
MUST_CHECK enum err_code journal_visit(const struct ops *o, const struct journal_visitor *v,
                                       struct err *e);
/* Removes, while the lock is held, what killed runs left unfinished and journals whose time is
 * over. */
void journal_tidy(const struct ops *o, int64_t now_ms);
/* Puts the journal aside as <name>.bad, while the lock is held, after the records have told what
 * the journal could not. */
void journal_set_aside(const char *path);
#endif
