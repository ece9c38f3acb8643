/* Handing the terminal to a program, and taking it back. */
#include "ui/foreground.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/child.h"
#include "core/path.h"
#include "ops/program.h"
#include "ui/signals.h"

/* how often the program's end is looked for where the kernel does not tell of it; the time for a
 * program to end after SIGTERM */
enum { LOOK_MS = 100, GRACE_MS = 2000 };

/* Starts the program in this one's process group, which has the terminal. Returns 0 or an errno. */
static int start(const struct task_program *p, const struct env *environment, pid_t *pid)
{
    int in = program_input(p->input);

    if (in < 0) {
        return errno;
    }
    struct env_block vars = env_block_new(environment);
    char **env = program_environment(&vars, p->env.items, p->env.len);
    int rc = program_start(p->words, env, in, -1, pid);
    (void)close(in);
    free(env);
    env_block_free(&vars);
    return rc;
}

/* Waits until the program has ended, or a signal wants this one to leave: then it is ended. */
static struct program_result wait_end(pid_t pid, unsigned *seen, int *number)
{
    struct program_result r = {.status = -1};
    int fd = child_fd(pid);

    while (!child_wait(pid, 0, &r.status)) {
        struct pollfd fds[] = {
            {.fd = signals_fd(), .events = POLLIN},
            {.fd = fd,           .events = POLLIN}
        };
        (void)poll(fds, 2, LOOK_MS);
        *seen |= fds[0].revents != 0 ? signals_take(number) : 0;
        if ((*seen & SIGNAL_QUIT) != 0) {
            (void)child_end_tree(pid, GRACE_MS, &r.status);
            r.end = PROGRAM_STOPPED;
            break;
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return r;
}

/* Leaves what the program printed on the screen until Enter, or a signal that wants to leave. */
static void wait_enter(const char *name, const char *how, unsigned *seen, int *number)
{
    char *line = xasprintf("\nmvpdash: %s %s. Enter goes back.\n", name, how);
    char piece[256];

    (void)!path_write_all(STDOUT_FILENO, line, strlen(line));
    free(line);
    while ((*seen & SIGNAL_QUIT) == 0) {
        struct pollfd fds[] = {
            {.fd = signals_fd(), .events = POLLIN},
            {.fd = STDIN_FILENO, .events = POLLIN}
        };
        (void)poll(fds, 2, -1);
        if (fds[0].revents != 0) {
            *seen |= signals_take(number);
        }
        if (fds[1].revents != 0 && read(STDIN_FILENO, piece, sizeof piece) >= 0) {
            return;
        }
        if ((fds[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
            return;
        }
    }
}

enum err_code foreground_run(struct terminal *t, const struct task *task, const char *name,
                             const struct env *environment, char **how, unsigned *seen, int *number,
                             struct err *e)
{
    const struct task_program *p = &task_as(task, program);
    enum err_code rc = E_OK;
    pid_t pid = 0;

    *how = NULL;
    *seen = 0;
    term_suspend(t);
    signals_lend(true);
    int failed = start(p, environment, &pid);
    if (failed != 0) {
        rc = program_not_started(e, p->words[0], failed);
    } else {
        struct program_result r = wait_end(pid, seen, number);
        *how = program_end_text(&r, 0);
        if (r.end == PROGRAM_ENDED && r.status != 0) {
            wait_enter(name, *how, seen, number);
        }
    }
    signals_lend(false);
    term_resume(t);
    return rc;
}
