/* The keys and the commands of the dashboard as the documentation lists them: what many screens
 * share stands once, and each key has the name of its action. */
#include <stdlib.h>

#include "app/keymap.h"
#include "core/alloc.h"
#include "core/strbuf.h"
#include "palette.h"

enum { SHARED = 6 }; /* a row of so many scopes is told once, not by screen */

static int scopes_of(const struct binding *b)
{
    int n = 0;

    for (int s = 0; s < SCOPE_COUNT; s++) {
        n += (b->scopes & 1U << s) != 0;
    }
    return n;
}

/* The heading that a row stands under: a scope, or one of the two kinds of shared rows. */
enum { GROUP_MOVE = SCOPE_COUNT, GROUP_TEXT };

static bool in_group(const struct binding *b, int group)
{
    bool shared = scopes_of(b) >= SHARED;

    if (group == GROUP_MOVE || group == GROUP_TEXT) {
        return shared && binding_moves(b) == (group == GROUP_MOVE);
    }
    return !shared && (b->scopes & 1U << group) != 0;
}

static void add_group(struct strbuf *out, const struct keymap *k, int group)
{
    bool headed = false;

    for (size_t i = 0; i < key_bindings_len; i++) {
        const struct binding *b = &key_bindings[i];
        if (!in_group(b, group)) {
            continue;
        }
        if (!headed) {
            strbuf_addf(out, "%s\n",
                        group == GROUP_MOVE   ? "Moving, in lists and texts"
                        : group == GROUP_TEXT ? "Reading: details, logs, messages, windows"
                                              : scope_title((enum scope)group));
            headed = true;
        }
        const char *keys = keymap_keys(k, b);
        strbuf_addf(out, "%s%s\t%s\t%s\n", keys[0] == '\0' ? ":" : "",
                    keys[0] == '\0' ? b->name : keys, b->help, b->name);
    }
}

char *keymap_manual(void)
{
    struct strbuf out = STRBUF_INIT;
    struct keymap *k = keymap_new(NULL, 0);

    add_group(&out, k, SCOPE_ALL);
    add_group(&out, k, GROUP_MOVE);
    add_group(&out, k, GROUP_TEXT);
    for (int s = SCOPE_ALL + 1; s < SCOPE_COUNT; s++) {
        add_group(&out, k, s);
    }
    keymap_free(k);
    return strbuf_take(&out);
}

char *typed_manual(void)
{
    struct palette *p = xcalloc(1, sizeof *p);
    struct strbuf out = STRBUF_INIT;

    palette_open(p); /* nothing is typed: all match */
    for (size_t i = 0; i < p->len; i++) {
        strbuf_addf(&out, ":%s\t%s\n", p->rows[i].name, p->rows[i].help);
    }
    palette_done(p);
    free(p);
    return strbuf_take(&out);
}
