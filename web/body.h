/* body.h - the JSON object in the body of a request.
 *
 * Threads: no state.
 */
#ifndef WEB_BODY_H
#define WEB_BODY_H

#include "base/json_in.h"
#include "web/call.h"

/* What an object may hold; anything else is a spelling mistake and said to be one. */
struct body_member {
    const char *name; /* NULL ends a list */
    enum json_kind kind;
};

/* The object, to be freed with json_free; NULL when it is not one with such members (set
 * in response). `hint` shows how it should look. */
struct json *body_read(const struct call *call, const struct body_member *known,
                       const char *hint, struct response *response);

/* A whole number within [low, high]; *value stays when it is absent. False when it is
 * wrong (set in response). */
bool body_integer(const struct json *object, const char *name, int64_t low, int64_t high,
                  int64_t *value, struct response *response);

#endif
