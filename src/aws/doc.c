/* Building request documents and taking replies apart. */
#include "doc.h"

#include "core/alloc.h"
#include "core/json.h"

void doc_borrow(cJSON *doc, const char *key, const cJSON *value)
{
    if (value != NULL) {
        /* The reference is a node of its own that shares the children; cJSON only reads them. */
        cJSON *shared = json_new_object();
        cJSON *child = value->child;
        shared->type = (value->type & 0xff) | cJSON_IsReference;
        shared->child = child;
        json_set(doc, key, shared);
    }
}

void doc_opt_str(cJSON *doc, const char *key, const char *s)
{
    if (s != NULL) {
        json_set_str(doc, key, s);
    }
}

cJSON *doc_take_array(cJSON *reply, const char *key)
{
    if (json_array(reply, key) == NULL) {
        return json_new_array();
    }
    return cJSON_DetachItemFromObjectCaseSensitive(reply, key);
}

cJSON *doc_take_object(cJSON *reply, const char *key)
{
    if (json_object(reply, key) == NULL) {
        return NULL;
    }
    return cJSON_DetachItemFromObjectCaseSensitive(reply, key);
}

char *doc_dup_str(const cJSON *reply, const char *key)
{
    const char *s = json_str(reply, key);

    return s == NULL || *s == '\0' ? NULL : xstrdup(s);
}

void doc_append(cJSON *to, cJSON *from)
{
    cJSON *v = from->child;

    from->child = NULL;
    while (v != NULL) {
        cJSON *next = v->next;
        v->next = NULL;
        v->prev = NULL;
        json_push(to, v);
        v = next;
    }
    cJSON_Delete(from);
}

enum err_code doc_call(struct aws_client *c, enum aws_op_id op, cJSON *in, cJSON **out,
                       struct err *e)
{
    enum err_code rc = aws_call(c, op, in, out, e);

    cJSON_Delete(in);
    return rc;
}
