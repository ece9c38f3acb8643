/* The typed calls of IAM. */
#include "aws/iam.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "doc.h"

enum { POLICY_MAX = 64 * 1024 };

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

char *iam_decode(const char *text)
{
    struct strbuf b = STRBUF_LIMIT(POLICY_MAX);

    for (const char *p = text; *p != '\0'; p++) {
        int high = *p == '%' ? hex_value(p[1]) : -1;
        int low = high < 0 ? -1 : hex_value(p[2]);
        if (low >= 0 && high * 16 + low != 0) {
            strbuf_addc(&b, (char)(high * 16 + low));
            p += 2;
        } else {
            strbuf_addc(&b, *p);
        }
    }
    return strbuf_take(&b);
}

enum err_code iam_get_role(struct aws_client *c, const char *name, cJSON **role, struct err *e)
{
    cJSON *in = json_new_object();
    cJSON *reply = NULL;

    json_set_str(in, "RoleName", name);
    enum err_code rc = doc_call(c, AWS_OP_IAM_GET_ROLE, in, &reply, e);
    *role = rc == E_OK ? doc_take_object(reply, "Role") : NULL;
    cJSON_Delete(reply);
    if (rc == E_OK && *role == NULL) {
        return err_set(e, E_PARSE, "GetRole: the reply has no Role");
    }
    const char *trust = json_str(*role, "AssumeRolePolicyDocument");
    if (trust != NULL) {
        char *text = iam_decode(trust);
        json_set_str(*role, "AssumeRolePolicyDocument", text);
        free(text);
    }
    return rc;
}

static void add_list(cJSON *in, const char *name, const char *const *values, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char *key = xasprintf("%s.member.%zu", name, i + 1);
        json_set_str(in, key, values[i]);
        free(key);
    }
}

static enum err_code take_results(void *arg, cJSON *reply, char **next, struct err *e)
{
    (void)e;
    doc_append(arg, doc_take_array(reply, "EvaluationResults"));
    if (strcmp(json_str_or(reply, "IsTruncated", "false"), "true") == 0) {
        *next = doc_dup_str(reply, "Marker");
    }
    return E_OK;
}

enum err_code iam_simulate(struct aws_client *c, const struct iam_question *q, cJSON **results,
                           struct err *e)
{
    cJSON *in = json_new_object();
    cJSON *all = json_new_array();

    json_set_str(in, "PolicySourceArn", q->principal);
    add_list(in, "ActionNames", q->actions, q->actions_len);
    add_list(in, "ResourceArns", q->resources, q->resources_len);
    enum err_code rc =
        doc_pages(c, AWS_OP_IAM_SIMULATE_PRINCIPAL_POLICY, in, "Marker", take_results, all, e);
    if (rc != E_OK) {
        cJSON_Delete(all);
        all = NULL;
    }
    *results = all;
    return rc;
}
