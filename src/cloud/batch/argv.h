/* argv.h - a growing list of words, as exec wants them. */
#ifndef CLOUD_BATCH_ARGV_H
#define CLOUD_BATCH_ARGV_H

#include <stddef.h>

struct cloud_batch_argv {
    char **items; /* owned; NULL-terminated once there is a word, NULL before */
    size_t len, cap;
};

void cloud_batch_argv_add(struct cloud_batch_argv *list, const char *word);
/* Takes `word`, which malloc made. */
void cloud_batch_argv_take(struct cloud_batch_argv *list, char *word);
/* Sets the variable `name`; when a name is set twice the last value counts. */
void cloud_batch_argv_set(struct cloud_batch_argv *list, const char *name, const char *value);
/* Frees the words, and wipes them before: an environment holds keys. */
void cloud_batch_argv_clear(struct cloud_batch_argv *list);
#endif
