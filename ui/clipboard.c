#include "ui/clipboard.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

static bool starts(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

static bool is_set(const char *name)
{
    const char *v = getenv(name);
    return v != NULL && v[0] != '\0';
}

/* Terminals that take OSC sequences, or at least swallow them. */
static bool takes_osc(void)
{
    static const char *const plain[] = {"linux", "vt", "dumb", "ansi", "cons", "sun", "hurd"};
    const char *term = getenv("TERM");

    for (size_t i = 0; term != NULL && i < sizeof plain / sizeof *plain; i++) {
        if (starts(term, plain[i])) {
            return false;
        }
    }
    return term != NULL;
}

/* screen passes on what stands between ESC P and ESC \, 768 bytes at most at a time. */
static void wrap_for_screen(struct strbuf *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i += 500) {
        strbuf_adds(out, "\033P");
        strbuf_add(out, s + i, len - i < 500 ? len - i : 500);
        strbuf_adds(out, "\033\\");
    }
}

bool clipboard_sequence(struct strbuf *out, const char *text, size_t len)
{
    size_t coded = (len + 2) / 3 * 4;
    struct strbuf osc = STRBUF_INIT;

    if (coded > CLIPBOARD_MAX || !takes_osc()) {
        return false;
    }
    unsigned char *base64 = xmalloc(coded + 1);
    (void)EVP_EncodeBlock(base64, (const unsigned char *)text, (int)len);
    strbuf_adds(&osc, "\033]52;c;");
    strbuf_add(&osc, base64, coded);
    free(base64);
    if (is_set("TMUX")) {
        /* tmux takes the plain form when set-clipboard is on, the wrapped one when
         * allow-passthrough is: the same text twice does no harm. */
        strbuf_adds(out, "\033Ptmux;\033");
        strbuf_add(out, osc.data, osc.len);
        strbuf_adds(out, "\033\033\\\033\\");
        strbuf_add(out, osc.data, osc.len);
        strbuf_adds(out, "\033\\");
    } else if (is_set("STY")) {
        strbuf_addc(&osc, '\007');
        wrap_for_screen(out, osc.data, osc.len);
    } else {
        strbuf_adds(&osc, "\033\\");
        strbuf_add(out, osc.data, osc.len);
    }
    strbuf_clear(&osc);
    return true;
}

void title_sequence(struct strbuf *out, const char *text)
{
    static const char *const known[] = {"xterm", "tmux",  "rxvt", "alacritty",
                                        "foot",  "kitty", "st-",  "konsole"};
    const char *term = getenv("TERM");
    bool takes = is_set("TMUX") && takes_osc();

    for (size_t i = 0; term != NULL && i < sizeof known / sizeof *known; i++) {
        takes = takes || starts(term, known[i]);
    }
    if (!takes) {
        return;
    }
    if (text == NULL) {
        strbuf_adds(out, "\033[23;2t");
        return;
    }
    strbuf_adds(out, "\033]2;");
    strbuf_adds(out, text);
    strbuf_adds(out, "\007");
}
