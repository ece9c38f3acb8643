/* Which way a text for the clipboard goes, and what is known of its end. */
#include "ui/clipboard_way.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/osc.h"
#include "ops/program.h"
#include "ui/clipboard.h"

enum {
    SECONDS = 1,   /* so long a program may take: the person waits */
    GRACE_MS = 100 /* between SIGTERM and SIGKILL for one that takes longer */
};

static bool starts(const char *s, const char *with)
{
    return s != NULL && strncmp(s, with, strlen(with)) == 0;
}

static bool is_set(const char *name)
{
    const char *v = getenv(name);
    return v != NULL && v[0] != '\0';
}

/* ---- programs of the desktop ---- */

/* What sets the clipboard of a desktop, where the variable says that there is one. */
static const struct {
    const char *display, *name, *option, *value;
} programs[] = {
    {"WAYLAND_DISPLAY", "wl-copy", "--type",      "text/plain"},
    {"DISPLAY",         "xclip",   "-selection",  "clipboard" },
    {"DISPLAY",         "xsel",    "--clipboard", "--input"   },
};

static bool program_takes(const struct ops *o, size_t which, const char *text)
{
    char *name = xstrdup(programs[which].name), *option = xstrdup(programs[which].option);
    char *value = xstrdup(programs[which].value);
    char *words[] = {name, option, value, NULL};
    const struct program p = {.words = words,
                              .input = text,
                              .seconds = SECONDS,
                              .output_max = 4000,
                              .grace_ms = GRACE_MS};
    struct program_result r = {0};
    bool taken = ops_program(o, &p, &r, NULL) == E_OK && r.end == PROGRAM_ENDED && r.status == 0;

    free(r.output);
    free(value);
    free(option);
    free(name);
    return taken;
}

/* ---- OSC 52 ---- */

/* Does tmux pass the text on? It does with set-clipboard on, and with allow-passthrough, which tmux
 * before 3.3 does not know: that one passes everything. False with `*known` false: it did not
 * answer. */
static bool tmux_passes(const struct ops *o, bool *known)
{
    char tmux[] = "tmux", verb[] = "display-message", print[] = "-p", target[] = "-t";
    char format[] = "#{set-clipboard}/#{allow-passthrough}";
    char *pane = xstrdup(is_set("TMUX_PANE") ? getenv("TMUX_PANE") : "");
    char *words[] = {tmux, verb, print, target, pane, format, NULL};
    char *words_here[] = {tmux, verb, print, format, NULL};
    const struct program p = {.words = pane[0] == '\0' ? words_here : words,
                              .input = "",
                              .seconds = SECONDS,
                              .output_max = 100,
                              .grace_ms = GRACE_MS};
    struct program_result r = {0};
    bool passes = false;

    *known = ops_program(o, &p, &r, NULL) == E_OK && r.end == PROGRAM_ENDED && r.status == 0;
    if (*known) {
        const char *slash = r.output == NULL ? NULL : strchr(r.output, '/');
        const char *through = slash == NULL ? "off" : slash + 1;
        *known = slash != NULL;
        passes = slash != NULL &&
                 (starts(r.output, "on/") || !(starts(through, "off") || starts(through, "0")));
    }
    free(r.output);
    free(pane);
    return passes;
}

static enum copy_way osc_way(const struct ops *o, size_t len)
{
    const char *term = getenv("TERM");
    bool known = false;

    if (!osc_taken()) {
        return COPY_NO_CLIPBOARD;
    }
    if ((len + 2) / 3 * 4 > CLIPBOARD_MAX) {
        return COPY_TOO_LONG;
    }
    if (is_set("TMUX")) {
        bool passes = tmux_passes(o, &known);
        return passes ? COPY_SENT_TMUX : known ? COPY_STOPPED : COPY_SENT_PERHAPS;
    }
    if (is_set("STY") || starts(term, "screen.")) {
        return COPY_SENT_SCREEN;
    }
    /* tmux on the machine that the person came from with ssh */
    return starts(term, "tmux") || starts(term, "screen") ? COPY_SENT_PERHAPS : COPY_SENT;
}

enum copy_way clipboard_way(const struct ops *o, const char *text, const char **program)
{
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (is_set(programs[i].display) && program_takes(o, i, text)) {
            *program = programs[i].name;
            return COPY_PROGRAM;
        }
    }
    *program = NULL;
    return osc_way(o, strlen(text));
}
