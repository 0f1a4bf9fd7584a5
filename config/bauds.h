/* bauds.h - the speeds that a serial port can have.
 *
 * Those that both the system and libmodbus 3.1.6 know; libmodbus takes 9600 for any
 * other, without a word. Pure. Threads: no state.
 */
#ifndef CONFIG_BAUDS_H
#define CONFIG_BAUDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BAUDS_TEXT_MAX = 160,
};

bool baud_exists(int64_t baud);
int64_t baud_nearest(int64_t baud);
/* "110, 300, ... 1000000". Returns `out`. */
const char *bauds_text(char out[BAUDS_TEXT_MAX]);

#endif
