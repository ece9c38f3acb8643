/* deploy_fields.c - the fields that a person gives: their table, their text, their check. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "deploy_parts.h"

const struct deploy_field deploy_fields[] = {
    [F_USER_ID] = {"userId",            "User id",            "1 to 128 letters, digits and . _ - : @ | + =", "user-id",
                   true,                                                                                                                   false, NULL             },
    [F_PRODUCT_ID] = {"productId",         "Product id",         "1 to 128 letters, digits and . _ - : @ | + =",
                   "product-id",                                                                                                    true,  false, NULL             },
    [F_BUSINESS_NAME] = {"businessName",      "Business name",      "1 to 200 characters",                          "business-name",
                   false,                                                                                                                  false, NULL             },
    [F_EMAIL] = {"userEmail",         "Email",              "an address like user@example.com",             "email",              false, false,
                   NULL                                                                                                                                            },
    [F_PRIORITY] = {"priority",          "Priority",           "high, normal or low; normal when left out",    "priority",
                   false,                                                                                                                  false, "high|normal|low"},
    [F_FEATURES] = {"features",          "Features",           "up to 50, separated by commas",                "features",           false,
                   false,                                                                                                                         NULL             },
    [F_DURATION] = {"estimatedDuration", "Estimated duration",
                   "seconds, or 90m, 4h, 2d: 1 minute to 14 days",                                            "estimated-duration", false,
                   false,                                                                                                                         NULL             },
    [F_DATABASE_URL] = {"founderdashDbUrl",  "Database URL",
                   "a URL like postgresql://user:password@host:5432/name; kept secret",                       NULL,
                   false,                                                                                                                  true,  NULL             },
    [F_METADATA] = {"metadata",          "Further metadata",   "a JSON object like {\"key\":\"value\"}",
                   "metadata",                                                                                                      false, false, NULL             },
    [F_JOB_ID] = {"jobId",             "Job id",
                   "1 to 128 letters, digits and . _ -; made for you when left out",                          "job-id",             false,
                   false,                                                                                                                         NULL             },
};
const size_t deploy_fields_len = F_COUNT;

static bool same_name(const char *a, const char *b)
{
    for (;;) {
        while (*a == '-' || *a == '_') {
            a++;
        }
        while (*b == '-' || *b == '_') {
            b++;
        }
        char x = *a >= 'A' && *a <= 'Z' ? (char)(*a - 'A' + 'a') : *a;
        char y = *b >= 'A' && *b <= 'Z' ? (char)(*b - 'A' + 'a') : *b;
        if (x != y) {
            return false;
        }
        if (x == '\0') {
            return true;
        }
        a++;
        b++;
    }
}

const struct deploy_field *deploy_field_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < F_COUNT; i++) {
        const struct deploy_field *f = &deploy_fields[i];
        if (same_name(f->name, name) || (f->flag != NULL && same_name(f->flag, name))) {
            return f;
        }
    }
    return NULL;
}

char **deploy_text_of(struct deploy_request *r, enum field_id id)
{
    switch (id) {
    case F_USER_ID:
        return &r->user_id;
    case F_PRODUCT_ID:
        return &r->product_id;
    case F_BUSINESS_NAME:
        return &r->business_name;
    case F_EMAIL:
        return &r->email;
    case F_PRIORITY:
        return &r->priority;
    default:
        return NULL;
    }
}

enum err_code deploy_check_text(enum field_id id, const char *s, struct err *e)
{
    const char *name = deploy_fields[id].name;

    switch (id) {
    case F_USER_ID:
    case F_PRODUCT_ID:
        return rule_id(name, s, e);
    case F_BUSINESS_NAME:
        return rule_text(name, s, 1, RULE_NAME_MAX, e);
    case F_EMAIL:
        return rule_email(name, s, e);
    case F_PRIORITY:
        return rule_choice(name, deploy_fields[id].choices, s, NULL, e);
    default:
        return E_OK;
    }
}

static enum err_code check_feature(const char *s, struct err *e)
{
    return rule_text("features", s, 1, RULE_FEATURE_MAX, e);
}

enum err_code deploy_check_features(const struct deploy_request *r, struct err *e)
{
    enum err_code rc = E_OK;

    if (r->features_len > RULE_FEATURES_MAX) {
        return err_set(e, E_INVALID, "features: has %zu of them: give at most %d", r->features_len,
                       RULE_FEATURES_MAX);
    }
    for (size_t i = 0; i < r->features_len && rc == E_OK; i++) {
        rc = check_feature(r->features[i], e);
    }
    return rc;
}

char *deploy_request_get(const struct deploy_request *r, const char *field)
{
    const struct deploy_field *f = deploy_field_find(field);
    struct strbuf b = STRBUF_INIT;

    if (f == NULL) {
        return xstrdup("");
    }
    switch ((enum field_id)(f - deploy_fields)) {
    case F_FEATURES:
        for (size_t i = 0; i < r->features_len; i++) {
            strbuf_addf(&b, "%s%s", i == 0 ? "" : ",", r->features[i]);
        }
        break;
    case F_DURATION:
        if (r->estimated_duration_s >= 0) {
            strbuf_addf(&b, "%" PRId64, r->estimated_duration_s);
        }
        break;
    case F_DATABASE_URL:
        if (*secret_str(&r->database_url) != '\0') {
            secret_mask_url(&b, secret_str(&r->database_url));
        }
        break;
    case F_METADATA:
        if (r->metadata != NULL) {
            char *text = json_text(r->metadata);
            strbuf_adds(&b, text);
            free(text);
        }
        break;
    case F_JOB_ID:
        strbuf_adds(&b, r->job_id);
        break;
    default: {
        /* text_of only finds the place: nothing is written through it here. */
        struct deploy_request view = *r;
        strbuf_adds(&b, *deploy_text_of(&view, (enum field_id)(f - deploy_fields)));
        break;
    }
    }
    return strbuf_take(&b);
}

static enum err_code check_field(const struct deploy_request *r, enum field_id id, struct err *e)
{
    struct deploy_request view = *r;
    const char *url = secret_str(&r->database_url);

    switch (id) {
    case F_FEATURES:
        return deploy_check_features(r, e);
    case F_DURATION:
        return r->estimated_duration_s == -1
                   ? E_OK
                   : rule_duration("estimatedDuration", r->estimated_duration_s, e);
    case F_DATABASE_URL:
        return *url == '\0' ? E_OK : rule_database_url("founderdashDbUrl", url, e);
    case F_METADATA:
        return r->metadata == NULL ? E_OK : rule_metadata("metadata", r->metadata, e);
    case F_JOB_ID:
        return r->job_id[0] == '\0' ? E_OK : rule_job_id("jobId", r->job_id, e);
    default: {
        const char *s = *deploy_text_of(&view, id);
        return s == NULL ? E_OK : deploy_check_text(id, s, e);
    }
    }
}

enum err_code deploy_check_given(const struct deploy_request *r, enum field_id id, struct err *e)
{
    struct deploy_request view = *r;
    const struct deploy_field *f = &deploy_fields[id];
    char **at = deploy_text_of(&view, id);

    return f->required && at != NULL && (*at == NULL || **at == '\0')
               ? err_set(e, E_INVALID, "%s: is missing: give %s", f->name, f->help)
               : E_OK;
}

static enum err_code too_large(const struct deploy_request *r, size_t bytes, struct err *e)
{
    size_t largest = 0;
    const char *name = deploy_carry_largest(r, &largest);

    if (name == NULL) {
        return err_set(e, E_INVALID, "metadata: makes the event %zu bytes: give less, at most %d",
                       bytes, RULE_DETAIL_MAX - RULE_ENTRY_OVERHEAD);
    }
    return err_set(e, E_INVALID,
                   "metadata: with the attributes of the record, of which %s has %zu bytes, the "
                   "event has %zu: EventBridge takes at most %d",
                   rule_shown(name).text, largest, bytes, RULE_DETAIL_MAX - RULE_ENTRY_OVERHEAD);
}

enum err_code deploy_request_check(const struct deploy_request *r, const char **field,
                                   struct err *e)
{
    for (size_t i = 0; i < F_COUNT; i++) {
        enum err_code rc = deploy_check_given(r, (enum field_id)i, e);
        rc = rc == E_OK ? check_field(r, (enum field_id)i, e) : rc;
        if (rc != E_OK) {
            if (field != NULL) {
                *field = deploy_fields[i].name;
            }
            return rc;
        }
    }
    cJSON *detail = deploy_detail_json(r, false);
    char *text = json_text(detail);
    size_t bytes = strlen(text);
    secret_free(text);
    cJSON_Delete(detail);
    if (bytes > RULE_DETAIL_MAX - RULE_ENTRY_OVERHEAD) {
        if (field != NULL) {
            *field = "metadata";
        }
        return too_large(r, bytes, e);
    }
    return E_OK;
}
