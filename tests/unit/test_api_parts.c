/* The pure parts of the REST API: targets, tokens, cursors, rates, tables. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "src/api/cursor.h"
#include "src/api/handlers.h"
#include "src/api/limiter.h"
#include "src/api/proxies.h"
#include "src/api/route.h"
#include "src/api/schemas.h"
#include "src/api/target.h"
#include "src/api/tokens.h"

TestSuite(api_parts, .timeout = 120);

/* ---- targets ---- */

/* The whole of it. */
static enum err_code parse(const char *raw, struct target *t, struct err *e)
{
    enum err_code rc = target_parse(raw, t, e);

    rc = rc == E_OK ? target_parse_query(raw, t, e) : rc;
    if (rc != E_OK) {
        target_clear(t);
    }
    return rc;
}

Test(api_parts, a_target_is_decoded_once_and_strictly)
{
    struct target t;
    struct err e = {0};

    cr_assert_eq(parse("/jobs/a%2Fb+%25?limit=5&status=a+b%26c&empty=&bare&", &t, &e), E_OK, "%s",
                 e.msg);
    cr_assert_eq(t.segments_len, 2);
    cr_expect_str_eq(t.segments[0], "jobs");
    cr_expect_str_eq(t.segments[1], "a/b+%", "a plus is a plus in a path");
    cr_expect_str_eq(target_query(&t, "limit"), "5");
    cr_expect_str_eq(target_query(&t, "status"), "a b&c");
    cr_expect_str_eq(target_query(&t, "empty"), "");
    cr_expect_str_eq(target_query(&t, "bare"), "");
    cr_expect_null(target_query(&t, "none"));
    target_clear(&t);
}

Test(api_parts, a_parameter_that_comes_again_is_marked)
{
    struct target t;
    struct err e = {0};

    cr_assert_eq(parse("/a?x=1&y=2&%78=3&X=4", &t, &e), E_OK, "%s", e.msg);
    cr_assert_eq(t.queries_len, 4);
    cr_expect(!t.queries[0].again && !t.queries[1].again && !t.queries[3].again);
    cr_expect(t.queries[2].again);
    cr_expect_str_eq(target_query(&t, "x"), "1");
    target_clear(&t);
}

Test(api_parts, a_target_that_cannot_be_read_is_refused)
{
    static const char *const bad[] = {
        "",     "x",    "*",          "http://", "/%",       "/%2",
        "/%2x", "/%x2", "/a?b=%",     "/a?b=%4", "/%00",     "/%0d%0a",
        "/%7f", "/%ff", "/%ed%a0%80", "/a#b",    "/a?x=1#b", "/?a&b&c&d&e&f&g&h&i"};
    struct target t;
    struct err e;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_eq(parse(bad[i], &t, &e), E_INVALID, "%s", bad[i]);
        cr_expect_eq(t.segments_len + t.queries_len, 0);
    }
    char *lengthy = xcalloc(1, 9001);
    memset(lengthy, 'a', 9000);
    lengthy[0] = '/';
    cr_expect_eq(parse(lengthy, &t, &e), E_INVALID);
    free(lengthy);
}

Test(api_parts, a_target_may_be_a_whole_url)
{
    static const struct {
        const char *raw, *host;
        const char *first; /* segment */
        const char *b;
    } good[] = {
        {"http://localhost:4600/jobs/u?b=1", "localhost:4600", "jobs",    "1" },
        {"HTTPS://[::1]:1/healthz",          "[::1]:1",        "healthz", NULL},
        {"http://h",                         "h",              "",        NULL},
        {"http://h?b=/x",                    "h",              "",        "/x"},
        {"http://h/",                        "h",              "",        NULL},
        {"/http://h/",                       NULL,             "http:",   NULL},
    };
    static const char *const bad[] = {"http://",      "http:///x",   "http://u@h/", "http://u:p@h/",
                                      "ftp://h/",     "http:/h",     "http://h/#f", "http://h#f",
                                      "http://h%00/", "http://h/%zz"};
    struct target t;
    struct err e = {0};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cr_assert_eq(parse(good[i].raw, &t, &e), E_OK, "%s: %s", good[i].raw, e.msg);
        cr_expect_str_eq(t.host == NULL ? "" : t.host, good[i].host == NULL ? "" : good[i].host);
        cr_expect_str_eq(t.segments[0], good[i].first, "%s", good[i].raw);
        cr_expect_str_eq(target_query(&t, "b") == NULL ? "" : target_query(&t, "b"),
                         good[i].b == NULL ? "" : good[i].b);
        target_clear(&t);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_eq(parse(bad[i], &t, &e), E_INVALID, "%s", bad[i]);
    }
}

/* ---- the tables ---- */

Test(api_parts, every_route_is_whole_and_found_by_its_own_path)
{
    for (size_t i = 0; i < routes_len; i++) {
        const struct route *r = &routes[i];
        const struct route *found = NULL;
        char allow[64];
        struct target t;
        cr_assert(r->run != NULL && r->answers != NULL && r->summary[0] != '\0' &&
                  r->operation[0] != '\0');
        cr_expect_eq(strchr(r->path, '{') != NULL, r->id_help != NULL, "%s", r->path);
        cr_expect_eq((r->flags & ROUTE_BODY) != 0, r->body != NULL, "%s", r->path);
        char *path = xstrdup(r->path);
        char *brace = strchr(path, '{');
        if (brace != NULL) {
            (void)snprintf(brace, strlen(brace) + 1, "x");
        }
        cr_assert_eq(target_parse(path, &t, NULL), E_OK);
        cr_expect_eq(route_find(r->method, &t, false, &found, allow, sizeof allow), ROUTE_FOUND);
        cr_expect_eq(found, r, "%s %s", r->method, r->path);
        bool writes = (r->flags & ROUTE_WRITES) != 0;
        cr_expect_eq(route_find(r->method, &t, true, &found, allow, sizeof allow),
                     writes ? ROUTE_NO_METHOD : ROUTE_FOUND);
        cr_expect_null(strstr(allow, writes ? r->method : "none"));
        for (size_t k = 0; k < i; k++) {
            cr_expect(strcmp(routes[k].operation, r->operation) != 0);
        }
        target_clear(&t);
        free(path);
    }
}

Test(api_parts, the_document_is_json_and_names_only_schemas_it_has)
{
    char *text = openapi_text(&(struct openapi_about){.tokens = true, .rated = true});
    cJSON *doc = json_parse(text, strlen(text), "openapi", NULL);
    const cJSON *schemas = json_object(json_object(doc, "components"), "schemas");

    cr_assert_not_null(doc);
    cr_expect_eq((size_t)cJSON_GetArraySize(schemas), api_schemas_len);
    for (const char *s = text; (s = strstr(s, "#/components/schemas/")) != NULL;) {
        char name[40];
        s += strlen("#/components/schemas/");
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(s, "\""), s);
        cr_expect_not_null(json_object(schemas, name), "%s", name);
    }
    cJSON_Delete(doc);
    free(text);
}

/* ---- tokens ---- */

#define GOOD "0123456789abcdef"
#define OTHER "fedcba9876543210~+/=._-"

Test(api_parts, a_token_is_found_by_its_whole_text)
{
    struct tokens *t = tokens_new();
    static const char file[] = "# comment\n\n  web\t" GOOD "  \r\nci " OTHER;
    struct err e = {0};

    cr_assert_eq(tokens_parse(t, file, sizeof file - 1, "tokens", &e), E_OK, "%s", e.msg);
    cr_expect_eq(tokens_len(t), 2);
    cr_expect_str_eq(tokens_find(t, GOOD), "web");
    cr_expect_str_eq(tokens_find(t, OTHER), "ci");
    cr_expect_null(tokens_find(t, ""));
    cr_expect_null(tokens_find(t, "0123456789abcde"));
    cr_expect_null(tokens_find(t, GOOD "0"));
    cr_expect_null(tokens_find(t, "web"));
    tokens_free(t);
}

Test(api_parts, a_bad_token_line_is_named_by_number_and_never_quoted)
{
    static const char *const bad[] = {
        "web",
        "web short-geheim",
        "web geheimgeheimgeheim geheim",
        "geheimgeheimgeheim client",
        "we/b geheimgeheimgeheim",
        "web geheimgeheimge\xc3\xa4heim",
        "geheimgeheimgeheimgeheimgeheimgeheimgeheimgeheimgeheimgeheimgeheim1 " GOOD,
        "web " GOOD "\nweb " OTHER,
        "web " GOOD "\nci " GOOD,
    };
    struct err e;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct tokens *t = tokens_new();
        cr_expect_eq(tokens_parse(t, bad[i], strlen(bad[i]), "tokens", &e), E_CONFIG, "%s", bad[i]);
        cr_expect(strncmp(e.msg, "tokens:", 7) == 0, "%s", e.msg);
        cr_expect(strstr(e.msg, "geheim") == NULL && strstr(e.hint, "geheim") == NULL, "%s", e.msg);
        tokens_free(t);
    }
    char nul[5000] = "web " GOOD; /* the rest of the line is NUL bytes */
    struct tokens *t = tokens_new();
    cr_expect_eq(tokens_parse(t, nul, sizeof nul, "tokens", &e), E_CONFIG);
    tokens_free(t);
}

Test(api_parts, the_environment_may_name_several_tokens_and_two_of_one_client)
{
    static const struct {
        const char *text, *good, *other; /* the names of both tokens; NULL: it is refused */
    } rows[] = {
        {GOOD,                         "default", NULL     },
        {GOOD "," OTHER,               "default", "default"},
        {"web " GOOD ", web " OTHER,   "web",     "web"    },
        {" " GOOD " ,  ci  " OTHER "", "default", "ci"     },
        {GOOD ",",                     NULL,      NULL     },
        {",",                          NULL,      NULL     },
        {GOOD "," GOOD,                NULL,      NULL     },
        {"web " GOOD " geheim",        NULL,      NULL     },
        {GOOD ",geheim",               NULL,      NULL     },
        {"web ci " GOOD,               NULL,      NULL     },
        {"geheimgeheimgeheim client",  NULL,      NULL     },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tokens *t = tokens_new();
        struct err e = {0};
        enum err_code rc = tokens_list(t, rows[i].text, &e);
        cr_expect_eq(rc, rows[i].good == NULL ? E_CONFIG : E_OK, "%s: %s", rows[i].text, e.msg);
        cr_expect(strstr(e.msg, "geheim") == NULL, "%s", e.msg);
        if (rc == E_OK) {
            cr_expect_str_eq(tokens_find(t, GOOD), rows[i].good);
            const char *other = tokens_find(t, OTHER);
            cr_expect_str_eq(other == NULL ? "" : other,
                             rows[i].other == NULL ? "" : rows[i].other);
        }
        tokens_free(t);
    }
}

Test(api_parts, a_token_file_that_others_may_read_is_refused)
{
    char dir[] = "/tmp/mvpdash-tokens.XXXXXX";
    struct err e;

    cr_assert_not_null(mkdtemp(dir));
    char *path = path_join(dir, "tokens");
    struct tokens *t = tokens_new();
    cr_expect_eq(tokens_read(t, path, &e), E_CONFIG, "missing");
    cr_assert_eq(path_write_atomic(path, "web " GOOD "\n", 21, 0600, NULL), E_OK);
    cr_expect_eq(tokens_read(t, path, &e), E_OK, "%s", e.msg);
    cr_assert_eq(chmod(path, 0640), 0);
    cr_expect_eq(tokens_read(t, path, &e), E_CONFIG);
    cr_expect(strstr(e.msg, "0640") != NULL && strstr(e.hint, "chmod 600") != NULL, "%s", e.msg);
    cr_expect_eq(tokens_read(t, dir, &e), E_CONFIG, "a folder");
    cr_assert_eq(path_write_atomic(path, "# none\n", 7, 0600, NULL), E_OK);
    cr_expect_eq(tokens_read(t, path, &e), E_CONFIG, "no token in it");
    tokens_free(t);
    (void)!path_remove_tree(dir, NULL);
    free(path);
}

Test(api_parts, bearer_is_read_in_any_case)
{
    cr_expect_str_eq(tokens_bearer("Bearer x"), "x");
    cr_expect_str_eq(tokens_bearer("bearer   x"), "x");
    cr_expect_null(tokens_bearer("Basic x"));
    cr_expect_null(tokens_bearer("Bearer "));
    cr_expect_null(tokens_bearer("Bearer"));
    cr_expect_null(tokens_bearer(NULL));
}

/* ---- cursors ---- */

Test(api_parts, a_cursor_comes_back_as_it_was_and_only_for_its_list)
{
    struct cursor c = {.index_done = true, .stray = {.time_ms = TIME_NONE}};
    struct cursor back;
    struct err e = {0};

    user_place_set(&c.index, "2025-08-20T10:30:00.000Z", "job_\"\xc3\xa4");
    c.stray.id = xstrdup("j2");
    char *text = cursor_text(&c, "user/1", "FAILED");
    cr_expect_eq(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                 strlen(text), "%s", text);
    cr_assert_eq(cursor_parse(text, "user/1", "FAILED", &back, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(back.index.created, c.index.created);
    cr_expect_str_eq(back.index.job_id, c.index.job_id);
    cr_expect_str_eq(back.stray.id, "j2");
    cr_expect_eq(back.stray.time_ms, TIME_NONE);
    cr_expect(back.index_done);
    cursor_clear(&back);
    cr_expect_eq(cursor_parse(text, "user/2", "FAILED", &back, &e), E_INVALID);
    cr_expect_eq(cursor_parse(text, "user/1", NULL, &back, &e), E_INVALID);
    static const char *const bad[] = {"", "e30", "a", "!!!!", "eyJsIjoi", "AAAA", "e30="};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_eq(cursor_parse(bad[i], "user/1", "FAILED", &back, &e), E_INVALID, "%s", bad[i]);
    }
    for (size_t i = 0; text[i] != '\0'; i++) { /* cut short anywhere */
        char *cut = xstrndup(text, i);
        cr_expect_eq(cursor_parse(cut, "user/1", "FAILED", &back, &e), E_INVALID, "%s", cut);
        free(cut);
    }
    cursor_clear(&c);
    free(text);
}

/* ---- rates ---- */

Test(api_parts, a_client_over_its_rate_waits_and_no_other_does)
{
    struct limiter *l = limiter_new(10);
    int64_t now = 1000000;

    for (int i = 0; i < 20; i++) {
        cr_expect_eq(limiter_ask(l, "a", now, NULL), 0, "%d", i);
    }
    cr_expect_eq(limiter_ask(l, "a", now, NULL), 1);
    cr_expect_eq(limiter_ask(l, "b", now, NULL), 0);
    now += 100;
    cr_expect_eq(limiter_ask(l, "a", now, NULL), 0, "one more after a tenth of a second");
    cr_expect_eq(limiter_ask(l, "a", now, NULL), 1);
    now += 3600000;
    for (int i = 0; i < 20; i++) {
        cr_expect_eq(limiter_ask(l, "a", now, NULL), 0);
    }
    cr_expect_eq(limiter_ask(l, "a", now, NULL), 1, "no more than twice the rate at once");
    limiter_free(l);
}

Test(api_parts, any_number_of_clients_takes_bounded_room)
{
    struct limiter *l = limiter_new(1);
    char name[32];

    for (int i = 0; i < 50000; i++) {
        (void)snprintf(name, sizeof name, "client %d", i);
        cr_assert_eq(limiter_ask(l, name, 1000, NULL), 0);
    }
    limiter_free(l);
    l = limiter_new(0);
    for (int i = 0; i < 1000; i++) {
        cr_assert_eq(limiter_ask(l, "a", 0, NULL), 0, "0 is no limit");
    }
    limiter_free(l);
}

/* ---- proxies ---- */

Test(api_parts, a_proxy_is_an_address_or_a_network)
{
    static const char *const good[] = {"10.0.0.0/8", "192.0.2.7", "2001:db8::/32",
                                       "::1",        "0.0.0.0/0", "::ffff:10.0.0.1"};
    static const char *const bad[] = {"",         "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1",
                                      "10.0.0/8", "proxy",       "::/129",    "10.0.0.0/8x",
                                      "/8"};
    struct proxies *p = proxies_new();

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cr_expect_eq(proxies_add(p, good[i], NULL), E_OK, "%s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err e = {0};
        cr_expect_eq(proxies_add(p, bad[i], &e), E_CONFIG, "%s", bad[i]);
    }
    proxies_free(p);
}

Test(api_parts, only_what_a_believed_proxy_wrote_says_who_asks)
{
    static const struct {
        const char *peer, *forwarded_for, *forwarded, *client;
    } rows[] = {
        {"10.1.2.3",    NULL,                           NULL,                                       "10.1.2.3"   },
        {"10.1.2.3",    "192.0.2.1",                    NULL,                                       "192.0.2.1"  },
        {"10.1.2.3",    "6.6.6.6, 192.0.2.1",           NULL,                                       "192.0.2.1"  },
        {"10.1.2.3",    "6.6.6.6,192.0.2.1 , 10.9.9.9", NULL,                                       "192.0.2.1"  },
        {"10.1.2.3",    "192.0.2.1:4711",               NULL,                                       "192.0.2.1"  },
        {"10.1.2.3",    "[2001:db8::5]:80",             NULL,                                       "2001:db8::5"},
        {"10.1.2.3",    "2001:DB8:0::5",                NULL,                                       "2001:db8::5"},
        {"10.1.2.3",    "::ffff:192.0.2.9",             NULL,                                       "192.0.2.9"  },
        {"10.1.2.3",    "192.0.2.1, unknown",           NULL,                                       "10.1.2.3"   },
        {"10.1.2.3",    "192.0.2.1,",                   NULL,                                       "10.1.2.3"   },
        {"10.1.2.3",    "",                             NULL,                                       "10.1.2.3"   },
        {"10.1.2.3",    NULL,                           "for=192.0.2.1;proto=https",                "192.0.2.1"  },
        {"10.1.2.3",    NULL,                           "For=\"[2001:db8::5]:80\"",                 "2001:db8::5"},
        {"10.1.2.3",    NULL,                           "proto=http; for=192.0.2.1 ",               "192.0.2.1"  },
        {"10.1.2.3",    NULL,                           "for=6.6.6.6, by=10.1.1.1",                 "10.1.2.3"   },
        {"10.1.2.3",    NULL,                           "for=_hidden",                              "10.1.2.3"   },
        {"10.1.2.3",    NULL,                           "host=\"x;for=6.6.6.6;y\";for=192.0.2.1",   "192.0.2.1"  },
        {"10.1.2.3",    NULL,                           "for=192.0.2.1;host=\"x,for=6.6.6.6;y\"",   "192.0.2.1"  },
        {"10.1.2.3",    NULL,                           "for=192.0.2.1;host=\"\\\",for=6.6.6.6;\"", "192.0.2.1"  },
        {"10.1.2.3",    NULL,                           "for=6.6.6.6;proto=http;for=192.0.2.1",     "10.1.2.3"   },
        {"10.1.2.3",    NULL,                           "for=\", for=192.0.2.1",                    "10.1.2.3"   },
        {"10.1.2.3",    "192.0.2.1",                    "for=192.0.2.1",                            "192.0.2.1"  },
        {"10.1.2.3",    "192.0.2.1",                    "for=6.6.6.6",                              "10.1.2.3"   },
        {"172.16.0.1",  "192.0.2.1",                    "for=192.0.2.1",                            "172.16.0.1" },
        {"2001:db8::1", "10.3.3.3, 2001:db8:0:1::9",    NULL,                                       "10.3.3.3"   },
    };
    struct proxies *p = proxies_new();
    char out[INET6_ADDRSTRLEN];

    cr_assert_eq(proxies_add(p, "10.0.0.0/8", NULL), E_OK);
    cr_assert_eq(proxies_add(p, "2001:db8::/63", NULL), E_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        proxies_client(p, rows[i].peer, rows[i].forwarded_for, rows[i].forwarded, out);
        cr_expect_str_eq(out, rows[i].client, "%zu: %s, not %s", i, out, rows[i].client);
    }
    cr_expect(proxies_trust(p, "10.255.0.1"));
    cr_expect_not(proxies_trust(p, "11.0.0.1"));
    cr_expect(proxies_trust(p, "2001:db8:0:1::1"));
    cr_expect_not(proxies_trust(p, "2001:db8:0:2::1"));
    cr_expect_not(proxies_trust(NULL, "10.0.0.1"));
    proxies_free(p);
}
