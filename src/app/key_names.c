/* The names of keys and of the scopes in which they work. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app/event.h"
#include "app/keymap.h"
#include "core/text.h"

#define SCOPE_TITLE(letter, scope, title) [scope] = (title),
static const char *const scope_titles[SCOPE_COUNT] = {SCOPE_MAP(SCOPE_TITLE)};
#undef SCOPE_TITLE

const char *scope_title(enum scope s)
{
    return s < SCOPE_COUNT ? scope_titles[s] : "";
}

bool scope_types(enum scope s)
{
    return s == SCOPE_FORM || s == SCOPE_INPUT || s == SCOPE_DLQ_EDIT;
}

bool key_is_text(const char *key)
{
    uint32_t cp = 0;

    if (strcmp(key, "Space") == 0) {
        return true;
    }
    size_t len = strlen(key), n = text_utf8_decode(key, len, &cp);
    return n > 0 && n == len && cp > 0x20 && !text_is_dangerous(cp);
}

static bool one_of(const char *key, const char *const *names, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (strcmp(names[i], key) == 0) {
            return true;
        }
    }
    return false;
}

bool key_name_valid(const char *key)
{
    static const char *const plain[] = {
        "Space", "Enter", "Tab",  "S-Tab", "Esc",  "Up",   "Backspace", "Delete", "Insert", "Down",
        "Left",  "Right", "Home", "End",   "PgUp", "PgDn", "F1",        "F2",     "F3",     "F4",
        "F5",    "F6",    "F7",   "F8",    "F9",   "F10",  "F11",       "F12"};
    static const char *const shifted[] = {
        "Up", "Down", "Left", "Right", "Home", "End", "PgUp", "PgDn", "F1",  "F2",     "F3",
        "F4", "F5",   "F6",   "F7",    "F8",   "F9",  "F10",  "F11",  "F12", "Insert", "Delete"};
    size_t n_plain = sizeof plain / sizeof *plain, n_shifted = sizeof shifted / sizeof *shifted;

    if (strlen(key) >= KEY_NAME_SIZE) {
        return false;
    }
    if (key_is_text(key) || one_of(key, plain, n_plain)) {
        return true;
    }
    if (strncmp(key, "C-", 2) == 0) {
        return (key[2] >= 'a' && key[2] <= 'z' && key[3] == '\0' && key[2] != 'i' &&
                key[2] != 'm') ||
               strcmp(key + 2, "Space") == 0 || one_of(key + 2, shifted, n_shifted);
    }
    if (strncmp(key, "S-", 2) == 0) {
        return one_of(key + 2, shifted, n_shifted);
    }
    return strncmp(key, "M-", 2) == 0 && (key_is_text(key + 2) || one_of(key + 2, plain, n_plain));
}

/* What people call keys; a name that key_name_valid knows stands for itself. */
static const struct {
    const char *said, *name;
} nicknames[] = {
    {"spc",       "Space"    },
    {"spacebar",  "Space"    },
    {"return",    "Enter"    },
    {"ret",       "Enter"    },
    {"cr",        "Enter"    },
    {"escape",    "Esc"      },
    {"bs",        "Backspace"},
    {"bksp",      "Backspace"},
    {"del",       "Delete"   },
    {"ins",       "Insert"   },
    {"pageup",    "PgUp"     },
    {"prior",     "PgUp"     },
    {"pagedown",  "PgDn"     },
    {"pgdown",    "PgDn"     },
    {"next",      "PgDn"     },
    {"comma",     ","        },
    {"backtab",   "S-Tab"    },
    {"space",     "Space"    },
    {"enter",     "Enter"    },
    {"tab",       "Tab"      },
    {"esc",       "Esc"      },
    {"up",        "Up"       },
    {"down",      "Down"     },
    {"left",      "Left"     },
    {"right",     "Right"    },
    {"home",      "Home"     },
    {"end",       "End"      },
    {"pgup",      "PgUp"     },
    {"pgdn",      "PgDn"     },
    {"delete",    "Delete"   },
    {"insert",    "Insert"   },
    {"backspace", "Backspace"},
};

/* The words that stand before a key, with their letter. */
static const struct {
    const char *said;
    char letter;
} prefixes[] = {
    {"control", 'C'},
    {"ctrl",    'C'},
    {"c",       'C'},
    {"alt",     'M'},
    {"meta",    'M'},
    {"m",       'M'},
    {"shift",   'S'},
    {"s",       'S'},
};

/* Takes "ctrl-" or "Ctrl+" off the text; '\0': it begins with none. */
static char take_prefix(const char **text)
{
    const char *s = *text;

    if (s[0] == '^' && s[1] != '\0') {
        *text = s + 1;
        return 'C';
    }
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t n = strlen(prefixes[i].said);
        if (strncasecmp(s, prefixes[i].said, n) == 0 && (s[n] == '-' || s[n] == '+') &&
            s[n + 1] != '\0') {
            *text = s + n + 1;
            return prefixes[i].letter;
        }
    }
    return '\0';
}

/* The name of the key without a prefix. */
static void plain_name(const char *said, char out[KEY_NAME_SIZE])
{
    char letters[KEY_NAME_SIZE] = ""; /* "page-down" and "page_down" are "pagedown" */
    size_t n = 0;

    for (const char *s = said; *s != '\0' && n < sizeof letters - 1; s++) {
        if (*s != '-' && *s != '_') {
            letters[n++] = *s;
        }
    }
    (void)snprintf(out, KEY_NAME_SIZE, "%s", said);
    for (size_t i = 0; i < sizeof nicknames / sizeof *nicknames; i++) {
        if (strcasecmp(letters, nicknames[i].said) == 0) {
            (void)snprintf(out, KEY_NAME_SIZE, "%s", nicknames[i].name);
            return;
        }
    }
    if ((said[0] == 'f' || said[0] == 'F') && isdigit((unsigned char)said[1])) {
        out[0] = 'F';
    }
}

void key_name_mend(char *name)
{
    char key[KEY_NAME_SIZE], made[KEY_NAME_SIZE + 4];
    const char *rest = name;

    if (key_is_text(name)) {
        return;
    }
    char letter = take_prefix(&rest);
    plain_name(rest, key);
    if (letter == 'C' && isalpha((unsigned char)key[0]) && key[1] == '\0') {
        key[0] = (char)tolower((unsigned char)key[0]);
    }
    /* a terminal sends the same byte for these */
    bool tab = letter == 'C' && strcmp(key, "i") == 0;
    bool enter = letter == 'C' && strcmp(key, "m") == 0;
    bool esc = letter == 'C' && strcmp(key, "[") == 0;
    (void)snprintf(made, sizeof made, "%.*s%s%s", letter != '\0', &letter,
                   letter != '\0' ? "-" : "", key);
    const char *good = tab ? "Tab" : enter ? "Enter" : esc ? "Esc" : made;
    if (key_name_valid(good)) {
        (void)snprintf(name, KEY_NAME_SIZE, "%s", good);
    }
}

size_t key_names_read(const char *keys, char out[][KEY_NAME_SIZE], size_t max)
{
    static const char between[] = " \t,";
    size_t n = 0;

    /* a comma that stands alone in the whole text is the key */
    if (keys[strspn(keys, between)] == '\0' && strchr(keys, ',') != NULL && max > 0) {
        (void)snprintf(out[n++], KEY_NAME_SIZE, ",");
        return n;
    }
    for (const char *at = keys; *(at += strspn(at, between)) != '\0' && n < max;) {
        size_t len = strcspn(at, between);
        if (strncmp(at, "M-,", 3) == 0) {
            len = 3;
        }
        (void)snprintf(out[n], KEY_NAME_SIZE, "%.*s", (int)len, at);
        key_name_mend(out[n++]);
        at += len;
    }
    return n;
}
