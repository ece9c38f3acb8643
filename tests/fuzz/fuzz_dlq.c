/* A message of the dead letter queue with any document, and with any body: is read, and what can be
 * sent again is a whole entry. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/json.h"
#include "ops/dlq.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_one(const cJSON *doc)
{
    struct dlq_message m;

    dlq_message_read(&m, doc);
    cJSON *entry = dlq_entry(&m, NULL);
    if ((m.event == NULL) != (m.not_event[0] != '\0') ||
        (entry != NULL &&
         (json_str_or(entry, "EventBusName", "")[0] == '\0' || json_str(entry, "Detail") == NULL ||
          json_str(entry, "Source") == NULL || json_str(entry, "DetailType") == NULL))) {
        abort();
    }
    struct dlq_edit d = {0};
    /* What may be sent may be edited, and an edit that changes nothing keeps every part. */
    if (dlq_edit_of(&m, &d, NULL) == E_OK) {
        if (entry == NULL) {
            abort();
        }
        (void)!dlq_message_edit(&m, &d, NULL);
        cJSON *again = dlq_entry(&m, NULL);
        if (again == NULL) {
            abort();
        }
        cJSON_Delete(again);
    }
    dlq_edit_clear(&d);
    cJSON_Delete(entry);
    dlq_message_clear(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cJSON *whole = json_parse((const char *)data, size, "message", NULL);
    char *text = xstrndup((const char *)data, size);
    cJSON *doc = json_new_object();
    cJSON *attributes = json_new_object();
    cJSON *rule = json_new_object();

    read_one(whole);
    json_set_str(rule, "StringValue", "arn:aws:events:us-east-1:000000000000:rule/b/r");
    json_set(attributes, "RULE_ARN", rule);
    json_set_str(doc, "Body", text);
    json_set(doc, "MessageAttributes", attributes);
    read_one(doc);
    cJSON_Delete(doc);
    cJSON_Delete(whole);
    free(text);
    return 0;
}
