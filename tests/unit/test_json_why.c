/* What a person is told about a text that is not JSON. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"

static const struct {
    const char *text, *why;
} cases[] = {
    {"",                        "it is empty"                                                     },
    {"  ",                      "it is empty"                                                     },
    {"{\"a\":1 \"b\":2}",       "a comma is missing after byte 6"                                 },
    {"{\"a\":\"xyz\" \"b\":2}", "a comma is missing after byte 10"                                },
    {"[1 2]",                   "a comma is missing after byte 2"                                 },
    {"{\"a\":[1,2] \"b\":1}",   "a comma is missing after byte 10"                                },
    {"{\"a\":1,}",              "a comma too many stands before the } after byte 7"               },
    {"[1,]",                    "a comma too many stands before the ] after byte 3"               },
    {"{\"a\":1,,\"b\":2}",      "a comma too many stands after byte 7"                            },
    {"[1,,2]",                  "a comma too many stands after byte 3"                            },
    {"{'a':1}",                 "single quotes after byte 1: JSON takes double quotes (\")"       },
    {"{\"a\":'x'}",             "single quotes after byte 5: JSON takes double quotes (\")"       },
    {"{\xe2\x80\x9c"
     "a\":1}",             "curly quotes after byte 1: JSON takes double quotes (\")"        },
    {"{\"a\":1",                "the { after byte 0 is not closed"                                },
    {"{\"a\":[1,2",             "the [ after byte 5 is not closed"                                },
    {"{\"a\":{\"b\":1}",        "the { after byte 0 is not closed"                                },
    {"{",                       "the { after byte 0 is not closed"                                },
    {"{\"a\":",                 "the { after byte 0 is not closed"                                },
    {"[1}",                     "the [ after byte 0 is closed by a } after byte 2"                },
    {"{\"a\":\"x}",             "the double quote after byte 5 is not closed"                     },
    {"{\"a\" 1}",               "a colon is missing after byte 4"                                 },
    {"{\"a\"}",                 "a colon is missing after byte 4"                                 },
    {"{\"a\":}",                "a value is missing after byte 5"                                 },
    {"{a:1}",                   "the name after byte 1 needs double quotes"                       },
    {"{\"a\":gold}",            "the text after byte 5 needs double quotes"                       },
    {"{\"a\":True}",            "True after byte 5: JSON writes true"                             },
    {"{\"a\":None}",            "None after byte 5: JSON writes null"                             },
    {"{\"a\":012}",             "the number after byte 5 is not one of JSON"                      },
    {"{\"a\":1.}",              "the number after byte 5 is not one of JSON"                      },
    {"{\"a\":\"C:\\dir\"}",     "\\d after byte 8 is not an escape of JSON: write \\\\ for one \\"},
    {"hello",                   "it does not begin with { or another JSON value"                  },
};

Test(json_why, the_first_mistake_is_named_with_its_place)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        char want[200];
        cJSON *v = json_parse(cases[i].text, strlen(cases[i].text), "metadata", &e);
        (void)snprintf(want, sizeof want, "metadata: not JSON: %s", cases[i].why);
        cr_expect_null(v, "%s", cases[i].text);
        cr_expect_str_eq(e.msg, want, "%s\n  is: %s\n  not %s", cases[i].text, e.msg, want);
    }
}

/* Every cut and every changed byte of a sound text is refused with some sentence, or is sound. */
Test(json_why, no_damage_of_a_text_hangs_or_reads_past_its_end)
{
    static const char sound[] =
        "{\"a\":[1,-2.5e3,{\"b\":\"x\\n\\u00e9\"},[]],\"c\":true,\"d\":null,\"e\":{}}";
    static const char bytes[] = "{}[],:\"'\\ax0-. \n\x01\xe2";
    size_t n = sizeof sound - 1;

    for (size_t at = 0; at <= n; at++) {
        for (size_t b = 0; b < sizeof bytes; b++) {
            struct err e = {0};
            char *copy = malloc(n + 1); /* of the exact size, for the sanitizer */
            memcpy(copy, sound, at);
            memcpy(copy + at, sound + at, n - at);
            size_t len = n;
            if (b + 1 == sizeof bytes) {
                copy = realloc(copy, at + (at == 0));
                len = at;
            } else if (at < n) {
                copy[at] = bytes[b];
            }
            cJSON *v = json_parse(copy, len, "t", &e);
            cr_expect(v != NULL || e.msg[0] != '\0');
            cJSON_Delete(v);
            free(copy);
        }
    }
}
