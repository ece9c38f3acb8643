/* The check that the event bus exists, before anything is sent to it. */
#include "bus_check.h"

#include "aws/events.h"
#include "ops/guard.h"

enum { SEEN_MS = 60000 }; /* a sender of a thousand deploys asks once in this time */

enum err_code bus_hint(const struct ops *o, struct err *e)
{
    return err_hint_set(e,
                        "events sent to it vanish silently: aws events create-event-bus --name %s "
                        "--region %s",
                        o->bus, aws_client_region(o->aws));
}

enum err_code bus_check(const struct ops *o, struct err *e)
{
    cJSON *doc = NULL;
    struct err why = {0};
    if (ops_may_write(o, &why) != E_OK) {
        if (e != NULL) {
            *e = why;
        }
        return why.code;
    }
    int64_t now = clock_mono_ms(o->clock);
    int64_t seen = o->bus_seen_ms == NULL ? 0 : atomic_load(o->bus_seen_ms);

    if (seen > 0 && now - seen < SEEN_MS) {
        return E_OK;
    }
    enum err_code rc = events_describe_bus(o->aws, o->bus, &doc, &why);

    cJSON_Delete(doc);
    if (rc == E_OK && o->bus_seen_ms != NULL) {
        atomic_store(o->bus_seen_ms, now);
    }
    if (rc != E_NOT_FOUND) {
        return E_OK;
    }
    (void)bus_hint(o, &why);
    if (e != NULL) {
        *e = why;
    }
    return E_NOT_FOUND;
}
