/* list_join.h - private to ops: a list of records becomes a list of jobs (jobs/join.h): a
 * container's record joins the job that it belongs to, and a job that only Batch tells of gets a
 * row of its own. */
#ifndef OPS_LIST_JOIN_H
#define OPS_LIST_JOIN_H

#include "id_set.h"
#include "ops/list.h"

void list_row_clear(struct list_row *r);
/* For qsort: the newest first. The same job in two contexts is in order of their names. */
int list_newest_first(const void *a, const void *b);

/* Makes one search in Batch (list_merge.c) for the rows that were not `asked` yet: those whose time
 * only Batch may know; those that are not over as well; and those that are over, as far as Batch
 * may still know them (list_query.facts). Fills `batch` and `asked`; with an error these are filled
 * for the jobs that were found all the same. */
enum list_ask { LIST_ASK_TIMES, LIST_ASK_STATES, LIST_ASK_FACTS };
MUST_CHECK enum err_code list_ask_batch(const struct ops *o, struct list_row *rows, size_t len,
                                        enum list_ask what, struct err *e);

/* The first puts jobs that ops_get_jobs reads into a struct map of id -> struct job *; the second
 * frees the map's values. */
bool list_take_jobs(void *map, struct job **jobs, size_t len);
void list_free_job(void *j);

struct list_join {
    const struct ops *o;
    /* Is the job one that the caller asks for? Called on the calling thread. */
    bool (*wants)(void *arg, const struct job *j);
    void *arg;
    /* The ids of all records that were read and the Batch ids that they name, also of records that
     * nobody asked for. */
    struct id_set claimed;
    struct list_row *rows; /* owned */
    size_t len, cap;
    struct err err; /* why jobs without a record may be missing; E_OK */
};

/* Looks through the queue's Batch jobs created at `from_ms` or later (TIME_NONE: all), adds those
 * that no record claims, after asking the table for each of them, and joins records that belong
 * together. When Batch or the table cannot be asked for all of them, `err` says so, and nothing is
 * said about the rest. */
void list_join(struct list_join *l, int64_t from_ms);
#endif
