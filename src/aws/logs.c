/* The typed calls of CloudWatch Logs. */
#include "aws/logs.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "doc.h"

enum { PAGES_MAX = 100 };

static void opt_time(cJSON *in, const char *key, int64_t ms)
{
    if (ms != TIME_NONE) {
        json_set_int(in, key, ms);
    }
}

enum err_code logs_get_events(struct aws_client *c, const struct logs_get *g,
                              struct logs_page *page, struct err *e)
{
    cJSON *in = json_new_object();
    cJSON *reply = NULL;

    json_set_str(in, "logGroupName", g->group);
    json_set_str(in, "logStreamName", g->stream);
    doc_opt_str(in, "nextToken", g->token);
    opt_time(in, "startTime", g->start_time);
    opt_time(in, "endTime", g->end_time);
    if (g->from_head) {
        json_set_bool(in, "startFromHead", true);
    }
    if (g->limit > 0) {
        json_set_int(in, "limit", g->limit);
    }
    *page = (struct logs_page){0};
    enum err_code rc = doc_call(c, AWS_OP_LOGS_GET_LOG_EVENTS, in, &reply, e);
    if (rc == E_OK) {
        page->events = doc_take_array(reply, "events");
        page->forward = doc_dup_str(reply, "nextForwardToken");
        page->backward = doc_dup_str(reply, "nextBackwardToken");
        const char *came = g->from_head ? page->forward : page->backward;
        page->at_end = came == NULL || (g->token != NULL && strcmp(came, g->token) == 0);
    }
    cJSON_Delete(reply);
    return rc;
}

void logs_page_clear(struct logs_page *p)
{
    cJSON_Delete(p->events);
    free(p->forward);
    free(p->backward);
    *p = (struct logs_page){0};
}

enum err_code logs_filter_events(struct aws_client *c, const struct logs_filter *f, cJSON **events,
                                 char **next, struct err *e)
{
    cJSON *in = json_new_object();
    cJSON *reply = NULL;

    json_set_str(in, "logGroupName", f->group);
    doc_opt_str(in, "logStreamNamePrefix", f->stream_prefix);
    doc_opt_str(in, "filterPattern", f->pattern);
    doc_opt_str(in, "nextToken", f->token);
    opt_time(in, "startTime", f->start_time);
    opt_time(in, "endTime", f->end_time);
    if (f->limit > 0) {
        json_set_int(in, "limit", f->limit);
    }
    enum err_code rc = doc_call(c, AWS_OP_LOGS_FILTER_LOG_EVENTS, in, &reply, e);
    *events = rc == E_OK ? doc_take_array(reply, "events") : NULL;
    *next = rc == E_OK ? doc_dup_str(reply, "nextToken") : NULL;
    cJSON_Delete(reply);
    return rc;
}

static cJSON *named_group(cJSON *reply, const char *group)
{
    cJSON *groups = doc_take_array(reply, "logGroups");
    cJSON *found = NULL;
    cJSON *v;

    cJSON_ArrayForEach(v, groups)
    {
        const char *name = json_str(v, "logGroupName");
        if (name != NULL && strcmp(name, group) == 0) {
            found = cJSON_DetachItemViaPointer(groups, v);
            break;
        }
    }
    cJSON_Delete(groups);
    return found;
}

enum err_code logs_describe_group(struct aws_client *c, const char *group, cJSON **out,
                                  struct err *e)
{
    cJSON *in = json_new_object();
    enum err_code rc = E_OK;

    *out = NULL;
    json_set_str(in, "logGroupNamePrefix", group);
    for (int page = 0; page < PAGES_MAX && *out == NULL; page++) {
        cJSON *reply = NULL;
        rc = aws_call(c, AWS_OP_LOGS_DESCRIBE_LOG_GROUPS, in, &reply, e);
        if (rc != E_OK) {
            break;
        }
        *out = named_group(reply, group);
        char *token = doc_dup_str(reply, "nextToken");
        cJSON_Delete(reply);
        if (token == NULL) {
            break;
        }
        json_set_str(in, "nextToken", token);
        free(token);
    }
    cJSON_Delete(in);
    if (rc == E_OK && *out == NULL) {
        rc = err_set(e, E_NOT_FOUND, "CloudWatch Logs has no log group %s", group);
    }
    return rc;
}
