/* The typed calls of CloudWatch Logs. */
#include "aws/logs.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "doc.h"

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
    if (f->streams != NULL) {
        cJSON *names = json_new_array();
        for (size_t i = 0; i < f->streams_len; i++) {
            json_push_str(names, f->streams[i]);
        }
        json_set(in, "logStreamNames", names);
    }
    doc_opt_str(in, "filterPattern", f->pattern);
    doc_opt_str(in, "nextToken", f->token);
    opt_time(in, "startTime", f->start_time);
    opt_time(in, "endTime", f->end_time);
    if (f->limit > 0) {
        json_set_int(in, "limit", f->limit);
    }
    enum err_code rc = doc_call(c, AWS_OP_LOGS_FILTER_LOG_EVENTS, in, &reply, e);
    if (rc == E_OK && json_array(reply, "events") == NULL) {
        rc = err_set(e, E_PARSE, "FilterLogEvents %s: the reply has no events", f->group);
    }
    *events = rc == E_OK ? doc_take_array(reply, "events") : NULL;
    *next = rc == E_OK ? doc_dup_str(reply, "nextToken") : NULL;
    cJSON_Delete(reply);
    return rc;
}

struct group_search {
    const char *name;
    cJSON *found;
};

static enum err_code find_group(void *arg, cJSON *reply, char **next, struct err *e)
{
    struct group_search *s = arg;
    cJSON *groups = doc_take_array(reply, "logGroups");
    cJSON *v;

    (void)e;
    cJSON_ArrayForEach(v, groups)
    {
        const char *name = json_str(v, "logGroupName");
        if (name != NULL && strcmp(name, s->name) == 0) {
            s->found = cJSON_DetachItemViaPointer(groups, v);
            break;
        }
    }
    cJSON_Delete(groups);
    *next = s->found == NULL ? doc_dup_str(reply, "nextToken") : NULL;
    return E_OK;
}

enum err_code logs_describe_group(struct aws_client *c, const char *group, cJSON **out,
                                  struct err *e)
{
    struct group_search search = {.name = group};
    cJSON *in = json_new_object();

    json_set_str(in, "logGroupNamePrefix", group);
    enum err_code rc =
        doc_pages(c, AWS_OP_LOGS_DESCRIBE_LOG_GROUPS, in, "nextToken", find_group, &search, e);
    *out = search.found;
    if (rc == E_OK && *out == NULL) {
        rc = err_set(e, E_NOT_FOUND, "CloudWatch Logs has no log group %s", group);
    }
    return rc;
}
