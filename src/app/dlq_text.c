/* A message of the dead letter queue as text: what its attributes say and its event, or the
 * attributes as they came. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/secret.h"
#include "dlq_priv.h"
#include "jobs/age.h"
#include "text_keys.h"

enum { LABEL = 14 };

static void add(struct textview *v, const char *label, const char *text, enum style st)
{
    textview_add_label(v, label, LABEL, text == NULL ? "-" : text, text == NULL ? ST_DIM : st);
}

struct as_of {
    int64_t now_ms, keep_s;
};

static void add_times(struct textview *v, const struct dlq_message *x, const struct as_of *at)
{
    char text[120], age[AGE_SIZE], local[32];

    if (x->sent_ms != TIME_NONE) {
        (void)snprintf(text, sizeof text, "%s (%s)", format_local(x->sent_ms, local, sizeof local),
                       age_text(x->sent_ms, at->now_ms, age));
        add(v, "Came", text, ST_TEXT);
    }
    if (x->sent_ms != TIME_NONE && at->keep_s > 0) {
        int64_t left = x->sent_ms + at->keep_s * 1000 - at->now_ms;
        bool soon = left < INT64_C(24) * 3600 * 1000;
        (void)snprintf(text, sizeof text, "%s more, then the queue drops it",
                       left <= 0 ? "no time" : duration_text(left, age));
        add(v, "Kept", text, soon ? ST_WARN : ST_TEXT);
    }
    (void)snprintf(text, sizeof text, "%lld (each read counts as one)", (long long)x->receives);
    add(v, "Receives", text, ST_TEXT);
}

static void add_lines(struct textview *v, char *text)
{
    char *save = NULL;

    for (char *l = strtok_r(text, "\n", &save); l != NULL; l = strtok_r(NULL, "\n", &save)) {
        textview_add(v, l, ST_TEXT);
    }
}

static void add_event(struct textview *v, const struct dlq_message *x)
{
    struct strbuf out = STRBUF_INIT;
    char *text = NULL;

    if (x->event != NULL) {
        cJSON *copy = json_copy_exact(x->event);
        secret_mask_json(copy);
        text = json_pretty(copy);
        cJSON_Delete(copy);
    }
    textview_add(v, "", ST_TEXT);
    textview_add(v, x->event != NULL ? "The event" : "The body, which is not an event",
                 ST_TITLE_FOCUS);
    secret_mask_text(&out, text != NULL ? text : x->body);
    free(text);
    text = strbuf_take(&out);
    add_lines(v, text);
    free(text);
}

static void fill(struct textview *v, const struct dlq_message *x, const struct as_of *at)
{
    char text[64];

    add(v, "Error", x->error_code, ST_BAD);
    add(v, "Message", x->error_message, ST_TEXT);
    add(v, "What to do", dlq_remedy(x->error_code), ST_HINT);
    if (x->event == NULL) {
        add(v, "No event", x->not_event, ST_WARN);
    }
    (void)snprintf(text, sizeof text, "%lld", (long long)x->retries);
    add(v, "Tries", x->retries < 0 ? NULL : text, ST_TEXT);
    add(v, "Given up by",
        x->exhausted == NULL ? "EventBridge does not retry this error" : x->exhausted, ST_TEXT);
    add(v, "Rule", x->rule_arn, ST_TEXT);
    add(v, "Target", x->target_arn, ST_TEXT);
    add(v, "Job", x->job_id[0] == '\0' ? NULL : x->job_id, ST_LINK);
    add_times(v, x, at);
    add(v, "Message id", x->id, ST_TEXT);
    add_event(v, x);
}

static void fill_raw(struct textview *v, const struct dlq_message *x)
{
    cJSON *doc = json_new_object();
    char number[24];

    (void)snprintf(number, sizeof number, "%lld", (long long)x->retries);
    json_set_str(doc, "RULE_ARN", x->rule_arn);
    json_set_str(doc, "TARGET_ARN", x->target_arn);
    json_set_str(doc, "ERROR_CODE", x->error_code);
    json_set_str(doc, "ERROR_MESSAGE", x->error_message);
    json_set_str(doc, "RETRY_ATTEMPTS", x->retries < 0 ? NULL : number);
    json_set_str(doc, "EXHAUSTED_RETRY_CONDITION", x->exhausted);
    char *text = json_pretty(doc);
    textview_add(v, "Message attributes", ST_TITLE_FOCUS);
    add_lines(v, text);
    free(text);
    cJSON_Delete(doc);
}

void dlq_text_fill(struct dlq_view *v, const struct desk *desk)
{
    const struct dlq_item *i = dlq_current(v);
    struct textview fresh;

    if (i == NULL) {
        return;
    }
    textview_init(&fresh);
    if (v->raw) {
        fill_raw(&fresh, &i->m);
    } else {
        fill(&fresh, &i->m, &(struct as_of){desk->now_ms, v->keep_s});
    }
    textview_replace(&v->text, &fresh);
    textview_done(&fresh);
}

bool dlq_text_action(struct dlq_view *v, struct desk *desk, enum action a, struct effects *out)
{
    const struct text_on text = {&v->text, NULL, "text", screen_dlq.name};

    if (a == ACT_DLQ_ATTRIBUTES) {
        v->raw = !v->raw;
        dlq_text_fill(v, desk);
        textview_home(&v->text);
        return true;
    }
    return text_action(desk, &text, a, out);
}
