/* iam_policy.h - the smallest IAM policies for people: who watches, and who deploys as well.
 *
 * One table, AWS-WIRE section 5. infra/people.tf grants the same actions; tests/lint/iam.sh
 * compares the two. Pure; any thread. */
#ifndef CLI_IAM_POLICY_H
#define CLI_IAM_POLICY_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "config/settings.h"

/* The policy document with the names of the settings, for any account ("*") where a name is not an
 * ARN. `region` decides the partition, too. Owned. */
cJSON *iam_policy(const struct settings *s, const char *region, bool operator_too);
#endif
