/* params.h - names and values out of a query string or a form (pure).
 *
 * Both are application/x-www-form-urlencoded: '&' between pairs, '+' is a space, %XX a
 * byte. Values are text: a byte sequence that is not UTF-8, a NUL or another control
 * character (except tab and line ends in forms) is refused, so nobody behind has to look.
 *
 * Ownership: a struct params owns its texts. Threads: no state.
 */
#ifndef WEB_PARAMS_H
#define WEB_PARAMS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PARAMS_MAX = 32, /* the longest list of filters has 10 */
};

struct params {
    char *memory;
    size_t count;
    struct {
        const char *name;
        const char *value;
    } items[PARAMS_MAX];
};

/* Reads `length` bytes. ERR_INPUT says what is wrong; then nothing is to be freed. */
int params_parse(struct params *params, const char *text, size_t length, struct err *err);
void params_done(struct params *params);

/* The first value of that name, or `fallback` (also when the value is empty). */
const char *params_get(const struct params *params, const char *name,
                       const char *fallback);
bool params_has(const struct params *params, const char *name);

/* Decodes one %-escaped piece of `length` bytes (a path segment: '+' stays) into `out`.
 * False when it does not fit, is malformed, not UTF-8 or holds a control character. */
bool params_decode(const char *text, size_t length, char *out, size_t size);

#endif
