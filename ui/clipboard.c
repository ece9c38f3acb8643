/* The control sequences for the clipboard and the title. */
#include "ui/clipboard.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/osc.h"

static bool starts(const char *s, const char *with)
{
    return s != NULL && strncmp(s, with, strlen(with)) == 0;
}

static bool is_set(const char *name)
{
    const char *v = getenv(name);
    return v != NULL && v[0] != '\0';
}

bool clipboard_sequence(struct strbuf *out, const char *text, size_t len)
{
    size_t coded = (len + 2) / 3 * 4;
    struct strbuf osc = STRBUF_INIT;

    if (coded > CLIPBOARD_MAX || !osc_taken()) {
        return false;
    }
    unsigned char *base64 = xmalloc(coded + 1);
    (void)EVP_EncodeBlock(base64, (const unsigned char *)text, (int)len);
    strbuf_adds(&osc, "\033]52;c;");
    strbuf_add(&osc, base64, coded);
    free(base64);
    if (is_set("TMUX")) {
        /* tmux takes the plain form when set-clipboard is on, and the wrapped form when
         * allow-passthrough is on: getting the same text twice does no harm. */
        struct strbuf plain = STRBUF_INIT;
        strbuf_add(&plain, osc.data, osc.len);
        strbuf_adds(&plain, "\033\\");
        osc_wrap(out, plain.data, plain.len);
        strbuf_add(out, plain.data, plain.len);
        strbuf_clear(&plain);
    } else {
        strbuf_adds(&osc, is_set("STY") ? "\a" : "\033\\");
        osc_wrap(out, osc.data, osc.len);
        if (!is_set("STY") && starts(getenv("TERM"), "screen")) {
            /* TERM of both screen and tmux before ssh: the one knows only the wrapped form, the
             * other only the plain one. */
            strbuf_truncate(&osc, osc.len - 2);
            strbuf_adds(&osc, "\a");
            osc_wrap_screen(out, osc.data, osc.len);
        }
    }
    strbuf_clear(&osc);
    return true;
}

void title_sequence(struct strbuf *out, const char *text)
{
    static const char *const known[] = {"xterm", "tmux",  "rxvt", "alacritty",
                                        "foot",  "kitty", "st-",  "konsole"};
    const char *term = getenv("TERM");
    bool takes = is_set("TMUX") && osc_taken();

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
