/* The outbox and the keys in the state table: many replicas, none of which has a disk. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/json.h"
#include "fault_proxy.h"
#include "ops/outbox.h"
#include "ops/state_keys.h"
#include "ops_cloud.h"
#include "src/ops/state_item.h"

static struct ops_cloud c;

static void setup(void)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){.state = true});
}

static void teardown(void)
{
    ops_cloud_stop(&c);
}

TestSuite(state_table, .init = setup, .fini = teardown, .timeout = 240);

static int waiting(void)
{
    struct outbox_item *items = NULL;
    struct err e = {0};
    size_t n = 0;

    cr_assert_eq(outbox_read(c.ops, &items, &n, &e), E_OK, "%s", e.msg);
    free(items);
    return (int)n;
}

static int records(void)
{
    struct ddb_page p;

    cr_assert_eq(ddb_scan(c.ops->aws, &(struct ddb_read){.table = c.ops->table}, &p, NULL), E_OK);
    int n = p.count;
    ddb_page_clear(&p);
    return n;
}

static void expect_one_job(const char *job_id, const char *when)
{
    ops_cloud_wait_batch(&c, job_id, BATCH_SUCCEEDED);
    cr_expect_eq(ops_cloud_batch_jobs(&c, job_id), 1, "%s: one Batch job", when);
}

Test(state_table, a_deploy_leaves_a_record_a_job_and_nothing_on_the_disk)
{
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};
    struct stat st;

    ops_cloud_request(&r, "Shared");
    cr_assert_eq(ops_deploy_now(c.ops, &r, &out, &e), E_OK, "%s", e.msg);
    cr_expect_neq(out.event_id[0], '\0');
    cr_expect_eq(waiting(), 0);
    cr_expect_eq(records(), 1);
    expect_one_job(out.job_id, "sent");
    cr_expect_neq(stat(c.ops->state_dir, &st), 0, "%s is not made", c.ops->state_dir);
    deploy_request_clear(&r);
}

/* ---- killed under way ---- */

static const char *die_at;

static void die(const char *step)
{
    if (strcmp(step, die_at) == 0) {
        _exit(42);
    }
}

static const struct kill_case {
    const char *step;
    bool stands; /* the transaction was done */
    bool gone;   /* the item, too, is gone */
} kills[] = {
    {"kept",         false, false},
    {"record",       false, false},
    {"recorded",     true,  false},
    {"send",         true,  false},
    {"sending",      true,  false},
    {"sent",         true,  false},
    {"acknowledged", true,  false},
    {"dropped",      true,  true },
};

ParameterizedTestParameters(state_table, killed_at_a_step_another_finishes)
{
    static size_t index[sizeof kills / sizeof *kills];

    for (size_t i = 0; i < sizeof kills / sizeof *kills; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof kills / sizeof *kills);
}

ParameterizedTest(size_t *i, state_table, killed_at_a_step_another_finishes)
{
    const struct kill_case *k = &kills[*i];
    struct deploy_request r;
    struct err e = {0};
    int status = 0;
    int resumed = 0;
    int left = 0;

    ops_cloud_request(&r, "Killed");
    (void)snprintf(r.job_id, sizeof r.job_id, "job_%d_killed", (int)getpid());
    pid_t pid = fork();
    if (pid == 0) {
        struct ops *o = ops_cloud_again(&c);
        die_at = k->step;
        o->fault = die;
        (void)!ops_deploy_now(o, &r, NULL, NULL);
        _exit(1);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 42, "died at %s", k->step);
    cr_assert_eq(waiting(), k->stands && !k->gone, "%s", k->step);
    cr_assert_eq(records(), k->stands, "%s: record and item are there, or neither", k->step);
    if (k->stands && !k->gone) {
        cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s", e.msg);
        cr_assert_eq(left, 1, "%s: its lease has not run out", k->step);
        if (strcmp(k->step, "sent") == 0 || strcmp(k->step, "acknowledged") == 0) {
            /* the clock goes ahead of the cloud's delivery, which has no time to start the job */
            ops_cloud_wait_batch(&c, r.job_id, BATCH_SUCCEEDED);
        }
        c.ahead_ms = 400000;
        cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s", e.msg);
        cr_assert_eq(left, 0, "%s", k->step);
        cr_assert_eq(resumed, 1, "%s", k->step);
    }
    cr_assert_eq(waiting(), 0, "%s", k->step);
    if (k->stands) {
        expect_one_job(r.job_id, k->step);
    }
    deploy_request_clear(&r);
}

Test(state_table, an_event_that_may_have_arrived_is_not_sent_again_before_it_had_time)
{
    const struct fault_step lost[] = {
        {"PutEvents", FAULT_LOST_REPLY, FAULT_FOR_EVER, NULL}
    };
    struct fault_proxy *p = fault_proxy_start_script(cloud_port(c.local), lost, 1);
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};
    char url[64];
    int resumed = 0;
    int left = 0;

    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d", fault_proxy_port(p));
    struct ops *o = ops_cloud_at(&c, url);
    ops_cloud_request(&r, "Lost");
    cr_assert_neq(ops_deploy_now(o, &r, &out, &e), E_OK);
    cr_expect(out.kept && out.recorded, "%s", e.msg);
    cr_expect_eq(waiting(), 1);
    expect_one_job(out.job_id, "the bus has it");
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s", e.msg);
    cr_expect_eq(resumed, 1, "Batch has its job");
    cr_expect_eq(waiting(), 0);
    ops_free(o);
    fault_proxy_stop(p);
    deploy_request_clear(&r);
}

/* ---- the transaction's reply is lost ---- */

static const enum fault refusals[] = {FAULT_THROTTLED, FAULT_PROVISIONED, FAULT_EXPIRED,
                                      FAULT_DENIED,    FAULT_INVALID,     FAULT_SIGNATURE,
                                      FAULT_REDIRECT,  FAULT_FOREIGN};
enum { REFUSALS = sizeof refusals / sizeof *refusals };

static enum err_code deploy_through(const struct fault_step *steps, size_t len,
                                    struct deploy_result *out, struct err *e)
{
    struct fault_proxy *p = fault_proxy_start_script(cloud_port(c.local), steps, len);
    struct deploy_request r;
    char url[64];

    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d", fault_proxy_port(p));
    struct ops *o = ops_cloud_at(&c, url);
    *out = (struct deploy_result){.recorded = false};
    *e = (struct err){0};
    ops_cloud_request(&r, "Perhaps");
    enum err_code rc = ops_deploy_now(o, &r, out, e);
    deploy_request_clear(&r);
    ops_free(o);
    fault_proxy_stop(p);
    return rc;
}

Test(state_table, a_transaction_whose_reply_was_lost_goes_on)
{
    for (int i = 0; i < REFUSALS; i++) {
        const struct fault_step steps[] = {
            {"TransactWriteItems", FAULT_LOST_REPLY, 0,              NULL},
            {"TransactWriteItems", refusals[i],      FAULT_FOR_EVER, NULL}
        };
        struct deploy_result out;
        struct err e;
        char when[40];
        (void)snprintf(when, sizeof when, "refusal %d", i);
        cr_expect_eq(deploy_through(steps, 2, &out, &e), E_OK, "%s: %s", when, e.msg);
        cr_expect(out.recorded && !out.kept && !out.unknown, "%s", when);
        cr_expect_eq(waiting(), 0, "%s", when);
        expect_one_job(out.job_id, when);
    }
}

Test(state_table, a_transaction_that_nobody_took_is_made_impossible_before_it_is_denied)
{
    static const struct fault_step steps[] = {
        {"TransactWriteItems", FAULT_CUT_BEFORE, FAULT_FOR_EVER, NULL}
    };
    struct deploy_result out;
    struct err e;
    cJSON *item = NULL;

    cr_expect_neq(deploy_through(steps, 1, &out, &e), E_OK);
    cr_expect(!out.recorded && !out.kept && !out.unknown, "%s", e.msg);
    cr_expect(!e.maybe_done);
    cr_expect_not_null(strstr(e.msg, "nothing was recorded or sent"), "%s", e.msg);
    cr_expect_eq(records(), 0);
    cr_expect_eq(waiting(), 0, "what keeps a late transaction away does not count");
    /* the same transaction, come late */
    struct deploy_request r;
    ops_cloud_request(&r, "Late");
    (void)snprintf(r.job_id, sizeof r.job_id, "%s", out.job_id);
    cr_expect_neq(ops_deploy_now(c.ops, &r, &out, &e), E_OK);
    cr_expect_eq(ddb_get_item(c.ops->aws, c.ops->table, "jobId", r.job_id, true, &item, NULL),
                 E_OK);
    cr_expect_null(item);
    cr_expect_eq(waiting(), 0);
    deploy_request_clear(&r);
}

Test(state_table, a_transaction_of_which_nobody_can_be_asked_is_said_to_be_unknown)
{
    static const struct fault_step steps[] = {
        {"TransactWriteItems", FAULT_LOST_REPLY, 0,              NULL},
        {"DynamoDB_",          FAULT_DENIED,     FAULT_FOR_EVER, NULL}
    };
    struct deploy_result out;
    struct err e;
    int resumed = 0;
    int left = 0;

    cr_expect_neq(deploy_through(steps, 2, &out, &e), E_OK);
    cr_expect(out.unknown && !out.kept && !out.recorded, "%s", e.msg);
    cr_expect_eq(waiting(), 1, "it was taken");
    c.ahead_ms = 400000;
    cr_expect_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s", e.msg);
    cr_expect(resumed == 1 && left == 0);
    expect_one_job(out.job_id, "another replica went on");
}

/* ---- leases ---- */

/* A deploy whose event certainly was not sent. */
static void keep_one(struct deploy_result *out)
{
    static const struct fault_step steps[] = {
        {"PutEvents", FAULT_THROTTLED, FAULT_FOR_EVER, NULL}
    };
    struct err e;

    cr_assert_neq(deploy_through(steps, 1, out, &e), E_OK);
    cr_assert(out->kept, "%s", e.msg);
    c.ahead_ms += 10;
}

Test(state_table, an_item_belongs_to_one_until_its_lease_runs_out)
{
    struct deploy_result out;
    struct outbox_entry x;
    struct outbox_entry y;
    struct err e = {0};
    int resumed = 0;
    int left = 0;

    keep_one(&out);
    cr_assert_eq(outbox_open(c.ops, out.job_id, &x, &e), E_OK, "%s", e.msg);
    cr_expect_eq(x.stage, OUTBOX_KEPT);
    cr_expect_str_eq(x.request.database_url.value, "postgresql://u:geheim@db.example/f");
    cr_expect_eq(outbox_open(c.ops, out.job_id, &y, &e), E_CONFLICT);
    cr_expect_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s", e.msg);
    cr_expect(resumed == 0 && left == 1);
    c.ahead_ms += 400000;
    cr_assert_eq(outbox_open(c.ops, out.job_id, &y, &e), E_OK, "%s", e.msg);
    /* who lost it gets no further */
    cr_expect_eq(outbox_mark_sent(&x, 1, &e), E_CONFLICT);
    outbox_done(&x);
    cr_expect_eq(waiting(), 1, "it is not the loser's to remove");
    cr_expect_eq(outbox_mark_sent(&y, clock_wall_ms(&c.clock), &e), E_OK, "%s", e.msg);
    outbox_done(&y);
    cr_expect_eq(waiting(), 0);
}

/* Writes the lease of the kept job anew; NULL removes it. */
static void set_lease(const char *job_id, const char *until)
{
    char *pk = NULL;
    cJSON *values = NULL;
    struct outbox_entry x;
    struct err e = {0};

    cr_assert_eq(outbox_open(c.ops, job_id, &x, &e), E_OK, "%s", e.msg);
    pk = xstrdup(x.path);
    outbox_leave(&x);
    if (until != NULL) {
        values = json_new_object();
        state_number(values, ":until", strtoll(until, NULL, 10));
    }
    cr_assert_eq(state_update(c.ops, pk, job_id,
                              until != NULL ? "SET leaseUntil = :until" : "REMOVE leaseUntil",
                              "attribute_exists(pk)", values, NULL, &e),
                 E_OK, "%s", e.msg);
    free(pk);
}

Test(state_table, a_lease_without_end_or_of_a_wrong_clock_holds_nothing_up)
{
    static const char *const leases[] = {NULL, "99999999999999", "0", "-5"};
    struct outbox_entry x;
    struct deploy_result out;
    struct err e = {0};

    for (size_t i = 0; i < sizeof leases / sizeof *leases; i++) {
        keep_one(&out);
        c.ahead_ms += 400000;
        set_lease(out.job_id, leases[i]);
        cr_expect_eq(outbox_open(c.ops, out.job_id, &x, &e), E_OK, "%s: %s",
                     leases[i] != NULL ? leases[i] : "none", e.msg);
        cr_expect_eq(outbox_mark_sent(&x, clock_wall_ms(&c.clock), &e), E_OK, "%s", e.msg);
        outbox_done(&x);
        cr_expect_eq(waiting(), 0);
    }
}

Test(state_table, a_cancelled_job_is_never_sent)
{
    struct deploy_result out;
    struct cancel_result cancelled;
    struct err e = {0};
    int left = 0;

    keep_one(&out);
    cr_assert_eq(ops_cancel(c.ops, out.job_id, "no", &cancelled, &e), E_OK, "%s", e.msg);
    cr_expect_eq(ops_outbox_resume(c.ops, NULL, &left, &e), E_OK, "%s", e.msg);
    cr_expect_eq(left, 0);
    cr_expect_eq(waiting(), 0);
    cr_expect_eq(ops_cloud_batch_jobs(&c, out.job_id), 0);
}

Test(state_table, what_waits_is_not_known_when_the_table_cannot_be_read)
{
    static const struct fault_step steps[] = {
        {"Query", FAULT_DENIED, FAULT_FOR_EVER, NULL}
    };
    struct fault_proxy *p = fault_proxy_start_script(cloud_port(c.local), steps, 1);
    struct outbox_item *items = NULL;
    struct err e = {0};
    size_t n = 0;
    char url[64];

    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d", fault_proxy_port(p));
    struct ops *o = ops_cloud_at(&c, url);
    cr_expect_eq(outbox_read(o, &items, &n, &e), E_DENIED, "%s", e.msg);
    cr_expect_eq(ops_outbox_resume(o, NULL, NULL, &e), E_DENIED, "unknown is never none");
    ops_free(o);
    fault_proxy_stop(p);
}

/* What somebody else wrote into the table stops nobody, and is not lost from sight. */
Test(state_table, an_item_that_nobody_can_read_is_told_and_can_be_dropped)
{
    static const char *const bad[] = {
        "{}",
        "{\"stage\":{\"S\":\"sent\"}}",
        "{\"stage\":{\"S\":\"sent\"},\"entry\":{\"S\":\"{\"}}",
        "{\"stage\":{\"S\":\"sent\"},\"entry\":{\"S\":\"[]\"},\"sentAt\":{\"N\":\"1e40\"}}",
        "{\"stage\":{\"S\":\"sent\"},\"entry\":{\"S\":\"{\\\"v\\\":2,\\\"requestId\\\":\\\"r\\\","
        "\\\"detail\\\":{\\\"jobId\\\":\\\"other\\\"}}\"},\"leaseUntil\":{\"S\":\"x\"}}",
        "{\"stage\":{\"N\":\"1\"},\"entry\":{\"BOOL\":true}}",
    };
    struct deploy_result out;
    struct outbox_item *items = NULL;
    struct outbox_entry x;
    struct ddb_page page;
    struct err e = {0};
    size_t n = 0;

    keep_one(&out);
    cr_assert_eq(ddb_scan(c.ops->aws, &(struct ddb_read){.table = c.ops->state}, &page, &e), E_OK);
    const char *pk = attr_str(cJSON_GetArrayItem(page.items, 0), "pk");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cJSON *item = json_parse(bad[i], strlen(bad[i]), "bad", &e);
        cr_assert_not_null(item, "%zu: %s", i, e.msg);
        json_set(item, "pk", attr_new_str(pk));
        json_set(item, "sk", attr_new_str(out.job_id));
        cr_assert_eq(ddb_put_item(c.ops->aws, c.ops->state, item, NULL, &e), E_OK, "%zu: %s", i,
                     e.msg);
        cJSON_Delete(item);
        cr_expect_eq(outbox_read(c.ops, &items, &n, &e), E_OK, "%zu", i);
        cr_expect_eq(n, 1, "%zu: it is told", i);
        free(items);
        cr_expect_neq(outbox_open(c.ops, out.job_id, &x, &e), E_OK, "%zu", i);
    }
    c.ahead_ms += 400000;
    cr_expect_eq(outbox_drop(c.ops, out.job_id, &e), E_OK, "%s", e.msg);
    cr_expect_eq(waiting(), 0);
    ddb_page_clear(&page);
}

/* ---- keys ---- */

static void key_of(const char *digest, struct state_key *k)
{
    struct err e = {0};

    state_key_init(c.ops, "client", "key", digest, k);
    cr_assert_eq(state_key_look(k, &e), E_OK, "%s", e.msg);
}

Test(state_table, a_key_says_how_far_its_request_came)
{
    struct deploy_request r;
    struct deploy_result out;
    struct state_key k;
    struct state_key other;
    struct err e = {0};

    key_of("d", &k);
    cr_expect_eq(k.is, STATE_KEY_NONE);
    ops_cloud_request(&r, "Keyed");
    cr_assert_eq(ops_deploy_keyed(c.ops, &r, &k, &out, &e), E_OK, "%s", e.msg);
    key_of("d", &other);
    cr_expect_eq(other.is, STATE_KEY_BUSY);
    cr_expect_str_eq(other.job_id, out.job_id);
    state_key_clear(&other);
    key_of("other", &other);
    cr_expect_eq(other.is, STATE_KEY_OTHER);
    c.ahead_ms = 400000;
    key_of("d", &other);
    cr_expect_eq(other.is, STATE_KEY_LEFT);
    struct state_key late = other;
    cr_expect_eq(state_key_take(&other, &e), E_OK, "%s", e.msg);
    cr_expect_eq(state_key_take(&late, &e), E_CONFLICT, "one takes it over");
    cr_expect_eq(state_key_answer(&other, 202, "{\"a\":1}", &e), E_OK, "%s", e.msg);
    cr_expect_eq(state_key_answer(&k, 202, "{\"b\":2}", &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(k.body, "{\"a\":1}", "the first answer is the answer");
    state_key_clear(&k);
    state_key_clear(&other);
    /* the same key again: the second request is not taken in */
    state_key_init(c.ops, "client", "key", "d", &k);
    r.job_id[0] = '\0';
    r.request_id[0] = '\0';
    cr_expect_eq(ops_deploy_keyed(c.ops, &r, &k, &out, &e), E_CONFLICT);
    cr_expect(out.key_known);
    cr_expect_eq(k.is, STATE_KEY_ANSWERED);
    cr_expect_eq(k.status, 202);
    cr_expect_eq(records(), 1);
    state_key_clear(&k);
    /* a day later the item counts as absent, whether it was removed or not */
    c.ahead_ms += (int64_t)(STATE_KEY_KEPT_S + 5) * 1000;
    key_of("d", &k);
    cr_expect_eq(k.is, STATE_KEY_NONE);
    r.job_id[0] = '\0';
    r.request_id[0] = '\0';
    cr_expect_eq(ops_deploy_keyed(c.ops, &r, &k, &out, &e), E_OK, "%s", e.msg);
    cr_expect_eq(records(), 2);
    state_key_clear(&k);
    deploy_request_clear(&r);
}
