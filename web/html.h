/* html.h - text into pages, escaped by default.
 *
 * A template is HTML with slots, each filled by the next argument, which is always a
 * string:
 *   {}   escaped for text and for quoted attributes
 *   {%}  percent-encoded for a path segment or a query value
 *   {!}  as it is: only HTML that this program made
 *
 *   html_put(out, "<a href=\"/equipment/{%}\">{}</a>", id, name);
 *
 * The number of arguments is asserted; text without slots takes text_add.
 * Threads: no state.
 */
#ifndef WEB_HTML_H
#define WEB_HTML_H

#include "base/text.h"

#include <stdint.h>

#define html_put(out, template, ...)                                                     \
    html_fill((out), (template), (const char *const[]){__VA_ARGS__},                     \
              sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* values[i] fills slot i; NULL fills with nothing. */
void html_fill(struct text *out, const char *template, const char *const *values,
               size_t count);

/* Escapes & < > " ' and replaces what is not UTF-8 or a control character by U+FFFD. */
void html_escape(struct text *out, const char *value);

/* Leaves letters, digits and - . _ ~ alone. */
void html_escape_url(struct text *out, const char *value);

/* Digits of an integer, for slots; the buffer lives as long as the block it is used in.
 */
#define html_int(value) html_int_text((char[24]){0}, (value))
char *html_int_text(char buffer[24], int64_t value);

#endif
