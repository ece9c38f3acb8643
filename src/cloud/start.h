/* start.h - the embedded local cloud: AWS's wire protocols on SQLite, for one machine (SPEC 6).
 *
 * cloud_start returns once the cloud listens; the cloud serves on its own threads until
 * cloud_stop. */
#ifndef CLOUD_START_H
#define CLOUD_START_H

#include <stdint.h>

#include "core/err.h"
#include "src/cloud/store/options.h"

struct cloud;

/* E_CONFLICT when another process serves the same data folder, E_CONFIG for a bad address, E_IO. */
struct cloud *cloud_start(const struct cloud_options *o, struct err *e);
/* ends the processes of jobs and joins all threads; NULL allowed */
void cloud_stop(struct cloud *cloud);

uint16_t cloud_port(const struct cloud *cloud);
/* The "export NAME=value" lines for a shell (SPEC 6), each with a newline; owned. The cloud writes
 * them to DATA/env (0600) as well while it runs. */
char *cloud_env_text(const struct cloud *cloud);
#endif
