/* number.c: reads whole numbers from texts, and writes them. */
#include "core/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool number_parse(const char *text, int64_t least, int64_t most, int64_t *out)
{
    const char *digits = text;

    if (text == NULL) {
        return false;
    }
    digits += *digits == '-' && least < 0;
    if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0') {
        return false;
    }
    errno = 0;
    long long n = strtoll(text, NULL, 10);
    if (errno != 0 || n < least || n > most) {
        return false;
    }
    *out = n;
    return true;
}

size_t number_text(char out[NUMBER_SIZE], uint64_t n)
{
    char digits[NUMBER_SIZE];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    size_t len = sizeof digits - at;
    memcpy(out, digits + at, len);
    out[len] = '\0';
    return len;
}
