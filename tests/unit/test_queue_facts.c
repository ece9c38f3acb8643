/* How a job queue stands: sums, places, and what is not known. */
#include "jobs/queue_facts.h"
#include "jobs_help.h"

/* A queue of these environments, each a member list. */
static struct queue_facts *facts_of(const char *queue, const char *environments)
{
    cJSON *q = help_json(queue);
    cJSON *e = help_json(environments);
    struct queue_facts *f = queue_facts_new(q, e);

    cJSON_Delete(q);
    cJSON_Delete(e);
    return f;
}

static void add(struct queue_facts *f, enum batch_status state, const char *json, bool more)
{
    struct batch_job *b = help_batch(json);

    queue_facts_add(f, state, &b, 1, more);
    if (state == BATCH_RUNNING || state == BATCH_STARTING) {
        queue_facts_add_size(f, b);
    }
    batch_job_free(b);
}

#define QUEUE "{'jobQueueName':'q','state':'ENABLED','status':'VALID','computeEnvironmentOrder':["
#define ONE "[{'computeEnvironmentName':'e','state':'ENABLED','status':'VALID','computeResources':{"
#define SIZED "'attempts':[],'container':{'resourceRequirements':[{'type':'VCPU','value':"
#define REST "},{'type':'MEMORY','value':'512'}]}}"

Test(queue_facts, vcpus_are_summed_and_jobs_put_in_order)
{
    char text[QUEUE_TEXT_SIZE];
    size_t ahead = 99;
    bool at_least = true;
    struct queue_facts *f = facts_of(QUEUE "{'order':1}]}", ONE "'type':'FARGATE','maxvCpus':8}}]");

    cr_expect_str_eq(queue_vcpus_text(f, text), "0 of 8 vCPUs in use");
    add(f, BATCH_RUNNING, "{'jobId':'r1','status':'RUNNING'," SIZED "'7.75'" REST, false);
    add(f, BATCH_STARTING, "{'jobId':'r2','status':'STARTING'," SIZED "'0.25'" REST, false);
    add(f, BATCH_RUNNABLE, "{'jobId':'w3','status':'RUNNABLE','createdAt':30}", false);
    add(f, BATCH_RUNNABLE, "{'jobId':'w1','status':'RUNNABLE','createdAt':10,'statusReason':'x'}",
        false);
    add(f, BATCH_RUNNABLE, "{'jobId':'w2','status':'RUNNABLE','createdAt':20}", false);
    queue_facts_order(f);
    cr_expect_str_eq(queue_vcpus_text(f, text), "8 of 8 vCPUs in use");
    cr_expect_str_eq(queue_wait_text(f, "w3", text), "8 of 8 vCPUs in use, 2 jobs ahead");
    cr_expect_str_eq(queue_wait_text(f, "w2", text), "8 of 8 vCPUs in use, 1 job ahead");
    cr_expect(queue_ahead(f, "w1", &ahead, &at_least));
    cr_expect(ahead == 0 && !at_least);
    cr_expect_str_eq(f->waiting[0].reason, "x");
    cr_expect_str_eq(queue_wait_text(f, "r1", text), "", "it runs");
    cr_expect_str_eq(queue_wait_text(f, "other", text), "", "it is not in the queue");
    queue_facts_free(f);
}

Test(queue_facts, what_is_not_known_is_said)
{
    char text[QUEUE_TEXT_SIZE];
    struct queue_facts *f = facts_of(QUEUE "{'order':1},{'order':2}],'schedulingPolicyArn':'arn'}",
                                     ONE "'type':'SPOT','maxvCpus':8}}]");

    cr_expect_not(f->environments_all);
    cr_expect_str_eq(queue_vcpus_text(f, text), "0 vCPUs in use", "one of two environments");
    add(f, BATCH_RUNNABLE, "{'jobId':'w1','status':'RUNNABLE','createdAt':10}", false);
    cr_expect_str_eq(queue_wait_text(f, "w1", text), "", "nothing runs: it waits for no other job");
    add(f, BATCH_RUNNING, "{'jobId':'r1','status':'RUNNING'}", false);
    cr_expect_str_eq(queue_vcpus_text(f, text), "vCPUs in use not known");
    add(f, BATCH_RUNNING, "{'jobId':'r2','status':'RUNNING'," SIZED "'2'" REST, false);
    cr_expect_str_eq(queue_wait_text(f, "w1", text),
                     "at least 2 vCPUs in use, a scheduling policy decides its turn");
    queue_facts_free(f);

    f = facts_of(QUEUE "{'order':1}]}", ONE "'type':'FARGATE','maxvCpus':8}}]");
    add(f, BATCH_RUNNING, "{'jobId':'r2','status':'RUNNING'," SIZED "'2'" REST, false);
    add(f, BATCH_RUNNABLE, "{'jobId':'w1','status':'RUNNABLE','createdAt':10}", true);
    cr_expect_str_eq(queue_wait_text(f, "w1", text), "2 of 8 vCPUs in use, at least 0 jobs ahead",
                     "older ones were not read");
    add(f, BATCH_PENDING, "{'jobId':'p','status':'PENDING','arrayProperties':{'size':9}}", false);
    cr_expect_str_eq(queue_vcpus_text(f, text), "at least 2 of 8 vCPUs in use",
                     "children of an array are not listed");
    queue_facts_free(f);
}

Test(queue_facts, an_environment_that_is_off_gives_no_room)
{
    char text[QUEUE_TEXT_SIZE];
    struct queue_facts *f = facts_of(
        QUEUE "{'order':1},{'order':2},{'order':3}]}",
        "[{'state':'ENABLED','status':'VALID','computeResources':{'maxvCpus':4}},"
        "{'state':'DISABLED','status':'VALID','computeResources':{'maxvCpus':16}},"
        "{'state':'ENABLED','status':'INVALID','statusReason':'https://u:p4ssword@h/ is bad',"
        "'computeResources':{'maxvCpus':32}}]");

    cr_expect_str_eq(queue_vcpus_text(f, text), "0 of 4 vCPUs in use");
    cr_expect_null(strstr(f->environments[2].reason, "p4ssword"));
    queue_facts_free(f);
}

Test(queue_facts, documents_of_any_shape_are_read)
{
    static const char *const queues[] = {"{}", "[]", "7",
                                         "{'state':1,'computeEnvironmentOrder':{}}"};
    static const char *const lists[] = {"[]", "{}", "[1,'x',null,{}]",
                                        "[{'computeResources':{'maxvCpus':'8','type':9}}]",
                                        "[{'computeResources':{'maxvCpus':1e300}}]"};
    char text[QUEUE_TEXT_SIZE];

    for (size_t i = 0; i < sizeof queues / sizeof *queues; i++) {
        for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
            struct queue_facts *f = facts_of(queues[i], lists[k]);
            queue_facts_order(f);
            cr_expect_str_eq(queue_vcpus_text(f, text), "0 vCPUs in use", "%zu %zu", i, k);
            queue_facts_free(f);
        }
    }
}
