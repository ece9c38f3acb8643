/* The doctor's rules about sizes, roles, metrics and terminals. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/iam.h"
#include "jobs/doctor.h"
#include "jobs_help.h"

/* The doctor's rules about roles, sizes, images, counts and terminals, without a cloud. */

static const struct doctor_names names = {.region = "us-east-1",
                                          .account = "000000000000",
                                          .bus = "mvp",
                                          .rule = "r",
                                          .queue = "q",
                                          .definition = "def"};

static void found(struct finding *f, enum doctor_state state, const char *text, const char *fix)
{
    cr_expect_eq(f->state, state, "%s", f->text);
    cr_expect(f->text != NULL && strstr(f->text, text) != NULL, "%s lacks %s", f->text, text);
    cr_expect(fix == NULL || (f->fix != NULL && strstr(f->fix, fix) != NULL), "%s lacks %s", f->fix,
              fix);
    finding_clear(f);
}

/* ---- roles ---- */

Test(doctor_iam, a_session_is_traced_to_its_role)
{
    static const struct {
        const char *arn, *want;
    } cases[] = {
        {"arn:aws:sts::111122223333:assumed-role/ops/alice", "arn:aws:iam::111122223333:role/ops"     },
        {"arn:aws-cn:sts::1:assumed-role/ops/a/b",           "arn:aws-cn:iam::1:role/ops"             },
        {"arn:aws:iam::111122223333:user/team/bob",          "arn:aws:iam::111122223333:user/team/bob"},
        {"arn:aws:iam::111122223333:role/x",                 "arn:aws:iam::111122223333:role/x"       },
        {"arn:aws:iam::111122223333:root",                   ""                                       },
        {"arn:aws:sts::111122223333:federated-user/eve",     ""                                       },
        {"arn:aws:sts",                                      ""                                       },
        {"",                                                 ""                                       },
        {NULL,                                               ""                                       },
    };
    char out[128];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_str_eq(doctor_principal(cases[i].arn, out, sizeof out), cases[i].want);
    }
}

Test(doctor_iam, a_trust_policy_is_url_encoded)
{
    static const struct {
        const char *in, *want;
    } cases[] = {
        {"%7B%22a%22%3A1%7D", "{\"a\":1}"},
        {"a+b%20c",           "a+b c"    },
        {"100%",              "100%"     },
        {"%4",                "%4"       },
        {"%zz%00%41",         "%zz%00A"  },
        {"",                  ""         },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = iam_decode(cases[i].in);
        cr_expect_str_eq(got, cases[i].want);
        free(got);
    }
}

#define RULE "arn:aws:events:us-east-1:000000000000:rule/mvp/r"
#define EVENTS "'Effect':'Allow','Principal':{'Service':'events.amazonaws.com'},'Action':'sts:*'"

Test(doctor_iam, conditions_of_a_trust_policy_are_read_as_iam_reads_them)
{
    static const struct {
        const char *statements;
        enum doctor_state state;
    } cases[] = {
        {"{" EVENTS "}",                                                                           DOCTOR_PASS},
        {"[{'Effect':'Allow','Principal':{'Service':['a','events.amazonaws.com']},'Action':"
         "['sts:AssumeRole','sts:TagSession']}]",                                         DOCTOR_PASS},
        {"{" EVENTS ",'Condition':{'StringEquals':{'aws:SourceAccount':['1','000000000000']}}}",
         DOCTOR_PASS                                                                                          },
        {"{" EVENTS ",'Condition':{'StringEquals':{'AWS:sourceaccount':'1'}}}",                    DOCTOR_FAIL},
        {"{" EVENTS ",'Condition':{'ArnLike':{'aws:SourceArn':'arn:aws:events:*:*:rule/mvp/*'}}}",
         DOCTOR_PASS                                                                                          },
        {"{" EVENTS ",'Condition':{'ArnNotLike':{'aws:SourceArn':'*rule/mvp/*'}}}",                DOCTOR_FAIL},
        {"{" EVENTS ",'Condition':{'StringNotEquals':{'aws:SourceAccount':'1'}}}",                 DOCTOR_PASS},
        {"{" EVENTS ",'Condition':{'Null':{'aws:SourceArn':'true'}}}",                             DOCTOR_FAIL},
        {"{" EVENTS ",'Condition':{'Null':{'aws:SourceArn':'false'}}}",                            DOCTOR_PASS},
        {"{" EVENTS ",'Condition':{'StringEquals':{'sts:ExternalId':'x'}}}",                       DOCTOR_PASS},
        {"[{" EVENTS "},{'Effect':'Deny','Principal':'*','Action':'sts:AssumeRole'}]",             DOCTOR_FAIL},
        {"[{" EVENTS "},{'Effect':'Deny','Principal':'*','Action':'sts:AssumeRole','Condition':"
         "{'StringEquals':{'aws:SourceAccount':'1'}}}]",                                  DOCTOR_PASS},
        {"{'Effect':'Allow','Principal':{'Service':'events.amazonaws.com'},'Action':'s3:*'}",
         DOCTOR_FAIL                                                                                          },
        {"{'Effect':'Allow','Principal':{'AWS':'arn:aws:iam::1:root'},'Action':'*'}",              DOCTOR_FAIL},
        {"7",                                                                                      DOCTOR_FAIL},
        {"[1,{},[],null,'x']",                                                                     DOCTOR_FAIL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct finding f = {0};
        char text[1024];
        (void)snprintf(text, sizeof text, "{'Statement':%s}", cases[i].statements);
        for (char *p = text; *p != '\0'; p++) {
            *p = *p == '\'' ? '"' : *p;
        }
        doctor_trust(text, "role", RULE, &f);
        cr_expect_eq(f.state, cases[i].state, "%s: %s", cases[i].statements, f.text);
        finding_clear(&f);
    }
    static const char *const broken[] = {NULL, "", "{", "[]", "null", "'"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct finding f = {0};
        doctor_trust(broken[i], "role", RULE, &f);
        found(&f, DOCTOR_FAIL, "does not trust", "update-assume-role-policy");
    }
}

Test(doctor_iam, a_simulation_says_why_not)
{
    cJSON *v =
        help_json("[{'EvalActionName':'a:Ok','EvalDecision':'allowed'},"
                  "{'EvalActionName':'a:No','EvalDecision':'implicitDeny'},"
                  "{'EvalActionName':'a:Never','EvalDecision':'explicitDeny'},"
                  "{'EvalActionName':'a:Org','EvalDecision':'implicitDeny',"
                  "'OrganizationsDecisionDetail':{'AllowedByOrganizations':'false'}},"
                  "{'EvalActionName':'a:Bound','EvalDecision':'implicitDeny',"
                  "'PermissionsBoundaryDecisionDetail':{'AllowedByPermissionsBoundary':"
                  "'false'}},"
                  "{'EvalActionName':'a:If','EvalDecision':'implicitDeny',"
                  "'MissingContextValues':['aws:RequestTag/x']},"
                  "{'EvalActionName':'a:Two','EvalDecision':'allowed','ResourceSpecificResults'"
                  ":[{'EvalResourceName':'r1','EvalResourceDecision':'allowed'},"
                  "{'EvalResourceName':'r2','EvalResourceDecision':'explicitDeny'}]},1,{}]");
    static const struct {
        const char *action, *resource;
        enum doctor_may may;
        const char *why;
    } cases[] = {
        {"a:Ok",    "*",  MAY,         ""                                       },
        {"a:No",    "*",  MAY_NOT,     "not allowed"                            },
        {"a:Never", "*",  MAY_NOT,     "explicitly denied"                      },
        {"a:Org",   "*",  MAY_NOT,     "refused by a policy of the organization"},
        {"a:Bound", "*",  MAY_NOT,     "outside the permissions boundary"       },
        {"a:If",    "*",  MAY_UNKNOWN, "depends on a condition"                 },
        {"a:Two",   "r1", MAY,         ""                                       },
        {"a:Two",   "r2", MAY_NOT,     "explicitly denied"                      },
        {"a:Else",  "*",  MAY_UNKNOWN, ""                                       },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *why = NULL;
        cr_expect_eq(doctor_may(v, cases[i].action, cases[i].resource, &why), cases[i].may, "%s",
                     cases[i].action);
        cr_expect_str_eq(why, cases[i].why);
    }
    cJSON_Delete(v);
}

/* ---- sizes ---- */

static void fit(const char *definition, const char *environments, enum doctor_state state,
                const char *text, const char *fix)
{
    struct finding f = {0};
    cJSON *d = help_json(definition);
    cJSON *e = help_json(environments);

    doctor_fit(d, e, &names, &f);
    found(&f, state, text, fix);
    cJSON_Delete(d);
    cJSON_Delete(e);
}

#define NEED(platform, vcpus, mib)                                                                 \
    "{'jobDefinitionName':'def','platformCapabilities':['" platform "'],'containerProperties':"    \
    "{'resourceRequirements':[{'type':'VCPU','value':'" vcpus "'},{'type':'MEMORY','value':'" mib  \
    "'}]}}"
#define SERVERLESS                                                                                 \
    "[{'computeEnvironmentName':'env','computeResources':{'type':'FARGATE_SPOT','maxvCpus':16}}]"
#define INSTANCES(types)                                                                           \
    "[{'computeEnvironmentName':'env','computeResources':{'type':'EC2','maxvCpus':64,"             \
    "'instanceTypes':[" types "]}}]"

Test(doctor_fit, fargate_knows_only_some_sizes)
{
    fit(NEED("FARGATE", "0.25", "1024"), SERVERLESS, DOCTOR_PASS, "0.25 vCPU and 1024 MiB", NULL);
    fit(NEED("FARGATE", "0.25", "3072"), SERVERLESS, DOCTOR_FAIL, "Fargate does not offer",
        "MEMORY 512, 1024 or 2048 for 0.25 vCPU");
    fit(NEED("FARGATE", "0.25", "768"), SERVERLESS, DOCTOR_FAIL, "Fargate does not offer", NULL);
    fit(NEED("FARGATE", "0.5", "512"), SERVERLESS, DOCTOR_FAIL, "Fargate does not offer",
        "MEMORY 1024 to 4096 in steps of 1024 for 0.5 vCPU");
    fit(NEED("FARGATE", "8", "17408"), SERVERLESS, DOCTOR_FAIL, "Fargate does not offer",
        "16384 to 61440 in steps of 4096");
    fit(NEED("FARGATE", "16", "122880"), SERVERLESS, DOCTOR_PASS, "", NULL);
    fit(NEED("FARGATE", "3", "8192"), SERVERLESS, DOCTOR_FAIL, "asks for 3 vCPU", "VCPU 0.25, 0.5");
}

Test(doctor_fit, a_job_larger_than_every_environment_never_runs)
{
    fit(NEED("EC2", "1", "512"), SERVERLESS, DOCTOR_FAIL,
        "env is FARGATE_SPOT, but the definition is for EC2", "a revision of def for Fargate");
    fit(NEED("FARGATE", "1", "2048"), INSTANCES("'optimal'"), DOCTOR_FAIL,
        "env is EC2, but the definition is for FARGATE", NULL);
    fit(NEED("EC2", "65", "512"), INSTANCES("'optimal'"), DOCTOR_FAIL, "env has at most 64 vCPU",
        "--compute-environment env --compute-resources maxvCpus=65`");
    fit(NEED("EC2", "8", "999999"), INSTANCES("'optimal'"), DOCTOR_PASS, "on EC2", NULL);
    fit(NEED("EC2", "4", "16384"), INSTANCES("'c5.large','m5.xlarge'"), DOCTOR_FAIL,
        "the largest type of env is m5.xlarge (4 vCPU, 16384 MiB", "allow larger");
    fit(NEED("EC2", "4", "15000"), INSTANCES("'c5.large','m5.xlarge'"), DOCTOR_PASS, "", NULL);
    fit(NEED("EC2", "16", "15000"), INSTANCES("'r6g.2xlarge'"), DOCTOR_FAIL, "8 vCPU, 65536 MiB",
        NULL);
    /* What its name does not tell is not judged. */
    fit(NEED("EC2", "16", "999999"), INSTANCES("'m5.large','x1e.32xlarge'"), DOCTOR_PASS, "", NULL);
    fit(NEED("EC2", "16", "999999"), INSTANCES("'m4.large'"), DOCTOR_PASS, "", NULL);
    fit("{'jobDefinitionName':'def','containerProperties':{'vcpus':2,'memory':512}}",
        "[{'computeEnvironmentName':'a','computeResources':{'type':'EC2','maxvCpus':1}},"
        "{'computeEnvironmentName':'b','computeResources':{'type':'EC2','maxvCpus':2}}]",
        DOCTOR_PASS, "2 vCPU and 512 MiB on EC2", NULL);
    fit("{'jobDefinitionName':'def','ecsProperties':{}}", SERVERLESS, DOCTOR_PASS,
        "does not state the vCPU and memory of one container", NULL);
}

Test(doctor_fit, images_of_ecr_are_taken_apart)
{
    static const struct {
        const char *image, *repository, *tag, *digest, *region;
    } cases[] = {
        {"123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b:v1",          "a/b", "v1",     "",          "eu-west-1"},
        {"123456789012.dkr.ecr.eu-west-1.amazonaws.com/a",               "a",   "latest", "",          "eu-west-1"},
        {"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a@sha256:00", "a",   "latest", "sha256:00",
         "cn-north-1"                                                                                             },
        {"123456789012.dkr.ecr.us-east-1.amazonaws.com/a:v1@sha256:00",  "a",   "v1",     "sha256:00",
         "us-east-1"                                                                                              },
        {"public.ecr.aws/a/b:v1",                                        NULL,  NULL,     NULL,        NULL       },
        {"busybox",                                                      NULL,  NULL,     NULL,        NULL       },
        {"123456789012.dkr.ecr.us-east-1.amazonaws.com",                 NULL,  NULL,     NULL,        NULL       },
        {"123456789012.dkr.ecr.us-east-1.amazonaws.com/",                NULL,  NULL,     NULL,        NULL       },
        {"123456789012.dkr.ecr./a",                                      NULL,  NULL,     NULL,        NULL       },
        {"",                                                             NULL,  NULL,     NULL,        NULL       },
        {NULL,                                                           NULL,  NULL,     NULL,        NULL       },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct doctor_image out;
        bool is = doctor_image_parse(cases[i].image, &out);
        cr_expect_eq(is, cases[i].repository != NULL, "%s", cases[i].image);
        if (is && cases[i].repository != NULL) {
            cr_expect_str_eq(out.registry, "123456789012");
            cr_expect_str_eq(out.repository, cases[i].repository);
            cr_expect_str_eq(out.tag, cases[i].tag);
            cr_expect_str_eq(out.digest, cases[i].digest);
            cr_expect_str_eq(out.region, cases[i].region);
        }
    }
}

/* ---- counts ---- */

Test(doctor_metrics, both_sets_of_dimensions_are_asked_for_and_the_one_with_data_counts)
{
    const struct doctor_metrics_context x = {.job_seen = true};
    struct finding f = {0};
    cJSON *queries = doctor_metric_queries(&names);
    char *text = json_text(queries);

    cr_expect_eq(cJSON_GetArraySize(queries), 12);
    cr_expect(strstr(text, "{\"Id\":\"s0m0\",\"MetricStat\":{\"Metric\":{\"Namespace\":"
                           "\"AWS/Events\",\"MetricName\":\"TriggeredRules\",\"Dimensions\":["
                           "{\"Name\":\"EventBusName\",\"Value\":\"mvp\"},{\"Name\":\"RuleName\","
                           "\"Value\":\"r\"}]},\"Period\":3600,\"Stat\":\"Sum\"}}") != NULL,
              "%s", text);
    cr_expect(strstr(text, "\"Dimensions\":[{\"Name\":\"RuleName\",\"Value\":\"r\"}]") != NULL);
    free(text);
    cJSON_Delete(queries);

    cJSON *results = help_json("[{'Id':'s0m0','Timestamps':[],'Values':[]},"
                               "{'Id':'s1m0','Timestamps':[3600,7200],'Values':[2,3]},"
                               "{'Id':'s1m1','Timestamps':[3600],'Values':[5]}]");
    doctor_metrics(results, &x, &names, &f);
    found(&f, DOCTOR_PASS, "matched 5, targets called 5", NULL);
    cJSON_Delete(results);
    results = help_json("[{'Id':'s0m0','StatusCode':'Forbidden'}]");
    doctor_metrics(results, &x, &names, &f);
    found(&f, DOCTOR_UNKNOWN, "cloudwatch:GetMetricData", "allow");
    cJSON_Delete(results);
    results =
        help_json("[{'Id':'s9m9','Values':[1]},{'Id':'s'},{'Id':7,'Values':{}},{'Id':'s0m2',"
                  "'Values':['x',null,-1],'Timestamps':['a']},1,[],{'Id':'','Values':[1e300]}]");
    doctor_metrics(results, &x, &names, &f);
    found(&f, DOCTOR_PASS, "matched 0", NULL);
    cJSON_Delete(results);
}

/* ---- terminals ---- */

Test(doctor_terminal, what_the_dashboard_needs_is_named)
{
    static const struct doctor_terminal good = {.there = true,
                                                .term = "screen",
                                                .known = true,
                                                .addressable = true,
                                                .colors = 8,
                                                .rows = 24,
                                                .cols = 80,
                                                .locale_known = true,
                                                .utf8 = true};
    struct finding f = {0};
    struct doctor_terminal t = good;

    doctor_terminal(&t, &f);
    found(&f, DOCTOR_PASS, "screen, 80x24, 8 colours, UTF-8", NULL);
    doctor_terminal(NULL, &f);
    found(&f, DOCTOR_SKIP, "this is not a terminal", "on a terminal");
    t.known = false;
    doctor_terminal(&t, &f);
    found(&f, DOCTOR_FAIL, "TERM=screen has no terminfo entry", "export TERM=");
    t = good;
    t.term[0] = '\0';
    doctor_terminal(&t, &f);
    found(&f, DOCTOR_FAIL, "TERM is not set", "export TERM=");
    t = good;
    t.addressable = false;
    doctor_terminal(&t, &f);
    found(&f, DOCTOR_FAIL, "cannot place the cursor", "mvpdash list");
    t = good;
    t.utf8 = false;
    (void)snprintf(t.locale, sizeof t.locale, "POSIX");
    doctor_terminal(&t, &f);
    found(&f, DOCTOR_WARN, "locale POSIX is not UTF-8", "export LC_ALL=C.UTF-8");
    t.locale_known = false;
    doctor_terminal(&t, &f);
    found(&f, DOCTOR_WARN, "locale POSIX is not installed", "export LC_ALL=C.UTF-8");
    t.utf8 = true; /* a UTF-8 one that is not installed is UTF-8 all the same */
    doctor_terminal(&t, &f);
    found(&f, DOCTOR_PASS, "UTF-8", NULL);
    t = good;
    t.utf8 = false;
    t.ascii_only = true;
    t.colors = -1;
    doctor_terminal(&t, &f);
    found(&f, DOCTOR_PASS, "0 colours, ASCII", NULL);
    t = good;
    t.rows = 9;
    doctor_terminal(&t, &f);
    found(&f, DOCTOR_WARN, "80 columns and 9 rows are too few", "40x10");
    t = good;
    t.exported_size = true;
    doctor_terminal(&t, &f);
    found(&f, DOCTOR_WARN, "LINES or COLUMNS is exported", "unset LINES COLUMNS");
}
