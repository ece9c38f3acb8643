/* doctor_metrics.c - I1: what EventBridge counted for the rule in the last day.
 *
 * AWS-WIRE 2.8: the counts of a rule on a custom bus have the dimensions EventBusName and RuleName,
 * those of a rule on the default bus have only RuleName; the set of dimensions must match exactly,
 * so both sets are asked for. EventBridge mostly does not publish a count of zero: no data means
 * 0. */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "jobs/doctor.h"

enum metric { TRIGGERED, INVOCATIONS, FAILED, THROTTLED, SENT_TO_DLQ, LOST, METRICS };
enum { SETS = 2, PERIOD_S = 3600 };

static const char *const names[METRICS] = {
    [TRIGGERED] = "TriggeredRules",         [INVOCATIONS] = "Invocations",
    [FAILED] = "FailedInvocations",         [THROTTLED] = "ThrottledRules",
    [SENT_TO_DLQ] = "InvocationsSentToDlq", [LOST] = "InvocationsFailedToBeSentToDlq",
};

struct counts {
    double sum[METRICS];
    int64_t last_s[METRICS]; /* the newest hour that has a count; 0: none has one */
    double all;
};

static void add_dimension(cJSON *list, const char *name, const char *value)
{
    cJSON *d = json_new_object();

    json_set_str(d, "Name", name);
    json_set_str(d, "Value", value);
    json_push(list, d);
}

cJSON *doctor_metric_queries(const struct doctor_names *n)
{
    cJSON *list = json_new_array();

    for (int set = 0; set < SETS; set++) {
        for (int m = 0; m < METRICS; m++) {
            cJSON *query = json_new_object();
            cJSON *stat = json_new_object();
            cJSON *metric = json_new_object();
            cJSON *dimensions = json_new_array();
            char id[16];
            if (set == 0) {
                add_dimension(dimensions, "EventBusName", doctor_arn_name(n->bus));
            }
            add_dimension(dimensions, "RuleName", doctor_arn_name(n->rule));
            json_set_str(metric, "Namespace", "AWS/Events");
            json_set_str(metric, "MetricName", names[m]);
            json_set(metric, "Dimensions", dimensions);
            json_set(stat, "Metric", metric);
            json_set_int(stat, "Period", PERIOD_S);
            json_set_str(stat, "Stat", "Sum");
            (void)snprintf(id, sizeof id, "s%dm%d", set, m);
            json_set_str(query, "Id", id);
            json_set(query, "MetricStat", stat);
            json_push(list, query);
        }
    }
    return list;
}

/* Adds one MetricDataResult; false when the metric may not be read. */
static bool take(const cJSON *result, struct counts c[SETS])
{
    const char *id = json_str_or(result, "Id", "");
    const cJSON *at = json_array(result, "Timestamps");
    const cJSON *value = json_array(result, "Values");

    if (strcmp(json_str_or(result, "StatusCode", "Complete"), "Forbidden") == 0) {
        return false;
    }
    int set = id[0] == 's' ? id[1] - '0' : -1;
    int m = id[0] == 's' && id[1] != '\0' && id[2] == 'm' ? id[3] - '0' : -1;
    if (set < 0 || set >= SETS || m < 0 || m >= METRICS) {
        return true;
    }
    at = at == NULL ? NULL : at->child;
    value = value == NULL ? NULL : value->child;
    for (; value != NULL; value = value->next) {
        if (cJSON_IsNumber(value) && value->valuedouble > 0) {
            c[set].sum[m] += value->valuedouble;
            c[set].all += value->valuedouble;
            int64_t when = at != NULL && cJSON_IsNumber(at) ? (int64_t)at->valuedouble : 0;
            c[set].last_s[m] = when > c[set].last_s[m] ? when : c[set].last_s[m];
        }
        at = at == NULL ? NULL : at->next;
    }
    return true;
}

static void judge_failed(const struct counts *c, struct finding *f)
{
    bool still = c->last_s[FAILED] >= c->last_s[TRIGGERED];
    char at[TIME_ISO_SIZE];

    if (finding_add(f, still ? DOCTOR_FAIL : DOCTOR_WARN,
                    "the rule matched %.0f times in the last day and its targets failed %.0f "
                    "times, last in the hour of %s: a permission or a resource is missing",
                    c->sum[TRIGGERED], c->sum[FAILED], time_iso(c->last_s[FAILED] * 1000, at))) {
        finding_fix(f, "see D7, D8, F1, F3%s",
                    c->sum[SENT_TO_DLQ] > 0 ? "; each event says why: mvpdash dlq" : "");
    }
}

void doctor_metrics(const cJSON *results, const struct doctor_metrics_context *x,
                    const struct doctor_names *n, struct finding *f)
{
    struct counts c[SETS] = {0};
    const cJSON *r;

    cJSON_ArrayForEach(r, results)
    {
        if (!take(r, c)) {
            (void)finding_add(f, DOCTOR_UNKNOWN, "cannot tell; needs cloudwatch:GetMetricData");
            finding_fix(f, "allow cloudwatch:GetMetricData (mvpdash iam --viewer)");
            return;
        }
    }
    const struct counts *s = c[0].all >= c[1].all ? &c[0] : &c[1];
    if (s->sum[LOST] > 0 && finding_add(f, DOCTOR_FAIL,
                                        "%.0f event%s of the last day could neither be delivered "
                                        "nor put in the dead letter queue, and are lost",
                                        s->sum[LOST], s->sum[LOST] > 1 ? "s" : "")) {
        finding_fix(f, "see E2; retry the jobs: `mvpdash list --since 1d --status PENDING`, then "
                       "mvpdash retry JOB_ID");
    }
    if (s->sum[FAILED] > 0) {
        judge_failed(s, f);
    }
    if (s->sum[THROTTLED] > 0 &&
        finding_add(f, DOCTOR_WARN, "the rule was throttled %.0f times in the last day",
                    s->sum[THROTTLED])) {
        finding_fix(f,
                    "events came late, none was lost; ask for a higher quota of invocations: `aws "
                    "service-quotas list-service-quotas --region %-s --service-code events`",
                    n->region);
    }
    if (s->sum[TRIGGERED] <= 0 && s->sum[INVOCATIONS] <= 0 && x->sent_lately &&
        finding_add(f, DOCTOR_WARN,
                    "jobs were sent in the last day, but the rule matched no event")) {
        finding_fix(f, "see D1, D3 and D4 (EventBridge's counts may come late: `mvpdash doctor` "
                       "again in 5 minutes)");
    }
    if (s->sum[INVOCATIONS] > 0 && s->sum[FAILED] <= 0 && !x->job_seen &&
        finding_add(f, DOCTOR_WARN,
                    "EventBridge called its targets %.0f times in the last day, but Batch has no "
                    "job of this table",
                    s->sum[INVOCATIONS])) {
        finding_fix(f,
                    "see D6 and D8; `aws cloudtrail lookup-events --region %-s --lookup-attributes "
                    "AttributeKey=EventName,AttributeValue=SubmitJob`",
                    n->region);
    }
    (void)finding_add(f, DOCTOR_PASS, "last day: matched %.0f, targets called %.0f, failed 0",
                      s->sum[TRIGGERED], s->sum[INVOCATIONS]);
}
