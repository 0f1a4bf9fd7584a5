/* mem.c - see mem.h. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* A huge page of a reserve is taken whole: not worth it for a small one. */
#define HUGE_FROM ((size_t)32 << 20)
#define HUGE_PAGE ((size_t)2 << 20) /* on x86-64 and, mostly, on arm64 */

static void *checked(void *memory)
{
    if (memory == NULL) {
        (void)fputs("<2>out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *mem_alloc(size_t size)
{
    return checked(calloc(1, size == 0 ? 1 : size));
}

void *mem_array(size_t count, size_t size)
{
    return checked(calloc(count == 0 ? 1 : count, size == 0 ? 1 : size));
}

void *mem_spread(size_t count, size_t size)
{
    size_t bytes;
    void *memory;

    if (size == 0 || count < HUGE_PAGE / size)
        return mem_array(count, size);
    if (count > (SIZE_MAX - HUGE_PAGE) / size)
        return checked(NULL);
    bytes = (count * size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    memory = checked(aligned_alloc(HUGE_PAGE, bytes));
    (void)madvise(memory, bytes, MADV_HUGEPAGE); /* a wish */
    memset(memory, 0, count * size);
    return memory;
}

void *mem_reserve(size_t count, size_t size)
{
    void *memory;

    if (size != 0 && count > SIZE_MAX / size)
        return checked(NULL);
    memory = mmap(NULL, count * size, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return checked(NULL);
    if (count * size >= HUGE_FROM)
        (void)madvise(memory, count * size, MADV_HUGEPAGE); /* a wish */
    return memory;
}

void mem_unreserve(void *memory, size_t count, size_t size)
{
    if (memory != NULL)
        (void)munmap(memory, count * size);
}

void *mem_resize(void *old, size_t count, size_t size)
{
    return checked(reallocarray(old, count == 0 ? 1 : count, size == 0 ? 1 : size));
}

char *mem_strdup(const char *text)
{
    return checked(strdup(text));
}

char *mem_strndup(const char *text, size_t length)
{
    return checked(strndup(text, length));
}

char *mem_format(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    int length;

    va_start(args, format);
    length = vasprintf(&text, format, args);
    va_end(args);
    return checked(length < 0 ? NULL : text);
}

void mem_free(void *memory)
{
    free(memory);
}
