/* log.h - the debug and session log: each entry is one line, in a file or on stderr.
 *
 * The caller never passes secrets, canonical requests, Authorization headers or bodies. Lines are
 * made safe with text_clean. Any thread; a line is written as a whole. A NULL log drops
 * everything. */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

enum log_level { LOG_LVL_ERROR, LOG_LVL_WARN, LOG_LVL_INFO, LOG_LVL_DEBUG };

struct log;

/* Appends to `path` (created 0600, cut to nothing when over 8 MiB), or writes to stderr when `path`
 * is NULL. Returns NULL with `e` filled when the file cannot be opened. */
struct log *log_new(const char *path, enum log_level level, struct err *e);
void log_free(struct log *l);    /* NULL is allowed */
int log_fd(const struct log *l); /* the descriptor that the log writes to; borrowed */
/* From now on complete lines go to the function `to`, on the thread that logs; NULL: to the file or
 * stderr again. Call it while no other thread uses the log. */
void log_divert(struct log *l, void (*to)(void *arg, const char *line, size_t len), void *arg);
bool log_on(const struct log *l, enum log_level level);
void log_line(struct log *l, enum log_level level, const char *fmt, ...) PRINTF_LIKE(3, 4);
#endif
