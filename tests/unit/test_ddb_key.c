/* DynamoDB's keys as byte strings: their order is that of the values. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/json.h"
#include "core/rand.h"
#include "core/strbuf.h"
#include "src/cloud/dynamodb/ddb.h"

static int compare(const struct strbuf *a, const struct strbuf *b)
{
    size_t n = a->len < b->len ? a->len : b->len;
    int order = memcmp(strbuf_str(a), strbuf_str(b), n);

    return order != 0 ? (order > 0) - (order < 0) : (a->len > b->len) - (a->len < b->len);
}

static int compare_numbers(const char *x, const char *y)
{
    struct strbuf a = STRBUF_INIT, b = STRBUF_INIT;
    cJSON *av = attr_new_num(x), *bv = attr_new_num(y);

    ddb_key_encode(&a, av);
    ddb_key_encode(&b, bv);
    int order = compare(&a, &b);
    strbuf_clear(&a);
    strbuf_clear(&b);
    cJSON_Delete(av);
    cJSON_Delete(bv);
    return order;
}

/* Ascending. */
static const char *const numbers[] = {
    "-9.9999999999999999999999999999999999999E+125",
    "-1E100",
    "-12345678901234567890123456789012345678",
    "-1000",
    "-101",
    "-100.5",
    "-100",
    "-99",
    "-12.5",
    "-12",
    "-1.23",
    "-1.2",
    "-1",
    "-0.5",
    "-0.05",
    "-1E-130",
    "0",
    "1E-130",
    "0.00001",
    "0.05",
    "0.5",
    "1",
    "1.01",
    "1.1",
    "1.2",
    "1.23",
    "2",
    "9",
    "10",
    "11",
    "99",
    "100",
    "100.5",
    "101",
    "12345678901234567890123456789012345678",
    "1E100",
    "9.9999999999999999999999999999999999999E+125",
};

Test(ddb_key, numbers_compare_as_bytes_as_they_compare_by_value)
{
    size_t n = sizeof numbers / sizeof *numbers;

    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            cr_expect_eq(compare_numbers(numbers[i], numbers[k]), (i > k) - (i < k), "%s %s",
                         numbers[i], numbers[k]);
        }
    }
}

Test(ddb_key, equal_numbers_have_equal_bytes)
{
    static const char *const same[][2] = {
        {"0",    "-0"                 },
        {"0",    "0.000"              },
        {"0",    "-.000e-99999999999" },
        {"0",    "0E93051650375575142"},
        {"1",    "1.0"                },
        {"100",  "1E2"                },
        {"0.01", "1e-2"               },
        {"-5",   "-5.00"              },
        {"1200", "12e+02"             },
        {"007",  "7"                  },
        {"+3",   "3"                  },
        {".5",   "0.5"                }
    };

    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        cr_expect_eq(compare_numbers(same[i][0], same[i][1]), 0, "%s %s", same[i][0], same[i][1]);
    }
}

Test(ddb_key, random_numbers_keep_their_order)
{
    for (int i = 0; i < 20000; i++) {
        char text[2][64];
        for (int k = 0; k < 2; k++) {
            (void)snprintf(text[k], sizeof text[k], "%s%u.%0*uE%d", rand_below(2) == 0 ? "-" : "",
                           rand_below(i % 2 == 0 ? 100 : 1000000), 1 + (int)rand_below(6),
                           rand_below(1000), (int)rand_below(9) - 4);
        }
        int want = attr_num_compare(text[0], text[1]);
        cr_assert_eq(compare_numbers(text[0], text[1]), (want > 0) - (want < 0), "%s %s", text[0],
                     text[1]);
    }
}

Test(ddb_key, every_encoding_fits_into_a_sort_key)
{
    struct strbuf b = STRBUF_INIT;
    cJSON *av = attr_new_num("-1.2345678901234567890123456789012345678E-100");

    ddb_key_encode(&b, av);
    cr_expect_leq(b.len, 24);
    strbuf_clear(&b);
    cJSON_Delete(av);
}

Test(ddb_key, buckets_spread_keys_that_differ_little)
{
    int counts[8] = {0};

    for (int i = 0; i < 8000; i++) {
        char key[40];
        int n = snprintf(key, sizeof key, "job_%013d_abc", i);
        counts[ddb_key_bucket(key, (size_t)n) >> 29]++;
    }
    for (int i = 0; i < 8; i++) {
        cr_expect(counts[i] > 850 && counts[i] < 1150, "bucket %d has %d of 8000", i, counts[i]);
    }
    cr_expect_eq(ddb_key_bucket("user123", 7), ddb_key_bucket("user123", 7));
}

Test(ddb_key, stored_text_is_cut_into_its_members)
{
    static const char text[] =
        "{\"a\":{\"S\":\"x\\\"}{,\"},\"b\\\"c\":{\"M\":{\"d\":{\"L\":[{\"S\":\"]\"}]}}},"
        "\"e\":{\"NULL\":true}}";
    static const char *const names[] = {"\"a\"", "\"b\\\"c\"", "\"e\""};
    static const char *const wholes[] = {"\"a\":{\"S\":\"x\\\"}{,\"}",
                                         "\"b\\\"c\":{\"M\":{\"d\":{\"L\":[{\"S\":\"]\"}]}}}",
                                         "\"e\":{\"NULL\":true}"};
    struct ddb_slice s;
    size_t at = 0, n = 0;

    while (ddb_text_next(text, sizeof text - 1, &at, &s)) {
        cr_assert_lt(n, 3);
        cr_expect_eq(s.name_len, strlen(names[n]));
        cr_expect_eq(memcmp(s.name, names[n], s.name_len), 0);
        cr_expect_eq(s.whole_len, strlen(wholes[n]), "%zu", n);
        cr_expect_eq(memcmp(s.whole, wholes[n], s.whole_len), 0);
        n++;
    }
    cr_expect_eq(n, 3);
    at = 0;
    cr_expect_not(ddb_text_next("{}", 2, &at, &s));
    for (size_t len = 0; len < sizeof text; len++) { /* cut anywhere: ends, stays inside */
        at = 0;
        while (ddb_text_next(text, len, &at, &s)) {
            cr_assert_leq(s.whole + s.whole_len, text + len);
        }
    }
}
