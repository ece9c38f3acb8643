/* The one table of AWS's error codes. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "src/aws/codes.h"
#include "src/aws/errors.h"
#include "src/aws/reply.h"
#include "src/aws/retry.h"

Test(aws_codes, each_row_holds_together)
{
    for (size_t i = 0; i < aws_codes_len; i++) {
        const struct aws_code *c = &aws_codes[i];
        char normal[64];

        reply_normalise_code(c->name, normal, sizeof normal);
        cr_expect_str_eq(normal, c->name, "it is looked for as replies are normalised");
        cr_expect_eq(aws_code_find(c->name), c, "%s stands there once", c->name);
        cr_expect_eq(c->retry == RETRY_THROTTLE, c->is == E_THROTTLED, "%s", c->name);
        cr_expect_eq(c->retry == RETRY_TRANSIENT, c->is == E_NET, "%s", c->name);
        cr_expect_eq(c->retry != RETRY_NO, err_means(c->is, ERR_PASSES), "%s", c->name);
        cr_expect(c->flags == 0 || err_means(c->is, ERR_KEYS),
                  "%s: only keys and clocks are put right", c->name);
    }
}

Test(aws_codes, all_who_ask_get_the_row)
{
    for (size_t i = 0; i < aws_codes_len; i++) {
        const struct aws_code *c = &aws_codes[i];

        cr_expect_eq(retry_classify(400, c->name), c->retry, "%s", c->name);
        cr_expect_eq(errors_classify(400, c->name, ""), c->is, "%s", c->name);
        cr_expect_eq(retry_classify(200, c->name), RETRY_NO, "%s", c->name);
        cr_expect_neq(retry_classify(503, c->name), RETRY_NO,
                      "%s: a service that broke down is asked again, whatever it says", c->name);
    }
}

Test(aws_codes, garbage_is_no_code)
{
    char text[72];
    uint32_t x = 1;

    for (size_t i = 0; i < aws_codes_len; i++) {
        const char *name = aws_codes[i].name;
        size_t len = strlen(name);
        for (size_t at = 0; at <= len; at++) { /* cut, longer, and one letter in the wrong case */
            const struct aws_code *cut = NULL;
            (void)snprintf(text, sizeof text, "%.*s", (int)at, name);
            cut = aws_code_find(text);
            cr_expect(cut == NULL || strcmp(cut->name, text) == 0, "%s", text);
            (void)snprintf(text, sizeof text, "%.*s %s", (int)at, name, name + at);
            cr_expect_null(aws_code_find(text), "%s", text);
            if (at < len && name[at] != '.') {
                (void)snprintf(text, sizeof text, "%s", name);
                text[at] ^= 0x20;
                cr_expect_null(aws_code_find(text), "%s", text);
            }
        }
    }
    for (int i = 0; i < 20000; i++) {
        size_t len = 0;
        do {
            x = x * 1664525 + 1013904223;
            text[len] = (char)(x >> 24);
        } while (text[len] != '\0' && ++len < sizeof text - 1);
        text[len] = '\0';
        cr_expect_null(aws_code_find(text));
        cr_expect_eq(errors_classify(400, text, text), E_SERVICE);
        cr_expect_eq(retry_classify(400, text), RETRY_NO);
        cr_expect_eq(errors_classify(503, text, text), E_NET);
    }
}

Test(aws_codes, what_no_table_has_is_told_by_its_words_and_its_status)
{
    cr_expect_eq(retry_classify(400, "SomethingThrottledSomewhere"), RETRY_THROTTLE);
    cr_expect_eq(errors_classify(400, "SomethingThrottledSomewhere", ""), E_THROTTLED);
    cr_expect_eq(errors_classify(400, "ClientException", "job queue x does not exist"),
                 E_NOT_FOUND);
    cr_expect_eq(errors_classify(400, "ClientException", "x is not authorized to"), E_DENIED);
    cr_expect_eq(errors_classify(400, "ClientException", "memory is too small"), E_INVALID);
    cr_expect_eq(errors_classify(429, "429", ""), E_THROTTLED);
    cr_expect_eq(errors_classify(407, "407", ""), E_NET);
    cr_expect_eq(errors_classify(418, "418", ""), E_SERVICE);
}
