/* Failing and clearing the reply of an operation. */
#include "reply.h"

#include <stdarg.h>
#include <stdio.h>

void cloud_fail(struct cloud_reply *r, int status, const char *code, const char *fmt, ...)
{
    va_list args;

    cJSON_Delete(r->out);
    r->out = NULL;
    r->raw = false;
    r->status = status;
    (void)snprintf(r->code, sizeof r->code, "%s", code);
    va_start(args, fmt);
    (void)vsnprintf(r->message, sizeof r->message, fmt, args);
    va_end(args);
}

void cloud_reply_clear(struct cloud_reply *r)
{
    cJSON_Delete(r->out);
    *r = (struct cloud_reply){.status = 200};
}
