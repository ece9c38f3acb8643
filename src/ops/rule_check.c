#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/events.h"
#include "core/json.h"
#include "core/text.h"
#include "ops/job_ops.h"

enum { CULPRITS_MAX = 12, TEXT_SHOWN = 80 };

/* The envelope that the bus makes of our entry (AWS-WIRE 2.3); the account does not matter to any
 * pattern of ours, the rest is exact. */
static cJSON *envelope(const struct ops *o, const struct deploy_request *r, const char *account)
{
    cJSON *event = json_new_object();
    char at[TIME_ISO_SIZE];
    struct deploy_request sealed;

    deploy_request_init(&sealed);
    deploy_request_copy(&sealed, r);
    deploy_request_seal(&sealed, clock_wall_ms(o->clock));
    json_set_str(event, "version", "0");
    json_set_str(event, "id", "00000000-0000-0000-0000-000000000000");
    json_set_str(event, "detail-type", o->detail_type);
    json_set_str(event, "source", o->source);
    json_set_str(event, "account", account);
    json_set_str(event, "time", time_iso(clock_wall_ms(o->clock), at));
    json_set_str(event, "region", aws_client_region(o->aws));
    json_set(event, "resources", json_new_array());
    /* The URL's password is no business of a pattern: it stays here. */
    json_set(event, "detail", deploy_detail_json(&sealed, true));
    deploy_request_clear(&sealed);
    return event;
}

/* The account out of an ARN ("arn:aws:events:region:ACCOUNT:rule/..."). */
static void account_of(const char *arn, char out[16])
{
    int colons = 0;
    size_t n = 0;

    for (; arn != NULL && *arn != '\0' && colons < 5; arn++) {
        if (*arn == ':') {
            colons++;
        } else if (colons == 4 && n + 1 < 16) {
            out[n++] = *arn;
        }
    }
    out[n] = '\0';
    if (n == 0) {
        memcpy(out, "000000000000", sizeof "000000000000");
    }
}

static enum err_code try_pattern(const struct ops *o, const cJSON *pattern, const char *event,
                                 bool *matches, struct err *e)
{
    char *text = json_text(pattern);
    enum err_code rc = events_test_pattern(o->aws, text, event, matches, e);

    free(text);
    return rc;
}

/* A pattern with one member only: {"detail":{"env":[...]}} or {"source":[...]}. */
static cJSON *only(const char *outer, const char *key, const cJSON *value)
{
    cJSON *p = json_new_object();
    cJSON *inner = p;

    if (outer != NULL) {
        inner = json_new_object();
        json_set(p, outer, inner);
    }
    json_set(inner, key, json_copy(value));
    return p;
}

struct hunt {
    const struct ops *o;
    const char *event; /* text */
    const cJSON *doc;  /* the same, parsed */
    int tries;
    char *why;
    size_t size;
};

static void shown(const cJSON *v, struct strbuf *out)
{
    char *text = v == NULL ? NULL : json_text(v);

    if (text == NULL) {
        strbuf_adds(out, "nothing");
    } else {
        size_t len = strlen(text);
        text_clean(out, text, len > TEXT_SHOWN ? TEXT_SHOWN : len, TEXT_ONE_LINE);
        strbuf_adds(out, len > TEXT_SHOWN ? "..." : "");
    }
    free(text);
}

/* Tries this member of the pattern alone; true when it is the one that does not match. */
static bool is_culprit(struct hunt *h, const char *outer, const cJSON *member)
{
    cJSON *p = only(outer, member->string, member);
    const cJSON *has = outer == NULL ? json_get(h->doc, member->string)
                                     : json_get(json_object(h->doc, outer), member->string);
    bool matches = true;

    bool asked =
        h->tries++ < CULPRITS_MAX && try_pattern(h->o, p, h->event, &matches, NULL) == E_OK;
    cJSON_Delete(p);
    if (!asked || matches) {
        return false;
    }
    struct strbuf b = STRBUF_LIMIT(1000);
    strbuf_addf(&b, "rule %s wants %s%s%s in ", h->o->rule, outer == NULL ? "" : outer,
                outer == NULL ? "" : ".", member->string);
    shown(member, &b);
    strbuf_adds(&b, "; the event has ");
    shown(has, &b);
    (void)snprintf(h->why, h->size, "%s", strbuf_str(&b));
    strbuf_clear(&b);
    return true;
}

/* Names the part of the pattern that does not match, one member at a time. */
static void find_culprit(struct hunt *h, const cJSON *pattern)
{
    (void)snprintf(h->why, h->size, "the pattern of rule %s does not match the event", h->o->rule);
    for (const cJSON *m = pattern->child; m != NULL; m = m->next) {
        bool nested = cJSON_IsObject(m);
        for (const cJSON *k = nested ? m->child : NULL; k != NULL; k = k->next) {
            if (is_culprit(h, m->string, k)) {
                return;
            }
        }
        if (!nested && is_culprit(h, NULL, m)) {
            return;
        }
    }
}

enum err_code ops_pattern_check(const struct ops *o, const cJSON *rule,
                                const struct deploy_request *r, bool *matches, char *why,
                                size_t size, struct err *e)
{
    char account[16];
    const char *text = json_str(rule, "EventPattern");

    *matches = false;
    if (text == NULL) {
        (void)snprintf(why, size, "rule %s has no event pattern", o->rule);
        return E_OK;
    }
    account_of(json_str(rule, "Arn"), account);
    cJSON *event = envelope(o, r, account);
    char *event_text = json_text(event);
    enum err_code rc = events_test_pattern(o->aws, text, event_text, matches, e);
    if (rc == E_OK && !*matches && size > 0) {
        cJSON *pattern = json_parse(text, strlen(text), "the rule's pattern", NULL);
        struct hunt h = {.o = o, .event = event_text, .doc = event, .why = why, .size = size};
        if (pattern != NULL) {
            find_culprit(&h, pattern);
        }
        cJSON_Delete(pattern);
    }
    free(event_text);
    cJSON_Delete(event);
    return rc;
}

enum err_code ops_rule_check(const struct ops *o, const struct deploy_request *r, bool *matches,
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
        (void)snprintf(why, size, "rule %s is %.20s: no job would start", o->rule,
                       json_str(rule, "State"));
    }
    cJSON_Delete(rule);
    if (rc != E_OK && e != NULL) {
        *e = now;
    }
    return rc;
}
