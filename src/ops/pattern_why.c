/* Finding out which part of a rule's pattern does not match an event. */
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
    const char *event;           /* the event as text */
    const cJSON *doc;            /* the same event, parsed */
    const char *path[DEPTH_MAX]; /* the names from the root to the part that is tried */
    int depth;
    int tries;
    char *why;
    size_t size;
};

/* A pattern that consists of this part only: {"detail":{"env":[...]}}. */
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

/* Does the event match this part alone? True also when that cannot be told: the part then gets no
 * blame. */
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

/* What the event has in this place; when the path leads into an array, that array. NULL: the event
 * has nothing there. */
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

    strbuf_addf(&b, "rule %s needs ", h->rule);
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

/* Blames the first member of `object` that does not match, the innermost one. When all members
 * match one by one (in elements of different arrays), the object itself is to blame. */
static bool find_in(struct hunt *h, const cJSON *object)
{
    bool found = false;

    for (const cJSON *m = object->child; m != NULL && !found && h->depth < DEPTH_MAX; m = m->next) {
        bool nested = cJSON_IsObject(m) && m->child != NULL;
        h->path[h->depth++] = m->string;
        if (nested && m->child->next == NULL) {
            /* the question would be the same as about the object's only member */
            found = find_in(h, m);
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
