/* Which keys reach which actions: the defaults, and what config.ini changes. */
#include "app/keymap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/event.h"
#include "core/alloc.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "keymap_priv.h"

#define VIEW "view " /* before the name of a view in [keys] and in the command line */

size_t keymap_rows_len(const struct keymap *k)
{
    return key_bindings_len + k->own_len;
}

const struct binding *keymap_row_at(const struct keymap *k, size_t i)
{
    return i < key_bindings_len ? &key_bindings[i] : &k->own[i - key_bindings_len];
}

bool binding_works_in(const struct binding *b, enum scope s)
{
    return (b->scopes & 1U << s) != 0;
}

/* ---- the map ---- */

static void split_keys(struct row_keys *r, const char *keys)
{
    memset(r->keys, 0, sizeof r->keys);
    r->len = key_names_read(keys, r->keys, KEYS_MAX);
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
        if (binding_works_in(b, (enum scope)s) && scope_types((enum scope)s)) {
            return key_is_text(key);
        }
    }
    return false;
}

/* Drops the keys that are none, or that would be letters where text is typed. */
static void check_keys(struct keymap *k, const struct binding *b, struct row_keys *r)
{
    for (size_t i = 0; i < r->len;) {
        bool valid = key_name_valid(r->keys[i]);
        if (valid && !steals_text(b, r->keys[i])) {
            i++;
            continue;
        }
        char *shown = text_cleaned(r->keys[i], TEXT_ONE_LINE);
        warn(k,
             xasprintf("config.ini:%d: [%s] %s: \"%.40s\" %s", r->line, r->section, b->name, shown,
                       valid ? "is a character, which types text there"
                             : "is not a key; keys are x, F9, C-x, M-x, Enter, PgUp and the like"));
        free(shown);
        drop_key(r, i);
    }
}

/* Adds a row of a person. Takes `name` and `help`. */
static void add_own(struct keymap *k, struct binding b, const char *keys, int line,
                    const char *section)
{
    struct row_keys *r = &k->rows[keymap_rows_len(k)];

    if (k->own_len == OWN_MAX) {
        warn(k, xasprintf("config.ini:%d: [%s] has more than %d lines", line, section, OWN_MAX));
        free((char *)b.name);
        free((char *)b.help);
        return;
    }
    split_keys(r, keys);
    r->line = line;
    r->section = section;
    k->own[k->own_len++] = b;
    check_keys(k, &b, r);
}

/* A row of [keys] such as "view failing = F7". False: it is none. */
static bool add_view(struct keymap *k, const struct setting_key *s)
{
    static const unsigned jobs = 1U << SCOPE_LIST | 1U << SCOPE_DETAIL | 1U << SCOPE_LOG;
    const char *name = s->action + sizeof VIEW - 1;

    if (strncmp(s->action, VIEW, sizeof VIEW - 1) != 0) {
        return false;
    }
    name += strspn(name, " \t");
    if (setting_name_why(name) != NULL) {
        return false;
    }
    add_own(k,
            (struct binding){.scopes = 1U << SCOPE_ALL | jobs,
                             .name = xasprintf("%s%s", VIEW, name),
                             .help = xasprintf("The view %s", name)},
            s->keys == NULL ? "" : s->keys, s->line, "keys");
    return true;
}

static void override(struct keymap *k, const struct setting_key *s)
{
    const struct binding *b = binding_named(s->action);
    char *shown;

    if (b == NULL && add_view(k, s)) {
        return;
    }
    if (b == NULL) {
        shown = text_cleaned(s->action, TEXT_ONE_LINE);
        warn(k, xasprintf(
                    "config.ini:%d: [keys] there is no action \"%.60s\"; `:help` lists the actions",
                    s->line, shown));
        free(shown);
        return;
    }
    struct row_keys *r = &k->rows[b - key_bindings];
    split_keys(r, s->keys == NULL ? "" : s->keys);
    r->line = s->line;
    r->section = "keys";
    check_keys(k, b, r);
}

bool row_has_key(const struct row_keys *r, const char *key, size_t *at)
{
    for (size_t i = 0; i < r->len; i++) {
        if (strcmp(r->keys[i], key) == 0) {
            *at = i;
            return true;
        }
    }
    return false;
}

/* Does the row `b` cover a key of the row `a` instead of taking it away? A row of a person works
 * among the jobs only, and comes first there. */
static bool covers(const struct keymap *k, size_t a, size_t b)
{
    unsigned scopes = keymap_row_at(k, a)->scopes;

    return b >= key_bindings_len && a < key_bindings_len &&
           (scopes & ~keymap_row_at(k, b)->scopes) != 0 &&
           ((scopes & keymap_row_at(k, b)->scopes) != 0 ||
            binding_works_in(keymap_row_at(k, a), SCOPE_ALL));
}

/* Tells that the key is now that of the row `by`, and what is left for the row that had it. */
static void tell_taken(struct keymap *k, size_t by, size_t had, const char *key, bool covered)
{
    const struct row_keys *r = &k->rows[by], *left = &k->rows[had];
    const char *name = keymap_row_at(k, had)->name;
    char rest[KEYS_MAX * (KEY_NAME_SIZE + 1)] = "";

    for (size_t i = 0; i < left->len; i++) {
        size_t n = strlen(rest);
        (void)snprintf(rest + n, sizeof rest - n, " %s", left->keys[i]);
    }
    if (covered) {
        warn(k, xasprintf("config.ini:%d: [%s] %s: among the jobs %s no longer means \"%s\"",
                          r->line, r->section, keymap_row_at(k, by)->name, key, name));
    } else if (left->len == 0) {
        warn(k, xasprintf("config.ini:%d: [%s] %s: %s was the key of \"%s\", which has no key now",
                          r->line, r->section, keymap_row_at(k, by)->name, key, name));
    } else {
        warn(k, xasprintf("config.ini:%d: [%s] %s: %s was a key of \"%s\", which still has%s",
                          r->line, r->section, keymap_row_at(k, by)->name, key, name, rest));
    }
}

/* Decides between two actions that want one key. A key given in config.ini wins over a default; of
 * two given ones the later line wins. */
static void resolve(struct keymap *k, size_t a, size_t b)
{
    struct row_keys *ra = &k->rows[a], *rb = &k->rows[b];
    bool covered = covers(k, a, b);

    if ((keymap_row_at(k, a)->scopes & keymap_row_at(k, b)->scopes) == 0 && !covered) {
        return;
    }
    for (size_t i = 0; i < ra->len;) {
        size_t at = 0;
        if (!row_has_key(rb, ra->keys[i], &at)) {
            i++;
            continue;
        }
        bool a_wins = ra->line > rb->line;
        char key[KEY_NAME_SIZE];
        memcpy(key, ra->keys[i], sizeof key);
        if (a_wins) {
            drop_key(rb, at);
            i++;
        } else if (covered) {
            i++;
        } else {
            drop_key(ra, i);
        }
        tell_taken(k, a_wins ? a : b, a_wins ? b : a, key, covered && !a_wins);
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

struct keymap *keymap_with(const struct setting_key *keys, size_t len, const struct key_own *own,
                           size_t own_len)
{
    struct keymap *k = xcalloc(1, sizeof *k);

    for (size_t i = 0; i < key_bindings_len; i++) {
        split_keys(&k->rows[i], key_bindings[i].keys);
    }
    for (size_t i = 0; i < own_len; i++) {
        add_own(k,
                (struct binding){.scopes = 1U << SCOPE_LIST | 1U << SCOPE_DETAIL | 1U << SCOPE_LOG,
                                 .name = xstrdup(own[i].name),
                                 .help = xstrdup(own[i].help),
                                 .palette = true,
                                 .changes = own[i].changes},
                own[i].keys, own[i].line, "commands");
    }
    for (size_t i = 0; i < len; i++) {
        override(k, &keys[i]);
    }
    k->faults_len = k->warnings_len;
    for (size_t a = 0; len + own_len > 0 && a < keymap_rows_len(k); a++) {
        for (size_t b = a + 1; b < keymap_rows_len(k); b++) {
            resolve(k, a, b);
        }
    }
    for (size_t i = 0; i < keymap_rows_len(k); i++) {
        make_text(&k->rows[i]);
    }
    return k;
}

struct keymap *keymap_new(const struct setting_key *keys, size_t len)
{
    return keymap_with(keys, len, NULL, 0);
}

void keymap_free(struct keymap *k)
{
    if (k == NULL) {
        return;
    }
    for (size_t i = 0; i < ROWS_MAX; i++) {
        free(k->rows[i].text);
    }
    for (size_t i = 0; i < k->own_len; i++) {
        free((char *)k->own[i].name);
        free((char *)k->own[i].help);
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

size_t keymap_faults(const struct keymap *k)
{
    return k->faults_len;
}

const char *keymap_warning(const struct keymap *k, size_t i)
{
    return i < k->warnings_len ? k->warnings[i] : "";
}

enum action keymap_find_only(const struct keymap *k, enum scope scope, const char *key)
{
    size_t at = 0;

    for (size_t i = 0; i < key_bindings_len; i++) {
        if (binding_works_in(&key_bindings[i], scope) && row_has_key(&k->rows[i], key, &at)) {
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

const char *keymap_line(const struct keymap *k, enum scope scope, const char *key)
{
    size_t at = 0;

    for (size_t i = 0; i < k->own_len; i++) {
        const struct binding *b = &k->own[i];
        if (row_has_key(&k->rows[key_bindings_len + i], key, &at) &&
            (binding_works_in(b, scope) || (binding_works_in(b, SCOPE_ALL) && !scope_types(scope) &&
                                            keymap_find_only(k, scope, key) == ACT_NONE))) {
            return b->name;
        }
    }
    return NULL;
}

const char *keymap_keys(const struct keymap *k, const struct binding *b)
{
    return k->rows[b - key_bindings].text;
}

bool keymap_reaches(const struct keymap *k, size_t row, enum scope scope, const char *key)
{
    const struct binding *b = keymap_row_at(k, row);

    if (row >= key_bindings_len || scope == SCOPE_COUNT) {
        return true;
    }
    if (keymap_line(k, scope, key) != NULL) {
        return false;
    }
    return binding_works_in(b, scope) ? keymap_find_only(k, scope, key) == b->action
                                      : keymap_find_only(k, scope, key) == ACT_NONE &&
                                            keymap_find(k, scope, key) == b->action;
}

const char *keymap_first(const struct keymap *k, const struct binding *b, enum scope scope,
                         char buf[32])
{
    size_t row = (size_t)(b - key_bindings);
    const struct row_keys *r = &k->rows[row];

    for (size_t i = 0; i < r->len; i++) {
        if (keymap_reaches(k, row, scope, r->keys[i])) {
            memcpy(buf, r->keys[i], KEY_NAME_SIZE);
            return buf;
        }
    }
    return NULL;
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
