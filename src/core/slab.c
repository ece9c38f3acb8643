/* slab.c - size classes.
 *
 * DESIGN. A class has chunks that hold blocks of one size, one after the other; a chunk is aligned
 * to its size, so that a block leads to it. Chunks of a class with room are in a list. A chunk
 * whose last block is freed gives its pages back to the system and waits for any class. Sizes above
 * LARGEST are malloc's. The state is the process's, as that of malloc. */
#include "core/slab.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/alloc.h"

enum {
    GRAIN = 8,
    LARGEST = 768,
    CLASSES = LARGEST / GRAIN + 1,
    CHUNK = 16384,
    REGION = 64 * CHUNK /* so much is taken at once */
};

struct block {
    struct block *next;
};

struct chunk {
    struct chunk *next, *prev; /* in the list of those with room, or of the empty ones */
    struct block *freed;
    uint32_t live;  /* the blocks in use */
    uint32_t fresh; /* where the blocks that were never used begin; CHUNK at most */
    uint32_t size;  /* of a block */
    bool listed;    /* it is in the list of those with room */
};

/* `lock` guards all members, and all chunks. */
static struct {
    pthread_mutex_t lock;
    struct chunk *room[CLASSES];
    struct chunk *empty;
    char *region, *region_end;
} slab = {.lock = PTHREAD_MUTEX_INITIALIZER};

size_t slab_size(size_t size)
{
    return (size + GRAIN - 1) / GRAIN * GRAIN;
}

static void list_add(struct chunk **list, struct chunk *c)
{
    c->prev = NULL;
    c->next = *list;
    if (c->next != NULL) {
        c->next->prev = c;
    }
    *list = c;
}

static void list_remove(struct chunk **list, struct chunk *c)
{
    *(c->prev != NULL ? &c->prev->next : list) = c->next;
    if (c->next != NULL) {
        c->next->prev = c->prev;
    }
}

static bool has_room(const struct chunk *c)
{
    return c->freed != NULL || c->fresh + c->size <= CHUNK;
}

static struct chunk *chunk_new(size_t size)
{
    struct chunk *c = slab.empty;

    if (c != NULL) {
        list_remove(&slab.empty, c);
    } else {
        if (slab.region == slab.region_end) {
            uintptr_t at = (uintptr_t)xmalloc(REGION + CHUNK);
            slab.region = (char *)((at + CHUNK - 1) & ~(uintptr_t)(CHUNK - 1));
            slab.region_end = slab.region + REGION;
        }
        c = (struct chunk *)(void *)slab.region;
        slab.region += CHUNK;
    }
    *c = (struct chunk){.fresh = (uint32_t)slab_size(sizeof *c), .size = (uint32_t)size};
    return c;
}

void *slab_alloc(size_t size)
{
    size = slab_size(size == 0 ? 1 : size);
    if (size > LARGEST) {
        return xmalloc(size);
    }
    struct chunk **list = &slab.room[size / GRAIN];
    (void)pthread_mutex_lock(&slab.lock);
    struct chunk *c = *list;
    if (c == NULL) {
        c = chunk_new(size);
        c->listed = true;
        list_add(list, c);
    }
    struct block *b = c->freed;
    if (b != NULL) {
        c->freed = b->next;
    } else {
        b = (struct block *)(void *)((char *)c + c->fresh);
        c->fresh += c->size;
    }
    c->live++;
    if (!has_room(c)) {
        c->listed = false;
        list_remove(list, c);
    }
    (void)pthread_mutex_unlock(&slab.lock);
    return b;
}

/* Gives the pages back, except the first one, in which the chunk's own members lie. */
static void chunk_empty(struct chunk *c)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    if (page < CHUNK) {
        (void)madvise((char *)c + page, CHUNK - page, MADV_DONTNEED);
    }
    list_add(&slab.empty, c);
}

void slab_free(void *p, size_t size)
{
    size = slab_size(size == 0 ? 1 : size);
    if (p == NULL || size > LARGEST) {
        free(p);
        return;
    }
    struct chunk *c = (struct chunk *)((uintptr_t)p & ~(uintptr_t)(CHUNK - 1));
    struct chunk **list = &slab.room[size / GRAIN];
    struct block *b = p;
    (void)pthread_mutex_lock(&slab.lock);
    b->next = c->freed;
    c->freed = b;
    c->live--;
    if (!c->listed) {
        c->listed = true;
        list_add(list, c);
    }
    /* one stays, so that a block that comes and goes does not take and give pages */
    if (c->live == 0 && (c->next != NULL || c->prev != NULL)) {
        c->listed = false;
        list_remove(list, c);
        chunk_empty(c);
    }
    (void)pthread_mutex_unlock(&slab.lock);
}
