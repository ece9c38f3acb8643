/* What is known of the event bus, as lines for people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "jobs/target_job.h"
#include "ops/bus.h"

enum { RETRIES_DEFAULT = 185, AGE_DEFAULT_S = 86400 }; /* EventBridge's own defaults (AWS-WIRE 6) */

struct out {
    bus_line_fn line;
    void *arg;
};

static void line(const struct out *c, int indent, const char *label, const char *text)
{
    char *masked = secret_masked(text);

    c->line(c->arg, indent, label, masked);
    free(masked);
}

static void line_json(const struct out *c, int indent, const char *label, const cJSON *v)
{
    cJSON *masked = json_copy_exact(v);

    secret_mask_json(masked);
    char *text = json_text(masked);
    c->line(c->arg, indent, label, text);
    free(text);
    cJSON_Delete(masked);
}

static void line_opt(const struct out *c, int indent, const char *label, const cJSON *doc,
                     const char *member)
{
    const char *text = json_str(doc, member);

    if (text != NULL && text[0] != '\0') {
        line(c, indent, label, text);
    }
}

/* ---- a target ---- */

static void show_batch(const struct out *c, const cJSON *t)
{
    const cJSON *p = json_object(t, "BatchParameters");
    int64_t attempts = json_int(json_object(p, "RetryStrategy"), "Attempts", 0);
    int64_t size = json_int(json_object(p, "ArrayProperties"), "Size", 0);
    struct strbuf b = STRBUF_INIT;

    strbuf_addf(&b, "definition %s, name %s", json_str_or(p, "JobDefinition", "none"),
                json_str_or(p, "JobName", "none"));
    if (attempts > 0) {
        strbuf_addf(&b, ", attempts %lld", (long long)attempts);
    }
    if (size > 0) {
        strbuf_addf(&b, ", an array of %lld", (long long)size);
    }
    line(c, 4, "job", strbuf_str(&b));
    strbuf_clear(&b);
}

static void show_input(const struct out *c, const cJSON *t)
{
    const cJSON *transformer = json_object(t, "InputTransformer");
    const cJSON *p;

    if (transformer != NULL) {
        line(c, 4, "input", json_str_or(transformer, "InputTemplate", ""));
        cJSON_ArrayForEach(p, json_object(transformer, "InputPathsMap"))
        {
            struct strbuf b = STRBUF_INIT;
            strbuf_addf(&b, "<%s> is %s", p->string, cJSON_IsString(p) ? p->valuestring : "?");
            line(c, 4, "", strbuf_str(&b));
            strbuf_clear(&b);
        }
    } else if (json_str(t, "Input") != NULL) {
        struct strbuf b = STRBUF_INIT;
        strbuf_addf(&b, "always %s", json_str(t, "Input"));
        line(c, 4, "input", strbuf_str(&b));
        strbuf_clear(&b);
    } else if (json_str(t, "InputPath") != NULL && !target_is_job(t)) {
        line(c, 4, "input", json_str(t, "InputPath"));
    } else {
        line(c, 4, "input",
             target_is_job(t) ? "none: the job gets no part of the event" : "the whole event");
    }
}

static void show_retries(const struct out *c, const cJSON *t)
{
    const cJSON *p = json_object(t, "RetryPolicy");
    char text[120];

    (void)snprintf(text, sizeof text, "%lld, for %lld s%s",
                   (long long)json_int(p, "MaximumRetryAttempts", RETRIES_DEFAULT),
                   (long long)json_int(p, "MaximumEventAgeInSeconds", AGE_DEFAULT_S),
                   p == NULL ? " (EventBridge's default)" : "");
    line(c, 4, "retries", text);
}

/* Tells what the event comes to at this target. */
static void show_gift(const struct out *c, const cJSON *t, const struct bus_gift *g)
{
    if (g->err.code != E_OK) {
        struct strbuf b = STRBUF_INIT;
        strbuf_addf(&b, "nothing: %s%s", g->err.msg,
                    json_object(t, "DeadLetterConfig") == NULL
                        ? " (the event is lost: there is no dead letter queue)"
                        : " (the event goes to the dead letter queue)");
        line(c, 4, "gets", strbuf_str(&b));
        strbuf_clear(&b);
    } else if (g->job != NULL) {
        line_json(c, 4, "submits", g->job);
    } else {
        line(c, 4, "gets", g->input);
    }
}

static void show_target(const struct out *c, const struct bus_rule *row, const cJSON *t, size_t at)
{
    const char *role = json_str(t, "RoleArn");

    role = role == NULL ? json_str(row->doc, "RoleArn") : role;
    line(c, 2, "target", json_str_or(t, "Id", "?"));
    line(c, 4, "arn", json_str_or(t, "Arn", "?"));
    line(c, 4, "role", role == NULL ? "none" : role);
    if (target_is_job(t)) {
        show_batch(c, t);
    }
    show_input(c, t);
    show_retries(c, t);
    line(c, 4, "dead letters",
         json_str_or(json_object(t, "DeadLetterConfig"), "Arn",
                     "none: what cannot be delivered is lost"));
    if (row->gifts != NULL) {
        show_gift(c, t, &row->gifts[at]);
    }
}

/* ---- a rule ---- */

static void show_match(const struct out *c, const struct bus_rule *row)
{
    struct strbuf b = STRBUF_INIT;

    if (row->match == BUS_MATCH_YES) {
        strbuf_adds(&b, "yes");
        if (!bus_rule_enabled(row->doc)) {
            strbuf_addf(&b, ", but the rule is %s: its targets get nothing",
                        json_str(row->doc, "State"));
        }
    } else if (row->match == BUS_MATCH_NO) {
        strbuf_addf(&b, "no: %s", row->why);
    } else {
        strbuf_addf(&b, "not known: %s", row->match_err.msg);
    }
    line(c, 2, "matches", strbuf_str(&b));
    strbuf_clear(&b);
}

static void show_rule(const struct out *c, const struct bus_rule *row)
{
    struct strbuf head = STRBUF_INIT;
    const cJSON *t;
    size_t at = 0;

    strbuf_addf(&head, "%s  %s", json_str_or(row->doc, "Name", "?"),
                json_str_or(row->doc, "State", "state not known"));
    line(c, 0, "", strbuf_str(&head));
    strbuf_clear(&head);
    line_opt(c, 2, "description", row->doc, "Description");
    line_opt(c, 2, "pattern", row->doc, "EventPattern");
    line_opt(c, 2, "schedule", row->doc, "ScheduleExpression");
    line_opt(c, 2, "managed by", row->doc, "ManagedBy");
    if (row->match != BUS_MATCH_NOT_ASKED) {
        show_match(c, row);
    }
    if (row->targets == NULL) {
        struct strbuf b = STRBUF_INIT;
        strbuf_addf(&b, "not known: %s", row->targets_err.msg);
        line(c, 2, "targets", strbuf_str(&b));
        strbuf_clear(&b);
    } else if (row->targets->child == NULL) {
        line(c, 2, "targets", "none: an event that matches does nothing");
    }
    cJSON_ArrayForEach(t, row->targets)
    {
        show_target(c, row, t, at++);
    }
}

/* Tells which rules the event goes to. */
static void show_event(const struct out *c, const struct bus_report *r)
{
    struct strbuf b = STRBUF_INIT;
    size_t unsure = 0;

    for (size_t i = 0; i < r->len; i++) {
        unsure += r->row[i].match == BUS_MATCH_NOT_KNOWN;
    }
    strbuf_addf(&b, "The event \"%s\" from %s goes to the targets of %zu of %zu rules",
                json_str_or(r->event, "detail-type", ""), json_str_or(r->event, "source", ""),
                r->matching, r->len);
    if (unsure > 0) {
        strbuf_addf(&b, "; of %zu it is not known", unsure);
    }
    strbuf_adds(&b, ".");
    line(c, 0, "", strbuf_str(&b));
    line(c, 0, "", "");
    strbuf_clear(&b);
}

void bus_lines(const struct bus_report *r, bus_line_fn line_fn, void *arg)
{
    const struct out c = {line_fn, arg};

    if (r->event != NULL) {
        show_event(&c, r);
    }
    for (size_t i = 0; i < r->len; i++) {
        if (i > 0) {
            line(&c, 0, "", "");
        }
        show_rule(&c, &r->row[i]);
    }
}
