#include "reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/json.h"

static const char json_type[] = "application/json";

void reply_json(struct reply *r, int status, cJSON *doc)
{
    free(r->body);
    r->status = status;
    r->body = json_text(doc);
    r->type = json_type;
    cJSON_Delete(doc);
}

void reply_fail(struct reply *r, int status, const char *code, const char *fmt, ...)
{
    char message[600];
    cJSON *doc = json_new_object();
    cJSON *error = json_new_object();
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    (void)snprintf(r->code, sizeof r->code, "%s", code);
    json_set_str(error, "code", r->code);
    json_set_str(error, "message", message);
    json_set(doc, "error", error);
    reply_json(r, status, doc);
}

/* One row per code of err.h that an operation may end with. What is not here is 502. */
static const struct {
    enum err_code code;
    int status;
    const char *word; /* where AWS gave none */
    int retry_after_s;
} answers[] = {
    {E_USAGE,     400, "bad_request",     0 },
    {E_INVALID,   400, "bad_request",     0 },
    {E_NOT_FOUND, 404, "not_found",       0 },
    {E_CONFLICT,  409, "conflict",        0 },
    {E_TOO_BIG,   502, "reply_too_large", 0 },
    {E_PARSE,     502, "reply_not_json",  0 },
    {E_DENIED,    502, "denied",          0 },
    {E_SERVICE,   502, "refused",         0 },
    {E_CREDS,     502, "no_credentials",  0 },
    {E_EXPIRED,   502, "expired",         0 },
    {E_CONFIG,    502, "misconfigured",   0 },
    {E_NET,       503, "unreachable",     5 },
    {E_TIMEOUT,   503, "timeout",         5 },
    {E_THROTTLED, 503, "throttled",       2 },
    {E_IO,        503, "storage",         30},
    {E_CANCELLED, 503, "shutting_down",   5 },
};

void reply_err(struct reply *r, const struct err *e)
{
    size_t i = 0;

    while (i + 1 < sizeof answers / sizeof *answers && answers[i].code != e->code) {
        i++;
    }
    bool known = answers[i].code == e->code;
    int status = known ? answers[i].status : 502;
    /* AWS misses its own things (a table), not the client's; and what it calls invalid we sent. */
    if (e->aws_code[0] != '\0' && (status == 400 || status == 404)) {
        status = 502;
    }
    const char *code = e->aws_code[0] != '\0' && status >= 500 ? e->aws_code
                       : known                                 ? answers[i].word
                                                               : "failed";
    /* A service that broke down is as good as out of reach. */
    if (e->code == E_SERVICE && e->http_status >= 500) {
        status = 503;
    }
    reply_fail(r, status, code, "%s", e->msg);
    r->retry_after_s =
        status == 503 ? (known && answers[i].retry_after_s > 0 ? answers[i].retry_after_s : 5) : 0;
}

void reply_clear(struct reply *r)
{
    free(r->body);
    *r = (struct reply){.status = 0};
}
