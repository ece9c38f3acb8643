/* deploy_json.c - the request as the event's Detail (SPEC 1.1), and back. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "deploy_rules.h"

/* Keys of metadata that are fields of the request, with the field that checks and holds each. */
static const struct {
    const char *key;
    bool list, number;
} metadata_fields[] = {
    {"businessName",      false, false},
    {"estimatedDuration", false, true },
    {"features",          true,  false},
    {"userEmail",         false, false},
    {"retryOf",           false, false},
};
enum { METADATA_FIELDS = sizeof metadata_fields / sizeof *metadata_fields };

bool deploy_is_metadata_field(const char *key)
{
    for (size_t i = 0; i < METADATA_FIELDS; i++) {
        if (strcmp(key, metadata_fields[i].key) == 0) {
            return true;
        }
    }
    return false;
}

cJSON *deploy_metadata_json(const struct deploy_request *r)
{
    cJSON *m = json_new_object();
    const cJSON *extra;

    if (r->business_name != NULL) {
        json_set_str(m, "businessName", r->business_name);
    }
    if (r->estimated_duration_s >= 0) {
        json_set_int(m, "estimatedDuration", r->estimated_duration_s);
    }
    if (r->features_len > 0) {
        cJSON *features = json_new_array();
        for (size_t i = 0; i < r->features_len; i++) {
            json_push_str(features, r->features[i]);
        }
        json_set(m, "features", features);
    }
    if (r->email != NULL) {
        json_set_str(m, "userEmail", r->email);
    }
    if (r->retry_of != NULL) {
        json_set_str(m, "retryOf", r->retry_of);
    }
    cJSON_ArrayForEach(extra, r->metadata)
    {
        if (!deploy_is_metadata_field(extra->string)) {
            json_set(m, extra->string, json_copy(extra));
        }
    }
    return m;
}

static cJSON *detail_json(const struct deploy_request *r, bool mask, bool carry)
{
    const char *url = secret_str(&r->database_url);
    cJSON *d = json_new_object();
    char iso[TIME_ISO_SIZE];

    json_set_str(d, "jobId", r->job_id);
    json_set_str(d, "userId", r->user_id);
    json_set_str(d, "productId", r->product_id);
    if (*url != '\0') {
        struct strbuf shown = STRBUF_INIT;
        if (mask) {
            secret_mask_url(&shown, url);
        }
        json_set_str(d, "founderdashDbUrl", mask ? strbuf_str(&shown) : url);
        strbuf_clear(&shown);
    }
    json_set_str(d, "priority", r->priority == NULL ? "normal" : r->priority);
    json_set_str(d, "timestamp", time_iso(r->timestamp_ms, iso));
    cJSON *metadata = deploy_metadata_json(r);
    if (carry) {
        deploy_carry_event(r, metadata);
    }
    json_set(d, "metadata", metadata);
    return d;
}

cJSON *deploy_detail_json(const struct deploy_request *r, bool mask)
{
    return detail_json(r, mask, true);
}

cJSON *deploy_request_json(const struct deploy_request *r)
{
    return detail_json(r, false, false);
}

static enum err_code wrong_type(const cJSON *v, const char *wanted, struct err *e)
{
    return err_set(e, E_INVALID, "%s: is %s: give %s", v->string, rule_type_name(v), wanted);
}

static enum err_code take_features(struct deploy_request *r, const cJSON *v, struct err *e)
{
    struct faults wrong = {.len = 0};
    const cJSON *f;

    rule_features_faults(v->string, v, &wrong);
    enum err_code rc = faults_err(&wrong, e);
    faults_clear(&wrong);
    if (rc != E_OK) {
        return rc;
    }
    deploy_clear_features(r);
    cJSON_ArrayForEach(f, v)
    {
        deploy_add_feature(r, f->valuestring, strlen(f->valuestring));
    }
    return E_OK;
}

static enum err_code take_duration(struct deploy_request *r, const cJSON *v, struct err *e)
{
    if (!cJSON_IsNumber(v)) {
        return wrong_type(v, "a number of seconds", e);
    }
    /* Out of the range of int64_t it is out of ours, too. */
    int64_t seconds = fabs(v->valuedouble) < 1e15 ? (int64_t)v->valuedouble : INT64_MAX;
    if (floor(v->valuedouble) != v->valuedouble) {
        return err_set(e, E_INVALID, "%s: is not a whole number of seconds", v->string);
    }
    enum err_code rc = rule_duration(v->string, seconds, e);
    if (rc == E_OK) {
        r->estimated_duration_s = seconds;
    }
    return rc;
}

static enum err_code take_retry_of(struct deploy_request *r, const cJSON *v, struct err *e)
{
    if (!cJSON_IsString(v)) {
        return wrong_type(v, "a job id", e);
    }
    enum err_code rc = rule_text(v->string, v->valuestring, 1, (size_t)RULE_RECORDED_ID_MAX, e);
    if (rc == E_OK) {
        free(r->retry_of);
        r->retry_of = xstrdup(v->valuestring);
    }
    return rc;
}

/* A text field, checked by its row, as it is: a program means the blanks that it sends. An empty
 * text is refused where the key is given. */
static enum err_code take_text(struct deploy_request *r, const cJSON *v, struct err *e)
{
    const struct deploy_field *f = deploy_field_find(v->string);

    if (!cJSON_IsString(v)) {
        return err_set(e, E_INVALID, "%s: is %s: give %s", v->string, rule_type_name(v), f->help);
    }
    if (v->valuestring[0] == '\0') {
        return err_set(e, E_INVALID, "%s: is empty: %sgive %s", v->string,
                       f->required ? "" : "leave it out, or ", f->help);
    }
    return deploy_set_exact(r, f, v->valuestring, e);
}

enum err_code deploy_take_metadata(struct deploy_request *r, const cJSON *m, struct err *e)
{
    for (size_t i = 0; i < METADATA_FIELDS; i++) {
        if (strcmp(m->string, metadata_fields[i].key) != 0) {
            continue;
        }
        if (cJSON_IsNull(m)) {
            return E_OK; /* the same as left out */
        }
        if (strcmp(m->string, "retryOf") == 0) {
            return take_retry_of(r, m, e);
        }
        return metadata_fields[i].list     ? take_features(r, m, e)
               : metadata_fields[i].number ? take_duration(r, m, e)
                                           : take_text(r, m, e);
    }
    if (r->metadata == NULL) {
        r->metadata = json_new_object();
    }
    json_set(r->metadata, m->string, json_copy_exact(m));
    return E_OK;
}

static enum err_code take_timestamp(struct deploy_request *r, const cJSON *v, struct err *e)
{
    int64_t ms;

    if (!cJSON_IsString(v) || !time_parse_iso(v->valuestring, &ms)) {
        return err_set(e, E_INVALID,
                       "timestamp: is not a time: give ISO 8601 like 2025-08-20T10:30:00.000Z");
    }
    r->timestamp_ms = ms;
    return E_OK;
}

enum err_code deploy_take_member(struct deploy_request *r, const cJSON *v, struct err *e)
{
    static const char *const texts[] = {"jobId", "userId", "productId", "priority",
                                        "founderdashDbUrl"};
    enum err_code rc;

    if (strcmp(v->string, "metadata") == 0) {
        rc =
            cJSON_IsObject(v) ? rule_metadata("metadata", v, e) : wrong_type(v, "a JSON object", e);
        for (const cJSON *m = v->child; m != NULL && rc == E_OK; m = m->next) {
            rc = deploy_take_metadata(r, m, e);
        }
        return rc;
    }
    if (strcmp(v->string, "timestamp") == 0) {
        return take_timestamp(r, v, e);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(v->string, texts[i]) == 0) {
            return take_text(r, v, e);
        }
    }
    if (deploy_is_metadata_field(v->string)) {
        return deploy_take_metadata(r, v, e); /* a flat line of a batch file */
    }
    return err_set(e, E_INVALID,
                   "%s is not a field of a deploy: give userId, productId, priority, "
                   "founderdashDbUrl and metadata, and put other keys into metadata",
                   rule_shown(v->string).text);
}

enum err_code deploy_request_from_json(struct deploy_request *r, const cJSON *detail, struct err *e)
{
    enum err_code rc = E_OK;

    deploy_request_init(r);
    if (!cJSON_IsObject(detail)) {
        return err_set(e, E_INVALID, "a deploy is a JSON object like %s",
                       "{\"userId\":\"u\",\"productId\":\"p\"}");
    }
    for (const cJSON *v = detail->child; v != NULL && rc == E_OK; v = v->next) {
        bool null = cJSON_IsNull(v) && strcmp(v->string, "metadata") != 0;
        rc = null ? E_OK : deploy_take_member(r, v, e);
    }
    if (rc != E_OK) {
        deploy_request_clear(r);
    }
    return rc;
}
