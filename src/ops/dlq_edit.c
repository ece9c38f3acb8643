/* Changing the event of a dead letter before it is sent again. Nothing here makes a request. */
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/secret.h"
#include "ops/dlq.h"

enum { TYPE_MAX = 128, SOURCE_MAX = 256, ENTRY_MAX = 256 * 1024 };

void dlq_edit_clear(struct dlq_edit *d)
{
    secret_free(d->source);
    secret_free(d->detail_type);
    secret_free(d->detail);
    *d = (struct dlq_edit){0};
}

void dlq_edit_copy(struct dlq_edit *to, const struct dlq_edit *from)
{
    *to =
        (struct dlq_edit){xstrdup(from->source), xstrdup(from->detail_type), xstrdup(from->detail)};
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
    secret_mask_json(detail);
    *out = (struct dlq_edit){.source = xstrdup(json_str(m->event, "source")),
                             .detail_type = xstrdup(json_str(m->event, "detail-type")),
                             /* a detail that cannot be read can still be typed over */
                             .detail = json_safe(detail)};
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
        (void)err_set(e, E_INVALID, "detail must be a JSON object: {...}");
        cJSON_Delete(doc);
        doc = NULL;
    }
    return doc;
}

static enum err_code check_fields(const struct dlq_edit *d, struct err *e)
{
    size_t type = strlen(d->detail_type), source = strlen(d->source);

    if (source == 0 || source > SOURCE_MAX) {
        return err_set(e, E_INVALID, "source must be 1 to %d bytes", SOURCE_MAX);
    }
    if (strncmp(d->source, "aws.", 4) == 0) {
        return err_set(e, E_INVALID, "source: only AWS itself may send as \"aws.\"");
    }
    if (type == 0 || type > TYPE_MAX) {
        return err_set(e, E_INVALID, "detail-type must be 1 to %d bytes", TYPE_MAX);
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

static const cJSON *same_place(const cJSON *in, const cJSON *now, const cJSON *child, int i)
{
    return cJSON_IsObject(now) ? json_get(in, child->string) : cJSON_GetArrayItem(in, i);
}

/* Is the value the mask of what was there, left as it was? */
static bool left_masked(const cJSON *was, const cJSON *masked, const cJSON *now)
{
    bool shown = cJSON_IsString(masked) && cJSON_IsString(now) &&
                 strcmp(masked->valuestring, now->valuestring) == 0;

    return shown && (!cJSON_IsString(was) || strcmp(was->valuestring, now->valuestring) != 0);
}

/* Puts back what a mask hides, where the edit left the masked value as it was. The three trees are
 * walked side by side: the event as it was, its masked copy, and the edit. */
static void unmask(const cJSON *was, const cJSON *masked, cJSON *now)
{
    cJSON *next;
    int i = 0;

    for (cJSON *child = now->child; child != NULL; child = next, i++) {
        const cJSON *w = same_place(was, now, child, i), *x = same_place(masked, now, child, i);
        next = child->next;
        if (w == NULL || x == NULL) {
            continue;
        }
        if (!left_masked(w, x, child)) {
            unmask(w, x, child);
        } else if (cJSON_IsString(w)) {
            json_change_str(child, w->valuestring);
        } else { /* a number, compared to the digit */
            (void)cJSON_ReplaceItemViaPointer(now, child, json_copy_exact(w));
        }
    }
}

/* Does the edit still hold a mask? A mask that was moved to another place hides nothing that we
 * know. Stars that stood in the event before are no mask. */
static bool still_masked(const cJSON *was, const cJSON *now)
{
    int i = 0;

    if (cJSON_IsString(now) && strstr(now->valuestring, "****") != NULL) {
        return !cJSON_IsString(was) || strcmp(was->valuestring, now->valuestring) != 0;
    }
    for (const cJSON *child = now->child; child != NULL; child = child->next, i++) {
        if (still_masked(same_place(was, now, child, i), child)) {
            return true;
        }
    }
    return false;
}

enum err_code dlq_message_edit(struct dlq_message *m, const struct dlq_edit *d, struct err *e)
{
    if (m->event == NULL) {
        return err_set(e, E_INVALID, "it is not an event (%s)", m->not_event);
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
    secret_mask_json(masked);
    unmask(was, masked, now);
    cJSON_Delete(masked);
    if (still_masked(was, now)) {
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
