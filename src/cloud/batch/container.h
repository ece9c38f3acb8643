/* container.h - the program that runs jobs in containers (docker or podman), for a local cloud that
 * has its jobs run in an image instead of in local processes.
 *
 * What it is asked is asked by its command line. A container is started by its own `run` command,
 * which stands for the job's process: it passes SIGTERM on, and ends with the container's exit
 * code. The container carries a label with the data folder's name, by which what a cloud left
 * behind is found. */
#ifndef CLOUD_BATCH_CONTAINER_H
#define CLOUD_BATCH_CONTAINER_H

#include <stdbool.h>

#include "core/err.h"

struct cloud_batch_container; /* opaque: the layout lives in src/cloud/batch/container.c */
struct cloud_batch_argv;

/* The first of docker and podman in PATH that answers and has `image`. E_CONFIG when none answers,
 * E_NOT_FOUND when none has the image. `data_dir` names the cloud in labels. Owned by the caller.
 */
struct cloud_batch_container *cloud_batch_container_find(const char *image, const char *data_dir,
                                                         struct err *e);
void cloud_batch_container_free(struct cloud_batch_container *c); /* NULL allowed */

/* The path of the runtime, docker or podman; and the image that it has. Borrowed. */
const char *cloud_batch_container_program(const struct cloud_batch_container *c);
const char *cloud_batch_container_image(const struct cloud_batch_container *c);

/* Removes the containers of this data folder. Only for the cloud that holds the folder's lock,
 * before its first job. */
MUST_CHECK enum err_code cloud_batch_container_sweep(const struct cloud_batch_container *c,
                                                     struct err *e);

/* Appends the words that run `image` as the container `name`, with the environment in `env_file`:
 * with a read-only root, a folder /work to write to, and no more rights than on Fargate. The
 * command of the image goes after them. */
void cloud_batch_container_run_words(const struct cloud_batch_container *c, const char *image,
                                     const char *name, const char *env_file,
                                     struct cloud_batch_argv *out);
/* Appends the words that end the container `name`, if there is one, and remove it. */
void cloud_batch_container_end_words(const struct cloud_batch_container *c, const char *name,
                                     struct cloud_batch_argv *out);

/* Is this last line of output the runtime's own word that the container was not started? Pure. */
bool cloud_batch_container_is_refusal(int exit_code, const char *last_line);
#endif
