/* deploy_set.c - a person's text becomes a field's value, or an error and nothing changes. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "deploy_parts.h"
#include "jobs/age.h"

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
    enum err_code rc = deploy_check_features(&draft, e);
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
    char **at = deploy_text_of(r, id);
    char *value = NULL;
    enum err_code rc = E_OK;

    if (*s != '\0') {
        rc = id == F_PRIORITY
                 ? rule_choice("priority", deploy_fields[F_PRIORITY].choices, s, &value, e)
                 : deploy_check_text(id, s, e);
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

enum err_code deploy_set_exact(struct deploy_request *r, const struct deploy_field *f,
                               const char *s, struct err *e)
{
    return set_field(r, (enum field_id)(f - deploy_fields), s, e);
}

enum err_code deploy_request_set(struct deploy_request *r, const char *field, const char *text,
                                 struct err *e)
{
    const struct deploy_field *f = deploy_field_find(field);
    struct strbuf names = STRBUF_INIT;

    if (f != NULL) {
        /* Blanks around a value come from pasting and are never meant. */
        const char *s = text == NULL ? "" : text;
        size_t n = text_trim(&s, strlen(s));
        char *trimmed = xstrndup(s, n);
        enum err_code rc = deploy_set_exact(r, f, trimmed, e);
        secret_free(trimmed);
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
