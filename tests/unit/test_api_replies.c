/* Answers of the REST API on their way out: faults, ETags, header fields; and the document of them.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/faults.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "src/api/handlers.h"
#include "src/api/reply.h"
#include "src/api/schemas.h"

TestSuite(api_replies, .timeout = 120);

static struct reply good(const char *body)
{
    return (struct reply){.status = 200, .type = "application/json", .body = xstrdup(body)};
}

/* ---- faults ---- */

Test(api_replies, faults_keep_where_and_why)
{
    struct faults f = {.len = 0};
    struct err e = {0};

    cr_expect_eq(faults_err(&f, &e), E_OK);
    (void)err_set(&e, E_INVALID, "features has 51 of them: give at most 50");
    faults_take(&f, "metadata.features", &e);
    (void)err_set(&e, E_INVALID, "the page is too long");
    faults_take(&f, "page", &e);
    cr_expect_str_eq(f.items[0].reason, "has 51 of them: give at most 50");
    cr_expect_str_eq(f.items[1].reason, "the page is too long", "no name to cut off");
    cr_expect(faults_of(&f, "metadata") && faults_of(&f, "metadata.features"));
    cr_expect(!faults_of(&f, "meta") && !faults_of(&f, "metadata.features.x"));
    cr_expect_eq(faults_err(&f, &e), E_INVALID);
    cr_expect_str_eq(e.msg, "metadata.features has 51 of them: give at most 50");
    faults_clear(&f);
    for (int i = 0; i < FAULTS_MAX + 7; i++) {
        faults_add(&f, "a\x1b[31m", "b\xff");
    }
    cr_expect_eq(f.len, FAULTS_MAX);
    cr_expect_eq(f.more, 7);
    cr_expect_null(strchr(f.items[0].field, 0x1b), "%s", f.items[0].field);
    faults_clear(&f);
}

Test(api_replies, an_answer_tells_the_first_fault_and_lists_all)
{
    struct faults f = {.len = 0};
    struct reply r = {.status = 0};

    reply_faults(&r, &f);
    cr_expect_eq(r.status, 0, "nothing was wrong");
    faults_add(&f, "limit", "is none");
    reply_faults(&r, &f);
    cr_expect_str_eq(r.body, "{\"error\":{\"code\":\"bad_request\",\"message\":\"limit is none\","
                             "\"fields\":[{\"field\":\"limit\",\"reason\":\"is none\"}]}}");
    faults_add(&f, "cursor", "is none");
    faults_add(&f, "status", "is none");
    reply_faults(&r, &f);
    cr_expect_eq(r.status, 400);
    cr_expect_not_null(strstr(r.body, "limit is none (and 2 more: see error.fields)"), "%s",
                       r.body);
    cr_expect_not_null(strstr(r.body, "{\"field\":\"status\""), "%s", r.body);
    faults_clear(&f);
    reply_clear(&r);
}

/* ---- ETag ---- */

Test(api_replies, what_has_not_changed_is_not_sent_again)
{
    struct reply r = good("{\"a\":1}");
    struct reply other = good("{\"a\":2}");
    char tag[REPLY_TAG_SIZE];

    reply_tag(&r, NULL, NULL);
    reply_tag(&other, NULL, NULL);
    cr_expect_eq(strlen(r.tag), 34, "%s", r.tag);
    cr_expect(r.tag[0] == '"' && strcmp(r.tag, other.tag) != 0);
    (void)snprintf(tag, sizeof tag, "%s", r.tag);
    const struct {
        const char *before, *after;
        bool has;
    } lists[] = {
        {"",                  "",        true },
        {"W/",                "",        true },
        {" , ",               " ,",      true },
        {"\"a,b\", W/\"\", ", ", \"z\"", true },
        {"\"x\"",             "",        true },
        {"\"",                "",        false},
        {"x",                 "",        false},
        {"\"a\" b ",          "",        false},
        {"w/",                "",        false},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct reply again = good("{\"a\":1}");
        char *list = xasprintf("%s%s%s", lists[i].before, tag, lists[i].after);
        reply_tag(&again, list, NULL);
        cr_expect_eq(again.status, lists[i].has ? 304 : 200, "%s", list);
        cr_expect_eq(again.body == NULL, lists[i].has, "%s", list);
        cr_expect_str_eq(again.tag, tag);
        free(list);
        reply_clear(&again);
    }
    reply_tag(&other, "*", NULL);
    cr_expect_eq(other.status, 304, "any is there");
    reply_clear(&r);
    reply_clear(&other);
}

Test(api_replies, a_weak_tag_is_of_what_lasts_and_errors_have_none)
{
    struct reply one = good("{\"age\":1}");
    struct reply two = good("{\"age\":2}");
    struct reply bad = {.status = 0};

    reply_tag(&one, NULL, "same");
    reply_tag(&two, one.tag, "same");
    cr_expect_eq(strncmp(one.tag, "W/\"", 3), 0, "%s", one.tag);
    cr_expect_eq(two.status, 304);
    reply_fail(&bad, 404, "not_found", "no");
    reply_tag(&bad, "*", NULL);
    cr_expect_eq(bad.status, 404);
    cr_expect_str_eq(bad.tag, "");
    reply_clear(&one);
    reply_clear(&two);
    reply_clear(&bad);
}

/* ---- header fields ---- */

static void add(void *arg, const char *name, const char *value)
{
    strbuf_addf(arg, "%s: %s\n", name, value);
}

Test(api_replies, each_answer_has_the_fields_of_its_status)
{
    static const struct {
        struct reply r;
        const char *want;
    } cases[] = {
        {{.status = 405, .type = "t"},
         "Content-Type: t\nCache-Control: no-store\nX-Content-Type-Options: nosniff\nAllow: \n"},
        {{.status = 405, .allow = "GET, HEAD"},
         "Cache-Control: no-store\nX-Content-Type-Options: nosniff\nAllow: GET, HEAD\n"        },
        {{.status = 200, .job_id = "j", .tag = "\"x\""},
         "Cache-Control: private, no-cache\nX-Content-Type-Options: nosniff\nETag: \"x\"\n"    },
        {{.status = 202, .job_id = "job_1", .replayed = true},
         "Cache-Control: no-store\nX-Content-Type-Options: nosniff\nLocation: /status/job_1\n"
         "Idempotent-Replayed: true\n"                                                         },
        {{.status = 503, .retry_after_s = 30},
         "Cache-Control: no-store\nX-Content-Type-Options: nosniff\nRetry-After: 30\n"         },
        {{.status = 401, .auth = "Bearer realm=\"x\""},
         "Cache-Control: no-store\nX-Content-Type-Options: nosniff\nWWW-Authenticate: Bearer "
         "realm=\"x\"\n"                                                                       },
        {{.status = 404, .rate = {.quota = 20, .window_s = 2, .left = 3, .full_s = 1}},
         "Cache-Control: no-store\nX-Content-Type-Options: nosniff\nRateLimit-Policy: "
         "\"client\";q=20;w=2\nRateLimit: \"client\";r=3;t=1\n"                                },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct strbuf b = STRBUF_INIT;
        reply_headers(&cases[i].r, add, &b);
        cr_expect_str_eq(strbuf_str(&b), cases[i].want);
        strbuf_clear(&b);
    }
}

Test(api_replies, the_limiter_says_what_is_left)
{
    struct limiter *l = limiter_new(5);
    struct rate_left left;

    for (int i = 9; i >= 0; i--) {
        cr_expect_eq(limiter_ask(l, "a", 1000, &left), 0);
        cr_expect(left.quota == 10 && left.window_s == 2 && left.left == i, "%d", left.left);
        cr_expect_eq(left.full_s, i < 5 ? 2 : 1, "%d: %d", i, left.full_s);
    }
    cr_expect_gt(limiter_ask(l, "a", 1000, &left), 0);
    cr_expect_eq(left.left, 0, "what is refused takes nothing");
    cr_expect_eq(limiter_ask(l, "a", 2000, &left), 0);
    cr_expect_eq(left.left, 4);
    limiter_free(l);
    l = limiter_new(0);
    cr_expect_eq(limiter_ask(l, "a", 0, &left), 0);
    cr_expect_eq(left.quota, 0, "no limit");
    limiter_free(l);
    struct reply r = {.status = 429, .rate = {.quota = 8}};
    reply_clear(&r);
    cr_expect(r.status == 0 && r.rate.quota == 8, "the answer goes, what is left stays");
}

/* ---- the document ---- */

static cJSON *document(struct openapi_about about)
{
    char *text = openapi_text(&about);
    cJSON *doc = json_parse(text, strlen(text), "openapi", NULL);

    free(text);
    cr_assert_not_null(doc);
    return doc;
}

static const cJSON *operation(const cJSON *doc, const char *path, const char *method)
{
    return json_object(json_object(json_object(doc, "paths"), path), method);
}

static bool answers(const cJSON *doc, const char *path, const char *method, const char *status)
{
    return json_object(json_object(operation(doc, path, method), "responses"), status) != NULL;
}

Test(api_replies, the_document_is_of_this_server)
{
    cJSON *open = document((struct openapi_about){.tokens = false});
    cJSON *shut = document((struct openapi_about){.tokens = true, .rated = true});
    cJSON *reader = document((struct openapi_about){.read_only = true});

    cr_expect_null(json_get(open, "security"));
    cr_expect_null(json_object(json_object(open, "components"), "securitySchemes"));
    cr_expect(!answers(open, "/deploy", "post", "401") && answers(open, "/deploy", "post", "403"));
    cr_expect(!answers(open, "/deploy", "post", "429"));
    cr_expect_not_null(json_get(shut, "security"));
    cr_expect(answers(shut, "/deploy", "post", "401") && !answers(shut, "/deploy", "post", "403"));
    cr_expect(answers(shut, "/deploy", "post", "429") && answers(shut, "/metrics", "get", "429"));
    cr_expect(!answers(shut, "/healthz", "get", "429") && !answers(shut, "/healthz", "get", "401"));
    cr_expect_null(operation(reader, "/deploy", "post"));
    cr_expect_null(operation(reader, "/jobs/{userId}", "delete"));
    cr_expect_not_null(operation(reader, "/jobs/{userId}", "get"));
    cr_expect_null(
        json_object(json_object(json_object(reader, "components"), "schemas"), "Deploy"));
    char *text = json_text(reader);
    cr_expect_null(strstr(text, "cancelJob"), "no link to what is not there");
    free(text);
    cJSON_Delete(open);
    cJSON_Delete(shut);
    cJSON_Delete(reader);
}

/* Every reference leads somewhere, and every operation is described completely. */
Test(api_replies, nothing_in_the_document_dangles)
{
    for (int how = 0; how < 8; how++) {
        cJSON *doc = document((struct openapi_about){
            .read_only = (how & 1) != 0, .tokens = (how & 2) != 0, .rated = (how & 4) != 0});
        char *text = json_text(doc);
        for (const char *s = text; (s = strstr(s, "\"#/components/")) != NULL;) {
            char kind[40];
            char name[60];
            s += strlen("\"#/components/");
            size_t n = strcspn(s, "/");
            (void)snprintf(kind, sizeof kind, "%.*s", (int)n, s);
            (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(s + n + 1, "\""), s + n + 1);
            cr_expect_not_null(json_object(json_object(json_object(doc, "components"), kind), name),
                               "%s %s", kind, name);
        }
        for (size_t i = 0; i < routes_len; i++) {
            const struct route *r = &routes[i];
            char method[8] = "";
            for (size_t k = 0; k + 1 < sizeof method && r->method[k] != '\0'; k++) {
                method[k] = (char)(r->method[k] | 0x20);
            }
            const cJSON *o = operation(doc, r->path, method);
            cr_expect_eq(o == NULL, (how & 1) != 0 && (r->flags & ROUTE_WRITES) != 0);
            cr_expect(o == NULL || cJSON_GetArraySize(json_array(o, "tags")) == 1);
        }
        free(text);
        cJSON_Delete(doc);
    }
}
