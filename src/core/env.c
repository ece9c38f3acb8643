/* Environments as values. Few variables lie over the process's own, so they are a list. */
#include "core/env.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/secret.h"

extern char **environ;

struct env {
    char **items; /* owned: "NAME=value", each name once */
    size_t len, cap;
};

struct env *env_new(void)
{
    return xcalloc(1, sizeof(struct env));
}

void env_free(struct env *v)
{
    if (v == NULL) {
        return;
    }
    for (size_t i = 0; i < v->len; i++) {
        secret_free(v->items[i]);
    }
    free(v->items);
    free(v);
}

/* Does "NAME=value" hold the variable whose name is the first `n` bytes of `name`? */
static bool names(const char *item, const char *name, size_t n)
{
    return strncmp(item, name, n) == 0 && item[n] == '=';
}

static char **find(const struct env *v, const char *name, size_t n)
{
    for (size_t i = 0; v != NULL && i < v->len; i++) {
        if (names(v->items[i], name, n)) {
            return &v->items[i];
        }
    }
    return NULL;
}

void env_set(struct env *v, const char *name, const char *value)
{
    char *item = xasprintf("%s=%s", name, value);
    char **old = find(v, name, strlen(name));

    if (old != NULL) {
        secret_free(*old);
        *old = item;
        return;
    }
    v->items = xgrow(v->items, v->len, &v->cap, sizeof *v->items);
    v->items[v->len++] = item;
}

const char *env_get(const struct env *v, const char *name)
{
    size_t n = strlen(name);
    char *const *own = find(v, name, n);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nothing changes the environment beside threads */
    const char *value = own != NULL ? *own + n + 1 : getenv(name);

    return value == NULL || *value == '\0' ? NULL : value;
}

bool env_true(const struct env *v, const char *name)
{
    const char *value = env_get(v, name);

    return value != NULL && (strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

struct env_block env_block_new(const struct env *v)
{
    struct env_block b = {.own = v == NULL ? 0 : v->len};
    size_t n = 0;

    while (environ != NULL && environ[n] != NULL) {
        n++;
    }
    b.items = xcalloc(n + b.own + 1, sizeof *b.items);
    for (size_t i = 0; i < n; i++) {
        if (find(v, environ[i], strcspn(environ[i], "=")) == NULL) {
            b.items[b.len++] = environ[i];
        }
    }
    for (size_t i = 0; i < b.own; i++) {
        b.items[b.len++] = xstrdup(v->items[i]);
    }
    return b;
}

void env_block_free(struct env_block *b)
{
    for (size_t i = b->len - b->own; i < b->len; i++) {
        secret_free(b->items[i]);
    }
    free(b->items);
    *b = (struct env_block){0};
}
