/* program.h - programs of the person's own: the hook of [alerts] and the commands of [commands].
 * They run without a shell, in an environment without the keys of AWS, the database URL and the
 * token of the API. Any thread. */
#ifndef OPS_PROGRAM_H
#define OPS_PROGRAM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/env.h"
#include "ops/ops.h"

/* The environment for such a program: `vars` without what is secret, with `facts` ("NAME=value") in
 * it. An owned array of borrowed strings. */
char **program_environment(const struct env_block *vars, char *const *facts, size_t facts_len);
/* A file in memory with this text, to be read from its start; -1 with errno. The caller closes
 * it. */
int program_input(const char *text);
/* Starts a program with all signals as they are by default. `out` is where its stdout and stderr
 * go, and it gets a session of its own; -1: it keeps the terminal, and `in` is its descriptor 3,
 * not its stdin. Returns 0 or an errno. */
int program_start(char **words, char **env, int in, int out, pid_t *pid);
/* The error of a program that could not be started. Returns E_IO. */
enum err_code program_not_started(struct err *e, const char *name, int number);

struct program {
    char **words;       /* the program, looked up in PATH, and its arguments */
    char *const *facts; /* "NAME=value" */
    size_t facts_len;
    const char *input;       /* its stdin */
    int seconds;             /* so long it may take */
    size_t output_max;       /* so many bytes it may print */
    int grace_ms;            /* between SIGTERM and SIGKILL; 0: two seconds */
    const atomic_bool *stop; /* ends it as soon as that is true; NULL: nobody does */
};

enum program_end {
    PROGRAM_ENDED,   /* by itself */
    PROGRAM_TIMEOUT, /* it was ended: it took too long */
    PROGRAM_OUTPUT,  /* it was ended: it printed too much; what it printed is cut */
    PROGRAM_STOPPED  /* it was ended: `stop`, or ops_stop */
};

struct program_result {
    enum program_end end;
    int status; /* as of waitpid; -1: its end was not seen */
    int64_t ms;
    char *output; /* owned: stdout and stderr as they came, any bytes; NUL after the last */
    size_t len;
};

/* Runs the program and waits for its end. SIGTERM ends it and everything in its process group
 * early; what is left `grace_ms` later is killed. A program that ended by itself may leave others
 * running; what these print is not waited for. E_IO when it cannot be run. */
MUST_CHECK enum err_code ops_program(const struct ops *o, const struct program *p,
                                     struct program_result *out, struct err *e);
/* How the program ended, such as "ended with status 1" or "was ended after 60 s: it took too long".
 * Owned. */
char *program_end_text(const struct program_result *r, int seconds);
#endif
