/* `mvpdash event`: one custom event. */
#include <stdlib.h>

#include "core/alloc.h"
#include "core/json.h"
#include "ops/job_ops.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

static const struct cli_option options[] = {
    CLI_NEEDED("source", "SOURCE", "source of the event, such as founderdash.web"),
    CLI_NEEDED("detail-type", "TYPE", "detail type: the kind of event"),
    CLI_NEEDED("detail", "JSON", "a JSON object"),
    CLI_MANY("resource", "ARN", "ARN that the event is about"),
    CLI_END,
};

static enum err_code run_event(struct cli *c, struct err *e)
{
    struct custom_event ev = {.source = args_get(&c->args, "source"),
                              .detail_type = args_get(&c->args, "detail-type"),
                              .detail = args_get(&c->args, "detail")};
    const char **resources = NULL;
    size_t cap = 0;
    size_t at = 0;
    char *event_id = NULL;

    for (const struct cli_option *o = options; o->name != NULL; o++) {
        if (o->required && args_get(&c->args, o->name) == NULL) {
            (void)err_set(e, E_USAGE, "event: --%s is missing", o->name);
            return err_hint_set(e, "see `mvpdash event --help`");
        }
    }
    for (const char *r; (r = args_next(&c->args, "resource", &at)) != NULL;) {
        resources = xgrow(resources, ev.resources_len, &cap, sizeof *resources);
        resources[ev.resources_len++] = r;
    }
    ev.resources = resources;
    enum err_code rc = cli_ops(c, e) == NULL ? e->code : ops_event(c->ops, &ev, &event_id, e);
    if (rc == E_OK && c->json) {
        cJSON *doc = json_new_object();
        json_set_str(doc, "eventId", event_id);
        cli_json(c, doc);
    } else if (rc == E_OK) {
        cli_print(c, event_id == NULL ? "-" : event_id);
        (void)fputc('\n', c->out);
    }
    free(event_id);
    free(resources);
    return rc;
}

const struct cli_command cmd_event = {
    .name = "event",
    .args = "",
    .summary = "Send any event to the bus",
    .about = "Prints the event's id; with --json: {\"eventId\"}.",
    .example = "mvpdash event --source my.app --detail-type \"Order Placed\" "
               "--detail '{\"order\":42}'",
    .options = options,
    .max_args = 0,
    .flags = CLI_WRITES,
    .run = run_event,
};
