/* iam_policy.h - the smallest IAM policies for people: for those who watch, and for those who
 * deploy as well; and for the REST API's server with --state table.
 *
 * They come from one table, AWS-WIRE section 5. `mvpdash iam` prints it, the doctor asks IAM about
 * it (B4), and infra/people.tf and infra/api_iam.tf grant the same actions; tests/lint/iam.sh
 * compares them. Pure; any thread. */
#ifndef OPS_IAM_POLICY_H
#define OPS_IAM_POLICY_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"

/* The policy document with the names of the settings, for any account ("*") where a name is not an
 * ARN. `region` decides the partition as well. Owned. */
enum iam_who { IAM_VIEWER, IAM_OPERATOR, IAM_API };
cJSON *iam_policy(const struct settings *s, const char *region, enum iam_who who);

/* The statements one by one, with real resources in the place of wildcards, for a simulation. */
enum { IAM_ASKED_RESOURCES = 2 };
struct iam_asked {
    const char *without; /* what does not work without the statement: "no logs" */
    bool operator_only;
    const char *const *actions;
    size_t actions_len;
    char *resources[IAM_ASKED_RESOURCES]; /* owned */
    size_t resources_len;
    const char *second_action; /* the one action that needs the second resource */
};
extern const size_t iam_asked_len;
/* False when `who` does not need the statement, or it is not worth asking about: `out` holds
 * nothing then. */
bool iam_asked_get(size_t i, enum iam_who who, const struct settings *s, const char *region,
                   const char *account, struct iam_asked *out);
void iam_asked_clear(struct iam_asked *a);
#endif
