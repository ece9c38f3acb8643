#include "local/recorder.h"

#include <string.h>

#include "core/json.h"
#include "jobs/deploy.h"
#include "local/tracker.h"

enum err_code recorder_apply(struct local *l, const cJSON *event, struct err *e)
{
    struct deploy_request request;
    struct local_reply r;
    struct err why = {.code = E_OK};
    enum err_code rc = E_OK;

    deploy_request_init(&request);
    if (deploy_request_from_json(&request, json_object(event, "detail"), &why) != E_OK ||
        !job_id_valid(request.job_id)) {
        log_line(local_log(l), LOG_LVL_WARN, "local: no record for event %s: %s",
                 json_str_or(event, "id", "?"),
                 why.code != E_OK ? why.msg : "its detail has no valid jobId");
        deploy_request_clear(&request);
        return E_OK; /* no other try would help, and the job's own failure says more */
    }
    if (request.timestamp_ms == TIME_NONE) {
        deploy_request_seal(&request, local_now(l));
    }
    cJSON *in = json_new_object();
    json_set_str(in, "TableName", TRACKER_TABLE);
    json_set(in, "Item", deploy_record_item(&request));
    json_set_str(in, "ConditionExpression", "attribute_not_exists(jobId)");
    local_dispatch(l, AWS_OP_DDB_PUT_ITEM, in, &r);
    if (r.code[0] != '\0' && strcmp(r.code, "ConditionalCheckFailedException") != 0) {
        rc = err_set(e, r.status >= 500 ? E_TIMEOUT : E_SERVICE, "%s: %s", r.code, r.message);
    }
    local_reply_clear(&r);
    cJSON_Delete(in);
    deploy_request_clear(&request);
    return rc;
}
