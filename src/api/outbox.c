/* outbox.c - the thread that goes on with deploys that are in the outbox: those of an earlier run,
 * and those that AWS could not be told of. */
#include "idem.h"
#include "impl.h"
#include "ops/job_ops.h"
#include "ops/sync_log.h"

/* SHARED_LOOK_MS: the table is read by each replica, in as many requests as it has shards. */
enum { LOOK_MS = 5000, SHARED_LOOK_MS = 10000, PURGE_MS = 3600 * 1000, TIDY_MS = 20000 };

static void look(struct api *a)
{
    struct err e = {0};
    int resumed = 0;
    int left = 0;

    /* In the table the deploys are those of all replicas: one that writes nothing leaves them. */
    if (a->ops->state == NULL ? ops_outbox_len(a->ops) == 0 : a->o.read_only) {
        return;
    }
    enum err_code rc = ops_outbox_resume(a->ops, &resumed, &left, &e);
    if (a->ops->state == NULL || resumed > 0) {
        backlog_wake(a->backlog);
    }
    if (resumed > 0) {
        log_line(a->o.log, LOG_LVL_INFO, "sent %d deploys kept in the outbox", resumed);
    }
    if (rc != E_OK && rc != E_CONFLICT && rc != E_CANCELLED) {
        if (left > 0) {
            log_line(a->o.log, LOG_LVL_WARN, "%d deploy%s still in the outbox: %s", left,
                     left == 1 ? " is" : "s are", e.msg);
        } else { /* how many are left is not known */
            log_line(a->o.log, LOG_LVL_WARN, "outbox: %s", e.msg);
        }
    }
}

static void run(struct periodic *b, void *arg)
{
    struct api *a = arg;
    int64_t purged_ms = TIME_NONE;
    int ms = 0;

    while (periodic_wait(b, ms)) {
        int64_t now = clock_mono_ms(NULL);
        look(a);
        if (a->ops->state == NULL && (purged_ms == TIME_NONE || now - purged_ms > PURGE_MS)) {
            idem_purge(a->ops);
            purged_ms = now;
        }
        aws_client_tidy(a->ops->aws, TIDY_MS);
        sync_log_tidy(a->ops);
        ms = a->ops->state == NULL ? LOOK_MS : SHARED_LOOK_MS;
    }
}

struct periodic *outbox_start(struct api *a, struct err *e)
{
    return periodic_start(run, a, e);
}
