/* doctor_terminal.c - A2: can the dashboard be shown on this terminal? */
#include <string.h>

#include "jobs/doctor.h"

enum { LEAST_COLS = 40, LEAST_ROWS = 10 };

static void check_entry(const struct doctor_terminal *t, struct finding *f)
{
    static const char fix[] =
        "`export TERM=xterm-256color` (in tmux or screen: TERM=screen-256color)";

    if (t->term[0] == '\0') {
        if (finding_add(f, DOCTOR_FAIL, "TERM is not set: the kind of terminal is unknown")) {
            finding_fix(f, "%s", fix);
        }
    } else if (!t->known) {
        if (finding_add(f, DOCTOR_FAIL, "TERM=%s has no terminfo entry on this machine", t->term)) {
            finding_fix(f, "%s", fix);
        }
    } else if (!t->addressable &&
               finding_add(f, DOCTOR_FAIL, "TERM=%s cannot place the cursor: no dashboard on it",
                           t->term)) {
        finding_fix(f, "%s; or without a dashboard: `mvpdash list`", fix);
    }
}

static void check_locale(const struct doctor_terminal *t, struct finding *f)
{
    if (t->locale[0] != '\0' && !t->locale_known && !t->utf8) {
        if (finding_add(f, DOCTOR_WARN, "locale %s is not installed here: names are shown in ASCII",
                        t->locale)) {
            finding_fix(f, "`export LC_ALL=C.UTF-8`");
        }
    } else if (!t->utf8 && !t->ascii_only &&
               finding_add(f, DOCTOR_WARN, "locale %s is not UTF-8: names are shown in ASCII",
                           t->locale)) {
        finding_fix(f, "`export LC_ALL=C.UTF-8`");
    }
}

void doctor_terminal(const struct doctor_terminal *t, struct finding *f)
{
    if (t == NULL || !t->there) {
        (void)finding_add(f, DOCTOR_SKIP,
                          "this is not a terminal, so the dashboard cannot be shown");
        finding_fix(f, "run it on a terminal");
        return;
    }
    check_entry(t, f);
    check_locale(t, f);
    if ((t->cols > 0 && t->cols < LEAST_COLS) || (t->rows > 0 && t->rows < LEAST_ROWS)) {
        if (finding_add(f, DOCTOR_WARN, "%d columns and %d rows are too few for the dashboard",
                        t->cols, t->rows)) {
            finding_fix(f, "make the window at least 40x10; 80x24 shows everything");
        }
    }
    if (t->exported_size &&
        finding_add(f, DOCTOR_WARN,
                    "LINES or COLUMNS is exported and is not the window's size: other programs do "
                    "not follow a resize (mvpdash does)")) {
        finding_fix(f, "`unset LINES COLUMNS`");
    }
    (void)finding_add(f, DOCTOR_PASS, "%s, %dx%d, %d colours%s", t->term, t->cols, t->rows,
                      t->colors < 0 ? 0 : t->colors, t->utf8 ? ", UTF-8" : ", ASCII");
}
