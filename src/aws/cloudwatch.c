/* The typed call of CloudWatch. */
#include "aws/cloudwatch.h"

#include "core/json.h"
#include "doc.h"

enum err_code cloudwatch_metric_data(struct aws_client *c, cJSON *queries, int64_t start_s,
                                     int64_t end_s, cJSON **results, struct err *e)
{
    cJSON *in = json_new_object();

    json_set(in, "MetricDataQueries", queries);
    json_set_int(in, "StartTime", start_s);
    json_set_int(in, "EndTime", end_s);
    json_set_str(in, "ScanBy", "TimestampAscending");
    return doc_list(c, AWS_OP_CLOUDWATCH_GET_METRIC_DATA, in, "MetricDataResults", "NextToken",
                    results, e);
}
