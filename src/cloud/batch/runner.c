/* Running one local process with its output as lines, through a supervisor process. */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/platform.h"
#include "core/strbuf.h"
#include "src/cloud/batch/runner_priv.h"

/* counted from SIGKILL on; the supervisor itself takes up to two seconds */
enum { GIVE_UP_MS = 5000, GIVE_UP_END_MS = 60000 };

struct cloud_batch_runner {
    struct cloud_batch_runner_options o;
    int wake[2]; /* cloud_batch_runner_stop writes, cloud_batch_runner_run polls; both ends
                    non-blocking */
    /* owned; the places to try for argv[0], each NUL-terminated, and "" as the last one */
    char *paths;
};

/* Line assembly and progress of one run. */
struct run {
    struct cloud_batch_runner *r;
    struct pipes p;
    pid_t supervisor;
    char *line;
    size_t line_len;
    int64_t deadline;      /* when the timeout is over; INT64_MAX when there is none */
    int64_t kill_deadline; /* when the grace time is over; INT64_MAX until SIGTERM was sent */
    int64_t give_up;       /* when the run gives up; INT64_MAX until SIGKILL was sent */
    bool ended;
    struct cloud_batch_runner_result *out;
};

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

/* The places where argv[0] may be: those that execvp would try, but with the PATH of the job.
 * Owned. */
static char *search_places(const struct cloud_batch_runner_options *o)
{
    const char *path = "/usr/local/bin:/usr/bin:/bin", *name = o->argv[0];
    struct strbuf b = STRBUF_INIT;

    for (const char *const *v = o->envp; *v != NULL; v++) {
        if (strncmp(*v, "PATH=", 5) == 0) {
            path = *v + 5;
        }
    }
    if (strchr(name, '/') != NULL) {
        strbuf_add(&b, name, strlen(name) + 1);
    } else {
        for (const char *p = path; *p != '\0';) {
            size_t n = strcspn(p, ":");
            strbuf_add(&b, p, n);
            strbuf_addc(&b, '/');
            strbuf_add(&b, name, strlen(name) + 1);
            p += n + (p[n] == ':');
        }
    }
    strbuf_addc(&b, '\0');
    return strbuf_take(&b);
}

struct cloud_batch_runner *cloud_batch_runner_new(const struct cloud_batch_runner_options *o,
                                                  struct err *e)
{
    struct cloud_batch_runner *r = xcalloc(1, sizeof *r);

    r->o = *o;
    if (r->o.grace_ms == 0) {
        r->o.grace_ms = RUNNER_GRACE_MS;
    }
    if (pipe2(r->wake, O_CLOEXEC | O_NONBLOCK) != 0) {
        (void)err_set(e, E_IO, "cannot open a pipe for a job: %s", strerror(errno));
        free(r);
        return NULL;
    }
    r->paths = search_places(o);
    return r;
}

void cloud_batch_runner_free(struct cloud_batch_runner *r)
{
    if (r == NULL) {
        return;
    }
    close_fd(&r->wake[0]);
    close_fd(&r->wake[1]);
    free(r->paths);
    free(r);
}

void cloud_batch_runner_stop(struct cloud_batch_runner *r, bool now)
{
    const char byte = now ? 'K' : 'T';
    /* A full pipe holds enough requests already, so a failed write does no harm. */
    (void)!write(r->wake[1], &byte, 1);
}

static enum err_code open_pipes(struct pipes *p, struct err *e)
{
    *p = (struct pipes){
        .output = {-1, -1},
          .report = {-1, -1},
          .control = {-1, -1}
    };
    if (pipe2(p->output, O_CLOEXEC) != 0 || pipe2(p->report, O_CLOEXEC) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p->control) != 0) {
        return err_set(e, E_IO, "cannot open pipes for a job: %s", strerror(errno));
    }
    (void)fcntl(p->output[0], F_SETFL, O_NONBLOCK);
    (void)fcntl(p->report[0], F_SETFL, O_NONBLOCK);
    return E_OK;
}

static void close_pipes(struct pipes *p)
{
    for (int i = 0; i < 2; i++) {
        close_fd(&p->output[i]);
        close_fd(&p->report[i]);
        close_fd(&p->control[i]);
    }
}

static void flush_line(struct run *run)
{
    size_t n = run->line_len;

    if (n > 0 && run->line[n - 1] == '\r') {
        n--;
    }
    if (n > 0) {
        run->r->o.line(run->r->o.arg, run->line, n);
    }
    run->line_len = 0;
}

static void on_output_bytes(struct run *run, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\n') {
            flush_line(run);
            continue;
        }
        if (run->line_len == RUNNER_LINE_MAX) {
            flush_line(run);
        }
        run->line[run->line_len++] = bytes[i];
    }
}

/* Reads the output that is there; false at the end of the stream. Reads at most a few buffers at
 * once, so that a job which prints without end cannot keep a stop from being seen. */
static bool on_output(struct run *run)
{
    char bytes[16384];

    for (int i = 0; i < 8; i++) {
        ssize_t n = read(run->p.output[0], bytes, sizeof bytes);
        if (n > 0) {
            on_output_bytes(run, bytes, (size_t)n);
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            return false;
        } else if (errno == EAGAIN) {
            return true;
        }
    }
    return true;
}

static void call_idle(struct run *run)
{
    if (run->r->o.idle != NULL) {
        run->r->o.idle(run->r->o.arg);
    }
}

static void request_kill(struct run *run, bool now)
{
    const char byte = now ? 'K' : 'T';

    /* The supervisor may be gone already: its end is seen soon, and the write must not raise
     * SIGPIPE here. */
    (void)send(run->p.control[1], &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (now) {
        run->kill_deadline = INT64_MAX;
        if (run->give_up == INT64_MAX) {
            run->give_up =
                clock_mono_ms(NULL) + (run->r->o.end_argv != NULL ? GIVE_UP_END_MS : GIVE_UP_MS);
        }
    } else if (run->kill_deadline == INT64_MAX) {
        run->kill_deadline = clock_mono_ms(NULL) + run->r->o.grace_ms;
    }
}

static void on_report(struct run *run)
{
    struct report rep;
    ssize_t n;

    while ((n = read(run->p.report[0], &rep, sizeof rep)) == (ssize_t)sizeof rep) {
        struct cloud_batch_runner_result *out = run->out;
        if (rep.kind == REPORT_STARTED) {
            out->started = true;
            if (run->r->o.started != NULL) {
                run->r->o.started(run->r->o.arg, (pid_t)rep.value);
            }
        } else if (rep.kind == REPORT_EXEC_FAILED) {
            char why[96];
            (void)snprintf(out->reason, sizeof out->reason, "cannot execute %.60s: %s",
                           run->r->o.argv[0], platform_errno_text(rep.value, why, sizeof why));
        } else {
            out->exit_code =
                WIFSIGNALED(rep.value) ? 128 + WTERMSIG(rep.value) : WEXITSTATUS(rep.value);
            run->ended = true;
        }
    }
    if (n == 0 && !run->ended) {
        (void)snprintf(run->out->reason, sizeof run->out->reason, "the supervisor was killed");
        run->out->exit_code = 137;
        run->ended = true;
    }
}

static void on_wake(struct run *run)
{
    char bytes[16];
    ssize_t n = read(run->r->wake[0], bytes, sizeof bytes);

    for (ssize_t i = 0; i < n; i++) {
        bool now = bytes[i] == 'K' || run->r->o.grace_ms < 0;
        run->out->stopped = true;
        request_kill(run, now);
    }
}

static void on_time(struct run *run, int64_t now)
{
    if (now >= run->kill_deadline) {
        request_kill(run, true);
    }
    if (now >= run->deadline) {
        run->out->timed_out = true;
        run->deadline = INT64_MAX;
        request_kill(run, run->r->o.grace_ms < 0);
    }
    if (now >= run->give_up && !run->ended) {
        /* The kernel kills the job's process together with its supervisor, as soon as it can. */
        (void)kill(run->supervisor, SIGKILL);
        (void)snprintf(run->out->reason, sizeof run->out->reason,
                       "the process did not end within %d s of SIGKILL",
                       (run->r->o.end_argv != NULL ? GIVE_UP_END_MS : GIVE_UP_MS) / 1000);
        run->out->exit_code = 137;
        run->ended = true;
    }
}

static int poll_ms(const struct run *run)
{
    int64_t next = run->deadline < run->kill_deadline ? run->deadline : run->kill_deadline;

    next = next < run->give_up ? next : run->give_up;
    if (next == INT64_MAX) {
        return -1;
    }
    int64_t left = next - clock_mono_ms(NULL);
    return left <= 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}

static void follow(struct run *run)
{
    struct pollfd fds[3] = {
        {.fd = run->p.report[0], .events = POLLIN},
        {.fd = run->r->wake[0],  .events = POLLIN},
        {.fd = run->p.output[0], .events = POLLIN}
    };

    while (!run->ended) {
        if (poll(fds, 3, poll_ms(run)) < 0 && errno != EINTR) {
            /* this cannot happen with these descriptors; if it does, the end of the control socket
             * kills the job */
            break;
        }
        if (fds[2].revents != 0) {
            fds[2].fd = on_output(run) ? fds[2].fd : -1;
            call_idle(run);
        }
        if (fds[1].revents != 0) {
            on_wake(run);
        }
        if (fds[0].revents != 0) {
            on_report(run);
        }
        on_time(run, clock_mono_ms(NULL));
    }
    while (fds[2].fd >= 0 && poll(&fds[2], 1, 0) > 0 && on_output(run)) {
    }
    flush_line(run);
    call_idle(run);
}

enum err_code cloud_batch_runner_run(struct cloud_batch_runner *r,
                                     struct cloud_batch_runner_result *out, struct err *e)
{
    struct run run = {.r = r,
                      .out = out,
                      .deadline = INT64_MAX,
                      .kill_deadline = INT64_MAX,
                      .give_up = INT64_MAX};
    struct pollfd stop = {.fd = r->wake[0], .events = POLLIN};
    sigset_t all, before;

    *out = (struct cloud_batch_runner_result){.exit_code = 0};
    if (poll(&stop, 1, 0) > 0) {
        out->stopped = true;
        out->exit_code = 143;
        return E_OK;
    }
    enum err_code rc = open_pipes(&run.p, e);
    if (rc != E_OK) {
        close_pipes(&run.p);
        return rc;
    }
    /* No handler of this program may run in the supervisor before the signals are reset. */
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const struct supervised job = {.argv = r->o.argv,
                                   .envp = r->o.envp,
                                   .cwd = r->o.cwd,
                                   .end_argv = r->o.end_argv,
                                   .end_ms = r->o.end_ms > 0 ? r->o.end_ms : RUNNER_END_MS,
                                   .leaves_others = r->o.leaves_others,
                                   .paths = r->paths};
    pid_t parent = getpid();
    run.supervisor = fork();
    if (run.supervisor == 0) {
        cloud_batch_runner_supervise(&job, &run.p, parent);
    }
    int why = errno;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (run.supervisor < 0) {
        close_pipes(&run.p);
        return err_set(e, E_IO, "cannot start a process for a job: %s", strerror(why));
    }
    close_fd(&run.p.output[1]);
    close_fd(&run.p.report[1]);
    close_fd(&run.p.control[0]);
    run.line = xmalloc(RUNNER_LINE_MAX);
    if (r->o.timeout_ms > 0) {
        run.deadline = clock_mono_ms(NULL) + r->o.timeout_ms;
    }
    follow(&run);
    close_pipes(&run.p);
    while (waitpid(run.supervisor, NULL, 0) < 0 && errno == EINTR) {
    }
    free(run.line);
    return E_OK;
}
