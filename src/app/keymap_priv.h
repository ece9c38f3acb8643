/* keymap_priv.h - how a keymap keeps its keys: for keymap.c and key_help.c. */
#ifndef APP_KEYMAP_PRIV_H
#define APP_KEYMAP_PRIV_H

#include "app/event.h"
#include "app/keymap.h"

#define ROWS_MAX 448
#define KEYS_MAX 8

struct row_keys {
    char keys[KEYS_MAX][KEY_NAME_SIZE];
    size_t len;
    int line;            /* the line of config.ini; 0: the default */
    const char *section; /* the section of that line; static */
    char *text;          /* owned: "x F9" */
};

enum { OWN_MAX = 2 * SETTING_LINES_MAX };

struct keymap {
    struct row_keys rows[ROWS_MAX]; /* of key_bindings, then of `own` */
    struct binding own[OWN_MAX];    /* what a person defined; name and help are owned */
    size_t own_len;
    char **warnings; /* owned */
    size_t warnings_len, warnings_cap;
    size_t faults_len; /* so many of them, the first ones, tell of lines that do not count */
};

size_t keymap_rows_len(const struct keymap *k);
const struct binding *keymap_row_at(const struct keymap *k, size_t i);
bool binding_works_in(const struct binding *b, enum scope s);
/* Is it a key of the row? `*at` gets its place among the row's keys. */
bool row_has_key(const struct row_keys *r, const char *key, size_t *at);
/* Does the key of the row mean that row where it is pressed? A narrower group, a row of a person or
 * typed text may come before it. SCOPE_COUNT: nobody asks where. */
bool keymap_reaches(const struct keymap *k, size_t row, enum scope scope, const char *key);
#endif
