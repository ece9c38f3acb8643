/* The terminal: opening it, sending bytes to it, giving it back.
 *
 * DESIGN: curses sets the terminal up and gives it back; frames are made without it (flush.c). It
 * writes with blocking writes, which on a slow or stuck link (ssh over a bad line, a detached tmux)
 * would block the whole dashboard. So the descriptor that curses writes to is its own duplicate of
 * the terminal, and while curses writes (capture .. captured) dup2 points that descriptor at a
 * memory file. Those bytes, as those of every frame, then go to the terminal through a second open
 * of it, which is non-blocking. Only that open is non-blocking: setting it on the inherited
 * descriptor would change the descriptor for the shell as well.
 *
 * Outside of a capture the descriptor is the terminal again, so that curses' tcsetattr and ioctl
 * calls reach the terminal. Input is read from a non-blocking open of its own as well, and never by
 * curses: curses waits for the rest of a sequence that it does not know, and nothing would be drawn
 * meanwhile (input.c). */
#include "ui/term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/platform.h"
#include "core/strbuf.h"
#include "ui/signals.h"
#include "ui/term_caps.h"

#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
#define MOUSE_ON "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1002l\033[?1000l"

struct terminal {
    SCREEN *screen;
    FILE *out; /* the stream that curses writes to; its descriptor is `curses_fd` */
    int curses_fd;
    int tty_fd;    /* the terminal, kept so that curses_fd can be pointed back at it */
    int write_fd;  /* the terminal, opened non-blocking; tty_fd when that fails */
    int read_fd;   /* the terminal, opened non-blocking for input; STDIN_FILENO when that fails */
    int memory_fd; /* where a captured frame goes */
    struct termios shell_modes;
    struct strbuf waiting; /* bytes not yet sent */
    size_t sent;           /* how many bytes of `waiting` are sent */
    uint64_t bytes;
    uint64_t writes;
    int colors;
    bool utf8;
    bool acs;
    bool mouse;
    bool paste;
    bool suspended;
};

/* Takes back what a frame sets for a moment: it was cut short. CAN ends a control sequence that was
 * cut as well. Setting the region of rows that scroll moves the cursor to the top of the screen. */
static void add_end_of_frame(struct strbuf *b)
{
    strbuf_adds(b, "\030");
    caps_add(b, "rmacs");
    caps_add(b, "sgr0");
    caps_add(b, "op");
    caps_add(b, "smam");
    if (caps_has("csr")) {
        caps_add_with(b, "csr", 0, LINES - 1);
        caps_add_with(b, "cup", LINES - 1, 0);
    }
}

/* Sets the bytes that put the terminal back, whatever it is in the middle of. */
static void guard(const struct terminal *t)
{
    struct strbuf b = STRBUF_INIT;

    add_end_of_frame(&b);
    if (t->mouse && t->paste) {
        strbuf_adds(&b, MOUSE_OFF);
    }
    if (t->paste) {
        strbuf_adds(&b, PASTE_OFF);
    }
    caps_add(&b, "rmkx");
    caps_add(&b, "rmcup");
    /* this comes last: some terminals keep the cursor's state with each screen */
    caps_add(&b, "cnorm");
    strbuf_adds(&b, "\r");
    signals_guard(t->write_fd, strbuf_str(&b), b.len, &t->shell_modes);
    strbuf_clear(&b);
}

static int open_memory(void)
{
    int fd = platform_memory_file("mvpdash-frame");
    if (fd < 0) {
        FILE *f = tmpfile();
        if (f != NULL) {
            fd = fcntl(fileno(f), F_DUPFD_CLOEXEC, 3);
            (void)fclose(f);
        }
    }
    return fd;
}

/* Between these two calls curses may be told to write; its bytes go to term_send. */
static void capture(struct terminal *t)
{
    (void)lseek(t->memory_fd, 0, SEEK_SET);
    (void)dup2(t->memory_fd, t->curses_fd);
}

static void captured(struct terminal *t)
{
    char buf[16384];
    off_t end;

    (void)fflush(t->out);
    (void)dup2(t->tty_fd, t->curses_fd);
    end = lseek(t->memory_fd, 0, SEEK_CUR);
    for (off_t at = 0; at < end;) {
        size_t want = end - at < (off_t)sizeof buf ? (size_t)(end - at) : sizeof buf;
        ssize_t n = pread(t->memory_fd, buf, want, at);
        if (n <= 0) {
            break;
        }
        term_add(t, buf, (size_t)n);
        at += n;
    }
}

static enum err_code open_descriptors(struct terminal *t, struct err *e)
{
    t->tty_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    t->curses_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    t->memory_fd = open_memory();
    if (t->tty_fd < 0 || t->curses_fd < 0 || t->memory_fd < 0) {
        return err_set(e, E_IO, "cannot duplicate the terminal: %s", strerror(errno));
    }
    t->write_fd = platform_reopen(STDOUT_FILENO, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (t->write_fd < 0) {
        t->write_fd = t->tty_fd; /* writing may block then; everything else works */
    }
    t->read_fd = platform_reopen(STDIN_FILENO, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (t->read_fd < 0) {
        t->read_fd = STDIN_FILENO; /* input is only read when poll says that something is there */
    }
    t->out = fdopen(t->curses_fd, "w");
    if (t->out == NULL) {
        return err_set(e, E_IO, "cannot open the terminal for writing: %s", strerror(errno));
    }
    return E_OK;
}

static void close_descriptors(struct terminal *t)
{
    if (t->out != NULL) {
        (void)fclose(t->out);
    } else if (t->curses_fd >= 0) {
        (void)close(t->curses_fd);
    }
    if (t->write_fd >= 0 && t->write_fd != t->tty_fd) {
        (void)close(t->write_fd);
    }
    if (t->read_fd >= 0 && t->read_fd != STDIN_FILENO) {
        (void)close(t->read_fd);
    }
    if (t->tty_fd >= 0) {
        (void)close(t->tty_fd);
    }
    if (t->memory_fd >= 0) {
        (void)close(t->memory_fd);
    }
}

static void set_modes(void)
{
    (void)raw(); /* with raw, Ctrl-S, Ctrl-Q, Ctrl-Z and Ctrl-C arrive as keys */
    (void)noecho();
    (void)nonl();
    (void)intrflush(stdscr, FALSE);
}

static void term_set_mouse(struct terminal *t, bool on);

struct terminal *term_open(const struct term_options *o, struct err *e)
{
    struct terminal *t;

    if (caps_check(e) != E_OK) {
        return NULL;
    }
    t = xcalloc(1, sizeof *t);
    t->curses_fd = t->tty_fd = t->write_fd = t->read_fd = t->memory_fd = -1;
    if (open_descriptors(t, e) != E_OK || tcgetattr(STDIN_FILENO, &t->shell_modes) != 0) {
        close_descriptors(t);
        free(t);
        return NULL;
    }
    t->utf8 = caps_utf8() && !o->ascii;
    /* The size comes from the terminal, never from the LINES and COLUMNS that a shell exported. */
    use_env(FALSE);
    use_tioctl(TRUE);
    t->screen = newterm(NULL, t->out, stdin);
    if (t->screen == NULL) {
        (void)err_set(e, E_CONFIG, "the terminal could not be set up");
        close_descriptors(t);
        free(t);
        return NULL;
    }
    t->acs = !t->utf8 && !o->ascii && caps_has("acsc") && caps_has("smacs");
    t->paste = caps_has("kmous") || t->utf8; /* these terminals know bracketed paste */
    guard(t);
    set_modes();
    t->colors = caps_colors(o->no_color);
    capture(t);
    (void)keypad(stdscr, TRUE);
    (void)curs_set(0);
    captured(t);
    if (t->paste) {
        term_add(t, PASTE_ON, sizeof PASTE_ON - 1);
    }
    if (o->mouse) {
        term_set_mouse(t, true);
    }
    return t;
}

/* Takes the terminal away from curses: curses' closing bytes go out if the terminal takes them
 * soon, after the rest of what was being sent. */
static void leave(struct terminal *t)
{
    bool cut = t->sent < t->waiting.len;

    signals_guard_off();
    strbuf_reset(&t->waiting);
    t->sent = 0;
    if (cut) {
        add_end_of_frame(&t->waiting);
    }
    if (t->mouse && t->paste) {
        term_add(t, MOUSE_OFF, sizeof MOUSE_OFF - 1);
    }
    if (t->paste) {
        term_add(t, PASTE_OFF, sizeof PASTE_OFF - 1);
    }
    capture(t);
    (void)endwin();
    captured(t);
    /* once more: some terminals keep the cursor's state with each screen */
    caps_add(&t->waiting, "cnorm");
    for (int tries = 0; tries < 10 && term_send(t) == E_OK && term_waiting(t); tries++) {
        struct pollfd p = {.fd = t->write_fd, .events = POLLOUT};
        (void)poll(&p, 1, 100);
    }
    strbuf_reset(&t->waiting);
    t->sent = 0;
    (void)tcsetattr(t->tty_fd, TCSANOW, &t->shell_modes);
}

void term_close(struct terminal *t)
{
    if (t == NULL) {
        return;
    }
    if (!t->suspended) {
        leave(t);
    }
    delscreen(t->screen);
    close_descriptors(t);
    strbuf_clear(&t->waiting);
    free(t);
}

void term_suspend(struct terminal *t)
{
    if (!t->suspended) {
        leave(t);
        t->suspended = true;
    }
}

void term_resume(struct terminal *t)
{
    /* The shell may have changed its modes meanwhile: these are the modes to give back at the
     * end. */
    (void)tcgetattr(STDIN_FILENO, &t->shell_modes);
    (void)reset_prog_mode();
    t->suspended = false;
    guard(t);
    capture(t);
    (void)doupdate();            /* enters the alternate screen again */
    (void)keypad(stdscr, FALSE); /* off and on, so that the bytes are sent again */
    (void)keypad(stdscr, TRUE);
    (void)curs_set(1);
    (void)curs_set(0);
    captured(t);
    if (t->paste) {
        term_add(t, PASTE_ON, sizeof PASTE_ON - 1);
    }
    if (t->mouse) {
        t->mouse = false;
        term_set_mouse(t, true);
    }
}

int term_rows(const struct terminal *t)
{
    (void)t;
    return LINES;
}

int term_cols(const struct terminal *t)
{
    (void)t;
    return COLS;
}

bool term_utf8(const struct terminal *t)
{
    return t->utf8;
}

bool term_acs(const struct terminal *t)
{
    return t->acs;
}

bool term_plain_newline(const struct terminal *t)
{
    struct termios now;

    return tcgetattr(t->tty_fd, &now) == 0 &&
           ((now.c_oflag & OPOST) == 0 || (now.c_oflag & ONLCR) == 0);
}

int term_colors(const struct terminal *t)
{
    return t->colors;
}

static void term_set_mouse(struct terminal *t, bool on)
{
    if (t->mouse == on) {
        return;
    }
    t->mouse = on;
    if (t->paste) { /* the same terminals know these sequences */
        term_add(t, on ? MOUSE_ON : MOUSE_OFF, strlen(on ? MOUSE_ON : MOUSE_OFF));
    }
    guard(t);
}

bool term_update_size(struct terminal *t)
{
    struct winsize w;

    if (ioctl(t->tty_fd, TIOCGWINSZ, &w) != 0 || w.ws_row == 0 || w.ws_col == 0 ||
        (w.ws_row == LINES && w.ws_col == COLS)) {
        return false;
    }
    capture(t);
    (void)resizeterm(w.ws_row, w.ws_col);
    captured(t);
    guard(t); /* it knows the number of rows */
    return true;
}

int term_in_fd(const struct terminal *t)
{
    return t->read_fd;
}

unsigned char term_erase(const struct terminal *t)
{
    return t->shell_modes.c_cc[VERASE];
}

int term_out_fd(const struct terminal *t)
{
    return t->write_fd;
}

bool term_waiting(const struct terminal *t)
{
    return t->sent < t->waiting.len;
}

void term_add(struct terminal *t, const void *bytes, size_t len)
{
    strbuf_add(&t->waiting, bytes, len);
}

enum err_code term_send(struct terminal *t)
{
    while (t->sent < t->waiting.len) {
        ssize_t n = write(t->write_fd, t->waiting.data + t->sent, t->waiting.len - t->sent);
        if (n > 0) {
            t->sent += (size_t)n;
            t->bytes += (uint64_t)n;
            t->writes++;
        } else if (n < 0 && errno == EAGAIN) {
            return E_OK;
        } else if (n == 0 || errno != EINTR) {
            return E_NET;
        }
    }
    strbuf_reset(&t->waiting);
    t->sent = 0;
    return E_OK;
}

uint64_t term_bytes(const struct terminal *t)
{
    return t->bytes;
}

uint64_t term_writes(const struct terminal *t)
{
    return t->writes;
}
