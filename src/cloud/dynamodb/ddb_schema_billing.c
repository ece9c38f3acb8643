/* DynamoDB of the local cloud: billing mode and provisioned throughput of a table and of its global
 * indexes. */
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "ddb_schema.h"

static bool on_demand(const cJSON *def)
{
    return strcmp(json_str_or(def, "BillingMode", "PROVISIONED"), "PAY_PER_REQUEST") == 0;
}

static bool check_units(const cJSON *given, const char *member, const char *where,
                        struct cloud_reply *r)
{
    const cJSON *v = json_get(given, member);
    char lower[32];

    (void)snprintf(lower, sizeof lower, "%c%s", member[0] | 0x20, member + 1);
    if (v == NULL || cJSON_IsNull(v)) {
        return ddb_invalid(r,
                           "1 validation error detected: Value null at '%s.%s' failed to satisfy "
                           "constraint: Member must not be null",
                           where, lower);
    }
    if (!cJSON_IsNumber(v)) {
        cloud_fail(r, 400, "SerializationException",
                   "A value of the wrong type was found where a Long is expected");
        return false;
    }
    return json_int(given, member, 0) >= 1 ||
           ddb_invalid(r,
                       "1 validation error detected: Value '%lld' at '%s.%s' failed to satisfy "
                       "constraint: Member must have value greater than or equal to 1",
                       (long long)json_int(given, member, 0), where, lower);
}

bool ddb_schema_throughput(const cJSON *owner, cJSON *out, const char *where, struct cloud_reply *r)
{
    const cJSON *given = json_get(owner, "ProvisionedThroughput");

    if (given == NULL || cJSON_IsNull(given)) {
        return true;
    }
    if (!cJSON_IsObject(given)) {
        cloud_fail(r, 400, "SerializationException", "Unexpected value type in payload");
        return false;
    }
    if (!check_units(given, "ReadCapacityUnits", where, r) ||
        !check_units(given, "WriteCapacityUnits", where, r)) {
        return false;
    }
    cJSON *kept = json_new_object();
    json_set_int(kept, "ReadCapacityUnits", json_int(given, "ReadCapacityUnits", 0));
    json_set_int(kept, "WriteCapacityUnits", json_int(given, "WriteCapacityUnits", 0));
    json_set(out, "ProvisionedThroughput", kept);
    return true;
}

bool ddb_schema_throughput_changes(const cJSON *before, const cJSON *owner, const char *what,
                                   struct cloud_reply *r)
{
    const cJSON *was = json_object(before, "ProvisionedThroughput");
    const cJSON *given = json_object(owner, "ProvisionedThroughput");
    long long read = json_int(was, "ReadCapacityUnits", 0);
    long long write = json_int(was, "WriteCapacityUnits", 0);

    if (was == NULL || given == NULL || json_int(given, "ReadCapacityUnits", 0) != read ||
        json_int(given, "WriteCapacityUnits", 0) != write) {
        return true;
    }
    return ddb_invalid(r,
                       "The provisioned throughput for the %s will not change. The requested value "
                       "equals the current value. Current ReadCapacityUnits provisioned for the "
                       "%s: %lld. Requested ReadCapacityUnits: %lld. Current WriteCapacityUnits "
                       "provisioned for the %s: %lld. Requested WriteCapacityUnits: %lld.",
                       what, what, read, read, what, write, write);
}

bool ddb_schema_billing(const cJSON *in, cJSON *def, struct cloud_reply *r)
{
    static const char *const modes[] = {"PROVISIONED", "PAY_PER_REQUEST", NULL};
    bool given = json_object(in, "ProvisionedThroughput") != NULL;
    const char *mode =
        ddb_choice(in, "BillingMode", modes, json_str_or(def, "BillingMode", "PROVISIONED"), r);

    if (mode == NULL) {
        return false;
    }
    bool provisioned = strcmp(mode, "PROVISIONED") == 0;
    if (!provisioned && given) {
        return ddb_invalid(r, "One or more parameter values were invalid: Neither "
                              "ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                              "BillingMode is PAY_PER_REQUEST");
    }
    if (provisioned && !given && json_object(def, "ProvisionedThroughput") == NULL) {
        return ddb_invalid(r, "One or more parameter values were invalid: ReadCapacityUnits and "
                              "WriteCapacityUnits must both be specified when BillingMode is "
                              "PROVISIONED");
    }
    json_set_str(def, "BillingMode", mode);
    if (!provisioned) {
        cJSON_DeleteItemFromObjectCaseSensitive(def, "ProvisionedThroughput");
    }
    return ddb_schema_throughput(in, def, "provisionedThroughput", r);
}

bool ddb_schema_index_billing(const cJSON *def, struct cloud_reply *r)
{
    const cJSON *x = NULL;

    cJSON_ArrayForEach(x, json_array(def, "GlobalSecondaryIndexes"))
    {
        bool given = json_object(x, "ProvisionedThroughput") != NULL;
        if (given && on_demand(def)) {
            return ddb_invalid(r,
                               "One or more parameter values were invalid: ProvisionedThroughput "
                               "should not be specified for index: %.255s when BillingMode is "
                               "PAY_PER_REQUEST",
                               json_str(x, "IndexName"));
        }
        if (!given && !on_demand(def)) {
            return ddb_invalid(r,
                               "One or more parameter values were invalid: ProvisionedThroughput "
                               "must be specified for index: %.255s",
                               json_str(x, "IndexName"));
        }
    }
    return true;
}
