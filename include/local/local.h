/* local.h - the embedded local cloud: AWS's wire protocols on SQLite, for one machine (SPEC 6).
 *
 * local_start returns once it listens; it serves on its own threads until local_stop. */
#ifndef LOCAL_LOCAL_H
#define LOCAL_LOCAL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/err.h"
#include "core/log.h"

struct local;

struct local_options {
    const char *data_dir;    /* created 0700; holds cloud.db, jobs' folders, env, lock */
    const char *listen_host; /* NULL: 127.0.0.1; only loopback addresses are accepted */
    uint16_t port;           /* 0: any free one */
    const char *region;      /* NULL: us-east-1 */
    const char
        *program; /* absolute path of mvpdash for the pipeline to call; NULL: /proc/self/exe */
    const char *pipeline; /* absolute path of the entry point of jobs; NULL: the embedded starter */
    int max_running_jobs; /* 0: number of CPUs, at least 2 */
    int kill_grace_ms;    /* between SIGTERM and SIGKILL of a job; 0: 10 s */
    bool seed;            /* create the system of SPEC 8 when the store is new */
    const struct clock *clock; /* NULL: the system's */
    struct log *log;           /* NULL: none */
};

/* E_CONFLICT when another process serves the same data folder, E_CONFIG for a bad address, E_IO. */
struct local *local_start(const struct local_options *o, struct err *e);
void local_stop(struct local *l); /* ends jobs' processes, joins all threads; NULL allowed */

uint16_t local_port(const struct local *l);
/* The "export NAME=value" lines for a shell (SPEC 6), newline after each; owned. Also written to
 * DATA/env (0600) while it runs. */
char *local_env_text(const struct local *l);
/* Jobs not yet final. */
int local_active_jobs(struct local *l);
#endif
