/* deploy.c - making, copying and sealing a deploy request. */
#include "jobs/deploy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/rand.h"
#include "deploy_type.h"

void deploy_request_init(struct deploy_request *r)
{
    *r = (struct deploy_request){0};
    for (size_t i = 0; i < deploy_rows_len; i++) {
        deploy_fields[i].type->clear(field_at(&deploy_fields[i], r));
    }
}

void deploy_request_clear(struct deploy_request *r)
{
    for (size_t i = 0; i < deploy_rows_len; i++) {
        deploy_fields[i].type->clear(field_at(&deploy_fields[i], r));
    }
    cJSON_Delete(r->carried);
    cJSON_Delete(r->bulk_line);
    deploy_request_init(r);
}

void deploy_request_copy(struct deploy_request *to, const struct deploy_request *from)
{
    deploy_request_init(to);
    for (size_t i = 0; i < deploy_rows_len; i++) {
        const struct deploy_field *f = &deploy_fields[i];
        f->type->copy(field_at(f, to), field_in(f, from));
    }
    to->carried = from->carried == NULL ? NULL : json_copy(from->carried);
    memcpy(to->request_id, from->request_id, sizeof to->request_id);
    to->bulk_line = from->bulk_line == NULL ? NULL : json_copy(from->bulk_line);
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
