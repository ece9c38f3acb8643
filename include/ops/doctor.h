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

/* One row for each check. */
struct doctor_check {
    const char *id; /* "D4" */
    const char *title;
    /* ids, with blanks between: the check is skipped when one of these found nothing to go on
     * with */
    const char *needs;
    const char *after; /* ids of checks that must have ended, in whatever way */
    void (*run)(struct doctor *d, struct finding *f);
    bool of_job; /* only of use when a job is named, so not among all checks */
    /* how far a PASS goes, where a person could take it for more; NULL: it says all itself */
    const char *limit;
};
extern const struct doctor_check doctor_checks[];
extern const size_t doctor_checks_len;
enum { DOCTOR_CHECKS_MAX = 64 }; /* at least as many as the table has */

/* "My deploy did not start": the checks on an event's way to its job (PEERS 7), for `only`. */
extern const char doctor_way[];
/* Chooses the checks in `only` (ids, with blanks between; NULL or "": all) and all that they build
 * on. Fills `in` (DOCTOR_CHECKS_MAX long). E_USAGE when `only` names no check of the table. */
MUST_CHECK enum err_code doctor_choose(const char *only, bool *in, struct err *e);

/* Told of a check, on the calling thread; all arguments are borrowed. */
typedef void (*doctor_fn)(void *arg, const struct doctor_check *c, const struct finding *f);

struct doctor_options {
    int check_ms;                    /* the time of one check; 0: 5000 */
    int total_ms;                    /* the time of all checks; 0: 30000 */
    int patience_s;                  /* how long a RUNNABLE job may wait; 0: 300, -1: not at all */
    const struct state_rules *rules; /* NULL: state_rules_default */
    /* the terminal as its owner found it; NULL: there is none */
    const struct doctor_terminal *terminal;
    /* as in doctor_choose: the other checks are not told of */
    const char *only;
    /* the pattern is tried with the event of this job, when its record can be read; NULL: with an
     * event as the form sends it */
    const char *job_id;
    bool api; /* B4 asks for the rights that `mvpdash serve` needs, not for a person's */
    /* told of each check as it begins (with a NULL finding; not when the check is over at once) and
     * as it ends, whatever the order; NULL: nobody is */
    doctor_fn watch;
    /* asked several times a second: true ends the run; NULL: it is never ended */
    bool (*give_up)(void *arg);
    void *arg; /* the argument of `watch` and `give_up` */
};

struct doctor_report {
    int count[DOCTOR_STATES]; /* the number of checks by state */
    const char *headline_id;  /* the id of the first FAIL; NULL: none failed */
    char *headline;           /* owned: its text */
    char *fix;                /* owned: its remedy */
    /* What to do first: the first check in the worst state that needs somebody. */
    struct doctor_first {
        const char *id, *title;  /* NULL: there is nothing to do */
        enum doctor_state state; /* FAIL, WARN or UNKNOWN */
        char *text, *fix;        /* owned */
    } first;
};
void doctor_report_clear(struct doctor_report *r);

/* A check's result as {"id","title","state","detail","remedy","commands"}; a headline as
 * {"id","detail","remedy","commands"}, NULL without an id; what to do first as a check's result,
 * NULL when there is nothing to do; the whole report as
 * {"ok","headline":{...}|null,"first":{...}|null,"checks":[...]}, which takes the array. Owned. */
cJSON *doctor_check_json(const char *id, const char *title, const struct finding *f);
cJSON *doctor_headline_json(const char *id, const char *text, const char *fix);
cJSON *doctor_first_json(const struct doctor_first *first);
cJSON *doctor_report_json(const struct doctor_report *r, cJSON *checks);

/* Asked before the checks of a job: E_NOT_FOUND when the job is neither in the table nor in the
 * outbox. E_OK also when the table cannot be read, which the checks tell. */
MUST_CHECK enum err_code ops_doctor_job(const struct ops *o, const char *job_id, struct err *e);

/* Runs the checks. `told` hears of each chosen check, in the table's order. E_CONFIG when no client
 * can be made from the settings, E_USAGE as doctor_choose, E_CANCELLED after ops_stop or `give_up`.
 * What the checks find is no error. */
MUST_CHECK enum err_code ops_doctor(const struct ops *o, const struct doctor_options *options,
                                    doctor_fn told, void *arg, struct doctor_report *out,
                                    struct err *e);
#endif
