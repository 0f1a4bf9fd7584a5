/* packet.c - see packet.h. */
#include "config/packet.h"

#include <string.h>

static int digit(char c)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    int value = at == NULL ? -1 : (int)(at - digits);

    return value > 15 ? value - 6 : value;
}

/* Two digits a byte; blanks between bytes are for the eye. */
static bool hex_bytes(const char *text, char out[PACKET_MAX], size_t *length)
{
    size_t n = 0;

    for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
        int high = digit(text[0]);
        int low = high < 0 ? -1 : digit(text[1]);

        if (low < 0 || n == PACKET_MAX)
            return false;
        out[n++] = (char)(high << 4 | low);
        text += 2;
    }
    *length = n;
    return n > 0;
}

bool packet_bytes(const char *text, char out[PACKET_MAX], size_t *length)
{
    size_t n = strlen(text);

    if (strncmp(text, "hex:", 4) == 0)
        return hex_bytes(text + 4, out, length);
    if (n == 0 || n > PACKET_MAX)
        return false;
    for (size_t i = 0; i < n; i++) /* bytes, not a string: no NUL behind them */
        out[i] = text[i];
    *length = n;
    return true;
}
