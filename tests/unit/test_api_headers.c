/* What the REST API reads in header fields: media types, who asks; and the text that it cuts. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"
#include "src/api/browser.h"
#include "src/api/media.h"

TestSuite(api_headers, .timeout = 120);

Test(api_headers, media_types_are_read_as_such)
{
    static const char *const json[] = {"application/json",
                                       "Application/JSON",
                                       "application/json;",
                                       "application/json ; ",
                                       "application/json;charset=utf-8",
                                       "application/json; charset=UTF-8",
                                       "application/json; charset=\"utf-8\"",
                                       "application/json; charset=\"u\\tf-8\"",
                                       "application/json; CharSet=utf-8; x=1;",
                                       "application/json;;;x=\"a;b\\\"c\"",
                                       "application/json; version=1"};
    static const char *const other[] = {"",
                                        "json",
                                        "application/jsonx",
                                        "application/json+x",
                                        "application/json x",
                                        "application/json, text/html",
                                        "application/json; charset=latin1",
                                        "application/json; charset=utf-16; charset=utf-8",
                                        "application/json; charset",
                                        "application/json; charset=",
                                        "application/json; charset =utf-8",
                                        "application/json; =x",
                                        "application/json; x=\"a",
                                        "application/json; x=\"a\\",
                                        "text/plain; a=application/json"};

    for (size_t i = 0; i < sizeof json / sizeof *json; i++) {
        cr_expect(media_is_json(json[i]), "%s", json[i]);
    }
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        cr_expect(!media_is_json(other[i]), "%s", other[i]);
    }
    cr_expect(!media_is_json(NULL));
    static const char *const plain[] = {"", "identity", "Identity", "identity, identity", " , "};
    static const char *const coded[] = {"gzip", "br", "identity, gzip", "gzip,identity",
                                        "x-identity"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        cr_expect(media_is_plain(plain[i]), "%s", plain[i]);
        cr_expect(!media_is_plain(coded[i]), "%s", coded[i]);
    }
    cr_expect(media_is_plain(NULL));
}

Test(api_headers, only_names_of_this_machine_are_loopback)
{
    static const char *const own[] = {
        "localhost",   "LocalHost:80", "localhost.",  "127.0.0.1",           "127.0.0.1:4600",
        "127.255.3.9", "[::1]",        "[::1]:65535", "[0:0:0:0:0:0:0:1]:1", "localhost:"};
    static const char *const others[] = {"",
                                         "evil.example",
                                         "localhost.evil.example",
                                         "127.0.0.1.evil.example",
                                         "x",
                                         "0.0.0.0",
                                         "128.0.0.1",
                                         "127.1",
                                         "2130706433",
                                         "0x7f.0.0.1",
                                         "::1",
                                         "[::2]",
                                         "[::1",
                                         "[::1]x",
                                         "localhost:80x",
                                         "localhost:999999",
                                         "localhost@evil.example",
                                         "localhost localhost",
                                         "[127.0.0.1]",
                                         ":80"};

    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        cr_expect(browser_is_loopback(own[i]), "%s", own[i]);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        cr_expect(!browser_is_loopback(others[i]), "%s", others[i]);
    }
}

Test(api_headers, a_web_page_is_told_by_host_origin_and_site)
{
    static char app[] = "https://app.example";
    static char *const cors[] = {app};
    static const struct {
        struct browser_ask ask;
        bool answered;
    } rows[] = {
        {{.host = "localhost:4600"},                                                   true },
        {{.host = NULL},                                                               true },
        {{.host = "rebound.example:4600"},                                             false},
        {{.host = "rebound.example", .origin = "https://app.example"},                 false},
        {{.host = "localhost", .origin = "http://localhost"},                          true },
        {{.host = "localhost", .origin = "https://localhost"},                         false},
        {{.host = "localhost", .origin = "https://localhost", .secure = true},         true },
        {{.host = "localhost:1", .origin = "http://localhost:2"},                      false},
        {{.host = "localhost", .origin = "null"},                                      false},
        {{.host = "localhost", .origin = ""},                                          false},
        {{.host = "localhost", .origin = "https://evil.example"},                      false},
        {{.host = "localhost", .origin = "https://app.example"},                       true },
        {{.host = "localhost", .origin = "https://app.example.evil"},                  false},
        {{.host = "localhost", .origin = "https://app.example", .site = "cross-site"}, true },
        {{.host = "localhost", .site = "cross-site"},                                  false},
        {{.host = "localhost", .site = "Same-Site"},                                   false},
        {{.host = "localhost", .site = "what"},                                        false},
        {{.host = "localhost", .site = "none"},                                        true },
        {{.host = "localhost", .site = "same-origin"},                                 true },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *code = "";
        const char *why = browser_refusal(&rows[i].ask, cors, 1, &code);
        cr_expect_eq(why == NULL, rows[i].answered, "row %zu: %s", i, why == NULL ? "" : why);
    }
    struct err e = {0};
    static const char *const origins[] = {"https://app.example", "http://localhost:3000",
                                          "http://[::1]:3000"};
    static const char *const none[] = {
        "*",           "null",        "",        "app.example", "https://",   "https://a/",
        "https://a/b", "https://u@a", "ftp://a", "https://a:x", "https://a b"};
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        cr_expect_eq(browser_check_origin(origins[i], &e), E_OK, "%s", origins[i]);
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        cr_expect_eq(browser_check_origin(none[i], &e), E_CONFIG, "%s", none[i]);
    }
}

/* ---- text ---- */

Test(api_headers, text_is_cut_between_characters)
{
    static const char s[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z"; /* 1 + 2 + 3 + 4 + 1 bytes */
    static const int cut[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11, 11};
    struct err e;

    for (int max = 0; max < 14; max++) {
        cr_expect_eq(text_cut(s, max), cut[max], "%d: %d", max, text_cut(s, max));
    }
    cr_expect_eq(text_cut(NULL, 5), 0);
    cr_expect_eq(text_cut(s, -1), 0);
    cr_expect_eq(text_cut("\x80\x80\x80\x80\x80\x80", 5), 5, "no character at all");
    char bad[] = "a\xff\xc3(\xed\xa0\x80z\xe2\x82";
    text_mend(bad);
    cr_expect_str_eq(bad, "a?"
                          "?("
                          "??"
                          "?z");
    (void)err_set(&e, E_INVALID, "%s", "x\xf0\x9f\x98");
    cr_expect_str_eq(e.msg, "x");
    (void)err_set(&e, E_INVALID, "\"%.2s\" is none", "x\xc3\xa4");
    cr_expect_str_eq(e.msg, "\"x?\" is none");
}

Test(api_headers, escapes_that_no_string_holds_are_told)
{
    static const char *const bad[] = {"\"\\ud800\"",          "\"\\u0000\"",
                                      "\"\\udc00\\ud800\"",   "{\"a\\u0000\":1}",
                                      "[\"x\",\"\\ud83dx\"]", "\"\\ud83d\\ud83d\\ude00\"",
                                      "\"\\\\\\uDFFF\"",      "\"\\ud800\\n\""};
    static const char *const good[] = {"\"\\ud83d\\ude00\"",  "\"\\\\u0000\"", "\"\\\\ud800\"",
                                       "\"\\\"\\u0041\\\\\"", "\"\"",          "\"\\ufffd\""};
    struct err e;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_null(json_parse_whole(bad[i], strlen(bad[i]), "x", &e), "%s", bad[i]);
        cr_expect_not_null(strstr(e.msg, "escaped NUL or half"), "%s", e.msg);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cJSON *v = json_parse_whole(good[i], strlen(good[i]), "x", &e);
        cr_expect_not_null(v, "%s", good[i]);
        cJSON_Delete(v);
    }
}
