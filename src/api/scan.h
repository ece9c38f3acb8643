/* scan.h - private to api: what the table offers, and the jobs that its user index cannot hold. A
 * slow scan in the background finds these jobs; no request makes a scan. Any thread. */
#ifndef API_SCAN_H
#define API_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ops/follow.h"
#include "ops/ops.h"

struct scan; /* opaque: src/api/scan.c */

struct scan_options {
    int every_s; /* the time between two scans; the first begins at once */
    int rest_ms; /* the time between two pages */
    /* what is found is in the state table, for all replicas; else in memory */
    bool shared;
};
struct scan *scan_start(const struct ops *o, const struct scan_options *options, struct log *log,
                        struct err *e);
void scan_end(struct scan *s);  /* tells the thread to end; does not wait */
void scan_free(struct scan *s); /* NULL allowed */

/* Tells what the table offers, which is asked once; without the right to ask, an index that holds
 * only ids. */
MUST_CHECK enum err_code scan_table(struct scan *s, struct table_info *out, struct err *e);

/* The place where a list by time goes on: after the job with this time and id. */
struct stray {
    int64_t time_ms; /* the job's time by job_time; TIME_NONE is the oldest */
    char *id;        /* owned */
};
/* Negative when `a` comes before `b`: newest first, then by id downwards. */
int stray_order(int64_t a_ms, const char *a_id, int64_t b_ms, const char *b_id);

struct scan_view {
    bool done;      /* a complete scan was made */
    int64_t at_ms;  /* when the last complete scan began (wall clock) */
    int64_t age_ms; /* the time since then */
    size_t jobs;    /* how many jobs it found, of all users */
};
void scan_look(struct scan *s, struct scan_view *out);
/* Finds the user's jobs in the last scan, those after the place (NULL: all), newest first, at most
 * `max`. `*len` gets how many; each is owned. Fails only when it is shared, where it asks the
 * table, and finds none then. */
MUST_CHECK enum err_code scan_find(struct scan *s, const char *user_id, const struct stray *after,
                                   struct stray *out, size_t max, size_t *len, struct err *e);
#endif
