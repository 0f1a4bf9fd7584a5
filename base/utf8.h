/* utf8.h - which bytes are UTF-8. Source: RFC 3629. Threads: no state. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the well-formed character at `text` (terminated with NUL): 1 to 4, or 0 when
 * it is malformed, overlong, a surrogate or beyond U+10FFFF. A NUL byte has length 0. */
size_t utf8_length(const char *text);

bool utf8_valid(const char *bytes, size_t length); /* NUL bytes are not valid text */

#endif
