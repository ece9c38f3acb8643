/* The life of a session. */
#include "ui/session.h"

#include <signal.h>
#include <stdlib.h>

#include "core/alloc.h"

enum { WORKERS = 6, QUEUE_MESSAGES = 256 };

struct session *session_first(const struct ops *o)
{
    struct session *s = xcalloc(1, sizeof *s);

    s->settings = o->settings;
    s->ops = o;
    return s;
}

struct session *session_other(const struct session *from, const char *context, struct err *e)
{
    struct settings *settings = settings_with_context(from->settings, context, e);

    if (settings == NULL) {
        return NULL;
    }
    struct ops *ops = ops_new(settings, from->ops->clock, from->ops->log, e);
    if (ops == NULL) {
        settings_free(settings);
        return NULL;
    }
    struct session *s = session_first(ops);
    s->owned = true;
    return s;
}

enum err_code session_start(struct session *s, struct err *e)
{
    s->queue = msgq_new(QUEUE_MESSAGES, e);
    s->pool = s->queue == NULL ? NULL : pool_new(s->ops, s->queue, WORKERS, e);
    return s->pool == NULL ? e->code : E_OK;
}

bool session_read_only(const struct session *s)
{
    /* what a context says can be lifted inside, by typing its name */
    return settings_bool(s->settings, SET_READ_ONLY) &&
           settings_origin(s->settings, SET_READ_ONLY) != ORIGIN_CONTEXT;
}

void session_free(struct session *s)
{
    if (s == NULL) {
        return;
    }
    pool_free(s->pool);
    msgq_free(s->queue);
    snapshot_close(s->snapshot);
    model_free(s->model);
    if (s->owned) {
        ops_free((struct ops *)s->ops); /* made by session_other */
        settings_free((struct settings *)s->settings);
    }
    free(s);
}

static void *finish(void *arg)
{
    struct session *s = arg;
    sigset_t all;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, NULL); /* signals are the main thread's */
    pool_finish(s->pool);
    pool_stop(s->pool);
    atomic_store(&s->ended, true);
    return NULL;
}

static void free_ended(struct session **retired)
{
    for (struct session **at = retired; *at != NULL;) {
        struct session *s = *at;
        if (!atomic_load(&s->ended)) {
            at = &s->next;
            continue;
        }
        *at = s->next;
        (void)pthread_join(s->thread, NULL);
        session_free(s);
    }
}

void session_retire(struct session *s, struct session **retired)
{
    free_ended(retired);
    snapshot_close(s->snapshot);
    s->snapshot = NULL;
    model_free(s->model); /* on this thread, which alone knows it */
    s->model = NULL;
    if (pthread_create(&s->thread, NULL, finish, s) != 0) {
        session_free(s); /* no thread is to be had: what is under way is broken off */
        return;
    }
    s->next = *retired;
    *retired = s;
}

void session_end_retired(struct session **retired)
{
    for (struct session *s = *retired; s != NULL; s = s->next) {
        ops_stop(s->ops, true);
    }
    while (*retired != NULL) {
        struct session *s = *retired;
        *retired = s->next;
        (void)pthread_join(s->thread, NULL);
        session_free(s);
    }
}
