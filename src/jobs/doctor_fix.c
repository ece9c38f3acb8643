/* Remedies that several of the doctor's rules give, and finding the commands within a remedy. */
#include "doctor_fix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"

void doctor_target_fix(const char *before, const cJSON *target, const struct doctor_names *n,
                       struct finding *f)
{
    cJSON *list = json_new_array();

    json_push(list, json_copy(target));
    char *text = json_text(list);
    finding_fix(
        f, "%s`aws events put-targets --region %-s --event-bus-name %-s --rule %-s --targets %-s`",
        before, n->region, n->bus, n->rule, text);
    free(text);
    cJSON_Delete(list);
}

void doctor_grow_fix(const char *before, const cJSON *environment, int64_t vcpus,
                     const struct doctor_names *n, struct finding *f)
{
    int64_t now = json_int(json_object(environment, "computeResources"), "maxvCpus", 8);
    char wanted[32];

    (void)snprintf(wanted, sizeof wanted, "maxvCpus=%lld",
                   (long long)(vcpus > now ? vcpus : now * 2));
    finding_fix(f,
                "%s`aws batch update-compute-environment --region %-s --compute-environment %-s "
                "--compute-resources %-s`",
                before, n->region, json_str_or(environment, "computeEnvironmentName", "NAME"),
                wanted);
}

/* The backquote that ends a command, which stands outside of single quotes; NULL when the command
 * never ends. */
static const char *end_of(const char *p)
{
    bool quoted = false;

    for (; *p != '\0'; p++) {
        if (*p == '\'') {
            quoted = !quoted;
        } else if (*p == '`' && !quoted) {
            return p;
        }
    }
    return NULL;
}

const char *doctor_command(const char *fix, size_t *len)
{
    const char *from = fix == NULL ? NULL : strchr(fix, '`');
    const char *end = from == NULL ? NULL : end_of(from + 1);

    *len = end == NULL ? 0 : (size_t)(end - from) - 1;
    return end == NULL ? NULL : from + 1;
}

char *doctor_commands(const char *fix)
{
    struct strbuf out = STRBUF_INIT;
    size_t len = 0;

    for (const char *k = doctor_command(fix, &len); k != NULL; k = doctor_command(fix, &len)) {
        strbuf_adds(&out, out.len > 0 ? "\n" : "");
        strbuf_add(&out, k, len);
        fix = k + len + 1;
    }
    return out.len == 0 ? NULL : strbuf_take(&out);
}
