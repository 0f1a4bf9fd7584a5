/* gzip.c - see gzip.h. */
#include "history/gzip.h"

#include "base/mem.h"

#include <assert.h>
#include <stdint.h>
#include <zlib.h>

enum {
    LEVEL = 1,
    WINDOW_BITS = 15 + 16, /* the largest window; 16 asks for a gzip header */
    MEMORY_LEVEL = 8,      /* zlib's default */
};

struct gzip {
    z_stream stream; /* kept: it holds 256 KiB of tables */
};

struct gzip *gzip_new(void)
{
    struct gzip *gzip = mem_alloc(sizeof *gzip);
    int rc = deflateInit2(&gzip->stream, LEVEL, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL,
                          Z_DEFAULT_STRATEGY);

    assert(rc == Z_OK); /* else out of memory or another zlib than at build time */
    return gzip;
}

void gzip_free(struct gzip *gzip)
{
    if (gzip == NULL)
        return;
    (void)deflateEnd(&gzip->stream);
    mem_free(gzip);
}

int gzip_pack(struct gzip *gzip, const char *bytes, size_t length, struct text *out,
              struct err *err)
{
    size_t bound;
    char *to;

    /* First of all: a stream that is finished forgets that it has a gzip header, and its
     * bound is too small then. */
    (void)deflateReset(&gzip->stream);
    bound = deflateBound(&gzip->stream, (uLong)length);
    text_clear(out);
    to = text_reserve(out, bound);
    if (to == NULL)
        return err_set(err, ERR_FULL, "a body of %zu bytes is too large", length);
    gzip->stream.next_in = (Bytef *)(uintptr_t)bytes;
    gzip->stream.avail_in = (uInt)length;
    gzip->stream.next_out = (Bytef *)to;
    gzip->stream.avail_out = (uInt)bound;
    if (deflate(&gzip->stream, Z_FINISH) != Z_STREAM_END)
        return err_set(err, ERR_IO, "gzip: %s",
                       gzip->stream.msg != NULL ? gzip->stream.msg : "no room");
    out->length = bound - gzip->stream.avail_out;
    out->data[out->length] = '\0';
    return 0;
}
