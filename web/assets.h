/* assets.h - styles, scripts and pictures, embedded in the program.
 *
 * Their URL holds a hash over all of them, so that browsers may keep them for ever and a
 * new program brings new URLs; modules import each other by plain relative names.
 *
 * Threads: read-only.
 */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include <stddef.h>

/* Made by assets.sh into $(OUT)/web/assets_data.S. */
struct asset {
    const char *name; /* "board.css" */
    const unsigned char *start;
    const unsigned char *end;
};
extern const struct asset asset_table[];
extern const size_t asset_count;
extern const char asset_hash[]; /* 12 hexadecimal digits */

const struct asset *asset_find(const char *name); /* NULL when there is none */

#endif
