/* packet.h - bytes as people write them: "DTU-0017" as it is, "hex:44 54 55 00" for what
 * is no text. Pure.
 */
#ifndef CONFIG_PACKET_H
#define CONFIG_PACKET_H

#include <stdbool.h>
#include <stddef.h>

enum {
    PACKET_MAX = 128, /* bytes; registrations in the field have 4 to 64 */
};

/* False when it is empty, too long or no hexadecimal digits follow "hex:". */
bool packet_bytes(const char *text, char out[PACKET_MAX], size_t *length);

#endif
