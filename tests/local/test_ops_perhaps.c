/* Two-step faults: a write is taken, its reply lost, and then each way of being refused. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/batch.h"
#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/json.h"
#include "fault_proxy.h"
#include "ops/outbox.h"
#include "ops_cloud.h"

static struct ops_cloud c;

static void teardown(void)
{
    ops_cloud_stop(&c);
}

TestSuite(ops_perhaps, .fini = teardown, .timeout = 240);

/* How a second attempt is refused; it surely is not taken. */
static const enum fault refusals[] = {FAULT_THROTTLED, FAULT_PROVISIONED, FAULT_EXPIRED,
                                      FAULT_DENIED,    FAULT_INVALID,     FAULT_SIGNATURE,
                                      FAULT_REDIRECT,  FAULT_FOREIGN};
enum { REFUSALS = sizeof refusals / sizeof *refusals };

static struct ops *through(struct fault_proxy *p)
{
    char url[64];

    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d", fault_proxy_port(p));
    return ops_cloud_at(&c, url);
}

static cJSON *record_of(const char *job_id)
{
    cJSON *item = NULL;
    struct err e = {0};

    cr_assert_eq(ddb_get_item(c.ops->aws, c.ops->table, "jobId", job_id, true, &item, &e), E_OK,
                 "%s", e.msg);
    return item;
}

static void expect_status(const char *job_id, const char *status, const char *when)
{
    cJSON *item = record_of(job_id);

    cr_expect_str_eq(item == NULL ? "no record" : attr_str(item, "status"), status, "%s", when);
    cJSON_Delete(item);
}

/* One deploy through `steps`. */
static enum err_code deploy_through(const struct fault_step *steps, size_t len, bool now,
                                    struct deploy_result *out, struct err *e)
{
    struct fault_proxy *p = fault_proxy_start_script(cloud_port(c.local), steps, len);
    struct ops *o = through(p);
    struct deploy_request r;

    *out = (struct deploy_result){0};
    *e = (struct err){0};
    ops_cloud_request(&r, "Perhaps");
    enum err_code rc = now ? ops_deploy_now(o, &r, out, e) : ops_deploy(o, &r, out, e);
    deploy_request_clear(&r);
    ops_free(o);
    fault_proxy_stop(p);
    return rc;
}

static void resume_through(const struct fault_step *steps, size_t len, int resumed_want,
                           int left_want, const char *when)
{
    struct fault_proxy *p = fault_proxy_start_script(cloud_port(c.local), steps, len);
    struct ops *o = through(p);
    struct err e = {0};
    int resumed = 0;
    int left = 0;

    (void)!ops_outbox_resume(o, &resumed, &left, &e);
    cr_expect_eq(resumed, resumed_want, "%s: %d resumed: %s", when, resumed, e.msg);
    cr_expect_eq(left, left_want, "%s: %d left: %s", when, left, e.msg);
    ops_free(o);
    fault_proxy_stop(p);
}

static void expect_one_job(const char *job_id, const char *when)
{
    ops_cloud_wait_batch(&c, job_id, BATCH_SUCCEEDED);
    cr_expect_eq(ops_cloud_batch_jobs(&c, job_id), 1, "%s: one Batch job", when);
}

Test(ops_perhaps, a_record_whose_put_was_perhaps_done_is_found_by_looking_and_the_deploy_goes_on)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    for (int i = 0; i < REFUSALS; i++) {
        const struct fault_step steps[] = {
            {"PutItem", FAULT_LOST_REPLY, 0,              NULL},
            {"PutItem", refusals[i],      FAULT_FOR_EVER, NULL}
        };
        struct deploy_result out;
        struct err e;
        char when[40];
        (void)snprintf(when, sizeof when, "refusal %d", i);
        cr_expect_eq(deploy_through(steps, 2, i % 2 == 1, &out, &e), E_OK, "%s: %s", when, e.msg);
        cr_expect(out.recorded && !out.kept, "%s", when);
        cr_expect_eq(ops_outbox_len(c.ops), 0, "%s", when);
        expect_one_job(out.job_id, when);
    }
}

Test(ops_perhaps, a_put_that_was_perhaps_done_and_cannot_be_looked_at_keeps_the_request)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    for (int i = 0; i < REFUSALS; i++) {
        /* The table takes it, and from then on nobody may use the table. */
        const struct fault_step steps[] = {
            {"PutItem",   FAULT_LOST_REPLY, 0,              NULL},
            {"DynamoDB_", refusals[i],      FAULT_FOR_EVER, NULL}
        };
        for (int now = 0; now < 2; now++) {
            struct deploy_result out;
            struct err e;
            int resumed = 0;
            int left = 0;
            char when[40];
            (void)snprintf(when, sizeof when, "refusal %d, now %d", i, now);
            cr_expect_neq(deploy_through(steps, 2, now == 1, &out, &e), E_OK, "%s", when);
            cr_expect(out.kept, "%s: %s", when, e.msg);
            cr_expect_not_null(strstr(e.msg, "perhaps recorded"), "%s: %s", when, e.msg);
            cr_assert_eq(ops_outbox_len(c.ops), 1, "%s", when);
            cr_expect_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s", e.msg);
            cr_expect(resumed == 1 && left == 0, "%s: %d resumed, %d left", when, resumed, left);
            expect_one_job(out.job_id, when);
        }
    }
}

Test(ops_perhaps, a_put_that_was_taken_before_the_link_went_down_keeps_the_request)
{
    static const struct fault_step steps[] = {
        {"PutItem", FAULT_LINK_DOWN, 0, NULL}
    };
    struct deploy_result out;
    struct err e;
    int resumed = 0;
    int left = 0;

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    cr_expect_neq(deploy_through(steps, 1, true, &out, &e), E_OK);
    cr_expect(out.kept, "%s", e.msg);
    cr_expect_not_null(strstr(e.msg, "perhaps recorded"), "%s", e.msg);
    expect_status(out.job_id, "PENDING", "the record is there");
    cr_expect_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s", e.msg);
    cr_expect_eq(resumed, 1);
    expect_one_job(out.job_id, "after the link is back");
}

Test(ops_perhaps, a_put_that_nobody_took_and_that_is_refused_is_not_kept)
{
    static const struct fault_step steps[] = {
        {"PutItem", FAULT_DENIED, FAULT_FOR_EVER, NULL}
    };
    struct deploy_result out;
    struct err e;

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    cr_expect_eq(deploy_through(steps, 1, false, &out, &e), E_DENIED, "%s", e.msg);
    cr_expect(!out.kept && !out.recorded);
    cr_expect_not_null(strstr(e.msg, "nothing was recorded or sent"), "%s", e.msg);
    cr_expect_eq(ops_outbox_len(c.ops), 0);
}

Test(ops_perhaps, throttled_puts_keep_the_request)
{
    static const enum fault throttles[] = {FAULT_THROTTLED, FAULT_PROVISIONED, FAULT_503,
                                           FAULT_REDIRECT, FAULT_FOREIGN};

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    for (size_t i = 0; i < sizeof throttles / sizeof *throttles; i++) {
        const struct fault_step steps[] = {
            {"PutItem", throttles[i], FAULT_FOR_EVER, NULL}
        };
        struct deploy_result out;
        struct err e;
        int resumed = 0;
        cr_expect_neq(deploy_through(steps, 1, false, &out, &e), E_OK);
        cr_expect(out.kept, "%zu: %s", i, e.msg);
        cr_expect_eq(ops_outbox_resume(c.ops, &resumed, NULL, &e), E_OK, "%s", e.msg);
        cr_expect_eq(resumed, 1, "%zu", i);
        expect_one_job(out.job_id, "resumed");
    }
}

/* ---- the event ---- */

Test(ops_perhaps, an_event_whose_reply_says_nothing_makes_one_job)
{
    static const char *const bodies[] = {
        "{\"FailedEntryCount\":0,\"Entries\":[{}]}",
        "{\"FailedEntryCount\":0,\"Entries\":[{\"EventId\":null}]}",
        "{\"FailedEntryCount\":0,\"Entries\":[{\"EventId\":12}]}",
        "{\"FailedEntryCount\":0,\"Entries\":[null]}",
        "{\"FailedEntryCount\":0,\"Entries\":[\"taken\"]}",
        "{\"FailedEntryCount\":0,\"Entries\":[]}",
        "{\"FailedEntryCount\":0,\"Entries\":[{\"EventId\":\"a\"},{\"EventId\":\"b\"}]}",
        "{\"__type\":\"InternalFailure\"}",
        "<html>welcome</html>",
        "",
    };

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const struct fault_step steps[] = {
            {"PutEvents", FAULT_ANSWER, FAULT_FOR_EVER, bodies[i]}
        };
        struct deploy_result out;
        struct err e;
        enum err_code rc = deploy_through(steps, 1, false, &out, &e);
        ops_cloud_wait_batch(&c, out.job_id, BATCH_SUCCEEDED);
        if (rc != E_OK) { /* too slow a cloud: it is settled later */
            cr_expect(out.kept, "%s: %s", bodies[i], e.msg);
            resume_through(steps, 1, 1, 0, bodies[i]);
        }
        cr_expect_eq(ops_outbox_len(c.ops), 0, "%s", bodies[i]);
        cr_expect_eq(ops_cloud_batch_jobs(&c, out.job_id), 1, "%s: one Batch job", bodies[i]);
    }
}

Test(ops_perhaps, an_event_that_was_refused_by_somebody_on_the_way_fails_no_record)
{
    static const enum fault on_the_way[] = {FAULT_REDIRECT,    FAULT_FOREIGN, FAULT_THROTTLED,
                                            FAULT_PROVISIONED, FAULT_EXPIRED, FAULT_SIGNATURE};

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    for (size_t i = 0; i < sizeof on_the_way / sizeof *on_the_way; i++) {
        const struct fault_step steps[] = {
            {"PutEvents", on_the_way[i], FAULT_FOR_EVER, NULL}
        };
        struct deploy_result out;
        struct err e;
        int resumed = 0;
        cr_expect_neq(deploy_through(steps, 1, false, &out, &e), E_OK);
        cr_expect(out.kept && out.recorded, "%zu: %s", i, e.msg);
        expect_status(out.job_id, "PENDING", "not failed");
        cr_expect_eq(ops_outbox_resume(c.ops, &resumed, NULL, &e), E_OK, "%s", e.msg);
        cr_expect_eq(resumed, 1);
        expect_one_job(out.job_id, "resumed");
    }
}

/* The bus refused the event for good, and the record cannot be told: the deploy does not wait. */
Test(ops_perhaps, a_refused_event_whose_record_cannot_be_marked_is_not_taken_in)
{
    const struct fault_step steps[] = {
        {"PutEvents",  FAULT_DENIED,     FAULT_FOR_EVER, NULL},
        {"UpdateItem", FAULT_CUT_BEFORE, FAULT_FOR_EVER, NULL}
    };
    struct deploy_result out;
    struct err e;

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    for (int now = 0; now < 2; now++) {
        cr_expect_neq(deploy_through(steps, 2, now != 0, &out, &e), E_OK);
        cr_expect(out.recorded && !out.kept, "%d: %s", now, e.msg);
        expect_status(out.job_id, "PENDING", "not marked yet");
        (void)!ops_outbox_resume(c.ops, NULL, NULL, &e);
        expect_status(out.job_id, "FAILED", "marked by the next run");
        cr_expect_eq(ops_cloud_batch_jobs(&c, out.job_id), 0);
    }
}

/* A deploy whose event is lost in fact (no rule matches), while nobody knows. */
static void doubtful(struct deploy_result *out)
{
    static const struct fault_step steps[] = {
        {"PutEvents", FAULT_LOST_REPLY, 0, NULL}
    };
    struct err e;

    cr_assert_neq(deploy_through(steps, 1, false, out, &e), E_OK);
    cr_assert(out->kept, "%s", e.msg);
    cr_assert_not_null(strstr(e.msg, "not known"), "%s", e.msg);
}

static enum outbox_stage stage_of(const char *job_id)
{
    struct outbox_entry x;
    struct err e = {0};

    cr_assert_eq(outbox_open(c.ops, job_id, &x, &e), E_OK, "%s", e.msg);
    enum outbox_stage s = x.stage;
    outbox_leave(&x);
    return s;
}

Test(ops_perhaps, a_doubt_is_not_taken_back_by_a_later_send_that_is_refused)
{
    struct deploy_result out;
    static const enum fault all[] = {FAULT_THROTTLED, FAULT_PROVISIONED, FAULT_EXPIRED,
                                     FAULT_DENIED,    FAULT_INVALID,     FAULT_SIGNATURE,
                                     FAULT_REDIRECT,  FAULT_FOREIGN};

    ops_cloud_start(&c, &(struct ops_cloud_options){.no_rule = true});
    doubtful(&out);
    c.ahead_ms = 61000;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct fault_step steps[] = {
            {"PutEvents", all[i], FAULT_FOR_EVER, NULL}
        };
        char when[40];
        (void)snprintf(when, sizeof when, "refusal %zu", i);
        resume_through(steps, 1, 0, 1, when);
        cr_expect_eq(stage_of(out.job_id), OUTBOX_SENT, "%s", when);
        expect_status(out.job_id, "PENDING", when);
    }
    const struct fault_step refused[] = {
        {"PutEvents", FAULT_ANSWER, 0,
         "{\"FailedEntryCount\":1,\"Entries\":[{\"ErrorCode\":\"MalformedDetail\"}]}"}
    };
    resume_through(refused, 1, 0, 1, "the entry is refused");
    cr_expect_eq(stage_of(out.job_id), OUTBOX_SENT);
    expect_status(out.job_id, "PENDING", "the entry is refused");
    resume_through(NULL, 0, 1, 0, "at last");
    cr_expect_eq(ops_outbox_len(c.ops), 0);
}

/* ---- resume believes only what it reads ---- */

Test(ops_perhaps, an_entry_in_doubt_stays_whatever_else_the_table_answers)
{
    struct deploy_result out;
    char other[400];

    ops_cloud_start(&c, &(struct ops_cloud_options){.no_rule = true});
    doubtful(&out);
    (void)snprintf(other, sizeof other,
                   "{\"Item\":{\"jobId\":{\"S\":\"%s\"},\"status\":{\"S\":\"COMPLETED\"},"
                   "\"batchJobId\":{\"S\":\"b\"},\"requestId\":{\"S\":\"another\"}}}",
                   out.job_id);
    const char *const bodies[] = {
        "{}",
        "{\"Item\":null}",
        "{\"Item\":true}",
        "{\"Item\":{}}",
        "{\"Item\":{\"jobId\":{\"S\":\"someone-elses\"},\"status\":{\"S\":\"COMPLETED\"}}}",
        "{\"__type\":\"InternalServerError\",\"message\":\"oops\"}",
        "{\"error\":\"sign in first\"}",
        "[]",
        "",
        "<html>sign in first</html>",
        other,
    };
    for (int early = 1; early >= 0; early--) {
        c.ahead_ms = early ? 0 : 61000;
        for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
            const struct fault_step steps[] = {
                {"GetItem", FAULT_ANSWER, FAULT_FOR_EVER, bodies[i]}
            };
            resume_through(steps, 1, 0, 1, bodies[i]);
            cr_expect_eq(ops_outbox_len(c.ops), 1, "%s", bodies[i]);
            cr_assert_eq(stage_of(out.job_id), OUTBOX_SENT, "%s", bodies[i]);
        }
    }
    resume_through(NULL, 0, 1, 0, "the table answers again");
}

Test(ops_perhaps, batch_unknown_is_not_batch_without_the_job)
{
    static const enum fault kinds[] = {FAULT_DENIED, FAULT_THROTTLED, FAULT_503, FAULT_REDIRECT};
    struct deploy_result out;

    ops_cloud_start(&c, &(struct ops_cloud_options){.no_rule = true});
    doubtful(&out);
    c.ahead_ms = 24 * 3600 * 1000;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct fault_step steps[] = {
            {"listjobs", kinds[i], FAULT_FOR_EVER, NULL}
        };
        resume_through(steps, 1, 0, 1, "Batch cannot be asked");
        cr_expect_eq(stage_of(out.job_id), OUTBOX_SENT);
    }
}

Test(ops_perhaps, a_record_that_is_gone_is_settled_by_its_batch_job)
{
    static const struct fault_step no_reads[] = {
        {"PutEvents", FAULT_LOST_REPLY, 0,              NULL},
        {"GetItem",   FAULT_DENIED,     FAULT_FOR_EVER, NULL}
    };
    static const struct fault_step gone[] = {
        {"GetItem", FAULT_ANSWER, FAULT_FOR_EVER, "{}"}
    };
    struct deploy_result out;
    struct err e;

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    cr_expect_neq(deploy_through(no_reads, 2, false, &out, &e), E_OK);
    cr_expect(out.kept, "%s", e.msg);
    ops_cloud_wait_batch(&c, out.job_id, BATCH_SUCCEEDED);
    resume_through(gone, 1, 1, 0, "Batch has its job");
    cr_expect_eq(ops_cloud_batch_jobs(&c, out.job_id), 1);
}

/* ---- reports and cancels ---- */

static int count_errors(const char *job_id, const char *message)
{
    cJSON *item = record_of(job_id);
    const cJSON *v;
    int n = 0;

    cJSON_ArrayForEach(v, attr_list(item, "errors"))
    {
        const char *have = attr_str(json_object(v, "M"), "message");
        n += have != NULL && strcmp(have, message) == 0;
    }
    cJSON_Delete(item);
    return n;
}

static enum err_code report_through(const struct fault_step *steps, size_t len, const char *job_id,
                                    const char *message, struct err *e)
{
    struct fault_proxy *p = fault_proxy_start_script(cloud_port(c.local), steps, len);
    struct ops *o = through(p);
    struct record_change u = RECORD_CHANGE_INIT;

    u.error = message;
    *e = (struct err){0};
    enum err_code rc = ops_change_record(o, job_id, &u, e);
    ops_free(o);
    fault_proxy_stop(p);
    return rc;
}

Test(ops_perhaps, an_error_is_listed_once_however_its_report_is_lost_and_refused)
{
    static const enum fault lost[] = {FAULT_LOST_REPLY, FAULT_TRUNCATED, FAULT_GARBAGE,
                                      FAULT_500_AFTER};
    struct err e;
    char message[40];

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    ops_cloud_put(&c, "{\"jobId\":{\"S\":\"j\"},\"status\":{\"S\":\"IN_PROGRESS\"}}");
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        const struct fault_step once[] = {
            {"UpdateItem", lost[i], 0, NULL}
        };
        (void)snprintf(message, sizeof message, "lost %zu", i);
        cr_expect_eq(report_through(once, 1, "j", message, &e), E_OK, "%s: %s", message, e.msg);
        cr_expect_eq(count_errors("j", message), 1, "%s", message);
    }
    for (int i = 0; i < REFUSALS; i++) {
        const struct fault_step then[] = {
            {"UpdateItem", FAULT_LOST_REPLY, 0,              NULL},
            {"UpdateItem", refusals[i],      FAULT_FOR_EVER, NULL}
        };
        (void)snprintf(message, sizeof message, "refused %d", i);
        cr_expect_eq(report_through(then, 2, "j", message, &e), E_OK, "%s: %s", message, e.msg);
        cr_expect_eq(count_errors("j", message), 1, "%s", message);
    }
    /* The same words twice are two errors. */
    cr_expect_eq(report_through(NULL, 0, "j", "lost 0", &e), E_OK, "%s", e.msg);
    cr_expect_eq(count_errors("j", "lost 0"), 2);
}

Test(ops_perhaps, a_report_that_cannot_be_looked_at_says_that_it_may_have_been_taken)
{
    static const struct fault_step steps[] = {
        {"UpdateItem", FAULT_LOST_REPLY, 0,              NULL},
        {"DynamoDB_",  FAULT_DENIED,     FAULT_FOR_EVER, NULL}
    };
    struct record_change u = RECORD_CHANGE_INIT;
    struct err e;

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    ops_cloud_put(&c, "{\"jobId\":{\"S\":\"j\"},\"status\":{\"S\":\"IN_PROGRESS\"}}");
    cr_expect_eq(report_through(steps, 2, "j", "once", &e), E_DENIED);
    cr_expect(e.maybe_done);
    cr_expect_not_null(strstr(e.msg, "not known"), "%s", e.msg);
    /* A person who tries again under the same token adds no entry. */
    u.error = "again";
    u.token = "t-1";
    cr_expect_eq(ops_change_record(c.ops, "j", &u, &e), E_OK, "%s", e.msg);
    cr_expect_eq(ops_change_record(c.ops, "j", &u, &e), E_OK, "%s", e.msg);
    cr_expect_eq(count_errors("j", "again"), 1);
}

static enum err_code cancel_through(const struct fault_step *steps, size_t len, const char *job_id,
                                    struct cancel_result *out, struct err *e)
{
    struct fault_proxy *p = fault_proxy_start_script(cloud_port(c.local), steps, len);
    struct ops *o = through(p);

    *e = (struct err){0};
    enum err_code rc = ops_cancel(o, job_id, "enough", out, e);
    ops_free(o);
    fault_proxy_stop(p);
    return rc;
}

Test(ops_perhaps, a_cancel_whose_writes_were_perhaps_done_is_settled_by_looking)
{
    static const char *const writes[] = {"UpdateItem", "terminatejob"};

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "exec sleep 60"});
    for (int i = 0; i < REFUSALS; i++) {
        for (int w = 0; w < 2; w++) {
            const struct fault_step steps[] = {
                {writes[w], FAULT_LOST_REPLY, 0,              NULL},
                {writes[w], refusals[i],      FAULT_FOR_EVER, NULL}
            };
            struct cancel_result cancelled = {0};
            struct deploy_result out;
            struct err e;
            char when[60];
            (void)snprintf(when, sizeof when, "%s, refusal %d", writes[w], i);
            cr_assert_eq(deploy_through(NULL, 0, false, &out, &e), E_OK, "%s", e.msg);
            ops_cloud_wait_batch(&c, out.job_id, BATCH_RUNNING);
            cr_expect_eq(cancel_through(steps, 2, out.job_id, &cancelled, &e), E_OK, "%s: %s", when,
                         e.msg);
            cr_expect_neq(cancelled.outcome, CANCEL_DONE, "%s", when);
            ops_cloud_wait_batch(&c, out.job_id, BATCH_FAILED);
            expect_status(out.job_id, "CANCELLED", when);
        }
    }
}

/* The record is gone (somebody removed it), and the job may run. */
Test(ops_perhaps, a_cancel_in_doubt_ends_the_job_that_the_event_made)
{
    static const struct fault_step lost[] = {
        {"PutEvents", FAULT_LOST_REPLY, 0,              NULL},
        {"GetItem",   FAULT_DENIED,     FAULT_FOR_EVER, NULL}
    };
    static const struct fault_step no_batch[] = {
        {"listjobs", FAULT_DENIED, FAULT_FOR_EVER, NULL}
    };
    struct cancel_result cancelled = {0};
    struct deploy_result out;
    struct err e;

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "exec sleep 60"});
    cr_assert_neq(deploy_through(lost, 2, false, &out, &e), E_OK);
    cr_assert(out.kept, "%s", e.msg);
    ops_cloud_wait_batch(&c, out.job_id, BATCH_RUNNING);
    cr_assert_eq(ddb_delete_item(c.ops->aws, c.ops->table, "jobId", out.job_id, &e), E_OK);
    cr_expect_eq(cancel_through(no_batch, 1, out.job_id, &cancelled, &e), E_DENIED, "%s", e.msg);
    cr_expect_eq(stage_of(out.job_id), OUTBOX_SENT, "it stays");
    cr_expect_eq(cancel_through(NULL, 0, out.job_id, &cancelled, &e), E_OK, "%s", e.msg);
    cr_expect_eq(cancelled.outcome, CANCEL_STOPPING);
    cr_expect_eq(ops_outbox_len(c.ops), 0);
    bool succeeded = true;
    cr_expect_eq(ops_cancel_wait(c.ops, cancelled.batch_job_id, 20000, &succeeded, &e), E_OK, "%s",
                 e.msg);
    cr_expect_not(succeeded);
}

Test(ops_perhaps, a_retry_that_closed_the_lost_job_and_went_no_further_says_so)
{
    static const struct fault_step steps[] = {
        {"PutItem", FAULT_DENIED, FAULT_FOR_EVER, NULL}
    };
    struct deploy_result out;
    struct err e;

    ops_cloud_start(&c, &(struct ops_cloud_options){.no_rule = true});
    cr_assert_eq(deploy_through(NULL, 0, false, &out, &e), E_OK, "%s", e.msg);
    char id[sizeof out.job_id];
    (void)snprintf(id, sizeof id, "%s", out.job_id);
    c.ahead_ms = 120 * 1000;
    struct fault_proxy *p = fault_proxy_start_script(cloud_port(c.local), steps, 1);
    struct ops *o = through(p);
    cr_expect_eq(ops_retry(o, id, NULL, &out, &e), E_DENIED, "%s", e.msg);
    cr_expect_not_null(strstr(e.msg, id), "%s", e.msg);
    cr_expect_not_null(strstr(e.msg, "was closed (CANCELLED)"), "%s", e.msg);
    ops_free(o);
    fault_proxy_stop(p);
    expect_status(id, "CANCELLED", "closed");
    cJSON *item = record_of(id);
    cr_expect_null(strstr(attr_str(item, "statusReason"), "sent again"), "nothing was: %s",
                   attr_str(item, "statusReason"));
    cJSON_Delete(item);
}

/* The entry belongs to another process: that is not "there is no such job". */
Test(ops_perhaps, a_cancel_of_what_another_is_sending_is_told_so)
{
    struct cancel_result cancelled = {0};
    struct deploy_request r;
    struct outbox_entry x;
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    ops_cloud_request(&r, "Held");
    deploy_request_seal(&r, clock_wall_ms(c.ops->clock));
    cr_assert_eq(outbox_add(c.ops, &r, &x, &e), E_OK, "%s", e.msg);
    cr_expect_eq(ops_cancel(c.ops, r.job_id, "enough", &cancelled, &e), E_CONFLICT, "%s", e.msg);
    cr_expect_not_null(strstr(e.msg, "another mvpdash"), "%s", e.msg);
    outbox_leave(&x);
    cr_expect_eq(ops_cancel(c.ops, r.job_id, "enough", &cancelled, &e), E_OK, "%s", e.msg);
    cr_expect_eq(ops_cancel(c.ops, r.job_id, "enough", &cancelled, &e), E_NOT_FOUND, "%s", e.msg);
    deploy_request_clear(&r);
}

Test(ops_perhaps, a_termination_that_nobody_took_is_not_said_to_be_done)
{
    static const struct fault_step steps[] = {
        {"terminatejob", FAULT_CUT_BEFORE, FAULT_FOR_EVER, NULL}
    };
    struct cancel_result cancelled;
    struct deploy_result out;
    struct err e;

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "exec sleep 60"});
    cr_assert_eq(deploy_through(NULL, 0, false, &out, &e), E_OK, "%s", e.msg);
    ops_cloud_wait_batch(&c, out.job_id, BATCH_RUNNING);
    cr_expect_neq(cancel_through(steps, 1, out.job_id, &cancelled, &e), E_OK);
    cr_expect_not_null(strstr(e.msg, "not known"), "%s", e.msg);
    cr_expect_eq(cancel_through(NULL, 0, out.job_id, &cancelled, &e), E_OK, "%s", e.msg);
    ops_cloud_wait_batch(&c, out.job_id, BATCH_FAILED);
}
