/* Each service of the local cloud runs in a cloud of its own: it is handed in, and needs no other
 * to start, to answer and to stop. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/json.h"
#include "core/path.h"
#include "src/cloud/services.h"
#include "src/cloud/sqs/sqs.h"
#include "src/cloud/start.h"

static bool answers(struct cloud *l, enum aws_op_id op, const char *document)
{
    cJSON *in = json_parse(document, strlen(document), "test", NULL);
    struct cloud_reply r;

    cr_assert_not_null(in, "%s", document);
    cloud_dispatch(l, op, in, &r);
    bool known = strcmp(r.code, "UnknownOperationException") != 0;
    cr_expect_lt(r.status, 500, "%s: %s", aws_op_get(op)->name, r.message);
    cloud_reply_clear(&r);
    cJSON_Delete(in);
    return known;
}

Test(cloud_alone, every_service_answers_its_own_operations_and_no_others)
{
    for (size_t i = 0; cloud_all_services[i] != NULL; i++) {
        const struct cloud_service *const one[] = {cloud_all_services[i], NULL};
        char dir[] = "/tmp/mvpdash-test-XXXXXX";
        bool own[AWS_OP_COUNT] = {false};
        struct err e;

        cr_assert_not_null(mkdtemp(dir));
        struct cloud *l =
            cloud_start(&(struct cloud_options){.data_dir = dir, .services = one}, &e);
        cr_assert_not_null(l, "%s: %s", one[0]->name, e.msg);
        for (const struct cloud_route *r = one[0]->routes; r->handle != NULL; r++) {
            own[r->op] = true;
        }
        for (int op = 0; op < AWS_OP_COUNT; op++) {
            cr_expect_eq(answers(l, (enum aws_op_id)op, "{}"), own[op], "%s: %s", one[0]->name,
                         aws_op_get((enum aws_op_id)op)->name);
        }
        cloud_stop(l);
        cr_expect_eq(path_remove_tree(dir, NULL), E_OK);
    }
}

static void do_call(struct cloud *l, enum aws_op_id op, const char *document)
{
    cJSON *in = json_parse(document, strlen(document), "test", NULL);
    struct cloud_reply r;

    cloud_dispatch(l, op, in, &r);
    cr_assert_str_eq(r.code, "", "%s: %s", document, r.message);
    cloud_reply_clear(&r);
    cJSON_Delete(in);
}

/* Batch tells of its jobs; a cloud without EventBridge has nobody who listens. */
Test(cloud_alone, what_nobody_listens_to_is_lost_without_harm)
{
    const struct cloud_service *const one[] = {&cloud_sqs_service, NULL};
    char dir[] = "/tmp/mvpdash-test-XXXXXX";
    struct err e;

    cr_assert_not_null(mkdtemp(dir));
    struct cloud *l = cloud_start(&(struct cloud_options){.data_dir = dir, .services = one}, &e);
    cr_assert_not_null(l, "%s", e.msg);
    cloud_lock(l);
    cJSON *detail = json_new_object();
    cloud_emit(l, &(struct cloud_event){.source = "aws.batch",
                                        .detail_type = "Batch Job State Change",
                                        .detail = detail});
    cJSON_Delete(detail);
    cloud_unlock(l);
    do_call(l, AWS_OP_SQS_CREATE_QUEUE, "{\"QueueName\":\"q\"}");
    do_call(l, AWS_OP_SQS_LIST_QUEUES, "{}");
    cloud_stop(l);
    cr_expect_eq(path_remove_tree(dir, NULL), E_OK);
}
