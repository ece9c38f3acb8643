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
};
extern const struct doctor_check doctor_checks[];
extern const size_t doctor_checks_len;

struct doctor_options {
    int check_ms;                    /* of one check; 0: 5000 */
    int total_ms;                    /* of all; 0: 30000 */
    int patience_s;                  /* a RUNNABLE job may wait that long; 0: 300, -1: none */
    const struct state_rules *rules; /* NULL: state_rules_default */
    const struct doctor_terminal *terminal; /* as its owner found it; NULL: there is none */
};

/* Told of each check as it ends, in the table's order, on the calling thread; all borrowed. */
typedef void (*doctor_fn)(void *arg, const struct doctor_check *c, const struct finding *f);

struct doctor_report {
    int count[DOCTOR_SKIP + 1]; /* by state */
    const char *headline_id;    /* the first FAIL's; NULL: none */
    char *headline;             /* owned: its text */
    char *fix;                  /* owned: its remedy */
};
void doctor_report_clear(struct doctor_report *r);

/* One check's result as {"id","title","state","detail","remedy"}; a headline as
 * {"id","detail","remedy"}, NULL without an id; the whole report as
 * {"ok","headline":{...}|null,"checks":[...]}, which takes the array. Owned. */
cJSON *doctor_check_json(const char *id, const char *title, const struct finding *f);
cJSON *doctor_headline_json(const char *id, const char *text, const char *fix);
cJSON *doctor_report_json(const struct doctor_report *r, cJSON *checks);

MUST_CHECK enum err_code ops_doctor(const struct ops *o, const struct doctor_options *options,
                                    doctor_fn told, void *arg, struct doctor_report *out,
                                    struct err *e);
#endif
