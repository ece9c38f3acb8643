/* What a message of the dead letter queue says, and the entry that sends it again. Nothing here
 * makes a request. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/number.h"
#include "core/text.h"
#include "jobs/batch.h"
#include "ops/dlq.h"

static const char cause_gone[] =
    "the target is missing: create the job queue and an ACTIVE revision of the job definition (or "
    "correct the rule's target), then redrive";
static const char cause_role[] =
    "EventBridge could not use the target's role: let it trust events.amazonaws.com and allow "
    "batch:SubmitJob on the queue and the definition, then redrive";
static const char cause_input[] =
    "the target refused what the rule gave it: look at its InputTransformer and BatchParameters, "
    "correct them, then redrive";
static const char cause_passing[] = "the fault is temporary: redrive";
static const char cause_hops[] =
    "the event went through too many buses: send it to the bus that has the rule";

static const struct {
    const char *code;
    const char *remedy;
} remedies[] = {
    {"NO_RESOURCE",                      cause_gone                                                 },
    {"NO_PERMISSIONS",                   cause_role                                                 },
    {"FAILED_TO_ASSUME_ROLE",            cause_role                                                 },
    {"TRANSIENT_ASSUME_ROLE",            cause_passing                                              },
    {"INVALID_PARAMETER",                cause_input                                                },
    {"INVALID_JSON",                     cause_input                                                },
    {"SDK_CLIENT_ERROR",                 cause_input                                                },
    {"THROTTLING",                       cause_passing                                              },
    {"TIMEOUT",                          cause_passing                                              },
    {"CONNECTION_FAILURE",               cause_passing                                              },
    {"INTERNAL_ERROR",                   cause_passing                                              },
    {"EVENTS_IN_BATCH_REQUEST_REJECTED", cause_passing                                              },
    {"RESOURCE_MODIFICATION_COLLISION",  cause_passing                                              },
    {"RESOURCE_LIMIT_EXCEEDED",
     "a limit of the target was reached: raise it or wait, then redrive"                            },
    {"RESOURCE_ALREADY_EXISTS",          "what the event asks for already exists: purge the message"},
    {"CROSS_ACCOUNT_INGESTION_FAILED",
     "the bus of the other account refused it: look at that bus's policy"                           },
    {"CROSS_REGION_INGESTION_FAILED",
     "the bus of the other region refused it: look at the role and that bus"                        },
    {"THIRD_ACCOUNT_HOP_DETECTED",       cause_hops                                                 },
    {"THIRD_REGION_HOP_DETECTED",        cause_hops                                                 },
    {"ERROR_FROM_TARGET",
     "the target refused it: read its message below, correct the cause, then redrive"               },
};

const char *dlq_remedy(const char *error_code)
{
    for (size_t i = 0; error_code != NULL && i < sizeof remedies / sizeof *remedies; i++) {
        if (strcmp(error_code, remedies[i].code) == 0) {
            return remedies[i].remedy;
        }
    }
    return error_code == NULL ? "EventBridge did not put it here: look at its body"
                              : "read its message below, correct the cause, then redrive";
}

bool dlq_bus_of_rule(const char *rule_arn, char bus[DLQ_BUS_SIZE])
{
    const char *p = rule_arn;

    bus[0] = '\0';
    if (p == NULL || strncmp(p, "arn:", 4) != 0) {
        return false;
    }
    /* The form is arn:aws:events:REGION:ACCOUNT:rule/[BUS/]NAME; the name of a partner's bus has
     * slashes. */
    for (int i = 0; i < 5 && p != NULL; i++) {
        const char *next = strchr(p, ':');
        if (i == 2 && strncmp(p, "events:", 7) != 0) {
            return false;
        }
        p = next == NULL ? NULL : next + 1;
    }
    if (p == NULL || strncmp(p, "rule/", 5) != 0) {
        return false;
    }
    p += 5;
    const char *cut = strrchr(p, '/');
    size_t n = cut == NULL ? 0 : (size_t)(cut - p);
    if ((cut == NULL ? p : cut + 1)[0] == '\0' || (cut != NULL && n == 0) || n >= DLQ_BUS_SIZE) {
        return false;
    }
    (void)snprintf(bus, DLQ_BUS_SIZE, "%.*s", cut == NULL ? 7 : (int)n,
                   cut == NULL ? "default" : p);
    return true;
}

/* ---- decoding ---- */

static char *attribute(const cJSON *doc, const char *name)
{
    const char *v =
        json_str(json_object(json_object(doc, "MessageAttributes"), name), "StringValue");

    return v == NULL ? NULL : xstrdup(v);
}

/* A count, which SQS gives as a string of digits. */
static int64_t digits(const char *s, int64_t fallback)
{
    int64_t n = fallback;

    (void)number_parse(s, 0, INT64_MAX, &n);
    return n;
}

static void read_event(struct dlq_message *m)
{
    struct err e = {0};
    cJSON *doc = json_parse(m->body, strlen(m->body), "body", &e);

    if (doc == NULL) {
        (void)snprintf(m->not_event, sizeof m->not_event, "%.*s", text_cut(e.msg, 150), e.msg);
    } else if (json_str(doc, "source") == NULL || json_str(doc, "detail-type") == NULL ||
               json_object(doc, "detail") == NULL) {
        (void)snprintf(m->not_event, sizeof m->not_event,
                       "JSON, but without the source, detail-type and detail of an event");
    } else {
        m->event = doc;
        doc = NULL;
    }
    cJSON_Delete(doc);
}

/* Finds the job that the event is about: a deploy names its job; a change of a Batch job has it in
 * the container's environment or in the parameters. */
void dlq_message_job(struct dlq_message *m)
{
    const cJSON *detail = json_object(m->event, "detail");
    m->job_id[0] = '\0';
    bool of_batch = strcmp(json_str_or(m->event, "source", ""), "aws.batch") == 0;
    struct batch_job *b = of_batch ? batch_job_from_json(detail) : NULL;
    const char *id = of_batch ? (b == NULL ? NULL : b->job_id) : json_str(detail, "jobId");

    if (id != NULL && job_id_valid(id)) {
        (void)snprintf(m->job_id, sizeof m->job_id, "%s", id);
    }
    batch_job_free(b);
}

void dlq_message_read(struct dlq_message *m, const cJSON *doc)
{
    const cJSON *system = json_object(doc, "Attributes");

    *m = (struct dlq_message){.id = xstrdup(json_str_or(doc, "MessageId", "")),
                              .receipt = xstrdup(json_str_or(doc, "ReceiptHandle", "")),
                              .body = xstrdup(json_str_or(doc, "Body", "")),
                              .rule_arn = attribute(doc, "RULE_ARN"),
                              .target_arn = attribute(doc, "TARGET_ARN"),
                              .error_code = attribute(doc, "ERROR_CODE"),
                              .error_message = attribute(doc, "ERROR_MESSAGE"),
                              .exhausted = attribute(doc, "EXHAUSTED_RETRY_CONDITION"),
                              .sent_ms = digits(json_str(system, "SentTimestamp"), TIME_NONE),
                              .receives = digits(json_str(system, "ApproximateReceiveCount"), 0)};
    char *retries = attribute(doc, "RETRY_ATTEMPTS");
    m->retries = digits(retries, -1);
    free(retries);
    read_event(m);
    if (m->event != NULL) {
        dlq_message_job(m);
    }
}

void dlq_message_clear(struct dlq_message *m)
{
    free(m->id);
    free(m->receipt);
    free(m->body);
    cJSON_Delete(m->event);
    free(m->rule_arn);
    free(m->target_arn);
    free(m->error_code);
    free(m->error_message);
    free(m->exhausted);
    *m = (struct dlq_message){0};
}

/* ---- sending again ---- */

static cJSON *resources_of(const cJSON *event)
{
    const cJSON *from = json_array(event, "resources");
    const cJSON *v;
    cJSON *list = NULL;

    cJSON_ArrayForEach(v, from)
    {
        if (cJSON_IsString(v)) {
            list = list == NULL ? json_new_array() : list;
            json_push_str(list, v->valuestring);
        }
    }
    return list;
}

cJSON *dlq_entry(const struct dlq_message *m, struct err *e)
{
    char bus[DLQ_BUS_SIZE];
    const char *source = json_str_or(m->event, "source", "");

    if (m->event == NULL) {
        (void)err_set(e, E_INVALID, "it is not an event (%s)", m->not_event);
        (void)err_hint_set(e, "`mvpdash dlq purge MESSAGE_ID` deletes it");
        return NULL;
    }
    if (strncmp(source, "aws.", 4) == 0) {
        (void)err_set(e, E_INVALID, "its source is %.*s: only AWS itself may send such events",
                      text_cut(source, 60), source);
        (void)err_hint_set(e, "read the state from Batch instead; `mvpdash dlq purge MESSAGE_ID` "
                              "deletes the message");
        return NULL;
    }
    if (!dlq_bus_of_rule(m->rule_arn, bus)) {
        (void)err_set(e, E_INVALID, "it does not say for which rule it was (RULE_ARN is %.*s)",
                      text_cut(m->rule_arn == NULL ? "missing" : m->rule_arn, 120),
                      m->rule_arn == NULL ? "missing" : m->rule_arn);
        (void)err_hint_set(e, "`mvpdash event` sends an event to a bus that you choose");
        return NULL;
    }
    cJSON *entry = json_new_object();
    cJSON *exact = json_copy_exact(json_object(m->event, "detail"));
    char *detail = json_text(exact);
    json_set_str(entry, "Source", source);
    json_set_str(entry, "DetailType", json_str(m->event, "detail-type"));
    json_set_str(entry, "EventBusName", bus);
    json_set_str(entry, "Detail", detail);
    cJSON *resources = resources_of(m->event);
    if (resources != NULL) {
        json_set(entry, "Resources", resources);
    }
    free(detail);
    cJSON_Delete(exact);
    return entry;
}
