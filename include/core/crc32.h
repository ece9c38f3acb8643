/* crc32.h - CRC-32 (IEEE 802.3), as in DynamoDB's x-amz-crc32 header. Any thread. */
#ifndef CORE_CRC32_H
#define CORE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of `len` bytes. */
uint32_t crc32_of(const void *bytes, size_t len);
#endif
