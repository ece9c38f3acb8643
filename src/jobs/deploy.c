/* deploy.c - the request itself: made, copied, sealed. */
#include "jobs/deploy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/rand.h"
#include "deploy_rules.h"

void deploy_request_init(struct deploy_request *r)
{
    *r = (struct deploy_request){.estimated_duration_s = -1, .timestamp_ms = TIME_NONE};
}

void deploy_clear_features(struct deploy_request *r)
{
    for (size_t i = 0; i < r->features_len; i++) {
        free(r->features[i]);
    }
    free(r->features);
    r->features = NULL;
    r->features_len = 0;
}

void deploy_add_feature(struct deploy_request *r, const char *s, size_t len)
{
    r->features = xrealloc(r->features, (r->features_len + 1) * sizeof *r->features);
    r->features[r->features_len++] = xstrndup(s, len);
}

void deploy_request_clear(struct deploy_request *r)
{
    free(r->user_id);
    free(r->product_id);
    free(r->business_name);
    free(r->email);
    free(r->priority);
    deploy_clear_features(r);
    secret_clear(&r->database_url);
    free(r->retry_of);
    cJSON_Delete(r->metadata);
    cJSON_Delete(r->carried);
    cJSON_Delete(r->batch_line);
    deploy_request_init(r);
}

void deploy_request_copy(struct deploy_request *to, const struct deploy_request *from)
{
    deploy_request_init(to);
    memcpy(to->job_id, from->job_id, sizeof to->job_id);
    to->user_id = xstrdup(from->user_id);
    to->product_id = xstrdup(from->product_id);
    to->business_name = xstrdup(from->business_name);
    to->email = xstrdup(from->email);
    to->priority = xstrdup(from->priority);
    for (size_t i = 0; i < from->features_len; i++) {
        deploy_add_feature(to, from->features[i], strlen(from->features[i]));
    }
    to->estimated_duration_s = from->estimated_duration_s;
    secret_copy(&to->database_url, &from->database_url);
    to->retry_of = xstrdup(from->retry_of);
    to->metadata = from->metadata == NULL ? NULL : json_copy(from->metadata);
    to->carried = from->carried == NULL ? NULL : json_copy(from->carried);
    to->timestamp_ms = from->timestamp_ms;
    memcpy(to->request_id, from->request_id, sizeof to->request_id);
    to->batch_line = from->batch_line == NULL ? NULL : json_copy(from->batch_line);
}

void deploy_request_seal(struct deploy_request *r, int64_t now_ms)
{
    if (r->job_id[0] == '\0') {
        char tail[10];
        rand_base36(tail, 9);
        (void)snprintf(r->job_id, sizeof r->job_id, "job_%" PRId64 "_%s", now_ms, tail);
    }
    if (r->timestamp_ms == TIME_NONE) {
        r->timestamp_ms = now_ms;
    }
}
