/* The doctor's check I1: what EventBridge counted for the rule. */
#include "aws/cloudwatch.h"
#include "doctor_priv.h"

enum { DAY_S = 24 * 3600, HOUR_S = 3600, COUNTED_AFTER_S = 600 };

void check_metrics(struct doctor *d, struct finding *f)
{
    int64_t now_s = clock_wall_ms(d->o.clock) / 1000;
    /* the metric's periods have to be whole hours */
    int64_t end_s = now_s - now_s % HOUR_S + HOUR_S;
    int64_t age_s = d->newest_ms == TIME_NONE ? DAY_S + 1 : now_s - d->newest_ms / 1000;
    struct doctor_metrics_context x = {
        .sent_lately = doctor_usable(d, "C2") && age_s <= DAY_S && age_s >= COUNTED_AFTER_S,
        .job_seen = !doctor_usable(d, "H2") || (d->started != NULL && d->started->child != NULL)};
    cJSON *results = NULL;
    struct err e = {0};
    enum err_code rc = cloudwatch_metric_data(d->o.aws, doctor_metric_queries(&d->names),
                                              end_s - DAY_S, end_s, &results, &e);

    if (doctor_looked(d, rc, &e, "cloudwatch:GetMetricData", f)) {
        doctor_metrics(results, &x, &d->names, f);
    }
    cJSON_Delete(results);
}
