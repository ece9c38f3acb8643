/* runner.h - one local process with its output as lines: what a container is to Batch.
 *
 * The process leads a session and process group of its own. A small supervisor process stands
 * between this program and the process: when the process ends, or when this program dies for any
 * reason (SIGKILL too), the supervisor kills the whole group, so nothing outlives its job.
 *
 * cloud_batch_runner_run blocks the calling thread until everything is over;
 * cloud_batch_runner_stop may be called by any thread. */
#ifndef CLOUD_BATCH_RUNNER_H
#define CLOUD_BATCH_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/clock.h"
#include "core/err.h"

struct cloud_batch_runner; /* opaque: the layout lives in src/cloud/batch/runner.c */

#define RUNNER_LINE_MAX 65536U /* a longer line is given in pieces of this size */
#define RUNNER_GRACE_MS 10000  /* the time between SIGTERM and SIGKILL */
#define RUNNER_END_MS 30000    /* the most time that the end command gets */

struct cloud_batch_runner_options {
    const char *const *argv; /* NULL-terminated; argv[0] is a path or is found in PATH of `envp` */
    const char *const *envp; /* NULL-terminated; the whole environment: nothing is inherited */
    const char *cwd;
    /* NULL-terminated, or NULL: this command is run to its end when the process has ended, also
     * when this program has died: it ends what the process had others start. argv[0] is a path. A
     * command that takes longer than `end_ms` (0: RUNNER_END_MS) is killed with its group. */
    const char *const *end_argv;
    int64_t end_ms;
    /* What the process left outside its group lives on: it is the runtime's that the process asked,
     * and not the job's. */
    bool leaves_others;
    int64_t timeout_ms; /* 0: none */
    int64_t grace_ms;   /* 0: RUNNER_GRACE_MS; negative: SIGKILL at once */
    /* Called on the thread of cloud_batch_runner_run for each line of stdout and stderr, without
     * its newline, as it arrives; empty lines are left out. `text` is borrowed and may hold any
     * bytes. */
    void (*line)(void *arg, const char *text, size_t len);
    /* Called when lines were given and no more are waiting: a good time to hand them on together.
     * May be NULL. */
    void (*idle)(void *arg);
    /* Called once, when the process runs. May be NULL. */
    void (*started)(void *arg, pid_t pid);
    void *arg;
};

struct cloud_batch_runner_result {
    bool started; /* the program was executed */
    /* as a shell shows it: 128 + signal when a signal killed the process; 127 or 126 when it could
     * not be executed */
    int exit_code;
    bool timed_out;   /* the process was ended because timeout_ms was over */
    bool stopped;     /* the process was ended by cloud_batch_runner_stop */
    char reason[160]; /* why the process could not be started; "" when it was */
};

/* Makes a runner. Everything in `o` is borrowed and must live until cloud_batch_runner_free. */
struct cloud_batch_runner *cloud_batch_runner_new(const struct cloud_batch_runner_options *o,
                                                  struct err *e);
void cloud_batch_runner_free(
    struct cloud_batch_runner *r); /* NULL is allowed; not while cloud_batch_runner_run is in it */

/* Runs the process to its end; call it once per runner. E_IO when there is no room for another
 * process or descriptor; that a program could not be executed is a result, not an error. */
MUST_CHECK enum err_code cloud_batch_runner_run(struct cloud_batch_runner *r,
                                                struct cloud_batch_runner_result *out,
                                                struct err *e);

/* Sends SIGTERM to the group, and SIGKILL after the grace time. May be called before
 * cloud_batch_runner_run (which then starts nothing) and more than once. `now` leaves the grace
 * time out. Any thread. */
void cloud_batch_runner_stop(struct cloud_batch_runner *r, bool now);
#endif
