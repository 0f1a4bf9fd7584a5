/* body.c - see body.h. */
#include "web/body.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct member_check {
    const struct body_member *known;
    char wrong[64];
};

static void check_member(void *context, const char *key, const struct json *value)
{
    struct member_check *check = context;

    for (size_t i = 0; check->known[i].name != NULL; i++)
        if (strcmp(check->known[i].name, key) == 0 &&
            check->known[i].kind == json_kind(value))
            return;
    if (check->wrong[0] == '\0')
        (void)snprintf(check->wrong, sizeof check->wrong, "%s", key);
}

struct json *body_read(const struct call *call, const struct body_member *known,
                       const char *hint, struct response *response)
{
    const struct request *request = call->request;
    struct member_check check = {.known = known};
    struct json *object;
    struct err err;

    if (strncasecmp(request->content_type, "application/json", 16) != 0) {
        response_problem(response, 415, "send Content-Type: application/json",
                         "the body is not JSON");
        return NULL;
    }
    object = json_parse(request->body, request->body_length, HTTP_BODY_MAX, &err);
    if (object == NULL) {
        response_problem(response, 400, hint, "the body is not valid JSON: %s", err.text);
        return NULL;
    }
    if (json_kind(object) == JSON_OBJECT)
        json_each(object, check_member, &check);
    else
        (void)snprintf(check.wrong, sizeof check.wrong, "the body");
    if (check.wrong[0] == '\0')
        return object;
    response_bad_parameter(response, check.wrong, hint,
                           "is not a member that is known here, or not of its kind");
    json_free(object);
    return NULL;
}

bool body_integer(const struct json *object, const char *name, int64_t low, int64_t high,
                  int64_t *value, struct response *response)
{
    const struct json *member = json_member(object, name);
    double number;

    if (member == NULL)
        return true;
    number = json_kind(member) == JSON_NUMBER ? json_real(member) : NAN;
    if (number >= (double)low && number <= (double)high && number == trunc(number)) {
        *value = (int64_t)number;
        return true;
    }
    response_bad_parameter(response, name, "",
                           "is a whole number from %" PRId64 " to %" PRId64, low, high);
    return false;
}
