/* What the REST API reads in header fields: media types, hosts, origins and entity tags; the text
 * that is cut for a message; and the texts of others that it tells without paths and people. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"
#include "src/api/browser.h"
#include "src/api/hide.h"
#include "src/api/media.h"
#include "src/api/reply.h"

static void texts(const char *s, size_t len)
{
    char *copy = xstrndup(s, len);

    for (int max = 0; max < 12; max++) {
        int n = text_cut(copy, max);
        if (n > max || (text_utf8_valid(copy, strlen(copy)) && !text_utf8_valid(copy, (size_t)n))) {
            abort();
        }
    }
    text_mend(copy);
    if (!text_utf8_valid(copy, strlen(copy))) {
        abort();
    }
    free(copy);
    cJSON_Delete(json_parse_whole(s, len, "fuzz", NULL));
}

static int status_with(const char *none_match, char tag[REPLY_TAG_SIZE])
{
    struct reply r = {.status = 200, .body = xstrdup("{}")};

    reply_tag(&r, none_match, NULL);
    int status = r.status;
    if ((status == 304) != (r.body == NULL) || (status != 200 && status != 304)) {
        abort();
    }
    memcpy(tag, r.tag, sizeof r.tag);
    reply_clear(&r);
    return status;
}

/* Whatever stands in If-None-Match: only a list that holds the tag is answered 304. */
static void tags(const char *list)
{
    char tag[REPLY_TAG_SIZE];

    if (status_with(list, tag) == 304 && strstr(list, tag) == NULL && strchr(list, '*') == NULL) {
        abort();
    }
    char *behind = xasprintf("%s,%s", tag, list);
    if (status_with(behind, tag) != 304) {
        abort();
    }
    free(behind);
}

/* Bytes that were UTF-8 stay so. */
static void hidden(const char *s)
{
    bool valid = text_utf8_valid(s, strlen(s));
    char *paths = hide_paths(s);
    char *actor = hide_actor(s);

    if (valid &&
        (!text_utf8_valid(paths, strlen(paths)) || !text_utf8_valid(actor, strlen(actor)))) {
        abort();
    }
    free(paths);
    free(actor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    char *s = xstrndup((const char *)data + 1, size - 1);
    const struct browser_ask ask = {.host = s, .origin = s, .site = s};
    const char *code = NULL;

    switch (data[0] % 5) {
    case 0:
        (void)!media_is_json(s);
        (void)!media_is_plain(s);
        break;
    case 1:
        (void)!browser_check_origin(s, NULL);
        if (!browser_is_loopback(s) && browser_refusal(&ask, NULL, 0, &code) == NULL) {
            abort();
        }
        break;
    case 2:
        tags(s);
        break;
    case 3:
        hidden(s);
        break;
    default:
        texts((const char *)data + 1, size - 1);
        break;
    }
    free(s);
    return 0;
}
