#include "ui/input.h"

#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/strbuf.h"
#include "core/text.h"

/* Key codes of our own, above those of curses. */
enum { CODE_PASTE_BEGIN = KEY_MAX + 100, CODE_PASTE_END };

enum { PASTE_MAX = 65536, PASTE_STALLS_MS = 1000, DOUBLE_CLICK_MS = 400 };

struct input {
    struct terminal *term;
    WINDOW *pad; /* keys are read through a pad: wgetch repaints a window, never a pad */
    bool pasting;
    int64_t paste_ms;    /* when its last byte came */
    struct strbuf paste; /* cut at PASTE_MAX */
    char utf8[4];        /* the start of a character whose rest has not come yet */
    size_t utf8_len;
    int held; /* a byte or key read ahead; ERR: none */
    int64_t click_ms;
    int click_row, click_col;
};

/* Sequences that terminals send although the terminfo entry in use does not say so. */
static const struct {
    const char *sequence;
    int code;
} fallbacks[] = {
    {"\033[200~", CODE_PASTE_BEGIN},
    {"\033[201~", CODE_PASTE_END  },
    {"\033[A",    KEY_UP          },
    {"\033[B",    KEY_DOWN        },
    {"\033[C",    KEY_RIGHT       },
    {"\033[D",    KEY_LEFT        },
    {"\033OA",    KEY_UP          },
    {"\033OB",    KEY_DOWN        },
    {"\033OC",    KEY_RIGHT       },
    {"\033OD",    KEY_LEFT        },
    {"\033[H",    KEY_HOME        },
    {"\033[F",    KEY_END         },
    {"\033OH",    KEY_HOME        },
    {"\033OF",    KEY_END         },
    {"\033[1~",   KEY_HOME        },
    {"\033[4~",   KEY_END         },
    {"\033[2~",   KEY_IC          },
    {"\033[3~",   KEY_DC          },
    {"\033[5~",   KEY_PPAGE       },
    {"\033[6~",   KEY_NPAGE       },
    {"\033[Z",    KEY_BTAB        },
    {"\033OP",    KEY_F(1)        },
    {"\033OQ",    KEY_F(2)        },
    {"\033OR",    KEY_F(3)        },
    {"\033OS",    KEY_F(4)        },
    {"\033[11~",  KEY_F(1)        },
    {"\033[12~",  KEY_F(2)        },
    {"\033[13~",  KEY_F(3)        },
    {"\033[14~",  KEY_F(4)        },
    {"\033[15~",  KEY_F(5)        },
    {"\033[17~",  KEY_F(6)        },
    {"\033[18~",  KEY_F(7)        },
    {"\033[19~",  KEY_F(8)        },
    {"\033[20~",  KEY_F(9)        },
    {"\033[21~",  KEY_F(10)       },
    {"\033[23~",  KEY_F(11)       },
    {"\033[24~",  KEY_F(12)       },
};

static const struct {
    int code;
    const char *name;
} key_names[] = {
    {KEY_UP,        "Up"       },
    {KEY_DOWN,      "Down"     },
    {KEY_LEFT,      "Left"     },
    {KEY_RIGHT,     "Right"    },
    {KEY_HOME,      "Home"     },
    {KEY_END,       "End"      },
    {KEY_PPAGE,     "PgUp"     },
    {KEY_NPAGE,     "PgDn"     },
    {KEY_IC,        "Insert"   },
    {KEY_DC,        "Delete"   },
    {KEY_BACKSPACE, "Backspace"},
    {KEY_BTAB,      "S-Tab"    },
    {KEY_ENTER,     "Enter"    },
    {KEY_SLEFT,     "S-Left"   },
    {KEY_SRIGHT,    "S-Right"  },
    {KEY_SR,        "S-Up"     },
    {KEY_SF,        "S-Down"   },
    {KEY_SHOME,     "S-Home"   },
    {KEY_SEND,      "S-End"    },
    {KEY_A1,        "Home"     },
    {KEY_A3,        "PgUp"     },
    {KEY_C1,        "End"      },
    {KEY_C3,        "PgDn"     },
};

/* Extended keys have no fixed code; terminfo names them. */
static const struct {
    const char *cap, *name;
} extended[] = {
    {"kLFT5", "C-Left" },
    {"kRIT5", "C-Right"},
    {"kUP5",  "C-Up"   },
    {"kDN5",  "C-Down" },
    {"kHOM5", "C-Home" },
    {"kEND5", "C-End"  },
    {"kLFT3", "M-Left" },
    {"kRIT3", "M-Right"},
};

struct input *input_new(struct terminal *t)
{
    struct input *in = xcalloc(1, sizeof *in);

    in->term = t;
    in->held = ERR;
    in->paste = STRBUF_LIMIT(PASTE_MAX);
    in->pad = newpad(1, 1);
    (void)keypad(in->pad, TRUE);
    (void)nodelay(in->pad, TRUE);
    for (size_t i = 0; i < sizeof fallbacks / sizeof *fallbacks; i++) {
        if (key_defined(fallbacks[i].sequence) <= 0) {
            (void)define_key(fallbacks[i].sequence, fallbacks[i].code);
        }
    }
    return in;
}

void input_free(struct input *in)
{
    if (in != NULL) {
        (void)delwin(in->pad);
        strbuf_clear(&in->paste);
        free(in);
    }
}

static int read_code(struct input *in)
{
    int c = in->held;

    in->held = ERR;
    return c != ERR ? c : wgetch(in->pad);
}

static void name_control(int c, char *key)
{
    const char *fixed = c == '\r' || c == '\n' ? "Enter"
                        : c == '\t'            ? "Tab"
                        : c == 27              ? "Esc"
                        : c == 0               ? "C-Space"
                        : c == 127             ? "Backspace"
                                               : NULL;
    if (fixed != NULL) {
        (void)snprintf(key, KEY_NAME_SIZE, "%s", fixed);
    } else if (c >= 1 && c <= 26) {
        (void)snprintf(key, KEY_NAME_SIZE, "C-%c", 'a' + c - 1);
    } else {
        (void)snprintf(key, KEY_NAME_SIZE, "C-%c", c + 64); /* C-\ C-] C-^ C-_ */
    }
}

/* A key that curses knows; false when we have no name for it. */
static bool name_code(int c, char *key)
{
    for (size_t i = 0; i < sizeof key_names / sizeof *key_names; i++) {
        if (key_names[i].code == c) {
            (void)snprintf(key, KEY_NAME_SIZE, "%s", key_names[i].name);
            return true;
        }
    }
    for (int f = 1; f <= 12; f++) {
        if (c == KEY_F(f)) {
            (void)snprintf(key, KEY_NAME_SIZE, "F%d", f);
            return true;
        }
    }
    const char *cap = keyname(c);
    for (size_t i = 0; cap != NULL && i < sizeof extended / sizeof *extended; i++) {
        if (strcmp(cap, extended[i].cap) == 0) {
            (void)snprintf(key, KEY_NAME_SIZE, "%s", extended[i].name);
            return true;
        }
    }
    return false;
}

static bool take_mouse(struct input *in, struct input_event *out)
{
    MEVENT m;
    int64_t now = clock_mono_ms(NULL);

    if (getmouse(&m) == ERR) {
        return false;
    }
    out->row = m.y;
    out->col = m.x;
    if ((m.bstate & BUTTON4_PRESSED) != 0) {
        out->button = MOUSE_WHEEL_UP;
    } else if ((m.bstate & BUTTON5_PRESSED) != 0) {
        out->button = MOUSE_WHEEL_DOWN;
    } else if ((m.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED)) != 0) {
        bool again = now - in->click_ms < DOUBLE_CLICK_MS && in->click_row == m.y &&
                     in->click_col == m.x && in->click_ms != 0;
        out->button = again ? MOUSE_DOUBLE : MOUSE_LEFT;
        in->click_ms = again ? 0 : now;
        in->click_row = m.y;
        in->click_col = m.x;
    } else {
        return false;
    }
    return true;
}

static enum input_kind end_paste(struct input *in, struct input_event *out)
{
    in->pasting = false;
    out->paste = strbuf_str(&in->paste);
    out->paste_len = in->paste.len;
    return INPUT_PASTE;
}

/* A byte of a character outside ASCII. True when one is complete. */
static bool take_utf8(struct input *in, int c, char *key)
{
    uint32_t cp;
    size_t want;

    if ((c & 0xc0) != 0x80) {
        in->utf8_len = 0; /* a new character: what was begun is lost */
    }
    in->utf8[in->utf8_len++] = (char)c;
    unsigned char first = (unsigned char)in->utf8[0];
    want = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
    if (want == 0 || in->utf8_len < want) {
        in->utf8_len = want == 0 ? 0 : in->utf8_len;
        return false;
    }
    size_t n = text_utf8_decode(in->utf8, in->utf8_len, &cp);
    in->utf8_len = 0;
    if (n == 0 || text_is_dangerous(cp)) {
        return false;
    }
    memcpy(key, in->utf8, n);
    key[n] = '\0';
    return true;
}

static void take_escape(struct input *in, bool editing, char *key)
{
    int next = editing ? wgetch(in->pad) : ERR;

    (void)snprintf(key, KEY_NAME_SIZE, "Esc");
    if (next == 'b' || next == 'f' || next == 'd') {
        (void)snprintf(key, KEY_NAME_SIZE, "M-%c", next);
    } else if (next == 127 || next == KEY_BACKSPACE) {
        (void)snprintf(key, KEY_NAME_SIZE, "M-Backspace");
    } else {
        in->held = next;
    }
}

/* One code that is part of a paste. */
static void take_pasted(struct input *in, int c)
{
    in->paste_ms = clock_mono_ms(NULL);
    if (c <= 255) { /* a key code inside of a paste is dropped */
        strbuf_addc(&in->paste, c == '\r' ? '\n' : (char)c);
    }
}

enum input_kind input_next(struct input *in, bool editing, struct input_event *out)
{
    int c;

    memset(out, 0, sizeof *out);
    while ((c = read_code(in)) != ERR) {
        if (in->pasting && clock_mono_ms(NULL) - in->paste_ms > PASTE_STALLS_MS) {
            in->held = c; /* its end was lost on the way: this is typed */
            return end_paste(in, out);
        }
        if (c == CODE_PASTE_BEGIN) {
            in->pasting = true;
            in->paste_ms = clock_mono_ms(NULL);
            strbuf_reset(&in->paste);
        } else if (c == CODE_PASTE_END) {
            if (in->pasting) {
                return end_paste(in, out);
            }
        } else if (in->pasting) {
            take_pasted(in, c);
        } else if (c == KEY_MOUSE) {
            if (take_mouse(in, out)) {
                return INPUT_MOUSE;
            }
        } else if (c > 255) {
            if (name_code(c, out->key)) {
                return INPUT_KEY;
            }
        } else if (c == 27) {
            take_escape(in, editing, out->key);
            return INPUT_KEY;
        } else if (c == erasechar() || c < 32 || c == 127) {
            name_control(c == erasechar() ? 127 : c, out->key);
            return INPUT_KEY;
        } else if (c < 127) {
            (void)snprintf(out->key, KEY_NAME_SIZE, "%.*s", c == 0x20 ? 5 : 1,
                           c == 0x20 ? "Space" : (char[]){(char)c, 0});
            return INPUT_KEY;
        } else if (take_utf8(in, c, out->key)) {
            return INPUT_KEY;
        }
    }
    return INPUT_NONE;
}

bool input_gone(const struct input *in)
{
    int bytes = 0;
    return ioctl(term_in_fd(in->term), FIONREAD, &bytes) != 0 || bytes == 0;
}
