/* DynamoDB of the local cloud: UpdateTimeToLive and DescribeTimeToLive. A change takes effect at
 * once; the service needs up to an hour, in which it refuses another one. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "ddb_schema.h"
#include "ddb_ttl.h"

enum { TTL_NAME_MAX = 255, TTL_INTERVAL_MS = 60 * 60 * 1000 };

static bool missing(const char *member, struct cloud_reply *r)
{
    return ddb_invalid(r,
                       "1 validation error detected: Value null at '%s' failed to satisfy "
                       "constraint: Member must not be null",
                       member);
}

/* The specification, checked; the attribute's name is borrowed from `in`. */
static bool read_specification(const cJSON *in, bool *on, const char **name, struct cloud_reply *r)
{
    const cJSON *spec = json_object(in, "TimeToLiveSpecification");

    *name = json_str(spec, "AttributeName");
    if (spec == NULL) {
        return missing("timeToLiveSpecification", r);
    }
    if (!cJSON_IsBool(json_get(spec, "Enabled"))) {
        return missing("timeToLiveSpecification.enabled", r);
    }
    if (*name == NULL) {
        return missing("timeToLiveSpecification.attributeName", r);
    }
    size_t len = strlen(*name);
    if (len == 0 || len > TTL_NAME_MAX) {
        return ddb_invalid(r,
                           "1 validation error detected: Value '%.300s' at "
                           "'timeToLiveSpecification.attributeName' failed to satisfy constraint: "
                           "Member must have length %s",
                           *name,
                           len == 0 ? "greater than or equal to 1" : "less than or equal to 255");
    }
    *on = json_bool(spec, "Enabled", false);
    return true;
}

static bool may_change(struct cloud *cloud, const struct ddb_table *t, bool on, const char *name,
                       struct cloud_reply *r)
{
    int64_t changed = json_int(t->def, "TimeToLiveChangedMs", 0);

    if (t->ttl != NULL && strcmp(t->ttl, name) != 0) {
        return ddb_invalid(r,
                           "TimeToLive is active on a different AttributeName: current "
                           "AttributeName is %s",
                           t->ttl);
    }
    if ((t->ttl != NULL) == on) {
        return ddb_invalid(r, "TimeToLive is already %s", on ? "enabled" : "disabled");
    }
    if (changed > 0 && cloud_now(cloud) - changed < TTL_INTERVAL_MS) {
        return ddb_invalid(r,
                           "Time to live has been modified multiple times within a fixed interval");
    }
    return true;
}

static bool change(struct cloud *cloud, const struct ddb_table *t, bool on, const char *name,
                   struct cloud_reply *r)
{
    cJSON *def = json_copy(t->def);
    char *table = xstrdup(t->name);
    int64_t id = t->id;

    if (on) {
        cJSON *kept = json_new_object();
        json_set_str(kept, "AttributeName", name);
        json_set(def, "TimeToLive", kept);
    } else {
        cJSON_DeleteItemFromObjectCaseSensitive(def, "TimeToLive");
    }
    cJSON_DeleteItemFromObjectCaseSensitive(def, "TimeToLiveChangedMs");
    json_set_int(def, "TimeToLiveChangedMs", cloud_now(cloud));
    bool good = ddb_schema_store(cloud, id, def, r) && ddb_ttl_drop(cloud, id, r) &&
                (!on || ddb_ttl_fill(cloud, ddb_table_find(cloud, table), r));
    if (!good) {
        ddb_tables_forget(cloud); /* the cache may hold what is about to be rolled back */
    }
    cJSON_Delete(def);
    free(table);
    return good;
}

void ddb_op_update_time_to_live(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const struct ddb_table *t = ddb_schema_named_table(cloud, in, r);
    const char *name = NULL;
    bool on = false;

    if (t != NULL && read_specification(in, &on, &name, r) && may_change(cloud, t, on, name, r) &&
        change(cloud, t, on, name, r)) {
        r->out = json_new_object();
        json_set(r->out, "TimeToLiveSpecification",
                 json_copy(json_object(in, "TimeToLiveSpecification")));
    }
}

void ddb_op_describe_time_to_live(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const struct ddb_table *t = ddb_schema_named_table(cloud, in, r);

    if (t == NULL) {
        return;
    }
    cJSON *o = json_new_object();
    json_set_str(o, "TimeToLiveStatus", t->ttl != NULL ? "ENABLED" : "DISABLED");
    if (t->ttl != NULL) {
        json_set_str(o, "AttributeName", t->ttl);
    }
    r->out = json_new_object();
    json_set(r->out, "TimeToLiveDescription", o);
}
