/* deploy_fields.c - the fields that a person gives, as text. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "deploy_rules.h"
#include "jobs/age.h"

enum field_id {
    F_USER_ID,
    F_PRODUCT_ID,
    F_BUSINESS_NAME,
    F_EMAIL,
    F_PRIORITY,
    F_FEATURES,
    F_DURATION,
    F_DATABASE_URL,
    F_METADATA,
    F_JOB_ID,
    F_COUNT
};

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

/* The plain text fields. */
static char **text_of(struct deploy_request *r, enum field_id id)
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

static enum err_code check_text(enum field_id id, const char *s, struct err *e)
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

static enum err_code check_features(const struct deploy_request *r, struct err *e)
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

/* Comma-separated; blanks around each are not part of it, empty ones do not count. */
static enum err_code set_features(struct deploy_request *r, const char *s, struct err *e)
{
    struct deploy_request draft;

    deploy_request_init(&draft);
    while (*s != '\0') {
        size_t len = strcspn(s, ",");
        size_t start = 0;
        size_t end = len;
        while (start < end && (s[start] == ' ' || s[start] == '\t')) {
            start++;
        }
        while (end > start && (s[end - 1] == ' ' || s[end - 1] == '\t')) {
            end--;
        }
        if (end > start) {
            deploy_add_feature(&draft, s + start, end - start);
        }
        s += len + (s[len] == ',');
    }
    enum err_code rc = check_features(&draft, e);
    if (rc == E_OK) {
        deploy_clear_features(r);
        r->features = draft.features;
        r->features_len = draft.features_len;
        draft.features = NULL;
        draft.features_len = 0;
    }
    deploy_request_clear(&draft);
    return rc;
}

static enum err_code set_duration(struct deploy_request *r, const char *s, struct err *e)
{
    int64_t seconds;

    if (*s == '\0') {
        r->estimated_duration_s = -1;
        return E_OK;
    }
    if (!duration_parse(s, &seconds)) {
        return err_set(e, E_INVALID,
                       "estimatedDuration: %s is not a duration: give seconds, or 90m, 4h, 2d",
                       rule_shown(s).text);
    }
    enum err_code rc = rule_duration("estimatedDuration", seconds, e);
    if (rc == E_OK) {
        r->estimated_duration_s = seconds;
    }
    return rc;
}

/* Keys that are fields of their own go there; the others replace the further keys. */
static enum err_code set_metadata(struct deploy_request *r, const char *s, struct err *e)
{
    struct deploy_request draft;
    enum err_code rc = E_OK;
    struct err why;

    if (*s == '\0') {
        cJSON_Delete(r->metadata);
        r->metadata = NULL;
        return E_OK;
    }
    if (strlen(s) > RULE_DETAIL_MAX) {
        return err_set(e, E_INVALID, "metadata: is over 256 KiB: give less");
    }
    cJSON *object = json_parse(s, strlen(s), "metadata", &why);
    if (object == NULL) {
        return err_set(e, E_INVALID, "%s: give a JSON object like {\"key\":\"value\"}", why.msg);
    }
    deploy_request_copy(&draft, r);
    cJSON_Delete(draft.metadata);
    draft.metadata = NULL;
    rc = rule_metadata("metadata", object, e);
    for (const cJSON *m = object->child; m != NULL && rc == E_OK; m = m->next) {
        rc = deploy_take_metadata(&draft, m, e);
    }
    if (rc == E_OK) {
        deploy_request_clear(r);
        *r = draft; /* moved */
    } else {
        deploy_request_clear(&draft);
    }
    cJSON_Delete(object);
    return rc;
}

static enum err_code set_job_id(struct deploy_request *r, const char *s, struct err *e)
{
    enum err_code rc = *s == '\0' ? E_OK : rule_job_id("jobId", s, e);

    if (rc == E_OK) {
        memset(r->job_id, 0, sizeof r->job_id);
        memcpy(r->job_id, s, strlen(s));
    }
    return rc;
}

static enum err_code set_database_url(struct deploy_request *r, const char *s, struct err *e)
{
    enum err_code rc = *s == '\0' ? E_OK : rule_database_url("founderdashDbUrl", s, e);

    if (rc == E_OK) {
        secret_set(&r->database_url, *s == '\0' ? NULL : s);
    }
    return rc;
}

static enum err_code set_text(struct deploy_request *r, enum field_id id, const char *s,
                              struct err *e)
{
    char **at = text_of(r, id);
    char *value = NULL;
    enum err_code rc = E_OK;

    if (*s != '\0') {
        rc = id == F_PRIORITY
                 ? rule_choice("priority", deploy_fields[F_PRIORITY].choices, s, &value, e)
                 : check_text(id, s, e);
        if (rc == E_OK && value == NULL) {
            value = xstrdup(s);
        }
    }
    if (rc == E_OK) {
        free(*at);
        *at = value;
    }
    return rc;
}

static enum err_code set_field(struct deploy_request *r, enum field_id id, const char *s,
                               struct err *e)
{
    switch (id) {
    case F_FEATURES:
        return set_features(r, s, e);
    case F_DURATION:
        return set_duration(r, s, e);
    case F_DATABASE_URL:
        return set_database_url(r, s, e);
    case F_METADATA:
        return set_metadata(r, s, e);
    case F_JOB_ID:
        return set_job_id(r, s, e);
    default:
        return set_text(r, id, s, e);
    }
}

enum err_code deploy_request_set(struct deploy_request *r, const char *field, const char *text,
                                 struct err *e)
{
    const struct deploy_field *f = deploy_field_find(field);
    struct strbuf names = STRBUF_INIT;

    if (f != NULL) {
        /* Blanks around a value come from pasting and are never meant. */
        const char *s = text == NULL ? "" : text + strspn(text, " \t\r\n");
        size_t n = strlen(s);
        while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL) {
            n--;
        }
        char *trimmed = xstrndup(s, n);
        enum err_code rc = set_field(r, (enum field_id)(f - deploy_fields), trimmed, e);
        struct secret wipe = {trimmed};
        secret_clear(&wipe);
        return rc;
    }
    for (size_t i = 0; i < F_COUNT; i++) {
        strbuf_addf(&names, "%s%s", i == 0 ? "" : ", ", deploy_fields[i].name);
    }
    enum err_code rc = err_set(e, E_INVALID, "%s is not a field: give one of %s",
                               rule_shown(field == NULL ? "" : field).text, strbuf_str(&names));
    strbuf_clear(&names);
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
        strbuf_adds(&b, *text_of(&view, (enum field_id)(f - deploy_fields)));
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
        return check_features(r, e);
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
        const char *s = *text_of(&view, id);
        return s == NULL ? E_OK : check_text(id, s, e);
    }
    }
}

static bool missing(const struct deploy_request *r, enum field_id id)
{
    struct deploy_request view = *r;
    char **at = text_of(&view, id);

    return deploy_fields[id].required && at != NULL && (*at == NULL || **at == '\0');
}

enum err_code deploy_request_check(const struct deploy_request *r, const char **field,
                                   struct err *e)
{
    for (size_t i = 0; i < F_COUNT; i++) {
        enum err_code rc = missing(r, (enum field_id)i)
                               ? err_set(e, E_INVALID, "%s: is missing: give %s",
                                         deploy_fields[i].name, deploy_fields[i].help)
                               : check_field(r, (enum field_id)i, e);
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
    struct secret wipe = {text};
    secret_clear(&wipe);
    cJSON_Delete(detail);
    if (bytes > RULE_DETAIL_MAX - RULE_ENTRY_OVERHEAD) {
        if (field != NULL) {
            *field = "metadata";
        }
        return err_set(e, E_INVALID, "metadata: makes the event %zu bytes: give less, at most %d",
                       bytes, RULE_DETAIL_MAX - RULE_ENTRY_OVERHEAD);
    }
    return E_OK;
}
