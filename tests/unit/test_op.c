/* The table of AWS operations. */
#include <criterion/criterion.h>
#include <string.h>

#include "aws/op.h"

Test(op, every_operation_is_found_by_its_own_name)
{
    for (int i = 0; i < AWS_OP_COUNT; i++) {
        const struct aws_op *op = aws_op_get((enum aws_op_id)i);
        cr_assert(op->name != NULL && op->name[0] != '\0', "row %d has a name", i);
        cr_expect_eq((int)aws_op_find(op->service, op->name), i, "%s", op->name);
        cr_expect(i == 0 || op->service >= aws_op_get((enum aws_op_id)(i - 1))->service,
                  "%s: rows are sorted by service", op->name);
    }
}

Test(op, every_service_row_is_complete)
{
    for (int s = 0; s < AWS_SERVICE_COUNT; s++) {
        const struct aws_service *v = aws_service_get((enum aws_service_id)s);
        cr_expect(v->name != NULL && v->host_prefix != NULL && v->signing_name != NULL &&
                      v->env_suffix != NULL,
                  "service %d", s);
        bool json = v->protocol == AWS_JSON_1_0 || v->protocol == AWS_JSON_1_1;
        cr_expect_eq(v->target_prefix != NULL, json, "%s", v->name);
    }
}

Test(op, operations_are_found_by_path)
{
    cr_expect_eq(aws_op_find_path("/v1/describejobs"), AWS_OP_BATCH_DESCRIBE_JOBS);
    cr_expect_eq(aws_op_find_path("/v1/terminatejob"), AWS_OP_BATCH_TERMINATE_JOB);
}

Test(op, unknown_names_are_not_found)
{
    static const char *const names[] = {"",
                                        "DescribeJobs",
                                        "/v1/",
                                        "/v1/getitem",
                                        "/v1/DescribeJobs",
                                        "/v1/describejobs/",
                                        "/v1/describejobs?a"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cr_expect_eq(aws_op_find_path(names[i]), AWS_OP_COUNT, "%s", names[i]);
    }
}
