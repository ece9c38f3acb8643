/* How `mvpdash bus` prints: lines for people, or JSON. */
#include "src/cli/bus_show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/secret.h"

static void print_line(void *arg, int indent, const char *label, const char *text)
{
    struct cli *c = arg;

    if (indent > 0) {
        (void)fprintf(c->out, "%*s%-*s ", indent, "", 16 - indent, label);
    }
    cli_print(c, text);
    (void)fputc('\n', c->out);
}

void bus_show(struct cli *c, const struct bus_report *r)
{
    bus_lines(r, print_line, c);
}

/* ---- JSON ---- */

/* JSON in a text as JSON; a text that is no JSON as a string. */
static cJSON *parsed(const char *text)
{
    cJSON *doc = text == NULL ? NULL : json_parse(text, strlen(text), "text", NULL);
    cJSON *out = doc == NULL ? NULL : json_copy_exact(doc);

    cJSON_Delete(doc);
    if (out != NULL) {
        secret_mask_json(out);
        return out;
    }
    char *masked = text == NULL ? NULL : secret_masked(text);
    out = masked == NULL ? cJSON_CreateNull() : cJSON_CreateString(masked);
    free(masked);
    return out;
}

static cJSON *masked_copy(const cJSON *v)
{
    cJSON *out = v == NULL ? NULL : json_copy_exact(v);

    if (out != NULL) {
        secret_mask_json(out);
    }
    return out;
}

static void take_member(cJSON *from, const char *name, cJSON *to, const char *as)
{
    json_set(to, as, cJSON_DetachItemFromObjectCaseSensitive(from, name));
}

static cJSON *target_json(const struct bus_rule *row, const cJSON *t, size_t at)
{
    cJSON *doc = json_new_object();
    cJSON *rest = masked_copy(t);
    const struct bus_gift *g = row->gifts == NULL ? NULL : &row->gifts[at];

    take_member(rest, "Id", doc, "id");
    take_member(rest, "Arn", doc, "arn");
    take_member(rest, "RoleArn", doc, "roleArn");
    take_member(rest, "Input", doc, "input");
    take_member(rest, "InputPath", doc, "inputPath");
    take_member(rest, "InputTransformer", doc, "inputTransformer");
    take_member(rest, "BatchParameters", doc, "batchParameters");
    take_member(rest, "DeadLetterConfig", doc, "deadLetterConfig");
    take_member(rest, "RetryPolicy", doc, "retryPolicy");
    json_set(doc, "other", rest);
    if (g != NULL) {
        json_set(doc, "gets", g->input == NULL ? NULL : parsed(g->input));
        json_set(doc, "submits", masked_copy(g->job));
        json_set(doc, "error", g->err.code == E_OK ? NULL : cli_error_json(&g->err));
    }
    return doc;
}

static cJSON *rule_json(const struct bus_rule *row)
{
    cJSON *doc = json_new_object();
    cJSON *targets = row->targets == NULL ? NULL : json_new_array();
    const cJSON *t;
    size_t at = 0;

    cJSON_ArrayForEach(t, row->targets)
    {
        json_push(targets, target_json(row, t, at++));
    }
    json_set_str(doc, "name", json_str(row->doc, "Name"));
    json_set_str(doc, "arn", json_str(row->doc, "Arn"));
    json_set_str(doc, "state", json_str(row->doc, "State"));
    json_set_str(doc, "description", json_str(row->doc, "Description"));
    json_set(doc, "pattern", parsed(json_str(row->doc, "EventPattern")));
    json_set_str(doc, "schedule", json_str(row->doc, "ScheduleExpression"));
    json_set_str(doc, "roleArn", json_str(row->doc, "RoleArn"));
    json_set_str(doc, "managedBy", json_str(row->doc, "ManagedBy"));
    if (row->match != BUS_MATCH_NOT_ASKED) {
        json_set(doc, "match",
                 row->match == BUS_MATCH_NOT_KNOWN ? NULL
                                                   : cJSON_CreateBool(row->match == BUS_MATCH_YES));
        json_set_str(doc, "why", row->match == BUS_MATCH_NO ? row->why : NULL);
        json_set(doc, "matchError",
                 row->match == BUS_MATCH_NOT_KNOWN ? cli_error_json(&row->match_err) : NULL);
    }
    json_set(doc, "targets", targets);
    json_set(doc, "targetsError", row->targets == NULL ? cli_error_json(&row->targets_err) : NULL);
    return doc;
}

void bus_show_json(struct cli *c, const struct bus_report *r)
{
    cJSON *doc = json_new_object();
    cJSON *rules = json_new_array();

    for (size_t i = 0; i < r->len; i++) {
        json_push(rules, rule_json(&r->row[i]));
    }
    json_set_str(doc, "bus", json_str(r->bus, "Name"));
    json_set_str(doc, "arn", json_str(r->bus, "Arn"));
    json_set(doc, "event", masked_copy(r->event));
    json_set(doc, "matches", r->event == NULL ? NULL : cJSON_CreateNumber((double)r->matching));
    json_set_int(doc, "notKnown", (int64_t)r->not_known);
    json_set(doc, "rules", rules);
    cli_json(c, doc);
}
