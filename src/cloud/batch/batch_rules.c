/* Batch of the local cloud: two rules that need no store: parameters in a command, and whether an
 * attempt is tried again. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "batch.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"

static size_t reference_len(const char *s)
{
    size_t n = 0;
    while (isalnum((unsigned char)s[n]) || s[n] == '_' || s[n] == '-') {
        n++;
    }
    return n;
}

static char *resolve_text(const char *s, const cJSON *parameters)
{
    struct strbuf b = STRBUF_INIT;

    while (*s != '\0') {
        size_t n = strncmp(s, "Ref::", 5) == 0 ? reference_len(s + 5) : 0;
        char *name = n > 0 ? xstrndup(s + 5, n) : NULL;
        const char *value = name != NULL ? json_str(parameters, name) : NULL;
        free(name);
        if (value != NULL) {
            strbuf_adds(&b, value);
            s += 5 + n;
        } else {
            strbuf_addc(&b, *s++);
        }
    }
    return strbuf_take(&b);
}

cJSON *cloud_batch_resolve(const cJSON *command, const cJSON *parameters)
{
    cJSON *out = json_new_array();

    for (const cJSON *v = command != NULL ? command->child : NULL; v != NULL; v = v->next) {
        char *text = resolve_text(cJSON_IsString(v) ? v->valuestring : "", parameters);
        json_push_str(out, text);
        free(text);
    }
    return out;
}

bool cloud_batch_glob(const char *pattern, const char *value)
{
    size_t n = strlen(pattern);

    if (n > 0 && pattern[n - 1] == '*') {
        return strncmp(pattern, value, n - 1) == 0;
    }
    return strcmp(pattern, value) == 0;
}

bool cloud_batch_retries(const cJSON *job, int exit_code, const char *reason,
                         const char *status_reason)
{
    const cJSON *strategy = json_object(job, "retryStrategy");
    const cJSON *rules = json_array(strategy, "evaluateOnExit");
    char code[16];

    if (cJSON_GetArraySize(json_array(job, "attempts")) >= json_int(strategy, "attempts", 1)) {
        return false;
    }
    (void)snprintf(code, sizeof code, "%d", exit_code);
    for (const cJSON *rule = rules != NULL ? rules->child : NULL; rule != NULL; rule = rule->next) {
        const char *on_code = json_str(rule, "onExitCode"), *on_reason = json_str(rule, "onReason");
        const char *on_status = json_str(rule, "onStatusReason");
        if ((on_code == NULL || cloud_batch_glob(on_code, code)) &&
            (on_reason == NULL || cloud_batch_glob(on_reason, reason)) &&
            (on_status == NULL || cloud_batch_glob(on_status, status_reason))) {
            return strcasecmp(json_str_or(rule, "action", ""), "RETRY") == 0;
        }
    }
    return true;
}
