/* Child programs: waiting for their end, and ending them together with all that they started.
 *
 * DESIGN: the guard is a process of its own, forked twice so that nobody has to reap it: it
 * outlives this program, however this program ends. Between fork and its end the guard makes only
 * async-signal-safe calls, because this program has threads; all signals stay blocked in it. The
 * kernel does not give a process group's number away again while the group has a member, so a
 * signal to that number reaches no stranger. */
#include "core/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/platform.h"

enum { LAST_MS = 2000, LOOK_MS = 10, GUARD_LOOK_MS = 200, TREE_MAX = 256 };

int child_fd(pid_t pid)
{
    return platform_process_fd(pid);
}

bool child_ended(pid_t pid)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

bool child_wait(pid_t pid, int ms, int *status)
{
    int64_t until = clock_mono_ms(NULL) + ms;
    int seen = 0;
    int fd = child_fd(pid);
    bool ended = false;

    for (;;) {
        pid_t got = waitpid(pid, &seen, WNOHANG);
        ended = got == pid;
        int64_t left = until - clock_mono_ms(NULL);
        if (got == pid || (got < 0 && errno != EINTR) || left <= 0) {
            break;
        }
        struct pollfd p = {.fd = fd, .events = POLLIN};
        (void)poll(&p, 1, fd < 0 && left > LOOK_MS ? LOOK_MS : (int)left);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    if (ended && status != NULL) {
        *status = seen;
    }
    return ended;
}

bool child_end(pid_t pid, int *status)
{
    (void)kill(-pid, SIGKILL);
    return child_wait(pid, LAST_MS, status);
}

/* A process, held by a descriptor, so that a signal to it cannot reach another process that was
 * given the same number later. */
struct member {
    pid_t pid;
    int fd; /* -1: only the number of the process is known */
};

static void send_to(const struct member *m, int number)
{
    if (m->fd >= 0) {
        (void)platform_process_signal(m->fd, number);
    } else {
        (void)kill(m->pid, number);
    }
}

/* Waits until all processes have ended, but not longer than until the time `until`. */
static void wait_all(const struct member *all, size_t len, int64_t until)
{
    for (size_t i = 0; i < len; i++) {
        int64_t left = until - clock_mono_ms(NULL);
        struct pollfd p = {.fd = all[i].fd, .events = POLLIN};
        while (all[i].fd >= 0 && left > 0 && poll(&p, 1, (int)left) < 0 && errno == EINTR) {
            left = until - clock_mono_ms(NULL);
        }
    }
}

bool child_end_tree(pid_t pid, int grace_ms, int *status)
{
    pid_t pids[TREE_MAX] = {pid};
    struct member all[TREE_MAX];
    size_t len = 1;

    for (size_t i = 0; i < len; i++) {
        len += platform_children(pids[i], pids + len, TREE_MAX - len);
    }
    for (size_t i = 0; i < len; i++) {
        all[i] = (struct member){pids[i], child_fd(pids[i])};
    }
    for (size_t i = 0; i < len; i++) {
        send_to(&all[i], SIGTERM);
    }
    wait_all(all, len, clock_mono_ms(NULL) + grace_ms);
    for (size_t i = 0; i < len; i++) {
        send_to(&all[i], SIGKILL);
        if (all[i].fd >= 0) {
            (void)close(all[i].fd);
        }
    }
    return child_wait(pid, LAST_MS, status);
}

/* ---- the guard ---- */

static void close_others(int a, int b)
{
    unsigned low = (unsigned)(a < b ? a : b), high = (unsigned)(a < b ? b : a);

    if (low > 0) {
        platform_close_range(0, low - 1);
    }
    if (high > low + 1) {
        platform_close_range(low + 1, high - 1);
    }
    platform_close_range(high + 1, ~0U);
}

/* `lease` is the end of the pipe that the guard reads, -1 when there is none; `fd` may be -1 as
 * well. */
static _Noreturn void guard(pid_t pid, int fd, int lease, int64_t until)
{
    struct pollfd fds[2] = {
        {.fd = fd,    .events = POLLIN},
        {.fd = lease, .events = POLLIN}
    };

    (void)setsid();
    platform_process_name("mvpdash-guard");
    (void)!chdir("/");
    close_others(fd < 0 ? lease : fd, lease < 0 ? fd : lease);
    for (;;) {
        int64_t left = until - clock_mono_ms(NULL);
        if (left <= 0 || fds[1].revents != 0) {
            (void)kill(-pid, SIGKILL);
            _exit(0);
        }
        if (fds[0].revents != 0) {
            /* the group's leader has ended; the processes that it left behind have until the same
             * time */
            fds[0].fd = -1;
        }
        if (kill(-pid, 0) != 0 && errno == ESRCH) {
            _exit(0);
        }
        int wait_ms = fds[0].fd < 0 && left > GUARD_LOOK_MS ? GUARD_LOOK_MS : (int)left;
        fds[0].revents = fds[1].revents = 0;
        (void)poll(fds, 2, wait_ms);
    }
}

void child_guard(pid_t pid, int64_t ms, int *lease)
{
    int64_t until = clock_mono_ms(NULL) + (ms > INT32_MAX ? INT32_MAX : ms);
    int ends[2] = {-1, -1};
    int fd = child_fd(pid);
    sigset_t all, before;

    if (lease != NULL && pipe2(ends, O_CLOEXEC) != 0) {
        ends[0] = ends[1] = -1;
    }
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t between = fd < 0 && ends[0] < 0 ? -1 : fork();
    if (between == 0) {
        if (ends[1] >= 0) {
            (void)close(ends[1]); /* only this program may hold the writing end of the lease */
        }
        if (fork() == 0) {
            guard(pid, fd, ends[0], until);
        }
        _exit(0);
    }
    while (between > 0 && waitpid(between, NULL, 0) < 0 && errno == EINTR) {
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (fd >= 0) {
        (void)close(fd);
    }
    if (ends[0] >= 0) {
        (void)close(ends[0]);
    }
    if (lease != NULL) {
        *lease = ends[1];
    }
}
