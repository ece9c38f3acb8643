/* job_command.h - what is executed for one attempt of a Batch job: the words and the environment of
 * the job's process, or of the runtime's command that runs it in a container. */
#ifndef CLOUD_BATCH_JOB_COMMAND_H
#define CLOUD_BATCH_JOB_COMMAND_H

#include <cjson/cJSON.h>

#include "argv.h"
#include "core/err.h"
#include "src/cloud/store/service.h"

struct cloud_batch_command {
    struct cloud_batch_argv argv;
    struct cloud_batch_argv env; /* of the job */
    struct cloud_batch_argv end; /* run when the attempt has ended; empty for a process */
    char *env_file;              /* the file that holds `env`; NULL for a process; owned */
};

/* `dir` is the job's folder, which is there. E_INVALID when nothing can be executed. */
MUST_CHECK enum err_code cloud_batch_command_build(struct cloud *cloud, const cJSON *job,
                                                   const char *dir, struct cloud_batch_command *out,
                                                   struct err *e);
/* Removes the file as well. */
void cloud_batch_command_clear(struct cloud_batch_command *c);
#endif
