#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "local/cloud_events.h"
#include "local/delivery.h"
#include "local/pattern.h"
#include "local/sqlx.h"
#include "local/svc.h"

/* EventBridge: buses and rules. Targets are in events_targets.c, events in events_put.c, their way
 * to the targets in delivery.c. Facts: AWS-WIRE 2.3. */

enum { BUS_NAME_MAX = 256, RULE_NAME_MAX = 64, PAGE_MAX = 100, RULES_MAX = 300 };

const char *cloud_events_bus_name(const char *name_or_arn)
{
    const char *mark = name_or_arn != NULL ? strstr(name_or_arn, ":event-bus/") : NULL;

    if (name_or_arn == NULL || *name_or_arn == '\0') {
        return CLOUD_EVENTS_DEFAULT_BUS;
    }
    return strncmp(name_or_arn, "arn:", 4) == 0 && mark != NULL ? mark + strlen(":event-bus/")
                                                                : name_or_arn;
}

static bool name_ok(const char *s, size_t max)
{
    size_t n = s != NULL ? strlen(s) : 0;
    return n > 0 && n <= max &&
           strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static void invalid(struct local_reply *r, const char *why)
{
    local_fail(r, 400, "ValidationException", "%s", why);
}

static char *bus_arn(const struct local *l, const char *bus)
{
    return xasprintf("arn:aws:events:%s:%s:event-bus/%s", local_region(l), local_account(l), bus);
}

char *cloud_events_rule_arn(const struct local *l, const char *bus, const char *rule)
{
    bool own = strcmp(bus, CLOUD_EVENTS_DEFAULT_BUS) != 0;

    return xasprintf("arn:aws:events:%s:%s:rule/%s%s%s", local_region(l), local_account(l),
                     own ? bus : "", own ? "/" : "", rule);
}

bool cloud_events_bus_exists(struct local *l, const char *bus)
{
    sqlite3_stmt *q = local_stmt(l, "SELECT 1 FROM ev_bus WHERE name=?1");

    sqlx_text(q, 1, bus);
    bool yes = sqlx_row(q);
    local_stmt_done(l, q);
    return yes;
}

bool cloud_events_rule_exists(struct local *l, const char *bus, const char *rule)
{
    sqlite3_stmt *q = local_stmt(l, "SELECT 1 FROM ev_rule WHERE bus=?1 AND name=?2");

    sqlx_text(q, 1, bus);
    sqlx_text(q, 2, rule);
    bool yes = sqlx_row(q);
    local_stmt_done(l, q);
    return yes;
}

bool cloud_events_check_rule(struct local *l, const char *bus, const char *rule,
                             struct local_reply *r)
{
    if (!cloud_events_bus_exists(l, bus)) {
        local_fail(r, 400, "ResourceNotFoundException", "Event bus %.256s does not exist.", bus);
        return false;
    }
    if (rule != NULL && !cloud_events_rule_exists(l, bus, rule)) {
        local_fail(r, 400, "ResourceNotFoundException",
                   "Rule %.64s does not exist on EventBus %.256s.", rule, bus);
        return false;
    }
    return true;
}

/* ---- buses ------------------------------------------------------------------------------- */

static void create_bus(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *name = json_str(in, "Name");

    if (!name_ok(name, BUS_NAME_MAX)) {
        invalid(r, "Name must be 1 to 256 of [._-A-Za-z0-9]");
        return;
    }
    if (cloud_events_bus_exists(l, name)) {
        local_fail(r, 400, "ResourceAlreadyExistsException", "Event bus %s already exists.", name);
        return;
    }
    sqlite3_stmt *q =
        local_stmt(l, "INSERT INTO ev_bus(name,created,modified,description) VALUES(?1,?2,?2,?3)");
    sqlx_text(q, 1, name);
    sqlx_int(q, 2, local_now(l));
    sqlx_text(q, 3, json_str(in, "Description"));
    if (local_step_done(l, q, r)) {
        char *arn = bus_arn(l, name);
        r->out = json_new_object();
        json_set_str(r->out, "EventBusArn", arn);
        free(arn);
    }
}

static void delete_bus(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "Name"));

    if (strcmp(bus, CLOUD_EVENTS_DEFAULT_BUS) == 0) {
        invalid(r, "Cannot delete event bus default.");
        return;
    }
    sqlite3_stmt *q = local_stmt(l, "SELECT 1 FROM ev_rule WHERE bus=?1");
    sqlx_text(q, 1, bus);
    bool used = sqlx_row(q);
    local_stmt_done(l, q);
    if (used) {
        local_fail(r, 400, "ValidationException",
                   "Event bus %.256s can't be deleted since it has rules.", bus);
        return;
    }
    q = local_stmt(l, "DELETE FROM ev_bus WHERE name=?1");
    sqlx_text(q, 1, bus);
    (void)local_step_done(l, q, r);
}

/* A row (name, created, modified, description). */
static cJSON *bus_document(struct local *l, sqlite3_stmt *q)
{
    cJSON *doc = json_new_object();
    char *arn = bus_arn(l, sqlx_str(q, 0));

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

static void describe_bus(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "Name"));

    if (!cloud_events_check_rule(l, bus, NULL, r)) {
        return;
    }
    sqlite3_stmt *q =
        local_stmt(l, "SELECT name,created,modified,description FROM ev_bus WHERE name=?1");
    sqlx_text(q, 1, bus);
    if (sqlx_row(q)) {
        r->out = bus_document(l, q);
    }
    local_stmt_done(l, q);
}

static int64_t page_limit(const cJSON *in, struct local_reply *r)
{
    int64_t limit = json_int(in, "Limit", PAGE_MAX);

    if (limit < 1 || limit > PAGE_MAX) {
        invalid(r, "Limit must be 1 to 100");
        return 0;
    }
    return limit;
}

static void list_buses(struct local *l, const cJSON *in, struct local_reply *r)
{
    int64_t limit = page_limit(in, r), n = 0;

    if (limit == 0) {
        return;
    }
    cJSON *list = json_new_array();
    r->out = json_new_object();
    json_set(r->out, "EventBuses", list);
    sqlite3_stmt *q =
        local_stmt(l, "SELECT name,created,modified,description FROM ev_bus WHERE name>?1 AND"
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
        json_push(list, bus_document(l, q));
    }
    local_stmt_done(l, q);
}

/* ---- rules ------------------------------------------------------------------------------- */

/* Checks everything that PutRule is given; false with `r` failed. */
static bool rule_ok(struct local *l, const char *bus, const cJSON *in, struct local_reply *r)
{
    const char *pattern = json_str(in, "EventPattern"), *state = json_str(in, "State");
    struct err e = {.code = E_OK};
    struct pattern *compiled = NULL;

    if (!name_ok(json_str(in, "Name"), RULE_NAME_MAX)) {
        invalid(r, "Name must be 1 to 64 of [._-A-Za-z0-9]");
    } else if (!cloud_events_check_rule(l, bus, NULL, r)) {
        return false;
    } else if (json_str(in, "ScheduleExpression") != NULL) {
        invalid(r, "Parameter ScheduleExpression is not valid. Reason: the local cloud runs no "
                   "schedules.");
    } else if (pattern == NULL) {
        invalid(r, "Parameter(s) EventPattern or ScheduleExpression must be specified.");
    } else if (state != NULL && strcmp(state, "ENABLED") != 0 && strcmp(state, "DISABLED") != 0) {
        invalid(r, "State must be ENABLED or DISABLED");
    } else if (pattern_compile_text(pattern, strlen(pattern), &compiled, &e) != E_OK) {
        local_fail(r, 400, "InvalidEventPatternException", "%s", e.msg);
    }
    pattern_free(compiled);
    return r->code[0] == '\0';
}

static bool rules_full(struct local *l, const char *bus)
{
    sqlite3_stmt *q = local_stmt(l, "SELECT count(*) FROM ev_rule WHERE bus=?1");

    sqlx_text(q, 1, bus);
    bool full = sqlx_row(q) && sqlx_num(q, 0) >= RULES_MAX;
    local_stmt_done(l, q);
    return full;
}

static void put_rule(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "EventBusName"));
    const char *name = json_str(in, "Name");

    if (!rule_ok(l, bus, in, r)) {
        return;
    }
    if (!cloud_events_rule_exists(l, bus, name) && rules_full(l, bus)) {
        local_fail(r, 400, "LimitExceededException",
                   "The requested resource exceeds the maximum number allowed.");
        return;
    }
    sqlite3_stmt *q = local_stmt(
        l, "INSERT INTO ev_rule(bus,name,pattern,state,description,role) VALUES(?1,?2,?3,?4,?5,?6)"
           " ON CONFLICT(bus,name) DO UPDATE SET pattern=?3,state=?4,description=?5,role=?6");
    sqlx_text(q, 1, bus);
    sqlx_text(q, 2, name);
    sqlx_text(q, 3, json_str(in, "EventPattern"));
    sqlx_text(q, 4, json_str_or(in, "State", "ENABLED"));
    sqlx_text(q, 5, json_str(in, "Description"));
    sqlx_text(q, 6, json_str(in, "RoleArn"));
    if (local_step_done(l, q, r)) {
        char *arn = cloud_events_rule_arn(l, bus, name);
        r->out = json_new_object();
        json_set_str(r->out, "RuleArn", arn);
        free(arn);
    }
}

static void delete_rule(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "EventBusName"));
    const char *name = json_str_or(in, "Name", "");

    if (!cloud_events_check_rule(l, bus, NULL, r)) {
        return;
    }
    sqlite3_stmt *q = local_stmt(l, "SELECT 1 FROM ev_target WHERE bus=?1 AND rule=?2");
    sqlx_text(q, 1, bus);
    sqlx_text(q, 2, name);
    bool used = sqlx_row(q);
    local_stmt_done(l, q);
    if (used) {
        invalid(r, "Rule can't be deleted since it has targets.");
        return;
    }
    q = local_stmt(l, "DELETE FROM ev_rule WHERE bus=?1 AND name=?2");
    sqlx_text(q, 1, bus);
    sqlx_text(q, 2, name);
    (void)local_step_done(l, q, r);
}

static void set_rule_state(struct local *l, const cJSON *in, const char *state,
                           struct local_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "EventBusName"));
    const char *name = json_str_or(in, "Name", "");

    if (cloud_events_check_rule(l, bus, name, r)) {
        sqlite3_stmt *q = local_stmt(l, "UPDATE ev_rule SET state=?3 WHERE bus=?1 AND name=?2");
        sqlx_text(q, 1, bus);
        sqlx_text(q, 2, name);
        sqlx_text(q, 3, state);
        (void)local_step_done(l, q, r);
    }
}

static void enable_rule(struct local *l, const cJSON *in, struct local_reply *r)
{
    set_rule_state(l, in, "ENABLED", r);
}

static void disable_rule(struct local *l, const cJSON *in, struct local_reply *r)
{
    set_rule_state(l, in, "DISABLED", r);
}

/* A row (name, pattern, state, description, role). */
static cJSON *rule_document(struct local *l, const char *bus, sqlite3_stmt *q)
{
    cJSON *doc = json_new_object();
    char *arn = cloud_events_rule_arn(l, bus, sqlx_str(q, 0));

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

static void list_rules(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "EventBusName"));
    int64_t limit = page_limit(in, r), n = 0;

    if (limit == 0 || !cloud_events_check_rule(l, bus, NULL, r)) {
        return;
    }
    cJSON *list = json_new_array();
    r->out = json_new_object();
    json_set(r->out, "Rules", list);
    sqlite3_stmt *q = local_stmt(
        l, "SELECT name,pattern,state,description,role FROM ev_rule WHERE bus=?1 AND name>?2 AND"
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
        json_push(list, rule_document(l, bus, q));
    }
    local_stmt_done(l, q);
}

static void describe_rule(struct local *l, const cJSON *in, struct local_reply *r)
{
    const char *bus = cloud_events_bus_name(json_str(in, "EventBusName"));
    const char *name = json_str_or(in, "Name", "");

    if (!cloud_events_check_rule(l, bus, name, r)) {
        return;
    }
    sqlite3_stmt *q = local_stmt(l, "SELECT name,pattern,state,description,role FROM ev_rule WHERE"
                                    " bus=?1 AND name=?2");
    sqlx_text(q, 1, bus);
    sqlx_text(q, 2, name);
    if (sqlx_row(q)) {
        r->out = rule_document(l, bus, q);
        json_set_str(r->out, "CreatedBy", local_account(l));
    }
    local_stmt_done(l, q);
}

/* ---- life -------------------------------------------------------------------------------- */

static enum err_code start(struct local *l, struct err *e)
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

    if (sqlite3_exec(local_db(l), schema, NULL, NULL, NULL) != SQLITE_OK) {
        return err_set(e, E_IO, "%s", sqlite3_errmsg(local_db(l)));
    }
    sqlite3_stmt *q = local_stmt(l, "INSERT INTO ev_bus(name,created,modified)"
                                    " VALUES('default',?1,?1) ON CONFLICT DO NOTHING");
    sqlx_int(q, 1, local_now(l));
    if (!local_step_done(l, q, NULL)) {
        return err_set(e, E_IO, "%s", sqlite3_errmsg(local_db(l)));
    }
    struct delivery *d = delivery_start(l, e);
    *local_slot(l, AWS_EVENTS) = d;
    return d != NULL ? E_OK : E_IO;
}

/* The slot is emptied first, so that nobody pokes what is being freed. */
static void stop(struct local *l)
{
    struct delivery *d = *local_slot(l, AWS_EVENTS);

    *local_slot(l, AWS_EVENTS) = NULL;
    local_unlock(l);
    delivery_stop(d);
    local_lock(l);
}

const struct local_route local_events_routes[] = {
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

const struct local_service local_events_service = {
    .name = "EventBridge", .routes = local_events_routes, .start = start, .stop = stop};
