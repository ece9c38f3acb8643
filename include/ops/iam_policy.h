/* iam_policy.h - the smallest IAM policies for people: who watches, and who deploys as well.
 *
 * One table, AWS-WIRE section 5. `mvpdash iam` prints it, the doctor asks IAM about it (B4), and
 * infra/people.tf grants the same actions; tests/lint/iam.sh compares the two. Pure; any thread. */
#ifndef OPS_IAM_POLICY_H
#define OPS_IAM_POLICY_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"

/* The policy document with the names of the settings, for any account ("*") where a name is not an
 * ARN. `region` decides the partition, too. Owned. */
cJSON *iam_policy(const struct settings *s, const char *region, bool operator_too);

/* The statements one by one, with real resources in place of wildcards, for a simulation. */
enum { IAM_ASKED_RESOURCES = 2 };
struct iam_asked {
    const char *without; /* what does not work without it: "no logs"; NULL: not worth asking */
    bool operator_only;
    const char *const *actions;
    size_t actions_len;
    char *resources[IAM_ASKED_RESOURCES]; /* owned */
    size_t resources_len;
    const char *second_action; /* the one action that the second resource is for */
};
extern const size_t iam_asked_len;
void iam_asked_get(size_t i, const struct settings *s, const char *region, const char *account,
                   struct iam_asked *out);
void iam_asked_clear(struct iam_asked *a);
#endif
