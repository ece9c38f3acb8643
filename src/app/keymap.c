/* Which keys reach which actions: the defaults, and what config.ini changes. */
#include "app/keymap.h"

#include <stdlib.h>
#include <string.h>

#include "app/event.h"
#include "core/alloc.h"
#include "core/strbuf.h"
#include "core/text.h"

#define ROWS_MAX 256
#define KEYS_MAX 8

struct row_keys {
    char keys[KEYS_MAX][KEY_NAME_SIZE];
    size_t len;
    int line;   /* the line of config.ini; 0: the default */
    char *text; /* owned: "x F9" */
};

struct keymap {
    struct row_keys rows[ROWS_MAX]; /* by index into key_bindings */
    char **warnings;                /* owned */
    size_t warnings_len, warnings_cap;
};

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

/* ---- key names ---- */

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

/* ---- the map ---- */

static void add_key(struct row_keys *r, const char *key)
{
    if (r->len < KEYS_MAX) {
        (void)strncpy(r->keys[r->len], key, KEY_NAME_SIZE - 1);
        r->len++;
    }
}

static void split_keys(struct row_keys *r, const char *keys)
{
    char *copy = xstrdup(keys), *save = NULL;

    r->len = 0;
    memset(r->keys, 0, sizeof r->keys);
    for (char *k = strtok_r(copy, " \t", &save); k != NULL; k = strtok_r(NULL, " \t", &save)) {
        add_key(r, k);
    }
    free(copy);
}

static void warn(struct keymap *k, char *text)
{
    k->warnings = xgrow(k->warnings, k->warnings_len, &k->warnings_cap, sizeof *k->warnings);
    k->warnings[k->warnings_len++] = text;
}

static void drop_key(struct row_keys *r, size_t at)
{
    memmove(r->keys[at], r->keys[at + 1], (r->len - at - 1) * KEY_NAME_SIZE);
    r->len--;
}

/* Would the key take a character away from a place where text is typed? */
static bool steals_text(const struct binding *b, const char *key)
{
    for (int s = 0; s < SCOPE_COUNT; s++) {
        if ((b->scopes & 1U << s) != 0 && scope_types((enum scope)s)) {
            return key_is_text(key);
        }
    }
    return false;
}

static void override(struct keymap *k, const struct setting_key *s)
{
    const struct binding *b = binding_named(s->action);
    char *shown;

    if (b == NULL) {
        shown = text_cleaned(s->action, TEXT_ONE_LINE);
        warn(k, xasprintf("config.ini:%d: [keys] there is no action \"%.60s\": see `:help`",
                          s->line, shown));
        free(shown);
        return;
    }
    struct row_keys *r = &k->rows[b - key_bindings];
    split_keys(r, s->keys == NULL ? "" : s->keys);
    r->line = s->line;
    for (size_t i = 0; i < r->len;) {
        bool valid = key_name_valid(r->keys[i]);
        if (valid && !steals_text(b, r->keys[i])) {
            i++;
            continue;
        }
        shown = text_cleaned(r->keys[i], TEXT_ONE_LINE);
        warn(k, xasprintf("config.ini:%d: [keys] %s: \"%.40s\" %s", s->line, b->name, shown,
                          valid ? "is a character, and text is typed there"
                                : "is no key: such as x, F9, C-x, M-x, Enter, PgUp"));
        free(shown);
        drop_key(r, i);
    }
}

static bool has_key(const struct row_keys *r, const char *key, size_t *at)
{
    for (size_t i = 0; i < r->len; i++) {
        if (strcmp(r->keys[i], key) == 0) {
            *at = i;
            return true;
        }
    }
    return false;
}

/* Decides between two actions that want one key. A key given in config.ini wins over a default; of
 * two given ones the later line wins. */
static void resolve(struct keymap *k, size_t a, size_t b)
{
    struct row_keys *ra = &k->rows[a], *rb = &k->rows[b];

    if ((key_bindings[a].scopes & key_bindings[b].scopes) == 0) {
        return;
    }
    for (size_t i = 0; i < ra->len;) {
        size_t at = 0;
        if (!has_key(rb, ra->keys[i], &at)) {
            i++;
            continue;
        }
        bool a_wins = ra->line > rb->line;
        const struct binding *won = &key_bindings[a_wins ? a : b];
        const struct binding *lost = &key_bindings[a_wins ? b : a];
        warn(k, xasprintf("config.ini:%d: [keys] %s: %s no longer means \"%s\"",
                          a_wins ? ra->line : rb->line, won->name, ra->keys[i], lost->name));
        if (a_wins) {
            drop_key(rb, at);
            i++;
        } else {
            drop_key(ra, i);
        }
    }
}

static void make_text(struct row_keys *r)
{
    struct strbuf out = STRBUF_INIT;

    for (size_t i = 0; i < r->len; i++) {
        strbuf_addf(&out, "%s%s", i > 0 ? " " : "", r->keys[i]);
    }
    r->text = strbuf_take(&out);
}

struct keymap *keymap_new(const struct setting_key *keys, size_t len)
{
    struct keymap *k = xcalloc(1, sizeof *k);

    for (size_t i = 0; i < key_bindings_len && i < ROWS_MAX; i++) {
        split_keys(&k->rows[i], key_bindings[i].keys);
    }
    for (size_t i = 0; i < len; i++) {
        override(k, &keys[i]);
    }
    for (size_t a = 0; len > 0 && a < key_bindings_len; a++) {
        for (size_t b = a + 1; b < key_bindings_len; b++) {
            resolve(k, a, b);
        }
    }
    for (size_t i = 0; i < key_bindings_len; i++) {
        make_text(&k->rows[i]);
    }
    return k;
}

void keymap_free(struct keymap *k)
{
    if (k == NULL) {
        return;
    }
    for (size_t i = 0; i < ROWS_MAX; i++) {
        free(k->rows[i].text);
    }
    for (size_t i = 0; i < k->warnings_len; i++) {
        free(k->warnings[i]);
    }
    free(k->warnings);
    free(k);
}

size_t keymap_warnings(const struct keymap *k)
{
    return k->warnings_len;
}

const char *keymap_warning(const struct keymap *k, size_t i)
{
    return i < k->warnings_len ? k->warnings[i] : "";
}

enum action keymap_find_only(const struct keymap *k, enum scope scope, const char *key)
{
    size_t at = 0;

    for (size_t i = 0; i < key_bindings_len; i++) {
        if ((key_bindings[i].scopes & 1U << scope) != 0 && has_key(&k->rows[i], key, &at)) {
            return key_bindings[i].action;
        }
    }
    return ACT_NONE;
}

enum action keymap_find(const struct keymap *k, enum scope scope, const char *key)
{
    enum action a = keymap_find_only(k, scope, key);

    if (a != ACT_NONE || scope == SCOPE_ALL || (scope_types(scope) && key_is_text(key))) {
        return a;
    }
    return keymap_find_only(k, SCOPE_ALL, key);
}

const char *keymap_keys(const struct keymap *k, const struct binding *b)
{
    return k->rows[b - key_bindings].text;
}

const char *keymap_first(const struct keymap *k, const struct binding *b, char buf[32])
{
    const struct row_keys *r = &k->rows[b - key_bindings];

    if (r->len == 0) {
        return NULL;
    }
    memcpy(buf, r->keys[0], KEY_NAME_SIZE);
    return buf;
}

const struct binding *binding_of(enum action a)
{
    for (size_t i = 0; a != ACT_NONE && i < key_bindings_len; i++) {
        if (key_bindings[i].action == a) {
            return &key_bindings[i];
        }
    }
    return NULL;
}

const struct binding *binding_named(const char *name)
{
    for (size_t i = 0; i < key_bindings_len; i++) {
        if (strcmp(key_bindings[i].name, name) == 0) {
            return &key_bindings[i];
        }
    }
    return NULL;
}

/* ---- help ---- */

static void help_scope(const struct keymap *k, enum scope scope, struct strbuf *out)
{
    strbuf_addf(out, "%s%s\n", out->len > 0 ? "\n" : "", scope_title(scope));
    for (size_t i = 0; i < key_bindings_len; i++) {
        const struct binding *b = &key_bindings[i];
        if ((b->scopes & 1U << scope) == 0) {
            continue;
        }
        if (k->rows[i].len > 0) {
            strbuf_addf(out, "%s\t%s\n", k->rows[i].text, b->help);
        } else if (b->palette) {
            strbuf_addf(out, ":%s\t%s\n", b->name, b->help);
        } else {
            strbuf_addf(out, "(none)\t%s\n", b->help);
        }
    }
}

char *keymap_help(const struct keymap *k, enum scope scope)
{
    struct strbuf out = STRBUF_INIT;

    if (scope == SCOPE_COUNT) {
        for (int s = 0; s < SCOPE_COUNT; s++) {
            help_scope(k, (enum scope)s, &out);
        }
        return strbuf_take(&out);
    }
    if (scope != SCOPE_ALL) {
        help_scope(k, scope, &out);
    }
    help_scope(k, SCOPE_ALL, &out);
    return strbuf_take(&out);
}
