/* Running the pieces of one operation on several threads. */
#include "parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "core/deadline.h"

enum { THREADS_MAX = 12 };

struct work {
    void (*piece)(void *arg, size_t i);
    void *arg;
    size_t n;
    atomic_size_t next;
    int64_t deadline;
};

static void take_pieces(struct work *w)
{
    for (size_t i = atomic_fetch_add(&w->next, 1); i < w->n; i = atomic_fetch_add(&w->next, 1)) {
        w->piece(w->arg, i);
    }
}

static void *thread_main(void *arg)
{
    struct work *w = arg;

    (void)deadline_set(w->deadline);
    take_pieces(w);
    return NULL;
}

void ops_parallel(size_t n, void (*piece)(void *arg, size_t i), void *arg)
{
    struct work w = {.piece = piece, .arg = arg, .n = n, .deadline = deadline_get()};
    pthread_t threads[THREADS_MAX];
    size_t started = 0;

    while (started + 1 < n && started < THREADS_MAX - 1 &&
           pthread_create(&threads[started], NULL, thread_main, &w) == 0) {
        started++;
    }
    take_pieces(&w);
    for (size_t i = 0; i < started; i++) {
        (void)pthread_join(threads[i], NULL);
    }
}
