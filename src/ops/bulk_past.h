/* bulk_past.h - private to ops: what earlier runs did with the lines of a file.
 *
 * The places that know it are asked in this order: the journals of this place, the outbox, the
 * records. The newest run that names a line tells the line's job id. Pure memory after
 * bulk_past_read; one thread at a time. */
#ifndef OPS_BULK_PAST_H
#define OPS_BULK_PAST_H

#include "bulk_journal.h"
#include "core/map.h"
#include "jobs/deploy_token.h"

struct past_line {
    char *job_id; /* owned; NULL: no earlier run is known to have begun this line */
    /* owned; NULL: the line is not known as sent; "" when only the event's id is not known */
    char *event_id;
    bool moved_on; /* the line's record is past PENDING: its event was sent */
    bool live;     /* another mvpdash is sending the line at this moment */
    bool again;    /* the line was begun by a run that sent lines again */
    bool recorded; /* the line was found in the records */
    int64_t at_ms; /* when that run began, or the record was made */
    char run[UUID_SIZE];
};

struct bulk_past {
    const struct bulk *b;              /* borrowed */
    char (*tokens)[DEPLOY_TOKEN_SIZE]; /* owned */
    struct past_line *lines;           /* owned, b->len */
    struct map *by_token;              /* token -> the line; owned */
    char **damaged;                    /* owned: the journals that are not complete */
    size_t damaged_len, damaged_cap;
    bool asked; /* the records of every line that nothing else tells of were asked for */
    struct bulk_earlier sum;
};

/* Reads the journals and the outbox, without a request. E_IO when it cannot be told which journals
 * there are. */
MUST_CHECK enum err_code bulk_past_read(const struct ops *o, const struct bulk *b,
                                        struct bulk_past *p, struct err *e);
void bulk_past_clear(struct bulk_past *p);

/* Asks for the records of the lines that no journal names, and of all lines when a journal is
 * damaged; with `sample` only for some of them, as long as these bring nothing and no journal is
 * damaged. When the records cannot be asked for, the error is returned and stands in `sum.unasked`
 * too: then it is not known what earlier runs did. E_CONFLICT when the records cannot tell it. */
MUST_CHECK enum err_code bulk_past_ask(const struct ops *o, struct bulk_past *p, bool sample,
                                       struct err *e);

/* ---- bulk_begin.c ---- */

/* Begins a run under the lock of the place, so that nobody else begins to send any of these lines
 * meanwhile: looks at the past as the mode wants it, refuses what it must, and fixes the job ids in
 * the journal, then in the requests. Clear `p` and close `j` in any case. */
MUST_CHECK enum err_code bulk_begin(const struct ops *o, const struct bulk *b, struct bulk_past *p,
                                    struct journal *j, struct bulk_earlier *past, struct err *e);

/* ---- bulk_records.c ---- */

/* Reads the records that lines of files made: at least those of the users that are named. `found`
 * is called for each record, perhaps more than once, never twice at a time, and perhaps on another
 * thread. The first failure ends the reading. */
typedef void (*bulk_record_fn)(void *arg, const cJSON *item);
MUST_CHECK enum err_code bulk_records(const struct ops *o, const char *const *users, size_t len,
                                      bulk_record_fn found, void *arg, struct err *e);
#endif
