/* bulk_journal.h - private to ops: the file that fixes the job ids of a bulk of deploys.
 *
 * Lines of JSON: a head {"v","run","lines"}, one {"jobId"} for each line of the input, then one
 * {"sent","eventId"} for each that the bus took. The first two parts are synced before anything is
 * sent; a journal without all of them is of a run that sent nothing. What is lost of the last part
 * is found again in the outbox and in the records. One thread at a time. */
#ifndef OPS_BULK_JOURNAL_H
#define OPS_BULK_JOURNAL_H

#include "core/rand.h"
#include "ops/bulk.h"

struct bulk_journal {
    char *path; /* owned */
    int fd;     /* holds the lock */
    char run[UUID_SIZE];
    char **ids;       /* owned, `len` of them */
    char **event_ids; /* owned; NULL: not known as sent; "" when the id is not known */
    size_t len;
    size_t sent;
    bool resumed; /* it was there before */
};

/* Opens, locks, reads or makes it; fixes job_id and request_id of the requests. */
MUST_CHECK enum err_code bulk_journal_open(const struct ops *o, const struct bulk *b,
                                           struct bulk_journal *j, struct err *e);
/* Failing to note it is no failure of the deploy: the record tells it as well. */
void bulk_journal_sent(struct bulk_journal *j, size_t index, const char *event_id);
bool bulk_journal_look(const struct ops *o, const struct bulk *b, size_t *sent);
void bulk_journal_close(struct bulk_journal *j);
#endif
