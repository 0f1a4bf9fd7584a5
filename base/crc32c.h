/* crc32c.h - the checksum of everything framed on disk.
 *
 * CRC-32C (Castagnoli), as in iSCSI and ext4. Source: RFC 3720, appendix B.4.
 * Threads: any.
 */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of `bytes` behind what `before` already covers; begin with 0. */
uint32_t crc32c(uint32_t before, const void *bytes, size_t length);

#endif
