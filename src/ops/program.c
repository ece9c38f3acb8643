/* Running programs of the person's own.
 *
 * DESIGN: the input is a file in memory, so that a program that reads nothing holds nobody up. The
 * output comes through a pipe: a program that prints without end is stopped by the pipe and not by
 * the memory. The end is that of the program itself, not that of the pipe, which a process that it
 * left behind may keep open. */
#include "ops/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/child.h"
#include "core/path.h"
#include "core/platform.h"
#include "core/strbuf.h"
#include "core/text.h"

enum { LOOK_MS = 50, GRACE_MS = 2000, LEAVING_MS = 200, INPUT_FD = 3, PIECE = 16 * 1024 };

static bool is_secret(const char *entry)
{
    static const char *const names[] = {
        "AWS_ACCESS_KEY_ID",  "AWS_SECRET_ACCESS_KEY",    "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN", "FOUNDERDASH_DATABASE_URL", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "MVPDASH_API_TOKEN",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);
        if (strncmp(entry, names[i], n) == 0 && entry[n] == '=') {
            return true;
        }
    }
    return false;
}

char **program_environment(const struct env_block *vars, char *const *facts, size_t facts_len)
{
    size_t len = 0;
    char **env = xcalloc(vars->len + facts_len + 1, sizeof *env);

    for (size_t i = 0; i < vars->len; i++) {
        if (!is_secret(vars->items[i])) {
            env[len++] = vars->items[i];
        }
    }
    for (size_t i = 0; i < facts_len; i++) { /* takes the place of a variable of the same name */
        size_t name = strcspn(facts[i], "=") + 1;
        size_t at = 0;
        while (at < len && strncmp(env[at], facts[i], name) != 0) {
            at++;
        }
        env[at] = facts[i];
        len += at == len;
    }
    return env;
}

int program_input(const char *text)
{
    int fd = platform_memory_file("mvpdash-input");

    if (fd >= 0 && (!path_write_all(fd, text, strlen(text)) || lseek(fd, 0, SEEK_SET) != 0)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

int program_start(char **words, char **env, int in, int out, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, defaults;
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;

    (void)sigemptyset(&none);
    (void)sigfillset(&defaults);
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawn_file_actions_adddup2(&files, in, out < 0 ? INPUT_FD : STDIN_FILENO);
    if (out >= 0) {
        (void)posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
        (void)posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
        flags |= POSIX_SPAWN_SETSID;
    }
    (void)posix_spawnattr_init(&attr);
    (void)posix_spawnattr_setsigmask(&attr, &none);
    (void)posix_spawnattr_setsigdefault(&attr, &defaults);
    (void)posix_spawnattr_setflags(&attr, flags);
    int rc = posix_spawnp(pid, words[0], &files, &attr, words, env);
    (void)posix_spawnattr_destroy(&attr);
    (void)posix_spawn_file_actions_destroy(&files);
    return rc;
}

enum err_code program_not_started(struct err *e, const char *name, int number)
{
    char *shown = text_cleaned(name, TEXT_ONE_LINE);
    enum err_code rc =
        err_set(e, E_IO, "%.*s cannot be run: %s", text_cut(shown, 80), shown, strerror(number));

    free(shown);
    return rc;
}

/* ---- with its output ---- */

/* Takes what the pipe holds now, without waiting. False: there is more than may be. */
static bool take_output(int pipe, size_t max, struct strbuf *out, bool *closed)
{
    char piece[PIECE];

    for (;;) {
        ssize_t n = read(pipe, piece, sizeof piece);
        if (n <= 0) {
            *closed = n == 0 || (errno != EAGAIN && errno != EINTR);
            return true;
        }
        size_t room = max - out->len;
        strbuf_add(out, piece, (size_t)n < room ? (size_t)n : room);
        if ((size_t)n > room) {
            return false;
        }
    }
}

/* Ends the program's group: SIGTERM, and SIGKILL when the program is there `grace_ms` later. */
static void end_group(pid_t pid, int grace_ms, int *status)
{
    int64_t until = clock_mono_ms(NULL) + grace_ms;

    (void)kill(-pid, SIGTERM);
    while (!child_ended(pid) && clock_mono_ms(NULL) < until) {
        (void)poll(NULL, 0, 10);
    }
    (void)child_end(pid, status);
}

static enum program_end wait_end(const struct ops *o, const struct program *p, pid_t pid, int pipe,
                                 struct strbuf *out, int *status)
{
    int64_t until = clock_mono_ms(NULL) + (int64_t)p->seconds * 1000;
    int ended = child_fd(pid);
    enum program_end end = PROGRAM_ENDED;
    bool closed = false;

    for (;;) {
        struct pollfd fds[] = {
            {.fd = closed ? -1 : pipe, .events = POLLIN},
            {.fd = ended,              .events = POLLIN}
        };
        (void)poll(fds, 2, LOOK_MS);
        bool over = child_ended(pid); /* before the look at the pipe, which then holds all of it */
        if (!closed && !take_output(pipe, p->output_max, out, &closed)) {
            end = PROGRAM_OUTPUT;
        } else if (over) {
            (void)child_wait(pid, 0, status);
            break;
        } else if ((p->stop != NULL && atomic_load(p->stop)) || !ops_sleep(o, 0)) {
            end = PROGRAM_STOPPED;
        } else if (clock_mono_ms(NULL) >= until) {
            end = PROGRAM_TIMEOUT;
        }
        if (end != PROGRAM_ENDED) {
            int grace = p->grace_ms == 0 ? GRACE_MS : p->grace_ms;
            end_group(pid, ops_sleep(o, 0) ? grace : LEAVING_MS, status);
            break;
        }
    }
    if (ended >= 0) {
        (void)close(ended);
    }
    return end;
}

enum err_code ops_program(const struct ops *o, const struct program *p, struct program_result *out,
                          struct err *e)
{
    int64_t began = clock_mono_ms(NULL);
    struct strbuf text = STRBUF_INIT;
    int ends[2] = {-1, -1};
    enum err_code rc = E_OK;
    pid_t pid = 0;

    *out = (struct program_result){.status = -1};
    struct env_block vars = env_block_new(settings_program_environment(o->settings));
    char **env = program_environment(&vars, p->facts, p->facts_len);
    int in = program_input(p->input);
    int failed = in < 0 || pipe2(ends, O_CLOEXEC) != 0
                     ? errno
                     : program_start(p->words, env, in, ends[1], &pid);
    if (ends[1] >= 0) {
        (void)close(ends[1]);
    }
    if (failed != 0) {
        rc = program_not_started(e, p->words[0], failed);
    } else {
        (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
        out->end = wait_end(o, p, pid, ends[0], &text, &out->status);
    }
    if (in >= 0) {
        (void)close(in);
    }
    if (ends[0] >= 0) {
        (void)close(ends[0]);
    }
    free(env);
    env_block_free(&vars);
    out->len = text.len;
    out->output = strbuf_take(&text);
    out->ms = clock_mono_ms(NULL) - began;
    return rc;
}

char *program_end_text(const struct program_result *r, int seconds)
{
    switch (r->end) {
    case PROGRAM_TIMEOUT:
        return xasprintf("was ended after %d s: it took too long", seconds);
    case PROGRAM_OUTPUT:
        return xasprintf("was ended: it printed over %zu bytes", r->len);
    case PROGRAM_STOPPED:
        return xstrdup("was stopped");
    case PROGRAM_ENDED:
        break;
    }
    if (r->status == -1) {
        return xstrdup("has ended; how it ended is not known");
    }
    return WIFEXITED(r->status) ? xasprintf("ended with status %d", WEXITSTATUS(r->status))
                                : xasprintf("was ended by signal %d", WTERMSIG(r->status));
}
