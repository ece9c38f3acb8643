/* Filter lines as any text, and times as any text: an answer or an error, soon. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "jobs/age.h"
#include "jobs/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char record[] =
        "{\"jobId\":{\"S\":\"job_1_abc\"},\"userId\":{\"S\":\"user\"},\"status\":{\"S\":\"FAILED\"}"
        ","
        "\"businessName\":{\"S\":\"My Caf\xc3\xa9 Startup aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"},"
        "\"createdAt\":{\"S\":\"2025-08-20T10:30:00Z\"},\"progress\":{\"N\":\"5\"},"
        "\"features\":{\"SS\":[\"auth\"]},\"lastError\":{\"S\":\"boom\"}}";
    cJSON *item = json_parse(record, sizeof record - 1, "record", NULL);
    struct job *j = job_from_item(item);
    struct job_state s;
    struct err e;
    char *text = xstrndup((const char *)data, size);
    char age[AGE_SIZE];
    int64_t ms = 0;

    job_state_merge(j, NULL, true, INT64_C(1755685900000), NULL, &s);
    struct filter *f = filter_new(text, &e);
    if (f == NULL && (e.code != E_INVALID || e.msg[0] == '\0')) {
        abort();
    }
    (void)filter_match(f, j, NULL, &s, INT64_C(1755685900000));
    (void)filter_wants(f, text);
    (void)filter_wants(f, NULL);
    filter_free(f);
    (void)duration_parse(text, &ms);
    (void)duration_read(text, &ms);
    if (size >= sizeof ms) {
        memcpy(&ms, data, sizeof ms);
        (void)age_text(ms, INT64_C(1755685900000), age);
        (void)age_text(INT64_C(1755685900000), ms, age);
        (void)duration_text(ms, age);
        (void)duration_long(ms, age);
    }
    free(text);
    job_free(j);
    cJSON_Delete(item);
    return 0;
}
