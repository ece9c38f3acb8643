/* parallel.h - private to ops: the pieces of one operation, run side by side. */
#ifndef OPS_PARALLEL_H
#define OPS_PARALLEL_H

#include <stddef.h>

/* Calls piece(arg, i) for each i below `n`, on a few threads of which the caller's is one, and
 * returns when all have ended. The threads have the caller's deadline. With one piece, or when no
 * thread can be started, the caller does the work alone. */
void ops_parallel(size_t n, void (*piece)(void *arg, size_t i), void *arg);
#endif
