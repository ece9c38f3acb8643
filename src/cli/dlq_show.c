/* How `mvpdash dlq list` prints. */
#include "src/cli/dlq_show.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "jobs/age.h"

static const struct cli_column columns[] = {
    {.title = "MESSAGE"},
    {                         .title = "AGE"                 },
    {            .title = "JOB"  },
    {           .title = "TRIES",    .right = true},
    { .title = "RULE",                  .least = 8, .drop = 2},
    {                          .title = "TARGET",         .least = 8, .drop = 1},
    {                                 .title = "WHY",       .least = 20},
};

/* The part of an ARN that tells something: "mvp-development/mvp-development-rule". */
static const char *tail_of(const char *arn, const char *after)
{
    const char *at = arn == NULL ? NULL : strstr(arn, after);

    return arn == NULL ? "-" : at == NULL ? arn : at + strlen(after);
}

static const char *target_tail(const char *arn)
{
    const char *at = arn == NULL ? NULL : strrchr(arn, ':');

    return arn == NULL ? "-" : at == NULL ? arn : at + 1;
}

static bool same_code(const struct dlq_message *a, const struct dlq_message *b)
{
    const char *x = a->error_code == NULL ? "" : a->error_code;
    const char *y = b->error_code == NULL ? "" : b->error_code;

    return strcmp(x, y) == 0;
}

/* Is the message the first one with its code? Groups stand in the order of their oldest message. */
static bool begins_group(const struct dlq_list *l, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (same_code(&l->items[i], &l->items[at])) {
            return false;
        }
    }
    return true;
}

static size_t group_len(const struct dlq_list *l, size_t at)
{
    size_t n = 0;

    for (size_t i = at; i < l->len; i++) {
        n += same_code(&l->items[i], &l->items[at]) ? 1 : 0;
    }
    return n;
}

static void add_row(struct cli *c, struct cli_table *t, const struct dlq_message *m)
{
    char age[AGE_SIZE];
    char tries[24] = "-";
    struct strbuf why = STRBUF_INIT;

    if (m->retries >= 0) {
        (void)snprintf(tries, sizeof tries, "%lld", (long long)m->retries);
    }
    if (m->event == NULL) {
        strbuf_addf(&why, "no event; %s%s", m->not_event, m->error_message == NULL ? "" : "; ");
    } else if (m->error_message == NULL) {
        strbuf_addf(&why, "%s from %s", json_str(m->event, "detail-type"),
                    json_str(m->event, "source"));
    }
    strbuf_adds(&why, m->error_message);
    if (m->exhausted != NULL) {
        strbuf_addf(&why, " (given up by %s)", m->exhausted);
    }
    cli_table_add(c, t, m->id);
    cli_table_add(c, t, age_text(m->sent_ms, clock_wall_ms(NULL), age));
    cli_table_add(c, t, m->job_id[0] == '\0' ? "-" : m->job_id);
    cli_table_add(c, t, tries);
    cli_table_add(c, t, tail_of(m->rule_arn, ":rule/"));
    cli_table_add(c, t, target_tail(m->target_arn));
    cli_table_add(c, t, strbuf_str(&why));
    strbuf_clear(&why);
}

static void print_group(struct cli *c, const struct dlq_list *l, size_t at)
{
    struct cli_table t = {.columns = columns, .columns_len = sizeof columns / sizeof *columns};
    const char *code = l->items[at].error_code;

    cli_print(c, code == NULL ? "no ERROR_CODE" : code);
    (void)fprintf(c->out, " (%zu): %s\n", group_len(l, at), dlq_remedy(code));
    for (size_t i = at; i < l->len; i++) {
        if (same_code(&l->items[i], &l->items[at])) {
            add_row(c, &t, &l->items[i]);
        }
    }
    cli_table_print(c, &t);
    cli_table_clear(&t);
    for (size_t i = at; i < l->len; i++) {
        const struct dlq_message *m = &l->items[i];
        if (same_code(m, &l->items[at]) && m->event == NULL) {
            struct strbuf body = STRBUF_INIT;
            secret_mask_text(&body, m->body);
            cli_print(c, m->id);
            (void)fputs(" body: ", c->out);
            cli_print(c, strbuf_str(&body));
            (void)fputc('\n', c->out);
            strbuf_clear(&body);
        }
    }
}

static cJSON *message_json(const struct dlq_message *m)
{
    cJSON *doc = json_new_object();
    char at[TIME_ISO_SIZE];

    json_set_str(doc, "messageId", m->id);
    json_set_str(doc, "jobId", m->job_id[0] == '\0' ? NULL : m->job_id);
    json_set_str(doc, "sentAt", m->sent_ms == TIME_NONE ? NULL : time_iso(m->sent_ms, at));
    json_set_str(doc, "errorCode", m->error_code);
    json_set_str(doc, "errorMessage", m->error_message);
    json_set(doc, "retryAttempts", m->retries < 0 ? NULL : cJSON_CreateNumber((double)m->retries));
    json_set_str(doc, "exhaustedRetryCondition", m->exhausted);
    json_set_str(doc, "ruleArn", m->rule_arn);
    json_set_str(doc, "targetArn", m->target_arn);
    json_set_int(doc, "receiveCount", m->receives);
    cJSON *event = m->event == NULL ? NULL : json_copy_exact(m->event);
    struct strbuf body = STRBUF_INIT;
    if (event != NULL) {
        secret_mask_json(event);
    } else {
        secret_mask_text(&body, m->body);
    }
    json_set(doc, "event", event);
    json_set_str(doc, "body", event == NULL ? strbuf_str(&body) : NULL);
    strbuf_clear(&body);
    json_set_str(doc, "notEvent", m->event == NULL ? m->not_event : NULL);
    return doc;
}

void dlq_show_json(struct cli *c, const struct dlq_queue *q, const struct dlq_list *l)
{
    cJSON *doc = json_new_object();
    cJSON *messages = json_new_array();
    cJSON *groups = json_new_array();

    for (size_t i = 0; i < l->len; i++) {
        json_push(messages, message_json(&l->items[i]));
        if (begins_group(l, i)) {
            cJSON *g = json_new_object();
            json_set_str(g, "errorCode", l->items[i].error_code);
            json_set_int(g, "count", (int64_t)group_len(l, i));
            json_set_str(g, "remedy", dlq_remedy(l->items[i].error_code));
            json_push(groups, g);
        }
    }
    json_set_str(doc, "queue", q->name);
    json_set(doc, "messages", messages);
    json_set(doc, "groups", groups);
    json_set_bool(doc, "more", l->more);
    json_set_int(doc, "hidden", q->hidden);
    cli_json(c, doc);
}

void dlq_show(struct cli *c, const struct dlq_list *l)
{
    for (size_t i = 0; i < l->len; i++) {
        if (begins_group(l, i)) {
            (void)fputs(i > 0 ? "\n" : "", c->out);
            print_group(c, l, i);
        }
    }
}
