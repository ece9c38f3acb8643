/* The names of keys and of the scopes in which they work. */
#include <string.h>

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
