/* EventBridge of the local cloud: which buses and rules there are, and how they are named. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "events.h"
#include "src/cloud/store/sqlx.h"

const char *cloud_events_bus_name(const char *name_or_arn)
{
    const char *mark = name_or_arn != NULL ? strstr(name_or_arn, ":event-bus/") : NULL;

    if (name_or_arn == NULL || *name_or_arn == '\0') {
        return CLOUD_EVENTS_DEFAULT_BUS;
    }
    return strncmp(name_or_arn, "arn:", 4) == 0 && mark != NULL ? mark + strlen(":event-bus/")
                                                                : name_or_arn;
}

char *cloud_events_rule_arn(const struct cloud *cloud, const char *bus, const char *rule)
{
    bool own = strcmp(bus, CLOUD_EVENTS_DEFAULT_BUS) != 0;

    return xasprintf("arn:aws:events:%s:%s:rule/%s%s%s", cloud_region(cloud), cloud_account(cloud),
                     own ? bus : "", own ? "/" : "", rule);
}

bool cloud_events_bus_exists(struct cloud *cloud, const char *bus)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT 1 FROM ev_bus WHERE name=?1");

    sqlx_text(q, 1, bus);
    bool yes = sqlx_row(q);
    cloud_stmt_done(cloud, q);
    return yes;
}

bool cloud_events_rule_exists(struct cloud *cloud, const char *bus, const char *rule)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT 1 FROM ev_rule WHERE bus=?1 AND name=?2");

    sqlx_text(q, 1, bus);
    sqlx_text(q, 2, rule);
    bool yes = sqlx_row(q);
    cloud_stmt_done(cloud, q);
    return yes;
}

bool cloud_events_check_rule(struct cloud *cloud, const char *bus, const char *rule,
                             struct cloud_reply *r)
{
    if (!cloud_events_bus_exists(cloud, bus)) {
        cloud_fail(r, 400, "ResourceNotFoundException", "Event bus %.256s does not exist.", bus);
        return false;
    }
    if (rule != NULL && !cloud_events_rule_exists(cloud, bus, rule)) {
        cloud_fail(r, 400, "ResourceNotFoundException",
                   "Rule %.64s does not exist on EventBus %.256s.", rule, bus);
        return false;
    }
    return true;
}
