/* attr_num.h - decimals of DynamoDB, for attr_num.c and attr_validate.c only. Any thread. */
#ifndef AWS_ATTR_NUM_H
#define AWS_ATTR_NUM_H

#include <stdbool.h>

#include "core/err.h"

enum { DECIMAL_DIGITS = 38 };

/* The decimal 0.d1d2d3... x 10^exp, where d1 and the last digit are not zero; zero has len 0 and no
 * sign. */
struct decimal {
    bool negative;
    int exp;
    int len;
    signed char digits[DECIMAL_DIGITS];
};

/* E_INVALID with AWS's wording when the text is malformed or out of range. */
enum err_code decimal_parse(const char *text, struct decimal *out, struct err *e);
int decimal_compare(const struct decimal *a, const struct decimal *b);
#endif
