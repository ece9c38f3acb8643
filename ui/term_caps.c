/* What the terminal can do: terminfo, locale, colours. */
#include "ui/term_caps.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/osc.h"
#include "core/text.h"

static void add_unpadded(struct strbuf *b, const char *s)
{
    while (*s != '\0') {
        const char *end = s[0] == '$' && s[1] == '<' ? strchr(s, '>') : NULL;
        if (end != NULL) {
            s = end + 1;
        } else {
            strbuf_addc(b, *s++);
        }
    }
}

void caps_add(struct strbuf *b, const char *name)
{
    if (caps_has(name)) {
        add_unpadded(b, tigetstr(name));
    }
}

void caps_add_with(struct strbuf *b, const char *name, int first, int second)
{
    const char *s = caps_has(name) ? tiparm(tigetstr(name), first, second) : NULL;

    if (s != NULL) {
        add_unpadded(b, s);
    }
}

bool caps_has(const char *name)
{
    const char *s = tigetstr(name);
    return s != NULL && s != (const char *)-1;
}

enum err_code caps_check(struct err *e)
{
    const char *name = getenv("TERM");
    int found = 0;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        (void)err_set(e, E_USAGE, "the dashboard needs a terminal, and %s is not one",
                      isatty(STDIN_FILENO) ? "standard output" : "standard input");
        return err_hint_set(e, "in scripts use `mvpdash list --json` or `mvpdash status JOB_ID`");
    }
    if (name == NULL || name[0] == '\0') {
        (void)err_set(e, E_CONFIG, "TERM is not set: the kind of terminal is unknown");
        return err_hint_set(e, "run: export TERM=xterm-256color (in tmux or screen: TERM=screen)");
    }
    if (setupterm(name, STDOUT_FILENO, &found) != OK && found != 1) {
        (void)err_set(e, E_CONFIG, "TERM=%.60s has no terminfo entry on this machine", name);
        return err_hint_set(e, "run: export TERM=xterm-256color (in tmux or screen: TERM=screen)");
    }
    bool usable = caps_has("cup") && caps_has("clear");
    (void)del_curterm(cur_term);
    if (!usable) {
        (void)err_set(e, E_CONFIG, "TERM=%.60s cannot place the cursor", name);
        return err_hint_set(e, "use a screen terminal (TERM=xterm-256color, screen, linux, "
                               "vt100), or `mvpdash list`");
    }
    return E_OK;
}

/* The name of the locale by LC_ALL, LC_CTYPE or LANG, the first one that is set; "" when none
 * is. */
static const char *locale_named(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *v = getenv(names[i]);
        if (v != NULL && v[0] != '\0') {
            return v;
        }
    }
    return "";
}

/* The DEC terminals know no UTF-8, whatever the locale says; curses has to know that as well. */
bool caps_utf8(void)
{
    if (term_is_dec(getenv("TERM"))) {
        (void)setlocale(LC_CTYPE, "C");
        return false;
    }
    text_set_locale();
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void probe_locale(struct doctor_terminal *t)
{
    char *was = xstrdup(setlocale(LC_CTYPE, NULL));

    (void)snprintf(t->locale, sizeof t->locale, "%s", locale_named());
    t->ascii_only = term_is_dec(t->term);
    t->locale_known = setlocale(LC_CTYPE, t->locale[0] != '\0' ? "" : "C.UTF-8") != NULL;
    if (!t->locale_known) {
        text_set_locale(); /* set as the dashboard sets it */
    }
    t->utf8 = !t->ascii_only && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    (void)setlocale(LC_CTYPE, was);
    free(was);
}

static void probe_size(struct doctor_terminal *t, int fd)
{
    const char *env_rows = getenv("LINES");
    const char *env_cols = getenv("COLUMNS");
    struct winsize w = {0};

    if (ioctl(fd, TIOCGWINSZ, &w) == 0) {
        t->rows = w.ws_row;
        t->cols = w.ws_col;
    }
    t->exported_size =
        t->rows > 0 && ((env_rows != NULL && strtol(env_rows, NULL, 10) != t->rows) ||
                        (env_cols != NULL && strtol(env_cols, NULL, 10) != t->cols));
}

void caps_probe(struct doctor_terminal *out)
{
    const char *term = getenv("TERM");
    int found = 0;
    int fd = isatty(STDOUT_FILENO)   ? STDOUT_FILENO
             : isatty(STDIN_FILENO)  ? STDIN_FILENO
             : isatty(STDERR_FILENO) ? STDERR_FILENO
                                     : -1;

    *out = (struct doctor_terminal){.there = fd >= 0, .colors = -1};
    if (fd < 0) {
        return;
    }
    (void)snprintf(out->term, sizeof out->term, "%s", term == NULL ? "" : term);
    if (out->term[0] != '\0' && (setupterm(out->term, fd, &found) == OK || found == 1)) {
        out->known = true;
        out->addressable = caps_has("cup") && caps_has("clear");
        out->colors = tigetnum("colors");
        (void)del_curterm(cur_term);
    }
    probe_locale(out);
    probe_size(out, fd);
}

/* A terminal with more than 256 colours has direct colour (xterm-direct: 2^24): its numbers are
 * red, green and blue, except for the first eight, which all such entries take for the palette. */
int caps_palette(int terminfo_colors)
{
    if (terminfo_colors > 256) {
        return 8;
    }
    return terminfo_colors == 256 ? 256 : terminfo_colors >= 16 ? 16 : terminfo_colors >= 8 ? 8 : 0;
}

int caps_colors(bool no_color)
{
    const char *asked = getenv("NO_COLOR");

    if (no_color || (asked != NULL && asked[0] != '\0') || start_color() != OK) {
        return 0;
    }
    if (use_default_colors() != OK) {
        (void)assume_default_colors(COLOR_WHITE, COLOR_BLACK);
    }
    return caps_palette(COLORS);
}

const char *caps_library(void)
{
    return curses_version();
}
