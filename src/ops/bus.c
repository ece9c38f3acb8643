/* Reading the rules of the event bus with their targets, and what an event would come to there. */
#include "ops/bus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/events.h"
#include "bus_check.h"
#include "core/alloc.h"
#include "core/json.h"
#include "envelope.h"
#include "jobs/target_job.h"
#include "jobs/transform.h"
#include "parallel.h"
#include "pattern_why.h"

void bus_report_clear(struct bus_report *r)
{
    for (size_t i = 0; i < r->len; i++) {
        struct bus_rule *row = &r->row[i];
        for (int k = 0; row->gifts != NULL && k < cJSON_GetArraySize(row->targets); k++) {
            free(row->gifts[k].input);
            cJSON_Delete(row->gifts[k].job);
        }
        free(row->gifts);
        cJSON_Delete(row->targets);
    }
    free(r->row);
    cJSON_Delete(r->rules);
    cJSON_Delete(r->bus);
    cJSON_Delete(r->event);
    *r = (struct bus_report){0};
}

bool bus_rule_enabled(const cJSON *rule)
{
    return strncmp(json_str_or(rule, "State", "ENABLED"), "ENABLED", 7) == 0;
}

/* ---- one rule ---- */

struct asking {
    const struct ops *o;
    struct bus_report *r;
    char *event; /* the event as text; NULL: no event was given */
};

static void ask_match(const struct asking *a, struct bus_rule *row)
{
    const char *name = json_str_or(row->doc, "Name", "");
    const char *text = json_str(row->doc, "EventPattern");
    bool matches = false;

    if (text == NULL) {
        row->match = BUS_MATCH_NO;
        (void)snprintf(row->why, sizeof row->why, "rule %s has no event pattern%s", name,
                       json_str(row->doc, "ScheduleExpression") == NULL
                           ? ""
                           : ": it runs on a schedule, not on events");
        return;
    }
    if (events_test_pattern(a->o->aws, text, a->event, &matches, &row->match_err) != E_OK) {
        row->match = BUS_MATCH_NOT_KNOWN;
        return;
    }
    row->match = matches ? BUS_MATCH_YES : BUS_MATCH_NO;
    if (!matches) {
        cJSON *pattern = json_parse(text, strlen(text), "the rule's pattern", NULL);
        pattern_why(a->o, name, pattern, a->r->event, row->why, sizeof row->why);
        cJSON_Delete(pattern);
    }
}

static void give(const struct asking *a, const struct bus_rule *row, const cJSON *target,
                 struct bus_gift *g)
{
    const struct transform_vars vars = {.rule_arn = json_str_or(row->doc, "Arn", ""),
                                        .rule_name = json_str_or(row->doc, "Name", ""),
                                        .ingestion_time = json_str_or(a->r->event, "time", "")};
    bool job = target_is_job(target);

    if ((!job || target_job_has_input(target)) &&
        transform_apply(target, a->r->event, &vars, &g->input, &g->err) != E_OK) {
        return;
    }
    if (job) {
        (void)!target_job_submit(target, g->input, &g->job, &g->err);
    }
}

static void ask_rule(void *arg, size_t i)
{
    const struct asking *a = arg;
    struct bus_rule *row = &a->r->row[i];
    const cJSON *target;
    size_t n = 0;

    (void)!events_list_targets(a->o->aws, a->o->bus, json_str_or(row->doc, "Name", ""),
                               &row->targets, &row->targets_err);
    if (a->event != NULL) {
        ask_match(a, row);
    }
    if (row->match != BUS_MATCH_YES || row->targets == NULL) {
        return;
    }
    row->gifts = xcalloc((size_t)cJSON_GetArraySize(row->targets) + 1, sizeof *row->gifts);
    cJSON_ArrayForEach(target, row->targets)
    {
        give(a, row, target, &row->gifts[n++]);
    }
}

/* ---- the bus ---- */

static enum err_code read_rules(const struct ops *o, struct bus_report *r, struct err *e)
{
    enum err_code rc = events_describe_bus(o->aws, o->bus, &r->bus, &r->bus_err);

    if (rc == E_NOT_FOUND) {
        if (e != NULL) {
            *e = r->bus_err;
        }
        (void)bus_hint(o, e);
        return E_NOT_FOUND;
    }
    rc = events_list_rules(o->aws, o->bus, NULL, &r->rules, e);
    if (rc != E_OK) {
        return rc;
    }
    r->len = (size_t)cJSON_GetArraySize(r->rules);
    r->row = xcalloc(r->len + 1, sizeof *r->row);
    size_t n = 0;
    for (const cJSON *v = r->rules->child; v != NULL; v = v->next) {
        r->row[n++].doc = v;
    }
    return E_OK;
}

static void count(struct bus_report *r)
{
    for (size_t i = 0; i < r->len; i++) {
        const struct bus_rule *row = &r->row[i];
        r->matching += row->match == BUS_MATCH_YES && bus_rule_enabled(row->doc);
        r->not_known += row->targets == NULL || row->match == BUS_MATCH_NOT_KNOWN;
    }
}

enum err_code ops_bus(const struct ops *o, cJSON *event, struct bus_report *out, struct err *e)
{
    int64_t begun = ops_begin(o);
    struct asking a = {.o = o, .r = out};

    *out = (struct bus_report){.event = event};
    enum err_code rc = read_rules(o, out, e);
    if (rc == E_OK) {
        if (event != NULL) {
            const cJSON *like = out->bus != NULL ? out->bus : out->rules->child;
            envelope_fill(o, json_str(like, "Arn"), event);
            a.event = json_text(event);
        }
        ops_parallel(out->len, ask_rule, &a);
        count(out);
        free(a.event);
    } else {
        bus_report_clear(out);
    }
    ops_end(begun);
    return rc;
}
