#include "local/crc32.h"

/* The reflected polynomial of IEEE 802.3, eight bytes a step ("slicing by 8"). */
void crc32_init(struct crc32_table *t)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++) {
            c = (c & 1) != 0 ? (c >> 1) ^ 0xEDB88320u : c >> 1;
        }
        t->row[0][i] = c;
    }
    for (size_t i = 0; i < 256; i++) {
        for (size_t k = 1; k < 8; k++) {
            t->row[k][i] = (t->row[k - 1][i] >> 8) ^ t->row[0][t->row[k - 1][i] & 0xff];
        }
    }
}

static uint32_t load32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint32_t crc32_of(const struct crc32_table *t, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    uint32_t c = 0xffffffffu;

    for (; len >= 8; len -= 8, p += 8) {
        uint32_t a = load32(p) ^ c;
        uint32_t b = load32(p + 4);
        c = t->row[7][a & 0xff] ^ t->row[6][(a >> 8) & 0xff] ^ t->row[5][(a >> 16) & 0xff] ^
            t->row[4][a >> 24] ^ t->row[3][b & 0xff] ^ t->row[2][(b >> 8) & 0xff] ^
            t->row[1][(b >> 16) & 0xff] ^ t->row[0][b >> 24];
    }
    for (; len > 0; len--, p++) {
        c = (c >> 8) ^ t->row[0][(c ^ *p) & 0xff];
    }
    return c ^ 0xffffffffu;
}
