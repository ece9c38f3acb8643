/* The cloud as its services see it (service.h) and as the top starts it (life.h): the lock, the
 * dispatch of operations, what is kept between calls. This file knows no service: the services are
 * handed in. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "life.h"
#include "options.h"
#include "service.h"
#include "sqlx.h"
#include "store.h"

struct cloud {
    pthread_mutex_t lock;     /* recursive; guards store, slots, caller, poked and stopping */
    void (*poked)(void *arg); /* told of each poke; NULL: nothing is */
    void *poked_arg;
    const char *caller; /* the access key of the request that is being served, or NULL; borrowed */
    struct cloud_store *store;
    struct cloud_options o; /* strings owned */
    const struct cloud_service *const *services;
    void *slots[AWS_SERVICE_COUNT];
    cloud_handler handlers[AWS_OP_COUNT]; /* constant after cloud_new */
    /* how many services were started and have to be stopped */
    size_t started;
    bool stopping;
    char *endpoint; /* NULL until the cloud listens; owned */
    void *front;    /* belongs to the top */
};

/* ---- dispatch --------------------------------------------------------------------------- */

static void fail_store(struct cloud *cloud, struct cloud_reply *r)
{
    log_line(cloud->o.log, LOG_LVL_ERROR, "local: store: %s",
             sqlite3_errmsg(cloud_store_db(cloud->store)));
    cloud_fail(r, 500, "InternalServerError", "The store failed: %s",
               sqlite3_errmsg(cloud_store_db(cloud->store)));
}

static bool run_sql(struct cloud *cloud, const char *sql)
{
    return sqlite3_exec(cloud_store_db(cloud->store), sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* Runs the handler inside its savepoint. A failed call leaves nothing behind; a commit that fails
 * turns the reply into an error. */
static void run_handler(struct cloud *cloud, cloud_handler handle, const cJSON *in,
                        struct cloud_reply *r)
{
    if (!run_sql(cloud, "SAVEPOINT call")) {
        fail_store(cloud, r);
        return;
    }
    handle(cloud, in, r);
    if (r->code[0] == '\0' && run_sql(cloud, "RELEASE call")) {
        return;
    }
    if (r->code[0] == '\0') {
        fail_store(cloud, r);
    }
    /* A full disk may have rolled everything back already; both statements then fail without
     * harm. */
    (void)run_sql(cloud, "ROLLBACK TO call");
    (void)run_sql(cloud, "RELEASE call");
}

/* Runs one operation and leaves raw members as they are. */
static void dispatch_raw(struct cloud *cloud, enum aws_op_id op, const cJSON *in,
                         struct cloud_reply *r)
{
    *r = (struct cloud_reply){.status = 200};
    cloud_lock(cloud);
    if (cloud->stopping) {
        cloud_fail(r, 503, "ServiceUnavailable", "The local cloud is stopping");
    } else if ((unsigned)op < AWS_OP_COUNT && (aws_op_get(op)->flags & AWS_OP_NOT_LOCAL) != 0) {
        cloud_fail(r, 400, "UnknownOperationException", "The local cloud has no %s",
                   aws_service_get(aws_op_get(op)->service)->name);
    } else if ((unsigned)op >= AWS_OP_COUNT || cloud->handlers[op] == NULL) {
        cloud_fail(r, 400, "UnknownOperationException", "Not an operation of this local cloud");
    } else {
        run_handler(cloud, cloud->handlers[op], in, r);
    }
    cloud_unlock(cloud);
}

const char *cloud_caller(const struct cloud *cloud)
{
    return cloud->caller != NULL ? cloud->caller : cloud_access_key(cloud);
}

void cloud_dispatch_signed(struct cloud *cloud, enum aws_op_id op, const cJSON *in,
                           const char *caller, struct cloud_reply *r)
{
    cloud_lock(cloud);
    cloud->caller = caller;
    dispatch_raw(cloud, op, in, r);
    cloud->caller = NULL;
    cloud_unlock(cloud);
}

void cloud_poke(struct cloud *cloud)
{
    if (cloud->poked != NULL) {
        cloud->poked(cloud->poked_arg);
    }
}

void cloud_on_poke(struct cloud *cloud, void (*poked)(void *arg), void *arg)
{
    cloud->poked = poked;
    cloud->poked_arg = arg;
}

void cloud_dispatch(struct cloud *cloud, enum aws_op_id op, const cJSON *in, struct cloud_reply *r)
{
    dispatch_raw(cloud, op, in, r);
    if (r->raw && r->out != NULL) {
        char *text = json_text(r->out);
        cJSON *plain = json_parse(text, strlen(text), "reply", NULL);
        free(text);
        cJSON_Delete(r->out);
        r->out = plain;
        r->raw = false;
    }
}

void cloud_lock(struct cloud *cloud)
{
    pthread_mutex_lock(&cloud->lock);
}

void cloud_unlock(struct cloud *cloud)
{
    pthread_mutex_unlock(&cloud->lock);
}

/* ---- what services use ------------------------------------------------------------------ */

void cloud_emit(struct cloud *cloud, const struct cloud_event *event)
{
    for (size_t i = 0; cloud->services[i] != NULL; i++) {
        if (cloud->services[i]->emit != NULL) {
            cloud->services[i]->emit(cloud, event);
        }
    }
}

const struct cloud_service *const *cloud_services(const struct cloud *cloud)
{
    return cloud->services;
}

sqlite3 *cloud_db(struct cloud *cloud)
{
    return cloud_store_db(cloud->store);
}

enum err_code cloud_create(struct cloud *cloud, const char *schema, struct err *e)
{
    if (sqlite3_exec(cloud_db(cloud), schema, NULL, NULL, NULL) != SQLITE_OK) {
        return err_set(e, E_IO, "%s", sqlite3_errmsg(cloud_db(cloud)));
    }
    return E_OK;
}

sqlite3_stmt *cloud_stmt(struct cloud *cloud, const char *sql)
{
    return cloud_store_stmt(cloud->store, sql);
}

void cloud_stmt_done(struct cloud *cloud, sqlite3_stmt *stmt)
{
    cloud_store_done(cloud->store, stmt);
}

cJSON *cloud_stmt_document(struct cloud *cloud, sqlite3_stmt *stmt)
{
    cJSON *doc = sqlx_row(stmt) ? sqlx_document(stmt, 0) : NULL;

    cloud_stmt_done(cloud, stmt);
    return doc;
}

bool cloud_step_done(struct cloud *cloud, sqlite3_stmt *stmt, struct cloud_reply *r)
{
    bool done = sqlite3_step(stmt) == SQLITE_DONE;

    if (!done && r != NULL) {
        fail_store(cloud, r);
    }
    cloud_store_done(cloud->store, stmt);
    return done;
}

void **cloud_slot(struct cloud *cloud, enum aws_service_id service)
{
    return &cloud->slots[service];
}

enum err_code cloud_session_add(struct cloud *cloud, const char *access_key, const char *secret_key,
                                const char *token, int64_t expires_ms, struct err *e)
{
    cloud_store_sessions_trim(cloud->store, cloud_now(cloud));
    return cloud_store_session_add(cloud->store, access_key, secret_key, token, expires_ms, e);
}

bool cloud_session_find(struct cloud *cloud, const char *access_key,
                        struct cloud_store_session *out)
{
    cloud_lock(cloud);
    bool found = cloud_store_session_find(cloud->store, access_key, out);
    cloud_unlock(cloud);
    return found;
}

const char *cloud_region(const struct cloud *cloud)
{
    return cloud->o.region;
}

const char *cloud_account(const struct cloud *cloud)
{
    (void)cloud;
    return "000000000000";
}

const char *cloud_endpoint(const struct cloud *cloud)
{
    return cloud->endpoint;
}

const char *cloud_data_dir(const struct cloud *cloud)
{
    return cloud_store_dir(cloud->store);
}

const char *cloud_access_key(const struct cloud *cloud)
{
    return cloud_store_access_key(cloud->store);
}

const char *cloud_secret_key(const struct cloud *cloud)
{
    return cloud_store_secret_key(cloud->store);
}

const struct cloud_options *cloud_opts(const struct cloud *cloud)
{
    return &cloud->o;
}

const struct clock *cloud_clock(const struct cloud *cloud)
{
    return cloud->o.clock;
}

int64_t cloud_now(const struct cloud *cloud)
{
    return clock_wall_ms(cloud->o.clock);
}

struct log *cloud_log(const struct cloud *cloud)
{
    return cloud->o.log;
}

/* ---- life ------------------------------------------------------------------------------- */

static void collect_handlers(struct cloud *cloud)
{
    for (size_t i = 0; cloud->services[i] != NULL; i++) {
        const struct cloud_route *route = cloud->services[i]->routes;
        for (; route != NULL && route->handle != NULL; route++) {
            cloud->handlers[route->op] = route->handle;
        }
    }
}

enum err_code cloud_services_start(struct cloud *cloud, struct err *e)
{
    enum err_code rc = E_OK;

    while (rc == E_OK && cloud->services[cloud->started] != NULL) {
        const struct cloud_service *service = cloud->services[cloud->started++];
        if (service->start != NULL && service->start(cloud, e) != E_OK) {
            rc = err_wrap(e, "%s", service->name);
            rc = rc == E_OK ? E_IO : rc;
        }
    }
    return rc;
}

void cloud_services_stop(struct cloud *cloud)
{
    cloud_lock(cloud);
    cloud->stopping = true;
    cloud_poke(cloud);
    while (cloud->started > 0) {
        const struct cloud_service *service = cloud->services[--cloud->started];
        if (service->stop != NULL) {
            service->stop(cloud);
        }
    }
    cloud_unlock(cloud);
}

struct cloud *cloud_new(const struct cloud_options *o, struct err *e)
{
    pthread_mutexattr_t recursive;
    struct cloud *cloud = xcalloc(1, sizeof *cloud);

    (void)pthread_mutexattr_init(&recursive);
    (void)pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    (void)pthread_mutex_init(&cloud->lock, &recursive);
    (void)pthread_mutexattr_destroy(&recursive);
    cloud_options_copy(o, &cloud->o);
    cloud->services = o->services;
    collect_handlers(cloud);
    if (cloud_options_check(&cloud->o, e) == E_OK) {
        cloud->store = cloud_store_open(o->data_dir, e);
    }
    if (cloud->store == NULL) {
        cloud_free(cloud);
        return NULL;
    }
    return cloud;
}

void cloud_free(struct cloud *cloud)
{
    cloud_store_close(cloud->store);
    (void)pthread_mutex_destroy(&cloud->lock);
    cloud_options_clear(&cloud->o);
    free(cloud->endpoint);
    free(cloud);
}

struct cloud_store *cloud_store(struct cloud *cloud)
{
    return cloud->store;
}

void **cloud_front(struct cloud *cloud)
{
    return &cloud->front;
}

void cloud_listens_at(struct cloud *cloud, const char *url)
{
    free(cloud->endpoint);
    cloud->endpoint = xstrdup(url);
}
