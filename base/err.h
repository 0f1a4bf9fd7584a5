/* err.h - why a call failed: a kind for code, a sentence for people.
 *
 * A call that can fail returns 0 or -1 (one that makes something: NULL) and takes a
 * `struct err *` last. On failure no other output was touched. The kind decides what
 * the caller does; the text is what a person reads. Context is put in front on the
 * way up, so that one line of the journal says where, what and why.
 *
 * Threads: no shared state.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err_kind {
    ERR_NONE,
    ERR_CONFIG,    /* the operator must change something; do not retry */
    ERR_TIMEOUT,   /* peer silent; retry with backoff */
    ERR_IO,        /* peer or disk refused; retry with backoff */
    ERR_PROTOCOL,  /* peer answered nonsense; count it, retry */
    ERR_FULL,      /* a bound was reached; shed load */
    ERR_INPUT,     /* the caller's request is malformed */
    ERR_NOT_FOUND, /* what the request names does not exist */
    ERR_STATE,     /* well formed, but not allowed in the present state */
    ERR_DENIED,    /* this process may not do it; the operator must grant it */
};

enum {
    ERR_TEXT_MAX = 512, /* one line of the journal; longer text is cut */
};

struct err {
    enum err_kind kind;
    char text[ERR_TEXT_MAX];
};

/* Sets kind and text and returns -1, so that a caller can `return err_set(...)`.
 * `err` may be NULL when the caller does not care. */
int err_set(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " in front of the text, keeps the kind, returns -1. */
int err_prefix(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "config", "timeout", ...: a stable word for counters and logs. */
const char *err_kind_name(enum err_kind kind);

#endif
