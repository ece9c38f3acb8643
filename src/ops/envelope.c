/* The whole event that a bus makes of the entry that is put on it. */
#include "envelope.h"

#include <string.h>

#include "core/json.h"

/* Copies the account out of an ARN ("arn:aws:events:region:ACCOUNT:rule/..."). */
static void account_of(const char *arn, char out[16])
{
    int colons = 0;
    size_t n = 0;

    for (; arn != NULL && *arn != '\0' && colons < 5; arn++) {
        if (*arn == ':') {
            colons++;
        } else if (colons == 4 && n + 1 < 16) {
            out[n++] = *arn;
        }
    }
    out[n] = '\0';
    if (n == 0) {
        memcpy(out, "000000000000", sizeof "000000000000");
    }
}

static void fill_str(cJSON *event, const char *key, const char *value)
{
    if (json_get(event, key) == NULL) {
        json_set_str(event, key, value);
    }
}

void envelope_fill(const struct ops *o, const char *arn, cJSON *event)
{
    char account[16];
    char at[TIME_ISO_SIZE];

    account_of(arn, account);
    fill_str(event, "version", "0");
    fill_str(event, "id", "00000000-0000-0000-0000-000000000000");
    fill_str(event, "account", account);
    fill_str(event, "time", time_iso(clock_wall_ms(o->clock), at));
    fill_str(event, "region", aws_client_region(o->aws));
    if (json_get(event, "resources") == NULL) {
        json_set(event, "resources", json_new_array());
    }
}
