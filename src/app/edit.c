/* A line being typed, with the keys of readline. */
#include "edit.h"

#include <stdlib.h>
#include <string.h>

#include "app/keymap.h"
#include "core/alloc.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "core/text.h"

#define EDIT_MAX 4096

const char *edit_text(const struct edit *e)
{
    return e->text == NULL ? "" : e->text;
}

static void wipe(struct edit *e)
{
    if (e->secret) {
        secret_wipe(e->text, e->cap);
    }
}

/* Makes room without realloc, which would leave a copy of a secret behind. */
static void reserve(struct edit *e, size_t bytes)
{
    if (e->text != NULL && bytes < e->cap) {
        return;
    }
    size_t cap = bytes + 1 < 64 ? 64 : (bytes + 1) * 2;
    char *text = xcalloc(1, cap);

    if (e->text != NULL) {
        memcpy(text, e->text, e->len + 1);
        wipe(e);
        free(e->text);
    }
    e->text = text;
    e->cap = cap;
}

void edit_done(struct edit *e)
{
    wipe(e);
    free(e->text);
    free(e->killed);
    e->text = NULL;
    e->killed = NULL;
    e->len = e->cap = e->cursor = 0;
}

static size_t room(const struct edit *e)
{
    size_t max = e->max == 0 ? EDIT_MAX : e->max;

    return e->len < max ? max - e->len : 0;
}

static void insert(struct edit *e, const char *text, size_t len)
{
    if (len == 0 || len > room(e)) {
        return;
    }
    reserve(e, e->len + len);
    if (e->text == NULL) {
        return; /* this cannot happen, because room was just made */
    }
    memmove(e->text + e->cursor + len, e->text + e->cursor, e->len - e->cursor + 1);
    memcpy(e->text + e->cursor, text, len);
    e->len += len;
    e->cursor += len;
}

size_t edit_paste(struct edit *e, const char *text, size_t len)
{
    size_t left_out = 0;
    bool full = false;

    for (size_t at = 0, n; at<len; at += n> 0 ? n : 1) {
        uint32_t cp = 0;
        n = text_utf8_decode(text + at, len - at, &cp);
        bool blank = cp == '\n' || cp == '\t';
        bool good = n > 0 && (blank || !text_is_dangerous(cp));
        full = full || (good && room(e) < (blank ? 1 : n));
        if (!good || full) {
            left_out++;
        } else {
            insert(e, blank ? " " : text + at, blank ? 1 : n);
        }
    }
    return left_out;
}

void edit_set(struct edit *e, const char *text)
{
    wipe(e);
    e->len = 0;
    e->cursor = 0;
    if (e->text != NULL) {
        e->text[0] = '\0';
    }
    if (text != NULL) {
        (void)edit_paste(e, text, strlen(text));
    }
}

static size_t back_one(const struct edit *e, size_t at)
{
    uint32_t cp = 0;

    while (at > 0) {
        do {
            at--;
        } while (at > 0 && ((unsigned char)e->text[at] & 0xc0) == 0x80);
        (void)text_utf8_decode(e->text + at, e->len - at, &cp);
        if (cp < 0x80 || text_cp_width(cp) > 0) {
            break; /* combining marks go together with their base */
        }
    }
    return at;
}

static size_t forward_one(const struct edit *e, size_t at)
{
    uint32_t cp = 0;
    size_t n = at < e->len ? text_utf8_decode(e->text + at, e->len - at, &cp) : 0;

    at += n;
    while (at < e->len) {
        n = text_utf8_decode(e->text + at, e->len - at, &cp);
        if (n == 0 || cp < 0x80 || text_cp_width(cp) > 0) {
            break;
        }
        at += n;
    }
    return at;
}

static bool word_byte(char c)
{
    return (unsigned char)c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') || c == '_';
}

static size_t word_back(const struct edit *e, size_t at)
{
    while (at > 0 && !word_byte(e->text[at - 1])) {
        at--;
    }
    while (at > 0 && word_byte(e->text[at - 1])) {
        at--;
    }
    return at;
}

static size_t word_forward(const struct edit *e, size_t at)
{
    while (at < e->len && !word_byte(e->text[at])) {
        at++;
    }
    while (at < e->len && word_byte(e->text[at])) {
        at++;
    }
    return at;
}

/* The start of the word before the cursor, as the shell's C-w takes it: it reaches back to the
 * blank before. */
static size_t blank_back(const struct edit *e, size_t at)
{
    while (at > 0 && e->text[at - 1] == ' ') {
        at--;
    }
    while (at > 0 && e->text[at - 1] != ' ') {
        at--;
    }
    return at;
}

static void cut(struct edit *e, size_t from, size_t to, bool keep)
{
    if (to <= from) {
        return;
    }
    if (keep && !e->secret) {
        free(e->killed);
        e->killed = xstrndup(e->text + from, to - from);
    }
    memmove(e->text + from, e->text + to, e->len - to + 1);
    if (e->secret) {
        secret_wipe(e->text + e->len - (to - from) + 1, to - from);
    }
    e->len -= to - from;
    e->cursor = from;
}

enum edit_op {
    OP_LEFT,
    OP_RIGHT,
    OP_HOME,
    OP_END,
    OP_WORD_LEFT,
    OP_WORD_RIGHT,
    OP_RUB,
    OP_DEL,
    OP_KILL_END,
    OP_KILL_HOME,
    OP_KILL_BLANK,
    OP_KILL_WORD,
    OP_KILL_WORD_BACK,
    OP_YANK
};

static const struct {
    const char *key;
    enum edit_op op;
} edit_keys[] = {
    {"Left",        OP_LEFT          },
    {"C-b",         OP_LEFT          },
    {"Right",       OP_RIGHT         },
    {"C-f",         OP_RIGHT         },
    {"Home",        OP_HOME          },
    {"C-a",         OP_HOME          },
    {"End",         OP_END           },
    {"C-e",         OP_END           },
    {"M-b",         OP_WORD_LEFT     },
    {"C-Left",      OP_WORD_LEFT     },
    {"M-f",         OP_WORD_RIGHT    },
    {"C-Right",     OP_WORD_RIGHT    },
    {"Backspace",   OP_RUB           },
    {"C-h",         OP_RUB           },
    {"Delete",      OP_DEL           },
    {"C-d",         OP_DEL           },
    {"C-k",         OP_KILL_END      },
    {"C-u",         OP_KILL_HOME     },
    {"C-w",         OP_KILL_BLANK    },
    {"M-d",         OP_KILL_WORD     },
    {"M-Backspace", OP_KILL_WORD_BACK},
    {"C-y",         OP_YANK          },
};

static void apply(struct edit *e, enum edit_op op)
{
    size_t at = e->cursor;

    switch (op) {
    case OP_LEFT:
        e->cursor = back_one(e, at);
        break;
    case OP_RIGHT:
        e->cursor = forward_one(e, at);
        break;
    case OP_HOME:
        e->cursor = 0;
        break;
    case OP_END:
        e->cursor = e->len;
        break;
    case OP_WORD_LEFT:
        e->cursor = word_back(e, at);
        break;
    case OP_WORD_RIGHT:
        e->cursor = word_forward(e, at);
        break;
    case OP_RUB:
        cut(e, back_one(e, at), at, false);
        break;
    case OP_DEL:
        cut(e, at, forward_one(e, at), false);
        break;
    case OP_KILL_END:
        cut(e, at, e->len, true);
        break;
    case OP_KILL_HOME:
        cut(e, 0, at, true);
        break;
    case OP_KILL_BLANK:
        cut(e, blank_back(e, at), at, true);
        break;
    case OP_KILL_WORD:
        cut(e, at, word_forward(e, at), true);
        break;
    case OP_KILL_WORD_BACK:
        cut(e, word_back(e, at), at, true);
        break;
    case OP_YANK:
        if (e->killed != NULL) {
            insert(e, e->killed, strlen(e->killed));
        }
        break;
    }
}

bool edit_key(struct edit *e, const char *key)
{
    if (strcmp(key, "Space") == 0) {
        insert(e, " ", 1);
        return true;
    }
    if (key_is_text(key)) {
        insert(e, key, strlen(key));
        return true;
    }
    for (size_t i = 0; i < sizeof edit_keys / sizeof *edit_keys; i++) {
        if (strcmp(edit_keys[i].key, key) == 0) {
            apply(e, edit_keys[i].op);
            return true;
        }
    }
    return false;
}

static char *stars(const char *text, size_t len, size_t cursor, size_t *star_cursor)
{
    struct strbuf out = STRBUF_INIT;

    *star_cursor = 0;
    for (size_t at = 0; at < len;) {
        uint32_t cp = 0;
        size_t n = text_utf8_decode(text + at, len - at, &cp);
        if (at < cursor) {
            (*star_cursor)++;
        }
        strbuf_addc(&out, '*');
        at += n == 0 ? 1 : n;
    }
    return strbuf_take(&out);
}

char *edit_view(const struct edit *e, int cells, int *cursor)
{
    size_t at = e->cursor;
    char *shown = e->secret ? stars(edit_text(e), e->len, e->cursor, &at) : xstrdup(edit_text(e));
    size_t from = 0;

    *cursor = 0;
    if (cells < 1) {
        shown[0] = '\0';
        return shown;
    }
    /* The start moves to the right until the cursor, and the cell on which it stands, are
     * inside. */
    char *before = xstrndup(shown, at);
    *cursor = text_width(before);
    while (*cursor >= cells && from < at) {
        uint32_t cp = 0;
        size_t n = text_utf8_decode(shown + from, at - from, &cp);
        *cursor -= n == 0 ? 1 : text_cp_width(cp);
        from += n == 0 ? 1 : n;
    }
    free(before);
    size_t fits = text_fit(shown + from, cells, NULL);
    char *out = xstrndup(shown + from, fits);
    if (e->secret) {
        secret_wipe(shown, strlen(shown));
    }
    free(shown);
    return out;
}
