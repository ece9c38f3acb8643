/* `mvpdash test`: the connection test. */
#include <string.h>

#include "core/json.h"
#include "ops/job_ops.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

struct steps {
    struct cli *c;
    cJSON *list;
};

static void on_step(void *arg, const char *name, const char *detail, const struct err *failure)
{
    struct steps *s = arg;
    struct cli *c = s->c;
    bool ok = failure == NULL || failure->code == E_OK;

    if (c->json) {
        cJSON *doc = json_new_object();
        json_set_str(doc, "name", name);
        json_set_bool(doc, "ok", ok);
        json_set_str(doc, "detail", detail);
        json_set(doc, "error", ok ? NULL : cli_error_json(failure));
        json_push(s->list, doc);
        return;
    }
    (void)fputs(ok ? "ok    " : "FAIL  ", c->out);
    cli_print(c, name);
    if (ok && detail != NULL && detail[0] != '\0') {
        (void)fputs("  ", c->out);
        cli_print(c, detail);
    }
    (void)fputc('\n', c->out);
    (void)cli_flush(c);
}

static enum err_code run_test(struct cli *c, struct err *e)
{
    if (cli_ops(c, e) == NULL) {
        return e->code;
    }
    struct steps s = {c, json_new_array()};
    enum err_code rc = ops_test(c->ops, on_step, &s, e);
    if (c->json) {
        cJSON *doc = json_new_object();
        json_set_bool(doc, "ok", rc == E_OK);
        json_set(doc, "steps", s.list);
        cli_json(c, doc);
    } else {
        cJSON_Delete(s.list);
    }
    return rc;
}

const struct cli_command cmd_test = {
    .name = "test",
    .args = "",
    .summary = "Test the connection: identity, bus, one event",
    .about =
        "The bus is looked up before the event is sent, because the service accepts events for\n"
        "a bus that does not exist. The event is a \"Connection Test\", which the rule does not\n"
        "match.",
    .example = "mvpdash test",
    .max_args = 0,
    .flags = CLI_WRITES,
    .run = run_test,
};
