/* The local cloud that the terminal tests run against. */
#include "cloud.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pty.h"

void cloud_env(struct cloud *c, const char *pair)
{
    if (c->env_len + 1 < sizeof c->env / sizeof *c->env) {
        c->env[c->env_len++] = strdup(pair);
        c->env[c->env_len] = NULL;
    }
}

/* "export NAME=value" or "export NAME='value'". */
static void take_line(struct cloud *c, char *line)
{
    char *name = line + 7;
    char *eq;

    if (strncmp(line, "export ", 7) != 0 || (eq = strchr(name, '=')) == NULL) {
        return;
    }
    if (eq[1] == '\'' || eq[1] == '"') {
        size_t len = strlen(eq + 1);
        memmove(eq + 1, eq + 2, len);
        eq[len > 2 ? len - 1 : 1] = '\0';
    }
    cloud_env(c, name);
}

/* Reads lines until the server has printed its environment: all five names were seen. */
static bool read_env(struct cloud *c, int deadline_ms)
{
    char buf[8192];
    size_t len = 0;
    size_t before = c->env_len;
    int64_t deadline = pty_now_ms() + deadline_ms;

    while (c->env_len - before < 5 && pty_now_ms() < deadline && len < sizeof buf - 1) {
        struct pollfd f = {.fd = c->out, .events = POLLIN};
        if (poll(&f, 1, (int)(deadline - pty_now_ms())) <= 0) {
            break;
        }
        ssize_t n = read(c->out, buf + len, sizeof buf - 1 - len);
        if (n <= 0) {
            break;
        }
        len += (size_t)n;
        buf[len] = '\0';
        for (char *end; (end = strchr(buf, '\n')) != NULL;) {
            *end = '\0';
            take_line(c, buf);
            len -= (size_t)(end + 1 - buf);
            memmove(buf, end + 1, len + 1);
        }
    }
    return c->env_len - before >= 5;
}

/* Starts the server at `listen` and takes the first lines it prints. */
static bool serve(struct cloud *c, const char *program, const char *listen, int deadline_ms)
{
    char data[80];
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0) {
        return false;
    }
    (void)snprintf(data, sizeof data, "%s/cloud", c->dir);
    c->pid = fork();
    if (c->pid == 0) {
        (void)dup2(fds[1], STDOUT_FILENO);
        for (size_t i = 0; i < c->env_len; i++) {
            (void)putenv(c->env[i]);
        }
        (void)execl(program, program, "local", "--listen", listen, "--data", data, (char *)NULL);
        _exit(127);
    }
    (void)close(fds[1]);
    c->out = fds[0];
    return c->pid > 0 && read_env(c, deadline_ms);
}

bool cloud_start(struct cloud *c, const char *program, int deadline_ms)
{
    char pair[160];

    memset(c, 0, sizeof *c);
    (void)snprintf(c->dir, sizeof c->dir, "/tmp/mvpdash-e2e.XXXXXX");
    if (mkdtemp(c->dir) == NULL) {
        (void)fprintf(stderr, "e2e: %s\n", strerror(errno));
        c->dir[0] = '\0';
        return false;
    }
    (void)snprintf(pair, sizeof pair, "HOME=%s", c->dir);
    cloud_env(c, pair);
    (void)snprintf(pair, sizeof pair, "XDG_STATE_HOME=%s/state", c->dir);
    cloud_env(c, pair);
    (void)snprintf(pair, sizeof pair, "XDG_CONFIG_HOME=%s/config", c->dir);
    cloud_env(c, pair);
    if (!serve(c, program, "127.0.0.1:0", deadline_ms)) {
        (void)fprintf(stderr, "e2e: `%s local` did not say where it is\n", program);
        return false;
    }
    return true;
}

/* Ends the server, with force when it takes longer than a minute. */
static void end_server(struct cloud *c, int number)
{
    int status = 0;

    if (c->pid <= 0) {
        return;
    }
    (void)kill(c->pid, number);
    int64_t deadline = pty_now_ms() + 60000;
    while (waitpid(c->pid, &status, WNOHANG) == 0) {
        if (pty_now_ms() > deadline) {
            (void)kill(c->pid, SIGKILL);
        }
        (void)poll(NULL, 0, 10);
    }
    (void)close(c->out);
    c->pid = 0;
}

void cloud_away(struct cloud *c)
{
    end_server(c, SIGTERM);
}

bool cloud_again(struct cloud *c, const char *program, int deadline_ms)
{
    const char *listen = NULL;
    size_t env_len = c->env_len;

    for (size_t i = 0; i < c->env_len; i++) {
        if (strncmp(c->env[i], "AWS_ENDPOINT_URL=http://", 24) == 0) {
            listen = c->env[i] + 24;
        }
    }
    if (listen == NULL || !serve(c, program, listen, deadline_ms)) {
        return false;
    }
    while (c->env_len > env_len) { /* the server prints the same lines again */
        free(c->env[--c->env_len]);
        c->env[c->env_len] = NULL;
    }
    return true;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

void cloud_stop(struct cloud *c)
{
    end_server(c, SIGTERM);
    for (size_t i = 0; i < c->env_len; i++) {
        free(c->env[i]);
    }
    if (c->dir[0] != '\0') {
        (void)nftw(c->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
    memset(c, 0, sizeof *c);
}
