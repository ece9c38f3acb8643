/* Files of deploys: JSON Lines and CSV. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "jobs/deploy_file.h"

static struct deploy_file f;
static struct err e;

static enum err_code read_text(const char *text)
{
    return deploy_file_read(text, strlen(text), &f, &e);
}

static void done(void)
{
    deploy_file_clear(&f);
}

TestSuite(deploy_file, .fini = done, .timeout = 60);

Test(deploy_file, json_lines_are_read_with_their_line_numbers)
{
    cr_assert_eq(
        read_text("\xef\xbb\xbf{\"userId\":\"u1\",\"productId\":\"p\",\"metadata\":{\"x\":1}}"
                  "\r\n\r\n  \n{\"userId\":\"u2\",\"productId\":\"p\",\"features\":[\"a\"]}"),
        E_OK, "%s", e.msg);
    cr_assert_eq(f.len, 2);
    cr_assert_eq(f.lines[0], 1);
    cr_assert_eq(f.lines[1], 4);
    cr_assert_str_eq(f.requests[1].user_id, "u2");
    cr_assert_eq(f.requests[1].features_len, 1);
    cr_assert_eq(json_int(f.requests[0].metadata, "x", 0), 1);
}

Test(deploy_file, csv_columns_are_fields_flags_or_metadata)
{
    cr_assert_eq(read_text("user-id,PRODUCT_ID, businessName ,plan,features,metadata,retryOf\r\n"
                           "u1,p,\"A \"\"q\"\",\r\nb\",gold,\"x, y\",\"{\"\"n\"\":[1]}\",job_1\r\n"
                           "\r\n"
                           "u2,p,,,,,"),
                 E_INVALID, "a line break is no business name");
    cr_assert_eq(f.errors_len, 1);
    cr_assert_eq(f.errors[0].line, 2);
    cr_assert_str_eq(f.errors[0].field, "businessName");
    deploy_file_clear(&f);
    cr_assert_eq(
        read_text(
            "\xef\xbb\xbfuser-id,PRODUCT_ID, businessName ,plan,features,metadata,retryOf\r\n"
            "u1,p,\"A \"\"q\"\", b\",gold,\"x, y\",\"{\"\"n\"\":[1],\r\n\"\"m\"\":2}\",job_1\r\n"
            "\r\n"
            "u2,p,,,,,"),
        E_OK, "%s", e.msg);
    cr_assert_eq(f.len, 2);
    cr_assert_eq(f.lines[1], 5, "lines within quotes count");
    cr_assert_str_eq(f.requests[0].business_name, "A \"q\", b");
    cr_assert_str_eq(json_str(f.requests[0].metadata, "plan"), "gold");
    cr_assert_eq(json_int(f.requests[0].metadata, "m", 0), 2);
    cr_assert_eq(f.requests[0].features_len, 2);
    cr_assert_str_eq(f.requests[0].retry_of, "job_1");
    cr_assert_null(f.requests[1].metadata);
    cr_assert_null(f.requests[1].business_name);
}

static const struct bad_case {
    const char *text;
    size_t line;
    const char *field, *says;
} bad[] = {
    {"",                                                                      0, "",          "no deploy"        },
    {" \r\n\n",                                                               0, "",          "no deploy"        },
    {"userId,productId\n",                                                    0, "",          "no deploy"        },
    {"{",                                                                     1, "",          "not JSON"         },
    {"\n{\"userId\":\"u\"}",                                                  2, "productId", "is missing"       },
    {"{\"userId\":\"u\",\"productId\":\"p\"} x",                              1, "",          "not JSON"         },
    {"{\"userId\":7,\"productId\":\"p\"}",                                    1, "userId",    "is a number"      },
    {"{\"userId\":\"u\",\"productId\":\"p\",\"nope\":1}",                     1, "",          "\"nope\""         },
    {"[{\"userId\":\"u\",\"productId\":\"p\"}]",                              1, "",          "jq -c '.[]'"      },
    {"\n[\n{\"userId\":\"u\"},\n{}]\n",                                       1, "",          "jq -c '.[]'"      },
    {" {\n\"userId\":\"u\",\n\"productId\":\"p\"}\n",                         1, "",          "jq -c '.'"        },
    {"{\"userId\":\"u\",\"productId\":\"p\",\"userId\":\"v\"}",               1, "userId",    "is there twice"   },
    {"{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":{\"n\":1,\"n\":2}}", 1, "n",
     "is there twice"                                                                                            },
    {"\xff\xfeu\x01",                                                         1, "",          "UTF-16"           },
    {"{\"userId\":\"u\xff\",\"productId\":\"p\"}",                            1, "",          "not JSON"         },
    {"{\"userId\":\"u\",\"productId\":\"p\",\"jobId\":\"a\"}\n{\"userId\":\"u\",\"productId\":"
     "\"p\","
     "\"jobId\":\"a\"}",                                                 2, "jobId",     "that of line 1"   },
    {"userId\nu",                                                             1, "productId", "no such column"   },
    {"userId;productId\nu;p",                                                 1, "userId",    "by commas"        },
    {"userId,productId,user-id\nu,p,u",                                       1, "",          "the same"         },
    {"userId,productId,x,x\nu,p,1,2",                                         1, "",          "the same"         },
    {"userId,productId,\nu,p,1",                                              1, "",          "no name"          },
    {"userId,productId\nu",                                                   2, "",          "has 1 column"     },
    {"userId,productId\nu,p,q",                                               2, "",          "has 3 columns"    },
    {"userId,productId\nu,\"p",                                               2, "",          "not closed"       },
    {"userId,productId\nu,\"p\"q",                                            2, "",          "after its closing"},
    {"userId,productId\nu,p\"q",                                              2, "",          "in the middle"    },
    {"userId,productId\nu,p\xff",                                             2, "",          "UTF-8"            },
    {"userId,productId\n,p",                                                  2, "userId",    "is missing"       },
    {"userId,productId,priority\nu,p,urgent",                                 2, "priority",  "high, normal, low"},
    {"userId,productId,n,metadata\nu,p,1,\"{\"\"n\"\":2}\"",                  2, "n",         "a column too"     },
};

ParameterizedTestParameters(deploy_file, a_mistake_is_told_with_line_and_field)
{
    static size_t index[sizeof bad / sizeof *bad];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof bad / sizeof *bad);
}

ParameterizedTest(size_t *i, deploy_file, a_mistake_is_told_with_line_and_field)
{
    const struct bad_case *b = &bad[*i];

    cr_assert_eq(read_text(b->text), E_INVALID, "%s", b->text);
    cr_assert_not_null(strstr(e.msg, b->says), "%s: %s", b->text, e.msg);
    cr_assert_eq(f.errors_len, b->line > 0, "%s", b->text);
    if (b->line > 0) {
        cr_assert_eq(f.errors[0].line, b->line, "%s", b->text);
        cr_assert_str_eq(f.errors[0].field, b->field, "%s", b->text);
    }
}

Test(deploy_file, every_mistake_of_a_csv_line_is_told)
{
    cr_assert_eq(read_text("userId,productId,priority,email\n,p,urgent,nobody\na b,p,,\nu,p,,"),
                 E_INVALID);
    cr_assert_eq(f.errors_len, 4);
    cr_assert_eq(f.errors[3].line, 3);
    cr_assert_eq(f.len, 1, "the good line is good");
}

Test(deploy_file, fifty_mistakes_are_kept_and_that_there_are_more)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_adds(&b, "userId,productId\n");
    for (int i = 0; i < 60; i++) {
        strbuf_adds(&b, "a b,p\n");
    }
    cr_assert_eq(deploy_file_read(b.data, b.len, &f, &e), E_INVALID);
    cr_assert_eq(f.errors_len, DEPLOY_FILE_ERRORS_MAX);
    cr_assert(f.more_errors);
    strbuf_clear(&b);
}

Test(deploy_file, a_nul_is_no_text)
{
    static const char csv[] = "userId,productId\nu,p\0q\n";
    static const char json[] = "{\"userId\":\"u\0\",\"productId\":\"p\"}";

    cr_assert_eq(deploy_file_read(csv, sizeof csv - 1, &f, &e), E_INVALID);
    deploy_file_clear(&f);
    cr_assert_eq(deploy_file_read(json, sizeof json - 1, &f, &e), E_INVALID);
    deploy_file_clear(&f);
    cr_assert_eq(deploy_file_read("\0\0\0", 3, &f, &e), E_INVALID);
}

/* A line of `n` bytes among good ones. */
static char *long_line(const char *before, size_t n, const char *after, size_t *len)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_adds(&b, before);
    for (size_t i = 0; i < n; i++) {
        strbuf_addc(&b, 'x');
    }
    strbuf_adds(&b, after);
    *len = b.len;
    return strbuf_take(&b);
}

Test(deploy_file, a_huge_line_is_refused_and_the_next_one_read)
{
    size_t len;
    char *json = long_line("{\"userId\":\"", DEPLOY_FILE_LINE_MAX + 1,
                           "\",\"productId\":\"p\"}\n{\"userId\":\"u\",\"productId\":\"p\"}", &len);
    char *csv = long_line("userId,productId\n\"", DEPLOY_FILE_LINE_MAX + 1, "\",p\nu,p", &len);
    char *bare = long_line("userId,productId\n", DEPLOY_FILE_LINE_MAX + 1, ",p\nu,p", &len);
    char *const all[] = {json, csv, bare};

    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(read_text(all[i]), E_INVALID);
        cr_assert_eq(f.errors_len, 1, "case %zu", i);
        cr_assert_not_null(strstr(e.msg, "is over"), "case %zu: %s", i, e.msg);
        cr_assert_eq(f.len, 1, "case %zu", i);
        deploy_file_clear(&f);
        free(all[i]);
    }
}

Test(deploy_file, the_database_url_is_never_repeated)
{
    cr_assert_eq(read_text("userId,productId,founderdashDbUrl\nu,p,my geheim password"), E_INVALID);
    cr_assert_str_eq(f.errors[0].field, "founderdashDbUrl");
    cr_assert_null(strstr(f.errors[0].err.msg, "geheim"), "%s", f.errors[0].err.msg);
    cr_assert_null(strstr(e.msg, "geheim"));
}
