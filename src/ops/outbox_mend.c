/* Repairing, when a person asks for it, an entry that mvpdash does not touch by itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "dispatch.h"
#include "ops/outbox.h"

/* Makes the request that the record was made from. Only the settings have its database URL. */
static void request_of(const struct ops *o, const cJSON *item, const struct job *j,
                       struct deploy_request *r)
{
    const char *url = settings_get(o->settings, SET_DATABASE_URL);

    deploy_request_from_job(r, item);
    free(r->retry_of);
    r->retry_of = xstrdup(job_text(j, JOB_RETRY_OF));
    (void)snprintf(r->job_id, sizeof r->job_id, "%s", j->id);
    (void)snprintf(r->request_id, sizeof r->request_id, "%s", attr_str(item, DISPATCH_REQUEST_ID));
    r->timestamp_ms = job_ms(j, JOB_CREATED);
    if (r->bulk_line == NULL && json_get(item, DEPLOY_BULK_LINE) != NULL) {
        r->bulk_line = attr_to_plain(json_get(item, DEPLOY_BULK_LINE));
    }
    if (url != NULL && url[0] != '\0') {
        secret_set(&r->database_url, url);
    }
}

static enum err_code no_record(const struct ops *o, const char *job_id, struct err *e)
{
    (void)err_set(e, E_NOT_FOUND,
                  "job %s: its entry in the outbox cannot be read, and table %s has no record of "
                  "it: it was never started",
                  job_id, o->table);
    return err_hint_set(e, "send the deploy again, then `mvpdash outbox drop %s`", job_id);
}

static enum err_code from_record(const struct ops *o, const char *job_id, const cJSON *item,
                                 struct err *e)
{
    struct job *j = job_from_item(item);
    const char *whose = attr_str(item, DISPATCH_REQUEST_ID);
    struct deploy_request r;
    enum err_code rc = E_OK;

    deploy_request_init(&r);
    if (j == NULL || whose == NULL || strlen(whose) >= sizeof r.request_id) {
        rc = err_set(e, E_CONFLICT, "job %s: mvpdash did not write the record of this id", job_id);
        (void)err_hint_set(e, "`mvpdash outbox drop %s` gives the entry up", job_id);
    } else if (j->status != JOB_PENDING || job_text(j, JOB_BATCH_ID) != NULL) {
        rc = err_set(e, E_CONFLICT, "job %s is %s: its event arrived, there is nothing to send",
                     job_id, job_status_word((enum job_status)j->status));
        (void)err_hint_set(e, "`mvpdash outbox drop %s` removes what is left of it", job_id);
    } else {
        request_of(o, item, j, &r);
        rc = deploy_request_check(&r, NULL, e);
        if (rc == E_OK) {
            rc = outbox_replace(
                o, &r, job_ms(j, JOB_CREATED) == TIME_NONE ? 1 : job_ms(j, JOB_CREATED), e);
        } else {
            (void)err_wrap(e, "the record of %s cannot be sent", job_id);
        }
    }
    deploy_request_clear(&r);
    job_free(j);
    return rc;
}

enum err_code outbox_mend(const struct ops *o, const struct outbox_item *item, struct err *e)
{
    cJSON *record = NULL;

    switch (item->kind) {
    case OUTBOX_OURS:
        return E_OK;
    case OUTBOX_UNPROVEN:
        return outbox_adopt(o, item->job_id, e);
    case OUTBOX_OTHERS:
        (void)err_set(e, E_CONFLICT, "job %s is of %s%s, not of the one in use", item->job_id,
                      item->other_account ? "account " : "another region, endpoint, table or bus",
                      item->other_account ? item->account : "");
        return err_hint_set(e, "`mvpdash outbox send` with its keys and settings sends it");
    case OUTBOX_BROKEN:
        break;
    }
    enum err_code rc = ddb_get_item(o->aws, o->table, "jobId", item->job_id, true, &record, e);
    if (rc == E_OK) {
        rc = record == NULL ? no_record(o, item->job_id, e)
                            : from_record(o, item->job_id, record, e);
    }
    cJSON_Delete(record);
    return rc;
}
