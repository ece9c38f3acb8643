/* insight_parts.h - what is gathered while jobs are counted: private to insight*.c. */
#ifndef JOBS_INSIGHT_PARTS_H
#define JOBS_INSIGHT_PARTS_H

#include "core/map.h"
#include "jobs/insight.h"

/* Values of which percentiles are made. */
struct samples {
    int64_t *v; /* owned */
    size_t len, cap;
};

/* ---- causes (insight_causes.c) ---- */

struct cause_run {
    struct map *by_text; /* text -> struct cause_draft *, owned */
};
void causes_begin(struct cause_run *c);
void causes_add(struct cause_run *c, const struct job *j, const struct batch_job *b,
                const struct job_state *s);
/* Did causes_add count the failed job under this cause of `x`? */
bool causes_has(const struct insight *x, const struct insight_cause *c, const struct job *j,
                const struct batch_job *b, const struct job_state *s);
/* Moves the causes into `x` and frees the rest. */
void causes_end(struct cause_run *c, struct insight *x);

/* ---- the run (insight.c), and its end (insight_end.c) ---- */

struct tally {
    size_t jobs;
};

struct step_run {
    struct samples took;
};

struct group_run {
    struct insight_group g; /* without its key */
    struct samples took;
};

struct insight_run {
    struct insight *x;
    struct map *statuses; /* word -> struct tally *, owned */
    struct map *steps;    /* step -> struct step_run *, owned */
    struct map *groups;   /* key -> struct group_run *, owned; jobs without a key are in `other` */
    struct group_run other;
    struct group_run *last; /* the group that was used last, with its day */
    int64_t last_day;
    char *context; /* owned: of the jobs that are added now; NULL: none */
    struct samples took, waited;
    struct cause_run causes;
};
#endif
