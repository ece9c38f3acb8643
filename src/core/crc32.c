/* CRC-32 by "slice by 8": eight table look-ups take eight bytes at once. The tables are computed
 * once. */
#include "core/crc32.h"

#include <pthread.h>
#include <string.h>

static uint32_t table[8][256]; /* written once, under `once`, and constant from then on */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fill(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++) {
            c = (c & 1) != 0 ? (c >> 1) ^ UINT32_C(0xedb88320) : c >> 1;
        }
        table[0][i] = c;
    }
    for (uint32_t i = 0; i < 256; i++) {
        for (int k = 1; k < 8; k++) {
            table[k][i] = (table[k - 1][i] >> 8) ^ table[0][table[k - 1][i] & 0xff];
        }
    }
}

static uint32_t le32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint32_t crc32_of(const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    uint32_t c = UINT32_MAX;

    (void)pthread_once(&once, fill);
    for (; len >= 8; len -= 8, p += 8) {
        uint32_t a = le32(p) ^ c;
        uint32_t b = le32(p + 4);
        c = table[7][a & 0xff] ^ table[6][(a >> 8) & 0xff] ^ table[5][(a >> 16) & 0xff] ^
            table[4][a >> 24] ^ table[3][b & 0xff] ^ table[2][(b >> 8) & 0xff] ^
            table[1][(b >> 16) & 0xff] ^ table[0][b >> 24];
    }
    for (; len > 0; len--) {
        c = (c >> 8) ^ table[0][(c ^ *p++) & 0xff];
    }
    return ~c;
}
