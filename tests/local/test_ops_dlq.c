/* The dead letter queue against a local cloud: looking, sending again, deleting. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/sqs.h"
#include "core/alloc.h"
#include "core/json.h"
#include "fault_proxy.h"
#include "ops/dlq.h"
#include "ops/doctor.h"
#include "ops_cloud.h"
#include "src/work/run.h"

/* The dead letter queue, with events that really could not be delivered: over HTTP. */

static struct ops_cloud c;
static struct dlq_queue q;

#define QUEUE "mvp-development-dlq"
#define ARN "arn:aws:%s:us-east-1:000000000000:%s"

static void call(enum aws_op_id op, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void call(enum aws_op_id op, const char *fmt, ...)
{
    char text[4000];
    struct err e = {0};
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    for (char *p = text; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    cJSON *in = json_parse(text, strlen(text), "test", &e);
    cr_assert_not_null(in, "%s in %s", e.msg, text);
    cr_assert_eq(aws_call(c.ops->aws, op, in, NULL, &e), E_OK, "%s", e.msg);
    cJSON_Delete(in);
}

static void make_definition(void)
{
    call(AWS_OP_BATCH_REGISTER_JOB_DEFINITION,
         "{'jobDefinitionName':'later','type':'container','containerProperties':{'image':'mvpdash-"
         "starter',"
         "'command':[],'resourceRequirements':[{'type':'VCPU','value':'1'},{'type':'MEMORY',"
         "'value':'512'}]}}");
}

static void setup(void)
{
    struct err e = {0};

    ops_cloud_start(&c, &(struct ops_cloud_options){.script = "exit 0"});
    call(AWS_OP_SQS_CREATE_QUEUE,
         "{'QueueName':'" QUEUE "','Attributes':{'Policy':'{\\'Version\\':\\'2012-10-17\\',"
         "\\'Statement\\':[{\\'Effect\\':\\'Allow\\',\\'Principal\\':{\\'Service\\':"
         "\\'events.amazonaws.com\\'},\\'Action\\':\\'sqs:SendMessage\\',\\'Resource\\':"
         "\\'*\\'}]}'}}");
    /* The target's definition does not exist yet: nothing can be delivered. */
    call(AWS_OP_EVENTS_PUT_TARGETS,
         "{'Rule':'mvp-development-rule','EventBusName':'mvp-development','Targets':[{'Id':'batch',"
         "'Arn':'" ARN "','RoleArn':'arn:aws:iam::000000000000:role/events',"
         "'DeadLetterConfig':{'Arn':'" ARN "'},'BatchParameters':{'JobDefinition':'later',"
         "'JobName':'mvp-development'},'InputTransformer':{'InputPathsMap':{'jobId':"
         "'$.detail.jobId'},'InputTemplate':'{\\'ContainerOverrides\\':{\\'Environment\\':[{"
         "\\'Name\\':\\'JOB_ID\\',\\'Value\\':<jobId>}]}}'}}]}",
         "batch", "job-queue/mvp-pipeline-queue", "sqs", QUEUE);
    cr_assert_eq(ops_dlq_open(c.ops, &q, &e), E_OK, "%s", e.msg);
}

static void teardown(void)
{
    dlq_queue_clear(&q);
    ops_cloud_stop(&c);
}

TestSuite(ops_dlq, .init = setup, .fini = teardown, .timeout = 120);

static void deploy(char job_id[JOB_ID_SIZE])
{
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};

    ops_cloud_request(&r, "My \"Startup\"");
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_OK, "%s", e.msg);
    (void)snprintf(job_id, JOB_ID_SIZE, "%s", out.job_id);
    deploy_request_clear(&r);
}

static void take(struct dlq_list *l, const struct dlq_wish *w)
{
    struct err e = {0};

    cr_assert_eq(ops_dlq_take(c.ops, &q, w, l, &e), E_OK, "%s", e.msg);
}

static const struct dlq_wish all = {.limit = DLQ_MOST, .hold_s = DLQ_HOLD_S};

/* Looks until there are so many; the receive itself waits up to a second. */
static void wait_for(struct dlq_list *l, size_t n, int hold_s)
{
    const struct dlq_wish w = {.limit = DLQ_MOST, .hold_s = hold_s};
    int64_t until = clock_mono_ms(NULL) + 50000;

    for (;;) {
        take(l, &w);
        if (l->len == n) {
            return;
        }
        cr_assert_lt(clock_mono_ms(NULL), until, "%zu messages, not %zu", l->len, n);
        ops_dlq_give_back(c.ops, &q, l);
        dlq_list_clear(l);
    }
}

static void settle(struct dlq_list *l)
{
    ops_dlq_give_back(c.ops, &q, l);
    dlq_list_clear(l);
}

static void put_message(const char *body)
{
    struct err e = {0};

    cJSON *in = json_new_object();
    json_set_str(in, "QueueUrl", q.url);
    json_set_str(in, "MessageBody", body);
    cr_assert_eq(aws_call(c.ops->aws, AWS_OP_SQS_SEND_MESSAGE, in, NULL, &e), E_OK, "%s", e.msg);
    cJSON_Delete(in);
}

Test(ops_dlq, an_undelivered_event_is_explained_sent_again_and_runs_to_its_end)
{
    char id[JOB_ID_SIZE];
    struct dlq_list l;
    struct dlq_redriven r;
    struct err e = {0};

    deploy(id);
    wait_for(&l, 1, DLQ_HOLD_S);
    struct dlq_message *m = &l.items[0];
    cr_assert_str_eq(m->job_id, id);
    cr_assert_str_eq(m->error_code, "NO_RESOURCE");
    cr_assert_not_null(m->error_message);
    cr_assert_not_null(strstr(m->rule_arn, ":rule/mvp-development/mvp-development-rule"));
    cr_assert_not_null(strstr(m->target_arn, "job-queue/mvp-pipeline-queue"));
    cr_assert_eq(m->retries, 0);
    cr_assert_null(m->exhausted, "a missing target is not tried again");
    cr_assert_geq(m->receives, 1);
    cr_assert_neq(m->sent_ms, TIME_NONE);

    make_definition();
    cr_assert_eq(ops_dlq_redrive(c.ops, &q, &l, m, true, &r, &e), E_OK, "%s", e.msg);
    cr_assert(!r.sent && !r.deleted, "a dry run sends nothing");
    cr_assert_eq(ops_cloud_batch_jobs(&c, id), 0);
    cr_assert_eq(ops_dlq_redrive(c.ops, &q, &l, m, false, &r, &e), E_OK, "%s", e.msg);
    cr_assert(r.sent && r.deleted);
    cr_assert_str_eq(r.bus, "mvp-development");
    cr_assert_neq(r.event_id[0], '\0');
    cr_assert_str_eq(r.note, "", "%s", r.note);
    ops_cloud_wait_batch(&c, id, BATCH_SUCCEEDED);
    settle(&l);
    take(&l, &all);
    cr_assert_eq(l.len, 0, "it is gone");
    settle(&l);
    cr_assert_eq(ops_cloud_batch_jobs(&c, id), 1);
}

/* Each write is taken and its reply lost; then it is refused. */
Test(ops_dlq, what_was_perhaps_sent_or_deleted_is_said_to_be_so)
{
    static const struct fault_step sending[] = {
        {"PutEvents", FAULT_LOST_REPLY, 0, NULL}
    };
    static const struct fault_step deleting[] = {
        {"DeleteMessage", FAULT_LOST_REPLY, 0,              NULL},
        {"DeleteMessage", FAULT_DENIED,     FAULT_FOR_EVER, NULL}
    };
    char id[JOB_ID_SIZE];

    deploy(id);
    for (int deletes = 0; deletes < 2; deletes++) {
        struct fault_proxy *p = fault_proxy_start_script(
            cloud_port(c.local), deletes ? deleting : sending, deletes ? 2 : 1);
        char *url = xasprintf("http://127.0.0.1:%d", fault_proxy_port(p));
        struct ops *o = ops_cloud_at(&c, url);
        struct dlq_list l;
        struct dlq_redriven r;
        struct err e = {0};
        wait_for(&l, 1, DLQ_HOLD_S);
        if (!deletes) {
            make_definition();
        }
        cr_expect_neq(ops_dlq_redrive(o, &q, &l, &l.items[0], false, &r, &e), E_OK);
        cr_expect(e.maybe_done, "%s", e.msg);
        cr_expect_eq(r.sent, deletes, "%s", e.msg);
        cr_expect_not(r.deleted);
        cr_expect_not_null(strstr(e.msg, deletes ? "whether it was deleted is not known"
                                                 : "whether it was sent is not known"),
                           "%s", e.msg);
        settle(&l);
        ops_free(o);
        fault_proxy_stop(p);
        free(url);
    }
}

Test(ops_dlq, looking_hides_nothing_from_the_next_look)
{
    char id[JOB_ID_SIZE];
    struct dlq_list l;

    deploy(id);
    deploy(id);
    deploy(id);
    put_message("no event");
    wait_for(&l, 4, DLQ_LOOK_S);
    for (size_t i = 1; i < l.len; i++) {
        cr_assert_leq(l.items[i - 1].sent_ms, l.items[i].sent_ms, "oldest first");
    }
    settle(&l);
    take(&l, &all);
    cr_assert_eq(l.len, 4);
    settle(&l);
    take(&l, &(struct dlq_wish){.limit = 2, .hold_s = DLQ_LOOK_S});
    cr_assert_eq(l.len, 2);
    cr_assert(l.more);
    char *name = xstrdup(l.items[1].id);
    settle(&l);
    const char *ids[] = {"no-such-id", name};
    take(&l, &(struct dlq_wish){.ids = ids, .ids_len = 2, .limit = 10, .hold_s = DLQ_HOLD_S});
    cr_assert_eq(l.len, 1);
    cr_assert_str_eq(l.items[0].id, name);
    cr_assert_not(l.more);
    settle(&l);
    free(name);
    take(&l, &all);
    cr_assert_eq(l.len, 4, "those not asked for came back at once");
    settle(&l);
}

Test(ops_dlq, more_than_one_round_brings_each_message_once)
{
    struct dlq_list l;

    for (int i = 0; i < 37; i++) {
        char body[32];
        (void)snprintf(body, sizeof body, "number %d", i);
        put_message(body);
    }
    take(&l, &all);
    cr_assert_eq(l.len, 37);
    for (size_t i = 0; i < l.len; i++) {
        for (size_t k = 0; k < i; k++) {
            cr_assert_str_neq(l.items[i].id, l.items[k].id);
        }
    }
    settle(&l);
}

static const char *die_at;

static void die(const char *step)
{
    if (strcmp(step, die_at) == 0) {
        _exit(42);
    }
}

static void killed_at(const char *step, const char *job_id, int jobs)
{
    struct dlq_list l;
    struct dlq_redriven r;
    struct err e = {0};
    int status = 0;

    wait_for(&l, 1, DLQ_LOOK_S);
    settle(&l);
    make_definition();
    pid_t pid = fork();
    if (pid == 0) {
        /* A client of its own: the parent's threads and connections are not in the child. */
        struct ops *o = ops_cloud_again(&c);
        die_at = step;
        o->fault = die;
        const struct dlq_wish w = {.limit = 1, .hold_s = 2};
        if (ops_dlq_take(o, &q, &w, &l, NULL) == E_OK && l.len == 1) {
            (void)!ops_dlq_redrive(o, &q, &l, &l.items[0], false, &r, NULL);
        }
        _exit(1);
    }
    cr_assert_gt(pid, 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 42, "died at %s", step);
    if (jobs > 0) {
        ops_cloud_wait_batch(&c, job_id, BATCH_SUCCEEDED);
    }
    cr_assert_eq(ops_cloud_batch_jobs(&c, job_id), jobs);
    wait_for(&l, 1, DLQ_HOLD_S); /* it comes back by itself */
    cr_assert_str_eq(l.items[0].job_id, job_id);
    cr_assert_eq(ops_dlq_redrive(c.ops, &q, &l, &l.items[0], false, &r, &e), E_OK, "%s", e.msg);
    cr_assert(r.sent && r.deleted);
    settle(&l);
    ops_cloud_wait_batch(&c, job_id, BATCH_SUCCEEDED);
    take(&l, &all);
    cr_assert_eq(l.len, 0);
    settle(&l);
}

Test(ops_dlq, killed_before_sending_the_message_is_back_and_can_be_sent)
{
    char id[JOB_ID_SIZE];

    deploy(id);
    killed_at("send", id, 0);
}

Test(ops_dlq, killed_between_sending_and_deleting_the_message_is_back)
{
    char id[JOB_ID_SIZE];

    deploy(id);
    killed_at("sent", id, 1);
}

Test(ops_dlq, what_would_vanish_on_the_bus_is_not_sent)
{
    char id[JOB_ID_SIZE];
    struct dlq_list l;
    struct dlq_redriven r;
    struct err e = {0};

    deploy(id);
    wait_for(&l, 1, DLQ_HOLD_S);
    make_definition();
    struct dlq_message *m = &l.items[0];
    call(AWS_OP_EVENTS_DISABLE_RULE,
         "{'Name':'mvp-development-rule','EventBusName':'mvp-development'}");
    cr_assert_eq(ops_dlq_redrive(c.ops, &q, &l, m, false, &r, &e), E_CONFLICT);
    cr_assert_not_null(strstr(e.msg, "disabled"), "%s", e.msg);
    cr_assert_not_null(strstr(err_hint(&e), "enable-rule"));
    char *arn = m->rule_arn;
    m->rule_arn = xstrdup("arn:aws:events:us-east-1:000000000000:rule/gone/r");
    cr_assert_eq(ops_dlq_redrive(c.ops, &q, &l, m, false, &r, &e), E_NOT_FOUND, "%s", e.msg);
    free(m->rule_arn);
    m->rule_arn = xstrdup("arn:aws:events:eu-west-1:000000000000:rule/mvp-development/r");
    cr_assert_eq(ops_dlq_redrive(c.ops, &q, &l, m, false, &r, &e), E_INVALID);
    cr_assert_not_null(strstr(err_hint(&e), "--region eu-west-1"), "%s", e.msg);
    free(m->rule_arn);
    m->rule_arn = arn;
    cr_assert_not(r.sent);
    settle(&l);
    take(&l, &all);
    cr_assert_eq(l.len, 1, "it is still there");
    settle(&l);
}

Test(ops_dlq, a_final_job_is_foretold)
{
    char id[JOB_ID_SIZE];
    struct dlq_list l;
    struct dlq_redriven r;
    struct cancel_result cancelled;
    struct err e = {0};

    deploy(id);
    wait_for(&l, 1, DLQ_HOLD_S);
    cr_assert_eq(ops_cancel(c.ops, id, NULL, &cancelled, &e), E_OK, "%s", e.msg);
    cr_assert_eq(ops_dlq_redrive(c.ops, &q, &l, &l.items[0], true, &r, &e), E_OK, "%s", e.msg);
    cr_assert_not_null(strstr(r.note, "CANCELLED"), "%s", r.note);
    cr_assert_not_null(strstr(r.note, "mvpdash retry"), "%s", r.note);
    settle(&l);
}

Test(ops_dlq, a_message_whose_time_is_over_is_not_sent_behind_another_readers_back)
{
    char id[JOB_ID_SIZE];
    struct dlq_list l, theirs;
    struct dlq_redriven r;
    struct err e = {0};

    deploy(id);
    wait_for(&l, 1, 1);
    make_definition();
    wait_for(&theirs, 1, DLQ_HOLD_S); /* a second later it is somebody else's */
    cr_assert_neq(ops_dlq_redrive(c.ops, &q, &l, &l.items[0], false, &r, &e), E_OK);
    cr_assert_not(r.sent, "%s", e.msg);
    cr_assert_eq(ops_cloud_batch_jobs(&c, id), 0);
    dlq_list_clear(&l);
    settle(&theirs);
}

Test(ops_dlq, a_message_is_deleted_for_good)
{
    struct dlq_list l;
    struct err e = {0};

    put_message("one");
    put_message("two");
    take(&l, &all);
    cr_assert_eq(l.len, 2);
    char *other = xstrdup(l.items[1].body);
    cr_assert_eq(ops_dlq_delete(c.ops, &q, &l.items[0], &e), E_OK, "%s", e.msg);
    settle(&l);
    take(&l, &all);
    cr_assert_eq(l.len, 1);
    cr_assert_str_eq(l.items[0].body, other);
    settle(&l);
    free(other);
}

Test(ops_dlq, a_queue_that_moves_what_is_looked_at_is_refused)
{
    struct dlq_queue other;
    struct err e = {0};

    call(AWS_OP_SQS_CREATE_QUEUE, "{'QueueName':'further'}");
    call(AWS_OP_SQS_SET_QUEUE_ATTRIBUTES,
         "{'QueueUrl':'%s','Attributes':{'RedrivePolicy':'{\\'deadLetterTargetArn\\':\\'" ARN
         "\\',\\'maxReceiveCount\\':\\'1\\'}'}}",
         q.url, "sqs", "further");
    cr_assert_eq(ops_dlq_open(c.ops, &other, &e), E_CONFLICT);
    cr_assert_not_null(strstr(e.msg, "RedrivePolicy"), "%s", e.msg);
    dlq_queue_clear(&other);
}

Test(ops_dlq, a_missing_queue_names_its_setting)
{
    struct dlq_queue other;
    struct err e = {0};

    call(AWS_OP_SQS_DELETE_QUEUE, "{'QueueUrl':'%s'}", q.url);
    cr_assert_eq(ops_dlq_open(c.ops, &other, &e), E_NOT_FOUND);
    cr_assert_not_null(strstr(err_hint(&e), "EVENTBRIDGE_DLQ_NAME"), "%s", err_hint(&e));
}

/* ---- the doctor, asked why one job did not start ---- */

static struct {
    enum doctor_state state;
    char text[600], fix[600];
} checked;

static void check_of(void *arg, const struct doctor_check *k, const struct finding *f)
{
    if (strcmp(k->id, (const char *)arg) == 0) {
        checked.state = f->state;
        (void)snprintf(checked.text, sizeof checked.text, "%s", f->text);
        (void)snprintf(checked.fix, sizeof checked.fix, "%s", f->fix == NULL ? "" : f->fix);
    }
}

static void why_not(const char *job_id, char *check)
{
    struct doctor_options opt = {.only = doctor_way, .job_id = job_id};
    struct doctor_report r;
    struct err e = {0};

    cr_assert_eq(ops_doctor(c.ops, &opt, check_of, check, &r, &e), E_OK, "%s", e.msg);
    doctor_report_clear(&r);
}

Test(ops_dlq, the_doctor_finds_the_event_of_a_job_among_the_dead_letters)
{
    char id[JOB_ID_SIZE], e4[] = "E4";
    struct dlq_list l;

    deploy(id);
    put_message("not an event");
    wait_for(&l, 2, DLQ_HOLD_S);
    settle(&l);
    why_not(id, e4);
    cr_expect_eq(checked.state, DOCTOR_FAIL);
    cr_expect_not_null(strstr(checked.text, id), "%s", checked.text);
    cr_expect_not_null(strstr(checked.text, "mvp-development-dlq: NO_RESOURCE: "), "%s",
                       checked.text);
    cr_expect_not_null(strstr(checked.fix, dlq_remedy("NO_RESOURCE")), "%s", checked.fix);
    cr_expect_not_null(strstr(checked.fix, "mvpdash dlq redrive "), "%s", checked.fix);
    take(&l, &all); /* it was given back: looking hid nothing */
    cr_expect_eq(l.len, 2);
    settle(&l);
    why_not("job_other", e4);
    cr_expect_eq(checked.state, DOCTOR_WARN, "%s", checked.text);
}

Test(ops_dlq, the_doctor_says_when_the_event_was_not_sent_at_all)
{
    struct ops *cut = ops_cloud_at(&c, "http://127.0.0.1:9");
    char d1[] = "D1";
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};

    ops_cloud_request(&r, "My Startup");
    cr_assert_neq(ops_deploy(cut, &r, &out, &e), E_OK);
    cr_assert(out.kept);
    deploy_request_clear(&r);
    ops_free(cut);
    why_not(out.job_id, d1);
    cr_expect_eq(checked.state, DOCTOR_FAIL, "%s", checked.text);
    cr_expect_not_null(strstr(checked.text, "was not sent yet"), "%s", checked.text);
    why_not("job_other", d1);
    cr_expect_eq(checked.state, DOCTOR_PASS, "%s", checked.text);
}

/* ---- the dashboard's tasks ---- */

static struct msg *run_task(struct task *t)
{
    struct err e = {0};
    struct msgq *out = msgq_new(64, &e);

    cr_assert_not_null(out, "%s", e.msg);
    work_run(c.ops, t, out);
    struct msg *replies = msgq_drain(out);
    msgq_free(out);
    task_free(t);
    return replies;
}

static void free_all(struct msg *m)
{
    while (m != NULL) {
        struct msg *next = m->next;
        msg_free(m);
        m = next;
    }
}

static struct task *acting(enum task_kind kind, const char *a, const char *b)
{
    struct task *t = task_new(kind, 7);

    struct task_ids *ids = &task_as(t, dlq).ids;

    ids->items = xcalloc(2, sizeof *ids->items);
    ids->items[ids->len++] = xstrdup(a);
    if (b != NULL) {
        ids->items[ids->len++] = xstrdup(b);
    }
    return t;
}

/* Looks by task until there are so many; the id of the one at `at`, owned. */
static char *look_for(size_t n, size_t at)
{
    int64_t until = clock_mono_ms(NULL) + 50000;

    for (;;) {
        struct msg *m = run_task(task_new(TASK_DLQ_LOOK, 7));
        cr_assert_eq(m->kind, MSG_DLQ);
        cr_assert_eq(m->err.code, E_OK, "%s", m->err.msg);
        cr_assert_null(m->next);
        cr_assert_str_eq(m->u.dlq->name, QUEUE);
        if (m->u.dlq->list.len == n) {
            char *id = n == 0 ? NULL : xstrdup(m->u.dlq->list.items[at].id);
            free_all(m);
            return id;
        }
        cr_assert_lt(clock_mono_ms(NULL), until, "%zu messages, not %zu", m->u.dlq->list.len, n);
        free_all(m);
    }
}

Test(ops_dlq, a_task_sends_what_was_edited_and_deletes_the_original)
{
    char id[JOB_ID_SIZE];

    deploy(id);
    char *message = look_for(1, 0);
    make_definition();
    struct task *t = acting(TASK_DLQ_SEND, message, "no-such-id");
    struct dlq_edit *edit = xcalloc(1, sizeof *edit);
    task_as(t, dlq).edit = edit;
    edit->source = xstrdup("founderdash.web");
    edit->detail_type = xstrdup("MVP Development Request");
    edit->detail = xasprintf("{\"jobId\":\"%s\",\"edited\":true}", id);
    struct msg *all_msgs = run_task(t);
    struct msg *m = all_msgs;
    cr_assert_eq(m->kind, MSG_DLQ_RESULT);
    cr_assert_eq(m->err.code, E_OK, "%s", m->err.msg);
    cr_assert_str_eq(m->u.dlq_result.id, message);
    cr_assert(m->u.dlq_result.sent.sent && m->u.dlq_result.sent.deleted);
    m = m->next;
    cr_assert_eq(m->kind, MSG_DLQ_RESULT);
    cr_assert_eq(m->err.code, E_NOT_FOUND);
    m = m->next;
    cr_assert_eq(m->kind, MSG_DONE);
    cr_assert_null(m->next);
    free_all(all_msgs);
    ops_cloud_wait_batch(&c, id, BATCH_SUCCEEDED);
    cr_assert_null(look_for(0, 0));
    free(message);
}

Test(ops_dlq, a_bad_edit_leaves_the_message_where_it_is)
{
    char id[JOB_ID_SIZE];

    deploy(id);
    char *message = look_for(1, 0);
    struct task *t = acting(TASK_DLQ_SEND, message, NULL);
    struct dlq_edit *edit = xcalloc(1, sizeof *edit);
    task_as(t, dlq).edit = edit;
    edit->source = xstrdup("founderdash.web");
    edit->detail_type = xstrdup("MVP Development Request");
    edit->detail = xstrdup("{\"founderdashDbUrl\":\"pg://u:****@h\"}");
    struct msg *m = run_task(t);
    cr_assert_eq(m->kind, MSG_DLQ_RESULT);
    cr_assert_eq(m->err.code, E_INVALID);
    cr_assert_not(m->u.dlq_result.sent.sent);
    free_all(m);
    char *again = look_for(1, 0); /* given back at once: no wait for its hold */
    cr_assert_str_eq(again, message);
    free(again);
    free(message);
}

Test(ops_dlq, a_task_deletes_and_says_what_was_not_there)
{
    put_message("one");
    put_message("two");
    char *message = look_for(2, 0);
    struct msg *all_msgs = run_task(acting(TASK_DLQ_DELETE, message, "no-such-id"));
    cr_assert_eq(all_msgs->err.code, E_OK, "%s", all_msgs->err.msg);
    cr_assert(all_msgs->u.dlq_result.sent.deleted);
    cr_assert_eq(all_msgs->next->err.code, E_NOT_FOUND);
    free_all(all_msgs);
    free(look_for(1, 0));
    free(message);
}

Test(ops_dlq, without_a_queue_each_message_has_its_answer)
{
    call(AWS_OP_SQS_DELETE_QUEUE, "{'QueueUrl':'%s'}", q.url);
    struct msg *m = run_task(acting(TASK_DLQ_DELETE, "a", "b"));
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(m->kind, MSG_DLQ_RESULT);
        cr_assert_eq(m->err.code, E_NOT_FOUND, "%s", m->err.msg);
        struct msg *next = m->next;
        msg_free(m);
        m = next;
    }
    cr_assert_eq(m->kind, MSG_DONE);
    cr_assert_eq(m->err.code, E_NOT_FOUND);
    free_all(m);
}
