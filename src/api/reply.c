/* Making replies: JSON, errors, entity tags, header fields. */
#include "reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hex.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/sha256.h"
#include "core/text.h"
#include "hide.h"

static const char json_type[] = "application/json";

void reply_json(struct reply *r, int status, cJSON *doc)
{
    free(r->body);
    r->status = status;
    r->body = json_safe(doc);
    r->type = json_type;
    cJSON_Delete(doc);
}

/* Sets an error. `fields` is taken; NULL: the error has no such member. */
static void set_error(struct reply *r, int status, const char *code, const char *message,
                      cJSON *fields)
{
    cJSON *doc = json_new_object();
    cJSON *error = json_new_object();

    (void)snprintf(r->code, sizeof r->code, "%s", code);
    json_set_str(error, "code", r->code);
    json_set_str(error, "message", message);
    if (fields != NULL) {
        json_set(error, "fields", fields);
    }
    json_set(doc, "error", error);
    reply_json(r, status, doc);
}

void reply_fail(struct reply *r, int status, const char *code, const char *fmt, ...)
{
    char message[600];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    text_mend(message);
    secret_mask_message(message, sizeof message);
    set_error(r, status, code, message, NULL);
}

void reply_faults(struct reply *r, const struct faults *f)
{
    struct err e = {0};

    if (faults_err(f, &e) == E_OK) {
        return;
    }
    cJSON *fields = json_new_array();
    for (size_t i = 0; i < f->len; i++) {
        cJSON *one = json_new_object();
        json_set_str(one, "field", f->items[i].field);
        json_set_str(one, "reason", f->items[i].reason);
        json_push(fields, one);
    }
    if (f->len + f->more > 1) {
        char first[32] = "see error.fields";
        if (f->more > 0) {
            (void)snprintf(first, sizeof first, "error.fields has %zu", f->len);
        }
        char *all = xasprintf("%s (and %zu more: %s)", e.msg, f->len + f->more - 1, first);
        set_error(r, 400, "bad_request", all, fields);
        free(all);
    } else {
        set_error(r, 400, "bad_request", e.msg, fields);
    }
}

/* The error as callers are told it: without who acted on which machine and, when the fault is the
 * server's own, without paths. Owned. */
static char *told_text(const struct err *e, int status)
{
    char *text = hide_actor(e->msg);

    if (status >= 500 && e->aws_code[0] == '\0') {
        char *without_paths = hide_paths(text);
        free(text);
        text = without_paths;
    }
    return text;
}

void reply_err(struct reply *r, const struct err *e)
{
    struct err_answer a = err_answer(e->code);

    /* AWS misses its own things (a table), not the client's; and what it calls invalid we sent. */
    if (e->aws_code[0] != '\0' && (a.status == 400 || a.status == 404)) {
        a.status = 502;
    }
    const char *code = e->aws_code[0] != '\0' && a.status >= 500 ? e->aws_code : a.word;
    /* A service that broke down is as good as out of reach. */
    if (e->code == E_SERVICE && e->http_status >= 500) {
        a.status = 503;
        a.retry_after_s = err_answer(E_NET).retry_after_s;
    }
    char *told = told_text(e, a.status);
    reply_fail(r, a.status, code, "%s", told);
    if (strcmp(told, e->msg) != 0) { /* it is for who runs the server */
        free(r->untold);
        r->untold = xstrdup(e->msg);
    }
    free(told);
    r->retry_after_s = a.retry_after_s;
}

/* ---- the header fields ---- */

/* Does the list of entity tags (RFC 9110 13.1.2) hold this tag? For a reader, weak or strong makes
 * no difference. A text that is no list holds none. */
static bool has_tag(const char *list, const char *tag)
{
    static const char between[] = " \t,";
    const char *opaque = strncmp(tag, "W/", 2) == 0 ? tag + 2 : tag;
    size_t len = strlen(opaque);

    list += strspn(list, between);
    if (list[0] == '*') {
        return list[1 + strspn(list + 1, between)] == '\0';
    }
    while (*list != '\0') {
        const char *at = strncmp(list, "W/", 2) == 0 ? list + 2 : list;
        const char *end = *at == '"' ? strchr(at + 1, '"') : NULL;
        if (end == NULL) {
            return false;
        }
        if ((size_t)(end + 1 - at) == len && memcmp(at, opaque, len) == 0) {
            return true;
        }
        list = end + 1 + strspn(end + 1, between);
    }
    return false;
}

void reply_tag(struct reply *r, const char *none_match, const char *of)
{
    unsigned char digest[SHA256_SIZE];
    const char *text = of == NULL ? r->body : of;
    char hex[SHA256_SIZE + 1];

    if (r->status != 200 || text == NULL) {
        return;
    }
    sha256(text, strlen(text), digest);
    hex_text(digest, sizeof digest / 2, hex);
    (void)snprintf(r->tag, sizeof r->tag, "%s\"%s\"", of == NULL ? "" : "W/", hex);
    if (none_match != NULL && has_tag(none_match, r->tag)) {
        free(r->body);
        r->body = NULL;
        r->type = NULL;
        r->status = 304;
    }
}

/* The fields of draft-ietf-httpapi-ratelimit-headers-10: the quota for a window, and what is left
 * of it. */
static void rate_headers(const struct rate_left *rate,
                         void (*add)(void *arg, const char *name, const char *value), void *arg)
{
    char text[64];

    if (rate->quota == 0) {
        return;
    }
    (void)snprintf(text, sizeof text, "\"client\";q=%d;w=%d", rate->quota, rate->window_s);
    add(arg, "RateLimit-Policy", text);
    (void)snprintf(text, sizeof text, "\"client\";r=%d;t=%d", rate->left, rate->full_s);
    add(arg, "RateLimit", text);
}

void reply_headers(const struct reply *r,
                   void (*add)(void *arg, const char *name, const char *value), void *arg)
{
    char text[sizeof r->job_id + 16];

    if (r->type != NULL) {
        add(arg, "Content-Type", r->type);
    }
    /* The client that asked may keep an answer with a tag, and ask for it again with the tag. */
    add(arg, "Cache-Control", r->tag[0] == '\0' ? "no-store" : "private, no-cache");
    add(arg, "X-Content-Type-Options", "nosniff");
    if (r->tag[0] != '\0') {
        add(arg, "ETag", r->tag);
    }
    if (r->retry_after_s > 0) {
        (void)snprintf(text, sizeof text, "%d", r->retry_after_s);
        add(arg, "Retry-After", text);
    }
    if (r->status == 405) {
        add(arg, "Allow", r->allow);
    }
    if (r->status == 202 && r->job_id[0] != '\0') {
        (void)snprintf(text, sizeof text, "/status/%s", r->job_id);
        add(arg, "Location", text);
    }
    if (r->auth != NULL) {
        add(arg, "WWW-Authenticate", r->auth);
    }
    if (r->replayed) {
        add(arg, "Idempotent-Replayed", "true");
    }
    rate_headers(&r->rate, add, arg);
}

void reply_clear(struct reply *r)
{
    free(r->body);
    free(r->untold);
    *r = (struct reply){.rate = r->rate};
}
