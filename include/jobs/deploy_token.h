/* deploy_token.h - what a line of a file of deploys is known by, whatever file it stands in.
 *
 * A token is made of what the line asks for (every field of the request and its own job id, if it
 * gives one; of the database URL all but the password) and of how often the same was asked for
 * above it. So it outlives another name of the file, another order, other line ends, JSON for CSV;
 * two equal lines are two deploys, and a changed line is another one. Pure; any thread. */
#ifndef JOBS_DEPLOY_TOKEN_H
#define JOBS_DEPLOY_TOKEN_H

#include <stddef.h>

#include "jobs/deploy.h"

#define DEPLOY_TOKEN_SIZE 48

/* "<32 hexadecimal digits>-<which of the equal ones, from 1>" for each request, in their order. */
void deploy_tokens(const struct deploy_request *r, size_t len, char (*tokens)[DEPLOY_TOKEN_SIZE]);
#endif
