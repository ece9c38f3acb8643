/* The token that a line of a file of deploys is recognised by. */
#include "jobs/deploy_token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/map.h"
#include "core/sha256.h"
#include "core/strbuf.h"

struct member {
    const cJSON *v;
    size_t at; /* its place in the object: JSON lets a key stand twice */
};

static int by_key(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int keys = strcmp(x->v->string, y->v->string);

    return keys != 0 ? keys : x->at < y->at ? -1 : x->at > y->at;
}

static void add_value(struct strbuf *out, const cJSON *v);

/* The members are added in the order of their keys, because the order in which a line names them
 * means nothing. */
static void add_object(struct strbuf *out, const cJSON *v)
{
    size_t len = (size_t)cJSON_GetArraySize(v);
    struct member *members = xcalloc(len + 1, sizeof *members);
    const cJSON *m;
    size_t n = 0;

    cJSON_ArrayForEach(m, v)
    {
        members[n] = (struct member){m, n};
        n++;
    }
    qsort(members, n, sizeof *members, by_key);
    for (size_t i = 0; i < n; i++) {
        strbuf_addc(out, i == 0 ? '{' : ',');
        json_quote(out, members[i].v->string);
        strbuf_addc(out, ':');
        add_value(out, members[i].v);
    }
    strbuf_adds(out, n == 0 ? "{}" : "}");
    free(members);
}

static void add_value(struct strbuf *out, const cJSON *v)
{
    const cJSON *x;

    if (cJSON_IsObject(v)) {
        add_object(out, v);
    } else if (cJSON_IsArray(v)) {
        strbuf_addc(out, '[');
        cJSON_ArrayForEach(x, v)
        {
            add_value(out, x);
            strbuf_addc(out, ',');
        }
        strbuf_addc(out, ']');
    } else {
        char *text = json_digits(v) == NULL ? json_text(v) : NULL;
        strbuf_adds(out, text == NULL ? json_digits(v) : text);
        free(text);
    }
}

/* The password is left out, so that the token tells nothing about it. */
static void content_of(const struct deploy_request *r, char out[33])
{
    unsigned char digest[SHA256_SIZE];
    struct strbuf text = STRBUF_INIT;
    cJSON *detail = deploy_detail_json(r, true);

    cJSON_DeleteItemFromObjectCaseSensitive(detail, "timestamp");
    add_value(&text, detail);
    sha256(text.data, text.len, digest);
    for (int i = 0; i < 16; i++) {
        (void)snprintf(out + (size_t)i * 2, 3, "%02x", digest[i]);
    }
    strbuf_wipe(&text);
    cJSON_Delete(detail);
}

void deploy_tokens(const struct deploy_request *r, size_t len, char (*tokens)[DEPLOY_TOKEN_SIZE])
{
    struct map *seen = map_new();
    size_t *counts = xcalloc(len + 1, sizeof *counts);

    for (size_t i = 0; i < len; i++) {
        char content[33];
        content_of(&r[i], content);
        size_t *count = map_find(seen, content);
        if (count == NULL) {
            count = &counts[i];
            (void)map_put(seen, content, count);
        }
        (void)snprintf(tokens[i], DEPLOY_TOKEN_SIZE, "%s-%zu", content, ++*count);
    }
    map_free(seen, NULL);
    free(counts);
}
