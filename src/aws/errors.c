/* AWS's refusals in words. */
#include "errors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codes.h"
#include "core/json.h"
#include "core/text.h"
#include "retry.h"

enum { ACTION_SIZE = 128 };

/* Which member of a request names what the request is about, in order of preference. */
static const struct resource_row {
    const char *member;
    const char *noun;
    const char *setting; /* the setting by which the user names another one, or NULL */
} resources[] = {
    {"TableName",         "table",          "--table or DYNAMODB_TABLE_NAME"          },
    {"Rule",              "rule",           "EVENTBRIDGE_RULE_NAME"                   },
    {"EventBusName",      "event bus",      "--bus or EVENTBRIDGE_BUS_NAME"           },
    {"logGroupName",      "log group",      "BATCH_LOG_GROUP or EVENTBRIDGE_LOG_GROUP"},
    {"QueueName",         "queue",          "EVENTBRIDGE_DLQ_NAME"                    },
    {"QueueUrl",          "queue",          "EVENTBRIDGE_DLQ_NAME"                    },
    {"jobDefinition",     "job definition", "BATCH_JOB_DEFINITION"                    },
    {"jobDefinitionName", "job definition", "BATCH_JOB_DEFINITION"                    },
    {"jobQueue",          "job queue",      "--queue or BATCH_JOB_QUEUE"              },
    {"jobId",             "job",            NULL                                      },
    {"StreamArn",         "stream",         NULL                                      },
    {"RoleArn",           "role",           NULL                                      },
    {"RoleName",          "role",           NULL                                      },
    {"PolicySourceArn",   "principal",      NULL                                      },
    {"repositoryName",    "repository",     NULL                                      },
};

struct resource {
    const char *noun;    /* the kind of the thing; NULL: it is not known */
    const char *setting; /* or NULL */
    char name[160];
};

static void set_name(struct resource *r, const char *noun, const char *setting, const char *name)
{
    struct strbuf clean = STRBUF_INIT;

    text_clean(&clean, name, strlen(name), TEXT_ONE_LINE);
    r->noun = noun;
    r->setting = setting;
    (void)snprintf(r->name, sizeof r->name, "%s", strbuf_str(&clean));
    strbuf_clear(&clean);
}

/* The kinds of actions in transactions, and what a policy calls them: a transaction has no name of
 * its own there. */
static const struct action_row {
    const char *member, *action;
} transact_actions[] = {
    {"Put",            "dynamodb:PutItem"           },
    {"Update",         "dynamodb:UpdateItem"        },
    {"Delete",         "dynamodb:DeleteItem"        },
    {"ConditionCheck", "dynamodb:ConditionCheckItem"},
    {"Get",            "dynamodb:GetItem"           },
};
enum { TRANSACT_ACTIONS = sizeof transact_actions / sizeof *transact_actions };

/* Adds a name to the list "a, b" when it is not there yet. */
static void add_name(struct strbuf *list, const char *name)
{
    const char *at = list->len == 0 ? NULL : strstr(strbuf_str(list), name);
    size_t len = strlen(name);

    while (at != NULL &&
           ((at != list->data && at[-1] != ' ') || (at[len] != ',' && at[len] != '\0'))) {
        at = strstr(at + 1, name);
    }
    if (at == NULL) {
        strbuf_addf(list, "%s%s", list->len == 0 ? "" : ", ", name);
    }
}

/* The tables of a transaction, each once. */
static void find_transact_tables(const cJSON *items, struct resource *r)
{
    struct strbuf names = STRBUF_INIT;

    for (const cJSON *v = items->child; v != NULL; v = v->next) {
        const char *name = json_str(v->child, "TableName");
        if (name != NULL) {
            add_name(&names, name);
        }
    }
    if (names.len > 0) {
        bool several = strchr(strbuf_str(&names), ',') != NULL;
        set_name(r, several ? "tables" : resources[0].noun, resources[0].setting,
                 strbuf_str(&names));
    }
    strbuf_clear(&names);
}

static void find_resource(enum aws_op_id op, const cJSON *in, struct resource *r)
{
    const cJSON *tables = json_object(in, "RequestItems");
    const cJSON *entries = json_array(in, "Entries");

    *r = (struct resource){0};
    if (json_array(in, "TransactItems") != NULL) {
        find_transact_tables(json_array(in, "TransactItems"), r);
        return;
    }
    if (tables != NULL && tables->child != NULL) {
        set_name(r, resources[0].noun, resources[0].setting, tables->child->string);
        return;
    }
    if (op == AWS_OP_EVENTS_PUT_EVENTS && entries != NULL) {
        set_name(r, "event bus", "--bus or EVENTBRIDGE_BUS_NAME",
                 json_str_or(entries->child, "EventBusName", "default"));
        return;
    }
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
        const char *name = json_str(in, resources[i].member);
        if (name != NULL) {
            set_name(r, resources[i].noun, resources[i].setting, name);
            return;
        }
    }
    if (op == AWS_OP_EVENTS_DESCRIBE_EVENT_BUS) {
        set_name(r, "event bus", "--bus or EVENTBRIDGE_BUS_NAME",
                 json_str_or(in, "Name", "default"));
    }
}

void errors_subject(enum aws_op_id op, const cJSON *in, char *out, size_t size)
{
    const struct aws_op *row = aws_op_get(op);
    const char *rule = op == AWS_OP_EVENTS_DESCRIBE_RULE ? json_str(in, "Name") : NULL;
    struct resource r;

    find_resource(op, in, &r);
    (void)snprintf(out, size, "%s %s%s%s%s%s%s%s", aws_service_get(row->service)->name, row->name,
                   rule == NULL ? "" : ", rule ", rule == NULL ? "" : rule,
                   r.noun == NULL ? "" : ", ", r.noun == NULL ? "" : r.noun,
                   r.noun == NULL ? "" : " ", r.name);
}

enum err_code errors_classify(int status, const char *code, const char *message)
{
    const struct aws_code *row = aws_code_find(code);

    if (row != NULL) {
        return row->is;
    }
    /* Batch has one code for everything that the client did wrong; its words tell which it is. */
    if (strcmp(code, "ClientException") == 0) {
        if (strstr(message, "does not exist") != NULL || strstr(message, "not found") != NULL) {
            return E_NOT_FOUND;
        }
        return strstr(message, "not authorized") != NULL ? E_DENIED : E_INVALID;
    }
    /* A code that is retried as a throttle is called a throttle. */
    if (retry_classify(status, code) == RETRY_THROTTLE) {
        return E_THROTTLED;
    }
    /* The proxy wants a login, or the service itself is in trouble: it could not be reached in
     * time, whoever says so. */
    return status == 407 || status >= 500 ? E_NET : E_SERVICE;
}

/* The name that a policy has for the operation ("dynamodb:Scan"), or the names of what a
 * transaction does. */
static void action_name(enum aws_op_id op, const cJSON *in, char *out, size_t size)
{
    const struct aws_op *row = aws_op_get(op);
    const struct aws_service *service = aws_service_get(row->service);
    struct strbuf names = STRBUF_INIT;
    const cJSON *v = NULL;

    cJSON_ArrayForEach(v, json_array(in, "TransactItems"))
    {
        for (size_t i = 0; i < TRANSACT_ACTIONS; i++) {
            if (json_get(v, transact_actions[i].member) != NULL) {
                add_name(&names, transact_actions[i].action);
            }
        }
    }
    if (names.len > 0) {
        (void)snprintf(out, size, "%s", strbuf_str(&names));
    } else {
        (void)snprintf(out, size, "%s:%s",
                       service->action == NULL ? service->signing_name : service->action,
                       row->name);
    }
    strbuf_clear(&names);
}

static void hint_not_found(const struct errors_context *c, const struct resource *r, struct err *e)
{
    if (r->noun != NULL && r->setting != NULL) {
        (void)err_hint_set(e,
                           "no such %s in region %s of this account? name another with %s, or "
                           "create it with infra/",
                           r->noun, c->region, r->setting);
    }
}

static void hint_creds(const struct errors_context *c, const struct failure *f, struct err *e)
{
    const char *source = c->creds == NULL ? "the credentials" : c->creds->source;
    int64_t off = c->skew_ms / 1000;

    if (c->skew_ms >= ERRORS_SKEW_MS || c->skew_ms <= -ERRORS_SKEW_MS) {
        (void)err_hint_set(e, "this machine's clock is %lld s %s the service's: set it right",
                           (long long)(off < 0 ? -off : off), off > 0 ? "behind" : "ahead of");
    } else if (strstr(f->message, "scoped to a valid region") != NULL) {
        (void)err_hint_set(e,
                           "the endpoint is in another region than %s, which was signed for: set "
                           "AWS_REGION, or choose it with --region",
                           c->region);
    } else if (strstr(f->code, "Signature") != NULL) {
        (void)err_hint_set(e, "the secret key does not belong to the key id (%s): set both again",
                           source);
    } else {
        (void)err_hint_set(e,
                           "AWS does not know the key id (from %s): check it, its account and that "
                           "region %s is the right one",
                           source, c->region);
    }
}

static void hint_expired(const struct errors_context *c, struct err *e)
{
    const char *source = c->creds == NULL ? "" : c->creds->source;

    if (strcmp(source, "environment") == 0) {
        (void)err_hint_set(e, "the keys in the environment have expired: set new ones and start "
                              "mvpdash again, or use a --profile");
    } else if (strstr(source, "SSO") != NULL) {
        (void)err_hint_set(e, "run `aws sso login` for %s; mvpdash picks it up by itself", source);
    }
}

static void hint_denied(const struct errors_context *c, const struct resource *r, struct err *e)
{
    char action[ACTION_SIZE];

    action_name(c->op, c->in, action, sizeof action);
    (void)err_hint_set(e,
                       "allow %s%s%s%s%.80s; `mvpdash iam --viewer` and `--operator` print the "
                       "smallest policies",
                       action, r->noun == NULL ? "" : " on ", r->noun == NULL ? "" : r->noun,
                       r->noun == NULL ? "" : " ", r->name);
}

static void hint_service(const struct failure *f, struct err *e)
{
    if (f->foreign && f->proxy_from != NULL && f->status != 407) {
        (void)err_hint_set(
            e, "the proxy of %s, or the endpoint behind it, answered in AWS's place: check both",
            f->proxy_from);
        return;
    }
    if (f->status == 407) {
        (void)err_hint_set(e, "give the proxy's user and password in %s",
                           f->proxy_from != NULL ? f->proxy_from : "HTTPS_PROXY");
    } else if (f->status >= 500) {
        (void)err_hint_set(
            e, "%s",
            f->foreign
                ? "a proxy or gateway answered in AWS's place: check the endpoint and the proxy"
                : "the service has a fault of its own: wait a few minutes; "
                  "https://health.aws.amazon.com lists outages");
    } else if (f->foreign || (f->status >= 300 && f->status < 400)) {
        (void)err_hint_set(e, "check the endpoint; a proxy or a login page of the network may "
                              "answer in its place");
    }
}

enum err_code errors_explain(const struct errors_context *c, const struct failure *f, struct err *e)
{
    enum err_code code = errors_classify(f->status, f->code, f->message);
    struct strbuf words = STRBUF_INIT;
    struct resource r;
    char subject[256];
    char action[ACTION_SIZE];

    if (e == NULL) {
        return code;
    }
    find_resource(c->op, c->in, &r);
    errors_subject(c->op, c->in, subject, sizeof subject);
    text_clean(&words, f->message, strlen(f->message), TEXT_ONE_LINE);
    action_name(c->op, c->in, action, sizeof action);
    if (code == E_DENIED && strstr(f->message, action) == NULL) {
        (void)err_set(e, code, "%s: not allowed to %s: %s (%s)", subject, action,
                      strbuf_str(&words), f->code);
    } else if (f->code[0] >= '0' && f->code[0] <= '9') {
        (void)err_set(e, code, "%s: HTTP %s, %s%s", subject, f->code, strbuf_str(&words),
                      f->foreign ? " (the answer is not from AWS itself)" : "");
    } else {
        (void)err_set(e, code, "%s: %s (%s)", subject, strbuf_str(&words), f->code);
    }
    strbuf_clear(&words);
    e->http_status = f->status;
    (void)snprintf(e->aws_code, sizeof e->aws_code, "%s", f->code);
    struct strbuf id = STRBUF_LIMIT(sizeof e->request_id - 1);
    text_clean(&id, f->request_id, strlen(f->request_id), TEXT_ONE_LINE | TEXT_ASCII);
    (void)snprintf(e->request_id, sizeof e->request_id, "%s", strbuf_str(&id));
    strbuf_clear(&id);
    if (code == E_NOT_FOUND) {
        hint_not_found(c, &r, e);
    } else if (code == E_CREDS) {
        hint_creds(c, f, e);
    } else if (code == E_EXPIRED) {
        hint_expired(c, e);
    } else if (code == E_DENIED) {
        hint_denied(c, &r, e);
    } else if (code == E_SERVICE || code == E_NET) {
        hint_service(f, e);
    }
    return code;
}
