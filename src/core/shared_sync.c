/* One sync of a folder for all who wait. */
#include "core/shared_sync.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/path.h"

struct shared_sync {
    pthread_mutex_t lock;   /* guards the members below */
    pthread_cond_t changed; /* a sync is over */
    uint64_t asked;         /* callers so far */
    uint64_t synced;        /* of them, those whose names are on the disk */
    bool syncing;
};

struct shared_sync *shared_sync_new(void)
{
    struct shared_sync *s = xcalloc(1, sizeof *s);

    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->changed, NULL);
    return s;
}

void shared_sync_free(struct shared_sync *s)
{
    if (s != NULL) {
        (void)pthread_cond_destroy(&s->changed);
        (void)pthread_mutex_destroy(&s->lock);
        free(s);
    }
}

bool shared_sync_folder(struct shared_sync *s, const char *dir)
{
    bool ok = true;

    if (s == NULL) {
        return path_sync_folder(dir);
    }
    (void)pthread_mutex_lock(&s->lock);
    uint64_t mine = ++s->asked;
    while (ok && s->synced < mine) {
        if (s->syncing) {
            (void)pthread_cond_wait(&s->changed, &s->lock);
            continue;
        }
        uint64_t all = s->asked;
        s->syncing = true;
        (void)pthread_mutex_unlock(&s->lock);
        ok = path_sync_folder(dir);
        (void)pthread_mutex_lock(&s->lock);
        s->syncing = false;
        s->synced = ok ? all : s->synced; /* the others try for themselves */
        (void)pthread_cond_broadcast(&s->changed);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return ok;
}
