/* The doctor's checks D and H1: bus, rule, pattern, targets, and the way back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/dynamodb.h"
#include "aws/events.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "dispatch.h"
#include "doctor_priv.h"
#include "ops/job_ops.h"

enum { RULES_MAX = 20 };

/* Finds out whether the job that did not start was ever sent. */
static void find_unsent(struct doctor *d, struct finding *f)
{
    if (doctor_unsent(&d->o, d->opt.job_id)) {
        f->go_on = true;
        (void)finding_add(f, DOCTOR_FAIL,
                          "the event of %s was not sent yet: it waits in the "
                          "outbox of this machine",
                          d->opt.job_id);
        finding_fix(f, "%s", dispatch_later);
    }
}

void check_bus(struct doctor *d, struct finding *f)
{
    struct err e = {0};
    enum err_code rc = events_describe_bus(d->o.aws, d->o.bus, &d->bus, &e);

    if (rc == E_NOT_FOUND) {
        f->missing = true;
        (void)finding_add(f, DOCTOR_FAIL,
                          "bus %s does not exist in %s: events sent to it vanish silently",
                          d->o.bus, d->names.region);
        finding_fix(f, "`aws events create-event-bus --region %-s --name %-s`", d->names.region,
                    d->o.bus);
    } else if (doctor_looked(d, rc, &e, "events:DescribeEventBus", f)) {
        find_unsent(d, f);
        (void)finding_add(f, DOCTOR_PASS, "%s", json_str_or(d->bus, "Arn", d->o.bus));
    } else {
        f->go_on = rc == E_DENIED;
    }
}

void check_bus_policy(struct doctor *d, struct finding *f)
{
    if (d->bus == NULL) {
        (void)finding_add(f, DOCTOR_SKIP, "because D1 could not tell");
        finding_fix(f, "see D1");
        return;
    }
    doctor_bus(d->bus, &d->names, f);
}

/* The text "; the bus has a, b, c", owned; "" when the bus has no rules or may not be asked. */
static char *rules_there(struct doctor *d)
{
    struct strbuf b = STRBUF_LIMIT(300);
    cJSON *rules = NULL;
    const cJSON *r;
    int n = 0;

    if (events_list_rules(d->o.aws, d->o.bus, NULL, &rules, NULL) == E_OK) {
        cJSON_ArrayForEach(r, rules)
        {
            strbuf_adds(&b, n++ == 0 ? "; it has " : ", ");
            strbuf_adds(&b, json_str_or(r, "Name", "?"));
        }
    }
    cJSON_Delete(rules);
    return strbuf_take(&b);
}

/* A pattern that matches what this configuration sends; owned. */
static char *pattern_text(const struct doctor *d)
{
    cJSON *p = json_new_object();
    cJSON *source = json_new_array();
    cJSON *type = json_new_array();

    json_push_str(source, d->o.source);
    json_push_str(type, d->o.detail_type);
    json_set(p, "source", source);
    json_set(p, "detail-type", type);
    char *text = json_text(p);
    cJSON_Delete(p);
    return text;
}

static void put_rule_fix(struct doctor *d, const char *before, struct finding *f)
{
    char *pattern = pattern_text(d);

    finding_fix(
        f,
        "%s`aws events put-rule --region %-s --name %-s --event-bus-name %-s --event-pattern "
        "%-s`",
        before, d->names.region, d->o.rule, d->o.bus, pattern);
    free(pattern);
}

void check_rule(struct doctor *d, struct finding *f)
{
    struct err e = {0};
    enum err_code rc = events_describe_rule(d->o.aws, d->o.bus, d->o.rule, &d->rule, &e);

    if (rc == E_NOT_FOUND) {
        char *there = rules_there(d);
        (void)finding_add(f, DOCTOR_FAIL, "there is no rule %s on bus %s%s: events start no job",
                          d->o.rule, d->o.bus, there);
        put_rule_fix(d, "set EVENTBRIDGE_RULE_NAME to the right one, or: ", f);
        free(there);
    } else if (doctor_looked(d, rc, &e, "events:DescribeRule", f)) {
        f->go_on = true;
        doctor_rule(d->rule, &d->names, f);
    }
}

/* Reads the event of the job that did not start from the job's record. */
static bool job_request(struct doctor *d, struct deploy_request *r)
{
    cJSON *item = NULL;
    const char *id = d->opt.job_id;

    if (id == NULL || !job_id_valid(id) ||
        ddb_get_item(d->o.aws, d->o.table, "jobId", id, false, &item, NULL) != E_OK) {
        return false;
    }
    deploy_request_from_job(r, item);
    cJSON_Delete(item);
    free(r->retry_of); /* the request stands for the job itself, not for a repetition */
    r->retry_of = NULL;
    (void)snprintf(r->job_id, sizeof r->job_id, "%s", id);
    return true;
}

/* Makes the event that the form would send, or reads the job's own event (returns true then). */
static bool sample_request(struct doctor *d, struct deploy_request *r)
{
    deploy_request_init(r);
    if (job_request(d, r)) {
        return true;
    }
    (void)!deploy_request_set(r, "userId", "doctor", NULL);
    (void)!deploy_request_set(r, "productId", "doctor", NULL);
    (void)!deploy_request_set(r, "businessName", "Doctor", NULL);
    return false;
}

void check_pattern(struct doctor *d, struct finding *f)
{
    struct deploy_request r;
    bool matches = false;
    char why[600] = "";
    struct err e = {0};

    bool of_job = sample_request(d, &r);
    enum err_code rc = ops_pattern_check(&d->o, d->rule, &r, &matches, why, sizeof why, &e);
    deploy_request_clear(&r);
    if (!doctor_looked(d, rc, &e, "events:TestEventPattern", f)) {
        return;
    }
    if (!matches && finding_add(f, DOCTOR_FAIL, "%s", why)) {
        put_rule_fix(d,
                     "send what the rule matches (EVENTBRIDGE_SOURCE, EVENTBRIDGE_DETAIL_TYPE), or "
                     "change the rule: ",
                     f);
    }
    (void)finding_add(f, DOCTOR_PASS, "matches %s",
                      of_job ? "the event of this job" : "what a deploy sends");
}

/* Does the rule start jobs in our queue? `*known` is false when the rule's targets cannot be
 * read. */
static bool starts_jobs(struct doctor *d, const char *rule, bool *known)
{
    cJSON *targets = NULL;
    bool yes = false;

    *known = events_list_targets(d->o.aws, d->o.bus, rule, &targets, NULL) == E_OK;
    if (*known) {
        const cJSON *t = doctor_target(targets, &d->names);
        yes = t != NULL &&
              strcmp(doctor_arn_name(json_str(t, "Arn")), doctor_arn_name(d->names.queue)) == 0;
    }
    cJSON_Delete(targets);
    return yes;
}

static bool is_other(const struct doctor *d, const cJSON *rule)
{
    return strcmp(json_str_or(rule, "Name", ""), doctor_arn_name(d->o.rule)) != 0 &&
           json_str(rule, "EventPattern") != NULL &&
           strncmp(json_str_or(rule, "State", ""), "ENABLED", 7) == 0;
}

/* Does another rule start a job for the same event? False also when that cannot be told. */
static bool is_second(struct doctor *d, const cJSON *rule, const struct deploy_request *r,
                      bool *twice)
{
    bool matches = false, known = true;

    *twice = false;
    if (ops_pattern_check(&d->o, rule, r, &matches, NULL, 0, NULL) != E_OK) {
        return false;
    }
    *twice = matches && starts_jobs(d, json_str_or(rule, "Name", ""), &known);
    return known;
}

void check_other_rules(struct doctor *d, struct finding *f)
{
    cJSON *rules = NULL;
    const cJSON *rule;
    struct deploy_request r;
    struct err e = {0};
    int tried = 0, untold = 0;
    enum err_code rc = events_list_rules(d->o.aws, d->o.bus, NULL, &rules, &e);

    (void)sample_request(d, &r);
    if (doctor_looked(d, rc, &e, "events:ListRules", f)) {
        cJSON_ArrayForEach(rule, rules)
        {
            bool twice = false;
            const char *name = json_str_or(rule, "Name", "?");
            if (!is_other(d, rule)) {
                continue;
            }
            if (tried++ >= RULES_MAX || !is_second(d, rule, &r, &twice)) {
                untold++;
            } else if (twice && finding_add(f, DOCTOR_WARN,
                                            "rule %s matches too and starts jobs in the same "
                                            "queue: every deploy runs twice",
                                            name)) {
                finding_fix(
                    f, "`aws events disable-rule --region %-s --name %-s --event-bus-name %-s`",
                    d->names.region, name, d->o.bus);
            }
        }
        if (untold > 0 &&
            finding_add(f, DOCTOR_UNKNOWN,
                        "whether %d other rules start a job for the same event is not known",
                        untold)) {
            finding_fix(f, "`aws events list-rules --region %-s --event-bus-name %-s`",
                        d->names.region, d->o.bus);
        }
        (void)finding_add(f, DOCTOR_PASS, "none starts a job for the same event");
    }
    deploy_request_clear(&r);
    cJSON_Delete(rules);
}

void check_targets(struct doctor *d, struct finding *f)
{
    struct err e = {0};
    enum err_code rc = events_list_targets(d->o.aws, d->o.bus, d->o.rule, &d->targets, &e);

    if (doctor_looked(d, rc, &e, "events:ListTargetsByRule", f)) {
        d->target = doctor_target(d->targets, &d->names);
        f->go_on = d->target != NULL;
        doctor_targets(d->targets, &d->names, f);
    }
}

void check_target_safety(struct doctor *d, struct finding *f)
{
    doctor_target_safety(d->target, &d->names, f);
}

/* ---- H1 ---- */

/* The event that Batch sends when a job of our queue fails, as text; owned. */
static char *state_event(struct doctor *d, const char *queue_arn)
{
    cJSON *event = json_new_object();
    cJSON *detail = json_new_object();
    char at[TIME_ISO_SIZE];

    json_set_str(detail, "jobName", "doctor");
    json_set_str(detail, "jobId", "00000000-0000-0000-0000-000000000000");
    json_set_str(detail, "jobQueue", queue_arn);
    json_set_str(detail, "status", "FAILED");
    json_set_str(event, "version", "0");
    json_set_str(event, "id", "00000000-0000-0000-0000-000000000000");
    json_set_str(event, "detail-type", "Batch Job State Change");
    json_set_str(event, "source", "aws.batch");
    json_set_str(event, "account", d->names.account[0] == '\0' ? "000000000000" : d->names.account);
    json_set_str(event, "time", time_iso(clock_wall_ms(d->o.clock), at));
    json_set_str(event, "region", d->names.region);
    json_set(event, "resources", json_new_array());
    json_set(event, "detail", detail);
    char *text = json_text(event);
    cJSON_Delete(event);
    return text;
}

static void state_rule_fix(struct doctor *d, const char *queue_arn, const char *name,
                           struct finding *f)
{
    char *pattern = xasprintf("{\"source\":[\"aws.batch\"],\"detail-type\":[\"Batch Job State "
                              "Change\"],\"detail\":{\"jobQueue\":[\"%.*s\"]}}",
                              text_cut(queue_arn, 300), queue_arn);

    finding_fix(f,
                "`aws events put-rule --region %-s --name %-s --event-bus-name default "
                "--event-pattern %-s`, then its target (infra/ has both)",
                d->names.region, name, pattern);
    free(pattern);
}

/* Looks at one rule of the default bus that waits for state changes; true when this rule is the way
 * back. */
static bool is_way_back(struct doctor *d, const cJSON *rule, const char *event, struct finding *f)
{
    const char *name = json_str_or(rule, "Name", "?");
    bool matches = false;
    cJSON *targets = NULL;
    bool good = false;
    struct err e = {0};

    if (events_test_pattern(d->o.aws, json_str(rule, "EventPattern"), event, &matches, &e) !=
        E_OK) {
        if (finding_add(f, DOCTOR_UNKNOWN, "whether rule %s matches them is not known: %s", name,
                        e.msg)) {
            finding_fix(f, "%s", err_hint(&e));
        }
        return false;
    }
    if (!matches) {
        return false;
    }
    if (strncmp(json_str_or(rule, "State", "ENABLED"), "ENABLED", 7) != 0) {
        if (finding_add(f, DOCTOR_FAIL, "rule %s is %s: records depend on the container alone",
                        name, json_str(rule, "State"))) {
            finding_fix(f, "`aws events enable-rule --region %-s --name %-s`", d->names.region,
                        name);
        }
    } else if (events_list_targets(d->o.aws, NULL, name, &targets, NULL) == E_OK &&
               cJSON_GetArraySize(targets) == 0) {
        if (finding_add(f, DOCTOR_FAIL,
                        "rule %s has no target: records depend on the container "
                        "alone",
                        name)) {
            finding_fix(
                f,
                "aws events put-targets --region %-s --rule %-s --targets Id=tracker,Arn=ARN "
                "(infra/ has it)",
                d->names.region, name);
        }
    } else {
        good = true;
        (void)finding_add(f, DOCTOR_PASS, "%s on the default bus", name);
    }
    cJSON_Delete(targets);
    return good;
}

static bool find_way_back(struct doctor *d, const cJSON *rules, const char *event,
                          struct finding *f)
{
    struct finding bad = {0};
    const cJSON *rule;
    int tried = 0;
    bool good = false;

    cJSON_ArrayForEach(rule, rules)
    {
        if (!good && doctor_is_state_pattern(json_str(rule, "EventPattern")) &&
            tried++ < RULES_MAX) {
            good = is_way_back(d, rule, event, &bad);
        }
    }
    bool any = good || bad.text != NULL;
    if (good) { /* when one rule is good, another one that is off does not matter */
        finding_clear(&bad);
        (void)finding_add(f, DOCTOR_PASS, "a rule on the default bus matches them");
    } else if (any) {
        *f = bad;
    }
    return any;
}

/* The name of a rule on our own bus that waits for state changes, which Batch never sends there;
 * NULL: there is none. */
static char *misplaced_rule(struct doctor *d)
{
    cJSON *rules = NULL;
    const cJSON *rule;
    char *name = NULL;

    if (strcmp(doctor_arn_name(d->o.bus), "default") != 0 &&
        events_list_rules(d->o.aws, d->o.bus, NULL, &rules, NULL) == E_OK) {
        cJSON_ArrayForEach(rule, rules)
        {
            if (name == NULL && doctor_is_state_pattern(json_str(rule, "EventPattern"))) {
                name = xstrdup(json_str_or(rule, "Name", "?"));
            }
        }
    }
    cJSON_Delete(rules);
    return name;
}

void check_state_rule(struct doctor *d, struct finding *f)
{
    cJSON *rules = NULL;
    struct err e = {0};
    struct strbuf arn = STRBUF_INIT;
    const char *known = doctor_usable(d, "F1") ? json_str(d->queue, "jobQueueArn") : NULL;

    if (known != NULL) {
        strbuf_adds(&arn, known);
    } else {
        strbuf_addf(&arn, "arn:aws:batch:%s:%s:job-queue/%s", d->names.region, d->names.account,
                    doctor_arn_name(d->names.queue));
    }
    char *event = state_event(d, strbuf_str(&arn));
    enum err_code rc = events_list_rules(d->o.aws, NULL, NULL, &rules, &e);
    if (doctor_looked(d, rc, &e, "events:ListRules", f) && !find_way_back(d, rules, event, f)) {
        char *misplaced = misplaced_rule(d);
        if (misplaced != NULL) {
            (void)finding_add(
                f, DOCTOR_FAIL,
                "rule %s matches aws.batch on bus %s, but these events reach only the default bus",
                misplaced, d->o.bus);
            state_rule_fix(d, strbuf_str(&arn), misplaced, f);
        } else {
            (void)finding_add(f, DOCTOR_WARN,
                              "no rule on the default bus matches state changes of queue %s: "
                              "records depend on the container alone",
                              doctor_arn_name(d->names.queue));
            char *name = xasprintf("%.*s-state", text_cut(doctor_arn_name(d->o.rule), 50),
                                   doctor_arn_name(d->o.rule));
            state_rule_fix(d, strbuf_str(&arn), name, f);
            free(name);
        }
        free(misplaced);
    }
    free(event);
    strbuf_clear(&arn);
    cJSON_Delete(rules);
}
