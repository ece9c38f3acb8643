/* do_health.c - POST /test-connection, GET /healthz, GET /readyz. */
#include "core/deadline.h"
#include "core/json.h"
#include "handlers.h"
#include "hide.h"
#include "impl.h"
#include "ops/doctor.h"

enum { READY_AGAIN_S = 5, DOCTOR_AGAIN_S = 30, DOCTOR_MS = 30000, TELL_MS = 500 };

static void on_check(void *arg, const struct doctor_check *k, const struct finding *f)
{
    json_push(arg, doctor_check_json(k->id, k->title, f));
}

void do_test_connection(const struct call *c, struct reply *r)
{
    struct doctor_report report;
    struct err e = {0};

    if (pthread_mutex_trylock(&c->api->doctor) != 0) {
        reply_fail(r, 429, "busy",
                   "another connection test is under way: repeat this one when it has ended");
        r->retry_after_s = 5;
        return;
    }
    cJSON *checks = json_new_array();
    /* a service that has not answered by then is named as one that does not answer */
    int left = deadline_left_ms(DOCTOR_MS);
    const struct doctor_options o = {.total_ms = left > 2 * TELL_MS ? left - TELL_MS : TELL_MS,
                                     .api = true};
    enum err_code rc = ops_doctor(c->api->ops, &o, on_check, checks, &report, &e);
    (void)pthread_mutex_unlock(&c->api->doctor);
    if (rc != E_OK) {
        cJSON_Delete(checks);
        reply_err(r, &e);
        return;
    }
    bool well = report.count[DOCTOR_FAIL] == 0 && report.count[DOCTOR_UNKNOWN] == 0;
    cJSON *doc = doctor_report_json(&report, checks);
    hide_paths_in(doc);
    reply_json(r, well ? 200 : 503, doc);
    r->retry_after_s = well ? 0 : DOCTOR_AGAIN_S;
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

void do_readyz(const struct call *c, struct reply *r)
{
    r->status = ready_ask(c->api->ready, c->here ? 0 : READY_WAIT_MS, &r->body);
    r->type = "application/json";
    r->retry_after_s = r->status == 503 ? READY_AGAIN_S : 0;
}
