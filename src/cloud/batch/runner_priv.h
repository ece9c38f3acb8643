/* runner_priv.h - what the two sides of a job's process share; see the DESIGN note in
 * runner_supervisor.c. */
#ifndef CLOUD_BATCH_RUNNER_PRIV_H
#define CLOUD_BATCH_RUNNER_PRIV_H

#include <stdint.h>
#include <sys/types.h>

#include "runner.h"

enum report_kind { REPORT_STARTED = 1, REPORT_EXEC_FAILED, REPORT_ENDED };

struct report {
    int kind;
    int value; /* the pid, errno or wait status */
};

struct pipes {
    int output[2], report[2];
    int control[2]; /* a socket pair: a write to a dead supervisor raises no SIGPIPE */
};

/* What the supervisor needs to start the job. All of it is prepared before the fork. */
struct supervised {
    const char *const *argv, *const *envp;
    const char *cwd;
    const char *const *end_argv; /* NULL: none */
    int64_t end_ms;              /* the most time that it gets */
    bool leaves_others;
    /* the places to try for argv[0], each NUL-terminated, and "" as the last one */
    const char *paths;
};

/* The supervisor's whole life, in the process that fork() made. All signals are blocked when this
 * is called; `parent` is the process id of the program. */
_Noreturn void cloud_batch_runner_supervise(const struct supervised *s, struct pipes *p,
                                            pid_t parent);
#endif
