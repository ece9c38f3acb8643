/* iam.h - typed calls of IAM: roles, and what a principal may do. They block; any thread.
 *
 * Facts: service model iam-2010-05-08 (query protocol; lists are Name.member.N in a request and
 * <member> elements in a reply), and its text: policy documents in replies are URL-encoded by RFC
 * 3986; a simulation denies an action that does not know the type of the given resource; without
 * ResourceArns the resource is "*"; a simulation for a role does not look at resource policies. */
#ifndef AWS_IAM_H
#define AWS_IAM_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "aws/client.h"
#include "core/err.h"

/* Gets a role. `*role` is an owned object: Arn, RoleName, AssumeRolePolicyDocument (decoded: JSON
 * as text), ... E_NOT_FOUND (NoSuchEntity), E_DENIED. */
MUST_CHECK enum err_code iam_get_role(struct aws_client *c, const char *name, cJSON **role,
                                      struct err *e);

/* Asks what a user or role may do. Every action is tried on every resource. `*results` is an owned
 * array of EvaluationResults: EvalActionName, EvalResourceName, EvalDecision (allowed,
 * implicitDeny, explicitDeny), ResourceSpecificResults[{EvalResourceName, EvalResourceDecision}]
 * when there are several resources. */
struct iam_question {
    const char *principal; /* the ARN of a user, group or role; not of a session */
    const char *const *actions;
    size_t actions_len;
    const char *const *resources;
    size_t resources_len;
};
MUST_CHECK enum err_code iam_simulate(struct aws_client *c, const struct iam_question *q,
                                      cJSON **results, struct err *e);

/* Decodes "%7B%22a%22..."; an escape that is malformed stays as it is. Owned. */
char *iam_decode(const char *text);
#endif
