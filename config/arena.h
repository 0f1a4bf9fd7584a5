/* arena.h - memory that is freed all at once.
 *
 * A loaded configuration is hundreds of thousands of small strings and arrays with one
 * life time. They are carved from chunks; only large ones can be given back by
 * themselves.
 *
 * Ownership: the arena owns everything it gave. Threads: one owner while it grows; what
 * it holds may be read from any thread afterwards.
 */
#ifndef CONFIG_ARENA_H
#define CONFIG_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL is fine */

/* Zeroed, aligned for any type. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* Gives back an array that nobody looks at any more, if it is a large one: only those
 * stand alone. NULL is fine. */
void arena_release(struct arena *arena, const void *array);
char *arena_string(struct arena *arena, const char *text);
char *arena_bytes(struct arena *arena, const char *bytes, size_t length); /* + NUL */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
