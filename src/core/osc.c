/* Control sequences of the OSC kind: notifications, and how they pass through tmux and screen. */
#include "core/osc.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"

static bool starts(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

static bool is_set(const char *name)
{
    const char *v = getenv(name);
    return v != NULL && v[0] != '\0';
}

bool term_is_dec(const char *term)
{
    return term != NULL && starts(term, "vt") && term[2] >= '0' && term[2] <= '9';
}

bool osc_taken(void)
{
    static const char *const plain[] = {"linux", "dumb", "ansi", "cons", "sun", "hurd"};
    const char *term = getenv("TERM");

    if (term_is_dec(term)) {
        return false;
    }
    for (size_t i = 0; term != NULL && i < sizeof plain / sizeof *plain; i++) {
        if (starts(term, plain[i])) {
            return false;
        }
    }
    return term != NULL && term[0] != '\0';
}

/* screen passes on what stands between ESC P and ESC \, at most 768 bytes at a time. */
void osc_wrap_screen(struct strbuf *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i += 500) {
        strbuf_adds(out, "\033P");
        strbuf_add(out, s + i, len - i < 500 ? len - i : 500);
        strbuf_adds(out, "\033\\");
    }
}

void osc_wrap(struct strbuf *out, const char *seq, size_t len)
{
    if (is_set("TMUX")) {
        strbuf_adds(out, "\033Ptmux;");
        for (size_t i = 0; i < len; i++) {
            if (seq[i] == '\033') {
                strbuf_addc(out, '\033'); /* tmux turns two escapes into one */
            }
            strbuf_addc(out, seq[i]);
        }
        strbuf_adds(out, "\033\\");
    } else if (is_set("STY")) {
        osc_wrap_screen(out, seq, len);
    } else {
        strbuf_add(out, seq, len);
    }
}

/* Adds the text without control characters, so that nothing in it ends the sequence. OSC 777
 * separates its own fields by semicolons, and ConEmu may take a text of OSC 9 that begins with a
 * digit for a command. */
static void add_text(struct strbuf *out, const char *text, bool utf8)
{
    struct strbuf clean = STRBUF_INIT;

    text_clean(&clean, text, strnlen(text, (size_t)OSC_NOTIFY_MAX * 4),
               TEXT_ONE_LINE | (utf8 ? 0U : (unsigned)TEXT_ASCII));
    const char *s = strbuf_str(&clean);
    size_t n = clean.len < OSC_NOTIFY_MAX ? clean.len : OSC_NOTIFY_MAX;
    while (n > 0 && n < clean.len && ((unsigned char)s[n] & 0xc0) == 0x80) {
        n--;
    }
    for (size_t i = 0; i < n; i++) {
        strbuf_addc(out, s[i] == ';' ? ',' : s[i]);
    }
    strbuf_clear(&clean);
}

/* Terminals, recognised by their TERM, that would show a notification twice or know only one of the
 * forms. */
static const struct {
    const char *term;
    bool osc9, osc777;
} known[] = {
    {"foot",          false, true },
    {"rxvt",          false, true },
    {"xterm-kitty",   true,  false},
    {"xterm-ghostty", true,  false},
    {"wezterm",       true,  false},
    {"iterm",         true,  false},
};

void osc_notify(struct strbuf *out, const struct osc_notice *n)
{
    const char *term = getenv("TERM");
    struct strbuf seq = STRBUF_INIT;
    bool osc9 = n->osc9, osc777 = n->osc777;

    if (term == NULL || !osc_taken()) {
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (starts(term, known[i].term) &&
            ((osc9 && known[i].osc9) || (osc777 && known[i].osc777))) {
            osc9 = osc9 && known[i].osc9;
            osc777 = osc777 && known[i].osc777;
        }
    }
    if (osc9) {
        strbuf_adds(&seq, "\033]9;");
        add_text(&seq, n->title, n->utf8);
        strbuf_adds(&seq, ": ");
        add_text(&seq, n->text, n->utf8);
        strbuf_addc(&seq, '\a');
        osc_wrap(out, seq.data, seq.len);
        strbuf_reset(&seq);
    }
    if (osc777) {
        strbuf_adds(&seq, "\033]777;notify;");
        add_text(&seq, n->title, n->utf8);
        strbuf_addc(&seq, ';');
        add_text(&seq, n->text, n->utf8);
        strbuf_addc(&seq, '\a');
        osc_wrap(out, seq.data, seq.len);
    }
    strbuf_clear(&seq);
}
