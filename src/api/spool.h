/* spool.h - private to api: lines on their way to a file, a pipe or a terminal. A thread of its own
 * writes them, so that a full pipe or a slow disk holds up nobody who has something to say. Lines
 * that are not written yet when the process is killed are lost. Any thread, except for spool_free,
 * which the last one calls. */
#ifndef API_SPOOL_H
#define API_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct spool; /* opaque: src/api/spool.c */

/* `own`: the descriptor is closed at the end; it is taken, also on failure. NULL with `e`: E_IO. */
struct spool *spool_new(int fd, bool own, struct err *e);
/* Writes the lines that wait, but waits two seconds at most when nobody takes them. NULL
 * allowed. */
void spool_free(struct spool *s);

/* How many lines were lost since this was asked last: the caller tells of them in its next line. */
uint64_t spool_lost(struct spool *s);
/* Puts a copy of a complete line, which tells of `told` lost ones, at the end. Never waits. False:
 * there is no room for the line; the lines that it told of, and the line itself, count as lost and
 * not told of. */
bool spool_put(struct spool *s, const char *line, size_t len, uint64_t told);
/* Sends the lines that are put from now on to another descriptor, which is taken. Only for a spool
 * that owns its descriptor. */
void spool_switch(struct spool *s, int fd);
#endif
