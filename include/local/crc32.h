/* crc32.h - the checksum in DynamoDB's x-amz-crc32 header. Pure; any thread. */
#ifndef LOCAL_CRC32_H
#define LOCAL_CRC32_H

#include <stddef.h>
#include <stdint.h>

struct crc32_table {
    uint32_t row[8][256];
};

void crc32_init(struct crc32_table *t);
uint32_t crc32_of(const struct crc32_table *t, const void *bytes, size_t len);
#endif
