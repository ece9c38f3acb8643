/* A thread that counts what waits in the outbox. */
#include "backlog.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/deadline.h"
#include "ops/outbox.h"
#include "periodic.h"

enum { EVERY_MS = 5000, SHARED_EVERY_MS = 15000, ASK_MS = 10000 };

struct backlog {
    const struct ops *ops;
    struct log *log;
    pthread_mutex_t lock; /* guards known and now */
    bool known;
    struct backlog_view now;
    struct periodic *periodic;
};

static void count(struct backlog *b, struct outbox_alarm *last)
{
    struct outbox_alarm now;
    int64_t before = deadline_within(ASK_MS);

    enum err_code rc = outbox_look(b->ops, &now);
    (void)deadline_set(before);
    if (rc != E_OK) { /* the table was not read: the last count stays */
        return;
    }
    (void)pthread_mutex_lock(&b->lock);
    b->known = true;
    b->now = (struct backlog_view){.entries = (int)now.ours, .broken = (int)now.broken};
    (void)pthread_mutex_unlock(&b->lock);
    /* The log tells of each change once, and not every five seconds. */
    if (strcmp(now.text, last->text) != 0 && now.text[0] != '\0') {
        log_line(b->log, now.broken > 0 ? LOG_LVL_ERROR : LOG_LVL_WARN, "%s", now.text);
    }
    *last = now;
}

static void run(struct periodic *periodic, void *arg)
{
    struct outbox_alarm last = {0};

    const struct backlog *b = arg;
    int every_ms = b->ops->state == NULL ? EVERY_MS : SHARED_EVERY_MS;

    for (int ms = 0; periodic_wait(periodic, ms); ms = every_ms) {
        count(arg, &last);
    }
}

struct backlog *backlog_start(const struct ops *ops, struct log *log, struct err *e)
{
    struct backlog *b = xcalloc(1, sizeof *b);

    b->ops = ops;
    b->log = log;
    (void)pthread_mutex_init(&b->lock, NULL);
    b->periodic = periodic_start(run, b, e);
    if (b->periodic == NULL) {
        backlog_free(b);
        return NULL;
    }
    return b;
}

void backlog_end(struct backlog *b)
{
    if (b != NULL && b->periodic != NULL) {
        periodic_end(b->periodic);
    }
}

void backlog_free(struct backlog *b)
{
    if (b != NULL) {
        periodic_free(b->periodic);
        (void)pthread_mutex_destroy(&b->lock);
        free(b);
    }
}

bool backlog_look(struct backlog *b, struct backlog_view *out)
{
    (void)pthread_mutex_lock(&b->lock);
    bool known = b->known;
    *out = b->now;
    (void)pthread_mutex_unlock(&b->lock);
    return known;
}

void backlog_wake(struct backlog *b)
{
    periodic_wake(b->periodic);
}
