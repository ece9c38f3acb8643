/* The recorder: it writes a record for a deploy event that came without one. */
#include "missing_record.h"

#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"
#include "jobs/deploy.h"
#include "tracker.h"

/* Writes the record unless there is one. Takes `item`. False when the table refuses the record,
 * with `r` for the caller to clear. */
static bool write_record(struct cloud *cloud, cJSON *item, struct cloud_reply *r)
{
    cJSON *in = json_new_object();

    json_set_str(in, "TableName", TRACKER_TABLE);
    json_set(in, "Item", item);
    json_set_str(in, "ConditionExpression", "attribute_not_exists(jobId)");
    cloud_dispatch(cloud, AWS_OP_DDB_PUT_ITEM, in, r);
    cJSON_Delete(in);
    return r->code[0] == '\0' || strcmp(r->code, "ConditionalCheckFailedException") == 0;
}

static void tell(struct cloud *cloud, const cJSON *event, const char *what, const char *why)
{
    log_line(cloud_log(cloud), LOG_LVL_WARN, "local: %s event %s: %s", what,
             json_str_or(event, "id", "?"), why);
}

enum err_code cloud_events_missing_record(struct cloud *cloud, const cJSON *event, struct err *e)
{
    const cJSON *detail = json_object(event, "detail");
    struct strbuf notes = STRBUF_INIT;
    struct cloud_reply r = {.status = 200};
    enum err_code rc = E_OK;
    cJSON *item = deploy_event_item(detail, cloud_now(cloud), false, &notes);

    if (item == NULL) {
        tell(cloud, event, "no record for", "its detail has no jobId that a record can have");
    } else if (!write_record(cloud, item, &r)) {
        if (r.status < 500) {
            tell(cloud, event, "a record without the further keys of", r.message);
            cloud_reply_clear(&r);
            item = deploy_event_item(detail, cloud_now(cloud), true, &notes);
        }
        if (r.status >= 500 || !write_record(cloud, item, &r)) {
            rc = err_set(e, r.status >= 500 ? E_TIMEOUT : E_SERVICE, "%s: %s", r.code, r.message);
        }
    } else if (notes.len > 0 && r.code[0] == '\0') {
        tell(cloud, event, "not all is read of", strbuf_str(&notes));
    }
    cloud_reply_clear(&r);
    strbuf_clear(&notes);
    return rc;
}
