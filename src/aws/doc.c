/* Building request documents and taking replies apart. */
#include "doc.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"

enum { PAGES_MAX = 1000 }; /* no service has that many pages: its paging never ends */

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

enum err_code doc_pages(struct aws_client *c, enum aws_op_id op, cJSON *in, const char *member,
                        doc_page_fn take, void *arg, struct err *e)
{
    const char *name = aws_op_get(op)->name;
    enum err_code rc = E_OK;
    char *token = NULL;

    for (int page = 0; rc == E_OK && (page == 0 || token != NULL); page++) {
        cJSON *reply = NULL;
        char *next = NULL;
        if (token != NULL) {
            json_set_str(in, member, token);
        }
        rc = page == PAGES_MAX
                 ? err_set(e, E_SERVICE, "%s: over %d pages without an end", name, PAGES_MAX)
                 : aws_call(c, op, in, &reply, e);
        if (rc == E_OK) {
            rc = take(arg, reply, &next, e);
        }
        if (rc == E_OK && next != NULL && token != NULL && strcmp(next, token) == 0) {
            rc = err_set(e, E_SERVICE, "%s: the service gives the same page again and again", name);
        }
        cJSON_Delete(reply);
        free(token);
        token = next;
    }
    free(token);
    cJSON_Delete(in);
    return rc;
}

struct list {
    const char *member;
    const char *token;
    cJSON *all;
};

static enum err_code take_elements(void *arg, cJSON *reply, char **next, struct err *e)
{
    struct list *l = arg;

    (void)e;
    doc_append(l->all, doc_take_array(reply, l->member));
    *next = doc_dup_str(reply, l->token);
    return E_OK;
}

enum err_code doc_list(struct aws_client *c, enum aws_op_id op, cJSON *in, const char *member,
                       const char *token, cJSON **all, struct err *e)
{
    struct list l = {.member = member, .token = token, .all = json_new_array()};
    enum err_code rc = doc_pages(c, op, in, token, take_elements, &l, e);

    if (rc != E_OK) {
        cJSON_Delete(l.all);
        l.all = NULL;
    }
    *all = l.all;
    return rc;
}
