/* What AWS Batch says of a job, in each of the three places it says it. */
#include <stdlib.h>

#include "core/strbuf.h"
#include "jobs_help.h"

static const char described[] =
    "{'jobId':'05a20f97-ab92-4e29-82e0-ebd0b774ddf1','jobName':'mvp-job_1734567890123_abc123def',"
    "'jobQueue':'arn:aws:batch:us-east-1:123456789012:job-queue/q','status':'FAILED',"
    "'statusReason':'Essential container in task exited','createdAt':1755685800000,"
    "'startedAt':1755685860000,'stoppedAt':1755685900000,"
    "'jobDefinition':'arn:aws:batch:us-east-1:123456789012:job-definition/jd:1',"
    "'parameters':{'JOB_ID':'job_from_parameters'},'isCancelled':false,'isTerminated':true,"
    "'container':{'image':'i','environment':[{'name':'A','value':'1'},{'name':'JOB_ID',"
    "'value':'job_from_env'}],'exitCode':137,'reason':'OutOfMemoryError: Container killed due to "
    "memory usage','logStreamName':'jd/default/abc','logConfiguration':{'logDriver':'awslogs',"
    "'options':{'awslogs-group':'/my/group'}}},"
    "'attempts':[{'startedAt':1755685810000,'stoppedAt':1755685820000,'statusReason':'r1',"
    "'container':{'exitCode':1,'logStreamName':'jd/default/one'}},{'startedAt':1755685860000,"
    "'stoppedAt':1755685900000,'container':{'exitCode':137,'reason':'oom',"
    "'logStreamName':'jd/default/abc'}}]}";

Test(batch, a_described_job_is_read_whole)
{
    struct batch_job *b = help_batch(described);

    cr_expect_str_eq(b->id, "05a20f97-ab92-4e29-82e0-ebd0b774ddf1");
    cr_expect_str_eq(b->job_id, "job_from_env");
    cr_expect_eq(b->status, BATCH_FAILED);
    cr_expect_eq(b->created_ms, INT64_C(1755685800000));
    cr_expect_eq(b->started_ms, INT64_C(1755685860000));
    cr_expect_eq(b->stopped_ms, INT64_C(1755685900000));
    cr_expect_eq(b->exit_code, 137);
    cr_expect_str_eq(b->container_reason, "OutOfMemoryError: Container killed due to memory usage");
    cr_expect_str_eq(b->log_stream, "jd/default/abc");
    cr_expect_str_eq(b->log_group, "/my/group");
    cr_expect(b->terminated && !b->cancelled && b->detailed);
    cr_assert_eq(b->attempts_len, 2);
    cr_expect_eq(b->attempts[0].exit_code, 1);
    cr_expect_str_eq(b->attempts[0].status_reason, "r1");
    cr_expect_null(b->attempts[0].container_reason);
    cr_expect_str_eq(b->attempts[1].log_stream, "jd/default/abc");
    batch_job_free(b);
}

Test(batch, a_copy_shares_nothing_with_the_first)
{
    struct batch_job *b = help_batch(described);
    struct batch_job *c = batch_job_copy(b);

    batch_job_free(b);
    cr_expect_str_eq(c->job_id, "job_from_env");
    cr_expect_str_eq(c->attempts[1].container_reason, "oom");
    batch_job_free(c);
    batch_job_free(NULL);
}

Test(batch, a_summary_is_not_detailed)
{
    struct batch_job *b = help_batch("{'jobId':'x','jobName':'n','status':'RUNNABLE','createdAt':5,"
                                     "'statusReason':'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT',"
                                     "'jobDefinition':'arn'}");
    cr_expect_not(b->detailed);
    cr_expect_eq(b->status, BATCH_RUNNABLE);
    cr_expect_eq(b->started_ms, TIME_NONE);
    cr_expect_eq(b->exit_code, EXIT_CODE_NONE);
    cr_expect_null(b->job_id);
    batch_job_free(b);
}

static const struct id_case {
    const char *json;
    const char *want; /* NULL: none */
} id_cases[] = {
    {"{'jobId':'x','jobName':'mvp-job_1734567890123_abc123def'}",                             "job_1734567890123_abc123def"},
    {"{'jobId':'x','jobName':'job_1734567890123_abc123def'}",                                 "job_1734567890123_abc123def"},
    {"{'jobId':'x','jobName':'myjob_1734567890123_abc123def'}",                               NULL                         },
    {"{'jobId':'x','jobName':'job_1734567890123_abc123deF'}",                                 NULL                         },
    {"{'jobId':'x','jobName':'job__abc123def'}",                                              NULL                         },
    {"{'jobId':'x','jobName':'1_abc123def'}",                                                 NULL                         },
    {"{'jobId':'x','jobName':'_abc123def'}",                                                  NULL                         },
    {"{'jobId':'x','jobName':'abc'}",                                                         NULL                         },
    {"{'jobId':'x','jobName':''}",                                                            NULL                         },
    {"{'jobId':'x','jobName':'a','parameters':{'JOB_ID':'p'}}",                               "p"                          },
    {"{'jobId':'x','jobName':'job_1_abc123def','parameters':{'JOB_ID':'p'}}",                 "p"                          },
    {"{'jobId':'x','jobName':'a','parameters':{'JOB_ID':'<jobId>'}}",                         NULL                         },
    {"{'jobId':'x','jobName':'job_1_abc123def','parameters':{'JOB_ID':'Ref::id'}}",
     "job_1_abc123def"                                                                                                     },
    {"{'jobId':'x','jobName':'a','parameters':{'JOB_ID':'<>'}}",                              "<>"                         },
    {"{'jobId':'x','parameters':{'JOB_ID':'<jobId>'},'container':{'environment':[{'name':'JOB_ID','"
     "value'"
     ":'<id>'}]}}",                                                                      "<id>"                       },
    {"{'jobId':'x','parameters':{'JOB_ID':'p'},'container':{'environment':[{'name':'JOB_ID','value'"
     ":'e'}]}}",                                                                         "e"                          },
    {"{'jobId':'x','container':{'environment':[{'name':'JOB_ID','value':''}]},'parameters':{'JOB_"
     "ID':'p'}}",                                                                        "p"                          },
    {"{'jobId':'x','ecsProperties':{'taskProperties':[{'containers':[{'environment':[]},"
     "{'environment':[{'name':'JOB_ID','value':'ecs'}]}]}]}}",                           "ecs"                        },
    {"{'jobId':'x','eksProperties':{'podProperties':{'containers':[{'env':[{'name':'JOB_ID',"
     "'value':'eks'}]}]}}}",                                                             "eks"                        },
    {"{'jobId':'x','parameters':{'JOB_ID':5},'container':{'environment':{'name':'JOB_ID'}}}", NULL                         },
    {"{'jobId':'x','container':{'environment':[{'name':'JOB_ID','value':'Ref::JOB_ID'}]},"
     "'parameters':{'JOB_ID':'p'}}",                                                     "p"                          },
    {"{'jobId':'x','parameters':{'jobId':'as-infra-names-it'}}",                              "as-infra-names-it"          },
    {"{'jobId':'x','parameters':{'jobId':'p','JOB_ID':'q'}}",                                 "q"                          },
    {"{'jobId':'x','parameters':{'JOB_ID':'Ref::orderId'}}",                                  NULL                         },
};

Test(batch, our_job_id_is_found_in_the_order_of_the_contract)
{
    for (size_t i = 0; i < sizeof id_cases / sizeof *id_cases; i++) {
        struct batch_job *b = help_batch(id_cases[i].json);
        cr_expect_str_eq(help_or(b->job_id), help_or(id_cases[i].want), "%s", id_cases[i].json);
        batch_job_free(b);
    }
}

Test(batch, a_text_that_cannot_be_a_key_is_no_id)
{
    for (size_t len = 2047; len <= 2050; len++) {
        char id[2051];
        memset(id, 'a', len);
        id[len] = '\0';
        char *json = xasprintf("{'jobId':'x','parameters':{'JOB_ID':'%s'}}", id);
        struct batch_job *b = help_batch(json);
        cr_expect_str_eq(help_or(b->job_id), len <= 2048 ? id : help_or(NULL), "%zu", len);
        batch_job_free(b);
        free(json);
    }
}

Test(batch, jobs_of_several_containers_tell_the_failed_one)
{
    struct batch_job *b = help_batch(
        "{'jobId':'x','status':'FAILED','container':{},'ecsProperties':{'taskProperties':[{"
        "'containers':[{'exitCode':0,'logStreamName':'a'},{'exitCode':3,'reason':'bad',"
        "'logStreamName':'b'}]}]}}");
    cr_expect_eq(b->exit_code, 3);
    cr_expect_str_eq(b->log_stream, "b");
    cr_expect_str_eq(b->container_reason, "bad");
    batch_job_free(b);
}

Test(batch, the_last_attempt_stands_in_for_the_container)
{
    struct batch_job *b =
        help_batch("{'jobId':'x','status':'RUNNABLE','attempts':[{'container':{'exitCode':9,"
                   "'reason':'r','logStreamName':'s'}}]}");
    cr_expect_eq(b->exit_code, 9);
    cr_expect_str_eq(b->container_reason, "r");
    cr_expect_str_eq(b->log_stream, "s");
    batch_job_free(b);
}

Test(batch, wrong_types_read_as_absent)
{
    static const char *const odd[] = {
        "{'jobId':'x','attempts':{},'container':[],'status':7,'createdAt':'soon'}",
        "{'jobId':'x','attempts':[1,null,'a',[],{}],'container':null,'parameters':[]}",
        "{'jobId':'x','attempts':[{'container':{'exitCode':'1'}}],'isTerminated':'yes'}",
        "{'jobId':'x','container':{'exitCode':1e99,'logConfiguration':{'options':[]}}}",
        "{'jobId':'x','ecsProperties':{'taskProperties':[1,{'containers':[null,5]}]}}",
        "{'jobId':'x','createdAt':-1,'startedAt':0,'stoppedAt':1e300,'status':'running'}",
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct batch_job *b = help_batch(odd[i]);
        cr_expect_eq(b->status, BATCH_UNKNOWN, "%s", odd[i]);
        cr_expect_eq(b->exit_code, EXIT_CODE_NONE, "%s", odd[i]);
        cr_expect_eq(b->created_ms, TIME_NONE, "%s", odd[i]);
        cr_expect_eq(b->stopped_ms, TIME_NONE, "%s", odd[i]);
        batch_job_free(b);
    }
}

Test(batch, without_an_id_there_is_no_job)
{
    static const char *const none[] = {"{}", "{'jobId':''}", "{'jobId':5}", "[]", "null", "'x'"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        cJSON *v = help_json(none[i]);
        cr_expect_null(batch_job_from_json(v), "%s", none[i]);
        cJSON_Delete(v);
    }
    cr_expect_null(batch_job_from_json(NULL));
}

Test(batch, more_attempts_than_batch_makes_keep_the_last)
{
    struct strbuf s = STRBUF_INIT;
    strbuf_adds(&s, "{'jobId':'x','attempts':[");
    for (int i = 0; i < 500; i++) {
        strbuf_addf(&s, "%s{'container':{'exitCode':%d}}", i == 0 ? "" : ",", i);
    }
    strbuf_adds(&s, "]}");
    struct batch_job *b = help_batch(strbuf_str(&s));
    cr_expect_leq(b->attempts_len, 16);
    cr_expect_eq(b->attempts[b->attempts_len - 1].exit_code, 499);
    batch_job_free(b);
    strbuf_clear(&s);
}

Test(batch, words_are_those_of_aws)
{
    for (int i = BATCH_SUBMITTED; i <= BATCH_FAILED; i++) {
        cr_expect_eq((int)batch_status_parse(batch_status_word((enum batch_status)i)), i);
    }
    cr_expect_eq(batch_status_parse("running"), BATCH_UNKNOWN);
    cr_expect_eq(batch_status_parse(NULL), BATCH_UNKNOWN);
    cr_expect_str_eq(batch_status_word((enum batch_status)42), "");
}
