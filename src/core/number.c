/* number.c: reads whole numbers from texts. */
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
