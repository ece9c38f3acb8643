/* `mvpdash bus`: the rules of the event bus. */
#include <string.h>

#include "core/json.h"
#include "jobs/event_form.h"
#include "ops/bus.h"
#include "src/cli/bus_show.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

static const struct cli_option options[] = {
    CLI_VALUE("event", "JSON", "show which rules match this event, and what each target would get"),
    CLI_END,
};

/* Reads the event; NULL with E_OK when none was given. */
static enum err_code read_event(struct cli *c, cJSON **event, struct err *e)
{
    const char *text = args_get(&c->args, "event");
    const struct ops *o = c->ops;
    enum event_form form;

    *event = NULL;
    if (text == NULL) {
        return E_OK;
    }
    enum err_code rc =
        event_form_read(text, strlen(text), o->source, o->detail_type, event, &form, e);
    if (rc != E_OK) {
        (void)err_wrap(e, "--event");
        return err_hint_set(e, "give a whole event, an entry as PutEvents takes it, or only the "
                               "detail: --event '{\"userId\":\"user123\"}'");
    }
    if (form == EVENT_FORM_DETAIL) {
        cli_note(c,
                 "mvpdash: read as the detail of an event \"%s\" from %s (EVENTBRIDGE_DETAIL_TYPE, "
                 "EVENTBRIDGE_SOURCE)",
                 o->detail_type, o->source);
    }
    return E_OK;
}

static enum err_code run_bus(struct cli *c, struct err *e)
{
    struct bus_report r = {0};
    cJSON *event = NULL;

    if (cli_ops(c, e) == NULL || read_event(c, &event, e) != E_OK) {
        return e->code;
    }
    enum err_code rc = ops_bus(c->ops, event, &r, e);
    if (rc != E_OK) {
        return rc;
    }
    if (c->json) {
        bus_show_json(c, &r);
    } else {
        bus_show(c, &r);
    }
    (void)cli_flush(c);
    if (r.len == 0) {
        cli_note(c, "bus %s has no rules: no event on it does anything", c->ops->bus);
    }
    if (r.not_known > 0) {
        cli_warn(c, "%zu of %zu rules could not be asked about in full", r.not_known, r.len);
    }
    bus_report_clear(&r);
    return E_OK;
}

const struct cli_command cmd_bus = {
    .name = "bus",
    .args = "",
    .summary = "Show the bus's rules and targets, and what an event would do",
    .about =
        "Each rule with its state and pattern, and each of its targets with role, input, retries\n"
        "and dead letter queue. --event takes a whole event as a target gets it, an entry as\n"
        "PutEvents takes it, or only the detail, which then has the configured source and detail\n"
        "type. EventBridge itself is asked whether a pattern matches (TestEventPattern); where it\n"
        "does not, the part of the pattern that fails is named. Nothing is sent. What could not\n"
        "be asked is \"not known\". With --json: {\"bus\",\"arn\",\"event\",\"matches\","
        "\"notKnown\",\"rules\"};\n"
        "of a rule that matches each target has \"gets\", and a Batch queue \"submits\".",
    .example =
        "mvpdash bus --event '{\"jobId\":\"job_1734567890123_abc123def\",\"userId\":\"user123\"}'",
    .options = options,
    .max_args = 0,
    .run = run_bus,
};
