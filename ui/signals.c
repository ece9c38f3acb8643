/* Signals as bytes in a pipe, and putting the terminal back after a crash.
 *
 * DESIGN: a handler may use only what POSIX calls async-signal-safe, so no handler can use curses.
 * Signals that ask for something (resize, quit, stop, go on) become one byte in a non-blocking pipe
 * that the loop polls. Handlers of crash signals write bytes that were computed in advance and
 * restore the terminal's modes with tcsetattr, then give the signal to its former owner (the
 * default action, or a sanitizer's report). A second request to quit while the first was not served
 * means that the loop is stuck: it is treated as a crash.
 *
 * The state below belongs to the file because a signal handler gets no argument. It is written only
 * while no handler is installed, or has a type that a handler may touch. */
#include "ui/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* The signals that are watched. Nobody means anything by the last three, but by default they would
 * end the program. */
static const int watched[] = {SIGWINCH, SIGTERM, SIGINT,  SIGHUP, SIGTSTP,
                              SIGCONT,  SIGUSR1, SIGUSR2, SIGALRM};
static const int crashes[] = {SIGSEGV, SIGABRT, SIGBUS,  SIGFPE,  SIGILL,
                              SIGQUIT, SIGSYS,  SIGTRAP, SIGXCPU, SIGXFSZ};

enum { WATCHED_LEN = sizeof watched / sizeof *watched };
enum { CRASHES_LEN = sizeof crashes / sizeof *crashes };

static int pipe_fds[2] = {-1, -1};
static struct sigaction old_watched[WATCHED_LEN];
static struct sigaction old_crashes[CRASHES_LEN];
static struct sigaction old_pipe;
static volatile sig_atomic_t quit_asked;

static volatile sig_atomic_t guarded;
static char reset_bytes[512];
static size_t reset_len;
static int reset_fd = -1;
static struct termios reset_modes;

void signals_emergency_reset(void)
{
    size_t done = 0;

    if (!guarded) {
        return;
    }
    guarded = 0;
    /* The terminal may be stuck: a non-blocking descriptor is tried for a moment, not for ever. */
    for (int tries = 0; done < reset_len && tries < 20; tries++) {
        ssize_t n = write(reset_fd, reset_bytes + done, reset_len - done);
        if (n > 0) {
            done += (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            struct pollfd p = {.fd = reset_fd, .events = POLLOUT};
            (void)poll(&p, 1, 50);
        } else if (n < 0 && errno != EINTR) {
            break;
        }
    }
    (void)tcsetattr(reset_fd, TCSANOW, &reset_modes);
}

static void on_crash(int number)
{
    static const char text[] = "\r\n"
                               "mvpdash ended unexpectedly; the terminal was restored. Nothing "
                               "sent is lost: what was on its way\r\n"
                               "is in the outbox, and the next start resumes it.\r\n"
                               "";
    int saved = errno;
    bool had_terminal = guarded != 0;

    signals_emergency_reset();
    if (had_terminal && number != SIGQUIT) {
        (void)!write(STDERR_FILENO, text, sizeof text - 1);
    }
    for (size_t i = 0; i < CRASHES_LEN; i++) {
        if (crashes[i] != number) {
            continue;
        }
        if (old_crashes[i].sa_handler == SIG_IGN) {
            /* A shell starts a program in the background with SIGQUIT ignored. The program cannot
             * go on from here, because the terminal is no longer ours. */
            (void)signal(number, SIG_DFL);
        } else {
            (void)sigaction(number, &old_crashes[i], NULL);
        }
    }
    errno = saved;
    (void)raise(number); /* the former action gets the signal when this handler returns */
}

static void on_signal(int number)
{
    int saved = errno;
    unsigned char byte = (unsigned char)number;

    if (number != SIGWINCH && number != SIGTSTP && number != SIGCONT) {
        if (quit_asked++ > 0) {
            signals_emergency_reset();
            (void)signal(number, SIG_DFL);
            (void)raise(number);
            return;
        }
    }
    /* when the pipe is full, the loop has been woken already */
    (void)!write(pipe_fds[1], &byte, 1);
    errno = saved;
}

enum err_code signals_open(struct err *e)
{
    struct sigaction act = {.sa_flags = SA_RESTART};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    if (pipe2(pipe_fds, O_NONBLOCK | O_CLOEXEC) != 0) {
        return err_set(e, E_IO, "cannot open a pipe for signals: %s", strerror(errno));
    }
    quit_asked = 0;
    (void)sigfillset(&act.sa_mask);
    act.sa_handler = on_signal;
    for (size_t i = 0; i < WATCHED_LEN; i++) {
        (void)sigaction(watched[i], &act, &old_watched[i]);
    }
    act.sa_handler = on_crash;
    act.sa_flags = SA_ONSTACK;
    (void)sigemptyset(&act.sa_mask);
    for (size_t i = 0; i < CRASHES_LEN; i++) {
        (void)sigaction(crashes[i], &act, &old_crashes[i]);
    }
    (void)sigemptyset(&ignore.sa_mask);
    (void)sigaction(SIGPIPE, &ignore, &old_pipe);
    return E_OK;
}

void signals_close(void)
{
    if (pipe_fds[0] < 0) {
        return;
    }
    for (size_t i = 0; i < WATCHED_LEN; i++) {
        (void)sigaction(watched[i], &old_watched[i], NULL);
    }
    for (size_t i = 0; i < CRASHES_LEN; i++) {
        (void)sigaction(crashes[i], &old_crashes[i], NULL);
    }
    (void)sigaction(SIGPIPE, &old_pipe, NULL);
    (void)close(pipe_fds[0]);
    (void)close(pipe_fds[1]);
    pipe_fds[0] = -1;
    pipe_fds[1] = -1;
}

int signals_fd(void)
{
    return pipe_fds[0];
}

unsigned signals_take(int *number)
{
    unsigned char bytes[64];
    unsigned seen = 0;
    ssize_t n;

    while ((n = read(pipe_fds[0], bytes, sizeof bytes)) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            switch (bytes[i]) {
            case SIGWINCH:
                seen |= SIGNAL_RESIZED;
                break;
            case SIGTSTP:
                seen |= SIGNAL_STOP;
                break;
            case SIGCONT:
                seen |= SIGNAL_CONTINUED;
                break;
            default:
                seen |= SIGNAL_QUIT;
                if (number != NULL) {
                    *number = bytes[i];
                }
            }
        }
    }
    return seen;
}

void signals_guard(int fd, const void *reset, size_t len, const struct termios *modes)
{
    guarded = 0;
    reset_len = len < sizeof reset_bytes ? len : sizeof reset_bytes;
    memcpy(reset_bytes, reset, reset_len);
    reset_fd = fd;
    reset_modes = *modes;
    guarded = 1;
}

void signals_guard_off(void)
{
    guarded = 0;
}

unsigned signals_stop_self(int *number)
{
    struct sigaction dfl = {.sa_handler = SIG_DFL};
    struct sigaction ours;
    struct pollfd p = {.fd = pipe_fds[0], .events = POLLIN};

    (void)sigemptyset(&dfl.sa_mask);
    (void)sigaction(SIGTSTP, &dfl, &ours);
    (void)kill(0, SIGTSTP);
    /* With several threads the stop may come a moment after kill returns; SIGCONT ends the wait. */
    while (poll(&p, 1, 1000) < 0 && errno == EINTR) {
        ;
    }
    (void)sigaction(SIGTSTP, &ours, NULL);
    return signals_take(number) & ~(unsigned)SIGNAL_CONTINUED;
}

void signals_lend(bool on)
{
    struct sigaction act = {.sa_flags = SA_RESTART};

    (void)sigfillset(&act.sa_mask);
    act.sa_handler = on ? SIG_IGN : on_signal;
    (void)sigaction(SIGINT, &act, NULL);
    act.sa_handler = on ? SIG_IGN : on_crash;
    (void)sigaction(SIGQUIT, &act, NULL);
    act.sa_handler = on ? SIG_DFL : on_signal;
    (void)sigaction(SIGTSTP, &act, NULL);
}
