/* utf8.c - see utf8.h. */
#include "base/utf8.h"

#include <stdint.h>

static bool is_tail(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

size_t utf8_length(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    if (s[0] == 0)
        return 0;
    if (s[0] < 0x80)
        return 1;
    if (s[0] < 0xC2 || !is_tail(s[1]))
        return 0;
    if (s[0] < 0xE0)
        return 2;
    if (!is_tail(s[2]))
        return 0;
    if (s[0] < 0xF0) {
        bool overlong = s[0] == 0xE0 && s[1] < 0xA0;
        bool surrogate = s[0] == 0xED && s[1] >= 0xA0;

        return overlong || surrogate ? 0 : 3;
    }
    if (s[0] > 0xF4 || !is_tail(s[3]))
        return 0;
    if ((s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] >= 0x90))
        return 0;
    return 4;
}

bool utf8_valid(const char *bytes, size_t length)
{
    size_t i = 0;

    while (i < length) {
        char window[5] = {0};
        size_t n;

        for (size_t k = 0; k < 4 && i + k < length; k++)
            window[k] = bytes[i + k];
        n = utf8_length(window);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}
