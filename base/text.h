/* text.h - a string that grows up to a stated maximum.
 *
 * Born with a maximum; what does not fit is dropped whole and `overflow` is set, so a
 * caller checks once at the end. Always terminated.
 *
 * Ownership: the struct owns its buffer; text_take hands it over. Threads: one owner.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
    char *data; /* never NULL after text_init, always terminated */
    size_t length;
    size_t capacity;
    size_t max; /* bytes without the terminator */
    bool overflow;
};

void text_init(struct text *text, size_t max);
void text_done(struct text *text);  /* frees; the struct may be initialised again */
void text_clear(struct text *text); /* keeps the buffer */

void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t length);
void text_add_char(struct text *text, char c);
void text_addf(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes room for `length` more bytes and returns where they go, or NULL (overflow).
 * The caller writes there and then adds what it wrote to `text->length`; it also
 * terminates. For encoders that cannot afford a copy. */
char *text_reserve(struct text *text, size_t length);

/* The buffer, now the caller's (mem_free); the struct is empty again. */
char *text_take(struct text *text);

#endif
