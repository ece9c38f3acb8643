/* doctor_cloud.h - the doctor against a local cloud, for the suites that break one thing in it. */
#ifndef TESTS_DOCTOR_CLOUD_H
#define TESTS_DOCTOR_CLOUD_H

#include "cloud.h"
#include "ops/doctor.h"
#include "ops/ops.h"

extern struct test_cloud c;
extern int64_t ahead_ms;            /* of this machine's clock */
extern struct doctor_report report; /* of the last diagnose */
extern const struct doctor_terminal good_terminal;

/* What each check found, in the table's order. */
struct doctor_seen {
    enum doctor_state state;
    char text[1200], fix[2500];
};
extern struct doctor_seen seen[64];

void doctor_start(void);       /* the seeded system; settings of the environment only */
void doctor_start_empty(void); /* a cloud with nothing in it */
void doctor_teardown(void);
/* Ops over it; the caller frees both. */
struct ops *doctor_ops(struct settings **settings);

void diagnose(void);
void diagnose_with(const struct doctor_options *opt);
const struct doctor_seen *doctor_of(const char *id);
/* State, and parts of text and remedy. */
void doctor_expect(const char *id, enum doctor_state state, const char *text, const char *fix);
/* The first failure must be this check, with this text and remedy. */
void doctor_fails(const char *id, const char *text, const char *fix);
/* The check must warn, and nothing may fail. */
void doctor_warns(const char *id, const char *text, const char *fix);
#endif
