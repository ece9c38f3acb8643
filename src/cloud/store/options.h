/* options.h - what a local cloud is started with. */
#ifndef CLOUD_STORE_OPTIONS_H
#define CLOUD_STORE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/err.h"
#include "core/log.h"

struct cloud_batch_container;
struct cloud_service;

struct cloud_options {
    const char *data_dir;    /* created 0700; holds cloud.db, jobs' folders, env, lock */
    const char *listen_host; /* NULL: 127.0.0.1; only loopback addresses are accepted */
    uint16_t port;           /* 0: any free one */
    const char *region;      /* NULL: us-east-1 */
    const char
        *program; /* the absolute path of mvpdash, which the pipeline calls; NULL: /proc/self/exe */
    /* the absolute path of the entry point of jobs; NULL: the embedded starter */
    const char *pipeline;
    /* What runs jobs in containers; borrowed for the cloud's life. NULL: jobs are processes. */
    const struct cloud_batch_container *container;
    int max_running_jobs;      /* 0: the number of CPUs, at least 2 */
    int kill_grace_ms;         /* the time between SIGTERM and SIGKILL of a job; 0: 10 s */
    bool seed;                 /* create the system of SPEC 8 when the store is new */
    const struct clock *clock; /* NULL: the system's */
    struct log *log;           /* NULL: none */
    /* The services to run, in the order they start (they stop in the reverse), a NULL at the end;
     * borrowed for the cloud's life. NULL: all there are. */
    const struct cloud_service *const *services;
};

/* `out` owns its strings and has the defaults filled in, except for `services`. */
void cloud_options_copy(const struct cloud_options *o, struct cloud_options *out);
void cloud_options_clear(struct cloud_options *o);
/* E_CONFIG for a text that is no region. */
MUST_CHECK enum err_code cloud_options_check(const struct cloud_options *o, struct err *e);
#endif
