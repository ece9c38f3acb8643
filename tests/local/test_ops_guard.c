/* Nothing is written to another account than the context names: each operation that writes, tried
 * with credentials of another one. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/dynamodb.h"
#include "aws/op.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "ops/bulk.h"
#include "ops/dlq.h"
#include "ops/guard.h"
#include "ops/job_ops.h"
#include "ops/outbox.h"
#include "ops/place.h"
#include "ops_cloud.h"

static struct ops_cloud c;

static void start(void)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){.script = NULL});
}

static void stop(void)
{
    ops_cloud_stop(&c);
}

TestSuite(guard, .init = start, .fini = stop, .timeout = 120);

/* Another process, in the context with these lines; `*s` is owned. */
static struct ops *in_context(const char *lines, struct settings **s)
{
    const struct setting_flag flag = {SET_CONTEXT, "here"};
    char *path = path_join(c.dir, "context.ini");
    char *text = xasprintf("[context here]\n%s", lines);
    struct err e = {0};

    cr_assert_eq(path_write_atomic(path, text, strlen(text), 0600, &e), E_OK, "%s", e.msg);
    *s = settings_load(
        &(struct settings_sources){.flags = &flag, .flags_len = 1, .config_ini = path}, &e);
    cr_assert_not_null(*s, "%s", e.msg);
    struct ops *o = ops_new(*s, &c.clock, NULL, &e);
    cr_assert_not_null(o, "%s", e.msg);
    free(text);
    free(path);
    return o;
}

static bool op_writes(enum aws_op_id op)
{
    return (aws_op_get(op)->flags & (AWS_OP_READ | AWS_OP_GIVES_BACK)) == 0;
}

static uint64_t calls(const struct ops *o, bool writes, enum err_code how)
{
    uint64_t n = 0;

    for (int op = 0; op < AWS_OP_COUNT; op++) {
        if (op_writes((enum aws_op_id)op) == writes) {
            n += aws_client_calls(o->aws, (enum aws_op_id)op, how);
        }
    }
    return n;
}

/* ---- each operation that writes ---- */

static enum err_code do_deploy(const struct ops *o, struct err *e)
{
    struct deploy_request r;
    struct deploy_result out;

    ops_cloud_request(&r, "Guarded");
    enum err_code rc = ops_deploy(o, &r, &out, e);
    cr_expect_not(out.kept);
    deploy_request_clear(&r);
    return rc;
}

static enum err_code do_deploy_now(const struct ops *o, struct err *e)
{
    struct deploy_request r;
    struct deploy_result out;

    ops_cloud_request(&r, "Guarded");
    enum err_code rc = ops_deploy_now(o, &r, &out, e);
    cr_expect_not(out.kept);
    deploy_request_clear(&r);
    return rc;
}

static enum err_code do_deploy_many(const struct ops *o, struct err *e)
{
    struct deploy_request r;
    struct deploy_many_result result;

    ops_cloud_request(&r, "Guarded");
    cr_expect_eq(ops_deploy_many(o, &r, 1, &result, NULL, NULL), 1);
    cr_expect_not(result.result.kept);
    *e = result.err;
    deploy_request_clear(&r);
    return result.code;
}

static void ignore_line(void *arg, size_t index, const struct bulk_line *line)
{
    (void)arg;
    (void)index;
    (void)line;
}

static enum err_code do_bulk(const struct ops *o, struct err *e)
{
    struct deploy_request r;
    struct bulk_totals totals;

    ops_cloud_request(&r, "Guarded");
    const struct bulk b = {.file = "a.jsonl", .requests = &r, .len = 1, .result = ignore_line};
    enum err_code rc = ops_bulk(o, &b, &totals, e);
    cr_expect_eq(totals.not_tried, 1);
    deploy_request_clear(&r);
    return rc;
}

static enum err_code do_cancel(const struct ops *o, struct err *e)
{
    return ops_cancel(o, "job_1755000000000_aaaaaaaaa", "why", NULL, e);
}

static enum err_code do_retry(const struct ops *o, struct err *e)
{
    return ops_retry(o, "job_1755000000000_bbbbbbbbb", NULL, NULL, e);
}

static enum err_code do_event(const struct ops *o, struct err *e)
{
    const struct custom_event ev = {.source = "a.b", .detail_type = "T", .detail = "{}"};
    char *id = NULL;
    enum err_code rc = ops_event(o, &ev, &id, e);

    free(id);
    return rc;
}

static enum err_code do_test(const struct ops *o, struct err *e)
{
    return ops_test(o, NULL, NULL, e);
}

static enum err_code do_change(const struct ops *o, struct err *e)
{
    struct record_change u = RECORD_CHANGE_INIT;

    u.status = "FAILED";

    return ops_change_record(o, "job_1755000000000_aaaaaaaaa", &u, e);
}

static enum err_code do_redrive(const struct ops *o, struct err *e)
{
    struct dlq_queue q = {.url = NULL, .name = "q"};
    struct dlq_list l = {.len = 0};
    struct dlq_message m = {.body = NULL};
    struct dlq_redriven out = {.sent = false};

    return ops_dlq_redrive(o, &q, &l, &m, false, &out, e);
}

static enum err_code do_delete(const struct ops *o, struct err *e)
{
    char url[200];
    char receipt[] = "r";
    struct dlq_message m = {.receipt = receipt};

    (void)snprintf(url, sizeof url, "%s/000000000000/q", aws_client_endpoint(o->aws, AWS_SQS));
    const struct dlq_queue q = {.url = url, .name = "q"};
    return ops_dlq_delete(o, &q, &m, e);
}

static enum err_code do_raw(const struct ops *o, struct err *e)
{
    static const char text[] = "{\"jobId\":{\"S\":\"raw\"}}";
    cJSON *item = json_parse(text, sizeof text - 1, "item", e);
    enum err_code rc = ddb_put_item(o->aws, o->table, item, NULL, e);

    cJSON_Delete(item);
    return rc;
}

static const struct write {
    const char *name;
    enum err_code (*run)(const struct ops *o, struct err *e);
} writes[] = {
    {"ops_deploy",        do_deploy     },
    {"ops_deploy_now",    do_deploy_now },
    {"ops_deploy_many",   do_deploy_many},
    {"ops_bulk",          do_bulk       },
    {"ops_cancel",        do_cancel     },
    {"ops_retry",         do_retry      },
    {"ops_event",         do_event      },
    {"ops_test",          do_test       },
    {"ops_change_record", do_change     },
    {"ops_dlq_redrive",   do_redrive    },
    {"ops_dlq_delete",    do_delete     },
    {"a call of its own", do_raw        },
};

static void put_jobs(void)
{
    ops_cloud_put(&c, "{\"jobId\":{\"S\":\"job_1755000000000_aaaaaaaaa\"},\"userId\":{\"S\":\"u\"},"
                      "\"productId\":{\"S\":\"p\"},\"status\":{\"S\":\"PENDING\"}}");
    ops_cloud_put(&c, "{\"jobId\":{\"S\":\"job_1755000000000_bbbbbbbbb\"},\"userId\":{\"S\":\"u\"},"
                      "\"productId\":{\"S\":\"p\"},\"status\":{\"S\":\"FAILED\"}}");
}

Test(guard, nothing_is_written_with_credentials_of_another_account)
{
    struct settings *s;
    struct ops *o = in_context("account = 111122223333\n", &s);

    put_jobs();
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
        struct err e = {0};
        cr_expect_eq(writes[i].run(o, &e), E_CONFIG, "%s: %s", writes[i].name, e.msg);
        cr_expect_not_null(strstr(e.msg, "context here is of account 111122223333, but the "
                                         "credentials are of account 000000000000"),
                           "%s: %s", writes[i].name, e.msg);
        cr_expect_not(e.maybe_done, "%s", writes[i].name);
        cr_expect_eq(calls(o, true, E_OK), 0, "%s", writes[i].name);
        cr_expect_eq(ops_outbox_len(o), 0, "%s", writes[i].name);
    }
    /* ops_test tells the identity, and asks for that by itself */
    cr_expect_eq(aws_client_calls(o->aws, AWS_OP_STS_GET_CALLER_IDENTITY, E_OK), 1 + 1,
                 "it is asked once");
    cJSON *item = NULL;
    cr_expect_eq(ddb_get_item(c.ops->aws, o->table, "jobId", "raw", true, &item, NULL), E_OK);
    cr_expect_null(item, "the table is as it was");
    cJSON_Delete(item);
    ops_free(o);
    settings_free(s);
}

Test(guard, the_right_account_is_asked_for_once)
{
    struct settings *s;
    struct ops *o = in_context("account = 000000000000\n", &s);
    struct err e = {0};

    put_jobs();
    cr_expect_eq(do_deploy(o, &e), E_OK, "%s", e.msg);
    cr_expect_eq(do_cancel(o, &e), E_OK, "%s", e.msg);
    cr_expect_eq(do_raw(o, &e), E_OK, "%s", e.msg);
    cr_expect_gt(calls(o, true, E_OK), 2);
    /* place.c asks for itself, for keys that are not AWS's own; the guard asks once */
    cr_expect_leq(aws_client_calls(o->aws, AWS_OP_STS_GET_CALLER_IDENTITY, E_OK), 2);
    ops_free(o);
    settings_free(s);
}

Test(guard, an_account_that_is_not_known_is_not_the_right_one)
{
    struct settings *s;

    setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1", 1);
    setenv("AWS_MAX_ATTEMPTS", "1", 1);
    struct ops *o = in_context("account = 000000000000\n", &s);
    put_jobs();
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
        struct err e = {0};
        if (writes[i].run == do_test) {
            continue; /* it begins with the identity, and ends there */
        }
        cr_expect_eq(writes[i].run(o, &e), E_NET, "%s: %s", writes[i].name, e.msg);
        cr_expect_not_null(strstr(e.msg, "is not known: nothing is written"), "%s: %s",
                           writes[i].name, e.msg);
        cr_expect_not(e.maybe_done, "%s", writes[i].name);
        cr_expect_eq(calls(o, true, E_OK), 0, "%s", writes[i].name);
        cr_expect_eq(ops_outbox_len(o), 0, "%s", writes[i].name);
    }
    ops_free(o);
    settings_free(s);
}

Test(guard, what_waits_in_the_outbox_is_not_sent_with_other_credentials)
{
    struct settings *s;
    struct ops *o = in_context("account = 111122223333\n", &s);
    struct deploy_request r;
    struct outbox_entry x;
    struct err e = {0};
    int resumed = -1, left = -1;

    ops_cloud_request(&r, "Waiting");
    deploy_request_seal(&r, clock_wall_ms(&c.clock));
    cr_assert_eq(outbox_add(o, &r, &x, &e), E_OK, "%s", e.msg);
    cr_assert_eq(outbox_sync(&x, &e), E_OK);
    outbox_leave(&x);
    cr_expect_eq(ops_outbox_resume(o, &resumed, &left, &e), E_CONFIG, "%s", e.msg);
    cr_expect_eq(resumed, 0);
    cr_expect_eq(left, 1, "it is kept");
    cr_expect_eq(calls(o, true, E_OK), 0);
    deploy_request_clear(&r);
    ops_free(o);
    settings_free(s);
}

/* ---- what is kept ---- */

Test(guard, contexts_of_different_places_share_no_file)
{
    static const char *const lines[] = {"", "table = other-jobs\n", "bus = other-bus\n",
                                        "region = eu-west-1\n"};
    static const char *const folders[] = {"snapshots", "watched", "reasons", "bulk", "idempotency"};
    char *paths[sizeof lines / sizeof *lines][sizeof folders / sizeof *folders];
    enum { PLACES = sizeof lines / sizeof *lines, FOLDERS = sizeof folders / sizeof *folders };

    unsetenv("AWS_REGION"); /* it would hide the context's */
    unsetenv("AWS_DEFAULT_REGION");
    for (size_t i = 0; i < PLACES; i++) {
        struct settings *s;
        struct ops *o = in_context(lines[i], &s);
        char *place = NULL;
        cr_assert_eq(place_text(o, PLACE_ASK, &place, NULL), E_OK);
        for (size_t f = 0; f < FOLDERS; f++) {
            paths[i][f] = place_file(o, folders[f]);
            cr_assert_not_null(paths[i][f]);
            for (size_t k = 0; k < i; k++) {
                cr_expect_str_neq(paths[i][f], paths[k][f], "%s and %s", lines[i], lines[k]);
            }
        }
        free(place);
        ops_free(o);
        settings_free(s);
    }
    for (size_t i = 0; i < PLACES; i++) {
        for (size_t f = 0; f < FOLDERS; f++) {
            free(paths[i][f]);
        }
    }
}

Test(guard, the_outbox_of_one_context_is_not_sent_by_another)
{
    struct settings *s[2];
    struct ops *o[2] = {in_context("table = one\n", &s[0]), in_context("table = two\n", &s[1])};
    struct deploy_request r;
    struct outbox_entry x;
    struct err e = {0};

    ops_cloud_request(&r, "Waiting");
    deploy_request_seal(&r, clock_wall_ms(&c.clock));
    cr_assert_eq(outbox_add(o[0], &r, &x, &e), E_OK, "%s", e.msg);
    cr_assert_eq(outbox_sync(&x, &e), E_OK);
    outbox_leave(&x);
    cr_expect_eq(ops_outbox_len(o[0]), 1);
    cr_expect_eq(ops_outbox_len(o[1]), 0);
    deploy_request_clear(&r);
    for (int i = 0; i < 2; i++) {
        ops_free(o[i]);
        settings_free(s[i]);
    }
}
