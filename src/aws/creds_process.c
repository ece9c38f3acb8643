/* credential_process: a program of the user's that prints keys as JSON. Its command line is split
 * like a shell would, but no shell runs it. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"
#include "core/words.h"
#include "creds_impl.h"

extern char **environ;

enum { OUTPUT_MAX = 64 * 1024, TIME_MS = 60000, SLICE_MS = 250 };

struct process {
    pid_t pid;
    int out_fd, err_fd;
    struct strbuf out, err;
};

static int start(struct process *p, char **words)
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
    (void)posix_spawnattr_setsigmask(&attr, &none); /* workers block signals, it must not */
    (void)posix_spawnattr_setsigdefault(&attr, &defaults);
    (void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    int rc = posix_spawnp(&p->pid, words[0], &actions, &attr, words, environ);
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

/* Reads what is there; false at the end of the stream or over the limit. */
static bool drain(int fd, struct strbuf *to)
{
    char buf[4096];
    ssize_t n = read(fd, buf, sizeof buf);

    if (n > 0) {
        strbuf_add(to, buf, (size_t)n);
    }
    OPENSSL_cleanse(buf, sizeof buf);
    return (n > 0 && !to->overflow) || (n < 0 && errno == EINTR);
}

/* Collects both streams until both end; E_TIMEOUT, E_CANCELLED, E_TOO_BIG. */
static enum err_code collect(struct creds_ctx *x, struct process *p, const char *what,
                             struct err *e)
{
    struct pollfd fds[2] = {
        {p->out_fd, POLLIN, 0},
        {p->err_fd, POLLIN, 0}
    };
    int64_t until = clock_mono_ms(NULL) + TIME_MS;

    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        if (http_stopped(x->o->http)) {
            return err_set(e, E_CANCELLED, "stopped");
        }
        if (clock_mono_ms(NULL) >= until) {
            return err_set(e, E_TIMEOUT, "%s: the program gave no answer within %d s", what,
                           TIME_MS / 1000);
        }
        (void)poll(fds, 2, SLICE_MS); /* in slices: a stop of the client must be seen */
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
    return E_OK;
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
    text_clean(&clean, strbuf_str(words), len, TEXT_ONE_LINE);
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
    int why = start(&p, words);

    if (why != 0) {
        return err_set(e, E_CREDS, "%s: cannot run %.100s: %s", what, words[0],
                       strerror_r(why, reason, sizeof reason));
    }
    enum err_code rc = collect(x, &p, what, e);
    (void)close(p.out_fd);
    (void)close(p.err_fd);
    if (rc != E_OK) {
        (void)kill(-p.pid, SIGKILL);
    }
    while (waitpid(p.pid, &status, 0) < 0 && errno == EINTR) {
    }
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
