/* AttributeValues and DynamoDB's numbers. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/json.h"

static cJSON *parse(const char *text)
{
    struct err e;
    cJSON *v = json_parse(text, strlen(text), "test", &e);

    cr_assert(v != NULL, "%s: %s", text, e.msg);
    return v;
}

Test(attr, readers_give_values_of_their_type_only)
{
    cJSON *item =
        parse("{\"s\":{\"S\":\"x\"},\"n\":{\"N\":\"7\"},\"m\":{\"M\":{\"a\":{\"S\":\"y\"}}},"
              "\"l\":{\"L\":[{\"N\":\"1\"}]},\"two\":{\"S\":\"x\",\"N\":\"1\"},"
              "\"odd\":{\"N\":5},\"none\":{},\"nul\":null,\"q\":{\"Q\":\"x\"}}");

    cr_expect_str_eq(attr_str(item, "s"), "x");
    cr_expect_null(attr_str(item, "n"));
    cr_expect_str_eq(attr_num(item, "n"), "7");
    cr_expect_str_eq(attr_str(attr_map(item, "m"), "a"), "y");
    cr_expect_eq(cJSON_GetArraySize(attr_list(item, "l")), 1);
    cr_expect_null(attr_map(item, "l"));
    cr_expect_null(attr_str(item, "two"));
    cr_expect_null(attr_num(item, "odd"));
    cr_expect_eq(attr_type_of(attr_find(item, "none")), ATTR_NONE);
    cr_expect_eq(attr_type_of(attr_find(item, "nul")), ATTR_NONE);
    cr_expect_eq(attr_type_of(attr_find(item, "q")), ATTR_NONE);
    cr_expect_eq(attr_type_of(attr_find(item, "missing")), ATTR_NONE);
    cr_expect_null(attr_str(NULL, "s"));
    cr_expect_null(attr_value(attr_find(item, "two")));
    cJSON_Delete(item);
}

Test(attr, plain_json_keeps_digits_and_survives_malformed_parts)
{
    cJSON *item =
        parse("{\"n\":{\"N\":\"12345678901234567890.10\"},\"plus\":{\"N\":\"+.5\"},"
              "\"bad\":{\"N\":\"x\"},\"ss\":{\"SS\":[\"a\",5]},\"ns\":{\"NS\":[\"1.50\"]},"
              "\"m\":{\"M\":{\"t\":{\"BOOL\":true},\"z\":{\"NULL\":true}}},\"b\":{\"B\":\"AA==\"},"
              "\"l\":{\"L\":[{\"S\":\"x\"},7]},\"none\":{}}");
    cJSON *plain = attr_item_to_plain(item);
    char *text = json_text(plain);

    cr_expect_str_eq(text, "{\"n\":12345678901234567890.10,\"plus\":0.5,\"bad\":null,"
                           "\"ss\":[\"a\",null],\"ns\":[1.50],\"m\":{\"t\":true,\"z\":null},"
                           "\"b\":\"AA==\",\"l\":[\"x\",null],\"none\":null}");
    free(text);
    cJSON_Delete(plain);
    cJSON_Delete(item);
}

Test(attr, plain_values_become_attribute_values)
{
    cJSON *plain = parse("{\"s\":\"x\",\"n\":1.5,\"x\":12345678901234567890.5,\"i\":14400,\"t\":"
                         "true,\"z\":null,\"l\":[1,\"\"],"
                         "\"o\":{}}");
    cJSON *av = attr_from_plain(plain);
    char *text = json_text(av);
    struct err e = {0};

    cr_expect_str_eq(text, "{\"M\":{\"s\":{\"S\":\"x\"},\"n\":{\"N\":\"1.5\"},\"x\":{\"N\":"
                           "\"12345678901234567890.5\"},\"i\":{\"N\":\"14400\"},"
                           "\"t\":{\"BOOL\":true},\"z\":{\"NULL\":true},"
                           "\"l\":{\"L\":[{\"N\":\"1\"},{\"S\":\"\"}]},\"o\":{\"M\":{}}}}");
    cr_expect_eq(attr_validate(av, &e), E_OK, "%s", e.msg);
    cJSON *back = attr_to_plain(av);
    cr_expect(cJSON_GetArraySize(back) == cJSON_GetArraySize(plain));
    free(text);
    cJSON_Delete(back);
    cJSON_Delete(av);
    cJSON_Delete(plain);
}

Test(attr, makers_make_valid_values)
{
    cJSON *all = json_new_array();
    struct err e = {0};

    json_push(all, attr_new_str("x"));
    json_push(all, attr_new_str(NULL));
    json_push(all, attr_new_int(INT64_MIN));
    json_push(all, attr_new_num("1.50"));
    json_push(all, attr_new_bool(false));
    json_push(all, attr_new_null());
    json_push(all, attr_new_map(json_new_object()));
    cJSON *av = attr_new_list(all);
    cr_expect_eq(attr_validate(av, &e), E_OK, "%s", e.msg);
    char *text = json_text(av);
    cr_expect_str_eq(text, "{\"L\":[{\"S\":\"x\"},{\"NULL\":true},{\"N\":\"-9223372036854775808\"},"
                           "{\"N\":\"1.50\"},{\"BOOL\":false},{\"NULL\":true},{\"M\":{}}]}");
    free(text);
    cJSON_Delete(av);
}

Test(attr, numbers_have_one_normal_form)
{
    static const struct {
        const char *in, *want; /* NULL: refused */
    } cases[] = {
        {"0",                                              "0"                                       },
        {"-0",                                             "0"                                       },
        {"0.000",                                          "0"                                       },
        {"0e500",                                          "0"                                       },
        {"00012.500",                                      "12.5"                                    },
        {"+5",                                             "5"                                       },
        {".5",                                             "0.5"                                     },
        {"5.",                                             "5"                                       },
        {"-1.23e-3",                                       "-0.00123"                                },
        {"1E+3",                                           "1000"                                    },
        {"1200",                                           "1200"                                    },
        {"100e-1",                                         "10"                                      },
        {"0.001",                                          "0.001"                                   },
        {"12345678901234567890123456789012345678",         "12345678901234567890123456789012345678"  },
        {"1234567890123456789012345678901234567800",       "1234567890123456789012345678901234567800"},
        {"123456789012345678901234567890123456789",        NULL                                      },
        {"1.23456789012345678901234567890123456789",       NULL                                      },
        {"9.9999999999999999999999999999999999999E+125e1", NULL                                      },
        {"1E126",                                          NULL                                      },
        {"1E-131",                                         NULL                                      },
        {"1e999999999999999999999",                        NULL                                      },
        {"",                                               NULL                                      },
        {"-",                                              NULL                                      },
        {".",                                              NULL                                      },
        {"1.2.3",                                          NULL                                      },
        {"1e",                                             NULL                                      },
        {"1e+",                                            NULL                                      },
        {" 1",                                             NULL                                      },
        {"1 ",                                             NULL                                      },
        {"0x10",                                           NULL                                      },
        {"NaN",                                            NULL                                      },
        {"Infinity",                                       NULL                                      },
        {"1,5",                                            NULL                                      },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        char *got = attr_num_normalise(cases[i].in, &e);
        if (cases[i].want == NULL) {
            cr_expect_null(got, "%s gave %s", cases[i].in, got);
            cr_expect(e.code == E_INVALID && e.msg[0] != '\0', "%s", cases[i].in);
        } else {
            cr_expect(got != NULL && strcmp(got, cases[i].want) == 0, "%s gave %s: %s", cases[i].in,
                      got == NULL ? "nothing" : got, e.msg);
        }
        free(got);
    }
}

Test(attr, the_largest_and_smallest_numbers_are_kept_to_the_digit)
{
    char *max = attr_num_normalise("9.9999999999999999999999999999999999999E+125", NULL);
    char *min = attr_num_normalise("-1E-130", NULL);

    cr_assert(max != NULL && min != NULL);
    cr_expect_eq(strlen(max), 126);
    cr_expect(strncmp(max, "99999999999999999999999999999999999999000", 41) == 0, "%s", max);
    cr_expect_eq(strlen(min), 1 + 2 + 130);
    cr_expect_eq(min[strlen(min) - 1], '1');
    char *again = attr_num_normalise(max, NULL);
    cr_expect(again != NULL && strcmp(again, max) == 0);
    free(again);
    free(max);
    free(min);
}

Test(attr, numbers_compare_by_value)
{
    static const char *const ascending[] = {"junk",
                                            "-1E125",
                                            "-100",
                                            "-99.9",
                                            "-1E-130",
                                            "0",
                                            "1E-130",
                                            "0.1",
                                            "0.11",
                                            "1",
                                            "1.0000000000000000000000000000000000001",
                                            "2",
                                            "10",
                                            "1E125"};
    size_t n = sizeof ascending / sizeof *ascending;

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            int c = attr_num_compare(ascending[i], ascending[j]);
            cr_expect_eq((c > 0) - (c < 0), (i > j) - (i < j), "%s and %s", ascending[i],
                         ascending[j]);
        }
    }
    cr_expect_eq(attr_num_compare("1.50", "15e-1"), 0);
    cr_expect_eq(attr_num_compare("-0", "0"), 0);
}

Test(attr, sums_are_exact)
{
    static const struct {
        const char *a, *b;
        bool subtract;
        const char *want;
    } cases[] = {
        {"1",                                      "2",      false, "3"                  },
        {"1",                                      "2",      true,  "-1"                 },
        {"0.1",                                    "0.2",    false, "0.3"                },
        {"999",                                    "1",      false, "1000"               },
        {"1000",                                   "1",      true,  "999"                },
        {"-5",                                     "-7",     false, "-12"                },
        {"5",                                      "5",      true,  "0"                  },
        {"-0.5",                                   "0.25",   false, "-0.25"              },
        {"100",                                    "-0.001", false, "99.999"             },
        {"-100",                                   "0.001",  false, "-99.999"            },
        {"1E-130",                                 "1E-130", true,  "0"                  },
        {"1E125",                                  "1E125",  true,  "0"                  },
        {"9223372036854775807",                    "1",      false, "9223372036854775808"},
        {"99999999999999999999999999999999999999", "1",      false,
         "100000000000000000000000000000000000000"                                       },
        {"1E38",                                   "0.1",    false, NULL                 },
        {"9E125",                                  "9E125",  false, NULL                 },
        {"x",                                      "1",      false, NULL                 },
        {"1",                                      "",       false, NULL                 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        char *got = attr_num_add(cases[i].a, cases[i].b, cases[i].subtract, &e);
        if (cases[i].want == NULL) {
            cr_expect(got == NULL && e.code == E_INVALID, "%s, %s gave %s", cases[i].a, cases[i].b,
                      got);
        } else {
            cr_expect(got != NULL && strcmp(got, cases[i].want) == 0, "%s, %s gave %s: %s",
                      cases[i].a, cases[i].b, got == NULL ? "nothing" : got, e.msg);
        }
        free(got);
    }
}

static const struct validity {
    const char *json;
    enum err_code want;
    const char *part; /* of the message */
} validities[] = {
    {"{\"S\":\"\"}",                    E_OK,      NULL                         },
    {"{\"M\":{}}",                      E_OK,      NULL                         },
    {"{\"L\":[]}",                      E_OK,      NULL                         },
    {"{\"NS\":[\"1\",\"2.0\"]}",        E_OK,      NULL                         },
    {"{\"BS\":[\"AA==\",\"AQ==\"]}",    E_OK,      NULL                         },
    {"{\"B\":\"\"}",                    E_OK,      NULL                         },
    {"{}",                              E_INVALID, "is empty"                   },
    {"{\"Q\":\"x\"}",                   E_INVALID, "is empty"                   },
    {"{\"S\":\"a\",\"N\":\"1\"}",       E_INVALID, "more than one datatypes"    },
    {"{\"N\":\"abc\"}",                 E_INVALID, "numeric value: abc"         },
    {"{\"N\":\"1E200\"}",               E_INVALID, "overflow"                   },
    {"{\"N\":5}",                       E_PARSE,   "NUMBER_VALUE cannot be"     },
    {"{\"S\":{}}",                      E_PARSE,   "found where not expected"   },
    {"{\"BOOL\":\"true\"}",             E_PARSE,   "Boolean"                    },
    {"{\"NULL\":false}",                E_INVALID, "must have the value of true"},
    {"{\"SS\":[]}",                     E_INVALID, "may not be empty"           },
    {"{\"SS\":[\"a\",\"b\",\"a\"]}",    E_INVALID, "duplicates"                 },
    {"{\"NS\":[\"1\",\"1.0\"]}",        E_INVALID, "duplicates"                 },
    {"{\"NS\":[\"1\",\"x\"]}",          E_INVALID, "numeric value"              },
    {"{\"BS\":[\"AA==\",\"AA==\"]}",    E_INVALID, "duplicates"                 },
    {"{\"SS\":[\"a\",5]}",              E_PARSE,   "NUMBER_VALUE"               },
    {"{\"B\":\"AAA\"}",                 E_PARSE,   "multiple of 4"              },
    {"{\"B\":\"A*A=\"}",                E_PARSE,   "Base64"                     },
    {"{\"B\":\"AB==\"}",                E_PARSE,   "last non-pad"               },
    {"{\"B\":\"====\"}",                E_PARSE,   "Base64"                     },
    {"{\"M\":{\"a\":{\"N\":\"--1\"}}}", E_INVALID, "numeric"                    },
    {"{\"L\":[{\"S\":\"a\"},{}]}",      E_INVALID, "is empty"                   },
    {"5",                               E_PARSE,   "payload"                    },
    {"[]",                              E_PARSE,   "Start of list"              },
    {"null",                            E_PARSE,   "payload"                    },
};

ParameterizedTestParameters(attr, values_are_checked_by_the_rules)
{
    static size_t index[sizeof validities / sizeof *validities];
    for (size_t i = 0; i < sizeof validities / sizeof *validities; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof validities / sizeof *validities);
}

ParameterizedTest(size_t *i, attr, values_are_checked_by_the_rules)
{
    const struct validity *c = &validities[*i];
    struct err e = {0};
    cJSON *av = parse(c->json);

    cr_expect_eq(attr_validate(av, &e), c->want, "%s: %s", c->json, e.msg);
    if (c->part != NULL) {
        cr_expect(strstr(e.msg, c->part) != NULL, "%s: %s", c->json, e.msg);
    }
    cJSON_Delete(av);
}

static cJSON *nested(int levels)
{
    cJSON *av = attr_new_str("x");

    for (int i = 1; i < levels; i++) {
        cJSON *inside = json_new_array();
        json_push(inside, av);
        av = attr_new_list(inside);
    }
    return av;
}

Test(attr, nesting_is_limited_to_32_levels)
{
    cJSON *fits = nested(32);
    cJSON *deep = nested(33);
    struct err e = {0};

    cr_expect_eq(attr_validate(fits, &e), E_OK, "%s", e.msg);
    cr_expect_eq(attr_validate(deep, &e), E_INVALID);
    cr_expect(strstr(e.msg, "Nesting Levels") != NULL, "%s", e.msg);
    cJSON_Delete(fits);
    cJSON_Delete(deep);
}
