/* What GET /readyz says: a thread that looks at AWS while somebody asks. */
#include "ready.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "aws/events.h"
#include "core/alloc.h"
#include "core/cond.h"
#include "core/deadline.h"
#include "core/json.h"
#include "ops/follow.h"
#include "ops/state_table.h"
#include "periodic.h"

enum {
    EVERY_MS = 5000,    /* the time between two looks, while somebody asks */
    ASKED_MS = 60000,   /* when nobody asked for this long, the thread looks no more */
    OLD_MS = 15000,     /* what was found longer ago than this no longer says anything */
    LOOK_MS = 1800,     /* the time for one look, less than a client waits */
    NEVER_MS = 3600000, /* the time to wait when only a wake-up ends the waiting */
    TABLE_PERCENT = 50,
    STATE_PERCENT = 50 /* of what is left then */
};

struct ready {
    const struct ops *ops;
    struct log *log;
    pthread_mutex_t lock;   /* guards all members below except `periodic` */
    pthread_cond_t changed; /* signalled when a look is over */
    int64_t asked_ms;       /* when somebody asked last; TIME_NONE: nobody has yet */
    int64_t at_ms;          /* when the last look ended; TIME_NONE: none has yet */
    int status;
    char *body; /* owned */
    bool ended;
    struct periodic *periodic;
};

/* The result of a look as JSON. A client without a token may read it, so it names no resource: only
 * what was looked at and how that ended. */
static cJSON *look_json(const char *name, enum err_code rc)
{
    cJSON *doc = json_new_object();

    json_set_str(doc, "name", name);
    json_set_bool(doc, "ok", rc == E_OK);
    json_set_str(doc, "error", rc == E_OK ? NULL : err_name(rc));
    return doc;
}

static enum err_code look_at_table(const struct ops *o, struct err *e)
{
    struct table_info table;
    enum err_code rc = ops_table_info(o, &table, e);

    if (rc == E_OK && strcmp(table.status, "ACTIVE") != 0 &&
        strcmp(table.status, "UPDATING") != 0) {
        rc = err_set(e, E_SERVICE, "the table is %s", table.status);
    }
    return rc;
}

static void look(struct ready *k, bool was_ready)
{
    cJSON *bus = NULL;
    cJSON *doc = json_new_object();
    cJSON *checks = json_new_array();
    struct err table_e = {0};
    struct err state_e = {0};
    struct err bus_e = {0};
    int64_t before = deadline_within(LOOK_MS);
    int64_t all = deadline_share(TABLE_PERCENT);
    enum err_code table_rc = look_at_table(k->ops, &table_e);

    (void)deadline_set(all);
    enum err_code state_rc = E_OK;
    if (k->ops->state != NULL) {
        (void)deadline_share(STATE_PERCENT);
        state_rc = state_table_check(k->ops, &state_e);
        (void)deadline_set(all);
    }
    enum err_code bus_rc = events_describe_bus(k->ops->aws, k->ops->bus, &bus, &bus_e);
    (void)deadline_set(before);
    cJSON_Delete(bus);
    bool well = table_rc == E_OK && state_rc == E_OK && bus_rc == E_OK;
    if (!well && was_ready) { /* the log tells of each change once, and not every five seconds */
        log_line(k->log, LOG_LVL_WARN, "not ready: %s",
                 table_rc != E_OK   ? table_e.msg
                 : state_rc != E_OK ? state_e.msg
                                    : bus_e.msg);
    }
    json_push(checks, look_json("table", table_rc));
    if (k->ops->state != NULL) {
        json_push(checks, look_json("state", state_rc));
    }
    json_push(checks, look_json("bus", bus_rc));
    json_set_str(doc, "status", well ? "ready" : "not ready");
    json_set(doc, "checks", checks);
    char *body = json_safe(doc);
    cJSON_Delete(doc);
    (void)pthread_mutex_lock(&k->lock);
    free(k->body);
    k->body = body;
    k->status = well ? 200 : 503;
    k->at_ms = clock_mono_ms(NULL);
    (void)pthread_cond_broadcast(&k->changed);
    (void)pthread_mutex_unlock(&k->lock);
}

static void run(struct periodic *b, void *arg)
{
    struct ready *k = arg;
    int ms = 0; /* 0: the first probe shall find an answer */

    while (periodic_wait(b, ms)) {
        (void)pthread_mutex_lock(&k->lock);
        bool asked = k->asked_ms != TIME_NONE && clock_mono_ms(NULL) - k->asked_ms < ASKED_MS;
        bool wanted = asked || k->at_ms == TIME_NONE;
        bool was_ready = k->status != 503;
        (void)pthread_mutex_unlock(&k->lock);
        if (wanted) {
            look(k, was_ready);
        }
        ms = wanted ? EVERY_MS : NEVER_MS;
    }
}

struct ready *ready_start(const struct ops *ops, struct log *log, struct err *e)
{
    struct ready *k = xcalloc(1, sizeof *k);

    k->ops = ops;
    k->log = log;
    k->asked_ms = TIME_NONE;
    k->at_ms = TIME_NONE;
    (void)pthread_mutex_init(&k->lock, NULL);
    cond_init(&k->changed);
    k->periodic = periodic_start(run, k, e);
    if (k->periodic == NULL) {
        ready_free(k);
        return NULL;
    }
    return k;
}

void ready_end(struct ready *k)
{
    if (k == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&k->lock);
    k->ended = true;
    (void)pthread_cond_broadcast(&k->changed);
    (void)pthread_mutex_unlock(&k->lock);
    if (k->periodic != NULL) {
        periodic_end(k->periodic);
    }
}

void ready_free(struct ready *k)
{
    if (k == NULL) {
        return;
    }
    ready_end(k);
    periodic_free(k->periodic);
    free(k->body);
    (void)pthread_cond_destroy(&k->changed);
    (void)pthread_mutex_destroy(&k->lock);
    free(k);
}

/* Is the last result young enough? The lock is held. */
static bool is_young(const struct ready *k)
{
    return k->at_ms != TIME_NONE && clock_mono_ms(NULL) - k->at_ms < OLD_MS;
}

bool ready_known(struct ready *k)
{
    (void)pthread_mutex_lock(&k->lock);
    bool known = is_young(k) || k->ended;
    (void)pthread_mutex_unlock(&k->lock);
    return known;
}

int ready_ask(struct ready *k, int wait_ms, char **body)
{
    int64_t now = clock_mono_ms(NULL);
    const struct timespec until = cond_until(wait_ms);
    int status = 503;
    int rc = wait_ms <= 0 ? ETIMEDOUT : 0;

    (void)pthread_mutex_lock(&k->lock);
    k->asked_ms = now;
    if (!is_young(k) && !k->ended) {
        periodic_wake(k->periodic);
    }
    while (!is_young(k) && !k->ended && rc != ETIMEDOUT) {
        rc = pthread_cond_timedwait(&k->changed, &k->lock, &until);
    }
    bool there = is_young(k) && !k->ended;
    *body = xstrdup(there ? k->body : "{\"status\":\"not ready\",\"checks\":[]}");
    status = there ? k->status : 503;
    (void)pthread_mutex_unlock(&k->lock);
    return status;
}
