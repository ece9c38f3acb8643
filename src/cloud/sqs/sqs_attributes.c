/* SQS of the local cloud: what the attributes of a queue may be. Facts: AWS-WIRE 2.6; API
 * reference, SetQueueAttributes. */
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/number.h"
#include "sqs.h"

enum { RECEIVES_MAX = 1000, SOURCES_MAX = 10 };

enum setting_kind { TEXT, NUMBER, SWITCH, DOCUMENT, REDRIVE, REDRIVE_ALLOW };

/* The attributes that can be set, with their defaults and ranges. The other attributes of "All" are
 * computed. */
static const struct queue_setting {
    const char *name, *fallback;
    enum setting_kind kind;
    int64_t min, max; /* the range of a NUMBER */
} settings[] = {
    {"DelaySeconds",                  "0",       NUMBER,        0,    900    },
    {"MaximumMessageSize",            "1048576", NUMBER,        1024, 1048576},
    {"MessageRetentionPeriod",        "345600",  NUMBER,        60,   1209600},
    {"ReceiveMessageWaitTimeSeconds", "0",       NUMBER,        0,    20     },
    {"VisibilityTimeout",             "30",      NUMBER,        0,    43200  },
    {"SqsManagedSseEnabled",          "true",    SWITCH,        0,    0      },
    {"Policy",                        NULL,      DOCUMENT,      0,    0      },
    {"RedrivePolicy",                 NULL,      REDRIVE,       0,    0      },
    {"RedriveAllowPolicy",            NULL,      REDRIVE_ALLOW, 0,    0      },
    {"KmsMasterKeyId",                NULL,      TEXT,          0,    0      },
    {"KmsDataKeyReusePeriodSeconds",  NULL,      NUMBER,        60,   86400  },
};
enum { SETTINGS = sizeof settings / sizeof *settings };

static const struct queue_setting *find(const char *name)
{
    for (int i = 0; i < SETTINGS; i++) {
        if (strcmp(settings[i].name, name) == 0) {
            return &settings[i];
        }
    }
    return NULL;
}

bool cloud_sqs_is_setting(const char *name)
{
    return find(name) != NULL;
}

void cloud_sqs_default_attributes(cJSON *doc)
{
    for (int i = 0; i < SETTINGS; i++) {
        if (settings[i].fallback != NULL) {
            json_set_str(doc, settings[i].name, settings[i].fallback);
        }
    }
}

static bool fail(struct cloud_reply *r, const char *code, const char *name)
{
    cloud_fail(r, 400, code, "Invalid value for the parameter %.60s.", name);
    (void)snprintf(r->query_code, sizeof r->query_code, "%s", code);
    return false;
}

static bool refuse_policy(struct cloud_reply *r, const char *name, const char *value,
                          const char *reason)
{
    cloud_fail(r, 400, "InvalidParameterValue",
               "Value %.200s for parameter %s is invalid. Reason: %.160s", value, name, reason);
    (void)snprintf(r->query_code, sizeof r->query_code, "InvalidParameterValue");
    return false;
}

static bool digits_between(const char *s, int64_t min, int64_t max)
{
    int64_t n = 0;

    return number_parse(s, min, max, &n);
}

/* ---- redrive ----------------------------------------------------------------------------- */

static bool has_other_keys(const cJSON *doc, const char *first, const char *second)
{
    for (const cJSON *m = doc->child; m != NULL; m = m->next) {
        if (strcmp(m->string, first) != 0 && strcmp(m->string, second) != 0) {
            return true;
        }
    }
    return false;
}

/* Is this a whole number, or the text of one? */
static bool receives_ok(const cJSON *v)
{
    if (cJSON_IsString(v)) {
        return digits_between(v->valuestring, 1, RECEIVES_MAX);
    }
    return cJSON_IsNumber(v) && v->valuedouble >= 1 && v->valuedouble <= (double)RECEIVES_MAX &&
           v->valuedouble == (double)(int)v->valuedouble;
}

/* What is wrong with a redrive policy; NULL when nothing is. */
static const char *redrive_problem(struct cloud *cloud, const cJSON *doc)
{
    const cJSON *target = json_get(doc, "deadLetterTargetArn");
    const cJSON *receives = json_get(doc, "maxReceiveCount");

    if (!cJSON_IsObject(doc)) {
        return "Redrive policy is not a valid JSON map.";
    }
    if (target == NULL || cJSON_IsNull(target)) {
        return "Redrive policy does not contain mandatory attribute: deadLetterTargetArn.";
    }
    if (receives == NULL || cJSON_IsNull(receives)) {
        return "Redrive policy does not contain mandatory attribute: maxReceiveCount.";
    }
    if (has_other_keys(doc, "deadLetterTargetArn", "maxReceiveCount")) {
        return "Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount].";
    }
    if (!receives_ok(receives)) {
        return "Invalid value for maxReceiveCount, valid values are from 1 to 1000 both inclusive.";
    }
    if (!cJSON_IsString(target) || strncmp(target->valuestring, "arn:aws:sqs:", 12) != 0) {
        return "Invalid value for deadLetterTargetArn.";
    }
    const char *queue = cloud_sqs_name_of_arn(cloud, target->valuestring);
    return queue != NULL && cloud_sqs_queue_exists(cloud, queue)
               ? NULL
               : "Dead letter target does not exist.";
}

static bool sources_ok(const cJSON *sources)
{
    int n = cJSON_GetArraySize(sources);

    for (const cJSON *v = sources != NULL ? sources->child : NULL; v != NULL; v = v->next) {
        if (!cJSON_IsString(v) || strncmp(v->valuestring, "arn:aws:sqs:", 12) != 0) {
            return false;
        }
    }
    return cJSON_IsArray(sources) && n >= 1 && n <= SOURCES_MAX;
}

static const char *allow_problem(const cJSON *doc)
{
    const char *permission = json_str_or(doc, "redrivePermission", "");
    const cJSON *sources = json_get(doc, "sourceQueueArns");
    bool by_queue = strcmp(permission, "byQueue") == 0;

    if (!cJSON_IsObject(doc)) {
        return "Redrive allow policy is not a valid JSON map.";
    }
    if (!by_queue && strcmp(permission, "allowAll") != 0 && strcmp(permission, "denyAll") != 0) {
        return "redrivePermission must be allowAll, denyAll or byQueue.";
    }
    if (has_other_keys(doc, "redrivePermission", "sourceQueueArns")) {
        return "Only following attributes are supported: [redrivePermission, sourceQueueArns].";
    }
    if (by_queue && !sources_ok(sources)) {
        return "byQueue needs 1 to 10 ARNs of queues in sourceQueueArns.";
    }
    return !by_queue && sources != NULL ? "sourceQueueArns is for redrivePermission byQueue only."
                                        : NULL;
}

/* ---- all of them ------------------------------------------------------------------------- */

static bool policy_ok(struct cloud *cloud, const struct queue_setting *s, const char *value,
                      struct cloud_reply *r)
{
    cJSON *doc = json_parse(value, strlen(value), s->name, NULL);
    const char *why = s->kind == REDRIVE ? redrive_problem(cloud, doc) : allow_problem(doc);
    bool good = why == NULL || refuse_policy(r, s->name, value, why);

    cJSON_Delete(doc);
    return good;
}

static bool setting_ok(struct cloud *cloud, const struct queue_setting *s, const char *value,
                       struct cloud_reply *r)
{
    bool good = true;

    switch (s->kind) {
    case NUMBER:
        good = digits_between(value, s->min, s->max);
        break;
    case SWITCH:
        good = strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
        break;
    case DOCUMENT:
        if (*value != '\0') { /* an empty value removes the attribute */
            cJSON *doc = json_parse(value, strlen(value), s->name, NULL);
            good = cJSON_IsObject(doc) != 0;
            cJSON_Delete(doc);
        }
        break;
    case REDRIVE:
    case REDRIVE_ALLOW:
        return *value == '\0' || policy_ok(cloud, s, value, r);
    case TEXT:
        break;
    }
    return good || fail(r, "InvalidAttributeValue", s->name);
}

bool cloud_sqs_apply_attributes(struct cloud *cloud, cJSON *doc, const cJSON *changes,
                                struct cloud_reply *r)
{
    for (const cJSON *m = changes != NULL ? changes->child : NULL; m != NULL; m = m->next) {
        const struct queue_setting *s = find(m->string);
        if (s == NULL) {
            cloud_fail(r, 400, "InvalidAttributeName", "Unknown Attribute %.60s.", m->string);
            return false;
        }
        if (!cJSON_IsString(m)) {
            return fail(r, "InvalidAttributeValue", m->string);
        }
        if (!setting_ok(cloud, s, m->valuestring, r)) {
            return false;
        }
        cJSON_DeleteItemFromObjectCaseSensitive(doc, m->string);
        if (*m->valuestring != '\0') {
            json_set_str(doc, m->string, m->valuestring);
        }
    }
    return true;
}
