/* Env files in the common dialect of dotenv libraries and shells. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "core/envfile.h"
#include "core/rand.h"

TestSuite(envfile, .timeout = 120);

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
    {"K=v",                                                     "v"                         },
    {"export K=v\n",                                            "v"                         },
    {"  export\tK = v w \r\n",                                  "v w"                       },
    {"\xef\xbb\xbfK=v\n",                                       "v"                         },
    {"# note\n\nK=v # why\n",                                   "v"                         },
    {"K=v#1\n",                                                 "v#1"                       },
    {"K=\n",                                                    ""                          },
    {"K= # nothing\n",                                          ""                          },
    {"K='a \"b\" \\n #c' # d\n",                                "a \"b\" \\n #c"            },
    {"K=\"a\\n\\\"b\\\" \\$x\"\n",                              "a\n\"b\" $x"               },
    {"K=\"two\nlines\"\nL=1\n",                                 "two\nlines"                },
    {"K=1\nK=2\n",                                              "2"                         },
    {"export=3\nK=export\n",                                    "export"                    },
    {"K=a=b==\n",                                               "a=b=="                     },
    {"K=postgres://u:p@h/d?x=1&y#z",                            "postgres://u:p@h/d?x=1&y#z"},
    {"set -a\nK=v\nset +a\n",                                   "v"                         },
    {"set -o allexport # all\nexport PATH LANG\nexport K\nK=v", "v"                         },
    {"set = 1\nK=v",                                            "v"                         },
    {"K \t=\t v",                                               "v"                         },
    {"K=#1ff\n",                                                "#1ff"                      },
    {"K =\t#1ff\n",                                             ""                          },
    {"K=\"it's\"",                                              "it's"                      },
    {"K='say \"hi\"'#c",                                        "say \"hi\""                },
    {"K='it\\'s' # c",                                          "it's"                      },
    {"K='C:\\dir\\' # c\nL='x'",                                "C:\\dir\\"                 },
    {"K=\"{\"a\":\"b\"}\" # json\n",                            "{\"a\":\"b\"}"             },
    {"K='a'b'c'\n",                                             "a'b'c"                     },
    {"K=\"\"\n",                                                ""                          },
    {"K=it's \"fine\"",                                         "it's \"fine\""             },
    {"K=\"two\r\nlines\"\r\nL=1",                               "two\nlines"                },
    {"A=1\rK=v\r",                                              "v"                         },
    {"1A=x\nmy.key-2=y\nK=v",                                   "v"                         },
    {"\xc2\xa0K\xc2\xa0=\xe2\x80\x89v w\xc2\xa0\xe3\x80\x80",   "v w"                       },
    {"export\xc2\xa0K=\"v\"\xc2\xa0# c",                        "v"                         },
    {"K=v\xc2\xa0# c",                                          "v"                         },
    {"\fK=v\v",                                                 "v"                         },
    {"K=\"a\xc2\xa0\"",                                         "a\xc2\xa0"                 },
    {"export K=\"1\"; export L=\"2\"",                          "1"                         },
    {"export L='2'; export K='1' # c",                          "1"                         },
    {"L=\"2\" K=\"1\"",                                         "1"                         },
    {"K=\"v\";\nL=1",                                           "v"                         },
    {"K='v'; export K",                                         "v"                         },
    {"K=\"{\"a\";\"b\"}\"",                                     "{\"a\";\"b\"}"             },
    {"K=\"<a href=\"x\" id=\"y\">\"",                           "<a href=\"x\" id=\"y\">"   },
    {"PATH=\"$PATH:/x\"; export PATH\nK=v",                     "v"                         },
    {"K=1; L=2",                                                "1; L=2"                    },
    {"K=`id` $(id) $HOME",                                      "`id` $(id) $HOME"          },
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

/* One foreign line: what it is warned with, and that K of the line after it counts. */
static const struct bad_case {
    const char *text, *says;
} bad[] = {
    {"A=1\nnonsense\nK=v\n",          "f:2: expected KEY=VALUE"          },
    {"A=1\r\n\r\n=v\r\nK=v\r\n",      "f:3: expected KEY=VALUE"          },
    {"A B=v\nK=v\n",                  "f:1: expected KEY=VALUE"          },
    {"if [ -n \"$X\" ]; then\nK=v\n", "f:1: expected KEY=VALUE"          },
    {"{\"not\": \"env\"}\nK=v\n",     "f:1: expected KEY=VALUE"          },
    {"name: value\nK=v\n",            "f:1: expected KEY=VALUE"          },
    {"A=1\nB=\"open\nK=v\n",          "f:2: the quote \" is never closed"},
    {"B='it is\nK=v\n",               "f:1: the quote ' is never closed" },
    {"B='a' b\nK=v\n",                "f:1: text after the closing quote"},
    {"B=\"two\nlines\" x\nK=v\n",     "f:1: text after the closing quote"},
    {"<<<<<<< HEAD\nK=v\n",           "f:1: expected KEY=VALUE"          },
    {"set -a; B=1\nK=v\n",            "f:1: expected KEY=VALUE"          },
    {"B=\"1\"; rm x\nK=v\n",          "f:1: text after the closing quote"},
    {"K=v\nsource other.env\n",       "f:2: expected KEY=VALUE"          },
};

ParameterizedTestParameters(envfile, a_foreign_line_spoils_itself_alone)
{
    static size_t index[sizeof bad / sizeof *bad];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof bad / sizeof *bad);
}

ParameterizedTest(size_t *i, envfile, a_foreign_line_spoils_itself_alone)
{
    struct env_file f;
    const char *text = bad[*i].text;

    cr_expect_str_eq(value_of(&f, text, "K"), "v", "%s", text);
    cr_assert_geq(f.warnings_len, 1, "%s", text);
    cr_expect(strncmp(f.warnings[0], bad[*i].says, strlen(bad[*i].says)) == 0, "%s: %s", text,
              f.warnings[0]);
    cr_expect_null(env_file_find(&f, "B"), "%s", text);
    env_file_clear(&f);
}

Test(envfile, a_file_of_something_else_is_not_told_line_by_line)
{
    static char text[4096];
    struct env_file f;
    struct err e;

    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = i % 8 == 7 ? '\n' : '?';
    }
    cr_assert_eq(env_file_parse(text, sizeof text, "f", &f, &e), E_OK);
    cr_expect_eq(f.len, 0);
    cr_assert_eq(f.warnings_len, 20);
    cr_expect_not_null(strstr(f.warnings[19], "further lines like it"));
    env_file_clear(&f);
}

/* PowerShell's `>` and `Set-Content -Encoding Unicode`. */
Test(envfile, reads_utf_16)
{
    static const char marked[] = "\xff\xfe#\0 \0\xfc\0\r\0\n\0K\0=\0\"\0\xe4\0\"\0\r\0\n\0";
    static const char bare[] = "\0A\0=\0x\0\n\0K\0=\0y\0\n";
    struct env_file f;
    struct err e;

    cr_assert_eq(env_file_parse(marked, sizeof marked - 1, "f", &f, &e), E_OK, "%s", e.msg);
    cr_assert_not_null(env_file_find(&f, "K"));
    cr_expect_str_eq(env_file_find(&f, "K")->value, "\xc3\xa4");
    cr_expect_eq(env_file_find(&f, "K")->line, 2);
    cr_expect_eq(f.warnings_len, 0);
    env_file_clear(&f);
    cr_assert_eq(env_file_parse(bare, sizeof bare - 1, "f", &f, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(env_file_find(&f, "K")->value, "y");
    env_file_clear(&f);
    cr_expect_eq(env_file_parse("\xff\xfe=", 3, "f", &f, &e), E_CONFIG);
    cr_expect_not_null(strstr(e.msg, "UTF-16"));
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

    cr_assert_eq(env_file_parse(text, strlen(text), "f", &f, &e), E_OK);
    cr_assert_eq(f.warnings_len, 1);
    cr_expect_null(strstr(f.warnings[0], "hunter2"));
    cr_expect_eq(f.len, 0);
    env_file_clear(&f);
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
    static const char alphabet[] = "AB=='\"\\\n\r# ;\texport \xc3\xa4\xc2\xa0$";

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
