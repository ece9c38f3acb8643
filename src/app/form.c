/* The deploy form: its fields, their checks, the preview of the event. */
#include "form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/keymap.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/faults.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/text.h"

/* What the preview shows in the place of the id that sending makes. */
#define ID_TO_COME "job_..."

void form_init(struct form *f)
{
    memset(f, 0, sizeof *f);
    f->len = deploy_fields_len < FORM_FIELDS_MAX ? deploy_fields_len : FORM_FIELDS_MAX;
    for (size_t i = 0; i < f->len; i++) {
        f->fields[i].def = &deploy_fields[i];
        f->fields[i].edit.secret = deploy_fields[i].secret;
    }
    textview_init(&f->preview);
    f->preview.wrap = true;
}

void form_done(struct form *f)
{
    for (size_t i = 0; i < f->len; i++) {
        edit_done(&f->fields[i].edit);
    }
    free(f->retry_of);
    cJSON_Delete(f->carried);
    textview_done(&f->preview);
    memset(f, 0, sizeof *f);
}

/* ---- choices ---- */

static bool choice_at(const struct form_field *field, size_t i, char *out, size_t size)
{
    size_t len;
    const char *word = deploy_choice_at(field->def->choices, i, &len);

    if (word == NULL) {
        return false;
    }
    (void)snprintf(out, size, "%.*s", (int)len, word);
    return true;
}

static size_t choice_len(const struct form_field *field)
{
    size_t n = 0;
    size_t len;

    while (deploy_choice_at(field->def->choices, n, &len) != NULL) {
        n++;
    }
    return n;
}

static size_t choice_index(const struct form_field *field)
{
    int i = deploy_choice_of(field->def, edit_text(&field->edit));

    return i < 0 ? 0 : (size_t)i;
}

/* ---- checking ---- */

static void check_field(struct form_field *field, struct deploy_request *r)
{
    const char *text = edit_text(&field->edit);
    struct err e = {0};

    field->err[0] = '\0';
    if (text[0] == '\0') {
        if (field->def->required) {
            (void)snprintf(field->err, sizeof field->err, "required: %s", field->def->help);
        }
        return;
    }
    if (deploy_request_set(r, field->def->name, text, &e) != E_OK) {
        (void)snprintf(field->err, sizeof field->err, "%.190s",
                       fault_reason(field->def->name, e.msg));
    }
}

static struct form_field *field_named(struct form *f, const char *name)
{
    for (size_t i = 0; name != NULL && i < f->len; i++) {
        if (strcmp(f->fields[i].def->name, name) == 0) {
            return &f->fields[i];
        }
    }
    return NULL;
}

/* Fills a request from the fields that are good. Returns the first bad field, or NULL. */
static struct form_field *gather(struct form *f, struct deploy_request *r)
{
    struct form_field *bad = NULL;
    const char *name = NULL;
    struct err e = {0};

    deploy_request_init(r);
    for (size_t i = 0; i < f->len; i++) {
        check_field(&f->fields[i], r);
        if (bad == NULL && f->fields[i].err[0] != '\0') {
            bad = &f->fields[i];
        }
    }
    free(r->retry_of);
    r->retry_of = xstrdup(f->retry_of);
    r->carried = f->carried == NULL ? NULL : json_copy(f->carried);
    if (bad == NULL && deploy_request_check(r, &name, &e) != E_OK) {
        bad = field_named(f, name);
        bad = bad == NULL ? &f->fields[0] : bad;
        (void)snprintf(bad->err, sizeof bad->err, "%.190s", fault_reason(bad->def->name, e.msg));
    }
    return bad;
}

bool form_request(struct form *f, struct deploy_request *out, bool complain)
{
    struct form_field *bad = gather(f, out);

    if (bad == NULL) {
        return true;
    }
    deploy_request_clear(out);
    if (complain) {
        for (size_t i = 0; i < f->len; i++) {
            f->fields[i].touched = true;
        }
        f->focus = (size_t)(bad - f->fields);
    }
    return false;
}

static void preview_lines(struct form *f, const char *text)
{
    struct textview fresh;

    textview_init(&fresh);
    textview_add(&fresh, text, ST_TEXT);
    textview_replace(&f->preview, &fresh);
    textview_done(&fresh);
}

/* Removes members that are null, because the preview does not show what is not given yet. */
static void drop_nulls(cJSON *object)
{
    cJSON *next;

    for (cJSON *v = object->child; v != NULL; v = next) {
        next = v->next;
        if (cJSON_IsNull(v)) {
            cJSON_Delete(cJSON_DetachItemViaPointer(object, v));
        }
    }
}

static void preview(struct form *f, struct deploy_request *r, const struct form_target *t)
{
    cJSON *event = json_new_object();

    if (r->job_id[0] == '\0') {
        (void)snprintf(r->job_id, sizeof r->job_id, "%s", ID_TO_COME);
    }
    json_set_str(event, "Source", t->source);
    json_set_str(event, "DetailType", t->detail_type);
    json_set_str(event, "EventBusName", t->bus);
    cJSON *detail = deploy_detail_json(r, true);
    secret_mask_json(detail);
    if (r->timestamp_ms == TIME_NONE) { /* sending sets the timestamp */
        cJSON_DeleteItemFromObjectCaseSensitive(detail, "timestamp");
    }
    drop_nulls(detail);
    json_set(event, "Detail", detail);
    char *text = json_pretty(event);
    preview_lines(f, text);
    free(text);
    cJSON_Delete(event);
}

void form_check_fields(struct form *f, const struct form_target *t)
{
    struct deploy_request r;

    f->valid = gather(f, &r) == NULL;
    preview(f, &r, t);
    deploy_request_clear(&r);
}

/* Forgets what was found out about the event before the change, which says nothing about the new
 * event. */
static void altered(struct form *f, const struct form_target *t)
{
    f->changed = true;
    f->check = CHECK_NONE;
    f->check_request = 0;
    f->check_why[0] = '\0';
    f->send_err = (struct err){0};
    if (f->state == FORM_SENT) {
        f->state = FORM_EDITING;
    }
    form_check_fields(f, t);
}

void form_reset(struct form *f, const struct form_target *t)
{
    for (size_t i = 0; i < f->len; i++) {
        struct form_field *field = &f->fields[i];
        const struct deploy_field *def = field->def;
        edit_set(&field->edit, def->standard);
        field->err[0] = '\0';
        field->touched = false;
    }
    free(f->retry_of);
    f->retry_of = NULL;
    cJSON_Delete(f->carried);
    f->carried = NULL;
    f->focus = 0;
    f->scroll = 0;
    f->state = FORM_EDITING;
    altered(f, t);
    f->changed = false;
}

void form_fill(struct form *f, const struct deploy_request *r, const struct form_target *t)
{
    form_reset(f, t);
    for (size_t i = 0; i < f->len; i++) {
        const struct deploy_field *def = f->fields[i].def;
        if (def->secret) {
            continue; /* a mask must not be sent as if it were the value */
        }
        char *text = deploy_request_get(r, def->name);
        if (text != NULL && text[0] != '\0') {
            edit_set(&f->fields[i].edit, text);
            f->fields[i].touched = true;
        }
        free(text);
    }
    f->retry_of = xstrdup(r->retry_of);
    f->carried = r->carried == NULL ? NULL : json_copy(r->carried);
    for (size_t i = f->len; i-- > 0;) { /* the form asks for what the record lacks */
        bool lacks = f->fields[i].def->required && edit_text(&f->fields[i].edit)[0] == '\0';
        f->focus = lacks ? i : f->focus;
    }
    altered(f, t);
    f->changed = false;
}

void form_move(struct form *f, int step)
{
    f->fields[f->focus].touched = true;
    f->focus = (f->focus + (step < 0 ? f->len - 1 : 1)) % f->len;
}

void form_choose(struct form *f, int step, const struct form_target *t)
{
    struct form_field *field = &f->fields[f->focus];
    char word[64];

    size_t n = field->def->choices == NULL ? 0 : choice_len(field);
    if (n == 0) {
        return;
    }
    size_t i = (choice_index(field) + n + (size_t)(step < 0 ? n - 1 : 1)) % n;
    if (choice_at(field, i, word, sizeof word)) {
        edit_set(&field->edit, word);
        field->touched = true;
        altered(f, t);
    }
}

static bool choice_key(struct form *f, const char *key, const struct form_target *t)
{
    struct form_field *field = &f->fields[f->focus];
    char word[64];

    if (strcmp(key, "Right") == 0 || strcmp(key, "Space") == 0) {
        form_choose(f, 1, t);
        return true;
    }
    if (strcmp(key, "Left") == 0) {
        form_choose(f, -1, t);
        return true;
    }
    for (size_t i = 0; choice_at(field, i, word, sizeof word); i++) {
        if (word[0] == key[0] && key[1] == '\0') {
            edit_set(&field->edit, word);
            altered(f, t);
            return true;
        }
    }
    return key_is_text(key); /* other letters mean nothing here */
}

bool form_key(struct form *f, const char *key, const struct form_target *t)
{
    struct form_field *field = &f->fields[f->focus];

    if (f->state == FORM_SENDING) {
        return key_is_text(key); /* a request that is being sent does not change any more */
    }
    if (field->def->choices != NULL) {
        return choice_key(f, key, t);
    }
    char *before = xstrdup(edit_text(&field->edit));
    bool taken = edit_key(&field->edit, key);
    if (taken && strcmp(before, edit_text(&field->edit)) != 0) {
        altered(f, t);
    }
    if (field->edit.secret) {
        secret_wipe(before, strlen(before));
    }
    free(before);
    return taken;
}

bool form_unsent(const struct form *f)
{
    return f->changed && f->state == FORM_EDITING;
}
