/* deploy_event.c - the record for an event of another program, whatever its detail looks like. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "deploy_type.h"
#include "jobs/attrs.h"

enum { KEY_MAX = 1024 }; /* the bytes that any key may have, also a sort key */

struct reading {
    struct deploy_request r;
    cJSON *item;     /* owned; the caller gets it at the end */
    cJSON *metadata; /* the members of the item's metadata; borrowed */
    bool timed;      /* the event's timestamp was read */
    struct strbuf *notes;
};

static void note(struct strbuf *notes, const char *name, const char *why)
{
    strbuf_addf(notes, "%s%s %s", notes->len > 0 ? "; " : "", rule_shown(name).text, why);
}

/* Does the attribute say something about the job's state or results? An event may not set such an
 * attribute. */
static bool is_state(const char *name)
{
    enum attr_use use = attr_use(name);

    return use == ATTR_USE_STATE || use == ATTR_USE_RESULT || use == ATTR_USE_OURS;
}

/* Is this the connection string? It is never recorded, whatever its spelling and type. */
static bool is_secret(const char *name)
{
    for (size_t i = 0; i < deploy_fields_len; i++) {
        if (deploy_fields[i].secret && strcasecmp(name, deploy_fields[i].name) == 0) {
            return true;
        }
    }
    return false;
}

/* The text of a text or number, owned; NULL for anything else. */
static char *scalar_text(const cJSON *v)
{
    if (cJSON_IsString(v)) {
        return xstrdup(v->valuestring);
    }
    if (!cJSON_IsNumber(v)) {
        return NULL;
    }
    const char *digits = json_digits(v);
    return digits != NULL ? xstrdup(digits) : json_text(v);
}

/* A text that can be the key of an index, owned; NULL when the detail has none. */
static char *key_text(const cJSON *detail, const char *name, struct strbuf *notes)
{
    const cJSON *v = json_get(detail, name);
    char *text = scalar_text(v);

    if (text != NULL && *text != '\0' && strlen(text) <= KEY_MAX) {
        return text;
    }
    if (v != NULL && !cJSON_IsNull(v)) {
        note(notes, name, "cannot be a key");
    }
    free(text);
    return NULL;
}

/* ---- what is kept as it came ------------------------------------------------------------- */

/* The value as an AttributeValue without secrets; NULL, with a note, when the table cannot hold
 * it. */
static cJSON *kept_value(const cJSON *v, struct strbuf *notes)
{
    cJSON *named = json_new_object(); /* only a name tells that a value is secret */
    struct err why;

    json_set(named, v->string, json_copy_exact(v));
    secret_mask_json(named);
    cJSON *av = attr_from_plain(named->child);
    cJSON_Delete(named);
    if (attr_validate(av, &why) != E_OK) {
        note(notes, v->string, "is left out: the table cannot hold it");
        cJSON_Delete(av);
        return NULL;
    }
    return av;
}

static void keep_in(cJSON *object, const cJSON *v, struct strbuf *notes)
{
    if (v->string[0] == '\0' || json_get(object, v->string) != NULL) {
        return;
    }
    cJSON *av = kept_value(v, notes);
    if (av != NULL) {
        json_set(object, v->string, av);
    }
}

static bool is_field(const char *name)
{
    return deploy_field_find(name) != NULL || deploy_field_named(name) != NULL;
}

/* Keeps a member of the detail or of its metadata for which the request has no field. */
static void keep(struct reading *in, const cJSON *v, bool of_metadata)
{
    if (of_metadata || is_field(v->string) || is_state(v->string)) {
        keep_in(in->metadata, v, in->notes);
    } else {
        keep_in(in->item, v, in->notes);
    }
}

/* ---- reading ----------------------------------------------------------------------------- */

/* Takes a number that was written as text ("14400"). */
static bool take_number_text(struct deploy_request *r, const cJSON *v)
{
    const struct deploy_field *f = deploy_field_named(v->string);

    return f != NULL && f->type == &field_seconds && cJSON_IsString(v) &&
           deploy_request_set(r, f->name, v->valuestring, NULL) == E_OK;
}

/* Did the member become a field of the request? */
static bool taken(struct reading *in, const cJSON *v, bool of_metadata)
{
    struct err why = {.code = E_OK};
    enum err_code rc =
        of_metadata ? deploy_take_metadata(&in->r, v, &why) : deploy_take_member(&in->r, v, &why);

    if (rc == E_OK || take_number_text(&in->r, v)) {
        return true;
    }
    if (is_field(v->string)) { /* otherwise the member is only a further key */
        strbuf_addf(in->notes, "%s%s", in->notes->len > 0 ? "; " : "", why.msg);
    }
    return false;
}

static bool skipped(const cJSON *v)
{
    const struct deploy_field *f = deploy_field_named(v->string);
    bool key = f != NULL && f->id; /* these members are read elsewhere */

    return key || cJSON_IsNull(v) || is_secret(v->string);
}

typedef void (*member_action)(struct reading *in, const cJSON *v, bool of_metadata);

static void each_member(struct reading *in, const cJSON *detail, member_action act)
{
    for (const cJSON *v = detail->child; v != NULL; v = v->next) {
        bool metadata = strcmp(v->string, "metadata") == 0 && cJSON_IsObject(v);
        if (!metadata && !skipped(v)) {
            act(in, v, false);
        }
        for (const cJSON *m = metadata ? v->child : NULL; m != NULL; m = m->next) {
            if (!cJSON_IsNull(m) && !is_secret(m->string)) {
                act(in, m, true);
            }
        }
    }
}

static void read_member(struct reading *in, const cJSON *v, bool of_metadata)
{
    if (of_metadata && deploy_metadata_field(v->string) == NULL) {
        return; /* the member was kept as it came */
    }
    (void)taken(in, v, of_metadata);
}

static void set_key(cJSON *item, const char *name, const char *text)
{
    cJSON_DeleteItemFromObjectCaseSensitive(item, name);
    if (text != NULL) {
        json_set(item, name, attr_new_str(text));
    }
}

/* Keeps a member that the record does not have yet. */
static void keep_member(struct reading *in, const cJSON *v, bool of_metadata)
{
    const struct deploy_field *f = of_metadata ? NULL : deploy_field_named(v->string);
    char *word = f != NULL && f->choices != NULL ? scalar_text(v) : NULL;

    if (word != NULL && *word != '\0') {
        if (!f->type->given(field_in(f, &in->r))) { /* the priority is a word of another program */
            set_key(in->item, f->name, word);
        }
    } else if (of_metadata || strcmp(v->string, "timestamp") != 0 || !in->timed) {
        keep(in, v, of_metadata);
    }
    free(word);
}

cJSON *deploy_event_item(const cJSON *detail, int64_t now_ms, bool bare, struct strbuf *notes)
{
    struct reading in = {.notes = notes};
    char *job = key_text(detail, "jobId", notes);

    if (job == NULL) {
        return NULL;
    }
    char *user = key_text(detail, "userId", notes);
    char *product = key_text(detail, "productId", notes);
    deploy_request_init(&in.r);
    each_member(&in, detail, read_member);
    in.timed = in.r.timestamp_ms != TIME_NONE;
    /* this id is only a stand-in: the record's key is set below and may be longer */
    memcpy(in.r.job_id, "x", 2);
    deploy_request_seal(&in.r, now_ms);
    in.item = deploy_record_item(&in.r);
    set_key(in.item, "jobId", job);
    set_key(in.item, "userId", user);
    set_key(in.item, "productId", product);
    in.metadata = (cJSON *)attr_map(in.item, "metadata");
    if (!bare) {
        each_member(&in, detail, keep_member);
    }
    deploy_request_clear(&in.r);
    free(job);
    free(user);
    free(product);
    return in.item;
}
