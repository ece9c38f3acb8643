/* Files of deploys: JSON Lines and CSV. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
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

TestSuite(deploy_file, .fini = done, .timeout = 120);

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
    cr_assert_eq(f.requests[1].features.len, 1);
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
    cr_assert_eq(f.requests[0].features.len, 2);
    cr_assert_str_eq(f.requests[0].retry_of, "job_1");
    cr_assert_null(f.requests[1].metadata);
    cr_assert_null(f.requests[1].business_name);
}

/* A deploy without its business name cannot be undone: the header is refused before any is sent. */
Test(deploy_file, a_column_that_nearly_is_a_field_is_pointed_out)
{
    static const struct {
        const char *name, *field;
    } near[] = {
        {"busnessName",    "businessName"    },
        {"Business",       "businessName"    },
        {"prio",           "priority"        },
        {"dbUrl",          "founderdashDbUrl"},
        {"bussinesName",   "businessName"    },
        {"Business Name",  "businessName"    },
        {"buisness_name",  "businessName"    },
        {"feature",        "features"        },
        {"e mail",         "userEmail"       },
        {"Estimated Dur.", NULL              },
        {"prioritty",      "priority"        },
        {"metadatas",      "metadata"        },
        {"usrEmail",       "userEmail"       },
        {"detail",         NULL              },
        {"plan",           NULL              },
        {"note",           NULL              },
        {"retail",         NULL              },
        {"name",           NULL              },
        {"x",              NULL              },
        {"retryOf",        NULL              },
    };
    char text[120];

    for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
        (void)snprintf(text, sizeof text, "userId,productId,%s\nu,p,v", near[i].name);
        enum err_code rc = read_text(text);
        if (near[i].field == NULL) {
            cr_expect_eq(rc, E_OK, "%s: %s", near[i].name, e.msg);
        } else {
            cr_expect_eq(rc, E_INVALID, "%s", near[i].name);
            cr_expect_eq(f.errors_len, 1);
            cr_expect_eq(f.errors[0].line, 1);
            cr_expect_not_null(strstr(e.msg, near[i].name), "%s", e.msg);
            (void)snprintf(text, sizeof text, "did you mean %s?", near[i].field);
            cr_expect_not_null(strstr(e.msg, text), "%s", e.msg);
        }
        deploy_file_clear(&f);
    }
    /* where the field has its own column, the other one is meant; so is a key under metadata */
    cr_expect_eq(read_text("userId,productId,businessName,busnessName\nu,p,Shop,x"), E_OK, "%s",
                 e.msg);
    cr_expect_str_eq(json_str(f.requests[0].metadata, "busnessName"), "x");
    deploy_file_clear(&f);
    cr_expect_eq(read_text("userId,productId,metadata\nu,p,\"{\"\"busnessName\"\":1}\""), E_OK,
                 "%s", e.msg);
    deploy_file_clear(&f);
    cr_expect_eq(read_text("{\"userId\":\"u\",\"productId\":\"p\",\"busnessName\":\"S\"}"),
                 E_INVALID);
    cr_expect_not_null(strstr(e.msg, "did you mean businessName?"), "%s", e.msg);
}

/* Both forms of a file take a duration as a person writes it. */
Test(deploy_file, durations_are_taken_as_people_write_them)
{
    cr_assert_eq(read_text("userId,productId,estimatedDuration\nu,p,4h\nu,p,1:30\nu,p,30 min"),
                 E_OK, "%s", e.msg);
    cr_expect_eq(f.requests[0].estimated_duration_s, 14400);
    cr_expect_eq(f.requests[1].estimated_duration_s, 5400);
    cr_expect_eq(f.requests[2].estimated_duration_s, 1800);
    deploy_file_clear(&f);
    cr_assert_eq(
        read_text("{\"userId\":\"u\",\"productId\":\"p\",\"estimatedDuration\":\"2h30m\"}\n"
                  "{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":"
                  "{\"estimatedDuration\":\"90m\",\"k\":1}}"),
        E_OK, "%s", e.msg);
    cr_expect_eq(f.requests[0].estimated_duration_s, 9000);
    cr_expect_eq(f.requests[1].estimated_duration_s, 5400);
    deploy_file_clear(&f);
    cr_assert_eq(read_text("{\"userId\":\"u\",\"productId\":\"p\",\"estimatedDuration\":\"soon\"}"),
                 E_INVALID);
    cr_expect_not_null(strstr(e.msg, "30 min"), "the error names what is taken: %s", e.msg);
}

static const struct bad_case {
    const char *text;
    size_t line;
    const char *field, *says;
} bad[] = {
    {"",                                                                                        0, "",          "no deploy"        },
    {" \r\n\n",                                                                                 0, "",          "no deploy"        },
    {"userId,productId\n",                                                                      0, "",          "no deploy"        },
    {"{",                                                                                       1, "",          "not JSON"         },
    {"\n{\"userId\":\"u\"}",                                                                    2, "productId", "is missing"       },
    {"{\"userId\":\"u\",\"productId\":\"p\"} x",                                                1, "",          "not JSON"         },
    {"{\"userId\":7,\"productId\":\"p\"}",                                                      1, "userId",    "is a number"      },
    {"{\"userId\":\"u\",\"productId\":\"p\",\"nope\":1}",                                       1, "",          "\"nope\""         },
    {"[{\"userId\":\"u\",\"productId\":\"p\"}]",                                                1, "",          "jq -c '.[]'"      },
    {"\n[\n{\"userId\":\"u\"},\n{}]\n",                                                         1, "",          "jq -c '.[]'"      },
    {" {\n\"userId\":\"u\",\n\"productId\":\"p\"}\n",                                           1, "",          "jq -c '.'"        },
    {"{\"userId\":\"u\",\"productId\":\"p\",\"userId\":\"v\"}",                                 1, "userId",    "is given twice"   },
    {"{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":{\"n\":1,\"n\":2}}",                   1, "n",
     "is given twice"                                                                                                              },
    {"{\"userId\":\"u\xff\",\"productId\":\"p\"}",                                              1, "",          "not JSON"         },
    {"{\"userId\":\"u\",\"productId\":\"p\",\"jobId\":\"a\"}\n{\"userId\":\"u\",\"productId\":"
     "\"p\","
     "\"jobId\":\"a\"}",                                                                   2, "jobId",     "that of line 1"   },
    {"\xff\xfeu\x01\x41",                                                                       1, "",          "UTF-16"           },
    {"\xfe\xff\xd8\x01\x22\x41",                                                                1, "",          "UTF-16"           },
    {"{\n \"userId\": \"u\",\n \"productId\": \"p\"\n}\n{\n \"userId\": \"v\"\n}\n",            1, "",
     "a stream of 2 JSON documents"                                                                                                },
    {"{\"userId\":\"u\",\"productId\":\"p\"}\n{\n\"userId\":\"u}\\\"\",\n\"productId\":\"p\"}", 1,
     "",                                                                                                        "jq -c '.'"        },
    {"[{\"userId\":\"u\"}]\n[{\n}]",                                                            1, "",          "jq -c '.[]'"      },
    {"sep=;\nuserId,productId\nu,p",                                                            2, "userId",    "no such column"   },
    {"userId;productId\n;;\nu;p;;x",                                                            3, "",          "in column 4"      },
    {"userId\nu",                                                                               1, "productId", "no such column"   },
    {"userId,productId,user-id\nu,p,u",                                                         1, "",          "the same"         },
    {"userId,productId,x,x\nu,p,1,2",                                                           1, "",          "the same"         },
    {"userId,productId,\nu,p,1",                                                                2, "",          "no name"          },
    {"userId,productId\nu",                                                                     2, "productId", "is missing"       },
    {"userId,productId\nu,p,q",                                                                 2, "",          "in column 3"      },
    {"userId,productId\nu,\"p",                                                                 2, "",          "not closed"       },
    {"userId,productId\nu,\"p\"q",                                                              2, "",          "after its closing"},
    {"userId,productId\nu,p\"q",                                                                2, "",          "in the middle"    },
    {"userId,productId\nu,p\xff",                                                               2, "",          "UTF-8"            },
    {"userId,productId\n,p",                                                                    2, "userId",    "is missing"       },
    {"userId,productId,priority\nu,p,urgent",                                                   2, "priority",  "high, normal, low"},
    {"userId,productId,n,metadata\nu,p,1,\"{\"\"n\"\":2}\"",                                    2, "n",         "also a column"    },
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

/* What Excel and its likes write: always the same two deploys. */
static const struct {
    const char *text;
    size_t len, second; /* 0: strlen; the line of the second deploy */
} sheets[] = {
#define SHEET(text, second)                                                                        \
    {                                                                                              \
        text, sizeof(text) - 1, second                                                             \
    }
    SHEET("userId;productId;note\r\nann;bakery;a, b\r\nbob;bikes;\r\n", 3),
    SHEET("\xef\xbb\xbfsep=;\r\nuserId;productId;note\r\nann;bakery;\"a, b\"\r\nbob;bikes\r\n", 4),
    SHEET("\"sep=,\",,\nuserId,productId,note\nann,bakery,\"a, b\"\nbob,bikes,\n", 4),
    SHEET("sep=|\nproductId|user-id|note\nbakery|ann|a, b\nbikes|bob|", 4),
    SHEET("userId\tproductId\tnote\nann\tbakery\ta, b\n\t\t\nbob\tbikes\n", 4),
    SHEET(
        ",,,,\nuserId,productId,note,,\nann,bakery,\"a, b\",,\n,,,,\n , ,,\nbob,bikes,,,,,\n,,,,\n",
        6),
    SHEET("userId,,productId,note\rann,,bakery,\"a, b\"\rbob,,bikes\r", 3),
    SHEET("userId,productId,note\nann,bakery,\"a, b\"\r\n\r\nbob,bikes,\"\"", 4),
    SHEET("\xff\xfeu\0s\0e\0r\0I\0d\0\t\0p\0r\0o\0d\0u\0c\0t\0I\0d\0\t\0n\0o\0t\0e\0\r\0\n\0"
          "a\0n\0n\0\t\0b\0a\0k\0e\0r\0y\0\t\0a\0,\0 \0b\0\r\0\n\0"
          "b\0o\0b\0\t\0b\0i\0k\0e\0s\0\r\0\n\0",
          3),
    /* Without its mark, as iconv writes it. */
    SHEET("\0u\0s\0e\0r\0I\0d\0,\0p\0r\0o\0d\0u\0c\0t\0I\0d\0,\0n\0o\0t\0e\0\n"
          "\0a\0n\0n\0,\0b\0a\0k\0e\0r\0y\0,\0\"\0a\0,\0 \0b\0\"\0\n"
          "\0b\0o\0b\0,\0b\0i\0k\0e\0s",
          3),
    /* No-break spaces that a web page left around names and values, and alone in a cell and row. */
    SHEET("\xc2\xa0userId;productId\xc2\xa0;note\xe2\x80\x89\nann\xc2\xa0;bakery;a, b\n"
          "\xc2\xa0;;\nbob;\xe3\x80\x80"
          "bikes;\xc2\xa0\n",
          4),
    /* Titles above the header: Numbers names its tables, people their sheets. */
    SHEET("Table 1\nuserId,productId,note\nann,bakery,\"a, b\"\nbob,bikes,\n", 4),
    SHEET("Deploys of May;;\r\n;;\r\n;as of Monday;\r\nuserId;productId;note\r\n"
          "ann;bakery;a, b\r\nbob;bikes;\r\n",
          6),
    SHEET("SEP=\t \nuserId\tproductId\tnote\nann\tbakery\ta, b\nbob\tbikes\n\x1a", 4),
    SHEET("| userId | productId | note |\n|---|:--:|--|\n| ann | bakery |a, b|\n| bob | bikes | "
          "|\n",
          4),
    SHEET("\xef\xbb\xbf\xef\xbb\xbf\"userId\",\"productId\",\"note\"\n\"ann\",\"bakery\",\"a, "
          "b\"\n\"bob\",\"bikes\",\"\"\n",
          3),
#undef SHEET
};

Test(deploy_file, a_sheet_is_read_as_it_is_written)
{
    for (size_t i = 0; i < sizeof sheets / sizeof *sheets; i++) {
        cr_assert_eq(deploy_file_read(sheets[i].text, sheets[i].len, &f, &e), E_OK, "%zu: %s", i,
                     e.msg);
        cr_assert_eq(f.len, 2, "%zu", i);
        cr_expect_str_eq(f.requests[0].user_id, "ann", "%zu", i);
        cr_expect_str_eq(f.requests[0].product_id, "bakery", "%zu", i);
        cr_expect_str_eq(json_str(f.requests[0].metadata, "note"), "a, b", "%zu", i);
        cr_expect_str_eq(f.requests[1].user_id, "bob", "%zu", i);
        cr_expect_null(f.requests[1].metadata, "%zu", i);
        cr_expect_eq(f.lines[1], sheets[i].second, "%zu: line %zu", i, f.lines[1]);
        deploy_file_clear(&f);
    }
}

Test(deploy_file, json_lines_end_in_any_way)
{
    static const char *const ends[] = {"\n",    "\r\n", "\r", "\n\xef\xbb\xbf", "\xc2\xa0\r\n\t",
                                       "\r\x1a"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct strbuf b = STRBUF_INIT;
        strbuf_addf(&b, "{\"userId\":\"ann\",\"productId\":\"p\"}%s", i == 5 ? "\r" : ends[i]);
        strbuf_addf(&b, "{\"userId\":\"bob\",\"productId\":\"p\"}%s", i == 3 ? "" : ends[i]);
        cr_assert_eq(read_text(strbuf_str(&b)), E_OK, "%zu: %s", i, e.msg);
        cr_expect_eq(f.len, 2, "%zu", i);
        cr_expect_eq(f.lines[1], 2, "%zu: line %zu", i, f.lines[1]);
        deploy_file_clear(&f);
        strbuf_clear(&b);
    }
}

Test(deploy_file, what_is_no_text_is_named)
{
    static const struct {
        const char *text, *says;
    } kinds[] = {
        {"PK\x03\x04\x14, [Content_Types].xml",               "workbook"    },
        {"\xd0\xcf\x11\xe0\xa1\xb1",                          "Excel (.xls)"},
        {"\x1f\x8b\x08",                                      "gzip"        },
        {"%PDF-1.7\nuserId,productId",                        "a PDF"       },
        {"userId;productId;businessName\nu;p;M\xfcller GmbH", "CSV UTF-8"   },
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        cr_assert_eq(read_text(kinds[i].text), E_INVALID, "%zu", i);
        cr_expect_eq(f.errors_len, 1, "%zu", i);
        cr_expect_not_null(strstr(e.msg, kinds[i].says), "%zu: %s", i, e.msg);
        cr_expect_not_null(strstr(e.msg, "CSV UTF-8"), "%zu: %s", i, e.msg);
        deploy_file_clear(&f);
    }
}

/* What a sheet wrote in the place of a value becomes no job of another user, and no name. */
Test(deploy_file, errors_and_shortened_numbers_of_a_sheet_are_no_values)
{
    static const struct {
        const char *row, *field, *says;
    } rows[] = {
        {"1.23457E+11,p,x,y", "userId",       "shortened"         },
        {"\"1,2E+15\",p,x,y", "userId",       "shortened"         },
        {"u,4E+10,x,y",       "productId",    "shortened"         },
        {"u,p,#N/A,y",        "businessName", "error of a formula"},
        {"u,p, #BEZUG! ,y",   "businessName", "error of a formula"},
        {"u,p,x,Err:502",     "note",         "error of a formula"},
        {"u,p,########,y",    "businessName", "error of a formula"},
    };
    static const char *const fine[] = {"123456789012,E+11,#1 shop,1.5E+10", "1e5,1.5E,C#,Err: none",
                                       "u,p,##,#N/A or so"};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct strbuf b = STRBUF_INIT;
        strbuf_addf(&b, "userId,productId,businessName,note\n%s\n", rows[i].row);
        cr_assert_eq(read_text(strbuf_str(&b)), E_INVALID, "%zu", i);
        cr_assert_eq(f.errors_len, 1, "%zu", i);
        cr_expect_str_eq(f.errors[0].field, rows[i].field, "%zu", i);
        cr_expect_not_null(strstr(e.msg, rows[i].says), "%zu: %s", i, e.msg);
        deploy_file_clear(&f);
        strbuf_clear(&b);
    }
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        struct strbuf b = STRBUF_INIT;
        strbuf_addf(&b, "userId,productId,businessName,note\n%s\n", fine[i]);
        cr_expect_eq(read_text(strbuf_str(&b)), E_OK, "%zu: %s", i, e.msg);
        deploy_file_clear(&f);
        strbuf_clear(&b);
    }
}

Test(deploy_file, utf_16_of_both_orders_and_beyond_the_first_plane)
{
    static const char big[] =
        "\xfe\xff\0{\0\"\0u\0s\0e\0r\0I\0d\0\"\0:\0\"\0u\0\"\0,\0\"\0p\0r\0o\0d"
        "\0u\0c\0t\0I\0d\0\"\0:\0\"\0p\0\"\0,\0\"\0m\0e\0t\0a\0d\0a\0t\0a\0\""
        "\0:\0{\0\"\0x\0\"\0:\0\"\xd8\x3d\xde\x80\0\"\0}\0}\0\n";

    cr_assert_eq(deploy_file_read(big, sizeof big - 1, &f, &e), E_OK, "%s", e.msg);
    cr_assert_eq(f.len, 1);
    cr_expect_str_eq(json_str(f.requests[0].metadata, "x"), "\xf0\x9f\x9a\x80");
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
