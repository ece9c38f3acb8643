/* The doctor's rules, each with documents that pass and that fail. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"
#include "jobs/doctor.h"
#include "ops/doctor.h"

/* The doctor's rules without a cloud. */

static const struct doctor_names names = {.region = "us-east-1",
                                          .account = "000000000000",
                                          .table = "jobs",
                                          .bus = "mvp",
                                          .rule = "r",
                                          .queue = "q",
                                          .definition = "def",
                                          .dlq = "dlq",
                                          .log_group = "/aws/batch/job",
                                          .source = "s",
                                          .detail_type = "t"};

static cJSON *doc(const char *text)
{
    char *copy = strdup(text);

    for (char *p = copy; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    cJSON *v = json_parse(copy, strlen(copy), "test", NULL);
    cr_assert_not_null(v, "%s", text);
    free(copy);
    return v;
}

Test(doctor_rules, the_table_of_checks_holds_together)
{
    for (size_t i = 0; i < doctor_checks_len; i++) {
        const struct doctor_check *c = &doctor_checks[i];
        const char *lists[2] = {c->needs, c->after};
        cr_expect_not_null(c->run);
        cr_expect_neq(c->title[0], '\0');
        /* a limit that names other checks names ones that exist */
        for (const char *p = c->limit; p != NULL && *p != '\0'; p++) {
            bool id = p[0] >= 'A' && p[0] <= 'K' && p[1] >= '1' && p[1] <= '9';
            bool found = !id;
            for (size_t j = 0; j < doctor_checks_len && id; j++) {
                found = found || strncmp(doctor_checks[j].id, p, 2) == 0;
            }
            cr_expect(found, "%s: no check %.2s", c->id, p);
        }
        for (size_t j = 0; j < i; j++) {
            cr_expect_str_neq(c->id, doctor_checks[j].id);
        }
        for (int l = 0; l < 2; l++) {
            char copy[200];
            (void)snprintf(copy, sizeof copy, "%s", lists[l]);
            for (char *id = strtok(copy, " "); id != NULL; id = strtok(NULL, " ")) {
                bool found = false;
                for (size_t j = 0; j < doctor_checks_len; j++) {
                    found = found || strcmp(doctor_checks[j].id, id) == 0;
                }
                cr_expect(found, "%s names %s, which is no check", c->id, id);
                cr_expect_str_neq(id, c->id);
            }
        }
    }
}

Test(doctor_rules, checks_can_be_ordered)
{
    bool done[64] = {false};
    size_t left = doctor_checks_len;

    for (size_t round = 0; round < doctor_checks_len && left > 0; round++) {
        for (size_t i = 0; i < doctor_checks_len; i++) {
            char ids[400];
            bool ready = !done[i];
            (void)snprintf(ids, sizeof ids, "%s %s", doctor_checks[i].needs,
                           doctor_checks[i].after);
            for (char *id = strtok(ids, " "); id != NULL; id = strtok(NULL, " ")) {
                for (size_t j = 0; j < doctor_checks_len; j++) {
                    ready = ready && (strcmp(doctor_checks[j].id, id) != 0 || done[j]);
                }
            }
            if (ready) {
                done[i] = true;
                left--;
            }
        }
    }
    cr_expect_eq(left, 0, "some wait for each other");
}

Test(doctor_rules, the_worst_counts_and_equals_stand_together)
{
    struct finding f = {0};

    cr_expect(finding_add(&f, DOCTOR_WARN, "a"));
    finding_fix(&f, "fix a");
    cr_expect_not(finding_add(&f, DOCTOR_PASS, "well"));
    cr_expect(finding_add(&f, DOCTOR_WARN, "b"));
    finding_fix(&f, "fix b");
    cr_expect_str_eq(f.text, "a; b");
    cr_expect_str_eq(f.fix, "fix a; fix b");
    cr_expect(finding_add(&f, DOCTOR_FAIL, "c"));
    cr_expect_str_eq(f.text, "c");
    cr_expect_null(f.fix);
    finding_clear(&f);
}

Test(doctor_rules, a_name_in_a_remedy_cannot_become_a_command)
{
    struct finding f = {0};

    (void)finding_add(&f, DOCTOR_FAIL, "x");
    finding_fix(&f, "aws %-s %-s %-s 100%%", "plain-name:3", "a b; rm -rf $(x)", "it's");
    cr_expect_str_eq(f.fix, "aws plain-name:3 'a b; rm -rf $(x)' 'it'\\''s' 100%");
    finding_clear(&f);
}

Test(doctor_rules, the_commands_of_a_remedy_can_be_copied)
{
    static const struct {
        const char *fix, *want;
    } cases[] = {
        {"see D3",                                      NULL              },
        {"`aws x`",                                     "aws x"           },
        {"set it, or: `aws x 'a`b'` (it is so); `c d`", "aws x 'a`b'\nc d"},
        {"`never ends",                                 NULL              },
        {"``",                                          NULL              },
        {"a `b' c` d",                                  NULL              },
        {"",                                            NULL              },
        {NULL,                                          NULL              },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = doctor_commands(cases[i].fix);
        cr_expect(cases[i].want == NULL ? got == NULL
                                        : got != NULL && strcmp(got, cases[i].want) == 0,
                  "%s gives %s", cases[i].fix, got);
        free(got);
    }
}

Test(doctor_rules, arns_are_taken_apart)
{
    static const struct {
        const char *arn, *region, *account, *name;
    } cases[] = {
        {"arn:aws:batch:eu-west-1:1234:job-queue/q",        "eu-west-1", "1234", "q"    },
        {"arn:aws:batch:eu-west-1:1234:job-definition/d:3", "eu-west-1", "1234", "d:3"  },
        {"arn:aws:sqs:eu-west-1:1234:dlq",                  "eu-west-1", "1234", "dlq"  },
        {"arn:aws",                                         "",          "",     ""     },
        {"arn:",                                            "",          "",     ""     },
        {"plain",                                           "",          "",     "plain"},
        {"",                                                "",          "",     ""     },
        {NULL,                                              "",          "",     ""     },
    };
    char part[32];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_str_eq(doctor_arn_part(cases[i].arn, 3, part, sizeof part), cases[i].region);
        cr_expect_str_eq(doctor_arn_part(cases[i].arn, 4, part, sizeof part), cases[i].account);
        cr_expect_str_eq(doctor_arn_name(cases[i].arn), cases[i].name);
    }
}

Test(doctor_rules, a_policy_lets_the_rule_in_or_not)
{
    static const struct {
        const char *statement;
        enum doctor_state state;
    } cases[] = {
        {"{'Effect':'Allow','Principal':'*','Action':'sqs:*','Resource':'*'}",                    DOCTOR_PASS},
        {"[{'Effect':'Allow','Principal':{'Service':['lambda.amazonaws.com','events.amazonaws.com']"
         "},'Action':['sqs:SendMessage'],'Condition':{'ArnLike':{'aws:SourceArn':'arn:aws:events:*:"
         "rule/mvp/*'}}}]",                                                              DOCTOR_PASS},
        {"[{'Effect':'Allow','Principal':{'Service':'events.amazonaws.com'},'Action':"
         "'sqs:SendMessage','Condition':{'StringEquals':{'aws:SourceAccount':'111'}}}]", DOCTOR_FAIL},
        {"[{'Effect':'Deny','Principal':'*','Action':'sqs:*'}]",                                  DOCTOR_FAIL},
        {"[{'Effect':'Allow','Principal':{'Service':'sns.amazonaws.com'},'Action':'sqs:*'}]",
         DOCTOR_FAIL                                                                                         },
        {"[{'Effect':'Allow','Principal':'*','Action':'sqs:ReceiveMessage'}]",                    DOCTOR_FAIL},
        {"'x'",                                                                                   DOCTOR_FAIL},
        {"[1,[2],null]",                                                                          DOCTOR_FAIL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct finding f = {0};
        cJSON *policy = json_new_object();
        cJSON *attributes = json_new_object();
        json_set(policy, "Statement", doc(cases[i].statement));
        char *text = json_text(policy);
        json_set_str(attributes, "Policy", text);
        json_set_str(attributes, "QueueArn", "arn:aws:sqs:us-east-1:000000000000:dlq");
        doctor_dlq_policy(attributes, "http://q",
                          "arn:aws:events:us-east-1:000000000000:rule/mvp/r", &f);
        cr_expect_eq(f.state, cases[i].state, "%s: %s", cases[i].statement, f.text);
        finding_clear(&f);
        free(text);
        cJSON_Delete(policy);
        cJSON_Delete(attributes);
    }
}

Test(doctor_rules, encryption_with_awss_own_key_is_named)
{
    struct finding f = {0};
    cJSON *attributes = doc("{'KmsMasterKeyId':'alias/aws/sqs','QueueArn':'arn:aws:sqs:r:a:dlq'}");

    doctor_dlq_policy(attributes, "u", "arn", &f);
    cr_expect_eq(f.state, DOCTOR_FAIL);
    cr_expect(strstr(f.text, "AWS's own key") != NULL, "%s", f.text);
    finding_clear(&f);
    cJSON_Delete(attributes);
}

Test(doctor_rules, each_reason_to_wait_has_its_remedy)
{
    static const struct {
        const char *reason;
        enum doctor_state state;
        const char *text, *fix;
    } cases[] = {
        {"CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - x",                 DOCTOR_WARN, "no instance",
         "aws batch describe-compute-environments --region us-east-1 --compute-environments env"                                          },
        {"MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - x",       DOCTOR_FAIL, "maximum size",
         "--compute-environment env --compute-resources maxvCpus=16"                                                                      },
        {"MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - x",               DOCTOR_FAIL, "large enough",       "see F4"                       },
        {"MISCONFIGURATION:EC2_INSTANCE_CONFIGURATION_UNSUPPORTED - x", DOCTOR_FAIL,
         "launch template",                                                                                "describe-compute-environments"},
        {"MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS - x",               DOCTOR_FAIL, "service role",
         "aws iam attach-role-policy --role-name batch-role --policy-arn"                                                                 },
        {"ACTION_REQUIRED - CE is INVALID",                             DOCTOR_FAIL, "an action from you",
         "describe-compute-environments"                                                                                                  },
        {"UNDETERMINED - x",                                            DOCTOR_WARN, "does not know why",  "describe-compute-environments"},
        {"",                                                            DOCTOR_WARN, "gives no reason",    "a route to ECR"               },
    };
    cJSON *environments = doc("[{'computeEnvironmentName':'env','serviceRole':"
                              "'arn:aws:iam::1:role/batch-role'}]");

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct finding f = {0};
        char text[300];
        (void)snprintf(text, sizeof text,
                       "{'jobId':'b','createdAt':1000,'status':'RUNNABLE','statusReason':'%s'}",
                       cases[i].reason);
        cJSON *job = doc(text);
        doctor_head(
            &(struct doctor_waiting){
                .job = job, .now_ms = 901000, .patience_s = 300, .environments = environments},
            &names, &f);
        cr_expect_eq(f.state, cases[i].state, "%s: %s", cases[i].reason, f.text);
        cr_expect(strstr(f.text, "job b has been RUNNABLE for 15m: ") == f.text, "%s", f.text);
        cr_expect(strstr(f.text, cases[i].text) != NULL, "%s", f.text);
        cr_expect(strstr(f.fix, cases[i].fix) != NULL, "%s", f.fix);
        finding_clear(&f);
        cJSON_Delete(job);
    }
    cJSON_Delete(environments);
}

/* A queue whose jobs run takes the others in their turn. */
Test(doctor_rules, a_job_that_waits_for_its_turn_is_not_wrong)
{
#define RUNS(vcpus)                                                                                \
    "{'jobId':'r','status':'RUNNING','container':{'resourceRequirements':[{'type':'VCPU',"         \
    "'value':'" vcpus "'}]}}"
    static const struct {
        const char *name, *reason, *running, *environments;
        enum doctor_state state;
        const char *text;
    } cases[] = {
        {"nothing runs",                      "",                                              "[]",                                 "[{'computeResources':{'maxvCpus':4}}]", DOCTOR_WARN,
         "nothing runs in the queue"                                                                                                                                                                                     },
        {"full",                              "",                                              "[" RUNS("2") "," RUNS("2") "]",      "[{'computeResources':{'maxvCpus':4}}]",
         DOCTOR_PASS,                                                                                                                                                                      "2 jobs run with 4 of 4 vCPUs"},
        {"no room for this one",              "",                                              "[" RUNS("3") "]",                    "[{'computeResources':{'maxvCpus':4}}]",
         DOCTOR_PASS,                                                                                                                                                                      "1 job runs with 3 of 4 vCPUs"},
        {"two environments, room in both",    "",                                              "[" RUNS("3") "]",
         "[{'computeResources':{'maxvCpus':4}},{'computeResources':{'maxvCpus':4}}]",                                                                                         DOCTOR_PASS,
         "1 job runs with 3 of 8 vCPUs"                                                                                                                                                                                  },
        {"size of the environment not known", "",                                              "[" RUNS("1") "]",                    "null",                                  DOCTOR_PASS,
         "1 job runs"                                                                                                                                                                                                    },
        {"size of the running job not known", "",                                              "[{'jobId':'r','status':'RUNNING'}]",
         "[{'computeResources':{'maxvCpus':99}}]",                                                                                                                            DOCTOR_PASS, "1 job runs"                  },
        {"Batch says why",                    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - x",   "[" RUNS("4") "]",
         "[{'computeResources':{'maxvCpus':4}}]",                                                                                                                             DOCTOR_WARN, "no instance"                 },
        {"never to be placed",                "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - x", "[" RUNS("4") "]",
         "[{'computeResources':{'maxvCpus':4}}]",                                                                                                                             DOCTOR_FAIL, "large enough"                },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct finding f = {0};
        char text[300];
        (void)snprintf(text, sizeof text,
                       "{'jobId':'b','createdAt':1000,'status':'RUNNABLE','statusReason':'%s',"
                       "'container':{'resourceRequirements':[{'type':'VCPU','value':'2'}]}}",
                       cases[i].reason);
        cJSON *job = doc(text), *running = doc(cases[i].running);
        cJSON *environments = doc(cases[i].environments);
        doctor_head(&(struct doctor_waiting){.job = job,
                                             .running = running,
                                             .now_ms = 901000,
                                             .patience_s = 300,
                                             .environments = environments},
                    &names, &f);
        cr_expect_eq(f.state, cases[i].state, "%s: %s", cases[i].name, f.text);
        cr_expect_not_null(strstr(f.text, cases[i].text), "%s: %s", cases[i].name, f.text);
        if (f.state == DOCTOR_PASS) {
            cr_expect_not_null(strstr(f.text, "job b has waited 15m for its turn"), "%s", f.text);
        }
        finding_clear(&f);
        cJSON_Delete(job);
        cJSON_Delete(running);
        cJSON_Delete(environments);
    }
#undef RUNS
}

/* A container that was refused its claim would only be refused again. */
Test(doctor_rules, a_definition_that_tries_refused_claims_again_is_named)
{
    static const struct {
        const char *strategy;
        bool warns;
    } cases[] = {
        {"{'attempts':1}",                                                                    false},
        {"{}",                                                                                false},
        {"{'attempts':2}",                                                                    true },
        {"{'attempts':2,'evaluateOnExit':[{'onStatusReason':'Host EC2*','action':'RETRY'}]}", true },
        {"{'attempts':2,'evaluateOnExit':[{'onExitCode':'75','action':'EXIT'}]}",             false},
        {"{'attempts':2,'evaluateOnExit':[{'onExitCode':'7*','action':'exit'}]}",             false},
        {"{'attempts':2,'evaluateOnExit':[{'onReason':'*','action':'RETRY'},"
         "{'onExitCode':'75','action':'EXIT'}]}",                                    true },
        {"{'attempts':2,'evaluateOnExit':[{'onStatusReason':'Host EC2*','action':'RETRY'},"
         "{'onExitCode':'*','action':'EXIT'}]}",                                     false},
        {"{'attempts':2,'evaluateOnExit':[{'onExitCode':'1','action':'EXIT'}]}",              true },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct finding f = {0};
        char text[400];
        (void)snprintf(text, sizeof text,
                       "{'timeout':{'attemptDurationSeconds':600},'retryStrategy':%s}",
                       cases[i].strategy);
        cJSON *d = doc(text);
        doctor_definition_limits(d, "def:3", &f);
        cr_expect_eq(f.state, cases[i].warns ? DOCTOR_WARN : DOCTOR_PASS, "%s: %s", text, f.text);
        cr_expect_eq(f.fix != NULL && strstr(f.fix, "onExitCode=75") != NULL, cases[i].warns);
        finding_clear(&f);
        cJSON_Delete(d);
    }
}

/* Whatever shape the documents have, each rule says something and reads nothing that is not there.
 */
Test(doctor_rules, odd_documents_are_judged_without_harm)
{
    static const char *const odd[] = {
        "{}",
        "[]",
        "null",
        "'x'",
        "[{},[],1,null,'x']",
        "{'State':1,'Policy':'{','Statement':7,'RoleArn':[],'InputTransformer':{'InputTemplate':"
        "'<<<>>>'},'KeySchema':{},'computeEnvironmentOrder':[1]}",
        "[{'Arn':'arn:aws:batch:::job-queue/','InputTransformer':{'InputTemplate':'{<a>:<b'}}]",
        "[{'Arn':'x:job-queue/q','BatchParameters':{'JobDefinition':'','JobName':''},"
        "'InputTransformer':{'InputPathsMap':{'':1,'a':[]},'InputTemplate':'{\\u005c'}}]",
    };

    const char *why = NULL;

    for (size_t i = 0; i <= sizeof odd / sizeof *odd; i++) {
        cJSON *v = i < sizeof odd / sizeof *odd ? doc(odd[i]) : NULL;
        struct finding f[14] = {0};
        doctor_table(v, &names, &f[0]);
        doctor_records(v, &names, &f[1]);
        doctor_bus(v, &names, &f[2]);
        doctor_rule(v, &names, &f[3]);
        doctor_targets(v, &names, &f[4]);
        doctor_target_safety(v, &names, &f[5]);
        doctor_dlq(v, "dlq", &names, &f[6]);
        doctor_queue(v, &names, &f[7]);
        doctor_environments(v, &names, &f[8]);
        doctor_definition("arn:aws:batch:::job-definition/d:9", v, v, v, &names, &f[9]);
        doctor_head(&(struct doctor_waiting){.job = v, .environments = v, .running = v}, &names,
                    &f[10]);
        doctor_log(v, v, &names, &f[11]);
        doctor_fit(v, v, &names, &f[12]);
        doctor_metrics(v, &(struct doctor_metrics_context){.sent_lately = true}, &names, &f[13]);
        doctor_execution_role(v, &f[13]);
        (void)doctor_may(v, "a:B", "*", &why);
        for (size_t n = 0; n < sizeof f / sizeof *f; n++) {
            cr_expect_not_null(f[n].text, "rule %zu of document %zu", n, i);
            finding_clear(&f[n]);
        }
        cJSON_Delete(v);
    }
}

/* A program with its libraries inside gets no fixes of the system. */
Test(doctor_rules, a_build_over_a_year_old_is_warned_of)
{
    const int64_t day_ms = 24 * 3600 * 1000, now = 1800000000000;
    struct finding f = {0};

    doctor_build(0, now, &f);
    doctor_build(now - 365 * day_ms, now, &f);
    cr_expect_eq(f.state, DOCTOR_PASS);
    doctor_build(now - 366 * day_ms, now, &f);
    cr_expect_eq(f.state, DOCTOR_WARN);
    cr_expect(strstr(f.text, "2026-01-14") != NULL, "%s", f.text);
    cr_expect(strstr(f.fix, "--version --verbose") != NULL, "%s", f.fix);
    finding_clear(&f);
}
