/* Tasks and messages: each kind owns what its row of the table says, and no other member is read.
 */
#include <criterion/criterion.h>
#include <signal.h>

#include "core/alloc.h"
#include "work/msg.h"

/* A leak or a double free fails the sanitizer run. */
Test(msg, a_task_of_each_kind_is_freed_while_it_needs_nothing_yet)
{
    for (int k = 0; k < TASK_KIND_COUNT; k++) {
        struct task *t = task_new((enum task_kind)k, 1);
        t->job_id = xstrdup("job_1");
        task_free(t);
    }
    task_free(NULL);
}

Test(msg, a_message_of_each_kind_is_freed_while_it_brings_nothing)
{
    const struct task t = {.kind = TASK_LOAD, .request = 7};

    for (int k = 0; k < MSG_KIND_COUNT; k++) {
        struct msg *m = msg_new((enum msg_kind)k, &t);
        cr_expect_eq(m->request, 7);
        msg_free(m);
    }
    msg_free(NULL);
}

static char **two_strings(void)
{
    char **items = xcalloc(2, sizeof *items);

    items[0] = xstrdup("a");
    items[1] = xstrdup("b");
    return items;
}

Test(msg, a_task_owns_what_its_member_holds)
{
    struct task *t = task_new(TASK_CHILDREN, 1);
    task_as(t, children) = (struct task_children){
        .batch_id = xstrdup("b-1"), .only = {.items = two_strings(), .len = 2}
    };
    task_free(t);

    t = task_new(TASK_LOG_STAGE, 2);
    task_as(t, log_stage).items = xcalloc(1, sizeof(struct log_place));
    task_as(t, log_stage).items[0] = (struct log_place){
        .job_id = xstrdup("job_1"), .group = xstrdup(""), .stream = xstrdup("s")};
    task_as(t, log_stage).len = 1;
    task_free(t);

    t = task_new(TASK_HOOK, 3);
    task_as(t, hook) = (struct task_hook){
        .input = xstrdup("{}"), .env = {.items = two_strings(), .len = 2}
    };
    task_free(t);

    t = task_new(TASK_DLQ_SEND, 4);
    task_as(t, dlq).ids = (struct task_ids){.items = two_strings(), .len = 2};
    task_as(t, dlq).edit = xcalloc(1, sizeof(struct dlq_edit));
    task_as(t, dlq).edit->detail = xstrdup("{}");
    task_free(t);
}

Test(msg, a_message_owns_what_its_member_holds)
{
    const struct task t = {.kind = TASK_DESCRIBE_BATCH};
    struct msg *m = msg_new(MSG_BATCH_GONE, &t);

    msg_as(m, batch_gone) = (struct msg_ids){.ids = two_strings(), .len = 2};
    msg_free(m);
    m = msg_new(MSG_DLQ_RESULT, &t);
    msg_as(m, dlq_result).id = xstrdup("m-1");
    msg_free(m);
}

Test(msg, what_a_task_asks_for_when_nothing_was_said_is_all)
{
    struct task *t = task_new(TASK_SWEEP, 1);
    cr_expect_eq(task_as(t, part).segments, 1);
    task_free(t);
    t = task_new(TASK_QUERY_STATUS, 1);
    cr_expect_eq(task_as(t, status).since_ms, TIME_NONE);
    task_free(t);
    t = task_new(TASK_LIST_BATCH, 1);
    cr_expect_eq(task_as(t, list_batch).since_ms, TIME_NONE);
    task_free(t);
}

Test(msg, pages_are_followed_by_a_last_message)
{
    const struct task t = {.kind = TASK_LOAD};
    static const struct {
        enum msg_kind kind;
        bool last;
    } rows[] = {
        {MSG_JOBS,      false},
        {MSG_LOG_STAGE, false},
        {MSG_E2E,       false},
        {MSG_DONE,      true },
        {MSG_HOOK,      true },
        {MSG_E2E_END,   true },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct msg *m = msg_new(rows[i].kind, &t);
        cr_expect_eq(msg_is_last(m), rows[i].last, "row %zu", i);
        msg_free(m);
    }
}

#ifndef NDEBUG
Test(msg, a_task_read_as_another_kind_ends_the_program, .signal = SIGABRT)
{
    struct task *t = task_new(TASK_CANCEL, 1);

    (void)task_as(t, path);
}

Test(msg, a_message_read_as_another_kind_ends_the_program, .signal = SIGABRT)
{
    const struct task t = {.kind = TASK_DESCRIBE_BATCH};
    struct msg *m = msg_new(MSG_BATCH_GONE, &t);

    (void)msg_as(m, gone);
}
#endif
