#include "ui/term_caps.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

void caps_add(struct strbuf *b, const char *name)
{
    const char *s = tigetstr(name);

    if (s == NULL || s == (const char *)-1) {
        return;
    }
    while (*s != '\0') {
        const char *end = s[0] == '$' && s[1] == '<' ? strchr(s, '>') : NULL;
        if (end != NULL) {
            s = end + 1;
        } else {
            strbuf_addc(b, *s++);
        }
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
        (void)err_set(e, E_USAGE, "the dashboard needs a terminal, and %s is none",
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

/* An ssh session often arrives without any locale, on a terminal that is UTF-8 all the same. The
 * DEC terminals know no UTF-8 whatever the locale says; curses has to know that too. */
bool caps_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *term = getenv("TERM");
    bool named = false;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *v = getenv(names[i]);
        named = named || (v != NULL && v[0] != '\0');
    }
    if (term != NULL && strncmp(term, "vt", 2) == 0) {
        (void)setlocale(LC_CTYPE, "C");
        return false;
    }
    (void)setlocale(LC_CTYPE, named ? "" : "C.UTF-8");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
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
    return COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
}
