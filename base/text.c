/* text.c - see text.h. */
#include "base/text.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_init(struct text *text, size_t max)
{
    *text = (struct text){.max = max, .capacity = 64};
    text->data = mem_alloc(text->capacity);
}

void text_done(struct text *text)
{
    mem_free(text->data);
    *text = (struct text){0};
}

void text_clear(struct text *text)
{
    text->length = 0;
    text->overflow = false;
    text->data[0] = '\0';
}

char *text_reserve(struct text *text, size_t length)
{
    size_t need = text->length + length + 1;

    if (text->overflow || length > text->max || text->length > text->max - length) {
        text->overflow = true;
        return NULL;
    }
    if (need > text->capacity) {
        size_t capacity = text->capacity * 2 > need ? text->capacity * 2 : need;

        text->data = mem_resize(text->data, capacity, 1);
        text->capacity = capacity;
    }
    return text->data + text->length;
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
    char *to = text_reserve(text, length);

    if (to == NULL)
        return;
    memcpy(to, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
    text_add_bytes(text, string, strlen(string));
}

void text_add_char(struct text *text, char c)
{
    text_add_bytes(text, &c, 1);
}

void text_addf(struct text *text, const char *format, ...)
{
    char small[256];
    va_list args;
    int length;
    char *to;

    va_start(args, format);
    length = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (length < 0) {
        text->overflow = true;
        return;
    }
    if ((size_t)length < sizeof small) {
        text_add_bytes(text, small, (size_t)length);
        return;
    }
    to = text_reserve(text, (size_t)length);
    if (to == NULL)
        return;
    va_start(args, format);
    (void)vsnprintf(to, (size_t)length + 1, format, args);
    va_end(args);
    text->length += (size_t)length;
}

char *text_take(struct text *text)
{
    char *data = text->data;

    *text = (struct text){0};
    return data;
}
