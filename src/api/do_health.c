/* do_health.c - POST /test-connection, GET /healthz, GET /readyz. */
#include <stdlib.h>
#include <string.h>

#include "aws/events.h"
#include "core/alloc.h"
#include "core/json.h"
#include "handlers.h"
#include "impl.h"
#include "ops/doctor.h"
#include "ops/follow.h"

static void on_check(void *arg, const struct doctor_check *k, const struct finding *f)
{
    json_push(arg, doctor_check_json(k->id, k->title, f));
}

void do_test_connection(const struct call *c, struct reply *r)
{
    struct doctor_report report;
    struct err e = {0};

    if (pthread_mutex_trylock(&c->api->doctor) != 0) {
        reply_fail(r, 429, "busy", "another connection test is under way: try again");
        r->retry_after_s = 5;
        return;
    }
    cJSON *checks = json_new_array();
    enum err_code rc = ops_doctor(c->api->ops, NULL, on_check, checks, &report, &e);
    (void)pthread_mutex_unlock(&c->api->doctor);
    if (rc != E_OK) {
        cJSON_Delete(checks);
        reply_err(r, &e);
        return;
    }
    bool well = report.count[DOCTOR_FAIL] == 0 && report.count[DOCTOR_UNKNOWN] == 0;
    reply_json(r, well ? 200 : 503, doctor_report_json(&report, checks));
    doctor_report_clear(&report);
}

void do_healthz(const struct call *c, struct reply *r)
{
    cJSON *doc = json_new_object();

    (void)c;
    json_set_str(doc, "status", "ok");
    json_set_str(doc, "version", MVPDASH_VERSION);
    reply_json(r, 200, doc);
}

/* ---- readyz ---- */

/* Without a token it names no resource: only what was looked at and how it ended. */
static cJSON *look_json(const char *name, enum err_code rc)
{
    cJSON *doc = json_new_object();

    json_set_str(doc, "name", name);
    json_set_bool(doc, "ok", rc == E_OK);
    json_set_str(doc, "error", rc == E_OK ? NULL : err_name(rc));
    return doc;
}

static cJSON *look(const struct api *a, int *status)
{
    struct table_info table;
    cJSON *bus = NULL;
    struct err e = {0};
    cJSON *doc = json_new_object();
    cJSON *checks = json_new_array();

    enum err_code table_rc = ops_table_info(a->ops, &table, &e);
    if (table_rc == E_OK && strcmp(table.status, "ACTIVE") != 0 &&
        strcmp(table.status, "UPDATING") != 0) {
        table_rc = err_set(&e, E_SERVICE, "the table is %s", table.status);
    }
    if (table_rc != E_OK) {
        log_line(a->o.log, LOG_LVL_WARN, "not ready: %s", e.msg);
    }
    json_push(checks, look_json("table", table_rc));
    enum err_code bus_rc = events_describe_bus(a->ops->aws, a->ops->bus, &bus, &e);
    if (bus_rc != E_OK) {
        log_line(a->o.log, LOG_LVL_WARN, "not ready: %s", e.msg);
    }
    json_push(checks, look_json("bus", bus_rc));
    cJSON_Delete(bus);
    bool ready = table_rc == E_OK && bus_rc == E_OK && !atomic_load(&a->draining);
    json_set_str(doc, "status", ready ? "ready" : "not ready");
    json_set(doc, "checks", checks);
    *status = ready ? 200 : 503;
    return doc;
}

/* AWS is asked once in READY_KEPT_MS, however many ask: anybody may. Who asks while that goes on
 * gets the answer before it, for as long as that is young enough. */
void do_readyz(const struct call *c, struct reply *r)
{
    struct ready *k = &c->api->ready;
    int64_t now = clock_mono_ms(NULL);
    int status = 503;

    (void)pthread_mutex_lock(&k->lock);
    bool ask = k->asked_ms == TIME_NONE || now - k->asked_ms >= READY_KEPT_MS;
    bool young = k->at_ms != TIME_NONE && now - k->at_ms < READY_OLD_MS;
    if (ask) {
        k->asked_ms = now;
    } else if (young) {
        status = k->status;
    }
    char *kept = !ask && young ? xstrdup(k->body) : NULL;
    (void)pthread_mutex_unlock(&k->lock);
    if (kept != NULL) {
        r->status = status;
        r->body = kept;
        r->type = "application/json";
    } else if (ask) {
        cJSON *doc = look(c->api, &status);
        reply_json(r, status, doc);
        (void)pthread_mutex_lock(&k->lock);
        free(k->body);
        k->body = xstrdup(r->body);
        k->status = status;
        k->at_ms = clock_mono_ms(NULL);
        (void)pthread_mutex_unlock(&k->lock);
    } else {
        cJSON *doc = json_new_object();
        json_set_str(doc, "status", "not ready");
        json_set(doc, "checks", json_new_array());
        reply_json(r, 503, doc);
    }
    r->retry_after_s = r->status == 503 ? READY_KEPT_MS / 1000 : 0;
}
