/* The queue of messages from the workers to the UI.
 *
 * DESIGN: a singly linked list under one mutex. The reader is the UI's poll loop, so an arrival
 * must make a descriptor readable, and not signal a condition: an eventfd is written only when the
 * list becomes non-empty and read when the list is drained. However many messages wait, one wake-up
 * is pending, so a burst costs two system calls, and the UI takes the whole list at once.
 *
 * The limit keeps memory flat when workers are faster than the UI (a parallel Scan of 100,000
 * jobs): msgq_push blocks on `not_full`. Hence the UI thread itself must never push, and stopping
 * must close the queue before it joins the workers, or one of them may wait here for ever.
 *
 * Writing and reading the eventfd happen under the lock. Both are non-blocking, and this ties the
 * descriptor's state to the list's: outside the lock, a drain could swallow the wake-up of a
 * message pushed just after it took the list. */
#include "work/msgq.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/platform.h"

struct msgq {
    pthread_mutex_t lock; /* guards all members below except fd and capacity */
    pthread_cond_t not_full;
    struct msg *head;
    struct msg **tail;
    size_t len;
    bool closed;
    size_t capacity;
    int fd;
};

struct msgq *msgq_new(size_t capacity, struct err *e)
{
    int fd = platform_wake_fd();

    if (fd < 0) {
        (void)err_set(e, E_IO, "cannot open a wake-up descriptor: %s", strerror(errno));
        return NULL;
    }
    struct msgq *q = xcalloc(1, sizeof *q);
    q->fd = fd;
    q->capacity = capacity == 0 ? 1 : capacity;
    q->tail = &q->head;
    (void)pthread_mutex_init(&q->lock, NULL);
    (void)pthread_cond_init(&q->not_full, NULL);
    return q;
}

void msgq_free(struct msgq *q)
{
    if (q == NULL) {
        return;
    }
    for (struct msg *m = q->head; m != NULL;) {
        struct msg *next = m->next;
        msg_free(m);
        m = next;
    }
    (void)close(q->fd);
    (void)pthread_cond_destroy(&q->not_full);
    (void)pthread_mutex_destroy(&q->lock);
    free(q);
}

enum err_code msgq_push(struct msgq *q, struct msg *m)
{
    const uint64_t one = 1;

    m->next = NULL;
    (void)pthread_mutex_lock(&q->lock);
    while (q->len >= q->capacity && !q->closed) {
        (void)pthread_cond_wait(&q->not_full, &q->lock);
    }
    if (q->closed) {
        (void)pthread_mutex_unlock(&q->lock);
        msg_free(m);
        return E_CANCELLED;
    }
    if (q->head == NULL) {
        /* The counter is 0 here, because the drain reset it, so this write cannot be refused as
         * full. */
        ssize_t n = write(q->fd, &one, sizeof one);
        (void)n;
    }
    *q->tail = m;
    q->tail = &m->next;
    q->len++;
    (void)pthread_mutex_unlock(&q->lock);
    return E_OK;
}

void msgq_close(struct msgq *q)
{
    (void)pthread_mutex_lock(&q->lock);
    q->closed = true;
    (void)pthread_cond_broadcast(&q->not_full);
    (void)pthread_mutex_unlock(&q->lock);
}

int msgq_fd(const struct msgq *q)
{
    return q->fd;
}

struct msg *msgq_drain(struct msgq *q)
{
    uint64_t ignored;

    (void)pthread_mutex_lock(&q->lock);
    struct msg *all = q->head;
    if (all != NULL) {
        ssize_t n = read(q->fd, &ignored, sizeof ignored);
        (void)n;
    }
    q->head = NULL;
    q->tail = &q->head;
    q->len = 0;
    (void)pthread_cond_broadcast(&q->not_full);
    (void)pthread_mutex_unlock(&q->lock);
    return all;
}
