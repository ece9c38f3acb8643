#include "pattern_why.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/events.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "core/text.h"

enum { TRIES_MAX = 12, DEPTH_MAX = 16, TEXT_SHOWN = 80 };

struct hunt {
    const struct ops *o;
    const char *rule;
    const char *event;           /* text */
    const cJSON *doc;            /* the same, parsed */
    const char *path[DEPTH_MAX]; /* names from the root to what is tried */
    int depth;
    int tries;
    char *why;
    size_t size;
};

/* The pattern with this part only: {"detail":{"env":[...]}}. */
static cJSON *only(const struct hunt *h, const cJSON *value)
{
    cJSON *root = json_new_object();
    cJSON *at = root;

    for (int i = 0; i + 1 < h->depth; i++) {
        cJSON *inner = json_new_object();
        json_set(at, h->path[i], inner);
        at = inner;
    }
    json_set(at, h->path[h->depth - 1], json_copy(value));
    return root;
}

/* Does the event match this part alone? True when that cannot be told: it is not to blame then. */
static bool part_matches(struct hunt *h, const cJSON *value)
{
    bool matches = true;

    if (h->tries++ >= TRIES_MAX) {
        return true;
    }
    cJSON *part = only(h, value);
    char *text = json_text(part);
    enum err_code rc = events_test_pattern(h->o->aws, text, h->event, &matches, NULL);
    free(text);
    cJSON_Delete(part);
    return rc != E_OK || matches;
}

/* What the event has there; the array where the path leads into one. NULL: nothing. */
static const cJSON *found_at(const struct hunt *h)
{
    const cJSON *at = h->doc;

    for (int i = 0; i < h->depth && at != NULL && !cJSON_IsArray(at); i++) {
        at = json_get(at, h->path[i]);
    }
    return at;
}

static void shown(const cJSON *v, struct strbuf *out)
{
    char *text = NULL;

    if (v != NULL) {
        cJSON *masked = json_copy(v);
        secret_mask_json(masked);
        text = json_text(masked);
        cJSON_Delete(masked);
    }
    if (text == NULL) {
        strbuf_adds(out, "nothing");
    } else {
        size_t len = strlen(text);
        text_clean(out, text, len > TEXT_SHOWN ? TEXT_SHOWN : len, TEXT_ONE_LINE);
        strbuf_adds(out, len > TEXT_SHOWN ? "..." : "");
    }
    free(text);
}

static void blame(struct hunt *h, const cJSON *value)
{
    struct strbuf b = STRBUF_LIMIT(2000);

    strbuf_addf(&b, "rule %s wants ", h->rule);
    for (int i = 0; i < h->depth; i++) {
        strbuf_addf(&b, "%s%s", i == 0 ? "" : ".", h->path[i]);
    }
    strbuf_adds(&b, " in ");
    shown(value, &b);
    strbuf_adds(&b, "; the event has ");
    shown(found_at(h), &b);
    (void)snprintf(h->why, h->size, "%s", strbuf_str(&b));
    strbuf_clear(&b);
}

/* Blames the first member of `object` that does not match, the innermost one: an object whose
 * members all match one by one (elements of different arrays) is to blame itself. */
static bool find_in(struct hunt *h, const cJSON *object)
{
    bool found = false;

    for (const cJSON *m = object->child; m != NULL && !found && h->depth < DEPTH_MAX; m = m->next) {
        bool nested = cJSON_IsObject(m) && m->child != NULL;
        h->path[h->depth++] = m->string;
        if (nested && m->child->next == NULL) {
            found = find_in(h, m); /* the same question as about its only member */
        } else if (!part_matches(h, m)) {
            found = nested && find_in(h, m);
            if (!found) {
                blame(h, m);
                found = true;
            }
        }
        h->depth--;
    }
    return found;
}

void pattern_why(const struct ops *o, const char *rule, const cJSON *pattern, const cJSON *event,
                 char *why, size_t size)
{
    char *text = json_text(event);
    struct hunt h = {.o = o, .rule = rule, .event = text, .doc = event, .why = why, .size = size};

    (void)snprintf(why, size, "the pattern of rule %s does not match the event", rule);
    if (cJSON_IsObject(pattern)) {
        (void)find_in(&h, pattern);
    }
    free(text);
}
