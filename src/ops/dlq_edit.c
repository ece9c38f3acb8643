#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"
#include "jobs/job_json.h"
#include "ops/dlq.h"

/* A message's event, changed by a person before it is sent again. Nothing here makes a request. */

enum { TYPE_MAX = 128, SOURCE_MAX = 256, ENTRY_MAX = 256 * 1024 };

static void wipe(char **s)
{
    if (*s != NULL) {
        explicit_bzero(*s, strlen(*s));
        free(*s);
        *s = NULL;
    }
}

void dlq_edit_clear(struct dlq_edit *d)
{
    wipe(&d->source);
    wipe(&d->detail_type);
    wipe(&d->detail);
}

void dlq_edit_copy(struct dlq_edit *to, const struct dlq_edit *from)
{
    *to =
        (struct dlq_edit){xstrdup(from->source), xstrdup(from->detail_type), xstrdup(from->detail)};
}

/* JSON with what a terminal would obey as \uXXXX, so that it can be typed over. */
static char *typeable(const char *json)
{
    struct strbuf out = STRBUF_INIT;
    size_t len = strlen(json);

    for (size_t i = 0; i < len;) {
        uint32_t cp = 0;
        size_t n = text_utf8_decode(json + i, len - i, &cp);
        if (n == 0) {
            n = 1;
        }
        if (cp > 0x7e && cp <= 0xffff && text_is_dangerous(cp)) {
            strbuf_addf(&out, "\\u%04x", (unsigned)cp);
        } else {
            strbuf_add(&out, json + i, n);
        }
        i += n;
    }
    return strbuf_take(&out);
}

enum err_code dlq_edit_of(const struct dlq_message *m, struct dlq_edit *out, struct err *e)
{
    cJSON *entry = dlq_entry(m, e);

    *out = (struct dlq_edit){0};
    if (entry == NULL) {
        return E_INVALID;
    }
    cJSON_Delete(entry);
    cJSON *detail = json_copy_exact(json_object(m->event, "detail"));
    job_json_mask(detail);
    char *text = json_text(detail);
    *out = (struct dlq_edit){.source = xstrdup(json_str(m->event, "source")),
                             .detail_type = xstrdup(json_str(m->event, "detail-type")),
                             .detail = typeable(text)};
    free(text);
    cJSON_Delete(detail);
    return E_OK;
}

static cJSON *read_detail(const struct dlq_edit *d, struct err *e)
{
    struct err why = {0};
    cJSON *doc = json_parse(d->detail, strlen(d->detail), "detail", &why);

    if (doc == NULL) {
        (void)err_set(e, E_INVALID, "%s%s",
                      strncmp(why.msg, "detail", 6) == 0 ? "" : "detail: ", why.msg);
    } else if (!cJSON_IsObject(doc)) {
        (void)err_set(e, E_INVALID, "detail: must be a JSON object: {...}");
        cJSON_Delete(doc);
        doc = NULL;
    }
    return doc;
}

static enum err_code check_fields(const struct dlq_edit *d, struct err *e)
{
    size_t type = strlen(d->detail_type), source = strlen(d->source);

    if (source == 0 || source > SOURCE_MAX) {
        return err_set(e, E_INVALID, "source: must be 1 to %d bytes", SOURCE_MAX);
    }
    if (strncmp(d->source, "aws.", 4) == 0) {
        return err_set(e, E_INVALID, "source: only AWS itself may send as \"aws.\"");
    }
    if (type == 0 || type > TYPE_MAX) {
        return err_set(e, E_INVALID, "detail-type: must be 1 to %d bytes", TYPE_MAX);
    }
    if (strlen(d->detail) + type + source > ENTRY_MAX) {
        return err_set(e, E_INVALID, "detail: the event is over %d KiB", ENTRY_MAX / 1024);
    }
    return E_OK;
}

enum err_code dlq_edit_check(const struct dlq_edit *d, struct err *e)
{
    if (check_fields(d, e) != E_OK) {
        return E_INVALID;
    }
    cJSON *doc = read_detail(d, e);
    cJSON_Delete(doc);
    return doc == NULL ? E_INVALID : E_OK;
}

/* ---- passwords ---- */

/* Where the edit left a masked text as it stands, the text that it hides comes back. The three
 * trees are walked side by side: the event as it was, its masked copy, the edit. */
static void unmask(const cJSON *was, const cJSON *masked, cJSON *now)
{
    int i = 0;

    if (cJSON_IsString(was) && cJSON_IsString(masked) && cJSON_IsString(now) &&
        strcmp(masked->valuestring, now->valuestring) == 0 &&
        strcmp(was->valuestring, now->valuestring) != 0) {
        json_change_str(now, was->valuestring);
        return;
    }
    for (cJSON *child = now->child; child != NULL; child = child->next, i++) {
        bool object = cJSON_IsObject(now);
        const cJSON *w = object ? json_get(was, child->string) : cJSON_GetArrayItem(was, i);
        const cJSON *x = object ? json_get(masked, child->string) : cJSON_GetArrayItem(masked, i);
        if (w != NULL && x != NULL) {
            unmask(w, x, child);
        }
    }
}

/* A mask that was moved somewhere else hides nothing that we know. */
static bool still_masked(const cJSON *v)
{
    if (cJSON_IsString(v) &&
        (strstr(v->valuestring, ":****@") != NULL || strcmp(v->valuestring, "****") == 0)) {
        return true;
    }
    for (const cJSON *child = v->child; child != NULL; child = child->next) {
        if (still_masked(child)) {
            return true;
        }
    }
    return false;
}

enum err_code dlq_message_edit(struct dlq_message *m, const struct dlq_edit *d, struct err *e)
{
    if (m->event == NULL) {
        return err_set(e, E_INVALID, "it is no event (%s)", m->not_event);
    }
    if (check_fields(d, e) != E_OK) {
        return E_INVALID;
    }
    cJSON *now = read_detail(d, e);
    if (now == NULL) {
        return E_INVALID;
    }
    const cJSON *was = json_object(m->event, "detail");
    cJSON *masked = json_copy(was);
    job_json_mask(masked);
    unmask(was, masked, now);
    cJSON_Delete(masked);
    if (still_masked(now)) {
        cJSON_Delete(now);
        (void)err_set(e, E_INVALID, "detail: a hidden password (****) was moved or changed");
        return err_hint_set(e, "type the whole value, or leave it where it was");
    }
    json_set_str(m->event, "source", d->source);
    json_set_str(m->event, "detail-type", d->detail_type);
    json_set(m->event, "detail", now);
    dlq_message_job(m);
    return E_OK;
}
