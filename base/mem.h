/* mem.h - allocation that never returns NULL.
 *
 * Out of memory ends the process: systemd starts it again, and everything accepted is
 * on disk by then. Sizes are checked for overflow. Memory comes zeroed.
 *
 * Threads: any.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);               /* zeroed */
void *mem_array(size_t count, size_t size); /* zeroed, count * size checked */
/* The same for a large array that is read here and there: on huge pages, where the kernel
 * has them, the processor finds an element without walking tables first. */
void *mem_spread(size_t count, size_t size);
/* Zeroed as well, at the beginning of a page; only what is touched is taken, so far more
 * may be asked for than is used. Given back with mem_unreserve, same count and size. */
void *mem_reserve(size_t count, size_t size);
void mem_unreserve(void *memory, size_t count, size_t size); /* NULL is fine */
void *mem_resize(void *old, size_t count, size_t size);      /* new part is not zeroed */
char *mem_strdup(const char *text);
char *mem_strndup(const char *text, size_t length);
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
void mem_free(void *memory); /* NULL is fine */

#endif
