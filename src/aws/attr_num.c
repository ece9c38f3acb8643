/* DynamoDB's numbers: parsing, comparing, adding.
 *
 * DESIGN: the numbers are decimals of up to 38 significant digits between 1E-130 and 9.99..E+125.
 * They are parsed into sign, digits and a power of ten (value = 0.d1d2d3... x 10^exp, d1 != 0), so
 * that equal values have equal forms and no digit ever passes through a double. Addition lays both
 * operands out in one fixed-point array that covers the whole range. */
#include "attr_num.h"

#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/strbuf.h"

enum {
    EXP_MAX = 126,  /* for 0.ddd x 10^exp: 9.99E+125 */
    EXP_MIN = -129, /* 1E-130 */
    EXP_CLAMP = 100000
};

/* Reads "E+12"; false when it is malformed. A large exponent is clamped to a value far outside the
 * valid range. */
static bool read_exponent(const char *s, int *exp)
{
    bool negative = false;
    int n = 0;

    if (*s == '\0') {
        *exp = 0;
        return true;
    }
    if (*s != 'e' && *s != 'E') {
        return false;
    }
    s++;
    if (*s == '+' || *s == '-') {
        negative = *s++ == '-';
    }
    if (*s == '\0' || s[strspn(s, "0123456789")] != '\0') {
        return false;
    }
    for (; *s != '\0'; s++) {
        n = n < EXP_CLAMP ? n * 10 + (*s - '0') : n;
    }
    *exp = negative ? -n : n;
    return true;
}

static enum err_code malformed(const char *text, struct err *e)
{
    return err_set(e, E_INVALID, "The parameter cannot be converted to a numeric value%s%.80s",
                   *text == '\0' ? "" : ": ", text);
}

static enum err_code decimal_check(const struct decimal *d, struct err *e);

enum err_code decimal_parse(const char *text, struct decimal *out, struct err *e)
{
    const char *s = text;
    struct decimal d = {0};
    int exp = 0;
    int point = 0; /* how many digits stand before the point, without leading zeros */
    size_t seen = 0;
    bool fraction = false;
    int zeros = 0; /* zeros of which it is not known yet whether they are inside the number */

    if (*s == '+' || *s == '-') {
        d.negative = *s++ == '-';
    }
    for (; (*s >= '0' && *s <= '9') || (*s == '.' && !fraction); s++) {
        if (*s == '.') {
            fraction = true;
            continue;
        }
        seen++;
        if (*s == '0' && d.len == 0) {
            point -= fraction && point > -EXP_CLAMP;
            continue;
        }
        point += !fraction && point < EXP_CLAMP;
        if (*s == '0') {
            zeros += zeros < EXP_CLAMP;
            continue;
        }
        /* A number that is too long is counted on: `len` says how many digits it would have. */
        for (; zeros > 0; zeros--, d.len++) {
            if (d.len < DECIMAL_DIGITS) {
                d.digits[d.len] = 0;
            }
        }
        if (d.len < DECIMAL_DIGITS) {
            d.digits[d.len] = (signed char)(*s - '0');
        }
        d.len++;
    }
    if (seen == 0 || !read_exponent(s, &exp)) {
        return malformed(text, e);
    }
    if (d.len == 0) {
        *out = (struct decimal){0};
        return E_OK;
    }
    d.exp = point + exp;
    *out = d;
    return decimal_check(&d, e);
}

static enum err_code decimal_check(const struct decimal *d, struct err *e)
{
    if (d->len > DECIMAL_DIGITS) {
        return err_set(e, E_INVALID,
                       "Attempting to store more than 38 significant digits in a Number");
    }
    if (d->len > 0 && d->exp > EXP_MAX) {
        return err_set(e, E_INVALID,
                       "Number overflow. Attempting to store a number with magnitude larger than "
                       "supported range");
    }
    if (d->len > 0 && d->exp < EXP_MIN) {
        return err_set(e, E_INVALID,
                       "Number underflow. Attempting to store a number with magnitude smaller "
                       "than supported range");
    }
    return E_OK;
}

static int magnitude_compare(const struct decimal *a, const struct decimal *b)
{
    if (a->len == 0 || b->len == 0) {
        return (a->len > 0) - (b->len > 0);
    }
    if (a->exp != b->exp) {
        return a->exp < b->exp ? -1 : 1;
    }
    for (int i = 0; i < a->len || i < b->len; i++) {
        int x = i < a->len ? a->digits[i] : 0;
        int y = i < b->len ? b->digits[i] : 0;
        if (x != y) {
            return x < y ? -1 : 1;
        }
    }
    return 0;
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
    if (a->negative != b->negative) {
        return a->negative ? -1 : 1;
    }
    int c = magnitude_compare(a, b);
    return a->negative ? -c : c;
}

static char *decimal_text(const struct decimal *d)
{
    struct strbuf out = STRBUF_INIT;

    if (d->len == 0) {
        return xstrdup("0");
    }
    strbuf_adds(&out, d->negative ? "-" : "");
    if (d->exp <= 0) {
        strbuf_adds(&out, "0.");
        for (int i = d->exp; i < 0; i++) {
            strbuf_addc(&out, '0');
        }
    }
    for (int i = 0; i < d->len || i < d->exp; i++) {
        if (i == d->exp && d->exp > 0) {
            strbuf_addc(&out, '.');
        }
        strbuf_addc(&out, (char)('0' + (i < d->len ? d->digits[i] : 0)));
    }
    return strbuf_take(&out);
}

char *attr_num_normalise(const char *digits, struct err *e)
{
    struct decimal d = {0};

    return decimal_parse(digits, &d, e) == E_OK ? decimal_text(&d) : NULL;
}

int attr_num_compare(const char *a, const char *b)
{
    struct decimal x = {0};
    struct decimal y = {0};
    bool ok_a = decimal_parse(a, &x, NULL) == E_OK;
    bool ok_b = decimal_parse(b, &y, NULL) == E_OK;

    if (!ok_a && !ok_b) {
        return strcmp(a, b);
    }
    return ok_a && ok_b ? decimal_compare(&x, &y) : (int)ok_a - (int)ok_b;
}

/* Fixed point: index 0 holds the digit of 10^126 (a carry of the largest number), the last index
 * that of 10^-168. */
enum { FIXED_POINT = 127, FIXED_LEN = FIXED_POINT + 168 };

static void lay_out(const struct decimal *d, int sign, int fixed[FIXED_LEN])
{
    for (int i = 0; i < d->len; i++) {
        fixed[FIXED_POINT - d->exp + i] += d->negative ? -sign * d->digits[i] : sign * d->digits[i];
    }
}

/* Digits may be -18..18 here; this makes them 0..9 and returns the sign of the whole number. */
static bool carry(int fixed[FIXED_LEN])
{
    bool negative = false;
    int first = 0;

    while (first < FIXED_LEN && fixed[first] == 0) {
        first++;
    }
    if (first < FIXED_LEN && fixed[first] < 0) {
        negative = true;
        for (int i = 0; i < FIXED_LEN; i++) {
            fixed[i] = -fixed[i];
        }
    }
    for (int i = FIXED_LEN - 1; i > 0; i--) {
        int over = fixed[i] < 0 ? -1 - (-fixed[i] - 1) / 10 : fixed[i] / 10;
        fixed[i] -= over * 10;
        fixed[i - 1] += over;
    }
    return negative;
}

char *attr_num_add(const char *a, const char *b, bool subtract, struct err *e)
{
    int fixed[FIXED_LEN] = {0};
    struct decimal x = {0};
    struct decimal y = {0};
    struct decimal sum = {0};
    int first = 0;
    int last = FIXED_LEN - 1;

    if (decimal_parse(a, &x, e) != E_OK || decimal_parse(b, &y, e) != E_OK) {
        return NULL;
    }
    lay_out(&x, 1, fixed);
    lay_out(&y, subtract ? -1 : 1, fixed);
    sum.negative = carry(fixed);
    while (first < FIXED_LEN && fixed[first] == 0) {
        first++;
    }
    while (last > first && fixed[last] == 0) {
        last--;
    }
    if (first == FIXED_LEN) {
        return xstrdup("0");
    }
    sum.exp = FIXED_POINT - first;
    sum.len = last - first + 1;
    for (int i = 0; i < sum.len && i < DECIMAL_DIGITS; i++) {
        sum.digits[i] = (signed char)fixed[first + i];
    }
    return decimal_check(&sum, e) == E_OK ? decimal_text(&sum) : NULL;
}
