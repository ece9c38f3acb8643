/* record_change.c - a change of a record as the parts of an UpdateItem.
 *
 * DESIGN: DynamoDB cannot set a member of a map that is not there ("The document path provided in
 * the update expression is invalid for update"), and records are flat, nested and mixed. So the
 * expression is made for the record as it was read: a flat attribute is always set. Its nested form
 * is set inside its map when the map is there, together with a new map when there is none, and not
 * at all when something that is no map stands in the map's place. When no record was read, only
 * flat attributes are written. Statuses are compared in every letter case that is likely in a
 * table, and in the one that the record has. */
#include "jobs/record_change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"
#include "record_change_parts.h"

enum { HISTORY_MAX = 1000, ERRORS_MAX = 200 };

const char *record_change_name(struct build *b, const char *attr, char buf[64])
{
    (void)snprintf(buf, 64, "#%s", attr);
    json_set_str(b->x->names, buf, attr);
    return buf;
}

const char *record_change_value(struct build *b, const char *label, cJSON *av, char buf[64])
{
    (void)snprintf(buf, 64, ":%s", label);
    json_set(b->x->values, buf, av);
    return buf;
}

static void comma(struct build *b)
{
    if (b->set.len > 0) {
        strbuf_adds(&b->set, ", ");
    }
}

/* Adds attr = :attr. */
static void set_flat(struct build *b, const char *attr, cJSON *av)
{
    char n[64];
    char v[64];

    comma(b);
    strbuf_addf(&b->set, "%s = %s", record_change_name(b, attr, n),
                record_change_value(b, attr, av, v));
}

/* A nested change, which belongs to one map of the record. */
struct member {
    const char *name;
    cJSON *av; /* taken by set_nested */
};

/* Adds map.a = :map_a, map.b = :map_b, or map = :map when the record has no such map. Takes the
 * members' values. */
static void set_nested(struct build *b, const char *map, const struct member *m, size_t len)
{
    enum attr_type t = attr_type_of(attr_find(b->item, map));
    char n[64];
    char k[64];
    char v[64];
    char label[64];

    if (len == 0 || b->item == NULL || (t != ATTR_M && t != ATTR_NONE && t != ATTR_NULL)) {
        for (size_t i = 0; i < len; i++) {
            cJSON_Delete(m[i].av);
        }
        return;
    }
    if (t != ATTR_M) {
        cJSON *inside = json_new_object();
        for (size_t i = 0; i < len; i++) {
            json_set(inside, m[i].name, m[i].av);
        }
        set_flat(b, map, attr_new_map(inside));
        return;
    }
    for (size_t i = 0; i < len; i++) {
        (void)snprintf(label, sizeof label, "%s_%s", map, m[i].name);
        comma(b);
        strbuf_addf(&b->set, "%s.%s = %s", record_change_name(b, map, n),
                    record_change_name(b, m[i].name, k), record_change_value(b, label, m[i].av, v));
    }
}

/* Appends an entry to a list; when the record has something else in the list's place, it gets a new
 * list. */
static void append(struct build *b, const char *list, cJSON *entry, int limit)
{
    enum attr_type t = attr_type_of(attr_find(b->item, list));
    char n[64];
    char v[64];
    char empty[64];
    cJSON *one = json_new_array();

    json_push(one, entry);
    if (t != ATTR_L && t != ATTR_NONE) {
        set_flat(b, list, attr_new_list(one));
        return;
    }
    if (cJSON_GetArraySize(attr_list(b->item, list)) >= limit) {
        cJSON_Delete(one); /* an item has a limit of size: the entries that are there say enough */
        return;
    }
    comma(b);
    (void)record_change_value(b, "empty_list", attr_new_list(json_new_array()), empty);
    strbuf_addf(&b->set, "%s = list_append(if_not_exists(%s, %s), %s)",
                record_change_name(b, list, n), n, empty,
                record_change_value(b, list, attr_new_list(one), v));
}

/* --- what is set --- */

static bool unset(const struct build *b, const char *attr)
{
    enum attr_type t = attr_type_of(attr_find(b->item, attr));
    return t == ATTR_NONE || t == ATTR_NULL;
}

static void set_times(struct build *b)
{
    struct member m[2];
    size_t n = 0;

    set_flat(b, "updatedAt", attr_new_str(b->now));
    if (b->status == JOB_IN_PROGRESS) {
        const cJSON *map = attr_map(b->item, "timestamps");
        enum attr_type nested = attr_type_of(attr_find(map, "startedAt"));
        if (b->item == NULL) {
            char name_buf[64];
            char v[64];
            comma(b);
            strbuf_addf(&b->set, "%s = if_not_exists(%s, %s)",
                        record_change_name(b, "startedAt", name_buf), name_buf,
                        record_change_value(b, "startedAt", attr_new_str(b->now), v));
        } else if (unset(b, "startedAt")) {
            const char *known = attr_str(map, "startedAt");
            set_flat(b, "startedAt", attr_new_str(known == NULL ? b->now : known));
        }
        if (nested == ATTR_NONE || nested == ATTR_NULL) {
            const char *known = attr_str(b->item, "startedAt");
            m[n++] = (struct member){"startedAt", attr_new_str(known == NULL ? b->now : known)};
        }
    }
    if (job_status_final(b->status)) {
        set_flat(b, "completedAt", attr_new_str(b->now));
        m[n++] = (struct member){"completedAt", attr_new_str(b->now)};
    }
    set_nested(b, "timestamps", m, n);
}

/* Keeps when the step was reported first: the first write wins, also when two reports are made at
 * the same time. */
static void set_step_time(struct build *b)
{
    static const char map[] = "stepTimes";
    enum attr_type t = attr_type_of(attr_find(b->item, map));
    const cJSON *known = attr_map(b->item, map);
    char n[64];
    char v[64];

    if (b->u->step == NULL || b->item == NULL ||
        (t != ATTR_M && t != ATTR_NONE && t != ATTR_NULL) || attr_find(known, b->u->step) != NULL) {
        return;
    }
    if (t != ATTR_M) {
        cJSON *inside = json_new_object();
        json_set(inside, b->u->step, attr_new_str(b->now));
        cJSON *first = attr_new_map(inside);
        if (t == ATTR_NULL) {
            set_flat(b, map, first);
            return;
        }
        comma(b);
        strbuf_addf(&b->set, "%s = if_not_exists(%s, %s)", record_change_name(b, map, n), n,
                    record_change_value(b, map, first, v));
        return;
    }
    if (cJSON_GetArraySize(known) >= JOB_STEP_TIMES_MAX) {
        return; /* an item has a limit of size */
    }
    comma(b);
    /* the step is any text: its placeholder is not made of it */
    json_set_str(b->x->names, "#stepName", b->u->step);
    strbuf_addf(&b->set, "%s.#stepName = if_not_exists(%s.#stepName, %s)",
                record_change_name(b, map, n), n,
                record_change_value(b, map, attr_new_str(b->now), v));
}

static void set_step(struct build *b)
{
    const char *step = b->u->step;
    int progress = b->u->progress;

    if (b->status == JOB_COMPLETED) {
        step = step == NULL ? "COMPLETED" : step;
        progress = progress < 0 ? 100 : progress;
    }
    if (step != NULL) {
        set_flat(b, "currentStep", attr_new_str(step));
        set_flat(b, "stage", attr_new_str(step));
    }
    if (progress >= 0) {
        set_flat(b, "progress", attr_new_int(progress));
    }
    if (b->u->status == NULL && b->u->step == NULL) {
        return;
    }
    cJSON *entry = json_new_object();
    json_set(entry, "at", attr_new_str(b->now));
    if (b->u->status != NULL) {
        json_set(entry, "status", attr_new_str(job_status_word(b->status)));
    }
    if (b->u->step != NULL) {
        json_set(entry, "step", attr_new_str(b->u->step));
    }
    if (b->u->reason != NULL) {
        json_set(entry, "reason", attr_new_str(b->u->reason));
    }
    if (b->u->token != NULL) {
        json_set(entry, "id", attr_new_str(b->u->token));
    }
    append(b, "history", attr_new_map(entry), HISTORY_MAX);
}

static const struct url_kind {
    const char *kind, *flat, *nested;
} url_kinds[] = {
    {"repository", "githubRepo", "codeRepository"},
    {"staging",    "stagingUrl", "staging"       },
    {"production", "vercelUrl",  "production"    },
};
enum { URL_KINDS = sizeof url_kinds / sizeof *url_kinds };

static const struct url_kind *url_kind_find(const char *kind)
{
    for (size_t i = 0; kind != NULL && i < URL_KINDS; i++) {
        if (strcmp(kind, url_kinds[i].kind) == 0 || strcmp(kind, url_kinds[i].nested) == 0) {
            return &url_kinds[i];
        }
    }
    return NULL;
}

static void set_urls(struct build *b)
{
    struct member m[8];
    size_t n = 0;

    for (int i = 0; i < b->u->urls_len && i < 8; i++) {
        const struct url_kind *k = url_kind_find(b->u->url_kind[i]);
        if (k != NULL) {
            set_flat(b, k->flat, attr_new_str(b->u->url[i]));
            m[n++] = (struct member){k->nested, attr_new_str(b->u->url[i])};
        }
    }
    set_nested(b, "urls", m, n);
}

/* The step at which an error happened: the one of the report, else the record's. */
static const char *error_step(const struct build *b)
{
    if (b->u->step != NULL) {
        return b->u->step;
    }
    const char *step = attr_str(b->item, "currentStep");
    return step != NULL ? step : attr_str(b->item, "stage");
}

static void set_error(struct build *b)
{
    const char *step = error_step(b);

    if (b->u->error == NULL) {
        return;
    }
    cJSON *plain = json_new_object();
    json_set_str(plain, "timestamp", b->now);
    json_set_str(plain, "message", b->u->error);
    if (step != NULL) {
        json_set_str(plain, "step", step);
    }
    char *text = json_text(plain);
    if (b->u->token != NULL) {
        json_set_str(plain, "id", b->u->token);
    }
    append(b, "errors", attr_from_plain(plain), ERRORS_MAX);
    set_flat(b, "lastError", attr_new_str(text));
    free(text);
    cJSON_Delete(plain);
}

static void set_batch_job(struct build *b)
{
    if (b->u->batch_job_id != NULL) {
        struct member m = {"batchJobId", attr_new_str(b->u->batch_job_id)};
        set_flat(b, "batchJobId", attr_new_str(b->u->batch_job_id));
        set_nested(b, "resources", &m, 1);
    }
}

/* The whole update; owned. Why an earlier attempt ended says nothing of a job that completes. */
static char *update_text(struct build *b)
{
    bool stale = b->status == JOB_COMPLETED && b->u->reason == NULL &&
                 attr_find(b->item, "statusReason") != NULL;
    char n[64];

    return stale ? xasprintf("SET %s REMOVE %s", strbuf_str(&b->set),
                             record_change_name(b, "statusReason", n))
                 : xasprintf("SET %s", strbuf_str(&b->set));
}

void record_change_build(const struct record_change *u, const cJSON *item, int64_t now_ms,
                         struct record_change_expr *out)
{
    struct build b = {.u = u, .item = item, .x = out, .status = job_status_parse(u->status)};

    out->names = json_new_object();
    out->values = json_new_object();
    (void)time_iso(now_ms, b.now);
    set_times(&b);
    if (u->status != NULL) {
        set_flat(&b, "status", attr_new_str(job_status_word(b.status)));
    }
    set_step(&b);
    set_step_time(&b);
    set_urls(&b);
    set_error(&b);
    if (u->reason != NULL) {
        set_flat(&b, "statusReason", attr_new_str(u->reason));
    }
    set_batch_job(&b);
    if (u->token != NULL) {
        set_flat(&b, REPORT_ID, attr_new_str(u->token));
    }
    record_change_condition(&b);
    out->update = update_text(&b);
    out->condition = strbuf_take(&b.where);
    strbuf_clear(&b.set);
}

static bool list_has(const cJSON *item, const char *list, const char *token)
{
    const cJSON *v;

    cJSON_ArrayForEach(v, attr_list(item, list))
    {
        const char *id = attr_str(json_object(v, "M"), "id");
        if (id != NULL && strcmp(id, token) == 0) {
            return true;
        }
    }
    return false;
}

bool record_change_taken(const cJSON *item, const char *token)
{
    const char *last = attr_str(item, REPORT_ID);

    return (last != NULL && strcmp(last, token) == 0) || list_has(item, "history", token) ||
           list_has(item, "errors", token);
}

void record_change_expr_clear(struct record_change_expr *x)
{
    free(x->update);
    free(x->condition);
    cJSON_Delete(x->names);
    cJSON_Delete(x->values);
    *x = (struct record_change_expr){0};
}
