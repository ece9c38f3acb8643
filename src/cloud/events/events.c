/* EventBridge of the local cloud: buses and rules. events_find.c tells which there are; targets are
 * in events_targets.c, events in events_put.c, their way to the targets in delivery.c. Facts:
 * AWS-WIRE 2.3. */
#include "events.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "delivery.h"
#include "pattern.h"
#include "src/cloud/store/service.h"
#include "src/cloud/store/sqlx.h"

enum { BUS_NAME_MAX = 256, RULE_NAME_MAX = 64, PAGE_MAX = 100, RULES_MAX = 300 };

static bool name_ok(const char *s, size_t max)
{
    size_t n = s != NULL ? strlen(s) : 0;
    return n > 0 && n <= max &&
           strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static void invalid(struct cloud_reply *r, const char *why)
{
    cloud_fail(r, 400, "ValidationException", "%s", why);
}

static char *bus_arn(const struct cloud *cloud, const char *bus)
{
    return xasprintf("arn:aws:events:%s:%s:event-bus/%s", cloud_region(cloud), cloud_account(cloud),
                     bus);
}

/* ---- buses ------------------------------------------------------------------------------- */

static void create_bus(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *name = json_str(in, "Name");

    if (!name_ok(name, BUS_NAME_MAX)) {
        invalid(r, "Name must be 1 to 256 of [._-A-Za-z0-9]");
        return;
    }
    if (cloud_events_bus_exists(cloud, name)) {
        cloud_fail(r, 400, "ResourceAlreadyExistsException", "Event bus %s already exists.", name);
        return;
    }
    sqlite3_stmt *q = cloud_stmt(
        cloud, "INSERT INTO ev_bus(name,created,modified,description) VALUES(?1,?2,?2,?3)");
    sqlx_text(q, 1, name);
    sqlx_int(q, 2, cloud_now(cloud));
    sqlx_text(q, 3, json_str(in, "Description"));
    if (cloud_step_done(cloud, q, r)) {
        char *arn = bus_arn(cloud, name);
        r->out = json_new_object();
        json_set_str(r->out, "EventBusArn", arn);
        free(arn);
    }
}

static void delete_bus(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "Name"));

    if (strcmp(bus, CLOUD_EVENTS_DEFAULT_BUS) == 0) {
        invalid(r, "Cannot delete event bus default.");
        return;
    }
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT 1 FROM ev_rule WHERE bus=?1");
    sqlx_text(q, 1, bus);
    bool used = sqlx_row(q);
    cloud_stmt_done(cloud, q);
    if (used) {
        cloud_fail(r, 400, "ValidationException",
                   "Event bus %.256s can't be deleted since it has rules.", bus);
        return;
    }
    q = cloud_stmt(cloud, "DELETE FROM ev_bus WHERE name=?1");
    sqlx_text(q, 1, bus);
    (void)cloud_step_done(cloud, q, r);
}

/* The document of a row (name, created, modified, description). */
static cJSON *bus_document(struct cloud *cloud, sqlite3_stmt *q)
{
    cJSON *doc = json_new_object();
    char *arn = bus_arn(cloud, sqlx_str(q, 0));

    json_set_str(doc, "Name", sqlx_str(q, 0));
    json_set_str(doc, "Arn", arn);
    if (!sqlx_null(q, 3)) {
        json_set_str(doc, "Description", sqlx_str(q, 3));
    }
    json_set(doc, "CreationTime", cJSON_CreateNumber((double)sqlx_num(q, 1) / 1000.0));
    json_set(doc, "LastModifiedTime", cJSON_CreateNumber((double)sqlx_num(q, 2) / 1000.0));
    free(arn);
    return doc;
}

static void describe_bus(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "Name"));

    if (!cloud_events_check_rule(cloud, bus, NULL, r)) {
        return;
    }
    sqlite3_stmt *q =
        cloud_stmt(cloud, "SELECT name,created,modified,description FROM ev_bus WHERE name=?1");
    sqlx_text(q, 1, bus);
    if (sqlx_row(q)) {
        r->out = bus_document(cloud, q);
    }
    cloud_stmt_done(cloud, q);
}

static int64_t page_limit(const cJSON *in, struct cloud_reply *r)
{
    int64_t limit = json_int(in, "Limit", PAGE_MAX);

    if (limit < 1 || limit > PAGE_MAX) {
        invalid(r, "Limit must be 1 to 100");
        return 0;
    }
    return limit;
}

static void list_buses(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    int64_t limit = page_limit(in, r), n = 0;

    if (limit == 0) {
        return;
    }
    cJSON *list = json_new_array();
    r->out = json_new_object();
    json_set(r->out, "EventBuses", list);
    sqlite3_stmt *q =
        cloud_stmt(cloud, "SELECT name,created,modified,description FROM ev_bus WHERE name>?1 AND"
                          " substr(name,1,length(?2))=?2 ORDER BY name LIMIT ?3");
    sqlx_text(q, 1, json_str_or(in, "NextToken", ""));
    sqlx_text(q, 2, json_str_or(in, "NamePrefix", ""));
    sqlx_int(q, 3, limit + 1);
    while (sqlx_row(q)) {
        if (n++ == limit) {
            json_set_str(r->out, "NextToken",
                         json_str(cJSON_GetArrayItem(list, (int)limit - 1), "Name"));
            break;
        }
        json_push(list, bus_document(cloud, q));
    }
    cloud_stmt_done(cloud, q);
}

/* ---- rules ------------------------------------------------------------------------------- */

/* Checks everything that PutRule is given; false with `r` failed. */
static bool rule_ok(struct cloud *cloud, const char *bus, const cJSON *in, struct cloud_reply *r)
{
    const char *pattern = json_str(in, "EventPattern"), *state = json_str(in, "State");
    struct err e = {.code = E_OK};
    struct cloud_events_pattern *compiled = NULL;

    if (!name_ok(json_str(in, "Name"), RULE_NAME_MAX)) {
        invalid(r, "Name must be 1 to 64 of [._-A-Za-z0-9]");
    } else if (!cloud_events_check_rule(cloud, bus, NULL, r)) {
        return false;
    } else if (json_str(in, "ScheduleExpression") != NULL) {
        invalid(r, "Parameter ScheduleExpression is not valid. Reason: the local cloud runs no "
                   "schedules.");
    } else if (pattern == NULL) {
        invalid(r, "Parameter(s) EventPattern or ScheduleExpression must be specified.");
    } else if (state != NULL && strcmp(state, "ENABLED") != 0 && strcmp(state, "DISABLED") != 0) {
        invalid(r, "State must be ENABLED or DISABLED");
    } else if (cloud_events_pattern_compile_text(pattern, strlen(pattern), &compiled, &e) != E_OK) {
        cloud_fail(r, 400, "InvalidEventPatternException", "%s", e.msg);
    }
    cloud_events_pattern_free(compiled);
    return r->code[0] == '\0';
}

static bool rules_full(struct cloud *cloud, const char *bus)
{
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT count(*) FROM ev_rule WHERE bus=?1");

    sqlx_text(q, 1, bus);
    bool full = sqlx_row(q) && sqlx_num(q, 0) >= RULES_MAX;
    cloud_stmt_done(cloud, q);
    return full;
}

static void put_rule(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "EventBusName"));
    const char *name = json_str(in, "Name");

    if (!rule_ok(cloud, bus, in, r)) {
        return;
    }
    if (!cloud_events_rule_exists(cloud, bus, name) && rules_full(cloud, bus)) {
        cloud_fail(r, 400, "LimitExceededException",
                   "The requested resource exceeds the maximum number allowed.");
        return;
    }
    sqlite3_stmt *q = cloud_stmt(
        cloud,
        "INSERT INTO ev_rule(bus,name,pattern,state,description,role) VALUES(?1,?2,?3,?4,?5,?6)"
        " ON CONFLICT(bus,name) DO UPDATE SET pattern=?3,state=?4,description=?5,role=?6");
    sqlx_text(q, 1, bus);
    sqlx_text(q, 2, name);
    sqlx_text(q, 3, json_str(in, "EventPattern"));
    sqlx_text(q, 4, json_str_or(in, "State", "ENABLED"));
    sqlx_text(q, 5, json_str(in, "Description"));
    sqlx_text(q, 6, json_str(in, "RoleArn"));
    if (cloud_step_done(cloud, q, r)) {
        char *arn = cloud_events_rule_arn(cloud, bus, name);
        r->out = json_new_object();
        json_set_str(r->out, "RuleArn", arn);
        free(arn);
    }
}

static void delete_rule(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "EventBusName"));
    const char *name = json_str_or(in, "Name", "");

    if (!cloud_events_check_rule(cloud, bus, NULL, r)) {
        return;
    }
    sqlite3_stmt *q = cloud_stmt(cloud, "SELECT 1 FROM ev_target WHERE bus=?1 AND rule=?2");
    sqlx_text(q, 1, bus);
    sqlx_text(q, 2, name);
    bool used = sqlx_row(q);
    cloud_stmt_done(cloud, q);
    if (used) {
        invalid(r, "Rule can't be deleted since it has targets.");
        return;
    }
    q = cloud_stmt(cloud, "DELETE FROM ev_rule WHERE bus=?1 AND name=?2");
    sqlx_text(q, 1, bus);
    sqlx_text(q, 2, name);
    (void)cloud_step_done(cloud, q, r);
}

static void set_rule_state(struct cloud *cloud, const cJSON *in, const char *state,
                           struct cloud_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "EventBusName"));
    const char *name = json_str_or(in, "Name", "");

    if (cloud_events_check_rule(cloud, bus, name, r)) {
        sqlite3_stmt *q = cloud_stmt(cloud, "UPDATE ev_rule SET state=?3 WHERE bus=?1 AND name=?2");
        sqlx_text(q, 1, bus);
        sqlx_text(q, 2, name);
        sqlx_text(q, 3, state);
        (void)cloud_step_done(cloud, q, r);
    }
}

static void enable_rule(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    set_rule_state(cloud, in, "ENABLED", r);
}

static void disable_rule(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    set_rule_state(cloud, in, "DISABLED", r);
}

/* The document of a row (name, pattern, state, description, role). */
static cJSON *rule_document(struct cloud *cloud, const char *bus, sqlite3_stmt *q)
{
    cJSON *doc = json_new_object();
    char *arn = cloud_events_rule_arn(cloud, bus, sqlx_str(q, 0));

    json_set_str(doc, "Name", sqlx_str(q, 0));
    json_set_str(doc, "Arn", arn);
    json_set_str(doc, "EventPattern", sqlx_str(q, 1));
    json_set_str(doc, "State", sqlx_str(q, 2));
    if (!sqlx_null(q, 3)) {
        json_set_str(doc, "Description", sqlx_str(q, 3));
    }
    if (!sqlx_null(q, 4)) {
        json_set_str(doc, "RoleArn", sqlx_str(q, 4));
    }
    json_set_str(doc, "EventBusName", bus);
    free(arn);
    return doc;
}

static void list_rules(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "EventBusName"));
    int64_t limit = page_limit(in, r), n = 0;

    if (limit == 0 || !cloud_events_check_rule(cloud, bus, NULL, r)) {
        return;
    }
    cJSON *list = json_new_array();
    r->out = json_new_object();
    json_set(r->out, "Rules", list);
    sqlite3_stmt *q = cloud_stmt(
        cloud,
        "SELECT name,pattern,state,description,role FROM ev_rule WHERE bus=?1 AND name>?2 AND"
        " substr(name,1,length(?3))=?3 ORDER BY name LIMIT ?4");
    sqlx_text(q, 1, bus);
    sqlx_text(q, 2, json_str_or(in, "NextToken", ""));
    sqlx_text(q, 3, json_str_or(in, "NamePrefix", ""));
    sqlx_int(q, 4, limit + 1);
    while (sqlx_row(q)) {
        if (n++ == limit) {
            json_set_str(r->out, "NextToken",
                         json_str(cJSON_GetArrayItem(list, (int)limit - 1), "Name"));
            break;
        }
        json_push(list, rule_document(cloud, bus, q));
    }
    cloud_stmt_done(cloud, q);
}

static void describe_rule(struct cloud *cloud, const cJSON *in, struct cloud_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "EventBusName"));
    const char *name = json_str_or(in, "Name", "");

    if (!cloud_events_check_rule(cloud, bus, name, r)) {
        return;
    }
    sqlite3_stmt *q =
        cloud_stmt(cloud, "SELECT name,pattern,state,description,role FROM ev_rule WHERE"
                          " bus=?1 AND name=?2");
    sqlx_text(q, 1, bus);
    sqlx_text(q, 2, name);
    if (sqlx_row(q)) {
        r->out = rule_document(cloud, bus, q);
        json_set_str(r->out, "CreatedBy", cloud_account(cloud));
    }
    cloud_stmt_done(cloud, q);
}

/* ---- life -------------------------------------------------------------------------------- */

static enum err_code start(struct cloud *cloud, struct err *e)
{
    static const char schema[] =
        "CREATE TABLE IF NOT EXISTS ev_bus(name TEXT PRIMARY KEY, created INTEGER NOT NULL,"
        " modified INTEGER NOT NULL, description TEXT) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS ev_rule(bus TEXT NOT NULL, name TEXT NOT NULL,"
        " pattern TEXT NOT NULL, state TEXT NOT NULL, description TEXT, role TEXT,"
        " PRIMARY KEY(bus,name)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS ev_target(bus TEXT NOT NULL, rule TEXT NOT NULL,"
        " id TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY(bus,rule,id)) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS ev_delivery(id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " rule_arn TEXT NOT NULL, rule_name TEXT NOT NULL, target TEXT NOT NULL,"
        " event TEXT NOT NULL, created INTEGER NOT NULL, next_at INTEGER NOT NULL,"
        " attempts INTEGER NOT NULL DEFAULT 0);"
        "CREATE INDEX IF NOT EXISTS ev_delivery_at ON ev_delivery(next_at,id);";

    if (cloud_create(cloud, schema, e) != E_OK) {
        return E_IO;
    }
    sqlite3_stmt *q = cloud_stmt(cloud, "INSERT INTO ev_bus(name,created,modified)"
                                        " VALUES('default',?1,?1) ON CONFLICT DO NOTHING");
    sqlx_int(q, 1, cloud_now(cloud));
    if (!cloud_step_done(cloud, q, NULL)) {
        return err_set(e, E_IO, "%s", sqlite3_errmsg(cloud_db(cloud)));
    }
    struct cloud_events_delivery *d = cloud_events_delivery_start(cloud, e);
    *cloud_slot(cloud, AWS_EVENTS) = d;
    return d != NULL ? E_OK : E_IO;
}

/* The slot is emptied first, so that nobody pokes a thread that is being freed. */
static void stop(struct cloud *cloud)
{
    struct cloud_events_delivery *d = *cloud_slot(cloud, AWS_EVENTS);

    *cloud_slot(cloud, AWS_EVENTS) = NULL;
    cloud_unlock(cloud);
    cloud_events_delivery_stop(d);
    cloud_lock(cloud);
}

static const struct cloud_route routes[] = {
    {AWS_OP_EVENTS_PUT_EVENTS,           cloud_events_put_events    },
    {AWS_OP_EVENTS_CREATE_EVENT_BUS,     create_bus                 },
    {AWS_OP_EVENTS_DELETE_EVENT_BUS,     delete_bus                 },
    {AWS_OP_EVENTS_DESCRIBE_EVENT_BUS,   describe_bus               },
    {AWS_OP_EVENTS_LIST_EVENT_BUSES,     list_buses                 },
    {AWS_OP_EVENTS_PUT_RULE,             put_rule                   },
    {AWS_OP_EVENTS_DELETE_RULE,          delete_rule                },
    {AWS_OP_EVENTS_ENABLE_RULE,          enable_rule                },
    {AWS_OP_EVENTS_DISABLE_RULE,         disable_rule               },
    {AWS_OP_EVENTS_LIST_RULES,           list_rules                 },
    {AWS_OP_EVENTS_DESCRIBE_RULE,        describe_rule              },
    {AWS_OP_EVENTS_PUT_TARGETS,          cloud_events_put_targets   },
    {AWS_OP_EVENTS_REMOVE_TARGETS,       cloud_events_remove_targets},
    {AWS_OP_EVENTS_LIST_TARGETS_BY_RULE, cloud_events_list_targets  },
    {AWS_OP_EVENTS_TEST_EVENT_PATTERN,   cloud_events_test_pattern  },
    {AWS_OP_COUNT,                       NULL                       }
};

const struct cloud_service cloud_events_service = {.name = "EventBridge",
                                                   .routes = routes,
                                                   .start = start,
                                                   .stop = stop,
                                                   .emit = cloud_events_emit};
