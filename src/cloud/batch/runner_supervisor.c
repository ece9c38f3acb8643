/* The supervisor of a job's process, which runs in a process of its own. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/platform.h"
#include "src/cloud/batch/runner_priv.h"

/* DESIGN. fork() gives the supervisor, which forks again for the job's process and stays between
 * the two. Only the supervisor ever reaps that process, so its number cannot be taken by another
 * one while a signal is on its way; the supervisor sends the signals itself, on bytes that come
 * down the control socket: 'T' SIGTERM, 'K' SIGKILL. End of file there means this program died:
 * SIGKILL. PR_SET_CHILD_SUBREAPER makes processes that the job leaves behind children of the
 * supervisor, so that they are found when they left the group as well.
 *
 * Between fork and exec, and in the whole supervisor, only async-signal-safe calls are made: the
 * program has threads. All memory that they need is prepared before. What happens comes back as
 * fixed-size reports through a pipe.
 *
 *   cloud_batch_runner_run --control--> supervisor --signals--> process group of the job
 *        ^------report-------'   ^--------report (exec failed)---'   |
 *        ^------------------------output------------------------------' */

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

static void send_report(int fd, enum report_kind kind, int value)
{
    struct report rep = {.kind = (int)kind, .value = value};
    /* a report is shorter than PIPE_BUF, so it is written as a whole or not at all */
    (void)!write(fd, &rep, sizeof rep);
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

/* Becomes the job's process. `trouble` closes when exec works; else it carries the errno. */
static _Noreturn void run_job(const struct supervised *s, const struct pipes *p, int trouble)
{
    int null = open("/dev/null", O_RDONLY);
    int why = ENOENT;

    (void)setsid();
    platform_die_with_parent(); /* the parent is the supervisor */
    if (null < 0 || dup2(null, 0) < 0 || dup2(p->output[1], 1) < 0 || dup2(p->output[1], 2) < 0 ||
        chdir(s->cwd) != 0) {
        why = errno;
        (void)!write(trouble, &why, sizeof why);
        _exit(126);
    }
    /* This closes, at exec, the descriptors that something in this program opened without
     * close-on-exec. */
    platform_close_on_exec(3, ~0U);
    for (const char *path = s->paths; *path != '\0'; path += strlen(path) + 1) {
        (void)execve(path, (char *const *)s->argv, (char *const *)s->envp);
        if (errno != ENOENT && errno != ENOTDIR) {
            why = errno;
        }
    }
    (void)!write(trouble, &why, sizeof why);
    _exit(why == ENOENT ? 127 : 126);
}

/* Waits for the end command; one that hangs is killed, because the job's end waits for it. */
static void await_end(pid_t pid, int64_t limit_ms)
{
    enum { STEP_MS = 10 };

    for (int64_t waited_ms = 0;; waited_ms += STEP_MS) {
        pid_t got = waitpid(pid, NULL, WNOHANG);
        if (got == pid || (got < 0 && errno != EINTR)) {
            return;
        }
        if (waited_ms >= limit_ms) {
            (void)kill(-pid, SIGKILL);
            (void)kill(pid, SIGKILL); /* it may not have its group yet */
            limit_ms = INT64_MAX;
        }
        (void)poll(NULL, 0, STEP_MS);
    }
}

/* Runs the command that ends what the job's process had others start. */
static void run_end(const struct supervised *s)
{
    pid_t pid = s->end_argv != NULL ? fork() : -1;

    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        (void)setsid();
        (void)signal(SIGPIPE, SIG_DFL);
        for (int fd = 0; fd <= 2; fd++) {
            (void)dup2(null, fd);
        }
        platform_close_on_exec(3, ~0U);
        (void)!chdir("/");
        (void)execve(s->end_argv[0], (char *const *)s->end_argv, (char *const *)s->envp);
        _exit(127);
    }
    if (pid > 0) {
        await_end(pid, s->end_ms);
    }
}

/* Kills what is left of the job in its group, and processes that left the group. */
static void kill_rest(const struct supervised *s, pid_t job)
{
    (void)kill(-job, SIGKILL);
    run_end(s);
    if (s->leaves_others) {
        return;
    }
    for (int tries = 0; tries < 1000; tries++) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid < 0) {
            return; /* no child is left */
        }
        if (pid == 0) {
            /* A child is alive but has left the group: the kernel lists its number. */
            pid_t left[256];
            size_t n = platform_children(0, left, sizeof left / sizeof *left);
            for (size_t i = 0; i < n; i++) {
                (void)kill(left[i], SIGKILL);
            }
            (void)poll(NULL, 0, 2);
        }
    }
}

/* Sends a signal to the job's group; the job may not have left the supervisor's group yet. */
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

    if (n == 0 || (n < 0 && errno != EINTR)) {
        send_signal(job, SIGKILL); /* the program that waits for the outcome is gone */
        *open_end = false;
    }
    for (ssize_t i = 0; i < n; i++) {
        send_signal(job, bytes[i] == 'K' ? SIGKILL : SIGTERM);
    }
}

static void close_others(const int *keep, size_t keep_len)
{
    unsigned from = 0;

    /* `keep` is sorted; all descriptors between its members are closed. */
    for (size_t i = 0; i < keep_len; i++) {
        if ((unsigned)keep[i] > from) {
            platform_close_range(from, (unsigned)keep[i] - 1);
        }
        from = (unsigned)keep[i] + 1;
    }
    platform_close_range(from, ~0U);
}

_Noreturn void cloud_batch_runner_supervise(const struct supervised *s, struct pipes *p,
                                            pid_t parent)
{
    (void)setsid();
    platform_process_name("mvpdash-job");
    if (!s->leaves_others) {
        platform_adopt_orphans();
    }
    reset_signals();
    /* the reader of the pipe may be gone; exec gives the job the default action */
    (void)signal(SIGPIPE, SIG_IGN);
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
        (void)signal(SIGXFSZ, SIG_DFL);
        run_job(s, p, trouble[1]);
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

    int job_fd = platform_process_fd(job);
    send_report(b, failed ? REPORT_EXEC_FAILED : REPORT_STARTED, failed ? why : (int)job);
    struct pollfd fds[2] = {
        {.fd = a,      .events = POLLIN},
        {.fd = job_fd, .events = POLLIN}
    };
    bool open_end = true;
    for (;;) {
        int status;
        if (waitpid(job, &status, WNOHANG) == job) {
            kill_rest(s, job);
            send_report(b, REPORT_ENDED, status);
            _exit(0);
        }
        fds[0].fd = open_end ? a : -1;
        /* Without pidfds (a kernel before 5.3) the job's end is noticed within 20 ms. */
        if (poll(fds, 2, job_fd >= 0 ? -1 : 20) > 0 && fds[0].revents != 0) {
            on_control(a, job, &open_end);
        }
    }
}
