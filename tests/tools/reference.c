/* reference.c - prints docs/CONFIGURATION.md; see `make docs`. */
#include "config/config.h"

#include <stdio.h>

enum {
    REFERENCE_MAX = 1024 * 1024, /* bytes; it is a document for people */
};

int main(void)
{
    struct text text;
    int status;

    text_init(&text, REFERENCE_MAX);
    config_reference(&text);
    status = text.overflow || fwrite(text.data, 1, text.length, stdout) != text.length;
    text_done(&text);
    return status;
}
