/* aws_env.h - a clean AWS environment for a test (each Criterion test is a process of its own). */
#ifndef TESTS_AWS_ENV_H
#define TESTS_AWS_ENV_H

#include <stdint.h>

#include "core/clock.h"

/* Unsets every AWS_ variable and proxy, and points HOME to a new empty folder, which is returned
 * (static) and removed by aws_env_end. EC2 metadata is off. */
const char *aws_env_begin(void);
void aws_env_end(void);
void aws_env_keys(void); /* AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of AWS-WIRE 1.4 */
/* Writes ~/.aws/NAME (folders are made). */
void aws_env_file(const char *name, const char *text);

/* A clock that stands still until it is moved. Any thread may read. */
extern const struct clock aws_env_clock;
void aws_env_clock_set(int64_t wall_ms);
void aws_env_clock_advance(int64_t ms);
#endif
