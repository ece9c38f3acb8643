/* doctor.h - every check from the configuration to the log, in order, each with its remedy (PEERS
 * 7).
 *
 * Only reads. Blocks for up to 30 s; uses threads and a client of its own (one attempt a call), so
 * that a service that does not answer holds up nothing else. Any thread but the UI's. */
#ifndef OPS_DOCTOR_H
#define OPS_DOCTOR_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "jobs/doctor.h"
#include "jobs/state.h"
#include "ops/ops.h"

struct doctor; /* opaque: src/ops/doctor_priv.h */

/* One row per check. */
struct doctor_check {
    const char *id; /* "D4" */
    const char *title;
    const char *needs; /* ids, blanks between: skipped when one of these found nothing to go on */
    const char *after; /* ids that must have ended, however */
    void (*run)(struct doctor *d, struct finding *f);
    bool of_job; /* only of use when a job is named: not among all of them */
};
extern const struct doctor_check doctor_checks[];
extern const size_t doctor_checks_len;
enum { DOCTOR_CHECKS_MAX = 64 }; /* at least as many */

/* "My deploy did not start": the checks on an event's way to its job (PEERS 7), for `only`. */
extern const char doctor_way[];
/* The checks of `only` (ids, blanks between; NULL or "": all) and all that they build on. Fills
 * `in` (DOCTOR_CHECKS_MAX long). E_USAGE when it names none of the table. */
MUST_CHECK enum err_code doctor_choose(const char *only, bool *in, struct err *e);

/* Told of checks, on the calling thread; all borrowed. */
typedef void (*doctor_fn)(void *arg, const struct doctor_check *c, const struct finding *f);

struct doctor_options {
    int check_ms;                    /* of one check; 0: 5000 */
    int total_ms;                    /* of all; 0: 30000 */
    int patience_s;                  /* a RUNNABLE job may wait that long; 0: 300, -1: none */
    const struct state_rules *rules; /* NULL: state_rules_default */
    const struct doctor_terminal *terminal; /* as its owner found it; NULL: there is none */
    const char *only;                       /* as in doctor_choose: nothing is told of the others */
    const char *job_id; /* the event that the pattern is tried with is this job's, when its record
                           can be read; NULL: one as the form sends it */
    doctor_fn watch;    /* told of each check as it begins (NULL finding; not when it is over at
                           once) and as it ends, whatever the order; NULL: nobody */
    bool (*give_up)(void *arg); /* asked several times a second: true ends it; NULL: never */
    void *arg;                  /* of `watch` and `give_up` */
};

struct doctor_report {
    int count[DOCTOR_SKIP + 1]; /* by state */
    const char *headline_id;    /* the first FAIL's; NULL: none */
    char *headline;             /* owned: its text */
    char *fix;                  /* owned: its remedy */
};
void doctor_report_clear(struct doctor_report *r);

/* One check's result as {"id","title","state","detail","remedy","commands"}; a headline as
 * {"id","detail","remedy","commands"}, NULL without an id; the whole report as
 * {"ok","headline":{...}|null,"checks":[...]}, which takes the array. Owned. */
cJSON *doctor_check_json(const char *id, const char *title, const struct finding *f);
cJSON *doctor_headline_json(const char *id, const char *text, const char *fix);
cJSON *doctor_report_json(const struct doctor_report *r, cJSON *checks);

/* Before the checks of a job: E_NOT_FOUND when it is neither in the table nor in the outbox. E_OK
 * also when the table cannot be read, which the checks tell. */
MUST_CHECK enum err_code ops_doctor_job(const struct ops *o, const char *job_id, struct err *e);

/* `told` hears of each check that was chosen, in the table's order. E_CONFIG when no client can be
 * made of the settings, E_USAGE as doctor_choose, E_CANCELLED after ops_stop or `give_up`. What is
 * found is no error. */
MUST_CHECK enum err_code ops_doctor(const struct ops *o, const struct doctor_options *options,
                                    doctor_fn told, void *arg, struct doctor_report *out,
                                    struct err *e);
#endif
