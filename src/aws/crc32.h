/* crc32.h - CRC-32 (IEEE 802.3) as in x-amz-crc32. Any thread. */
#ifndef AWS_CRC32_H
#define AWS_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t aws_crc32(const void *bytes, size_t len);
#endif
