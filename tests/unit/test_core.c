/* The small parts of core: strings, JSON, maps, secrets, files, randomness. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/cond.h"
#include "core/handle_index.h"
#include "core/json.h"
#include "core/log.h"
#include "core/map.h"
#include "core/path.h"
#include "core/rand.h"
#include "core/secret.h"
#include "core/strbuf.h"

Test(strbuf, a_limit_stops_growth_and_is_remembered)
{
    struct strbuf b = STRBUF_LIMIT(8);

    strbuf_adds(&b, "12345678");
    cr_expect_not(b.overflow);
    strbuf_addc(&b, '9');
    cr_expect(b.overflow);
    cr_expect_str_eq(strbuf_str(&b), "12345678");
    strbuf_clear(&b);
    cr_expect_str_eq(strbuf_str(&b), "");
}

Test(strbuf, what_is_printed_is_whole_or_not_there_at_every_length)
{
    char text[1100];

    for (int len = 0; len < 1050; len++) { /* over the first room and the buffer of xasprintf */
        struct strbuf b = STRBUF_INIT;
        struct strbuf limited = STRBUF_LIMIT(200);
        (void)snprintf(text, sizeof text, "<%0*d>", len, 7);
        strbuf_addf(&b, "<%0*d>", len, 7);
        cr_expect_str_eq(strbuf_str(&b), text, "%d", len);
        cr_expect_eq(b.len, strlen(text), "%d", len);
        strbuf_addf(&b, "<%0*d>", len, 7);
        cr_expect_eq(b.len, 2 * strlen(text), "%d", len);
        cr_expect_str_eq(strbuf_str(&b) + strlen(text), text, "%d", len);
        strbuf_adds(&limited, "x");
        strbuf_addf(&limited, "%s", text);
        cr_expect_eq(limited.overflow, strlen(text) > 199, "%d", len);
        cr_expect_eq(strlen(strbuf_str(&limited)), limited.len, "%d", len);
        cr_expect_eq(limited.len, limited.overflow ? 1 : strlen(text) + 1, "%d", len);
        char *s = xasprintf("%s", text);
        cr_expect_str_eq(s, text, "%d", len);
        free(s);
        strbuf_clear(&b);
        strbuf_clear(&limited);
    }
}

Test(strbuf, take_moves_the_text_out)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_addf(&b, "%s-%d", "x", 7);
    char *s = strbuf_take(&b);
    cr_expect_str_eq(s, "x-7");
    cr_expect_eq(b.len, 0u);
    free(s);
    s = strbuf_take(&b);
    cr_expect_str_eq(s, "");
    free(s);
}

Test(json, only_one_whole_valid_document_is_taken)
{
    static const char *const bad[] = {"",
                                      "{",
                                      "{} {}",
                                      "{\"a\":1,}",
                                      "nul",
                                      "[1 2]",
                                      "\"\xff\"",
                                      "{\"a\":1}x",
                                      "\x01",
                                      "{'a':1}",
                                      "[1,]",
                                      "[,1]",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{1:2}",
                                      "[",
                                      "\"",
                                      "\"\\",
                                      "\"\\\"",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\u12g4\"",
                                      "\"a\nb\"",
                                      "\"\t\"",
                                      "01",
                                      "1.",
                                      ".5",
                                      "+1",
                                      "-",
                                      "1e",
                                      "1e+",
                                      "--1",
                                      "0x1",
                                      "NaN",
                                      "Infinity",
                                      "tru",
                                      "truex",
                                      "[true false]",
                                      "\"\xc3\"",
                                      "\"\xed\xa0\x80\"",
                                      "]",
                                      "{]",
                                      "\"\\\xc3\xa9\""};
    struct err e;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cJSON *v = json_parse(bad[i], strlen(bad[i]), "body", &e);
        cr_expect_null(v, "%s", bad[i]);
        cr_expect_eq(e.code, E_PARSE);
        cJSON_Delete(v);
    }
    cr_expect_null(json_parse("{}\0", 3, "body", &e));
    static const char good[] = " {\"a\":[1,\"x\",true]} \n";
    cJSON *v = json_parse(good, sizeof good - 1, "body", &e);
    cr_assert_not_null(v);
    cJSON_Delete(v);
}

/* cJSON's own parser is the measure for what is valid. */
Test(json, trees_are_those_of_cjson)
{
    static const char *const good[] = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "12",
        "-1.5e3",
        "1E-2",
        "123456789012345",
        "1234567890123456789",
        "0.1",
        "1e400",
        "\"\"",
        "[]",
        "{}",
        " [ 1 , 2 ] ",
        "{\"a\":{\"S\":\"x\"},\"b\":{\"NS\":[\"1\",\"2\"]},\"\":[[],{}]}",
        "{\"BOOL\":true,\"NULL\":null,\"SS\":1,\"BS\":2,\"XS\":3,\"B\":4,\"BOLO\":5}",
        "\"plain text that is longer than eight bytes, with \xc3\xa9 and \xf0\x9f\x98\x80 in it\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u4e2d\\ud83d\\ude00\"",
        "[\"1234567\",\"12345678\",\"123456789\",\"1234567\\\"\",\"12345678\\\\9\"]",
        "{\"a\":1,\"a\":2}"};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct err e = {0};
        cJSON *want = cJSON_Parse(good[i]);
        cJSON *got = json_parse(good[i], strlen(good[i]), "t", &e);
        cr_assert_not_null(got, "%s: %s", good[i], e.msg);
        char *a = json_text(want);
        char *b = json_text(got);
        cr_expect_str_eq(a, b);
        cJSON *copy = json_copy(got);
        cJSON_Delete(got);
        char *c = json_text(copy);
        cr_expect_str_eq(a, c, "a copy lives on its own");
        free(a);
        free(b);
        free(c);
        cJSON_Delete(copy);
        cJSON_Delete(want);
    }
}

Test(json, what_c_strings_cannot_hold_becomes_a_mark)
{
    static const char text[] = "[\"a\\u0000b\",\"\\ud800\",\"\\udc00x\",\"\\ud800\\u0041\"]";
    cJSON *v = json_parse(text, sizeof text - 1, "t", NULL);
    char *out = json_text(v);

    cr_expect_str_eq(out, "[\"a\xef\xbf\xbd"
                          "b\",\"\xef\xbf\xbd\",\"\xef\xbf\xbdx\","
                          "\"\xef\xbf\xbd"
                          "A\"]");
    free(out);
    cJSON_Delete(v);
}

struct handed {
    char texts[256];
    int len;
};

static void take_element(void *arg, const cJSON *element)
{
    struct handed *h = arg;
    char *text = json_text(element);

    strncat(h->texts, text, sizeof h->texts - strlen(h->texts) - 2);
    strcat(h->texts, ";");
    h->len++;
    free(text);
}

/* Notes the length of each element's text. */
static void take_size(void *arg, const cJSON *element)
{
    size_t *sizes = arg;
    char *text = json_text(element);

    while (*sizes != 0) {
        sizes++;
    }
    *sizes = strlen(text);
    free(text);
}

Test(json, each_element_is_handed_over_and_the_rest_is_the_tree)
{
    static const char text[] = "{\"Count\":3,\"Items\": [ {\"a\":[1,2]}, \"b\" , null],"
                               "\"in\":{\"Items\":[4]},\"Last\":{\"S\":\"x\"}}";
    struct handed h = {{0}, 0};
    const struct json_each each = {"Items", take_element, &h};
    struct err e = {0};

    cJSON *v = json_parse_each(text, sizeof text - 1, "t", &each, &e);
    cr_assert_not_null(v, "%s", e.msg);
    char *rest = json_text(v);
    cr_expect_str_eq(h.texts, "{\"a\":[1,2]};\"b\";null;");
    cr_expect_str_eq(rest, "{\"Count\":3,\"Items\":[],\"in\":{\"Items\":[4]},"
                           "\"Last\":{\"S\":\"x\"}}");
    free(rest);
    cJSON_Delete(v);
}

/* Of any size: more than one block of the parser's room, and again a small one after it. */
Test(json, each_element_may_be_larger_than_the_room_for_it)
{
    struct strbuf text = STRBUF_INIT;
    struct strbuf want = STRBUF_INIT;
    size_t sizes[3] = {0};
    const struct json_each each = {"Items", take_size, sizes};

    strbuf_adds(&text, "{\"Items\":[");
    for (int i = 0; i < 5000; i++) {
        strbuf_addf(&want, "%s{\"name %d\":\"%d\"}", i == 0 ? "[" : ",", i, i);
    }
    strbuf_adds(&want, "]");
    strbuf_addf(&text, "%s,\"%0*d\",[1]]}", strbuf_str(&want), 300000, 7);
    cJSON *v = json_parse_each(text.data, text.len, "t", &each, NULL);
    cr_expect_not_null(v);
    cr_expect_eq(sizes[0], want.len);
    cr_expect_eq(sizes[1], 300002);
    cr_expect_eq(sizes[2], 3);
    cJSON_Delete(v);
    strbuf_clear(&text);
    strbuf_clear(&want);
}

Test(json, each_stays_as_strict_as_the_whole)
{
    static const char *const bad[] = {"{\"Items\":[1,2",   "{\"Items\":[1,,2]}",
                                      "{\"Items\":[1 2]}", "{\"Items\":[1]}x",
                                      "{\"Items\":[1],}",  "{\"Items\":[\"\x01\"]}"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct handed h = {{0}, 0};
        const struct json_each each = {"Items", take_element, &h};
        struct err e = {0};
        cr_expect_null(json_parse_each(bad[i], strlen(bad[i]), "t", &each, &e), "%s", bad[i]);
        cr_expect_eq(e.code, E_PARSE, "%s", bad[i]);
    }
    struct handed h = {{0}, 0};
    const struct json_each each = {"Items", take_element, &h};
    static const char *const none[] = {"[{\"Items\":[1]}]", "{\"Items\":{\"Items\":[1]}}",
                                       "{\"Items\":7}"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        cJSON *v = json_parse_each(none[i], strlen(none[i]), "t", &each, NULL);
        char *same = json_text(v);
        cr_expect_str_eq(same, none[i]);
        free(same);
        cJSON_Delete(v);
    }
    cr_expect_eq(h.len, 0);
}

Test(json, parsed_strings_can_be_changed_and_moved)
{
    static const char text[] = "\xef\xbb\xbf{\"a\":{\"S\":\"old\"},\"b\":[\"x\"]}";
    cJSON *v = json_parse(text, sizeof text - 1, "t", NULL);
    cJSON *s = cJSON_GetObjectItem(cJSON_GetObjectItem(v, "a"), "S");

    json_change_str(s, "a longer text than before");
    json_change_str(s, "short");
    cJSON *moved = cJSON_DetachItemFromObject(cJSON_GetObjectItem(v, "a"), "S");
    json_set(v, "S2", moved);
    json_push(cJSON_GetObjectItem(v, "b"), cJSON_DetachItemFromObject(v, "a"));
    json_push_str(cJSON_GetObjectItem(v, "b"), "y");
    char *out = json_text(v);
    cr_expect_str_eq(out, "{\"b\":[\"x\",{},\"y\"],\"S2\":\"short\"}");
    free(out);
    cJSON_Delete(v);
}

Test(json, deep_nesting_is_refused_before_it_is_parsed)
{
    char *deep = xmalloc(100001);
    struct err e;

    memset(deep, '[', 100000);
    deep[100000] = '\0';
    cr_expect_null(json_parse(deep, 100000, "body", &e));
    cr_expect(strstr(e.msg, "nesting") != NULL);
    free(deep);
}

Test(json, readers_read_wrong_types_as_absent)
{
    struct err e;
    const char *text = "{\"s\":1,\"n\":\"x\",\"b\":null,\"big\":1e300}";
    cJSON *v = json_parse(text, strlen(text), "t", &e);

    cr_assert_not_null(v);
    cr_expect_null(json_str(v, "s"));
    cr_expect_eq(json_int(v, "n", -7), -7);
    cr_expect_eq(json_int(v, "big", 0), INT64_MAX);
    cr_expect(json_bool(v, "b", true));
    cr_expect_null(json_object(v, "s"));
    cr_expect_null(json_str(NULL, "s"));
    cJSON_Delete(v);
}

Test(json, integers_are_written_to_the_digit)
{
    cJSON *o = json_new_object();
    json_set_int(o, "a", INT64_MAX);
    json_set_int(o, "b", 1767323045123);
    json_set_str(o, "c", NULL);
    char *text = json_text(o);
    cr_expect_str_eq(text, "{\"a\":9223372036854775807,\"b\":1767323045123,\"c\":null}");
    free(text);
    cJSON_Delete(o);
}

Test(json, quote_makes_valid_json_of_anything)
{
    struct strbuf b = STRBUF_INIT;
    struct err e;

    json_quote(&b, "a\"\\\n\x01\xff\xe4\xb8\xad");
    cJSON *v = json_parse(b.data, b.len, "q", &e);
    cr_assert_not_null(v, "%s", b.data);
    cr_expect_str_eq(v->valuestring, "a\"\\\n\x01\xef\xbf\xbd\xe4\xb8\xad");
    cJSON_Delete(v);
    strbuf_clear(&b);
}

/* The parser looks at eight bytes at once: what ends a run may stand anywhere in them. */
Test(json, a_string_ends_wherever_its_quote_stands)
{
    char text[80];

    for (size_t len = 0; len < 40; len++) {
        for (size_t at = 0; at <= len; at++) {
            static const char *const parts[] = {"\\\"", "\xc3\xa9", "\x1f", "\x7f"};
            for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
                int n = snprintf(text, sizeof text, "\"%.*s%s%.*s\",1]", (int)at,
                                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", parts[k],
                                 (int)(len - at), "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
                char *array = xasprintf("[%s", text);
                cJSON *v = json_parse(array, (size_t)n + 1, "t", NULL);
                cr_assert_eq(v == NULL, k == 2, "%s", array);
                size_t want = len + (k == 1 ? 2 : 1);
                cr_expect(v == NULL || (strlen(v->child->valuestring) == want &&
                                        v->child->next->valueint == 1),
                          "%s", array);
                cJSON_Delete(v);
                free(array);
            }
        }
    }
}

Test(json, pretty_text_is_indented_by_two_blanks_and_reads_back)
{
    struct err e;
    static const char text[] = "{\"a\":[1,{\"b\\t:\":\"x\\ty\"}],\"c\":{}}";
    cJSON *v = json_parse(text, sizeof text - 1, "t", &e);
    cr_assert_not_null(v);
    char *pretty = json_pretty(v);
    cr_expect_null(strchr(pretty, '\t'));
    cr_expect(strncmp(pretty, "{\n  \"a\": [1, {\n", 15) == 0, "%s", pretty);
    cJSON *again = json_parse(pretty, strlen(pretty), "t", &e);
    cr_expect(cJSON_Compare(v, again, 1));
    free(pretty);
    cJSON_Delete(again);
    cJSON_Delete(v);
}

Test(map, behaves_like_a_plain_table_under_random_use)
{
    enum { KEYS = 300 };
    struct map *m = map_new();
    static int value[KEYS];
    bool in[KEYS] = {false};
    size_t count = 0;

    for (int round = 0; round < 20000; round++) {
        char key[16];
        uint32_t k = rand_below(KEYS);
        (void)snprintf(key, sizeof key, "k%u", k);
        switch (rand_below(3)) {
        case 0:
            cr_assert_eq(map_put(m, key, &value[k]), in[k] ? (void *)&value[k] : NULL);
            count += in[k] ? 0 : 1;
            in[k] = true;
            break;
        case 1:
            cr_assert_eq(map_remove(m, key), in[k] ? (void *)&value[k] : NULL);
            count -= in[k] ? 1 : 0;
            in[k] = false;
            break;
        default:
            cr_assert_eq(map_find(m, key), in[k] ? (void *)&value[k] : NULL);
        }
        cr_assert_eq(map_len(m), count);
    }
    size_t at = 0;
    size_t seen = 0;
    const char *key;
    void *v;
    while (map_next(m, &at, &key, &v)) {
        seen++;
    }
    cr_expect_eq(seen, count);
    map_free(m, NULL);
}

/* ---- handle index ---- */

/* The keys of the handles: many small ones, and some that need all bits of their slots. */
enum { HANDLES = 3000 };
static char handle_keys[HANDLES][16];

static uint32_t handle_at(size_t i)
{
    return i % 3 == 0 && i > HANDLES / 2 ? UINT32_MAX - 1 - (uint32_t)i : (uint32_t)i;
}

static const char *handle_key(const void *owner, uint32_t h)
{
    (void)owner;
    return handle_keys[h < HANDLES ? h : UINT32_MAX - 1 - h];
}

Test(handle_index, finds_each_handle_also_when_some_need_all_bits)
{
    struct handle_index x;

    for (size_t i = 0; i < HANDLES; i++) {
        (void)snprintf(handle_keys[i], sizeof handle_keys[i], "key %zu", i);
    }
    index_init(&x, handle_key);
    for (size_t i = 0; i < HANDLES; i++) {
        cr_assert_eq(index_find(&x, NULL, handle_keys[i]), HANDLE_NONE);
        index_put(&x, NULL, handle_at(i));
        cr_assert_eq(index_find(&x, NULL, handle_keys[i]), handle_at(i));
    }
    for (size_t i = 0; i < HANDLES; i += 2) {
        index_remove(&x, NULL, handle_at(i));
        index_remove(&x, NULL, handle_at(i)); /* it is not there any more */
    }
    for (size_t i = 0; i < HANDLES; i++) {
        cr_assert_eq(index_find(&x, NULL, handle_keys[i]), i % 2 == 0 ? HANDLE_NONE : handle_at(i),
                     "%zu", i);
    }
    cr_expect_eq(x.len, HANDLES / 2);
    index_done(&x);
}

static const struct mask_case {
    const char *in;
    const char *want;
} mask_cases[] = {
    {"postgresql://user:s3cret@db.example.com:5432/app",
     "postgresql://user:****@db.example.com:5432/app"                                                },
    {"postgresql://user@db/app",                         "postgresql://user@db/app"                  },
    {"postgresql://db/app?password=s3cret&ssl=true",     "postgresql://db/app?password=****&ssl=true"},
    {"postgresql://u:p%40s@ss/w?x@db/app",               "postgresql://u:****@db/app"                },
    {"s3cret",                                           "****"                                      },
    {"",                                                 ""                                          },
    {"postgresql://u:s3cret",                            "postgresql://u:****"                       },
};

Test(secret, a_database_url_shows_without_its_password)
{
    for (size_t i = 0; i < sizeof mask_cases / sizeof *mask_cases; i++) {
        struct strbuf b = STRBUF_INIT;
        secret_mask_url(&b, mask_cases[i].in);
        cr_expect_str_eq(strbuf_str(&b), mask_cases[i].want);
        cr_expect(strstr(strbuf_str(&b), "s3cret") == NULL);
        strbuf_clear(&b);
    }
}

Test(path, atomic_write_replaces_whole_files_and_keeps_the_mode)
{
    char dir[] = "/tmp/mvpdash-test-XXXXXX";
    struct err e;
    cr_assert_not_null(mkdtemp(dir));
    char *deep = path_join(dir, "a/b");
    char *file = path_join(deep, "f");

    cr_expect_eq(path_mkdirs(deep, 0700, &e), E_OK);
    cr_expect_eq(path_write_atomic(file, "one", 3, 0600, &e), E_OK);
    cr_expect_eq(path_write_atomic(file, "twice", 5, 0600, &e), E_OK);
    char *text = NULL;
    size_t len = 0;
    cr_expect_eq(path_read(file, 100, &text, &len, &e), E_OK);
    cr_expect_str_eq(text, "twice");
    free(text);
    cr_expect_eq(path_read(file, 4, &text, &len, &e), E_TOO_BIG);
    cr_expect_null(text);
    struct stat st;
    cr_expect_eq(stat(file, &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0600);
    cr_expect_eq(path_remove_tree(dir, &e), E_OK);
    cr_expect_not(path_exists(dir));
    cr_expect_eq(path_read(file, 4, &text, &len, &e), E_NOT_FOUND);
    free(file);
    free(deep);
}

Test(path, what_is_no_plain_file_is_not_waited_for, .timeout = 120)
{
    char dir[] = "/tmp/mvpdash-plain.XXXXXX";
    struct err e;
    char *text = NULL;
    size_t len = 0;
    cr_assert_not_null(mkdtemp(dir));
    char *file = path_join(dir, "file"), *pipe = path_join(dir, "pipe"), *to = path_join(dir, "to");

    cr_assert_eq(path_write_atomic(file, "one", 3, 0600, &e), E_OK);
    cr_assert_eq(mkfifo(pipe, 0600), 0);
    cr_assert_eq(symlink(pipe, to), 0);
    cr_expect_eq(path_read_plain(file, 3, &text, &len, &e), E_OK);
    cr_expect_str_eq(text, "one");
    free(text);
    const char *const others[] = {pipe, to, dir, "/dev/zero"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        cr_expect_eq(path_read_plain(others[i], 100, &text, &len, &e), E_INVALID, "%s", others[i]);
        cr_expect_null(text);
    }
    cr_expect_eq(path_read_own(file, 3, &text, &len, &e), E_OK);
    cr_expect_str_eq(text, "one");
    free(text);
    cr_assert_eq(unlink(to), 0);
    cr_assert_eq(symlink(file, to), 0);
    cr_expect_eq(path_read_plain(to, 3, &text, &len, &e), E_OK, "a link to a plain file is one");
    free(text);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        cr_expect_eq(path_read_own(others[i], 100, &text, &len, &e), E_INVALID, "%s", others[i]);
        cr_expect_null(text);
    }
    cr_expect_null(log_new(pipe, LOG_LVL_INFO, &e));
    cr_expect_eq(e.code, E_IO);
    cr_expect_null(log_new("/dev/null", LOG_LVL_INFO, &e), "only a plain file is a log");
    cr_expect_eq(path_remove_tree(dir, &e), E_OK);
    free(file);
    free(pipe);
    free(to);
}

Test(path, relative_xdg_values_are_ignored)
{
    cr_assert_eq(setenv("HOME", "/home/u", 1), 0);
    cr_assert_eq(setenv("XDG_STATE_HOME", "relative", 1), 0);
    char *dir = path_state_dir();
    cr_expect_str_eq(dir, "/home/u/.local/state/mvpdash");
    free(dir);
    cr_assert_eq(setenv("XDG_STATE_HOME", "/s", 1), 0);
    dir = path_state_dir();
    cr_expect_str_eq(dir, "/s/mvpdash");
    free(dir);
}

Test(rand, ids_are_of_the_right_form)
{
    char id[10];
    char uuid[UUID_SIZE];

    rand_base36(id, 9);
    cr_expect_eq(strspn(id, "0123456789abcdefghijklmnopqrstuvwxyz"), 9u);
    rand_uuid(uuid);
    cr_expect_eq(strlen(uuid), 36u);
    cr_expect_eq(uuid[14], '4');
    for (int i = 0; i < 1000; i++) {
        cr_assert_lt(rand_below(7), 7u);
        double u = rand_unit();
        cr_assert(u >= 0 && u < 1);
    }
}

Test(json, long_numbers_keep_their_digits)
{
    static const char text[] = "[1, 1.5, \"12345678901234567890 \\\" -1\", 12345678901234567890, "
                               "{\"12345678901234567\": -0.12345678901234567e-5}, 2]";
    cJSON *v = json_parse(text, sizeof text - 1, "x", NULL);

    cr_assert_not_null(v);
    cr_expect_null(json_digits(cJSON_GetArrayItem(v, 0)));
    cr_expect_null(json_digits(cJSON_GetArrayItem(v, 2)), "a text is no number");
    cr_expect_str_eq(json_digits(cJSON_GetArrayItem(v, 3)), "12345678901234567890");
    cr_expect_str_eq(json_digits(cJSON_GetArrayItem(v, 4)->child), "-0.12345678901234567e-5");
    cJSON *copy = json_copy_exact(v);
    char *out = json_text(copy);
    cr_expect_str_eq(out, "[1,1.5,\"12345678901234567890 \\\" -1\",12345678901234567890,"
                          "{\"12345678901234567\":-0.12345678901234567e-5},2]");
    free(out);
    cJSON_Delete(copy);
    cJSON_Delete(v);
}

Test(json, a_number_is_what_the_grammar_says)
{
    static const char *const good[] = {"0",   "-0",    "7",      "-12.50",
                                       "1e5", "1E+05", "0.1e-9", "123456789012345678901234567890"};
    static const char *const bad[] = {"",    "-",     "+1",  "01",  "-01",     "1.",
                                      ".5",  "1e",    "1e+", " 1",  "1 ",      "1x",
                                      "0x1", "1e5.0", "--1", "NaN", "Infinity"};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cr_expect(json_is_number(good[i]), "%s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_not(json_is_number(bad[i]), "%s", bad[i]);
    }
}

Test(json, what_drives_a_terminal_is_escaped_in_what_people_and_programs_get)
{
    static const struct {
        const char *value, *want;
    } cases[] = {
        {"a\xc2\x9b"
         "2J",              "\"a\\u009b2J\""              },
        {"\x7f",                     "\"\\u007f\""                 },
        {"\xe2\x80\xaegpj.exe",      "\"\\u202egpj.exe\""          },
        {"\xe2\x81\xa7\xd8\x9c",     "\"\\u2067\\u061c\""          },
        {"\xef\xbb\xbf",             "\"\\ufeff\""                 },
        {"\xf3\xa0\x81\x81",         "\"\\udb40\\udc41\""          },
        {"\033[1m",                  "\"\\u001b[1m\""              },
        {"caf\xc3\xa9 \xe2\x80\x8d", "\"caf\xc3\xa9 \xe2\x80\x8d\""},
        {"\xff\xe4",                 "\"\\ufffd\\ufffd\""          },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *v = cJSON_CreateString(cases[i].value);
        char *safe = json_safe(v);
        char *pretty = json_pretty(v);
        cr_expect_str_eq(safe, cases[i].want, "%s", safe);
        cr_expect_str_eq(pretty, cases[i].want, "%s", pretty);
        cJSON *again = json_parse(safe, strlen(safe), "t", NULL);
        cr_expect_not_null(again);
        cr_expect(i == 8 || cJSON_Compare(v, again, 1), "%s is another value", safe);
        cJSON_Delete(again);
        cJSON_Delete(v);
        free(safe);
        free(pretty);
    }
}

Test(cond, a_wait_ends_by_the_clock_that_never_goes_back, .timeout = 120)
{
    static const int waits[] = {-5, 0, 1, 120, 1100};
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t never;

    cond_init(&never);
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        int64_t from = clock_mono_ms(NULL);
        const struct timespec until = cond_until(waits[i]);
        int rc = 0;
        cr_assert(until.tv_nsec >= 0 && until.tv_nsec < 1000000000L);
        (void)pthread_mutex_lock(&lock);
        while (rc == 0) { /* nobody wakes it but the system, for no reason */
            rc = pthread_cond_timedwait(&never, &lock, &until);
        }
        (void)pthread_mutex_unlock(&lock);
        cr_expect_eq(rc, ETIMEDOUT);
        cr_expect_geq(clock_mono_ms(NULL) - from, waits[i], "%d", waits[i]);
    }
    (void)pthread_cond_destroy(&never);
}
