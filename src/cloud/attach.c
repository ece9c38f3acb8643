/* Finding or starting the local cloud for --local.
 *
 * DESIGN: first look whether the folder's cloud answers (DATA/env names a port that listens, and
 * DATA/lock is held); else start /proc/self/exe in a session of its own and read what it prints.
 * When two processes look at once, both may start a cloud: the second cloud finds the folder locked
 * and ends, and its starter looks again. All this happens within a deadline. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cloud/cloud.h"
#include "core/alloc.h"
#include "core/child.h"
#include "core/clock.h"
#include "core/envfile.h"
#include "core/path.h"
#include "core/platform.h"
#include "core/strbuf.h"

enum { START_MS = 15000, STOP_MS = 5000, PAUSE_MS = 50, ENV_MAX = 8192 };

extern char **environ;

static void pause_a_little(void)
{
    const struct timespec t = {.tv_nsec = PAUSE_MS * 1000000L};

    (void)nanosleep(&t, NULL);
}

/* ---- is there one? ---- */

/* Does something listen at http://HOST:PORT? */
static bool listens(const char *url)
{
    char host[64] = "";
    char port[8] = "";
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    struct addrinfo *at = NULL;

    if (sscanf(url, "http://[%63[^]]]:%7[0-9]", host, port) != 2 &&
        sscanf(url, "http://%63[^:/]:%7[0-9]", host, port) != 2) {
        return false;
    }
    if (getaddrinfo(host, port, &hints, &at) != 0) {
        return false;
    }
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* On loopback a connection is accepted or refused at once. */
    bool ok = fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    freeaddrinfo(at);
    return ok;
}

static bool folder_locked(const char *data_dir)
{
    char *path = path_join(data_dir, "lock");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;

    if (fd >= 0) {
        (void)close(fd);
    }
    free(path);
    return locked;
}

static bool complete(const struct env_file *f)
{
    static const char *const needed[] = {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID",
                                         "AWS_SECRET_ACCESS_KEY", "AWS_REGION"};

    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        const struct env_entry *x = env_file_find(f, needed[i]);
        if (x == NULL || x->value[0] == '\0') {
            return false;
        }
    }
    return true;
}

static bool find_running(const char *data_dir, struct env_file *out)
{
    char *path = path_join(data_dir, "env");
    char *text = NULL;
    size_t len = 0;
    bool found = false;

    if (path_read(path, ENV_MAX, &text, &len, NULL) == E_OK &&
        env_file_parse(text, len, path, out, NULL) == E_OK) {
        found = complete(out) && listens(env_file_find(out, "AWS_ENDPOINT_URL")->value) &&
                folder_locked(data_dir);
        if (!found) {
            env_file_clear(out);
        }
    }
    free(text);
    free(path);
    return found;
}

/* ---- starting one ---- */

static enum err_code not_started(const char *program, int number, struct err *e)
{
    const char *missing = program == NULL                  ? PLATFORM_SELF
                          : access("/dev/null", R_OK) != 0 ? "/dev/null"
                                                           : NULL;

    if (missing == NULL) {
        return err_set(e, E_IO, "cannot start the local cloud: %s", strerror(number));
    }
    (void)err_set(e, E_IO, "cannot start the local cloud: there is no %s", missing);
    return err_hint_set(e, "mount /proc and /dev in this root, as every system has them");
}

static enum err_code spawn(const char *data_dir, int out_fd, pid_t *pid, struct err *e)
{
    char *log = path_join(data_dir, "cloud.log");
    char *program = access(PLATFORM_SELF, X_OK) == 0 ? xstrdup(PLATFORM_SELF) : platform_program();
    char *argv[] = {
        (char *)"mvpdash",     (char *)"local",  (char *)"--background", (char *)"--listen",
        (char *)"127.0.0.1:0", (char *)"--data", (char *)data_dir,       NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none;

    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&files, out_fd, 1);
    (void)posix_spawn_file_actions_addopen(&files, 2, log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    platform_spawn_in(&files, "/");
    (void)posix_spawnattr_init(&attr);
    (void)sigemptyset(&none);
    (void)posix_spawnattr_setsigmask(&attr, &none);
    (void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
    int rc = program == NULL ? ENOENT : posix_spawn(pid, program, &files, &attr, argv, environ);
    (void)posix_spawnattr_destroy(&attr);
    (void)posix_spawn_file_actions_destroy(&files);
    enum err_code code = rc == 0 ? E_OK : not_started(program, rc, e);
    free(program);
    free(log);
    return code;
}

/* Reads what the cloud prints, to its end: the cloud lets go of its stdout when it is ready, and
 * dies when it cannot start. False at the deadline. */
static bool read_to_end(int fd, int64_t deadline, struct strbuf *out)
{
    for (;;) {
        int64_t left = deadline - clock_mono_ms(NULL);
        struct pollfd p = {.fd = fd, .events = POLLIN};
        char room[1024];
        if (left <= 0) {
            return false;
        }
        int ready = poll(&p, 1, (int)left);
        if (ready < 0 && errno != EINTR) {
            return false;
        }
        if (ready <= 0) {
            continue;
        }
        ssize_t n = read(fd, room, sizeof room);
        if (n == 0) {
            return true;
        }
        if (n > 0) {
            strbuf_add(out, room, (size_t)n);
        } else if (errno != EINTR) {
            return false;
        }
    }
}

/* Puts into the message what the cloud said about its end, or else the first line of its log. */
static enum err_code died(const char *data_dir, struct err *e)
{
    char *path = path_join(data_dir, "cloud.log");
    char *text = NULL;
    size_t len = 0;
    const char *first = "";

    if (path_read(path, (size_t)1024 * 1024, &text, &len, NULL) == E_OK) {
        const char *said = strncmp(text, "mvpdash: ", 9) == 0 ? text : strstr(text, "\nmvpdash: ");
        first = said == NULL ? text : said + strcspn(said, " ") + 1;
        text[(size_t)(first - text) + strcspn(first, "\n")] = '\0';
    }
    enum err_code rc =
        err_set(e, E_IO, "the local cloud did not start%s%s", first[0] == '\0' ? "" : ": ", first);
    (void)err_hint_set(e, "see %s", path);
    free(text);
    free(path);
    return rc;
}

/* Tries once to start a cloud. `*found` stays false when that cloud ended because another one holds
 * the folder. */
static enum err_code try_start(const char *data_dir, int64_t deadline, struct env_file *out,
                               bool *found, struct err *e)
{
    struct strbuf text = STRBUF_LIMIT(ENV_MAX);
    int ends[2];
    pid_t pid = -1;
    enum err_code rc = E_OK;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return err_set(e, E_IO, "pipe: %s", strerror(errno));
    }
    rc = spawn(data_dir, ends[1], &pid, e);
    (void)close(ends[1]);
    if (rc != E_OK) {
        goto out;
    }
    if (!read_to_end(ends[0], deadline, &text)) {
        (void)kill(pid, SIGTERM);
        if (!child_wait(pid, STOP_MS, NULL)) {
            (void)child_end(pid, NULL);
        }
        rc = err_set(e, E_TIMEOUT, "the local cloud did not get ready in time");
        goto out;
    }
    if (env_file_parse(strbuf_str(&text), text.len, "environment", out, NULL) == E_OK &&
        complete(out)) {
        *found = true;
        goto out;
    }
    env_file_clear(out);
    if (!child_wait(pid, STOP_MS,
                    NULL)) { /* the cloud closed its stdout without an environment: it is ending */
        (void)child_end(pid, NULL);
    }
    rc = folder_locked(data_dir) ? E_OK : died(data_dir, e);
out:
    (void)close(ends[0]);
    strbuf_wipe(&text);
    return rc;
}

/* ---- the environment ---- */

static bool names_identity_or_endpoint(const char *var)
{
    static const char *const prefixes[] = {"AWS_ENDPOINT_URL",  "AWS_CONTAINER_",
                                           "AWS_WEB_IDENTITY_", "AWS_ROLE_",
                                           "AWS_USE_",          "AWS_IGNORE_CONFIGURED_"};
    static const char *const names[] = {
        "AWS_ACCESS_KEY_ID",   "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
        "AWS_PROFILE",         "AWS_DEFAULT_PROFILE",   "AWS_REGION",        "AWS_DEFAULT_REGION",
        "AWS_CREDENTIAL_FILE", "AWS_CA_BUNDLE"};
    size_t len = strcspn(var, "=");

    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (strncmp(var, prefixes[i], strlen(prefixes[i])) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) == len && strncmp(var, names[i], len) == 0) {
            return true;
        }
    }
    return false;
}

static void scrub_environment(void)
{
    for (char **v = environ; v != NULL && *v != NULL;) {
        if (!names_identity_or_endpoint(*v)) {
            v++;
            continue;
        }
        char *name = xstrndup(*v, strcspn(*v, "="));
        (void)unsetenv(name);
        free(name);
        v = environ; /* unsetenv moves the variables that follow */
    }
}

static enum err_code take_use_lock(const char *data_dir, int64_t deadline, int *fd, struct err *e)
{
    char *path = path_join(data_dir, "users");
    enum err_code rc = E_OK;

    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0) {
        rc = err_set(e, E_IO, "%s: %s", path, strerror(errno));
    }
    /* A cloud that is just ending holds the lock. */
    while (rc == E_OK && flock(*fd, LOCK_SH | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            rc = err_set(e, E_IO, "%s: %s", path, strerror(errno));
        } else if (clock_mono_ms(NULL) > deadline) {
            rc =
                err_set(e, E_TIMEOUT, "the local cloud of %s is ending and does not end", data_dir);
        } else {
            pause_a_little();
        }
    }
    free(path);
    return rc;
}

enum err_code cloud_attach(const char *data_dir, int *use_fd, struct err *e)
{
    int64_t deadline = clock_mono_ms(NULL) + START_MS;
    struct env_file vars = {0};
    bool found = false;

    *use_fd = -1;
    enum err_code rc = path_mkdirs(data_dir, 0700, e);
    if (rc == E_OK) {
        rc = take_use_lock(data_dir, deadline, use_fd, e);
    }
    scrub_environment();
    while (rc == E_OK && !found) {
        found = find_running(data_dir, &vars);
        if (!found && !folder_locked(data_dir)) {
            rc = try_start(data_dir, deadline, &vars, &found, e);
        }
        if (rc == E_OK && !found && clock_mono_ms(NULL) > deadline) {
            rc = err_set(e, E_TIMEOUT, "the local cloud of %s does not answer", data_dir);
        }
        if (rc == E_OK && !found) {
            pause_a_little();
        }
    }
    for (size_t i = 0; rc == E_OK && i < vars.len; i++) {
        if (setenv(vars.items[i].key, vars.items[i].value, 1) != 0) {
            rc = err_set(e, E_IO, "cannot set %s", vars.items[i].key);
        }
    }
    env_file_clear(&vars);
    if (rc != E_OK && *use_fd >= 0) {
        (void)close(*use_fd);
        *use_fd = -1;
    }
    return rc;
}
