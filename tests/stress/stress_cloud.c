/* stress_cloud.c - many threads submit, end and follow jobs of one local cloud, which is then
 * stopped under way. For ThreadSanitizer; the exit status is the verdict. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/path.h"
#include "src/cloud/batch/batch.h"
#include "src/cloud/start.h"
#include "src/cloud/store/service.h"

enum { THREADS = 6, JOBS = 12 };

static cJSON *call(struct cloud *l, enum aws_op_id op, const char *json)
{
    cJSON *in = cJSON_Parse(json), *out;
    struct cloud_reply r;

    cloud_dispatch(l, op, in, &r);
    if (r.code[0] != '\0' && r.status != 503) {
        (void)fprintf(stderr, "stress_cloud: %s: %s\n", r.code, r.message);
        exit(1);
    }
    out = r.out;
    r.out = NULL;
    cloud_reply_clear(&r);
    cJSON_Delete(in);
    return out;
}

static void *submit_jobs(void *arg)
{
    struct cloud *l = arg;
    char json[256];

    for (int i = 0; i < JOBS; i++) {
        cJSON *out =
            call(l, AWS_OP_BATCH_SUBMIT_JOB,
                 i % 3 == 0 ? "{\"jobName\":\"j\",\"jobQueue\":\"q\",\"jobDefinition\":"
                              "\"d\",\"containerOverrides\":{\"command\":[\"sleep\",\"60\"]}}"
                            : "{\"jobName\":\"j\",\"jobQueue\":\"q\",\"jobDefinition\":"
                              "\"d\"}");
        (void)snprintf(json, sizeof json, "{\"jobId\":\"%s\",\"reason\":\"enough\"}",
                       json_str_or(out, "jobId", "-"));
        cJSON_Delete(out);
        if (i % 3 == 0) {
            cJSON_Delete(call(l, AWS_OP_BATCH_TERMINATE_JOB, json));
        }
        cJSON_Delete(call(l, AWS_OP_BATCH_LIST_JOBS, "{\"jobQueue\":\"q\"}"));
        cJSON_Delete(call(l, AWS_OP_EVENTS_PUT_EVENTS,
                          "{\"Entries\":[{\"Source\":\"app\",\"DetailType\":\"t\",\"Detail\":"
                          "\"{}\"}]}"));
    }
    return NULL;
}

static void make_system(struct cloud *l)
{
    cJSON_Delete(call(l, AWS_OP_BATCH_CREATE_COMPUTE_ENVIRONMENT,
                      "{\"computeEnvironmentName\":\"ce\",\"type\":\"MANAGED\"}"));
    cJSON_Delete(call(l, AWS_OP_BATCH_CREATE_JOB_QUEUE,
                      "{\"jobQueueName\":\"q\",\"priority\":1,\"computeEnvironmentOrder\":["
                      "{\"order\":1,\"computeEnvironment\":\"ce\"}]}"));
    cJSON_Delete(call(l, AWS_OP_BATCH_REGISTER_JOB_DEFINITION,
                      "{\"jobDefinitionName\":\"d\",\"type\":\"container\","
                      "\"containerProperties\":{\"image\":\"busybox\",\"command\":[\"sh\",\"-c\","
                      "\"seq 1 50\"]}}"));
    cJSON_Delete(call(l, AWS_OP_LOGS_CREATE_LOG_GROUP, "{\"logGroupName\":\"g\"}"));
    cJSON_Delete(call(l, AWS_OP_EVENTS_PUT_RULE,
                      "{\"Name\":\"r\",\"EventPattern\":\"{\\\"source\\\":[{\\\"exists\\\":true}]}"
                      "\"}"));
    cJSON_Delete(call(l, AWS_OP_EVENTS_PUT_TARGETS,
                      "{\"Rule\":\"r\",\"Targets\":[{\"Id\":\"g\",\"Arn\":\"arn:aws:logs:us-east-1:"
                      "000000000000:log-group:g\"}]}"));
}

int main(void)
{
    char dir[] = "/tmp/mvpdash-stress-XXXXXX";
    pthread_t threads[THREADS];
    struct err e = {.code = E_OK};

    if (mkdtemp(dir) == NULL) {
        return 1;
    }
    struct cloud *l = cloud_start(
        &(struct cloud_options){.data_dir = dir, .max_running_jobs = 4, .kill_grace_ms = 200}, &e);
    if (l == NULL) {
        (void)fprintf(stderr, "stress_cloud: %s\n", e.msg);
        return 1;
    }
    make_system(l);
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, submit_jobs, l) != 0) {
            return 1;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    int waiting = cloud_batch_active_jobs(l);
    cloud_stop(l); /* jobs run and wait */
    (void)printf("stress_cloud: %d jobs, stopped with %d under way\n", THREADS * JOBS, waiting);
    return path_remove_tree(dir, &e) == E_OK ? 0 : 1;
}
