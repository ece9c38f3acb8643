/* Batch of the local cloud: job definitions and their revisions. Facts: AWS-WIRE 2.4. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "core/alloc.h"
#include "core/json.h"
#include "src/cloud/store/sqlx.h"

enum { PAGE_MAX = 100, ATTEMPTS_MAX = 10, TIMEOUT_MIN_S = 60 };

/* Splits "name", "name:3" or an ARN of either; the revision is 0 when none is given. `name` is
 * owned. */
static void split_ref(const char *ref, char **name, int64_t *revision)
{
    const char *s = cloud_batch_name(ref), *colon = strchr(s, ':');

    *name = colon != NULL ? xstrndup(s, (size_t)(colon - s)) : xstrdup(s);
    *revision = colon != NULL ? strtoll(colon + 1, NULL, 10) : 0;
}

cJSON *cloud_batch_definition(struct cloud *cloud, const char *ref)
{
    sqlite3_stmt *q = cloud_stmt(
        cloud, "SELECT document FROM batch_definition WHERE name=?1 AND status='ACTIVE' AND"
               " (?2=0 OR revision=?2) ORDER BY revision DESC LIMIT 1");
    char *name;
    int64_t revision;

    split_ref(ref, &name, &revision);
    sqlx_text(q, 1, name);
    sqlx_int(q, 2, revision);
    free(name);
    return cloud_stmt_document(cloud, q);
}

static bool strings_only(const cJSON *array)
{
    for (const cJSON *v = array != NULL ? array->child : NULL; v != NULL; v = v->next) {
        if (!cJSON_IsString(v)) {
            return false;
        }
    }
    return true;
}

static bool definition_ok(const cJSON *in, struct cloud_reply *r)
{
    const cJSON *c = json_object(in, "containerProperties");
    const cJSON *retry = json_object(in, "retryStrategy"), *timeout = json_object(in, "timeout");
    int64_t attempts = json_int(retry, "attempts", 1);

    if (!cloud_batch_name_ok(json_str(in, "jobDefinitionName"))) {
        cloud_batch_refuse(r, "jobDefinitionName should match valid pattern");
    } else if (strcmp(json_str_or(in, "type", ""), "container") != 0) {
        cloud_batch_refuse(r, "type must be container: the local cloud runs no other kind");
    } else if (c == NULL || json_str(c, "image") == NULL) {
        cloud_batch_refuse(r, "Error executing request, Exception : Container properties should "
                              "not be null, with an image");
    } else if (!strings_only(json_array(c, "command"))) {
        cloud_batch_refuse(r, "containerProperties.command must be a list of strings");
    } else if (attempts < 1 || attempts > ATTEMPTS_MAX) {
        cloud_batch_refuse(r, "retryStrategy.attempts must be 1 to 10");
    } else if (timeout != NULL && json_int(timeout, "attemptDurationSeconds", 0) < TIMEOUT_MIN_S) {
        cloud_batch_refuse(r, "timeout.attemptDurationSeconds must be at least 60");
    } else {
        return true;
    }
    return false;
}

static int64_t next_revision(struct cloud *cloud, const char *name)
{
    sqlite3_stmt *q =
        cloud_stmt(cloud, "SELECT ifnull(max(revision),0)+1 FROM batch_definition WHERE name=?1");

    sqlx_text(q, 1, name);
    int64_t n = sqlx_row(q) ? sqlx_num(q, 0) : 1;
    cloud_stmt_done(cloud, q);
    return n;
}

void cloud_batch_register(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    static const char *const kept[] = {"parameters", "retryStrategy",        "timeout",
                                       "tags",       "platformCapabilities", "containerProperties"};
    const char *name = json_str(in, "jobDefinitionName");

    if (!definition_ok(in, r)) {
        return;
    }
    int64_t revision = next_revision(cloud, name);
    char *full = xasprintf("%s:%lld", name, (long long)revision);
    char *arn = cloud_batch_arn(cloud, "job-definition", full);
    cJSON *doc = json_new_object();
    json_set_str(doc, "jobDefinitionName", name);
    json_set_str(doc, "jobDefinitionArn", arn);
    json_set_int(doc, "revision", revision);
    json_set_str(doc, "status", "ACTIVE");
    json_set_str(doc, "type", "container");
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (json_get(in, kept[i]) != NULL) {
            json_set(doc, kept[i], json_copy(json_get(in, kept[i])));
        }
    }
    json_set_str(doc, "containerOrchestrationType", "ECS");
    char *text = json_text(doc);
    sqlite3_stmt *q =
        cloud_stmt(cloud, "INSERT INTO batch_definition(name,revision,status,document)"
                          " VALUES(?1,?2,'ACTIVE',?3)");
    sqlx_text(q, 1, name);
    sqlx_int(q, 2, revision);
    sqlx_text(q, 3, text);
    if (cloud_step_done(cloud, q, r)) {
        r->out = json_new_object();
        json_set_str(r->out, "jobDefinitionName", name);
        json_set_str(r->out, "jobDefinitionArn", arn);
        json_set_int(r->out, "revision", revision);
    }
    free(text);
    free(arn);
    free(full);
    cJSON_Delete(doc);
}

void cloud_batch_deregister(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *ref = json_str(in, "jobDefinition");
    char *name;
    int64_t revision;

    split_ref(ref, &name, &revision);
    if (revision <= 0) {
        cloud_batch_refuse(r, "Invalid format provided for jobDefinition: name:revision or ARN");
        free(name);
        return;
    }
    sqlite3_stmt *q = cloud_stmt(cloud, "UPDATE batch_definition SET status='INACTIVE', document="
                                        "json_set(document,'$.status','INACTIVE') WHERE name=?1 AND"
                                        " revision=?2");
    sqlx_text(q, 1, name);
    sqlx_int(q, 2, revision);
    (void)cloud_step_done(cloud, q, r);
    free(name);
}

/* Is `name:revision` (or, without a revision, the name) in the list that was asked for? */
static bool is_listed(const cJSON *list, const char *name, int64_t revision)
{
    for (const cJSON *v = list != NULL ? list->child : NULL; v != NULL; v = v->next) {
        char *wanted;
        int64_t wanted_revision;
        split_ref(cJSON_IsString(v) ? v->valuestring : "", &wanted, &wanted_revision);
        bool yes =
            strcmp(wanted, name) == 0 && (wanted_revision == 0 || wanted_revision == revision);
        free(wanted);
        if (yes) {
            return true;
        }
    }
    return list == NULL || list->child == NULL;
}

void cloud_batch_describe_definitions(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const cJSON *list = json_array(in, "jobDefinitions");
    const char *name = json_str(in, "jobDefinitionName"), *status = json_str(in, "status");
    int64_t max = json_int(in, "maxResults", PAGE_MAX), n = 0;
    int64_t skip = strtoll(json_str_or(in, "nextToken", "0"), NULL, 10), at = 0;

    if (list != NULL && name != NULL) {
        cloud_batch_refuse(r, "jobDefinitions and jobDefinitionName may not both be given");
        return;
    }
    if (cJSON_GetArraySize(list) > PAGE_MAX) {
        cloud_batch_refuse(r, "jobDefinitions must hold at most 100 entries");
        return;
    }
    cJSON *out = json_new_array();
    r->out = json_new_object();
    json_set(r->out, "jobDefinitions", out);
    sqlite3_stmt *q = cloud_stmt(
        cloud,
        "SELECT name,revision,document FROM batch_definition WHERE (?1 IS NULL OR name=?1) AND"
        " (?2 IS NULL OR status=?2) ORDER BY name, revision DESC");
    sqlx_text(q, 1, name);
    sqlx_text(q, 2, status);
    while (sqlx_row(q)) {
        if (!is_listed(list, sqlx_str(q, 0), sqlx_num(q, 1)) || at++ < skip) {
            continue;
        }
        if (n++ == (max > 0 && max < PAGE_MAX ? max : PAGE_MAX)) {
            char token[24];
            (void)snprintf(token, sizeof token, "%lld", (long long)(at - 1));
            json_set_str(r->out, "nextToken", token);
            break;
        }
        cJSON *doc = sqlx_document(q, 2);
        if (doc != NULL) {
            json_push(out, doc);
        }
    }
    cloud_stmt_done(cloud, q);
}
