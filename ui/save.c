/* Text out of the dashboard: into a new file, or into the pager. */
#include "ui/save.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/child.h"
#include "core/path.h"
#include "ui/signals.h"

extern char **environ;

/* the times for a pager to end: between two looks, and after SIGTERM */
enum { LOOK_MS = 100, GRACE_MS = 2000 };

/* Makes "dir/name-2.txt" from "dir/name.txt". Owned. */
static char *numbered(const char *path, int number)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(base, '.');
    size_t stem = dot == NULL || dot == base ? strlen(path) : (size_t)(dot - path);

    return number < 2 ? xstrdup(path)
                      : xasprintf("%.*s-%d%s", (int)stem, path, number, path + stem);
}

enum err_code save_text(const char *path, const char *text, char **saved, struct err *e)
{
    char *name = NULL;
    int fd = -1;

    *saved = NULL;
    for (int i = 1; i < 1000 && fd < 0; i++) {
        free(name);
        name = numbered(path, i);
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST) {
            break;
        }
    }
    if (fd < 0) {
        enum err_code rc = err_set(e, E_IO, "cannot write %s: %s", name, strerror(errno));
        free(name);
        return rc;
    }
    bool good = path_write_all(fd, text, strlen(text));
    if (close(fd) != 0 || !good) {
        enum err_code rc = err_set(e, E_IO, "cannot write %s: %s", name, strerror(errno));
        (void)unlink(name);
        free(name);
        return rc;
    }
    *saved = name;
    return E_OK;
}

/* The command of the pager. A plain command is run in the shell's place, so that ending the shell
 * ends the pager. */
static char *pager_command(void)
{
    const char *pager = getenv("PAGER");

    if (pager == NULL || pager[0] == '\0') {
        pager = "less";
    }
    return xasprintf("%s%s", strpbrk(pager, "|&;()<>`$\n") == NULL ? "exec " : "", pager);
}

/* Starts the pager with the read end of a pipe as its input. */
static enum err_code spawn_pager(pid_t *pid, int *input, struct err *e)
{
    char shell[] = "sh";
    char option[] = "-c";
    char *argv[] = {shell, option, NULL, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t defaults;
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0) {
        return err_set(e, E_IO, "cannot open a pipe to the pager: %s", strerror(errno));
    }
    argv[2] = pager_command();
    (void)sigemptyset(&defaults);
    (void)sigaddset(&defaults, SIGPIPE);
    (void)sigaddset(&defaults, SIGINT);
    (void)sigaddset(&defaults, SIGQUIT);
    (void)posix_spawnattr_init(&attr);
    (void)posix_spawnattr_setsigdefault(&attr, &defaults);
    (void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawn_file_actions_adddup2(&files, fds[0], STDIN_FILENO);
    int failed = posix_spawn(pid, "/bin/sh", &files, &attr, argv, environ);
    (void)posix_spawn_file_actions_destroy(&files);
    (void)posix_spawnattr_destroy(&attr);
    free(argv[2]);
    (void)close(fds[0]);
    if (failed != 0) {
        (void)close(fds[1]);
        return err_set(e, E_IO, "cannot start the pager: %s", strerror(failed));
    }
    *input = fds[1];
    return E_OK;
}

/* Feeds the pager until it ends: the pager may take its time over the text, and a signal may want
 * this program to leave meanwhile. A pager that then does not end at SIGTERM is killed, with
 * everything that it started. */
static int feed_pager(pid_t pid, int input, const char *text, unsigned *seen, int *number)
{
    size_t left = strlen(text);
    int status = 0;

    (void)fcntl(input, F_SETFL, O_NONBLOCK);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        struct pollfd fds[] = {
            {.fd = signals_fd(), .events = POLLIN },
            {.fd = input,        .events = POLLOUT},
        };
        (void)poll(fds, 2, LOOK_MS); /* the pager's end shows at the latest after this time */
        if (fds[0].revents != 0) {
            *seen |= signals_take(number);
            if ((*seen & SIGNAL_QUIT) != 0) {
                (void)child_end_tree(pid, GRACE_MS, &status);
                break;
            }
        }
        if (input >= 0 && fds[1].revents != 0) {
            ssize_t n = left == 0 ? 0 : write(input, text, left);
            if (n > 0) {
                text += n;
                left -= (size_t)n;
            } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
                (void)close(input); /* everything was given, or the pager wants no more */
                input = -1;
            }
        }
    }
    if (input >= 0) {
        (void)close(input);
    }
    return status;
}

enum err_code save_page(struct terminal *t, const char *text, unsigned *seen, int *number,
                        struct err *e)
{
    pid_t pid = 0;
    int input = -1;

    *seen = 0;
    term_suspend(t);
    signals_lend(true);
    enum err_code rc = spawn_pager(&pid, &input, e);
    if (rc == E_OK) {
        int status = feed_pager(pid, input, text, seen, number);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
            rc = err_set(e, E_IO, "the pager was not found");
            (void)err_hint_set(e, "set PAGER, or save the text with Ctrl-S");
        }
    }
    signals_lend(false);
    term_resume(t);
    return rc;
}
