#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "core/envfile.h"
#include "core/rand.h"

TestSuite(envfile, .timeout = 10);

static const char *value_of(struct env_file *f, const char *text, const char *key)
{
    struct err e;

    cr_assert_eq(env_file_parse(text, strlen(text), "f", f, &e), E_OK, "%s: %s", text, e.msg);
    const struct env_entry *x = env_file_find(f, key);
    return x == NULL ? NULL : x->value;
}

static const struct good_case {
    const char *text, *want;
} good[] = {
    {"K=v",                          "v"                         },
    {"export K=v\n",                 "v"                         },
    {"  export\tK = v w \r\n",       "v w"                       },
    {"\xef\xbb\xbfK=v\n",            "v"                         },
    {"# note\n\nK=v # why\n",        "v"                         },
    {"K=v#1\n",                      "v#1"                       },
    {"K=\n",                         ""                          },
    {"K= # nothing\n",               ""                          },
    {"K='a \"b\" \\n #c' # d\n",     "a \"b\" \\n #c"            },
    {"K=\"a\\n\\\"b\\\" \\$x\"\n",   "a\n\"b\" $x"               },
    {"K=\"two\nlines\"\nL=1\n",      "two\nlines"                },
    {"K=1\nK=2\n",                   "2"                         },
    {"export=3\nK=export\n",         "export"                    },
    {"K=a=b==\n",                    "a=b=="                     },
    {"K=postgres://u:p@h/d?x=1&y#z", "postgres://u:p@h/d?x=1&y#z"},
};

ParameterizedTestParameters(envfile, reads_what_a_shell_would)
{
    static size_t index[sizeof good / sizeof *good];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof good / sizeof *good);
}

ParameterizedTest(size_t *i, envfile, reads_what_a_shell_would)
{
    struct env_file f;

    cr_expect_str_eq(value_of(&f, good[*i].text, "K"), good[*i].want);
    env_file_clear(&f);
}

static const struct bad_case {
    const char *text, *says;
} bad[] = {
    {"A=1\nnonsense\n",      "f:2: expected KEY=VALUE"          },
    {"A=1\n\n=v\n",          "f:3: expected KEY=VALUE"          },
    {"1A=v\n",               "f:1: expected KEY=VALUE"          },
    {"A B=v\n",              "f:1: expected KEY=VALUE"          },
    {"A=1\nK=\"open\nB=2\n", "f:2: the quote \" is never closed"},
    {"K='a' b\n",            "f:1: text after the closing quote"},
    {"export K\n",           "f:1: expected KEY=VALUE"          },
};

ParameterizedTestParameters(envfile, names_the_line_of_a_mistake)
{
    static size_t index[sizeof bad / sizeof *bad];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof bad / sizeof *bad);
}

ParameterizedTest(size_t *i, envfile, names_the_line_of_a_mistake)
{
    struct env_file f;
    struct err e;

    cr_expect_eq(env_file_parse(bad[*i].text, strlen(bad[*i].text), "f", &f, &e), E_CONFIG);
    cr_expect(strncmp(e.msg, bad[*i].says, strlen(bad[*i].says)) == 0, "%s: %s", bad[*i].text,
              e.msg);
    cr_expect_eq(f.len, 0);
}

Test(envfile, keeps_the_line_of_a_key_after_a_long_value)
{
    struct env_file f;

    cr_assert_not_null(value_of(&f, "A='1\n2\n3'\nB=x\n", "B"));
    cr_expect_eq(env_file_find(&f, "B")->line, 4);
    env_file_clear(&f);
}

Test(envfile, never_quotes_a_value_in_an_error)
{
    struct env_file f;
    struct err e;
    const char *text = "AWS_SECRET_ACCESS_KEY='hunter2' hunter2\n";

    cr_assert_eq(env_file_parse(text, strlen(text), "f", &f, &e), E_CONFIG);
    cr_expect_null(strstr(e.msg, "hunter2"));
}

Test(envfile, refuses_binary_and_huge_files)
{
    struct env_file f;
    struct err e;
    static char big[ENV_FILE_MAX_BYTES + 1];

    cr_expect_eq(env_file_parse("A=\0b", 4, "f", &f, &e), E_CONFIG);
    memset(big, '\n', sizeof big);
    cr_expect_eq(env_file_parse(big, sizeof big, "f", &f, &e), E_CONFIG);
}

Test(envfile, survives_garbage)
{
    static const char alphabet[] = "AB=='\"\\\n\r# \texport \xc3\xa4$";

    for (int round = 0; round < 3000; round++) {
        char text[64];
        size_t len = rand_below(sizeof text);
        for (size_t i = 0; i < len; i++) {
            text[i] = alphabet[rand_below(sizeof alphabet - 1)];
        }
        struct env_file f;
        struct err e;
        if (env_file_parse(text, len, "f", &f, &e) == E_OK) {
            for (size_t i = 0; i < f.len; i++) {
                cr_assert_neq(f.items[i].key[0], '\0');
            }
            env_file_clear(&f);
        } else {
            cr_assert_eq(f.len, 0);
        }
    }
}
