/* env.h - an environment as a value: variables that come before those of the process.
 *
 * So two accounts can live in one process, each with its own profile, keys and endpoints. NULL is
 * the process's environment alone. Read-only once it is filled: any thread may share it then. */
#ifndef CORE_ENV_H
#define CORE_ENV_H

#include <stdbool.h>
#include <stddef.h>

struct env; /* opaque: src/core/env.c */

struct env *env_new(void);
void env_free(struct env *v); /* wipes the values; NULL allowed */

/* Lets `name` have this value, whatever the process's environment says. Copies both. */
void env_set(struct env *v, const char *name, const char *value);

/* A variable that is set and not empty, or NULL. Borrowed. */
const char *env_get(const struct env *v, const char *name);
bool env_true(const struct env *v, const char *name); /* "true" or "1" in any case */

/* The whole environment for a program that is started: "NAME=value", NULL at the end. The caller
 * frees it with env_block_free; the strings of the process's own variables are borrowed. */
struct env_block {
    char **items; /* owned */
    size_t len;   /* without the NULL */
    size_t own;   /* the last so many items are owned */
};
struct env_block env_block_new(const struct env *v);
void env_block_free(struct env_block *b); /* wipes what it owns */
#endif
