/* The typed call of CloudWatch. */
#include "aws/cloudwatch.h"

#include <stdlib.h>

#include "core/json.h"
#include "doc.h"

enum { PAGES_MAX = 10 };

enum err_code cloudwatch_metric_data(struct aws_client *c, cJSON *queries, int64_t start_s,
                                     int64_t end_s, cJSON **results, struct err *e)
{
    cJSON *in = json_new_object();
    cJSON *all = json_new_array();
    enum err_code rc = E_OK;

    json_set(in, "MetricDataQueries", queries);
    json_set_int(in, "StartTime", start_s);
    json_set_int(in, "EndTime", end_s);
    json_set_str(in, "ScanBy", "TimestampAscending");
    for (int page = 0; page < PAGES_MAX && rc == E_OK; page++) {
        cJSON *reply = NULL;
        rc = aws_call(c, AWS_OP_CLOUDWATCH_GET_METRIC_DATA, in, &reply, e);
        if (rc == E_OK) {
            doc_append(all, doc_take_array(reply, "MetricDataResults"));
        }
        char *token = rc == E_OK ? doc_dup_str(reply, "NextToken") : NULL;
        cJSON_Delete(reply);
        if (token == NULL) {
            break;
        }
        json_set_str(in, "NextToken", token);
        free(token);
    }
    cJSON_Delete(in);
    if (rc != E_OK) {
        cJSON_Delete(all);
        all = NULL;
    }
    *results = all;
    return rc;
}
