/* deploy_type_text.c - the types of fields whose value is a text: ids, names, addresses, choices,
 * the secret. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "deploy_type.h"

/* ---- any text ---- */

static void text_clear(void *at)
{
    char **s = at;

    free(*s);
    *s = NULL;
}

static void text_copy(void *to, const void *from)
{
    *(char **)to = xstrdup(*(char *const *)from);
}

static bool text_given(const void *at)
{
    return *(char *const *)at != NULL;
}

static enum err_code text_check(const struct deploy_field *f, const void *at, struct err *e)
{
    return f->type->rule(f, *(char *const *)at, e);
}

static void text_show(const void *at, struct strbuf *out)
{
    const char *s = *(char *const *)at;

    strbuf_adds(out, s == NULL ? "" : s);
}

static cJSON *text_json(const void *at, bool mask)
{
    const char *s = *(char *const *)at;

    (void)mask;
    return s == NULL ? NULL : json_new_str(s);
}

static enum err_code text_set(const struct deploy_field *f, struct deploy_request *r, const char *s,
                              struct err *e)
{
    char **at = field_at(f, r);
    enum err_code rc = *s == '\0' ? E_OK : f->type->rule(f, s, e);

    if (rc == E_OK) {
        free(*at);
        *at = *s == '\0' ? NULL : xstrdup(s);
    }
    return rc;
}

/* Takes a text as it is: a program means the blanks that it sends. An empty text is refused where
 * the key is given. */
static enum err_code text_take(const struct deploy_field *f, struct deploy_request *r,
                               const cJSON *v, struct err *e)
{
    if (!cJSON_IsString(v)) {
        return rule_wrong_type(v, f->help, e);
    }
    if (v->valuestring[0] == '\0') {
        return err_set(e, E_INVALID, "%s is empty: %sgive %s", v->string,
                       f->required ? "" : "leave it out, or ", f->help);
    }
    return f->type->set(f, r, v->valuestring, e);
}

static enum err_code check_text(const struct deploy_field *f, const char *s, struct err *e)
{
    return rule_text(f->name, s, (size_t)f->least, (size_t)f->most, e);
}

#define OF_ANY_TEXT                                                                                \
    .clear = text_clear, .copy = text_copy, .given = text_given, .check = text_check,              \
    .show = text_show, .json = text_json

const struct field_type field_id = {
    OF_ANY_TEXT,     .set = text_set,       .take = text_take,
    .rule = rule_id, .pattern = pattern_id, .schema = schema_text,
};

const struct field_type field_text = {
    OF_ANY_TEXT,        .set = text_set,         .take = text_take,
    .rule = check_text, .pattern = pattern_text, .schema = schema_text,
};

const struct field_type field_email = {
    OF_ANY_TEXT,           .set = text_set,          .take = text_take,
    .rule = rule_email,    .pattern = pattern_email, .format = "idn-email",
    .schema = schema_text,
};

/* ---- the id of a job that a record names ---- */

/* Takes the id. The rule tells of an empty one, because only a program gives this field. */
static enum err_code old_id_take(const struct deploy_field *f, struct deploy_request *r,
                                 const cJSON *v, struct err *e)
{
    if (!cJSON_IsString(v)) {
        return rule_wrong_type(v, f->help, e);
    }
    enum err_code rc = f->type->rule(f, v->valuestring, e);
    return rc == E_OK ? text_set(f, r, v->valuestring, e) : rc;
}

const struct field_type field_old_id = {
    OF_ANY_TEXT,        .set = text_set,         .take = old_id_take,
    .rule = check_text, .pattern = pattern_text, .schema = schema_text,
};

/* ---- one of the row's choices, in its own spelling ---- */

static enum err_code check_choice(const struct deploy_field *f, const char *s, struct err *e)
{
    return rule_choice(f->name, f->choices, s, NULL, e);
}

static enum err_code choice_set(const struct deploy_field *f, struct deploy_request *r,
                                const char *s, struct err *e)
{
    char **at = field_at(f, r);
    char *word = NULL;
    enum err_code rc = *s == '\0' ? E_OK : rule_choice(f->name, f->choices, s, &word, e);

    if (rc == E_OK) {
        free(*at);
        *at = word;
    }
    return rc;
}

const struct field_type field_choice = {
    OF_ANY_TEXT,          .set = choice_set,       .take = text_take,
    .rule = check_choice, .schema = schema_choice,
};

/* ---- the job's own id, which lies in the request itself ---- */

static void job_id_clear(void *at)
{
    memset(at, 0, JOB_ID_SIZE);
}

static void job_id_copy(void *to, const void *from)
{
    memcpy(to, from, JOB_ID_SIZE);
}

static bool job_id_given(const void *at)
{
    return *(const char *)at != '\0';
}

static enum err_code job_id_check(const struct deploy_field *f, const void *at, struct err *e)
{
    return rule_job_id(f->name, at, e);
}

static enum err_code job_id_set(const struct deploy_field *f, struct deploy_request *r,
                                const char *s, struct err *e)
{
    enum err_code rc = *s == '\0' ? E_OK : rule_job_id(f->name, s, e);

    if (rc == E_OK) {
        (void)snprintf(field_at(f, r), JOB_ID_SIZE, "%s", s);
    }
    return rc;
}

static void job_id_show(const void *at, struct strbuf *out)
{
    strbuf_adds(out, at);
}

/* The id is there in any case, because sealing makes it. */
static cJSON *job_id_json(const void *at, bool mask)
{
    (void)mask;
    return json_new_str(at);
}

const struct field_type field_job_id = {
    .clear = job_id_clear,
    .copy = job_id_copy,
    .given = job_id_given,
    .check = job_id_check,
    .set = job_id_set,
    .show = job_id_show,
    .take = text_take,
    .json = job_id_json,
};

/* ---- a URL that is kept secret ---- */

static void url_clear(void *at)
{
    secret_clear(at);
}

static void url_copy(void *to, const void *from)
{
    secret_copy(to, from);
}

static bool url_given(const void *at)
{
    return *secret_str(at) != '\0';
}

static enum err_code url_check(const struct deploy_field *f, const void *at, struct err *e)
{
    return rule_database_url(f, secret_str(at), e);
}

static enum err_code url_set(const struct deploy_field *f, struct deploy_request *r, const char *s,
                             struct err *e)
{
    enum err_code rc = *s == '\0' ? E_OK : rule_database_url(f, s, e);

    if (rc == E_OK) {
        secret_set(field_at(f, r), *s == '\0' ? NULL : s);
    }
    return rc;
}

static void url_show(const void *at, struct strbuf *out)
{
    if (url_given(at)) {
        secret_mask_url(out, secret_str(at));
    }
}

static cJSON *url_json(const void *at, bool mask)
{
    struct strbuf shown = STRBUF_INIT;

    if (!url_given(at)) {
        return NULL;
    }
    if (mask) {
        url_show(at, &shown);
    }
    cJSON *v = json_new_str(mask ? strbuf_str(&shown) : secret_str(at));
    strbuf_clear(&shown);
    return v;
}

const struct field_type field_secret = {
    .clear = url_clear,
    .copy = url_copy,
    .given = url_given,
    .check = url_check,
    .set = url_set,
    .show = url_show,
    .take = text_take,
    .json = url_json,
    .pattern = pattern_url,
    .schema = schema_secret,
};
