/* Random numbers from the kernel's cryptographic source. */
#include "core/rand.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/hex.h"

/* The kernel's generator is used and not OpenSSL's, because seeding OpenSSL's costs a fifth of the
 * time of a short command, and every command needs a hash seed. */
void rand_bytes(void *out, size_t n)
{
    enum { MOST = 256 }; /* what one call gives at most */
    unsigned char *at = out;

    for (size_t some = 0; n > 0; at += some, n -= some) {
        some = n < MOST ? n : MOST;
        if (getentropy(at, some) != 0) {
            abort();
        }
    }
}

uint32_t rand_below(uint32_t limit)
{
    uint32_t v;
    /* reject the values above the last whole multiple, so that all results are equally likely */
    uint32_t cut = UINT32_MAX - UINT32_MAX % limit;

    do {
        rand_bytes(&v, sizeof v);
    } while (v >= cut);
    return v % limit;
}

double rand_unit(void)
{
    uint32_t v;

    rand_bytes(&v, sizeof v);
    return (double)v / 4294967296.0;
}

void rand_base36(char *out, size_t digits)
{
    static const char set[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    unsigned char few[32];
    size_t i = 0;

    while (i < digits) {
        rand_bytes(few, sizeof few);
        for (size_t k = 0; k < sizeof few && i < digits; k++) {
            if (few[k] < 252) { /* reject 252 and above, because 252 is 7 times 36 */
                out[i++] = set[few[k] % 36];
            }
        }
    }
    out[digits] = '\0';
}

void rand_uuid(char out[UUID_SIZE])
{
    static const struct {
        size_t from, len; /* of the bytes */
        size_t at;        /* in the text */
    } groups[] = {
        {0,  4, 0 },
        {4,  2, 9 },
        {6,  2, 14},
        {8,  2, 19},
        {10, 6, 24}
    };
    unsigned char b[16];

    rand_bytes(b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        hex_text(b + groups[i].from, groups[i].len, out + groups[i].at);
        out[groups[i].at + 2 * groups[i].len] = '-'; /* in the place of the NUL */
    }
    out[UUID_SIZE - 1] = '\0';
}
