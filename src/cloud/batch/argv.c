/* A growing list of words: a command, or an environment. */
#include "argv.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/secret.h"

void cloud_batch_argv_take(struct cloud_batch_argv *list, char *word)
{
    if (list->len + 2 > list->cap) {
        list->cap = list->cap == 0 ? 32 : list->cap * 2;
        list->items = xrealloc(list->items, list->cap * sizeof *list->items);
    }
    list->items[list->len++] = word;
    list->items[list->len] = NULL;
}

void cloud_batch_argv_add(struct cloud_batch_argv *list, const char *word)
{
    cloud_batch_argv_take(list, xstrdup(word));
}

void cloud_batch_argv_set(struct cloud_batch_argv *list, const char *name, const char *value)
{
    size_t n = strlen(name);
    char *item = xasprintf("%s=%s", name, value);

    for (size_t i = 0; i < list->len; i++) {
        if (strncmp(list->items[i], name, n) == 0 && list->items[i][n] == '=') {
            secret_free(list->items[i]);
            list->items[i] = item;
            return;
        }
    }
    cloud_batch_argv_take(list, item);
}

void cloud_batch_argv_clear(struct cloud_batch_argv *list)
{
    for (size_t i = 0; i < list->len; i++) {
        secret_free(list->items[i]);
    }
    free(list->items);
    *list = (struct cloud_batch_argv){0};
}
