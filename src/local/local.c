#include "local/local.h"

#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "local/server.h"
#include "local/store.h"
#include "local/svc.h"

/* In the order they start; they stop in the reverse. A service is listed once it is written. */
static const struct local_service *const services[] = {
    &local_dynamodb_service, &local_streams_service, &local_logs_service, &local_sqs_service,
    &local_events_service,   &local_batch_service,   &local_sts_service,  NULL,
};

struct local {
    pthread_mutex_t lock; /* recursive; guards store, slots and running */
    pthread_cond_t poked; /* waits with `lock` held once */
    uint64_t pokes;
    struct store *store;
    struct server *server;
    struct local_options o; /* strings owned */
    void *slots[AWS_SERVICE_COUNT];
    local_handler handlers[AWS_OP_COUNT]; /* constant after start */
    size_t started;                       /* services to stop */
    bool stopping;
    char *env_path; /* DATA/env while it exists */
};

/* ---- replies and dispatch --------------------------------------------------------------- */

void local_fail(struct local_reply *r, int status, const char *code, const char *fmt, ...)
{
    va_list args;

    cJSON_Delete(r->out);
    r->out = NULL;
    r->raw = false;
    r->status = status;
    (void)snprintf(r->code, sizeof r->code, "%s", code);
    va_start(args, fmt);
    (void)vsnprintf(r->message, sizeof r->message, fmt, args);
    va_end(args);
}

void local_reply_clear(struct local_reply *r)
{
    cJSON_Delete(r->out);
    *r = (struct local_reply){.status = 200};
}

static void fail_store(struct local *l, struct local_reply *r)
{
    log_line(l->o.log, LOG_LVL_ERROR, "local: store: %s", sqlite3_errmsg(store_db(l->store)));
    local_fail(r, 500, "InternalServerError", "The store failed: %s",
               sqlite3_errmsg(store_db(l->store)));
}

static bool run_sql(struct local *l, const char *sql)
{
    return sqlite3_exec(store_db(l->store), sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* The handler inside its savepoint. A failed call leaves nothing behind; a commit that fails turns
 * the reply into an error. */
static void run_handler(struct local *l, local_handler handle, const cJSON *in,
                        struct local_reply *r)
{
    if (!run_sql(l, "SAVEPOINT call")) {
        fail_store(l, r);
        return;
    }
    handle(l, in, r);
    if (r->code[0] == '\0' && run_sql(l, "RELEASE call")) {
        return;
    }
    if (r->code[0] == '\0') {
        fail_store(l, r);
    }
    /* A full disk may have rolled all back already; both statements then fail harmlessly. */
    (void)run_sql(l, "ROLLBACK TO call");
    (void)run_sql(l, "RELEASE call");
}

void local_dispatch_raw(struct local *l, enum aws_op_id op, const cJSON *in, struct local_reply *r)
{
    *r = (struct local_reply){.status = 200};
    local_lock(l);
    if (l->stopping) {
        local_fail(r, 503, "ServiceUnavailable", "The local cloud is stopping");
    } else if ((unsigned)op < AWS_OP_COUNT && (aws_op_get(op)->flags & AWS_OP_NOT_LOCAL) != 0) {
        local_fail(r, 400, "UnknownOperationException", "The local cloud has no %s",
                   aws_service_get(aws_op_get(op)->service)->name);
    } else if ((unsigned)op >= AWS_OP_COUNT || l->handlers[op] == NULL) {
        local_fail(r, 400, "UnknownOperationException", "Not an operation of this local cloud");
    } else {
        run_handler(l, l->handlers[op], in, r);
    }
    local_unlock(l);
}

/* The lock is released while waiting. At least once a second it looks without being told: a message
 * can become visible by time alone. */
static void wait_for_poke(struct local *l, uint64_t seen, int64_t left_ms)
{
    struct timespec until;

    left_ms = left_ms > 1000 ? 1000 : left_ms;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += left_ms / 1000;
    until.tv_nsec += left_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    while (l->pokes == seen && !l->stopping &&
           pthread_cond_timedwait(&l->poked, &l->lock, &until) == 0) {
    }
}

void local_dispatch_wait(struct local *l, enum aws_op_id op, const cJSON *in, struct local_reply *r)
{
    int64_t began = clock_mono_ms(NULL);

    local_lock(l);
    for (;;) {
        uint64_t seen = l->pokes;
        local_dispatch_raw(l, op, in, r);
        int64_t left = began + r->wait_ms - clock_mono_ms(NULL);
        if (r->wait_ms <= 0 || left <= 0 || l->stopping) {
            break;
        }
        local_reply_clear(r);
        wait_for_poke(l, seen, left);
    }
    local_unlock(l);
}

void local_poke(struct local *l)
{
    l->pokes++;
    pthread_cond_broadcast(&l->poked);
}

void local_dispatch(struct local *l, enum aws_op_id op, const cJSON *in, struct local_reply *r)
{
    local_dispatch_raw(l, op, in, r);
    if (r->raw && r->out != NULL) {
        char *text = json_text(r->out);
        cJSON *plain = json_parse(text, strlen(text), "reply", NULL);
        free(text);
        cJSON_Delete(r->out);
        r->out = plain;
        r->raw = false;
    }
}

void local_lock(struct local *l)
{
    pthread_mutex_lock(&l->lock);
}

void local_unlock(struct local *l)
{
    pthread_mutex_unlock(&l->lock);
}

/* ---- what services use ------------------------------------------------------------------ */

sqlite3 *local_db(struct local *l)
{
    return store_db(l->store);
}

sqlite3_stmt *local_stmt(struct local *l, const char *sql)
{
    return store_stmt(l->store, sql);
}

void local_stmt_done(struct local *l, sqlite3_stmt *stmt)
{
    store_done(l->store, stmt);
}

bool local_step_done(struct local *l, sqlite3_stmt *stmt, struct local_reply *r)
{
    bool done = sqlite3_step(stmt) == SQLITE_DONE;

    if (!done && r != NULL) {
        fail_store(l, r);
    }
    store_done(l->store, stmt);
    return done;
}

void **local_slot(struct local *l, enum aws_service_id service)
{
    return &l->slots[service];
}

enum err_code local_session_add(struct local *l, const char *access_key, const char *secret_key,
                                const char *token, int64_t expires_ms, struct err *e)
{
    store_sessions_trim(l->store, local_now(l));
    return store_session_add(l->store, access_key, secret_key, token, expires_ms, e);
}

bool local_session_find(struct local *l, const char *access_key, struct store_session *out)
{
    local_lock(l);
    bool found = store_session_find(l->store, access_key, out);
    local_unlock(l);
    return found;
}

const char *local_region(const struct local *l)
{
    return l->o.region;
}

const char *local_account(const struct local *l)
{
    (void)l;
    return "000000000000";
}

const char *local_endpoint(const struct local *l)
{
    return server_url(l->server);
}

const char *local_data_dir(const struct local *l)
{
    return store_dir(l->store);
}

const char *local_access_key(const struct local *l)
{
    return store_access_key(l->store);
}

const char *local_secret_key(const struct local *l)
{
    return store_secret_key(l->store);
}

const struct local_options *local_opts(const struct local *l)
{
    return &l->o;
}

const struct clock *local_clock(const struct local *l)
{
    return l->o.clock;
}

int64_t local_now(const struct local *l)
{
    return clock_wall_ms(l->o.clock);
}

struct log *local_log(const struct local *l)
{
    return l->o.log;
}

uint16_t local_port(const struct local *l)
{
    return server_port(l->server);
}

/* ---- start and stop --------------------------------------------------------------------- */

static char *own_program(void)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

    return n <= 0 ? NULL : xstrndup(path, (size_t)n);
}

static void copy_options(struct local *l, const struct local_options *o)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);

    l->o = *o;
    l->o.data_dir = xstrdup(o->data_dir);
    l->o.listen_host = xstrdup(o->listen_host);
    l->o.region = xstrdup(o->region == NULL ? "us-east-1" : o->region);
    l->o.program = o->program == NULL ? own_program() : xstrdup(o->program);
    l->o.pipeline = xstrdup(o->pipeline);
    l->o.clock = o->clock == NULL ? &clock_system : o->clock;
    if (o->max_running_jobs <= 0) {
        l->o.max_running_jobs = cpus < 2 ? 2 : cpus > 64 ? 64 : (int)cpus;
    }
}

static void free_options(struct local_options *o)
{
    free((char *)o->data_dir);
    free((char *)o->listen_host);
    free((char *)o->region);
    free((char *)o->program);
    free((char *)o->pipeline);
}

static void collect_handlers(struct local *l)
{
    for (size_t i = 0; services[i] != NULL; i++) {
        const struct local_route *route = services[i]->routes;
        for (; route != NULL && route->handle != NULL; route++) {
            l->handlers[route->op] = route->handle;
        }
    }
}

/* A new store gets the system of SPEC 8: once, and all of it or nothing. Under the lock. */
static enum err_code seed(struct local *l, struct err *e)
{
    char *done = store_meta_get(l->store, "seeded");
    bool wanted = l->o.seed && done == NULL;
    enum err_code rc;

    free(done);
    if (!wanted) {
        return E_OK;
    }
    rc = store_exec(l->store, "SAVEPOINT seed", e);
    if (rc == E_OK) {
        rc = local_seed(l, e);
    }
    if (rc == E_OK) {
        rc = store_meta_set(l->store, "seeded", "1", e);
    }
    if (rc != E_OK) {
        (void)run_sql(l, "ROLLBACK TO seed");
    }
    (void)run_sql(l, "RELEASE seed");
    return rc;
}

static enum err_code start_services(struct local *l, struct err *e)
{
    enum err_code rc = E_OK;

    local_lock(l);
    while (rc == E_OK && services[l->started] != NULL) {
        const struct local_service *service = services[l->started++];
        if (service->start != NULL && service->start(l, e) != E_OK) {
            rc = err_wrap(e, "%s", service->name);
            rc = rc == E_OK ? E_IO : rc;
        }
    }
    if (rc == E_OK) {
        rc = seed(l, e);
    }
    local_unlock(l);
    return rc;
}

static void stop_services(struct local *l)
{
    local_lock(l);
    l->stopping = true;
    local_poke(l);
    while (l->started > 0) {
        const struct local_service *service = services[--l->started];
        if (service->stop != NULL) {
            service->stop(l);
        }
    }
    local_unlock(l);
}

char *local_env_text(const struct local *l)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_addf(&b, "export AWS_ENDPOINT_URL=%s\n", server_url(l->server));
    strbuf_addf(&b, "export AWS_ACCESS_KEY_ID=%s\n", local_access_key(l));
    strbuf_addf(&b, "export AWS_SECRET_ACCESS_KEY=%s\n", local_secret_key(l));
    strbuf_addf(&b, "export AWS_REGION=%s\n", l->o.region);
    strbuf_addf(&b, "export AWS_DEFAULT_REGION=%s\n", l->o.region);
    return strbuf_take(&b);
}

static enum err_code write_env(struct local *l, struct err *e)
{
    char *path = path_join(store_dir(l->store), "env");
    char *text = local_env_text(l);
    enum err_code rc = path_write_atomic(path, text, strlen(text), 0600, e);

    if (rc == E_OK) {
        l->env_path = path;
        path = NULL;
    }
    free(path);
    free(text);
    return rc;
}

/* The region goes into ARNs and into lines that a shell reads. */
static enum err_code check_region(const char *region, struct err *e)
{
    size_t len = strlen(region);

    if (len == 0 || len > 32 || strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != len) {
        return err_set(e, E_CONFIG, "\"%.40s\" is not a region: letters, digits and '-'", region);
    }
    return E_OK;
}

struct local *local_start(const struct local_options *o, struct err *e)
{
    pthread_mutexattr_t recursive;
    pthread_condattr_t monotonic;
    struct local *l = xcalloc(1, sizeof *l);

    (void)pthread_mutexattr_init(&recursive);
    (void)pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    (void)pthread_mutex_init(&l->lock, &recursive);
    (void)pthread_mutexattr_destroy(&recursive);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&l->poked, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    copy_options(l, o);
    collect_handlers(l);
    l->store = check_region(l->o.region, e) == E_OK ? store_open(o->data_dir, e) : NULL;
    l->server = l->store == NULL ? NULL : server_bind(l->o.listen_host, o->port, e);
    if (l->server == NULL || start_services(l, e) != E_OK || server_run(l->server, l, e) != E_OK ||
        write_env(l, e) != E_OK) {
        local_stop(l);
        return NULL;
    }
    log_line(l->o.log, LOG_LVL_INFO, "local: serving %s on %s", store_dir(l->store),
             server_url(l->server));
    return l;
}

void local_stop(struct local *l)
{
    if (l == NULL) {
        return;
    }
    if (l->env_path != NULL) {
        (void)unlink(l->env_path);
        free(l->env_path);
    }
    stop_services(l);
    server_free(l->server);
    store_close(l->store);
    (void)pthread_cond_destroy(&l->poked);
    (void)pthread_mutex_destroy(&l->lock);
    free_options(&l->o);
    free(l);
}
