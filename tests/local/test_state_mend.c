/* What is wrong with the state table: a damaged entry that a person has sent, keys of another kind.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "core/json.h"
#include "ops/outbox.h"
#include "ops/state_table.h"
#include "ops_cloud.h"

static struct ops_cloud c;

static void setup(void)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){.state = true});
}

static void teardown(void)
{
    ops_cloud_stop(&c);
}

TestSuite(state_mend, .init = setup, .fini = teardown, .timeout = 240);

static void die_sending(const char *step)
{
    if (strcmp(step, "sending") == 0) {
        _exit(42);
    }
}

/* Leaves a record and an item whose event was not sent, of a process that was killed. */
static void leave_one(struct deploy_request *r)
{
    int status = 0;

    ops_cloud_request(r, "Damaged");
    (void)snprintf(r->job_id, sizeof r->job_id, "job_%d_damaged", (int)getpid());
    pid_t pid = fork();
    if (pid == 0) {
        struct ops *o = ops_cloud_again(&c);
        o->fault = die_sending;
        (void)!ops_deploy_now(o, r, NULL, NULL);
        _exit(1);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

static void put_with_stage(const char *job_id, const char *stage)
{
    struct ddb_page page;
    struct err e = {0};
    cJSON *item = NULL;
    cJSON *x;

    cr_assert_eq(ddb_scan(c.ops->aws, &(struct ddb_read){.table = c.ops->state}, &page, &e), E_OK);
    cJSON_ArrayForEach(x, page.items)
    {
        const char *sk = attr_str(x, "sk");
        if (sk != NULL && strcmp(sk, job_id) == 0) {
            item = json_copy(x);
        }
    }
    cr_assert_not_null(item);
    json_set(item, "stage", attr_new_str(stage));
    cr_assert_eq(ddb_put_item(c.ops->aws, c.ops->state, item, NULL, &e), E_OK, "%s", e.msg);
    cJSON_Delete(item);
    ddb_page_clear(&page);
}

Test(state_mend, a_damaged_entry_is_made_anew_in_the_table_and_not_on_the_disk)
{
    struct deploy_request r;
    struct outbox_item *items = NULL;
    struct err e = {0};
    struct stat st;
    size_t n = 0;
    int resumed = 0;
    int left = 0;

    leave_one(&r);
    put_with_stage(r.job_id, "bogus");
    cr_assert_eq(outbox_read(c.ops, &items, &n, &e), E_OK, "%s", e.msg);
    cr_assert_eq(n, 1);
    cr_assert_eq(items[0].kind, OUTBOX_BROKEN);
    cr_expect_eq(outbox_mend(c.ops, &items[0], &e), E_CONFLICT, "its lease has not run out");
    c.ahead_ms = 400000;
    cr_assert_eq(outbox_mend(c.ops, &items[0], &e), E_OK, "%s", e.msg);
    cr_expect_neq(stat(c.ops->state_dir, &st), 0, "%s is not made", c.ops->state_dir);
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s", e.msg);
    cr_expect_eq(resumed, 1);
    cr_expect_eq(left, 0);
    cr_expect_eq(outbox_mend(c.ops, &items[0], &e), E_CONFLICT, "what is gone does not come back");
    free(items);
    cr_assert_eq(outbox_read(c.ops, &items, &n, &e), E_OK, "%s", e.msg);
    cr_expect_eq(n, 0);
    free(items);
    ops_cloud_wait_batch(&c, r.job_id, BATCH_SUCCEEDED);
    cr_expect_eq(ops_cloud_batch_jobs(&c, r.job_id), 1);
    deploy_request_clear(&r);
}

Test(state_mend, a_table_with_other_keys_or_none_is_told_with_what_to_do)
{
    struct err e = {0};

    cr_expect_eq(state_table_check(c.ops, &e), E_OK, "%s", e.msg);
    c.ops->state = c.ops->table;
    cr_expect_eq(state_table_check(c.ops, &e), E_CONFIG, "%s", e.msg);
    cr_expect_not_null(strstr(e.msg, "are not pk (hash) and sk (range)"), "%s", e.msg);
    c.ops->state = "no-such-table";
    cr_expect_eq(state_table_check(c.ops, &e), E_NOT_FOUND, "%s", e.msg);
    cr_expect_not_null(strstr(e.hint, "DYNAMODB_STATE_TABLE_NAME"), "%s", e.hint);
}

Test(state_mend, the_keys_of_the_state_table_are_texts)
{
    static const struct {
        const char *table;
        bool right;
    } rows[] = {
        {"{\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"},"
         "{\"AttributeName\":\"sk\",\"KeyType\":\"RANGE\"}],\"AttributeDefinitions\":["
         "{\"AttributeName\":\"sk\",\"AttributeType\":\"S\"},"
         "{\"AttributeName\":\"pk\",\"AttributeType\":\"S\"}]}",                           true },
        {"{\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"},"
         "{\"AttributeName\":\"sk\",\"KeyType\":\"RANGE\"}],\"AttributeDefinitions\":["
         "{\"AttributeName\":\"sk\",\"AttributeType\":\"N\"},"
         "{\"AttributeName\":\"pk\",\"AttributeType\":\"S\"}]}",                           false},
        {"{\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}],"
         "\"AttributeDefinitions\":[{\"AttributeName\":\"pk\",\"AttributeType\":\"S\"}]}", false},
        {"{\"KeySchema\":{},\"AttributeDefinitions\":[1,null]}",                                    false},
        {"{}",                                                                                      false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cJSON *table = json_parse(rows[i].table, strlen(rows[i].table), "table", NULL);
        cr_assert_not_null(table, "%zu", i);
        cr_expect_eq(state_table_keys(table), rows[i].right, "%zu", i);
        cJSON_Delete(table);
    }
}
