/* cloud.h - the local cloud as a process: `mvpdash local`, and finding or starting one (--local).
 *
 * A data folder belongs to at most one cloud (DATA/lock). Processes that use a cloud which ends by
 * itself hold a shared lock on DATA/users for as long as they live; the kernel releases the lock
 * however they end, so no process id has to be trusted. Main thread, before any other thread. */
#ifndef CLOUD_CLOUD_H
#define CLOUD_CLOUD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/log.h"

struct cloud_serve_options {
    const char *data_dir; /* absolute */
    const char *host;     /* NULL: 127.0.0.1 */
    uint16_t port;        /* 0: any */
    const char *region;   /* NULL: us-east-1 */
    /* the image that jobs run in, by docker or podman; NULL: jobs are local processes */
    const char *container;
    bool json; /* print the environment as a JSON object, not as export lines */
    /* give up stdout once the environment is printed; end when nobody holds DATA/users and no job
     * is active */
    bool background;
    struct log *log; /* NULL: none */
};

/* Serves until SIGINT, SIGTERM or SIGHUP (or, in the background, until nobody needs the cloud any
 * more). Prints the environment to stdout once the cloud is ready. */
MUST_CHECK enum err_code cloud_serve(const struct cloud_serve_options *o, struct err *e);

/* Finds the cloud of `data_dir`, or starts one in a session of its own (its output goes into
 * DATA/cloud.log), and puts its endpoint, keys and region into the process environment; other
 * variables there that name an identity or an endpoint are removed. `*use_fd` is the lock that
 * keeps the cloud running: leave it open. */
MUST_CHECK enum err_code cloud_attach(const char *data_dir, int *use_fd, struct err *e);
#endif
