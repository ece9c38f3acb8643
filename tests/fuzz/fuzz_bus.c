/* Rules, targets and events with any content: the lines about them are made without a crash. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "jobs/event_form.h"
#include "jobs/target_job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line is an event as a person types it, the rest what a Batch target is given. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char target_text[] =
        "{\"Arn\":\"arn:aws:batch:r:1:job-queue/q\",\"BatchParameters\":{\"JobName\":\"n\","
        "\"JobDefinition\":\"d\"}}";
    const char *cut = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t len = cut != NULL ? (size_t)(cut - (const char *)data) : size;
    char *input = cut != NULL ? xstrndup(cut + 1, size - len - 1) : xstrdup("{}");
    cJSON *target = json_parse(target_text, sizeof target_text - 1, "target", NULL);
    enum event_form form;
    cJSON *event = NULL;
    cJSON *submit = NULL;

    if (event_form_read((const char *)data, len, "s", "t", &event, &form, NULL) == E_OK &&
        (json_str(event, "source") == NULL || json_str(event, "detail-type") == NULL ||
         json_object(event, "detail") == NULL)) {
        abort(); /* EventBridge wants all three */
    }
    if (target_job_submit(target, input, &submit, NULL) == E_OK &&
        json_str(submit, "jobQueue") == NULL) {
        abort();
    }
    cJSON_Delete(submit);
    cJSON_Delete(event);
    cJSON_Delete(target);
    free(input);
    return 0;
}
