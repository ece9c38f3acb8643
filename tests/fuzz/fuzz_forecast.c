/* A kept history of any bytes, and one of any jobs with the right checksum: it is read or refused,
 * what is asked of it never lies in the past, and what was read is written and read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/hash.h"
#include "core/json.h"
#include "jobs/forecast.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes of a history of `size` / 24 jobs or so. */
static void with_sum(struct strbuf *b, const uint8_t *data, size_t size)
{
    uint64_t n = size == 0 ? 0 : data[0];
    uint64_t sum;

    data += size > 0;
    size -= size > 0;
    sum = hash_bytes(HASH_START, data, size);
    strbuf_add(b, "mvphist1", 8);
    for (int i = 0; i < 4; i++) {
        strbuf_addc(b, (char)(n >> (8 * i)));
    }
    for (int i = 0; i < 8; i++) {
        strbuf_addc(b, (char)(sum >> (8 * i)));
    }
    strbuf_add(b, (const char *)data, size);
}

static void ask(const struct forecast *f)
{
    static const char text[] = "{\"jobId\":{\"S\":\"j\"},\"status\":{\"S\":\"IN_PROGRESS\"},"
                               "\"startedAt\":{\"N\":\"1755685000\"}}";
    cJSON *item = json_parse(text, sizeof text - 1, "fuzz", NULL);
    struct job *j = job_from_item(item);
    struct job_state s;

    for (int64_t now = 1755685000000; now < 1755685000000 + (1LL << 33); now += 1LL << 29) {
        struct eta x;
        job_state_merge(j, NULL, false, now, NULL, &s);
        if (forecast_eta(f, j, &s, now, &x) && (x.low_ms < now || x.high_ms < x.low_ms)) {
            abort();
        }
    }
    job_free(j);
    cJSON_Delete(item);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct forecast *f = forecast_new();
    struct forecast *again = forecast_new();
    struct strbuf b = STRBUF_INIT;

    (void)forecast_from(f, data, size);
    with_sum(&b, data, size);
    (void)forecast_from(f, b.data, b.len);
    forecast_settle(f);
    ask(f);
    strbuf_reset(&b);
    forecast_bytes(f, &b);
    if (!forecast_from(again, b.data, b.len) || forecast_len(again) != forecast_len(f)) {
        abort();
    }
    strbuf_clear(&b);
    forecast_free(f);
    forecast_free(again);
    return 0;
}
