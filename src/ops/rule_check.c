/* The check whether a rule would match a request's event. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/events.h"
#include "core/json.h"
#include "core/text.h"
#include "envelope.h"
#include "ops/job_ops.h"
#include "pattern_why.h"

/* The whole event that the bus makes of our entry; `arn` is the rule's ARN. */
static cJSON *envelope(const struct ops *o, const struct deploy_request *r, const char *arn)
{
    cJSON *event = json_new_object();
    struct deploy_request sealed;

    deploy_request_init(&sealed);
    deploy_request_copy(&sealed, r);
    deploy_request_seal(&sealed, clock_wall_ms(o->clock));
    json_set_str(event, "detail-type", o->detail_type);
    json_set_str(event, "source", o->source);
    /* A pattern has no business with the URL's password: it stays here. */
    json_set(event, "detail", deploy_detail_json(&sealed, true));
    deploy_request_clear(&sealed);
    envelope_fill(o, arn, event);
    return event;
}

enum err_code ops_pattern_check(const struct ops *o, const cJSON *rule,
                                const struct deploy_request *r, bool *matches, char *why,
                                size_t size, struct err *e)
{
    const char *text = json_str(rule, "EventPattern");

    *matches = false;
    if (text == NULL) {
        (void)snprintf(why, size, "rule %s has no event pattern", o->rule);
        return E_OK;
    }
    cJSON *event = envelope(o, r, json_str(rule, "Arn"));
    char *event_text = json_text(event);
    enum err_code rc = events_test_pattern(o->aws, text, event_text, matches, e);
    if (rc == E_OK && !*matches && size > 0) {
        cJSON *pattern = json_parse(text, strlen(text), "the rule's pattern", NULL);
        pattern_why(o, o->rule, pattern, event, why, size);
        cJSON_Delete(pattern);
    }
    free(event_text);
    cJSON_Delete(event);
    return rc;
}

static enum err_code rule_check(const struct ops *o, const struct deploy_request *r, bool *matches,
                                char *why, size_t size, struct err *e)
{
    cJSON *rule = NULL;
    struct err now = {0};

    *matches = false;
    why[0] = '\0';
    enum err_code rc = events_describe_rule(o->aws, o->bus, o->rule, &rule, &now);
    if (rc == E_NOT_FOUND) {
        (void)snprintf(why, size, "there is no rule %s on bus %s: no job would start", o->rule,
                       o->bus);
        return E_OK;
    }
    if (rc == E_OK) {
        rc = ops_pattern_check(o, rule, r, matches, why, size, &now);
    }
    if (rc == E_OK && strncmp(json_str_or(rule, "State", "ENABLED"), "ENABLED", 7) != 0) {
        *matches = false;
        (void)snprintf(why, size, "rule %s is %.*s: no job would start", o->rule,
                       text_cut(json_str(rule, "State"), 20), json_str(rule, "State"));
    }
    cJSON_Delete(rule);
    if (rc != E_OK && e != NULL) {
        *e = now;
    }
    return rc;
}

enum err_code ops_rule_check(const struct ops *o, const struct deploy_request *r, bool *matches,
                             char *why, size_t size, struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = rule_check(o, r, matches, why, size, e);

    ops_end(begun);
    return rc;
}
