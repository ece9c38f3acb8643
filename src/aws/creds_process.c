/* Credentials of credential_process: a program of the user's prints keys as JSON. Its command line
 * is split as a shell would split it, but no shell runs it. The program has ended, with its group,
 * when creds_process returns, even if it closes its output and lives on, or ends and leaves a child
 * that holds the output open. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/child.h"
#include "core/json.h"
#include "core/platform.h"
#include "core/secret.h"
#include "core/text.h"
#include "core/words.h"
#include "creds_impl.h"

enum { OUTPUT_MAX = 64 * 1024, TIME_MS = 60000, SLICE_MS = 250, LOOK_MS = 10 };

struct process {
    pid_t pid;
    int out_fd, err_fd;
    struct strbuf out, err;
};

static int start(struct process *p, char **words, const struct env *env)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none;
    sigset_t defaults;
    int out[2];
    int err[2];

    if (pipe2(out, O_CLOEXEC) != 0) {
        return errno;
    }
    if (pipe2(err, O_CLOEXEC) != 0) {
        int why = errno;
        (void)close(out[0]);
        (void)close(out[1]);
        return why;
    }
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
    (void)posix_spawnattr_init(&attr);
    (void)sigemptyset(&none);
    (void)sigemptyset(&defaults);
    (void)sigaddset(&defaults, SIGPIPE);
    (void)sigaddset(&defaults, SIGXFSZ);
    /* worker threads block signals, the program must not */
    (void)posix_spawnattr_setsigmask(&attr, &none);
    (void)posix_spawnattr_setsigdefault(&attr, &defaults);
    (void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    struct env_block vars = env_block_new(env);
    int rc = posix_spawnp(&p->pid, words[0], &actions, &attr, words, vars.items);
    env_block_free(&vars);
    (void)posix_spawnattr_destroy(&attr);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(out[1]);
    (void)close(err[1]);
    p->out_fd = out[0];
    p->err_fd = err[0];
    if (rc != 0) {
        (void)close(out[0]);
        (void)close(err[0]);
    }
    return rc;
}

/* Reads what is there; false at the end of the stream, or beyond the limit. */
static bool drain(int fd, struct strbuf *to)
{
    char buf[4096];
    ssize_t n = read(fd, buf, sizeof buf);

    if (n > 0) {
        strbuf_add(to, buf, (size_t)n);
    }
    secret_wipe(buf, sizeof buf);
    return (n > 0 && !to->overflow) || (n < 0 && errno == EINTR);
}

static enum err_code too_long(int limit_ms, const char *what, struct err *e)
{
    (void)err_set(e, E_TIMEOUT, "%s: the program did not end within %g s and was killed", what,
                  limit_ms / 1000.0);
    return err_hint_set(e, "run it by hand; it must print the keys and end");
}

/* Collects both streams until the program has ended, even when another process still holds them
 * open; E_TIMEOUT, E_CANCELLED, E_TOO_BIG. */
static enum err_code collect(struct creds_ctx *x, struct process *p, int end_fd, const char *what,
                             struct err *e)
{
    struct pollfd fds[3] = {
        {p->out_fd, POLLIN, 0},
        {p->err_fd, POLLIN, 0},
        {end_fd,    POLLIN, 0}
    };
    int limit_ms = x->o->process_ms > 0 ? x->o->process_ms : TIME_MS;
    int64_t until = clock_mono_ms(NULL) + limit_ms;

    for (;;) {
        if (http_stopped(x->o->http)) {
            return err_set(e, E_CANCELLED, "stopped");
        }
        if (clock_mono_ms(NULL) >= until) {
            return too_long(limit_ms, what, e);
        }
        bool ended = child_ended(p->pid); /* after that, everything that it wrote is in the pipes */
        /* The wait is cut into slices, so that a stop of the client is noticed. */
        int ready = poll(fds, 2 + (ended ? 0 : 1), ended ? 0 : end_fd >= 0 ? SLICE_MS : LOOK_MS);
        if (ended && ready == 0) {
            return E_OK;
        }
        if (fds[0].revents != 0 && !drain(fds[0].fd, &p->out)) {
            fds[0].fd = -1;
        }
        if (fds[1].revents != 0 && !drain(fds[1].fd, &p->err)) {
            fds[1].fd = -1;
        }
        if (p->out.overflow || p->err.overflow) {
            return err_set(e, E_TOO_BIG, "%s: the program wrote over %d bytes", what, OUTPUT_MAX);
        }
    }
}

/* Follows the program from its start to its end. */
static enum err_code follow(struct creds_ctx *x, struct process *p, const char *what, int *status,
                            struct err *e)
{
    int end_fd = child_fd(p->pid), lease = -1;

    child_guard(p->pid, (int64_t)2 * TIME_MS, &lease); /* in case mvpdash is killed meanwhile */
    enum err_code rc = collect(x, p, end_fd, what, e);
    (void)close(p->out_fd);
    (void)close(p->err_fd);
    if (!child_end(p->pid, status) && rc == E_OK) {
        rc = err_set(e, E_IO, "%s: the program's end was not seen", what);
    }
    if (lease >= 0) {
        (void)close(lease);
    }
    if (end_fd >= 0) {
        (void)close(end_fd);
    }
    return rc;
}

static enum err_code parse_output(const char *output, size_t len, const char *what,
                                  struct aws_creds *out, struct err *e)
{
    static const struct creds_members members = {.key_id = "AccessKeyId",
                                                 .secret = "SecretAccessKey",
                                                 .token = "SessionToken",
                                                 .expiration = "Expiration",
                                                 .account = "AccountId"};
    cJSON *doc = json_parse(output, len, what, e);
    enum err_code rc = E_PARSE;

    if (doc != NULL && json_int(doc, "Version", 0) != 1) {
        rc = err_set(e, E_PARSE, "%s: Version is not 1", what);
    } else if (doc != NULL) {
        rc = creds_from_json(doc, &members, what, out, e);
    }
    cJSON_Delete(doc);
    return rc;
}

static enum err_code exit_error(int status, const struct strbuf *words, const char *what,
                                struct err *e)
{
    struct strbuf clean = STRBUF_INIT;
    size_t len = words->len > 300 ? 300 : words->len;

    while (len > 0 && strchr(" \t\r\n", words->data[len - 1]) != NULL) {
        len--;
    }
    /* These are another program's words: "password: x" in them is no sentence of ours. */
    char *masked = xstrndup(strbuf_str(words), len);
    secret_mask_in_place(masked);
    text_clean(&clean, masked, strlen(masked), TEXT_ONE_LINE);
    free(masked);
    enum err_code rc =
        WIFEXITED(status)
            ? err_set(e, E_CREDS, "%s: the program ended with status %d: %s", what,
                      WEXITSTATUS(status), strbuf_str(&clean))
            : err_set(e, E_CREDS, "%s: the program was ended by signal %d", what, WTERMSIG(status));
    strbuf_clear(&clean);
    return rc;
}

static enum err_code run(struct creds_ctx *x, char **words, const char *what, struct aws_creds *out,
                         struct err *e)
{
    struct process p = {.out = STRBUF_LIMIT(OUTPUT_MAX), .err = STRBUF_LIMIT(OUTPUT_MAX)};
    char reason[80];
    int status = 0;
    int why = start(&p, words, x->o->env);

    if (why != 0) {
        return err_set(e, E_CREDS, "%s: cannot run %.100s: %s", what, words[0],
                       platform_errno_text(why, reason, sizeof reason));
    }
    enum err_code rc = follow(x, &p, what, &status, e);
    if (rc == E_OK && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
        rc = exit_error(status, &p.err, what, e);
    }
    if (rc == E_OK) {
        rc = parse_output(strbuf_str(&p.out), p.out.len, what, out, e);
    }
    strbuf_wipe(&p.out);
    strbuf_wipe(&p.err);
    return rc;
}

enum err_code creds_process(struct creds_ctx *x, const char *profile, struct aws_creds *out,
                            struct err *e)
{
    const char *line = profiles_get(&x->profiles, profile, "credential_process");
    char what[128];

    if (line == NULL) {
        return E_NOT_FOUND;
    }
    (void)snprintf(what, sizeof what, "profile %.48s (credential_process)", profile);
    char **words = words_split(line);
    if (words == NULL) {
        return err_set(e, E_CONFIG, "%s: the command line has an open quote or no word", what);
    }
    enum err_code rc = run(x, words, what, out, e);
    words_free(words);
    (void)snprintf(out->source, sizeof out->source, "%.95s", what);
    return rc;
}
