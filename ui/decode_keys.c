/* The names of keys by the control sequences that send them. */
#include "ui/decode_keys.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"

/* Keys that come as "CSI X", "CSI 1 ; N X" and "SS3 X". */
static const struct {
    char final;
    const char *name;
} by_final[] = {
    {'A', "Up"   },
    {'B', "Down" },
    {'C', "Right"},
    {'D', "Left" },
    {'H', "Home" },
    {'F', "End"  },
    {'P', "F1"   },
    {'Q', "F2"   },
    {'R', "F3"   },
    {'S', "F4"   },
};

/* Keys that come as "CSI n ~". 7 and 8 are rxvt's. */
static const struct {
    int number;
    const char *name;
} by_number[] = {
    {1,  "Home"  },
    {2,  "Insert"},
    {3,  "Delete"},
    {4,  "End"   },
    {5,  "PgUp"  },
    {6,  "PgDn"  },
    {7,  "Home"  },
    {8,  "End"   },
    {11, "F1"    },
    {12, "F2"    },
    {13, "F3"    },
    {14, "F4"    },
    {15, "F5"    },
    {17, "F6"    },
    {18, "F7"    },
    {19, "F8"    },
    {20, "F9"    },
    {21, "F10"   },
    {23, "F11"   },
    {24, "F12"   },
};

/* The keypad in application mode: the character that is printed on the key, whatever Num Lock
 * says. */
static const char keypad[] = "j*k+l,m-n.o/p0q1r2s3t4u5v6w7x8y9X=";

/* kitty's protocol has private code points for the keypad, from 57399 on. */
enum { KITTY_KEYPAD = 57399 };
static const char *const kitty_keypad[] = {
    "0",  "1",    "2",    "3",    "4",    "5",     "6",      "7",     "8",    "9",
    ".",  "/",    "*",    "-",    "+",    "Enter", "=",      ",",     "Left", "Right",
    "Up", "Down", "PgUp", "PgDn", "Home", "End",   "Insert", "Delete"};

void csi_parse(struct csi *c, const char *bytes, size_t len, char final)
{
    size_t part = 0;

    *c = (struct csi){.final = final};
    memset(c->n, -1, sizeof c->n);
    for (size_t i = 0; i < len; i++) {
        char b = bytes[i];
        size_t p = c->params > 0 ? c->params - 1 : 0;
        if (i == 0 && b >= '<' && b <= '?') {
            c->prefix = b;
            continue;
        }
        c->params += c->params == 0 && b >= '0';
        if (b >= '0' && b <= '9' && p < CSI_PARAMS && part < CSI_PARTS) {
            int *n = &c->n[p][part];
            *n = *n < 0 ? b - '0' : *n < 1000000 ? *n * 10 + (b - '0') : *n;
        } else if (b == ';') {
            c->params++;
            part = 0;
        } else if (b == ':') {
            part++;
        } else if (b < '0') {
            c->inner = b;
        }
    }
}

/* Reads the modifiers, which xterm counts from 1. Keys with Super, Hyper or Meta have no name here;
 * the locks do not count. */
static bool modifiers(int n, unsigned *mods)
{
    unsigned bits = n > 1 ? (unsigned)n - 1 : 0;

    *mods = bits & 7U;
    return (bits & 0x38U) == 0 && n <= 256;
}

static bool named(unsigned mods, const char *base, char *key)
{
    (void)snprintf(key, KEY_NAME_SIZE, "%s%s%s%s", (mods & MOD_CTRL) != 0 ? "C-" : "",
                   (mods & MOD_ALT) != 0 ? "M-" : "", (mods & MOD_SHIFT) != 0 ? "S-" : "", base);
    return true;
}

bool text_key(uint32_t cp, char key[KEY_NAME_SIZE])
{
    struct strbuf b = STRBUF_INIT;

    if (cp == ' ') {
        return named(0, "Space", key);
    }
    if (text_is_dangerous(cp) || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000)) {
        return false;
    }
    text_utf8_encode(&b, cp);
    (void)snprintf(key, KEY_NAME_SIZE, "%s", strbuf_str(&b));
    strbuf_clear(&b);
    return true;
}

void control_key(unsigned char c, char key[KEY_NAME_SIZE])
{
    const char *fixed = c == '\r' || c == '\n' ? "Enter"
                        : c == '\t'            ? "Tab"
                        : c == 27              ? "Esc"
                        : c == 0               ? "C-Space"
                        : c == 127             ? "Backspace"
                                               : NULL;
    if (fixed != NULL) {
        (void)snprintf(key, KEY_NAME_SIZE, "%s", fixed);
    } else {
        (void)snprintf(key, KEY_NAME_SIZE, "C-%c", c <= 26 ? 'a' + c - 1 : c + 64);
    }
}

bool alt_key(char key[KEY_NAME_SIZE])
{
    char was[KEY_NAME_SIZE];
    bool ctrl = strncmp(key, "C-", 2) == 0;

    if (strncmp(key, "M-", 2) == 0 || strncmp(key, "C-M-", 4) == 0 ||
        strlen(key) + 2 >= KEY_NAME_SIZE) {
        return false;
    }
    (void)snprintf(was, sizeof was, "%s", key + (ctrl ? 2 : 0));
    (void)snprintf(key, KEY_NAME_SIZE, "%sM-%s", ctrl ? "C-" : "", was);
    return true;
}

/* Names a character with Ctrl: the letter in lower case, or what the control characters have always
 * been. */
static bool ctrl_text(uint32_t cp, unsigned mods, char *key)
{
    if (cp >= 'A' && cp <= 'Z') {
        cp += 'a' - 'A';
    }
    mods &= ~(unsigned)MOD_SHIFT; /* control characters never told these apart */
    switch (cp) {
    case 'i':
        return named(mods & MOD_ALT, "Tab", key);
    case 'm':
        return named(mods & MOD_ALT, "Enter", key);
    case '[':
        return named(mods & MOD_ALT, "Esc", key);
    case '@':
    case ' ':
        return named(mods, "Space", key);
    default:
        break;
    }
    char text[KEY_NAME_SIZE];
    return cp > ' ' && cp < 0x7f && text_key(cp, text) && named(mods, text, key);
}

/* Names a key by its code point, as kitty and xterm (modifyOtherKeys) send it. `shifted` is its
 * character with Shift, `typed` the text that it makes; each -1 when it is not told. */
static bool code_key(int code, int shifted, int typed, unsigned mods, char *key)
{
    char text[KEY_NAME_SIZE];

    switch (code) {
    case 9:
        return named(mods, "Tab", key);
    case 13:
    case 27:
    case 127:
    case 8:
        return named(mods & ~(unsigned)MOD_SHIFT,
                     code == 13   ? "Enter"
                     : code == 27 ? "Esc"
                                  : "Backspace",
                     key);
    default:
        break;
    }
    if (code >= KITTY_KEYPAD &&
        code < KITTY_KEYPAD + (int)(sizeof kitty_keypad / sizeof *kitty_keypad)) {
        const char *name = kitty_keypad[code - KITTY_KEYPAD];
        return (name[1] != '\0' || (mods & ~(unsigned)MOD_SHIFT) == 0) &&
               named(name[1] != '\0' ? mods : 0, name, key);
    }
    if (code < 0x20 || (code >= 57344 && code <= 63743)) {
        /* no character, or a key of the private range: locks, media keys, modifiers alone */
        return false;
    }
    if ((mods & MOD_CTRL) != 0) {
        return ctrl_text((uint32_t)code, mods, key);
    }
    uint32_t cp = (uint32_t)code;
    if (typed > 0 && (mods & MOD_ALT) == 0) {
        cp = (uint32_t)typed;
    } else if ((mods & MOD_SHIFT) != 0 && shifted > 0) {
        cp = (uint32_t)shifted;
    } else if ((mods & MOD_SHIFT) != 0 && cp >= 'a' && cp <= 'z') {
        cp -= 'a' - 'A';
    }
    return text_key(cp, text) && named(mods & MOD_ALT, text, key);
}

static const char *final_name(char final)
{
    for (size_t i = 0; i < sizeof by_final / sizeof *by_final; i++) {
        if (by_final[i].final == final) {
            return by_final[i].name;
        }
    }
    return NULL;
}

static const char *number_name(int number)
{
    for (size_t i = 0; i < sizeof by_number / sizeof *by_number; i++) {
        if (by_number[i].number == number) {
            return by_number[i].name;
        }
    }
    return NULL;
}

/* Names a key of the forms "CSI n ~" and "CSI n ; N ~", and of rxvt's "CSI n ^", "CSI n $" and "CSI
 * n @". */
static bool numbered_key(const struct csi *c, unsigned mods, char *key)
{
    const char *name = number_name(c->n[0][0]);

    if (c->n[0][0] == 27 && c->params == 3 && c->final == '~') {
        return code_key(c->n[2][0], -1, -1, mods, key); /* the form of modifyOtherKeys */
    }
    if (name == NULL || c->params > 2 || (c->final != '~' && c->params != 1)) {
        return false;
    }
    mods |= c->final == '^'   ? MOD_CTRL
            : c->final == '$' ? MOD_SHIFT
            : c->final == '@' ? MOD_CTRL | MOD_SHIFT
                              : 0U;
    return named(mods, name, key);
}

/* Names a key of the forms "CSI X" and "CSI 1 ; N X", and of the forms "CSI N X" and "CSI > 1 ; N
 * X" that old settings of xterm send. */
static bool lettered_key(const struct csi *c, const char *name, unsigned mods, char *key)
{
    if (c->params == 1) {
        /* "CSI 7 R" is no key. */
        return c->n[0][0] >= 1 && c->n[0][0] <= 8 && c->final != 'R' &&
               modifiers(c->n[0][0], &mods) && named(mods, name, key);
    }
    /* "CSI 5 ; 7 R" is the report of the cursor's place, not F3: the first number of a key is 1. */
    return (c->params == 0 || (c->params == 2 && c->n[0][0] == 1)) && named(mods, name, key);
}

bool csi_key(const struct csi *c, char key[KEY_NAME_SIZE])
{
    unsigned mods = 0;
    const char *name = final_name(c->final);

    /* The second parameter holds the modifiers; ":3" after them tells that a key was released. */
    if (c->inner != 0 || c->n[1][1] == 3 || !modifiers(c->n[1][0], &mods)) {
        return false;
    }
    if (c->prefix != 0) {
        return c->prefix == '>' && c->params == 2 && name != NULL &&
               lettered_key(c, name, mods, key);
    }
    switch (c->final) {
    case '~':
    case '^':
    case '$':
    case '@':
        return numbered_key(c, mods, key);
    case 'u':
        return c->params <= 3 && code_key(c->n[0][0], c->n[0][1], c->n[2][0], mods, key);
    case 'Z':
        return c->params <= 2 && named(mods | MOD_SHIFT, "Tab", key);
    case 'a':
    case 'b':
    case 'c':
    case 'd': /* rxvt */
        return c->params == 0 && named(MOD_SHIFT, final_name((char)(c->final - ('a' - 'A'))), key);
    default:
        return name != NULL && lettered_key(c, name, mods, key);
    }
}

bool ss3_key(int modifier, char final, char key[KEY_NAME_SIZE])
{
    unsigned mods = 0;
    const char *name = final_name(final);
    const char *pad = final == '\0' ? NULL : strchr(keypad, final);

    if (!modifiers(modifier, &mods)) {
        return false;
    }
    if (name != NULL) {
        return named(mods, name, key);
    }
    if (final >= 'a' && final <= 'd') { /* rxvt */
        return named(mods | MOD_CTRL, final_name((char)(final - ('a' - 'A'))), key);
    }
    if (final == 'M' || final == 'I') {
        return named(mods, final == 'M' ? "Enter" : "Tab", key);
    }
    if (final == ' ') {
        return named(mods, "Space", key);
    }
    if (pad == NULL || (pad - keypad) % 2 != 0 || mods != 0) {
        return false;
    }
    return named(0, (char[]){pad[1], '\0'}, key);
}
