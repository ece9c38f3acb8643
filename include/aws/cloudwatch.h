/* cloudwatch.h - the typed call for metrics. It blocks; any thread. Facts: AWS-WIRE 2.8. */
#ifndef AWS_CLOUDWATCH_H
#define AWS_CLOUDWATCH_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "aws/client.h"
#include "core/err.h"

/* Gets metrics. `queries` are MetricDataQueries, taken. `*results` is an owned array of
 * MetricDataResults: {Id, Timestamps (seconds), Values, StatusCode}, of all pages; an Id may come
 * more than once. */
MUST_CHECK enum err_code cloudwatch_metric_data(struct aws_client *c, cJSON *queries,
                                                int64_t start_s, int64_t end_s, cJSON **results,
                                                struct err *e);
#endif
