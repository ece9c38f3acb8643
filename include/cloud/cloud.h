/* cloud.h - the local cloud as a process: `mvpdash local`, and finding or starting one (--local).
 *
 * A data folder belongs to at most one cloud (DATA/lock). Processes that use a cloud which ends by
 * itself hold a shared lock on DATA/users for as long as they live; the kernel lets go of it
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
    bool json;            /* the environment as a JSON object, not as export lines */
    bool background;      /* give up stdout once the environment is printed; end by itself when
                             nobody holds DATA/users and no job is active */
    struct log *log;      /* NULL: none */
};

/* Serves until SIGINT, SIGTERM or SIGHUP (or, in the background, until it is not needed any more).
 * Prints the environment to stdout once it is ready. */
MUST_CHECK enum err_code cloud_serve(const struct cloud_serve_options *o, struct err *e);

/* Finds the cloud of `data_dir` or starts one in a session of its own (its output in
 * DATA/cloud.log), and puts its endpoint, keys and region into the process environment; whatever
 * else there names an identity or an endpoint is taken out. `*use_fd` is the lock that keeps the
 * cloud up: leave it open. */
MUST_CHECK enum err_code cloud_attach(const char *data_dir, int *use_fd, struct err *e);
#endif
