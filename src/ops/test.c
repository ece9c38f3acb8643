/* The connection test: identity, event bus, one event. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/events.h"
#include "aws/sts.h"
#include "bus_check.h"
#include "core/json.h"
#include "ops/job_ops.h"

static enum err_code test_identity(const struct ops *o, char *detail, size_t size, struct err *e)
{
    struct sts_identity id = {0};
    char source[96] = "";
    int64_t expires = TIME_NONE;
    enum err_code rc = sts_get_caller_identity(o->aws, &id, e);

    if (rc == E_OK) {
        rc = aws_client_identity(o->aws, source, &expires, e);
        (void)snprintf(detail, size, "%s in account %s (%s, %s)", id.arn, id.account,
                       aws_client_region(o->aws), source);
    }
    return rc;
}

/* Tells whether the bus exists: PutEvents does not, because it answers success for a bus that does
 * not exist. */
static enum err_code test_bus(const struct ops *o, char *detail, size_t size, struct err *e)
{
    cJSON *bus = NULL;
    enum err_code rc = events_describe_bus(o->aws, o->bus, &bus, e);

    if (rc == E_NOT_FOUND) {
        (void)bus_hint(o, e);
    }
    (void)snprintf(detail, size, "%s", json_str_or(bus, "Arn", o->bus));
    cJSON_Delete(bus);
    return rc;
}

static enum err_code test_event(const struct ops *o, char *detail, size_t size, struct err *e)
{
    char at[TIME_ISO_SIZE];
    char *id = NULL;
    cJSON *body = json_new_object();

    json_set_bool(body, "test", true);
    json_set_str(body, "from", o->actor);
    json_set_str(body, "timestamp", time_iso(clock_wall_ms(o->clock), at));
    char *text = json_text(body);
    struct custom_event ev = {
        .source = o->source, .detail_type = "Connection Test", .detail = text};
    enum err_code rc = ops_event(o, &ev, &id, e);
    if (rc == E_OK) {
        (void)snprintf(detail, size, "accepted as %s; no rule starts a job for it", id);
    }
    free(id);
    free(text);
    cJSON_Delete(body);
    return rc;
}

static enum err_code test(const struct ops *o, test_step_fn step, void *arg, struct err *e)
{
    static const struct {
        const char *name;
        enum err_code (*run)(const struct ops *o, char *detail, size_t size, struct err *e);
    } steps[] = {
        {"identity",        test_identity},
        {"event bus",       test_bus     },
        {"connection test", test_event   },
    };

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        char detail[700] = "";
        struct err now = {0};
        enum err_code rc = steps[i].run(o, detail, sizeof detail, &now);
        if (step != NULL) {
            step(arg, steps[i].name, rc == E_OK ? detail : "", rc == E_OK ? NULL : &now);
        }
        if (rc != E_OK) {
            if (e != NULL) {
                *e = now;
            }
            return rc;
        }
    }
    return E_OK;
}

enum err_code ops_test(const struct ops *o, test_step_fn step, void *arg, struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = test(o, step, arg, e);

    ops_end(begun);
    return rc;
}
