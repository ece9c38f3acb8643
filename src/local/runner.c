#include "local/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/strbuf.h"

/* DESIGN. fork() gives the supervisor, which forks again for the job's process and stays between
 * the two. Only the supervisor ever reaps that process, so its number cannot be taken by another
 * one while a signal is on its way; the supervisor sends the signals itself, on bytes that come
 * down the control pipe: 'T' SIGTERM, 'K' SIGKILL. End of file there means this program died:
 * SIGKILL. PR_SET_CHILD_SUBREAPER makes processes that the job leaves behind children of the
 * supervisor, so that they are found when they left the group as well.
 *
 * Between fork and exec, and in the whole supervisor, only async-signal-safe calls are made: the
 * program has threads. All memory that they need is prepared before. What happens comes back as
 * fixed-size reports through a pipe.
 *
 *   runner_run --control--> supervisor --signals--> process group of the job
 *        ^------report-------'   ^--------report (exec failed)---'   |
 *        ^------------------------output------------------------------' */

enum report_kind { REPORT_STARTED = 1, REPORT_EXEC_FAILED, REPORT_ENDED };

struct report {
    int kind;
    int value; /* pid, errno, wait status */
};

struct runner {
    struct runner_options o;
    int wake[2]; /* runner_stop writes, runner_run polls; both ends non-blocking */
    char *paths; /* owned; the places to try for argv[0], each NUL-terminated, "" at the end */
};

struct pipes {
    int output[2], report[2], control[2];
};

/* Line assembly and progress of one run. */
struct run {
    struct runner *r;
    struct pipes p;
    pid_t supervisor;
    char *line;
    size_t line_len;
    int64_t deadline;      /* of the timeout; INT64_MAX when none */
    int64_t kill_deadline; /* of the grace; INT64_MAX until SIGTERM was sent */
    bool ended;
    struct runner_result *out;
};

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

/* Where argv[0] may be, as execvp looks for it but with the PATH of the job. Owned. */
static char *search_places(const struct runner_options *o)
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

struct runner *runner_new(const struct runner_options *o, struct err *e)
{
    struct runner *r = xcalloc(1, sizeof *r);

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

void runner_free(struct runner *r)
{
    if (r == NULL) {
        return;
    }
    close_fd(&r->wake[0]);
    close_fd(&r->wake[1]);
    free(r->paths);
    free(r);
}

void runner_stop(struct runner *r, bool now)
{
    const char byte = now ? 'K' : 'T';
    /* A full pipe holds enough requests already. */
    (void)!write(r->wake[1], &byte, 1);
}

/* --- between fork and exec: async-signal-safe calls only --- */

static void send_report(int fd, enum report_kind kind, int value)
{
    struct report rep = {.kind = (int)kind, .value = value};
    (void)!write(fd, &rep, sizeof rep); /* shorter than PIPE_BUF: whole or not at all */
}

static void reset_signals(void)
{
    struct sigaction def = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int s = 1; s < NSIG; s++) {
        (void)sigaction(s, &def, NULL);
    }
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* `trouble` closes when exec works; else it carries the errno. */
static _Noreturn void run_job(const struct runner *r, const struct pipes *p, int trouble)
{
    int null = open("/dev/null", O_RDONLY);
    int why = ENOENT;

    (void)setsid();
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* of the supervisor */
    if (null < 0 || dup2(null, 0) < 0 || dup2(p->output[1], 1) < 0 || dup2(p->output[1], 2) < 0 ||
        chdir(r->o.cwd) != 0) {
        why = errno;
        (void)!write(trouble, &why, sizeof why);
        _exit(126);
    }
    /* Descriptors that something in this program opened without close-on-exec. */
    (void)syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
    for (const char *path = r->paths; *path != '\0'; path += strlen(path) + 1) {
        (void)execve(path, (char *const *)r->o.argv, (char *const *)r->o.envp);
        if (errno != ENOENT && errno != ENOTDIR) {
            why = errno;
        }
    }
    (void)!write(trouble, &why, sizeof why);
    _exit(why == ENOENT ? 127 : 126);
}

/* Kills what is left of the job in its group, and processes that went away from it. */
static void kill_rest(pid_t job)
{
    (void)kill(-job, SIGKILL);
    for (int tries = 0; tries < 1000; tries++) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid < 0) {
            return; /* no child is left */
        }
        if (pid == 0) {
            /* A child that lives but left the group: its number is in the kernel's list. */
            char list[4096];
            int fd = open("/proc/thread-self/children", O_RDONLY);
            ssize_t n = fd >= 0 ? read(fd, list, sizeof list) : -1;
            if (fd >= 0) {
                (void)close(fd);
            }
            pid_t child = 0;
            for (ssize_t i = 0; i < n; i++) {
                if (list[i] >= '0' && list[i] <= '9') {
                    child = child * 10 + (list[i] - '0');
                } else if (child > 1) {
                    (void)kill(child, SIGKILL);
                    child = 0;
                }
            }
            (void)poll(NULL, 0, 2);
        }
    }
}

/* The job may not have left the supervisor's group yet. */
static void send_signal(pid_t job, int signal_number)
{
    if (kill(-job, signal_number) != 0) {
        (void)kill(job, signal_number);
    }
}

static void on_control(int fd, pid_t job, bool *open_end)
{
    char bytes[16];
    ssize_t n = read(fd, bytes, sizeof bytes);

    if (n <= 0 && errno != EINTR) {
        send_signal(job, SIGKILL); /* the program that wants the outcome is gone */
        *open_end = false;
    }
    for (ssize_t i = 0; i < n; i++) {
        send_signal(job, bytes[i] == 'K' ? SIGKILL : SIGTERM);
    }
}

static void close_others(const int *keep, size_t keep_len)
{
    unsigned from = 0;

    /* `keep` is sorted; everything between its members goes. */
    for (size_t i = 0; i < keep_len; i++) {
        if ((unsigned)keep[i] > from) {
            (void)syscall(SYS_close_range, from, (unsigned)keep[i] - 1, 0);
        }
        from = (unsigned)keep[i] + 1;
    }
    (void)syscall(SYS_close_range, from, ~0U, 0);
}

static _Noreturn void run_supervisor(const struct runner *r, struct pipes *p, pid_t parent)
{
    (void)setsid();
    (void)prctl(PR_SET_NAME, "mvpdash-job");
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    reset_signals();
    (void)signal(SIGPIPE, SIG_IGN); /* the reader may be gone; exec gives the job the default */
    if (getppid() != parent) {
        _exit(1);
    }
    close_fd(&p->control[1]);
    close_fd(&p->report[0]);
    close_fd(&p->output[0]);

    int trouble[2], why = 0;
    pid_t job = pipe2(trouble, O_CLOEXEC) == 0 ? fork() : -1;
    if (job == 0) {
        (void)signal(SIGPIPE, SIG_DFL);
        run_job(r, p, trouble[1]);
    }
    if (job < 0) {
        send_report(p->report[1], REPORT_EXEC_FAILED, errno);
        send_report(p->report[1], REPORT_ENDED, 126 << 8);
        _exit(1);
    }
    (void)close(trouble[1]);
    bool failed = read(trouble[0], &why, sizeof why) == (ssize_t)sizeof why;
    int a = p->control[0], b = p->report[1];
    close_others(a < b ? (int[]){a, b} : (int[]){b, a}, 2);

    int job_fd = (int)syscall(SYS_pidfd_open, job, 0);
    send_report(b, failed ? REPORT_EXEC_FAILED : REPORT_STARTED, failed ? why : (int)job);
    struct pollfd fds[2] = {
        {.fd = a,      .events = POLLIN},
        {.fd = job_fd, .events = POLLIN}
    };
    bool open_end = true;
    for (;;) {
        int status;
        if (waitpid(job, &status, WNOHANG) == job) {
            kill_rest(job);
            send_report(b, REPORT_ENDED, status);
            _exit(0);
        }
        fds[0].fd = open_end ? a : -1;
        /* Without pidfds (a kernel before 5.3) the end is found within 20 ms. */
        if (poll(fds, 2, job_fd >= 0 ? -1 : 20) > 0 && fds[0].revents != 0) {
            on_control(a, job, &open_end);
        }
    }
}

/* --- the parent --- */

static enum err_code open_pipes(struct pipes *p, struct err *e)
{
    *p = (struct pipes){
        .output = {-1, -1},
          .report = {-1, -1},
          .control = {-1, -1}
    };
    if (pipe2(p->output, O_CLOEXEC) != 0 || pipe2(p->report, O_CLOEXEC) != 0 ||
        pipe2(p->control, O_CLOEXEC) != 0) {
        return err_set(e, E_IO, "cannot open pipes for a job: %s", strerror(errno));
    }
    (void)fcntl(p->output[0], F_SETFL, O_NONBLOCK);
    (void)fcntl(p->report[0], F_SETFL, O_NONBLOCK);
    (void)fcntl(p->control[1], F_SETFL, O_NONBLOCK);
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

/* Reads what is there; false at the end of the stream. At most a few buffers at once, so that a
 * job that prints without end cannot keep a stop from being seen. */
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

    (void)!write(run->p.control[1], &byte, 1);
    if (now) {
        run->kill_deadline = INT64_MAX;
    } else if (run->kill_deadline == INT64_MAX) {
        run->kill_deadline = clock_mono_ms(NULL) + run->r->o.grace_ms;
    }
}

static void on_report(struct run *run)
{
    struct report rep;
    ssize_t n;

    while ((n = read(run->p.report[0], &rep, sizeof rep)) == (ssize_t)sizeof rep) {
        struct runner_result *out = run->out;
        if (rep.kind == REPORT_STARTED) {
            out->started = true;
            if (run->r->o.started != NULL) {
                run->r->o.started(run->r->o.arg, (pid_t)rep.value);
            }
        } else if (rep.kind == REPORT_EXEC_FAILED) {
            char why[96];
            (void)snprintf(out->reason, sizeof out->reason, "cannot execute %.60s: %s",
                           run->r->o.argv[0], strerror_r(rep.value, why, sizeof why));
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
}

static int poll_ms(const struct run *run)
{
    int64_t next = run->deadline < run->kill_deadline ? run->deadline : run->kill_deadline;

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
            break; /* cannot happen with these descriptors; the control pipe's end kills the job */
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

enum err_code runner_run(struct runner *r, struct runner_result *out, struct err *e)
{
    struct run run = {.r = r, .out = out, .deadline = INT64_MAX, .kill_deadline = INT64_MAX};
    struct pollfd stop = {.fd = r->wake[0], .events = POLLIN};
    sigset_t all, before;

    *out = (struct runner_result){.exit_code = 0};
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
    /* No handler of this program may run in the supervisor before its signals are reset. */
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    run.supervisor = fork();
    if (run.supervisor == 0) {
        run_supervisor(r, &run.p, parent);
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
