/* The doctor's checks of services that the local cloud does not have: IAM, ECR, CloudWatch. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "doctor_cloud.h"
#include "fake_http.h"

/* The checks that ask IAM, ECR and CloudWatch: services that the local cloud has not, answered here
 * with documents of the recorded shape, beside a local cloud that is well. */

TestSuite(doctor_services, .fini = doctor_teardown, .timeout = 120);

/* ---- IAM ---- */

#define TRUST(more)                                                                                \
    "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C"  \
    "%22Principal%22%3A%7B%22Service%22%3A%22events.amazonaws.com%22%7D%2C%22Action%22%3A"         \
    "%22sts%3AAssumeRole%22" more "%7D%5D%7D"
#define CONDITION(key, value)                                                                      \
    "%2C%22Condition%22%3A%7B%22ArnLike%22%3A%7B%22" key "%22%3A%22" value "%22%7D%7D"

/* How IAM answers; set before it starts. */
static struct {
    const char *trust;     /* NULL: NoSuchEntity */
    const char *denied;    /* action or resource that is not allowed; NULL: all is */
    const char *decision;  /* "implicitDeny" when NULL */
    const char *more;      /* elements beside a denial */
    const char *not_may;   /* the call that is refused to us: "GetRole", "Simulate", or NULL */
    const char *principal; /* the last that was asked about */
} iam;

static const char *form_value(const struct fake_request *r, const char *key, char *out, size_t size)
{
    size_t n = strlen(key);

    out[0] = '\0';
    for (const char *p = r->body; p != NULL; p = strchr(p, '&')) {
        p += *p == '&' ? 1 : 0;
        if (strncmp(p, key, n) == 0 && p[n] == '=') {
            const char *v = p + n + 1;
            size_t at = 0;
            for (; *v != '\0' && *v != '&' && at + 1 < size; v++) {
                unsigned byte = 0;
                if (*v == '%' && sscanf(v + 1, "%2x", &byte) == 1) {
                    out[at++] = (char)byte;
                    v += 2;
                } else {
                    out[at++] = *v;
                }
            }
            out[at] = '\0';
            return out;
        }
    }
    return NULL;
}

static struct fake_reply denied_reply(void)
{
    return (struct fake_reply){
        .status = 403,
        .body = "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>"
                "Sender</Type><Code>AccessDenied</Code><Message>User is not authorized</Message>"
                "</Error><RequestId>r-1</RequestId></ErrorResponse>"};
}

static void add_results(struct strbuf *b, const struct fake_request *r)
{
    char action[128];
    char key[64];

    for (int i = 1;; i++) {
        (void)snprintf(key, sizeof key, "ActionNames.member.%d", i);
        if (form_value(r, key, action, sizeof action) == NULL) {
            return;
        }
        bool all = iam.denied == NULL || strcmp(iam.denied, action) != 0;
        strbuf_addf(b, "<member><EvalActionName>%s</EvalActionName><EvalDecision>%s</EvalDecision>",
                    action, all ? "allowed" : iam.decision);
        strbuf_adds(b, all || iam.more == NULL ? "" : iam.more);
        strbuf_adds(b, "<ResourceSpecificResults>");
        for (int j = 1;; j++) {
            char resource[256];
            (void)snprintf(key, sizeof key, "ResourceArns.member.%d", j);
            if (form_value(r, key, resource, sizeof resource) == NULL) {
                break;
            }
            bool one = all && (iam.denied == NULL || strcmp(iam.denied, resource) != 0);
            strbuf_addf(b,
                        "<member><EvalResourceName>%s</EvalResourceName><EvalResourceDecision>%s"
                        "</EvalResourceDecision></member>",
                        resource, one ? "allowed" : iam.decision);
        }
        strbuf_adds(b, "</ResourceSpecificResults></member>");
    }
}

static struct fake_reply answer_iam(void *arg, const struct fake_request *r, size_t n)
{
    static _Thread_local char body[32768];
    char name[128];
    struct strbuf b = STRBUF_INIT;

    (void)arg;
    (void)n;
    if (strstr(r->body, "Action=GetRole&Version=2010-05-08&") == r->body) {
        (void)form_value(r, "RoleName", name, sizeof name);
        if (iam.not_may != NULL && strcmp(iam.not_may, "GetRole") == 0) {
            return denied_reply();
        }
        if (iam.trust == NULL) {
            return (struct fake_reply){
                .status = 404,
                .body = "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code>"
                        "<Message>The role with name x cannot be found.</Message></Error>"
                        "</ErrorResponse>"};
        }
        strbuf_addf(&b,
                    "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"
                    "<GetRoleResult><Role><Path>/</Path><RoleName>%s</RoleName><Arn>arn:aws:iam::"
                    "000000000000:role/%s</Arn><AssumeRolePolicyDocument>%s"
                    "</AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>",
                    name, name, iam.trust);
    } else {
        if (iam.not_may != NULL && strcmp(iam.not_may, "Simulate") == 0) {
            return denied_reply();
        }
        strbuf_adds(&b, "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult>"
                        "<EvaluationResults>");
        add_results(&b, r);
        strbuf_adds(&b, "</EvaluationResults><IsTruncated>false</IsTruncated>"
                        "</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>");
    }
    (void)snprintf(body, sizeof body, "%s", strbuf_str(&b));
    strbuf_clear(&b);
    return (struct fake_reply){.headers = "Content-Type: text/xml\r\n", .body = body};
}

static void diagnose_iam(void)
{
    iam.decision = iam.decision == NULL ? "implicitDeny" : iam.decision;
    struct fake_http *f = fake_http_start_with(answer_iam, NULL);
    (void)setenv("AWS_ENDPOINT_URL_IAM", fake_http_url(f), 1);
    diagnose();
    (void)unsetenv("AWS_ENDPOINT_URL_IAM");
    fake_http_stop(f);
}

#define RULE_ARN "arn%3Aaws%3Aevents%3Aus-east-1%3A000000000000%3Arule/mvp-development/"

Test(doctor_services, a_role_that_trusts_eventbridge_and_may_submit_passes)
{
    static const char *const trusts[] = {
        TRUST(""), TRUST(CONDITION("aws%3ASourceAccount", "000000000000")),
        TRUST(CONDITION("aws%3ASourceArn", RULE_ARN "mvp-development-rule")),
        TRUST(CONDITION("aws%3ASourceArn", RULE_ARN "%2A"))};

    doctor_start();
    for (size_t i = 0; i < sizeof trusts / sizeof *trusts; i++) {
        iam.trust = trusts[i];
        diagnose_iam();
        cr_expect_null(report.headline, "%s", report.headline);
        doctor_expect("D7", DOCTOR_PASS, "mvp-development-events trusts EventBridge", "");
        doctor_expect("D8", DOCTOR_PASS, "may submit to mvp-pipeline-queue what the target names",
                      "");
        doctor_expect("B4", DOCTOR_PASS, "local has all permissions that mvpdash needs", "");
    }
}

Test(doctor_services, names_a_role_that_does_not_trust_eventbridge)
{
    doctor_start();
    iam.trust = "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B"
                "%22Service%22%3A%22lambda.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole"
                "%22%7D%5D%7D";
    diagnose_iam();
    doctor_fails("D7", "role mvp-development-events does not trust events.amazonaws.com",
                 "aws iam update-assume-role-policy --role-name mvp-development-events "
                 "--policy-document '{\"Version\"");
    iam.trust = TRUST(CONDITION("aws%3ASourceAccount", "111122223333"));
    diagnose_iam();
    doctor_fails("D7", "its conditions (aws:SourceArn, aws:SourceAccount) leave this rule out",
                 "\"aws:SourceAccount\":\"000000000000\"");
    iam.trust = TRUST(CONDITION("aws%3ASourceArn", RULE_ARN "another-rule"));
    diagnose_iam();
    doctor_fails("D7", "leave this rule out", "update-assume-role-policy");
}

Test(doctor_services, names_a_role_that_does_not_exist)
{
    doctor_start();
    iam.trust = NULL;
    diagnose_iam();
    doctor_fails("D7", "role mvp-development-events does not exist", "aws iam list-roles");
    doctor_expect("D8", DOCTOR_SKIP, "because D7 failed", "see D7");
}

Test(doctor_services, roles_that_one_may_not_look_at_are_unknown)
{
    doctor_start();
    iam.trust = TRUST("");
    iam.not_may = "GetRole";
    diagnose_iam();
    cr_expect_null(report.headline, "%s", report.headline);
    doctor_expect("D7", DOCTOR_UNKNOWN, "needs iam:GetRole", "allow iam:GetRole for");
    doctor_expect("D8", DOCTOR_PASS, "may submit", "");
    iam.not_may = "Simulate";
    diagnose_iam();
    doctor_expect("D7", DOCTOR_PASS, "trusts EventBridge", "");
    doctor_expect("D8", DOCTOR_UNKNOWN, "needs iam:SimulatePrincipalPolicy",
                  "allow iam:SimulatePrincipalPolicy for arn:aws:iam::000000000000:user/local");
    doctor_expect("B4", DOCTOR_UNKNOWN, "needs iam:SimulatePrincipalPolicy", "allow iam:");
}

#define DEFINITION "arn:aws:batch:us-east-1:000000000000:job-definition/mvp-pipeline-job"

Test(doctor_services, names_what_the_role_may_not_submit_to)
{
    doctor_start();
    iam.trust = TRUST("");
    iam.denied = DEFINITION ":1";
    diagnose_iam();
    doctor_fails("D8",
                 "role mvp-development-events may not batch:SubmitJob on " DEFINITION
                 ":1 (not allowed)",
                 "aws iam put-role-policy --role-name mvp-development-events --policy-name start "
                 "--policy-document '{\"Version\"");
    doctor_expect("D8", DOCTOR_FAIL, "", "\"" DEFINITION ":*\"");
    iam.denied = "arn:aws:batch:us-east-1:000000000000:job-queue/mvp-pipeline-queue";
    iam.decision = "explicitDeny";
    diagnose_iam();
    doctor_fails("D8", "job-queue/mvp-pipeline-queue (explicitly denied)", "put-role-policy");
    iam.denied = DEFINITION;
    diagnose_iam();
    doctor_warns("D8", DEFINITION " (explicitly denied)", "put-role-policy");
}

Test(doctor_services, says_what_own_rights_are_missing_and_what_that_disables)
{
    doctor_start();
    iam.trust = TRUST("");
    iam.denied = "batch:TerminateJob";
    iam.more = "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>false"
               "</AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail>";
    diagnose_iam();
    doctor_warns("B4", "local lacks batch:TerminateJob (cancel is off)", "mvpdash iam --operator");
    iam.denied = "logs:GetLogEvents";
    diagnose_iam();
    doctor_warns("B4", "logs:GetLogEvents (logs cannot be read)", "mvpdash iam --viewer");
    iam.denied = "batch:TerminateJob";
    (void)setenv("MVPDASH_READ_ONLY", "true", 1);
    diagnose_iam();
    (void)unsetenv("MVPDASH_READ_ONLY");
    doctor_expect("B4", DOCTOR_PASS, "has all permissions that watching needs", "");
}

/* ---- ECR ---- */

static const char *ecr_code; /* NULL: the image is there */

static struct fake_reply answer_ecr(void *arg, const struct fake_request *r, size_t n)
{
    static _Thread_local char body[512];
    char target[128];

    (void)arg;
    (void)n;
    (void)fake_header(r, "x-amz-target", target, sizeof target);
    bool asked = strcmp(target, "AmazonEC2ContainerRegistry_V20150921.DescribeImages") == 0 &&
                 strstr(r->body, "\"registryId\":\"000000000000\"") != NULL &&
                 strstr(r->body, "\"repositoryName\":\"mvp/pipeline\"") != NULL &&
                 strstr(r->body, "\"imageIds\":[{\"imageTag\":\"v9\"}]") != NULL;
    if (ecr_code != NULL || !asked) {
        (void)snprintf(body, sizeof body, "{\"__type\":\"%s\",\"message\":\"no\"}",
                       asked ? ecr_code : "InvalidParameterException");
        return (struct fake_reply){.status = 400, .body = body};
    }
    return (struct fake_reply){.body = "{\"imageDetails\":[{\"imageDigest\":\"sha256:00\","
                                       "\"imageTags\":[\"v9\"],\"imagePushedAt\":1795401153}]}"};
}

static void diagnose_ecr(const char *code)
{
    ecr_code = code;
    struct fake_http *f = fake_http_start_with(answer_ecr, NULL);
    (void)setenv("AWS_ENDPOINT_URL_ECR", fake_http_url(f), 1);
    diagnose();
    (void)unsetenv("AWS_ENDPOINT_URL_ECR");
    fake_http_stop(f);
}

static void register_image(const char *image, const char *role)
{
    char *in = xasprintf("{'jobDefinitionName':'mvp-pipeline-job','type':'container',"
                         "'platformCapabilities':['FARGATE'],'timeout':{'attemptDurationSeconds':"
                         "600},'containerProperties':{'image':'%s','command':[]%s,"
                         "'resourceRequirements':[{'type':'VCPU','value':'1'},{'type':'MEMORY',"
                         "'value':'2048'}]}}",
                         image, role);

    cloud_do(&c, AWS_OP_BATCH_REGISTER_JOB_DEFINITION, in);
    free(in);
}

#define IMAGE "000000000000.dkr.ecr.us-east-1.amazonaws.com/mvp/pipeline:v9"
#define EXECUTION ",'executionRoleArn':'arn:aws:iam::000000000000:role/x'"

Test(doctor_services, names_an_image_that_is_not_in_its_repository)
{
    doctor_start();
    register_image(IMAGE, EXECUTION);
    diagnose_ecr(NULL);
    cr_expect_null(report.headline, "%s", report.headline);
    doctor_expect("F5", DOCTOR_PASS, IMAGE " is in ECR", "");
    diagnose_ecr("ImageNotFoundException");
    doctor_fails("F5", "ECR repository mvp/pipeline has no image v9",
                 "aws ecr list-images --region us-east-1 --repository-name mvp/pipeline");
    diagnose_ecr("RepositoryNotFoundException");
    doctor_fails("F5", "ECR has no repository mvp/pipeline in us-east-1",
                 "aws ecr create-repository");
    diagnose_ecr("AccessDeniedException");
    cr_expect_null(report.headline, "%s", report.headline);
    doctor_expect("F5", DOCTOR_UNKNOWN, "needs ecr:DescribeImages", "allow ecr:DescribeImages");
}

Test(doctor_services, names_a_missing_execution_role)
{
    doctor_start();
    register_image(IMAGE, "");
    diagnose_ecr(NULL);
    doctor_fails("F5", "mvp-pipeline-job has no execution role: Fargate can neither pull",
                 "AmazonECSTaskExecutionRolePolicy");
}

/* ---- CloudWatch ---- */

static struct {
    const char *code; /* refuses the call; NULL: answers */
    double triggered, invocations, failed, throttled, lost;
    long failed_at; /* hours before the last trigger */
} cw;

static void add_metric(struct strbuf *b, int metric, double value, long hours_ago)
{
    long now = (long)(clock_wall_ms(NULL) / 1000 / 3600 * 3600);

    /* The rule of a custom bus has data under both dimensions only. */
    strbuf_addf(b, "%s{\"Id\":\"s0m%d\",\"Label\":\"l\",\"StatusCode\":\"Complete\",",
                b->len > 24 ? "," : "", metric);
    if (value > 0) {
        strbuf_addf(b, "\"Timestamps\":[%ld],\"Values\":[%.1f]},", now - hours_ago * 3600, value);
    } else {
        strbuf_adds(b, "\"Timestamps\":[],\"Values\":[]},");
    }
    strbuf_addf(b, "{\"Id\":\"s1m%d\",\"Timestamps\":[],\"Values\":[],\"StatusCode\":\"Complete\"}",
                metric);
}

static struct fake_reply answer_cw(void *arg, const struct fake_request *r, size_t n)
{
    static _Thread_local char body[8192];
    char target[128];
    char mode[16];
    struct strbuf b = STRBUF_INIT;

    (void)arg;
    (void)n;
    (void)fake_header(r, "x-amz-target", target, sizeof target);
    (void)fake_header(r, "x-amzn-query-mode", mode, sizeof mode);
    cJSON *in = json_parse(r->body, r->body_len, "request", NULL);
    bool asked = strcmp(target, "GraniteServiceVersion20100801.GetMetricData") == 0 &&
                 strcmp(mode, "true") == 0 &&
                 cJSON_GetArraySize(json_array(in, "MetricDataQueries")) == 12;
    cJSON_Delete(in);
    if (cw.code != NULL || !asked) {
        (void)snprintf(body, sizeof body, "{\"__type\":\"%s\",\"message\":\"no\"}",
                       asked ? cw.code : "ValidationException");
        return (struct fake_reply){.status = 400, .body = body};
    }
    strbuf_adds(&b, "{\"MetricDataResults\":[");
    add_metric(&b, 0, cw.triggered, 0);
    add_metric(&b, 1, cw.invocations, 0);
    add_metric(&b, 2, cw.failed, cw.failed_at);
    add_metric(&b, 3, cw.throttled, 0);
    add_metric(&b, 5, cw.lost, 0);
    strbuf_adds(&b, "],\"Messages\":[]}");
    (void)snprintf(body, sizeof body, "%s", strbuf_str(&b));
    strbuf_clear(&b);
    return (struct fake_reply){.body = body};
}

static void diagnose_cw(void)
{
    struct fake_http *f = fake_http_start_with(answer_cw, NULL);

    (void)setenv("AWS_ENDPOINT_URL_CLOUDWATCH", fake_http_url(f), 1);
    diagnose();
    (void)unsetenv("AWS_ENDPOINT_URL_CLOUDWATCH");
    fake_http_stop(f);
}

Test(doctor_services, reads_the_counts_of_the_last_day)
{
    doctor_start();
    diagnose_cw();
    doctor_expect("I1", DOCTOR_PASS, "last day: matched 0, targets called 0, failed 0", "");
    cw.triggered = 41;
    cw.invocations = 41;
    diagnose_cw();
    doctor_warns("I1",
                 "called its targets 41 times in the last day, but Batch has no job of this table",
                 "aws cloudtrail lookup-events");
    cw.failed = 41;
    diagnose_cw();
    doctor_fails("I1", "the rule matched 41 times in the last day and its targets failed 41 times",
                 "see D7, D8, F1, F3");
    cw.failed_at = 5;
    diagnose_cw();
    doctor_warns("I1", "failed 41 times", "see D7");
    cw.failed = 0;
    cw.lost = 2;
    diagnose_cw();
    doctor_fails("I1", "2 events of the last day could neither be delivered nor put in", "see E2");
    cw.lost = 0;
    cw.throttled = 7;
    diagnose_cw();
    doctor_warns("I1", "the rule was throttled 7 times", "quota");
    cw.code = "AccessDeniedException";
    diagnose_cw();
    doctor_expect("I1", DOCTOR_UNKNOWN, "needs cloudwatch:GetMetricData", "allow cloudwatch:");
}

Test(doctor_services, deploys_that_no_rule_matched_are_seen_in_the_counts)
{
    char at[TIME_ISO_SIZE];

    doctor_start();
    char *in = xasprintf("{'TableName':'mvp-development-jobs','Item':{'jobId':{'S':'job-x'},"
                         "'userId':{'S':'u'},'status':{'S':'PENDING'},'createdAt':{'S':'%s'},"
                         "'updatedAt':{'S':'2025-01-01T00:00:00Z'}}}",
                         time_iso(clock_wall_ms(NULL) - 3600 * 1000, at));
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM, in);
    free(in);
    diagnose_cw();
    doctor_warns("I1", "jobs were sent in the last day, but the rule matched no event",
                 "see D1, D3 and D4");
}
