#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/age.h"
#include "src/cli/cli_priv.h"

enum err_code cli_since(const char *option, const char *text, int64_t now_ms, int64_t *out,
                        struct err *e)
{
    int64_t seconds = 0;
    bool has_unit = text[0] != '\0' && strchr("smhdw", text[strlen(text) - 1]) != NULL;

    if (has_unit && duration_parse(text, &seconds)) {
        *out = now_ms - seconds * 1000;
        return E_OK;
    }
    if (time_parse_iso(text, out)) {
        return E_OK;
    }
    return err_set(e, E_INVALID,
                   "--%s: \"%.40s\" is no time; expected 30m, 2h, 7d or 2025-08-20T10:30:00Z",
                   option, text);
}

enum err_code cli_number(const char *option, const char *text, int64_t least, int64_t most,
                         int64_t *out, struct err *e)
{
    char *end = NULL;

    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || n < least || n > most) {
        return err_set(e, E_INVALID,
                       "--%s: \"%.40s\" is not accepted; expected a whole number from %lld to %lld",
                       option, text, (long long)least, (long long)most);
    }
    *out = n;
    return E_OK;
}

const char *cli_time(int64_t ms, char buf[CLI_TIME_SIZE])
{
    char iso[TIME_ISO_SIZE];

    (void)time_iso(ms, iso);
    bool whole = strlen(iso) > 19;
    (void)snprintf(buf, CLI_TIME_SIZE, "%.10s %.8s", whole ? iso : "-", whole ? iso + 11 : "");
    return buf;
}
