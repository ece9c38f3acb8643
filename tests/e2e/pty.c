/* A program in a terminal of libvterm's: keys go in, the screen is read. */
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>
#include <vterm.h>

enum { LAST_MAX = 4096 };

/* Bytes on their way over a slow link. */
struct piece {
    struct piece *next;
    int64_t due_ms;
    size_t len;
    char bytes[];
};
struct link {
    struct piece *first;
    struct piece **end;
};

struct pty {
    int delay_ms;
    struct link in, out; /* to the program, from the program */
    int master, slave;
    pid_t pid;
    bool ended;
    int status;
    struct termios before;
    VTerm *vt;
    VTermScreen *screen;
    int rows, cols;
    bool alternate, cursor;
    uint64_t bytes;
    char last[LAST_MAX];
    size_t last_len;
};

int64_t pty_now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int on_prop(VTermProp prop, VTermValue *value, void *user)
{
    struct pty *p = user;

    if (prop == VTERM_PROP_ALTSCREEN) {
        p->alternate = value->boolean != 0;
    } else if (prop == VTERM_PROP_CURSORVISIBLE) {
        p->cursor = value->boolean != 0;
    }
    return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_prop};

static void set_size(struct pty *p, int rows, int cols)
{
    struct winsize w = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

    p->rows = rows;
    p->cols = cols;
    (void)ioctl(p->slave, TIOCSWINSZ, &w);
}

static _Noreturn void run_child(struct pty *p, const char *const *argv, const char *const *env)
{
    (void)close(p->master);
    if (login_tty(p->slave) != 0) {
        _exit(126);
    }
    for (size_t i = 0; env != NULL && env[i] != NULL; i++) {
        char *pair = strdup(env[i]);
        char *eq = pair == NULL ? NULL : strchr(pair, '=');
        if (eq == NULL) {
            (void)unsetenv(env[i]);
        } else {
            *eq = '\0';
            (void)setenv(pair, eq + 1, 1);
        }
        free(pair);
    }
    const char *home = getenv("HOME");
    /* what the program saves lands where the test cleans up */
    if (home != NULL && chdir(home) != 0) {
        _exit(125);
    }
    (void)execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

struct pty *pty_start(const char *const *argv, const char *const *env, int rows, int cols)
{
    struct pty *p = calloc(1, sizeof *p);

    if (p == NULL || openpty(&p->master, &p->slave, NULL, NULL, NULL) != 0) {
        perror("openpty");
        abort();
    }
    p->in.end = &p->in.first;
    p->out.end = &p->out.first;
    p->cursor = true;
    set_size(p, rows, cols);
    (void)tcgetattr(p->slave, &p->before);
    (void)fcntl(p->master, F_SETFL, O_NONBLOCK);
    (void)fcntl(p->master, F_SETFD, FD_CLOEXEC);
    p->vt = vterm_new(rows, cols);
    vterm_set_utf8(p->vt, 1);
    p->screen = vterm_obtain_screen(p->vt);
    vterm_screen_set_callbacks(p->screen, &callbacks, p);
    vterm_screen_enable_altscreen(p->screen, 1);
    vterm_screen_reset(p->screen, 1);
    p->pid = fork();
    if (p->pid == 0) {
        run_child(p, argv, env);
    }
    if (p->pid < 0) {
        perror("fork");
        abort();
    }
    return p;
}

static void link_put(struct link *l, const char *bytes, size_t len, int64_t due_ms)
{
    struct piece *one = malloc(sizeof *one + len);

    if (one == NULL) {
        abort();
    }
    *one = (struct piece){.due_ms = due_ms, .len = len};
    memcpy(one->bytes, bytes, len);
    *l->end = one;
    l->end = &one->next;
}

/* What has arrived by now; NULL when nothing has. The caller frees it. */
static struct piece *link_take(struct link *l, int64_t now_ms)
{
    struct piece *one = l->first;

    if (one == NULL || one->due_ms > now_ms) {
        return NULL;
    }
    l->first = one->next;
    l->end = l->first == NULL ? &l->first : l->end;
    return one;
}

void pty_delay(struct pty *p, int ms)
{
    p->delay_ms = ms;
}

void pty_free(struct pty *p)
{
    if (p == NULL) {
        return;
    }
    if (!p->ended) {
        (void)kill(p->pid, SIGCONT);
        (void)kill(p->pid, SIGKILL);
        (void)waitpid(p->pid, &p->status, 0);
    }
    if (p->master >= 0) {
        (void)close(p->master);
    }
    if (p->slave >= 0) {
        (void)close(p->slave);
    }
    for (struct piece *one; (one = link_take(&p->in, INT64_MAX)) != NULL;) {
        free(one);
    }
    for (struct piece *one; (one = link_take(&p->out, INT64_MAX)) != NULL;) {
        free(one);
    }
    vterm_free(p->vt);
    free(p);
}

static void keep_last(struct pty *p, const char *bytes, size_t n)
{
    if (n >= LAST_MAX) {
        memcpy(p->last, bytes + n - LAST_MAX, LAST_MAX);
        p->last_len = LAST_MAX;
        return;
    }
    if (p->last_len + n > LAST_MAX) {
        size_t drop = p->last_len + n - LAST_MAX;
        memmove(p->last, p->last + drop, p->last_len - drop);
        p->last_len -= drop;
    }
    memcpy(p->last + p->last_len, bytes, n);
    p->last_len += n;
}

/* Gives bytes to the screen, and sends back what the screen answers. */
static void show(struct pty *p, const char *bytes, size_t n)
{
    char back[4096];

    p->bytes += n;
    keep_last(p, bytes, n);
    (void)vterm_input_write(p->vt, bytes, n);
    size_t len = vterm_output_read(p->vt, back, sizeof back);
    if (len > 0) {
        (void)!write(p->master, back, len);
    }
}

/* What is due on the slow link arrives. True when the screen got some of it. */
static bool deliver(struct pty *p)
{
    bool shown = false;

    for (struct piece *one; (one = link_take(&p->in, pty_now_ms())) != NULL; free(one)) {
        (void)!write(p->master, one->bytes, one->len);
    }
    for (struct piece *one; (one = link_take(&p->out, pty_now_ms())) != NULL; free(one)) {
        show(p, one->bytes, one->len);
        shown = true;
    }
    return shown;
}

static int64_t next_due(const struct pty *p, int64_t deadline)
{
    if (p->in.first != NULL && p->in.first->due_ms < deadline) {
        deadline = p->in.first->due_ms;
    }
    return p->out.first != NULL && p->out.first->due_ms < deadline ? p->out.first->due_ms
                                                                   : deadline;
}

/* Reads what is there, waiting at most until `deadline`. False when nothing came. */
static bool read_some(struct pty *p, int64_t deadline)
{
    char buf[16384];
    struct pollfd f = {.fd = p->master, .events = POLLIN};

    do {
        if (deliver(p)) {
            return true;
        }
        int64_t wait = next_due(p, deadline) - pty_now_ms();
        if (p->master < 0 || poll(&f, 1, wait < 0 ? 0 : (int)wait) < 0) {
            return false;
        }
        ssize_t n = f.revents == 0 ? 0 : read(p->master, buf, sizeof buf);
        if (n > 0 && p->delay_ms == 0) {
            show(p, buf, (size_t)n);
            return true;
        }
        if (n > 0) {
            link_put(&p->out, buf, (size_t)n, pty_now_ms() + p->delay_ms);
        } else if (f.revents != 0) {
            return deliver(p);
        }
    } while (pty_now_ms() < deadline);
    return deliver(p);
}

static void check_child(struct pty *p)
{
    if (!p->ended && waitpid(p->pid, &p->status, WNOHANG) == p->pid) {
        p->ended = true;
    }
}

void pty_send_n(struct pty *p, const void *bytes, size_t len)
{
    const char *at = bytes;
    int64_t deadline = pty_now_ms() + 60000;

    if (p->delay_ms > 0) {
        link_put(&p->in, bytes, len, pty_now_ms() + p->delay_ms);
        return;
    }
    while (len > 0 && pty_now_ms() < deadline) {
        ssize_t n = write(p->master, at, len);
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        } else if (errno == EAGAIN) {
            (void)read_some(p, pty_now_ms() + 10);
        } else {
            return;
        }
    }
}

/* Has the program read every byte, and waits for the next one? A machine that is busy with other
 * things may let it wait for its turn much longer than it is quiet otherwise. */
static bool is_idle(const struct pty *p)
{
    char path[40], text[512] = "";
    int unread = 0;

    if (p->ended || p->slave < 0) {
        return true;
    }
    if (ioctl(p->slave, FIONREAD, &unread) == 0 && unread > 0) {
        return false;
    }
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)p->pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof text - 1) <= 0) {
        text[0] = '\0';
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    const char *name_end = strrchr(text, ')'); /* the state of its first thread is behind it */
    return name_end == NULL || strchr("RDT", name_end[2]) == NULL;
}

/* Keys of their own: each comes when the program has taken the one before. */
void pty_send(struct pty *p, const char *bytes)
{
    int64_t deadline = pty_now_ms() + 5000;

    while (p->delay_ms == 0 && !is_idle(p) && pty_now_ms() < deadline) {
        (void)read_some(p, pty_now_ms() + 5);
    }
    pty_send_n(p, bytes, strlen(bytes));
}

void pty_resize(struct pty *p, int rows, int cols)
{
    vterm_set_size(p->vt, rows, cols);
    set_size(p, rows, cols);
}

void pty_signal(struct pty *p, int number)
{
    (void)kill(p->pid, number);
}

void pty_hang_up(struct pty *p)
{
    (void)close(p->master);
    (void)close(p->slave);
    p->master = -1;
    p->slave = -1;
}

char *pty_row(const struct pty *p, int row)
{
    size_t cap = (size_t)p->cols * 32 + 1;
    char *text = calloc(1, cap);
    size_t len = 0;
    VTermRect rect = {.start_row = row, .end_row = row + 1, .start_col = 0, .end_col = p->cols};

    if (text == NULL) {
        abort();
    }
    len = vterm_screen_get_text(p->screen, text, cap - 1, rect);
    while (len > 0 && text[len - 1] == ' ') {
        len--;
    }
    text[len] = '\0';
    return text;
}

char *pty_screen(const struct pty *p)
{
    size_t cap = ((size_t)p->cols * 32 + 2) * (size_t)p->rows + 1;
    char *text = calloc(1, cap);
    size_t len = 0;

    if (text == NULL) {
        abort();
    }
    for (int row = 0; row < p->rows; row++) {
        char *line = pty_row(p, row);
        len += (size_t)snprintf(text + len, cap - len, "%s\n", line);
        free(line);
    }
    return text;
}

bool pty_has(const struct pty *p, const char *text)
{
    char *screen = pty_screen(p);
    bool has = false;

    while (!has && *text != '\0') {
        size_t n = strcspn(text, "|");
        char *one = strndup(text, n);
        has = one != NULL && strstr(screen, one) != NULL;
        free(one);
        text += n + (text[n] == '|' ? 1 : 0);
    }
    free(screen);
    return has;
}

static bool wait_for(struct pty *p, const char *text, bool there, int deadline_ms)
{
    int64_t deadline = pty_now_ms() + deadline_ms;

    while (pty_has(p, text) != there) {
        check_child(p);
        if (!read_some(p, p->ended ? 0 : deadline) && (p->ended || pty_now_ms() >= deadline)) {
            return pty_has(p, text) == there;
        }
    }
    return true;
}

bool pty_wait(struct pty *p, const char *text, int deadline_ms)
{
    return wait_for(p, text, true, deadline_ms);
}

bool pty_wait_gone(struct pty *p, const char *text, int deadline_ms)
{
    return wait_for(p, text, false, deadline_ms);
}

bool pty_wait_bytes(struct pty *p, const char *bytes, int deadline_ms)
{
    int64_t deadline = pty_now_ms() + deadline_ms;

    while (memmem(p->last, p->last_len, bytes, strlen(bytes)) == NULL) {
        check_child(p);
        if (!read_some(p, p->ended ? 0 : deadline) && (p->ended || pty_now_ms() >= deadline)) {
            return memmem(p->last, p->last_len, bytes, strlen(bytes)) != NULL;
        }
    }
    return true;
}

bool pty_wait_quiet(struct pty *p, int quiet_ms, int deadline_ms)
{
    int64_t deadline = pty_now_ms() + deadline_ms;

    while (pty_now_ms() < deadline) {
        if (!read_some(p, pty_now_ms() + quiet_ms) && is_idle(p)) {
            return true;
        }
    }
    return false;
}

bool pty_wait_exit(struct pty *p, int deadline_ms, int *status)
{
    int64_t deadline = pty_now_ms() + deadline_ms;

    for (check_child(p); !p->ended && pty_now_ms() < deadline; check_child(p)) {
        if (!read_some(p, pty_now_ms() + 10) && p->master < 0) {
            (void)poll(NULL, 0, 5); /* no terminal left to wait on */
        }
    }
    while (p->ended && read_some(p, 0)) {
        ;
    }
    *status = p->status;
    return p->ended;
}

bool pty_wait_stop(struct pty *p, int deadline_ms)
{
    int64_t deadline = pty_now_ms() + deadline_ms;
    int status = 0;

    while (pty_now_ms() < deadline) {
        pid_t got = waitpid(p->pid, &status, WUNTRACED | WNOHANG);
        if (got == p->pid && WIFSTOPPED(status)) {
            while (read_some(p, 0)) {
                ;
            }
            return true;
        }
        if (got == p->pid) {
            p->ended = true;
            p->status = status;
            return false;
        }
        (void)read_some(p, pty_now_ms() + 10);
    }
    return false;
}

bool pty_alternate(const struct pty *p)
{
    return p->alternate;
}

bool pty_cursor_visible(const struct pty *p)
{
    return p->cursor;
}

bool pty_modes_restored(const struct pty *p)
{
    struct termios now;

    return tcgetattr(p->slave, &now) == 0 && now.c_iflag == p->before.c_iflag &&
           now.c_oflag == p->before.c_oflag && now.c_cflag == p->before.c_cflag &&
           now.c_lflag == p->before.c_lflag &&
           memcmp(now.c_cc, p->before.c_cc, sizeof now.c_cc) == 0;
}

bool pty_raw(const struct pty *p)
{
    struct termios now;

    return tcgetattr(p->slave, &now) == 0 && (now.c_lflag & (tcflag_t)(ECHO | ICANON | ISIG)) == 0;
}

uint64_t pty_bytes(const struct pty *p)
{
    return p->bytes;
}

const char *pty_last(const struct pty *p, size_t *len)
{
    *len = p->last_len;
    return p->last;
}

pid_t pty_pid(const struct pty *p)
{
    return p->pid;
}

struct VTerm *pty_terminal(const struct pty *p)
{
    return p->vt;
}
