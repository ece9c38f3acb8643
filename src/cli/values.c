/* Reading values that people type: times, numbers, addresses. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "jobs/age.h"
#include "ops/list.h"
#include "src/cli/cli_priv.h"

enum err_code cli_since(const char *option, const char *text, int64_t now_ms, int64_t *out,
                        struct err *e)
{
    if (since_parse(text, now_ms, out)) {
        return E_OK;
    }
    return err_set(e, E_INVALID,
                   "--%s: \"%.*s\" is not a time; expected 30m, 2h, 7d or 2025-08-20T10:30:00Z",
                   option, text_cut(text, 40), text);
}

enum err_code cli_number(const char *option, const char *text, int64_t least, int64_t most,
                         int64_t *out, struct err *e)
{
    char *end = NULL;

    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || n < least || n > most) {
        return err_set(e, E_INVALID,
                       "--%s: \"%.*s\" is not accepted; expected a whole number from %lld to %lld",
                       option, text_cut(text, 40), text, (long long)least, (long long)most);
    }
    *out = n;
    return E_OK;
}

enum err_code cli_whose(const struct cli *c, const char **user, const char **status, struct err *e)
{
    *user = args_get(&c->args, "user");
    *status = args_get(&c->args, "status");
    if (*user != NULL && (*user)[0] == '\0') {
        return err_set(e, E_INVALID, "--user: the value is empty; expected a user id");
    }
    return *status == NULL || list_status_check(*status, e) == E_OK ? E_OK
                                                                    : err_wrap(e, "--status");
}

enum err_code cli_listen(const char *text, char **host, uint16_t *port, struct err *e)
{
    const char *colon = strrchr(text, ':');
    const char *digits = colon == NULL ? text : colon + 1;
    const char *at = text;
    size_t len = colon == NULL ? 0 : (size_t)(colon - text);
    int64_t n = 0;

    if (len >= 2 && at[0] == '[' && at[len - 1] == ']') {
        at++;
        len -= 2;
    }
    if (digits[0] == '\0' || cli_number("listen", digits, 0, 65535, &n, NULL) != E_OK) {
        return err_set(e, E_INVALID, "--listen: \"%.*s\" is not ADDR:PORT, such as 127.0.0.1:4599",
                       text_cut(text, 60), text);
    }
    *port = (uint16_t)n;
    *host = len == 0 ? NULL : xstrndup(at, len);
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
