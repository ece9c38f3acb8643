#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/path.h"
#include "ops/outbox.h"
#include "ops_cloud.h"

static struct ops_cloud c;

static void setup(void)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){0});
}

static void teardown(void)
{
    ops_cloud_stop(&c);
}

TestSuite(ops_deploy, .init = setup, .fini = teardown, .timeout = 60);

Test(ops_deploy, records_sends_and_empties_the_outbox)
{
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};

    ops_cloud_request(&r, "My Startup");
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_OK, "%s", e.msg);
    cr_assert_eq(strncmp(out.job_id, "job_", 4), 0);
    cr_assert_neq(out.event_id[0], '\0');
    cr_assert(out.recorded);
    cr_assert_eq(ops_outbox_len(c.ops), 0);
    ops_cloud_wait_batch(&c, out.job_id, BATCH_SUCCEEDED);
    cr_assert_eq(ops_cloud_batch_jobs(&c, out.job_id), 1);
    deploy_request_clear(&r);
}

Test(ops_deploy, the_record_never_holds_the_database_url)
{
    struct deploy_request r;
    struct deploy_result out;
    cJSON *item = NULL;

    ops_cloud_request(&r, "My Startup");
    cr_assert_eq(ops_deploy(c.ops, &r, &out, NULL), E_OK);
    cr_assert_eq(ddb_get_item(c.ops->aws, c.ops->table, "jobId", out.job_id, true, &item, NULL),
                 E_OK);
    char *text = cJSON_Print(item);
    cr_assert_null(strstr(text, "geheim"));
    cr_assert_not_null(strstr(text, "My Startup"));
    free(text);
    cJSON_Delete(item);
    deploy_request_clear(&r);
}

Test(ops_deploy, an_invalid_request_writes_nothing)
{
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};

    deploy_request_init(&r);
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_INVALID);
    cr_assert_not_null(strstr(e.msg, "userId"), "%s", e.msg);
    char *outbox = path_join(c.ops->state_dir, "outbox");
    cr_assert_not(path_exists(outbox));
    free(outbox);
    deploy_request_clear(&r);
}

Test(ops_deploy, a_taken_job_id_is_refused_and_the_other_job_left_alone)
{
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};
    cJSON *item = NULL;

    ops_cloud_put(&c, "{\"jobId\":{\"S\":\"mine\"},\"status\":{\"S\":\"IN_PROGRESS\"}}");
    ops_cloud_request(&r, "X");
    cr_assert_eq(deploy_request_set(&r, "jobId", "mine", &e), E_OK, "%s", e.msg);
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_CONFLICT);
    cr_assert_not_null(strstr(e.msg, "taken"), "%s", e.msg);
    cr_assert_not(out.kept);
    cr_assert_eq(ops_outbox_len(c.ops), 0);
    cr_assert_eq(ddb_get_item(c.ops->aws, c.ops->table, "jobId", "mine", true, &item, NULL), E_OK);
    cr_assert_str_eq(attr_str(item, "status"), "IN_PROGRESS");
    cJSON_Delete(item);
    deploy_request_clear(&r);
}

Test(ops_deploy, a_dead_link_keeps_the_request_and_the_next_one_sends_it_once)
{
    struct ops *cut = ops_cloud_at(&c, "http://127.0.0.1:9");
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};
    int resumed, left;

    ops_cloud_request(&r, "Kept");
    cr_assert_eq(ops_deploy(cut, &r, &out, &e), E_NET, "%s", e.msg);
    cr_assert(out.kept);
    cr_assert_not(out.recorded);
    cr_assert_not_null(strstr(e.msg, "outbox"), "%s", e.msg);
    cr_assert_eq(ops_outbox_len(c.ops), 1, "of the same local cloud, whatever its port");
    cr_assert_eq(ops_outbox_resume(cut, &resumed, &left, &e), E_NET);
    cr_assert_eq(left, 1);
    ops_free(cut);
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s", e.msg);
    cr_assert_eq(resumed, 1);
    cr_assert_eq(left, 0);
    ops_cloud_wait_batch(&c, out.job_id, BATCH_SUCCEEDED);
    cr_assert_eq(ops_cloud_batch_jobs(&c, out.job_id), 1);
    deploy_request_clear(&r);
}

Test(ops_deploy, the_outbox_is_private)
{
    struct ops *cut = ops_cloud_at(&c, "http://127.0.0.1:9");
    struct deploy_request r;
    struct deploy_result out;
    struct stat st;

    ops_cloud_request(&r, "Kept");
    cr_assert_eq(ops_deploy(cut, &r, &out, NULL), E_NET);
    char *dir = path_join(c.ops->state_dir, "outbox");
    cr_assert_eq(stat(dir, &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0700);
    char *file = xasprintf("%s/%s.json", dir, out.job_id);
    cr_assert_eq(stat(file, &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0600);
    free(file);
    free(dir);
    ops_free(cut);
    deploy_request_clear(&r);
}

Test(ops_deploy, another_accounts_entries_are_left_alone)
{
    struct ops *cut = ops_cloud_at(&c, "http://127.0.0.1:9");
    struct deploy_request r;
    struct deploy_result out;
    int resumed, left;

    ops_cloud_request(&r, "Kept");
    cr_assert_eq(ops_deploy(cut, &r, &out, NULL), E_NET);
    free(c.ops->place);
    c.ops->place = xstrdup("profile prod | elsewhere");
    cr_assert_eq(ops_outbox_len(c.ops), 0);
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, NULL), E_OK);
    cr_assert_eq(resumed + left, 0);
    cr_assert_eq(ops_outbox_len(cut), 1);
    ops_free(cut);
    deploy_request_clear(&r);
}

Test(ops_deploy, a_damaged_entry_is_put_aside_once)
{
    char *dir = path_join(c.ops->state_dir, "outbox");
    char *file = path_join(dir, "job_1.json");
    static const char *const garbage[] = {"",
                                          "{",
                                          "[]",
                                          "{\"stage\":\"sent\"}",
                                          "\xff\xfe\x00",
                                          "{\"v\":1,\"stage\":\"kept\",\"detail\":{}}"};
    int resumed, left;
    struct err e;

    cr_assert_eq(path_mkdirs(dir, 0700, NULL), E_OK);
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        cr_assert_eq(path_write_atomic(file, garbage[i], strlen(garbage[i]), 0600, NULL), E_OK);
        cr_assert_neq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "case %zu", i);
        cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "case %zu", i);
        cr_assert_eq(left, 0);
    }
    free(file);
    free(dir);
}

Test(ops_deploy, many_at_once_all_arrive)
{
    enum { N = 45 };
    struct deploy_request r[N];
    struct deploy_many_result *out = xcalloc(N, sizeof *out);

    for (int i = 0; i < N; i++) {
        ops_cloud_request(&r[i], "Many");
    }
    cr_assert_eq(deploy_request_set(&r[7], "userId", "", NULL), E_OK);
    cr_assert_eq(ops_deploy_many(c.ops, r, N, out, NULL, NULL), 1);
    for (int i = 0; i < N; i++) {
        cr_expect_eq(out[i].code, i == 7 ? E_INVALID : E_OK, "%d: %s", i, out[i].err.msg);
        cr_expect_eq(out[i].result.event_id[0] == '\0', i == 7);
        deploy_request_clear(&r[i]);
    }
    cr_assert_eq(ops_outbox_len(c.ops), 0);
    free(out);
}

/* ---- killed at any step ---- */

static const char *die_at;

static void die(const char *step)
{
    if (strcmp(step, die_at) == 0) {
        _exit(42); /* no clean-up of any kind, as with SIGKILL */
    }
}

static const struct kill_case {
    const char *step;
    bool entry_left;
    bool needs_grace; /* the event may be out: it is looked after first */
} kills[] = {
    {"record",       true,  false},
    {"send",         true,  false},
    {"sending",      true,  true },
    {"sent",         true,  true },
    {"acknowledged", true,  true },
    {"dropped",      false, false},
};

ParameterizedTestParameters(ops_deploy, killed_at_a_step_neither_loses_nor_doubles)
{
    static size_t index[sizeof kills / sizeof *kills];

    for (size_t i = 0; i < sizeof kills / sizeof *kills; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof kills / sizeof *kills);
}

ParameterizedTest(size_t *i, ops_deploy, killed_at_a_step_neither_loses_nor_doubles)
{
    const struct kill_case *k = &kills[*i];
    struct deploy_request r;
    struct err e = {0};
    int status = 0;
    int resumed, left;
    bool was_out;

    ops_cloud_request(&r, "Killed");
    (void)snprintf(r.job_id, sizeof r.job_id, "job_%d_killed", (int)getpid());
    pid_t pid = fork();
    if (pid == 0) {
        /* A client of its own: the parent's threads and connections are not in the child. */
        struct ops *o = ops_cloud_again(&c);
        die_at = k->step;
        o->fault = die;
        (void)!ops_deploy(o, &r, NULL, NULL);
        _exit(1);
    }
    cr_assert_gt(pid, 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 42, "died at %s", k->step);
    cr_assert_eq(ops_outbox_len(c.ops), k->entry_left, "%s", k->step);

    was_out = strcmp(k->step, "sent") == 0 || strcmp(k->step, "acknowledged") == 0;
    if (was_out) {
        ops_cloud_wait_batch(&c, r.job_id, BATCH_SUCCEEDED);
    }
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s: %s", k->step, e.msg);
    if (k->needs_grace && !was_out) {
        cr_assert_eq(left, 1, "%s: not sent again before it had time", k->step);
        c.ahead_ms = 61000;
        cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s: %s", k->step, e.msg);
    }
    cr_assert_eq(left, 0, "%s", k->step);
    cr_assert_eq(resumed, k->entry_left, "%s", k->step);
    cr_assert_eq(ops_outbox_len(c.ops), 0);
    ops_cloud_wait_batch(&c, r.job_id, BATCH_SUCCEEDED);
    cr_assert_eq(ops_cloud_batch_jobs(&c, r.job_id), 1, "%s: one job", k->step);
    deploy_request_clear(&r);
}

Test(ops_deploy, two_at_once_resume_an_entry_once)
{
    struct ops *cut = ops_cloud_at(&c, "http://127.0.0.1:9");
    struct outbox_entry held;
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};
    int resumed, left;

    ops_cloud_request(&r, "Kept");
    cr_assert_eq(ops_deploy(cut, &r, &out, NULL), E_NET);
    cr_assert_eq(outbox_open(c.ops, out.job_id, &held, &e), E_OK, "%s", e.msg);
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK);
    cr_assert_eq(resumed, 0);
    cr_assert_eq(left, 1, "it is somebody else's just now");
    outbox_leave(&held);
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK);
    cr_assert_eq(resumed, 1);
    ops_free(cut);
    deploy_request_clear(&r);
}

Test(ops_deploy, a_request_cancelled_in_the_outbox_is_never_sent)
{
    struct ops *cut = ops_cloud_at(&c, "http://127.0.0.1:9");
    struct deploy_request r;
    struct deploy_result out;
    struct cancel_result cancelled;
    struct err e = {0};

    ops_cloud_request(&r, "Kept");
    cr_assert_eq(ops_deploy(cut, &r, &out, NULL), E_NET);
    cr_assert_eq(ops_cancel(c.ops, out.job_id, "no", &cancelled, &e), E_OK, "%s", e.msg);
    cr_assert_eq(cancelled.outcome, CANCEL_DONE);
    cr_assert_eq(ops_outbox_len(c.ops), 0);
    cr_assert_eq(ops_cloud_batch_jobs(&c, out.job_id), 0);
    ops_free(cut);
    deploy_request_clear(&r);
}
