/* spool.h - private to api: lines on their way to a file, a pipe or a terminal, written by a thread
 * of their own, so that a full pipe or a slow disk holds up nobody who has something to say. What
 * is not written yet when the process is killed is lost. Any thread, but spool_free: the last one.
 */
#ifndef API_SPOOL_H
#define API_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct spool; /* opaque: src/api/spool.c */

/* `own`: the descriptor is closed in the end; it is taken, also on failure. NULL with `e`: E_IO. */
struct spool *spool_new(int fd, bool own, struct err *e);
/* Writes what waits, for two seconds at most when nobody takes it. NULL allowed. */
void spool_free(struct spool *s);

/* How many lines went nowhere since this was asked last: who asks tells of them in the next one. */
uint64_t spool_lost(struct spool *s);
/* Puts a copy of a whole line, which tells of `told` lost ones, at the end. Never waits. False:
 * there is no room for it, and these and itself are lost ones that are still to be told of. */
bool spool_put(struct spool *s, const char *line, size_t len, uint64_t told);
/* What is put from now on goes to another descriptor, which is taken. Of a spool that owns its
 * own. */
void spool_switch(struct spool *s, int fd);
#endif
